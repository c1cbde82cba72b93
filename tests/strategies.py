"""Small cases for tests: written by hand as tables of text, or drawn by hypothesis with random mechanisms."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

import optimizer as vc

FIRST_YEAR = 2026
THOROUGHNESS = float(os.environ.get("LAW_THOROUGHNESS", "0.4"))
"""Drawn cases per law, as a multiple of the number beside it, which is what to try before a release (1 or more).

Up to 1 they are the same in every run, so that more of them find nothing new from run to run; above 1 they differ.
"""
FEWEST = 8
"""Cases that every law is tried on, if it asks for as many."""
Row = Mapping[str, str]
Settings = Mapping[str, Mapping[str, object]]


def tried(examples: int) -> int:
    """Return on how many cases something is tried for which this number is enough before a release."""
    return max(round(examples * THOROUGHNESS), min(examples, FEWEST))


def law(examples: int) -> settings:
    """Return how a law is tried: on how many drawn cases, the same in every run unless more are asked for.

    Some laws speak of what few drawn cases have, an overlap say; that most are passed over is no fault of theirs, and
    one that is never tried fails still.
    """
    return settings(
        max_examples=tried(examples),
        deadline=None,
        derandomize=THOROUGHNESS <= 1,
        suppress_health_check=[HealthCheck.filter_too_much],
    )


def near(value: float) -> object:
    """Return what two programs may differ by: 1e-6, relative above 1."""
    return pytest.approx(value, rel=1e-6, abs=1e-6)


@dataclass(frozen=True)
class Table:
    """One table: its columns and its rows of text."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]

    def text(self) -> str:
        """Return the table as CSV."""
        stream = io.StringIO(newline="")
        writer = csv.DictWriter(stream, self.header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return stream.getvalue()

    def mapped(self, change: Callable[[Row], Row]) -> Table:
        """Return the table with every row changed."""
        return replace(self, rows=tuple(change(row) for row in self.rows))


@dataclass(frozen=True)
class Draft:
    """A case on paper: settings and tables, written to a folder only to be read."""

    settings: Settings
    tables: Mapping[str, Table]

    @property
    def years(self) -> range:
        """The years of the horizon."""
        horizon = self.settings["case"]
        return range(int(str(horizon["first_year"])), int(str(horizon["last_year"])) + 1)

    def write(self, folder: Path) -> Path:
        """Write the case as a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        sections = (
            "\n".join([f"[{section}]", *(f"{key} = {json.dumps(value)}" for key, value in keys.items())])
            for section, keys in self.settings.items()
        )
        (folder / "case.toml").write_text("\n\n".join(sections) + "\n", encoding="utf-8")
        for name, table in self.tables.items():
            (folder / f"{name}.csv").write_text(table.text(), encoding="utf-8")
        return folder

    def load(self) -> vc.Case:
        """Read the case as the program reads it."""
        with tempfile.TemporaryDirectory() as folder:
            return vc.load_case(self.write(Path(folder) / "case"))

    def solve(self, method: str = "fixed") -> vc.Plan:
        """Solve the case, which must have a plan."""
        plan = self.load().solve(method=method)
        assert isinstance(plan, vc.Plan), plan
        return plan

    def with_table(self, name: str, change: Callable[[Row], Row]) -> Draft:
        """Return the case with every row of one table changed; the same case where it lacks the table."""
        if name not in self.tables:
            return self
        return replace(self, tables={**self.tables, name: self.tables[name].mapped(change)})

    def with_rows(self, name: str, rows: Iterable[Row]) -> Draft:
        """Return the case with other rows in one of its tables."""
        return replace(self, tables={**self.tables, name: replace(self.tables[name], rows=tuple(rows))})

    def with_settings(self, **sections: Mapping[str, object]) -> Draft:
        """Return the case with some settings replaced."""
        merged = {name: {**self.settings.get(name, {}), **keys} for name, keys in sections.items()}
        return replace(self, settings={**self.settings, **merged})


def table(text: str) -> Table:
    """Read a table written in a test: lines of CSV, indentation and blanks around cells free."""
    lines = [[cell.strip() for cell in line.split(",")] for line in text.strip().splitlines()]
    header, *rows = lines
    return Table(tuple(header), tuple(dict(zip(header, row, strict=True)) for row in rows))


def draft(settings: Settings | None = None, *, years: int = 1, **tables: str) -> Draft:
    """Return a case by hand: what is left out is one cluster, one certain stage of cost 1, and 100 a year.

    Parameters
    ----------
    settings
        Sections of ``case.toml`` beside the horizon.
    years
        Length of the horizon from 2026 on.
    tables
        Tables as CSV text.
    """
    horizon = {"name": "by hand", "currency": "KRW bn", "first_year": FIRST_YEAR, "last_year": FIRST_YEAR + years - 1}
    given = dict(settings or {})
    usual = {
        "clusters": "cluster\na",
        "stages": "stage,cost,success_rate\nlaunch,1,1",
        "budget": "\n".join(["year,amount", *(f"{FIRST_YEAR + step},100" for step in range(years))]),
    }
    return Draft(
        {"case": {**horizon, **given.pop("case", {})}, **given},
        {name: table(text) for name, text in {**usual, **tables}.items()},
    )


NO_TERMINAL: Settings = {"value": {"terminal_weight": 0}}
"""Settings under which only launches are worth anything."""


def priced(clusters: float, funders: float = 0.0) -> dict[str, Mapping[str, object]]:
    """Return settings by which only launches are worth anything and overlap costs so much a unit."""
    return {**NO_TERMINAL, "overlap": {"between_clusters": clusters, "between_funders": funders}}


# --- drawn cases ---------------------------------------------------------------------------------------------------

CLUSTERS = ("ansan", "busan", "cheongju")
STAGES = ("research", "trial", "launch")
FIELDS = ("drug", "device")
FUNDERS = ("msit", "mohw", "motie")


def _text(value: object) -> str:
    return "" if value is None else str(value)


class _Pen:
    """Draws cells and tables; short ranges of round numbers keep hypothesis's shrunk cases readable."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def chance(self) -> bool:
        return self.draw(st.booleans())

    def of(self, *values: object) -> object:
        return self.draw(st.sampled_from(values))

    def some(self, values: Sequence[str], most: int | None = None) -> tuple[str, ...]:
        return tuple(values[: self.draw(st.integers(1, most or len(values)))])

    def table(self, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
        return Table(tuple(header), tuple(dict(zip(header, map(_text, row), strict=True)) for row in rows))


@st.composite
def cases(draw: st.DrawFn, *, overlap: bool | None = None, rules: bool = True, always: Collection[str] = ()) -> Draft:
    """Draw a valid case that has a plan: hard rules hold where nothing is spent.

    Parameters
    ----------
    draw
        Given by hypothesis.
    overlap
        Whether overlap has a price; drawn where ``None``.
    rules
        Whether there may be rules.
    always
        Optional tables that are there in any case.
    """
    pen = _Pen(draw)
    clusters, stages, fields = pen.some(CLUSTERS), STAGES[-draw(st.integers(1, 3)) :], pen.some(FIELDS)
    funders = pen.some(FUNDERS)
    years = [FIRST_YEAR + step for step in range(draw(st.integers(1, 4)))]
    niches = [(stage, field) for stage in stages for field in fields]
    tables = {
        "clusters": _clusters(pen, clusters),
        "stages": _stages(pen, stages),
        "fields": _fields(pen, fields),
        "budget": pen.table(
            ("funder", "year", "amount"),
            [(funder, year, pen.of(20, 50, 5, 0, 12.5)) for funder in funders for year in years],
        ),
    }
    if "niches" in always or pen.chance():
        tables["niches"] = pen.table(
            ("stage", "field", "cost", "success_rate", "duration"),
            [
                (*niche, pen.of(None, 2, 7), pen.of(None, 0.5, 1), pen.of(None, 0, 1.5))
                for niche in niches
                if pen.chance()
            ],
        )
    if "sites" in always or pen.of(True, True, True, False):
        tables["sites"] = _sites(pen, clusters, niches)
    if "links" in always or pen.chance():
        tables["links"] = _links(pen, clusters, stages)
    if "mandates" in always or pen.chance():
        tables["mandates"] = _mandates(pen, funders, clusters, stages, fields)
    if "similarity" in always or pen.chance():
        pairs = [(a, b) for place, a in enumerate(clusters) for b in clusters[place + 1 :]]
        tables["similarity"] = pen.table(
            ("cluster_a", "cluster_b", "similarity"),
            [(*pair, pen.of(0.5, 1, 0, 0.3)) for pair in pairs if pen.chance()],
        )
    if "rules" in always or (rules and pen.chance()):
        tables["rules"] = _rules(pen, clusters, stages, years)
    return Draft(_settings(pen, years, overlap=overlap), tables)


def _settings(pen: _Pen, years: Sequence[int], *, overlap: bool | None) -> Settings:
    priced = pen.chance() if overlap is None else overlap
    return {
        "case": {
            "name": "drawn",
            "currency": "KRW bn",
            "first_year": years[0],
            "last_year": years[-1],
            "discount_rate": pen.of(0, 0.05, 0.1),
        },
        "value": {"saturation": pen.of(0, 0.25), "terminal_weight": pen.of(1, 0, 0.5)},
        "funding": {"carry_over": pen.of(0, 0.2, 1), "reinvestment": pen.of(0, 0.1)},
        "overlap": {
            "between_clusters": pen.of(0.5, 0.1, 2) if priced else 0,
            "between_funders": pen.of(0.3, 0, 1) if priced else 0,
        },
        "specialization": {
            "by": pen.of("niche", "stage", "field"),
            "quotient": pen.of(1, 0.8, 1.3),
            "min_share": pen.of(0, 0, 0, 0, 0.5, 1),
        },
        "diminishing_returns": {
            "tranches": pen.of([[1, 1]], [[0.5, 1], [0.5, 1.5]], [[0.25, 0.8], [0, 1], [0.75, 1]]),
        },
    }


def _clusters(pen: _Pen, clusters: Sequence[str]) -> Table:
    rows = [(name, pen.of("south", "north", None), pen.of(None, 0, 4, 15)) for name in clusters]
    return pen.table(("cluster", "region", "private_cap"), rows)


def _stages(pen: _Pen, stages: Sequence[str]) -> Table:
    header = ("stage", "cost", "success_rate", "duration", "decay", "crowd_in", "feedback", "track")
    return pen.table(
        header,
        [
            (
                name,
                pen.of(3, 1, 10),
                pen.of(1, 0.5, 0.8),
                pen.of(0, 1, 0.5, 0, 1.5, 1, 2.25, 6),
                pen.of(0, 0.25, 1),
                pen.of(0, 0.5, 2),
                pen.of(0, 0.5),
                pen.of("early", "late", None),
            )
            for name in stages
        ],
    )


def _fields(pen: _Pen, fields: Sequence[str]) -> Table:
    rows = [(name, pen.of(40, 15, 100), pen.of(None, 0.5, 2, 0)) for name in fields]
    return pen.table(("field", "value", "demand"), rows)


def _sites(pen: _Pen, clusters: Sequence[str], niches: Sequence[tuple[str, str]]) -> Table:
    header = (
        "cluster", "stage", "field", "capacity", "cost_factor", "success_factor", "backlog", "inflow", "activity",
        "specialized", "expansion_cost", "expansion_limit",
    )  # fmt: skip
    rows = []
    for cluster in clusters:
        for stage, field in niches:
            if pen.of(True, True, True, False):
                rows.append(
                    (
                        cluster,
                        stage,
                        field,
                        pen.of(3, None, 0, 1.5),
                        pen.of(1, 0.8, 1.3),
                        pen.of(1, 0.7, 1.4),
                        pen.of(2, 0, 5),
                        pen.of(0, 1, 0.5),
                        pen.of(1, 0, 4, 2),
                        pen.of(None, "true", "false"),
                        pen.of(None, 2, 0.5),
                        pen.of(None, 1, 0),
                    )
                )
    if not rows:
        rows = [(clusters[0], *niches[0], 3, 1, 1, 2, 1, 1, None, None, None)]
    return pen.table(header, rows)


def _links(pen: _Pen, clusters: Sequence[str], stages: Sequence[str]) -> Table:
    keys = [
        (origin, destination, stage)
        for origin in clusters
        for destination in clusters
        for stage in (None, *stages[:-1])
        if pen.chance()
    ]
    return pen.table(
        (
            "origin",
            "destination",
            "stage",
            "retention",
            "capacity",
            "transfer_cost",
            "expansion_cost",
            "expansion_limit",
        ),
        [
            (
                *key,
                pen.of(1, 0.5, 0.9),
                pen.of(None, 1, 0),
                pen.of(0, 0.5, 2),
                pen.of(None, 1, 0.25),
                pen.of(None, 2, 0),
            )
            for key in keys
        ],
    )


def _mandates(
    pen: _Pen, funders: Sequence[str], clusters: Sequence[str], stages: Sequence[str], fields: Sequence[str]
) -> Table:
    rows = []
    for funder in funders:
        for _ in range(pen.draw(st.integers(0, 2))):
            row = (funder, pen.of(None, *clusters), pen.of(None, "link", *stages), pen.of(None, None, *fields))
            rows.append(row)
    return pen.table(("funder", "cluster", "stage", "field"), rows)


def _rules(pen: _Pen, clusters: Sequence[str], stages: Sequence[str], years: Sequence[int]) -> Table:
    filters = (
        None, f"cluster={clusters[0]}", f"stage={stages[0]}|link", f"stage={stages[-1]}", "region=north", "track=early",
        f"year={years[0]}", "field=device", "region=nowhere", "track=late; region=south|north",
    )  # fmt: skip
    rows = []
    for number in range(pen.draw(st.integers(1, 3))):
        kind, sense, price = pen.of("amount", "share"), pen.of("at_most", "at_least"), pen.of(None, 0.5, 5)
        if kind == "amount" and sense == "at_least":
            price = price or 0.5  # a hard floor could leave the case without a plan
        value = pen.of(0.5, 0, 1) if kind == "share" else pen.of(3, 0.5, 10, 0)
        rows.append(
            (
                f"rule {number}",
                pen.of(None, None, None, "false"),
                pen.of(*filters),
                pen.of(None, "spend", "starts", "launches"),
                sense,
                kind,
                value,
                pen.of(*filters) if kind == "share" else None,
                pen.of(None, "year", "cluster", "region|year", "track", "field|stage", "funder"),
                price,
            )
        )
    header = ("rule", "enabled", "where", "measure", "sense", "kind", "value", "of", "per", "price")
    return pen.table(header, rows)


MONEY_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "clusters": ("private_cap",),
    "stages": ("cost",),
    "niches": ("cost",),
    "fields": ("value",),
    "sites": ("expansion_cost",),
    "links": ("transfer_cost", "expansion_cost"),
    "budget": ("amount",),
}
"""Columns in the case's money unit; rules depend on what they measure."""


def scaled(text: str, factor: float) -> str:
    """Return a number multiplied; a blank stays blank."""
    return repr(float(text) * factor) if text else text


def in_other_unit(case: Draft, factor: float) -> Draft:
    """Return the case with all its money written in a unit that is ``factor`` times smaller."""
    for name, columns in MONEY_COLUMNS.items():
        case = case.with_table(
            name,
            lambda row, columns=columns: {**row, **{key: scaled(row[key], factor) for key in columns if row.get(key)}},
        )

    def rule(row: Row) -> Row:
        changed = dict(row)
        spends = (row["measure"] or "spend") == "spend"
        if spends and row["kind"] == "amount":
            changed["value"] = scaled(row["value"], factor)
        if not spends:
            changed["price"] = scaled(row["price"], factor)
        return changed

    return case.with_table("rules", rule)
