"""Priority lists: one nested order of funding, what its stability costs, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_diag, coo_array, diags_array, kron

import optimizer as vc
from optimizer.analysis import priorities_search
from optimizer.cli.main import Exit, status_of
from optimizer.compiler import compile_case
from optimizer.data.case import CaseTables
from optimizer.planning.outcome import Outcome
from optimizer.planning.strategy import plan_case
from optimizer.solvers.result import Termination
from tests.strategies import NO_TERMINAL, Draft, cases, draft, law, near, priced, table

TUTORIAL = Path(__file__).parent.parent.parent / "inputs" / "tutorial"


def desks(budget: float = 30, rules: str = "", settings: dict[str, object] | None = None) -> Draft:
    """Return a case in which money is not all that is scarce: ten projects can be looked after, wherever they are.

    A start at a costs 1 and is launched half of the time, one at b costs 3 and is always launched; a launch is worth 4.
    So money of 10 is best spent at a (10 starts, 5 launches: 20), money of 30 at b (10 starts, 10 launches: 40), and
    of the plans of both budgets neither keeps to the other.
    """
    return draft(
        settings or NO_TERMINAL,  # type: ignore[arg-type]
        clusters="cluster,name,name_ko\na,Ansan,안산\nb,Busan,부산",
        stages="stage,cost,success_rate\nlaunch,1,0.5",
        fields="field,value\nall,4",
        sites="cluster,stage,cost_factor,success_factor,backlog\na,launch,1,1,100\nb,launch,3,2,100",
        budget=f"year,amount\n2026,{budget}",
        rules="rule,measure,sense,value\ndesks,starts,at_most,10" + rules,
    )


def listed(found: vc.PriorityList) -> list[list[float]]:
    """Return the money of a and b at each budget."""
    order = found.order.set_index("cluster")
    columns = [name for name in order if str(name).startswith("money_")]
    return [order[columns].reindex([name], fill_value=0.0).iloc[0].tolist() for name in ("a", "b")]


def test_the_best_nested_list_by_hand() -> None:
    # With s starts at a at both budgets: 40/3 + 2 s/3 at budget 10 (what a leaves of 10 buys (10 - s)/3 starts at b),
    # and 40 - 2 s at budget 30 (b has the 10 - s desks that are left). Of equal weights s = 0 is best.
    found = vc.priority_list(desks().load(), [30, 10])
    table = found.table
    assert table["budget"].tolist() == [10, 30]
    assert table["objective"].tolist() == near([40 / 3, 40])
    assert table["objective_free"].tolist() == near([20, 40])
    assert table["stability_price"].tolist() == near([20 / 3, 0])
    assert table["stability_share"].tolist() == near([1 / 3, 0])
    assert found.stability_price == near(10 / 3)
    assert listed(found) == [[0, 0], near([10, 30])]
    # 0.8 of 2/3 is more than 0.2 of 2: now s = 10 is best, and nothing can be added at budget 30
    found = vc.priority_list(desks().load(), [30, 10], weights=[0.2, 0.8])
    assert found.table["objective"].tolist() == near([20, 20])
    assert listed(found) == [near([10, 10]), [0, 0]]
    assert found.table["unspent"].tolist() == near([0, 20])


def test_building_up_and_cutting_down_by_hand() -> None:
    case = desks().load()
    forward = vc.priority_list(case, [10, 30], method="forward")
    assert forward.table["objective"].tolist() == near([20, 20])
    assert forward.table["stability_price"].tolist() == near([0, 20])
    backward = vc.priority_list(case, [10, 30], method="backward")
    assert backward.table["objective"].tolist() == near([40 / 3, 40])
    assert "forward" in repr(forward)
    assert "cut down from the largest budget" in backward.notes[0].text()


def test_the_order_and_its_steps() -> None:
    # launches at b are cheap here, but only 4 can be begun there; a follows
    case = draft(
        NO_TERMINAL,
        clusters="cluster\na\nb",
        fields="field,value\nall,4",
        sites="cluster,stage,capacity,cost_factor,backlog\na,launch,8,2,100\nb,launch,4,1,100",
        budget="year,amount\n2026,20",
    ).load()
    found = vc.priority_list(case, [2, 10, 20])
    assert found.order[["rank", "cluster", "funded_from"]].to_numpy().tolist() == [[1, "b", 2], [2, "a", 10]]
    assert listed(found) == [near([0, 6, 16]), near([2, 4, 4])]
    steps = found.increments
    assert steps[["budget", "cluster", "newly_funded"]].to_numpy().tolist() == [
        [2, "b", True],
        [10, "a", True],
        [10, "b", False],
        [20, "a", False],
    ]
    assert steps["increment"].tolist() == near([2, 6, 2, 10])
    assert steps["increment_share"].tolist() == near([1, 0.75, 0.25, 1])
    assert steps["money_so_far"].tolist() == near([2, 6, 4, 16])
    assert found.stability_price == near(0)
    assert found.allocation(10)["amount"].sum() == near(10)
    with pytest.raises(vc.InputError, match="no plan of budget 11; it has 2, 10, 20"):
        found.allocation(11)


def test_what_hard_rules_leave_no_plan_for_is_said() -> None:
    # 5 launches need 10 at a, and b makes none of them for less than 15
    case = desks(rules="\nfive,launches,at_least,5").load()
    found = vc.priority_list(case, [8, 10, 30])
    assert found.table["status"].tolist() == ["infeasible", "optimal", "optimal"]
    assert "No plan fulfils every rule" in found.table["reason"][0].text()
    assert found.table["objective"].tolist()[1:] == near([20, 20])
    assert np.isnan(found.table["objective"][0])
    assert any("1 of 3 budgets have no plan" in note.text() for note in found.notes)
    with pytest.raises(
        vc.SolveError, match=r"budget 10 within .* rules \(desks, five\) .* more money for a, launch, all"
    ):
        vc.priority_list(case, [10, 30], method="backward")
    with pytest.raises(vc.SolveError, match="none of the budgets has a plan, not even 8: No plan"):
        vc.priority_list(case, [4, 8])


def test_links_funders_and_years_can_be_units() -> None:
    plan = vc.load_case(TUTORIAL).solve(method="fixed")
    sites = vc.priority_list(plan, [1000, 1665])
    assert "link" in set(sites.order["stage"])
    assert sites.order.filter(like="money_").sum().tolist() == near(sites.table["spend"].tolist())
    # money at the plan's own budget is that of its unit, wherever nothing has to give
    for of in ("funder", ["stage", "year"]):
        found = vc.priority_list(plan, [1000, 1665], of=of, method="forward")
        money = found.order.filter(like="money_")
        assert (money.iloc[:, 1] >= money.iloc[:, 0] - 1e-6).all()
        assert money.sum().tolist() == near(found.table["spend"].tolist())
    # the finer the units, the dearer it is to keep to them
    coarse = vc.priority_list(plan, [1000, 1665], of="funder").found.search.steps
    assert sum(step.nested.objective for step in coarse if step.nested) >= sites.table["objective"].sum() - 1e-6


def test_whole_decisions_are_nested_too() -> None:
    # a is funded with 8 or more a year, or not at all, so that money of 6 can only go to b: 2 starts, 8
    sites = "cluster,stage,cost_factor,success_factor,backlog,minimum\na,launch,1,1,100,8\nb,launch,3,2,100,0"
    case = replace(desks(), tables={**desks().tables, "sites": table(sites)}).load()
    found = vc.priority_list(case, [6, 10, 30])
    # 8 + 40/3 + 40 is more than what a would bring if 6 were left alone for it, 0 + 20 + 20
    assert found.table["objective"].tolist() == near([8, 40 / 3, 40])
    assert found.table["objective_free"].tolist() == near([8, 20, 40])
    # with most of the weight on 10 it is the other way round
    assert vc.priority_list(case, [6, 10, 30], weights=[1, 8, 1]).table["objective"].tolist() == near([0, 20, 20])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"budgets": []}, r"such as \[15, 30\], not \[\]"),
        ({"budgets": [10, -1]}, r"totals over the horizon of 0 or more"),
        ({"budgets": [10, float("nan")]}, "totals over the horizon"),
        ({"budgets": [10, "20"]}, r"budgets\[1\] is '20'; give a number"),
        ({"budgets": [10, 10]}, "named once"),
        ({"budgets": [10, 30], "weights": [1]}, "one weight above 0 for each of its 2 budgets"),
        ({"budgets": [10, 30], "weights": [1, 0]}, "one weight above 0"),
        ({"of": "region"}, "some of funder, cluster, stage, field, year, each once, not by region"),
        ({"of": ()}, "not by –"),
        ({"method": "sideways"}, "method is 'sideways'; it must be one of joint, forward, backward"),
    ],
)
def test_what_is_no_list_is_refused(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(vc.InputError, match=said):
        vc.priority_list(desks().load(), **arguments)  # type: ignore[arg-type]


def test_nothing_has_no_priorities_nor_has_a_text() -> None:
    with pytest.raises(vc.InputError, match="all of it is 0"):
        vc.priority_list(desks(0).load())
    with pytest.raises(vc.InputError, match="case_or_plan is 'inputs/tutorial'; give a case or a plan"):
        vc.priority_list("inputs/tutorial")  # type: ignore[arg-type]


def test_overlap_is_counted_truly_and_by_the_method_of_the_plan() -> None:
    # both clusters at once overlap by the smaller amount; it costs 0.5 a unit, so that mixing is never best here
    case = desks(settings=priced(0.5)).load()
    found = vc.priority_list(case, [10, 30])
    assert found.table["objective"].tolist() == near([40 / 3, 40])
    assert any("ranked by the list's own plans" in note.text() for note in found.notes)
    fixed = vc.priority_list(case.solve(method="fixed"), [10, 30])
    assert any("method fixed" in note.text() for note in fixed.notes)


def test_the_joint_program_is_the_one_another_assembly_makes() -> None:
    # the same rows put together by scipy from the labels of the tables, and solved there
    budgets, weights = [800, 1200, 1665, 2000], np.array([1, 2, 3, 4]) / 10
    case = vc.load_case(TUTORIAL).change(
        vc.Change("case", "overlap.between_clusters", "set", 0.0),
        vc.Change("case", "overlap.between_funders", "set", 0.0),
    )
    found = vc.priority_list(case, budgets, weights=list(weights), of=["cluster", "stage"])
    programs = [compile_case(case.change(vc.Change("budget", "amount", "multiply", b / 1665))) for b in budgets]
    labels, size = programs[0].columns, programs[0].n_columns
    sites, links = labels.frame("public"), labels.frame("link_public")
    keys = [*zip(sites["cluster"], sites["stage"], strict=True), *((end, "link") for end in links["destination"])]
    rows = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    money = [*labels.positions("public"), *labels.positions("link_public")]
    unit = coo_array((np.ones(len(money)), ([rows[key] for key in keys], money)), shape=(len(rows), size)).tocsr()
    matrix = block_diag([program.matrix() for program in programs]).tocsr()
    nesting = kron(diags_array([np.ones(4), -np.ones(3)], offsets=[0, 1], shape=(3, 4)), unit)
    low, high, lower, upper = (
        np.concatenate([getattr(program, name) for program in programs])
        for name in ("row_lower", "row_upper", "lower", "upper")
    )
    constraints = [LinearConstraint(matrix, low, high), LinearConstraint(nesting, -np.inf, 0)]
    cost = np.concatenate([-weight * program.cost for weight, program in zip(weights, programs, strict=True)])
    other = milp(cost, bounds=Bounds(lower, upper), constraints=constraints)
    assert float(weights @ found.table["objective"]) == near(-other.fun)


def test_a_limit_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(case: CaseTables, *arguments: object) -> Outcome:
        """Plan as ever, but a budget of 10 is stopped before it has a plan."""
        found = plan_case(case, *arguments)  # type: ignore[arg-type]
        if case.table("budget")["amount"].sum() > 11:
            return found
        return replace(found, x=None, result=replace(found.result, termination=Termination.TIME_LIMIT))

    monkeypatch.setattr(priorities_search, "plan_case", stopped)
    found = vc.priority_list(desks().load(), [10, 20, 30])
    assert found.table["status"].tolist() == ["limit", "optimal", "optimal"]
    assert not found.found.complete
    assert any("A limit ended the search" in note.text() for note in found.notes)


@law(10)
@given(st.data())
def test_lists_are_nested_and_the_joint_one_is_the_best(data: st.DataObject) -> None:
    case = data.draw(cases()).load()
    today = float(case.table("budget")["amount"].sum())
    assume(today > 0)
    budgets = [today * share for share in (0.5, 1.0, 1.4)]
    found = {"joint": vc.priority_list(case, budgets), "forward": vc.priority_list(case, budgets, method="forward")}
    try:
        found["backward"] = vc.priority_list(case, budgets, method="backward")
    except vc.SolveError as stuck:
        assert "method backward found no plan" in str(stuck)  # noqa: PT017  # the other two need no such luck
    for one in found.values():
        assert one.found.regained <= 1e-6
        assert (one.table["stability_price"] >= 0).all()
        assert one.order.filter(like="money_").sum().tolist() == near(one.table["spend"].tolist())
    best = float(found["joint"].table["objective"].sum())
    assert all(best >= one.table["objective"].sum() - 1e-6 * (1 + abs(best)) for one in found.values())
    assert found["forward"].table["stability_price"][0] == near(0)


@law(12)
@given(cases(overlap=False), st.sampled_from([0.4, 1.0, 1.3]))
def test_without_overlap_no_list_beats_free_plans_and_one_budget_costs_nothing(drawn: Draft, share: float) -> None:
    case = drawn.load()
    today = float(case.table("budget")["amount"].sum())
    assume(today > 0)
    alone = vc.priority_list(case, [share * today])
    changed = case.change(vc.Change("budget", "amount", "multiply", share)).solve()
    assert alone.table["objective"].tolist() == near([changed.objective])
    assert alone.stability_price == near(0)
    found = vc.priority_list(case, [today * 0.6, share * today])
    own = [step.free.objective for step in found.found.steps]
    assert (found.table["objective"].to_numpy() <= np.array(own) + 1e-6 * (1 + np.abs(own))).all()


def test_it_is_drawn_and_written(tmp_path: Path) -> None:
    found = vc.priority_list(desks(rules="\nfive,launches,at_least,5").load(), [8, 10, 30])
    assert next(trace.name for trace in found.plot("ko").data).startswith("안산")
    path = found.to_excel(tmp_path / "list.xlsx", "ko")
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["우선순위 목록", "단계별 증액", "예산", "유의사항"]
    assert book.get_sheet_by_index(0).to_python()[0][-2:] == ["예산 10일 때 금액", "예산 30일 때 금액"]


def test_the_command_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = desks().write(tmp_path / "case")
    target = tmp_path / "list.csv"
    asked = ["priorities", str(folder), "--budget", "10", "--budget", "30", "--weight", "1", "--weight", "1"]
    assert status_of([*asked, "--out", str(target)]) == Exit.SOLVED
    said = capsys.readouterr().out
    assert "33.333 %" in said
    assert target.read_text(encoding="utf-8").splitlines()[0].endswith("funded_from,money_10,money_30")
    assert status_of([*asked, "--json", "--of", "cluster", "--method", "forward"]) == Exit.SOLVED
    data = json.loads(capsys.readouterr().out)
    assert data["table"] == [{"rank": 1, "cluster": "a", "funded_from": 10, "money_10": near(10), "money_30": near(10)}]
    assert [line["objective"] for line in data["budgets"]] == near([20, 20])
    assert status_of([*asked, "--lang", "ko", "--method", "sideways"]) == Exit.BAD_INPUT
