"""Read a case folder into plain records.

Correct input is assumed: this reader finds no faults, it only fills in the defaults of the formulation. It shares no
code with the package, so that a misreading of a table shows as a difference between two programs.
"""

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pandas as pd

Row = dict[str, str]
SiteKey = tuple[str, str, str]
"""Cluster, stage, field."""

LINK = "link"
"""What stands for a stage wherever the money of a link is labelled."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one project costs, how often it succeeds and how long it takes, nationwide."""

    cost: float
    success_rate: float
    duration: float

    def paid(self) -> list[float]:
        """Share of the cost that falls due in each year from the start on."""
        if self.duration == 0:
            return [1.0]
        return [(min(self.duration, j + 1) - j) / self.duration for j in range(math.ceil(self.duration))]

    def done(self) -> dict[int, float]:
        """Share of the projects that finish so many years after their start."""
        whole = math.floor(self.duration)
        part = self.duration - whole
        return {whole: 1 - part, whole + 1: part} if part else {whole: 1.0}


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the value chain."""

    figures: Figures
    decay: float
    crowd_in: float
    feedback: float


@dataclass(frozen=True, slots=True)
class Field:
    """A market and what a launch is worth in it."""

    value: float
    demand: float


@dataclass(frozen=True, slots=True)
class Site:
    """A niche hosted by a cluster, with its local figures."""

    unit_cost: float
    success: float
    capacity: float
    expansion_cost: float | None
    expansion_limit: float
    backlog: float
    inflow: float
    activity: float
    specialized: bool | None
    endless: bool
    """Projects never lack here, so that no backlog is kept."""


@dataclass(frozen=True, slots=True)
class Link:
    """A way from finished projects to their next stage; `carries` lists the (stage, field) it can take along."""

    origin: str
    destination: str
    carries: tuple[tuple[str, str], ...]
    retention: float
    capacity: float
    transfer_cost: float
    expansion_cost: float | None
    expansion_limit: float

    @property
    def free(self) -> bool:
        """Whether no money is ever spent on this link."""
        return self.transfer_cost == 0 and not self.expansion_cost


@dataclass(frozen=True, slots=True)
class Rule:
    """A planner's demand on spend, starts or launches."""

    name: str
    where: str
    measure: str
    sense: str
    kind: str
    value: float
    of: str
    per: tuple[str, ...]
    price: float | None


@dataclass(frozen=True)
class PeerCase:
    """Everything a case holds, defaults filled in."""

    years: list[int]
    discount_rate: float
    saturation: float
    terminal_weight: float
    carry_over: float
    reinvestment: float
    between_clusters: float
    between_funders: float
    specialization_by: str
    specialization_quotient: float
    specialization_share: float
    tranches: list[tuple[float, float]]
    clusters: list[str]
    private_cap: dict[str, float]
    stages: dict[str, Stage]
    fields: dict[str, Field]
    niches: dict[tuple[str, str], Figures]
    sites: dict[SiteKey, Site]
    links: list[Link]
    budget: dict[tuple[str, int], float]
    mandates: dict[str, list[Row]]
    similarity: dict[tuple[str, str], float] | None
    rules: list[Rule]
    attributes: dict[str, dict[str, Row]]
    """For `cluster`, `stage` and `field`: every column of their table, as text."""

    @cached_property
    def funders(self) -> list[str]:
        """Funders by order of first appearance in the budget."""
        return list(dict.fromkeys(funder for funder, _ in self.budget))

    @cached_property
    def next_stage(self) -> dict[str, str | None]:
        """The stage a finished project waits for; None after the last."""
        names = list(self.stages)
        return dict(zip(names, [*names[1:], None], strict=True))

    @property
    def first_stage(self) -> str:
        """Where new projects come in."""
        return next(iter(self.stages))

    @property
    def last_stage(self) -> str:
        """Where a success is a launch."""
        return next(reversed(self.stages))

    def discount(self, year: int) -> float:
        """Worth in the first year of one unit in this year."""
        return float((1 + self.discount_rate) ** -(year - self.years[0]))

    def funders_of(self, key: SiteKey) -> list[str]:
        """Funders who may spend at a site, by rank."""
        return [funder for funder in self.funders if self.admits(funder, *key)]

    def funders_of_link(self, link: Link) -> list[str]:
        """Funders who may spend on a link, by rank."""
        return [funder for funder in self.funders if self.admits(funder, link.destination, LINK, None)]

    def admits(self, funder: str, cluster: str, stage: str, field: str | None) -> bool:
        """Whether the funder may spend there; a link is its destination, stage `link` and no field."""
        if funder not in self.mandates:
            return True
        here = {"cluster": cluster, "stage": stage, "field": field}
        return any(all(row.get(c, "") in ("", label) for c, label in here.items()) for row in self.mandates[funder])

    def similar(self, one: str, other: str) -> float:
        """How much alike two clusters are: 1 without a table, 0 for a pair the table leaves out."""
        return 1.0 if self.similarity is None else self.similarity.get((one, other), 0.0)


def read_case(folder: str | Path) -> PeerCase:
    """Read `case.toml` and the tables beside it."""
    folder = Path(folder)
    settings = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8-sig"))
    horizon, value, funding = settings["case"], settings.get("value", {}), settings.get("funding", {})
    overlap, specialization = settings.get("overlap", {}), settings.get("specialization", {})
    clusters, stages = _table(folder, "clusters") or [], _table(folder, "stages") or []
    fields = _table(folder, "fields") or [{"field": "all"}]
    stage_of = {row["stage"]: _stage(row) for row in stages}
    niches = _niches(stage_of, [row["field"] for row in fields], _table(folder, "niches") or [])
    sites = _sites(_table(folder, "sites"), [row["cluster"] for row in clusters], niches, next(iter(stage_of)))
    return PeerCase(
        years=list(range(horizon["first_year"], horizon["last_year"] + 1)),
        discount_rate=horizon.get("discount_rate", 0.0),
        saturation=value.get("saturation", 0.0),
        terminal_weight=value.get("terminal_weight", 1.0),
        carry_over=funding.get("carry_over", 0.0),
        reinvestment=funding.get("reinvestment", 0.0),
        between_clusters=overlap.get("between_clusters", 0.0),
        between_funders=overlap.get("between_funders", 0.0),
        specialization_by=specialization.get("by", "niche"),
        specialization_quotient=specialization.get("quotient", 1.0),
        specialization_share=specialization.get("min_share", 0.0),
        tranches=[(s, m) for s, m in settings.get("diminishing_returns", {}).get("tranches", [[1.0, 1.0]])],
        clusters=[row["cluster"] for row in clusters],
        private_cap={row["cluster"]: _number(row, "private_cap", math.inf) for row in clusters},
        stages=stage_of,
        fields={r["field"]: Field(_number(r, "value", 1.0), _number(r, "demand", math.inf)) for r in fields},
        niches=niches,
        sites=sites,
        links=_links(_table(folder, "links") or [], list(stage_of), [row["cluster"] for row in clusters], sites),
        budget=_budget(_table(folder, "budget") or []),
        mandates=_mandates(_table(folder, "mandates") or []),
        similarity=_similarity(_table(folder, "similarity")),
        rules=[_rule(row) for row in _table(folder, "rules") or [] if _flag(row, "enabled") is not False],
        attributes={
            name: {row[name]: row for row in table}
            for name, table in (("cluster", clusters), ("stage", stages), ("field", fields))
        },
    )


def _table(folder: Path, name: str) -> list[Row] | None:
    """Read the rows of a table as trimmed text, or None where the table is absent."""
    path = folder / f"{name}.csv"
    if not path.exists():
        return None
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", skipinitialspace=True)
    columns = [str(column).strip() for column in frame.columns]
    return [
        dict(zip(columns, (cell.strip() for cell in cells), strict=True))
        for cells in frame.itertuples(index=False, name=None)
    ]


def _number(row: Mapping[str, str], column: str, default: float) -> float:
    text = row.get(column, "")
    return float(text) if text else default


def _optional(row: Mapping[str, str], column: str) -> float | None:
    text = row.get(column, "")
    return float(text) if text else None


def _flag(row: Mapping[str, str], column: str) -> bool | None:
    text = row.get(column, "").lower()
    return text == "true" if text else None


def _stage(row: Row) -> Stage:
    figures = Figures(float(row["cost"]), float(row["success_rate"]), _number(row, "duration", 0.0))
    return Stage(figures, _number(row, "decay", 0.0), _number(row, "crowd_in", 0.0), _number(row, "feedback", 0.0))


def _niches(stages: Mapping[str, Stage], fields: list[str], rows: list[Row]) -> dict[tuple[str, str], Figures]:
    """Give every stage of every field its figures: the field's own, where its row gives them."""
    niches = {(stage, field): stages[stage].figures for stage in stages for field in fields}
    for row in rows:
        usual = stages[row["stage"]].figures
        niches[row["stage"], row["field"]] = Figures(
            _number(row, "cost", usual.cost),
            _number(row, "success_rate", usual.success_rate),
            _number(row, "duration", usual.duration),
        )
    return niches


def _sites(
    rows: list[Row] | None, clusters: list[str], niches: Mapping[tuple[str, str], Figures], first_stage: str
) -> dict[SiteKey, Site]:
    """Take the sites that are listed, or every combination where there is no table."""
    absent = rows is None
    if rows is None:
        rows = [{"cluster": c, "stage": s, "field": f} for c, (s, f) in product(clusters, niches)]
    sites = {}
    for row in rows:
        stage, field = row["stage"], row.get("field") or "all"
        figures, capacity = niches[stage, field], _number(row, "capacity", math.inf)
        sites[row["cluster"], stage, field] = Site(
            unit_cost=figures.cost * _number(row, "cost_factor", 1.0),
            success=min(1.0, figures.success_rate * _number(row, "success_factor", 1.0)),
            capacity=capacity,
            expansion_cost=_optional(row, "expansion_cost") if capacity < math.inf else None,
            expansion_limit=_number(row, "expansion_limit", math.inf),
            backlog=_number(row, "backlog", 0.0),
            inflow=_number(row, "inflow", 0.0),
            activity=_number(row, "activity", 0.0),
            specialized=_flag(row, "specialized"),
            endless=absent and stage == first_stage,
        )
    return sites


def _links(rows: list[Row], stages: list[str], clusters: list[str], sites: Mapping[SiteKey, Site]) -> list[Link]:
    """Join the listed links and, inside every cluster, those no row covers; one that can carry nothing is left out."""
    covered = {
        (row["origin"], stage)
        for row in rows
        if row["origin"] == row["destination"]
        for stage in ([row["stage"]] if row.get("stage") else stages)
    }
    inside: list[Row] = [
        {"origin": cluster, "destination": cluster, "stage": stage}
        for cluster, stage in product(clusters, stages[:-1])
        if (cluster, stage) not in covered
    ]
    links = (_link(row, stages, sites) for row in rows + inside)
    return [link for link in links if link.carries]


def _link(row: Row, stages: list[str], sites: Mapping[SiteKey, Site]) -> Link:
    origin, destination, only = row["origin"], row["destination"], row.get("stage", "")
    following = dict(pairwise(stages))
    capacity = _number(row, "capacity", math.inf)
    return Link(
        origin=origin,
        destination=destination,
        carries=tuple(
            (stage, field)
            for cluster, stage, field in sites
            if cluster == origin
            and only in ("", stage)
            and stage in following
            and (destination, following[stage], field) in sites
        ),
        retention=_number(row, "retention", 1.0),
        capacity=capacity,
        transfer_cost=_number(row, "transfer_cost", 0.0),
        expansion_cost=_optional(row, "expansion_cost") if capacity < math.inf else None,
        expansion_limit=_number(row, "expansion_limit", math.inf),
    )


def _budget(rows: list[Row]) -> dict[tuple[str, int], float]:
    return {(row.get("funder") or "national", int(row["year"])): float(row["amount"]) for row in rows}


def _mandates(rows: list[Row]) -> dict[str, list[Row]]:
    mandates: dict[str, list[Row]] = {}
    for row in rows:
        mandates.setdefault(row["funder"], []).append(row)
    return mandates


def _similarity(rows: Iterable[Row] | None) -> dict[tuple[str, str], float] | None:
    if rows is None:
        return None
    listed = {(row["cluster_a"], row["cluster_b"]): float(row["similarity"]) for row in rows}
    return listed | {(b, a): value for (a, b), value in listed.items()}


def _rule(row: Mapping[str, Any]) -> Rule:
    return Rule(
        name=row["rule"],
        where=row.get("where", ""),
        measure=row.get("measure") or "spend",
        sense=row["sense"],
        kind=row.get("kind") or "amount",
        value=float(row["value"]),
        of=row.get("of", ""),
        per=tuple(part.strip() for part in row.get("per", "").split("|") if part.strip()),
        price=_optional(row, "price"),
    )
