"""The ``replacement`` command: what is lost without each cluster, link, funder or rule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optimizer.api import load_case
from optimizer.api.priorities import replacement_cost
from optimizer.cli.arguments import Exit
from optimizer.cli.study import Shape, Told, tell
from optimizer.export.priorities import WORDS, replacement_frame


def leave_out(path: Path, shape: Shape, study: Mapping[str, Any]) -> Exit:
    """Leave out one of a kind at a time, write and print what that costs; return what to end with.

    Parameters
    ----------
    path
        The case.
    shape
        Where and how the table is shown.
    study
        Arguments of :func:`optimizer.replacement_cost`.
    """
    shape.check()
    found = replacement_cost(load_case(path), progress=shape.progress, **study)
    table, name = replacement_frame(found.found, shape.language), found.found.figure
    words = {} if shape.by_keys else WORDS
    launches = "launches_gained" if name == "gain" else "launches_lost"
    money = [] if name == "gain" else ["money_in_plan"]
    reason = ["reason"] if found.table[name].isna().any() else []
    shown = [
        *found.found.labels,
        *reason,
        words.get("objective", "objective"),
        words.get(name, name),
        "certain",
        launches,
        *money,
    ]
    case, complete = found.found.plan.case, found.found.complete
    return tell(Told(case, table.rename(columns=words), shown, found.notes, found.to_excel, complete), shape)
