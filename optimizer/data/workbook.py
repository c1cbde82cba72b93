"""Cases as one ``.xlsx`` workbook whose sheets bear the names of the tables."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optimizer.data.cells import plain_text
from optimizer.data.faults import FaultList
from optimizer.data.raw import SETTINGS, RawCase, RawTable
from optimizer.data.rows import TABLES, Row
from optimizer.data.sheets import Sheet, read_sheets
from optimizer.data.whole import write_whole_file
from optimizer.errors import InputError
from optimizer.language import say, sentence

NO_SETTINGS = sentence("the workbook has no such sheet; it needs the columns key and value")
NO_SHEET = sentence("the workbook has no such sheet")
DIGITS = 16
"""Digits that the writer keeps of a number."""
LONGEST_CELL = 32_767
TOO_LONG = sentence("{table}: a cell of {length} characters is more than a workbook holds; save the case as a folder.")
EMPTY_SHEET = sentence("the sheet is empty: it needs a header row")
NO_NAME = sentence("column {position} has cells but no name")
LISTS = "diminishing_returns"
"""The section whose values are lists."""
KEY_TWICE = sentence("key already used in line {line}")
UNDOTTED = sentence("not a dotted key such as case.name")


def read_workbook(path: Path, faults: FaultList) -> RawCase:
    """Read every sheet of a case workbook as text, collecting what cannot be read."""
    content = path.read_bytes()
    sheets = read_sheets(path, faults)
    faults.raise_if_any(str(path))
    settings: dict[str, dict[str, Any]] = {}
    lines: dict[str, int] = {}
    if SETTINGS in sheets:
        settings, lines = _read_settings(sheets[SETTINGS], faults)
    else:
        faults.add(SETTINGS, None, "", "", NO_SETTINGS)
    tables = {}
    for name, kind in TABLES.items():
        if name in sheets:
            table = read_table_sheet(name, sheets[name], faults)
            if table is not None:
                tables[name] = table
        elif kind.required:
            faults.add(name, None, "", "", NO_SHEET)
    remarks = tuple(
        say("sheet {sheet} is not a table of a case and was not read.", sheet=name)
        for name in sheets
        if name not in TABLES and name != SETTINGS
    )
    return RawCase(
        str(path), SETTINGS, settings, lines, tables, {path.name: hashlib.sha256(content).hexdigest()}, remarks=remarks
    )


def _text(value: object) -> str:
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return plain_text(value).strip()


def _rows(sheet: Sheet) -> list[tuple[int, list[str]]]:
    texts = ((line, [_text(value) for value in row]) for line, row in enumerate(sheet, start=1))
    return [(line, cells) for line, cells in texts if any(cells)]


def _read_settings(sheet: Sheet, faults: FaultList) -> tuple[dict[str, dict[str, Any]], dict[str, int]]:
    settings: dict[str, dict[str, Any]] = {}
    lines: dict[str, int] = {}
    for line, row in enumerate(sheet, start=1):
        values = (*row, "", "")[:2]
        key, text = (_text(value) for value in values)
        if (key, text) == ("key", "value") or not text:
            continue
        section, dot, name = key.partition(".")
        if not dot:
            faults.add(SETTINGS, line, "key", key, UNDOTTED)
        elif key in lines:
            faults.add(SETTINGS, line, key, text, KEY_TWICE, line=lines[key])
        else:
            settings.setdefault(section, {})[name] = _setting(section, values[1])
            lines.setdefault(section, line)
            lines[key] = line
    return settings, lines


def _setting(section: str, value: Any) -> Any:
    """Return a number as a number, and the list that a text spells out where a list is meant."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    text = _text(value)
    if section != LISTS:
        return text
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return text


def read_table_sheet(name: str, sheet: Sheet, faults: FaultList) -> RawTable | None:
    """Return one sheet as a table of texts; nothing, and a fault, where it is empty."""
    rows = _rows(sheet)
    if not rows:
        faults.add(name, None, "", "", EMPTY_SHEET)
        return None
    (header_line, header), *body = rows
    used = [position for position, title in enumerate(header) if title]
    for position, title in enumerate(header):
        stray = next(((line, cells[position]) for line, cells in body if cells[position]), None)
        if not title and stray:
            faults.add(name, stray[0], "", stray[1], NO_NAME, position=position + 1)
    return RawTable(
        name,
        name,
        tuple(header[position] for position in used),
        tuple(line for line, _ in body),
        tuple(tuple(cells[position] for position in used) for _, cells in body),
        header_line,
    )


def write_workbook(raw: RawCase, path: Path) -> None:
    """Write a case as one workbook; it appears whole or not at all.

    Raises
    ------
    InputError
        If a file is in its place already; nothing is overwritten.
    """
    if path.exists():
        raise InputError(say("{path} exists; nothing was overwritten. Name another file or move it away.", path=path))
    for name, table in raw.tables.items():
        longest = max((len(text) for cells in table.cells for text in cells), default=0)
        if longest > LONGEST_CELL:
            raise InputError(say(TOO_LONG, table=name, length=longest))
    write_whole_file(path, lambda beside: _write(raw, beside))


def _write(raw: RawCase, path: Path) -> None:
    import xlsxwriter  # only wanted for workbooks

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet(SETTINGS)
        sheet.write_row(0, 0, ("key", "value"), bold)
        dotted = [(f"{section}.{key}", value) for section, keys in raw.settings.items() for key, value in keys.items()]
        for line, (key, value) in enumerate(dotted, start=1):
            sheet.write_string(line, 0, key)
            _write_value(sheet, line, 1, json.dumps(value) if isinstance(value, list) else _exact(value))
        sheet.set_column(0, 1, 34)
        for name, table in raw.tables.items():
            _write_table(book.add_worksheet(name), table, TABLES[name].row, bold)


def _write_table(sheet: Any, table: RawTable, row: type[Row], bold: Any) -> None:
    numeric = [_is_numeric(row, name) for name in table.header]
    sheet.write_row(0, 0, table.header, bold)
    sheet.freeze_panes(1, len(row.KEY))
    for line, cells in enumerate(table.cells, start=1):
        for position, text in enumerate(cells):
            if text:
                _write_value(sheet, line, position, number_or_text(text) if numeric[position] else text)
    for position, name in enumerate(table.header):
        widest = max([len(name), *(len(cells[position]) for cells in table.cells)])
        sheet.set_column(position, position, min(widest + 2, 60))
    if table.header:
        sheet.autofilter(0, 0, max(len(table.cells), 1), len(table.header) - 1)


def _exact(value: object) -> object:
    return number_or_text(repr(value)) if isinstance(value, float) else value


def number_or_text(text: str) -> float | str:
    """Return the number a text spells, or the text where a workbook would not keep its every digit."""
    value = float(text)
    return value if float(f"{value:.{DIGITS}G}") == value else text


def _write_value(sheet: Any, line: int, position: int, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        sheet.write_string(line, position, plain_text(value))
    else:
        sheet.write_number(line, position, value)


def _is_numeric(row: type[Row], name: str) -> bool:
    field: Mapping[str, Any] = row.model_fields
    return name in field and field[name].annotation in (int, float)
