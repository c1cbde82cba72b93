"""Studies as workbooks: a table in words, and what to know before relying on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from optimizer.data.case import CaseTables
from optimizer.data.whole import check_new, check_not_source, swap_in_folder, write_whole_file
from optimizer.export.safe import harmless_frame
from optimizer.export.words import VALUES, Names
from optimizer.export.xlsx import new_book, write_frame
from optimizer.language import Language, Message, sentence, translate
from optimizer.options import spoken

FIGURE_FORMAT = "#,##0.####"
NOTES = sentence("Notes")
CELLS = ("parameter", "other")
"""Columns whose texts are words of ours where the catalogue has them, and else the user's own."""


@dataclass(frozen=True)
class Sheet:
    """A table of a study: a sheet of its workbook, or a CSV file of its folder.

    Attributes
    ----------
    heading
        Heading of the sheet, a text of ours.
    table
        Makes the table, its sentences in a language.
    words
        Puts words in place of keys that only this table has; the sheet is read by people, the file by programs.
    """

    heading: str
    table: Callable[[Language], pd.DataFrame]
    words: Callable[[pd.DataFrame, Language], pd.DataFrame] | None = None

    def worded(self, language: Language) -> pd.DataFrame:
        """Return the table of the sheet in a language."""
        table = self.table(language)
        return table if self.words is None else self.words(table, language)


def study_table(case: CaseTables, table: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return the table of a study with headings and words of a language."""
    shown = table.copy()
    for name in CELLS:
        if name in shown:
            shown[name] = [translate(str(cell), language) for cell in shown[name]]
    for name, words in VALUES.items():
        if name in shown:
            shown[name] = [translate(words[cell], language) if cell in words else cell for cell in shown[name]]
    # the heading "status" is that of limits, which bind or do not
    return Names(case, language).named(shown.rename(columns={"status": "plan_status"}))


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


def save_sheets(
    case: CaseTables,
    sheets: Mapping[str, Sheet],
    notes: Sequence[Message],
    path: str | Path,
    language: Language | str | None,
) -> Path:
    """Write all tables of a study as a workbook, whole or not at all, and return its path."""
    return save_study(case, {sheet.heading: sheet.worded for sheet in sheets.values()}, notes, path, language)


def save_folder(
    sheets: Mapping[str, Sheet], notes: Sequence[Message], folder: str | Path, language: Language | str | None
) -> Path:
    """Write all tables of a study as CSV files into a new folder, whole or not at all, and return its path.

    Columns bear their keys and not their words, for programs that go on with them.

    Raises
    ------
    InputError
        If the folder exists and is not empty.
    """
    chosen, target = spoken(language), Path(folder)
    check_new(target)  # before anything is computed for the tables
    told = {name: sheet.table(chosen) for name, sheet in sheets.items()}
    told["notes"] = pd.DataFrame({"note": [note.text(chosen) for note in notes]})

    def write(beside: Path) -> None:
        for name, table in told.items():
            file = beside / f"{name}.csv"
            # marked, without which Excel takes Hangul for another writing
            harmless_frame(table).to_csv(file, index=False, lineterminator="\n", encoding="utf-8-sig")

    swap_in_folder(target, write)
    return target
