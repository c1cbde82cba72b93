"""What studies refuse: to replace inputs, and to call a case without a plan a failure of the engine."""

from __future__ import annotations

from pathlib import Path

import pytest

import optimizer as vc
from optimizer.cli.main import Exit, status_of


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return vc.new_case(tmp_path / "case") or tmp_path / "case"


@pytest.mark.parametrize("command", [["priorities", "--budget", "800"], ["regret", "--workers", "1"], ["frontier"]])
def test_no_table_of_a_case_is_replaced(command: list[str], case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = case / "budget.csv"
    before = table.read_bytes()
    assert status_of([command[0], str(case), *command[1:], "--out", str(table), "--quiet"]) == Exit.BAD_INPUT
    assert "belongs to the case" in capsys.readouterr().err
    assert table.read_bytes() == before


@pytest.mark.parametrize("command", ["export", "frontier"])
def test_no_workbook_replaces_the_case_it_is_made_of(
    command: str, case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workbook = case.parent / "case.xlsx"
    vc.load_case(case).save(workbook)
    before = workbook.read_bytes()
    assert status_of([command, str(workbook), "--out", str(workbook), "--quiet"]) == Exit.BAD_INPUT
    assert "is the case itself" in capsys.readouterr().err
    assert workbook.read_bytes() == before


@pytest.mark.parametrize("command", ["priorities", "replacement", "regret", "stochastic"])
def test_a_case_without_a_plan_ends_with_2(command: str, case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = case / "rules.csv"
    text = rules.read_text(encoding="utf-8")
    impossible = text.replace("spend,at_most,amount,90,", "spend,at_least,amount,90000,")
    assert impossible != text
    rules.write_text(impossible, encoding="utf-8")
    assert status_of([command, str(case), "--quiet"]) == Exit.NO_PLAN
    assert capsys.readouterr().err


def test_a_search_without_time_ends_with_3(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["stochastic", str(case), "--quiet", "--time-limit", "0.001"]) == Exit.LIMIT
    assert "allow more time" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "said"), [("--seed", "-1", "a seed of -1"), ("-n", "10000000", "10000000")]
)
def test_what_cannot_be_drawn_is_refused(
    option: str, value: str, said: str, case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["sample", str(case), option, value]) == Exit.BAD_INPUT
    assert said in capsys.readouterr().err


def test_what_an_earlier_study_wrote_beside_a_case_is_renewed(case: Path) -> None:
    target = case / "frontier.csv"
    target.write_text("an earlier one", encoding="utf-8")
    assert status_of(["frontier", str(case), "--out", str(target), "--quiet"]) == Exit.SOLVED
    assert target.read_text(encoding="utf-8-sig").startswith("measure_worth,")
