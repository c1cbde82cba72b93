"""Checks across tables: names that must exist elsewhere, years that must be complete, filters that must be readable."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from typing import cast

from optimizer.data.faults import FaultList
from optimizer.data.filters import ATTRIBUTE_TABLES, FIXED_COLUMNS, FilterFaultError, parse_filter, parse_per
from optimizer.data.raw import SETTINGS
from optimizer.data.rows import LINK_STAGE, TABLES, RuleRow, ScenarioRow, refers_to
from optimizer.data.settings import Settings, changeable_keys
from optimizer.data.tables import CheckedTable
from optimizer.language import say, sentence

UNKNOWN_NAME = sentence("no such {what} in {file}")
KEYS = {
    "clusters": ("cluster", sentence("cluster")),
    "stages": ("stage", sentence("stage")),
    "fields": ("field", sentence("field")),
    "budget": ("funder", sentence("funder")),
}
"""Tables that others name things of: their key and what it is called."""
RESERVED = sentence("the word link stands for links and cannot name a stage")
TOTAL_NAME = sentence("the word total stands for sums and cannot name a {what}")
TOTAL = "total"
LAST_STAGE = sentence("no link leads out of the last stage")
MISSING_YEAR = sentence("{funder} has no row for {year}")
PAIR_USED = sentence("the pair already stands in line {line}")
PAIR_OF_ONE = sentence("a cluster is not paired with itself")
UNKNOWN_COLUMN = sentence("there is no column {column} to filter on; there are {columns}")
UNKNOWN_TABLE = sentence("no table of a case has this name")
UNKNOWN_TABLE_COLUMN = sentence("{table} has no column {column}")
UNKNOWN_SETTING = sentence("case.toml has no figure of this name that may change; it has {known}")
NO_LINES = sentence("case.toml has no lines; leave the cell blank")
PROBABILITY_CHANGES = sentence("scenario {scenario} has another probability in line {line}")
NAME_CHANGES = sentence("scenario {scenario} has another Korean name in line {line}")
TEXT_CHANGES = sentence("{text} has another Korean name in line {line}")
PROBABILITY_SUM = sentence("the probabilities of the scenarios add up to {total}, not 1")
DEFAULT_FIELD = "all"
TOLERANCE = 1e-6

Tables = Mapping[str, CheckedTable]


def check_references(settings: Settings | None, tables: Tables, unread: Container[str], faults: FaultList) -> None:
    """Collect what is wrong between tables; lines with faults of their own still define their keys."""
    names = _names(tables, unread)
    for table in tables.values():
        _check_names(table, names, tables, faults)
    _check_stage_names(tables, faults)
    _check_links(tables, names, faults)
    _check_pairs(tables, faults)
    _check_rules(tables, unread, faults)
    _check_changes(tables, faults)
    _check_korean_texts(tables, faults)
    if "scenarios" in tables:
        check_futures(tables["scenarios"], faults)
    if settings is not None:
        _check_years(settings, tables, faults)


def _names(tables: Tables, unread: Container[str]) -> dict[str, dict[str, int]]:
    """Return what each table that others refer to defines, in its order; nothing for tables that are not whole."""
    names = {} if "fields" in unread else {"fields": {DEFAULT_FIELD: 0}}
    for name, (key, _) in KEYS.items():
        if name in tables:
            defined = tables[name].keys(key)
            names.pop(name, None)
            if defined is not None:
                names[name] = defined
    return names


def _check_names(
    checked: CheckedTable, names: Mapping[str, Mapping[str, int]], tables: Tables, faults: FaultList
) -> None:
    table = checked.raw
    row = TABLES[table.name].row
    for column, description in row.model_fields.items():
        target = refers_to(row, column)
        if target not in names or (column not in table.header and description.is_required()):
            continue
        default = "" if description.is_required() else str(description.default)
        known = set(names[target])
        if target == "stages" and table.name in ("mandates", "baseline"):
            known.add(LINK_STAGE)
        file = tables[target].raw.file if target in tables else f"{target}.csv"
        for line, text in zip(table.lines, table.column(column), strict=True):
            name = text or default
            if name and name not in known:
                faults.add(table.file, line, column, name, UNKNOWN_NAME, what=say(KEYS[target][1]), file=file)


def _check_stage_names(tables: Tables, faults: FaultList) -> None:
    for name, (key, what) in KEYS.items():
        if name in tables:
            table = tables[name].raw
            for line, text in zip(table.lines, table.column(key), strict=True):
                if text == TOTAL:
                    faults.add(table.file, line, key, text, TOTAL_NAME, what=say(what))
    if "stages" in tables:
        table = tables["stages"].raw
        for line, text in zip(table.lines, table.column("stage"), strict=True):
            if text == LINK_STAGE:
                faults.add(table.file, line, "stage", text, RESERVED)


def _check_links(tables: Tables, names: Mapping[str, Mapping[str, int]], faults: FaultList) -> None:
    stages = list(names.get("stages", ()))
    if "links" not in tables or not stages:
        return
    table = tables["links"].raw
    for line, text in zip(table.lines, table.column("stage"), strict=True):
        if text == stages[-1]:
            faults.add(table.file, line, "stage", text, LAST_STAGE)


def _check_pairs(tables: Tables, faults: FaultList) -> None:
    if "similarity" not in tables:
        return
    table = tables["similarity"].raw
    seen: dict[frozenset[str], int] = {}
    written = set()
    for line, a, b in zip(table.lines, table.column("cluster_a"), table.column("cluster_b"), strict=True):
        if a == b and a:
            faults.add(table.file, line, "cluster_b", b, PAIR_OF_ONE)
            continue
        used = seen.setdefault(frozenset((a, b)), line)
        if used != line and (a, b) not in written:  # the same pair in the same order is a double key, said already
            faults.add(table.file, line, "cluster_a, cluster_b", f"{a}, {b}", PAIR_USED, line=used)
        written.add((a, b))


def _check_years(settings: Settings, tables: Tables, faults: FaultList) -> None:
    """Check that every funder has every year; not where a year could not be read, for it may be the one."""
    if "budget" not in tables or "year" not in tables["budget"].raw.header or not tables["budget"].raw.complete:
        return
    checked = tables["budget"]
    given: dict[str, set[str]] = {}
    for funder, year in zip(checked.labels("funder"), checked.labels("year"), strict=True):
        given.setdefault(funder, set()).add(year)
    for owner, found in given.items():
        if not all(re.fullmatch("-?[0-9]+", year) for year in found):
            continue
        for missing in sorted({str(year) for year in settings.years} - found):
            faults.add(checked.raw.file, None, "year", missing, MISSING_YEAR, funder=owner, year=missing)


def filter_columns(tables: Tables, unread: Container[str]) -> set[str] | None:
    """Return the columns a filter may name: the fixed ones and every column of clusters, stages and fields.

    ``None`` where one of these tables is missing or could not be read, so that nobody knows.
    """
    if any(name in unread or (TABLES[name].required and name not in tables) for name in ATTRIBUTE_TABLES):
        return None
    columns = set(FIXED_COLUMNS)
    for name in ATTRIBUTE_TABLES:
        columns.update(TABLES[name].row.model_fields)
        if name in tables:
            columns.update(tables[name].raw.header)
    return columns


def _check_rules(tables: Tables, unread: Container[str], faults: FaultList) -> None:
    if "rules" not in tables:
        return
    table = tables["rules"].raw
    known = filter_columns(tables, unread)
    for line, row in zip(table.lines, tables["rules"].rows, strict=True):
        if row is not None:
            rule = cast("RuleRow", row)
            for column, text in (("where", rule.where), ("of", rule.of)):
                _check_filter(table.file, line, column, text, known, faults)
            for name in parse_per(rule.per):
                if known is not None and name not in known:
                    faults.add(table.file, line, "per", rule.per, UNKNOWN_COLUMN, column=name, columns=_listed(known))


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _check_filter(file: str, line: int, column: str, text: str, known: set[str] | None, faults: FaultList) -> None:
    try:
        named = parse_filter(text).columns
    except FilterFaultError as fault:
        faults.add(file, line, column, text, "{reason}", reason=fault.reason)
        return
    for name in named:
        if known is not None and name not in known:
            faults.add(file, line, column, text, UNKNOWN_COLUMN, column=name, columns=_listed(known))


def _check_changes(tables: Tables, faults: FaultList) -> None:
    """Check that scenarios and sources speak of tables and columns that exist."""
    for name in ("scenarios", "sources"):
        if name not in tables:
            continue
        table = tables[name].raw
        lines = zip(table.lines, *(table.column(column) for column in ("table", "where", "column")), strict=True)
        for line, target, where, column in lines:
            if target == SETTINGS:
                if name == "scenarios":
                    _check_setting(table.file, line, (where, column), faults)
                continue
            if target not in TABLES:
                if target:
                    faults.add(table.file, line, "table", target, UNKNOWN_TABLE)
                continue
            columns = set(TABLES[target].row.model_fields)
            if target in tables:
                columns.update(tables[target].raw.header)
            if column and column not in columns:
                faults.add(table.file, line, "column", column, UNKNOWN_TABLE_COLUMN, table=target, column=column)
            _check_filter(table.file, line, "where", where, columns, faults)


def _check_setting(file: str, line: int, cells: tuple[str, str], faults: FaultList) -> None:
    """Check that a scenario's change of ``case.toml`` names a figure there, and no lines."""
    where, column = cells
    known = changeable_keys(numbers=True)
    if column and column not in known:
        faults.add(file, line, "column", column, UNKNOWN_SETTING, known=", ".join(known))
    if where:
        faults.add(file, line, "where", where, NO_LINES)


def _check_korean_texts(tables: Tables, faults: FaultList) -> None:
    """Check that each text of a further column has one Korean name in its table, where column ``..._ko`` has them."""
    for checked in (tables[name] for name in ATTRIBUTE_TABLES if name in tables):
        table = checked.raw
        for column in table.header:
            own = f"{column}_ko"
            if own not in table.header or column == "name":  # a name is of its line alone
                continue
            named: dict[str, tuple[str, int]] = {}
            for line, text, korean in zip(table.lines, table.column(column), table.column(own), strict=True):
                known, first = named.setdefault(text, (korean, line)) if text and korean else (korean, line)
                if known != korean:
                    faults.add(table.file, line, own, korean, TEXT_CHANGES, text=text, line=first)


def check_futures(checked: CheckedTable, faults: FaultList) -> None:
    """Check that each future of a table has one probability and one Korean name, and that probabilities add up to 1."""
    table = checked.raw
    given: dict[str, tuple[float, int]] = {}
    named: dict[str, tuple[str, int]] = {}
    for line, scenario in _scenario_lines(checked):
        probability, first = given.setdefault(scenario.scenario, (scenario.probability, line))
        if probability != scenario.probability:
            faults.add(
                table.file, line, "probability", scenario.probability,
                PROBABILITY_CHANGES, scenario=scenario.scenario, line=first,
            )  # fmt: skip
        if not scenario.name_ko:
            continue
        name, first = named.setdefault(scenario.scenario, (scenario.name_ko, line))
        if name != scenario.name_ko:
            faults.add(
                table.file, line, "name_ko", scenario.name_ko, NAME_CHANGES, scenario=scenario.scenario, line=first
            )
    total = sum(probability for probability, _ in given.values())
    if given and None not in checked.rows and abs(total - 1) > TOLERANCE:
        faults.add(table.file, None, "probability", "", PROBABILITY_SUM, total=f"{total:g}")


def _scenario_lines(checked: CheckedTable) -> Iterator[tuple[int, ScenarioRow]]:
    for line, row in zip(checked.raw.lines, checked.rows, strict=True):
        if row is not None:
            yield line, cast("ScenarioRow", row)
