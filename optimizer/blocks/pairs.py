"""Overlap pair by pair, exactly: what takes the place of the linear penalty in the mixed-integer program.

sets         p = (a, b, t): two similar fundable clusters in a niche and year, or two funders at a site and year
             x_a, x_b their spend, U_a, U_b the most either can spend                    [money]
variables    site_spend[n,t] >= 0   what a site gets of all funders                      [money]
             overlap[p] >= 0                                                             [money]
             smaller[p] in {0, 1}   1: a spends no more than b, 0: b no more than a
constraints  site_spend[n,t]: sum_m public[m,n,t] - site_spend[n,t] = 0
             if_first[p]:   x_a - overlap[p] + U_a smaller[p] <= U_a
             if_second[p]:  x_b - overlap[p] - U_b smaller[p] <= 0
             envelope[p]:   min(U_a, U_b) (x_a/U_a + x_b/U_b) - overlap[p] <= min(U_a, U_b)
objective    overlap_penalty: - delta_t price similarity overlap[p]
exact        the price is not negative, so maximising drives overlap[p] down to min(x_a, x_b): for whole smaller[p] the
             rows let it no lower. With smaller[p] anywhere in [0, 1] the envelope is the tightest linear
             relaxation of the minimum on [0, U_a] x [0, U_b] (FORMULATION 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.blocks.caps import most_spend_by_funder
from optimizer.blocks.overlap import PART, pairs_within, spent_at_sites
from optimizer.blocks.sets import Mask, Sets
from optimizer.lp.builder import Grid, ProgramBuilder
from optimizer.lp.labels import Codes
from optimizer.lp.program import LinearProgram, Vector


@dataclass(frozen=True)
class Pairs:
    """Pairs that may overlap, each in every year: sites (clusters) or site pairs (funders), arrays over pairs.

    Attributes
    ----------
    first, second
        Positions of the two.
    price
        Penalty per unit of overlap, undiscounted [money per money].
    cap_first, cap_second
        The most either can spend, shape (pairs, years) [money].
    """

    first: Codes
    second: Codes
    price: Vector
    cap_first: Vector
    cap_second: Vector

    def __len__(self) -> int:
        return len(self.first)


def cluster_pairs(sets: Sets, caps: Vector) -> Pairs:
    """Return the pairs of similar fundable sites of one niche; ``caps`` has shape (sites, years)."""
    sites = sets.sites
    site = np.flatnonzero(sets.fundable)
    niche = sites.stage[site] * len(sets.fields) + sites.field[site]
    first, second = _within(niche)
    first, second = site[first], site[second]
    alike = sets.similarity[sites.cluster[first], sites.cluster[second]]
    price = sets.case.settings.overlap.between_clusters * alike
    kept = price > 0
    first, second = first[kept], second[kept]
    return Pairs(first, second, price[kept], caps[first], caps[second])


def funder_pairs(sets: Sets, caps: Vector) -> Pairs:
    """Return the pairs of funders of one site, as site pairs; ``caps`` has shape (sites, years)."""
    price = sets.case.settings.overlap.between_funders
    first, second = _within(sets.site_pairs[0]) if price > 0 else (np.empty(0, dtype=np.intp),) * 2
    by_funder = most_spend_by_funder(sets, caps)
    return Pairs(first, second, np.full(len(first), price), by_funder[first], by_funder[second])


def _within(group: Codes) -> tuple[Codes, Codes]:
    """Return all pairs of positions ``i < j`` of one group."""
    order = np.argsort(group, kind="stable")
    first, second = pairs_within(group[order])
    return order[first], order[second]


def add(builder: ProgramBuilder, sets: Sets, caps: Vector) -> None:
    """Add both kinds of pairs; ``caps`` is the most each site can take, shape (sites, years) [money]."""
    year = np.arange(sets.n_years)
    sites = sets.sites
    here = {"cluster": sites.cluster[:, None], "stage": sites.stage[:, None], "field": sites.field[:, None]}
    spend = builder.add_columns("site_spend", here | {"year": year})
    rows = builder.add_rows("site_spend", here | {"year": year}, lower=0.0, upper=0.0)
    builder.add_expression(rows, "spent_at_site")
    builder.add_entries(rows, spend, -1.0)
    builder.add_objective(PART, np.empty(0, dtype=np.intp), np.empty(0))
    _add(builder, sets, cluster_pairs(sets, caps), spend)
    _add(builder, sets, funder_pairs(sets, caps), builder.columns("public"))


def _add(builder: ProgramBuilder, sets: Sets, pairs: Pairs, spend: Grid) -> None:
    labels = {"pair": np.arange(len(pairs))[:, None], "year": np.arange(sets.n_years)}
    builder.add_dimension("pair", pd.RangeIndex(max(len(pairs), 1)))
    first, second = pairs.cap_first, pairs.cap_second
    overlap = builder.add_columns("overlap", labels)
    smaller = builder.add_columns("smaller", labels, upper=1.0)
    builder.set_integer(smaller)
    builder.add_objective(PART, overlap, -pairs.price[:, None] * sets.discount)
    a, b = spend[pairs.first], spend[pairs.second]
    if_first = builder.add_rows("if_first", labels, upper=first)
    if_second = builder.add_rows("if_second", labels, upper=0.0)
    for rows, own, cap in ((if_first, a, first), (if_second, b, -second)):
        builder.add_entries(rows, own, 1.0)
        builder.add_entries(rows, overlap, -1.0)
        builder.add_entries(rows, smaller, cap)
    # scaled by the smaller cap, so that a cap of 0 divides nothing
    both = np.minimum(first, second)
    envelope = builder.add_rows("envelope", labels, upper=both)
    for own, cap in ((a, first), (b, second)):
        builder.add_entries(envelope, own, _share(both, cap))
    builder.add_entries(envelope, overlap, -1.0)


def _share(part: Vector, whole: Vector) -> Vector:
    """Return what part of a cap another is; nothing of none."""
    share: Vector = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    return share


def complete(sets: Sets, caps: Vector, program: LinearProgram, x: Vector) -> Vector:
    """Return a plan of the linear program as a feasible point of the one with pairs, to start from."""
    spent, amounts = _spend(sets, program, x)
    pieces = [spent.ravel()]
    for pairs, amount in ((cluster_pairs(sets, caps), spent), (funder_pairs(sets, caps), amounts)):
        a, b = amount[pairs.first], amount[pairs.second]
        pieces += [np.minimum(a, b).ravel(), (a <= b).astype(float).ravel()]
    return np.concatenate([x, *pieces])


def basic_beside(sets: Sets, caps: Vector, program: LinearProgram, x: Vector) -> tuple[Mask, Mask]:
    """Return which columns and rows that pairs bring along are in the basis at a plan of the linear program.

    Sites spend what the plan spends there, overlap is what the envelope asks for, and ``smaller`` as its second row
    has it: together with a basis of the plan that is a basis of the program whose ``smaller`` need not be whole, and
    no row is broken there.

    Parameters
    ----------
    sets
        Sets and figures of the case.
    caps
        The most each site can take, shape (sites, years) [money].
    program
        The program with pairs.
    x
        The plan: values of the first columns of the program.

    Returns
    -------
    tuple
        Whether each column, and each row, is; false for those that are not of pairs.
    """
    columns, rows = np.zeros(program.n_columns, dtype=bool), np.zeros(program.n_rows, dtype=bool)
    spent, amounts = _spend(sets, program, x)
    tight, movable = [], []
    for pairs, amount in ((cluster_pairs(sets, caps), spent), (funder_pairs(sets, caps), amounts)):
        both = np.minimum(pairs.cap_first, pairs.cap_second)
        first = _share(both, pairs.cap_first) * amount[pairs.first]
        second = _share(both, pairs.cap_second) * amount[pairs.second]
        tight.append((first + second > both).ravel())
        movable.append((pairs.cap_second > 0).ravel())
    at_envelope, has_second = np.concatenate(tight), np.concatenate(movable)
    for family, basic in (("site_spend", True), ("overlap", at_envelope), ("smaller", has_second)):
        columns[program.columns.positions(family)] = basic
    for family, basic in (("if_first", True), ("if_second", ~has_second), ("envelope", ~at_envelope)):
        rows[program.rows.positions(family)] = basic
    return columns, rows


def _spend(sets: Sets, program: LinearProgram, x: Vector) -> tuple[Vector, Vector]:
    """Return what a plan spends at each site, shape (sites, years), and on each site pair, shape (pairs, years)."""
    amounts = np.maximum(x[program.columns.positions("public")], 0.0).reshape(-1, sets.n_years)
    return spent_at_sites(sets, amounts), amounts
