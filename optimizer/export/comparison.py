"""A comparison in words and as a workbook."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from optimizer.analysis.compare import BLOCKS, OUTCOME, OUTCOME_CHANGE, TOTAL
from optimizer.export.words import COLUMNS, FIGURES
from optimizer.export.xlsx import write_sheets
from optimizer.language import Language, sentence, translate

HEADINGS = {
    "budget": sentence("Public money"),
    "share": sentence("Share of public money"),
    "change": sentence("Change of public money"),
    "outcome": sentence("Outcome"),
    "outcome_change": sentence("Change of outcome"),
}
"""Block -> its name in words; changes are measured against the first."""


def block_in_words(frame: pd.DataFrame, block: str, language: Language) -> pd.DataFrame:
    """Return one block of a comparison with its labels as columns and headings in words."""
    part = frame.loc[[block]].droplevel("block").reset_index()
    labels = [str(name) for name in frame.index.names[1:]]
    if block in (OUTCOME, OUTCOME_CHANGE):
        part[labels[0]] = [translate(FIGURES[figure], language) for figure in part[labels[0]]]
        return part.drop(columns=labels[1:]).rename(columns={labels[0]: translate("Figure", language)})
    part[labels[0]] = [translate("total", language) if label == TOTAL else label for label in part[labels[0]]]
    return part.rename(columns={label: translate(COLUMNS.get(label, label), language) for label in labels})


def write_comparison(frame: pd.DataFrame, path: Path, language: Language = Language.EN) -> None:
    """Write a comparison as a workbook, one sheet a block."""
    write_sheets(
        path, {translate(HEADINGS[block], language): block_in_words(frame, block, language) for block in BLOCKS}
    )
