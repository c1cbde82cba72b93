"""Priority lists and replacement costs in words, and their charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from optimizer.analysis.priorities import PriorityTables, money_column
from optimizer.analysis.replacement import ReplacementTables
from optimizer.data.case import CaseTables
from optimizer.export.charts.style import graph_objects
from optimizer.export.words import Names, title
from optimizer.language import Language, sentence, translate

MOST_COLOURS = 10
"""Units a chart shows one by one; the others are one bar together."""
MOST_UNITS = 40
"""Units above which a chart adds them up by their first label, such as the cluster, so that a pile can be read."""
CERTAIN_COLOUR, UNCERTAIN_COLOUR = "#1f77b4", "#b9d5ea"
MOST_BARS = 40
OTHERS, AT_BUDGET = sentence("All others"), sentence("Money at {budget}")
CERTAIN, UNCERTAIN = sentence("Certain"), sentence("Not certain")
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


def priorities_chart(found: PriorityTables, language: Language) -> Any:
    """Return a priority list as a plotly figure: what each budget gives to whom, piled up, and the price of stability.

    Raises
    ------
    InputError
        If plotly is not installed.
    """
    graph, table, listed = graph_objects(), found.table, found.listed
    budgets = [f"{step.budget:,.6g}" for step in listed]
    columns = [money_column(step.budget) for step in listed]
    order, labels = found.order, list(found.units.labels.columns)
    if len(order) > MOST_UNITS and len(labels) > 1:
        labels = labels[:1]
        order = order.groupby(labels[0], as_index=False, sort=False).agg(
            {"rank": "min", **dict.fromkeys(columns, "sum")}
        )
    shown = order.nlargest(MOST_COLOURS, columns[-1]).sort_values("rank")
    rest = order.drop(index=shown.index)[columns].sum()
    figure = graph.Figure()
    for name, money in zip(_names(found.case, shown[labels], language), shown[columns].to_numpy(float), strict=True):
        figure.add_bar(x=budgets, y=money, name=name)
    if rest.sum() > 0:
        figure.add_bar(x=budgets, y=rest.to_numpy(float), name=translate(OTHERS, language), marker={"color": "#bbbbbb"})
    heading = Names(found.case, language).heading
    has_plan = [step.nested is not None for step in found.steps]
    figure.add_scatter(
        x=budgets,
        y=table.loc[has_plan, "stability_share"],
        mode="lines+markers",
        line={"color": "black"},
        name=heading("stability_share"),
        yaxis="y2",
    )
    figure.update_layout(
        title=title(found.case, language),
        barmode="stack",
        xaxis={"title": f"{heading('budget')} ({found.case.currency})", "type": "category"},
        yaxis={"title": f"{heading('spend')} ({found.case.currency})"},
        yaxis2={
            "title": heading("stability_share"),
            "overlaying": "y",
            "side": "right",
            "tickformat": ".2~p",
            "rangemode": "tozero",
            "showgrid": False,
        },
        legend={"orientation": "v", "x": 1.12, "traceorder": "reversed"},
    )
    return figure


def replacement_chart(found: ReplacementTables, language: Language) -> Any:
    """Return what is lost without each as a plotly figure: a bar each, pale where it is not certain.

    Raises
    ------
    InputError
        If plotly is not installed.
    """
    graph = graph_objects()
    table = found.table.dropna(subset=[found.figure]).head(MOST_BARS)
    names = pd.Series(_names(found.plan.case, table[list(found.labels)], language), index=table.index)
    heading = Names(found.plan.case, language).heading
    figure = graph.Figure()
    for certain, word, colour in ((True, CERTAIN, CERTAIN_COLOUR), (False, UNCERTAIN, UNCERTAIN_COLOUR)):
        those = table["certain"].eq(certain)
        if those.any():
            figure.add_bar(
                y=names[those],
                x=table.loc[those, found.figure],
                orientation="h",
                marker={"color": colour},
                name=translate(word, language),
            )
    figure.update_layout(title=title(found.plan.case, language), legend={"orientation": "h", "y": -0.15})
    figure.update_xaxes(title=f"{heading(WORDS.get(found.figure, found.figure))} ({found.plan.case.currency})")
    figure.update_yaxes(categoryorder="array", categoryarray=names.tolist()[::-1], automargin=True)
    return figure


def _names(case: CaseTables, labels: pd.DataFrame, language: Language) -> list[str]:
    """Return each line's names in one text, a link's with an arrow."""
    names = Names(case, language)
    kinds = {"origin": "cluster", "destination": "cluster"}
    told: Sequence[list[str]] = [names.of(kinds.get(str(name), str(name)), labels[name]) for name in labels]
    arrow = " → " if "origin" in labels else ", "
    lines = []
    for line in np.array(told, dtype=object).T:
        ends = arrow.join(part for part in line[:2] if part)
        lines.append(", ".join(part for part in (ends, *line[2:]) if part))
    return lines
