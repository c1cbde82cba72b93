"""The ``sample`` command: futures of a case, drawn at random."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.api import load_case
from optimizer.api.futures import sample_scenarios
from optimizer.cli import show
from optimizer.cli.study import Shape, Told, tell
from optimizer.data.whole import check_new, check_parent
from optimizer.errors import InputError
from optimizer.export.futures import quantity_names, summary_frame
from optimizer.language import say

SHOWN = ("quantity", "kind", "figure", "trials", "drawn_mean", "drawn_deviation", "drawn_low", "drawn_high")
"""Columns printed."""


def draw(path: Path, shape: Shape, study: Mapping[str, Any], keep: int | None) -> None:
    """Draw futures, write them in the form of ``scenarios.csv``, and print what was drawn.

    Parameters
    ----------
    path
        The case.
    shape
        Where and how they are shown.
    study
        Arguments of :func:`optimizer.sample_scenarios`.
    keep
        How many futures to keep for all; ``None`` for all of them.
    """
    out = shape.out
    if out is not None:
        if out.suffix.lower() != ".csv":
            raise InputError(say("{path} is no table of futures; name a file that ends with .csv.", path=out))
        check_new(out)  # futures are inputs: a table that a planner wrote is not replaced
        check_parent(out.absolute())
    case = load_case(path)
    found = sample_scenarios(case, **study)
    if keep is not None:
        found = found.reduce(keep)
    if out is not None:
        found.to_csv(out)
    table = summary_frame(found.found, shape.language).assign(quantity=quantity_names(found.found, shape.language))
    if not shape.as_json:  # rates and costs stand in one column, which no number of digits suits
        figures = list(SHOWN[2:])
        table[figures] = table[figures].map(lambda value: "–" if pd.isna(value) else f"{value:.4g}")
    tell(Told(case, table, SHOWN, found.notes, lambda *_: None), replace(shape, out=None))
    if out is not None and not (shape.as_json or shape.quiet):
        show.print_paths([out], shape.language)
