"""What the ``stochastic`` command prints and writes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.api import load_case
from optimizer.api.uncertainty import stochastic
from optimizer.cli import show
from optimizer.cli.study import Shape, Told, tell
from optimizer.export.stochastic import measures_frame, told_frame
from optimizer.export.study import study_table
from optimizer.language import Language

SHOWN = ("scenario", "probability", "outcome", "worth", "overlap_penalty", "spend", "launches")
"""Columns printed; files and JSON hold them all."""


def plan_under_uncertainty(path: Path, shape: Shape, study: Mapping[str, Any], *, values: bool) -> None:
    """Plan a case under several futures, write and print what follows in each.

    Parameters
    ----------
    path
        The case.
    shape
        Where and how the table is shown.
    study
        Arguments of :func:`optimizer.stochastic`.
    values
        Whether the value of information is told in place of the futures.
    """
    shape.check()
    try:
        progress = show.progress_line(shape.language) if shape.progress else None
        found = stochastic(load_case(path), progress=progress, **study)
    finally:
        show.end_progress()
    case = found.found.case
    table: pd.DataFrame = told_frame(found.values(), shape.language) if values else found.table
    if not (values or shape.as_json or (shape.out is not None and shape.out.suffix.lower() == ".csv")):
        table["probability"] = [
            f"{100 * share:.4g}{'' if shape.language == Language.KO else ' '}%" for share in table["probability"]
        ]
    shown = table.columns.tolist() if values else [*SHOWN, *(["lapsed"] if "lapsed" in table else [])]
    tell(Told(case, table, shown, found.notes, found.to_excel), shape)
    if not (shape.as_json or shape.quiet or values):
        measures = study_table(case, measures_frame(found.measures, shape.language), shape.language)
        show.console().print(show.frame_table(measures, ""))
