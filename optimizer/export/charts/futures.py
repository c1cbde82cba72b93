"""Sampled futures, and regret of plans in futures, as figures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from optimizer.analysis.regret import RegretTables
from optimizer.analysis.regrets import PLAN
from optimizer.analysis.sampling import ScenariosTables
from optimizer.export.charts.labels import Labels, escaped, wrapped
from optimizer.export.charts.studies import AS_IT_IS
from optimizer.export.charts.style import (
    HEIGHT,
    INK,
    LINE,
    PALE,
    SCALE,
    bar_look,
    graph_objects,
    legend_beside,
    line_look,
    mark_across,
    name_axis,
    new_figure,
)
from optimizer.export.futures import quantity_names
from optimizer.export.words import COLUMNS, amount
from optimizer.language import Language, sentence
from optimizer.lp.program import Vector

RANGES_TITLE = sentence("How far the futures lie around the case")
RELATIVE, AVERAGE = sentence("5 % to 95 % of the futures, relative to the case's figure"), sentence("Mean")
HEAT_TITLE = sentence("What each plan loses in each future")
WITHIN_TITLE = sentence("How probable it is that a plan loses little")
LOSS, PROBABLY = sentence("Loss against the best of the future"), sentence("Probability of losing no more")
PLANS, LEAST, NEAR = sentence("Plans"), sentence("least largest regret"), sentence("near: {share} %")
MARK = "◆"
"""Sign of the plan of the least largest regret."""
LONGEST_NAME, LOWEST = 48, 320
MOST_TEXTS = 14
"""Futures up to which each cell bears its amount; in narrower ones nobody could read it."""
MOST_NAMES = 25
"""Futures up to which each is named on the axis."""
MOST_SIGNS = 8
"""Steps of a curve that bear its sign."""
SIGN_SIZE = 8


def scenarios_chart(found: ScenariosTables, language: Language = Language.EN) -> Any:
    """Return how far the futures lie around the figures of the case, one bar a quantity."""
    labels, table = Labels(found.case, language), found.summary
    unit = table["figure"].where(table["mean"].eq(table["figure"]), 1.0) / 100  # factors are relative already
    bars = pd.DataFrame({"low": table["drawn_low"] / unit, "high": table["drawn_high"] / unit, "place": table.index})
    figure = new_figure(labels.say(RANGES_TITLE), labels.below(), max(LOWEST, 210 + LINE * len(table)))
    for number, (kind, part) in enumerate(bars.groupby(table["kind"], sort=False)):
        figure.add_bar(
            y=part["place"],
            x=part["high"] - part["low"],
            base=part["low"],
            orientation="h",
            name=labels.say(str(kind)),
            marker=bar_look(number),
            customdata=part[["low", "high"]],
            hovertemplate=f"%{{y}}<br>%{{customdata[0]:.1f}} – {labels.percent('%{customdata[1]:.1f}')}<extra></extra>",
        )
    figure.add_scatter(
        y=bars["place"],
        x=table["drawn_mean"] / unit,
        mode="markers",
        marker={"symbol": "diamond", "size": 9, "color": "white", "line": {"color": INK, "width": 1.5}},
        name=labels.say(AVERAGE),
    )
    mark_across(figure, 100, labels.say(AS_IT_IS))
    names = [escaped(name, LONGEST_NAME) for name in quantity_names(found, language)]
    name_axis(figure, "y", names, labels.heading("quantity"), downwards=True)
    figure.update_xaxes(title={"text": labels.quantity(RELATIVE, "%")})
    figure.update_layout(barmode="overlay", margin={"t": 92, "b": 96})
    return figure


def heat_chart(found: RegretTables, language: Language = Language.EN) -> Any:
    """Return the regret of each plan in each future: shaded as a share of the best there, the amounts written in."""
    labels, share = Labels(found.case, language), 100 * found.regrets.relative.to_numpy()
    below = f"{labels.below()}, {MARK} {labels.say(LEAST)}"
    heading = (labels.say(HEAT_TITLE), below, labels.say(PLANS))
    return heat_figure(
        labels, heading, found.regrets.regret.set_axis(_marked(found, language)), share, _furthest(found, share)
    )


def heat_figure(
    labels: Labels, heading: tuple[str, str, str], regret: pd.DataFrame, share: Vector, furthest: float
) -> Any:
    """Return what each of several plans loses in each future as cells.

    Parameters
    ----------
    labels
        Words of the figure.
    heading
        Its title, the line under it, and what its lines are called; escaped.
    regret
        Loss of each plan, a line named by an escaped text, in each future, a column [money].
    share
        The same as a share of the best there [%].
    furthest
        Share that is darkest [%].
    """
    title, below, lines = heading
    height = max(LOWEST, 260 + int(1.3 * LINE) * len(regret))
    written = regret.shape[1] <= MOST_TEXTS
    if written:
        below = f"{labels.quantity(COLUMNS['regret'])}, {below}"
    figure = new_figure(title, below, height)
    texts = regret.map(amount).to_numpy()
    figure.add_trace(
        graph_objects().Heatmap(
            z=np.minimum(share, furthest),  # of a best of nothing any loss is endless
            zmin=0,
            zmax=furthest,
            colorscale=SCALE,
            xgap=1,
            ygap=1,
            text=texts,
            texttemplate="%{text}" if written else None,
            colorbar={"title": {"text": wrapped(labels.quantity(LOSS, "%"), 22), "side": "right"}, "thickness": 12},
            hovertemplate=f"%{{y}}<br>%{{x}}<br>{labels.money('%{text}')}<br>{labels.percent('%{z:.2f}')}<extra></extra>",
            hoverongaps=False,
        )
    )
    every = math.ceil(regret.shape[1] / MOST_NAMES)
    named = labels.of("scenario", regret.columns, LONGEST_NAME)
    futures = [name if not place % every else "" for place, name in enumerate(named)]
    name_axis(figure, "x", futures, labels.heading("future"))
    name_axis(figure, "y", list(regret.index), lines, downwards=True)
    figure.update_layout(plot_bgcolor="#f0f0f0")
    return figure


def within_chart(found: RegretTables, language: Language = Language.EN) -> Any:
    """Return for each plan how probable it is to lose no more than a share of the best."""
    labels, regrets = Labels(found.case, language), found.regrets
    share = 100 * regrets.relative.loc[:, regrets.counted].to_numpy()
    weights = 100 * regrets.weights.to_numpy()
    furthest = 1.05 * _furthest(found, share)
    figure = new_figure(
        labels.say(WITHIN_TITLE), f"{labels.below()}, {MARK} {labels.say(LEAST)}", max(HEIGHT, 160 + 20 * len(share))
    )
    for number, (name, losses) in enumerate(zip(_marked(found, language), share, strict=True)):
        order = np.argsort(losses, kind="stable")
        every = math.ceil(len(order) / MOST_SIGNS)
        sizes = [SIGN_SIZE if (place + number) % every == 0 else 0 for place in range(len(order))]
        look = line_look(number)
        look["marker"] |= {"size": [0, *sizes, 0], "opacity": 1}
        look["line"] |= {"shape": "hv", "width": 4 if name.startswith(MARK) else 2}
        figure.add_scatter(
            x=[0.0, *losses[order], furthest],
            y=[float(weights[losses <= 0].sum()), *np.cumsum(weights[order]), float(weights[losses <= furthest].sum())],
            name=name,
            **look,
        )
    near = labels.say(NEAR, share=f"{100 * found.within:.3g}")
    mark_across(figure, 100 * found.within, near, dash="dot", color=PALE)
    figure.update_xaxes(title={"text": labels.quantity(LOSS, "%")}, range=[0, furthest])
    figure.update_yaxes(title={"text": labels.quantity(PROBABLY, "%")}, range=[0, 102])
    figure.update_layout(margin={"t": 104})
    legend_beside(figure, labels.say(PLANS))
    figure.update_layout(legend={"itemsizing": "constant"})  # the sign of a curve's first step has no size
    return figure


def _furthest(found: RegretTables, share: np.ndarray) -> float:
    """Return the largest loss [%], at least what still counts as near, so that small losses look small."""
    return max(float(share[np.isfinite(share)].max(initial=0.0)), 100 * found.within, 1e-6)


def _marked(found: RegretTables, language: Language) -> list[str]:
    """Return the names of the plans, escaped, those of the least largest regret marked."""
    table = found.summary
    names = [escaped(found.name_of_plan(plan).text(language)) for plan in table[PLAN]]
    return [f"{MARK} {name}" if best else name for name, best in zip(names, table["minimax_regret"], strict=True)]
