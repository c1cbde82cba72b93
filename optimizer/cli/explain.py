"""The ``explain`` command: which limits of a case are in conflict, and what would mend it."""

from __future__ import annotations

from pathlib import Path

from optimizer.api import Case
from optimizer.cli import show
from optimizer.data.whole import check_new, check_parent
from optimizer.language import Language
from optimizer.options import SolveOptions
from optimizer.plan.explain import Verdict

STATUSES = {
    Verdict.NONE: "optimal",
    Verdict.CONFLICT: "infeasible",
    Verdict.BORDERLINE: "infeasible",
    Verdict.UNBOUNDED: "unbounded",
    Verdict.STOPPED: "limit",
}
"""Verdict -> the status a solve of the case ends with."""


def check_places(workbook: Path | None, repaired: Path | None) -> None:
    """Raise InputError where what was asked for could not be written, before any time is spent on the search."""
    if workbook is not None:
        check_parent(workbook.absolute())
    if repaired is not None:
        check_new(repaired)


def explain_case(
    case: Case, options: SolveOptions, language: Language, *, as_json: bool, files: tuple[Path | None, Path | None]
) -> str:
    """Print why a case has no plan, or that it has one.

    Parameters
    ----------
    case
        The case.
    options
        How to solve.
    language
        Language of the words.
    as_json
        Whether to print data in place of words.
    files
        Workbook to write, and folder or workbook for the case with the smallest change made.

    Returns
    -------
    str
        The status a solve of the case ends with.
    """
    explained = case.explain(options)
    workbook, repaired = files
    written = []
    if workbook is not None:
        written.append(explained.to_excel(workbook, language))
    if repaired is not None and explained.changes:
        written.append(explained.repaired_case().save(repaired))
    if as_json:
        show.print_json({"status": STATUSES[explained.verdict], **explained.as_dict(language)})
    else:
        print(explained.text(language))
        if written:
            show.print_paths(written, language)
    return STATUSES[explained.verdict]
