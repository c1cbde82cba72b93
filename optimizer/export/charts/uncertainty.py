"""Plans under uncertainty as figures: outcomes, the fan of launches, mean against tail, fresh futures, and regret."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from optimizer.analysis.stochastic import StochasticTables
from optimizer.analysis.stochastic_studies import FreshTables, RegretTables, RiskFrontierTables
from optimizer.data.names import display_names
from optimizer.export.charts.futures import heat_figure
from optimizer.export.charts.labels import Labels, escaped, wrapped
from optimizer.export.charts.style import (
    HEIGHT,
    PALE,
    line_look,
    mark_across,
    name_axis,
    new_figure,
)
from optimizer.export.stochastic import MEASURES
from optimizer.export.words import COLUMNS, amount
from optimizer.language import Language, sentence
from optimizer.lp.program import Vector

OUTCOMES_TITLE = sentence("What comes of the commitment")
LAUNCHES_TITLE = sentence("Launches over the years in all futures")
RISK_TITLE = sentence("What less risk costs on average")
FRESH_TITLE = sentence("The commitment in futures it was not made for")
REGRET_TITLE = sentence("What each commitment loses in each future")
COMMITTED_ALL, COMMITTED_MEAN = sentence("Commitment for all futures"), sentence("Commitment for the mean case")
KNOWN = sentence("Every future known beforehand")
OWN_FUTURES, FRESH_FUTURES = sentence("Its own futures"), sentence("Fresh futures")
AT_MOST = sentence("Probability that the outcome is at most this")
COMMITMENT = sentence("Commitment")
WITH_MEAN, INTERVAL = sentence("{name}: mean {mean}"), sentence("shaded: 95 % interval of the mean in fresh futures")
MEDIAN, MEAN, BAND = sentence("Median"), sentence("Mean"), sentence("{low}-{high} % of the probability")
LAUNCHES = sentence("Launches a year")
WEIGHTS = sentence("numbers at the points: weight of the tail, the worst {share} % of the probability")
TAIL, EDGE = "conditional_value_at_risk", "value_at_risk"
"""Measures of the tail: its mean, and its highest outcome."""
BANDS = ((0.05, 0.95, "#dceaf6"), (0.25, 0.75, "#9cc3e0"))
"""Bands of the fan: from and to which share of the probability, and their colour; lightness tells them apart."""
MOST_SIGNS = 8
"""Steps of a curve that bear its sign."""
SIGN_SIZE, LABEL_WIDTH = 8, 30
LEAST_SHARE = 1.0
"""Share that is darkest at least [%], so that small losses look small."""
LEAST_ROOM = 1e-3
"""Room of an axis beside its points at least, as a share of the figures."""
SAME = 1e-6
"""Relative distance below which two points are one."""


def quantile(values: Vector, probabilities: Vector, share: float) -> float:
    """Return the lowest value by which a share of the probability is reached."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(probabilities[order])
    place = int(np.searchsorted(reached, share - 1e-12))
    return float(values[order][min(place, len(values) - 1)])


def outcomes_chart(study: StochasticTables, language: Language) -> Any:
    """Return the distribution of outcomes of each commitment: one rising step a future, the tail's mean marked.

    Raises
    ------
    InputError
        If plotly is not installed.
    """
    labels, shares = Labels(study.case, language), study.probabilities
    figure = new_figure(labels.say(OUTCOMES_TITLE), labels.below(), HEIGHT + 60)
    _add_steps(figure, labels, 0, COMMITTED_ALL, study.outcomes, shares)
    if study.mean_value is not None:
        outcomes = np.array([one.outcome for one in study.mean_results])
        _add_steps(figure, labels, 1, COMMITTED_MEAN, outcomes, shares)
    _add_steps(figure, labels, 2, KNOWN, study.known, shares)
    tail = float(study.measures[TAIL])
    mark_across(figure, tail, labels.say(MEASURES[TAIL]), dash="dot", color=PALE)
    return _laid_out(figure, labels)


def fresh_chart(found: FreshTables, language: Language) -> Any:
    """Return the distribution of outcomes in fresh futures beside that in the study's own, and how sure the mean is.

    Raises
    ------
    SolveError
        If no future has a plan with the commitment.
    """
    study, labels = found.study, Labels(found.study.case, language)
    outcomes, shares = found.solved
    interval = found.confidence.iloc[0]
    below = labels.below() if math.isnan(interval["low"]) else f"{labels.below()}, {labels.say(INTERVAL)}"
    figure = new_figure(labels.say(FRESH_TITLE), below, HEIGHT + 60)
    if not math.isnan(interval["low"]):
        figure.add_vrect(x0=interval["low"], x1=interval["high"], fillcolor="#e6e6e6", line={"width": 0}, layer="below")
    _add_steps(figure, labels, 0, OWN_FUTURES, study.outcomes, study.probabilities)
    _add_steps(figure, labels, 1, FRESH_FUTURES, outcomes, shares)
    return _laid_out(figure, labels)


def _add_steps(figure: Any, labels: Labels, number: int, name: str, outcomes: Vector, shares: Vector) -> None:
    """Add a distribution: how probable it is to end no higher; some of its steps bear its sign."""
    order = np.argsort(outcomes, kind="stable")
    every = math.ceil(len(order) / MOST_SIGNS)
    look = line_look(number)
    look["marker"] |= {"size": [0, *(SIGN_SIZE if not (place + number) % every else 0 for place in range(len(order)))]}
    look["marker"] |= {"opacity": 1}
    look["line"] |= {"shape": "hv"}
    figure.add_scatter(
        x=outcomes[order][[0, *range(len(order))]],
        y=100 * np.concatenate([[0.0], np.cumsum(shares[order])]),
        name=labels.say(WITH_MEAN, name=labels.say(name), mean=amount(float(shares @ outcomes))),
        hovertemplate=f"{labels.money('%{x:,.1f}')}<br>{labels.percent('%{y:.1f}')}<extra></extra>",
        **look,
    )


def _laid_out(figure: Any, labels: Labels) -> Any:
    figure.update_xaxes(title={"text": labels.quantity(COLUMNS["outcome"])}, tickformat=",")
    figure.update_yaxes(title={"text": wrapped(labels.quantity(AT_MOST, "%"), LABEL_WIDTH)}, range=[0, 102])
    # signs of a constant size, for that of a curve's first step is nothing
    figure.update_layout(margin={"t": 104, "b": 120}, showlegend=True, legend={"itemsizing": "constant"})
    return figure


def launches_chart(study: StochasticTables, language: Language) -> Any:
    """Return the fan of launches over the years: bands of probability, the median and the mean.

    Raises
    ------
    InputError
        If plotly is not installed.
    """
    labels, shares = Labels(study.case, language), study.probabilities
    launches = study.launches.to_numpy(float)
    places = list(range(len(launches)))
    figure = new_figure(labels.say(LAUNCHES_TITLE), labels.below(), HEIGHT)

    def line(share: float) -> list[float]:
        return [quantile(row, shares, share) for row in launches]

    for low, high, shade in BANDS:
        edge = {"color": PALE, "width": 0.6}
        figure.add_scatter(x=places, y=line(low), mode="lines", line=edge, showlegend=False, hoverinfo="skip")
        figure.add_scatter(
            x=places,
            y=line(high),
            mode="lines",
            line=edge,
            fill="tonexty",
            fillcolor=shade,
            name=labels.say(BAND, low=f"{100 * low:g}", high=f"{100 * high:g}"),
        )
    figure.add_scatter(x=places, y=line(0.5), name=labels.say(MEDIAN), **line_look(0))
    figure.add_scatter(x=places, y=launches @ shares, name=labels.say(MEAN), **line_look(5))
    name_axis(figure, "x", [str(year) for year in study.launches.index], labels.heading("year"))
    figure.update_yaxes(title={"text": labels.projects(LAUNCHES)}, rangemode="tozero")
    figure.update_layout(margin={"b": 110})
    return figure


def risk_chart(found: RiskFrontierTables, language: Language) -> Any:
    """Return the conditional value at risk, and below it the value at risk, over the mean: one point a commitment.

    Raises
    ------
    InputError
        If plotly is not installed.
    """
    labels, table = Labels(found.studies[0].case, language), _points(found.table)
    share = f"{100 * (1 - found.alpha):.3g}"
    figure = new_figure(labels.say(RISK_TITLE), f"{labels.below()}, {labels.say(WEIGHTS, share=share)}", HEIGHT + 140)
    for number, name in enumerate((TAIL, EDGE)):
        figure.add_scatter(
            x=table["mean"],
            y=table[name],
            text=table["weights"],
            textposition=[("bottom center", "top center")[place % 2] for place in range(len(table))],  # kept apart
            cliponaxis=False,
            yaxis="y" if not number else "y2",
            name=labels.say(MEASURES[name]),
            **(line_look(number) | {"mode": "lines+markers+text"}),
        )
    figure.update_layout(
        xaxis={"anchor": "y2", **_axis(labels, "mean", table)},
        yaxis={"domain": [0.56, 1], **_axis(labels, TAIL, table)},
        yaxis2={"domain": [0, 0.44], "anchor": "x", **_axis(labels, EDGE, table)},
        margin={"t": 104, "b": 110},
    )
    return figure


def _axis(labels: Labels, measure: str, table: pd.DataFrame) -> dict[str, Any]:
    """Return the look of an axis, wide enough for small differences to look small."""
    low, high = float(table[measure].min()), float(table[measure].max())
    room = max(0.15 * (high - low), LEAST_ROOM * max(abs(low), abs(high)))
    title = wrapped(labels.quantity(MEASURES[measure]), LABEL_WIDTH)
    return {"title": {"text": title, "font": {"size": 12}}, "tickformat": ",", "range": [low - room, high + room]}


def _points(table: pd.DataFrame) -> pd.DataFrame:
    """Return the points of a frontier, those of weights that lead to one commitment joined to one point."""
    columns = ["mean", TAIL, EDGE]
    figures = table[columns].to_numpy(float)
    same = (np.abs(np.diff(figures, axis=0)) <= SAME * (1 + np.abs(figures[1:]))).all(axis=1)
    group = np.concatenate([[0], np.cumsum(~same)])
    texts = table["weight"].map(lambda weight: f"{weight:g}").groupby(group).agg(", ".join)
    return table[columns].groupby(group).first().assign(weights=texts)


def regret_chart(found: RegretTables, language: Language) -> Any:
    """Return what each commitment loses in each future: shaded as a share of the best there, the amounts written in.

    The least largest loss stands first.
    """
    labels, losses = Labels(found.study.case, language), found.regret
    names = display_names(found.study.case, language).get("scenario", {})
    order = np.argsort(np.where(np.isnan(losses).any(axis=1), np.inf, losses.max(axis=1)), kind="stable")
    regret = pd.DataFrame(
        losses[order],
        index=[escaped(found.names[place].text(language)) for place in order],
        columns=[names.get(one.name, one.name) for one in found.study.futures],
    )
    share = 100 * regret.to_numpy() / np.where(found.best == 0, np.nan, np.abs(found.best))
    furthest = max(float(share[np.isfinite(share)].max(initial=0.0)), LEAST_SHARE)
    heading = (labels.say(REGRET_TITLE), labels.below(), labels.say(COMMITMENT))
    return heat_figure(labels, heading, regret, share, furthest)
