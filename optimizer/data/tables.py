"""Tables line by line: every cell checked against its column, every key against the lines before it."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from optimizer.data.faults import FaultList
from optimizer.data.raw import RawTable
from optimizer.data.rows import TABLES, Row
from optimizer.language import sentence

REQUIRED_CELL = sentence("a value is required here")
REQUIRED_COLUMN = sentence("the table needs this column")
UNKNOWN_COLUMN = sentence("the table has no such column; its columns are {columns}")
DOUBLE_COLUMN = sentence("the header names this column twice")
UNNAMED_COLUMN = sentence("a column without a name")
NO_ROWS = sentence("the table has no rows; it needs at least one")
RESERVED_COLUMN = sentence("the name {name} has a meaning of its own and cannot name an attribute")
KEY_USED = sentence("key already used in line {line}")
ONE_OF = sentence("must be one of {choices}")
WRONG_FORM = sentence("does not have the right form: {problem}")

RESERVED_COLUMNS = frozenset(
    {"funder", "cluster", "stage", "field", "year", "origin", "destination", "partner", "tranche", "rule", "family"}
)
"""Names that tell rows of the results apart; a free attribute of that name would be taken for them."""


@dataclass(frozen=True)
class CheckedTable:
    """A table line by line: the row where the line is sound, ``None`` where it is not."""

    raw: RawTable
    rows: tuple[Row | None, ...]

    def keys(self, column: str) -> dict[str, int]:
        """Return the names a column defines, with their order; also those of lines that are unsound elsewhere."""
        default = TABLES[self.raw.name].row.model_fields[column].default
        texts = (text or default for text in self.raw.column(column))
        return {
            name: order for order, name in enumerate(dict.fromkeys(text for text in texts if isinstance(text, str)))
        }


def check_table(table: RawTable, faults: FaultList) -> CheckedTable:
    """Check a table by itself: its header, every cell, its keys; what is wrong is collected."""
    kind = TABLES[table.name]
    known = kind.row.model_fields
    _check_header(table, faults)
    if not table.cells and not kind.may_be_empty:
        faults.add(table.file, None, "", "", NO_ROWS)
    ignored = {name for name in table.header if name not in known and kind.row.model_config["extra"] == "forbid"}
    absent = {name for name in known if name not in table.header}
    rows: list[Row | None] = []
    for line, cells in zip(table.lines, table.cells, strict=True):
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
    checked = CheckedTable(table, tuple(rows))
    _check_unique(checked, faults)
    return checked


def _counts(name: str, text: str, known: Container[str]) -> bool:
    """Whether a cell says something: blank cells of known columns stand for the default."""
    return bool(text) or name not in known


def _check_header(table: RawTable, faults: FaultList) -> None:
    row = TABLES[table.name].row
    known = row.model_fields
    for position, name in enumerate(table.header):
        if not name:
            faults.add(table.file, 1, "", "", UNNAMED_COLUMN)
        elif name in table.header[:position]:
            faults.add(table.file, 1, name, name, DOUBLE_COLUMN)
        elif name not in known and row.model_config["extra"] == "forbid":
            faults.add(table.file, 1, name, name, UNKNOWN_COLUMN, columns=", ".join(known))
        elif name not in known and name in RESERVED_COLUMNS:
            faults.add(table.file, 1, name, name, RESERVED_COLUMN, name=name)
    for name, description in known.items():
        if description.is_required() and name not in table.header:
            faults.add(table.file, 1, name, "", REQUIRED_COLUMN)


def _check_unique(checked: CheckedTable, faults: FaultList) -> None:
    table = checked.raw
    row = TABLES[table.name].row
    if not row.KEY:
        return
    defaults = [str(row.model_fields[name].get_default() or "") for name in row.KEY]
    texts = zip(*(table.column(name) for name in row.KEY), strict=True)
    first_used: dict[tuple[str, ...], int] = {}
    for line, key in zip(table.lines, texts, strict=True):
        named = tuple(text or default for text, default in zip(key, defaults, strict=True))
        if line != (used := first_used.setdefault(named, line)):
            faults.add(table.file, line, ", ".join(row.KEY), ", ".join(named), KEY_USED, line=used)


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
