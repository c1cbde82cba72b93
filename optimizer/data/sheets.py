"""What a workbook's sheets hold: plain values, row by row, with what the fast reader leaves out.

``python-calamine`` reads values fast but shows a cell with an error (``#N/A``) as blank, which here would mean
"unlimited", and lays out every cell up to the last used one. So the parts of the file are looked through first, for
errors and for how far they reach.

A workbook may come by mail and be made to fill the memory. What its parts unpack to is counted, for what the file says
about itself may be false; document types, with which a text can be made to repeat itself, are refused, for no workbook
has any; and so is what reaches too far, or whose shared texts are too long once each cell has its own.
"""

from __future__ import annotations

import posixpath
import sys
import zipfile
import zlib
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

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

_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ElementTree.ParseError),
    *(ValueError, KeyError, NotImplementedError, RuntimeError),
)

Sheet = list[list[Any]]
_DECLARATIONS = tuple(
    text.encode(code) for text in ("<!DOCTYPE", "<!ENTITY") for code in ("ascii", "utf-16-le", "utf-16-be")
)


class _UnfitError(Exception):
    """A workbook is refused for what it would do to the memory."""

    def __init__(self, words: str, **values: object) -> None:
        self.words, self.values = words, values
        super().__init__(words)


@dataclass
class _Scan:
    rows: int = 0
    columns: int = 0
    characters: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)

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
            scans = {name: _scan(archive, part, lengths) for name, part in _parts(archive).items()}
        if sum(scan.characters for scan in scans.values()) > LARGEST_TEXT:
            faults.add(path.name, None, "", "", TOO_LONG, size=LARGEST_TEXT)
            return {}
        wide = [(name, scan) for name, scan in scans.items() if scan.is_too_large]
        for name, scan in wide:
            faults.add(name, None, "", "", TOO_WIDE, row=scan.rows, column=scan.columns)
        if wide:
            return {}
        with CalamineWorkbook.from_path(path) as book:
            return {name: _values(book, name, scans.get(name, _Scan())) for name in book.sheet_names}
    except _UnfitError as unfit:
        faults.add(path.name, None, "", "", unfit.words, **unfit.values)
        return {}
    except (*_UNREADABLE, CalamineError) as problem:
        faults.add(path.name, None, "", "", NOT_A_WORKBOOK, problem=problem)
        return {}


def _values(book: Any, name: str, scan: _Scan) -> Sheet:
    values: Sheet = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    for (row, column), text in scan.errors.items():
        if 0 < row <= len(values) and 0 < column <= len(values[row - 1]):
            values[row - 1][column - 1] = text
    return values


def _tag(element: ElementTree.Element) -> str:
    """Return an element's name without its namespace: the strict form of the format has other ones."""
    return element.tag.rpartition("}")[2]


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of the file that holds each worksheet."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314  # expat stops runaway entities
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
                parts[sheet.get("name", "")] = part.lstrip("/")
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


def _scan(archive: zipfile.ZipFile, part: str, lengths: list[int]) -> _Scan:
    """Look through one sheet, up to where it is too large; cells without an address follow the one before them."""
    scan = _Scan()
    row, column = 0, 0
    parents: list[ElementTree.Element] = []
    with archive.open(part) as stream:
        for event, element in ElementTree.iterparse(stream, events=("start", "end")):  # noqa: S314
            tag = _tag(element)
            if event == "start":
                parents.append(element)
                if tag == "row":
                    row, column = int(element.get("r", row + 1)), 0
                continue
            parents.pop()
            if tag == "c":
                row, column = _address(element.get("r", ""), (row, column + 1))
                _count(scan, element, (row, column), lengths)
                if scan.is_too_large or scan.characters > LARGEST_TEXT:
                    break
            if tag in ("c", "row"):
                parents[-1].clear()  # what was looked at is let go, the place it had among its parent's too
    return scan


def _count(scan: _Scan, cell: ElementTree.Element, place: tuple[int, int], lengths: list[int]) -> None:
    value = next((child for child in cell if _tag(child) in ("v", "is")), None)
    if value is None:  # a cell that is only coloured holds nothing
        return
    scan.rows, scan.columns = max(scan.rows, place[0]), max(scan.columns, place[1])
    kind, text = cell.get("t"), value.text or ""
    if kind == "e":
        scan.errors[place] = text or "#N/A"
    elif kind == "s" and text.isascii() and text.isdigit() and len(text) < DIGITS and int(text) < len(lengths):
        scan.characters += lengths[int(text)]


def _address(reference: str, following: tuple[int, int]) -> tuple[int, int]:
    """Return row and column of a reference such as ``AB12``, from 1; ``following`` where there is none."""
    letters = reference.rstrip("0123456789")
    if not letters:
        return following
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(reference[len(letters) :]), column
