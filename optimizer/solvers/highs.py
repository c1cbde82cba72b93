"""HiGHS: which session holds a program."""

from __future__ import annotations

from optimizer.lp.program import LinearProgram
from optimizer.options import Algorithm, SolveOptions
from optimizer.solvers.base import Session
from optimizer.solvers.highs_session import HighsSession, chosen_algorithm


def open_session(program: LinearProgram, options: SolveOptions) -> Session:
    """Hand a program to HiGHS and return the session that holds it."""
    if chosen_algorithm(program, options) is Algorithm.INTERIOR_POINT and not program.integer.any():
        from optimizer.solvers.highs_together import TogetherSession  # small programs do without

        return TogetherSession(program, options)
    return HighsSession(program, options)
