"""One frozen row model per table of a case: what a line may say. They *are* the data dictionary.

Column order, defaults, ranges, units and the sentence that explains a column are written here once; reading, writing,
``optimizer check --dictionary`` and the workbook's notes all take them from here. Source: FORMULATION section 2.
A default of infinity means "unlimited", a default of ``None`` means "nothing".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from optimizer.data.cells import (
    Basis,
    Count,
    Duration,
    Flag,
    Kind,
    Measure,
    NonNegative,
    Number,
    Operation,
    Probability,
    Sense,
    Share,
    Text,
    Whole,
)
from optimizer.language import sentence

MONEY = sentence("money")
PER_YEAR = sentence("projects/year")
PROJECTS = sentence("projects")
YEARS = sentence("years")
SHARE = sentence("share")
LINK_STAGE = "link"
"""The word that stands for links where a stage is named; no stage may bear it."""


def cell(text: str, default: Any = ..., *, unit: str = "", refers_to: str = "") -> Any:
    """Describe one column: its sentence, its default (none: required), its unit, the table its values stand in."""
    return Field(default, description=text, json_schema_extra={"unit": unit, "refers_to": refers_to})


class Row(BaseModel):
    """One line of a table. ``KEY`` names the columns that must be unique together."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    KEY: ClassVar[tuple[str, ...]] = ()


class FreeRow(Row):
    """One line of a table that may have further columns, free attributes that rules can filter on."""

    model_config = ConfigDict(frozen=True, extra="allow")


class ClusterRow(FreeRow):
    """A place that hosts work."""

    KEY = ("cluster",)
    cluster: Text = cell("Short name of the cluster, used in all other tables.")
    name: Text = cell("Name in English, for tables and charts.", "")
    name_ko: Text = cell("Name in Korean, for tables and charts.", "")
    region: Text = cell("Region the cluster belongs to; rules may speak of it.", "")
    latitude: Number = cell("Latitude of the place.", None, unit=sentence("degrees"))
    longitude: Number = cell("Longitude of the place.", None, unit=sentence("degrees"))
    private_cap: NonNegative = cell(
        "Most private money the cluster's investors add in a year.", math.inf, unit=sentence("money/year")
    )
    max_niches: Count = cell("Most niches the cluster may be funded in (needs method exact).", math.inf)


class StageRow(FreeRow):
    """One step of the value chain; the order of the lines is the order of the chain."""

    KEY = ("stage",)
    stage: Text = cell("Short name of the stage, used in all other tables.")
    name: Text = cell("Name in English.", "")
    name_ko: Text = cell("Name in Korean.", "")
    cost: NonNegative = cell("Cost of one project at this stage.", unit=MONEY)
    success_rate: Probability = cell("Probability that a project succeeds at this stage.", unit=SHARE)
    trials: Count = cell("Projects whose ends success_rate was counted from; blank: unknown.", None, unit=PROJECTS)
    duration: Duration = cell("Time from start to finish.", 0.0, unit=YEARS)
    decay: Share = cell("Share of waiting projects that is lost each year.", 0.0, unit=sentence("share/year"))
    crowd_in: NonNegative = cell("Private money per unit of public money, at most.", 0.0)
    feedback: NonNegative = cell("New first-stage projects each success at this stage gives rise to.", 0.0)


class FieldRow(FreeRow):
    """A product family with its own market."""

    KEY = ("field",)
    field: Text = cell("Short name of the field, used in all other tables.")
    name: Text = cell("Name in English.", "")
    name_ko: Text = cell("Name in Korean.", "")
    value: NonNegative = cell("Worth of one launch.", 1.0, unit=MONEY)
    demand: NonNegative = cell(
        "Launches a year the market takes at full value.", math.inf, unit=sentence("launches/year")
    )


class NicheRow(Row):
    """A field's own figures at a stage; a blank cell means the stage's figure."""

    KEY = ("stage", "field")
    stage: Text = cell("The stage.", refers_to="stages")
    field: Text = cell("The field.", refers_to="fields")
    cost: NonNegative = cell("Cost of one project.", None, unit=MONEY)
    success_rate: Probability = cell("Probability of success.", None, unit=SHARE)
    trials: Count = cell("Projects whose ends success_rate was counted from; blank: unknown.", None, unit=PROJECTS)
    duration: Duration = cell("Time from start to finish.", None, unit=YEARS)


class SiteRow(Row):
    """A stage of a field hosted by a cluster; only listed sites exist. Without the table, all combinations do."""

    KEY = ("cluster", "stage", "field")
    cluster: Text = cell("The cluster.", refers_to="clusters")
    stage: Text = cell("The stage.", refers_to="stages")
    field: Text = cell("The field.", "all", refers_to="fields")
    capacity: NonNegative = cell("Most starts a year.", math.inf, unit=PER_YEAR)
    cost_factor: NonNegative = cell("Cost here relative to the niche's.", 1.0)
    success_factor: NonNegative = cell("Success rate here relative to the niche's.", 1.0)
    backlog: NonNegative = cell("Projects waiting when the horizon begins.", 0.0, unit=PROJECTS)
    inflow: NonNegative = cell("New projects a year from outside.", 0.0, unit=PER_YEAR)
    activity: NonNegative = cell("Today's activity in any unit; location quotients are taken of it.", 0.0)
    specialized: Flag = cell("Whether the cluster is specialised here; blank: by location quotient.", None)
    expansion_cost: NonNegative = cell(
        "Cost of one more start a year; blank: no expansion.", None, unit=sentence("money per start/year")
    )
    expansion_limit: NonNegative = cell("Most capacity bought over the horizon.", math.inf, unit=PER_YEAR)
    minimum: NonNegative = cell(
        "Least yearly spend once the site is funded at all (needs method exact).", 0.0, unit=sentence("money/year")
    )


class LinkRow(Row):
    """The way a finished project takes to its next stage, inside a cluster or to another one."""

    KEY = ("origin", "destination", "stage")
    origin: Text = cell("Cluster the project comes from.", refers_to="clusters")
    destination: Text = cell("Cluster the project goes to.", refers_to="clusters")
    stage: Text = cell("The stage just finished; blank: every stage but the last.", "", refers_to="stages")
    retention: Share = cell("Share of projects that arrive.", 1.0, unit=SHARE)
    capacity: NonNegative = cell("Most projects a year.", math.inf, unit=PER_YEAR)
    transfer_cost: NonNegative = cell("Cost of passing one project on.", 0.0, unit=MONEY)
    expansion_cost: NonNegative = cell(
        "Cost of one more project a year; blank: no expansion.", None, unit=sentence("money per project/year")
    )
    expansion_limit: NonNegative = cell("Most capacity bought over the horizon.", math.inf, unit=PER_YEAR)


class BudgetRow(Row):
    """What a funder may spend in a year."""

    KEY = ("funder", "year")
    funder: Text = cell("The ministry or fund.", "national")
    year: Whole = cell("The year; years outside the horizon are ignored.")
    amount: NonNegative = cell("Budget of the year.", unit=MONEY)


class FunderRow(Row):
    """Display names of a ministry or fund."""

    KEY = ("funder",)
    funder: Text = cell("The funder.", refers_to="budget")
    name: Text = cell("Name in English.", "")
    name_ko: Text = cell("Name in Korean.", "")


class MandateRow(Row):
    """What a funder may fund. A funder without a row may fund everything; with rows, what any of them admits."""

    funder: Text = cell("The funder.", refers_to="budget")
    cluster: Text = cell("The cluster, a link's destination; blank: any.", "", refers_to="clusters")
    stage: Text = cell("The stage, or link; blank: any, links too.", "", refers_to="stages")
    field: Text = cell("The field; blank: any, links too.", "", refers_to="fields")


class SimilarityRow(Row):
    """How alike the work of two clusters is; without the table 1 for every pair, with it 0 for unlisted pairs."""

    KEY = ("cluster_a", "cluster_b")
    cluster_a: Text = cell("One cluster.", refers_to="clusters")
    cluster_b: Text = cell("The other cluster; each pair is listed once.", refers_to="clusters")
    similarity: Share = cell("0: nothing in common, 1: the same work.", unit=SHARE)


class RuleRow(Row):
    """A floor or a ceiling on spending, starts or launches."""

    KEY = ("rule",)
    rule: Text = cell("Name of the rule.")
    name_ko: Text = cell("Name in Korean, for tables and charts.", "")
    enabled: Flag = cell("Whether the rule holds.", True)
    where: Text = cell("What it counts: column=value|value; column=value. Blank: everything.", "")
    measure: Measure = cell("spend (public money), starts or launches.", "spend")
    sense: Sense = cell("at_least or at_most.")
    kind: Kind = cell("amount, or share of what the column of selects.", "amount")
    value: NonNegative = cell("The floor or ceiling: money or projects, or a share.")
    of: Text = cell("The whole a share is taken of, a filter. Blank: everything.", "")
    per: Text = cell("One row per these columns, joined by |. Blank: one row over the horizon.", "")
    price: NonNegative = cell("Price per unit of violation; blank: the rule must hold.", None)
    note: Text = cell("Why the rule is there.", "")
    note_ko: Text = cell("Why the rule is there, in Korean.", "")


class BaselineRow(Row):
    """Today's allocation."""

    KEY = ("funder", "cluster", "stage", "field", "year")
    funder: Text = cell("The funder.", "national", refers_to="budget")
    cluster: Text = cell("The cluster, a link's destination.", refers_to="clusters")
    stage: Text = cell("The stage, or link.", refers_to="stages")
    field: Text = cell("The field; blank for links.", "", refers_to="fields")
    year: Whole = cell("The year.")
    amount: NonNegative = cell("Money spent.", unit=MONEY)


class ScenarioRow(Row):
    """One change that a possible future makes to the case."""

    scenario: Text = cell("Name of the future.")
    name_ko: Text = cell("Its name in Korean; one of its lines is enough.", "")
    probability: Probability = cell("Its probability, the same on all its lines.", unit=SHARE)
    table: Text = cell("Table that changes; case for case.toml.")
    where: Text = cell("Lines that change, a filter on the table's own columns; blank: all. Blank for case.", "")
    column: Text = cell("Column that changes; of case a key such as overlap.between_clusters.")
    operation: Operation = cell("multiply, add or set.")
    value: Number = cell("By or to what.")


class SourceRow(Row):
    """Where figures come from."""

    table: Text = cell("Table the figures stand in; case for case.toml.")
    where: Text = cell("Lines they stand in, a filter; blank: all.", "")
    column: Text = cell("Column they stand in; blank: all.", "")
    basis: Basis = cell("published, derived or assumed.")
    source: Text = cell("Publication, formula, or reason of the assumption.", "")
    source_ko: Text = cell("The source in Korean, for reports and documents.", "")
    year: Text = cell("Year of the source.", "")
    url: Text = cell("Address of the source.", "")


class BenchmarkRow(Row):
    """A figure of a cluster abroad that stands beside the plan in the report; it enters no computation."""

    cluster: Text = cell("The cluster abroad.")
    cluster_ko: Text = cell("Name in Korean, for tables and charts.", "")
    metric: Text = cell("What is measured.")
    metric_ko: Text = cell("What is measured, in Korean.", "")
    value: Number = cell("The figure; blank where none was found.", None)
    unit: Text = cell("Its unit.", "")
    unit_ko: Text = cell("Its unit, in Korean.", "")
    year: Text = cell("Year it refers to.", "")
    grade: Text = cell("How sure the figure is: A primary, B press report of an official figure, C single report.", "")
    source: Text = cell("Where it was published.", "")
    source_ko: Text = cell("Where it was published, in Korean.", "")


@dataclass(frozen=True)
class TableKind:
    """What is known of a table before a case is read: its row model and whether a case needs it."""

    row: type[Row]
    required: bool = False
    may_be_empty: bool = True


TABLES: dict[str, TableKind] = {
    "clusters": TableKind(ClusterRow, required=True, may_be_empty=False),
    "stages": TableKind(StageRow, required=True, may_be_empty=False),
    "fields": TableKind(FieldRow, may_be_empty=False),
    "niches": TableKind(NicheRow),
    "sites": TableKind(SiteRow),
    "links": TableKind(LinkRow),
    "budget": TableKind(BudgetRow, required=True, may_be_empty=False),
    "funders": TableKind(FunderRow),
    "mandates": TableKind(MandateRow),
    "similarity": TableKind(SimilarityRow),
    "rules": TableKind(RuleRow),
    "baseline": TableKind(BaselineRow),
    "scenarios": TableKind(ScenarioRow),
    "sources": TableKind(SourceRow),
    "benchmarks": TableKind(BenchmarkRow),
}
"""Every table a case may have, in the order in which they are read, checked and written."""


def refers_to(row: type[Row], name: str) -> str:
    """Return the table the values of a column stand in, or a blank."""
    extra = row.model_fields[name].json_schema_extra
    return str(extra["refers_to"]) if isinstance(extra, dict) else ""


def unit_of(row: type[Row], name: str) -> str:
    """Return the unit of a column, or a blank."""
    extra = row.model_fields[name].json_schema_extra
    return str(extra["unit"]) if isinstance(extra, dict) else ""
