"""Tables of shaded cells: money by cluster and stage, and overlap between every two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from optimizer.errors import InputError
from optimizer.export.charts.labels import Labels
from optimizer.export.charts.style import GRID, INK, LINE, SCALE, digits_for, graph_objects, name_axis, new_figure
from optimizer.language import Language, say, sentence
from optimizer.plan.ledger import Side
from optimizer.plan.plan import PlanTables
from optimizer.plan.tables import TOTAL

HEAT_TITLE, MONEY = sentence("Public money: {rows} × {columns}"), sentence("Public money")
OVERLAP_TITLE, OVERLAP = sentence("Who pays for the same work"), sentence("Overlap")
AROUND = 200
"""Height of a figure beside its rows [pixels]."""
LOWEST = 300
COLUMN, SHORT = 11, 22
"""Signs in a line of a column's name, and in all of one that is written aslant."""
UPRIGHT = 6
"""Names of clusters or funders that have room side by side without being written aslant."""
DARK = 0.5
"""Shade from which numbers are written in white."""
SMALLEST, LARGEST = 9, 12
"""Sizes of the numbers in cells."""


def heat_map(
    plan: PlanTables,
    language: Language = Language.EN,
    *,
    rows: str = "cluster",
    columns: str = "stage",
    share: bool = False,
) -> Any:
    """Return public money as shaded cells with totals, what gets most on top; the total reconciles with the plan.

    Parameters
    ----------
    plan
        The plan.
    language
        Language of the figure.
    rows, columns
        Labels as in ``plan.pivot``. Rows are sorted by money, columns stand in the order of the case.
    share
        Percent of each row in place of money.

    Raises
    ------
    InputError
        If a label is unknown, or both are the same.
    """
    table = plan.pivot([rows], [columns])
    inner = table.drop(index=TOTAL, errors="ignore").sort_values(TOTAL, ascending=False, kind="stable")
    table = pd.concat([inner, table.loc[[TOTAL]]])
    labels = Labels(plan.case, language)
    if share:
        table = 100 * table.div(table[TOTAL].where(table[TOTAL] > 0), axis="index").fillna(0.0)
    unit = "%" if share else None
    down, across = labels.heading(rows), labels.heading(columns)
    figure = new_figure(
        labels.say(HEAT_TITLE, rows=down, columns=across),
        f"{labels.quantity(MONEY, unit)}, {labels.below()}",
        _height(len(table)),
    )
    plain = np.zeros(table.shape, dtype=bool)
    plain[-1, :] = plain[:, -1] = True
    _shade(figure, table.to_numpy(float), plain, labels.percent if share else labels.money)
    name_axis(figure, "y", labels.of(rows, table.index), down, downwards=True)
    name_axis(figure, "x", labels.in_lines(columns, table.columns, COLUMN), across)
    figure.update_xaxes(side="top", tickangle=0, title={"standoff": 4}, tickfont={"size": 11})
    figure.update_layout(margin={"t": 165, "b": 20})
    return figure


def overlap_matrix(plan: PlanTables, language: Language = Language.EN, *, between: str = Side.CLUSTER) -> Any:
    """Return overlap over the horizon between every two, as a triangle that adds up to the plan's overlap.

    Those that overlap most stand first; those that overlap with nobody are left out.

    Parameters
    ----------
    plan
        The plan.
    language
        Language of the figure.
    between
        ``cluster`` or ``funder``.

    Raises
    ------
    InputError
        If ``between`` is another word, or nothing overlaps.
    """
    matrix = plan.overlap_matrix(between)
    totals = matrix.sum(axis=1)
    order = totals[totals > 0].sort_values(ascending=False, kind="stable").index
    if order.empty:
        message = say("there is no overlap to draw: no two of them ({what}) pay for the same work.", what=between)
        raise InputError(message)
    table = matrix.loc[order, order].to_numpy(float)
    labels = Labels(plan.case, language)
    shown = np.where(np.tril(np.ones(table.shape, dtype=bool), -1), table, np.nan)[1:, :-1]
    names, heading = labels.of(between, order), labels.heading(between)
    figure = new_figure(
        labels.say(OVERLAP_TITLE), f"{labels.quantity(OVERLAP)}, {labels.below()}", _height(len(shown)) + 60
    )
    _shade(figure, shown, np.zeros(shown.shape, dtype=bool), labels.money)
    name_axis(figure, "y", names[1:], heading, downwards=True)
    name_axis(figure, "x", labels.of(between, order[:-1], SHORT), heading)
    figure.update_xaxes(tickangle=0 if len(order) <= UPRIGHT else -45)
    return figure


def _height(rows: int) -> float:
    return max(LOWEST, AROUND + LINE * rows)


def _shade(figure: Any, values: np.ndarray, plain: np.ndarray, told: Callable[[str], str]) -> None:
    """Add cells with their numbers; plain ones, the totals, are not shaded, those of nothing are blank.

    ``told`` puts the unit beside a number that hovering shows.
    """
    inner = np.where(plain, np.nan, values)
    largest = float(np.nanmax(inner, initial=0.0)) or 1.0
    digits = digits_for(largest)
    figure.add_trace(
        graph_objects().Heatmap(
            z=inner,
            zmin=0,
            zmax=largest,
            colorscale=SCALE,
            xgap=1,
            ygap=1,
            showscale=False,  # every cell bears its number
            hovertemplate=f"%{{y}}<br>%{{x}}<br>{told(f'%{{z:,.{digits}f}}')}<extra></extra>",
            hoverongaps=False,
        )
    )
    size = min(max(LARGEST - (values.shape[1] - 10) // 4, SMALLEST), LARGEST)
    row, column = np.nonzero(np.nan_to_num(values) > 0)
    figure.add_trace(
        graph_objects().Scatter(
            x=column,
            y=row,
            mode="text",
            text=[f"{value:,.{digits}f}" for value in values[row, column]],
            textfont={
                "size": size,
                "color": [
                    "white" if value > DARK * largest and not total else INK
                    for value, total in zip(values[row, column], plain[row, column], strict=True)
                ],
            },
            hoverinfo="skip",
            showlegend=False,
        )
    )
    figure.update_xaxes(showline=False)
    figure.update_yaxes(showline=False)
    figure.update_layout(plot_bgcolor="#fafafa")
    for edge in _edges(plain):
        figure.add_shape(**edge, line={"color": GRID, "width": 1.5})


def _edges(plain: np.ndarray) -> Sequence[dict[str, Any]]:
    """Return lines before the totals."""
    if not plain.any():
        return ()
    rows, columns = plain.shape
    return (
        {"type": "line", "x0": columns - 1.5, "x1": columns - 1.5, "y0": -0.5, "y1": rows - 0.5},
        {"type": "line", "y0": rows - 1.5, "y1": rows - 1.5, "x0": -0.5, "x1": columns - 0.5},
    )
