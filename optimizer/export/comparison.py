"""A comparison in words and as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from optimizer.analysis.compare import BLOCKS, OUTCOME, OUTCOME_CHANGE
from optimizer.data.case import CaseTables
from optimizer.export.words import COLUMNS, FIGURES, Names
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


def block_in_words(
    frame: pd.DataFrame, block: str, language: Language, cases: Sequence[CaseTables] = ()
) -> pd.DataFrame:
    """Return one block of a comparison with its labels as columns, named as the first case that names them does."""
    part = frame.loc[[block]].droplevel("block").reset_index()
    labels = [str(name) for name in frame.index.names[1:]]
    if block in (OUTCOME, OUTCOME_CHANGE):
        part[labels[0]] = [translate(FIGURES[figure], language) for figure in part[labels[0]]]
        return part.drop(columns=labels[1:]).rename(columns={labels[0]: translate("Figure", language)})
    for label in labels:
        part[label] = _named(part[label], label, language, cases)
    return part.rename(columns={label: translate(COLUMNS.get(label, label), language) for label in labels})


def _named(keys: pd.Series, dimension: str, language: Language, cases: Sequence[CaseTables]) -> list[str]:
    names: dict[str, str] = {}
    for case in cases:
        for key, name in zip(keys, Names(case, language).of(dimension, keys), strict=True):
            if name != key:
                names.setdefault(key, name)
    return [names.get(key, key) for key in keys]


def write_comparison(
    frame: pd.DataFrame, path: Path, language: Language = Language.EN, cases: Sequence[CaseTables] = ()
) -> None:
    """Write a comparison as a workbook, one sheet a block."""
    blocks = {translate(HEADINGS[block], language): block_in_words(frame, block, language, cases) for block in BLOCKS}
    write_sheets(path, blocks)
