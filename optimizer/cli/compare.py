"""The ``compare`` command: stored runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from optimizer.analysis.compare import BLOCKS, SHARE
from optimizer.api import compare
from optimizer.cli import show
from optimizer.cli.draw import console, print_frame
from optimizer.data.whole import write_whole_file
from optimizer.errors import InputError
from optimizer.export.comparison import HEADINGS, block_in_words, write_comparison
from optimizer.language import Language, say, translate


def compare_runs(runs: Sequence[Path], by: Sequence[str]) -> pd.DataFrame:
    """Return the comparison of run folders, each named by its folder."""
    names = [run.resolve().name for run in runs]
    if len(set(names)) < len(names):
        names = [str(run) for run in runs]
    if len(set(names)) < len(names):
        raise InputError(say("the same run is named twice: {runs}", runs=", ".join(names)))
    return compare(dict(zip(names, runs, strict=True)), by)


def write_table(frame: pd.DataFrame, path: Path, language: Language) -> None:
    """Write a comparison as a workbook, whole or not at all."""
    if path.suffix.lower() != ".xlsx":
        raise InputError(say("{path} is no workbook; name a file that ends with .xlsx.", path=path))
    write_whole_file(path, lambda beside: write_comparison(frame, beside, language))


def print_comparison(frame: pd.DataFrame, language: Language) -> None:
    """Print the blocks of a comparison, shares in per cent."""
    out = console()
    for block in BLOCKS:
        part = block_in_words(frame, block, language)
        heading = translate(HEADINGS[block], language)
        if block == SHARE:
            values = part.select_dtypes("number").columns
            part[values] = 100 * part[values]
            heading += " (%)"
        print_frame(out, part, heading)


def print_json(frame: pd.DataFrame) -> None:
    """Print a comparison as JSON, one object a row; figures that do not exist are null."""
    rows = frame.reset_index()
    show.print_json(rows.astype(object).where(rows.notna(), None).to_dict("records"))
