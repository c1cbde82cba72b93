"""The ``why`` command: what it prints, and what it ends with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import optimizer as vc
from optimizer.cli.main import status_of

ROOT = Path(__file__).parents[2]
TUTORIAL = str(ROOT / "inputs" / "tutorial")
INFEASIBLE = str(ROOT / "tests" / "reference" / "infeasible-two-rules")
INVALID = str(ROOT / "tests" / "reference" / "invalid-numbers")
ASKED = ["why", TUTORIAL, "osong", "clinical"]


@pytest.mark.parametrize(
    ("arguments", "piece"),
    [
        (["why", TUTORIAL, "osong"], "Missing argument"),
        (["why", TUTORIAL, "osung", "clinical"], "no cluster of the case is called 'osung'; name one of osong."),
        (["why", TUTORIAL, "osong", "sale"], "no stage of the case is called 'sale'"),
        ([*ASKED, "--field", "drugs"], "no field of the case is called 'drugs'"),
        ([*ASKED, "--year", "2050"], "year 2050 is outside the horizon; name one of 2026 to 2031."),
        ([*ASKED, "--year", "soon"], "a valid integer"),
        ([*ASKED, "--lang", "xx"], "'en', 'ko'"),
        ([*ASKED, "--time-limit", "0"], "seconds above 0"),
        (["why", "nowhere", "osong", "clinical"], "does not exist"),
        (["why", INVALID, "osong", "clinical"], "4 faults"),
    ],
)
def test_what_cannot_be_answered_ends_with_1_before_any_solve(
    arguments: list[str], piece: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def solve(*_: object, **__: object) -> None:
        pytest.fail("a slip must be told before the solve")

    monkeypatch.setattr("optimizer.api.cases.plan_case", solve)
    assert status_of(arguments) == 1
    said = capsys.readouterr()
    assert piece in said.err
    assert said.out == ""


@pytest.mark.parametrize("more", [[], ["--json"]])
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (ASKED, 0),
        (["why", INFEASIBLE, "osong", "launch"], 2),
        ([*ASKED, "--time-limit", "1e-9"], 3),
    ],
)
def test_how_an_answer_ends(
    arguments: list[str], status: int, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of([*arguments, *more]) == status
    said = capsys.readouterr()
    assert bool(said.err) == (status != 0)
    if more:
        told = json.loads(said.out)
        assert told["status"] == {0: "optimal", 2: "infeasible", 3: "limit"}[status]
        assert ("cells" in told) == (status == 0)
        assert ("reason" in told) == (status != 0)
    else:
        assert bool(said.out) == (status == 0)


def test_a_failing_engine_ends_with_4(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*_: object, **__: object) -> None:
        msg = "HiGHS failed at taking over the program"
        raise vc.SolveError(msg)

    monkeypatch.setattr("optimizer.api.cases.plan_case", fail)
    assert status_of(ASKED) == 4
    assert "HiGHS failed" in capsys.readouterr().err


def test_faults_of_a_case_are_json_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["why", INVALID, "osong", "clinical", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["status"] == "invalid"


def test_the_command_says_what_the_plan_says(capsys: pytest.CaptureFixture[str]) -> None:
    answer = vc.load_case(TUTORIAL).solve().why("osong", "clinical")
    for language, total in (("en", "in all, per KRW bn of public money"), ("ko", "공공자금 십억원당 합계")):
        assert status_of([*ASKED, "--lang", language]) == 0
        printed = capsys.readouterr().out
        assert " ".join(answer.text(language).split()) in " ".join(printed.split())
        assert printed.count(total) == len(answer.accounts())


def test_names_do_as_well_as_keys_and_one_cell_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["why", TUTORIAL, "오송", "Clinical", "--field", "drug", "--year", "2028", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (cell,) = told["cells"]
    assert [cell[key] for key in ("cluster", "stage", "field", "year")] == ["osong", "clinical", "drug", 2028]
    account = cell["account"]
    assert account["per"] == "public money"
    assert sum(term["amount"] for term in account["terms"]) == pytest.approx(account["total"], abs=1e-9)
    assert account["gain"] + account["price"] == pytest.approx(account["total"], abs=1e-9)
    assert told["text"].startswith("Osong, Clinical, New drugs, 2028")


def test_a_place_without_a_site_has_a_reason_and_no_account(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["why", TUTORIAL, "osong", "discovery", "--lang", "ko", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert all(cell["account"] is None for cell in told["cells"])
    assert {cell["reason"][:10] for cell in told["cells"]} == {"사례에 없는 거점입"}
