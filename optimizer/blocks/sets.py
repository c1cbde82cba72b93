"""The sets and figures of a case as whole arrays, in the order of its tables: what every family starts from.

Clusters, stages, fields, funders and years are numbered; sites, links and flows are arrays over such numbers. Nothing
in here is a variable or a constraint.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimizer.data.case import CaseTables
from optimizer.data.rows import LINK_STAGE
from optimizer.lp.labels import BLANK, Codes
from optimizer.lp.program import Vector

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Lags:
    """What a start leads to in later years: one entry per site and lag.

    Attributes
    ----------
    site
        Site of each entry.
    lag
        Years after the start.
    share
        Share of the whole that falls into that year.
    """

    site: Codes
    lag: Codes
    share: Vector

    def each(self) -> Iterator[tuple[int, Codes, Vector]]:
        """Return every lag there is, ascending, with its sites and their shares."""
        for lag in np.flatnonzero(np.bincount(self.lag)).tolist():
            chosen = self.lag == lag
            yield lag, self.site[chosen], self.share[chosen]

    def within(self, n_years: int) -> Iterator[tuple[int, Codes, Vector]]:
        """Return the lags below so many years likewise."""
        return (entry for entry in self.each() if entry[0] < n_years)


@dataclass(frozen=True)
class Sites:
    """Sites in the order of ``sites.csv`` (arrays over sites). Money in the case's unit, starts per year."""

    cluster: Codes
    stage: Codes
    field: Codes
    capacity: Vector
    unit_cost: Vector
    success: Vector
    duration: Vector
    backlog: Vector
    inflow: Vector
    activity: Vector
    marked: Codes
    """1 specialised, 0 not, -1 by location quotient."""
    expansion_cost: Vector
    """NaN where no capacity can be bought."""
    expansion_limit: Vector
    waits: Mask
    """Whether the site runs on what waits; a first stage that never lacks projects does not."""

    def __len__(self) -> int:
        return len(self.cluster)


@dataclass(frozen=True)
class Links:
    """Links that can carry something: rows of ``links.csv`` first, then links inside clusters that no row covers."""

    origin: Codes
    destination: Codes
    stage: Codes
    """Stage just finished, ``BLANK`` for every stage but the last."""
    retention: Vector
    capacity: Vector
    transfer_cost: Vector
    expansion_cost: Vector
    expansion_limit: Vector

    def __len__(self) -> int:
        return len(self.origin)

    @property
    def costly(self) -> Mask:
        """Whether money can be spent on the link at all."""
        return (self.transfer_cost > 0) | ~np.isnan(self.expansion_cost)


@dataclass(frozen=True)
class Flows:
    """What each link can carry: one entry per link, stage and field for which both sites exist."""

    link: Codes
    origin_site: Codes
    destination_site: Codes

    def __len__(self) -> int:
        return len(self.link)


@dataclass(frozen=True, eq=False, repr=False)
class Sets:
    """Everything a constraint family may read.

    Attributes
    ----------
    case
        The case, for its settings and rules.
    clusters, stages, fields, funders, years
        Labels in order.
    cost, success, duration
        Figures of each niche, shape (stages, fields).
    value, demand
        Worth of a launch and yearly demand of each field.
    admits_site, admits_link
        Whether a funder may fund a site, shape (funders, sites), or a link, shape (funders, links).
    similarity
        Symmetric, shape (clusters, clusters).
    """

    case: CaseTables
    clusters: pd.Index
    stages: pd.Index
    fields: pd.Index
    funders: pd.Index
    years: pd.Index
    cost: Vector
    success: Vector
    duration: Vector
    value: Vector
    demand: Vector
    sites: Sites
    links: Links
    flows: Flows
    admits_site: Mask
    admits_link: Mask
    similarity: Vector

    @property
    def n_years(self) -> int:
        """Years of the horizon."""
        return len(self.years)

    @property
    def last_stage(self) -> int:
        """Number of the stage whose successes are launches."""
        return len(self.stages) - 1

    @cached_property
    def discount(self) -> Vector:
        """Weight of each year, ``(1+r)^-(t-first_year)``."""
        return self.discount_at(np.arange(self.n_years))

    def discount_at(self, year: Codes) -> Vector:
        """Return the weight of years counted from the first, also of years after the last."""
        weights: Vector = (1 + self.case.settings.case.discount_rate) ** -np.asarray(year, dtype=float)
        return weights

    @cached_property
    def site_at(self) -> Codes:
        """Site of each cluster, stage and field; ``BLANK`` where there is none."""
        grid = np.full((len(self.clusters), len(self.stages), len(self.fields)), BLANK, dtype=np.intp)
        grid[self.sites.cluster, self.sites.stage, self.sites.field] = np.arange(len(self.sites))
        return grid

    @cached_property
    def payments(self) -> Lags:
        """When a start is paid (FORMULATION 3.1)."""
        return payments(self.sites.duration)

    @cached_property
    def completions(self) -> Lags:
        """When a start finishes (FORMULATION 3.1)."""
        return completions(self.sites.duration)

    @cached_property
    def launching(self) -> Codes:
        """The sites of the last stage, whose successes are launches."""
        return np.flatnonzero(self.sites.stage == self.last_stage)

    @cached_property
    def fundable(self) -> Mask:
        """Whether some funder may fund a site."""
        fundable: Mask = np.logical_or.reduce(self.admits_site, axis=0)
        return fundable

    @cached_property
    def site_pairs(self) -> tuple[Codes, Codes]:
        """Sites and funders of all admitted pairs, site by site, funders in order."""
        site, funder = np.nonzero(self.admits_site.T)
        return site, funder

    @cached_property
    def link_pairs(self) -> tuple[Codes, Codes]:
        """Links and funders of all admitted pairs, also of links that cost nothing."""
        link, funder = np.nonzero(self.admits_link.T)
        return link, funder

    @property
    def dimensions(self) -> dict[str, pd.Index]:
        """Labels by which rows and columns are told apart; the stage ``link`` stands for links."""
        tranches = len(self.case.settings.diminishing_returns.tranches)
        return {
            "funder": self.funders,
            "cluster": self.clusters,
            "origin": self.clusters,
            "destination": self.clusters,
            "via": self.stages,
            "stage": self.stages.append(pd.Index([LINK_STAGE], dtype=object)),
            "field": self.fields,
            "year": self.years,
            "tranche": pd.RangeIndex(tranches),
        }


def payments(duration: Vector) -> Lags:
    """Return when a start of each duration is paid: ``pay_j = (min(D, j+1) - j)/D``, all at once where ``D = 0``."""
    count = np.maximum(np.ceil(duration), 1).astype(np.intp)
    entry, lag = _enumerate(count)
    length = duration[entry]
    share = (np.minimum(length, lag + 1) - lag) / np.where(length > 0, length, 1)
    return Lags(entry, lag, np.where(length > 0, share, 1.0))


def completions(duration: Vector) -> Lags:
    """Return when a start of each duration finishes: after ``floor(D)`` years, the fractional part a year later."""
    whole = np.floor(duration)
    entries = np.arange(len(duration))
    late = np.flatnonzero(duration > whole)
    return Lags(
        np.concatenate([entries, late]),
        np.concatenate([whole, whole[late] + 1]).astype(np.intp),
        np.concatenate([1 - (duration - whole), (duration - whole)[late]]),
    )


def _enumerate(count: Codes) -> tuple[Codes, Codes]:
    """Return for each entry ``e`` the pairs ``(e, 0) .. (e, count_e - 1)``."""
    entry = np.repeat(np.arange(len(count)), count)
    first = np.cumsum(count) - count
    return entry, np.arange(len(entry)) - first[entry]


def gather(case: CaseTables, before: Sets | None = None) -> Sets:
    """Return the sets and figures of a case.

    Parameters
    ----------
    case
        The case.
    before
        Sets of a case that this one came from by changes of figures, which leave all keys as they are: what no changed
        table enters is taken from there.
    """
    if before is not None:
        return _regathered(case, before)
    clusters, stages, fields = (
        pd.Index(case.table(f"{key}s")[key], dtype=object) for key in ("cluster", "stage", "field")
    )
    budget = case.table("budget")
    funders = pd.Index(budget["funder"].unique(), dtype=object)
    field_table = case.table("fields")
    cost, success, duration = _niche_figures(case, stages, fields)
    sites = _sites(case, clusters, stages, fields, (cost, success, duration))
    links, flows = _links(case, clusters, stages, sites, len(fields))
    mandates = case.table("mandates")
    return Sets(
        case=case,
        clusters=clusters,
        stages=stages,
        fields=fields,
        funders=funders,
        years=pd.Index(case.years, dtype=np.int64),
        cost=cost,
        success=success,
        duration=duration,
        value=field_table["value"].to_numpy(float),
        demand=field_table["demand"].to_numpy(float),
        sites=sites,
        links=links,
        flows=flows,
        admits_site=_admits(mandates, funders, (clusters, sites.cluster), (stages, sites.stage), (fields, sites.field)),
        admits_link=_admits(mandates, funders, (clusters, links.destination), None, None),
        similarity=_similarity(case, clusters),
    )


def _regathered(case: CaseTables, before: Sets) -> Sets:
    """Return the sets of a changed case; keys, and with them the ways between sites, are as they were."""
    old = before.case
    parts: dict[str, Any] = {"case": case}
    if not case.shares(old, "fields"):
        fields = case.table("fields")
        parts |= {"value": fields["value"].to_numpy(float), "demand": fields["demand"].to_numpy(float)}
    labels = before.clusters, before.stages, before.fields
    if not case.shares(old, "stages", "niches", "sites"):
        figures = _niche_figures(case, *labels[1:])
        parts |= dict(zip(("cost", "success", "duration"), figures, strict=True))
        parts["sites"] = _sites(case, *labels, figures)
    if not case.shares(old, "links"):
        parts["links"], parts["flows"] = _links(case, *labels[:2], before.sites, len(before.fields))
    if not case.shares(old, "similarity"):
        parts["similarity"] = _similarity(case, before.clusters)
    return replace(before, **parts)


def codes_of(values: pd.Series, labels: pd.Index) -> Codes:
    """Return the number of each label; ``BLANK`` for blank ones."""
    return labels.get_indexer(pd.Index(values, dtype=object))


def _niche_figures(case: CaseTables, stages: pd.Index, fields: pd.Index) -> tuple[Vector, Vector, Vector]:
    own = case.table("niches")
    stage_table = case.table("stages")
    stage, field = codes_of(own["stage"], stages), codes_of(own["field"], fields)
    figures = []
    for name in ("cost", "success_rate", "duration"):
        grid = np.tile(stage_table[name].to_numpy(float)[:, None], len(fields))
        values = own[name].to_numpy(float)
        given = ~np.isnan(values)
        grid[stage[given], field[given]] = values[given]
        figures.append(grid)
    return figures[0], figures[1], figures[2]


def _sites(
    case: CaseTables,
    clusters: pd.Index,
    stages: pd.Index,
    fields: pd.Index,
    figures: tuple[Vector, Vector, Vector],
) -> Sites:
    if case.has("sites"):
        table = case.table("sites")
        cluster, stage, field = (
            codes_of(table[name], labels)
            for name, labels in (("cluster", clusters), ("stage", stages), ("field", fields))
        )
    else:
        shape = (len(clusters), len(stages), len(fields))
        cluster, stage, field = (codes.ravel() for codes in np.indices(shape))
        table = pd.DataFrame(
            {
                "capacity": np.full(len(cluster), np.inf),
                "cost_factor": 1.0,
                "success_factor": 1.0,
                "backlog": 0.0,
                "inflow": 0.0,
                "activity": 0.0,
                "specialized": None,
                "expansion_cost": np.nan,
                "expansion_limit": np.inf,
            }
        )
    cost, success, duration = (figure[stage, field] for figure in figures)
    capacity, marked = table["capacity"].to_numpy(float), table["specialized"].to_numpy(object)
    return Sites(
        cluster=cluster,
        stage=stage,
        field=field,
        capacity=capacity,
        unit_cost=cost * table["cost_factor"].to_numpy(float),
        success=np.minimum(1.0, success * table["success_factor"].to_numpy(float)),
        duration=duration,
        backlog=table["backlog"].to_numpy(float),
        inflow=table["inflow"].to_numpy(float),
        activity=table["activity"].to_numpy(float),
        marked=np.select([np.equal(marked, True), np.equal(marked, False)], [1, 0], BLANK),
        expansion_cost=np.where(np.isinf(capacity), np.nan, table["expansion_cost"].to_numpy(float)),
        expansion_limit=table["expansion_limit"].to_numpy(float),
        waits=np.full(len(cluster), True) if case.has("sites") else stage > 0,
    )


def _links(case: CaseTables, clusters: pd.Index, stages: pd.Index, sites: Sites, n_fields: int) -> tuple[Links, Flows]:
    table = case.table("links")
    origin, destination, stage = (
        codes_of(table[name], labels)
        for name, labels in (("origin", clusters), ("destination", clusters), ("stage", stages))
    )
    covered = np.zeros((len(clusters), len(stages) - 1), dtype=bool)
    inside = origin == destination
    covered[origin[inside & (stage == BLANK)], :] = True
    covered[origin[inside & (stage != BLANK)], stage[inside & (stage != BLANK)]] = True
    plain_cluster, plain_stage = np.nonzero(~covered)
    plain = len(plain_cluster)

    def figures(name: str, default: float) -> Vector:
        return np.concatenate([table[name].to_numpy(float), np.full(plain, default)])

    capacity = figures("capacity", np.inf)
    links = Links(
        origin=np.concatenate([origin, plain_cluster]),
        destination=np.concatenate([destination, plain_cluster]),
        stage=np.concatenate([stage, plain_stage]),
        retention=figures("retention", 1.0),
        capacity=capacity,
        transfer_cost=figures("transfer_cost", 0.0),
        expansion_cost=np.where(np.isinf(capacity), np.nan, figures("expansion_cost", np.nan)),
        expansion_limit=figures("expansion_limit", np.inf),
    )
    return _keep_carrying(links, sites, (len(clusters), len(stages), n_fields))


def _keep_carrying(links: Links, sites: Sites, shape: tuple[int, int, int]) -> tuple[Links, Flows]:
    """Return the links that can carry something, and what they can carry."""
    site_at = np.full(shape, BLANK, dtype=np.intp)
    site_at[sites.cluster, sites.stage, sites.field] = np.arange(len(sites))
    stage = np.arange(shape[1] - 1)
    passes = (links.stage[:, None] == BLANK) | (links.stage[:, None] == stage)
    leaves, arrives = site_at[links.origin, :-1], site_at[links.destination, 1:]
    link, out, field = np.nonzero(passes[:, :, None] & (leaves != BLANK) & (arrives != BLANK))
    new = np.diff(link, prepend=BLANK) > 0
    kept, renumbered = link[new], np.cumsum(new) - 1
    flows = Flows(renumbered, leaves[link, out, field], arrives[link, out, field])
    return Links(**{name: values[kept] for name, values in vars(links).items()}), flows


def _admits(
    mandates: pd.DataFrame,
    funders: pd.Index,
    cluster: tuple[pd.Index, Codes],
    stage: tuple[pd.Index, Codes] | None,
    field: tuple[pd.Index, Codes] | None,
) -> Mask:
    """Return which funder may fund which target; without stage and field the targets are links."""
    by = codes_of(mandates["funder"], funders)
    fits = _fits(mandates["cluster"], *cluster)
    if stage is None or field is None:
        stages, fields = mandates["stage"].to_numpy(object), mandates["field"].to_numpy(object)
        fits = fits & np.isin(stages, ["", LINK_STAGE])[:, None] & (fields == "")[:, None]
    else:
        fits = fits & _fits(mandates["stage"], *stage) & _fits(mandates["field"], *field)
    admits = np.zeros((len(funders), len(cluster[1])), dtype=bool)
    np.logical_or.at(admits, by, fits)
    admits[~np.isin(np.arange(len(funders)), by)] = True
    return admits


def _fits(wanted: pd.Series, labels: pd.Index, codes: Codes) -> Mask:
    """Return whether each row's label, or its blank for any, fits each target."""
    texts = wanted.to_numpy(object)
    fits: Mask = (texts == "")[:, None] | (codes_of(wanted, labels)[:, None] == codes)
    return fits


def _similarity(case: CaseTables, clusters: pd.Index) -> Vector:
    size = len(clusters)
    if not case.has("similarity"):
        return np.ones((size, size))
    table = case.table("similarity")
    a, b = codes_of(table["cluster_a"], clusters), codes_of(table["cluster_b"], clusters)
    grid = np.zeros((size, size))
    grid[a, b] = grid[b, a] = table["similarity"].to_numpy(float)
    return grid
