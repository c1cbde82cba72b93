"""Handing the same question about many things to an executor, and collecting the answers in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor
from contextlib import contextmanager
from typing import TypeVar

from optimizer.analysis.sweep import PROCESSES, SERIAL
from optimizer.analysis.sweep_run import cores, own_pool
from optimizer.errors import InputError, OptimizerError, SolveError
from optimizer.language import say

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@contextmanager
def workers(executor: Executor | str | None, count: int | None = None) -> Iterator[Executor | None]:
    """Yield the executor to work on; ``None`` for this process.

    Parameters
    ----------
    executor
        ``"processes"`` for a pool of our own, which ends with the context; ``"serial"`` or ``None`` for this process;
        or an executor of ``concurrent.futures``, which is left open.
    count
        Processes of our own pool; as many as there are processors where ``None``.

    Raises
    ------
    InputError
        If the executor is none.
    """
    if executor is None or executor == SERIAL:
        yield None
    elif isinstance(executor, Executor):
        yield executor
    elif executor == PROCESSES:
        size = count or cores()
        if size == 1:
            yield None
            return
        with own_pool(size) as pool:
            yield pool
    else:
        raise InputError(
            say(
                "there is no executor '{name}'; give 'processes', 'serial', or an executor of concurrent.futures.",
                name=executor,
            )
        )


def asked(executor: Executor | None, question: Callable[[Item], Answer], items: Sequence[Item]) -> Iterator[Answer]:
    """Yield the answer to a question about each item, in their order, as soon as it and those before it are there.

    Parameters
    ----------
    executor
        Who answers; ``None`` for this process.
    question
        A function defined in a module, or a partial of one.
    items
        What it is asked about.

    Raises
    ------
    SolveError
        If the executor breaks, or an answer fails.
    """
    if executor is None:
        yield from map(question, items)
        return
    pending = [executor.submit(question, item) for item in items]
    try:
        for future in pending:
            try:
                answer = future.result()
            except OptimizerError:
                raise
            except BrokenExecutor as problem:
                raise SolveError(
                    say(
                        "worker processes ended, killed or out of memory ({problem}). In a script, put what it does "
                        "under if __name__ == '__main__':, take fewer workers, or executor='serial'; with a store, "
                        "the same call goes on from here.",
                        problem=repr(problem),
                    )
                ) from None
            yield answer
    finally:
        for future in pending:
            future.cancel()
