"""Openings: sites funded in earnest or not at all, clusters that keep to a few niches (FORMULATION sections 2 and 4).

sets         n in SITES, c in CLUSTERS, t in YEARS; x[n,t] = sum_m public[m,n,t]; cap[n,t] the most a site can take
variables    funded[n,t] in {0, 1}   where the site has a minimum or its cluster a max_niches
constraints  funded[n,t]:      x[n,t] - cap[n,t] funded[n,t] <= 0                        [money]
             minimum[n,t]:     x[n,t] - minimum_n funded[n,t] >= 0                       [money]
             max_niches[c,t]:  sum_{n in c} funded[n,t] <= max_niches_c                  [sites of a year]
exact        yes: a whole funded[n,t] is 1 wherever money is spent, and no plan spends more than cap[n,t]

Both hold year by year, as all limits do that are not said to be over the horizon. Each pair of rows exists only where
it can bind: minimum rows where the site has one, max_niches rows where the cluster has more fundable sites.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.blocks.caps import most_spend
from optimizer.blocks.sets import Sets
from optimizer.language import say
from optimizer.lp.builder import Grid, ProgramBuilder, among
from optimizer.lp.labels import BLANK, Codes
from optimizer.lp.program import LinearProgram, Vector


def add(builder: ProgramBuilder, sets: Sets) -> None:
    """Add the whole decisions where the case asks for any."""
    least, most = _minimum(sets), sets.case.table("clusters")["max_niches"].to_numpy(float)
    sites, fundable = sets.sites, sets.fundable
    limited = most < np.bincount(sites.cluster[fundable], minlength=len(most))
    with_minimum = fundable & (least > 0)
    chosen = np.flatnonzero(with_minimum | (fundable & limited[sites.cluster]))
    if not with_minimum.any():
        builder.explain_absence("minimum", say("no site that can be funded has a minimum"))
    if not limited.any():
        builder.explain_absence("max_niches", say("no cluster has a max_niches below the sites it can be funded in"))
    if not len(chosen):
        return
    caps = most_spend(sets)
    funded = builder.add_columns("funded", _labels(sets, chosen), upper=1.0)
    builder.set_integer(funded)
    rows = builder.add_rows("funded", _labels(sets, chosen), upper=0.0)
    _add_spend(builder, sets, chosen, rows)
    builder.add_entries(rows, funded, -caps[chosen])
    earnest = np.flatnonzero(with_minimum)
    rows = builder.add_rows("minimum", _labels(sets, earnest), lower=0.0)
    _add_spend(builder, sets, earnest, rows)
    builder.add_entries(rows, funded[np.searchsorted(chosen, earnest)], -least[earnest][:, None])
    keen = np.flatnonzero(limited)
    labels = {"cluster": keen[:, None], "year": np.arange(sets.n_years)}
    rows = builder.add_rows("max_niches", labels, upper=most[keen][:, None])
    counted = among(rows, keen, len(most))[sites.cluster[chosen]]
    builder.add_entries(counted, funded, 1.0, where=counted != BLANK)


def with_decisions(program: LinearProgram, x: Vector | None) -> LinearProgram:
    """Return the linear program that is left once the whole decisions are taken.

    Parameters
    ----------
    program
        The program with its whole columns.
    x
        A plan whose decisions are taken over; the columns need no longer be whole, but stay free, where it is ``None``.

    Returns
    -------
    LinearProgram
        What an open site can take is then limited by its capacity and the budgets alone: the row that shuts it while it
        is not funded would otherwise share their prices.
    """
    whole = program.integer
    free = replace(program, integer=np.zeros_like(whole))
    if x is None:
        return free
    at = x.round()
    upper = program.row_upper.copy()
    upper[program.rows.positions("funded")[at[program.columns.positions("funded")] == 1]] = np.inf
    return replace(
        free,
        lower=np.where(whole, at, program.lower),
        upper=np.where(whole, at, program.upper),
        row_upper=upper,
    )


def _labels(sets: Sets, site: Codes) -> dict[str, Codes]:
    sites = sets.sites
    here = {"cluster": sites.cluster[site], "stage": sites.stage[site], "field": sites.field[site]}
    return {name: codes[:, None] for name, codes in here.items()} | {"year": np.arange(sets.n_years)}


def _add_spend(builder: ProgramBuilder, sets: Sets, site: Codes, rows: Grid) -> None:
    """Add what these sites get of all funders to one row per site and year."""
    row_of_site = among(rows, site, len(sets.sites))
    builder.add_expression(row_of_site, "spent_at_site", where=row_of_site != BLANK)


def _minimum(sets: Sets) -> Vector:
    if not sets.case.has("sites"):
        return np.zeros(len(sets.sites))
    return sets.case.table("sites")["minimum"].to_numpy(float)
