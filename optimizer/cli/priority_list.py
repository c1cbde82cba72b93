"""The ``priorities`` command: one order of funding for many budgets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optimizer.api import load_case
from optimizer.api.priorities import priority_list
from optimizer.cli.arguments import Exit
from optimizer.cli.draw import console, print_frame
from optimizer.cli.progress import study_progress
from optimizer.cli.study import Shape, Told, tell
from optimizer.export.priorities import budgets_frame, order_frame
from optimizer.export.study import study_table
from optimizer.export.words import percent
from optimizer.language import Language

BUDGETS = ("budget", "objective", "objective_free", "stability_price", "stability_share", "spend", "launches")
"""Columns of the budgets printed; the workbook holds them all."""


def list_case(path: Path, shape: Shape, study: Mapping[str, Any]) -> Exit:
    """List the priorities of a case, write and print them; return what to end with.

    Parameters
    ----------
    path
        The case.
    shape
        Where and how the list is shown.
    study
        Arguments of :func:`optimizer.priority_list`.
    """
    shape.check()
    with study_progress(shape) as progress:
        found = priority_list(load_case(path), progress=progress, **study)
    case, language = found.found.case, shape.language
    budgets = budgets_frame(found.found, language)
    if shape.progress:
        columns = [*BUDGETS, *(["reason"] if budgets["status"].ne("optimal").any() else [])]
        shown = budgets[columns].assign(
            stability_share=[_percent(share, language) for share in budgets["stability_share"]]
        )
        print_frame(console(), study_table(case, shown, language))
    order = found.order if shape.by_keys else order_frame(found.found, language)
    complete, more = found.found.complete, {"budgets": budgets}
    return tell(Told(case, order, list(order.columns), found.notes, found.to_excel, complete, more), shape)


def _percent(share: float, language: Language) -> str:
    return "–" if math.isnan(share) else percent(100 * share, language, 3)
