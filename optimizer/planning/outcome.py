"""What planning ends with: a program, its solution and how it was found."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.compiler import Compiled
from optimizer.lp.program import Vector
from optimizer.options import OverlapMethod, SolveOptions
from optimizer.solvers.result import SolveResult


@dataclass(frozen=True)
class Step:
    """One linear program of a sequence.

    Attributes
    ----------
    start
        Ranking the sequence began with: ``activity`` or ``unranked``.
    objective
        True penalised objective of the solution [money].
    lp_objective
        Optimum of the linear program [money].
    overlap
        Overlap between clusters and between funders, undiscounted [money].
    seconds
        Time of the step.
    """

    start: str
    objective: float
    lp_objective: float
    overlap: float
    seconds: float


@dataclass(frozen=True, eq=False, repr=False)
class Outcome:
    """How a case was planned.

    Attributes
    ----------
    compiled
        The program whose solution the plan is; its overlap part is the last ranking's.
    result
        The end of its solve, with prices.
    x
        The solution reported, of least public spend; ``None`` where there is none.
    method, options
        How it was asked for.
    bound
        Proven upper bound of the true objective [money]; ``None`` where none was computed.
    steps
        The linear programs solved on the way, in order.
    complete
        Whether the sequence came to its end, and not to a limit.
    algorithms
        Algorithms of the engine that were at work, each once, in order.
    seconds
        Time of building and solving.
    """

    compiled: Compiled
    result: SolveResult
    x: Vector | None
    method: OverlapMethod
    options: SolveOptions
    bound: float | None
    steps: tuple[Step, ...]
    complete: bool
    algorithms: tuple[str, ...]
    seconds: float
