"""A second engine's opinion: taken, compared, warned of, and kept with the run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import optimizer as vc
from optimizer.cli.main import status_of
from optimizer.planning.cross import check_by, second_engine

REFERENCE = Path(__file__).parents[1] / "reference"
CASE, INFEASIBLE = REFERENCE / "overlap-fixed", REFERENCE / "infeasible-two-rules"


def test_the_second_engine_is_another_one() -> None:
    assert second_engine("highs") == "glop"
    assert second_engine("cbc") == "highs"
    assert second_engine("highs", "cbc") == "cbc"
    with pytest.raises(vc.InputError, match="engine 'cbc' cannot check itself"):
        second_engine("cbc", "cbc")


def test_two_engines_agree_and_say_so() -> None:
    check = vc.load_case(CASE).solve(method="fixed", cross_check="cbc").outcome.cross_check
    assert check is not None
    assert (check.engine, check.second_engine, check.agree) == ("highs", "cbc", True)
    # the hand-solved optimum of the case
    assert check.second_objective == pytest.approx(272.4)
    assert check.difference is not None
    assert check.difference <= 1e-9


def test_a_wrong_optimum_is_found_out() -> None:
    outcome = vc.load_case(CASE).solve(method="fixed").outcome
    wrong = replace(outcome, result=replace(outcome.result, _objective=outcome.result.objective * 1.001))
    check = check_by(wrong, "glop")
    assert not check.agree
    assert check.difference == pytest.approx(0.001 / 1.001, rel=1e-6)


def test_infeasible_is_agreed_on_too() -> None:
    plan = vc.load_case(INFEASIBLE).solve(cross_check="auto")
    check = plan.outcome.cross_check
    assert check is not None
    assert (check.status, check.second_status, check.agree) == ("infeasible", "infeasible", True)
    assert (check.objective, check.second_objective, check.difference) == (None, None, None)


def test_the_command_line_keeps_what_it_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    assert status_of(["solve", str(CASE), "--cross-check", "--out", str(run)]) == 0
    assert "Engines highs and glop find optima that differ by" in capsys.readouterr().out
    assert json.loads((run / "summary.json").read_text())["engines_agree"] is True
    assert json.loads((run / "manifest.json").read_text())["cross_check"]["second_engine"] == "glop"


def test_disagreement_warns_and_ends_with_4(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def disagree(outcome: object, engine: str) -> object:
        return replace(check_by(outcome, engine), agree=False)  # type: ignore[arg-type, type-var]

    monkeypatch.setattr("optimizer.api.cases.check_by", disagree)
    assert status_of(["solve", str(CASE), "--quiet", "--cross-check", "cbc"]) == 4
    assert "Warning: the engines disagree." in capsys.readouterr().err
