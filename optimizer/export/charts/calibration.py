"""A calibration of the overlap penalty as a figure."""

from __future__ import annotations

from typing import Any

from optimizer.analysis.calibration import CalibrationTables
from optimizer.export.calibration import DISCOUNTED, OVERLAP_AXIS, RECOMMENDED, UNDISCOUNTED, VALUE_AXIS
from optimizer.export.charts.labels import Labels
from optimizer.export.charts.style import COLOURS, INK, line_look, new_figure
from optimizer.export.words import FIGURES
from optimizer.language import Language, sentence

TITLE, PENALTY = sentence("What less overlap costs"), sentence("penalty {penalty}")


def calibration_chart(calibration: CalibrationTables, language: Language = Language.EN) -> Any:
    """Return the curve: worth over overlap, discounted and not, with the knee marked."""
    labels = Labels(calibration.base, language)
    table = calibration.table
    value = table["worth"] - table["rule_price"]
    knee = table["knee"].to_numpy()
    told = [labels.say(FIGURES[name]) for name in ("spend", "launches")]
    hover = [
        f"{price:.4g} / {other:.4g}<br>{told[0]}: {labels.money(f'{spend:,.0f}')}<br>{told[1]}: {launches:,.1f}"
        for price, other, spend, launches in table[
            ["between_clusters", "between_funders", "spend", "launches"]
        ].itertuples(index=False)
    ]
    figure = new_figure(labels.say(TITLE), labels.below())
    undiscounted = table["overlap_clusters"] + table["overlap_funders"]
    for number, (name, overlap) in enumerate(((DISCOUNTED, table["weighed_overlap"]), (UNDISCOUNTED, undiscounted))):
        figure.add_scatter(x=overlap, y=value, text=hover, name=labels.say(name), cliponaxis=False, **line_look(number))
    figure.add_scatter(
        x=table["weighed_overlap"][knee],
        y=value[knee],
        mode="markers+text",
        marker={"symbol": "diamond", "size": 14, "color": COLOURS[5], "line": {"color": INK, "width": 1}},
        text=[labels.say(PENALTY, penalty=f"{calibration.penalty:.3g}")],
        textposition="bottom right",
        cliponaxis=False,
        name=labels.say(RECOMMENDED),
    )
    figure.update_xaxes(title={"text": labels.say(OVERLAP_AXIS, currency=labels.currency)}, rangemode="tozero")
    figure.update_yaxes(title={"text": labels.say(VALUE_AXIS, currency=labels.currency)}, tickformat=",")
    figure.update_layout(margin={"b": 96})
    return figure
