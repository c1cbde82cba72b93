"""The ``sweep`` command: a case planned at the points of a file."""

from __future__ import annotations

from pathlib import Path

from optimizer.api import load_case
from optimizer.api.sweeps import sweep
from optimizer.cli.arguments import Exit
from optimizer.cli.study import Shape, Told, tell
from optimizer.export.sweeps import sweep_words
from optimizer.options import OverlapMethod, SolveOptions

MOST_LABELS = 2
"""Columns of changes beside which a printed table still has room for figures; the names of the points say them too."""
SHOWN = ("objective", "worth", "overlap_penalty", "spend", "launches")
"""Figures printed; files and JSON hold them all."""


def sweep_case(  # noqa: PLR0913  # one argument per option of the command line
    path: Path,
    points: Path,
    shape: Shape,
    *,
    method: OverlapMethod | None,
    options: SolveOptions,
    store: Path | None,
    workers: int | None,
) -> Exit:
    """Sweep a case, write and print the points; return what to end with."""
    shape.check()
    found = sweep(
        load_case(path),
        points,
        method=method,
        options=options,
        store=store,
        workers=workers,
        progress=shape.progress,
    )
    words = {} if shape.by_keys else sweep_words(found.found, shape.language)
    table = found.found.table_in(shape.language).rename(columns=words)
    reasons = ["reason"] if len(found.failed) else []
    labels = [words.get(label, label) for label in found.found.labels]
    shown = ["point", *(labels if len(labels) <= MOST_LABELS else []), "status", *reasons, *SHOWN]
    told, planned = found.found, len(found.failed) < len(found)
    return tell(Told(told.case, table, shown, found.notes, found.to_excel, told.complete, planned=planned), shape)
