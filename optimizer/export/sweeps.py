"""Sweeps and tornados in words: what a point changes, and what a parameter moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pandas as pd

from optimizer.analysis.points import target_text
from optimizer.analysis.points_parameters import targets_text
from optimizer.analysis.sweep import SweepTables
from optimizer.analysis.tornado import TornadoTables
from optimizer.data.case import CaseTables
from optimizer.data.changes import Change, Operation
from optimizer.export.case_words import place_of
from optimizer.export.words import Names
from optimizer.language import Language, sentence, translate

OPERATIONS = {
    Operation.MULTIPLY: sentence("{place}, multiplied"),
    Operation.ADD: sentence("{place}, added to"),
}
"""What a change does to a figure, where it does not just set it."""


def change_words(case: CaseTables, changes: Iterable[Change], language: Language) -> dict[str, str]:
    """Return words for the headings that changes of a case have in tables; no two have the same."""
    names, words = Names(case, language), {}
    for change in changes:
        place = place_of(change.table, change.column, change.where, names)
        words[target_text(change)] = translate(OPERATIONS.get(change.operation, "{place}"), language, place=place)
    often = Counter(words.values())
    return {key: word if often[word] == 1 else f"{word} ({key})" for key, word in words.items()}


def sweep_words(found: SweepTables, language: Language) -> dict[str, str]:
    """Return the headings of what the points of a sweep change, in words."""
    changes = (change for point in found.points for change in point.changes)
    return change_words(found.case, (change for change in changes if isinstance(change, Change)), language)


def sweep_frame(found: SweepTables, language: Language) -> pd.DataFrame:
    """Return the points of a sweep, reasons and headings in words."""
    return found.table_in(language).rename(columns=sweep_words(found, language))


def tornado_frame(found: TornadoTables, language: Language) -> pd.DataFrame:
    """Return the parameters of a tornado, reasons and what they move in words."""
    told = {
        targets_text(parameter): "; ".join(
            change_words(found.case, parameter.changes(parameter.low), language).values()
        )
        for parameter in found.parameters
    }
    table = found.table_in(language)
    return table.assign(moves=[told[text] for text in table["moves"]])
