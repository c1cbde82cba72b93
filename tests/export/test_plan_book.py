"""The workbook of a plan: its formulas recalculate to the plan's figures, and it is laid out to be read and printed."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

import optimizer as vc
from optimizer.export.book_pivots import PLAIN
from optimizer.export.book_solver import CONSTRAINTS, ENDLESS, VARIABLE_CELLS
from optimizer.export.book_style import format_with_unit
from optimizer.export.plan_book import HEADINGS, PIVOTS
from optimizer.language import Language, translate
from tests.export.office import converted, needs_office, without_results
from tests.export.test_untrusted_names import HOSTILE, write_case
from tests.strategies import draft

Cells = dict[str, list[list[Any]]]
CELL = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*><f>([^<]*)</f>')
LONGEST_SHEET_NAME = 31


def cells_of(path: Path) -> Cells:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def formulas_of(path: Path) -> dict[str, dict[tuple[int, int], str]]:
    """Return the formulas of a workbook by sheet, row and column from 0."""
    found: dict[str, dict[tuple[int, int], str]] = {}
    with zipfile.ZipFile(path) as archive:
        for number, name in enumerate(CalamineWorkbook.from_path(path).sheet_names, start=1):
            content = archive.read(f"xl/worksheets/sheet{number}.xml")
            found[name] = {}
            for letters, row, formula in CELL.findall(content):
                column = 0
                for letter in letters:
                    column = 26 * column + letter - ord("A") + 1
                found[name][int(row) - 1, column - 1] = formula.decode()
    return found


def grid(rows: list[list[Any]], labels: list[str]) -> np.ndarray:
    """Return the figures of a pivot sheet whose rows bear these labels, the first time that they come."""
    names = [row[1] for row in rows]
    start = names.index(labels[0])
    assert names[start : start + len(labels)] == labels
    width = max(position for position, cell in enumerate(rows[start]) if cell != "") + 1
    return np.array([row[2:width] for row in rows[start : start + len(labels)]], dtype=float)


@pytest.fixture(scope="module", params=list(Language))
def book(
    request: pytest.FixtureRequest, tutorial_plan: vc.Plan, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Language, Path]:
    path = tmp_path_factory.mktemp("book") / "plan.xlsx"
    return request.param, tutorial_plan.to_excel(path, request.param)


def expected(plan: vc.Plan, name: str) -> np.ndarray:
    kind = PIVOTS[name]
    return plan.pivot([kind.down], [kind.across]).to_numpy(float)


def check(cells: Cells, plan: vc.Plan, language: Language) -> None:
    """Compare every formula's figure with the plan's own, cell by cell."""
    for name, kind in PIVOTS.items():
        table = plan.pivot([kind.down], [kind.across])
        rows = cells[translate(HEADINGS[name], language)]
        column = "name_ko" if language == Language.KO else "name"
        display = plan.case.table(f"{kind.down}s").set_index(kind.down)[column]
        labels = [display[key] or key for key in table.index.drop("total")] + [translate("total", language)]
        np.testing.assert_allclose(grid(rows, labels), table.to_numpy(float), rtol=1e-9, atol=1e-9)
        shares = grid(rows[[row[1] for row in rows].index(labels[-1]) + 1 :], labels)
        np.testing.assert_allclose(shares, table.to_numpy(float) / table.to_numpy()[-1, -1], rtol=1e-9, atol=1e-12)
    summary = {row[0]: row[1] for row in cells[translate("Summary", language)]}
    told = plan.summary()
    for figure, words in {
        "spend": "Public money spent",
        "objective": "Objective (worth less penalties)",
        "worth": "Worth of launches and pipeline",
        "gap": "At most below the best possible",
    }.items():
        assert summary[translate(words, language)] == pytest.approx(told[figure], rel=1e-9), figure


def test_results_stand_beside_formulas(book: tuple[Language, Path], tutorial_plan: vc.Plan) -> None:
    """So that a viewer that computes nothing shows the plan's figures too."""
    language, path = book
    check(cells_of(path), tutorial_plan, language)


@needs_office
def test_a_recalculation_confirms_every_formula(
    book: tuple[Language, Path], tutorial_plan: vc.Plan, tmp_path: Path
) -> None:
    """All stored results are taken out first: what LibreOffice saves is what it computed."""
    language, path = book
    empty = without_results(path, tmp_path / "empty.xlsx")
    [again] = converted([empty], "xlsx", tmp_path)
    cells, before = cells_of(again), cells_of(path)
    check(cells, tutorial_plan, language)
    count = 0
    for sheet, formulas in formulas_of(path).items():
        for row, column in formulas:
            assert cells[sheet][row][column] == pytest.approx(before[sheet][row][column], rel=1e-9, abs=1e-9)
            count += 1
    assert count > 150


@needs_office
def test_sums_hold_where_a_key_reads_like_a_criterion(tmp_path: Path) -> None:
    plans, books = [], []
    for number, name in enumerate([*HOSTILE[:2], ">5", "a*", "may-1", "007", "TRUE"]):
        plan = write_case(tmp_path / f"case{number}", name).solve()
        plans.append(plan)
        path = plan.to_excel(tmp_path / f"plan{number}.xlsx")
        books.append(without_results(path, tmp_path / f"empty{number}.xlsx"))
    for plan, again in zip(plans, converted(books, "xlsx", tmp_path), strict=True):
        total = next(row for row in cells_of(again)["Cluster by stage"] if row[1] == "total")
        true = plan.pivot(["cluster"], ["stage"]).to_numpy(float)
        np.testing.assert_allclose(np.array(total[2:], dtype=float), true[-1])


def test_every_formula_is_ours(book: tuple[Language, Path]) -> None:
    """Formulas are made of functions, places and signs; the only text in them is the name of a sheet of ours."""
    language, path = book
    names = {translate(heading, language) for heading in HEADINGS.values()}
    for formulas in formulas_of(path).values():
        for formula in formulas.values():
            plain = re.sub("'([^']*)'!", lambda found: "" if found[1] in names else "?", formula)
            functions = "SUMIFS|SUMPRODUCT|EXACT|SUM|ROUND|IF|MAX|ABS"
            assert re.fullmatch(rf"({functions}|\$?[A-Z]{{1,2}}\$?\d+|1E-12|[\d(),:+*/=<>-])+", plain), formula


def test_an_edited_workbook_can_be_valued(
    book: tuple[Language, Path], tutorial: vc.Case, tutorial_plan: vc.Plan
) -> None:
    evaluation = tutorial.evaluate(book[1], against=tutorial_plan)
    assert evaluation.efficiency == pytest.approx(1)


def test_the_sheets_are_laid_out_to_be_read_and_printed(book: tuple[Language, Path]) -> None:
    language, path = book
    names = CalamineWorkbook.from_path(path).sheet_names
    assert names == [translate(heading, language) for heading in HEADINGS.values()]
    assert all(len(name) <= LONGEST_SHEET_NAME for name in names)
    with zipfile.ZipFile(path) as archive:
        parts = archive.namelist()
        pages = [archive.read(f"xl/worksheets/sheet{number}.xml") for number in range(1, len(names) + 1)]
        workbook = archive.read("xl/workbook.xml").decode()
    assert all(b"fitToPage" in page and b'paperSize="9"' in page for page in pages)
    assert all(b'state="frozen"' in page for page in pages[1:])
    assert workbook.count("_xlnm.Print_Area") == len(names)
    assert workbook.count("_xlnm.Print_Titles") == len(names) - 1
    assert len([part for part in parts if re.fullmatch(r"xl/charts/chart\d+\.xml", part)]) == len(PIVOTS) + 1
    assert "xl/tables/table1.xml" in parts


def test_the_cover_says_where_the_figures_come_from(book: tuple[Language, Path], tutorial_plan: vc.Plan) -> None:
    language, path = book
    rows = {row[0]: row[1] for row in cells_of(path)[translate("Cover", language)] if row[1:2] not in ([], [""])}
    assert re.fullmatch("[0-9a-f]{64}", rows[translate("Inputs (SHA-256)", language)])
    assert rows[translate("Made", language)].endswith("UTC")
    assert tutorial_plan.certificate.text(language) in rows[translate("Certificate", language)]
    assert rows[translate("Version", language)].startswith("optimizer ")


def test_sensitivity_has_solvers_columns_and_its_word_for_no_end(
    book: tuple[Language, Path], tutorial_plan: vc.Plan
) -> None:
    language, path = book
    cells = cells_of(path)
    for sheet, columns, frame in (
        ("variables", VARIABLE_CELLS, tutorial_plan.sensitivity.variables),
        ("constraints", CONSTRAINTS, tutorial_plan.sensitivity.constraints),
    ):
        rows = cells[translate(HEADINGS[sheet], language)]
        assert rows[3] == [translate("Name", language), *(translate(words, language) for words in columns.values())]
        assert len(rows) == 4 + len(frame)
        table = np.array([[np.nan if cell == "" else cell for cell in row[1:]] for row in rows[4:]], dtype=float)
        true = frame[list(columns)].to_numpy(float)
        np.testing.assert_allclose(table, np.clip(true, -ENDLESS, ENDLESS), rtol=1e-12)
        assert (table == ENDLESS).any()
    if language == Language.EN:
        assert list(columns.values())[:3] == ["Final Value", "Shadow Price", "Constraint R.H. Side"]


def test_a_plan_without_money_has_a_workbook(tmp_path: Path) -> None:
    plan = draft(budget="year,amount\n2026,0").solve()
    rows = cells_of(plan.to_excel(tmp_path / "plan.xlsx"))["Funder by year"]
    assert next(row for row in rows if row[1] == "total")[-1] == 0


@pytest.mark.parametrize("key", ["osong", "phase1", "홍릉", "cell-gene", "x_1"])
def test_usual_keys_are_summed_by_sumifs(key: str) -> None:
    assert PLAIN.fullmatch(key)


@pytest.mark.parametrize("key", ["1", "007", "true", "May-1", "jan1", "=a", ">5", "a*", "a?", "a~b", "", "a b", "1e5"])
def test_keys_that_mean_something_in_a_criterion_are_not(key: str) -> None:
    assert not PLAIN.fullmatch(key)


def test_number_formats_bear_the_unit() -> None:
    assert format_with_unit("KRW bn") == '#,##0.00" KRW bn"'
    assert format_with_unit('a"b') == '#,##0.00" a\'b"'
    assert format_with_unit("x" * 100) == "#,##0.00"
