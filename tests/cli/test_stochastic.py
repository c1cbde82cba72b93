"""The command ``stochastic``: what it prints, writes and ends with."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from optimizer.analysis.extensive import Effort
from optimizer.cli.main import Exit, status_of

ROOT = Path(__file__).parent.parent.parent
TUTORIAL, WITHOUT_FUTURES = str(ROOT / "inputs" / "tutorial"), str(ROOT / "tests" / "reference" / "two-stage-lag")
FUTURES = """scenario,probability,table,where,column,operation,value
good,0.75,stages,stage=clinical,success_rate,multiply,1.1
bad,0.25,stages,stage=clinical,success_rate,multiply,0.7
bad,0.25,budget,year=2029,amount,multiply,0.8
"""


@pytest.fixture
def asked(tmp_path: Path) -> list[str]:
    path = tmp_path / "futures.csv"
    path.write_text(FUTURES, encoding="utf-8")
    return ["stochastic", TUTORIAL, "--futures", str(path), "--commit-until", "2027", "--overlap", "fixed"]


def test_a_study_is_printed_and_written(asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "study.xlsx"
    more = ["--risk", "cvar", "--alpha", "0.8", "--weight", "0.3", "--lapse", "--out", str(target)]
    assert status_of([*asked, *more]) == Exit.SOLVED
    said = capsys.readouterr().out
    assert "Public money up to and including 2027 is committed: it is the same in all 2 futures." in said
    assert "75 %" in said
    assert "Conditional value at risk" in said
    assert "Wanted of the outcomes: 30 % of the mean of the worst 20 % of the probability" in said
    assert "Committed by funder and stage (KRW bn)" in said
    names = ["Committed money", "Futures", "Risk measures", "Value of information", "Launches by future", "Notes"]
    assert CalamineWorkbook.from_path(target).sheet_names == names


def test_the_value_of_information_as_json_in_korean(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of([*asked, "--values", "--lapse", "--risk", "worst", "--json", "--lang", "ko"]) == Exit.SOLVED
    told = json.loads(capsys.readouterr().out)["table"]
    assert [line["measure"] for line in told] == ["RP", "EV", "EEV", "WS", "EVPI", "VSS"]
    assert told[4]["note"].startswith("WS - RP: 미래를 미리 아는 것의 가치. 중복투자에 벌점을 매기면")


def test_futures_as_csv(asked: list[str], tmp_path: Path) -> None:
    target = tmp_path / "futures-out.csv"
    assert status_of([*asked, "--quiet", "--out", str(target)]) == Exit.SOLVED
    assert pd.read_csv(target)["probability"].tolist() == [0.75, 0.25]


def test_all_tables_as_a_folder_of_csv_files(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "study"
    assert status_of([*asked, "--json", "--out", str(target)]) == Exit.SOLVED
    told = json.loads(capsys.readouterr().out)
    committed = pd.read_csv(target / "committed.csv", encoding="utf-8-sig")
    assert committed["amount"].sum() == pytest.approx(sum(line["amount"] for line in told["committed"]))
    assert {line["measure"] for line in told["measures"]} >= {"mean", "value_at_risk"}
    assert status_of([*asked, "--out", str(target)]) == Exit.BAD_INPUT
    assert "exists and is not empty" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--risk", "cvar", "--alpha", "1"], "alpha is 1.0"),
        (["--alpha", "0.8"], "alpha 0.8 is of the tail, which the risk 'expectation' does not weigh"),
        (["--risk", "worst", "--weight", "0.8"], "weight 0.8 is of the tail, which the risk 'worst'"),
        (["--out", "study.txt"], "study.txt is no table"),
    ],
)
def test_what_cannot_be_asked(asked: list[str], more: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of([*asked, *more]) == Exit.BAD_INPUT
    assert said in capsys.readouterr().err


def test_a_case_without_futures_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["stochastic", WITHOUT_FUTURES]) == Exit.BAD_INPUT
    assert "the case has no futures" in capsys.readouterr().err


@pytest.mark.parametrize(("complete", "status"), [(True, Exit.SOLVED), (False, Exit.LIMIT)])
def test_a_search_that_a_limit_ended_says_so_in_its_exit_status(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, complete: bool, status: Exit
) -> None:
    monkeypatch.setattr("optimizer.analysis.extensive.Effort", partial(Effort, complete=complete))
    assert status_of([*asked, "--lapse", "--quiet"]) == status
