"""Writing a case as one ``.xlsx`` workbook that a planner edits and loads back.

What helps the planner enters no cell that is read: a note on every heading tells in both languages what the column
means, its unit and its default; names that stand in another table, and words of closed vocabularies, are chosen from
lists; headings stay in sight. Lists warn and do not forbid, for a name may be written before the line that defines it;
what is wrong in the end is said with sheet and cell when the workbook is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import EnumMeta
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from optimizer.data.cells import plain_text
from optimizer.data.dictionary import default_of
from optimizer.data.raw import SETTINGS, RawCase, RawTable
from optimizer.data.references import KEYS
from optimizer.data.rows import TABLES, Row, refers_to, unit_of
from optimizer.data.settings import Settings
from optimizer.data.whole import write_whole_file
from optimizer.data.workbook import column_letters
from optimizer.errors import InputError
from optimizer.language import Language, say, sentence, translate

DIGITS = 16
"""Digits that the writer keeps of a number."""
LONGEST_CELL = 32_767
TOO_LONG = sentence("{table}: a cell of {length} characters is more than a workbook holds; save the case as a folder.")
SPARE_LINES = 500
"""Lines below a table that lists are offered in, and that lists reach over."""
LAST_LINE = 1_048_576
CHOOSE = sentence("Choose from the list")
NOT_LISTED = sentence("This is not in the list. It is right only if another sheet comes to define it.")
UNIT, DEFAULT, KEY = (
    sentence("Unit: {unit}"),
    sentence("Blank: {default}"),
    sentence("Part of the key: must be unique."),
)
NAMES_FROM = sentence("Names from sheet {table}.")
LONGEST_TITLE, LONGEST_MESSAGE = 32, 255
"""What Excel takes for the title and the text of a warning."""


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
        bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EEF4"})
        _write_settings(book.add_worksheet(SETTINGS), raw.settings, bold)
        sources = _name_lists(book, raw)
        for name, table in raw.tables.items():
            sheet = book.add_worksheet(name)
            _write_table(sheet, table, TABLES[name].row, bold)
            _help_with(sheet, table, TABLES[name].row, sources)


def _write_settings(sheet: Any, settings: Mapping[str, Mapping[str, Any]], bold: Any) -> None:
    sheet.write_row(0, 0, ("key", "value"), bold)
    sheet.freeze_panes(1, 1)
    dotted = [(section, key, value) for section, keys in settings.items() for key, value in keys.items()]
    for line, (section, key, value) in enumerate(dotted, start=1):
        sheet.write_string(line, 0, f"{section}.{key}")
        _write_value(sheet, line, 1, json.dumps(value) if isinstance(value, list) else _exact(value))
        field = _setting(section, key)
        if field is not None:
            _note(sheet, line, 0, _told(field))
            if words := _vocabulary(field):
                sheet.data_validation(line, 1, line, 1, _choice(list(words)))
    sheet.set_column(0, 1, 34)


def _setting(section: str, key: str) -> FieldInfo | None:
    """Return the description of a setting; none of a key that the settings lack."""
    part = Settings.model_fields.get(section)
    fields: Mapping[str, FieldInfo] = getattr(part.annotation, "model_fields", {}) if part is not None else {}
    return fields.get(key)


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
        sheet.set_column(position, position, min(widest + 4, 60))
    if table.header:
        sheet.autofilter(0, 0, max(len(table.cells), 1), len(table.header) - 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _help_with(sheet: Any, table: RawTable, row: type[Row], sources: Mapping[str, str]) -> None:
    """Add notes to the headings of a table, and lists to the columns that are chosen from one."""
    last = min(len(table.cells) + SPARE_LINES, LAST_LINE - 1)
    for position, name in enumerate(table.header):
        if name not in row.model_fields:
            continue
        field, target = row.model_fields[name], refers_to(row, name)
        _note(sheet, 0, position, _told(field, unit_of(row, name), target, is_key=name in row.KEY))
        words = _vocabulary(field)
        if words:
            sheet.data_validation(1, position, last, position, _choice(list(words)))
        elif target in sources:
            sheet.data_validation(1, position, last, position, _choice(f"={sources[target]}"))


def _name_lists(book: Any, raw: RawCase) -> dict[str, str]:
    """Name the cells that define what other tables refer to; return the names by table.

    Funders stand once in their own table, where there is one, and often in that of the budgets.
    """
    names = {}
    for target, (key, _) in KEYS.items():
        home = "funders" if target == "budget" and "funders" in raw.tables else target
        if home not in raw.tables or key not in raw.tables[home].header:
            continue
        table = raw.tables[home]
        letter = column_letters(table.header.index(key))
        last = min(len(table.cells) + 1 + SPARE_LINES, LAST_LINE)
        names[target] = f"list_of_{target}"
        book.define_name(names[target], f"={home}!${letter}$2:${letter}${last}")
    return names


def _told(field: FieldInfo, unit: str = "", target: str = "", *, is_key: bool = False) -> str:
    """Return the note on a column: what it means, its unit, default and references, in every language."""
    told = []
    for language in Language:
        lines = [translate(str(field.description), language)]
        if unit:
            lines.append(translate(UNIT, language, unit=translate(unit, language)))
        if not field.is_required():
            lines.append(translate(DEFAULT, language, default=translate(default_of(field), language) or "–"))
        if target:
            lines.append(translate(NAMES_FROM, language, table=target))
        if is_key:
            lines.append(translate(KEY, language))
        told.append("\n".join(lines))
    return "\n\n".join(told)


def _note(sheet: Any, line: int, column: int, text: str) -> None:
    height = 20 * (2 + text.count("\n") + len(text) // 40)
    sheet.write_comment(line, column, text, {"x_scale": 2.2, "height": height, "font_size": 9})


def _choice(source: list[str] | str) -> dict[str, Any]:
    """Return a rule by which a cell is chosen from a list; what is not in the list is warned of and not forbidden."""
    both = [translate(NOT_LISTED, language) for language in Language]
    return {
        "validate": "list",
        "source": source,
        "ignore_blank": True,
        "error_type": "warning",
        "error_title": CHOOSE[:LONGEST_TITLE],
        "error_message": "\n".join(both)[:LONGEST_MESSAGE],
    }


def _vocabulary(field: FieldInfo) -> tuple[str, ...]:
    """Return the words of a closed vocabulary; none where anything may be said."""
    kind = field.annotation
    options = [option for option in get_args(kind) if option is not type(None)] or [kind]
    if bool in options:
        return ("true", "false")
    if isinstance(kind, EnumMeta):
        return tuple(str(word.value) for word in kind)
    if get_origin(kind) is Literal:
        return tuple(map(str, options))
    return ()


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
