"""The least of a second function among optimal solutions, against a second program that has the objective as a row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.lp.program import LinearProgram
from optimizer.options import Algorithm, SolveOptions
from optimizer.solvers.base import ADAPTERS, accuracy_of, find_engine, is_rough, usable_engines
from optimizer.solvers.lexicographic import least_of
from optimizer.solvers.result import SolveResult, Termination
from tests.lp.dense import INF, at_least, at_most, dense, equal
from tests.strategies import law, near

USABLE = [engine for engine in ADAPTERS if usable_engines()[engine]]
EXACT_ENGINES = [engine for engine in USABLE if not is_rough(SolveOptions(engine=engine))]
engines = pytest.mark.parametrize("engine", EXACT_ENGINES)
every_engine = pytest.mark.parametrize(
    ("engine", "algorithm"),
    [(engine, algorithm) for engine in USABLE for algorithm in (Algorithm.AUTO, *ADAPTERS[engine].algorithms)],
)


def least(
    program: LinearProgram, second: np.ndarray, engine: str, algorithm: str = "auto"
) -> tuple[SolveResult, np.ndarray]:
    """Return the first result and the solution of the second wish, and check that the session is left as found."""
    options = SolveOptions(engine=engine, algorithm=Algorithm(algorithm))
    session = find_engine(engine)(program, options)
    found = session.solve()
    assert found.termination is Termination.OPTIMAL
    x = least_of(session, program, found, second, options)
    again = session.solve()
    promised = accuracy_of(options)
    assert again.objective == pytest.approx(found.objective, rel=promised)
    if not found.has_basis:
        return found, x
    assert again.iterations == 0
    assert again.x.tolist() == near(found.x.tolist())
    assert again.row_dual.tolist() == near(found.row_dual.tolist())
    return found, x


def brute_force(program: LinearProgram, objective: float, second: np.ndarray, engine: str) -> float:
    """Return the least of the second function where the objective stands as a row."""
    matrix = np.vstack([program.matrix().toarray(), program.cost])
    slack = 1e-9 * (1 + abs(objective))
    lower, upper = np.append(program.row_lower, objective - slack), np.append(program.row_upper, objective + slack)
    rows = list(zip(matrix, lower, upper, strict=True))
    twin = dense(second, rows, maximize=False, lower=program.lower, upper=program.upper)
    return find_engine(engine)(twin, SolveOptions(engine=engine)).solve().objective


def assert_feasible(program: LinearProgram, x: np.ndarray) -> None:
    activity = program.activity(x)
    assert (x >= program.lower - 1e-6).all()
    assert (x <= program.upper + 1e-6).all()
    assert (activity >= program.row_lower - 1e-6).all()
    assert (activity <= program.row_upper + 1e-6).all()


@every_engine
def test_the_cheaper_of_two_equal_ways(engine: str, algorithm: str) -> None:
    # x and y earn the same; y costs less in the second function, and at most 3 of it can be had
    program = dense([1, 1, 0], [at_most(1, 1, 0, limit=5)], upper=[INF, 3, INF])
    found, x = least(program, np.array([2.0, 1.0, 1.0]), engine, algorithm)
    # what a first-order method may lose of the objective, and leave open of a row, is worth as much in the second
    promised = 1e-3 if accuracy_of(SolveOptions(engine=engine, algorithm=Algorithm(algorithm))) > 1e-5 else 1e-6
    assert found.objective == pytest.approx(5, rel=promised)
    assert x.tolist() == pytest.approx([2, 3, 0], abs=promised)


@pytest.mark.parametrize(("engine", "algorithm"), [("pdlp", "auto"), ("highs", "pdlp")])
@pytest.mark.parametrize("maximize", [True, False])
def test_a_first_order_method_loses_no_more_than_it_promises(engine: str, algorithm: str, maximize: bool) -> None:
    # a third of x + y + z = 6 is as good as any other; z is cheapest in the second function
    sign = 1.0 if maximize else -1.0
    program = dense([sign] * 3, [at_most(1, 1, 1, limit=6), at_most(0, 0, 1, limit=4)], maximize=maximize)
    found, x = least(program, np.array([3.0, 2.0, 1.0]), engine, algorithm)
    assert program.cost @ x == pytest.approx(found.objective, rel=1e-4)
    assert (engine == "highs" and (x == found.x).all()) or x.tolist() == pytest.approx([0, 2, 4], abs=2e-3)


@engines
def test_what_earns_nothing_is_left(engine: str) -> None:
    # z fills the row that y needs not; forced to start away from 0 by its lower bound
    program = dense([1, 0], [at_most(1, 1, limit=5), at_most(1, 0, limit=2)], lower=[0, 0.5], upper=[INF, 4])
    _, x = least(program, np.array([0.0, 1.0]), engine)
    assert x.tolist() == near([2, 0.5])


@engines
def test_a_second_function_below_zero_goes_as_far_as_it_can(engine: str) -> None:
    program = dense([1, 0], [at_most(1, 1, limit=5), at_most(1, 0, limit=2)])
    _, x = least(program, np.array([0.0, -1.0]), engine)
    assert x.tolist() == near([2, 3])


@engines
def test_a_second_function_without_an_end_leaves_the_solution_found(engine: str) -> None:
    program = dense([1, 0], [at_most(1, 0, limit=2)])
    found, x = least(program, np.array([0.0, -1.0]), engine)
    assert x.tolist() == near(found.x.tolist())


@engines
def test_minimisation_and_equations(engine: str) -> None:
    program = dense([1, 1, 1], [equal(1, 1, 1, limit=6), at_least(1, 0, 0, limit=1)], maximize=False)
    _, x = least(program, np.array([3.0, 2.0, 1.0]), engine)
    assert x.tolist() == near([1, 0, 5])


@engines
@pytest.mark.parametrize("unit", [1e-6, 1e-3, 1.0, 1e3, 1e6])
def test_the_unit_of_the_objective_does_not_matter(engine: str, unit: float) -> None:
    # x earns 1 and 2 a unit of two limits, idle money y nothing: none of it is spent, however small the unit
    program = dense(
        [unit, 2 * unit, 0, unit], [at_most(1, 2, 1, 0, limit=10), at_most(0, 1, 0, 2, limit=3)], upper=[4, INF, 8, INF]
    )
    second = np.array([1.0, 1.0, 1.0, 1.0])
    found, x = least(program, second, engine)
    assert program.cost @ x == pytest.approx(found.objective, rel=1e-6)
    assert second @ x == near(
        brute_force(replace(program, cost=program.cost / unit), found.objective / unit, second, engine)
    )


@engines
@law(60)
@given(data=st.data())
def test_as_good_as_a_second_program(engine: str, data: st.DataObject) -> None:
    # small whole numbers make ties, so that there is something to choose
    columns, rows = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 5))
    some = st.integers(-1, 3).map(float)
    cost = data.draw(st.lists(some, min_size=columns, max_size=columns))
    second = np.array(data.draw(st.lists(st.integers(0, 3).map(float), min_size=columns, max_size=columns)))
    drawn = [
        (data.draw(st.lists(some, min_size=columns, max_size=columns)), -INF, float(data.draw(st.integers(0, 9))))
        for _ in range(rows)
    ]
    upper = [data.draw(st.sampled_from([2.0, 5.0])) for _ in range(columns)]
    program = dense(cost, drawn, upper=upper)
    found, x = least(program, second, engine)
    assert_feasible(program, x)
    assert program.cost @ x == near(found.objective)
    assert second @ x == pytest.approx(brute_force(program, found.objective, second, engine), rel=1e-5, abs=1e-5)
