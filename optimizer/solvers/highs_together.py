"""Programs held by HiGHS that are solved by way of a smaller one, in which ways are taken together.

What the smaller program is solved to holds for the whole one as it stands: the amounts of its cells and ways have a
split, the prices of its rows are the whole one's, and a column's reduced cost is that of its cell and its way together
(:mod:`optimizer.lp.ways`). The whole program is handed to the engine only where a solve cannot go on from the smaller
one's basis: because other numbers tell other ways apart, or because there is no optimum and the rows have to say why.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from optimizer.lp.program import LinearProgram, Vector
from optimizer.lp.ways import LARGE, Together, taken_together
from optimizer.options import Algorithm, SolveOptions
from optimizer.solvers.base import KeepsNumbers, time_left
from optimizer.solvers.highs_anchored import AnchoredSession
from optimizer.solvers.highs_session import ENDLESS, HighsSession
from optimizer.solvers.result import Basis, ProgressHook, SolveResult, Termination, crossed_result

FAR = 10_000
"""Steps of the simplex method after which a large program has gone too far from its last basis: about then they have
taken as long as a solve anew. Measured on 74,000 columns, seconds of the processor: 8,600 steps 9.7, 29,800 steps 37.8;
anew 12. The share of columns that can be improved at the start does not foretell the steps: 4,200 at 0.24, 12,900 at
0.12."""


class TogetherSession(KeepsNumbers):
    """A program held by HiGHS and solved by way of a smaller one; see :class:`optimizer.solvers.base.Session`.

    That of a large program is kept, for its basis and the weights of its prices are where the next solve goes on from.
    """

    def __init__(self, program: LinearProgram, options: SolveOptions) -> None:
        super().__init__(program)
        self._options = options
        self._smaller: _Smaller | None = None
        self._whole: HighsSession | None = None
        self._whole_basis: Basis | None = None
        self._basis: Basis | None = None

    @property
    def _is_large(self) -> bool:
        return self._program.n_columns >= LARGE

    def set_start(self, x: Vector) -> None:
        """Do nothing: a start is for programs with whole columns, and none of these has any."""

    def set_basis(self, basis: Basis) -> None:
        """Let the next solve start from a basis of an earlier one."""
        self._basis = basis
        self._smaller = basis.held_by(self._smaller) if self._is_large and isinstance(basis, LiftedBasis) else None

    def aside(self, basis: Basis) -> TogetherSession:
        """Return a session for a question beside the way, at the basis this one stands at.

        A large program gets one of its own, so that the weights of the dual simplex method, which take seconds to
        find, stay here.
        """
        if not self._is_large:
            return self
        session = TogetherSession(self._program, self._options)
        session.set_basis(basis)
        return session

    def solve(self, time_limit: float | None = None, progress: ProgressHook | None = None) -> SolveResult:
        """Solve what is held now: from the last basis by the simplex method, else as the options say.

        Raises
        ------
        SolveError
            If the engine fails.
        KeyboardInterrupt
            On Ctrl-C, after the engine has stopped.
        """
        program, began = self._program, time.perf_counter()
        if program.is_crossed:
            return crossed_result(Algorithm.INTERIOR_POINT.value, whole=False)
        # an algorithm asked for by name is not left for another
        most_steps = FAR if self._is_large and self._options.algorithm is Algorithm.AUTO else ENDLESS
        if self._smaller is not None and self._smaller.takes(program):
            left = time_left(time_limit, time.perf_counter() - began)
            found = self._by_smaller(self._smaller, left, progress, most_steps)
        elif self._basis is not None:
            left = time_left(time_limit, time.perf_counter() - began)
            found = self._by_whole(left, progress, most_steps)
        else:
            return self._anew(time_limit, progress, began)
        if found.termination is not Termination.OTHER_LIMIT:
            return found
        self._whole = None
        return self._anew(time_limit, progress, began).after(found)

    def _anew(self, time_limit: float | None, progress: ProgressHook | None, began: float) -> SolveResult:
        """Solve from nothing, by way of a smaller program where there is one, within a limit since ``began``."""
        together = taken_together(self._program)
        if together is None:
            return self._by_whole(time_left(time_limit, time.perf_counter() - began), progress)
        session = AnchoredSession(together.program, replace(self._options, algorithm=Algorithm.INTERIOR_POINT))
        left = time_left(time_limit, time.perf_counter() - began)
        return self._by_smaller(_Smaller(self._program, together, session), left, progress)

    def _by_smaller(
        self,
        smaller: _Smaller,
        time_limit: float | None,
        progress: ProgressHook | None,
        most_steps: int = ENDLESS,
    ) -> SolveResult:
        """Solve a smaller program and tell what its end says of the whole one."""
        self._smaller, self._basis = None, None  # until it is known where the solve ended
        small = smaller.session.solve(time_limit, progress, most_steps=most_steps)
        if small.termination.is_limit:
            return small
        if small.termination is not Termination.OPTIMAL or not small.has_basis:
            # the whole one says why, in its own rows
            self._whole = None
            return self._by_whole(time_left(time_limit, small.seconds), progress).after(small)
        program, together = self._program, smaller.together
        smaller.basis = small.basis
        self._smaller = smaller if self._is_large else None
        self._basis = LiftedBasis(program, together, small.basis, small.x, self._options)
        x = together.whole_solution(small.x)
        objective = float(program.cost @ x)
        return replace(
            small,
            _objective=objective,
            _bound=objective,
            _x=x,
            _row_dual=small.row_dual[: program.n_rows],
            _reduced_cost=together.whole_reduced_cost(small.reduced_cost),
            _basis=self._basis,
        )

    def _by_whole(
        self, time_limit: float | None, progress: ProgressHook | None, most_steps: int = ENDLESS
    ) -> SolveResult:
        """Solve the whole program, from the last basis where there is one."""
        whole = self._held()
        if self._basis is not None and self._basis is not self._whole_basis:
            whole.set_basis(self._basis)
        self._basis = self._whole_basis = None  # until it is known where the solve ended
        found = whole.solve(time_limit, progress, most_steps=most_steps)
        if found.has_basis:
            self._basis = self._whole_basis = found.basis
        return found

    def _held(self) -> HighsSession:
        """Return a session of the whole program with its numbers of now."""
        program = self._program
        if self._whole is None:
            self._whole, self._whole_basis = HighsSession(program, self._options), None
        self._whole.take(program)
        return self._whole


class _Smaller:
    """A smaller program in a session that goes on from its own last basis and its prices' weights.

    Attributes
    ----------
    whole, together
        The whole program and the smaller one as they were when last solved.
    session
        Holds the smaller one.
    basis
        The basis it ended in last.
    """

    def __init__(self, whole: LinearProgram, together: Together, session: AnchoredSession) -> None:
        self.whole = whole
        self.together = together
        self.session = session
        self.basis: Basis | None = None

    def takes(self, whole: LinearProgram) -> bool:
        """Take over other numbers of the whole program if its ways stay together; return whether that is so."""
        if whole.values is self.whole.values:
            together = self.together.renewed(whole)
        else:
            other = taken_together(whole)
            together = other if other is not None and self.together.is_alike(other) else None
        if together is None:
            return False
        self.session.take(together.program)
        self.whole, self.together = whole, together
        return True


@dataclass(frozen=True, eq=False)
class LiftedBasis(Basis):
    """The basis of a whole program that one of the smaller stands for; it is only built where somebody looks at it.

    Attributes
    ----------
    whole, together
        The whole program and the smaller one.
    small, x
        The smaller one's basis, and its solution there.
    options
        How it was solved.
    """

    columns: Any = field(default=None, init=False)
    rows: Any = field(default=None, init=False)
    basic: Any = field(default=None, init=False)
    idle: Any = field(default=None, init=False)
    whole: LinearProgram
    together: Together
    small: Basis
    x: Vector
    options: SolveOptions

    def held_by(self, smaller: _Smaller | None) -> _Smaller:
        """Return a session of the smaller program that goes on from this basis: the one there is, where it is there."""
        if smaller is None or not smaller.together.is_alike(self.together):
            smaller = _Smaller(self.whole, self.together, AnchoredSession(self.together.program, self.options))
        if smaller.basis is not self.small:  # else its weights are there too, which a basis handed over lacks
            smaller.session.set_basis(self.small)
            smaller.basis = self.small
        return smaller

    def listed(self) -> Basis:
        """Return the basis as lists of statuses."""
        return self._listed

    def members(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
        """Return which columns and which rows are in the basis."""
        return self._listed.members()

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process as lists."""
        plain = self._listed
        return Basis, (plain.columns, plain.rows, plain.basic, plain.idle)

    @cached_property
    def _listed(self) -> Basis:
        together, found = self.together, self.small.listed()
        basic = np.array([status == found.basic for status in found.columns])
        idle = together.idle(basic)
        if idle:
            session = HighsSession(together.program, self.options)
            session.set_basis(self.small)
            session.solve()
            for way, cells in idle:
                basic[[way, session.stand_in(way, cells)]] = True, False
        columns = np.full(self.whole.n_columns, highspy.HighsBasisStatus.kLower, dtype=object)
        columns[together.kept] = found.columns[: len(together.kept)]
        columns[together.basic_pairs(self.x, basic)] = found.basic
        return Basis(columns.tolist(), found.rows[: self.whole.n_rows], found.basic, found.idle)
