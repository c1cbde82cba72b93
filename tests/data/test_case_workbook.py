"""A case as a workbook for planners: lists to choose from, notes on columns, faults by sheet and cell."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

import optimizer as vc
from optimizer.data.rows import TABLES
from optimizer.data.workbook import column_letters
from optimizer.language import Language, translate
from tests.export.office import converted, needs_office


@pytest.fixture(scope="module")
def book(tutorial: vc.Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tutorial.save(tmp_path_factory.mktemp("book") / "case.xlsx")


def parts(path: Path, pattern: str) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if re.fullmatch(pattern, name)}


def sheet(path: Path, name: str) -> str:
    number = CalamineWorkbook.from_path(path).sheet_names.index(name) + 1
    return parts(path, f"xl/worksheets/sheet{number}.xml")[f"xl/worksheets/sheet{number}.xml"]


def lists_of(path: Path, name: str) -> dict[str, str]:
    """Return what each column of a sheet is chosen from, by its letter."""
    found = re.findall(
        r'<dataValidation type="list"[^>]*sqref="([A-Z]+)2[^"]*"[^>]*><formula1>([^<]*)', sheet(path, name)
    )
    return dict(found)


def test_references_and_closed_words_are_chosen_from_lists(book: Path, tutorial: vc.Case) -> None:
    header = tutorial.raw.tables["sites"].header
    lists = lists_of(book, "sites")
    for column, table in (("cluster", "clusters"), ("stage", "stages"), ("field", "fields")):
        assert lists[column_letters(header.index(column))] == f"list_of_{table}"
    rules = tutorial.raw.tables["rules"].header
    words = lists_of(book, "rules")
    assert words[column_letters(rules.index("sense"))] == '"at_least,at_most"'
    assert words[column_letters(rules.index("enabled"))] == '"true,false"'
    assert '"fixed,sequential,exact"' in sheet(book, "case")
    names = parts(book, "xl/workbook.xml")["xl/workbook.xml"]
    assert re.search(r'name="list_of_clusters">clusters!\$A\$2:\$A\$\d+<', names)
    assert re.search(r'name="list_of_budget">funders!\$A\$2:\$A\$\d+<', names)  # funders stand there once each
    assert 'errorStyle="warning"' in sheet(book, "sites")  # a new name may be written first


def test_every_column_has_a_note_in_both_languages(book: Path, tutorial: vc.Case) -> None:
    notes = " ".join(parts(book, r"xl/comments\d+\.xml").values())
    for name, table in tutorial.raw.tables.items():
        for column in table.header:
            if column in TABLES[name].row.model_fields:
                text = str(TABLES[name].row.model_fields[column].description)
                for language in Language:
                    assert translate(text, language).split("'")[0] in notes, (name, column)
    assert "Unit: money" in notes
    assert "Names from sheet clusters." in notes
    assert all('state="frozen"' in text for text in parts(book, r"xl/worksheets/sheet\d+\.xml").values())


def edited(book: Path, target: Path, changes: dict[tuple[str, str], object]) -> Path:
    """Copy the values of a workbook with some cells replaced, as somebody would edit them."""
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False}) as copy:
        for name in CalamineWorkbook.from_path(book).sheet_names:
            written = copy.add_worksheet(name)
            rows = CalamineWorkbook.from_path(book).get_sheet_by_name(name).to_python(skip_empty_area=False)
            for line, row in enumerate(rows):
                for position, before in enumerate(row):
                    value = changes.get((name, f"{column_letters(position)}{line + 1}"), before)
                    if value != "":
                        written.write(line, position, value)
    return target


def test_faults_are_reported_by_sheet_and_cell(book: Path, tutorial: vc.Case, tmp_path: Path) -> None:
    letter = {name: {c: column_letters(p) for p, c in enumerate(t.header)} for name, t in tutorial.raw.tables.items()}
    cells = {
        ("budget", f"{letter['budget']['amount']}7"): "1,000",
        ("sites", f"{letter['sites']['cluster']}3"): "nowhere",
        ("rules", f"{letter['rules']['sense']}2"): "about",
        ("case", "B2"): "",
        ("case", "B5"): "soon",
    }
    with pytest.raises(vc.CaseError) as caught:
        vc.load_case(edited(book, tmp_path / "edited.xlsx", cells))
    found = {(fault.file, fault.cell) for fault in caught.value.faults}
    assert found >= {address for address in cells if address != ("case", "B2")}
    assert f"sheet budget, cell {letter['budget']['amount']}7 (amount): not a number" in str(caught.value)
    assert f"budget 시트 {letter['budget']['amount']}7 셀" in caught.value.text("ko")
    assert caught.value.faults[-1].as_dict()["cell"]


def test_cells_are_those_that_excel_shows_in_a_shifted_table(tmp_path: Path) -> None:
    path = tmp_path / "case.xlsx"
    with xlsxwriter.Workbook(path) as file:
        rows = {
            "case": [("key", "value"), ("case.name", "x"), ("case.currency", "won"), ("case.first_year", 2026),
                     ("case.last_year", 2026), ("note", "dotless")],
            "clusters": [("cluster",), ("a",)],
            "stages": [("stage", "cost", "success_rate"), ("s", 1, 1)],
            "budget": [(), ("", "", "year", "", "amount"), ("", "", 2026, "", "x"), ("", "", 2027, "stray", 1)],
        }  # fmt: skip
        for name, lines in rows.items():
            written = file.add_worksheet(name)
            for line, cells in enumerate(lines):
                written.write_row(line, 0, cells)
    with pytest.raises(vc.CaseError) as caught:
        vc.load_case(path)
    assert {(fault.file, fault.cell) for fault in caught.value.faults} == {
        ("budget", "E3"),
        ("budget", "D4"),
        ("case", "A6"),
    }


def test_faults_of_a_folder_have_no_cell() -> None:
    with pytest.raises(vc.CaseError) as caught:
        vc.load_case("tests/reference/invalid-numbers")
    assert {fault.cell for fault in caught.value.faults} == {""}
    assert "clusters.csv:2 private_cap" in str(caught.value)


def test_an_allocation_workbook_says_the_cell_too(tutorial: vc.Case, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "table.xlsx") as file:
        written = file.add_worksheet("allocation")
        written.write_row(0, 0, ("cluster", "stage", "year", "amount"))
        written.write_row(1, 0, ("osong", "nowhere", 2026, 1))
    with pytest.raises(vc.CaseError, match=r"sheet allocation, cell B2 \(stage\)"):
        tutorial.evaluate(tmp_path / "table.xlsx")


def test_formulas_beside_an_allocation_need_not_be_calculated(tutorial: vc.Case, tmp_path: Path) -> None:
    """Of our own table the change is a formula: whoever edits it with a library leaves it uncalculated."""
    with xlsxwriter.Workbook(tmp_path / "table.xlsx") as file:
        written = file.add_worksheet("allocation")
        written.write_row(0, 0, ("funder", "cluster", "stage", "year", "amount", "change"))
        written.write_row(1, 0, ("msit", "osong", "preclinical", 2026, 1))
        written.write_formula("F2", "=E2-1")
        written.write_row(2, 0, ("msit", "osong", "preclinical", 2027))
        written.write_formula("E3", "=E2*2")
    with pytest.raises(vc.CaseError) as caught:
        tutorial.evaluate(tmp_path / "table.xlsx")
    assert [fault.cell for fault in caught.value.faults] == ["E3"]


@pytest.mark.parametrize(("position", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_are_counted_in_letters(position: int, letters: str) -> None:
    assert column_letters(position) == letters


@needs_office
def test_libreoffice_saves_the_same_case(book: Path, tutorial: vc.Case, tmp_path: Path) -> None:
    """Opened and saved by another program, without an edit: the same case."""
    again = vc.load_case(converted([book], "xlsx", tmp_path)[0])
    assert again.settings == tutorial.settings
    for name, frame in tutorial.frames.items():
        assert again.frames[name].equals(frame), name
