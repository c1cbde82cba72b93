"""The ``frontier`` command: what measures of a plan cost each other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optimizer.api import load_case
from optimizer.api.trade_offs import frontier
from optimizer.cli.arguments import Exit
from optimizer.cli.progress import study_progress
from optimizer.cli.study import Shape, Told, tell
from optimizer.export.trade_offs import frontier_frame

SHOWN = ("best_of", "turn", "objective", "overlap_clusters", "overlap_funders", "spend", "private", "launches")
"""Columns printed beside the measures; files and JSON hold them all."""


def trace(path: Path, shape: Shape, study: Mapping[str, Any]) -> Exit:
    """Trace the frontier of a case, write and print it; return what to end with.

    Parameters
    ----------
    path
        The case.
    shape
        Where and how the table is shown.
    study
        Arguments of :func:`optimizer.frontier`.
    """
    shape.check()
    with study_progress(shape) as progress:
        found = frontier(load_case(path), progress=progress, **study)
    measures = [f"measure_{name}" for name in found.found.measures]
    table = frontier_frame(found.found, shape.language)
    told, shown = found.found, [*measures, *SHOWN]
    return tell(Told(told.plan.case, table, shown, found.notes, found.to_excel, told.complete), shape)
