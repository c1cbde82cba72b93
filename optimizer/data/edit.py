"""Changed copies of a case: single cells and settings replaced, and the whole checked again as if it had been read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from optimizer.data.case import CaseTables
from optimizer.data.cells import plain_text
from optimizer.data.faults import FaultList
from optimizer.data.raw import SETTINGS, RawTable
from optimizer.data.validate import validate
from optimizer.errors import InputError
from optimizer.language import say


@dataclass(frozen=True)
class CellChange:
    """A figure of a case and what it becomes.

    Attributes
    ----------
    table
        Name of the table, or ``case`` for a setting.
    key
        Labels of the row by column; empty for a setting.
    column
        The column, or the dotted key of the setting.
    value
        The new figure.
    """

    table: str
    key: Mapping[str, object]
    column: str
    value: float


def with_changes(case: CaseTables, changes: Iterable[CellChange], origin: str) -> CaseTables:
    """Return a copy of a case with some figures changed.

    Parameters
    ----------
    case
        The case; it stays as it is.
    changes
        What changes.
    origin
        What the copy says where it comes from.

    Raises
    ------
    InputError
        If a change names a row or column that the case lacks.
    CaseError
        If the changed case is unsound.
    """
    raw, faults = case.raw, FaultList()
    tables = dict(raw.tables)
    settings = {section: dict(keys) for section, keys in raw.settings.items()}
    for change in changes:
        if change.table == SETTINGS:
            section, _, key = change.column.partition(".")
            settings.setdefault(section, {})[key] = change.value
        else:
            tables[change.table] = _with_cell(case, tables, change)
    changed = replace(raw, origin=origin, settings=settings, tables=MappingProxyType(tables), digests={})
    found = validate(changed, faults)
    return type(case)(found.raw, found.settings, found.stored)


def _with_cell(case: CaseTables, tables: Mapping[str, RawTable], change: CellChange) -> RawTable:
    frame = case.table(change.table)
    chosen = np.logical_and.reduce([frame[column] == label for column, label in change.key.items()])
    found = np.flatnonzero(chosen)
    if len(found) != 1 or change.table not in tables or change.column not in tables[change.table].header:
        raise InputError(
            say(
                "{table} has no one cell {column} with {key}, so it cannot become {value}; name a row and a column "
                "that the table has.",
                table=change.table,
                column=change.column,
                key=", ".join(f"{column}={label}" for column, label in change.key.items()),
                value=change.value,
            )
        )
    table = tables[change.table]
    cells, position = list(table.cells), table.header.index(change.column)
    row = list(cells[found[0]])
    row[position] = plain_text(float(change.value))
    cells[found[0]] = tuple(row)
    return replace(table, cells=tuple(cells))
