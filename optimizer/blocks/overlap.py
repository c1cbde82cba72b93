"""Overlap: what two clusters spend on one niche, or two funders at one site, is paid twice (FORMULATION 4).

sets         g in NICHES, c, d in CLUSTERS, m, o in FUNDERS, t in YEARS; e[c,g,t] = sum_m public at the cluster's site
overlap      clusters: sum_{g,t} sum_{c<d} similarity_cd min(e[c,g,t], e[d,g,t])         [money]
             funders:  sum_{n,t} sum_{m<o} min(public[m,n,t], public[o,n,t])             [money]
ranking      In each niche and year the clusters whose site some funder may fund are ranked; at each site its funders.
             A unit spent costs the similarities to the clusters ranked above, and one per funder ranked above.
objective    overlap_penalty: - delta_t (between_clusters sum_above similarity + between_funders #above) public[m,n,t]
exact        no: the penalty is concave. For every ranking the linear one is a supergradient at the plan it ranks, so
             it is never below the true one, and equals it at a plan that has this ranking.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.blocks.sets import Sets
from optimizer.lp.builder import ProgramBuilder
from optimizer.lp.labels import BLANK, Codes
from optimizer.lp.program import Vector

PART = "overlap_penalty"


@dataclass(frozen=True)
class Ranking:
    """What stands above each site and funder.

    Attributes
    ----------
    similar_above
        Sum of the similarities to the clusters ranked above, shape (sites, years) or (sites, 1).
    funders_above
        Number of funders ranked above at the site, shape (site pairs, years) or (site pairs, 1).
    site_score, funder_score
        What sites and funders are ranked by, highest first, in the same shapes; NaN where nothing is ranked.
    """

    similar_above: Vector
    funders_above: Vector
    site_score: Vector
    funder_score: Vector


def add(builder: ProgramBuilder, sets: Sets) -> None:
    """Add the linear penalty of method ``fixed``."""
    builder.add_objective(PART, builder.columns("public"), penalty_coefficients(sets, rank_by_activity(sets)))


def penalty_coefficients(sets: Sets, ranking: Ranking) -> Vector:
    """Return what a unit of public money costs in overlap, negative, shape (site pairs, years)."""
    prices = sets.case.settings.overlap
    site, _ = sets.site_pairs
    unit = prices.between_clusters * ranking.similar_above[site] + prices.between_funders * ranking.funders_above
    coefficients: Vector = -sets.discount * unit
    return coefficients


def rank_by_activity(sets: Sets) -> Ranking:
    """Rank clusters by today's activity, then by their order; funders by their order in the budget."""
    site, _ = sets.site_pairs
    order = np.arange(len(site)) - np.searchsorted(site, site)  # pairs stand site by site, funders in order
    activity, place = sets.sites.activity[:, None], order[:, None].astype(float)
    return Ranking(_similar_above(sets, activity), place, activity, -place)


def rank_by_plan(sets: Sets, public: Vector) -> Ranking:
    """Rank by what a plan spends, shape (site pairs, years); ties as in :func:`rank_by_activity`."""
    spent = spent_at_sites(sets, public)
    return Ranking(_similar_above(sets, spent), _funders_above(sets, public), spent, public)


def with_leader(sets: Sets, public: Vector, leader: int) -> Ranking:
    """Rank by what a plan spends, but one site before all others of its niche, in every year."""
    score = spent_at_sites(sets, public)
    score[leader] = np.inf
    return Ranking(_similar_above(sets, score), _funders_above(sets, public), score, public)


def unranked(sets: Sets) -> Ranking:
    """Return the ranking under which overlap costs nothing."""
    site, pair = (len(sets.sites), 1), (len(sets.site_pairs[0]), 1)
    return Ranking(np.zeros(site), np.zeros(pair), np.full(site, np.nan), np.full(pair, np.nan))


def sites_above(sets: Sets, ranking: Ranking, site: int, year: int) -> Codes:
    """Return the fundable sites of a site's niche that are ranked above it in a year, highest first."""
    sites = sets.sites
    rivals = sets.site_at[:, sites.stage[site], sites.field[site]]
    rivals = rivals[rivals != BLANK]
    rivals = rivals[sets.fundable[rivals]]
    score = ranking.site_score[:, min(year, ranking.site_score.shape[1] - 1)]
    if np.isnan(score[rivals]).any():
        return np.empty(0, dtype=np.intp)
    order = rivals[np.lexsort((sites.cluster[rivals], -sites.activity[rivals], -score[rivals]))]
    above: Codes = order[: int(np.flatnonzero(order == site)[0])]
    return above


def funders_above(sets: Sets, ranking: Ranking, pair: int, year: int) -> Codes:
    """Return the site pairs of the same site whose funders are ranked above a site pair's, highest first."""
    site, funder = sets.site_pairs
    rivals = np.flatnonzero(site == site[pair])
    score = ranking.funder_score[:, min(year, ranking.funder_score.shape[1] - 1)]
    if np.isnan(score[rivals]).any():
        return np.empty(0, dtype=np.intp)
    order = rivals[np.lexsort((funder[rivals], -score[rivals]))]
    above: Codes = order[: int(np.flatnonzero(order == pair)[0])]
    return above


def spent_at_sites(sets: Sets, public: Vector) -> Vector:
    """Return what each site gets of all funders, shape (sites, years); ``public`` has shape (site pairs, years)."""
    spent = np.zeros((len(sets.sites), sets.n_years))
    np.add.at(spent, sets.site_pairs[0], public)
    return spent


def _funders_above(sets: Sets, public: Vector) -> Vector:
    """Count the funders of the same site that spend more, earlier ones winning ties."""
    site, funder = sets.site_pairs
    grid = np.full((len(sets.sites), len(sets.funders), public.shape[1]), -np.inf)
    grid[site, funder] = public
    # a stable sort by falling amount keeps the budget's order among equals
    order = np.argsort(-grid, axis=1, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(len(sets.funders))[None, :, None], axis=1)
    above: Vector = place[site, funder].astype(float)
    return above


def _similar_above(sets: Sets, score: Vector) -> Vector:
    """Return for each site the similarities to the fundable sites of its niche that score higher.

    Ties go to the higher activity, then to the earlier cluster.
    """
    if not len(sets.sites):
        return np.zeros((0, score.shape[1]))
    niche_sites = np.moveaxis(sets.site_at, 0, -1).reshape(-1, len(sets.clusters))
    exists = (niche_sites != BLANK) & sets.fundable[niche_sites]
    scores = np.where(exists[..., None], score[niche_sites], -np.inf)
    activity = np.broadcast_to(np.where(exists, sets.sites.activity[niche_sites], -np.inf)[..., None], scores.shape)
    order = np.lexsort((-activity, -scores), axis=1)  # stable, so the order of clusters settles what is left
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(len(sets.clusters))[None, :, None], axis=1)
    higher = (place[:, None] < place[:, :, None]) & exists[:, None, :, None]  # shape (niches, clusters, rivals, years)
    total = np.einsum("cd,gcdt->gct", sets.similarity, higher)
    above = np.zeros((len(sets.sites), score.shape[1]))
    above[niche_sites[exists]] = total[exists]
    return above


@dataclass(frozen=True)
class OverlapPairs:
    """Every pair that overlaps: positions, both amounts and the overlap in money (arrays over pairs).

    ``first`` and ``second`` are sites (between clusters) or site pairs (between funders).
    """

    first: Codes
    second: Codes
    year: Codes
    amount_first: Vector
    amount_second: Vector
    similarity: Vector

    @property
    def overlap(self) -> Vector:
        """The overlap of each pair."""
        return self.similarity * np.minimum(self.amount_first, self.amount_second)


def overlapping_clusters(sets: Sets, public: Vector) -> OverlapPairs:
    """Return the pairs of sites of one niche funded in the same year; ``public`` has shape (site pairs, years)."""
    spent = spent_at_sites(sets, public)
    niche = sets.sites.stage * len(sets.fields) + sets.sites.field
    site, year = np.nonzero(spent > 0)
    group = niche[site] * sets.n_years + year
    order = np.lexsort((sets.sites.cluster[site], group))
    first, second = pairs_within(group[order])
    first, second = order[first], order[second]
    a, b = site[first], site[second]
    similarity = sets.similarity[sets.sites.cluster[a], sets.sites.cluster[b]]
    kept = similarity > 0
    a, b, year, similarity = a[kept], b[kept], year[first][kept], similarity[kept]
    return OverlapPairs(a, b, year, spent[a, year], spent[b, year], similarity)


def overlapping_funders(sets: Sets, public: Vector) -> OverlapPairs:
    """Return the pairs of funders that both fund a site in a year, as site pairs."""
    pair, year = np.nonzero(public > 0)
    group = sets.site_pairs[0][pair] * sets.n_years + year
    order = np.lexsort((sets.site_pairs[1][pair], group))
    first, second = pairs_within(group[order])
    first, second = order[first], order[second]
    a, b, year = pair[first], pair[second], year[first]
    return OverlapPairs(a, b, year, public[a, year], public[b, year], np.ones(len(a)))


def pairs_within(group: Codes) -> tuple[Codes, Codes]:
    """Return all pairs of positions ``i < j`` with the same group; ``group`` is sorted."""
    last = np.searchsorted(group, group, side="right")
    count = last - np.arange(len(group)) - 1
    first = np.repeat(np.arange(len(group)), count)
    step = np.arange(len(first)) - np.repeat(np.cumsum(count) - count, count)
    return first, first + 1 + step


def true_penalty(sets: Sets, public: Vector) -> tuple[float, float, float]:
    """Return the overlap between clusters, between funders (undiscounted money) and their discounted penalty."""
    prices = sets.case.settings.overlap
    between_clusters, between_funders = overlapping_clusters(sets, public), overlapping_funders(sets, public)
    penalty = prices.between_clusters * float(between_clusters.overlap @ sets.discount[between_clusters.year])
    penalty += prices.between_funders * float(between_funders.overlap @ sets.discount[between_funders.year])
    return float(between_clusters.overlap.sum()), float(between_funders.overlap.sum()), penalty
