"""A free column solved with a guessed floor: the same optimum wherever the outcomes lie, and no floor left behind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.lp.compose import Composed, compose, with_tail, with_worst
from optimizer.lp.program import LinearProgram, freeze
from optimizer.options import SolveOptions
from optimizer.solvers.base import find_engine
from optimizer.solvers.free_column import FAR, solve_free
from optimizer.solvers.result import Termination
from tests.lp.dense import dense

OUTCOMES = np.array([10.0, 20.0, 30.0, 40.0])


class Counted:
    """A session that counts its solves."""

    def __init__(self, program: LinearProgram) -> None:
        self._session = find_engine("highs")(program, SolveOptions())
        self.solves = 0
        self.lower = program.lower

    def solve(self, *limits: object) -> object:
        self.solves += 1
        return self._session.solve(*limits)  # type: ignore[arg-type]

    def set_bounds(self, lower: np.ndarray, upper: np.ndarray) -> None:
        self.lower = lower
        self._session.set_bounds(lower, upper)


def outcomes(shift: float, *, maximize: bool) -> Composed:
    """Return four equally likely programs whose optima are ``OUTCOMES`` and a shift (for costs, with signs turned)."""
    sign = 1.0 if maximize else -1.0
    blocks = [dense([sign * (one + shift)], [], maximize=maximize, lower=1, upper=1) for one in OUTCOMES]
    return compose(blocks, [0.25] * 4, [np.empty(0, dtype=np.intp)] * 4)


@pytest.mark.parametrize("maximize", [True, False])
@pytest.mark.parametrize(
    ("shift", "solves"),
    [
        (0.0, 1),
        (5 * FAR, 1),
        (-FAR / 2, 1),
        (-25.0 - FAR, 2),  # some above the guess and some below: the worst one has no solution, the tail is held back
        (-5 * FAR, 2),  # all below it
    ],
)
def test_the_guess_never_moves_the_optimum(maximize: bool, shift: float, solves: int) -> None:
    # the worst is 10; 0.4 of the probability are all of 10 and 0.15 of 20: 13.75
    sign = 1.0 if maximize else -1.0
    plain = outcomes(shift, maximize=maximize)
    for joint, expected in ((with_worst(plain), 10.0), (with_tail(plain, 0.4, 1.0), 13.75)):
        session = Counted(joint.program)
        assert joint.level is not None
        result = solve_free(session, joint.program, joint.level)  # type: ignore[arg-type]
        assert sign * result.objective == pytest.approx(expected + shift, rel=1e-12)
        assert session.solves == solves
        assert session.lower is joint.program.lower
        # prices are those without the guess: what one more of the worst outcome is worth
        assert result.reduced_cost[joint.level] == pytest.approx(0, abs=1e-9)


def test_what_has_no_solution_or_no_end_is_told_apart_from_the_guess() -> None:
    joint = with_worst(outcomes(0.0, maximize=True))
    program, level = joint.program, joint.level
    assert level is not None
    crossed = replace(program, **freeze(row_upper=np.full(program.n_rows, -1.0), row_lower=np.zeros(program.n_rows)))
    assert solve_free(find_engine("highs")(crossed, SolveOptions()), crossed, level).termination in (
        Termination.INFEASIBLE,
        Termination.INFEASIBLE_OR_UNBOUNDED,
    )
    endless = replace(program, **freeze(row_upper=np.full(program.n_rows, np.inf)))
    assert solve_free(find_engine("highs")(endless, SolveOptions()), endless, level).termination in (
        Termination.UNBOUNDED,
        Termination.INFEASIBLE_OR_UNBOUNDED,
    )
