"""Budget curves with named bends, frontiers with their knee, and ranges of near-optimal plans, as figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.analysis.alternatives import AlternativesTables
from optimizer.analysis.budget_curve import BudgetCurveTables
from optimizer.analysis.frontier import FrontierTables
from optimizer.export.charts.labels import LONGEST_HOVER, Labels, escaped
from optimizer.export.charts.style import COLOURS, HEIGHT, INK, LINE, PALE, line_look, name_axis, new_figure
from optimizer.export.trade_offs import MONEY_MEASURES, WORDS, curve_frame, ranges_frame
from optimizer.export.words import COLUMNS, FIGURES
from optimizer.language import Language, sentence

CURVE_TITLE, FRONTIER_TITLE = sentence("What a budget buys"), sentence("What one goal costs another")
RANGES_TITLE = sentence("How far money can move in plans that are nearly as good")
TODAY, KNEE, LEAST_AND_GREATEST = sentence("Today"), sentence("Knee"), sentence("Least and greatest")
CURVE, ATMOST, FRONTIER = sentence("Optimum"), sentence("At most"), sentence("Plans between which nothing is gained")
PLAN, SHARE_AXIS = sentence("The plan"), sentence("Share of all budgets")
WHAT = sentence("Money of")
MOST_BENDS = 6
"""Bends that are named: those at which a unit of budget loses most of its worth."""
NEAR, DEPTH = 0.025, 26
"""Share of the curve's width within which numbers of bends would cover each other; how far below it they stand."""
SAMPLES = 400
LONGEST_BEND = 105


def curve_chart(found: BudgetCurveTables, language: Language) -> Any:
    """Return what a budget buys: the curve, what bounds it, today's budget, and the sharpest bends with their names."""
    labels = Labels(found.plan.case, language)
    table = curve_frame(found, language)
    across = np.append(table["budget_from"].to_numpy(float), float(table["budget_to"].iloc[-1]))
    up = np.append(table["outcome_from"].to_numpy(float), float(table["outcome_to"].iloc[-1]))
    bends = _sharpest(table)
    named = [f"{number}  {_bend(table, place, labels)}" for number, place in enumerate(bends, start=1)]
    figure = new_figure(labels.say(CURVE_TITLE), labels.below(), HEIGHT + 18 * len(bends))
    if not found.exact:
        places = np.linspace(found.low, found.high, SAMPLES)
        bound = [found.outcome(min(max(float(place), found.low), found.high))[1] for place in places]
        line = {"dash": "dot", "color": PALE, "width": 1.5}
        figure.add_scatter(x=places, y=bound, mode="lines", line=line, name=labels.say(ATMOST))
    told = [escaped(bend, LONGEST_HOVER) for bend in table["bend"]]
    look = line_look(0) | ({} if len(table) <= SAMPLES // 10 else {"mode": "lines"})
    figure.add_scatter(x=across, y=up, text=[*told, ""], name=labels.say(CURVE), **look)
    if found.low <= found.today <= found.high:
        figure.add_scatter(
            x=[found.today],
            y=[found.outcome(found.today)[0]],
            mode="markers",
            marker={"symbol": "diamond", "size": 13, "color": COLOURS[5], "line": {"color": INK, "width": 1}},
            name=labels.say(TODAY),
        )
    depths = _depths(across[bends], found.high - found.low)
    for number, (place, depth) in enumerate(zip(bends, depths, strict=True), start=1):
        figure.add_annotation(
            x=across[place], y=up[place], text=f"<b>{number}</b>", ax=0, ay=depth, arrowhead=0, arrowwidth=1,
            bordercolor=INK, borderwidth=1, borderpad=2, bgcolor="white", font={"size": 11},
        )  # fmt: skip
    _axes(figure, (labels.quantity(COLUMNS["budget"]), labels.quantity(FIGURES["lp_objective"])))
    _list_below(figure, named)
    return figure


def _sharpest(table: pd.DataFrame) -> list[int]:
    """Return the lines of the table at whose beginning the slope falls most, in order; the first has no bend."""
    fall = -table["shadow_price"].diff().fillna(0.0)
    return sorted(int(place) for place in fall[fall > 0].nlargest(MOST_BENDS).index)


def _depths(places: np.ndarray, width: float) -> list[int]:
    """Return how far below the curve the number of each bend stands [pixels]: neighbours do not cover each other."""
    depths: list[int] = []
    for number, place in enumerate(places):
        near = number and place - places[number - 1] < NEAR * width
        depths.append(depths[-1] + DEPTH if near else DEPTH)
    return depths


def _bend(table: pd.DataFrame, place: int, labels: Labels) -> str:
    line = table.loc[place]
    first, more, _ = str(line["bend"]).partition("; ")
    told = escaped(f"{first}; …" if more else first, LONGEST_BEND)
    budget = labels.money(f"{line['budget_from']:,.0f}")
    return f"{budget}: {told}"


def _list_below(figure: Any, lines: list[str]) -> None:
    """Write lines of text under the axis, above the legend."""
    for number, line in enumerate(lines):
        figure.add_annotation(
            x=0, y=0, xref="paper", yref="paper", xanchor="left", yanchor="top", yshift=-58 - 18 * number, text=line,
            showarrow=False, font={"size": 11}, align="left",
        )  # fmt: skip
    figure.update_layout(margin={"b": 100 + 18 * len(lines)})


def frontier_chart(found: FrontierTables, language: Language) -> Any:
    """Return a frontier: the first measure over the second, shaded by a third; the knee marked."""
    labels = Labels(found.plan.case, language)
    table = found.table
    first, second, *third = found.measures
    values = {name: table[f"measure_{name}"] for name in found.measures}
    titles = {name: _measured(name, labels) for name in found.measures}
    figure = new_figure(labels.say(FRONTIER_TITLE), labels.below())
    look = line_look(0)
    if third:
        bar = {"title": {"text": titles[third[0]], "side": "right"}, "thickness": 12}
        shade = {"color": values[third[0]], "colorbar": bar, "colorscale": "Cividis", "size": 11}
        look = {"mode": "markers", "marker": shade | {"line": {"color": INK, "width": 0.7}}}
    figure.add_scatter(
        x=values[second],
        y=values[first],
        text=[f"{place}" for place in table.index],
        name=labels.say(FRONTIER),
        showlegend=not third,
        **look,
    )
    if found.knee is not None:
        figure.add_scatter(
            x=values[second][[found.knee]],
            y=values[first][[found.knee]],
            mode="markers",
            marker={"symbol": "diamond-open", "size": 18, "color": COLOURS[5], "line": {"width": 2.5}},
            name=labels.say(KNEE),
        )
    _axes(figure, (titles[second], titles[first]))
    return figure


def _measured(name: str, labels: Labels) -> str:
    return labels.quantity(WORDS[name]) if name in MONEY_MEASURES else labels.projects(WORDS[name])


def ranges_chart(found: AlternativesTables, language: Language) -> Any:
    """Return how far money can move: a bar from the least to the greatest share, the plan marked."""
    labels = Labels(found.plan.case, language)
    table = ranges_frame(found, language)
    names = [escaped(f"{group}: {label}") for group, label in zip(table["group"], table["label"], strict=True)]
    places = list(range(len(table)))
    figure = new_figure(labels.say(RANGES_TITLE), labels.below(), 190 + LINE * len(table))
    figure.add_bar(
        y=places,
        x=100 * (table["greatest_share"] - table["least_share"]),
        base=100 * table["least_share"],
        orientation="h",
        name=labels.say(LEAST_AND_GREATEST),
        marker={"color": COLOURS[4], "line": {"color": INK, "width": 0.6}},
    )
    figure.add_scatter(
        y=places,
        x=100 * table["plan_share"],
        mode="markers",
        marker={"symbol": "diamond", "size": 9, "color": COLOURS[5], "line": {"color": INK, "width": 1}},
        name=labels.say(PLAN),
    )
    name_axis(figure, "y", names, labels.say(WHAT), downwards=True)
    figure.update_xaxes(title={"text": labels.quantity(SHARE_AXIS, "%")})
    figure.update_layout(margin={"b": 96})
    return figure


def _axes(figure: Any, titles: tuple[str, str]) -> None:
    figure.update_xaxes(title={"text": titles[0]}, tickformat=",", zeroline=False)
    figure.update_yaxes(title={"text": titles[1]}, tickformat=",", zeroline=False)
    figure.update_layout(margin={"b": 96})
