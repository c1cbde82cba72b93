"""What a workbook's sheets hold: plain values, row by row, with what the fast reader leaves out.

``python-calamine`` reads values fast but shows a cell as blank, which here would mean "unlimited", where it holds an
error (``#N/A``), a formula that nothing has calculated yet (libraries write formulas without results), or where it is
merged with the one before; and it lays out every cell up to the last used one. So the parts of the file are looked
through first, for such cells, for what is hidden, and for how far they reach.

A workbook may come by mail and be made to fill the memory. What its parts unpack to is counted, for what the file says
about itself may be false; document types, with which a text can be made to repeat itself, are refused, for no workbook
has any; and so is what reaches too far, or whose shared texts are too long once each cell has its own.
"""

from __future__ import annotations

import posixpath
import sys
import zipfile
import zlib
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from optimizer.data.cells import plain_text
from optimizer.data.faults import FaultList
from optimizer.language import sentence

LARGEST_BOOK = 100_000_000
LARGEST_CONTENT = 500_000_000
LARGEST_AREA = 5_000_000
"""Cells of a sheet up to its last used one: 500,000 lines of ten columns."""
MOST_ROWS = 1_048_576
"""Rows that Excel's own sheets have."""
LARGEST_TEXT = 300_000_000
PIECE = 1 << 20
SHARED = "xl/sharedStrings.xml"
DIGITS = 10
"""Digits of a number of a shared text, at most."""
NOT_A_WORKBOOK = sentence("not a readable .xlsx workbook: {problem}")
TOO_LARGE = sentence("unpacks to {size} bytes, more than a case can need; it was not opened")
TOO_BIG = sentence("larger than {size} bytes: is it the right file?")
TOO_LONG = sentence("repeats its texts over so many cells that they come to more than {size} characters")
DECLARES = sentence("declares a document type, which no workbook does; it was not opened")
TOO_WIDE = sentence("has a cell in row {row}, column {column}; delete what lies far outside the table")
ERROR = sentence("shows an error; mend its formula, or type the value")
UNCALCULATED = sentence(
    "holds a formula that was never calculated; open the workbook in Excel or LibreOffice, save it there, and read it "
    "again, or type the value"
)
UNSURE_ZERO = sentence(
    "holds a formula whose stored result is 0, in a workbook that waits to be calculated: libraries store 0 for what "
    "they cannot calculate; open it in Excel or LibreOffice, save it there, and read it again, or type the value"
)
MERGED = sentence("is merged: of {cells} only the first holds the value; unmerge them and fill each")
YES = ("1", "true")

_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ElementTree.ParseError),
    *(ValueError, KeyError, NotImplementedError, RuntimeError),
)

_DECLARATIONS = tuple(
    text.encode(code) for text in ("<!DOCTYPE", "<!ENTITY") for code in ("ascii", "utf-16-le", "utf-16-be")
)


class _UnfitError(Exception):
    """A workbook is refused for what it would do to the memory."""

    def __init__(self, words: str, **values: object) -> None:
        self.words, self.values = words, values
        super().__init__(words)


@dataclass(frozen=True)
class Unread:
    """A cell that cannot be taken for what it shows.

    Attributes
    ----------
    text
        What stands in it: the error, or the formula.
    reason
        A sentence of the catalogue: what is wrong, and what to do.
    values
        Values of the sentence.
    """

    text: str
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Sheet:
    """A worksheet.

    Attributes
    ----------
    rows
        The values of each row from the first on, :class:`Unread` where a cell cannot be taken for what it shows.
    is_hidden
        Whether the whole sheet is hidden.
    hidden_rows, hidden_columns
        Those that are hidden although something stands in them, from 1.
    """

    rows: list[list[Any]]
    is_hidden: bool = False
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()


Place = tuple[int, int]
"""Row and column, from 1."""


@dataclass
class _Scan:
    is_hidden: bool = False
    rows: int = 0
    columns: int = 0
    characters: int = 0
    unread: dict[Place, Unread] = field(default_factory=dict)
    merged: dict[Place, str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[range] = field(default_factory=list)

    @property
    def is_too_large(self) -> bool:
        """Whether the cells reach further than those of any table."""
        return self.rows * self.columns > LARGEST_AREA or self.rows > MOST_ROWS


def read_sheets(path: Path, faults: FaultList) -> dict[str, Sheet]:
    """Return the values of every worksheet; nothing, and a fault, where the file is no workbook that can be read."""
    from python_calamine import CalamineError, CalamineWorkbook  # only wanted for workbooks

    if path.stat().st_size > LARGEST_BOOK:
        faults.add(path.name, None, "", "", TOO_BIG, size=LARGEST_BOOK)
        return {}
    try:
        with zipfile.ZipFile(path) as archive:
            _check_content(archive)
            lengths = _text_lengths(archive)
            book_part = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314  # expat stops runaway entities
            waits = _waits_for_calculation(book_part)
            scans = {
                name: _scan(archive, part, lengths, _Scan(is_hidden), waits=waits)
                for name, (part, is_hidden) in _parts(archive, book_part).items()
            }
        if sum(scan.characters for scan in scans.values()) > LARGEST_TEXT:
            faults.add(path.name, None, "", "", TOO_LONG, size=LARGEST_TEXT)
            return {}
        wide = [(name, scan) for name, scan in scans.items() if scan.is_too_large]
        for name, scan in wide:
            faults.add(name, None, "", "", TOO_WIDE, row=scan.rows, column=scan.columns)
        if wide:
            return {}
        with CalamineWorkbook.from_path(path) as book:
            return {name: _sheet(book, name, scans.get(name, _Scan())) for name in book.sheet_names}
    except _UnfitError as unfit:
        faults.add(path.name, None, "", "", unfit.words, **unfit.values)
        return {}
    except (*_UNREADABLE, CalamineError) as problem:
        faults.add(path.name, None, "", "", NOT_A_WORKBOOK, problem=problem)
        return {}


def _sheet(book: Any, name: str, scan: _Scan) -> Sheet:
    rows: list[list[Any]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    width = len(rows[0]) if rows else 0
    if scan.unread:  # cells without a value may lie beyond the last one that has one
        width = max(width, *(column for _, column in scan.unread))
        rows += [[]] * (max(row for row, _ in scan.unread) - len(rows))
        rows = [[*row, *[""] * (width - len(row))] for row in rows]
    for (row, column), unread in scan.unread.items():
        rows[row - 1][column - 1] = unread
    for (row, column), cells in scan.merged.items():
        if row <= len(rows) and column <= width and rows[row - 1][column - 1] not in ("", None):
            rows[row - 1][column - 1] = Unread(plain_text(rows[row - 1][column - 1]), MERGED, {"cells": cells})
    columns = {column for hidden in scan.hidden_columns for column in hidden[: scan.columns]}
    return Sheet(
        rows,
        scan.is_hidden,
        tuple(sorted(scan.hidden_rows)),
        tuple(sorted(column for column in columns if any(row[column - 1] for row in rows if column <= len(row)))),
    )


def _tag(element: ElementTree.Element) -> str:
    """Return an element's name without its namespace: the strict form of the format has other ones."""
    return element.tag.rpartition("}")[2]


def _waits_for_calculation(book: ElementTree.Element) -> bool:
    """Whether the workbook asks to be calculated when it is opened: no spreadsheet program has saved it since."""
    return any(_tag(part) == "calcPr" and part.get("fullCalcOnLoad") in YES for part in book)


def _parts(archive: zipfile.ZipFile, book: ElementTree.Element) -> dict[str, tuple[str, bool]]:
    """Return the part of the file that holds each worksheet, and whether it is hidden."""
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in relations
        if relation.get("Type", "").endswith("/worksheet")
    }
    parts = {}
    for sheet in book.iter():
        if _tag(sheet) == "sheet":
            identity = next((value for name, value in sheet.attrib.items() if name.endswith("}id")), "")
            if identity in targets:
                part = posixpath.normpath(posixpath.join("/xl", targets[identity]))
                parts[sheet.get("name", "")] = (part.lstrip("/"), sheet.get("state", "visible") != "visible")
    return parts


def _check_content(archive: zipfile.ZipFile) -> None:
    """Unpack every part, counting what really comes out, and look for declarations of a document type.

    A part's own word for its size is only believed where it is too large; reading goes on past it.
    """
    members = archive.infolist()
    total = sum(member.file_size for member in members)
    if total > LARGEST_CONTENT:
        raise _UnfitError(TOO_LARGE, size=total)
    total = 0
    for member in members:
        whole = copy(member)
        whole.file_size = sys.maxsize
        before = b""
        with archive.open(whole) as stream:
            while piece := stream.read(PIECE):
                total += len(piece)
                if total > LARGEST_CONTENT:
                    raise _UnfitError(TOO_LARGE, size=total)
                window = before + piece
                if b"!" in window and any(mark in window for mark in _DECLARATIONS):
                    raise _UnfitError(DECLARES)
                before = piece[-32:]


def _text_lengths(archive: zipfile.ZipFile) -> list[int]:
    """Return how long each shared text of the workbook is; most cells hold the number of one."""
    lengths: list[int] = []
    if SHARED not in archive.namelist():
        return lengths
    root: ElementTree.Element | None = None
    with archive.open(SHARED) as stream:
        for event, element in ElementTree.iterparse(stream, events=("start", "end")):  # noqa: S314
            if event == "start":
                root = element if root is None else root
            elif _tag(element) == "si":
                lengths.append(sum(len(text) for text in element.itertext()))
                if root is not None:
                    root.clear()
    return lengths


def _scan(archive: zipfile.ZipFile, part: str, lengths: list[int], scan: _Scan, *, waits: bool) -> _Scan:
    """Look through one sheet, up to where it is too large; cells without an address follow the one before them."""
    row, column, is_hidden = 0, 0, False
    parents: list[ElementTree.Element] = []
    with archive.open(part) as stream:
        for event, element in ElementTree.iterparse(stream, events=("start", "end")):  # noqa: S314
            tag = _tag(element)
            if event == "start":
                parents.append(element)
                if tag == "row":
                    row, column, is_hidden = int(element.get("r", row + 1)), 0, element.get("hidden") in YES
                continue
            parents.pop()
            if tag == "c":
                row, column = _address(element.get("r", ""), (row, column + 1))
                if _count(scan, element, (row, column), lengths, waits=waits) and is_hidden:
                    scan.hidden_rows.add(row)
                if scan.is_too_large or scan.characters > LARGEST_TEXT:
                    break
            elif tag == "mergeCell":  # these come after the cells
                _merge(scan, element.get("ref", ""))
            elif tag == "col" and element.get("hidden") in YES:
                scan.hidden_columns.append(range(int(element.get("min", 1)), int(element.get("max", 1)) + 1))
            if tag in ("c", "row", "mergeCell"):
                parents[-1].clear()  # what was looked at is let go, the place it had among its parent's too
    return scan


def _count(scan: _Scan, cell: ElementTree.Element, place: Place, lengths: list[int], *, waits: bool) -> bool:
    """Note what a cell holds; whether it holds anything: one that is only coloured does not."""
    value = formula = None
    for child in cell:
        match _tag(child):
            case "v" | "is":
                value = child
            case "f":
                formula = child
    if value is None and formula is None:
        return False
    scan.rows, scan.columns = max(scan.rows, place[0]), max(scan.columns, place[1])
    kind, text = cell.get("t"), "" if value is None else value.text or ""
    if kind == "e":
        scan.unread[place] = Unread(text or "#N/A", ERROR)
    elif kind == "s" and text.isascii() and text.isdigit() and len(text) < DIGITS and int(text) < len(lengths):
        scan.characters += lengths[int(text)]
    elif formula is not None and (reason := _doubt(kind, None if value is None else text, waits=waits)):
        scan.unread[place] = Unread(f"={formula.text or '…'}", reason)
    return True


def _doubt(kind: str | None, result: str | None, *, waits: bool) -> str | None:
    """Return why a formula's stored result is none: a text that was calculated may be blank, a number may be 0."""
    if not result and (waits or result is None or kind != "str"):
        return UNCALCULATED
    return UNSURE_ZERO if waits and result == "0" and kind in (None, "n") else None


def _merge(scan: _Scan, reference: str) -> None:
    first, _, last = reference.partition(":")
    place = _address(first, (0, 0))
    if last and last != first and 0 < place[0] <= scan.rows and 0 < place[1] <= scan.columns:
        scan.merged[place] = reference


def _address(reference: str, following: tuple[int, int]) -> tuple[int, int]:
    """Return row and column of a reference such as ``AB12``, from 1; ``following`` where there is none."""
    letters = reference.rstrip("0123456789")
    if not letters:
        return following
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(reference[len(letters) :]), column
