"""Market: launches are worth their field's value up to yearly demand, and less beyond it (FORMULATION 3.5).

sets         f in FIELDS, t in YEARS
variables    full[f,t] >= 0      launches at full value                                  [launches]
             beyond[f,t] >= 0    launches beyond demand                                  [launches]
constraints  market[f,t]:        full[f,t] + beyond[f,t] - sum_c finished[(c,S,f),t] = 0
             demand[f,t]:        full[f,t] <= demand_f        (a bound, reported as a row)
objective    worth_launches: delta_t value_f (full[f,t] + psi beyond[f,t])               [money]
"""

from __future__ import annotations

import numpy as np

from optimizer.blocks.sets import Sets
from optimizer.language import say
from optimizer.lp.builder import ProgramBuilder


def add(builder: ProgramBuilder, sets: Sets) -> None:
    """Add launches at full value and beyond demand, and their worth."""
    labels = {"field": np.arange(len(sets.fields))[:, None], "year": np.arange(sets.n_years)}
    full = builder.add_columns("full", labels, upper=sets.demand[:, None])
    beyond = builder.add_columns("beyond", labels)
    limited = np.isfinite(sets.demand)
    builder.add_limits("demand", labels, full, where=limited[:, None])
    if not limited.any():
        builder.explain_absence("demand", say("no field has a limited demand"))
    rows = builder.add_rows("market", labels, lower=0.0, upper=0.0)
    builder.add_entries(rows, full, 1.0)
    builder.add_entries(rows, beyond, 1.0)
    launches = (sets.sites.stage == sets.last_stage)[:, None]
    builder.add_expression(rows[sets.sites.field], "finished", -1.0, where=launches)
    worth = sets.value[:, None] * sets.discount
    builder.add_objective("worth_launches", full, worth)
    builder.add_objective("worth_launches", beyond, sets.case.settings.value.saturation * worth)
