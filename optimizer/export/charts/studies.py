"""Sweeps, tornados and screenings as figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from optimizer.data.case import CaseTables
from optimizer.errors import InputError
from optimizer.export.charts.labels import LONGEST_HOVER, Labels, escaped
from optimizer.export.charts.style import HEIGHT, INK, LINE, bar_look, line_look, mark_across, name_axis, new_figure
from optimizer.export.study import study_table
from optimizer.export.words import COLUMNS, FIGURES, MONEY
from optimizer.language import Language, say, sentence, translate

SWEEP_TITLE = sentence("What changes do to the plan")
TORNADO_TITLE = sentence("Which figures move the plan, one at a time")
SCREENING_TITLE = sentence("Which figures matter, all moved together")
AS_IT_IS, SAME_UNIT = sentence("The case as it is"), sentence("unit of the figure")
SHARE_OF_VARIANCE, SHARE_UNIT = sentence("Share of the variance"), sentence("0 to 1")
EFFECT = sentence("Effect over the range")
UNITS = {
    "launches": sentence("projects"),
    "gap": sentence("share"),
    "seconds": sentence("s"),
    "columns": sentence("count"),
    "rows": sentence("count"),
    "nonzeros": sentence("count"),
}
"""Figure of a plan that is no money -> its unit."""
LONGEST_NAME, LOWEST = 48, 320
"""Signs of a name that are shown, and the least height of a figure of bars [pixels]."""


@dataclass(frozen=True)
class Picture:
    """What a study looks like.

    Attributes
    ----------
    kind
        ``bar`` for bars to the right, one a line of the table; ``scatter`` for points, ``line`` for joined ones.
    across
        Column of the horizontal axis; of a bar chart the column that names the bars.
    up
        Columns that are drawn, in a bar chart as bars from ``base``.
    heading
        Title of the figure, a text of ours.
    figure
        Figure of a plan that the values are of, for the axis and its unit; ``None`` where they are of none.
    base
        Where bars begin.
    errors
        Column drawn -> column with half the width of its interval.
    names
        Column that names the points of a scatter chart.
    """

    kind: str
    across: str
    up: tuple[str, ...]
    heading: str = SWEEP_TITLE
    figure: str | None = None
    base: float = 0.0
    errors: Mapping[str, str] | None = None
    names: str | None = None


def study_chart(case: CaseTables, table: pd.DataFrame, picture: Picture, language: Language = Language.EN) -> Any:
    """Return a study as a plotly figure.

    Raises
    ------
    InputError
        If the table lacks a column.
    """
    missing = [name for name in (picture.across, *picture.up) if name not in table]
    if missing:
        raise InputError(
            say(
                "there is no column {missing} to draw; the table has {known}.",
                missing=", ".join(missing),
                known=", ".join(map(str, table.columns)),
            )
        )
    labels = Labels(case, language)
    shown = study_table(case, table, language).set_axis(list(table.columns), axis=1)
    bars = picture.kind == "bar"
    height = max(210 + LINE * len(table), LOWEST) if bars else HEIGHT
    figure = new_figure(labels.say(picture.heading), labels.below(), height)
    if bars:
        _add_bars(figure, shown, picture, labels)
    else:
        _add_points(figure, shown, picture, labels)
    figure.update_layout(margin={"t": 92, "b": 96})
    return figure


def _add_bars(figure: Any, shown: pd.DataFrame, picture: Picture, labels: Labels) -> None:
    places = list(range(len(shown)))
    for number, name in enumerate(picture.up):
        figure.add_bar(
            y=places,
            x=shown[name],
            base=picture.base,
            orientation="h",
            error_x=_error(shown, picture, name),
            name=labels.heading(name),
            marker=bar_look(number),
        )
    if picture.base:
        mark_across(figure, picture.base, labels.say(AS_IT_IS))
    names = [escaped(name, LONGEST_NAME) for name in shown[picture.across]]
    name_axis(figure, "y", names, labels.heading(picture.across), downwards=True)
    figure.update_xaxes(title={"text": value_axis(picture, labels)})
    figure.update_xaxes(tickformat="," if picture.base else None)
    figure.update_layout(barmode="overlay" if picture.base else "group")


def _add_points(figure: Any, shown: pd.DataFrame, picture: Picture, labels: Labels) -> None:
    numeric = pd.api.types.is_numeric_dtype(shown[picture.across])
    across = shown[picture.across] if numeric else list(range(len(shown)))
    for number, name in enumerate(picture.up):
        look = line_look(number)
        mode = "lines+markers" if picture.kind == "line" else "markers+text" if picture.names else "markers"
        figure.add_scatter(
            x=across,
            y=shown[name],
            error_y=_error(shown, picture, name),
            text=None if picture.names is None else [escaped(cell, LONGEST_NAME) for cell in shown[picture.names]],
            textposition="top center",
            name=labels.heading(name),
            **(look | {"mode": mode}),
        )
    if numeric:
        figure.update_xaxes(title={"text": _axis(picture.across, picture, labels)})
    else:
        name_axis(figure, "x", [escaped(name) for name in shown[picture.across]], labels.heading(picture.across))
    figure.update_yaxes(title={"text": value_axis(picture, labels)})


def _error(shown: pd.DataFrame, picture: Picture, name: str) -> dict[str, Any] | None:
    half = (picture.errors or {}).get(name)
    return None if half is None else {"type": "data", "array": shown[half], "color": INK, "thickness": 1}


def value_axis(picture: Picture, labels: Labels) -> str:
    """Return the title of the axis of values with its unit."""
    if picture.figure is not None:
        return measured(picture.figure, labels)
    if picture.errors:
        return labels.quantity(SHARE_OF_VARIANCE, labels.say(SHARE_UNIT))
    if len(picture.up) > 1:
        return labels.quantity(EFFECT, labels.say(SAME_UNIT))
    return _axis(picture.up[0], picture, labels)


def measured(figure: str, labels: Labels) -> str:
    """Return the title of the axis of a figure of plans with its unit; a measure of the user's own has none."""
    if figure not in FIGURES:
        return labels.heading(figure)
    unit = None if figure in MONEY else labels.say(UNITS[figure]) if figure in UNITS else ""
    return labels.say(FIGURES[figure]) if unit == "" else labels.quantity(FIGURES[figure], unit)


def _axis(column: str, picture: Picture, labels: Labels) -> str:
    """Return the title of an axis of numbers: a figure of plans, or what a study says of one."""
    if column in FIGURES:
        return measured(column, labels)
    if column in COLUMNS and picture.heading == SCREENING_TITLE:
        return translate(COLUMNS[column], labels.language) + f" ({labels.say(SAME_UNIT)})"
    return escaped(column, LONGEST_HOVER) if column not in COLUMNS else labels.heading(column)
