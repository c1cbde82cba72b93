"""Dials as changes of a case, and plans that follow them: the newest counts, and a failure loses nothing."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import optimizer as vc
from optimizer.analysis import exploring
from optimizer.analysis.dials import Settings, as_code, changed, changes_to, dials_of, settings_of
from optimizer.analysis.exploring import Explorer, Look, State
from optimizer.data.changes import changed_case
from optimizer.planning.resolve import Resolver
from tests.conftest import REFERENCE

LONG = 60
"""Seconds after which a test gives up waiting."""


def settled(explorer: Explorer) -> Look:
    assert explorer.wait(LONG)
    return explorer.settled()


@pytest.fixture(scope="module")
def explorer(tutorial: vc.Case) -> Explorer:
    return Explorer(tutorial)


@pytest.fixture
def two_rules() -> vc.Case:
    """Return a case with one of two rules that cannot hold together; both hold where it is stored."""
    case = vc.load_case(REFERENCE / "infeasible-two-rules")
    return case.change(vc.Change("rules", "enabled", "set", "false", where="rule=research floor"))


def test_dials_stand_where_the_case_has_them_and_reach_it_in_steps(tutorial: vc.Case) -> None:
    odd = tutorial.change(
        vc.Change("case", "case.discount_rate", "set", 0.0333), vc.Change("case", "overlap.between_clusters", "set", 3)
    )
    for case in (tutorial, odd):
        start = settings_of(case)
        for dial in dials_of(case):
            shown = dial.shown(getattr(start, dial.name))
            assert dial.low <= shown <= dial.high
            steps = (shown - dial.low) / dial.step
            assert steps == pytest.approx(round(steps), abs=1e-6)
            assert dial.value(shown) == getattr(start, dial.name)
    assert [dial.step for dial in dials_of(odd)][-1] == 0.01  # of 3.33 %


def test_settings_of_the_case_are_no_change(tutorial: vc.Case) -> None:
    assert changes_to(tutorial, settings_of(tutorial)) == ()
    assert as_code(()) == "case"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    budget=st.floats(0.5, 1.5),
    price=st.floats(0, 1),
    share=st.floats(0, 1),
    rate=st.floats(0, 0.15),
    rules=st.sets(st.sampled_from(["outside the capital", "no cluster above 90 a year", "more devices"])),
)
def test_changes_lead_to_the_settings_and_their_code_makes_them(
    tutorial: vc.Case, budget: float, price: float, share: float, rate: float, rules: set[str]
) -> None:
    start = settings_of(tutorial)
    wanted = Settings(budget, price, price / 2, share, rate, tuple(rule for rule in start.rules if rule in rules))
    found = changed_case(tutorial, changes_to(tutorial, wanted))
    assert replace(settings_of(found), budget=budget) == wanted
    before, after = (case.table("budget")["amount"].sum() for case in (tutorial, found))
    assert after == pytest.approx(budget * before)
    made = eval(as_code(changes_to(tutorial, wanted)), {"case": tutorial, "vc": vc})  # noqa: S307  # our own code
    assert made.raw.tables == found.raw.tables
    assert made.settings == found.settings


def test_a_rule_no_filter_can_name_has_no_switch(tutorial: vc.Case, tmp_path: Path) -> None:
    folder = tutorial.save(tmp_path / "case")
    rules = (folder / "rules.csv").read_text(encoding="utf-8").replace("more devices", "more|devices")
    (folder / "rules.csv").write_text(rules, encoding="utf-8")
    case = vc.load_case(folder)
    assert "more|devices" in set(case.table("rules")["rule"])
    assert "more|devices" not in changed(settings_of(case), case, budget=1.1).rules
    with pytest.raises(vc.InputError, match=r"nothing called 'more\|devices' to turn; there are budget, between_clu"):
        changed(settings_of(case), case, **{"more|devices": True})


def test_a_figure_that_is_none_is_refused(tutorial: vc.Case) -> None:
    with pytest.raises(vc.InputError, match="budget cannot be turned to nan; give a number from 0 to 1e"):
        changed(settings_of(tutorial), tutorial, budget=float("nan"))
    with pytest.raises(vc.InputError, match="min_share cannot be turned to 2; give a number from 0 to 1"):
        changed(settings_of(tutorial), tutorial, min_share=2)
    with pytest.raises(vc.InputError, match="is switched by True or False, not by 'no'"):
        changed(settings_of(tutorial), tutorial, **{"no cluster above 90 a year": "no"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "turned",
    [
        {"budget": 0.9},
        {"between_clusters": 0.6, "between_funders": 0.0},
        {"min_share": 0.8, "discount_rate": 0.08},
        {"no cluster above 90 a year": False, "more devices": True},
    ],
    ids=str,
)
def test_plans_are_those_of_the_changed_case(explorer: Explorer, tutorial: vc.Case, turned: dict[str, float]) -> None:
    wanted = changed(explorer.start, tutorial, **turned)
    explorer.request(wanted)
    look = settled(explorer)
    plan = tutorial.change(*changes_to(tutorial, wanted)).solve()
    assert look.settings == wanted
    assert look.plan.objective == plan.objective
    assert look.plan.allocation.equals(plan.allocation)
    assert look.plan.summary()["gap"] == plan.summary()["gap"]


def test_the_way_back_ends_at_the_first_plan(tutorial: vc.Case, tutorial_plan: vc.Plan, monkeypatch) -> None:
    monkeypatch.setattr(exploring, "KEPT", 1)  # so that the way back is planned and not remembered
    explorer = Explorer(tutorial)
    first = settled(explorer)
    assert first.plan.allocation.equals(tutorial_plan.allocation)
    for budget in (0.8, 1.2):
        explorer.request(replace(explorer.start, budget=budget))
        assert settled(explorer) is not first
    explorer.request(explorer.start)
    again = settled(explorer)
    assert again is not first
    assert again.plan.allocation.equals(first.plan.allocation)
    assert explorer.state.pinned is first


def test_what_others_are_compared_with_is_the_case_as_it_is(tutorial: vc.Case, tutorial_plan: vc.Plan) -> None:
    explorer = Explorer(tutorial)
    explorer.request(replace(explorer.start, budget=0.9))  # before the first plan is there
    assert settled(explorer).settings.budget == 0.9
    assert explorer.state.pinned.settings == explorer.start
    assert explorer.state.pinned.plan.objective == tutorial_plan.objective


def test_a_plan_at_hand_is_not_planned_again(tutorial_plan: vc.Plan, monkeypatch) -> None:
    monkeypatch.setattr(Resolver, "plan", lambda *_: pytest.fail("planned again"))
    explorer = Explorer(tutorial_plan)
    assert explorer.settled().plan is tutorial_plan
    explorer.request(explorer.start)
    assert not explorer.state.busy


class Gate:
    """A resolver whose plans wait to be let through, and that writes down what it planned."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open, self.reached, self.done = threading.Event(), threading.Event(), []
        whole = Resolver.plan

        def plan(resolver: Resolver, case, progress=None, before_each=None):
            self.reached.set()
            assert self.open.wait(LONG)
            found = whole(resolver, case, progress, before_each)
            self.done.append(case.table("budget")["amount"].sum())
            return found

        monkeypatch.setattr(Resolver, "plan", plan)


def test_only_the_newest_settings_are_planned(tutorial_plan: vc.Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, states = Gate(monkeypatch), []
    explorer = Explorer(tutorial_plan, listener=states.append)
    for percent in (101, 102, 103, 104):
        explorer.request(replace(explorer.start, budget=percent / 100))
        gate.reached.wait(LONG)
    assert explorer.state.busy
    assert not explorer.state.is_current
    gate.open.set()
    assert settled(explorer).settings.budget == 1.04
    # the first was under way and was ended before its first program; those between were never begun
    assert gate.done == [pytest.approx(1.04 * tutorial_plan.case.table("budget")["amount"].sum())]
    shown = {state.look.settings.budget for state in states if state.is_current}
    assert shown == {1.04}


def test_numbers_never_pass_for_those_of_other_settings(tutorial: vc.Case) -> None:
    states: list[State] = []
    explorer = Explorer(tutorial, listener=states.append)
    for budget in (0.7, 1.3, 0.7, 1.0, 1.1):
        explorer.request(replace(explorer.start, budget=budget))
    settled(explorer)
    budgets = tutorial.table("budget")["amount"].sum()
    for state in states:
        if state.is_current:
            planned = state.look.plan.case.table("budget")["amount"].sum()
            assert planned == pytest.approx(state.asked.budget * budgets)


def test_a_failing_setting_keeps_the_last_plan_and_says_why(two_rules: vc.Case) -> None:
    known = threading.Event()

    def listener(state: State) -> None:
        if state.failure and state.failure.explanation:
            known.set()

    explorer = Explorer(two_rules, listener=listener)
    first = settled(explorer)
    explorer.request(changed(explorer.start, two_rules, **{"research floor": True}))
    assert explorer.wait(LONG)
    state = explorer.state
    assert state.look is first
    assert not state.is_current
    assert "No plan fulfils every rule" in state.failure.problem.text()
    assert known.wait(LONG)
    assert "research floor" in explorer.state.failure.explanation.text()
    with pytest.raises(vc.InputError, match=r"waiting brings none: No plan fulfils every rule.* Turn the dials back"):
        explorer.settled()
    with pytest.raises(vc.InputError, match="waiting brings none"):
        explorer.pin()
    explorer.request(explorer.start)
    assert settled(explorer) is first
    assert explorer.state.failure is None


def test_an_impossible_figure_is_a_failure_and_no_crash(tutorial_plan: vc.Plan) -> None:
    explorer = Explorer(tutorial_plan)
    explorer.request(replace(explorer.start, min_share=2.0))
    assert explorer.wait(LONG)
    assert "min_share" in explorer.state.failure.problem.text()
    assert explorer.state.look.plan is tutorial_plan


def test_a_first_look_comes_before_a_plan_that_takes_its_time(tutorial: vc.Case, monkeypatch) -> None:
    monkeypatch.setattr(Resolver, "is_quick", False)
    looks: list[State] = []
    explorer = Explorer(tutorial, listener=looks.append)
    settled(explorer)
    explorer.request(replace(explorer.start, budget=0.9))
    last = settled(explorer)
    first = next(state.look for state in looks if state.look and state.look.settings.budget == 0.9)
    assert first.first
    fixed = last.plan.case  # the same settings
    assert first.plan.objective == pytest.approx(
        vc.Case(fixed.raw, fixed.settings, fixed.stored).solve(method="fixed").objective
    )
    assert first.plan.objective <= last.plan.objective
    assert not any(state.pinned and state.pinned.first for state in looks)


def test_closing_ends_what_is_planned(tutorial_plan: vc.Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    explorer = Explorer(tutorial_plan)
    explorer.request(replace(explorer.start, budget=0.9))
    gate.reached.wait(LONG)
    explorer.close()
    gate.open.set()
    assert explorer.wait(LONG)
    assert explorer.state.look.plan is tutorial_plan


def test_what_nobody_expects_is_told(tutorial_plan: vc.Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by mistake")

    monkeypatch.setattr(Resolver, "plan", broken)
    explorer = Explorer(tutorial_plan)
    explorer.request(replace(explorer.start, budget=0.9))
    assert explorer.wait(LONG)
    assert explorer.state.failure.problem.text() == "ZeroDivisionError: by mistake"
    assert isinstance(explorer.state.failure.problem.__cause__, ZeroDivisionError)
    monkeypatch.undo()
    explorer.request(replace(explorer.start, budget=0.8))  # and the next request is served
    assert settled(explorer).settings.budget == 0.8
