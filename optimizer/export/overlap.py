"""Overlap in words and as a heat map, for reports, workbooks and the command line."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from optimizer.data.money import MoneyUnit, with_unit
from optimizer.export.words import Names, amount
from optimizer.language import Language, translate
from optimizer.plan.ledger import CLUSTERS, FUNDERS, Side
from optimizer.plan.plan import PlanTables

OF_STOP = {CLUSTERS: "cluster", FUNDERS: "funder"}
"""Between whom a pair overlaps -> what the keys in column ``stop`` are of."""


def named_ledger(frame: pd.DataFrame, names: Names) -> pd.DataFrame:
    """Return lines of the ledger with display names and headings."""
    shown = frame.copy()
    shown["stop"] = [
        names.of(OF_STOP[between], [key])[0] for between, key in zip(frame["between"], frame["stop"], strict=True)
    ]
    return names.named(shown)


def named_matrix(plan: PlanTables, by: str, language: Language) -> pd.DataFrame:
    """Return an overlap matrix with display names, those of its rows as the first column.

    Clusters or funders that overlap with nobody are left out.
    """
    names = Names(plan.case, language)
    matrix = plan.overlap_matrix(by)
    kept = np.flatnonzero(matrix.to_numpy().any(axis=1))
    labels = names.of(by, matrix.index[kept])
    frame = pd.DataFrame(matrix.to_numpy()[np.ix_(kept, kept)], columns=labels)
    frame.insert(0, names.heading(by), labels, allow_duplicates=True)
    return frame


def matrix_lines(plan: PlanTables) -> pd.DataFrame:
    """Return both overlap matrices as lines: ``between``, ``a``, ``b``, ``overlap``, every pair in both orders."""
    pieces = []
    for between, side in ((CLUSTERS, Side.CLUSTER), (FUNDERS, Side.FUNDER)):
        matrix = plan.overlap_matrix(side)
        keys = pd.MultiIndex.from_product([matrix.index, matrix.columns], names=["a", "b"])
        lines = keys.to_frame(index=False).assign(overlap=matrix.to_numpy().ravel())
        pieces.append(lines[lines["a"] != lines["b"]].assign(between=between))
    return pd.concat(pieces, ignore_index=True)[["between", "a", "b", "overlap"]]


def overlap_sentences(plan: PlanTables, language: Language, most: int = 5, unit: MoneyUnit | None = None) -> list[str]:
    """Return what is said of each of the worst pairs of clusters, then of funders: how much, where most, who gets less.

    Parameters
    ----------
    plan
        The plan.
    language
        Language of the sentences.
    most
        Pairs of each kind.
    unit
        Unit of the money said; that of the case where left out.
    """
    names = Names(plan.case, language)
    worst = plan.statistics.worst_overlaps(most).to_dict("records")
    shown = unit or MoneyUnit(plan.case.currency, 1.0, 1)
    return [_said(pair, names, shown, language) for pair in worst]


def _said(pair: dict[Any, Any], names: Names, unit: MoneyUnit, language: Language) -> str:
    a, b, stop = names.of(OF_STOP[pair["between"]], [pair["a"], pair["b"], pair["stop"]])
    where = [names.of(name, [pair[name]])[0] for name in ("cluster", "stage", "field")]
    values = {
        "a": a,
        "b": b,
        "overlap": amount(pair["overlap"] / unit.size, unit.decimals),
        "currency": unit.label(language),
        "share": f"{100 * pair['share']:.1f}",
        "penalty": _money(pair["penalty"], unit, language),
        "place": ", ".join(word for word in where if word),
        "year": pair["year"],
        "stop": stop,
    }
    if pair["between"] == FUNDERS:
        return translate(
            "{a} and {b} both pay for the same work: {overlap} {currency} over the horizon, {share} % of all overlap "
            "between funders; penalty {penalty}. Most at {place} in {year}, where {stop} pays less.",
            language,
            **values,
        )
    told = translate(
        "{a} and {b} are paid for the same work: {overlap} {currency} over the horizon, {share} % of all overlap "
        "between clusters; penalty {penalty}. Most in {place} in {year}, where {stop} gets less.",
        language,
        **values,
    )
    if math.isnan(pair["stop_cost"]) or pair["stop_cost"] == 0:
        return told
    cost = translate(
        "Stopping it there costs at least {cost}.",
        language,
        cost=_money(pair["stop_cost"], unit, language),
    )
    return f"{told} {cost}"


def _money(value: float, unit: MoneyUnit, language: Language) -> str:
    """Return money of the case in a unit, with a decimal more than the unit's own."""
    return with_unit(amount(value / unit.size, unit.decimals + 1), unit.label(language))
