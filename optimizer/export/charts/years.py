"""Money and launches over the years."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from optimizer.errors import InputError
from optimizer.export.charts.labels import COUNTED_A_YEAR, Labels, escaped
from optimizer.export.charts.style import (
    COLOURS,
    INK,
    PALE,
    bar_look,
    digits_for,
    line_look,
    new_figure,
)
from optimizer.language import Language, say, sentence
from optimizer.plan.plan import PlanTables
from optimizer.plan.tables import TOTAL

YEARS_TITLE, MONEY, BUDGET = sentence("Public money over the years"), sentence("Public money"), sentence("Budget")
LAUNCHES_TITLE, LAUNCHES = sentence("Launches over the years"), sentence("Launches")
FAN_TITLE, MEAN, MEDIAN = sentence("Launches over the years in {count} plans"), sentence("Mean"), sentence("Median")
BAND = sentence("{low} % to {high} % of the plans")
PER_YEAR = sentence("projects per year")
MOST_LINES = 6
"""Plans that are drawn one by one; more of them are drawn as bands."""
BANDS = ((5, 95, 0.22), (25, 75, 0.35))
"""Percentiles between which a band lies, and how dark it is."""


def allocation_years(plan: PlanTables, language: Language = Language.EN, *, by: str = "funder") -> Any:
    """Return public money as stacked bars over the years, with each year's budget as a mark above them.

    Parameters
    ----------
    plan
        The plan.
    language
        Language of the figure.
    by
        What the bars are made of: ``funder`` or another label of ``plan.pivot``.

    Raises
    ------
    InputError
        If the label is unknown, or is the year.
    """
    labels = Labels(plan.case, language)
    table = plan.pivot([by], ["year"]).drop(columns=TOTAL)
    table = table.drop(index=TOTAL, errors="ignore").reindex(columns=list(plan.case.years), fill_value=0.0)
    figure = new_figure(labels.say(YEARS_TITLE), f"{labels.quantity(MONEY)}, {labels.below()}")
    budget = plan.statistics.headroom().groupby("year")["budget"].sum().reindex(table.columns)
    _stack(figure, table, labels.of(by, table.index), labels.money, budget.to_numpy(float))
    figure.add_scatter(
        x=list(budget.index),
        y=budget.to_numpy(),
        name=labels.say(BUDGET),
        mode="markers",
        marker={"symbol": "line-ew", "size": 24, "line": {"color": INK, "width": 2.5}},
    )
    _year_axis(figure, plan.case.years, labels)
    figure.update_yaxes(title={"text": labels.quantity(MONEY)}, rangemode="tozero", tickformat=",")
    return figure


def launches(plan: PlanTables, language: Language = Language.EN, *, by: str = "field") -> Any:
    """Return expected launches as stacked bars over the years, by field.

    Parameters
    ----------
    plan
        The plan.
    language
        Language of the figure.
    by
        What the bars are made of: ``field`` or ``cluster``, or a column of their tables.

    Raises
    ------
    InputError
        If the label is unknown.
    """
    labels = Labels(plan.case, language)
    lines = plan.statistics.launches([by, "year"])
    table = lines.pivot_table(index=by, columns="year", values="launches", aggfunc="sum", sort=False)
    unit = labels.quantity(LAUNCHES, labels.say(PER_YEAR))
    figure = new_figure(labels.say(LAUNCHES_TITLE), f"{unit}, {labels.below()}")
    _stack(figure, table, labels.of(by, table.index), lambda number: labels.counted(number, COUNTED_A_YEAR))
    _year_axis(figure, plan.case.years, labels)
    figure.update_yaxes(title={"text": unit}, rangemode="tozero")
    return figure


def launches_fan(
    plans: Mapping[str, PlanTables],
    language: Language = Language.EN,
    *,
    weights: Mapping[str, float] | None = None,
    field: str | None = None,
) -> Any:
    """Return the launches of several plans over the years: a line each where they are few, else bands.

    Bands lie between percentiles of the plans, each counted by its weight; they say how far apart the given plans are,
    and are probabilities only where the weights are.

    Parameters
    ----------
    plans
        Plans by name, of cases with the same years; the first one lends its names.
    language
        Language of the figure.
    weights
        Weight of each plan, such as the probability of its future; all alike where left out.
    field
        Launches of one field; of all where left out.

    Raises
    ------
    InputError
        If there are no plans, their years differ, or weights are missing or add up to nothing.
    """
    first, years = _same_years(plans)
    shares = _shares(plans, weights)
    labels = Labels(first.case, language)
    table = (
        pd.DataFrame({name: _launched(plan, field) for name, plan in plans.items()}).reindex(list(years)).fillna(0.0)
    )
    unit = labels.quantity(LAUNCHES, labels.say(PER_YEAR))
    which = "" if field is None else f"{labels.of('field', [field])[0]}, "
    figure = new_figure(labels.say(FAN_TITLE, count=len(plans)), f"{unit}, {which}{labels.below()}")
    if len(plans) > MOST_LINES:
        _add_bands(figure, table, shares, labels)
    else:
        for number, name in enumerate(table.columns):
            figure.add_scatter(x=list(table.index), y=table[name], name=escaped(name), **line_look(number))
    if len(plans) > 1:
        mean = table.to_numpy() @ shares
        line = {"color": INK, "width": 3}
        figure.add_scatter(x=list(table.index), y=mean, name=labels.say(MEAN), mode="lines", line=line)
    _year_axis(figure, years, labels)
    figure.update_yaxes(title={"text": unit}, rangemode="tozero")
    return figure


def _add_bands(figure: Any, table: pd.DataFrame, shares: np.ndarray, labels: Labels) -> None:
    years = list(table.index)
    for low, high, dark in BANDS:
        ends = [weighted_percentile(table.to_numpy(), shares, percent) for percent in (low, high)]
        figure.add_scatter(x=years, y=ends[0], mode="lines", line={"width": 0}, showlegend=False, hoverinfo="skip")
        figure.add_scatter(
            x=years,
            y=ends[1],
            mode="lines",
            line={"width": 0.7, "color": COLOURS[0]},
            fill="tonexty",
            fillcolor=f"rgba(0,114,178,{dark})",
            name=labels.say(BAND, low=low, high=high),
        )
    middle = weighted_percentile(table.to_numpy(), shares, 50)
    line = {"color": INK, "width": 2, "dash": "dash"}
    figure.add_scatter(x=years, y=middle, mode="lines", line=line, name=labels.say(MEDIAN))


def weighted_percentile(values: np.ndarray, shares: np.ndarray, percent: float) -> np.ndarray:
    """Return a percentile of each row: the smallest value up to which that much of the weight lies.

    Parameters
    ----------
    values
        One row per year, one column per plan.
    shares
        Weight of each plan, adding up to 1.
    percent
        0 to 100.
    """
    order = np.argsort(values, axis=1, kind="stable")
    reached = np.cumsum(shares[order], axis=1)
    enough = reached >= percent / 100 - 1e-12  # sums of shares carry their rounding
    place = np.where(enough.any(axis=1), enough.argmax(axis=1), values.shape[1] - 1)
    rows = np.arange(len(values))
    found: np.ndarray = values[rows, order[rows, place]]
    return found


def _launched(plan: PlanTables, field: str | None) -> pd.Series:
    lines = plan.statistics.launches(["field", "year"])
    if field is not None:
        if field not in set(plan.solution.sets.fields):
            known = ", ".join(plan.solution.sets.fields)
            message = say("there is no field '{field}'; name one of {known}.", field=field, known=known)
            raise InputError(message)
        lines = lines[lines["field"] == field]
    return lines.groupby("year")["launches"].sum()


def _same_years(plans: Mapping[str, PlanTables]) -> tuple[PlanTables, Sequence[int]]:
    if not plans:
        message = say("there are no plans to draw; give at least one by its name.")
        raise InputError(message)
    first = next(iter(plans.values()))
    for name, plan in plans.items():
        if plan.case.years != first.case.years:
            message = say(
                "plan '{name}' has other years ({years}) than the first one; draw plans of the same years.",
                name=name,
                years=f"{plan.case.years[0]}–{plan.case.years[-1]}",
            )
            raise InputError(message)
    return first, first.case.years


def _shares(plans: Mapping[str, PlanTables], weights: Mapping[str, float] | None) -> np.ndarray:
    if weights is None:
        return np.full(len(plans), 1 / len(plans))
    missing = [name for name in plans if name not in weights]
    values = np.array([weights.get(name, 0.0) for name in plans], dtype=float)
    if missing or not (values >= 0).all() or not 0 < values.sum() < np.inf:
        message = say(
            "weights must give every plan a number of 0 or more, not all 0; without one: {missing}.",
            missing=", ".join(missing) or "–",
        )
        raise InputError(message)
    shares: np.ndarray = values / values.sum()
    return shares


def _stack(
    figure: Any,
    table: pd.DataFrame,
    names: Sequence[str],
    told: Callable[[str], str],
    above: np.ndarray | float = 0.0,
) -> None:
    """Add stacked bars, one series a row of the table, and the total over each year, above what else is drawn.

    ``told`` puts the unit beside a number that hovering shows.
    """
    years, totals = list(table.columns), table.sum()
    digits = digits_for(float(totals.max()) if len(totals) else 0.0)
    for number, (name, line) in enumerate(zip(names, table.to_numpy(float), strict=True)):
        figure.add_bar(
            x=years,
            y=line,
            name=name,
            marker=bar_look(number),
            hovertemplate=f"%{{fullData.name}}<br>%{{x}}: {told(f'%{{y:,.{digits}f}}')}<extra></extra>",
        )
    figure.add_scatter(
        x=years,
        y=np.maximum(totals.to_numpy(float), above),
        mode="text",
        text=[f"{total:,.{digits}f}" for total in totals],
        textposition="top center",
        textfont={"size": 11, "color": PALE},
        showlegend=False,
        hoverinfo="skip",
        cliponaxis=False,
    )
    figure.update_layout(barmode="stack", bargap=0.25)


def _year_axis(figure: Any, years: Sequence[int], labels: Labels) -> None:
    every = 1 if len(years) <= 20 else 5
    ticks = [year for year in years if (year - years[0]) % every == 0]
    figure.update_xaxes(title={"text": labels.heading("year")}, tickvals=ticks, ticktext=[str(year) for year in ticks])
    figure.update_layout(margin={"b": 96})
