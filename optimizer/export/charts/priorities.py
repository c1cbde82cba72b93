"""Priority lists and replacement costs as figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from optimizer.analysis.priorities import PriorityTables, money_column
from optimizer.analysis.replacement import ReplacementTables
from optimizer.data.case import CaseTables
from optimizer.export.charts.labels import LONGEST_HOVER, Labels, escaped, wrapped
from optimizer.export.charts.style import (
    COLOURS,
    HEIGHT,
    INK,
    LINE,
    bar_look,
    legend_beside,
    name_axis,
    new_figure,
)
from optimizer.export.priorities import WORDS
from optimizer.export.words import COLUMNS, Names
from optimizer.language import Language, sentence

LIST_TITLE = sentence("What each budget funds, and what keeping to one order costs")
TITLES = {
    "loss": sentence("What is lost without each"),
    "gain": sentence("What is gained by switching off each rule"),
}
"""Figure of a replacement table -> title of its chart."""
OTHERS, CERTAIN, UNCERTAIN = sentence("All others"), sentence("Certain"), sentence("Not certain")
NO_PLAN, INTERVAL = sentence("no plan without it"), sentence("thin lines: proven range")
GREATEST = sentence("first {count} of {all}")
MOST_COLOURS = 10
"""Units that are shown one by one; the others are one bar together."""
MOST_UNITS = 40
"""Units above which they are added up by their first label, such as the cluster, so that a pile can be read."""
MOST_BARS = 40
LEAST_SHARE = 0.01
"""Share that is still told as a number [%]."""
LONGEST_NAME, LOWEST = 48, 320
REST = {"color": "#d9d9d9", "line": {"color": INK, "width": 0.6}}
LOOKS = {
    True: {"color": COLOURS[0], "line": {"color": INK, "width": 0.6}},
    False: {
        "color": "#cfe3f1",
        "pattern": {"shape": "/", "fgcolor": COLOURS[0], "fillmode": "overlay", "size": 7, "solidity": 0.2},
        "line": {"color": INK, "width": 0.6},
    },
}
"""Whether a difference is certain -> how its bar looks: dark, or pale and hatched."""


def priorities_chart(found: PriorityTables, language: Language = Language.EN) -> Any:
    """Return a priority list: what each budget gives to whom, piled up, and above it the price of stability."""
    labels, listed = Labels(found.case, language), found.listed
    columns = [money_column(step.budget) for step in listed]
    order, of = _piled(found, columns)
    shown = order.nlargest(MOST_COLOURS, columns[-1]).sort_values("rank")
    rest = order.drop(index=shown.index)[columns].sum()
    figure = new_figure(labels.say(LIST_TITLE), labels.below(), HEIGHT + 100)
    places = list(range(len(columns)))
    names = told_names(found.case, shown[of], language)
    for number, (name, money) in enumerate(zip(names, shown[columns].to_numpy(float), strict=True)):
        hover = escaped(name, LONGEST_HOVER)
        figure.add_bar(
            x=places,
            y=money,
            name=escaped(name, LONGEST_NAME),
            marker=bar_look(number),
            hovertemplate=f"{hover}<br>{labels.money('%{y:,.1f}')}<extra></extra>",
        )
    if rest.sum() > 0:
        figure.add_bar(x=places, y=rest.to_numpy(float), name=labels.say(OTHERS), marker=REST)
    _add_price(figure, found, labels)
    name_axis(figure, "x", [f"{step.budget:,.6g}" for step in listed], labels.quantity(COLUMNS["budget"]))
    figure.update_yaxes(title={"text": labels.quantity(COLUMNS["spend"])}, tickformat=",", selector={"anchor": "x"})
    figure.update_layout(barmode="stack", bargap=0.35)
    legend_beside(figure, _headings(of, labels), piled=True)
    return figure


def _piled(found: PriorityTables, columns: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """Return the list and its labels; of many units added up by their first label."""
    order, of = found.order, list(found.units.labels.columns)
    if len(order) <= MOST_UNITS or len(of) == 1:
        return order, of
    adding = {"rank": "min", **dict.fromkeys(columns, "sum")}
    return order.groupby(of[0], as_index=False, sort=False).agg(adding), of[:1]


def _add_price(figure: Any, found: PriorityTables, labels: Labels) -> None:
    """Add the price of stability in a panel of its own, for it has another unit than what stands below it."""
    share = 100 * found.table.loc[[step.nested is not None for step in found.steps], "stability_share"].to_numpy(float)
    figure.add_bar(
        x=list(range(len(share))),
        y=share,
        yaxis="y2",
        marker={"color": INK},
        text=[_percent(value, labels) for value in share],
        textposition="outside",
        cliponaxis=False,
        showlegend=False,
        hovertemplate=f"{labels.percent('%{y:.3g}')}<extra></extra>",
    )
    figure.update_layout(
        yaxis={"domain": [0, 0.72], "anchor": "x"},
        yaxis2={
            "domain": [0.82, 1],
            "title": {"text": wrapped(labels.quantity(COLUMNS["stability_price"], "%"), 12), "font": {"size": 12}},
            # where nothing is lost there is no height to tell
            "range": [0, 1.4 * max(float(share.max()), 0.1)],
            "nticks": 3,
        },
    )


def replacement_chart(found: ReplacementTables, language: Language = Language.EN) -> Any:
    """Return what is lost without each: a bar each, hatched where it is not certain, with the range that is proven.

    What there is no plan without stands first, in words.
    """
    case, value = found.plan.case, found.figure
    labels = Labels(case, language)
    whole = found.table
    table = whole.head(MOST_BARS).assign(place=range(min(MOST_BARS, len(whole))))
    heading = labels.say(TITLES[value])
    below = [labels.below(), labels.say(INTERVAL)]
    if len(table) < len(whole):
        below.append(labels.say(GREATEST, count=len(table), all=len(whole)))
    figure = new_figure(heading, ", ".join(below), max(LOWEST, 210 + LINE * len(table)))
    for certain, word in ((True, CERTAIN), (False, UNCERTAIN)):
        those = table[table["certain"].eq(certain) & table[value].notna()]
        if len(those):
            error = {
                "array": those[f"{value}_most"] - those[value],
                "arrayminus": those[value] - those[f"{value}_least"],
            }
            figure.add_bar(
                y=those["place"],
                x=those[value],
                error_x={"type": "data", "symmetric": False, "color": INK, "thickness": 1.2, "width": 4} | error,
                orientation="h",
                marker=LOOKS[certain],
                name=labels.say(word),
                hovertemplate=f"%{{y}}<br>{labels.money('%{x:,.1f}')}<extra></extra>",
            )
    none = table.loc[table[value].isna(), "place"]
    if len(none):
        figure.add_scatter(
            y=none,
            x=np.zeros(len(none)),
            mode="text",
            text=[f" {labels.say(NO_PLAN)}"] * len(none),
            textposition="middle right",
            showlegend=False,
            hoverinfo="skip",
        )
    of = list(found.labels)
    names = [escaped(name, LONGEST_NAME) for name in told_names(case, table[of], language)]
    name_axis(figure, "y", names, wrapped(_headings(of, labels), 24), downwards=True)
    figure.update_xaxes(title={"text": labels.quantity(COLUMNS[WORDS.get(value, value)])}, tickformat=",")
    figure.update_layout(margin={"b": 96}, barmode="overlay", showlegend=True)
    return figure


def _percent(value: float, labels: Labels) -> str:
    """Return a small share as text; what is not quite nothing does not read as nothing."""
    if 0 < value < LEAST_SHARE:
        return f"{escaped('<')} {labels.percent(str(LEAST_SHARE))}"
    return labels.percent(f"{value:.2f}")


def _headings(columns: Sequence[str], labels: Labels) -> str:
    """Return what a name is made of, in words of ours."""
    return ", ".join(labels.say(COLUMNS[column]) for column in columns)


def told_names(case: CaseTables, labels: pd.DataFrame, language: Language) -> list[str]:
    """Return each line's names in one text that is not escaped, a link's with an arrow."""
    names = Names(case, language)
    kinds = {"origin": "cluster", "destination": "cluster"}
    told: Sequence[list[str]] = [names.of(kinds.get(str(name), str(name)), labels[name]) for name in labels]
    arrow = " → " if "origin" in labels else ", "
    lines = []
    for line in np.array(told, dtype=object).T:
        ends = arrow.join(part for part in line[:2] if part)
        lines.append(", ".join(part for part in (ends, *line[2:]) if part))
    return lines
