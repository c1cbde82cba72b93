"""From a case as written to a case that is sound, or to all its faults at once."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pandas as pd
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from optimizer.data.case import CaseTables
from optimizer.data.faults import FaultList
from optimizer.data.raw import RawCase
from optimizer.data.references import check_references
from optimizer.data.rows import TABLES, FieldRow
from optimizer.data.settings import Settings
from optimizer.data.tables import CheckedTable, check_table, own_words
from optimizer.language import sentence

NOT_A_SECTION = sentence("must be a section, [{section}] with its keys below")
REQUIRED_KEY = sentence("the case needs this key")
UNKNOWN_KEY = sentence("there is no such key")


def validate(raw: RawCase, faults: FaultList) -> CaseTables:
    """Check a case as written and return it typed and complete.

    Raises
    ------
    CaseError
        With every fault found, those of ``faults`` (from reading) included.
    """
    settings = check_settings(raw, faults)
    tables = {name: check_table(table, faults) for name, table in raw.tables.items()}
    check_references(settings, tables, raw.unread, faults)
    order = {table.file: position for position, table in enumerate(raw.tables.values())}
    faults.found.sort(key=lambda fault: (order.get(fault.file, -1), fault.line or 0))
    faults.raise_if_any(raw.origin, raw.remarks)
    if settings is None:
        msg = "settings without a fault must be settings"
        raise AssertionError(msg)
    frames = {name: _frame(table) for name, table in tables.items()}
    if "fields" not in frames:
        frames["fields"] = pd.DataFrame([FieldRow(field="all").model_dump()])
    return CaseTables(raw, settings, MappingProxyType(frames))


def check_settings(raw: RawCase, faults: FaultList) -> Settings | None:
    """Return the settings of a case typed; ``None`` where they have faults, which are collected."""
    if not raw.settings and any(fault.file == raw.settings_file for fault in faults.found):
        return None
    try:
        return Settings.model_validate(dict(raw.settings))
    except ValidationError as error:
        for detail in error.errors():
            _report(detail, raw, faults)
        return None


def _report(detail: ErrorDetails, raw: RawCase, faults: FaultList) -> None:
    """Report what is wrong with one key of the settings, at the key's line."""
    key, shown = ".".join(str(part) for part in detail["loc"][:2]), detail["input"]
    if detail["type"] in ("last_year", "tranches"):
        section, name = str(detail["loc"][0]), detail["type"]
        key, shown = f"{section}.{name}", raw.settings[section].get(name, "")
    if any(fault.file == raw.settings_file and fault.column == key for fault in faults.found):
        return  # reading has said already what is wrong with this key
    line = raw.settings_lines.get(key, raw.settings_lines.get(key.partition(".")[0]))
    if detail["type"] == "missing":
        faults.add(raw.settings_file, None, key, "", REQUIRED_KEY)
        return
    if detail["type"] in ("model_type", "model_attributes_type"):
        faults.add(raw.settings_file, line, key, shown, NOT_A_SECTION, section=key)
        return
    template, values = own_words(detail, missing=REQUIRED_KEY, extra=UNKNOWN_KEY)
    faults.add(raw.settings_file, line, key, "" if isinstance(shown, dict) else shown, template, **values)


def typed_column(values: list[Any], description: FieldInfo) -> pd.Series[Any]:
    """Return the checked values of a column as a series of its type."""
    column: pd.Series[Any] = pd.Series(values, dtype=None if values else object)
    return column.astype(float) if description.annotation is float else column


def _frame(checked: CheckedTable) -> pd.DataFrame:
    """Return a sound table as a frame: the row model's columns first, then free attributes, as written."""
    row, raw = TABLES[checked.raw.name].row, checked.raw
    cells = [vars(line) for line in checked.rows if line is not None]
    columns: dict[str, pd.Series[Any]] = {}
    for name, description in row.model_fields.items():
        columns[name] = typed_column([line[name] for line in cells], description)
    for name in raw.header:
        if name not in row.model_fields:
            columns[name] = pd.Series(raw.column(name), dtype=object)
    # with an index given, pandas does not first join those of all columns
    return pd.DataFrame(columns, index=pd.RangeIndex(len(cells)))
