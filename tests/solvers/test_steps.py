"""How far a study is: counted by hand on a clock that stands still until it is moved."""

from __future__ import annotations

import pytest

from optimizer.solvers.result import Progress
from optimizer.solvers.steps import Steps

FIRST, SECOND = "first", "second"


class Watch:
    """A clock that is moved by hand, and everything that was told."""

    def __init__(self) -> None:
        self.now = 100.0
        self.told: list[Progress] = []
        self.steps = Steps(self.told.append, (FIRST, SECOND), lambda: self.now)

    def after(self, seconds: float, **done: int) -> None:
        self.now += seconds
        self.steps.advance(**done)

    @property
    def left(self) -> float | None:
        part = self.told[-1].part
        assert part is not None
        return part.seconds_left

    def solving(self, seconds: float) -> float | None:
        """Let an engine report from within a step; return the time left then."""
        self.now += seconds
        assert self.steps.hook is not None
        self.steps.hook(Progress(seconds, 7, 1.5))
        return self.left


def test_the_time_left_is_that_of_like_steps_from_the_second_on() -> None:
    watch = Watch()
    watch.steps.begin(FIRST, 5)
    watch.after(3)
    assert watch.left is None  # one step is no pace
    watch.after(5)
    assert watch.left == pytest.approx(12)  # 4 s a step, 3 steps
    assert watch.solving(1) == pytest.approx(11)
    watch.after(1, steps=3)
    assert watch.left is None  # nothing is left
    watch.steps.begin(SECOND, 9)
    watch.after(1)
    assert watch.left is None  # steps of another part say nothing of these


def test_no_time_is_left_to_tell_of_a_step_that_outlasts_the_pace() -> None:
    watch = Watch()
    watch.steps.begin(FIRST, 3)
    watch.after(4)
    watch.after(4)
    assert watch.solving(3) == pytest.approx(1)
    assert watch.solving(1) is None
    assert watch.solving(60) is None


def test_a_long_step_slows_the_pace_down() -> None:
    watch = Watch()
    watch.steps.begin(FIRST, 10)
    watch.after(2)
    watch.after(2)
    # two steps of 2 s, and one at work for 5 s: at least 9 s for three, 3 s each, 8 to go, of one of which 5 s are over
    assert watch.solving(5) == pytest.approx(3 * 8 - 5)


def test_nobody_estimates_steps_whose_number_nobody_knows() -> None:
    watch = Watch()
    watch.steps.begin(FIRST)
    watch.after(1)
    watch.after(1)
    assert watch.left is None
    watch.steps.advance(most=6)
    assert watch.left == pytest.approx(2)  # 2 s for three of six


def test_a_limit_is_told_beside_the_estimate() -> None:
    watch = Watch()
    watch.steps.limit(10.0)
    watch.steps.begin(FIRST)
    watch.after(4)
    part = watch.told[-1].part
    assert part is not None
    assert (part.limit_left, part.seconds_left, part.share) == (6.0, None, None)


def test_an_engine_is_told_of_as_part_of_the_study() -> None:
    watch = Watch()
    watch.steps.begin(FIRST, 2)
    watch.after(30)
    watch.solving(2)
    at = watch.told[-1]
    assert (at.seconds, at.iterations, at.objective) == (32.0, 7, 1.5)
    assert at.part is not None
    assert (at.part.number, at.part.parts, at.part.done, at.part.share) == (1, 2, 1, 0.5)


def test_a_step_is_done_when_the_next_is_asked_for() -> None:
    watch = Watch()
    watch.steps.begin(FIRST, 3)
    for item in watch.steps.each("abc"):
        if item == "c":
            break
    assert [told.part.done for told in watch.told if told.part is not None] == [0, 1, 2]


def test_engines_need_not_report_where_nobody_listens() -> None:
    steps = Steps(None, (FIRST,))
    steps.begin(FIRST, 2)
    assert list(steps.each([1, 2])) == [1, 2]
    assert steps.hook is None
