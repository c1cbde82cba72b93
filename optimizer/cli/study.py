"""What commands of studies share: where their table goes, and how it is printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from rich.text import Text

from optimizer.cli import show
from optimizer.cli.arguments import Exit, ending
from optimizer.cli.draw import console, print_frame
from optimizer.data.case import CaseTables
from optimizer.data.whole import check_no_input, check_parent, write_whole_file
from optimizer.errors import InputError
from optimizer.export.safe import harmless_frame
from optimizer.export.study import notes_table, study_table
from optimizer.export.words import heading_of
from optimizer.language import Language, Message, say

MOST_LINES = 50
"""Lines of a table that are printed; files and JSON hold them all."""


@dataclass(frozen=True)
class Shape:
    """Where and how a study is shown.

    Attributes
    ----------
    out
        File to write its table into, ``.xlsx`` or ``.csv``.
    language
        Language of what is printed and written.
    as_json, quiet
        Whether to print JSON, and whether to print nothing but errors.
    """

    out: Path | None
    language: Language
    as_json: bool
    quiet: bool

    @property
    def progress(self) -> bool:
        """Whether to show how far the study is."""
        return not (self.as_json or self.quiet)

    @property
    def by_keys(self) -> bool:
        """Whether columns bear keys instead of words, for programs that go on with JSON or CSV."""
        return self.as_json or (self.out is not None and self.out.suffix.lower() == ".csv")

    def check(self) -> None:
        """Raise InputError where the file may not be written, before any time is spent on solving."""
        if self.out is None:
            return
        if self.out.suffix.lower() not in (".xlsx", ".csv"):
            raise InputError(say("{path} is no table; name a file that ends with .xlsx or .csv.", path=self.out))
        check_parent(self.out.absolute())
        check_no_input(self.out)


@dataclass(frozen=True)
class Told:
    """A study as the command line shows it.

    Attributes
    ----------
    case
        Its case.
    table
        Its table, reasons in the language of the reader.
    shown
        The columns printed.
    notes
        What to know before relying on it.
    write
        Writes its workbook.
    complete
        Whether no limit ended any part of it.
    more
        Further tables that JSON holds, by their keys.
    instead
        Tables printed in place of a long one, each under its heading; files and JSON hold the table itself.
    planned
        Whether there are plans where there must be some.
    """

    case: CaseTables
    table: pd.DataFrame
    shown: Sequence[str]
    notes: Sequence[Message]
    write: Callable[[Path, Language], object]
    complete: bool
    more: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    instead: Sequence[tuple[str, pd.DataFrame]] = ()
    planned: bool = True


def tell(told: Told, shape: Shape) -> Exit:
    """Write a study where it is wanted, and print it; return what to end with."""
    _write(told, shape)
    _print(told, shape)
    return ending(complete=told.complete, planned=told.planned)


def _write(told: Told, shape: Shape) -> None:
    out = shape.out
    if out is not None and out.suffix.lower() == ".csv":
        write_whole_file(
            out, lambda beside: harmless_frame(told.table).to_csv(beside, index=False, lineterminator="\n")
        )
    elif out is not None:
        told.write(out, shape.language)


def _print(told: Told, shape: Shape) -> None:
    out = shape.out
    notes = notes_table(told.notes, shape.language).iloc[:, 0].tolist()
    if shape.as_json:
        tables = {"table": told.table, **told.more}
        plain = {
            key: table.astype(object).replace([np.inf, -np.inf, np.nan], None).to_dict("records")
            for key, table in tables.items()
        }
        show.print_json({"unit": told.case.currency, **plain, "notes": notes})
        return
    if shape.quiet:
        return
    screen, heading = console(), heading_of(told.case, shape.language)
    printed = [
        (name, table.head(MOST_LINES)) for name, table in told.instead or ((heading, told.table[list(told.shown)]),)
    ]
    for name, table in printed:
        print_frame(screen, study_table(told.case, table, shape.language), name)
    if sum(len(table) for _, table in printed) < len(told.table):
        screen.print(Text(_rest(told, out).text(shape.language)))
    for line in notes:
        screen.print(Text(line))
    if out is not None:
        show.print_paths([out], shape.language)


def _rest(told: Told, out: Path | None) -> Message:
    """Say where the lines are that were not printed."""
    count = len(told.table) if told.instead else len(told.table) - MOST_LINES
    if out is not None:
        return say("All {count} lines are in {path}.", count=len(told.table), path=out)
    if told.instead:
        return say("This is a summary of {count} lines; --out FILE.xlsx or --json gives them all.", count=count)
    return say("... and {count} more lines; --out FILE.xlsx or --json gives them all.", count=count)
