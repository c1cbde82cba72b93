"""From today to the plan, step by step: money moved, or the parts of the objective gained and lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from optimizer.data.names import title_of
from optimizer.errors import InputError
from optimizer.export.charts.labels import Labels
from optimizer.export.charts.style import (
    GAIN,
    LINE,
    LOSS,
    NEUTRAL,
    PALE,
    digits_for,
    graph_objects,
    name_axis,
    new_figure,
)
from optimizer.export.words import FIGURES
from optimizer.language import Language, say, sentence
from optimizer.plan.evaluate import EvaluationTables
from optimizer.plan.plan import PlanTables

MONEY_TITLE = sentence("From today to the plan: public money")
WORTH_TITLE = sentence("From today to the plan: what is gained")
TODAY, PLAN, MONEY, OBJECTIVE = sentence("Today"), sentence("The plan"), sentence("Public money"), FIGURES["objective"]
OTHERS, PARTS = sentence("{count} others"), sentence("Part of the objective")
MOST = 22
"""Steps that are drawn; the smallest changes are put together."""


@dataclass(frozen=True)
class Steps:
    """Where a waterfall begins, its steps, and where it ends; they add up."""

    start: float
    names: Sequence[str]
    changes: Sequence[float]
    end: float


def money_waterfall(
    plan: PlanTables, language: Language = Language.EN, *, by: str = "cluster", most: int = MOST
) -> Any:
    """Return how public money moves from today's allocation to the plan, a step for each cluster.

    Parameters
    ----------
    plan
        The plan of a case with a baseline.
    language
        Language of the figure.
    by
        ``cluster``, ``stage``, ``field``, ``funder`` or ``year``.
    most
        Steps that are drawn; the smallest changes are put together.

    Raises
    ------
    InputError
        If the case has no baseline, or the label is another one.
    """
    check_baseline(plan)
    known = ("cluster", "stage", "field", "funder", "year")
    if by not in known:
        message = say("{what} is '{word}'; it must be one of {choices}", what="by", word=by, choices=", ".join(known))
        raise InputError(message)
    labels = Labels(plan.case, language)
    totals = plan.allocation.groupby(by, sort=False)[["baseline", "amount", "change"]].sum()
    changes = totals["change"]
    few = changes if len(changes) <= most else changes[changes.abs().rank(method="first", ascending=False) < most]
    few = few if by == "year" else few.sort_values(ascending=False, kind="stable")
    names = labels.of(by, few.index)
    values = list(few)
    if len(few) < len(changes):
        names = [*names, labels.say(OTHERS, count=len(changes) - len(few))]
        values = [*values, float(changes.sum() - few.sum())]
    steps = Steps(float(totals["baseline"].sum()), names, values, float(totals["amount"].sum()))
    return _draw(steps, labels, MONEY_TITLE, labels.quantity(MONEY), labels.heading(by))


def worth_waterfall(plan: PlanTables, today: EvaluationTables, language: Language = Language.EN) -> Any:
    """Return what the plan gains over today's allocation, a step for each part of the objective.

    Parameters
    ----------
    plan
        The plan.
    today
        Today's allocation, valued: ``case.evaluate()``.
    language
        Language of the figure.
    """
    labels = Labels(plan.case, language)
    before, after = today.use.objective_parts, plan.objective_parts
    changes = after - before.reindex(after.index)
    names = [labels.say(FIGURES[str(part)]) for part in changes.index]
    steps = Steps(today.objective, names, list(changes), plan.objective)
    return _draw(steps, labels, WORTH_TITLE, labels.quantity(OBJECTIVE), labels.say(PARTS))


def check_baseline(plan: PlanTables) -> None:
    """Raise InputError where a case says nothing about today."""
    if not plan.case.has("baseline"):
        message = say(
            "case {case} has no baseline.csv, so there is no today to start from. Add the table "
            "(funder, cluster, stage, field, year, amount), or draw plan.plot.heat_map().",
            case=title_of(plan.case),
        )
        raise InputError(message)


def _draw(steps: Steps, labels: Labels, heading: str, quantity: str, names: str) -> Any:
    largest = max(abs(steps.start), abs(steps.end), 1e-12)
    digits = digits_for(largest)
    size = pd.Series([steps.start, *steps.changes, steps.end])
    texts = [f"{size.iloc[0]:,.{digits}f}", *(_signed(change, digits) for change in steps.changes)]
    texts.append(f"{size.iloc[-1]:,.{digits}f}")
    figure = new_figure(labels.say(heading), f"{quantity}, {labels.below()}", 170 + LINE * len(size))
    figure.add_trace(
        graph_objects().Waterfall(
            orientation="h",
            measure=["absolute", *["relative"] * len(steps.changes), "total"],
            y=list(range(len(size))),
            x=list(size),
            text=texts,
            textposition="outside",
            cliponaxis=False,
            connector={"line": {"color": PALE, "width": 0.7, "dash": "dot"}},
            increasing={"marker": {"color": GAIN}},
            decreasing={"marker": {"color": LOSS, "line": {"color": "black", "width": 1}}},
            totals={"marker": {"color": NEUTRAL}},
            hovertemplate=f"%{{y}}: {labels.money(f'%{{delta:,.{digits}f}}')}<extra></extra>",
            showlegend=False,
        )
    )
    name_axis(figure, "y", [labels.say(TODAY), *steps.names, labels.say(PLAN)], names, downwards=True)
    figure.update_xaxes(title={"text": quantity}, tickformat=",", **_reach(size))
    return figure


def _signed(change: float, digits: int) -> str:
    """Return a change with its sign; without one where it rounds to nothing."""
    rounded = round(change, digits)
    return f"{rounded:+,.{digits}f}" if rounded else "0"


def _reach(size: pd.Series) -> dict[str, Any]:
    """Return the range of the axis: zero, all bars, and room for the numbers beside them."""
    heights = size.iloc[:-1].cumsum()
    low, high = float(min(heights.min(), size.iloc[-1])), float(max(heights.max(), size.iloc[-1]))
    room = 0.12 * (high - min(low, 0.0))
    return {"range": [min(low, 0.0) - (room if low < 0 else 0.0), high + room]}
