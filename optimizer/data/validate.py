"""From a case as written to a case that is sound, or to all its faults at once."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pandas as pd
from pydantic import ValidationError

from optimizer.data.case import CaseTables
from optimizer.data.faults import FaultList
from optimizer.data.raw import RawCase
from optimizer.data.references import check_references
from optimizer.data.remarks import remarks
from optimizer.data.rows import TABLES, FieldRow
from optimizer.data.settings import Settings
from optimizer.data.tables import CheckedTable, check_table, own_words
from optimizer.language import sentence

REQUIRED_KEY = sentence("the case needs this key")
UNKNOWN_KEY = sentence("there is no such key")


def validate(raw: RawCase, faults: FaultList) -> CaseTables:
    """Check a case as written and return it typed and complete.

    Raises
    ------
    CaseError
        With every fault found, those of ``faults`` (from reading) included.
    """
    settings = _check_settings(raw, faults)
    tables = {name: check_table(table, faults) for name, table in raw.tables.items()}
    check_references(settings, tables, faults)
    order = {table.file: position for position, table in enumerate(raw.tables.values())}
    faults.found.sort(key=lambda fault: (order.get(fault.file, -1), fault.line or 0))
    faults.raise_if_any(raw.origin)
    if settings is None:
        msg = "settings without a fault must be settings"
        raise AssertionError(msg)
    frames = {name: _frame(table) for name, table in tables.items()}
    if "fields" not in frames:
        frames["fields"] = pd.DataFrame([FieldRow(field="all").model_dump()])
    noted = replace(raw, remarks=(*raw.remarks, *remarks(frames, dict(raw.tables))))
    return CaseTables(noted, settings, MappingProxyType(frames))


def _check_settings(raw: RawCase, faults: FaultList) -> Settings | None:
    if not raw.settings and any(fault.file == raw.settings_file for fault in faults.found):
        return None
    try:
        return Settings.model_validate(dict(raw.settings))
    except ValidationError as error:
        for detail in error.errors():
            key = ".".join(str(part) for part in detail["loc"][:2])
            if detail["type"] in ("last_year", "tranches"):
                key = f"{detail['loc'][0]}.{detail['type']}"
            line = raw.settings_lines.get(key, raw.settings_lines.get(str(detail["loc"][0])))
            missing = detail["type"] == "missing"
            shown = "" if missing or isinstance(detail["input"], dict) else detail["input"]
            template, values = own_words(detail, missing=REQUIRED_KEY, extra=UNKNOWN_KEY)
            faults.add(raw.settings_file, None if missing else line, key, shown, template, **values)
        return None


def _frame(checked: CheckedTable) -> pd.DataFrame:
    """Return a sound table as a frame: the row model's columns first, then free attributes."""
    row = TABLES[checked.raw.name].row
    names = [*row.model_fields, *(name for name in checked.raw.header if name not in row.model_fields)]
    rows = [line for line in checked.rows if line is not None]
    columns = {name: pd.Series([getattr(line, name) for line in rows]) for name in names}
    for name, values in columns.items():
        if name in row.model_fields and row.model_fields[name].annotation is float:
            columns[name] = values.astype(float)
    return pd.DataFrame(columns)
