"""Openings: sites that are funded in earnest or not at all, and clusters that keep to a few niches.

sets         n in SITES, c in CLUSTERS, t in YEARS; x[n,t] = sum_m public[m,n,t]; cap[n,t] the most a site can take
variables    funded[n,t] in {0, 1}   where the site has a minimum or its cluster a max_niches
constraints  funded[n,t]:      x[n,t] - cap[n,t] funded[n,t] <= 0                        [money]
             minimum[n,t]:     x[n,t] - minimum_n funded[n,t] >= 0                       [money]
             max_niches[c,t]:  sum_{n in c} funded[n,t] <= max_niches_c                  [sites of a year]
"""

from __future__ import annotations

import numpy as np

from optimizer.blocks.caps import most_spend
from optimizer.blocks.sets import Mask, Sets
from optimizer.language import say
from optimizer.lp.builder import ProgramBuilder
from optimizer.lp.labels import BLANK
from optimizer.lp.program import Vector


def add(builder: ProgramBuilder, sets: Sets) -> None:
    """Add the whole decisions where the case asks for any."""
    least, most = _minimum(sets), sets.case.table("clusters")["max_niches"].to_numpy(float)
    chosen = np.flatnonzero(_decided(sets, least, most))
    if not len(chosen):
        builder.explain_absence("minimum", say("no site has a minimum"))
        builder.explain_absence("max_niches", say("no cluster has a max_niches"))
        return
    sites = sets.sites
    here = {"cluster": sites.cluster[chosen], "stage": sites.stage[chosen], "field": sites.field[chosen]}
    labels = {name: codes[:, None] for name, codes in here.items()} | {"year": np.arange(sets.n_years)}
    funded = builder.add_columns("funded", labels, upper=1.0)
    builder.set_integer(funded)
    caps = most_spend(sets)[chosen]
    for family, factor, bounds in (
        ("funded", caps, {"upper": 0.0}),
        ("minimum", np.repeat(least[chosen][:, None], sets.n_years, axis=1), {"lower": 0.0}),
    ):
        rows = builder.add_rows(family, labels, **bounds)
        row_of_site = np.full((len(sites), sets.n_years), BLANK, dtype=np.intp)
        row_of_site[chosen] = rows
        builder.add_expression(row_of_site, "spent_at_site", where=row_of_site != BLANK)
        builder.add_entries(rows, funded, -factor)
    limited = np.flatnonzero(np.isfinite(most))
    rows = builder.add_rows(
        "max_niches", {"cluster": limited[:, None], "year": np.arange(sets.n_years)}, upper=most[limited][:, None]
    )
    row_of_cluster = np.full((len(most), sets.n_years), BLANK, dtype=np.intp)
    row_of_cluster[limited] = rows
    of_site = row_of_cluster[sites.cluster[chosen]]
    builder.add_entries(of_site, funded, 1.0, where=of_site != BLANK)


def _minimum(sets: Sets) -> Vector:
    if not sets.case.has("sites"):
        return np.zeros(len(sets.sites))
    return sets.case.table("sites")["minimum"].to_numpy(float)


def _decided(sets: Sets, least: Vector, most: Vector) -> Mask:
    """Return which sites need a whole decision: those with a minimum, or in a cluster with a limit that can bind."""
    fundable = sets.fundable
    count = np.bincount(sets.sites.cluster[fundable], minlength=len(most))
    decided: Mask = fundable & ((least > 0) | (most < count)[sets.sites.cluster])
    return decided
