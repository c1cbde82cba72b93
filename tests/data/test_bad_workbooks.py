"""Workbooks that are no case, and what Excel makes of one: numbers as texts, dates, errors, blank rows and columns."""

from __future__ import annotations

import contextlib
import datetime
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

import optimizer as vc
from optimizer.data import sheets

Sheet = Sequence[Sequence[Any]]
WriteBook = Callable[..., Path]

SETTINGS = (
    ("key", "value"), ("case.name", "small"), ("case.currency", "KRW bn"), ("case.first_year", 2026),
    ("case.last_year", 2027),
)  # fmt: skip
SOUND: dict[str, Sheet] = {
    "case": SETTINGS,
    "clusters": (("cluster", "private_cap"), ("a", 5), ("b", None)),
    "stages": (("stage", "cost", "success_rate"), ("idea", 1, 0.5), ("market", 2, 0.5)),
    "budget": (("year", "amount"), (2026, 10), (2027, 10)),
}


class Formula(tuple[str, object]):
    """A formula and the result that Excel has stored beside it."""

    __slots__ = ()


def fill(sheet: Any, rows: Sheet) -> None:
    for line, row in enumerate(rows):
        for position, value in enumerate(row):
            if isinstance(value, Formula):
                sheet.write_formula(line, position, value[0], None, value[1])
            elif isinstance(value, str):
                sheet.write_string(line, position, value)
            elif value is not None:
                sheet.write(line, position, value)


@pytest.fixture
def write_book(tmp_path: Path) -> WriteBook:
    """Return a function that writes the sound workbook with some sheets replaced, or left out where ``None``."""

    def write(changes: Mapping[str, Sheet | None], also: Callable[[Any], object] = lambda book: None) -> Path:
        path = tmp_path / "case.xlsx"
        with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
            for name, rows in {**SOUND, **changes}.items():
                if rows is not None:
                    fill(book.add_worksheet(name), rows)
            also(book)
        return path

    return write


def faults_of(path: Path) -> list[tuple[str, int | None, str, str]]:
    with pytest.raises(vc.CaseError) as caught:
        vc.load_case(path)
    return [(fault.file, fault.line, fault.column, fault.value) for fault in caught.value.faults]


def zipped(**members: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in members.items():
                archive.writestr(name, text)

    return write


NO_BOOKS: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("cluster,name\n"),
    "an old workbook": lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    "half a zip": lambda path: path.write_bytes(b"PK\x03\x04" + bytes(40)),
    "a zip of texts": zipped(notes="x"),
    "a zip of a newer kind": lambda path: path.write_bytes(_of_version(path, 255)),
}


def _of_version(path: Path, version: int) -> bytes:
    zipped(notes="x")(path)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 6] = version  # the version needed to extract, in the directory of the zip
    return bytes(content)


@pytest.mark.parametrize("name", NO_BOOKS)
def test_a_file_that_is_no_workbook_is_one_fault(name: str, tmp_path: Path) -> None:
    path = tmp_path / "case.xlsx"
    NO_BOOKS[name](path)
    assert faults_of(path) == [("case.xlsx", None, "", "")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"case": None}, [("case", None, "", "")]),
        ({"case": ()}, [("case", None, "case", "")]),
        ({"budget": ()}, [("budget", None, "", "")]),
        ({"clusters": None, "Clusters": SOUND["clusters"]}, [("clusters", None, "", "")]),
        (dict.fromkeys(SOUND), [(name, None, "", "") for name in SOUND]),
    ],
)
def test_sheets_that_lack_are_named(
    changes: Mapping[str, Sheet | None], expected: list[object], write_book: WriteBook
) -> None:
    path = write_book(changes, lambda book: fill(book.add_worksheet("notes"), [["remember"]]))
    assert faults_of(path) == expected


BUDGETS: dict[str, tuple[Sheet, list[tuple[int | None, str, str]]]] = {
    "grouped text": ((("year", "amount"), (2026, "1,000"), (2027, 10)), [(2, "amount", "1,000")]),
    "a date for a year": ((("year", "amount"), (datetime.date(2026, 1, 1), 9), (2027, 9)), [(2, "year", "2026-01-01")]),
    "a time": ((("year", "amount"), (2026, datetime.time(1, 2)), (2027, 10)), [(2, "amount", "01:02:00")]),
    "true": ((("year", "amount"), (2026, True), (2027, 10)), [(2, "amount", "true")]),
    "half a year": ((("year", "amount"), (2026, 9), (2027, 9), (2027.5, 9)), [(4, "year", "2027.5")]),
    "a fault between blank rows": (
        ((None, None), ("year", "amount"), (None, None), (2026, 10), (" ", None), (2027, "ten")),
        [(6, "amount", "ten")],
    ),
    "a shifted table": (((None, "year", "amount"), (None, 2026, 10), (None, 2027, "x")), [(3, "amount", "x")]),
    "a header in row 3": (((None,), (None,), ("year", "amount", "unit")), [(3, "unit", "unit"), (None, "", "")]),
    "a note beside the table": ((("year", "amount", None), (2026, 10, "sure?"), (2027, 10, None)), [(2, "", "sure?")]),
    "a year twice": ((("year", "amount"), (2026, 1), ("2026", 1), (2027, 1)), [(3, "funder, year", "national, 2026")]),
}  # fmt: skip


@pytest.mark.parametrize("name", BUDGETS)
def test_cells_are_reported_with_the_row_excel_shows(name: str, write_book: WriteBook) -> None:
    rows, expected = BUDGETS[name]
    assert sorted(faults_of(write_book({"budget": rows})), key=str) == sorted(
        (("budget", *fault) for fault in expected), key=str
    )


ERRORS = {"#N/A": "=NA()", "#DIV/0!": "=1/0", "#REF!": "=#REF!", "#VALUE!": '="a"+1', "#NAME?": "=oops()"}


@pytest.mark.parametrize("error", ERRORS)
def test_a_cell_that_shows_an_error_is_not_a_blank_one(error: str, write_book: WriteBook) -> None:
    """Blank means unlimited here: a broken formula must not lift a limit in silence."""
    path = write_book({"clusters": (("cluster", "private_cap"), ("a", Formula((ERRORS[error], error))), ("b", 5))})
    assert faults_of(path) == [("clusters", 2, "private_cap", error)]


def changed_parts(path: Path, pattern: str, replacement: str) -> Path:
    rewrite(path, lambda name, text: re.sub(pattern, replacement, text))
    return path


NO_RESULTS = {
    "openpyxl": lambda path: changed_parts(path, "(</f>)<v>0</v>", r"\1<v></v>"),  # stores no result
    "exceljs": lambda path: changed_parts(path, "(</f>)<v>0</v>", r"\1"),  # not even a place for one
    "xlsxwriter": lambda path: path,  # stores 0
}


@pytest.mark.parametrize("library", NO_RESULTS)
def test_a_formula_that_nothing_has_calculated_is_neither_blank_nor_0(library: str, write_book: WriteBook) -> None:
    """Also in the settings, and in a last row that has nothing else; what is beside the table does not matter."""
    formula = Formula(("=2*3", 0))
    path = write_book(
        {
            "case": [*SETTINGS[:4], ("case.last_year", formula)],
            "clusters": (("cluster", "private_cap"), ("a", formula), ("b", 5)),
            "budget": (("year", "amount"), (2026, 10), (2027, 10), (formula, formula)),
            "notes": ((formula,),),
        }
    )
    with pytest.raises(vc.CaseError, match=r"open .* in Excel or LibreOffice, save it") as caught:
        vc.load_case(NO_RESULTS[library](path))
    assert {(fault.file, fault.cell, fault.value) for fault in caught.value.faults} == {
        (sheet, cell, "=2*3")
        for sheet, cell in [("case", "B5"), ("clusters", "B2"), ("budget", "A4"), ("budget", "B4")]
    }


def test_a_formula_that_was_calculated_may_be_0_or_a_blank_text(write_book: WriteBook) -> None:
    rows = (("cluster", "private_cap"), ("a", Formula(("=1-1", 0))), ("b", Formula(('=""', "nothing"))))
    path = write_book({"clusters": rows})
    case = vc.load_case(changed_parts(path, ' fullCalcOnLoad="1"|(?<=<v>)nothing', ""))
    assert case.table("clusters")["private_cap"].tolist() == [0, float("inf")]


def test_merged_cells_are_told_for_all_but_the_first_are_blank(write_book: WriteBook) -> None:
    """The second cluster would else have no private cap; over a heading, and of blank cells, merging is no harm."""

    def also(book: Any) -> None:
        sheet = book.get_worksheet_by_name("clusters")
        sheet.merge_range("B2:B3", 5)
        sheet.merge_range("B1:C1", "private_cap")
        sheet.merge_range("A7:B8", "")

    with pytest.raises(vc.CaseError, match=r"sheet clusters, cell B2 \(private_cap\): .* B2:B3 .* unmerge") as caught:
        vc.load_case(write_book({}, also))
    assert len(caught.value.faults) == 1


def test_what_is_hidden_counts_and_is_told(write_book: WriteBook) -> None:
    def also(book: Any) -> None:
        sheet = book.get_worksheet_by_name("clusters")
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_row(9, None, None, {"hidden": True})  # nothing stands there
        sheet.set_column("B:Z", None, None, {"hidden": True})
        book.get_worksheet_by_name("stages").hide()

    case = vc.load_case(write_book({}, also))
    assert case.table("clusters")["cluster"].tolist() == ["a", "b"]
    notes = [remark for remark in case.remarks if remark.code == "hidden"]
    assert {remark.severity.value for remark in notes} == {"note"}
    assert [str(remark) for remark in notes] == [
        "sheet clusters: 2 rows and columns are hidden, but were read (3, B); delete what is not meant.",
        "sheet stages is hidden, but was read: delete it if it is not meant.",
    ]


def test_numbers_and_names_may_be_typed_either_way(write_book: WriteBook) -> None:
    """The name 02 is a text and stays one; the name 1 is the same, typed as a number or as a text."""
    case = vc.load_case(
        write_book(
            {
                "case": [*SETTINGS[:3], ("case.first_year", "2026"), ("case.last_year", Formula(("=2026+1", 2027)))],
                "clusters": (("cluster", "grade", "private_cap"), (1, 7, "5"), ("02", "007", Formula(("=2+3", 5)))),
                "sites": (("cluster", "stage", "specialized"), ("1", "idea", True), ("02", "market", "false")),
            }
        )
    )
    clusters = case.table("clusters")
    assert clusters["cluster"].tolist() == ["1", "02"]
    assert clusters["grade"].tolist() == ["7", "007"]
    assert clusters["private_cap"].tolist() == [5, 5]
    assert case.table("sites")["specialized"].tolist() == [True, False]


SETTINGS_FAULTS: dict[str, tuple[Sheet, list[tuple[int | None, str, str]]]] = {
    "no dot": ((("note", "hello"),), [(6, "key", "note")]),
    "unknown key": ((("case.unit", "bn"),), [(6, "case.unit", "bn")]),
    "unknown section": ((("money.unit", "bn"),), [(6, "money", "")]),
    "a key twice": ((("case.name", "other"),), [(6, "case.name", "other")]),  # TOML refuses it too
    "a list that does not close": (
        (("diminishing_returns.tranches", "[[0.5, 1], [0.5, 2]"),),
        [(6, "diminishing_returns.tranches", "[[0.5, 1], [0.5, 2]")],
    ),
    "a list in a list in a list": (
        (("diminishing_returns.tranches", "[" * 20000),), [(6, "diminishing_returns.tranches", "[" * 20000)],
    ),
    "blank values": ((("value.saturation", None), ("overlap.method", "  "), ("value.terminal_weight", "x")),
                     [(8, "value.terminal_weight", "x")]),
}  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS_FAULTS)
def test_settings_of_a_sheet_are_checked_like_those_of_a_file(name: str, write_book: WriteBook) -> None:
    rows, expected = SETTINGS_FAULTS[name]
    found = faults_of(write_book({"case": [*SETTINGS, *rows]}))
    assert [fault[:3] for fault in found] == [("case", *fault[:2]) for fault in expected]
    for fault, (_, _, value) in zip(found, expected, strict=True):
        assert value.startswith(fault[3][:100])


def test_tranches_are_written_as_a_list(write_book: WriteBook) -> None:
    path = write_book({"case": [*SETTINGS, ("diminishing_returns.tranches", "[[0.5, 1], [0.5, 1.5]]")]})
    assert vc.load_case(path).settings.diminishing_returns.tranches == ((0.5, 1), (0.5, 1.5))


def test_other_sheets_charts_and_comments_are_left_alone(write_book: WriteBook) -> None:
    def also(book: Any) -> None:
        fill(book.add_worksheet("메모"), [["remember"]])
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=budget!$B$2:$B$3"})
        book.add_chartsheet("picture").set_chart(chart)
        book.get_worksheet_by_name("budget").write_comment("B2", "sure?")

    case = vc.load_case(write_book({}, also))
    assert case.table("budget")["amount"].tolist() == [10, 10]
    remarks = " ".join(str(remark) for remark in case.remarks)
    assert "메모" in remarks
    assert "picture" in remarks


@pytest.mark.parametrize("sheet", ["budget", "notes"])
def test_a_cell_in_the_last_corner_does_not_fill_the_memory(sheet: str, write_book: WriteBook) -> None:
    """A few kilobytes by mail would else be laid out as 17 thousand million cells, and end the program."""

    def also(book: Any) -> None:
        fill(book.add_worksheet("notes"), [["remember"]])
        book.get_worksheet_by_name(sheet).write(1_048_575, 16_383, "far away")

    code = (
        "import resource, sys, optimizer as vc\n"
        "resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))\n"
        "try:\n    vc.load_case(sys.argv[1])\nexcept vc.CaseError as error:\n    print(error)\n"
    )
    command = [sys.executable, "-c", code, str(write_book({}, also))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    assert sheet in done.stdout


def rewrite(path: Path, change: Callable[[str, str], str]) -> None:
    """Write a workbook's parts anew, each changed by its name and text."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, change(name, text))


DIALECTS: dict[str, Callable[[str, str], str]] = {
    # "Strict Open XML" in Excel's list of formats: the same words under other addresses
    "strict": lambda name, text: text.replace(
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"
    ).replace(
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "http://purl.oclc.org/ooxml/officeDocument/relationships",
    ),
    # the address of a cell may be left out: then it is the one right of the cell before
    "without addresses": lambda name, text: (
        re.sub(r'<c r="[A-Z]+\d+"', "<c", text) if "worksheets/sheet" in name else text
    ),
    "from the root": lambda name, text: text.replace('Target="worksheets/', 'Target="/xl/worksheets/'),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_errors_are_seen_whichever_program_wrote_the_workbook(dialect: str, write_book: WriteBook) -> None:
    rows = (("cluster", "private_cap"), ("a", Formula(("=NA()", "#N/A"))), ("b", 5))
    path = write_book({"clusters": rows})
    rewrite(path, DIALECTS[dialect])
    with pytest.raises(vc.CaseError) as caught:
        vc.load_case(path)
    faults = [(fault.file, fault.line, fault.column, fault.value) for fault in caught.value.faults]
    # to refuse the file as a whole is honest too; to take the error for a blank cell is not
    assert faults in ([("clusters", 2, "private_cap", "#N/A")], [("case.xlsx", None, "", "")])


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_workbook_is_a_fault_or_the_same_case(seed: int, write_book: WriteBook) -> None:
    path = write_book({})
    content, chance = bytearray(path.read_bytes()), random.Random(seed)  # noqa: S311
    for _ in range(20):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path.write_bytes(bytes(content))
    with contextlib.suppress(vc.CaseError):
        assert vc.load_case(path).table("budget")["amount"].tolist() == [10, 10]


def test_rows_that_are_only_coloured_are_no_cells(write_book: WriteBook) -> None:
    def also(book: Any) -> None:
        colour = book.add_format({"bg_color": "yellow"})
        for column in range(30):
            book.get_worksheet_by_name("budget").write_blank(1_048_575, column, None, colour)

    assert vc.load_case(write_book({}, also)).table("budget")["amount"].tolist() == [10, 10]


def in_little_memory(path: Path, content: int = sheets.LARGEST_CONTENT, rows: int = sheets.MOST_ROWS) -> str:
    """Load a case in a process of 2 GB and return what is said; more memory would end it."""
    code = (
        "import resource, sys, optimizer as vc\n"
        "from optimizer.data import sheets\n"
        f"sheets.LARGEST_CONTENT, sheets.MOST_ROWS = {content}, {rows}\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "try:\n    vc.load_case(sys.argv[1])\nexcept vc.CaseError as error:\n    print(error)\n"
    )
    command = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    return done.stdout


def bomb(path: Path, part: str, pieces: Callable[[str], list[str]], repeats: int) -> Path:
    """Put a piece into a part of a workbook many times; the file stays small, for it is all the same."""
    target = path.with_name("bomb.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            text = source.read(name).decode()
            if name != part:
                archive.writestr(name, text)
                continue
            before, piece, after = pieces(text)
            with archive.open(name, "w", force_zip64=True) as stream:
                stream.write(before.encode())
                for _ in range(repeats // 1000):
                    stream.write(piece.encode() * 1000)
                stream.write(after.encode())
    assert target.stat().st_size < 5_000_000
    return target


BUDGET = "xl/worksheets/sheet4.xml"


def after_the_last_row(piece: str) -> Callable[[str], list[str]]:
    def pieces(text: str) -> list[str]:
        before, mark, after = text.partition("</sheetData>")
        return [before, piece, mark + after]

    return pieces


@pytest.mark.parametrize(
    ("piece", "repeats", "said"),
    [
        ("<row><c><v>1</v></c></row>", 120_000, "delete what lies far outside"),
        ("<row/>", 9_000_000, "more than a case can need"),
        ('<row><c t="s"><v>0</v></c></row>', 4_000_000, "repeats its texts"),
    ],
)
def test_a_sheet_that_is_made_to_fill_the_memory_is_refused(
    piece: str, repeats: int, said: str, write_book: WriteBook
) -> None:
    path = write_book({"notes": [["x" * 30_000]]})
    with zipfile.ZipFile(path) as archive:
        first = archive.read("xl/sharedStrings.xml").decode().partition("</si>")[0]
    if "repeats" in said:  # let the long text be the first of the shared ones, which every cell shows
        rewrite(path, lambda name, text: text.replace(first, f"{first[: first.index('<t')]}<t>{'x' * 30_000}</t>", 1)
                if name == "xl/sharedStrings.xml" else text)  # fmt: skip
    # a tenth of the real limits, for a tenth of the time
    limits = (sheets.LARGEST_CONTENT // 10, sheets.MOST_ROWS // 10) if "repeats" not in said else ()
    assert said in in_little_memory(bomb(path, BUDGET, after_the_last_row(piece), repeats), *limits)


def test_a_part_that_lies_about_its_size_is_counted(write_book: WriteBook) -> None:
    path = bomb(write_book({}), BUDGET, after_the_last_row("<row/>"), 10_000_000)
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):  # the directory's entries, and the parts' own heads
        at = content.find(mark)
        while at >= 0:
            if int.from_bytes(content[at + place : at + place + 4], "little") > 10_000_000:
                content[at + place : at + place + 4] = (1000).to_bytes(4, "little")
            at = content.find(mark, at + 1)
    path.write_bytes(content)
    with zipfile.ZipFile(path) as archive:
        assert sum(member.file_size for member in archive.infolist()) < 1_000_000
    assert "more than a case can need" in in_little_memory(path, 50_000_000)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_text_that_multiplies_itself_is_refused(encoding: str, write_book: WriteBook) -> None:
    path = write_book({})
    lines = ['<!ENTITY a0 "lol">', *(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))]
    declared = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE sst [{"".join(lines)}]><sst><si><t>&a9;</t></si></sst>'
    )
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(path.with_name("lol.xlsx"), "w") as archive:
        for name in source.namelist():
            archive.writestr(name, declared.encode(encoding) if "shared" in name else source.read(name))
    assert "declares a document type" in in_little_memory(path.with_name("lol.xlsx"))
