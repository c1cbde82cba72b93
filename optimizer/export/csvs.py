"""The tables of a plan as CSV files. Their names and columns are read by others: they are part of the interface."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from optimizer.export.overlap import matrix_lines
from optimizer.export.safe import harmless_frame
from optimizer.plan.plan import PlanTables

TABLES: dict[str, Callable[[PlanTables], pd.DataFrame]] = {
    "allocation": lambda plan: plan.allocation,
    "pipeline": lambda plan: plan.pipeline,
    "launches": lambda plan: plan.launches,
    "overlap": lambda plan: plan.overlap_ledger,
    "overlap_matrix": matrix_lines,
    "specialization": lambda plan: plan.specialization,
    "concentration": lambda plan: plan.statistics.concentration(),
    "suggestions": lambda plan: plan.suggestions(),
    "constraints": lambda plan: plan.sensitivity.constraints,
    "variables": lambda plan: plan.sensitivity.variables,
}
"""File name without its ending -> the table in it."""


def write_csvs(plan: PlanTables, folder: Path, names: Iterable[str] = tuple(TABLES), *, marked: bool = False) -> None:
    """Write tables of a plan, all or some, into a folder that exists; UTF-8, missing values blank, numbers in full.

    ``marked`` files begin with a byte-order mark, without which Excel takes Hangul for another writing; those of a run
    folder, which programs read, bear none.
    """
    encoding = "utf-8-sig" if marked else "utf-8"
    for name in names:
        frame = harmless_frame(TABLES[name](plan))
        frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding=encoding)
