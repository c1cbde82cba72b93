"""The ``alternatives`` command: plans that are nearly as good, and how far money can move."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optimizer.api import load_case
from optimizer.api.trade_offs import alternatives
from optimizer.cli.arguments import Exit
from optimizer.cli.draw import console, print_frame
from optimizer.cli.progress import study_progress
from optimizer.cli.study import Shape, Told, tell
from optimizer.export.study import study_table
from optimizer.export.trade_offs import ranges_frame

SHOWN = ("group", "label", "plan", "least", "greatest")
"""Columns of the ranges printed; files and JSON hold them all."""
PLANS = ("number", "verified", "objective", "moved", "nearest", "spend", "launches")
"""Columns of the plans printed; the workbook and the folder hold them all."""


def look_around(path: Path, shape: Shape, study: Mapping[str, Any]) -> Exit:
    """Find alternatives of a case, write and print them; return what to end with.

    Parameters
    ----------
    path
        The case.
    shape
        Where and how the ranges are shown.
    study
        Arguments of :func:`optimizer.alternatives`.
    """
    shape.check()
    with study_progress(shape) as progress:
        found = alternatives(load_case(path), progress=progress, **study)
    case, language = found.found.plan.case, shape.language
    if shape.progress and len(found.plans):
        print_frame(console(), study_table(case, found.plans[list(PLANS)], language))
    ranges = ranges_frame(found.found, language)
    return tell(Told(case, ranges, SHOWN, found.notes, found.to_excel, found.found.complete), shape)
