"""Sweeps and tornados in words: what a point changes, and what a parameter moves."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from optimizer.analysis.points import target_text
from optimizer.analysis.points_parameters import targets_text
from optimizer.analysis.sweep import SweepTables
from optimizer.analysis.tornado import TornadoTables
from optimizer.data.changes import Change, Operation
from optimizer.export.case_words import place_of
from optimizer.language import Language, sentence, translate

OPERATIONS = {
    Operation.MULTIPLY: sentence("{place}, multiplied"),
    Operation.ADD: sentence("{place}, added to"),
}
"""What a change does to a figure, where it does not just set it."""


def change_words(changes: Iterable[Change], language: Language) -> dict[str, str]:
    """Return words for the headings that changes have in tables; none in English, where the headings stay keys."""
    if language == Language.EN:
        return {}
    return {
        target_text(change): translate(
            OPERATIONS.get(change.operation, "{place}"),
            language,
            place=place_of(change.table, change.column, change.where, language),
        )
        for change in changes
    }


def sweep_words(found: SweepTables, language: Language) -> dict[str, str]:
    """Return the headings of what the points of a sweep change, in words."""
    changes = (change for point in found.points for change in point.changes)
    return change_words((change for change in changes if isinstance(change, Change)), language)


def sweep_frame(found: SweepTables, language: Language) -> pd.DataFrame:
    """Return the points of a sweep, reasons and headings in words."""
    return found.table_in(language).rename(columns=sweep_words(found, language))


def tornado_frame(found: TornadoTables, language: Language) -> pd.DataFrame:
    """Return the parameters of a tornado, reasons and what they move in words."""
    told = {
        targets_text(parameter): "; ".join(change_words(parameter.changes(parameter.low), language).values())
        for parameter in found.parameters
    }
    table = found.table_in(language)
    return table.assign(moves=[told[text] or text for text in table["moves"]])
