"""What planning ends with: a program, its solution and how it was found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from optimizer.blocks.overlap import Ranking
from optimizer.compiler import Compiled
from optimizer.lp.program import Vector
from optimizer.options import OverlapMethod, SolveOptions
from optimizer.solvers.result import SolveResult


class BoundSource(StrEnum):
    """How the bound of a plan was proven."""

    OPTIMUM = "optimum"
    """Optimum of the linear program itself, where overlap costs nothing."""
    NO_PENALTY = "no penalty"
    """Optimum of the program without an overlap penalty."""
    ENVELOPE = "envelope"
    """Optimum of the program with the convex envelope of the overlap."""
    BRANCHING = "branching"
    """Dual bound of the mixed-integer program."""


@dataclass(frozen=True)
class Bound:
    """What no plan can exceed [money], and how that was proven."""

    value: float
    source: BoundSource


@dataclass(frozen=True)
class Step:
    """One linear program of a sequence.

    Attributes
    ----------
    start
        What it belongs to: a sequence begun with ranking ``activity`` or ``unranked``, a try with another ``leader``
        of a niche, or the ``branching`` of the mixed-integer program and the sequence that follows it.
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
        The program whose solution the plan is; its overlap part is that of ``ranking``.
    ranking
        The ranking by which that program counts the overlap.
    result
        The end of its solve, with prices.
    x
        The solution reported, of least public spend; ``None`` where there is none.
    method, options
        How it was asked for.
    bound
        Proven upper bound of the true objective; ``None`` where none was computed.
    fixed_whole
        Whether prices are those of the program with its whole decisions fixed as the plan takes them.
    steps
        The linear programs solved on the way, in order.
    complete
        Whether the sequence or the branching came to its end, and not to a limit.
    algorithms
        Algorithms of the engine that were at work, each once, in order.
    seconds
        Time of building and solving.
    """

    compiled: Compiled
    ranking: Ranking
    result: SolveResult
    x: Vector | None
    method: OverlapMethod
    options: SolveOptions
    bound: Bound | None
    fixed_whole: bool
    steps: tuple[Step, ...]
    complete: bool
    algorithms: tuple[str, ...]
    seconds: float
