"""The ``tornado`` command: parameters of a case moved one at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optimizer.analysis.points_parameters import read_parameters
from optimizer.api import load_case
from optimizer.api.sweeps import tornado
from optimizer.cli.arguments import Exit
from optimizer.cli.study import Shape, Told, tell

SHOWN = ("parameter", "low", "high", "at_low", "at_high", "swing", "certain")
"""Columns printed; files and JSON hold them all."""


def swing_case(path: Path, parameters: Path | None, shape: Shape, study: Mapping[str, Any]) -> Exit:
    """Move parameters of a case, write and print what that does; return what to end with.

    Parameters
    ----------
    path
        The case.
    parameters
        File with the parameters; the usual ones where ``None``.
    shape
        Where and how the table is shown.
    study
        Arguments of :func:`optimizer.tornado`.
    """
    shape.check()
    chosen = None if parameters is None else read_parameters(parameters)
    found = tornado(load_case(path), chosen, progress=shape.progress, **study)
    table = found.found.table_in(shape.language)
    shown = [*SHOWN, *(["reason"] if table["reason"].notna().any() else [])]
    told, planned = found.found, not math.isnan(found.base)
    return tell(Told(told.case, table, shown, found.notes, found.to_excel, told.complete, planned=planned), shape)
