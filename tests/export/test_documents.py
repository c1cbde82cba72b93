"""Budget documents: what they say, that their tables add up, and that other programs read and print them."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest
from hwpx import HwpxDocument, validate_editor_open_safety

import optimizer as vc
from optimizer.export.budget_document import TABLES, budget_document
from optimizer.export.document import MARGINS, Document, Grid, Heading, Kind, Paragraph
from optimizer.language import Language, translate
from tests.export.office import converted, needs_office
from tests.export.test_untrusted_names import HOSTILE, MARKUP, write_case
from tests.test_language import ENGLISH, HANGUL


@pytest.fixture(scope="module")
def money(tutorial_plan: vc.Plan) -> vc.Rounded:
    return vc.rounded(tutorial_plan, "억원")


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock, so that a document made twice says the same when the minute turns in between."""
    monkeypatch.setattr("optimizer.export.identity.now", lambda: datetime(2026, 3, 2, 9, 30, tzinfo=UTC))


def texts_of(document: Document) -> list[str]:
    """Return every text of a document, in order."""
    told = [document.title]
    for block in document.blocks:
        match block:
            case Heading(text) | Paragraph(text, _):
                told.append(text)
            case Grid():
                told += [block.caption, block.unit, *block.header, *(cell for row in block.rows for cell in row)]
                told += block.notes
    return [text for text in told if text]


def number(text: str) -> int:
    return 0 if text == "–" else int(text.replace(",", ""))


@pytest.mark.parametrize("language", list(Language))
def test_printed_tables_add_up(language: Language, money: vc.Rounded) -> None:
    """As a reader would check them: from what is printed, in whole units."""
    grids = [block for block in budget_document(money, language).blocks if isinstance(block, Grid)]
    printed = [grid for grid in grids if grid.caption in {translate(text, language) for _, _, text in TABLES}]
    assert len(printed) == len(TABLES)
    wholes = set()
    for grid in printed:
        assert grid.unit == ("억원" if language == Language.KO else "KRW 100 million")
        lines = [[number(cell) for cell in row[1:]] for row in grid.rows]
        assert [sum(line[:-1]) for line in lines] == [line[-1] for line in lines]
        assert [sum(column) for column in zip(*lines[:-1], strict=True)] == lines[-1]
        wholes.add(lines[-1][-1])
    assert wholes == {int(money.cells["steps"].sum())}


def test_a_document_says_what_why_at_what_cost_and_how_sure(money: vc.Rounded, tutorial_plan: vc.Plan) -> None:
    blocks = budget_document(money).blocks
    points = [block.text for block in blocks if isinstance(block, Paragraph) and block.kind is Kind.ITEM]
    assert [point.partition(":")[0] for point in points[:4]] == [
        *("What", "Where", "Why", "What it costs beside the money")
    ]
    assert [point.partition(":")[0] for point in points[5:7]] == ["How sure", "Rounding"]
    left = round(10 * tutorial_plan.case.table("budget")["amount"].sum()) - int(money.cells["steps"].sum())
    assert f"{left:,} KRW 100 million are not spent" in points[4]
    summary = tutorial_plan.summary()
    assert f"{100 * summary['gap']:.2f} %" in points[5]
    assert f"{100 * money.loss / tutorial_plan.objective:.3g} %" in points[6]
    assert "No budget, rule or share is broken" in points[6]


def test_every_table_of_money_has_its_unit_day_scenario_and_source(money: vc.Rounded) -> None:
    for block in budget_document(money).blocks:
        if isinstance(block, Grid) and block.totals and block.unit == "KRW 100 million":
            note, source = block.notes
            assert "Unit: KRW 100 million" in note
            assert re.search(r"of \d{4}-\d\d-\d\d; tutorial, the case as written.*assumed", source)


def test_a_changed_case_says_so(tutorial: vc.Case) -> None:
    change = vc.Change("budget", where="year=2028", column="amount", operation="multiply", value=0.9)
    plan = tutorial.change(change).solve()
    told = texts_of(budget_document(vc.rounded(plan)))
    assert any("with 1 changes: " in text and "budget" in text for text in told)


def test_korean_documents_are_korean_throughout(money: vc.Rounded) -> None:
    told = texts_of(budget_document(money, Language.KO))
    assert [text for text in told if ENGLISH.search(text)] == []
    assert "연습용 가상 수치" in told
    headings = [block.text for block in budget_document(money, Language.KO).blocks if isinstance(block, Heading)]
    assert all(HANGUL.search(heading) for heading in headings)
    assert not any(HANGUL.search(text) for text in texts_of(budget_document(money)))


def test_cells_by_fewer_labels_leave_out_the_tables_they_cannot_make(tutorial_plan: vc.Plan) -> None:
    rounded = vc.rounded(tutorial_plan, "조원", by=("funder", "year"))
    captions = [block.caption for block in budget_document(rounded).blocks if isinstance(block, Grid)]
    assert "Public money by funder and year" in captions
    assert "Public money by cluster and stage" not in captions


def test_a_document_in_too_coarse_a_unit_warns_at_its_head(tutorial_plan: vc.Plan, money: vc.Rounded) -> None:
    """Beside the caution that every document of this case has."""
    coarse = budget_document(vc.rounded(tutorial_plan, "KRW billion"), Language.KO)
    warnings = [block.text for block in coarse.blocks if isinstance(block, Paragraph) and block.kind is Kind.WARNING]
    assert len(warnings) == 2
    assert re.search(r"(?<!1)십억원 단위로 반올림하면 .*9\.72%", warnings[1])
    assert not any("loses" in text and "more than 1 %" in text for text in texts_of(budget_document(money)))


def test_today_stands_beside_the_plan(tutorial: vc.Case, tmp_path: Path) -> None:
    tutorial.save(tmp_path / "case")
    (tmp_path / "case" / "baseline.csv").write_text(
        "funder,cluster,stage,field,year,amount\nmsit,osong,preclinical,drug,2026,12.34\n", encoding="utf-8"
    )
    plan = vc.load_case(tmp_path / "case").solve()
    grids = [block for block in budget_document(vc.rounded(plan)).blocks if isinstance(block, Grid)]
    beside = next(grid for grid in grids if grid.caption == "Public money by funder, against today")
    for row in beside.rows:
        today, planned, change = map(number, row[1:4])
        assert planned - today == change
    assert number(beside.rows[-1][1]) == 12_340


@pytest.mark.parametrize("language", list(Language))
def test_docx_holds_the_document(language: Language, money: vc.Rounded, tmp_path: Path) -> None:
    document = budget_document(money, language)
    book = docx.Document(str(money.to_docx(tmp_path / "plan.docx", language)))
    grids = [block for block in document.blocks if isinstance(block, Grid)]
    assert [[cell.text for cell in row.cells] for row in book.tables[0].rows] == [
        list(row) for row in (grids[0].header, *grids[0].rows)
    ]
    assert len(book.tables) == len(grids)
    told = {paragraph.text for paragraph in book.paragraphs}
    for block in document.blocks:
        if not isinstance(block, Grid):
            assert block.text in told
    assert any("2026-03-02 09:30 UTC" in text for text in told)
    assert book.core_properties.title == document.title


@pytest.mark.parametrize("language", list(Language))
def test_hwpx_is_read_back_by_its_own_and_by_another_library(
    language: Language, money: vc.Rounded, tmp_path: Path
) -> None:
    hwpforge = pytest.importorskip("hwpforge", reason="another reader of HWPX is not installed")
    document = budget_document(money, language)
    path = money.to_hwpx(tmp_path / "plan.hwpx", language)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist()[0] == "mimetype"
        assert archive.read("mimetype") == b"application/hwp+zip"
    safety = validate_editor_open_safety(str(path))
    assert safety.reopen_ok
    assert not safety.blocking_package_errors
    read = hwpforge.Document.open(str(path))
    assert read.validate()["ok"]
    grids = [block for block in document.blocks if isinstance(block, Grid)]
    assert read.inspect()["tables"] == len(grids)
    with HwpxDocument.open(str(path)) as book:
        cells = [[cell.text for cell in row.cells] for row in book.tables.all[0].rows]
    assert cells == [list(row) for row in (grids[0].header, *grids[0].rows)]


@needs_office
def test_docx_prints(money: vc.Rounded, tmp_path: Path) -> None:
    books = [money.to_docx(tmp_path / f"{language}.docx", language) for language in Language]
    total = f"{int(money.cells['steps'].sum()):,}"
    for language, pdf in zip(Language, converted(books, "pdf", tmp_path), strict=True):
        assert pdf.stat().st_size > 10_000
        if shutil.which("pdftotext") is None:
            continue
        told = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
        assert told.count(total) >= len(TABLES)
        assert translate("Summary", language) in told


@pytest.mark.parametrize("name", [*HOSTILE[:1], *MARKUP[:2], "&amp;"])
def test_names_are_texts_in_documents_whatever_they_say(name: str, tmp_path: Path) -> None:
    plan = write_case(tmp_path / "case", name).solve()
    book = docx.Document(str(plan.to_docx(tmp_path / "plan.docx")))
    assert name in [row.cells[0].text for row in book.tables[0].rows]
    with zipfile.ZipFile(tmp_path / "plan.docx") as archive:
        assert "TargetMode" not in archive.read("word/_rels/document.xml.rels").decode()
    with HwpxDocument.open(str(plan.to_hwpx(tmp_path / "plan.hwpx", "en"))) as written:
        assert name in [row.cells[0].text for row in written.tables.all[0].rows]


def test_columns_are_as_wide_as_what_they_hold() -> None:
    grid = Grid("", "", ("Name", "A long heading of words"), (("아주 긴 이름", "1"),))
    name, figure = grid.weights()
    assert name > figure > 7
    short, note, told = Grid("", "", ("A", "B", "C"), (("basis", "a note " * 16, "a sentence " * 28),)).weights()
    assert short == MARGINS + len("basis")
    assert short + note + told == pytest.approx(105)
    assert told / note == pytest.approx(math.sqrt((MARGINS + 308) / (MARGINS + 112)))  # d(a/x + b/y) = 0, x + y fixed


def test_documents_name_the_package_they_lack(
    money: vc.Rounded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for package, write in (("docx", money.to_docx), ("hwpx", money.to_hwpx)):
        monkeypatch.setitem(sys.modules, package, None)
        monkeypatch.delitem(sys.modules, f"optimizer.export.{package}", raising=False)
        with pytest.raises(vc.InputError, match=f"pip install python-{package}"):
            write(tmp_path / f"plan.{package}")
    assert list(tmp_path.iterdir()) == []


def test_csv_begins_with_the_mark_that_excel_wants(tmp_path: Path) -> None:
    plan = write_case(tmp_path / "case", "홍릉").solve()
    folder = plan.to_csv(tmp_path / "tables")
    for path in folder.iterdir():
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert "홍릉" in (folder / "allocation.csv").read_text(encoding="utf-8-sig")
    evaluation = plan.case.evaluate(folder / "allocation.csv", against=plan)  # type: ignore[attr-defined]
    assert evaluation.efficiency == pytest.approx(1)
