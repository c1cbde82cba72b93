"""What studies tell of their progress: never more than there is, never backwards, and so much where they say so."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest

import optimizer as vc
from optimizer.analysis.stochastic import FINE
from optimizer.solvers.result import Part, Progress, ProgressHook

TWO = (
    vc.Future("less", 0.5, (vc.Change("budget", "amount", "multiply", 0.9),)),
    vc.Future("more", 0.5, (vc.Change("budget", "amount", "multiply", 1.1),)),
)


def apart(plan: Any, hook: ProgressHook) -> Any:
    return vc.stochastic(
        plan.case, TWO, method="benders", overlap="fixed", lapse=True, progress=hook, executor="serial"
    )


STUDIES: dict[str, tuple[Callable[[Any, ProgressHook], object], list[tuple[str, int | None]]]] = {
    # two measures: each made best and then the other, so 4; 3 floors between 5 with the ends
    "frontier": (
        lambda plan, hook: vc.frontier(plan, points=5, progress=hook),
        [("ends of the frontier", 4), ("points between", 3)],
    ),
    "alternatives": (
        lambda plan, hook: vc.alternatives(plan, n=2, by=("stage",), progress=hook),
        [("different plans", None), ("least and greatest amounts", 1), ("what plans have in common", None)],
    ),
    # each penalty on the way up, and all but the last on the way down
    "penalties": (
        lambda plan, hook: vc.calibrate_overlap(plan.case, penalties=[0.1, 0.4], progress=hook),
        [("plan without a penalty", None), ("points of the curve", 3)],
    ),
    "calibrate": (
        lambda plan, hook: vc.calibrate_overlap(plan.case, points=4, progress=hook),
        [("plan without a penalty", None), ("way to the least overlap", None), ("points of the curve", None)],
    ),
    "budget_curve": (
        lambda plan, hook: vc.budget_curve(plan, most=4, progress=hook),
        [("bends of the curve", 4)],
    ),
    "whole curve": (
        lambda plan, hook: vc.budget_curve(plan, progress=hook),
        [("bends of the curve", None)],
    ),
    "priorities": (
        lambda plan, hook: vc.priority_list(plan, [4, 8], of="cluster", method="forward", progress=hook),
        [("each budget alone", 2), ("one budget after the other", 2), ("each budget again, from the list", 2)],
    ),
    "extensive": (
        lambda plan, hook: vc.stochastic(plan.case, TWO, progress=hook, executor="serial"),
        [("each future alone", 2), ("all futures together", 3), ("each future with the commitment", 2)],
    ),
    "benders": (
        apart,
        [("futures planned apart", None)],
    ),
}


@pytest.fixture(scope="module")
def plan() -> Any:
    """Return the plan of two clusters that overlap, by the sequential method."""
    case = vc.load_case(Path(__file__).parents[1] / "reference" / "overlap-fixed")
    return case.change(vc.Change("case", "overlap.method", "set", "sequential")).solve()


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_tells_no_more_than_is_so(plan: vc.Plan, study: str) -> None:
    ask, expected = STUDIES[study]
    told: list[Progress] = []
    ask(plan, told.append)
    parts = [at.part for at in told if at.part is not None]
    assert len(parts) == len(told)
    assert [part.number for part in parts] == sorted(part.number for part in parts)
    assert all(before.seconds <= after.seconds for before, after in pairwise(told))
    ends: list[Part] = []
    for _, group in groupby(parts, key=lambda part: part.number):
        of_part = list(group)
        ends.append(of_part[-1])
        for before, after in pairwise(of_part):
            assert before.done <= after.done
            # what was said to be the most stays so
            assert before.most is None or (after.most is not None and after.most <= before.most)
            assert (before.resolved or 0.0) <= (after.resolved or 0.0)
        assert all(part.most is None or part.done <= part.most for part in of_part)
        assert all(part.share is None or 0 <= part.share <= 1 for part in of_part)
        if of_part[-1].exact and of_part[-1].most is not None:
            assert of_part[-1].done == of_part[-1].most
    assert [end.name for end in ends] == [name for name, _ in expected]
    for end, (_, done) in zip(ends, expected, strict=True):
        assert done is None or end.done == done


def test_a_curve_is_resolved_when_it_is_known(plan: vc.Plan) -> None:
    told: list[Progress] = []
    found = vc.budget_curve(plan, progress=told.append)
    part = told[-1].part
    assert part is not None
    assert found.exact
    assert (part.done, part.share) == (found.found.solves, pytest.approx(1.0))


def test_a_case_that_is_planned_first_is_the_first_part(plan: vc.Plan) -> None:
    told: list[Progress] = []
    vc.budget_curve(plan.case, most=2, options=vc.SolveOptions(time_limit=3600), progress=told.append)
    first, last = told[0].part, told[-1].part
    assert first is not None
    assert last is not None
    assert (first.name, first.number, last.number, last.parts) == ("plan of the case", 1, 2, 2)
    # the limit holds for the plan and for the curve, each by itself
    assert first.limit_left is None
    assert last.limit_left is not None
    assert 0 < last.limit_left <= 3600


def test_the_bounds_of_futures_planned_apart_close(plan: vc.Plan) -> None:
    told: list[Progress] = []
    apart(plan, told.append)
    gaps = [at.gap for at in told if at.gap is not None]
    assert gaps[0] > FINE >= gaps[-1]
