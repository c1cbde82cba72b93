"""What a worker does in a study: plans its points, wherever it runs. A study of another kind brings another worker.

A worker is told the study as bytes with every handful of points, and keeps what it made of them: the case, its program
and the engine that holds it. Where other points or another worker come in between does not matter, for every point is
planned from the case itself (:mod:`optimizer.planning.resolve`).
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from multiprocessing import parent_process
from typing import Protocol

from optimizer.analysis.store import Solved
from optimizer.data.case import CaseTables
from optimizer.data.changes import Change, Removal, changed_case
from optimizer.data.faults import CaseError
from optimizer.errors import InputError, ModelError, OptimizerError, SolveError
from optimizer.language import Message, say
from optimizer.options import OverlapMethod, SolveOptions
from optimizer.plan.plan import FailedPlanTables, PlanTables, read_outcome
from optimizer.planning.resolve import Resolver

INVALID, ERROR = "invalid", "error"
"""Statuses of points without a program, and of those at which something failed."""
EFFORT = ("method", "engine", "columns", "rows", "nonzeros", "seconds")
"""Figures of a summary that say how it was found, which is no matter of the point."""

Measure = Callable[[PlanTables], float]


class PointWorker(Protocol):
    """Finds what becomes of one point after the other."""

    def solve(self, changes: Sequence[Change | Removal]) -> Solved:
        """Return what becomes of the case under changes; what fails is a result too."""


class Job(Protocol):
    """What all points of a study share; it is sent to every process that takes part."""

    def worker(self) -> PointWorker:
        """Return a worker for the points of the study."""


@dataclass(frozen=True)
class Task:
    """What all points of a study share.

    Attributes
    ----------
    case
        The case the changes are made to.
    options
        How to solve each point.
    method
        Overlap method in place of the cases' own.
    measures
        Name -> what else is measured of each plan.
    """

    case: CaseTables
    options: SolveOptions
    method: OverlapMethod | None
    measures: Mapping[str, Measure]

    def worker(self) -> Worker:
        """Return a worker that plans the points and measures the plans."""
        return Worker(self)


def plan_point(resolver: Resolver, changes: Sequence[Change | Removal]) -> PlanTables | Solved:
    """Return the plan of a changed case, or what planning it ended with, without its time."""
    try:
        case = changed_case(resolver.case, changes) if changes else resolver.case
    except InputError as fault:
        return Solved(INVALID, said(fault), {}, 0.0)
    try:
        plan = read_outcome(resolver.plan(case))
    except (SolveError, ModelError) as failure:
        return Solved(ERROR, said(failure), {}, 0.0)
    return Solved(plan.status, plan.reason, {}, 0.0) if isinstance(plan, FailedPlanTables) else plan


class Worker:
    """Plans points of one study."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._resolver = Resolver(task.case, task.options, task.method)

    def solve(self, changes: Sequence[Change | Removal]) -> Solved:
        """Plan one point; what fails is a result too."""
        began = time.perf_counter()

        def seconds() -> float:
            return time.perf_counter() - began

        plan = plan_point(self._resolver, changes)
        if isinstance(plan, Solved):
            return replace(plan, seconds=seconds())
        figures = {str(name): _plain(value) for name, value in plan.summary().items() if name not in EFFORT}
        status = str(figures.pop("status"))
        for name, measure in self.task.measures.items():
            try:
                figures[name] = _plain(measure(plan))
            except Exception as failure:  # somebody else's function; its point is lost, the others are not
                reason = say("measure '{name}' failed: {problem}", name=name, problem=repr(failure))
                return Solved(ERROR, reason, {}, seconds())
        return Solved(status, None, figures, seconds())


def said(error: OptimizerError) -> Message:
    """Return what an error says as a sentence."""
    if isinstance(error, CaseError):  # one line of a table holds one fault
        first = error.faults[0]
        return say(
            "{file}:{line} {column}: {rule} (the change makes it {value})",
            file=first.file,
            line=first.line if first.line is not None else "–",
            column=first.column,
            rule=first.reason,
            value=first.value,
        )
    kept = error.message
    return kept if isinstance(kept, Message) else Message("{text}", {"text": str(kept)})


def _plain(value: object) -> object:
    """Return a figure as plain data."""
    return value if value is None or isinstance(value, str) else float(value)  # type: ignore[arg-type]


@lru_cache(maxsize=1)
def _worker(task: bytes) -> PointWorker:
    """Return the worker of a study, kept from one call to the next."""
    made: Job = pickle.loads(task)  # noqa: S301  # it comes from the process that started this one
    return made.worker()


def solve_some(task: bytes, points: Sequence[Sequence[Change | Removal]], seconds: float) -> list[Solved]:
    """Plan points in their order until ``seconds`` have passed, one at least; return the results so far."""
    worker, results = _worker(task), []
    ends = time.perf_counter() + seconds
    for changes in points:
        results.append(worker.solve(changes))
        if time.perf_counter() >= ends:
            break
    return results


def prepare(task: bytes) -> None:
    """Let a worker read the study and load what it needs, so that its first points do not wait for that."""
    _worker(task)


def begin_process() -> None:
    """Prepare a process of our own pool: it leaves Ctrl-C to the one that started it, and ends with that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.join,), daemon=True).start()


def _end_with(wait: Callable[[], None]) -> None:
    # a pool's process waits for work for ever, also where the one that gave it was killed
    wait()
    os._exit(1)
