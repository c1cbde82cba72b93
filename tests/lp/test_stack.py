"""Programs side by side: the same optima as alone, weighed, and rows that link them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import optimizer as vc
from optimizer.compiler import compile_case
from optimizer.lp.extend import Addition, extended
from optimizer.lp.program import LinearProgram
from optimizer.lp.stack import stacked
from optimizer.options import SolveOptions
from optimizer.solvers.base import find_engine
from tests.strategies import NO_TERMINAL, draft


def program(budget: float) -> LinearProgram:
    """Return a program whose optimum is its budget: each unit of money is a launch worth 1, 40 at the most."""
    case = draft(NO_TERMINAL, budget=f"year,amount\n2026,{budget}", fields="field,value,demand\nall,1,40").load()
    return compile_case(case)


def optimum(one: LinearProgram) -> tuple[float, np.ndarray]:
    """Return the optimum of a program and where it is."""
    result = find_engine("highs")(one, SolveOptions()).solve()
    return result.objective, result.x


def test_side_by_side_each_has_its_own_optimum() -> None:
    parts = [program(10), program(70)]
    joined, firsts = stacked(parts, [2.0, 0.5])
    assert firsts.tolist() == [0, parts[0].n_columns, joined.n_columns]
    assert (joined.n_rows, joined.n_nonzeros) == (2 * parts[0].n_rows, 2 * parts[0].n_nonzeros)
    # 2 * 10 + 0.5 * 40
    value, x = optimum(joined)
    assert value == pytest.approx(40)
    assert [float(part.cost @ x[first:][: part.n_columns]) for part, first in zip(parts, firsts, strict=False)] == (
        pytest.approx([10, 40])
    )
    dense = joined.matrix().toarray()
    assert (dense[: parts[0].n_rows, : parts[0].n_columns] == parts[0].matrix().toarray()).all()
    assert not dense[: parts[0].n_rows, parts[0].n_columns :].any()
    assert joined.part_values(x) == {"objective": pytest.approx(40)}
    assert joined.columns.codes("columns", "block").tolist() == np.repeat([0, 1], parts[0].n_columns).tolist()


def test_a_row_links_them() -> None:
    parts = [program(10), program(70)]
    joined, firsts = stacked(parts)
    # the second may spend no more than the first: 10 + 10
    spent = parts[0].columns.positions("public")
    columns = np.concatenate([firsts[0] + spent, firsts[1] + spent])
    signs = np.repeat([1.0, -1.0], len(spent))
    entries = (np.full(len(columns), joined.n_rows), columns, signs)
    nothing = np.empty(0)
    row = Addition(nothing, nothing, np.zeros(1), np.full(1, np.inf), (entries,))
    assert optimum(extended(joined, row, "link"))[0] == pytest.approx(20)


def test_what_is_of_two_senses_or_nothing_is_refused() -> None:
    with pytest.raises(vc.ModelError, match="must all maximise or all minimise"):
        stacked([program(10), replace(program(10), maximize=False)])
    with pytest.raises(vc.ModelError, match="one at least"):
        stacked([])
