"""An engine that writes down what is asked of it, and can be told to run out of time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from optimizer.lp.program import LinearProgram
from optimizer.options import SolveOptions
from optimizer.solvers.base import Session, find_engine
from optimizer.solvers.result import Basis, SolveResult, Termination


@dataclass
class Log:
    """What was asked of the engine, and how many solves it has time for."""

    limits: list[float | None] = field(default_factory=list)
    enough_for: int = 1000


LOG = Log()


class SpySession:
    """Hands everything on to HiGHS, until its time is up."""

    def __init__(self, program: LinearProgram, options: SolveOptions) -> None:
        self._inner: Session = find_engine("highs")(program, options)

    def solve(self, time_limit: float | None = None, progress: Any = None) -> SolveResult:
        """Solve, or say that there is no time."""
        LOG.limits.append(time_limit)
        if len(LOG.limits) > LOG.enough_for:
            return SolveResult(Termination.TIME_LIMIT, "told so", "none", 0, 0.0)
        return self._inner.solve(time_limit, progress)

    def aside(self, basis: Basis) -> Session:
        """Watch what is asked beside the way too, where that is no session of its own."""
        aside = self._inner.aside(basis)
        return self if aside is self._inner else aside

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def open_session(program: LinearProgram, options: SolveOptions) -> SpySession:
    """Open a session that is watched."""
    return SpySession(program, options)
