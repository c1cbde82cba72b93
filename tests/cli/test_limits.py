"""What studies end with where a limit ended a part of them: 3, and a note that says so, never 0."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from optimizer.cli.main import Exit, status_of
from optimizer.lp.parametric import Curve
from optimizer.planning.outcome import Outcome
from optimizer.planning.resolve import Resolver
from optimizer.planning.strategy import plan_case

TUTORIAL = str(Path(__file__).parent.parent.parent / "inputs" / "tutorial")
POINTS = "point,table,where,column,operation,value\nless,budget,,amount,multiply,0.9\n"
PARAMETERS = "parameter,table,where,column,operation,low,high\nbudgets,budget,,amount,multiply,0.9,1.1\n"
SHORT = ("--time-limit", "1e-9")


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        path = tmp_path / "given.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def unfinished_plan(*args: object, **kwargs: object) -> Outcome:
    """Plan as ever, and say that a limit ended the search for something better."""
    return replace(plan_case(*args, **kwargs), complete=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("command", "given"),
    [
        (["budget-curve"], None),
        (["frontier"], None),
        (["alternatives"], None),
        (["replacement", "--of", "funder"], None),
        (["regret"], None),
        (["sweep"], POINTS),
        (["tornado"], PARAMETERS),
        (["morris", "--trajectories", "2"], PARAMETERS),
        (["sobol", "--samples", "2"], PARAMETERS),
        (["evaluate"], None),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_nothing_was_found_before_the_limit(
    command: list[str], given: str | None, file: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    told = [] if given is None else [file(given)]
    assert status_of([command[0], TUTORIAL, *told, *command[1:], *SHORT, "--quiet"]) == Exit.LIMIT
    assert capsys.readouterr().out == ""


def test_a_curve_that_a_limit_ended_is_printed_and_ends_with_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["budget-curve", TUTORIAL, "--most", "3"]
    assert status_of(asked) == Exit.SOLVED  # fewer solves are what was asked for
    said = capsys.readouterr().out
    monkeypatch.setattr("optimizer.lp.parametric.Curve", lambda pieces, complete: Curve(pieces, complete=False))
    assert status_of(asked) == Exit.LIMIT
    more = capsys.readouterr().out
    note = "A limit ended the search before all pieces were told apart"
    assert note in more
    assert note not in said
    assert said.split("The curve is that")[0] == more.split("The curve is that")[0]


@pytest.mark.parametrize("command", [["budget-curve", "--most", "3"], ["frontier", "--points", "2"]])
def test_a_study_of_a_plan_that_a_limit_ended_says_so(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("optimizer.analysis.planned.plan_case", unfinished_plan)
    assert status_of([command[0], TUTORIAL, *command[1:]]) == Exit.LIMIT
    assert "A limit ended the search for the plan of the case" in " ".join(capsys.readouterr().out.split())


def test_points_that_a_limit_ended_are_counted(
    file: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = Resolver.plan
    monkeypatch.setattr(Resolver, "plan", lambda self, case: replace(usual(self, case), complete=False))
    assert status_of(["sweep", TUTORIAL, file(POINTS), "--method", "fixed", "--workers", "1"]) == Exit.LIMIT
    said = capsys.readouterr().out
    assert "A limit ended the planning of 1 of 1 points" in said
    assert "have no plan" not in said


def test_an_allocation_is_measured_against_an_optimum_that_was_not_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["evaluate", TUTORIAL]) == Exit.SOLVED
    assert "A limit" not in capsys.readouterr().out
    monkeypatch.setattr("optimizer.api.cases.plan_case", unfinished_plan)
    assert status_of(["evaluate", TUTORIAL]) == Exit.LIMIT
    assert "A limit ended the search for the optimum" in " ".join(capsys.readouterr().out.split())
