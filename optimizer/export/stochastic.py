"""Plans under uncertainty in words, and their charts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.analysis.stochastic import StochasticTables
from optimizer.analysis.stochastic_studies import RiskFrontierTables
from optimizer.data.money import currency_in
from optimizer.data.names import display_names, title
from optimizer.export.charts.style import graph_objects
from optimizer.language import Language, Message, sentence, translate
from optimizer.lp.program import Vector

MEASURES = {
    "value": sentence("Value under the risk of the study"),
    "mean": sentence("Mean outcome"),
    "deviation": sentence("Standard deviation"),
    "value_at_risk": sentence("Value at risk"),
    "conditional_value_at_risk": sentence("Conditional value at risk"),
    "worst": sentence("Worst outcome"),
    "best": sentence("Best outcome"),
    "alpha": sentence("Level of the tail (alpha)"),
}
"""Measures of outcomes in words."""
TAIL_LINE, TAIL_EDGE = MEASURES["conditional_value_at_risk"], MEASURES["value_at_risk"]
COMMITTED_ALL, COMMITTED_MEAN = sentence("Commitment for all futures"), sentence("Commitment for the mean case")
KNOWN = sentence("Every future known beforehand")
OUTCOME, AT_MOST = sentence("Outcome"), sentence("Probability that the outcome is at most this")
MEDIAN, MEAN, BAND = sentence("Median"), sentence("Mean outcome"), sentence("{low}-{high} % of the probability")
MEAN_LAUNCHES, LAUNCHES, YEAR = sentence("Mean"), sentence("Launches a year"), sentence("Year")
WEIGHT = sentence("Weight of the tail: {weight}")
BANDS = ((0.05, 0.95, "rgba(31, 119, 180, 0.18)"), (0.25, 0.75, "rgba(31, 119, 180, 0.35)"))
"""Bands of the fan: from and to which share of the probability, and their colour."""
FEW = 60
"""Futures up to which each has a mark of its own."""


def measures_frame(measures: pd.Series, language: Language) -> pd.DataFrame:
    """Return measures of outcomes as a table in words."""
    names = [translate(MEASURES[str(name)], language) for name in measures.index]
    return pd.DataFrame({"measure": names, "amount": measures.to_numpy(float)})


def told_frame(frame: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return a table with its sentences said in a language."""
    said = frame.copy()
    for name in said:
        if said[name].map(lambda cell: isinstance(cell, Message)).any():
            said[name] = [cell.text(language) if isinstance(cell, Message) else "" for cell in said[name]]
    return said


def quantile(values: Vector, probabilities: Vector, share: float) -> float:
    """Return the lowest value by which a share of the probability is reached."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(probabilities[order])
    place = int(np.searchsorted(reached, share - 1e-12))
    return float(values[order][min(place, len(values) - 1)])


def outcomes_chart(study: StochasticTables, language: Language) -> Any:
    """Return the distribution of outcomes of each commitment as a plotly figure: one rising step a future.

    Raises
    ------
    InputError
        If plotly is not installed.
    """
    figure = graph_objects().Figure()
    drawn = {COMMITTED_ALL: study.outcomes}
    if study.mean_value is not None:
        drawn[COMMITTED_MEAN] = np.array([one.outcome for one in study.mean_results])
    drawn[KNOWN] = np.array([one.outcome for one in study.alone])
    shares = study.probabilities
    colours = ("#1f77b4", "#ff7f0e", "#7f7f7f")
    for (name, values), colour in zip(drawn.items(), colours, strict=False):
        order = np.argsort(values, kind="stable")
        across = np.concatenate([[values[order][0]], values[order]])
        up = np.concatenate([[0.0], np.cumsum(shares[order])])
        known = display_names(study.case, language).get("scenario", {})
        names = [""] + [known.get(study.futures[place].name, study.futures[place].name) for place in order]
        dash = "dot" if name == KNOWN else "solid"
        figure.add_scatter(
            x=across,
            y=up,
            mode="lines+markers" if len(values) <= FEW and name == COMMITTED_ALL else "lines",
            line={"shape": "hv", "color": colour, "dash": dash},
            text=names,
            name=f"{translate(name, language)} ({translate(MEAN, language)} {shares @ values:,.1f})",
        )
    figure.add_vline(
        x=float(study.measures["conditional_value_at_risk"]),
        line={"color": "#1f77b4", "dash": "dash"},
        annotation={"text": translate(TAIL_LINE, language), "textangle": -90},
    )
    outcome = f"{translate(OUTCOME, language)} ({currency_in(study.case.currency, language)})"
    return _laid_out(figure, study, language, (outcome, translate(AT_MOST, language)), ".0%")


def launches_chart(study: StochasticTables, language: Language) -> Any:
    """Return the fan of launches over the years as a plotly figure.

    Raises
    ------
    InputError
        If plotly is not installed.
    """
    figure = graph_objects().Figure()
    table, shares = study.launches, study.probabilities
    years = [str(year) for year in table.index]

    def line(share: float) -> list[float]:
        return [quantile(row, shares, share) for row in table.to_numpy(float)]

    for low, high, colour in BANDS:
        name = translate(BAND, language, low=f"{100 * low:g}", high=f"{100 * high:g}")
        figure.add_scatter(x=years, y=line(low), mode="lines", line={"width": 0}, showlegend=False, hoverinfo="skip")
        figure.add_scatter(
            x=years, y=line(high), mode="lines", line={"width": 0}, fill="tonexty", fillcolor=colour, name=name
        )
    figure.add_scatter(x=years, y=line(0.5), mode="lines", line={"color": "#1f77b4"}, name=translate(MEDIAN, language))
    figure.add_scatter(
        x=years,
        y=table.to_numpy(float) @ shares,
        mode="lines+markers",
        line={"color": "#d62728", "dash": "dot"},
        name=translate(MEAN_LAUNCHES, language),
    )
    return _laid_out(figure, study, language, (translate(YEAR, language), translate(LAUNCHES, language)), None)


def risk_chart(frontier: RiskFrontierTables, language: Language) -> Any:
    """Return the conditional value at risk over the mean outcome as a plotly figure, one point a weight of the tail.

    Raises
    ------
    InputError
        If plotly is not installed.
    """
    figure, table, study = graph_objects().Figure(), frontier.table, frontier.studies[0]
    figure.add_scatter(
        x=table["mean"],
        y=table["conditional_value_at_risk"],
        mode="lines+markers+text",
        text=[f"{weight:g}" for weight in table["weight"]],
        hovertext=[translate(WEIGHT, language, weight=f"{weight:g}") for weight in table["weight"]],
        textposition="top right",
        name=translate(TAIL_LINE, language),
    )
    figure.add_scatter(
        x=table["mean"],
        y=table["value_at_risk"],
        mode="markers",
        marker={"symbol": "x"},
        yaxis="y2",
        name=translate(TAIL_EDGE, language),
    )
    money = currency_in(study.case.currency, language)
    axes = (f"{translate(MEAN, language)} ({money})", f"{translate(TAIL_LINE, language)} ({money})")
    laid = _laid_out(figure, study, language, axes, None)
    heading = translate(WEIGHT, language, weight=", ".join(f"{weight:g}" for weight in table["weight"]))
    # one lies far above the other, and each moves by little
    second = {"title": f"{translate(TAIL_EDGE, language)} ({money})", "overlaying": "y", "side": "right"}
    laid.update_layout(title=f"{title(study.case, language)}<br><sup>{heading}</sup>", yaxis2=second)
    return laid


def _laid_out(
    figure: Any, study: StochasticTables, language: Language, axes: tuple[str, str], percent: str | None
) -> Any:
    figure.update_layout(
        title=title(study.case, language),
        xaxis={"title": axes[0]},
        yaxis={"title": axes[1], "tickformat": percent, "rangemode": "tozero" if percent else None},
        legend={"orientation": "h", "y": -0.2},
    )
    return figure
