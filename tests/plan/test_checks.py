"""What is said about a case before it is solved: each remark by hand, with its severity and address."""

from __future__ import annotations

import pytest
from hypothesis import given

import optimizer as vc
from tests.plan.test_explain import TWO_RULES, rules
from tests.plan.test_explain_laws import contradictory
from tests.strategies import Draft, draft, law

CHAIN = "stage,cost,success_rate\nresearch,1,1\nlaunch,1,1"


def said(case: Draft) -> dict[str, vc.Remark]:
    """Return the remarks on a case by code."""
    return {remark.code: remark for remark in case.load().remarks}


@pytest.mark.parametrize(
    ("code", "severity", "address", "case"),
    [
        (
            "floors-above-budget",
            "error",
            "rules.csv:2 value",
            draft(rules=rules("floor,,spend,at_least,amount,101,,")),
        ),
        (
            "floors-above-budget",
            "error",
            "rules.csv:2 value",
            draft(
                clusters="cluster\na\nb",
                rules=rules("a,cluster=a,spend,at_least,amount,60,,", "b,cluster=b,spend,at_least,amount,50,,"),
            ),
        ),
        (
            "rule-counts-nothing",
            "error",
            "rules.csv:2 where",
            draft(rules=rules("none,cluster=a; stage=link,starts,at_least,amount,1,,")),
        ),
        (
            "rule-counts-nothing",
            "warning",
            "rules.csv:2 where",
            draft(rules=rules("none,cluster=a; stage=link,spend,at_most,amount,1,,")),
        ),
        ("share-above-one", "warning", "rules.csv:2 value", draft(rules=rules("all,,spend,at_most,share,60,,"))),
        ("unknown-label", "warning", "rules.csv:2 where", draft(rules=rules("x,cluster=b,spend,at_most,amount,6,,"))),
        (
            "idle-funder",
            "warning",
            "mandates.csv:2 funder",
            draft(
                clusters="cluster\na\nb",
                sites="cluster,stage\na,launch",
                budget="funder,year,amount\nm,2026,5\nn,2026,5",
                mandates="funder,cluster\nm,b",
            ),
        ),
        (
            "idle-cluster",
            "warning",
            "clusters.csv:3 cluster",
            draft(clusters="cluster\na\nb", sites="cluster,stage\na,launch"),
        ),
        (
            "no-strength",
            "warning",
            "clusters.csv:2 cluster",
            draft({"specialization": {"min_share": 0.5}}, sites="cluster,stage,backlog,specialized\na,launch,1,false"),
        ),
        (
            "stage-without-site",
            "warning",
            "stages.csv:2 stage",
            draft(stages=CHAIN, sites="cluster,stage,backlog\na,launch,1"),
        ),
        (
            "stage-unreached",
            "warning",
            "stages.csv:3 stage",
            draft(
                clusters="cluster\na\nb",
                stages=CHAIN,
                sites="cluster,stage,backlog\na,research,1\nb,launch,0",
            ),
        ),
        (
            "stage-unfunded",
            "warning",
            "stages.csv:3 stage",
            draft(stages=CHAIN, budget="funder,year,amount\nm,2026,5", mandates="funder,stage\nm,research"),
        ),
        ("no-budget", "note", "budget.csv:2 amount", draft(budget="funder,year,amount\nm,2026,0\nn,2026,5")),
        (
            "minimum-above-capacity",
            "warning",
            "sites.csv:2 minimum",
            draft(sites="cluster,stage,capacity,backlog,minimum\na,launch,3,9,4"),
        ),
        (
            "magnitudes",
            "warning",
            "",
            draft(stages="stage,cost,success_rate\nresearch,0.001,1\nlaunch,10000000,1"),
        ),
    ],
)
def test_remarks_with_severity_and_address(code: str, severity: str, address: str, case: Draft) -> None:
    remark = said(case)[code]
    assert remark.severity == severity
    assert remark.text().startswith(address)
    assert remark.headed().startswith(severity.capitalize())
    assert remark.text("ko") != remark.text()


def test_floors_are_added_up_where_they_count_nothing_in_common() -> None:
    remark = said(draft(rules=rules("a,cluster=a,spend,at_least,amount,60,,", "all,,spend,at_least,amount,70,,")))
    assert remark == {}  # the second counts what the first does
    told = {remark.code: remark.text() for remark in vc.load_case(TWO_RULES).remarks}
    assert told["floors-above-budget"] == (
        "rules.csv:2 value: floors ask for 110 KRW bn together (research floor, msit launch floor), but there is only "
        "100 to spend (msit; 2027). Lower a floor or raise a budget."
    )


def test_what_may_be_carried_over_can_be_spent() -> None:
    floor = rules("floor,year=2027,spend,at_least,amount,110,,")
    assert said(draft({"funding": {"carry_over": 0.1}}, years=2, rules=floor)) == {}
    assert "floors-above-budget" in said(draft(years=2, rules=floor))


def test_strict_refuses_warnings_but_not_notes() -> None:
    with pytest.raises(vc.CaseError, match=r"rules.csv:2 value: floors ask for 110 KRW bn together"):
        vc.load_case(TWO_RULES, strict=True)
    case = draft(budget="funder,year,amount\nm,2026,0\nn,2026,5").load()
    assert [remark.severity for remark in case.check(strict=True)] == [vc.Severity.NOTE]


@given(drawn=contradictory())
@law(40)
def test_an_error_means_that_there_is_no_plan(drawn: Draft) -> None:
    case = drawn.load()
    if any(remark.severity is vc.Severity.ERROR for remark in case.remarks):
        assert case.solve(method="fixed").status == "infeasible"
