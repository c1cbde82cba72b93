"""Planning changed copies from the basis of the case: the same plans as by planning each copy by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import optimizer as vc
from optimizer.compiler import compile_sets, recompile
from optimizer.data.changes import Removal, changed_case
from optimizer.options import OverlapMethod, SolveOptions
from optimizer.plan.plan import read_outcome
from optimizer.planning import resolve
from optimizer.planning.outcome import Outcome
from optimizer.planning.resolve import Resolver
from optimizer.planning.sequence import Sequence
from optimizer.planning.strategy import plan_case
from optimizer.solvers.result import Termination
from tests.planning.spy import Log
from tests.strategies import cases, draft, law, near

FAST = SolveOptions(prove=False)
FIXED = OverlapMethod.FIXED
ARRAYS = ("cost", "lower", "upper", "integer", "starts", "indices", "values", "row_lower", "row_upper")
UNIQUE = ("objective", "lp_objective", "spend", "worth", "overlap_penalty", "private", "launches")


def some_change(draw: st.DataObject, case: vc.Case) -> vc.Change:
    """Draw a change that any case can be asked for; it need not be possible."""
    factor = draw.draw(st.sampled_from([0.0, 0.5, 0.9, 1.0, 1.3]))
    year = draw.draw(st.sampled_from(case.years))
    return draw.draw(
        st.sampled_from(
            [
                vc.Change("budget", "amount", "multiply", factor),
                vc.Change("budget", "amount", "set", 10 * factor, f"year={year}"),
                vc.Change("case", "overlap.between_clusters", "set", factor),
                vc.Change("case", "overlap.between_funders", "set", factor),
                vc.Change("case", "case.discount_rate", "set", factor / 10),
                vc.Change("case", "funding.carry_over", "set", min(factor, 1.0)),
                vc.Change("case", "specialization.min_share", "set", min(factor, 1.0)),
                vc.Change("stages", "success_rate", "multiply", factor),
                vc.Change("stages", "cost", "multiply", factor),
                vc.Change("stages", "duration", "add", factor),
                vc.Change("fields", "value", "multiply", factor),
                vc.Change("sites", "capacity", "multiply", factor),
                vc.Change("links", "retention", "multiply", factor),
            ]
        )
    )


def possible(case: vc.Case, changes: list[vc.Change]) -> vc.Case | None:
    try:
        return case.change(*changes)
    except vc.InputError:
        return None


def same_program(case: vc.Case, changed: vc.Case) -> None:
    one, other = recompile(compile_sets(case), changed).program, compile_sets(changed).program
    for name in ARRAYS:
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


@law(40)
@given(drawn=cases(always=("sites",)), draw=st.data())
def test_a_recompiled_case_has_the_program_of_a_compiled_one(drawn: object, draw: st.DataObject) -> None:
    case = drawn.load()  # type: ignore[attr-defined]
    changed = possible(case, [some_change(draw, case) for _ in range(2)])
    if changed is not None:
        same_program(case, changed)


@law(40)
@given(drawn=cases(), draw=st.data())
def test_every_plan_equals_that_of_the_changed_case_by_itself(drawn: object, draw: st.DataObject) -> None:
    case = drawn.load()  # type: ignore[attr-defined]
    resolver = Resolver(case, FAST, FIXED)
    for _ in range(3):
        changed = possible(case, [some_change(draw, case) for _ in range(draw.draw(st.integers(1, 2)))])
        if changed is None:
            continue
        warm, cold = read_outcome(resolver.plan(changed)), read_outcome(plan_case(changed, FAST, FIXED))
        assert warm.status == cold.status
        if cold.ok:
            for name in UNIQUE:
                assert warm.summary()[name] == near(cold.summary()[name]), name


def test_a_plan_does_not_depend_on_what_was_planned_before(tutorial: vc.Case) -> None:
    less = tutorial.change(vc.Change("budget", "amount", "multiply", 0.8))
    other = tutorial.change(vc.Change("stages", "success_rate", "multiply", 0.9, "stage=clinical"))
    alone, after = Resolver(tutorial, FAST, FIXED), Resolver(tutorial, FAST, FIXED)
    after.plan(other)
    assert np.abs(alone.plan(less).x - after.plan(less).x).max() < 1e-9  # type: ignore[operator]


def test_who_goes_on_from_the_plan_before_finds_the_same_plans(tutorial: vc.Case) -> None:
    going, anew = Resolver(tutorial, FAST, FIXED, goes_on=True), Resolver(tutorial, FAST, FIXED)
    impossible = tutorial.change(vc.Change("rules", "value", "multiply", 1e6))
    for factor in (1.1, 0.9):
        case = tutorial.change(vc.Change("budget", "amount", "multiply", factor))
        assert going.plan(impossible).result.termination == anew.plan(impossible).result.termination
        assert np.abs(going.plan(case).x - anew.plan(case).x).max() < 1e-9  # type: ignore[operator]


def test_numbers_are_solved_again_and_structure_anew(
    tutorial: vc.Case, watched: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []
    options = replace(FAST, engine="spy")
    monkeypatch.setattr("tests.planning.spy.SpySession.__init__", _counting(opened))
    resolver = Resolver(tutorial, options, FIXED)
    for factor in (0.8, 0.9, 1.1):
        resolver.plan(tutorial.change(vc.Change("budget", "amount", "multiply", factor)))
        resolver.plan(tutorial.change(vc.Change("stages", "success_rate", "multiply", factor, "stage=clinical")))
    assert len(opened) == 1
    assert len(watched.limits) == 2 + 6 * 2  # the case itself and its lean basis; each plan and its least spend
    resolver.plan(tutorial.change(vc.Change("stages", "duration", "add", 1)))
    assert len(opened) == 2


def _counting(opened: list[int]) -> object:
    from tests.planning.spy import SpySession

    begin = SpySession.__init__

    def opening(self: SpySession, *arguments: object) -> None:
        opened.append(1)
        begin(self, *arguments)  # type: ignore[arg-type]

    return opening


def test_a_case_without_a_plan_does_not_spoil_the_next() -> None:
    case = draft(rules="rule,sense,value\nfloor,at_least,50").load()
    none = case.change(vc.Change("budget", "amount", "set", 10))
    resolver = Resolver(case, FAST, FIXED)
    assert not read_outcome(resolver.plan(none)).ok
    assert read_outcome(resolver.plan(case)).ok
    # and one that has no plan itself plans its copies all the same
    resolver = Resolver(none, FAST, FIXED)
    assert not read_outcome(resolver.plan(none)).ok
    assert read_outcome(resolver.plan(none.change(vc.Change("budget", "amount", "set", 100)))).ok


@pytest.mark.parametrize("method", ["sequential", "exact"])
def test_other_methods_are_planned_as_ever(tutorial: vc.Case, method: str) -> None:
    case = draft(
        {"overlap": {"between_clusters": 1}}, clusters="cluster\na\nb", sites="cluster,stage\na,launch\nb,launch"
    ).load()
    changed = case.change(vc.Change("budget", "amount", "multiply", 0.5))
    warm = Resolver(case, FAST, OverlapMethod(method)).plan(changed)
    cold = plan_case(changed, FAST, OverlapMethod(method))
    assert warm.method is cold.method
    assert read_outcome(warm).summary()["objective"] == near(read_outcome(cold).summary()["objective"])


def test_a_copy_with_fewer_sites_is_planned_by_itself() -> None:
    case = draft(clusters="cluster\na\nb", sites="cluster,stage,capacity,backlog\na,launch,5,9\nb,launch,7,9").load()
    less = changed_case(case, [Removal("sites", "cluster=a")])
    resolver = Resolver(case, FAST, FIXED)
    # 12 launches of both, 7 of b alone; the program of the case does not fit the copy
    assert read_outcome(resolver.plan(case)).summary()["launches"] == near(12)
    assert read_outcome(resolver.plan(less)).summary()["launches"] == near(7)
    assert less.raw.changes == ("sites[cluster=a] removed",)
    with pytest.raises(vc.InputError, match=r"sites\[cluster=c\] removed: no line of sites is selected"):
        changed_case(case, [Removal("sites", "cluster=c")])
    with pytest.raises(vc.InputError, match="the case has no table sites"):
        changed_case(draft().load(), [Removal("sites", "cluster=a")])


def test_a_basis_that_led_astray_is_counted(tutorial: vc.Case, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = resolve.plan_fixed

    def astray(run: Sequence, method: OverlapMethod) -> Outcome:
        object.__setattr__(run.clock, "began", run.clock.began - 1000)  # as if it had taken so long
        found = usual(run, method)
        return replace(found, result=replace(found.result, termination=Termination.ERROR))

    monkeypatch.setattr(resolve, "plan_fixed", astray)
    found = Resolver(tutorial, FAST, FIXED).plan(tutorial)
    assert found.result.termination is Termination.OPTIMAL
    assert found.seconds > 1000
    assert sum(step.seconds for step in found.steps) < 1000


def test_a_second_chance_has_no_more_than_is_left_of_the_limit(tutorial: vc.Case, watched: Log) -> None:
    watched.enough_for = 0  # the case itself is not solved in time, so there is no basis to go on from
    options = SolveOptions(engine="spy", time_limit=60)
    resolver = Resolver(tutorial, options, FIXED)
    failed = resolver.plan(tutorial)
    assert failed.result.termination is Termination.TIME_LIMIT
    assert len(watched.limits) == 2
    first, second = (limit or 0.0 for limit in watched.limits)
    assert 0 < second < first <= 60
    assert failed.options == options
    # the case is not tried again, so that the next copy has the limit for itself
    watched.enough_for = 1000
    assert resolver.plan(tutorial).result.termination is Termination.OPTIMAL
    assert watched.limits[2] is not None
    assert watched.limits[2] > second
