"""Alternatives written as soon as they are found, so that a run that is killed keeps what it had."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from optimizer.analysis.alternatives import plan_line
from optimizer.analysis.alternatives_search import Alternative, Range
from optimizer.data.whole import check_new, write_whole_file
from optimizer.export.safe import harmless_frame
from optimizer.plan.plan import PlanTables


@contextmanager
def keeping(folder: Path) -> Iterator[Callable[[Alternative | Range], None]]:
    """Yield what writes everything found into a new folder.

    ``ranges.csv`` and ``plans.csv`` grow line by line; ``alternative-1.csv`` and so on, the allocations of the plans,
    appear whole.

    Raises
    ------
    InputError
        If the folder holds something already.
    """
    check_new(folder)
    folder.mkdir(parents=True, exist_ok=True)

    def keep(found: Alternative | Range) -> None:
        if isinstance(found, Range):
            _append(folder / "ranges.csv", asdict(found))
            return
        allocation = harmless_frame(PlanTables(found.solution).allocation)
        write_whole_file(
            folder / f"alternative-{found.number}.csv",
            lambda beside: allocation.to_csv(beside, index=False, lineterminator="\n"),
        )
        _append(folder / "plans.csv", plan_line(found))

    yield keep


def _append(path: Path, line: dict[str, object]) -> None:
    """Append a line in one go: of a run that is killed, lines are there in full or not at all."""
    frame = harmless_frame(pd.DataFrame([line]))
    text = frame.to_csv(index=False, header=not path.exists(), lineterminator="\n")
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, text.encode("utf-8"))
        os.fsync(handle)
    finally:
        os.close(handle)
