"""Budget curves, frontiers and alternatives in words, and their charts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.analysis.alternatives import AlternativesTables
from optimizer.analysis.alternatives_search import Group
from optimizer.analysis.budget_curve import BudgetCurveTables
from optimizer.analysis.frontier import FrontierTables
from optimizer.data.case import CaseTables
from optimizer.export.study import plotly
from optimizer.export.words import Names, title
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
TODAY, KNEE, LEAST_AND_GREATEST = sentence("Today"), sentence("Knee"), sentence("Least and greatest")
CURVE, ATMOST = sentence("Optimum"), sentence("At most")
TODAY_PLAN, SHARE_AXIS = sentence("The plan"), sentence("Share of all budgets")
AXES = {"worth", "overlap", "balance", "private"}
"""Measures in money."""


def curve_frame(found: BudgetCurveTables, language: Language) -> pd.DataFrame:
    """Return the pieces of a budget curve, their bends in words."""
    table = found.table
    table["bend"] = ["" if bend is None else bend.text(language) for bend in table["bend"]]
    return table


def frontier_frame(found: FrontierTables, language: Language) -> pd.DataFrame:
    """Return the points of a frontier, measures in words."""
    table = found.table
    table["best_of"] = [translate(WORDS[name], language) if name else "" for name in table["best_of"]]
    return table


def ranges_frame(found: AlternativesTables, language: Language) -> pd.DataFrame:
    """Return how far money can move, groups and labels in words."""
    table, names = found.table, Names(found.plan.case, language)
    table["label"] = [
        label if group == Group.REGION else names.of(group, [label])[0]
        for group, label in zip(table["group"], table["label"], strict=True)
    ]
    table["group"] = [translate(WORDS[group], language) for group in table["group"]]
    return table


def cells_frame(found: AlternativesTables, language: Language) -> pd.DataFrame:
    """Return what plans have in common about each site, in words."""
    table = found.cells
    table["standing"] = [translate(standing, language) for standing in table["standing"]]
    return table


def curve_chart(found: BudgetCurveTables, language: Language) -> Any:
    """Return what a budget buys as a plotly figure: the curve, above it what bounds it, and the budget of today.

    Raises
    ------
    InputError
        If plotly is not installed.
    """
    graph, case = plotly(), found.plan.case
    table = curve_frame(found, language)
    across = [*table["budget_from"], table["budget_to"].iloc[-1]]
    up = [*table["outcome_from"], table["outcome_to"].iloc[-1]]
    figure = graph.Figure()
    if not found.exact:
        places = np.linspace(found.low, found.high, 400)
        bound = [found.outcome(min(max(place, found.low), found.high))[1] for place in places]
        figure.add_scatter(x=places, y=bound, mode="lines", line={"dash": "dot"}, name=translate(ATMOST, language))
    figure.add_scatter(x=across, y=up, mode="lines+markers", text=[*table["bend"], ""], name=translate(CURVE, language))
    if found.low <= found.today <= found.high:
        figure.add_scatter(
            x=[found.today],
            y=[found.outcome(found.today)[0]],
            mode="markers",
            marker={"symbol": "diamond", "size": 12},
            name=translate(TODAY, language),
        )
    money = Names(case, language).heading
    return _laid_out(figure, case, language, (money("budget"), money("lp_optimum")))


def frontier_chart(found: FrontierTables, language: Language) -> Any:
    """Return a frontier as a plotly figure: the first measure over the second, coloured by a third; the knee marked.

    Raises
    ------
    InputError
        If plotly is not installed.
    """
    graph, table = plotly(), found.table
    first, second, *third = found.measures
    values = {name: table[f"measure_{name}"] for name in found.measures}
    marker: dict[str, Any] = {"size": 9}
    if third:
        bar = {"title": {"text": translate(WORDS[third[0]], language)}}
        marker |= {"color": values[third[0]], "colorbar": bar, "colorscale": "Viridis"}
    figure = graph.Figure()
    figure.add_scatter(
        x=values[second],
        y=values[first],
        mode="markers" if third else "lines+markers",
        marker=marker,
        text=[f"{place}" for place in table.index],
        showlegend=False,
    )
    if found.knee is not None:
        figure.add_scatter(
            x=values[second][[found.knee]],
            y=values[first][[found.knee]],
            mode="markers",
            marker={"symbol": "diamond-open", "size": 16},
            name=translate(KNEE, language),
        )
    axes = (translate(WORDS[second], language), translate(WORDS[first], language))
    money = (second in AXES, first in AXES)
    return _laid_out(figure, found.plan.case, language, axes, money)


def ranges_chart(found: AlternativesTables, language: Language) -> Any:
    """Return how far money can move as a plotly figure: a bar from the least to the greatest share, the plan marked.

    Raises
    ------
    InputError
        If plotly is not installed.
    """
    graph, table = plotly(), ranges_frame(found, language)
    names = [f"{group}: {label}" for group, label in zip(table["group"], table["label"], strict=True)]
    figure = graph.Figure()
    figure.add_bar(
        y=names,
        x=table["greatest_share"] - table["least_share"],
        base=table["least_share"],
        orientation="h",
        name=translate(LEAST_AND_GREATEST, language),
    )
    figure.add_scatter(
        y=names,
        x=table["plan_share"],
        mode="markers",
        marker={"symbol": "diamond"},
        name=translate(TODAY_PLAN, language),
    )
    figure.update_layout(title=title(found.plan.case, language), legend={"orientation": "h", "y": -0.1})
    figure.update_xaxes(title=translate(SHARE_AXIS, language), tickformat=".0%")
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure


def _laid_out(
    figure: Any, case: CaseTables, language: Language, axes: tuple[str, str], money: tuple[bool, bool] = (True, True)
) -> Any:
    across, up = (f"{axis} ({case.currency})" if is_money else axis for axis, is_money in zip(axes, money, strict=True))
    figure.update_layout(
        title=title(case, language),
        xaxis={"title": across},
        yaxis={"title": up},
        legend={"orientation": "h", "y": -0.2},
    )
    return figure
