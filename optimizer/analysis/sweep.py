"""Sweeps: one case planned again and again under changes, on one machine or many, and resumed where it was stopped.

Points are planned by :mod:`optimizer.planning.resolve`, each from the case itself; so a point's figures depend neither
on the other points, nor on who planned it, nor on how often the sweep was stopped on the way.
"""

from __future__ import annotations

import pickle
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from optimizer.analysis.points import POINT, Point, digest_of
from optimizer.analysis.store import Solved, Store
from optimizer.analysis.sweep_run import run_here, run_in_processes, run_on
from optimizer.analysis.sweep_task import Job, Measure, Task
from optimizer.data.case import CaseTables
from optimizer.data.names import quoted_title
from optimizer.errors import InputError
from optimizer.language import Language, Message, default_language, say
from optimizer.options import OverlapMethod, SolveOptions
from optimizer.plan.tables import in_unit

PROCESSES, SERIAL = "processes", "serial"
FIGURES = (
    *("objective", "lp_objective", "bound", "gap", "bound_by", "worth", "worth_launches", "worth_pipeline"),
    *("overlap_penalty", "rule_price", "overlap_clusters", "overlap_funders", "spend", "private", "launches"),
)
"""Figures of a plan's summary that every point has."""
DESCRIBING = (POINT, "status", "reason", "seconds")
"""Columns of a table of points beside its labels and figures."""


@dataclass(frozen=True, kw_only=True)
class How:
    """How the points of a study are planned.

    Attributes
    ----------
    method
        Overlap method in place of the cases' own.
    options
        How to solve each point; ``None`` for the defaults without the extra solve that proves a bound.
    executor
        ``"processes"`` for a pool of our own, ``"serial"`` or ``None`` for this process, or any executor of
        ``concurrent.futures``, such as Dask's ``client.get_executor()``; one that is given is left open.
    workers
        Processes of our own pool; as many as there are processors where ``None``.
    store
        A file that keeps every point as soon as it is planned.
    measures
        Name -> what else is measured of each plan.
    progress
        Whether a bar on standard error says how far the study is, where that is a terminal.
    """

    method: OverlapMethod | None = None
    options: SolveOptions | None = None
    executor: Executor | str | None = PROCESSES
    workers: int | None = None
    store: Path | None = None
    measures: Mapping[str, Measure] | None = None
    progress: bool = True

    @property
    def solve_options(self) -> SolveOptions:
        """The options in effect."""
        return SolveOptions(prove=False) if self.options is None else self.options


@dataclass(frozen=True, eq=False, repr=False)
class SweepTables:
    """The points of a sweep and what their plans are. Made by :func:`run_sweep`.

    Attributes
    ----------
    case
        The case that was changed.
    points
        The points in their order.
    results
        What planning each of them ended with.
    """

    case: CaseTables
    points: tuple[Point, ...]
    results: tuple[Solved, ...]

    @cached_property
    def _table(self) -> pd.DataFrame:
        figures = list(dict.fromkeys([*FIGURES, *(name for result in self.results for name in result.figures)]))
        labels = list(dict.fromkeys(label for point in self.points for label in point.labels))
        taken = {*DESCRIBING, *figures}
        lines = [
            {
                POINT: point.name,
                **{_free(label, taken): point.labels.get(label) for label in labels},
                "status": result.status,
                "reason": None,  # said when the table is asked for, in the language of then
                **{name: result.figures.get(name) for name in figures},
                "seconds": result.seconds,
            }
            for point, result in zip(self.points, self.results, strict=True)
        ]
        frame = pd.DataFrame(lines)
        numbers = [name for name in figures if name != "bound_by"]
        return in_unit(frame.astype(dict.fromkeys(numbers, float) | {"reason": object}), self.case.currency)

    @property
    def table(self) -> pd.DataFrame:
        """The points, one a line in their order: name, changes, status, reason, the figures of the summary, seconds.

        Figures of a point without a plan are missing.
        """
        return self.table_in(default_language())

    def table_in(self, language: Language) -> pd.DataFrame:
        """Return :attr:`table` with its reasons in a language."""
        return self._table.assign(reason=pd.Series(self.reasons(language), dtype=object))

    def reasons(self, language: Language) -> list[str | None]:
        """Return why each point has no plan; ``None`` where it has one."""
        return [None if result.reason is None else result.reason.text(language) for result in self.results]

    @property
    def failed(self) -> pd.DataFrame:
        """The points without a plan, each with its reason."""
        return self.table[[not result.ok for result in self.results]]

    @property
    def complete(self) -> bool:
        """Whether no limit ended the planning of any point."""
        return not any(result.limited for result in self.results)

    @property
    def labels(self) -> list[str]:
        """Columns of the table that say what a point changes."""
        columns = self._table.columns.tolist()
        return columns[1 : columns.index("status")]

    @property
    def measures(self) -> list[str]:
        """Columns of the table that hold figures of the plans."""
        columns = self._table.columns.tolist()
        return [name for name in columns[columns.index("reason") + 1 : -1] if name != "bound_by"]

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the table."""
        notes, failed = [], len(self.failed)
        if failed:
            notes.append(
                say(
                    "{count} of {all} points have no plan; the column of the reasons says why.",
                    count=failed,
                    all=len(self.points),
                )
            )
        limited = sum(result.limited for result in self.results)
        if limited:
            notes.append(limited_note(limited, len(self.points)))
        return tuple(notes)

    def __len__(self) -> int:
        return len(self.points)

    def __repr__(self) -> str:
        told = say(
            "Sweep({case}: {points} points, {failed} without a plan)",
            case=quoted_title(self.case),
            points=len(self),
            failed=len(self.failed),
        )
        return told.text()


def limited_note(count: int, points: int) -> Message:
    """Return what to know where a limit ended the planning of some points."""
    return say("A limit ended the planning of {count} of {all} points; allow each more time.", count=count, all=points)


def _free(label: str, taken: set[str]) -> str:
    """Return a label as a column's name that no other column bears."""
    return f"{label} " if label in taken else label


def run_sweep(case: CaseTables, points: Sequence[Point], how: How) -> SweepTables:
    """Plan a case at every point; :func:`optimizer.sweep` says what there is to know."""
    task = Task(plain_case(case), how.solve_options, how.method, dict(how.measures or {}))
    results: dict[str, Solved] = {}
    # points of the same changes are planned once, whatever they are called
    distinct = {point.digest: point for point in points}
    digests = {point.name: digest for digest, point in distinct.items()}
    with ExitStack() as stack:
        store = None
        if how.store is not None:
            store = Store(Path(how.store), _study(task), _description(task))
            stack.enter_context(closing(store))
            known = store.read()
            results |= {digest: known[digest] for digest in distinct if digest in known}
        advance = stack.enter_context(_bar(len(distinct), len(results), show=how.progress))

        def receive(found: Sequence[tuple[Point, Solved]]) -> None:
            if store is not None:
                store.add(
                    (digests[point.name], point.name, "; ".join(map(str, point.changes)), one) for point, one in found
                )
            results.update((digests[point.name], one) for point, one in found)
            advance(len(found))

        left = deque(point for digest, point in distinct.items() if digest not in results)
        if left:
            _run(task, left, receive, how)
    return SweepTables(case, tuple(points), tuple(results[point.digest] for point in points))


def run_job(job: Job, points: Sequence[Point], how: How) -> list[Solved]:
    """Return what becomes of points of different names in a study of any kind, in their order; nothing is stored."""
    results: dict[str, Solved] = {}
    with _bar(len(points), 0, show=how.progress) as advance:

        def receive(found: Sequence[tuple[Point, Solved]]) -> None:
            results.update((point.name, one) for point, one in found)
            advance(len(found))

        if points:
            _run(job, deque(points), receive, how)
    return [results[point.name] for point in points]


def _run(task: Job, points: deque[Point], receive: Callable[[Sequence[tuple[Point, Solved]]], None], how: How) -> None:
    if how.executor is None or how.executor == SERIAL:
        run_here(task.worker(), points, receive, lambda: False)
        return
    if isinstance(how.executor, str) and how.executor != PROCESSES:
        raise InputError(
            say(
                "there is no executor '{name}'; give 'processes', 'serial', or an executor of concurrent.futures.",
                name=how.executor,
            )
        )
    try:
        sent = pickle.dumps(task)
    except (pickle.PicklingError, AttributeError, TypeError) as problem:
        raise InputError(
            say(
                "the study cannot be sent to other processes ({problem}). Measures must be functions defined in a "
                "module; or sweep with executor='serial'.",
                problem=problem,
            )
        ) from None
    if isinstance(how.executor, Executor):
        run_on(how.executor, sent, points, receive)
    else:
        run_in_processes(task.worker(), sent, points, receive, how.workers)


def plain_case(case: CaseTables) -> CaseTables:
    """Return a case without what higher layers add to it, which workers have no use for."""
    return CaseTables(case.raw, case.settings, case.stored)


def _study(task: Task) -> str:
    """Return the digest of all that the results of a study depend on beside the points."""
    return digest_of([*case_content(task.case), _description(task)])


def case_content(case: CaseTables) -> list[object]:
    """Return all that a case says, as plain data."""
    tables = {name: [table.header, *table.cells] for name, table in case.raw.tables.items()}
    return [case.raw.settings, tables]


def _description(task: Task) -> dict[str, object]:
    return {
        "case": task.case.name,
        "version": version("optimizer"),
        "engine": version("highspy") if task.options.engine == "highs" else task.options.engine,
        "options": asdict(task.options),
        "method": task.method,
        "measures": {
            name: f"{measure.__module__}.{getattr(measure, '__qualname__', repr(measure))}"
            for name, measure in task.measures.items()
        },
    }


@contextmanager
def _bar(total: int, done: int, *, show: bool) -> Iterator[Callable[[int], None]]:
    """Show how far a study is and how long it will take, where somebody watches; yield how to say that it went on."""
    if not show or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # only wanted on a terminal
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=total, completed=done)
        yield lambda count: progress.advance(bar, count)
