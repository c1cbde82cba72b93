"""Planning many changed copies of one case: compiled once, each solved again from the basis of the case itself.

Under overlap method ``fixed`` a plan is one linear program. Where a change moves numbers only, the engine keeps the
program of the case, takes the other numbers, and goes on from the basis of the unchanged case. Not from that of the
point before: so no plan depends on what was planned earlier, by whom, or in which order. Who turns dials wants the
opposite: each is near the one before, and a large program keeps weights there that take seconds to find.

Changes that move entries of the matrix in or out, programs with whole columns, and the overlap methods that solve
sequences of programs are planned as :func:`optimizer.planning.strategy.plan_case` plans them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from optimizer.compiler import Compiled, compile_sets, recompile
from optimizer.data.case import CaseTables
from optimizer.lp.program import LinearProgram
from optimizer.options import OverlapMethod, SolveOptions
from optimizer.planning.outcome import Outcome
from optimizer.planning.sequence import SMALL, Clock, Sequence
from optimizer.planning.strategy import is_penalised, plan_case, plan_fixed
from optimizer.solvers.base import Session
from optimizer.solvers.result import Basis, ProgressHook, Termination


class Resolver:
    """Plans changed copies of one case; every plan equals that of :func:`optimizer.planning.strategy.plan_case`.

    Parameters
    ----------
    case
        The case that the others came from by changes of figures.
    options
        How to solve; the time limit holds for each plan.
    method
        Overlap method in place of the cases' own.
    goes_on
        Whether each plan goes on from the one before. It is the same plan then, but where prices are not unique, they
        may be others.

    Raises
    ------
    InputError
        If the engine is not there, or cannot do what is asked of it.
    """

    def __init__(
        self,
        case: CaseTables,
        options: SolveOptions | None = None,
        method: OverlapMethod | None = None,
        *,
        goes_on: bool = False,
    ) -> None:
        self.case = case
        self.options = options or SolveOptions()
        self.method = method
        self.goes_on = goes_on
        self._compiled: Compiled | None = None
        self._held: Session | None = None
        self._basis: Basis | None = None
        self._hopeless = False  # whether the case itself has no basis to go on from

    def prepare(self, near: Basis | None = None) -> None:
        """Solve the program of the case itself, so that the first changed copy goes on from its basis already.

        Parameters
        ----------
        near
            A basis, of the same engine, in which a plan of the case ended; saves most of the solve.

        Raises
        ------
        SolveError
            If the engine fails.
        """
        if self._compiled is None:
            self._compiled = compile_sets(self.case)
        if self._basis is None and not self._compiled.program.integer.any():
            self._held = self._open(self._compiled, Clock(self.options.time_limit), near)

    @property
    def is_quick(self) -> bool:
        """Whether whole sequences of the case's programs are a matter of moments, for it is small."""
        if self._compiled is None:
            self._compiled = compile_sets(self.case)
        return self._compiled.program.n_columns <= SMALL and not self._compiled.program.integer.any()

    def plan(
        self,
        case: CaseTables,
        progress: ProgressHook | None = None,
        before_each: Callable[[], None] | None = None,
    ) -> Outcome:
        """Plan a changed copy of the case, or the case itself.

        Parameters
        ----------
        case
            The changed copy.
        progress
            Told where long solves stand; what it raises ends the planning, and the next plan is as good as any.
        before_each
            Called before each linear program; what it raises ends the planning likewise.

        Raises
        ------
        SolveError
            If the engine fails. Infeasible, unbounded and limits are outcomes, not errors.
        """
        method = self.method or case.settings.overlap.method
        clock = Clock(self.options.time_limit, progress=progress, before_each=before_each)
        outcome = (
            self._from_basis(case, method, clock) if method is OverlapMethod.FIXED or not is_penalised(case) else None
        )
        # what a basis led astray gets a second chance without one
        if outcome is None or outcome.result.termination is Termination.ERROR:
            began, rest = clock.seconds, replace(self.options, time_limit=clock.left())
            anew = plan_case(case, rest, method, progress, before_each)
            return replace(anew, options=self.options, seconds=began + anew.seconds)
        return outcome

    def _from_basis(self, case: CaseTables, method: OverlapMethod, clock: Clock) -> Outcome | None:
        """Plan a case by numbers alone; ``None`` where that cannot be done."""
        if self._hopeless or not _same_lines(case, self.case):
            return None
        if self._compiled is None:
            self._compiled = compile_sets(self.case)
        if self._compiled.program.integer.any():
            return None
        compiled = recompile(self._compiled, case)
        if not _same_entries(compiled.program, self._compiled.program):
            return None
        held = self._held or self._open(self._compiled, clock)
        self._held = None  # stays so where the engine fails on the way, and a new session is opened for the next case
        if self._basis is None:
            self._hopeless = True  # the copies to come have their whole time limit for themselves
            return None
        program = compiled.program
        held.set_values(program.values)
        held.set_bounds(program.lower, program.upper)
        held.set_row_bounds(program.row_lower, program.row_upper)
        held.set_cost(program.cost, maximize=program.maximize)
        held.set_basis(self._basis)
        outcome = plan_fixed(Sequence(compiled, self.options, clock, held), method)
        if self.goes_on and outcome.result.has_basis:
            self._basis = outcome.result.basis
        self._held = held
        return outcome

    def _open(self, compiled: Compiled, clock: Clock, near: Basis | None = None) -> Session:
        """Open a session that holds the program of the case, and keep the basis of its optimum."""
        run = Sequence(compiled, self.options, replace(clock, began=time.perf_counter()))
        if self._basis is None:
            if near is not None:
                run.session.set_basis(near)
            found = run.first().result
            if found.has_basis and self.goes_on and run.is_large:
                found = run.rehearsed(found)
            self._basis = run.lean_basis(found) if found.has_basis else None
        return run.session


def _same_lines(one: CaseTables, other: CaseTables) -> bool:
    """Return whether two cases have the same lines, of which only figures may differ."""
    return all(len(one.stored[name]) == len(other.stored[name]) for name in other.stored)


def _same_entries(one: LinearProgram, other: LinearProgram) -> bool:
    """Return whether two programs have matrix entries in the same places."""
    if one.indices is other.indices and one.starts is other.starts:
        return True
    return (
        one.n_rows == other.n_rows
        and np.array_equal(one.starts, other.starts)
        and np.array_equal(one.indices, other.indices)
    )
