"""Public money from funders to fields as a Sankey diagram."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from optimizer.errors import InputError
from optimizer.export.charts.labels import Labels
from optimizer.export.charts.sankey import Node, draw, head_columns
from optimizer.export.charts.style import NEUTRAL, colour
from optimizer.language import Language, say, sentence
from optimizer.plan.plan import PlanTables

TITLE, MONEY = sentence("Where the public money goes"), sentence("Public money")
OTHERS = sentence("{count} others")
MOST = 12
"""Nodes of a column: more than these could not be read."""
LONGEST, SHORT = 40, 24
"""Signs of a node's name; in the last two columns names share the room between them."""


def money_sankey(
    plan: PlanTables,
    language: Language = Language.EN,
    *,
    by: Sequence[str] | None = None,
    year: int | None = None,
    most: int = MOST,
) -> Any:
    """Return public money as a Sankey diagram; the nodes of every column add up to all that is spent.

    Parameters
    ----------
    plan
        The plan.
    language
        Language of the figure.
    by
        Columns from left to right: labels as in ``plan.statistics.spend``. By default ``funder``, ``cluster``
        (``region`` where there are more clusters than ``most``, in regions), ``stage`` and ``field``.
    year
        Money of one year; of the horizon where it is left out.
    most
        Nodes of a column; what gets least is put together.

    Raises
    ------
    InputError
        If a label is unknown, fewer than two are named, or there is no money to draw.
    """
    levels = usual_levels(plan, most) if by is None else list(by)
    if len(set(levels)) < max(len(levels), 2):
        message = say(
            "by is {levels}; name two labels or more, each once, such as funder, region, stage and field.",
            levels=", ".join(levels) or "–",
        )
        raise InputError(message)
    spend = _spend(plan, levels, year)
    labels = Labels(plan.case, language)
    nodes: list[Node] = []
    numbers = {}
    for level in levels:
        named = _named(labels, level, LONGEST if level in levels[:-2] else SHORT)
        numbers[level] = _column(plan, spend[[level, "spend"]], most, named, nodes)
    lines = pd.DataFrame(numbers | {"value": spend["spend"].to_numpy()})
    links = [
        lines.groupby([left, right])["value"].sum().rename_axis(["source", "target"]).reset_index()
        for left, right in pairwise(levels)
    ]
    below = f"{labels.quantity(MONEY)}, {labels.below(year)}"
    figure = draw(labels.say(TITLE), below, nodes, pd.concat(links, ignore_index=True), labels.money(""))
    head_columns(figure, [labels.heading(level) for level in levels])
    return figure


def usual_levels(plan: PlanTables, most: int = MOST) -> list[str]:
    """Return the columns that stay readable: regions in place of clusters where there are many of these."""
    clusters = plan.case.table("clusters")
    in_regions = "region" in clusters and clusters["region"].nunique() > 1
    return ["funder", "region" if in_regions and len(clusters) > most else "cluster", "stage", "field"]


def _spend(plan: PlanTables, levels: Sequence[str], year: int | None) -> pd.DataFrame:
    names = [*levels, *({"year"} - set(levels) if year is not None else ())]
    spend = plan.statistics.spend(names).fillna(dict.fromkeys(names, ""))
    chosen = spend["spend"] > 0
    if year is not None:
        chosen &= spend["year"] == year
    if not chosen.any():
        when = "–".join(map(str, (plan.case.years[0], plan.case.years[-1]))) if year is None else year
        message = say("there is no money to draw: the plan spends nothing in {year}.", year=when)
        raise InputError(message)
    return spend[chosen].reset_index(drop=True)


def _named(labels: Labels, level: str, longest: int) -> Callable[[pd.Index, int], list[str]]:
    """Return what names the keys of a level, and what is put together where that is anything."""

    def named(keys: pd.Index, others: int) -> list[str]:
        names = labels.of(level, keys, longest)
        return [*names, *([labels.say(OTHERS, count=others)] if others else [])]

    return named


def _column(
    plan: PlanTables,
    spend: pd.DataFrame,
    most: int,
    named: Callable[[pd.Index, int], list[str]],
    nodes: list[Node],
) -> np.ndarray:
    """Add the nodes of the next column and return the number of the node each line belongs to."""
    level = str(spend.columns[0])
    totals = spend.groupby(level, sort=False)["spend"].sum()
    known = plan.solution.sets.dimensions.get(level, pd.Index([]))
    totals = totals.reindex([*known[known.isin(totals.index)], *totals.index[~totals.index.isin(known)]])
    kept = totals if len(totals) <= most else totals[totals.rank(method="first", ascending=False) < most]
    first, column = len(nodes), 1 + max((node.column for node in nodes), default=-1)
    names = named(kept.index, len(totals) - len(kept))
    nodes += [
        Node(name, colour(number) if number < len(kept) else NEUTRAL, column) for number, name in enumerate(names)
    ]
    place = kept.index.get_indexer(pd.Index(spend[level]))
    return np.asarray(first + np.where(place < 0, len(kept), place))
