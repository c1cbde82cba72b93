"""What a worker does in a sweep: plans points of one study, wherever it runs.

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
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import parent_process

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

        try:
            case = changed_case(self.task.case, changes) if changes else self.task.case
        except InputError as fault:
            return Solved(INVALID, said(fault), {}, seconds())
        try:
            plan = read_outcome(self._resolver.plan(case))
        except (SolveError, ModelError) as failure:
            return Solved(ERROR, said(failure), {}, seconds())
        if isinstance(plan, FailedPlanTables):
            return Solved(plan.status, plan.reason, {}, seconds())
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
def _worker(task: bytes) -> Worker:
    """Return the worker of a study, kept from one call to the next."""
    made: Task = pickle.loads(task)  # noqa: S301  # it comes from the process that started this one
    return Worker(made)


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
