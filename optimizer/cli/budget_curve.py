"""The ``budget-curve`` command: what a budget buys, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optimizer.api import load_case
from optimizer.api.trade_offs import budget_curve
from optimizer.cli import show
from optimizer.cli.study import Shape, Told, tell
from optimizer.export.trade_offs import curve_frame

SHOWN = ("budget_from", "budget_to", "outcome_from", "shadow_price", "outcome_gap", "bend")
"""Columns printed; files and JSON hold them all."""


def draw_curve(path: Path, shape: Shape, study: Mapping[str, Any]) -> None:
    """Draw the curve of a budget of a case, write and print it.

    Parameters
    ----------
    path
        The case.
    shape
        Where and how the table is shown.
    study
        Arguments of :func:`optimizer.budget_curve`.
    """
    shape.check()
    try:
        progress = show.progress_line(shape.language) if shape.progress else None
        found = budget_curve(load_case(path), progress=progress, **study)
    finally:
        show.end_progress()
    table = curve_frame(found.found, shape.language)
    tell(Told(found.found.plan.case, table, SHOWN, found.notes, found.to_excel), shape)
