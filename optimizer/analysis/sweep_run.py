"""Handing the points of a sweep to an executor, and taking care that none is lost with a worker that dies."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from functools import partial

from optimizer.analysis.points import Point
from optimizer.analysis.store import Solved
from optimizer.analysis.sweep_task import ERROR, PointWorker, begin_process, prepare, solve_some
from optimizer.errors import SolveError
from optimizer.language import Message, say

BATCH_SECONDS = 0.2
"""Time after which a worker hands over what it has, so that a kill loses no more than this or one point."""
BATCH = 50
"""Points a worker is given at most; what it did not come to goes back into the queue."""
AHEAD = 2
"""Batches in the hands of a pool for each of its workers, so that none waits for us."""
ATTEMPTS = 3
"""Times a point is tried whose worker died or failed, before that is its result."""
TRIAL = 0.5
"""Seconds for which we plan points ourselves before processes are started."""
WORTH_IT = 3.0
"""Seconds that must be left of the work for processes of our own to be worth their start."""

Receive = Callable[[Sequence[tuple[Point, Solved]]], None]


def run_here(worker: PointWorker, points: deque[Point], receive: Receive, until: Callable[[], bool]) -> None:
    """Plan points in this process, from the front of a queue, until there is none left or it is time to stop."""
    while points and not until():
        point = points[0]
        receive([(point, worker.solve(point.changes))])
        points.popleft()


def run_in_processes(
    worker: PointWorker, task: bytes, points: deque[Point], receive: Receive, workers: int | None
) -> None:
    """Plan points in a pool of our own; a few, or quick ones, in this process.

    Raises
    ------
    SolveError
        If processes cannot be started.
    """
    count = workers or cores()
    began, total = time.perf_counter(), len(points)
    run_here(worker, points, receive, lambda: time.perf_counter() - began > TRIAL)
    done = total - len(points)
    if count == 1 or (done and (time.perf_counter() - began) / done * len(points) < WORTH_IT):
        run_here(worker, points, receive, lambda: False)
        return
    crew = _Crew(task, points, receive, (count - 1) * AHEAD)
    while crew.busy:
        # this process is one of the workers, which saves the start of another
        with own_pool(count - 1) as pool:
            ready = [pool.submit(prepare, task) for _ in range(count - 1)]
            if not crew.ends:  # nothing waits while processes start
                run_here(worker, points, receive, partial(_all_done, ready))
            for one in ready:
                if one.exception() is not None:
                    raise SolveError(
                        say(
                            "worker processes do not start ({problem}). In a script, put what it does under "
                            "if __name__ == '__main__':, or sweep with executor='serial'.",
                            problem=repr(one.exception()),
                        )
                    )
            crew.work(pool, worker)


def run_on(executor: Executor, task: bytes, points: deque[Point], receive: Receive) -> None:
    """Plan points on an executor that was given to us; it is left open.

    Raises
    ------
    SolveError
        If the executor breaks; what was planned until then has been received.
    """
    crew = _Crew(task, points, receive, None)
    crew.work(executor)
    if crew.busy:
        raise SolveError(
            say(
                "the executor broke with {count} points left to plan; a sweep with the same store goes on from here.",
                count=crew.left,
            )
        )


def _all_done(futures: Sequence[Future[None]]) -> bool:
    return all(future.done() for future in futures)


def _any_done(futures: Iterable[Future[list[Solved]]]) -> bool:
    return any(future.done() for future in futures)


def cores() -> int:
    """Return how many processors we may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def own_pool(count: int) -> Iterator[ProcessPoolExecutor]:
    """Yield processes of our own, which end with the context, and at once where it fails."""
    # spawned, not forked: a fork would copy the engine's and our own threads' locks in whatever state they are
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, context, initializer=begin_process)
    processes = getattr(pool, "_processes", {})
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in list(processes.values()):  # a long solve would go on for nobody
            process.terminate()
        raise
    pool.shutdown(wait=True, cancel_futures=True)


class _Crew:
    """The points still to plan, and who has them.

    Parameters
    ----------
    task
        The study, for workers.
    points
        Points nobody has; taken from the front.
    receive
        Is given results as they come.
    ahead
        Batches to hand out at a time; ``None`` for all at once.
    """

    def __init__(self, task: bytes, points: deque[Point], receive: Receive, ahead: int | None) -> None:
        self._task = task
        self._points = points
        self._receive = receive
        self._ahead = ahead
        self._suspects: deque[Point] = deque()  # points whose worker died: planned one at a time, to find the culprit
        self._attempts: dict[str, int] = {}
        self._out: dict[Future[list[Solved]], list[Point]] = {}
        self._alone = False  # whether what is out is one suspect
        self.ends = 0
        """How often a pool broke."""

    @property
    def left(self) -> int:
        """Points without a result."""
        return len(self._points) + len(self._suspects)

    @property
    def busy(self) -> bool:
        """Whether any point has no result."""
        return self.left > 0

    def work(self, executor: Executor, here: PointWorker | None = None) -> None:
        """Plan points until all are planned or the executor breaks; with a worker in this process, that takes part."""
        size = max(1, min(BATCH, len(self._points) // 16))
        try:
            while self.busy or self._out:
                if not self._hand_out(executor, size):
                    return
                if here is not None:
                    run_here(here, self._points, self._receive, partial(_any_done, self._out))
                done, _ = wait(self._out, return_when=FIRST_COMPLETED)
                # in the order they were handed out, whoever was first
                broke = [self._take(future) for future in [one for one in self._out if one in done]]
                if any(broke):
                    return
        finally:
            for future, batch in self._out.items():
                future.cancel()
                self._suspects.extend(batch)
            self._out.clear()

    def _hand_out(self, executor: Executor, size: int) -> bool:
        """Give batches to the executor; return whether it takes any."""
        while True:
            alone = bool(self._suspects)
            room = len(self._out) < (1 if alone else self._ahead or len(self._points) + len(self._out) + 1)
            queue = self._suspects if alone else self._points
            if not queue or not room:
                return True
            batch = [queue.popleft() for _ in range(1 if alone else min(size, len(queue)))]
            # the attempt makes the call another one for executors that know equal calls by their arguments
            attempt = self._attempts.get(batch[0].name, 0)
            changes = tuple(point.changes for point in batch)
            try:
                future = executor.submit(_attempt, attempt, self._task, changes)
            except (BrokenExecutor, RuntimeError):  # broken, or shut down
                queue.extendleft(reversed(batch))
                self.ends += 1
                return False
            self._out[future], self._alone = batch, alone

    def _take(self, future: Future[list[Solved]]) -> bool:
        """Receive what a future holds; return whether its executor broke."""
        batch = self._out.pop(future)
        try:
            results = future.result()
        except BrokenExecutor:
            self.ends += 1
            # whoever was not alone may be innocent
            self._blame(batch, say("its worker process ended, killed or out of memory"), sure=self._alone)
            return True
        except Exception as failure:  # whatever an executor says of a worker it has lost
            self._blame(batch, say("its worker failed: {problem}", problem=repr(failure)), sure=len(batch) == 1)
            return False
        self._receive(list(zip(batch, results, strict=False)))
        self._points.extendleft(reversed(batch[len(results) :]))
        return False

    def _blame(self, batch: list[Point], reason: Message, *, sure: bool) -> None:
        """Try the points of a lost batch again, one at a time; a point that was the cause too often has failed."""
        if sure:
            name = batch[0].name
            self._attempts[name] = self._attempts.get(name, 0) + 1
            if self._attempts[name] >= ATTEMPTS:
                told = say("The point was tried {count} times; {reason}.", count=ATTEMPTS, reason=reason)
                self._receive([(batch[0], Solved(ERROR, told, {}, 0.0))])
                return
        self._suspects.extend(batch)


def _attempt(attempt: int, task: bytes, points: Sequence[Sequence[object]]) -> list[Solved]:
    """Plan points; ``attempt`` only tells calls apart."""
    del attempt
    return solve_some(task, points, BATCH_SECONDS)  # type: ignore[arg-type]
