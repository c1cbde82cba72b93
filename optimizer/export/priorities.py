"""Priority lists and replacement costs in words."""

from __future__ import annotations

import pandas as pd

from optimizer.analysis.priorities import PriorityTables, money_column
from optimizer.analysis.replacement import ReplacementTables
from optimizer.export.words import Names
from optimizer.language import Language, sentence, translate

AT_BUDGET = sentence("Money at {budget}")
WORDS = {"objective": "without", "loss": "lost"}
"""Columns of a replacement table -> the heading they have there; other studies call other things by these names."""


def budgets_frame(found: PriorityTables, language: Language) -> pd.DataFrame:
    """Return the budgets of a list, reasons in words."""
    table = found.table
    table["reason"] = ["" if reason is None else reason.text(language) for reason in found.reasons]
    return table


def order_frame(found: PriorityTables, language: Language) -> pd.DataFrame:
    """Return a priority list, the budgets in the headings."""
    headings = {
        money_column(step.budget): translate(AT_BUDGET, language, budget=f"{step.budget:,.6g}") for step in found.listed
    }
    return found.order.rename(columns=headings)


def replacement_frame(found: ReplacementTables, language: Language) -> pd.DataFrame:
    """Return what is lost without each, reasons in words."""
    table = found.table
    names = Names(found.plan.case, language)
    for end in {"origin", "destination"} & set(table.columns):
        table[end] = names.of("cluster", table[end])
    table["reason"] = ["" if reason is None else reason for reason in found.reasons(language)]
    return table
