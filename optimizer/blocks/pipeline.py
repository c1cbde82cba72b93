"""Pipeline: projects wait, start, finish, and what still runs at the end has a worth (FORMULATION 3.1, 3.2, 3.6).

sets         n in SITES, t in YEARS, i in TRANCHES; p_n success, k_n unit cost, D_n duration; u < t earlier years
variables    starts[n,t,i] >= 0                                                          [projects]
             expansion[n,t] >= 0      where capacity can be bought                       [projects/year]
             backlog[n,t] >= 0        where projects wait                                [projects]
constraints  capacity[n,t,i]:      starts[n,t,i] <= share_i (capacity_n + sum_u expansion[n,u])
             expansion_limit[n]:   sum_t expansion[n,t] <= expansion_limit_n
             backlog[n,t]:         backlog[n,t] - (1-decay) backlog[n,t-1] - arrivals - ideas + W[n,t] = inflow_n
                                   (links adds the arrivals; the first year's right-hand side holds what waits already)
expressions  started[n,t] = W[n,t] = sum_i starts[n,t,i];  finished[n,t] = p_n sum_l done_l W[n,t-l]
             ideas of the first stage = sum over the cluster's stages of feedback * finished
objective    worth_pipeline: omega * (delta_last/(1+r) R_s backlog[n,last]
             + sum_{l: t+l after last} done_l p_n delta_{t+l} R_{s+1} starts
             - sum_{j: t+j after last} pay_j delta_{t+j} k_n mult_i starts)              [money]
"""

from __future__ import annotations

import numpy as np

from optimizer.blocks.sets import Lags, Sets, payments
from optimizer.language import say
from optimizer.lp.builder import Grid, ProgramBuilder, among
from optimizer.lp.labels import BLANK, Codes
from optimizer.lp.program import Vector


def add(builder: ProgramBuilder, sets: Sets) -> None:
    """Add starts, expansions and backlogs with their limits, balances and worth."""
    starts = _add_starts(builder, sets)
    _define_flows(builder, sets, starts)
    _add_backlogs(builder, sets)
    _add_worth(builder, sets, starts)


def tranches(sets: Sets) -> tuple[Vector, Vector]:
    """Return the shares of capacity and the cost multipliers of the tranches."""
    shares, multipliers = np.array(sets.case.settings.diminishing_returns.tranches, dtype=float).T
    return shares, multipliers


def _add_starts(builder: ProgramBuilder, sets: Sets) -> Grid:
    sites = sets.sites
    shares, _ = tranches(sets)
    year, tranche = np.arange(sets.n_years)[:, None], np.arange(len(shares))
    # a tranche without a share admits nothing, even of an unlimited capacity
    with np.errstate(invalid="ignore"):
        room = np.where(shares > 0, shares * sites.capacity[:, None], 0.0)
    expandable = ~np.isnan(sites.expansion_cost)
    by_row = expandable[:, None, None] & (year > 0)
    upper = np.where(by_row, np.inf, room[:, None, :])
    here = {"cluster": sites.cluster, "stage": sites.stage, "field": sites.field}
    labels = {name: codes[:, None, None] for name, codes in here.items()} | {"year": year, "tranche": tranche}
    starts = builder.add_columns("starts", labels, upper=upper)
    builder.add_limits("capacity", labels, starts, where=np.isfinite(upper))
    _add_expansions(builder, sets, starts, room, np.flatnonzero(expandable))
    return starts


def _add_expansions(builder: ProgramBuilder, sets: Sets, starts: Grid, room: Vector, chosen: Codes) -> None:
    if not len(chosen):
        builder.explain_absence("expansion_limit", say("no site with a limited capacity has an expansion_cost"))
    sites, shares = sets.sites, tranches(sets)[0]
    here = {"cluster": sites.cluster[chosen], "stage": sites.stage[chosen], "field": sites.field[chosen]}
    year = np.arange(sets.n_years)
    bought = builder.add_columns("expansion", {name: codes[:, None] for name, codes in here.items()} | {"year": year})
    labels = {name: codes[:, None, None] for name, codes in here.items()}
    later, tranche = year[1:, None], np.arange(len(shares))
    rows = builder.add_rows("capacity", labels | {"year": later, "tranche": tranche}, upper=room[chosen][:, None, :])
    builder.add_entries(rows, starts[chosen][:, 1:, :], 1.0)
    bought_in, used_in = np.triu_indices(sets.n_years - 1)  # what is bought serves from the next year on
    builder.add_entries(rows[:, used_in], bought[:, bought_in, None], -shares)
    finite = np.isfinite(sites.expansion_limit[chosen])
    limits = builder.add_rows(
        "expansion_limit",
        {name: codes[finite] for name, codes in here.items()},
        upper=sites.expansion_limit[chosen[finite]],
    )
    builder.add_entries(limits[:, None], bought[finite], 1.0)


def _define_flows(builder: ProgramBuilder, sets: Sets, starts: Grid) -> None:
    shape = (len(sets.sites), sets.n_years)
    builder.define("started", shape, (np.s_[:, :, None], starts, 1.0))
    finishing = (
        (
            (site, slice(lag, None), None),
            starts[site, : sets.n_years - lag],
            (sets.sites.success[site] * share)[:, None, None],
        )
        for lag, site, share in sets.completions.within(sets.n_years)
    )
    builder.define("finished", shape, *finishing)


def _add_backlogs(builder: ProgramBuilder, sets: Sets) -> None:
    sites, table = sets.sites, sets.case.table("stages")
    waiting = np.flatnonzero(sites.waits)
    if not len(waiting):
        builder.explain_absence("backlog", say("no stage runs on what waits"))
    here = {"cluster": sites.cluster[waiting], "stage": sites.stage[waiting], "field": sites.field[waiting]}
    labels = {name: codes[:, None] for name, codes in here.items()} | {"year": np.arange(sets.n_years)}
    kept = 1 - table["decay"].to_numpy(float)[sites.stage[waiting]]
    supply = np.repeat(sites.inflow[waiting][:, None], sets.n_years, axis=1)
    supply[:, 0] += kept * sites.backlog[waiting]
    backlog = builder.add_columns("backlog", labels)
    rows = builder.add_rows("backlog", labels, lower=supply, upper=supply)
    builder.add_entries(rows, backlog, 1.0)
    builder.add_entries(rows[:, 1:], backlog[:, :-1], -kept[:, None])
    row_of_site = among(rows, waiting, len(sites))
    feedback = table["feedback"].to_numpy(float)[sites.stage]
    first = sets.site_at[sites.cluster, 0, sites.field]
    fed = (feedback > 0) & (first != BLANK) & sites.waits[first]
    opening = sites.stage == 0  # their ideas come back to the same site, those of all others to one above it
    builder.add_expression(row_of_site[first], "finished", -feedback[:, None], where=(fed & ~opening)[:, None])
    builder.add_expression(row_of_site, "started", where=sites.waits[:, None])
    builder.add_expression(row_of_site[first], "finished", -feedback[:, None], where=(fed & opening)[:, None])
    if len(waiting):
        weight = sets.case.settings.value.terminal_weight
        worth = project_worth(sets)[sites.stage[waiting], sites.field[waiting]]
        after = sets.discount_at(np.array(sets.n_years))
        builder.add_objective("worth_pipeline", backlog[:, -1], weight * after * worth)


def project_worth(sets: Sets) -> Vector:
    """Return ``R``, the risk-adjusted net present value of a project about to start, shape (stages + 1, fields).

    The last row is the value of a launch (FORMULATION 3.6, national averages).
    """
    worth = np.empty((len(sets.stages) + 1, len(sets.fields)))
    worth[-1] = sets.value
    for stage in reversed(range(len(sets.stages))):
        paid = payments(sets.duration[stage])
        weights = np.bincount(paid.site, paid.share * sets.discount_at(paid.lag), minlength=len(sets.fields))
        gain = sets.success[stage] * sets.discount_at(sets.duration[stage]) * worth[stage + 1]
        worth[stage] = np.maximum(0.0, gain - sets.cost[stage] * weights)
    return worth


def _add_worth(builder: ProgramBuilder, sets: Sets, starts: Grid) -> None:
    """Add what starts still running after the last year are worth, less what they are still owed."""
    sites, weight = sets.sites, sets.case.settings.value.terminal_weight
    next_worth = project_worth(sets)[sites.stage + 1, sites.field]
    gain = _after_last(sets, sets.completions) * (sites.success * next_worth)[:, None]
    owed = _after_last(sets, sets.payments) * sites.unit_cost[:, None]
    _, multipliers = tranches(sets)
    builder.add_objective("worth_pipeline", starts, weight * (gain[..., None] - owed[..., None] * multipliers))


def _after_last(sets: Sets, lags: Lags) -> Vector:
    """Return the discounted share of each site's start in each year that falls after the last year."""
    total = np.zeros((len(sets.sites), sets.n_years))
    for lag, site, share in lags.each():
        late = np.arange(max(sets.n_years - lag, 0), sets.n_years)
        total[site[:, None], late] += share[:, None] * sets.discount_at(late + lag)
    return total
