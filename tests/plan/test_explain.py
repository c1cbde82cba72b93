"""Conflicts by hand: which limits are named, what each would have to be, and that the change mends the case."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

import optimizer as vc
from optimizer.plan.explain import Verdict
from tests.strategies import Draft, draft, near

TWO_RULES = Path(__file__).parent.parent / "reference" / "infeasible-two-rules"
RULES = "rule,where,measure,sense,kind,value,of,per"


def rules(*lines: str) -> str:
    return "\n".join([RULES, *lines])


def explained(case: Draft) -> vc.Explanation:
    """Explain a case, and see that its own engine calls it infeasible and the change mends it."""
    found = case.load().explain()
    assert found.verdict is Verdict.CONFLICT
    assert case.load().solve().status == "infeasible"
    assert found.irreducible
    assert found.repaired_case().solve().ok
    return found


def needs(frame: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Return what each limit is and what it would have to be."""
    return {line["row"]: (line["now"], pytest.approx(line["needed"], rel=1e-6)) for line in frame.to_dict("records")}


def test_the_reference_case_names_exactly_its_conflict() -> None:
    expected = json.loads((TWO_RULES / "expected.json").read_text())
    found = vc.load_case(TWO_RULES).explain()
    assert sorted(map(str, found.members)) == sorted(map(str, expected["conflict"]))
    assert found.smallest_change == near(expected["smallest_change"])
    assert len(found.repair) == 1
    assert needs(found.alternatives) == {
        "rule 'research floor'": (60, 50),
        "rule 'msit launch floor'": (50, 40),
        "budget (msit, 2027)": (100, 110),
    }
    mended = found.repaired_case()
    assert isinstance(mended, vc.Case)
    assert mended.solve().ok
    assert mended.explain().verdict is Verdict.NONE


def test_a_failed_plan_explains_itself_and_says_it_in_the_card() -> None:
    plan = vc.load_case(TWO_RULES).solve()
    assert isinstance(plan, vc.FailedPlan)
    assert plan.explain().members == plan.explanation.members
    assert "budget (msit, 2027) is 100 KRW bn, but the others need 110 KRW bn" in plan._repr_html_()
    assert plan.explain().text("ko").count("msit") == plan.explain().text().count("msit")
    with pytest.raises(vc.InputError, match="language is 'fr'"):
        plan.explain().text("fr")


def test_a_share_is_told_as_a_share() -> None:
    # cluster b gets at most a fifth of 100, which is 20, but 30 are asked for; 0.3 of 100 or a fifth of 150 would do
    case = draft(
        clusters="cluster\na\nb",
        rules=rules("floor,cluster=b,spend,at_least,amount,30,,", "cap,cluster=b,spend,at_most,share,0.2,,"),
    )
    found = explained(case)
    told = {"rule 'floor'": (30, 20), "rule 'cap'": (0.2, 0.3), "budget (national, 2026)": (100, 150)}
    assert needs(found.conflict) == needs(found.alternatives) == told
    assert found.smallest_change == near(10)
    assert "raise rule 'cap' from 20 % to 30 %" in found.text()


def test_a_specialisation_share_is_a_limit_of_its_own() -> None:
    # half of the money must go to the strong site, which is full with 2 projects of 10: 40 in all, but 60 are asked for
    case = draft(
        {"specialization": {"min_share": 0.5}},
        stages="stage,cost,success_rate\nlaunch,10,1",
        fields="field,value\nstrong,1\nweak,1",
        sites="cluster,stage,field,capacity,backlog,specialized\na,launch,strong,2,9,true\na,launch,weak,,9,false",
        rules=rules("floor,,spend,at_least,amount,60,,"),
    )
    found = explained(case)
    assert needs(found.conflict) == {
        "rule 'floor'": (60, 40),
        "least share for strengths (a, 2026)": (0.5, 1 / 3),
        "capacity (a, launch, strong, 2026)": (2, 3),
    }
    assert found.smallest_change == near(10)  # one more start of 10 in the strong site, or a row short of 10


def test_what_may_be_carried_over_is_part_of_a_conflict_of_years() -> None:
    # 100 and a tenth of the year before are 110; 130 are asked for, so 0.3 would have to be carried
    case = draft({"funding": {"carry_over": 0.1}}, years=2, rules=rules("floor,year=2027,spend,at_least,amount,130,,"))
    found = explained(case)
    assert needs(found.conflict) == {
        "rule 'floor'": (130, 110),
        "money carried over (national, 2026)": (0.1, 0.3),
        "budget (national, 2027)": (100, 120),
    }


def test_projects_are_valued_by_what_they_cost() -> None:
    # 5 starts are asked for where 3 fit, at 2 each: both ways count 4
    case = draft(
        stages="stage,cost,success_rate\nlaunch,2,1",
        sites="cluster,stage,capacity,backlog\na,launch,3,9",
        rules=rules("floor,,starts,at_least,amount,5,,"),
    )
    found = explained(case)
    assert needs(found.conflict) == {"rule 'floor'": (5, 3), "capacity (a, launch, 2026)": (3, 5)}
    assert found.alternatives["money"].to_list() == [near(4), near(4)]
    assert set(found.conflict["unit"]) == {"projects", "projects/year"}


def test_a_link_is_a_limit() -> None:
    case = draft(
        clusters="cluster,name\na,Alpha\nb,Beta",
        stages="stage,cost,success_rate\nresearch,1,1\nlaunch,1,1",
        sites="cluster,stage,backlog\na,research,9\nb,launch,0",
        links="origin,destination,capacity\na,b,1",
        rules=rules("floor,,launches,at_least,amount,3,,"),
    )
    found = explained(case)
    assert found.members == [
        {"family": "rules", "labels": {"rule": "floor"}},
        {"family": "link_capacity", "labels": {"origin": "a", "destination": "b", "stage": "", "year": 2026}},
    ]
    assert needs(found.conflict) == {"rule 'floor'": (3, 1), "capacity of the link (Alpha → Beta, 2026)": (1, 3)}


def test_whole_decisions_are_in_conflict_where_their_linear_program_is_not() -> None:
    # two halves of a niche would satisfy the linear program
    case = draft(
        clusters="cluster,max_niches\na,1",
        fields="field,value\nx,1\ny,1",
        sites="cluster,stage,field,backlog\na,launch,x,90\na,launch,y,90",
        rules=rules("x,field=x,spend,at_least,amount,10,,", "y,field=y,spend,at_least,amount,20,,"),
    )
    found = explained(case)
    told = {"rule 'x'": (10, 0), "rule 'y'": (20, 0), "most niches (a, 2026)": (1, 2)}
    assert needs(found.conflict) == needs(found.alternatives) == told
    assert found.smallest_change == near(10)


def test_a_least_spend_is_in_conflict_with_a_ceiling() -> None:
    case = draft(
        sites="cluster,stage,backlog,minimum\na,launch,90,50",
        rules=rules("some,,spend,at_least,amount,10,,", "cap,,spend,at_most,amount,30,,"),
    )
    found = explained(case)
    assert needs(found.conflict) == {
        "rule 'some'": (10, 0),
        "rule 'cap'": (30, 50),
        "least spend (a, launch, 2026)": (50, 30),
    }
    assert found.smallest_change == near(10)


def test_more_than_one_conflict_is_mended_at_once() -> None:
    case = draft(years=2, rules=rules("floor,,spend,at_least,amount,120,,year"))
    found = explained(case)
    assert len(found.members) == 2  # of one year
    assert found.smallest_change == near(40)
    assert len(found.alternatives) == 0
    assert "No single one of these limits would do alone" in found.text()


def test_a_rule_that_counts_nothing_says_so() -> None:
    found = explained(draft(rules=rules("floor,stage=link,spend,at_least,amount,5,,")))
    assert needs(found.conflict) == {"rule 'floor'": (5, 0)}
    assert "nothing that counts towards it can be funded or done at all" in found.text()


def test_what_a_mandate_admits_is_told() -> None:
    # mohw may fund launches only, of which 4 fit at 10 each
    case = draft(
        stages="stage,cost,success_rate\nresearch,10,1\nlaunch,10,1",
        sites="cluster,stage,capacity,backlog\na,research,9,9\na,launch,4,9",
        budget="funder,year,amount\nmohw,2026,100",
        mandates="funder,stage\nmohw,launch",
        rules=rules("mohw floor,funder=mohw,spend,at_least,amount,70,,"),
    )
    assert (
        "'mohw floor' asks for 70 KRW bn, but what the mandate admits (mohw) can take only 40 KRW bn"
        in explained(case).text()
    )


def test_many_limits_of_one_kind_are_told_together() -> None:
    sites = "\n".join(["cluster,stage,capacity,backlog", *(f"c{number},launch,1,90" for number in range(9))])
    clusters = "\n".join(["cluster", *(f"c{number}" for number in range(9))])
    found = explained(draft(clusters=clusters, sites=sites, rules=rules("floor,,spend,at_least,amount,20,,")))
    assert len(found.members) == 10
    assert "9 limits of one kind: capacity (c0, launch; c1, launch" in found.text()
    assert "and 3 more; 2026)" in found.text()


@pytest.mark.parametrize(
    ("settings", "tables", "told"),
    [
        ({}, {}, "no demand limits the launches (all)"),
        (
            {"value": {"saturation": 0.2}},
            {"fields": "field,value,demand\nall,9,3"},
            "beyond the demand (all) are still",
        ),
        ({}, {"fields": "field,value,demand\nall,9,3", "stages": "research"}, "worth of the pipeline"),
    ],
)
def test_an_unbounded_case_names_what_grows(settings: dict, tables: dict[str, str], told: str) -> None:
    chain = "stage,cost,success_rate\n" + ("research,0,1\nlaunch,2,1" if "stages" in tables else "launch,0,1")
    case = draft(settings, **{**tables, "stages": chain}).load()
    plan = case.solve()
    assert isinstance(plan, vc.FailedPlan)
    assert plan.status == "unbounded"
    found = plan.explain()
    assert (found.verdict, found.members) == (Verdict.UNBOUNDED, [])
    assert "starts cost nothing and no capacity limits them (a, " in found.text()
    assert told in found.text()
    with pytest.raises(vc.SolveError, match="nothing to repair"):
        found.repaired_case()


def test_a_case_with_a_plan_says_so(tutorial: vc.Case) -> None:
    found = tutorial.explain()
    assert (found.verdict, found.members, found.smallest_change) == (Verdict.NONE, [], 0)
    assert list(found.repair.columns) == ["family", "row", "now", "needed", "change", "unit", "money"]
    assert "every limit can hold" in found.text()


def test_time_that_is_too_short_is_a_verdict() -> None:
    found = vc.load_case(Path("inputs") / "korea").explain(vc.SolveOptions(time_limit=0.01))
    assert found.verdict is Verdict.STOPPED
    assert "time ran out" in found.text()


def test_the_repaired_case_differs_in_nothing_else() -> None:
    case = vc.load_case(TWO_RULES)
    mended = case.explain().repaired_case()
    assert (case.table("rules")["value"] != mended.table("rules")["value"]).sum() == 1
    for name in case.frames:
        if name != "rules":
            pd.testing.assert_frame_equal(case.table(name), mended.table(name))
    assert mended.settings == case.settings
    assert "repaired" in mended.raw.origin


def test_the_workbook_holds_words_and_tables(tmp_path: Path) -> None:
    path = vc.load_case(TWO_RULES).explain().to_excel(tmp_path / "why.xlsx", "ko")
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["설명", "충돌", "최소 변경", "다른 대안"]
    assert len(book.get_sheet_by_name("충돌").to_python()) == 4


def test_a_share_of_nothing_is_not_raised_for_it_would_not_help() -> None:
    # a tenth of what is spent on links, of which there is none, may go to launches: no share makes room for 10
    case = draft(
        rules=rules("floor,,spend,at_least,amount,10,,", "cap,stage=launch,spend,at_most,share,0.1,stage=link,")
    )
    found = explained(case)
    assert {member["labels"]["rule"] for member in found.members} == {"floor", "cap"}
    assert needs(found.repair) == needs(found.alternatives) == {"rule 'floor'": (10, 0)}
    assert "rule 'cap': at most 10 %" in found.text()
