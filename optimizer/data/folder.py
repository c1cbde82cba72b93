"""Cases as folders of ``case.toml`` and CSV tables."""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from optimizer.data.faults import FaultList
from optimizer.data.raw import SETTINGS, RawCase, RawTable
from optimizer.data.rows import TABLES
from optimizer.data.whole import write_new_folder
from optimizer.language import Message, say, sentence

SETTINGS_FILE = f"{SETTINGS}.toml"
LARGEST_FILE = 200_000_000
MOST_CELLS = 5_000_000
"""Cells of a table: 500,000 lines of ten columns; the largest table a case needs has some ten thousand lines."""
EMPTY = sentence("the file is empty: it needs a header line")
NOT_UTF8 = sentence("not UTF-8 text (byte {byte} of the file); save it as 'CSV UTF-8'")
MAYBE_CP949 = sentence("not UTF-8 text but probably CP949, the 'CSV' of a Korean Excel; save it as 'CSV UTF-8'")
MAYBE_UTF16 = sentence("not UTF-8 but UTF-16 text, the 'Unicode text' of Excel; save it as 'CSV UTF-8'")
NOT_A_FILE = sentence("is a folder where a file is expected")
MISSING = sentence("the case has no such file")
TOO_LARGE = sentence("larger than 200 MB: is it the right file?")
NOT_TOML = sentence("not valid TOML: {problem}")
RAGGED = sentence("the line has {cells} cells but the header has {columns}")
SEPARATOR = sentence("the columns are not separated by commas; save it as 'CSV UTF-8' with commas")
QUOTES = sentence("quotation marks are not closed in this line, or something follows a closing one")
LONG_CELL = sentence("a cell is too long: more than ten million characters")
TOO_MANY = sentence("more than {cells} cells up to this line: is it the right file?")
NUL = sentence("holds a NUL character: is it a text file?")

csv.field_size_limit(10_000_000)


def read_folder(folder: Path, faults: FaultList) -> RawCase:
    """Read every table of a case folder as text, collecting what cannot be read."""
    digests: dict[str, str] = {}
    settings, lines = _read_settings(folder / SETTINGS_FILE, faults, digests)
    tables, unread = {}, set()
    for name, kind in TABLES.items():
        path = folder / f"{name}.csv"
        if path.exists():
            table = read_table_file(name, path, faults, digests)
            if table is None:
                unread.add(name)
            else:
                tables[name] = table
        elif kind.required:
            faults.add(path.name, None, "", "", MISSING)
    return RawCase(
        str(folder), SETTINGS_FILE, settings, lines, tables, digests, frozenset(unread), tuple(_unread(folder))
    )


def _read_text(path: Path, faults: FaultList, digests: dict[str, str]) -> str | None:
    if not path.is_file():
        faults.add(path.name, None, "", "", NOT_A_FILE if path.is_dir() else MISSING)
        return None
    if path.stat().st_size > LARGEST_FILE:
        faults.add(path.name, None, "", "", TOO_LARGE)
        return None
    content = path.read_bytes()
    digests[path.name] = hashlib.sha256(content).hexdigest()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        faults.add(path.name, None, "", "", MAYBE_UTF16)
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        if _reads_as_korean(content):
            faults.add(path.name, line, "", "", MAYBE_CP949)
        else:
            faults.add(path.name, line, "", "", NOT_UTF8, byte=problem.start)
        return None
    if "\0" in text:
        faults.add(path.name, text.count("\n", 0, text.index("\0")) + 1, "", "", NUL)
        return None
    return text


def _reads_as_korean(content: bytes) -> bool:
    try:
        return re.search("[가-힣]{2}", content.decode("cp949")) is not None
    except UnicodeDecodeError:
        return False


def _read_settings(path: Path, faults: FaultList, digests: dict[str, str]) -> tuple[dict[str, Any], dict[str, int]]:
    text = _read_text(path, faults, digests)
    if text is None:
        return {}, {}
    try:
        return tomllib.loads(text), dict(_lines_of_keys(text))
    except (ValueError, RecursionError) as problem:  # the parser's own error is a ValueError, but so are others
        line = re.search(r"line (\d+)", str(problem))
        faults.add(path.name, int(line[1]) if line else None, "", "", NOT_TOML, problem=problem)
        return {}, {}


def _lines_of_keys(text: str) -> Iterator[tuple[str, int]]:
    """Yield each dotted key of a TOML text with its line; ``tomllib`` does not keep lines."""
    section = ""
    for line, written in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\s*([\w.-]+)\s*\]", written):
            section = header[1]
            yield section, line
        elif key := re.match(r"\s*([\w.-]+)\s*=", written):
            yield f"{section}.{key[1]}" if section else key[1], line


def read_table_file(name: str, path: Path, faults: FaultList, digests: dict[str, str]) -> RawTable | None:
    """Read one CSV file as text; nothing, and a fault, where it cannot be read. Its digest goes into ``digests``."""
    text = _read_text(path, faults, digests)
    if text is None:
        return None
    rows: list[tuple[int, tuple[str, ...]]] = []
    complete = True
    try:
        count = 0
        for line, cells in _records(text):
            count += len(cells)
            if count > MOST_CELLS:
                faults.add(path.name, line, "", "", TOO_MANY, cells=MOST_CELLS)
                return None
            if any(cells):
                rows.append((line, cells))
    except _BadRecordError as problem:
        faults.add(path.name, problem.line, "", "", problem.reason)
        complete = False
    if not rows:
        if complete:
            faults.add(path.name, None, "", "", EMPTY)
        return None
    (header_line, header), *body = rows
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        faults.add(path.name, header_line, "", header[0], SEPARATOR)
        return None
    for line, cells in body:
        if len(cells) != len(header):
            faults.add(path.name, line, "", ",".join(cells), RAGGED, cells=len(cells), columns=len(header))
    kept = [(line, cells) for line, cells in body if len(cells) == len(header)]
    # a spreadsheet may write columns that hold nothing
    used = [place for place, title in enumerate(header) if title or any(cells[place] for _, cells in kept)]
    return RawTable(
        name,
        path.name,
        tuple(header[place] for place in used),
        tuple(line for line, _ in kept),
        tuple(tuple(cells[place] for place in used) for _, cells in kept),
        header_line,
        complete and len(kept) == len(body),
    )


class _BadRecordError(ValueError):
    """A record cannot be told from the next: where it begins, and why."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = line
        self.reason = reason
        super().__init__(reason)


def _records(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the cells of each record, trimmed, with the line it begins in (a quoted cell may span several)."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise _BadRecordError(begins, LONG_CELL if "limit" in str(problem) else QUOTES) from problem
        yield begins, tuple(_one_line_end(cell).strip() for cell in cells)
        begins = reader.line_num + 1


def _one_line_end(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n") if "\r" in cell else cell


def _unread(folder: Path) -> Iterator[Message]:
    for path in sorted(folder.glob("*.[cC][sS][vV]")):
        if path.stem in TABLES and path.suffix == ".csv":
            continue
        near = difflib.get_close_matches(path.stem.lower(), TABLES, n=1)
        if near:
            yield say(
                "{file} is not a table of a case and was not read; did you mean {meant}?",
                file=path.name,
                meant=f"{near[0]}.csv",
            )
        else:
            yield say("{file} is not a table of a case and was not read.", file=path.name)


def write_folder(raw: RawCase, folder: Path) -> None:
    """Write a case as a folder; it appears whole or not at all.

    Raises
    ------
    InputError
        If the folder exists and is not empty; nothing is overwritten.
    """
    files = {SETTINGS_FILE: settings_text(raw.settings)}
    for name, table in raw.tables.items():
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(table.header)
        writer.writerows(table.cells)
        files[f"{name}.csv"] = stream.getvalue()
    write_new_folder(folder, files)


def settings_text(settings: dict[str, Any] | Any) -> str:
    """Return settings as TOML: one section after the other, keys as they came."""
    sections = []
    for section, keys in settings.items():
        lines = [f"{key} = {_toml_value(value)}" for key, value in keys.items()]
        sections.append("\n".join([f"[{section}]", *lines]) + "\n")
    return "\n".join(sections)


def _toml_value(value: object) -> str:
    # JSON's spelling of texts, numbers, true/false and lists is also TOML's, but for one character
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
