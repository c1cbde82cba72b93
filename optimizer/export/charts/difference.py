"""What moves between two plans: public money by cluster and stage, more or less."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimizer.export.charts.cells import AROUND, COLUMN, LOWEST, MONEY
from optimizer.export.charts.labels import Labels
from optimizer.export.charts.style import INK, LINE, digits_for, graph_objects, name_axis, new_figure
from optimizer.language import Language, sentence
from optimizer.plan.plan import PlanTables
from optimizer.plan.tables import TOTAL

TITLE = sentence("What moves: public money, plan less pinned plan")
CHANGE = sentence("Change of public money")
SCALE = ((0.0, "#E69F00"), (0.5, "#ffffff"), (1.0, "#56B4E9"))
"""Orange for less, blue for more; the number's sign says so in black and white."""
NOTHING = 1e-3
"""Share of the largest change below which a cell is blank: what engines leave of a zero."""


def difference_map(plan: PlanTables, pinned: PlanTables, language: Language = Language.EN) -> Any:
    """Return public money of a plan less that of another, by cluster and stage with totals, as shaded cells.

    Parameters
    ----------
    plan
        The plan.
    pinned
        The plan it is compared with, of the same clusters and stages.
    language
        Language of the figure.
    """
    labels = Labels(plan.case, language)
    one, other = (found.pivot(["cluster"], ["stage"]) for found in (plan, pinned))
    known = plan.solution.sets.dimensions
    down = [*(key for key in known["cluster"] if key in one.index or key in other.index), TOTAL]
    across = [*(key for key in known["stage"] if key in one or key in other), TOTAL]
    table = one.reindex(index=down, columns=across).fillna(0.0) - other.reindex(index=down, columns=across).fillna(0.0)
    change = table.to_numpy(float)
    largest = float(np.abs(change).max(initial=0.0))
    digits = digits_for(largest)
    change = np.where(np.abs(change) < max(NOTHING * largest, 0.5 * 10.0**-digits), 0.0, change)
    inner = change.copy()
    inner[-1, :] = inner[:, -1] = np.nan
    figure = new_figure(
        labels.say(TITLE), f"{labels.quantity(MONEY)}, {labels.below()}", max(LOWEST, AROUND + LINE * len(table))
    )
    end = float(np.nanmax(np.abs(inner), initial=0.0)) or 1.0
    figure.add_trace(
        graph_objects().Heatmap(
            z=inner,
            zmin=-end,
            zmax=end,
            colorscale=SCALE,
            xgap=1,
            ygap=1,
            colorbar={"title": {"text": labels.quantity(CHANGE), "side": "right"}, "thickness": 12, "outlinewidth": 0},
            hovertemplate=f"%{{y}}<br>%{{x}}<br>{labels.money(f'%{{z:+,.{digits}f}}')}<extra></extra>",
            hoverongaps=False,
        )
    )
    row, column = np.nonzero(change)
    figure.add_trace(
        graph_objects().Scatter(
            x=column,
            y=row,
            mode="text",
            text=[f"{value:+,.{digits}f}" for value in change[row, column]],
            textfont={"size": 11, "color": INK},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    name_axis(figure, "y", labels.of("cluster", table.index), labels.heading("cluster"), downwards=True)
    name_axis(figure, "x", labels.in_lines("stage", table.columns, COLUMN), labels.heading("stage"))
    figure.update_xaxes(side="top", tickangle=0, title={"standoff": 4}, showline=False)
    figure.update_yaxes(showline=False)
    figure.update_layout(margin={"t": 165, "b": 20}, plot_bgcolor="#fafafa")
    return figure
