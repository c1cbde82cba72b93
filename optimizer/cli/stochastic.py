"""What the ``stochastic`` command prints and writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.api import load_case
from optimizer.api.uncertainty import Stochastic, stochastic
from optimizer.cli import show
from optimizer.cli.arguments import Exit
from optimizer.cli.draw import console, print_frame
from optimizer.cli.progress import study_progress
from optimizer.cli.study import Shape, Told, tell
from optimizer.data.money import Currency
from optimizer.data.whole import check_new, check_parent
from optimizer.export.stochastic import committed_pivot, measures_in_words, measures_table, told_frame
from optimizer.export.study import study_table
from optimizer.language import Language, Message, say, translate

SHOWN = ("scenario", "probability", "outcome", "worth", "overlap_penalty", "spend", "launches")
"""Columns printed; files and JSON hold them all."""


def plan_under_uncertainty(path: Path, shape: Shape, study: Mapping[str, Any], *, values: bool) -> Exit:
    """Plan a case under several futures, write and print what is committed and what follows in each.

    Parameters
    ----------
    path
        The case.
    shape
        Where and how the tables are shown; a place without an ending is a folder of CSV files.
    study
        Arguments of :func:`optimizer.stochastic`.
    values
        Whether the value of information is told in place of the futures.

    Returns
    -------
    Exit
        What to end with.
    """
    folder = shape.out if shape.out is not None and not shape.out.suffix else None
    if folder is not None:
        check_new(folder)
        check_parent(folder.absolute())
        shape = replace(shape, out=None)
    shape.check()
    with study_progress(shape) as progress:
        found = stochastic(load_case(path), progress=progress, **study)
    if folder is not None:
        found.to_csv(folder, shape.language)
    if not (shape.as_json or shape.quiet or values):
        _print_decision(found, shape)
    table: pd.DataFrame = told_frame(found.values(), shape.language) if values else found.table
    if not (values or shape.by_keys):
        table["probability"] = [
            f"{100 * share:.4g}{'' if shape.language == Language.KO else ' '}%" for share in table["probability"]
        ]
    shown = table.columns.tolist() if values else [*SHOWN, *(["lapsed"] if "lapsed" in table else [])]
    more = {
        "committed": found.committed,
        "measures": measures_table(found.measures),
        "launches": found.launches.reset_index(),
    }
    notes = (*found.notes, *_left_out(shape))
    complete = found.found.effort.complete
    end = tell(Told(found.found.case, table, shown, notes, found.to_excel, complete, more), shape)
    if folder is not None and shape.progress:
        show.print_paths([folder], shape.language)
    return end


def _left_out(shape: Shape) -> tuple[Message, ...]:
    if shape.out is None or shape.out.suffix.lower() != ".csv":
        return ()
    return (
        say("{path} holds this one table; for the commitment and all others name an .xlsx file, or a folder without an "
            "ending.", path=shape.out),
    )  # fmt: skip


def _print_decision(found: Stochastic, shape: Shape) -> None:
    """Print who commits how much to what, and the measures of what comes of it."""
    case, language, out = found.found.case, shape.language, console()
    if len(found.committed):
        headings = {
            ("funder", "year"): say("Committed by funder and year ({currency})", currency=Currency(case.currency)),
            ("funder", "stage"): say("Committed by funder and stage ({currency})", currency=Currency(case.currency)),
            ("cluster", "stage"): say("Committed by cluster and stage ({currency})",
                                      currency=Currency(case.currency)),
        }  # fmt: skip
        for (down, across), heading in headings.items():
            table = committed_pivot(found.found, down, across, language)
            print_frame(out, table, heading.text(language))
    elif found.found.setting.committed:
        out.print(translate("Nothing is committed: public money of those years earns nothing in all futures at once.",
                            language))  # fmt: skip
    measures = study_table(case, measures_in_words(measures_table(found.measures.drop("alpha")), language), language)
    print_frame(out, measures, translate("What comes of it ({currency})", language, currency=Currency(case.currency)))
