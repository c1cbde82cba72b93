"""Ways taken together: one optimum, and a basis of the whole program that needs no further step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given

import optimizer as vc
from benchmarks.generate import write_case
from optimizer.compiler import compile_case
from optimizer.lp.program import LinearProgram
from optimizer.lp.ways import Together, north_west, taken_together
from optimizer.options import Algorithm, SolveOptions
from optimizer.solvers.base import Session, find_engine
from optimizer.solvers.result import Termination
from tests.strategies import cases, law, near


def opened(program: LinearProgram, algorithm: Algorithm = Algorithm.INTERIOR_POINT) -> Session:
    return find_engine("highs")(program, SolveOptions(algorithm=algorithm))


def together_of(program: LinearProgram) -> Together:
    found = taken_together(program)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> LinearProgram:
    folder = write_case(
        tmp_path_factory.mktemp("case"), seed=3, clusters=5, stages=3, fields=3, years=5, funders=3
    )  # every mechanism is in it: mandates, a rule on one funder, prices of overlap
    return compile_case(vc.load_case(folder))


def test_the_north_west_corner_rule_fills_one_row_after_the_other() -> None:
    # Dantzig's staircase: 3 of the first supply to the first demand, 2 to the second, the next fills it up, ...
    staircase = [(0, 0, 3.0), (0, 1, 2.0), (1, 1, 4.0), (2, 1, 0.0), (2, 2, 1.0)]
    assert north_west(np.array([5.0, 4.0, 1.0]), np.array([3.0, 6.0, 1.0])) == staircase


def test_a_tie_is_no_gap_in_the_tree() -> None:
    pairs = north_west(np.array([2.0, 0.0, 3.0]), np.array([2.0, 3.0]))
    assert len(pairs) == 4
    assert len({("supply", i) for i, *_ in pairs} | {("demand", j) for _, j, _ in pairs}) == 5


def test_it_is_smaller_and_has_the_same_optimum(program: LinearProgram) -> None:
    smaller = together_of(program).program
    assert smaller.n_columns < 0.9 * program.n_columns
    assert smaller.n_nonzeros < 0.8 * program.n_nonzeros
    found, whole = (opened(one, Algorithm.SIMPLEX).solve() for one in (smaller, program))
    assert found.objective == near(whole.objective)


def test_its_basis_is_one_of_the_whole_program(program: LinearProgram) -> None:
    smaller = opened(together_of(program).program).solve()
    whole = opened(program).solve()
    assert whole.iterations == smaller.iterations  # the simplex method found nothing left to do
    assert whole.objective == near(smaller.objective)
    plain = opened(replace(program, ways="")).solve()
    assert whole.objective == near(plain.objective)
    assert whole.algorithm == plain.algorithm == "ipm"


def test_columns_with_bounds_of_their_own_stay(program: LinearProgram) -> None:
    upper = program.upper.copy()
    upper[program.columns.positions("public")] = 1e6
    links = set(program.columns.positions("link_public").tolist())
    found = taken_together(replace(program, upper=upper))
    gone = set(range(program.n_columns)) - set(range(program.n_columns) if found is None else found.kept.tolist())
    assert gone <= links


def test_nothing_is_taken_together_where_no_dimension_is_named(program: LinearProgram) -> None:
    assert taken_together(replace(program, ways="")) is None


def test_a_program_with_whole_columns_stays_as_it_is(program: LinearProgram) -> None:
    integer = program.integer.copy()
    integer[0] = True
    assert taken_together(replace(program, integer=integer)) is None


def test_what_has_no_plan_has_none_together_either(program: LinearProgram) -> None:
    budgets = program.rows.positions("budget")
    row_lower, row_upper = program.row_lower.copy(), program.row_upper.copy()
    row_lower[budgets] = row_upper[budgets] = 1e9  # more than all sites can take
    result = opened(replace(program, row_lower=row_lower, row_upper=row_upper)).solve()
    assert result.termination in (Termination.INFEASIBLE, Termination.INFEASIBLE_OR_UNBOUNDED)


@law(40)
@given(cases())
def test_any_case_has_one_optimum_either_way(case: object) -> None:
    program = compile_case(case.load())  # type: ignore[attr-defined]
    found = taken_together(program)
    assume(found is not None)
    plain = opened(replace(program, ways=""), Algorithm.SIMPLEX).solve()
    through = opened(program).solve()
    assert through.termination is plain.termination
    if plain.termination is Termination.OPTIMAL:
        assert through.objective == near(plain.objective)
        assert (np.maximum(program.activity(through.x) - program.row_upper, 0) <= 1e-6).all()


def test_other_numbers_take_the_same_ways_together(program: LinearProgram) -> None:
    together = together_of(program)
    upper = program.row_upper.copy()
    upper[program.rows.positions("budget")] *= 0.9
    other = replace(program, cost=1.1 * program.cost, row_upper=upper)
    renewed = together.renewed(other)
    assert renewed is not None
    assert renewed.is_alike(together)
    assert opened(renewed.program).solve().objective == near(opened(replace(other, ways="")).solve().objective)


def test_pairs_may_be_held_at_nothing_by_their_cell_or_their_way(program: LinearProgram) -> None:
    together = together_of(program)
    first_class = together.cell_class == 0
    pairs = together.pairs[first_class]
    upper = program.upper.copy()
    upper[pairs[0]] = upper[pairs[:, 0]] = 0.0  # the first cell, and the first way
    other = replace(program, upper=upper)
    renewed = together.renewed(other)
    assert renewed is not None
    assert opened(renewed.program).solve().objective == near(opened(replace(other, ways="")).solve().objective)
    upper = program.upper.copy()
    upper[pairs[0, 0]] = 0.0  # one pair alone is held by neither
    assert together.renewed(replace(program, upper=upper)) is None


def test_what_tells_the_ways_of_a_cell_apart_is_not_taken_together(program: LinearProgram) -> None:
    together = together_of(program)
    cost = program.cost.copy()
    cost[together.pairs[0, 0]] += 1.0
    assert together.renewed(replace(program, cost=cost)) is None
    weights = together.weights(np.random.default_rng(0), program.n_columns)
    assert together.renewed(replace(program, cost=weights)) is not None
    assert 1 <= weights.min() < weights.max() <= 2
    assert len(np.unique(weights[together.kept])) == len(together.kept)


def test_one_set_of_amounts_has_one_split(program: LinearProgram) -> None:
    together = together_of(program)
    x = opened(program).solve().x
    # money goes round in a square of two cells and two ways: the same amounts of both, another split
    cells = np.flatnonzero(together.cell_class == together.cell_class[0])[:2]
    square = together.pairs[np.ix_(cells, [0, 1])]
    some = x.copy()
    some[square] += 1.0  # so that there is something to turn
    turned = some.copy()
    turned[square] += np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert not np.allclose(some, turned)
    assert together.split(turned) == pytest.approx(together.split(some), abs=1e-9)
    split = together.split(x)
    assert program.cost @ split == near(program.cost @ x)
    assert program.activity(split) == pytest.approx(program.activity(x), abs=1e-6)
    assert together.split(split) == pytest.approx(split, abs=1e-9)
