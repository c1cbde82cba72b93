"""Futures planned apart: the same plan as in one program, cuts that hold, and a search that goes on where it was."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import optimizer as vc
from optimizer.analysis import benders
from optimizer.analysis.benders_groups import parts_of
from optimizer.options import SolveOptions
from optimizer.solvers.base import find_engine
from optimizer.solvers.benders import JointCut, Level, Master, cut_at
from tests.analysis.test_stochastic import FUTURES, studies, two_fields
from tests.lp.dense import dense
from tests.lp.test_compose import THIRDS, YIELDS, farm
from tests.strategies import NO_TERMINAL, draft, law, near

CLOSE = 1e-5


def ten(case: vc.Case) -> list[vc.Future]:
    """Return ten futures in which success and cost of every stage differ."""
    random = np.random.default_rng(7)
    made = []
    for number in range(10):
        changes = [
            vc.Change("stages", column, "multiply", round(float(factor), 3), where=f"stage={stage}")
            for column, low, high in (("success_rate", 0.8, 1.1), ("cost", 0.9, 1.2))
            for stage, factor in zip(case.table("stages")["stage"], random.uniform(low, high, 9), strict=False)
        ]
        made.append(vc.Future(f"f{number}", 0.1, tuple(changes)))
    return made


def test_the_farmer_by_cuts() -> None:
    blocks, shared = [farm(weather) for weather in YIELDS], np.arange(3)
    sessions = [find_engine("highs")(block, SolveOptions()) for block in blocks]
    master = Master(
        np.array(THIRDS), np.zeros(3), np.full(3, 500.0), np.full(3, 1e6), lambda composed: composed, SolveOptions()
    )
    level = Level(master, lambda values: float(values.mean()), np.full(3, 100.0))
    point = level.center
    for _ in range(100):
        cuts = [
            cut_at(*pair, shared, point, number)[0] for number, pair in enumerate(zip(sessions, blocks, strict=True))
        ]
        level.learn(point, [cut for cut in cuts if cut is not None])
        point = level.next_point()
        if level.gap < 1e-8:
            break
    assert level.lower == pytest.approx(108_390)
    assert level.upper == pytest.approx(108_390)
    assert level.best == pytest.approx([170, 80, 250], abs=1e-3)


def test_a_block_without_a_solution_gives_a_cut_that_says_where_it_has_one() -> None:
    # y - x = 0 with x <= 4: no solution beyond 4, and the cut says just that
    block = dense([0, 1], [([1, -1], 0, 0)], upper=[9, 4])
    session = find_engine("highs")(block, SolveOptions())
    cut, _ = cut_at(session, block, np.array([0]), np.array([6.0]), 0)
    assert cut is not None
    assert cut.value is None
    assert cut.constant / -cut.slope[0] == pytest.approx(4)
    assert cut.slope[0] < 0
    inside, _ = cut_at(session, block, np.array([0]), np.array([3.0]), 0)
    assert inside is not None
    assert inside.value == pytest.approx(3)
    assert inside.constant + inside.slope[0] * 3 == pytest.approx(3)


def test_blocks_together_have_a_bound_of_their_own() -> None:
    # alone each of three may be worth 10, the first two together 14 in shares of a third: (14 + 10) / 3, or 7 at worst
    for risk, expected in ((vc.Expectation(), 8.0), (vc.WorstCase(), 7.0)):
        master = Master(np.array(THIRDS), np.zeros(1), np.ones(1), np.full(3, 10.0), risk.joint, SolveOptions())
        assert master.bound()[0] == pytest.approx(10)
        master.joint.append(JointCut((0, 1), np.array(THIRDS[:2]), 14 / 3))
        assert master.bound()[0] == pytest.approx(expected)


def test_the_poorest_have_the_tail_among_them() -> None:
    values, shares = np.array([5.0, 1.0, 4.0, 2.0, 3.0, 6.0, 8.0, 7.0]), np.full(8, 1 / 8)

    def told(risk: vc.CVaR, size: int, most: int = 9) -> list[tuple[list[int], vc.CVaR]]:
        return [(part.blocks.tolist(), part.risk) for part in parts_of(risk, shares, values, size, most)]

    # the mean: dealt out from the richest, 8 7 6 5 4 3 2 1, in turn to two groups
    assert told(vc.Expectation(), 4) == [([6, 5, 2, 3], vc.Expectation()), ([7, 0, 4, 1], vc.Expectation())]
    # the worst: the four poorest, and nobody else matters
    assert told(vc.WorstCase(), 4) == [([1, 3, 4, 2], vc.WorstCase())]
    # half mean, half the worst quarter: the four poorest are half of the probability, so that the tail is half of them,
    # and the mean counts for 1/2 of 1/2 beside 1/2 for the tail
    tail, mean = told(vc.CVaR(0.75, 0.5), 4)
    assert tail[0] == [1, 3, 4, 2]
    assert (tail[1].alpha, tail[1].weight) == pytest.approx((1 / 2, 2 / 3))
    assert mean == ([6, 7, 5, 0], vc.Expectation())
    # a tail of six and one to spare are too many for programs of two: four groups, each with a quarter of the tail;
    # what the last one's only future can be worth is known
    groups = told(vc.CVaR(0.25, 1.0), 2, most=2)
    assert [blocks for blocks, _ in groups] == [[1, 0], [3, 5], [4, 7]]
    assert [risk.alpha for _, risk in groups] == pytest.approx([0.25] * 3)


@pytest.mark.parametrize("risk", [vc.WorstCase(), vc.CVaR(0.8, 0.5)])
def test_the_tail_is_planned_together(tutorial: vc.Case, risk: vc.CVaR) -> None:
    futures = [vc.Future(one.name, 0.2, one.changes) for one in ten(tutorial)[:5]]
    how = {"lapse": True, "overlap": "fixed", "risk": risk}
    apart = vc.stochastic(tutorial, futures, 2026, method="benders", executor="serial", **how).found.effort
    assert apart.gap <= 1e-6
    assert apart.bound == pytest.approx(vc.stochastic(tutorial, futures, 2026, **how).found.effort.bound, rel=1e-6)
    if isinstance(risk, vc.WorstCase):
        assert apart.solves == 11  # 5 alone, the poorest two together, and what they commit tried in all 5


@pytest.mark.parametrize(
    ("risk", "lapse"), [(vc.Expectation(), True), (vc.Expectation(), False), (vc.CVaR(0.75, 0.5), True)]
)
def test_apart_and_together_agree_on_the_tutorial(tutorial: vc.Case, risk: vc.CVaR, lapse: bool) -> None:
    case, few = tutorial, ten(tutorial)[: 10 if lapse and isinstance(risk, vc.Expectation) else 3]
    futures = [vc.Future(one.name, 1 / len(few), one.changes) for one in few]

    def bound(method: str) -> float:
        how = {"lapse": lapse, "overlap": "fixed", "executor": "serial"}
        return vc.stochastic(case, futures, 2026, risk=risk, method=method, **how).found.effort.bound

    assert bound("benders") == pytest.approx(bound("extensive"), rel=CLOSE)


def test_groups_grow_where_cuts_lead_no_further(tutorial: vc.Case, monkeypatch: pytest.MonkeyPatch) -> None:
    # told to be impatient, the search goes from pairs to all five at once, whose plan is the optimum
    monkeypatch.setattr(benders, "PATIENCE", 0)
    monkeypatch.setattr(benders, "MOST_LEFT", -1)
    futures = [vc.Future(one.name, 0.2, one.changes) for one in ten(tutorial)[:5]]
    how = {"lapse": True, "overlap": "fixed"}
    apart = vc.stochastic(tutorial, futures, 2026, method="benders", executor="serial", **how).found.effort
    assert apart.gap <= 1e-6
    assert apart.bound == pytest.approx(vc.stochastic(tutorial, futures, 2026, **how).found.effort.bound, rel=1e-6)
    # 5 alone, 3 pairs and 2 tried commitments of them, 2 groups of up to four, 1 of all five, and few points between
    assert apart.solves <= 60


def test_three_committed_years_need_no_hundreds_of_points(tutorial: vc.Case) -> None:
    # cuts alone bring the bounds nearer at every point, but took 420 points and more than 2,000 solves of futures
    effort = vc.stochastic(
        tutorial, None, 2028, lapse=True, overlap="fixed", method="benders", executor="serial"
    ).found.effort
    assert effort.complete
    assert effort.gap <= 1e-6
    assert effort.solves < 1000
    together = vc.stochastic(tutorial, None, 2028, lapse=True, overlap="fixed", method="extensive")
    assert effort.bound == pytest.approx(together.found.effort.bound, rel=1e-6)


def test_the_pace_of_a_look_tells_how_many_points_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benders, "PATIENCE", 20)
    # a tenth in 20 points: a thousandth takes 60; none where it is reached, without end where nothing comes nearer
    assert benders._rounds_left(1e-2, 1e-3, 1e-6) == pytest.approx(60)
    assert benders._rounds_left(1e-2, 1e-6, 1e-6) == 0
    assert benders._rounds_left(1e-2, 1e-2, 1e-6) == np.inf


@law(8)
@given(study=studies(), lapse=st.booleans())
def test_apart_and_together_agree(study: tuple[vc.Case, list[vc.Future], int], lapse: bool) -> None:
    case, futures, until = study
    together = vc.stochastic(case, futures, until, lapse=lapse)
    apart = vc.stochastic(case, futures, until, lapse=lapse, method="benders", executor="serial", tolerance=1e-7)
    assert apart.value == pytest.approx(together.value, rel=CLOSE, abs=CLOSE)
    assert apart.found.effort.gap <= 1e-7


def test_overlap_is_ranked_anew(tutorial: vc.Case) -> None:
    futures = ten(tutorial)[:2]
    pair = [vc.Future(one.name, 0.5, one.changes) for one in futures]
    how = {"method": "benders", "executor": "serial", "lapse": True, "tolerance": 1e-4}
    apart = vc.stochastic(tutorial, pair, 2026, **how)
    fixed = vc.stochastic(tutorial, pair, 2026, overlap="fixed", **how)
    assert apart.value >= fixed.value * (1 - 1e-4)
    assert "Found by planning the futures apart" in " ".join(map(str, apart.notes))


def test_a_limit_ends_the_search_with_what_is_proven(tutorial: vc.Case) -> None:
    few = [vc.Future(one.name, 0.5, one.changes) for one in ten(tutorial)[:2]]
    how = {"method": "benders", "executor": "serial", "lapse": True, "overlap": "fixed"}
    found = vc.stochastic(tutorial, few, 2026, options=vc.SolveOptions(time_limit=0.5), **how)
    effort = found.found.effort
    assert 1e-6 < effort.gap < 0.1
    assert not effort.complete
    assert effort.bound >= vc.stochastic(tutorial, few, 2026, lapse=True, overlap="fixed").found.effort.bound - 1e-3
    assert "The search was stopped" in " ".join(map(str, found.notes))


class Stopped(Exception):  # noqa: N818  # no error of ours
    """Raised by a hook in the middle of a search."""


def test_a_search_that_was_stopped_goes_on(tutorial: vc.Case, tmp_path: Path) -> None:
    few = [vc.Future(one.name, 0.5, one.changes) for one in ten(tutorial)[:2]]
    store = tmp_path / "cuts.sqlite"

    def stop(progress: object) -> None:
        stop.calls += 1  # type: ignore[attr-defined]
        if stop.calls == 8:  # type: ignore[attr-defined]
            raise Stopped

    stop.calls = 0  # type: ignore[attr-defined]
    how = {"method": "benders", "executor": "serial", "overlap": "fixed", "lapse": True}
    with pytest.raises(Stopped):
        vc.stochastic(tutorial, few, 2026, store=store, progress=stop, **how)  # type: ignore[arg-type]
    fresh = vc.stochastic(tutorial, few, 2026, **how)  # type: ignore[arg-type]
    resumed = vc.stochastic(tutorial, few, 2026, store=store, **how)  # type: ignore[arg-type]
    assert resumed.found.effort.bound == pytest.approx(fresh.found.effort.bound, rel=CLOSE)
    assert resumed.found.effort.solves < fresh.found.effort.solves
    again = vc.stochastic(tutorial, few, 2026, store=store, **how)  # type: ignore[arg-type]
    assert again.found.effort.solves == 0
    assert again.value == near(resumed.value)


def test_any_executor_will_do() -> None:
    with ThreadPoolExecutor(1) as executor:
        found = vc.stochastic(two_fields(), FUTURES, 2026, method="benders", executor=executor)
    assert found.table["outcome"].tolist() == pytest.approx([54, 27], rel=CLOSE)
    with pytest.raises(vc.InputError, match="there is no executor 'cloud'"):
        vc.stochastic(two_fields(), FUTURES, 2026, method="benders", executor="cloud")


def test_processes_of_our_own() -> None:
    found = vc.stochastic(two_fields(), FUTURES, 2026, method="benders", executor="processes", workers=2)
    assert found.value == pytest.approx(40.5, rel=CLOSE)
    assert found.evpi() == pytest.approx(3, abs=100 * CLOSE)


def test_futures_that_do_not_go_together_are_named() -> None:
    case = draft(NO_TERMINAL, rules="rule,where,sense,kind,value\nfloor,,at_least,amount,5").load()
    many = (vc.Change("rules", "value", "set", 15),)
    few = (vc.Change("budget", "amount", "set", 10),)
    futures = [vc.Future("plain", 0.4), vc.Future("much", 0.3, many), vc.Future("poor", 0.3, few)]
    with pytest.raises(vc.SolveError, match="no commitment fits the futures 'much', 'poor' at once"):
        vc.stochastic(case, futures, method="benders", executor="serial")


def test_a_future_without_a_plan_is_named() -> None:
    case = draft(NO_TERMINAL, rules="rule,where,sense,kind,value\nfloor,,at_least,amount,5").load()
    little = (vc.Change("budget", "amount", "set", 4),)
    with pytest.raises(vc.SolveError, match="future 'poor' has no plan even alone"):
        vc.stochastic(
            case, [vc.Future("fair", 0.5), vc.Future("poor", 0.5, little)], method="benders", executor="serial"
        )
