"""Pivots of a plan as they are shown: with names in place of keys."""

from __future__ import annotations

import pandas as pd

from optimizer.export.words import Names
from optimizer.language import Language
from optimizer.plan.plan import PlanTables


def named_pivot(plan: PlanTables, down: str, across: str, language: Language) -> pd.DataFrame:
    """Return a pivot with display names, its row labels as the first column."""
    names = Names(plan.case, language)
    table = plan.pivot([down], [across])
    frame = pd.DataFrame(table.to_numpy(), columns=names.of(across, table.columns))
    frame.insert(0, names.heading(down), names.of(down, table.index))
    return frame
