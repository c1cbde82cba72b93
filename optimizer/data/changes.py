"""Changes of a case: one vocabulary for scenarios, sweeps and what-if questions; pure, and checked as a case is.

A change names lines of a table, one of its columns, and what becomes of the figures there. Names, keys and filters
cannot be changed, so what holds between tables goes on to hold and only the changed lines are checked anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from optimizer.arguments import checked, checked_methods
from optimizer.data.case import CaseTables
from optimizer.data.cells import number, plain_text
from optimizer.data.faults import FaultList
from optimizer.data.filters import FilterFaultError, parse_filter
from optimizer.data.raw import SETTINGS, RawTable
from optimizer.data.rows import TABLES, refers_to
from optimizer.data.settings import Settings, changeable_keys
from optimizer.data.tables import check_table
from optimizer.data.validate import check_settings, typed_column
from optimizer.errors import InputError
from optimizer.language import say
from optimizer.options import one_of

ENTERS_NOTHING = frozenset({"scenarios", "sources", "benchmarks", "funders"})
"""Tables of names and notes, which enter no program."""


class Operation(StrEnum):
    """What becomes of a figure."""

    MULTIPLY = "multiply"
    ADD = "add"
    SET = "set"


@checked_methods
@dataclass(frozen=True)
class Change:
    """One change of a case's figures.

    Attributes
    ----------
    table
        Table that changes; ``case`` for the settings of ``case.toml``.
    column
        Column that changes, or dotted key of the settings such as ``overlap.between_clusters``.
    operation
        ``multiply``, ``add`` or ``set``. A blank cell counts as its default; one that stands for "unlimited" or "as
        elsewhere" stays blank unless it is set.
    value
        By or to what; a text only where the column holds texts or ``true``/``false``.
    where
        Lines that change, a filter ``column=value|value; column=value`` on the table's own columns; blank: all.

    Raises
    ------
    InputError
        If the operation is none, or a value to multiply by or add is no number.
    """

    table: str
    column: str
    operation: Operation
    value: float | str
    where: str = ""

    def __post_init__(self) -> None:
        """Take the operation as a text too."""
        object.__setattr__(self, "operation", one_of(Operation, self.operation, "operation"))
        numeric = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        if self.operation is not Operation.SET and not numeric:
            raise InputError(
                say("{change}: '{value}' is no number to {operation} by.", change=self, value=self.value,
                    operation=self.operation.value)
            )  # fmt: skip

    def __str__(self) -> str:
        place = f"{self.table}[{self.where}]" if self.where else self.table
        return f"{place}.{self.column} {self.operation.value} {plain_text(self.value)}"

    @property
    def signature(self) -> tuple[object, ...]:
        """What tells it from all other changes, as plain data."""
        return self.table, self.where, self.column, self.operation.value, self.value


@dataclass(frozen=True)
class Removal:
    """Lines taken out of a table to which no other table refers.

    Attributes
    ----------
    table
        The table, ``sites``: what is not listed there does not exist.
    where
        Lines that go, a filter as that of a :class:`Change`.
    """

    table: str
    where: str

    def __str__(self) -> str:
        return f"{self.table}[{self.where}] removed"

    @property
    def signature(self) -> tuple[object, ...]:
        """What tells it from all other changes, as plain data."""
        return self.table, self.where, "removed"


def changed_case(case: CaseTables, changes: Sequence[Change | Removal]) -> CaseTables:
    """Return a copy of a case with lines removed, then changes made one after the other.

    Raises
    ------
    InputError
        If a change selects nothing, or names what cannot be changed; it says which and why.
    CaseError
        If a figure is out of its range afterwards, each with file, line, column, value and rule.
    """
    figures = [change for change in changes if isinstance(change, Change)]
    for removal in changes:
        if isinstance(removal, Removal):
            case = _without_lines(case, removal)
    settings: dict[str, dict[str, Any]] = {section: dict(keys) for section, keys in case.raw.settings.items()}
    tables, touched = dict(case.raw.tables), set()
    for change in figures:
        if change.table == SETTINGS:
            _change_setting(settings, case.settings, change)
        else:
            tables[change.table] = _changed_table(case, tables, change)
            touched.add(change.table)
    return remade(case, settings, tables, touched, [str(change) for change in figures])


def remade(
    case: CaseTables,
    settings: Mapping[str, Mapping[str, Any]],
    tables: Mapping[str, RawTable],
    touched: Collection[str],
    told: Sequence[str],
) -> CaseTables:
    """Return a copy of a case with other settings and tables as written, those that differ checked again.

    Parameters
    ----------
    case
        The case.
    settings, tables
        What is written, all of it.
    touched
        The tables with lines that differ.
    told
        What was done, for the record of changes.

    Raises
    ------
    CaseError
        If a figure is out of its range, each with file, line, column, value and rule.
    """
    faults = FaultList()
    raw = replace(case.raw, settings=settings, tables=tables, changes=(*case.raw.changes, *told))
    checked = check_settings(raw, faults) if settings != case.raw.settings else case.settings
    stored = {**case.stored, **{name: _checked_frame(case, tables[name], faults) for name in sorted(touched)}}
    faults.raise_if_any(case.raw.origin)
    if checked is None:
        msg = "settings without a fault must be settings"
        raise AssertionError(msg)
    return replace(case, raw=raw, settings=checked, stored=MappingProxyType(stored))


def _without_lines(case: CaseTables, removal: Removal) -> CaseTables:
    if removal.table not in case.raw.tables:
        raise InputError(
            say("{change}: the case has no table {table}; add it to the case first.", change=removal,
                table=removal.table)
        )  # fmt: skip
    table = case.raw.tables[removal.table]
    gone = set(_selected(table, removal))
    kept = [line for line in range(len(table.cells)) if line not in gone]
    less = replace(
        table, lines=tuple(table.lines[line] for line in kept), cells=tuple(table.cells[line] for line in kept)
    )
    changes = (*case.raw.changes, str(removal))
    raw = replace(case.raw, tables={**case.raw.tables, removal.table: less}, changes=changes)
    frame = case.stored[removal.table].iloc[kept].reset_index(drop=True)
    return replace(case, raw=raw, stored=MappingProxyType({**case.stored, removal.table: frame}))


def _change_setting(settings: dict[str, dict[str, Any]], typed: Settings, change: Change) -> None:
    section, _, key = change.column.partition(".")
    known = changeable_keys()
    if change.column not in known:
        raise InputError(
            say("{change}: case.toml has no such figure; it has {known}.", change=change, known=", ".join(known))
        )
    if change.where:
        raise InputError(say("{change}: a setting has no lines; leave 'where' blank.", change=change))
    now = settings.get(section, {}).get(key, getattr(getattr(typed, section), key))
    if change.operation is not Operation.SET and (isinstance(now, bool) or not isinstance(now, int | float)):
        raise InputError(say("{change}: the key holds '{now}', no number; set it.", change=change, now=now))
    settings.setdefault(section, {})[key] = _result(change, now)


def _changed_table(case: CaseTables, tables: Mapping[str, RawTable], change: Change) -> RawTable:
    """Return a table as written after a change."""
    if change.table not in TABLES or change.table in ENTERS_NOTHING:
        known = [SETTINGS, *(name for name in TABLES if name not in ENTERS_NOTHING)]
        raise InputError(
            say(
                "{change}: no table of figures has this name; there are {known}.", change=change, known=", ".join(known)
            )
        )
    if change.table not in tables:
        raise InputError(
            say("{change}: the case has no table {table}; add it to the case first.", change=change, table=change.table)
        )
    table = tables[change.table]
    column = _changeable(change)
    lines = _selected(table, change)
    if change.column not in table.header:
        table = replace(
            table, header=(*table.header, change.column), cells=tuple((*cells, "") for cells in table.cells)
        )
    place = table.header.index(change.column)
    cells, done = list(table.cells), 0
    for line in lines:
        written = _written(change, cells[line][place], column)
        if written is not None:
            cells[line] = (*cells[line][:place], written, *cells[line][place + 1 :])
            done += 1
    if not done:
        raise InputError(
            say("{change}: every cell it selects is blank and stays so; use the operation 'set'.", change=change)
        )
    return replace(table, cells=tuple(cells))


def _changeable(change: Change) -> FieldInfo:
    row = TABLES[change.table].row
    known = [
        name
        for name, column in row.model_fields.items()
        if name not in row.KEY and not refers_to(row, name) and column.annotation is not str
    ]
    if change.column not in known:
        raise InputError(
            say(
                "{change}: {table} has no figures in a column {column}; it has {known}.",
                change=change,
                table=change.table,
                column=change.column,
                known=", ".join(known) or "–",
            )
        )
    return row.model_fields[change.column]


def _selected(table: RawTable, change: Change | Removal) -> list[int]:
    """Return the positions of the lines a change speaks of."""
    row = TABLES[table.name].row
    try:
        conditions = parse_filter(change.where).conditions
    except FilterFaultError as fault:
        raise InputError(say("{change}: {reason}.", change=change, reason=fault.reason)) from None
    chosen = list(range(len(table.cells)))
    for name, values in conditions:
        if name not in row.model_fields and name not in table.header:
            known = dict.fromkeys([*row.model_fields, *table.header])
            raise InputError(
                say(
                    "{change}: {table} has no column {column} to filter on; it has {known}.",
                    change=change,
                    table=table.name,
                    column=name,
                    known=", ".join(known),
                )
            )
        labels = _labels(table, name)
        chosen = [line for line in chosen if labels[line] in values]
    if not chosen:
        raise InputError(say("{change}: no line of {table} is selected.", change=change, table=table.name))
    return chosen


def _labels(table: RawTable, name: str) -> list[str]:
    """Return each line's label in a column: its text, or its default; whole numbers in one spelling."""
    column = TABLES[table.name].row.model_fields.get(name)
    texts = table.column(name)
    if column is None:
        return texts
    default = "" if column.is_required() else plain_text(column.default)
    spelled = (
        {text: plain_text(float(text)) for text in set(texts) if text} if column.annotation in (int, float) else {}
    )
    return [spelled.get(text, text) if text else default for text in texts]


def _written(change: Change, text: str, column: FieldInfo) -> str | None:
    """Return a cell's text after a change; ``None`` where it stays blank."""
    if change.operation is Operation.SET:
        return plain_text(change.value)
    now = float(text) if text else column.default
    if not isinstance(now, int | float) or now == float("inf"):
        return None
    return plain_text(_result(change, now))


def _result(change: Change, now: Any) -> Any:
    match change.operation:
        case Operation.MULTIPLY:
            return float(now) * float(change.value)
        case Operation.ADD:
            return float(now) + float(change.value)
        case Operation.SET:
            return change.value


def _checked_frame(case: CaseTables, table: RawTable, faults: FaultList) -> pd.DataFrame:
    """Return a changed table typed; only lines that are not as they were are checked again."""
    before = case.raw.tables[table.name]
    widened = len(table.header) - len(before.header)
    old = before.cells if not widened else [(*cells, *[""] * widened) for cells in before.cells]
    lines = [line for line, (one, other) in enumerate(zip(table.cells, old, strict=True)) if one != other]
    if not lines:
        return case.stored[table.name]
    part = replace(
        table, lines=tuple(table.lines[line] for line in lines), cells=tuple(table.cells[line] for line in lines)
    )
    rows = check_table(part, faults).rows
    frame = case.stored[table.name].copy(deep=False)
    if None in rows:
        return frame
    pairs = [(table.cells[line], old[line]) for line in lines]
    for place, name in enumerate(table.header):
        if any(one[place] != other[place] for one, other in pairs):
            values = frame[name].tolist()
            for line, row in zip(lines, rows, strict=True):
                values[line] = getattr(row, name)
            frame[name] = typed_column(values, TABLES[table.name].row.model_fields[name])
    return frame


def changes_of(table: pd.DataFrame) -> list[Change]:
    """Return the changes a table describes, line by line (columns as in ``scenarios.csv``).

    Raises
    ------
    InputError
        If a column is missing, or a line is no change.
    """
    missing = [name for name in ("table", "column", "operation", "value") if name not in table]
    if missing:
        raise InputError(say("the table of changes lacks the column {missing}.", missing=", ".join(missing)))
    where = table["where"].fillna("") if "where" in table else [""] * len(table)
    columns = (table["table"], table["column"], table["operation"], table["value"], where)
    return [
        Change(str(name), str(column), operation, _value(value), str(lines).strip())
        for name, column, operation, value, lines in zip(*columns, strict=True)
    ]


@checked
def read_changes(path: str | Path) -> list[Change]:
    """Read changes from a CSV file with the columns ``table, where, column, operation, value``.

    Raises
    ------
    InputError
        If there is no such file, a column is missing, or a line is no change.
    """
    return changes_of(read_lines(Path(path)))


def read_lines(path: Path) -> pd.DataFrame:
    """Read a CSV file of changes as texts.

    Raises
    ------
    InputError
        If there is no such file, or it is no table.
    """
    if not path.is_file():
        raise InputError(say("{path}: there is no such file.", path=path))
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (ValueError, UnicodeError) as problem:  # pandas raises ValueError for texts that are no table
        raise InputError(say("{path}: this is no table of changes ({problem}).", path=path, problem=problem)) from None


def _value(value: object) -> float | str:
    """Return a value as a number where it is one."""
    try:
        return number(value)
    except PydanticCustomError:
        return str(value)
