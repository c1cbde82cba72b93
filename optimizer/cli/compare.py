"""The ``compare`` command: stored runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from optimizer.analysis.compare import BLOCKS, SHARE, Compared, compare
from optimizer.cli import show
from optimizer.cli.draw import console, print_frame
from optimizer.data.case import CaseTables
from optimizer.data.whole import write_whole_file
from optimizer.errors import InputError
from optimizer.export.comparison import HEADINGS, block_in_words, write_comparison
from optimizer.export.stored import read_run
from optimizer.language import Language, say, translate


@dataclass(frozen=True, eq=False)
class Comparison:
    """Runs side by side.

    Attributes
    ----------
    frame
        The comparison.
    cases
        The cases of the runs, which name the keys.
    """

    frame: pd.DataFrame
    cases: Sequence[CaseTables]


def compare_runs(runs: Sequence[Path], by: Sequence[str]) -> Comparison:
    """Return the comparison of run folders, each named by its folder."""
    names = [run.resolve().name for run in runs]
    if len(set(names)) < len(names):
        names = [str(run) for run in runs]
    if len(set(names)) < len(names):
        raise InputError(say("the same run is named twice: {runs}", runs=", ".join(names)))
    found: dict[str, Compared] = {name: read_run(run).compared() for name, run in zip(names, runs, strict=True)}
    return Comparison(compare(found, by), [one.case for one in found.values()])


def write_table(found: Comparison, path: Path, language: Language) -> None:
    """Write a comparison as a workbook, whole or not at all."""
    if path.suffix.lower() != ".xlsx":
        raise InputError(say("{path} is no workbook; name a file that ends with .xlsx.", path=path))
    write_whole_file(path, lambda beside: write_comparison(found.frame, beside, language, found.cases))


def print_comparison(found: Comparison, language: Language) -> None:
    """Print the blocks of a comparison, shares in per cent."""
    out = console()
    for block in BLOCKS:
        part = block_in_words(found.frame, block, language, found.cases)
        heading = translate(HEADINGS[block], language)
        if block == SHARE:
            values = part.select_dtypes("number").columns
            part[values] = 100 * part[values]
            heading += " (%)"
        print_frame(out, part, heading)


def print_json(found: Comparison) -> None:
    """Print a comparison as JSON, one object a row; figures that do not exist are null."""
    rows = found.frame.reset_index()
    show.print_json(rows.astype(object).where(rows.notna(), None).to_dict("records"))
