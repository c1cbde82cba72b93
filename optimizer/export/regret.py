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
    table = found.summary
    yes = translate(YES, language)
    return table.assign(**{rule: np.where(table[rule], yes, "") for rule in RULES})


def futures_frame(found: RegretTables, language: Language) -> pd.DataFrame:
    """Return the futures, one a line, in words."""
    table = found.futures_in(language)
    return table.assign(counted=[translate(YES if one else NO, language) for one in table["counted"]])
