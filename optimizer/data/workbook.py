"""Reading a case from one ``.xlsx`` workbook whose sheets bear the names of the tables."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

from optimizer.data.cells import plain_text
from optimizer.data.faults import FaultList
from optimizer.data.raw import SETTINGS, RawCase, RawTable
from optimizer.data.rows import TABLES
from optimizer.data.sheets import MERGED, Sheet, Unread, read_sheets
from optimizer.language import Message, say, sentence

NO_SETTINGS = sentence("the workbook has no such sheet; it needs the columns key and value")
NO_SHEET = sentence("the workbook has no such sheet")
EMPTY_SHEET = sentence("the sheet is empty: it needs a header row")
NO_NAME = sentence("column {position} has cells but no name")
MOST_SHOWN = 5
"""Hidden rows and columns named in a remark."""
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
    read = [name for name in (SETTINGS, *TABLES) if name in sheets]
    hidden = tuple(message for name in read for message in _hidden(name, sheets[name]))
    return RawCase(
        str(path),
        SETTINGS,
        settings,
        lines,
        tables,
        {path.name: hashlib.sha256(content).hexdigest()},
        remarks=remarks,
        hidden=hidden,
    )


def _hidden(name: str, sheet: Sheet) -> Iterator[Message]:
    """Say what counts although nobody sees it: a filter, or a row that was hidden to leave it out."""
    if sheet.is_hidden:
        yield say("sheet {sheet} is hidden, but was read: delete it if it is not meant.", sheet=name)
    hidden = (*map(str, sheet.hidden_rows), *(column_letters(column - 1) for column in sheet.hidden_columns))
    if hidden:
        shown = ", ".join([*hidden[:MOST_SHOWN], *(["…"] if len(hidden) > MOST_SHOWN else [])])
        yield say(
            "sheet {sheet}: {count} rows and columns are hidden, but were read ({which}); delete what is not meant.",
            sheet=name,
            count=len(hidden),
            which=shown,
        )


def _text(value: object) -> str:
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return plain_text(value).strip()


def _rows(sheet: Sheet) -> list[tuple[int, list[str]]]:
    texts = ((line, [_text(value) for value in row]) for line, row in enumerate(sheet.rows, start=1))
    return [(line, cells) for line, cells in texts if any(cells)]


def _read_settings(sheet: Sheet, faults: FaultList) -> tuple[dict[str, dict[str, Any]], dict[str, int]]:
    settings: dict[str, dict[str, Any]] = {}
    lines: dict[str, int] = {}
    faults.place(SETTINGS, {"key": "A", "": "B"})
    for line, row in enumerate(sheet.rows, start=1):
        values = (*row, "", "")[:2]
        key, text = (_text(value) for value in values)
        if unread := next((value for value in values if isinstance(value, Unread)), None):
            faults.add(SETTINGS, line, key, unread.text, unread.reason, **unread.values)
            settings.setdefault(key.partition(".")[0], {})
            continue
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


def read_table_sheet(name: str, sheet: Sheet, faults: FaultList, ignored: Container[str] = ()) -> RawTable | None:
    """Return one sheet as a table of texts; nothing, and a fault, where it is empty.

    A row with a cell that cannot be taken for what it shows is a fault and left out. Columns that are ``ignored`` come
    out blank, whatever stands in them.
    """
    rows = _rows(sheet)
    if not rows:
        faults.add(name, None, "", "", EMPTY_SHEET)
        return None
    (header_line, header), *body = rows
    letters = {title: column_letters(position) for position, title in reversed([*enumerate(header)]) if title}
    used = [position for position, title in enumerate(header) if title]
    for position, title in enumerate(header):
        stray = next(((line, cells[position]) for line, cells in body if cells[position]), None)
        if not title and stray:
            faults.place(name, {"": column_letters(position)})
            faults.add(name, stray[0], "", stray[1], NO_NAME, position=position + 1)
    faults.place(name, letters)
    unread = _unread_lines(name, sheet, (header_line, header), faults, ignored)
    kept = [(line, cells) for line, cells in body if line not in unread]
    return RawTable(
        name,
        name,
        tuple(header[position] for position in used),
        tuple(line for line, _ in kept),
        tuple(tuple("" if header[position] in ignored else cells[position] for position in used) for _, cells in kept),
        header_line,
        not unread,
    )


def _unread_lines(
    name: str, sheet: Sheet, header: tuple[int, list[str]], faults: FaultList, ignored: Container[str]
) -> set[int]:
    """Report the cells under a header that cannot be taken for what they show, and return their lines."""
    header_line, titles = header
    lines = set()
    for line, row in enumerate(sheet.rows[header_line - 1 :], start=header_line):
        for title, value in zip(titles, row, strict=False):
            if not isinstance(value, Unread) or title in ignored or not title:
                continue
            if line > header_line:
                lines.add(line)
            elif value.reason == MERGED:  # a heading over two columns hides nothing: the other one has no name
                continue
            faults.add(name, line, title, value.text, value.reason, **value.values)
    return lines


def column_letters(position: int) -> str:
    """Return what a workbook calls a column, from 0: A, B, ..., Z, AA."""
    letters, rest = "", position + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
