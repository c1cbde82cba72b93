"""What a solve ended with. A result cannot lie: no status has a default, and what is missing raises when it is read."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.errors import SolveError
from optimizer.language import say
from optimizer.lp.program import Vector


class Termination(StrEnum):
    """Why a solve ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    INFEASIBLE_OR_UNBOUNDED = "infeasible or unbounded"
    TIME_LIMIT = "time limit"
    INTERRUPTED = "interrupted"
    OTHER_LIMIT = "other limit"
    ERROR = "error"

    @property
    def is_limit(self) -> bool:
        """Whether the solve was stopped before it was done."""
        return self in (Termination.TIME_LIMIT, Termination.INTERRUPTED, Termination.OTHER_LIMIT)

    @property
    def status(self) -> str:
        """Status of an error that says that the solve has ended so, where it should have an optimum."""
        return "limit" if self.is_limit else "error"


@dataclass(frozen=True)
class Part:
    """Where a study stands that takes many solves: the part it is at, whose steps are alike.

    Attributes
    ----------
    name
        What the part is called; a text of the catalogue.
    number, parts
        The how many-th it is, and how many there are, of which some may not be needed.
    done
        Steps done.
    most
        Steps there are; ``None`` where nobody knows beforehand.
    exact
        Whether there are so many, and not fewer.
    resolved
        Share of the range whose answer is known, where that is what is known; else ``None``.
    seconds_left
        Estimate of the time left of this part, from its steps that are done; ``None`` without a sound basis.
    limit_left
        Time after which a limit ends the search [seconds]; ``None`` where there is no limit.
    """

    name: str
    number: int
    parts: int
    done: int
    most: int | None = None
    exact: bool = True
    resolved: float | None = None
    seconds_left: float | None = None
    limit_left: float | None = None

    @property
    def share(self) -> float | None:
        """Share of the part that is done; ``None`` where nobody knows."""
        if self.most is None:
            return self.resolved
        return self.done / self.most if self.most else 1.0


@dataclass(frozen=True)
class Progress:
    """Where a running solve, or a study of many, stands.

    Attributes
    ----------
    seconds
        Time since the solve began, or the study.
    iterations
        Iterations so far, of the algorithm at work.
    objective
        Objective of the point at hand, which need not be feasible yet; of a program with whole columns, of the best
        solution so far.
    bound
        Proven bound of the objective, where the engine branches; else ``None``.
    part
        Where the study stands; ``None`` for a single plan.
    """

    seconds: float
    iterations: int
    objective: float
    bound: float | None = None
    part: Part | None = None

    @property
    def gap(self) -> float | None:
        """Distance of the bound from the objective, relative to the bound; ``None`` where either is missing."""
        if self.bound is None or not math.isfinite(self.bound) or not math.isfinite(self.objective):
            return None
        return abs(self.bound - self.objective) / max(abs(self.bound), 1e-12)


ProgressHook = Callable[[Progress], None]


@dataclass(frozen=True)
class Basis:
    """A basis as an engine describes it; given back to the same engine only.

    Attributes
    ----------
    columns, rows
        The status of each, in the engine's words.
    basic
        The engine's word for what is in the basis; ``None`` where it does not say.
    idle
        Its word for what is out of it, at whichever bound; ``None`` where it has none.
    """

    columns: Any
    rows: Any
    basic: Any = None
    idle: Any = None

    def listed(self) -> Basis:
        """Return the basis with its statuses as lists."""
        return self

    def members(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
        """Return which columns and which rows are in the basis; ``None`` where the engine does not say."""
        if self.basic is None:
            return None
        columns, rows = (
            np.array([one == self.basic for one in kind], dtype=bool) for kind in (self.columns, self.rows)
        )
        return columns, rows

    def widened(self, columns: NDArray[np.bool_], rows: NDArray[np.bool_]) -> Basis | None:
        """Return a basis of a program that has more columns and rows, behind those of this one.

        Parameters
        ----------
        columns, rows
            Which of all columns and rows are in the basis; of those there were already it is known.

        Returns
        -------
        Basis or None
            Nothing where the engine lacks words for it.
        """
        mine = self.listed()
        if mine.basic is None or mine.idle is None:
            return None
        of_columns, of_rows = (
            [*known, *(mine.basic if basic else mine.idle for basic in members[len(known) :])]
            for known, members in ((mine.columns, columns), (mine.rows, rows))
        )
        return Basis(of_columns, of_rows, mine.basic, mine.idle)


@dataclass(frozen=True)
class SolveResult:
    """The end of one solve.

    Duals follow one convention: ``row_dual`` is the change of the optimal objective per unit of right-hand side, and
    ``reduced_cost`` the change per unit of a column's bound, for maximisation and minimisation alike. Rays follow
    that of :mod:`optimizer.solvers.rays`.

    Attributes
    ----------
    termination
        Why it ended.
    detail
        The engine's own words.
    algorithm
        Algorithm that was used.
    iterations, seconds
        Effort.
    whole
        Whether the program had whole columns; such a program has a bound, but no prices.
    """

    termination: Termination
    detail: str
    algorithm: str
    iterations: int
    seconds: float
    whole: bool = False
    _objective: float | None = None
    _bound: float | None = None
    _x: Vector | None = None
    _row_dual: Vector | None = None
    _reduced_cost: Vector | None = None
    _basis: Basis | None = None
    _dual_ray: Vector | None = None
    _primal_ray: Vector | None = None

    def _need(self, value: Any, what: str) -> Any:
        if value is None:
            msg = say(
                "there is no {what}: the solve ended with '{end}' ({detail}).",
                what=what,
                end=self.termination,
                detail=self.detail,
            )
            raise SolveError(msg)
        return value

    def _need_price(self, value: Any, what: str) -> Any:
        if self.whole:
            msg = say(
                "a program with whole columns has no {what}: its optimum does not move in small steps. Fix the whole "
                "columns at their values and solve the linear program that is left.",
                what=what,
            )
            raise SolveError(msg)
        return self._need(value, what)

    def after(self, earlier: SolveResult) -> SolveResult:
        """Return the same end, with the effort of an earlier solve that led to it, or was given up for it."""
        seconds, iterations = earlier.seconds + self.seconds, earlier.iterations + self.iterations
        return replace(self, seconds=seconds, iterations=iterations)

    @property
    def objective(self) -> float:
        """Objective at the end; raises :class:`SolveError` if the solve ended without one."""
        value: float = self._need(self._objective, "objective")
        return value

    @property
    def bound(self) -> float:
        """Proven bound of the objective; raises :class:`SolveError` if the solve ended without one."""
        value: float = self._need(self._bound, "bound")
        return value

    @property
    def has_bound(self) -> bool:
        """Whether a bound of the objective was proven."""
        return self._bound is not None

    @property
    def has_solution(self) -> bool:
        """Whether there is a solution: an optimum, or the best found before a limit."""
        return self._x is not None

    @property
    def x(self) -> Vector:
        """Value of each column; raises :class:`SolveError` if the solve ended without a solution."""
        value: NDArray[Any] = self._need(self._x, "solution")
        return value

    @property
    def row_dual(self) -> Vector:
        """Shadow price of each row; raises :class:`SolveError` if the solve ended without prices."""
        value: NDArray[Any] = self._need_price(self._row_dual, "shadow price")
        return value

    @property
    def reduced_cost(self) -> Vector:
        """Reduced cost of each column; raises :class:`SolveError` if the solve ended without prices."""
        value: NDArray[Any] = self._need_price(self._reduced_cost, "reduced cost")
        return value

    @property
    def has_prices(self) -> bool:
        """Whether there are shadow prices and reduced costs."""
        return self._row_dual is not None and self._reduced_cost is not None and not self.whole

    @property
    def dual_ray(self) -> Vector:
        """Proof that the program is infeasible, one weight a row (Farkas); its largest entry is 1 in size.

        Every ``x`` within its bounds has ``dual_ray @ A x`` below what the rows demand of it: a positive weight leans
        on a row's lower bound, a negative one on its upper bound.

        Raises
        ------
        SolveError
            If the solve ended otherwise, or the engine gave no ray that proves it.
        """
        value: NDArray[Any] = self._need(self._dual_ray, "dual ray")
        return value

    @property
    def has_dual_ray(self) -> bool:
        """Whether there is a proof that the program is infeasible."""
        return self._dual_ray is not None

    @property
    def primal_ray(self) -> Vector:
        """Direction in which a feasible program gets better without end, one entry a column; its largest is 1 in size.

        Raises
        ------
        SolveError
            If the solve ended otherwise, or the engine gave no ray that proves it.
        """
        value: NDArray[Any] = self._need(self._primal_ray, "primal ray")
        return value

    @property
    def has_primal_ray(self) -> bool:
        """Whether there is a proof that a feasible program has no best solution."""
        return self._primal_ray is not None

    @property
    def basis(self) -> Basis:
        """Basis at the end; raises :class:`SolveError` if there is none."""
        value: Basis = self._need(self._basis, "basis")
        return value

    @property
    def has_basis(self) -> bool:
        """Whether there is a basis to start the next solve from."""
        return self._basis is not None


def crossed_result(algorithm: str, *, whole: bool) -> SolveResult:
    """Return the end of a program with a lower bound above its upper one, which some engines refuse to look at."""
    return SolveResult(
        termination=Termination.INFEASIBLE,
        detail="a lower bound lies above its upper one",
        algorithm=algorithm,
        iterations=0,
        seconds=0.0,
        whole=whole,
    )
