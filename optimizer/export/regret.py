"""Regret in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.analysis.regret import RegretTables
from optimizer.export.words import NO, YES
from optimizer.language import Language, sentence, translate

FUTURES = sentence("Futures")
RULES = ("minimax_regret", "least_expected_regret", "maximin", "hurwicz_best")
"""Columns that say who wins by which rule."""


def summary_frame(found: RegretTables, language: Language) -> pd.DataFrame:
    """Return the plans, one a line, with a word where a plan wins by a rule."""
    table = _named(found, found.summary, "plan", language)
    yes = translate(YES, language)
    return table.assign(**{rule: np.where(table[rule], yes, "") for rule in RULES})


def futures_frame(found: RegretTables, language: Language) -> pd.DataFrame:
    """Return the futures, one a line, in words."""
    table = _named(found, found.futures_in(language), "best_by", language)
    return table.assign(counted=[translate(YES if one else NO, language) for one in table["counted"]])


def cells_frame(found: RegretTables, language: Language) -> pd.DataFrame:
    """Return every plan in every future, one a line, reasons and names in a language."""
    return _named(found, found.table_in(language), "plan", language)


def _named(found: RegretTables, table: pd.DataFrame, column: str, language: Language) -> pd.DataFrame:
    return table.assign(**{column: [found.name_of_plan(str(plan)).text(language) for plan in table[column]]})
