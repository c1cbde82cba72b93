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


@dataclass(frozen=True)
class Edited:
    """How a plan from an edited program stands in the program of the case.

    Attributes
    ----------
    objective, optimum
        Its objective in the linear program of the case, and that program's optimum [money].
    broken
        Rows and bounds of the case that it breaks.
    worst
        Largest violation of one, relative to the row's limit and to 1 at least.
    """

    objective: float
    optimum: float
    broken: int
    worst: float


@dataclass(frozen=True)
class CrossCheck:
    """What two engines say of one linear program.

    Attributes
    ----------
    engine, second_engine
        The engine of the plan, and the one asked for a second opinion.
    status, second_status
        How each of them ended.
    objective, second_objective
        The optimum each found [money]; ``None`` where there is none.
    difference
        Distance of the two, relative to the larger one and to 1 at least; ``None`` where either is missing.
    tolerance
        The largest difference that counts as none: what the less accurate of the two promises.
    agree
        Whether both ended alike, and within the tolerance.
    seconds
        Time of the second solve.
    """

    engine: str
    second_engine: str
    status: str
    second_status: str
    objective: float | None
    second_objective: float | None
    difference: float | None
    tolerance: float
    agree: bool
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
    cross_check
        What a second engine says of the last linear program; ``None`` where none was asked.
    edited
        How the plan came back from an edited program; ``None`` where planning found it.
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
    cross_check: CrossCheck | None = None
    edited: Edited | None = None
