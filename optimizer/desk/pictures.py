"""The picture beside the numbers: one figure at a time, changed in place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from optimizer.errors import InputError
from optimizer.export.charts.cells import heat_map, overlap_matrix
from optimizer.export.charts.difference import difference_map
from optimizer.export.charts.labels import escaped
from optimizer.export.charts.money_flow import money_sankey
from optimizer.export.charts.style import new_figure
from optimizer.language import Language
from optimizer.plan.plan import PlanTables

DRAWN: dict[str, Callable[[PlanTables, PlanTables, Language], Any]] = {
    "allocation": lambda plan, _, language: heat_map(plan, language),
    "difference": difference_map,
    "flow": lambda plan, _, language: money_sankey(plan, language),
    "overlap": lambda plan, _, language: overlap_matrix(plan, language),
}
"""View -> what draws it from a plan and the pinned one."""


def picture(view: str, plan: PlanTables, pinned: PlanTables, language: Language) -> Any:
    """Return the figure of a view; an empty one that says why where there is nothing to draw."""
    try:
        figure = DRAWN[view](plan, pinned, language)
    except InputError as nothing:
        figure = new_figure(escaped(nothing.text(language), 200), "")
        return figure.update_xaxes(visible=False).update_yaxes(visible=False)
    # blank cells as JSON has them: what goes to the browser bit by bit must not hold what is no number
    figure.for_each_trace(lambda cells: cells.update(z=_blank(cells.z)), selector={"type": "heatmap"})
    return figure


def _blank(cells: Any) -> list[list[float | None]]:
    """Return rows of cells with nothing in place of what is no number."""
    return [[None if math.isnan(value) else float(value) for value in row] for row in cells]


def redraw(widget: Any, figure: Any) -> None:
    """Let a figure widget show another figure; of the same kind of figure only what differs is sent."""
    alike = [trace.type for trace in widget.data] == [trace.type for trace in figure.data]
    wanted_layout = figure.layout.to_plotly_json()
    # what the figure before had and this one lacks would stay, such as its annotations
    gone = dict.fromkeys(widget.layout.to_plotly_json().keys() - wanted_layout.keys())
    with widget.batch_update():
        widget.layout.update({**gone, **wanted_layout, "autosize": True}, overwrite=True)
        if alike:
            for shown, wanted in zip(widget.data, figure.data, strict=True):
                shown.update(wanted.to_plotly_json(), overwrite=True)
    if not alike:
        widget.data = ()
        widget.add_traces(list(figure.data))
