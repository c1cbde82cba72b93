"""What a workbook's sheets hold: plain values, row by row, with what the fast reader leaves out.

``python-calamine`` reads values fast but shows a cell with an error (``#N/A``) as blank, which here would mean
"unlimited", and lays out every cell up to the last used one. So the parts of the file are looked through first, for
errors and for how far they reach.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from optimizer.data.faults import FaultList
from optimizer.language import sentence

LARGEST_CONTENT = 1_000_000_000
LARGEST_AREA = 20_000_000
NOT_A_WORKBOOK = sentence("not a readable .xlsx workbook: {problem}")
TOO_LARGE = sentence("unpacks to {size} bytes, more than a case can need; it was not opened")
TOO_WIDE = sentence("has a cell in row {row}, column {column}; delete what lies far outside the table")

_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ElementTree.ParseError),
    *(ValueError, KeyError, NotImplementedError, RuntimeError),
)

Sheet = list[list[Any]]


@dataclass
class _Scan:
    rows: int = 0
    columns: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


def read_sheets(path: Path, faults: FaultList) -> dict[str, Sheet]:
    """Return the values of every worksheet; nothing, and a fault, where the file is no workbook that can be read."""
    from python_calamine import CalamineError, CalamineWorkbook  # only wanted for workbooks

    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
            if size > LARGEST_CONTENT:
                faults.add(path.name, None, "", "", TOO_LARGE, size=size)
                return {}
            scans = {name: _scan(archive, part) for name, part in _parts(archive).items()}
        wide = [(name, scan) for name, scan in scans.items() if scan.rows * scan.columns > LARGEST_AREA]
        for name, scan in wide:
            faults.add(name, None, "", "", TOO_WIDE, row=scan.rows, column=scan.columns)
        if wide:
            return {}
        with CalamineWorkbook.from_path(path) as book:
            return {name: _values(book, name, scans.get(name, _Scan())) for name in book.sheet_names}
    except (*_UNREADABLE, CalamineError) as problem:
        faults.add(path.name, None, "", "", NOT_A_WORKBOOK, problem=problem)
        return {}


def _values(book: Any, name: str, scan: _Scan) -> Sheet:
    values: Sheet = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    for (row, column), text in scan.errors.items():
        if row <= len(values) and column <= len(values[row - 1]):
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


def _scan(archive: zipfile.ZipFile, part: str) -> _Scan:
    """Look through one sheet; cells without an address follow the one before them."""
    scan = _Scan()
    row, column = 0, 0
    with archive.open(part) as stream:
        for event, element in ElementTree.iterparse(stream, events=("start", "end")):  # noqa: S314
            tag = _tag(element)
            if event == "start":
                if tag == "row":
                    row, column = int(element.get("r", row + 1)), 0
            elif tag == "c":
                row, column = _address(element.get("r", ""), (row, column + 1))
                value = next((child for child in element if _tag(child) in ("v", "is")), None)
                if value is not None:  # a cell that is only coloured holds nothing
                    scan.rows, scan.columns = max(scan.rows, row), max(scan.columns, column)
                    if element.get("t") == "e":
                        scan.errors[row, column] = value.text or "#N/A"
            elif tag == "row":
                element.clear()
    return scan


def _address(reference: str, following: tuple[int, int]) -> tuple[int, int]:
    """Return row and column of a reference such as ``AB12``, from 1; ``following`` where there is none."""
    letters = reference.rstrip("0123456789")
    if not letters:
        return following
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(reference[len(letters) :]), column
