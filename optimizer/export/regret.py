"""Regret in words, and its charts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.analysis.regret import RegretTables
from optimizer.analysis.regrets import PLAN
from optimizer.export.charts.style import graph_objects
from optimizer.export.words import NO, YES, amount, title
from optimizer.language import Language, sentence, translate

FUTURES, REGRET, WITHIN = sentence("Futures"), sentence("Regret"), sentence("Loss against the best of the future")
PROBABLY = sentence("Probability of losing no more")
LEAST = sentence("least largest regret")
RULES = ("minimax_regret", "least_expected_regret", "maximin", "hurwicz_best")
"""Columns that say who wins by which rule."""
MOST_TEXTS = 200
"""Cells of a heat map up to which each shows its figure."""
COLOURS, DASHES = 10, ("solid", "dash", "dot")
"""Colours of plotly's palette, after which curves begin to be drawn otherwise."""
PIXELS = 34
"""Height of a line of the heat map."""


def summary_frame(found: RegretTables, language: Language) -> pd.DataFrame:
    """Return the plans, one a line, with a word where a plan wins by a rule."""
    table = found.summary
    yes = translate(YES, language)
    return table.assign(**{rule: np.where(table[rule], yes, "") for rule in RULES})


def futures_frame(found: RegretTables, language: Language) -> pd.DataFrame:
    """Return the futures, one a line, in words."""
    table = found.futures_in(language)
    return table.assign(counted=[translate(YES if one else NO, language) for one in table["counted"]])


def _marked(found: RegretTables, language: Language) -> list[str]:
    """Return the names of the plans, the one of the least largest regret marked."""
    table, note = found.summary, translate(LEAST, language)
    return [
        f"{plan} ◆ {note}" if best else plan for plan, best in zip(table[PLAN], table["minimax_regret"], strict=True)
    ]


def heat_chart(found: RegretTables, language: Language) -> Any:
    """Return the relative regret of each plan in each future as a plotly figure, the amounts written into it.

    Raises
    ------
    InputError
        If plotly is not installed.
    """
    graph, regret = graph_objects(), found.regrets.regret
    texts = None if regret.size > MOST_TEXTS else regret.map(amount).to_numpy()
    figure = graph.Figure()
    figure.add_heatmap(
        z=found.regrets.relative.to_numpy(),
        x=[f"{name}" for name in regret.columns],
        y=_marked(found, language),
        text=texts,
        texttemplate=None if texts is None else "%{text}",
        colorscale="OrRd",
        zmin=0,
        colorbar={"title": {"text": translate(WITHIN, language), "side": "right"}, "tickformat": ".0%"},
        hoverongaps=False,
    )
    figure.update_layout(
        title=f"{title(found.case, language)}: {translate(REGRET, language)} ({found.case.currency})",
        height=max(450, 250 + PIXELS * len(regret)),
    )
    figure.update_xaxes(type="category", automargin=True)
    figure.update_yaxes(type="category", autorange="reversed", automargin=True)
    return figure


def within_chart(found: RegretTables, language: Language) -> Any:
    """Return for each plan, as a plotly figure, how probable it is to lose no more than a share of the best.

    Raises
    ------
    InputError
        If plotly is not installed.
    """
    graph, regrets = graph_objects(), found.regrets
    relative = regrets.relative.loc[:, regrets.counted]
    weights, names = regrets.weights.to_numpy(), _marked(found, language)
    marked = set(names) - set(relative.index)
    finite = relative.to_numpy()[np.isfinite(relative.to_numpy())]
    furthest = max(float(finite.max(initial=0.0)), found.within) * 1.05
    figure = graph.Figure()
    for place, (name, losses) in enumerate(zip(names, relative.to_numpy(), strict=True)):
        order = np.argsort(losses, kind="stable")
        figure.add_scatter(
            x=[0.0, *losses[order], furthest],
            y=[float(weights[losses <= 0].sum()), *np.cumsum(weights[order]), float(weights[losses <= furthest].sum())],
            mode="lines",
            line={"shape": "hv", "dash": DASHES[place // COLOURS % len(DASHES)], "width": 4 if name in marked else 2},
            name=name,
        )
    figure.add_vline(x=found.within, line={"dash": "dot"})
    figure.update_layout(title=title(found.case, language), legend={"orientation": "h", "y": -0.2})
    figure.update_xaxes(title=translate(WITHIN, language), tickformat=".1%", range=[0, furthest])
    figure.update_yaxes(title=translate(PROBABLY, language), tickformat=".0%", range=[0, 1.02])
    return figure
