"""Budget curves, frontiers and alternatives in words."""

from __future__ import annotations

import pandas as pd

from optimizer.analysis.alternatives import AlternativesTables
from optimizer.analysis.budget_curve import BudgetCurveTables
from optimizer.analysis.frontier import FrontierTables
from optimizer.export.book_solver import FAMILIES
from optimizer.export.words import VOCABULARIES, Names
from optimizer.language import Language, sentence, translate

WORDS = {
    "worth": sentence("Worth"),
    "overlap": sentence("Overlap"),
    "balance": sentence("Regional balance"),
    "launches": sentence("Launches"),
    "private": sentence("Private money"),
    "cluster": sentence("Cluster"),
    "stage": sentence("Stage"),
    "funder": sentence("Funder"),
    "field": sentence("Field"),
    "region": sentence("Region"),
}
"""Measures and groups in words."""
MONEY_MEASURES = {"worth", "overlap", "balance", "private"}
"""Measures in money."""


def curve_frame(found: BudgetCurveTables, language: Language) -> pd.DataFrame:
    """Return the pieces of a budget curve, their bends in words."""
    table = found.table
    table["bend"] = ["" if bend is None else bend.text(language) for bend in table["bend"]]
    return table


def bends_frame(found: BudgetCurveTables, language: Language) -> pd.DataFrame:
    """Return what starts or stops to have a price at each bend; the activities among it in words, as limits are."""
    table = found.breakpoints
    limits = VOCABULARIES["family"]
    told = {name: name if name in limits else FAMILIES.get(name, name) for name in table["family"].unique()}
    table["family"] = [translate(told[name], language) for name in table["family"]]
    return table


def frontier_frame(found: FrontierTables, language: Language) -> pd.DataFrame:
    """Return the points of a frontier, measures in words."""
    table = found.table
    table["best_of"] = [translate(WORDS[name], language) if name else "" for name in table["best_of"]]
    return table


def ranges_frame(found: AlternativesTables, language: Language) -> pd.DataFrame:
    """Return how far money can move, groups and labels in words."""
    table, names = found.table, Names(found.plan.case, language)
    table["label"] = [names.of(group, [label])[0] for group, label in zip(table["group"], table["label"], strict=True)]
    table["group"] = [translate(WORDS[group], language) for group in table["group"]]
    return table


def cells_frame(found: AlternativesTables, language: Language) -> pd.DataFrame:
    """Return what plans have in common about each site, in words."""
    table = found.cells
    table["standing"] = [translate(standing, language) for standing in table["standing"]]
    return table
