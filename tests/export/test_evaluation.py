"""What is written of evaluations and comparisons: no name becomes a formula or a piece of a page."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

import optimizer as vc
from optimizer.export.safe import FORMULA_STARTS
from tests.export.test_untrusted_names import HOSTILE, MARKUP, is_number, write_case


@pytest.mark.parametrize("name", [HOSTILE[0], HOSTILE[2], *MARKUP[:2]])
def test_names_are_harmless_wherever_an_evaluation_shows_them(name: str, tmp_path: Path) -> None:
    case = write_case(tmp_path / "case", name)
    plan = case.solve()
    evaluation = case.evaluate(plan.allocation.assign(amount=lambda lines: 9 * lines["amount"]), against=plan)
    assert not evaluation.unused.empty
    assert not evaluation.broken.empty
    assert name not in evaluation._repr_html_() or not set(name) & set("<>")
    evaluation.save(tmp_path / "run")
    for path in (tmp_path / "run").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            cells = [cell for row in csv.reader(stream) for cell in row]
        assert [cell for cell in cells if cell.startswith(FORMULA_STARTS) and not is_number(cell)] == []
    book = CalamineWorkbook.from_path(tmp_path / "run" / "evaluation.xlsx")
    assert book.sheet_names[:3] == ["Summary", "Allocation", "Broken limits"]
    assert vc.verify(tmp_path / "run").same


def test_an_evaluation_shows_what_its_case_calls_things(
    tutorial: vc.Case, tutorial_plan: vc.Plan, tmp_path: Path
) -> None:
    frame = tutorial_plan.allocation.assign(amount=lambda lines: 2 * lines["amount"])
    evaluation = tutorial.evaluate(frame, against=tutorial_plan)
    book = CalamineWorkbook.from_path(evaluation.to_excel(tmp_path / "evaluation.xlsx"))
    header, first, *_ = book.get_sheet_by_name("Broken limits").to_python()
    assert {"Kind of limit", "Funder", "Beyond the limit"} <= set(header)
    assert "Science and ICT" in first
    header, first, *_ = book.get_sheet_by_name("Overlap").to_python()
    assert first[header.index("Who should stop")] in tutorial.table("clusters")["name"].to_list()
    whole = {row[0]: row[1] for row in book.get_sheet_by_name("Summary").to_python()}
    assert whole["Public money given"] == "2,763.6 KRW bn"
