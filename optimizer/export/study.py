"""Studies as workbooks: a table in words, and what to know before relying on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from optimizer.data.case import CaseTables
from optimizer.data.whole import check_not_source, write_whole_file
from optimizer.export.words import Names
from optimizer.export.xlsx import new_book, write_frame
from optimizer.language import Language, Message, sentence, translate
from optimizer.options import spoken

FIGURE_FORMAT = "#,##0.####"
NOTES = sentence("Notes")
CELLS = ("parameter", "other")
"""Columns whose texts are words of ours where the catalogue has them, and else the user's own."""


def study_table(case: CaseTables, table: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return the table of a study with headings and words of a language."""
    shown = table.copy()
    for name in CELLS:
        if name in shown:
            shown[name] = [translate(str(cell), language) for cell in shown[name]]
    if "status" in shown:
        from optimizer.export.words import STATUSES

        shown["status"] = [translate(STATUSES[str(cell)], language) for cell in shown["status"]]
        return Names(case, language).named(shown.rename(columns={"status": "plan_status"}))
    return Names(case, language).named(shown)


def notes_table(notes: Sequence[Message], language: Language) -> pd.DataFrame:
    """Return notes in words, one a line."""
    return pd.DataFrame({translate("Note", language): [note.text(language) for note in notes]})


def save_study(
    case: CaseTables,
    tables: Mapping[str, Callable[[Language], pd.DataFrame]],
    notes: Sequence[Message],
    path: str | Path,
    language: Language | str | None,
) -> Path:
    """Write a study as a workbook, whole or not at all, and return its path.

    Parameters
    ----------
    case
        The case the study is of.
    tables
        Heading -> what makes the table in a language.
    notes
        What to know before relying on it.
    path
        The workbook.
    language
        ``en`` or ``ko``.
    """
    chosen, target = spoken(language), Path(path)
    check_not_source(Path(case.raw.origin), target)
    told = {heading: table(chosen) for heading, table in tables.items()}
    write_whole_file(target, lambda beside: write_study(beside, case, told, notes, chosen))
    return target


def write_study(
    path: Path,
    case: CaseTables,
    tables: Mapping[str, pd.DataFrame],
    notes: Sequence[Message],
    language: Language = Language.EN,
) -> None:
    """Write a study as a workbook: its tables under their headings, then its notes."""
    with new_book(path, FIGURE_FORMAT) as (book, formats):
        for heading, table in tables.items():
            write_frame(book.add_worksheet(translate(heading, language)), study_table(case, table, language), formats)
        write_frame(book.add_worksheet(translate(NOTES, language)), notes_table(notes, language), formats)
