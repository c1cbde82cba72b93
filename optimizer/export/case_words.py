"""Tables and columns of a case in words, for readers of documents who do not edit the case."""

from __future__ import annotations

import re

import pandas as pd

from optimizer.data.case import CaseTables
from optimizer.data.dictionary import dictionary
from optimizer.data.filters import FilterFaultError, parse_filter
from optimizer.data.names import in_language
from optimizer.data.raw import SETTINGS
from optimizer.export.words import COLUMNS, Names
from optimizer.language import Language, sentence, translate

TABLES = {
    SETTINGS: sentence("Settings"),
    "clusters": sentence("Clusters"),
    "stages": sentence("Stages"),
    "fields": sentence("Fields"),
    "niches": sentence("Niches"),
    "sites": sentence("Sites"),
    "links": sentence("Links"),
    "budget": sentence("Budget"),
    "funders": sentence("Funders"),
    "mandates": sentence("Mandates"),
    "similarity": sentence("Similarity"),
    "rules": sentence("Rules"),
    "baseline": sentence("Today"),
    "scenarios": sentence("Futures"),
    "benchmarks": sentence("Clusters abroad"),
    "sources": sentence("Sources"),
}
"""Table of a case -> its name in words."""
FIGURES = {
    "cost": sentence("Cost"),
    "success_rate": sentence("Success rate"),
    "trials": sentence("Trials"),
    "duration": sentence("Duration"),
    "decay": sentence("Loss of waiting projects"),
    "crowd_in": sentence("Private money per public money"),
    "feedback": sentence("New projects per success"),
    "value": sentence("Worth of a launch"),
    "demand": sentence("Yearly demand"),
    "capacity": sentence("Capacity"),
    "cost_factor": sentence("Cost, relative"),
    "success_factor": sentence("Success rate, relative"),
    "backlog": sentence("Projects waiting at the start"),
    "inflow": sentence("New projects from outside"),
    "expansion_cost": sentence("Costs of more capacity"),
    "expansion_limit": sentence("Limit of expansion"),
    "minimum": sentence("Least spend a year"),
    "retention": sentence("Projects kept on a link"),
    "transfer_cost": sentence("Costs of passing on"),
    "latitude": sentence("Latitude"),
    "longitude": sentence("Longitude"),
    "private_cap": sentence("Cap on private money"),
    "max_niches": sentence("Most niches"),
    "capital": sentence("In the capital region"),
    "designated": sentence("Year of designation"),
}
"""Column of figures or attributes -> its name in words, as tables of results do not have it."""
FIGURED = ("clusters", "stages", "fields", "niches", "sites", "links")
"""Tables whose columns are called so; the others have columns that results have too."""


def named_places(frame: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return a frame whose columns ``table`` and ``column`` hold places in a case, both in words.

    Keys of settings are told by what they mean, for they have no shorter name.
    """
    shown = frame.copy()
    if "column" in frame:
        shown["column"] = [
            ", ".join(_column(table, name.strip(), language) for name in str(text).split(",") if name.strip())
            for table, text in zip(frame["table"], frame["column"], strict=True)
        ]
    shown["table"] = [translate(TABLES.get(str(name), str(name)), language) for name in frame["table"]]
    return shown


def _column(table: str, name: str, language: Language) -> str:
    if table == SETTINGS:
        return meaning(name, language)
    own, further = (FIGURES, COLUMNS) if table in FIGURED else (COLUMNS, FIGURES)
    return translate(own.get(name, further.get(name, name)), language)


def stated_sources(case: CaseTables, language: Language) -> pd.DataFrame:
    """Return the sources of a case in a language, the places and lines that they speak of in words."""
    stated, names = in_language(case.table("sources"), language), Names(case, language)
    return named_places(stated.assign(where=[_lines(str(where), names) for where in stated["where"]]), language)


def _lines(where: str, names: Names) -> str:
    """Return the lines that a filter selects, by the names of their keys and in its order."""
    order = re.split(r"\s*[|;=]\s*", where.strip())
    return "; ".join(
        f"{names.heading(column)}: {', '.join(names.of(column, sorted(values, key=order.index)))}"
        for column, values in parse_filter(where).conditions
    )


def place_of(table: str, column: str, where: str, names: Names) -> str:
    """Return a column of a table, or of some of its lines, in words; the lines by the names of what selects them."""
    try:
        lines = f" [{_lines(where, names)}]" if where.strip() else ""
    except FilterFaultError:  # of a change that cannot be made, which is said where it was tried
        lines = f" [{where}]"
    return f"{translate(TABLES.get(table, table), names.language)}{lines}: {_column(table, column, names.language)}"


def meaning(key: str, language: Language) -> str:
    """Return what a key of ``case.toml`` is, without the full stop of its sentence; the key where it is unknown."""
    lines = dictionary()
    found = lines.loc[(lines["table"] == SETTINGS) & (lines["column"] == key), "meaning"]
    return key if found.empty else translate(str(found.iloc[0]), language).removesuffix(".")
