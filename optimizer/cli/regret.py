"""The ``regret`` command: plans compared in each future by what they lose there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from optimizer.analysis.regret import PlanLike
from optimizer.api import Case, load_case
from optimizer.api.futures import regret
from optimizer.cli.arguments import Exit
from optimizer.cli.study import Shape, Told, tell
from optimizer.errors import InputError
from optimizer.export.regret import summary_frame
from optimizer.language import Language, say, sentence, translate

SHOWN = (
    *("plan", "expected_outcome", "worst_outcome", "expected_regret", "largest_regret", "worst_future"),
    *("count_within", "breaks", "minimax_regret", "least_expected_regret", "maximin"),
)
"""Columns printed; files and JSON hold them all."""
NEXT_PLAN = re.compile(r",(?=[^,=]+=)")
"""The commas between plans; others are of the name of a file."""
OPTIMUM, BASELINE = sentence("Optimal plan"), sentence("Today")


def compare_plans(path: Path, named: Sequence[str], shape: Shape, study: Mapping[str, Any]) -> Exit:
    """Compare plans, write and print what they lose; return what to end with: not every future may count.

    Parameters
    ----------
    path
        The case.
    named
        Plans as ``NAME=FILE``; where there is none, the optimum of the case and its baseline.
    shape
        Where and how the table is shown.
    study
        Arguments of :func:`optimizer.regret`.
    """
    shape.check()
    case = load_case(path)
    plans = _plans(named) or _usual(case, shape.language)
    found = regret(plans, case=case, progress=shape.progress, **study)
    table = found.summary if shape.as_json else summary_frame(found.found, shape.language)
    complete, planned = found.found.complete, found.failed.empty
    return tell(Told(case, table, SHOWN, found.notes, found.to_excel, complete, planned=planned), shape)


def _plans(named: Sequence[str]) -> dict[str, PlanLike]:
    plans: dict[str, PlanLike] = {}
    for text in (part.strip() for several in named for part in NEXT_PLAN.split(several)):
        name, equals, file = text.partition("=")
        if not (name and equals and file) or name in plans:
            raise InputError(say("--plan {text}: write NAME=FILE, each name once.", text=text))
        plans[name] = file
    return plans


def _usual(case: Case, language: Language) -> dict[str, PlanLike]:
    plans: dict[str, PlanLike] = {translate(OPTIMUM, language): case}
    if case.has("baseline"):
        plans[translate(BASELINE, language)] = None
    return plans
