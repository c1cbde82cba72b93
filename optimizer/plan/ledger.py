"""The overlap ledger: who pays for the same work, what that costs, and what it would take to end it.

pair         of clusters c, d in a niche and year: u, v their public money, similarity s, price p = between_clusters
             of funders m, o at a site in a year:  u, v their public money, s = 1,        price p = between_funders
overlap      s min(u, v)                                                     [money]
penalty      delta_t p s min(u, v)                                           [money]
marginal     of one more unit of a side, as far as this pair goes: delta_t p s for the side that pays less, 0 for the
             other; 0 for both where they pay the same, for one more unit of one alone doubles nothing. The sum over
             the pairs of its kind that a side is in is the derivative of the penalty.     [money per money]
stop         the side that would have to stop there: the one that pays less, for it moves the least money (of equals
             the one whose stop costs less, then side b). A rule of thumb: solved again, it was the cheaper one in 87 %
             of the tutorial's pairs of clusters and in 22 of the 25 largest of Korea, where choosing by prices alone
             did worse. :func:`optimizer.plan.removal.without_overlap` solves again and tells for certain.
stop_cost    what the plan's linear program loses at the least if that side spends nothing there, by the plan's prices.
             A first-order figure, and proven: without its money a site n starts nothing that is paid in year t, so
                 loss >= sum of y[n,u,i] room[n,u,i]  over tranches i and years u of starts of which a part is paid in t
             for y the prices of ``capacity``. The penalty that stopping saves is counted in, for the program charges
             it to the side that pays less. Of a funder it is 0: no price says that another cannot take over.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from optimizer.blocks.overlap import OverlapPairs
from optimizer.blocks.pipeline import tranches
from optimizer.errors import SolveError
from optimizer.lp.program import Vector
from optimizer.options import one_of
from optimizer.plan.solution import Solution
from optimizer.plan.tables import in_unit, site_labels

CLUSTERS, FUNDERS = "clusters", "funders"
WHERE = ["cluster", "stage", "field", "year", "stop", "stop_cost"]
SAME = 1e-9
"""Relative difference of two amounts that counts as none."""


class Side(StrEnum):
    """Between whom overlap is set out as a matrix."""

    CLUSTER = "cluster"
    FUNDER = "funder"


def overlap_ledger(solution: Solution) -> pd.DataFrame:
    """Return every pair that overlaps, between clusters in a niche and between funders at a site, by year.

    ``overlap`` is ``similarity * min(amount_a, amount_b)``; ``penalty`` is discounted and priced. Both add up to the
    summary's. Between funders, ``cluster_b`` is blank; between clusters, the funders are. ``marginal_a``,
    ``marginal_b``, ``stop`` and ``stop_cost`` are as the module writes them; ``stop_cost`` is missing where the solve
    produced no prices.
    """
    sets, sites = solution.sets, solution.sets.sites
    prices = sets.case.settings.overlap
    clusters, funders = solution.cluster_overlaps, solution.funder_overlaps
    site, funder = sets.site_pairs
    rent = least_loss(solution)
    nothing = np.zeros(len(funders.year))
    between_clusters = _lines(
        solution,
        clusters,
        prices.between_clusters,
        (rent[clusters.first, clusters.year], rent[clusters.second, clusters.year]),
        {
            "between": CLUSTERS,
            **site_labels(sets, clusters.first),
            "cluster_b": sets.clusters.take(sites.cluster[clusters.second]),
            "funder_a": "",
            "funder_b": "",
        },
    )
    between_funders = _lines(
        solution,
        funders,
        prices.between_funders,
        (nothing, nothing),
        {
            "between": FUNDERS,
            **site_labels(sets, site[funders.first]),
            "cluster_b": "",
            "funder_a": sets.funders.take(funder[funders.first]),
            "funder_b": sets.funders.take(funder[funders.second]),
        },
    )
    frame = pd.concat([between_clusters, between_funders], ignore_index=True)
    return in_unit(frame, sets.case.currency)


def _lines(
    solution: Solution, pairs: OverlapPairs, price: float, rents: tuple[Vector, Vector], labels: Mapping[str, Any]
) -> pd.DataFrame:
    sets = solution.sets
    frame = pd.DataFrame({**labels, "year": sets.years.take(pairs.year)}).rename(columns={"cluster": "cluster_a"})
    frame = frame[["between", "cluster_a", "cluster_b", "funder_a", "funder_b", "stage", "field", "year"]]
    a, b = pairs.amount_first, pairs.amount_second
    unit = price * sets.discount[pairs.year] * pairs.similarity
    equal = np.abs(a - b) <= SAME * np.maximum(a, b) + solution.outcome.options.zero_tolerance
    a_stops = np.where(equal, rents[0] < rents[1], a < b)
    kind = "cluster" if labels["between"] == CLUSTERS else "funder"
    return frame.assign(
        amount_a=a,
        amount_b=b,
        similarity=pairs.similarity,
        overlap=pairs.overlap,
        penalty=unit * np.minimum(a, b),
        marginal_a=np.where(~equal & (a < b), unit, 0.0),
        marginal_b=np.where(~equal & (b < a), unit, 0.0),
        stop=np.where(a_stops, frame[f"{kind}_a"], frame[f"{kind}_b"]).astype(object),
        stop_cost=np.where(a_stops, *rents),
    )


def least_loss(solution: Solution) -> Vector:
    """Return what the plan's linear program loses at the least if a site gets no public money in a year.

    Returns
    -------
    Vector
        Money, shape (sites, years); NaN where the solve produced no prices. Proven by duality: a start that can no
        longer be paid leaves its capacity unused, so the price of that capacity times its room is lost.
    """
    sets, program, result = solution.sets, solution.program, solution.outcome.result
    shares, multipliers = tranches(sets)
    shape = (len(sets.sites), sets.n_years)
    try:
        reduced, dual = result.reduced_cost, result.row_dual
    except SolveError:
        return np.full(shape, np.nan)
    starts = program.columns.positions("starts")
    upper = program.upper[starts]
    bounded = np.isfinite(upper)
    rent = np.zeros((*shape, len(shares)))
    rent.ravel()[bounded] = np.maximum(reduced[starts[bounded]], 0.0) * upper[bounded]
    rows, labels = program.rows.positions("capacity"), program.rows
    at = [labels.codes("capacity", name) for name in ("cluster", "stage", "field", "year", "tranche")]
    if len(rows):
        rent[sets.site_at[at[0], at[1], at[2]], at[3], at[4]] += np.maximum(dual[rows], 0.0) * program.row_upper[rows]
    # only of starts that cost something it is sure that they stop with the money
    of_start = (rent * (multipliers > 0)).sum(axis=2) * (sets.sites.unit_cost > 0)[:, None]
    paid = sets.payments
    loss = np.zeros(shape)
    entry, year = np.nonzero((paid.share > 0)[:, None] & (paid.lag[:, None] <= np.arange(sets.n_years)))
    np.add.at(loss, (paid.site[entry], year), of_start[paid.site[entry], year - paid.lag[entry]])
    return loss


def overlap_matrix(solution: Solution, by: str = Side.CLUSTER) -> pd.DataFrame:
    """Return overlap over all niches or sites and years, between every two clusters or every two funders.

    Parameters
    ----------
    solution
        The solution.
    by
        ``cluster`` or ``funder``.

    Returns
    -------
    pandas.DataFrame
        Money, undiscounted; symmetric, nothing on the diagonal. One triangle adds up to ``overlap_clusters`` or
        ``overlap_funders`` of the summary.

    Raises
    ------
    InputError
        If ``by`` is another word.
    """
    sets = solution.sets
    if one_of(Side, by, "by") is Side.CLUSTER:
        labels, pairs, owner = sets.clusters, solution.cluster_overlaps, sets.sites.cluster
    else:
        labels, pairs, owner = sets.funders, solution.funder_overlaps, sets.site_pairs[1]
    first, second = owner[pairs.first], owner[pairs.second]
    grid = np.zeros((len(labels), len(labels)))
    np.add.at(grid, (first, second), pairs.overlap)
    frame = pd.DataFrame(grid + grid.T, index=pd.Index(labels, name=str(by)), columns=pd.Index(labels))
    return in_unit(frame, sets.case.currency)


def worst_overlaps(solution: Solution, most: int) -> pd.DataFrame:
    """Return the pairs of clusters, and of funders, that overlap most over all they do, largest first.

    Parameters
    ----------
    solution
        The solution.
    most
        Pairs of each kind.

    Returns
    -------
    pandas.DataFrame
        ``between``, ``a``, ``b`` (keys), ``overlap`` and ``penalty`` [money], ``share`` of all overlap of its kind,
        and the ``stage``, ``field``, ``year``, ``stop`` and ``stop_cost`` of its largest single overlap. Of funders,
        ``cluster`` is where that is; of clusters it is blank.
    """
    ledger = overlap_ledger(solution)
    found = []
    for between, name in ((CLUSTERS, "cluster"), (FUNDERS, "funder")):
        lines = ledger[ledger["between"] == between].rename(columns={f"{name}_a": "a", f"{name}_b": "b"})
        lines = lines.assign(cluster="" if between == CLUSTERS else lines.get("cluster_a", ""))
        pairs = lines.groupby(["a", "b"], sort=False)
        totals = pairs[["overlap", "penalty"]].sum().reset_index()
        largest = lines.loc[pairs["overlap"].idxmax(), WHERE]  # of each pair, in the order of the pairs
        totals[WHERE] = largest.set_axis(totals.index)
        totals.insert(4, "share", totals["overlap"] / totals["overlap"].sum())
        found.append(totals.nlargest(most, "overlap").assign(between=between))
    columns = ["between", "a", "b", "overlap", "penalty", "share", *WHERE]
    return in_unit(pd.concat(found, ignore_index=True)[columns], ledger.attrs["unit"])
