"""What follows from a case alone, or from a case and amounts spent, before or after any program is solved."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import combinations, product
from typing import Any

from benchmarks.peers.case import PeerCase, SiteKey

# How near below the quotient still counts as specialised: quotients are ratios of sums.
_QUOTIENT_TOLERANCE = 1e-9

_KINDS: dict[str, Callable[[SiteKey], object]] = {
    "niche": lambda key: key[1:],
    "stage": lambda key: key[1],
    "field": lambda key: key[2],
}
"""What a location quotient is taken over."""


def project_values(case: PeerCase) -> dict[tuple[str | None, str], float]:
    """Risk-adjusted net present value of a project about to start each stage; after the last, of a launch."""
    values: dict[tuple[str | None, str], float] = {(None, name): market.value for name, market in case.fields.items()}
    discount = 1 / (1 + case.discount_rate)
    for stage, name in product(reversed(case.stages), case.fields):
        figures = case.niches[stage, name]
        cost = figures.cost * sum(share * discount**j for j, share in enumerate(figures.paid()))
        prize = figures.success_rate * discount**figures.duration * values[case.next_stage[stage], name]
        values[stage, name] = max(0.0, prize - cost)
    return values


def specialized_sites(case: PeerCase) -> set[SiteKey]:
    """Sites said to be specialised, or else of a location quotient that is high enough."""
    kind = _KINDS[case.specialization_by]
    activity: dict[Any, float] = defaultdict(float)
    for key, site in case.sites.items():
        for total in ((key[0], kind(key)), (key[0], None), (None, kind(key)), (None, None)):
            activity[total] += site.activity

    def quotient(key: SiteKey) -> float:
        cluster, nation = activity[key[0], None], activity[None, kind(key)]
        if cluster == 0 or nation == 0:
            return 0.0
        return activity[key[0], kind(key)] / cluster / (nation / activity[None, None])

    threshold = case.specialization_quotient - _QUOTIENT_TOLERANCE
    return {
        key
        for key, site in case.sites.items()
        if (quotient(key) >= threshold if site.specialized is None else site.specialized)
    }


def overlap_rates(case: PeerCase) -> dict[tuple[str, str, str, str], float]:
    """Price of a unit by funder and site: likeness to the clusters ranked above, and the funders ranked above."""
    rates = {}
    for key, above in _clusters_above(case).items():
        likeness = case.between_clusters * sum(case.similar(key[0], other) for other in above)
        for rank, funder in enumerate(case.funders_of(key)):
            rates[funder, *key] = likeness + case.between_funders * rank
    return rates


def _clusters_above(case: PeerCase) -> dict[SiteKey, list[str]]:
    """Clusters of the same niche that rank before each site: of more activity, then earlier in their table."""
    above: dict[SiteKey, list[str]] = {}
    for stage, market in case.niches:
        sites = [(cluster, stage, market) for cluster in case.clusters if (cluster, stage, market) in case.sites]
        ranked = sorted(filter(case.funders_of, sites), key=lambda key: -case.sites[key].activity)
        for rank, key in enumerate(ranked):
            above[key] = [cluster for cluster, _, _ in ranked[:rank]]
    return above


def true_overlap(case: PeerCase, public: Mapping[Any, float]) -> tuple[dict[int, float], dict[int, float]]:
    """Money spent twice, between clusters and between funders, by year, of amounts `x[funder, *site, year]`."""
    sites: dict[Any, list[float]] = defaultdict(list)
    niches: dict[Any, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for (_, cluster, stage, market, year), amount in public.items():
        sites[cluster, stage, market, year].append(amount)
        niches[stage, market, year][cluster] += amount
    clusters, funders = dict.fromkeys(case.years, 0.0), dict.fromkeys(case.years, 0.0)
    for (*_, year), amounts in sites.items():
        funders[year] += sum(min(pair) for pair in combinations(amounts, 2))
    for (*_, year), spent in niches.items():
        clusters[year] += sum(case.similar(a, b) * min(spent[a], spent[b]) for a, b in combinations(spent, 2))
    return clusters, funders
