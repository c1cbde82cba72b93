"""Why a cell is funded as it is: accounts by hand, the law that they add up, and the sentences planners read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

import optimizer as vc
from optimizer.plan.why import Why
from optimizer.plan.why_account import Cell
from tests.strategies import Draft, cases, draft, law, near

REFERENCE = Path(__file__).parent.parent / "reference"
NO_TERMINAL = {"value": {"terminal_weight": 0}}


def reference(name: str) -> vc.Plan:
    plan = vc.load_case(REFERENCE / name).solve()
    assert isinstance(plan, vc.Plan)
    return plan


def terms(answer: Why) -> dict[tuple[str, str], float]:
    """Return the account of the one cell of an answer, per unit of public money."""
    assert len(answer.cells) == 1
    return {
        (term, detail): amount
        for term, detail, amount in answer.table[["term", "detail", "per_unit"]].itertuples(index=False)
    }


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_a_budget_and_a_full_site() -> None:
    # A start costs 10 and succeeds half the time, for 100: money earns 5, in 2027 5/1.1. In 2026 the budget binds at 5;
    # in 2027 the site is full: a start there is worth 45.45, so the money it would take 4.545.
    plan = reference("single-stage")
    assert terms(plan.why("osong", "launch", "drug", 2026)) == near({("market", ""): 5, ("budget", "national"): -5})
    later = plan.why("osong", "launch", "drug", 2027)
    assert terms(later) == near({("market", ""): 5 / 1.1, ("capacity", ""): -5 / 1.1})
    assert later.total.loc[0, ["spend", "starts", "money"]].tolist() == near([30, 3, 10])


def test_overlap_is_told_by_whom_it_is_with() -> None:
    # Osong ranks below daegu (similarity 0.6, at 0.5 a unit: 0.3), mohw below msit (0.2). Money earns 5; that of mohw is
    # worth 4.3, what is left, 0.2, is the place in a full site: 2 a start of 10.
    assert terms(reference("overlap-fixed").why("osong", "launch")) == near(
        {
            ("market", ""): 5,
            ("budget", "mohw"): -4.3,
            ("overlap_clusters", "daegu"): -0.3,
            ("overlap_funders", "msit"): -0.2,
            ("capacity", ""): -0.2,
        }
    )


def test_specialisation_is_a_gain_for_strengths_and_a_price_for_the_rest() -> None:
    # The row sum strong - 0.7 all >= 0 has price -2.5: a won for vaccines, osong's strength, gains 0.3 * 2.5 = 0.75,
    # one for devices costs 0.7 * 2.5 = 1.75. With budgets worth 5.75 both come out even: 5 + 0.75 and 7.5 - 1.75.
    plan = reference("specialization-share")
    assert terms(plan.why("osong", "launch", "vaccine")) == near(
        {("market", ""): 5, ("specialization", ""): 0.75, ("budget", "national"): -5.75}
    )
    assert terms(plan.why("osong", "launch", "device")) == near(
        {("market", ""): 7.5, ("specialization", ""): -1.75, ("budget", "national"): -5.75}
    )


def test_launches_bring_private_money_of_the_next_year() -> None:
    # Half a launch of 40 a start of 10: money earns 2. A tenth of a launch's 40 comes back as room for private money in
    # 2027: 0.5 * 4 = 2 a start, each worth 2/1.1, so 0.2 * 2/1.1 a unit of money.
    assert terms(reference("crowd-in").why("osong", "launch", "drug", 2026)) == near(
        {("market", ""): 2, ("private_cap", ""): 0.4 / 1.1, ("budget", "national"): -2 - 0.4 / 1.1}
    )


def test_a_stage_that_waits_for_projects() -> None:
    # mohw has money left, so the launches' worth is all in the projects, of which none is left; in research a project is
    # 0.9 of ... passed on: at osong 50 a start of 5, of which msit's money is worth 7.5 a unit.
    plan = reference("mandates")
    launch = plan.why("osong", "launch")
    assert terms(launch) == near({("market", ""): 5, ("backlog", ""): -5})
    assert "a waiting project (none is left)" in launch.text()
    research = terms(plan.why("osong", "research"))
    assert research["handoff", ""] == near(8)  # 40 of 50: a launch costs 10, but of money that is worth nothing
    assert sum(research.values()) == near(0)


def test_the_marginal_tranche_is_the_one_with_room() -> None:
    # Of 10 places 5 cost 4, 3 cost 5 and 2 cost 6.4; money ends at 1 of the last. Beyond demand a launch is worth 4:
    # 2 a start, 2/6.4 a unit of money.
    answer = reference("tranches").why("osong", "launch")
    assert terms(answer) == near({("market", ""): 2 / 6.4, ("budget", "national"): -2 / 6.4})
    assert "The cheapest part of its capacity is used up." in answer.text()


def test_a_soft_rule_pays_one_cluster_and_charges_the_other() -> None:
    # Each won short of half for jeju costs 1.5: half of that is gained by a won there and lost by one in seoul.
    plan = reference("rule-share-soft")
    assert terms(plan.why("jeju", "launch")) == near(
        {("market", ""): 2, ("rules", "non-capital floor"): 0.75, ("budget", "national"): -2.75}
    )
    assert terms(plan.why("seoul", "launch")) == near(
        {
            ("market", ""): 4,
            ("budget", "national"): -2.75,
            ("rules", "non-capital floor"): -0.75,
            ("capacity", ""): -0.5,
        }
    )


TWO = draft(
    {**NO_TERMINAL, "overlap": {"between_clusters": 0.5}},
    clusters="cluster,name,name_ko\njeju,Jeju,제주\nosong,Osong,오송",
    stages="stage,name,name_ko,cost,success_rate\npreclinical,Preclinical,비임상,2,1",
    fields="field,name,name_ko,value\nbio,Biologics,바이오의약품,10\ncell,Cells,세포,1",
    sites="cluster,stage,field,backlog,activity,success_factor,capacity\n"
    "jeju,preclinical,bio,9,1,0.7,\nosong,preclinical,bio,9,2,1,\nosong,preclinical,cell,0,2,1,",
    budget="funder,year,amount\nmsit,2026,10",
    funders="funder,name,name_ko\nmsit,Science,과학기술정보통신부",
)
# A won earns 5 at osong: the budget's price. At jeju it earns 3.5 and overlaps for 0.5: 2 too much.


def test_a_cell_without_money_falls_short_by_its_reduced_cost() -> None:
    answer = TWO.solve().why("jeju", "preclinical", "bio", 2026)
    assert terms(answer) == near({("market", ""): 3.5, ("budget", "msit"): -5, ("overlap_clusters", "osong"): -0.5})
    assert answer.total.loc[0, ["gain", "price", "total", "spend"]].tolist() == near([3.5, -5.5, -2, 0])
    assert answer.table["per_start"].tolist() == near([7, -10, -1])


def test_the_answer_in_words() -> None:
    answer = TWO.solve().why("jeju", "preclinical", "bio", 2026)
    assert answer.text() == repr(answer) == (
        "Jeju, Preclinical, Biologics, 2026: no public money. One KRW bn for a start there earns 3.50 (launches) but "
        "costs 5.50 (budget of Science 5.00, overlap with Osong 0.50): 2.00 too much."
    )  # fmt: skip
    assert answer.text("ko") == (
        "제주, 비임상, 바이오의약품, 2026년: 공공자금 배정이 없습니다. 이곳의 착수에 쓰는 1 KRW bn당 이득은 3.50(출시)이지만 "
        "비용은 5.50(예산(과학기술정보통신부) 5.00, 클러스터 간 중복(오송) 0.50)이므로 2.00만큼 손해입니다."
    )


def test_the_answer_about_several_cells_speaks_of_the_nearest() -> None:
    answer = TWO.solve().why("osong", "preclinical")
    assert answer.text() == (
        "Osong, Preclinical, 2026: 10.0 KRW bn of public money (Biologics 10.0). Most of it begins at: Biologics, 2026: "
        "10.0 KRW bn of public money, 5.00 projects begun. One KRW bn more for starts there earns 5.00 (launches) and "
        "costs as much (budget of Science): more would add nothing."
    )
    assert answer.total["reason"].tolist() == [
        "",
        "No project ever reaches it: it has no backlog, no inflow and no link that brings any.",
    ]
    assert np.isnan(answer.total["total"].iloc[1])


def test_a_funder_kept_out_by_its_mandate_is_named() -> None:
    # mohw may fund osong only, where nothing waits: its money is worth nothing, that of msit 5 at osong's other field
    plan = draft(
        NO_TERMINAL,
        clusters="cluster\na\nb",
        stages="stage,cost,success_rate\nlaunch,1,1",
        fields="field,value\nall,5",
        sites="cluster,stage,backlog,success_factor\na,launch,90,1\nb,launch,90,0.5",
        budget="funder,year,amount\nmsit,2026,10\nmohw,2026,100",
        mandates="funder,cluster\nmsit,\nmohw,a",
    ).solve()
    text = plan.why("b", "launch").text()
    assert text.endswith("The budget of mohw would cost 2.50 less, but no mandate of it admits this site.") or (
        "too much" not in text
    )


# --- where nothing can be started ------------------------------------------------------------------------------------


def chain(**tables: str) -> Draft:
    usual = {
        "clusters": "cluster\na\nb",
        "stages": "stage,cost,success_rate,duration\nresearch,1,1,2\nlaunch,1,1,0",
        "sites": "cluster,stage,capacity,backlog\na,research,5,5\na,launch,5,0\nb,launch,0,3",
    }
    return draft(NO_TERMINAL, years=4, **{**usual, **tables})


@pytest.mark.parametrize(
    ("tables", "asked", "reason"),
    [
        ({}, ("b", "launch", None, 2026), "Its capacity is 0 and cannot be expanded."),
        ({}, ("b", "research", None, 2026), "The case lists no such site; the cluster has the stages launch."),
        (
            {},
            ("a", "launch", None, 2027),
            "No project can be waiting there before 2028: the first ones are still in earlier stages.",
        ),
        (
            {"mandates": "funder,cluster\nnational,b"},
            ("a", "research", None, 2026),
            "No mandate admits any funder there.",
        ),
        (
            {"sites": "cluster,stage,capacity,backlog,expansion_cost\na,launch,0,5,1"},
            ("a", "launch", None, 2026),
            "Its capacity is 0 until an expansion is ready, in 2027 at the soonest.",
        ),
        ({"clusters": "cluster\na\nb\nc"}, ("c", "launch", None, 2026), "The case lists no site of this cluster."),
    ],
)
def test_what_cannot_be_is_said_before_any_price(
    tables: dict[str, str], asked: tuple[str, str, str | None, int], reason: str
) -> None:
    answer = chain(**tables).solve().why(*asked)
    assert answer.total["reason"].tolist() == [reason]
    assert answer.table.empty
    assert answer.text().endswith(f"no public money. {reason}")
    assert answer.text("ko") != answer.text()


def test_fields_of_a_site_that_is_missing_are_named() -> None:
    assert "the cluster has the fields Biologics." in TWO.solve().why("jeju", "preclinical", "cell").text()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("jej", "preclinical"), "no cluster of the case is called 'jej'; name one of jeju."),
        (("jeju", "launch"), "no stage of the case is called 'launch'; name one of preclinical."),
        (("jeju", "preclinical", "gadget"), "no field of the case is called 'gadget'; name one of bio, cell."),
        (("jeju", "preclinical", "bio", 2031), "year 2031 is outside the horizon; name one of 2026 to 2026."),
    ],
)
def test_unknown_labels_are_named_with_what_may_be_meant(asked: tuple[str, ...], message: str) -> None:
    with pytest.raises(vc.InputError) as refused:
        TWO.solve().why(*asked)
    assert str(refused.value) == message
    assert refused.value.text("ko") != message


def test_names_and_capitals_do_as_well_as_keys() -> None:
    plan = TWO.solve()
    assert plan.why("Jeju", "비임상", "biologics").text() == plan.why("jeju", "preclinical", "bio").text()


def test_a_case_without_a_plan_has_no_prices() -> None:
    failed = vc.load_case(REFERENCE / "infeasible-two-rules").solve()
    assert not failed.ok
    with pytest.raises(vc.SolveError, match="there is no why"):
        failed.why("seoul", "launch")


def test_html_is_escaped() -> None:
    plan = draft(NO_TERMINAL, clusters="cluster,name\na,<b>bold</b>", sites="cluster,stage,backlog\na,launch,3").solve()
    page = plan.why("a", "launch")._repr_html_()
    assert "<b>" not in page
    assert "&lt;b&gt;bold" in page
    assert "<td>launches</td>" in page


def test_whole_decisions_are_said_to_be_fixed() -> None:
    # a minimum makes funding a yes-or-no decision: prices are those of the program that is left
    plan = draft(
        NO_TERMINAL,
        fields="field,value\nall,5",
        sites="cluster,stage,backlog,minimum\na,launch,50,20",
    ).solve()
    answer = plan.why("a", "launch")
    assert answer.fixed_whole
    assert answer.text().endswith("Prices hold with the plan's yes-or-no decisions as they are.")


# --- the law ---------------------------------------------------------------------------------------------------------


def accounts(plan: vc.Plan) -> list[Cell]:
    case = plan.case
    return [
        cell
        for cluster in case.table("clusters")["cluster"]
        for stage in case.table("stages")["stage"]
        for cell in plan.why(cluster, stage).cells
    ]


@law(60)
@given(case=cases())
def test_accounts_add_up_to_weighted_reduced_costs(case: Draft) -> None:
    plan = case.solve("sequential")
    reduced, program = plan.outcome.result.reduced_cost, plan.solution.program
    for cell in accounts(plan):
        if cell.reason is not None:
            assert cell.starts == 0
            continue
        columns, weights = list(cell.columns), np.array(cell.weights)
        costs = reduced[columns]
        # a full tranche is paid for as a price of its own
        charged = np.isin(columns, program.limits.columns) & (costs > 0)
        expected = float(weights @ np.where(charged, 0.0, costs))
        size = 1 + sum(abs(term.amount) for term in cell.terms)
        assert sum(term.amount for term in cell.terms) == pytest.approx(expected, abs=1e-9 * size)
        assert cell.gain + cell.price == pytest.approx(cell.total, abs=1e-9 * size)
        assert cell.total * cell.scale <= 1e-6 * size


@law(60)
@given(case=cases())
def test_where_projects_start_and_there_is_room_a_start_just_pays(case: Draft) -> None:
    plan = case.solve()
    for cell in accounts(plan):
        if cell.starts > 1e-6 and plan.solution.x[cell.columns[0]] > 1e-6:
            size = 1 + sum(abs(term.amount) for term in cell.terms)
            assert cell.total * cell.scale == pytest.approx(0, abs=1e-6 * size)


@law(30)
@given(case=cases())
def test_money_of_an_account_balances(case: Draft) -> None:
    plan = case.solve()
    program = plan.solution.program
    money = program.rows.positions("money")
    for cell in accounts(plan):
        x = np.zeros(program.n_columns)
        np.add.at(x, list(cell.columns), cell.weights)
        assert np.abs(program.activity(x)[money]).max(initial=0.0) <= 1e-9 * (1 + cell.money)


@law(30)
@given(case=cases())
def test_every_answer_can_be_told_in_both_languages(case: Draft) -> None:
    plan = case.solve()
    for cluster in case.load().table("clusters")["cluster"]:
        for stage in case.load().table("stages")["stage"]:
            answer = plan.why(cluster, stage)
            assert answer.text()
            assert answer.text("ko") != answer.text()
            assert len(answer.total) == len(answer.cells)
            assert answer._repr_html_().count("<p>") == 1
