"""Waiting for an engine: it works in a thread of its own, so that the caller hears Ctrl-C and where it stands."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

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
