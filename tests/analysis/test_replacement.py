"""What is lost without each cluster, link, funder or rule: by hand, by law, and as planners see it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

import optimizer as vc
from optimizer.analysis.leave_out import Kind
from optimizer.cli.main import Exit, status_of
from tests.analysis.test_priorities import desks
from tests.strategies import NO_TERMINAL, Draft, cases, draft, law, near, priced

CHAIN = draft(
    NO_TERMINAL,
    clusters="cluster,name,name_ko\na,Ansan,안산\nb,Busan,부산",
    stages="stage,cost,success_rate\ntrial,1,1\nlaunch,1,1",
    fields="field,value\nall,4",
    sites="cluster,stage,capacity,backlog\na,trial,10,10\na,launch,2,0\nb,launch,3,1",
    links="origin,destination,stage,retention,capacity\na,b,,0.5,4\na,a,trial,1,9",
    budget="funder,year,amount\nx,2026,6\ny,2026,14",
)
"""Ten projects wait for their trial at a. Two can be launched there, three at b, where one waits and half of what is
sent arrives. All in all: 2 trials for a and 4 for b, 2 and 3 launches, worth 20; money left over earns nothing."""


def left_out(case: vc.Case, of: str, **arguments: object) -> vc.ReplacementCost:
    """Leave out one of a kind at a time, in this process."""
    return vc.replacement_cost(case, of, executor="serial", progress=False, **arguments)  # type: ignore[arg-type]


def losses(case: vc.Case, of: str, **arguments: object) -> dict[str, float]:
    """Return the loss without each, by its labels."""
    found = left_out(case, of, **arguments)
    table, name = found.table, found.found.figure
    keys = table[list(found.found.labels)].astype(str).agg(" ".join, axis=1)
    return dict(zip(keys, table[name].astype(float), strict=True))


def test_clusters_sites_and_stages_by_hand() -> None:
    # without a: what waits at b, 1 launch; without b: the 2 launches of a
    assert losses(CHAIN.load(), "cluster") == {"a": near(16), "b": near(12)}
    assert losses(CHAIN.load(), "stage") == {"launch": near(20), "trial": near(16)}
    assert losses(CHAIN.load(), "site") == {"a trial all": near(16), "b launch all": near(12), "a launch all": near(8)}
    assert losses(CHAIN.load(), "field") == {"all": near(20)}


def test_links_by_hand() -> None:
    # without the way to b its own project is left, without the line inside of a nothing is passed on there at all
    assert losses(CHAIN.load(), "link") == {"a b ": near(8), "a a trial": near(8)}


def test_a_link_of_every_stage_is_left_out_beside_one_of_a_single_stage() -> None:
    both = "origin,destination,stage,retention,capacity\na,b,,0.5,2\na,b,trial,0.5,2"
    case = replace(CHAIN, tables={**CHAIN.tables, "links": table_of(both)}).load()
    # each carries 2 of which 1 arrives; a launches on its own way without limits
    assert losses(case, "link") == {"a b ": near(4), "a b trial": near(4)}


def table_of(text: str) -> object:
    """Return a table of a draft."""
    return draft(links=text).tables["links"]


def test_funders_by_hand() -> None:
    # 11 of the 20 are spent. Without x 14 are left, enough; without y 6: 2 trials and launches at a cost 4, the project
    # that waits at b 1, and half a launch more wants 1 and a half, of which 1 is there
    found = left_out(CHAIN.load(), "funder")
    lost = {"x": 0.0, "y": 20 - 4 * (2 + 1 + 1 / 3)}
    assert dict(zip(found.table["funder"], found.table["loss"], strict=True)) == near(lost)
    assert found.table["money_in_plan"].sum() == near(11)
    # who gets it from whom makes no difference here: all of it is there
    assert losses(CHAIN.load(), "funder", money="shared") == near({"x": 0.0, "y": 0.0})


def test_the_money_of_a_funder_is_shared_in_proportion_or_in_equal_parts() -> None:
    budget = "funder,year,amount\nx,2026,6\nx,2027,6\ny,2026,3\ny,2027,0\nz,2026,1\nz,2027,0"
    case = draft(NO_TERMINAL, years=2, budget=budget).load()
    points = vc.replacement_cost(case, "funder", money="shared", executor=None, progress=False).found.left_out.points
    shared = case.change(*points[0].changes).table("budget").set_index(["funder", "year"])["amount"]
    assert shared.to_dict() == near(
        {("x", 2026): 0, ("x", 2027): 0, ("y", 2026): 7.5, ("y", 2027): 3, ("z", 2026): 2.5, ("z", 2027): 3}
    )
    with pytest.raises(vc.InputError, match="the only funder cannot be shared"):
        left_out(draft(NO_TERMINAL).load(), "funder", money="shared")


def test_rules_are_gained_by_and_what_has_no_plan_is_kept() -> None:
    # ten desks: money of 30 launches 10 at b, worth 40; without the rule 30 starts at a launch 15, worth 60
    assert losses(desks().load(), "rule") == {"desks": near(20)}
    assert losses(desks(10).load(), "rule") == {"desks": near(0)}
    found = left_out(desks(10, rules="\nfive,launches,at_least,5").load(), "cluster")
    assert found.table[["cluster", "status"]].to_numpy().tolist() == [["a", "infeasible"], ["b", "optimal"]]
    assert "No plan fulfils every rule" in found.table["reason"][0].text()
    assert np.isnan(found.table["loss"][0])
    assert any("Without 1 of them there is no plan" in note.text() for note in found.notes)
    # a switched off rule cannot be left out
    off = desks().with_table("rules", lambda row: {**row, "value": "10"}).load()
    off = off.change(vc.Change("rules", "enabled", "set", "false"))
    with pytest.raises(vc.InputError, match="no rule that could be left out"):
        left_out(off, "rule")


def test_what_gets_no_money_costs_nothing() -> None:
    found = left_out(desks(10).load(), "cluster")
    table = found.table.set_index("cluster")
    assert table.loc["b", ["loss", "money_in_plan", "launches_lost"]].tolist() == near([0, 0, 0])
    assert table.loc["a", "loss"] == near(20 - 40 / 3)
    assert table["certain"].to_dict() == {"a": True, "b": False}
    assert table["loss_least"].tolist() == near(table["loss"].tolist())
    assert table["loss_most"].tolist() == near(table["loss"].tolist())


def test_a_difference_within_the_gap_is_not_certain() -> None:
    case = vc.load_case("inputs/tutorial")
    found = left_out(case, "link")
    table = found.table
    gap = case.solve().summary()["bound"] - case.solve().objective
    assert (table.loc[~table["certain"], "loss"] < 2 * gap).all()
    assert table["certain"].any()
    assert (table["loss_least"] <= table["loss"] + 1e-6).all()
    assert (table["loss"] <= table["loss_most"] + 1e-6).all()
    assert any("are not certain" in note.text() for note in found.notes)


@law(12)
@given(st.data())
def test_a_loss_is_that_of_a_cold_solve_and_never_negative(data: st.DataObject) -> None:
    drawn: Draft = data.draw(cases(overlap=False, always=["sites"]))
    drawn = drawn.with_settings(specialization={"min_share": 0})
    case = drawn.load()
    base = drawn.solve().objective
    rules = drawn.tables["rules"].rows if "rules" in drawn.tables else ()
    of = data.draw(
        st.sampled_from(
            ["cluster", "funder", "field", *(["rule"] if any(row["enabled"] != "false" for row in rules) else [])]
        )
    )
    for key, loss in losses(case, of).items():
        assert loss >= -1e-7 or np.isnan(loss)
        without = _without(drawn, of, key)
        if without is None:
            continue
        plan = without.load().solve(method="fixed")
        sign = -1 if of == "rule" else 1
        assert (sign * (base - plan.objective) == near(loss)) if plan.ok else np.isnan(loss)


def _without(drawn: Draft, of: str, key: str) -> Draft | None:
    """Return a drawn case with its lines changed by hand; ``None`` where that would leave no line."""
    if of == "funder":
        return drawn.with_table("budget", lambda row: {**row, "amount": "0"} if row["funder"] == key else row)
    if of == "rule":
        return drawn.with_rows("rules", [row for row in drawn.tables["rules"].rows if row["rule"] != key])
    kept = [row for row in drawn.tables["sites"].rows if row[of] != key]
    return drawn.with_rows("sites", kept) if kept else None


def test_overlap_and_processes(tmp_path: Path) -> None:
    case = desks(settings=priced(0.5)).load()
    here = left_out(case, "site", store=tmp_path / "store.db")
    again = vc.replacement_cost(case, "site", workers=2, store=tmp_path / "store.db", progress=False)
    assert here.table.drop(columns="reason").equals(again.table.drop(columns="reason"))
    # by hand: without b 10 starts at a are launched 5 times, 20; without a nothing changes
    assert here.table["loss"].tolist() == near([20, 0])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"of": "region"}, "of is 'region'; it must be one of cluster, link"),
        ({"of": "funder", "money": "burnt"}, "money is 'burnt'; it must be one of lost, shared"),
        ({"of": "link"}, "no link that could be left out"),
    ],
)
def test_what_cannot_be_left_out_is_refused(arguments: dict[str, str], said: str) -> None:
    with pytest.raises(vc.InputError, match=said):
        left_out(desks().load(), **arguments)  # type: ignore[arg-type]


def test_sites_must_be_listed_to_be_left_out() -> None:
    with pytest.raises(vc.InputError, match="no cluster that could be left out; its table is missing or empty"):
        left_out(draft(NO_TERMINAL).load(), Kind.CLUSTER)


def test_it_is_drawn_and_written(tmp_path: Path) -> None:
    found = left_out(CHAIN.load(), "link")
    assert list(found.plot("ko").layout.yaxis.ticktext) == ["안산 → 부산", "안산 → 안산, trial"]
    book = CalamineWorkbook.from_path(found.to_excel(tmp_path / "lost.xlsx", "ko"))
    assert book.sheet_names == ["제외 손실", "유의사항"]
    assert book.get_sheet_by_index(0).to_python()[1][:2] == ["안산", "부산"]
    assert repr(found) == "ReplacementCost('by hand': 2 of kind link, largest loss 8)"


def test_the_command_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = desks(rules="\nfive,launches,at_least,5").write(tmp_path / "case")
    target = tmp_path / "lost.xlsx"
    assert status_of(["replacement", str(folder), "--out", str(target)]) == Exit.SOLVED
    assert "Left out means: no starts, no money" in capsys.readouterr().out
    assert CalamineWorkbook.from_path(target).sheet_names == ["Replacement cost", "Notes"]
    assert status_of(["replacement", str(folder), "--of", "rule", "--json"]) == Exit.SOLVED
    data = json.loads(capsys.readouterr().out)
    assert [line["rule"] for line in data["table"]] == ["desks", "five"]
    assert status_of(["replacement", str(folder), "--of", "nothing"]) == Exit.BAD_INPUT
