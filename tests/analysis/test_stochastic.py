"""Plans under uncertainty: solved by hand, by their laws on drawn cases, and what they say where there is no plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

import optimizer as vc
from optimizer.analysis.information import accuracy_of_values, difference
from optimizer.analysis.recourse import Realised
from optimizer.analysis.stochastic_studies import best_for
from optimizer.api.uncertainty import Stochastic
from tests.strategies import NO_TERMINAL, Draft, cases, draft, law, near

HALF = 0.5


def value(factor: float, field: str = "all") -> vc.Change:
    return vc.Change("fields", "value", "multiply", factor, where=f"field={field}")


def two_fields() -> vc.Case:
    """Return 12 a year to be put into two fields at cost 1, each of which launches a year later."""
    return draft(
        NO_TERMINAL,
        years=2,
        stages="stage,cost,success_rate,duration\nlaunch,1,1,1",
        fields="field,value,demand\nx,2,\ny,3,",
        sites="cluster,stage,field,backlog,capacity\na,launch,x,99,9\na,launch,y,99,9",
        budget="year,amount\n2026,12\n2027,12",
    ).load()


# Money of 2026 is all that launches within the horizon: 12 to put into x (2 each) and y (3 each), 9 in each at most.
# In future "x" a launch of x is worth 5, in "y" as the case says. Alone: 9 * 5 + 3 * 3 = 54 and 9 * 3 + 3 * 2 = 33.
# One commitment, x in field x and 12 - x in y, is worth 3.5 a unit in x and 3 in y on average: x = 9, 12 - x = 3:
# outcomes 54 and 9 * 2 + 3 * 3 = 27, mean 40.5. The mean case has x at 3.5, and commits the same.
FUTURES = (vc.Future("x", HALF, (value(2.5, "x"),)), vc.Future("y", HALF))


def test_a_commitment_by_hand() -> None:
    found = vc.stochastic(two_fields(), FUTURES, 2026)
    assert found.table["outcome"].tolist() == near([54, 27])
    assert found.value == near(40.5)
    assert found.committed[["field", "year", "amount"]].to_numpy().tolist() == [["x", 2026, 9], ["y", 2026, 3]]
    values = found.values().set_index("measure")["amount"]
    assert values.to_dict() == near({"RP": 40.5, "EV": 40.5, "EEV": 40.5, "WS": 43.5, "EVPI": 3, "VSS": 0})
    assert (found.evpi(), found.vss()) == near((3, 0))
    assert found.launches.loc[2027].tolist() == near([12, 12])


def test_who_minds_the_worst_commits_otherwise() -> None:
    # the worst is always future y, so that one's best is committed: outcomes 3 * 5 + 9 * 3 = 42 and 33
    for risk in (vc.WorstCase(), vc.CVaR(0.5, 1), vc.CVaR(0.5, 0.9)):
        found = vc.stochastic(two_fields(), FUTURES, 2026, risk=risk)
        assert found.table["outcome"].tolist() == near([42, 33])
    measures = found.measures
    assert measures[["mean", "value_at_risk", "conditional_value_at_risk", "worst"]].tolist() == near(
        [37.5, 33, 33, 33]
    )
    frontier = found.risk_frontier((0, 1)).table
    assert frontier["mean"].tolist() == near([40.5, 37.5])
    assert frontier["conditional_value_at_risk"].tolist() == near([27, 33])


def test_regret_by_hand() -> None:
    # for all: 54 - 54 and 33 - 27; for y alone: 54 - 42 and 0; for x alone: as for all
    found = vc.stochastic(two_fields(), FUTURES, 2026).regret()
    table = found.table.assign(commitment=found.table["commitment"].map(str)).set_index("commitment")
    assert table["max_regret"].to_dict() == near(
        {"for all futures": 6, "for the mean case": 6, "for x alone": 6, "for y alone": 12}
    )
    assert table.loc["for y alone", "worst_scenario"] == "x"
    assert table["mean_regret"].to_dict() == near(
        {"for all futures": 3, "for the mean case": 3, "for x alone": 3, "for y alone": 6}
    )
    assert len(found.detail) == 8


def test_money_that_a_future_cannot_use() -> None:
    # cost 1 or 2, at most 6 starts: all that both can spend alike is 6; where money may lapse 12 are committed, of
    # which 6 lapse in the cheap future
    case = draft(
        NO_TERMINAL,
        fields="field,value\nall,9",
        sites="cluster,stage,backlog,capacity\na,launch,99,6",
        budget="year,amount\n2026,12",
    ).load()
    dear = (vc.Change("stages", "cost", "multiply", 2),)
    futures = [vc.Future("cheap", 0.6), vc.Future("dear", 0.4, dear)]
    strict = vc.stochastic(case, futures)
    assert strict.table["outcome"].tolist() == near([54, 27])
    lapsing = vc.stochastic(case, futures, lapse=True)
    assert lapsing.table["outcome"].tolist() == near([54, 54])
    assert lapsing.table["lapsed"].tolist() == near([6, 0])
    assert lapsing.committed["amount"].tolist() == near([12])
    assert strict.committed["amount"].tolist() == near([6])
    # the mean case costs 1.4 a start and commits 8.4, which the cheap future cannot spend
    assert strict.vss() is None
    assert "leaves 1 futures without a plan, 'cheap' for one" in str(strict.values()["note"][2])
    assert lapsing.vss() == near(54 - (0.6 * 54 + 0.4 * 8.4 / 2 * 9))
    fresh = strict.out_of_sample([vc.Future("dearer", 1, (vc.Change("stages", "cost", "multiply", 3),))])
    assert fresh.table["outcome"].tolist() == near([18])
    assert fresh.confidence["low"].isna().all()


def test_limits_that_are_random_can_lift_the_plan_above_the_mean_case() -> None:
    # budget and value rise together: 12 * 3 or 4 * 1, mean 20; the mean case has 8 * 2 = 16
    case = draft(NO_TERMINAL, budget="year,amount\n2026,12", fields="field,value\nall,3").load()
    poor = (vc.Change("budget", "amount", "set", 4), vc.Change("fields", "value", "set", 1))
    values = vc.stochastic(case, [vc.Future("rich", HALF), vc.Future("poor", HALF, poor)], 2025).values()
    assert values["amount"][:2].tolist() == near([20, 16])
    assert "It is below RP" in str(values["note"][1])


def test_a_mean_case_that_is_too_rich_for_a_future_has_no_value() -> None:
    # the mean case commits 8 of 2026, of which the poor future has 4
    poor = (vc.Change("budget", "amount", "set", 4),)
    case = draft(NO_TERMINAL, budget="year,amount\n2026,12").load()
    found = vc.stochastic(case, [vc.Future("rich", HALF), vc.Future("poor", HALF, poor)], lapse=True)
    assert found.value == near(4)
    assert found.vss() is None
    assert "'poor' for one: their budgets are too small for it" in str(found.values()["note"][2])
    assert found.regret(own=False).table["infeasible"].tolist() == [0, 1]


def test_fresh_futures_and_how_sure_the_mean_is() -> None:
    case = two_fields()
    found = vc.stochastic(case, FUTURES, 2026)
    fresh = [vc.Future(f"f{number}", 0.25, (value(factor, "x"),)) for number, factor in enumerate((1, 1.5, 2, 2.5))]
    sample = found.out_of_sample(fresh)
    # 9 launches of x at 2, 3, 4, 5 and 3 of y at 3
    assert sample.table["outcome"].tolist() == near([27, 36, 45, 54])
    student = sample.confidence.iloc[0]
    half = 3.182446 * np.std([27, 36, 45, 54], ddof=1) / 2
    assert [student["mean"], student["low"], student["high"]] == near([40.5, 40.5 - half, 40.5 + half])
    assert sample.failed == 0


# --- laws -------------------------------------------------------------------------------------------------------------

factors = st.sampled_from([0.5, 0.8, 1.0, 1.25])


@st.composite
def studies(draw: st.DrawFn) -> tuple[vc.Case, list[vc.Future], int]:
    """Draw a case without an overlap penalty, up to three futures of it, and a committed year."""
    drawn: Draft = draw(cases(overlap=False))
    changes = [("stages", "cost"), ("stages", "success_rate"), ("fields", "value"), ("budget", "amount")]
    count = draw(st.integers(1, 3))
    futures = []
    for number in range(count):
        made = tuple(
            vc.Change(table, column, "multiply", min(draw(factors), 1.0) if column == "success_rate" else draw(factors))
            for table, column in changes
            if draw(st.booleans())
        )
        futures.append(vc.Future(f"future {number}", 1 / count, made))
    until = draw(st.sampled_from([*drawn.years]))
    return drawn.load(), futures, until


@law(15)
@given(study=studies(), lapse=st.booleans())
def test_knowing_more_is_worth_no_less_and_planning_for_all_no_less_than_for_the_mean(
    study: tuple[vc.Case, list[vc.Future], int], lapse: bool
) -> None:
    case, futures, until = study
    found = vc.stochastic(case, futures, until, lapse=lapse)
    room = 1e-6 * (1 + abs(found.value))
    assert found.evpi() >= -room
    gained = found.vss()
    assert gained is None or gained >= -room
    assert vc.stochastic(case, futures, until, lapse=True).value >= found.value - room


@law(10)
@given(study=studies())
def test_one_future_is_the_plan_of_its_case_and_halves_change_nothing(
    study: tuple[vc.Case, list[vc.Future], int],
) -> None:
    case, futures, until = study
    alone = case.change(*futures[0].changes).solve(method="fixed")
    assume(alone.ok)
    one = vc.stochastic(case, [vc.Future("only", 1, futures[0].changes)], until, overlap="fixed")
    assert one.value == near(alone.objective)
    assert one.table["spend"].tolist() == near([alone.summary()["spend"]])
    whole = vc.stochastic(case, futures, until)
    first = futures[0]
    halves = [
        vc.Future("half", first.probability / 2, first.changes),
        vc.Future("other half", first.probability / 2, first.changes),
    ]
    assert vc.stochastic(case, [*halves, *futures[1:]], until).value == near(whole.value)


@law(10)
@given(study=studies())
def test_risk_in_its_limits(study: tuple[vc.Case, list[vc.Future], int]) -> None:
    case, futures, until = study
    mean = vc.stochastic(case, futures, until)
    assert vc.stochastic(case, futures, until, risk=vc.CVaR(0.7, 0)).value == near(mean.value)
    worst = vc.stochastic(case, futures, until, risk=vc.WorstCase())
    assert vc.stochastic(case, futures, until, risk=vc.CVaR(1 - 1e-6, 1)).value == near(worst.value)
    assert worst.table["outcome"].min() == near(worst.value)
    blend = vc.stochastic(case, futures, until, risk=vc.CVaR(0.7, 0.5))
    room = 1e-6 * (1 + abs(mean.value))
    assert mean.value + room >= blend.value >= worst.value - room


@law(10)
@given(study=studies())
def test_without_a_commitment_every_future_is_planned_as_if_known(
    study: tuple[vc.Case, list[vc.Future], int],
) -> None:
    case, futures, _ = study
    found = vc.stochastic(case, futures, case.years[0] - 1)
    assert found.committed.empty
    assert found.evpi() == near(0)


# --- overlap, and the tutorial ----------------------------------------------------------------------------------------

TUTORIAL_FUTURES = [
    vc.Future("as planned", 0.5),
    vc.Future("trials fail", 0.3, (vc.Change("stages", "success_rate", "multiply", 0.7, where="stage=clinical"),)),
    vc.Future("dear", 0.2, (vc.Change("stages", "cost", "multiply", 1.25),)),
]


@pytest.fixture(scope="module")
def study(tutorial: vc.Case) -> vc.Stochastic:
    return vc.stochastic(tutorial, TUTORIAL_FUTURES, 2027, risk=vc.CVaR(0.8, 0.3))


def test_one_future_is_no_worse_than_the_plan_with_overlap(tutorial: vc.Case) -> None:
    plan = tutorial.solve()
    found = vc.stochastic(tutorial, [vc.Future("only", 1)], 2027)
    assert found.value >= plan.objective - 1e-6 * plan.objective


def test_every_future_keeps_the_commitment_and_adds_up(study: vc.Stochastic) -> None:
    committed = study.committed.set_index(["funder", "cluster", "partner", "stage", "field", "year"])["amount"]
    assert set(committed.index.get_level_values("year")) == {2026, 2027}
    for future in TUTORIAL_FUTURES:
        table = study.allocation(future.name)
        assert table["amount"].sum() == near(study.table.set_index("scenario").loc[future.name, "spend"])
        early = table[table["year"] <= 2027].set_index(committed.index.names)["amount"]
        pd.testing.assert_series_equal(early.sort_index(), committed.sort_index(), check_exact=False, rtol=1e-5)
    parts = study.table
    total = parts["worth"] - parts["overlap_penalty"] - parts["rule_price"]
    assert parts["outcome"].tolist() == near(total.tolist())
    assert study.measures["mean"] == near(float(parts["probability"] @ parts["outcome"]))


def test_the_commitment_is_feasible_in_every_future(tutorial: vc.Case, study: vc.Stochastic) -> None:
    # an independent road: the whole plan of a future, valued as a table that somebody made by hand
    for future in TUTORIAL_FUTURES:
        case = tutorial.change(*future.changes) if future.changes else tutorial
        optimum = case.solve()
        outcome = float(study.table.set_index("scenario").loc[future.name, "outcome"])
        bound = optimum.summary()["bound"]
        assert outcome <= bound * (1 + 1e-6)
        assert case.evaluate(study.allocation(future.name)).objective == pytest.approx(outcome, rel=1e-4)


def test_a_study_is_drawn_and_written(study: vc.Stochastic, tmp_path: Path) -> None:
    figure = study.plot("outcomes", "ko")
    assert figure.layout.xaxis.title.text == "성과(십억원)"
    assert len(study.plot("launches").data) == 6
    with pytest.raises(vc.InputError, match="there is no chart 'pie'"):
        study.plot("pie")
    book = CalamineWorkbook.from_path(study.to_excel(tmp_path / "study.xlsx", "ko"))
    assert book.sheet_names == ["확정 투자액", "시나리오", "위험 지표", "정보의 가치", "시나리오별 출시", "유의사항"]
    assert repr(study).startswith("Stochastic('tutorial': 3 futures, cvar(alpha=0.8, weight=0.3), value")
    folder = study.to_csv(tmp_path / "study", "ko")
    written = {path.stem: pd.read_csv(path, encoding="utf-8-sig") for path in folder.iterdir()}
    assert set(written) == {"committed", "futures", "measures", "values", "launches", "notes"}
    assert written["committed"]["amount"].sum() == near(study.committed["amount"].sum())
    assert written["measures"].set_index("measure")["amount"]["mean"] == near(study.measures["mean"])
    assert written["notes"]["note"][1].startswith("위험 기준: ")
    with pytest.raises(vc.InputError, match="exists and is not empty"):
        study.to_csv(folder)


def test_questions_to_a_commitment_are_written_and_say_what_they_are(tmp_path: Path) -> None:
    found = vc.stochastic(two_fields(), FUTURES, 2026)
    frontier, fresh, regret = found.risk_frontier((0, 1)), found.out_of_sample(FUTURES), found.regret()
    assert frontier.committed.groupby("weight")["amount"].sum().to_dict() == near({0.0: 12, 1.0: 12})
    assert repr(frontier) == "RiskFrontier('by hand': weights 0, 1 of the tail at alpha 0.9)"
    assert repr(fresh) == "FreshFutures('by hand': 2 futures, mean 40.5 KRW bn)"
    assert repr(regret).endswith("4 commitments in 2 futures, least largest regret: for all futures)")
    sheets = {
        frontier: ["Mean and tail", "Committed money", "Notes"],
        fresh: ["Futures", "Risk measures", "Certainty of the mean", "Notes"],
        regret: ["Commitments", "Commitments in futures", "Notes"],
    }
    for study, names in sheets.items():
        book = CalamineWorkbook.from_path(study.to_excel(tmp_path / "book.xlsx"))
        assert book.sheet_names == names
        assert len(book.get_sheet_by_name("Notes").to_python()) == 1 + len(study.notes) > 1
    poor = vc.Future("poor", 1, (vc.Change("budget", "amount", "set", 4),))
    without = found.out_of_sample([poor], lapse=False)
    assert repr(without) == "FreshFutures('by hand': 1 futures, no plan)"
    assert CalamineWorkbook.from_path(without.to_excel(tmp_path / "book.xlsx")).sheet_names == ["Futures", "Notes"]


def test_a_frontier_takes_the_best_that_any_of_its_weights_found() -> None:
    # where overlap is penalised, the commitment found for one weight may do better for another
    average, careful = (
        vc.stochastic(two_fields(), FUTURES, 2026, risk=vc.CVaR(0.5, weight)).found for weight in (0, 1)
    )
    assert best_for(average, [average, careful]) is average
    better = replace(careful, results=tuple(worth(one, 50) for one in careful.results))
    taken = best_for(average, [average, better])
    assert taken.how.risk == vc.CVaR(0.5, 0)
    assert taken.value == near(50)
    assert taken.committed["amount"].tolist() == careful.committed["amount"].tolist()


def worth(one: Realised, amount: float) -> Realised:
    return replace(one, figures={**one.figures, "objective": amount})


def test_what_the_mean_case_cannot_average_is_said() -> None:
    # demand is unlimited but in one future, so that it has no mean
    tight = vc.Future("tight", HALF, (vc.Change("fields", "demand", "set", 2, where="field=x"),))
    found = vc.stochastic(two_fields(), [vc.Future("free", HALF), tight], 2026)
    notes = found.values()["note"]
    assert "The mean case keeps fields.demand as the case has it" in str(notes[1])
    assert "평균 사례는 fields.demand을(를)" in found.regret(own=False).notes[-1].text("ko")


def test_differences_within_the_accuracy_of_the_solves_are_none() -> None:
    found = vc.stochastic(two_fields(), FUTURES, 2026).found
    accuracy = accuracy_of_values(found)
    assert 0 < accuracy < 1e-5 * found.value
    assert difference(found, found.value + accuracy / 2, found.value) == 0
    assert difference(found, found.value - 3 * accuracy, found.value) == pytest.approx(-3 * accuracy)
    # were the commitment worse than the mean case's, 40.5, as a search may leave it, the broken law would be explained
    worse = Stochastic(replace(found, results=tuple(worth(one, 30) for one in found.results)))
    values = worse.values().set_index("measure")
    assert values["amount"][["EVPI", "VSS"]].tolist() == near([43.5 - 30, 30 - 40.5])
    assert "It is below 0, which best plans never have" in str(values.loc["VSS", "note"])
    # a hair below what the mean case's commitment reaches, both are worth the same
    near_by = tuple(worth(one, one.outcome - accuracy / 2) for one in found.results)
    note = Stochastic(replace(found, results=near_by)).values().set_index("measure").loc["VSS"]
    assert note["amount"] == 0
    assert "It is 0 within the accuracy of the solves" in str(note["note"])


@pytest.mark.parametrize(("word", "risk"), [("expectation", vc.Expectation()), ("worst", vc.WorstCase())])
def test_a_risk_may_be_named(word: str, risk: vc.Expectation) -> None:
    named = vc.stochastic(two_fields(), FUTURES, 2026, risk=word)
    assert named.value == near(vc.stochastic(two_fields(), FUTURES, 2026, risk=risk).value)
    assert named.found.how.risk == risk


# --- what is refused --------------------------------------------------------------------------------------------------


def test_futures_that_do_not_go_together_are_named() -> None:
    case = draft(NO_TERMINAL, rules="rule,where,sense,kind,value\nfloor,,at_least,amount,5").load()
    little = (vc.Change("budget", "amount", "set", 4),)
    with pytest.raises(
        vc.SolveError, match=r"future 'poor' has no plan even alone; these limits are in conflict: .*floor"
    ):
        vc.stochastic(case, [vc.Future("fair", HALF), vc.Future("poor", HALF, little)])
    many = (vc.Change("rules", "value", "set", 15),)
    few = (vc.Change("budget", "amount", "set", 10),)
    with pytest.raises(vc.SolveError) as told:
        vc.stochastic(case, [vc.Future("plain", 0.4), vc.Future("much", 0.3, many), vc.Future("poor", 0.3, few)])
    said = str(told.value)
    assert "no commitment fits the futures 'much', 'poor' at once; they would have to differ, by 5 in all" in said
    assert "national a launch all 2026: 15 (much), 10 (poor)" in said
    assert "시나리오" in told.value.text("ko")


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda case: vc.stochastic(case, FUTURES, method="guess"), "there is no method 'guess'"),
        (
            lambda case: vc.stochastic(case, FUTURES, store="kept.sqlite"),
            "but 2 futures of this size are planned in one",
        ),
        (lambda case: vc.stochastic(case, FUTURES, overlap="exact"), "plans one future at a time"),
        (lambda case: vc.stochastic(case, [vc.Future("a", 0.5)]), "add up to 0.5, not 1"),
        (lambda case: vc.stochastic(case, FUTURES).allocation("z"), "there is no future 'z'; there are x, y"),
        (lambda case: vc.stochastic(case, [vc.Future("bad", 1, (value(-1, "x"),))]), "future 'bad': fields.csv"),
        (lambda case: vc.CVaR(alpha=1), "alpha is 1"),
        (lambda case: vc.stochastic(case, FUTURES, risk="mean"), "risk is 'mean'; it must be one of expectation"),
        (lambda case: vc.CVaR(weight=2), "the weight of the tail is 2"),
        (lambda case: vc.stochastic(case, FUTURES).risk_frontier(()), "needs one weight"),
    ],
)
def test_what_cannot_be_asked_is_said(ask: object, said: str) -> None:
    with pytest.raises(vc.InputError, match=said):
        ask(two_fields())  # type: ignore[operator]


def test_whole_decisions_are_refused() -> None:
    case = draft(sites="cluster,stage,backlog,minimum\na,launch,9,5").load()
    with pytest.raises(vc.InputError, match="the case takes whole decisions"):
        vc.stochastic(case, [vc.Future("only", 1)])


@pytest.mark.parametrize("year", [2024, 2032])
def test_a_year_outside_the_horizon_is_refused(tutorial: vc.Case, year: int) -> None:
    with pytest.raises(vc.InputError, match=f"year {year} is outside the horizon"):
        vc.stochastic(tutorial, commit_until=year)


def test_overlap_under_a_risk_ranks_the_committed_spend_and_says_what_is_proven(tutorial: vc.Case) -> None:
    worse = vc.Change("stages", "success_rate", "multiply", 0.8)
    futures = [vc.Future("as it is", HALF), vc.Future("trials fail", HALF, (worse,))]
    risk = vc.CVaR(0.5, 0.5)
    found = vc.stochastic(tutorial, futures, 2026, risk=risk)
    # what is committed is spent in every future, so that the overlap of that year is the same in all of them
    spend = [found.allocation(name).query("year == 2026")["amount"].tolist() for name in ("as it is", "trials fail")]
    assert spend[0] == near(spend[1])
    assert spend[0] == near(found.committed["amount"].tolist())
    # no plan of the same case is worth more than where overlap costs nothing
    off = [vc.Change("case", f"overlap.{name}", "set", 0) for name in ("between_clusters", "between_funders")]
    free = vc.stochastic(tutorial.change(*off), futures, 2026, risk=risk)
    assert found.found.effort.ceiling == pytest.approx(free.value, rel=1e-6)
    assert found.value <= free.value
    gap = (free.value - found.value) / (1 + found.value)
    assert f"another commitment can do better by {100 * gap:.2g} % at most" in " ".join(map(str, found.notes))


def test_a_frontier_ranks_overlap_as_its_study_does(tutorial: vc.Case) -> None:
    # with method 'fixed' one ranking, that by today's activity, whatever is known of the futures alone
    futures = [vc.Future("as it is", HALF), vc.Future("poor", HALF, (vc.Change("budget", "amount", "multiply", 0.8),))]
    found = vc.stochastic(tutorial, futures, 2026, overlap="fixed", lapse=True)
    assert found.evpi() >= 0  # what each would do alone is known from here on
    assert [study.effort.solves for study in found.risk_frontier((0, 1)).found.studies] == [1, 1]
