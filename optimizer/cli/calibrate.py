"""The ``calibrate`` command: the curve of worth against overlap, and the penalty at which it turns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from rich.text import Text

from optimizer.api import OverlapCalibration, calibrate_overlap, load_case
from optimizer.cli import show
from optimizer.cli.arguments import Exit, ending
from optimizer.cli.draw import console, print_frame
from optimizer.cli.progress import study_progress
from optimizer.cli.study import Shape
from optimizer.data.money import Currency
from optimizer.data.whole import check_parent
from optimizer.errors import InputError
from optimizer.export.calibration import curve_table, notes_table
from optimizer.export.words import percent
from optimizer.language import Language, say, translate

SHOWN = (
    *("between_clusters", "between_funders", "worth", "rule_price", "overlap_penalty", "objective", "gap"),
    *("weighed_overlap", "overlap_clusters", "overlap_funders", "less_overlap", "less_worth", "spend", "launches"),
    "knee",
)
"""Columns printed; the workbook and the JSON hold them all."""


def check_workbook(path: Path) -> None:
    """Raise InputError where a workbook may not be written, before any time is spent on solving."""
    if path.suffix.lower() != ".xlsx":
        raise InputError(say("{path} is no workbook; name a file that ends with .xlsx.", path=path))
    check_parent(path.absolute())


def calibrate_case(path: Path, shape: Shape, study: Mapping[str, Any]) -> Exit:
    """Calibrate a case, print and write the curve; return what to end with.

    Parameters
    ----------
    path
        The case.
    shape
        Where and how the curve is shown; a file must be a workbook.
    study
        Arguments of :func:`optimizer.calibrate_overlap`.
    """
    out, language = shape.out, shape.language
    if out is not None:
        check_workbook(out)
    with study_progress(shape) as progress:
        found = calibrate_overlap(load_case(path), progress=progress, **study)
    if out is not None:
        found.to_excel(out, language)
    if shape.as_json:
        show.print_json(_data(found, language))
    elif not shape.quiet:
        _print(found, language)
        if out is not None:
            show.print_paths([out], language)
    return ending(complete=found.complete)


def _data(found: OverlapCalibration, language: Language) -> dict[str, object]:
    """Return a calibration as plain data; figures that do not exist, or have no end, are null."""
    prices = found.case().settings.overlap
    table = found.table.astype(object).replace([np.inf, np.nan], None)
    return {
        "penalty": found.penalty,
        "between_clusters": prices.between_clusters,
        "between_funders": prices.between_funders,
        "complete": found.complete,
        "turns": found.turns,
        "unit": found.base.currency,
        "table": table.to_dict("records"),
        "notes": [note.text(language) for note in found.notes],
        "solves": found.solves,
        "seconds": found.seconds,
    }


def _print(found: OverlapCalibration, language: Language) -> None:
    out, table = console(), curve_table(found, language)
    headings = dict(zip(found.table.columns, table.columns, strict=True))
    table = table[[headings[name] for name in SHOWN]]
    prices = [headings[name] for name in ("between_clusters", "between_funders")]
    table[prices] = table[prices].map(lambda price: f"{price:.4g}")
    shares = [headings[name] for name in ("less_overlap", "less_worth")]
    table[shares] = table[shares].map(lambda share: "–" if np.isnan(share) else percent(100 * share, language))
    table[headings["gap"]] = [percent(100 * share, language, digits=2) for share in table[headings["gap"]]]
    heading = translate("Worth against overlap ({currency})", language, currency=Currency(found.base.currency))
    print_frame(out, table, heading)
    for line in notes_table(found, language).iloc[:, 0]:
        out.print(Text(line))
