"""The peers of the benchmarks write the same program as the package, each in its own way: a comparison of equals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import optimizer as vc
from benchmarks.generate import write_case
from optimizer.compiler import compile_case
from optimizer.lp.program import LinearProgram


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Draw a case with every mechanism, small enough for a solve in no time."""
    folder = tmp_path_factory.mktemp("peers") / "small"
    return write_case(folder, seed=3, clusters=3, stages=3, fields=2, years=4, funders=2)


@pytest.fixture(scope="module")
def program(small: Path) -> LinearProgram:
    return compile_case(vc.load_case(small))


@pytest.fixture(scope="module")
def optimum(small: Path) -> float:
    plan = vc.load_case(small).solve(method="fixed", options=vc.SolveOptions(prove=False))
    return float(plan.summary()["lp_objective"])


def test_raw_numpy_assembles_the_same_program(small: Path, program: LinearProgram, optimum: float) -> None:
    """Columns and rows stand in another order, so the numbers are compared, and what they attain together."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    from benchmarks.peers import numpy_model

    theirs = numpy_model.build(numpy_model.read_frames(small))
    for own, other in (
        (program.values, theirs.matrix.data[theirs.matrix.data != 0]),
        (program.cost, theirs.cost),
        (program.upper, theirs.upper),
        (program.row_lower, theirs.row_lower),
        (program.row_upper, theirs.row_upper),
    ):
        assert np.sort(own) == pytest.approx(np.sort(other))
    rows = LinearConstraint(theirs.matrix, theirs.row_lower, theirs.row_upper)
    found = milp(-theirs.cost, constraints=rows, bounds=Bounds(theirs.lower, theirs.upper))
    assert -found.fun == pytest.approx(optimum, rel=1e-6)


@pytest.mark.parametrize("name", ["PuLP + CBC", "model_builder + GLOP", "linopy + HiGHS ipm"])
def test_every_peer_finds_the_optimum_and_that_of_a_smaller_budget(name: str, small: Path, optimum: float) -> None:
    from benchmarks.contenders import CUT, NEEDS, PROGRAMS

    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    steps = PROGRAMS[name]()
    made = steps.build(steps.read(small))
    if steps.hand_over is not None:
        made = steps.hand_over(made)
    assert steps.solve(made) == pytest.approx(optimum, rel=1e-6)
    case = vc.load_case(small)
    less = case.change(vc.Change("budget", "amount", "multiply", CUT, f"year={case.years[-1]}"))
    expected = less.solve(method="fixed", options=vc.SolveOptions(prove=False)).summary()["lp_objective"]
    assert steps.solve_again(made) == pytest.approx(expected, rel=1e-6)
    assert expected < optimum
