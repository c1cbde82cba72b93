"""A matrix that moves between solves: every optimum is one of the program as it stands, with its own prices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.lp.certificate import certify_optimum
from optimizer.lp.program import LinearProgram
from optimizer.options import SolveOptions
from optimizer.solvers import highs_anchored
from optimizer.solvers.highs_anchored import AnchoredSession
from optimizer.solvers.highs_session import HighsSession
from optimizer.solvers.result import SolveResult, Termination
from tests.lp.dense import at_most, dense
from tests.strategies import law, near

OPTIONS = SolveOptions()
ROWS, COLUMNS = 8, 12


def drawn(random: np.random.Generator) -> LinearProgram:
    """Return a program whose amounts are limited by every row, so that each of its moves has an optimum."""
    cost, matrix, limits = (
        random.uniform(1, 5, COLUMNS),
        random.uniform(0.5, 2, (ROWS, COLUMNS)),
        random.uniform(5, 20, ROWS),
    )
    return dense(cost.tolist(), [at_most(*row, limit=limit) for row, limit in zip(matrix, limits, strict=True)])


def moved(program: LinearProgram, random: np.random.Generator) -> LinearProgram:
    """Return the program with other entries in some rows, other right-hand sides or other costs."""
    some = random.random(ROWS) < 0.4
    by = np.where(some, random.uniform(0.7, 1.4, ROWS), 1.0)
    changes = [
        {"values": program.values * by[program.indices]},
        {"row_upper": program.row_upper * random.uniform(0.8, 1.2)},
        {"cost": program.cost * random.uniform(0.5, 2, COLUMNS)},
    ]
    named = {name: array for change in changes if random.random() < 0.6 for name, array in change.items()}
    return replace(program, **named)


@law(60)
@given(seed=st.integers(0, 10_000), short=st.sampled_from([0, 1, 2, 2000]), few=st.sampled_from([2, 100]))
def test_every_move_ends_at_the_optimum_of_a_new_solve(seed: int, short: int, few: int) -> None:
    random = np.random.default_rng(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(highs_anchored, "SHORT", short)
        patch.setattr(highs_anchored, "FEW", few)
        program = drawn(random)
        session = AnchoredSession(program, OPTIONS)
        for _ in range(6):
            found = session.solve()
            assert found.objective == near(HighsSession(program, OPTIONS).solve().objective)
            assert certify_optimum(program, found.x, found.row_dual, found.reduced_cost).ok
            program = moved(program, random)
            session.take(program)


def test_a_small_move_leaves_the_anchor_its_matrix_and_takes_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    program = drawn(random)
    session = AnchoredSession(program, OPTIONS)
    first = session.solve()
    row = int(np.flatnonzero(first.row_dual > 0)[0])
    dearer = replace(program, values=program.values * np.where(program.indices == row, 1.001, 1.0))
    handed: list[bool] = []
    take = HighsSession.take

    def watched(engine: HighsSession, other: LinearProgram) -> None:
        handed.append(np.array_equal(other.values, program.values))
        take(engine, other)

    monkeypatch.setattr(HighsSession, "take", watched)
    session.take(dearer)
    found = session.solve()
    assert handed == [True, False]
    assert found.iterations == 0
    assert found.objective < first.objective
    # other costs are left to the engine that stands at the optimum
    session.take(replace(dearer, cost=2 * dearer.cost))
    assert session.solve().objective == near(2 * found.objective)
    assert handed == [True, False, False]
    # back where it was, the anchor does it alone
    session.take(program)
    assert session.solve().objective == near(first.objective)
    assert handed == [True, False, False, True]


@law(30)
@given(seed=st.integers(0, 10_000))
def test_what_is_carried_leaves_the_last_optimum_one(seed: int) -> None:
    # b - D x and c - D' y: amounts and prices of the matrix solved last prove each other with the anchor's too
    random = np.random.default_rng(seed)
    program = drawn(random)
    session = AnchoredSession(program, OPTIONS)
    session.solve()
    dearer = replace(program, values=program.values * np.where(program.indices == 0, random.uniform(0.8, 1.2), 1.0))
    session.take(dearer)
    found = session.solve()
    last = session._last
    assert last is not None
    carried = session._carried(last)
    assert np.array_equal(carried.values, program.values)
    assert certify_optimum(carried, found.x, found.row_dual, found.reduced_cost).ok


def test_effort_is_that_of_all_runs_and_limits_are_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highs_anchored, "SHORT", 1)
    random = np.random.default_rng(4)
    program = drawn(random)
    session = AnchoredSession(program, OPTIONS)
    session.solve()
    runs: list[tuple[float | None, SolveResult]] = []
    solve = HighsSession.solve

    def watched(engine: HighsSession, limit: float | None = None, *given: Any, **named: Any) -> SolveResult:
        runs.append((limit, solve(engine, limit, *given, **named)))
        return runs[-1][1]

    monkeypatch.setattr(HighsSession, "solve", watched)
    other = replace(program, values=program.values * np.where(program.indices < 3, 1.4, 1.0), cost=program.cost[::-1])
    session.take(other)
    found = session.solve(60)
    assert len(runs) > 1
    assert found.iterations == sum(run.iterations for _, run in runs)
    assert found.seconds == near(sum(run.seconds for _, run in runs))
    limits = [limit for limit, _ in runs if limit is not None]
    assert limits == sorted(limits, reverse=True)
    assert limits[0] == 60 > limits[-1]
    # and the anchor has the matrix of now: nothing is carried the next time
    runs.clear()
    session.take(replace(other, row_upper=1.01 * other.row_upper))
    session.solve()
    assert len(runs) == 1


def test_a_time_limit_ends_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    program = drawn(np.random.default_rng(5))
    session = AnchoredSession(program, OPTIONS)
    session.solve()
    ends = SolveResult(Termination.TIME_LIMIT, "told so", "simplex", 0, 1.0)
    monkeypatch.setattr(HighsSession, "solve", lambda *_, **__: ends)
    session.take(replace(program, values=program.values * np.where(program.indices == 0, 1.1, 1.0)))
    assert session.solve(1.0) is ends


def test_a_basis_handed_over_is_where_the_anchor_goes_on_from() -> None:
    program = drawn(np.random.default_rng(6))
    first = AnchoredSession(program, OPTIONS)
    found = first.solve()
    other = replace(program, values=program.values * np.where(program.indices == 0, 1.1, 1.0))
    first.take(other)
    moved_on = first.solve()
    first.take(program)
    first.set_basis(found.basis)
    assert first.solve().iterations == 0
    first.take(other)
    first.set_basis(moved_on.basis)  # nothing is known to be optimal here, so nothing can be carried
    again = first.solve()
    assert again.iterations == 0
    assert again.objective == near(moved_on.objective)


def test_what_cannot_be_met_is_told_and_forgotten() -> None:
    program = drawn(np.random.default_rng(2))
    session = AnchoredSession(program, OPTIONS)
    first = session.solve()
    values = program.values * np.where(program.indices == 0, 1.1, 1.0)
    lower = np.full(ROWS, -np.inf)
    lower[0], upper = 10.0, program.row_upper.copy()
    upper[1:] = 0.1
    session.take(replace(program, values=values, row_lower=lower, row_upper=upper))
    assert session.solve().termination is Termination.INFEASIBLE
    session.take(program)
    assert session.solve().objective == near(first.objective)


def test_a_limit_is_a_limit() -> None:
    program = drawn(np.random.default_rng(3))
    session = AnchoredSession(program, OPTIONS)
    first = session.solve()
    other = replace(program, values=program.values * np.where(program.indices == 0, 1.5, 1.0), cost=program.cost[::-1])
    session.take(other)
    assert session.solve(most_steps=0).termination is Termination.OTHER_LIMIT
    session.take(program)
    assert session.solve().objective == near(first.objective)
