"""A plan's linear program solved again without some of its money: what giving it up costs, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from optimizer.lp.labels import Codes
from optimizer.planning.outcome import Outcome
from optimizer.solvers.base import find_engine
from optimizer.solvers.result import SolveResult


def without(outcome: Outcome, choices: Iterable[Codes]) -> Iterator[SolveResult]:
    """Solve the program of a plan again for each choice of columns held at 0, each time from the plan's own basis.

    Parameters
    ----------
    outcome
        What planning ended with; there must be a plan.
    choices
        Columns of the program whose lower bound is 0.

    Yields
    ------
    SolveResult
        The end of each solve; an infeasible one is a value. The overlap counts by the ranking of the plan.
    """
    program = outcome.compiled.program
    options = replace(outcome.options, time_limit=None)
    session = find_engine(options.engine)(program, options)
    for columns in choices:
        upper = program.upper.copy()
        upper[columns] = 0.0
        session.set_bounds(program.lower, upper)
        if outcome.result.has_basis:
            session.set_basis(outcome.result.basis)
        yield session.solve()
