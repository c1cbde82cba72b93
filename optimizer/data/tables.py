"""Tables line by line: every cell checked against its column, every key against the lines before it."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from optimizer.data.cells import number, plain_text
from optimizer.data.faults import FaultList
from optimizer.data.raw import RawTable
from optimizer.data.rows import TABLES, Row, TableKind
from optimizer.language import sentence

REQUIRED_CELL = sentence("a value is required here")
REQUIRED_COLUMN = sentence("the table needs this column")
UNKNOWN_COLUMN = sentence("the table has no such column; its columns are {columns}")
DOUBLE_COLUMN = sentence("the header names this column twice")
UNNAMED_COLUMN = sentence("column {position} has no name")
NO_ROWS = sentence("the table has no rows; it needs at least one")
RESERVED_COLUMN = sentence("the name {name} has a meaning of its own and cannot name an attribute")
CONTROL = sentence("holds the control character U+{code}; type the text anew")
KEY_USED = sentence("key already used in line {line}")
ONE_OF = sentence("must be one of {choices}")
WRONG_FORM = sentence("does not have the right form: {problem}")

_CONTROL = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ufffe\\uffff]")
"""Characters that no text needs and no workbook keeps."""
FRAME = "DataFrame"
"""What a table that is no file is called in messages."""
RESERVED_COLUMNS = frozenset(
    {
        *(
            "funder",
            "cluster",
            "stage",
            "field",
            "year",
            "origin",
            "destination",
            "partner",
            "tranche",
            "rule",
            *("family", "via", "amount", "baseline", "change", "spend", "private", "starts", "finished", "launches"),
            *("overlap", "penalty"),
        ),
        *("final_value", "shadow_price", "rhs", "allowable_increase", "allowable_decrease", "slack", "status"),
        *("degenerate", "shadow_price_low", "shadow_price_high"),
    }
)
"""Names that tell rows of the results apart; a free attribute of that name would be taken for them."""


@dataclass(frozen=True)
class CheckedTable:
    """A table line by line: the row where the line is sound, ``None`` where it is not; and what a line may say."""

    raw: RawTable
    rows: tuple[Row | None, ...]
    model: type[Row]

    def labels(self, column: str) -> list[str]:
        """Return each line's label in a key column: its text or default, numbers in one spelling (2026.0 as 2026)."""
        description = self.model.model_fields[column]
        default = "" if description.is_required() else str(description.default)
        texts = [text or default for text in self.raw.column(column)]
        return [_spelled(text) for text in texts] if description.annotation is int else texts

    def keys(self, column: str) -> dict[str, int] | None:
        """Return the names a column defines, with their order; also those of lines that are unsound elsewhere.

        ``None`` where it cannot be known: a line or a name is missing, so what others call it may be right.
        """
        texts = self.labels(column)
        if not self.raw.complete or not texts or "" in texts:
            return None
        return {name: order for order, name in enumerate(dict.fromkeys(texts))}


def table_of_frame(name: str, frame: pd.DataFrame) -> RawTable:
    """Return a frame as a table as written; its lines are numbered as they would be in a file.

    Parameters
    ----------
    name
        Name of the table.
    frame
        The frame; missing values are blank cells.
    """
    header = tuple(str(title).strip() for title in frame.columns)
    cells = tuple(tuple(_text(value) for value in row) for row in frame.itertuples(index=False, name=None))
    return RawTable(name, FRAME, header, tuple(range(2, len(cells) + 2)), cells)


def _text(value: Any) -> str:
    if hasattr(value, "item"):
        value = value.item()
    return "" if value is pd.NA or value is pd.NaT else plain_text(value).strip()


def check_table(table: RawTable, faults: FaultList, kind: TableKind | None = None) -> CheckedTable:
    """Check a table by itself: its header, every cell, its keys; what is wrong is collected.

    Its kind is that of the case's table of its name, unless another is given.
    """
    kind = kind or TABLES[table.name]
    known = kind.row.model_fields
    _check_header(table, kind.row, faults)
    if not table.cells and table.complete and not kind.may_be_empty:
        faults.add(table.file, None, "", "", NO_ROWS)
    ignored = {name for name in table.header if name not in known and kind.row.model_config["extra"] == "forbid"}
    absent = {name for name in known if name not in table.header}
    rows: list[Row | None] = []
    for line, cells in zip(table.lines, table.cells, strict=True):
        _check_characters(table, line, cells, faults)
        written = {
            name: text
            for name, text in zip(table.header, cells, strict=True)
            if name not in ignored and _counts(name, text, known)
        }
        try:
            rows.append(kind.row.model_validate(written))
        except ValidationError as error:
            rows.append(None)
            for detail in error.errors():
                name = str(detail["loc"][0])
                if name in absent and detail["type"] == "missing":
                    continue
                shown = "" if detail["type"] == "missing" else detail["input"]
                template, values = own_words(detail, missing=REQUIRED_CELL, extra=UNKNOWN_COLUMN)
                faults.add(table.file, line, name, shown, template, **values)
    checked = CheckedTable(table, tuple(rows), kind.row)
    _check_unique(checked, faults)
    return checked


def _check_characters(table: RawTable, line: int, cells: tuple[str, ...], faults: FaultList) -> None:
    for name, text in zip(table.header, cells, strict=True):
        if strange := _CONTROL.search(text):
            faults.add(table.file, line, name, text, CONTROL, code=f"{ord(strange[0]):04X}")


def _counts(name: str, text: str, known: Container[str]) -> bool:
    """Whether a cell says something: blank cells of known columns stand for the default."""
    return bool(text) or name not in known


def _check_header(table: RawTable, row: type[Row], faults: FaultList) -> None:
    known = row.model_fields
    for position, name in enumerate(table.header):
        if not name:
            faults.add(table.file, table.header_line, "", "", UNNAMED_COLUMN, position=position + 1)
        elif name in table.header[:position]:
            faults.add(table.file, table.header_line, name, name, DOUBLE_COLUMN)
        elif name not in known and row.model_config["extra"] == "forbid":
            faults.add(table.file, table.header_line, name, name, UNKNOWN_COLUMN, columns=", ".join(known))
        elif name not in known and name in RESERVED_COLUMNS:
            faults.add(table.file, table.header_line, name, name, RESERVED_COLUMN, name=name)
    for name, description in known.items():
        if description.is_required() and name not in table.header:
            faults.add(table.file, table.header_line, name, "", REQUIRED_COLUMN)


def _check_unique(checked: CheckedTable, faults: FaultList) -> None:
    table, row = checked.raw, checked.model
    if not row.KEY:
        return
    required = [name for name in row.KEY if row.model_fields[name].is_required()]
    first_used: dict[tuple[str, ...], int] = {}
    for line, named in zip(table.lines, zip(*(checked.labels(name) for name in row.KEY), strict=True), strict=True):
        if any(not label for name, label in zip(row.KEY, named, strict=True) if name in required):
            continue  # a blank key is a fault of its own
        if line != (used := first_used.setdefault(named, line)):
            faults.add(table.file, line, ", ".join(row.KEY), ", ".join(named), KEY_USED, line=used)


def _spelled(text: str) -> str:
    try:
        return plain_text(number(text))
    except PydanticCustomError:
        return text


def own_words(detail: ErrorDetails, *, missing: str, extra: str) -> tuple[str, dict[str, object]]:
    """Return our words for what pydantic found, as a catalogue template with its values."""
    match detail["type"]:
        case "cell" | "last_year" | "tranches":
            return detail["msg"], {}
        case "missing":
            return missing, {}
        case "extra_forbidden":
            return extra, {}
        case "literal_error" | "enum":
            return ONE_OF, {"choices": str(detail["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")}
        case _:
            return WRONG_FORM, {"problem": detail["msg"]}
