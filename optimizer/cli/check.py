"""The ``check`` command: faults of a case, or what is in it; and the data dictionary."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from optimizer.api import load_case
from optimizer.cli import show
from optimizer.cli.draw import console, print_frame
from optimizer.data.case import CaseTables
from optimizer.data.dictionary import dictionary
from optimizer.data.faults import CaseError
from optimizer.data.money import Currency
from optimizer.data.names import title_of
from optimizer.data.provenance import BASES, UNSTATED, provenance
from optimizer.data.remarks import NOT_READ, Remark, Severity
from optimizer.export.case_words import TABLES
from optimizer.export.words import COLUMNS
from optimizer.language import Language, translate

BAD_INPUT = 1


def check_case(path: Path, language: Language, *, as_json: bool, quiet: bool, strict: bool = False) -> None:
    """Read a case and say what is in it and what is to be known, or list its faults.

    Ends with status 1 where there are faults, where a remark says that the case cannot have a plan, and with
    ``strict`` where there is a warning.
    """
    try:
        case = load_case(path)
    except CaseError as error:
        report_invalid(error, language, as_json=as_json)
        raise typer.Exit(BAD_INPUT) from None
    found = {remark.severity for remark in case.remarks}
    refused = Severity.ERROR in found or (strict and Severity.WARNING in found)
    if as_json:
        status = "refused" if refused else "valid"
        remarks = [remark.as_dict(language) for remark in case.remarks]
        show.print_json({"status": status, "faults": [], "remarks": remarks})
    else:
        if not quiet:
            _print_case(case, language)
        if refused or not quiet:
            show.print_remarks(case, language)
    if refused:
        raise typer.Exit(BAD_INPUT)


def report_invalid(error: CaseError, language: Language, *, as_json: bool) -> None:
    """Say every fault of a case: as JSON on standard output, or as text on standard error."""
    if as_json:
        faults = [fault.as_dict(language) for fault in error.faults]
        notes = [Remark(Severity.WARNING, NOT_READ, remark).as_dict(language) for remark in error.remarks]
        show.print_json({"status": "invalid", "faults": faults, "remarks": notes})
    else:
        print(error.text(language), file=sys.stderr)


def _print_case(case: CaseTables, language: Language) -> None:
    years = f"{case.years[0]}–{case.years[-1]}"
    print(
        translate(
            "{name}: sound. {years}, {currency}.",
            language,
            name=title_of(case),
            years=years,
            currency=Currency(case.currency),
        )
    )
    for name, frame in case.frames.items():
        # a table is a file that a planner opens, so its name stands beside its words
        words = "" if language == Language.EN else f"{translate(TABLES[name], language)} "
        print(f"  {words}{name}: {len(frame)}")
    counts = provenance(case)
    total = int(counts["figures"].sum())
    parts = ", ".join(f"{translate(basis, language)} {int(counts[basis].sum())}" for basis in (*BASES, UNSTATED))
    print(translate("{total} figures: {parts}", language, total=total, parts=parts))


def print_dictionary(language: Language, *, as_json: bool) -> None:
    """Print what every key of ``case.toml`` and every column of every table means."""
    frame = dictionary()
    for column in ("meaning", "default", "unit"):
        frame[column] = [translate(text, language) for text in frame[column]]
    if as_json:
        show.print_json(frame.to_dict("records"))
        return
    out = console()
    for name, lines in frame.groupby("table", sort=False):
        marked = lines["key"].map({True: "*", False: ""})
        shown = lines.drop(columns="table").assign(key=marked)
        shown.columns = [translate(COLUMNS[column], language) for column in shown.columns]
        print_frame(out, shown, str(name))
