"""The ``why`` command: why a plan funds a place as it does, what a start there earns and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.text import Text

from optimizer.api import FailedPlan, load_case
from optimizer.blocks.sets import gather
from optimizer.cli import check, show
from optimizer.cli.draw import console, print_figures
from optimizer.data.faults import CaseError
from optimizer.language import Language
from optimizer.options import OverlapMethod, SolveOptions
from optimizer.plan.why import Why, question

PLACES = 4
"""Digits after the point in printed accounts."""


@dataclass(frozen=True)
class Asked:
    """What is asked: labels or names of the case; all fields and years where they are ``None``."""

    cluster: str
    stage: str
    field: str | None
    year: int | None


def explain(
    path: Path,
    asked: Asked,
    options: SolveOptions,
    method: OverlapMethod | None,
    language: Language,
    *,
    as_json: bool,
) -> str:
    """Plan a case, print why the plan funds a place as it does, and return the plan's status.

    Raises
    ------
    InputError
        If the case is invalid, or has no such cluster, stage, field or year: said before the solve.
    SolveError
        If the engine fails.
    """
    try:
        case = load_case(path)
    except CaseError as error:
        if as_json:
            check.report_invalid(error, language, as_json=True)
        raise
    question(gather(case), asked.cluster, asked.stage, asked.field, asked.year)
    try:
        plan = case.solve(options, method=method, progress=None if as_json else show.progress_line(language))
    finally:
        show.end_progress()
    if isinstance(plan, FailedPlan):
        if as_json:
            show.print_json({"status": plan.status, "reason": plan.reason.text(language)})
        show.print_failed(plan, language)
        return plan.status
    answer = plan.why(asked.cluster, asked.stage, asked.field, asked.year)
    if as_json:
        show.print_json({"status": plan.status, **as_data(answer, language)})
    else:
        _print(answer, language)
    return plan.status


def as_data(answer: Why, language: Language) -> dict[str, Any]:
    """Return an answer as plain data: its text, and each cell's account with its terms."""
    cells = [
        {
            "cluster": cell.cluster,
            "stage": cell.stage,
            "field": cell.field,
            "year": cell.year,
            "spend": cell.spend,
            "starts": cell.starts,
            "reason": None if cell.reason is None else cell.reason.text(language),
            "account": None
            if cell.reason is not None
            else {
                "per": cell.per,
                "money": cell.money,
                "gain": cell.gain,
                "price": cell.price,
                "total": cell.total,
                "terms": [
                    {"term": term.term, "detail": term.detail, "amount": term.amount / cell.scale}
                    for term in cell.terms
                ],
            },
        }
        for cell in answer.cells
    ]
    return {"text": answer.text(language), "fixed_whole": answer.fixed_whole, "cells": cells}


def _print(answer: Why, language: Language) -> None:
    """Print an answer in words, then the accounts it speaks of."""
    out = console()
    out.print(Text(answer.text(language)))
    for account in answer.accounts(language):
        print_figures(out, [(what, f"{amount:,.{PLACES}f}") for what, amount in account.lines], account.place)
