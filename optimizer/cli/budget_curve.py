"""The ``budget-curve`` command: what a budget buys, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.api import load_case
from optimizer.api.trade_offs import BudgetCurve, budget_curve
from optimizer.cli.arguments import Exit
from optimizer.cli.progress import study_progress
from optimizer.cli.study import Shape, Told, tell
from optimizer.data.money import Currency
from optimizer.export.trade_offs import curve_frame
from optimizer.export.words import percent
from optimizer.language import Language, sentence, translate

SHOWN = ("budget_from", "budget_to", "outcome_from", "shadow_price", "outcome_gap", "bend")
"""Columns printed; files and JSON hold them all."""
POINTS, BENDS = 11, 8
"""Points along the curve, and bends, that are printed where it has more pieces."""
POINTS_TITLE = sentence("What a budget buys ({currency}); today's is {today}")
BENDS_TITLE = sentence("Where a unit of budget loses most of its worth ({shown} of {count} bends)")


def draw_curve(path: Path, shape: Shape, study: Mapping[str, Any]) -> Exit:
    """Draw the curve of a budget of a case, write and print it; return what to end with.

    Parameters
    ----------
    path
        The case.
    shape
        Where and how the table is shown.
    study
        Arguments of :func:`optimizer.budget_curve`.
    """
    shape.check()
    with study_progress(shape) as progress:
        found = budget_curve(load_case(path), progress=progress, **study)
    table = curve_frame(found.found, shape.language)
    instead = _summary(found, table, shape.language) if len(table) > POINTS + BENDS + 1 else ()
    told, complete = found.found, found.found.complete
    return tell(Told(told.plan.case, table, SHOWN, found.notes, found.to_excel, complete, instead=instead), shape)


def _summary(found: BudgetCurve, table: pd.DataFrame, language: Language) -> tuple[tuple[str, pd.DataFrame], ...]:
    """Return a curve of many pieces in short: evenly spread points and today's, then the bends that matter most."""
    low, high = found.found.low, found.found.high
    today = [found.today] if low <= found.today <= high else []
    budgets = np.unique([*np.linspace(low, high, POINTS), *today])
    ends = [found.outcome(budget) for budget in budgets]
    points = pd.DataFrame(
        {
            "budget": budgets,
            "budget_share": [
                percent(100 * budget / found.today, language, digits=0) if found.today else "–" for budget in budgets
            ],
            "lp_optimum": [least for least, _ in ends],
            "shadow_price": [f"{found.shadow_price(budget):.3f}" for budget in budgets],
            "outcome_gap": [most - least for least, most in ends],
        }
    )
    if found.exact:
        points = points.drop(columns="outcome_gap")
    named = table.iloc[1:]
    before = table["shadow_price"].to_numpy()[:-1]
    largest = np.sort(np.argsort(named["shadow_price"].to_numpy() - before, kind="stable")[:BENDS])
    bends = pd.DataFrame(
        {
            "budget": named["budget_from"].to_numpy()[largest],
            "price_before": [f"{price:.3f}" for price in before[largest]],
            "price_after": [f"{price:.3f}" for price in named["shadow_price"].to_numpy()[largest]],
            "bend": named["bend"].to_numpy()[largest],
        }
    )
    currency = Currency(found.found.plan.case.currency)
    return (
        (translate(POINTS_TITLE, language, currency=currency, today=f"{found.today:,.1f}"), points),
        (translate(BENDS_TITLE, language, shown=len(bends), count=len(named)), bends),
    )
