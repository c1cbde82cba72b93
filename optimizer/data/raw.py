"""A case as it is written, before anybody has looked at what it says: texts with their addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from optimizer.language import Message

SETTINGS = "case"
"""Name of the sheet, and stem of the file, that holds the settings."""


@dataclass(frozen=True)
class RawTable:
    """One table as written.

    Attributes
    ----------
    name
        Name of the table, as in :data:`optimizer.data.rows.TABLES`.
    file
        File or sheet it stands in, for addresses.
    header
        Names of the columns.
    lines
        Line of each row in the file, the header being 1.
    cells
        Trimmed text of each row, as wide as the header.
    header_line
        Line of the header.
    complete
        Whether every line could be read; if not, names may lack that the file does define.
    """

    name: str
    file: str
    header: tuple[str, ...]
    lines: tuple[int, ...]
    cells: tuple[tuple[str, ...], ...]
    header_line: int = 1
    complete: bool = True

    def column(self, name: str) -> list[str]:
        """Return the texts of one column; blanks where the table lacks it."""
        if name not in self.header:
            return [""] * len(self.cells)
        position = self.header.index(name)
        return [row[position] for row in self.cells]


@dataclass(frozen=True)
class RawCase:
    """A whole case as written.

    Attributes
    ----------
    origin
        Where it was read from, for messages.
    settings_file
        File or sheet of the settings.
    settings
        Section -> key -> value; texts or what TOML makes of them.
    settings_lines
        Line of each dotted key.
    tables
        The tables that exist.
    unread
        Tables that are there but could not be read.
    digests
        SHA-256 of each file read.
    remarks
        What reading has to remark, such as files that were not read.
    hidden
        What was read although the workbook does not show it.
    changes
        What was changed since the files were read, in order, as text.
    """

    origin: str
    settings_file: str
    settings: Mapping[str, Any]
    settings_lines: Mapping[str, int]
    tables: Mapping[str, RawTable]
    digests: Mapping[str, str] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    remarks: tuple[Message, ...] = ()
    hidden: tuple[Message, ...] = ()
    changes: tuple[str, ...] = ()
