"""What is given to public functions is held against what they say they take."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
import pytest

import optimizer as vc
from optimizer.arguments import checked

REFERENCE = Path(__file__).parent / "reference"
TUTORIAL = Path(__file__).parent.parent / "inputs" / "tutorial"


@checked
def taken(
    amount: float = 0.0,
    count: int = 0,
    names: Sequence[str] = (),
    plans: Mapping[str, int | None] | None = None,
    *rest: bool,
    place: str | Path = "",
) -> tuple[Any, ...]:
    return amount, count, names, plans, rest, place


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ((np.float32(0.5), np.int64(3)), (0.5, 3)),
        ((True + 1, 2028.0), (2, 2028)),
        ((0, 0, "site"), (0, 0, ["site"])),
        ((0, 0, pd.Series(["a", "b"])), (0, 0, ["a", "b"])),
        ((0, 0, (name for name in "ab")), (0, 0, ["a", "b"])),
        ((0, 0, (), {"a": np.int64(1), "b": None}, np.True_), (0, 0, (), {"a": 1, "b": None}, (True,))),
    ],
)
def test_what_plainly_means_the_right_thing_is_taken(given: tuple[Any, ...], meant: tuple[Any, ...]) -> None:
    found = taken(*given)[: len(meant)]
    assert found == meant
    assert [type(one) for one in found[:2]] == [type(one) for one in meant[:2]]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: taken("x"), "taken: amount is 'x'; give a number."),
        (lambda: taken(True), "taken: amount is True; give a number."),
        (lambda: taken(0, 2.5), "count is 2.5; give a whole number."),
        (lambda: taken(0, 0, ["a", 5]), "names[1] is 5; give a text."),
        (lambda: taken(0, 0, {"a": 1}), "names is {'a': 1}; give a list, each of it a text."),
        (lambda: taken(0, 0, pd.DataFrame({"a": [1]})), "names is DataFrame; give a list"),
        (lambda: taken(0, 0, (), {"a": "b"}), "plans['a'] is 'b'; give a whole number or None."),
        (lambda: taken(0, 0, (), None, "yes"), "rest is 'yes'; give True or False."),
        (lambda: taken(place=b"x"), "place is b'x' (bytes); give a text or a path."),
        (lambda: taken(size=1), "taken: there is no argument size; there are amount, count, names,"),
        (vc.load_case, "load_case: the argument path is missing; give path, strict."),
        (lambda: vc.load_case("a", "b"), "load_case: more is given than is taken"),
        (lambda: vc.Change("budget", "amount", "multiply", 1, None), "Change: where is None; give a text."),
        (lambda: vc.SolveOptions(time_limit="5"), "SolveOptions: time_limit is '5'; give a number or None."),
        (lambda: vc.Parameter("p", 5, 0, 1), "parameter 'p': 5 is no target; give a vc.Target"),
        (lambda: vc.levels("budget", "amount", [1.0], operation="x"), "operation is 'x'"),
    ],
)
def test_what_does_not_fit_is_refused(call: Callable[[], object], said: str) -> None:
    with pytest.raises(vc.InputError) as refused:
        call()
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda plan: plan.case.solve(years="x"), "Case.solve: there is no argument years; there are options, method"),
        (
            lambda plan: plan.case.solve(vc.OverlapMethod.FIXED),
            "options is 'fixed'; give an object of type SolveOptions",
        ),
        (lambda plan: plan.case.change({"table": "budget"}), "changes is {'table': 'budget'}"),
        (lambda plan: plan.case.evaluate(5), "Case.evaluate: table is 5; give a text or a path or a table (DataFrame)"),
        (lambda plan: plan.pivot(5), "Plan.pivot: index is 5; give a list, each of it a text."),
        (lambda plan: plan.from_pulp("x"), "not from a str; start from plan.to_pulp()"),
        (lambda plan: plan.to_excel(None), "Plan.to_excel: path is None; give a text or a path."),
        (lambda plan: plan.plot.sankey(language=5), "language is 5"),
        (vc.regret, "regret: plans is Plan('tutorial': objective"),
        (lambda plan: vc.regret([plan]), "regret: plans is [Plan("),
        (
            lambda plan: vc.tornado(plan.case, options=5),
            "tornado: options is 5; give an object of type SolveOptions or None.",
        ),
        (
            lambda plan: vc.tornado(plan.case, speed=5),
            "tornado: there is no argument speed; there are case, parameters, share, measure, method, store, options,",
        ),
        (lambda plan: vc.tornado(plan.case, progress="x"), "tornado: progress is 'x'; give True or False."),
        (lambda plan: vc.morris(plan.case, progress="x"), "morris: progress is 'x'; give True or False."),
        (lambda plan: vc.sobol(plan.case, workers="x"), "sobol: workers is 'x'; give a whole number or None."),
        (lambda plan: vc.morris(plan.case, seed=-1), "a seed of -1 is none"),
        (lambda plan: vc.budget_curve("inputs/tutorial"), "case_or_plan is 'inputs/tutorial'; give a case or a plan."),
        (lambda plan: vc.rounded(plan, 5), "unit is 5; give a text or an object of type MoneyUnit or None."),
    ],
)
def test_public_calls_say_what_is_wrong(call: Callable[[vc.Plan], object], said: str, tutorial_plan: vc.Plan) -> None:
    with pytest.raises(vc.InputError) as refused:
        call(tutorial_plan)
    assert said in str(refused.value)


def test_every_public_call_that_is_told_of_progress_names_itself(tutorial_plan: vc.Plan) -> None:
    owners = {"": vc, "Case.": tutorial_plan.case, "Plan.": tutorial_plan}
    told = []
    for prefix, owner in owners.items():
        names = vc.__all__ if owner is vc else [name for name in dir(type(owner)) if not name.startswith("_")]
        for name in names:
            function = getattr(owner if owner is vc else type(owner), name)
            if not inspect.isfunction(function) or "progress" not in str(inspect.signature(function)):
                continue
            with pytest.raises(vc.InputError) as refused:
                getattr(owner, name)(progress=5)
            told.append(f"{prefix}{name}")
            assert str(refused.value).startswith(f"{prefix}{name}: progress is 5; give "), refused.value
    assert {"budget_curve", "frontier", "stochastic", "Case.solve"} <= set(told)


def test_a_plan_that_failed_says_why_where_a_plan_is_wanted() -> None:
    failed = vc.load_case(REFERENCE / "infeasible-two-rules").solve()
    for call in (vc.budget_curve, vc.rounded, vc.explore):
        with pytest.raises(vc.SolveError, match="infeasible: No plan fulfils every rule") as refused:
            call(failed)  # type: ignore[operator]
        assert refused.value.status == "infeasible"


def test_every_public_call_is_checked() -> None:
    bare = []
    for name in vc.__all__:
        given = getattr(vc, name)
        if inspect.isfunction(given):
            bare += [] if hasattr(given, "__wrapped__") or not inspect.signature(given).parameters else [name]
        elif inspect.isclass(given) and not issubclass(given, Exception | Enum | vc.Fault | vc.Remark):
            methods = inspect.getmembers(given, inspect.isfunction)
            bare += [
                f"{name}.{method}"
                for method, function in methods
                if not method.startswith("_")
                and function.__module__.startswith("optimizer")
                and len(inspect.signature(function).parameters) > 1
                and not hasattr(function, "__wrapped__")
            ]
    assert not bare, "decorate them by checked or checked_methods of optimizer.arguments"


def test_paths_of_other_kinds_are_taken() -> None:
    class Place:
        def __fspath__(self) -> str:
            return str(TUTORIAL)

    assert vc.load_case(Place()).name == vc.load_case(PurePosixPath(TUTORIAL)).name == "tutorial"  # type: ignore[arg-type]


def test_a_refusal_is_told_in_korean() -> None:
    with pytest.raises(vc.InputError) as refused:
        taken(0, 0, [5])
    assert refused.value.text("ko") == "taken: names[0]에 5가 들어왔습니다. 글자를 주십시오."


def test_a_folder_is_no_place_for_a_file(tutorial_plan: vc.Plan, tmp_path: Path) -> None:
    for write in (tutorial_plan.to_excel, tutorial_plan.to_html):
        with pytest.raises(vc.InputError, match="is a folder, and one file is to be written; name a file in it"):
            write(tmp_path)
    with pytest.raises(OSError, match=r"/proc/plan\.html'$"):
        tutorial_plan.to_html("/proc/plan.html")
