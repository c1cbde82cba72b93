"""Waiting for an engine: it works in a thread of its own, so that the caller hears Ctrl-C and where it stands."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Generic, Self, TypeVar

from optimizer.solvers.result import Progress, ProgressHook

Ended = TypeVar("Ended")
WAIT = 0.05
"""Seconds between two looks at a running solve."""
FIRST_REPORT = 1.0
"""Seconds before a solve is long enough to say where it stands, and between two reports."""


def run_interruptible(
    work: Callable[[], Ended],
    stop: Callable[[], None],
    where: Callable[[], Progress],
    progress: ProgressHook | None,
) -> Ended:
    """Run an engine's work in a thread and return what it returns.

    Parameters
    ----------
    work
        Runs the engine; must give up Python's lock meanwhile.
    stop
        Asks the engine to end soon; called on Ctrl-C and where ``progress`` fails, before the end is waited for.
    where
        Where the solve stands.
    progress
        Told so every second of a long solve.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, after the engine has ended.
    """
    # an event, not join(): on Ctrl-C join() marks a living thread as ended, and the program would end under the engine
    done = threading.Event()
    results: list[Ended] = []
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            results.append(work())
        except BaseException as failure:  # handed to the waiting thread, which raises it
            failures.append(failure)
        finally:
            done.set()

    threading.Thread(target=guarded, daemon=True).start()
    next_report = FIRST_REPORT
    try:
        while not done.wait(WAIT):
            if progress is None:
                continue
            at = where()
            if at.seconds >= next_report:
                progress(at)
                next_report = at.seconds + FIRST_REPORT
    except BaseException:
        stop()
        done.wait()
        raise
    if failures:
        raise failures[0]
    return results[0]


class AbandonedError(Exception):
    """Ends work that nobody waits for any more; never leaves this module."""


class Beside(Generic[Ended]):
    """Work in a thread beside the caller's own; it ends when the caller leaves the context.

    Parameters
    ----------
    work
        What is to be done. It is given this object, to tell where it stands (``heed``) and to ask whether to go on
        (``check``); both end it once nobody waits for it.
    at_once
        Whether it begins at once, or only when its result is asked for.
    """

    def __init__(self, work: Callable[[Beside[Ended]], Ended], *, at_once: bool = True) -> None:
        self._work = work
        self._abandoned = threading.Event()
        self._began = time.perf_counter()
        self._at = Progress(0.0, 0, float("nan"))
        self._pool = ThreadPoolExecutor(1)
        self._ended = self._begin() if at_once else None

    def __enter__(self) -> Self:
        """Let the work go on."""
        return self

    def __exit__(self, *failure: object) -> None:
        """End the work, and wait for its end."""
        self._abandoned.set()
        self._pool.shutdown()

    def result(self, progress: ProgressHook | None) -> Ended:
        """Wait for the end of the work and return what it returned; raises what it raised.

        Parameters
        ----------
        progress
            Told every second where it stands; what it raises ends the work.
        """
        ended = self._ended or self._begin()
        return run_interruptible(ended.result, self._abandoned.set, lambda: self._at, progress)

    def _begin(self) -> Future[Ended]:
        return self._pool.submit(self._work, self)

    def heed(self, at: Progress) -> None:
        """Take note of where the work stands, and end it where nobody waits for it any more."""
        self.check()
        self._at = replace(at, seconds=time.perf_counter() - self._began)

    def check(self) -> None:
        """End the work where nobody waits for it any more."""
        if self._abandoned.is_set():
            raise AbandonedError
