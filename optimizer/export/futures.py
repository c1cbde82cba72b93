"""Sampled futures in words, and their chart."""

from __future__ import annotations

from typing import Any

import pandas as pd

from optimizer.analysis.sampling import ScenariosTables
from optimizer.export.charts.style import graph_objects
from optimizer.export.words import Names, title
from optimizer.language import Language, sentence, translate

AVERAGE = sentence("Mean")
RELATIVE = sentence("5 % to 95 % of the futures, relative to the case's figure")
WORDS = {
    "success_rate": sentence("Success rate"),
    "cost": sentence("Cost"),
    "value": sentence("Worth of a launch"),
    "demand": sentence("Yearly demand"),
}
"""Columns that are drawn, in words."""
PIXELS = 18
"""Height of a bar."""


def summary_frame(found: ScenariosTables, language: Language) -> pd.DataFrame:
    """Return what was drawn with its kinds in words."""
    table = found.summary
    return table.assign(kind=[translate(kind, language) for kind in table["kind"]])


def quantity_names(found: ScenariosTables, language: Language) -> list[str]:
    """Return what was drawn in words, such as "Phase 1 · Vaccines: Success rate"."""
    names, lines = Names(found.case, language), found.quantities
    stages = names.of("stage", lines["stage"].tolist())
    fields = names.of("field", lines["field"].tolist())
    headings = [translate(WORDS[column], language) for column in lines["column"]]
    return [
        f"{' · '.join(part for part in (stage, field) if part)}: {heading}"
        for stage, field, heading in zip(stages, fields, headings, strict=True)
    ]


def ranges_chart(found: ScenariosTables, language: Language) -> Any:
    """Return as a plotly figure how far the futures lie around the figures of the case, one bar a quantity.

    Raises
    ------
    InputError
        If plotly is not installed.
    """
    graph, table = graph_objects(), found.summary
    unit = table["figure"].where(table["mean"].eq(table["figure"]), 1.0)  # factors are relative already
    names = quantity_names(found, language)
    bars = pd.DataFrame({"name": names, "low": table["drawn_low"] / unit, "high": table["drawn_high"] / unit})
    figure = graph.Figure()
    for kind, part in bars.groupby(table["kind"], sort=False):
        figure.add_bar(
            y=part["name"],
            x=part["high"] - part["low"],
            base=part["low"],
            orientation="h",
            name=translate(str(kind), language),
        )
    figure.add_scatter(
        y=names,
        x=table["drawn_mean"] / unit,
        mode="markers",
        marker={"symbol": "diamond", "size": 6, "color": "black"},
        name=translate(AVERAGE, language),
    )
    figure.update_layout(
        title=title(found.case, language),
        height=200 + PIXELS * len(names),
        barmode="overlay",
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 1.0, "xanchor": "right"},
    )
    figure.update_xaxes(title=translate(RELATIVE, language), tickformat=".0%")
    figure.update_yaxes(autorange="reversed", automargin=True, dtick=1)
    return figure
