"""The line that says how far a study is: its words, and that nobody sees it who does not watch."""

from __future__ import annotations

import io
import sys
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from optimizer.cli.main import status_of
from optimizer.cli.progress import Line, fitted, line_of, study_progress
from optimizer.cli.study import Shape
from optimizer.language import Language
from optimizer.solvers.result import Part, Progress

TUTORIAL = str(Path(__file__).parents[2] / "inputs" / "tutorial")
EN, KO = Language.EN, Language.KO
NAN = float("nan")
COMMANDS = {
    "frontier": ("frontier", "frontier"),
    "alternatives": ("alternatives", "alternatives"),
    "calibrate": ("calibrate", "calibrate_overlap"),
    "stochastic": ("stochastic", "stochastic"),
    "priorities": ("priority_list", "priority_list"),
    "budget-curve": ("budget_curve", "budget_curve"),
}


class Terminal(io.StringIO):
    """Somebody who watches."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("part", "english", "korean"),
    [
        (Part("points between", 3, 3, 4, 7, seconds_left=74.2), "4 of 7 | 1:15 left", "7개 중 4개 | 1:15 남음"),
        (
            Part("points between", 2, 3, 4, 7, seconds_left=75),
            "4 of 7 | this part: 1:15 left",
            "7개 중 4개 | 이 단계 1:15 남음",
        ),
        (
            Part("points between", 3, 3, 4, 7, exact=False, seconds_left=3725),
            "4 of at most 7 | at most 1:02:05 left",
            "최대 7개 중 4개 | 최대 1:02:05 남음",
        ),
        (
            Part("points between", 3, 3, 4, 7, seconds_left=75, limit_left=30),
            "4 of 7 | limit in 0:30",
            "7개 중 4개 | 제한 시간까지 0:30",
        ),
        (
            Part("points between", 2, 3, 4, 7, exact=False, seconds_left=0.2),
            "4 of at most 7 | this part: at most 0:01 left",
            "최대 7개 중 4개 | 이 단계 최대 0:01 남음",
        ),
        (Part("points between", 1, 3, 0), " | ", " | "),
        (
            Part("points between", 2, 2, 1234, exact=False, resolved=0.254),
            "1,234 solves, 25 % of the range | ",
            "계산 1,234회, 범위의 25% | ",
        ),
    ],
)
def test_what_is_known_is_said_and_nothing_else(part: Part, english: str, korean: str) -> None:
    for language, expected in ((EN, english), (KO, korean)):
        line = line_of(Progress(61.0, 0, NAN, part=part), language)
        assert f"{line.steps} | {line.left}" == expected
        assert line.passed == "1:01"
        assert line.part.startswith(f"{part.number}/{part.parts} ")


def test_a_search_between_bounds_says_how_far_they_are_apart() -> None:
    part = Part("futures planned apart", 1, 1, 180)
    assert line_of(Progress(5.0, 0, 99.0, 100.0, part), EN).steps == "180 solves, at most 1 % below the best"
    assert line_of(Progress(5.0, 0, NAN, None, part), EN).steps == "180"


@pytest.mark.parametrize(
    ("as_json", "quiet", "terminal"), [(True, False, True), (False, True, True), (False, False, False)]
)
def test_nobody_is_told_who_does_not_watch(
    monkeypatch: pytest.MonkeyPatch, *, as_json: bool, quiet: bool, terminal: bool
) -> None:
    stream = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with study_progress(Shape(None, EN, as_json, quiet)) as hook:
        assert hook is None
    assert stream.getvalue() == ""


def test_a_terminal_shows_part_steps_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    part = Part("points between", 3, 3, 4, 7, seconds_left=75)
    with study_progress(Shape(None, EN, as_json=False, quiet=False)) as hook:
        assert hook is not None
        hook(Progress(61.0, 0, NAN, part=part))
    assert "3/3 points between" in stream.getvalue()
    assert "4 of 7 1:01 1:15 left" in stream.getvalue()
    assert stream.getvalue().endswith("\x1b[2K")  # nothing stays on the screen


def test_the_time_left_gives_way_last() -> None:
    line = Line("2/3 모든 시나리오 동시 계획", "3개 중 1개", 1 / 3, "0:10", "이 단계 0:20 남음")
    words = "3개 중 1개 0:10 이 단계 0:20 남음"  # 33 signs wide, and the part 27
    assert fitted(line, 100) == (line.part, 20, words)
    assert fitted(line, 67) == (line.part, 5, words)
    assert fitted(line, 66) == (line.part, 0, words)  # a shorter bar would say nothing
    assert fitted(line, 61) == (line.part, 0, words)
    assert fitted(line, 60) == (line.part, 0, "3개 중 1개 이 단계 0:20 남음")
    assert fitted(line, 40) == ("2/3", 7, "3개 중 1개 이 단계 0:20 남음")
    assert fitted(line, 25) == ("2/3", 0, "이 단계 0:20 남음")


@pytest.mark.parametrize(
    ("width", "shown"), [("80", "0:10 0:20 left"), ("40", "5 of 9 0:20 left"), ("24", "0:20 left")]
)
def test_a_narrow_terminal_is_told_in_one_line_that_is_not_cut(
    width: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", width)
    part = Part("each future with the commitment", 3, 3, 5, 9, seconds_left=20)
    with study_progress(Shape(None, EN, as_json=False, quiet=False)) as hook:
        assert hook is not None
        hook(Progress(10.0, 0, NAN, part=part))
    assert shown in stream.getvalue()
    assert "…" not in stream.getvalue()


def test_a_terminal_that_cannot_go_back_in_a_line_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "dumb")
    with study_progress(Shape(None, EN, as_json=False, quiet=False)) as hook:
        assert hook is None
    assert stream.getvalue() == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_long_study_is_watched(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, study = COMMANDS[command]
    told: dict[str, Any] = {}

    class AskedError(Exception):
        pass

    def ask(case: object, **arguments: object) -> None:
        told.update(arguments)
        raise AskedError

    home = import_module(f"optimizer.cli.{module}")
    monkeypatch.setattr(home, study, ask)
    monkeypatch.setattr(home, "study_progress", lambda shape: nullcontext("hook"))
    with pytest.raises(AskedError):
        status_of([command, TUTORIAL])
    assert told["progress"] == "hook"
