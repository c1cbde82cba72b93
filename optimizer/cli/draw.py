"""Tables for a terminal of any width: figures are never cut or broken, words only where one alone is too wide.

What is too wide has its headings and texts folded first. What is still too wide is set in parts under each other, each
of which begins with the columns that tell its lines apart; and where not even that fits, line by line.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from optimizer.export.words import amount

WIDE = 160
"""Width of what is printed where no terminal says another."""
LONGEST_WORD = 20
"""Words of a text longer than this may be folded."""
SENTENCE, LEAST_OF_SENTENCE = 48, 24
"""Texts longer than the first are sentences, which nobody can read in a column narrower than the second."""
FRAME, RULE = 1, 3
"""Width of a table's frame, and of the rule and blanks that each column adds."""
FIGURE = re.compile(r"[-+–]?[\d,.]*(e[-+]?\d+)?∞?( ?%)?")


def console() -> Console:
    """Return the console of standard output; wide where it is no terminal, so that files are not wrapped."""
    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False, emoji=False)


@dataclass(frozen=True)
class Column:
    """A column as it is printed.

    Attributes
    ----------
    heading
        What stands above it.
    cells
        Its texts.
    """

    heading: str
    cells: tuple[str, ...]

    @cached_property
    def is_figures(self) -> bool:
        """Whether it holds figures, which stand to the right and are never folded."""
        return any(self.cells) and all(FIGURE.fullmatch(cell) for cell in self.cells)

    @cached_property
    def natural(self) -> int:
        """Width at which nothing is folded."""
        return max(map(cell_len, (self.heading, *self.cells)))

    @cached_property
    def least(self) -> int:
        """Width below which a figure would be cut, a word broken, or a sentence become hard to read."""
        heading = max(map(cell_len, self.heading.split()), default=1)
        if self.is_figures:
            return max(heading, *map(cell_len, self.cells))
        words = max((cell_len(word) for cell in self.cells for word in cell.split()), default=1)
        long = any(cell_len(cell) > SENTENCE for cell in self.cells)
        return max(heading, min(words, LONGEST_WORD), LEAST_OF_SENTENCE if long else 1)


def print_frame(out: Console, frame: pd.DataFrame, heading: str = "") -> None:
    """Print a frame so that it fits the console."""
    columns = [_column(str(name), frame.iloc[:, place]) for place, name in enumerate(frame.columns)]
    for number, table in enumerate(_fitted(columns, out.width)):
        table.title = Text(heading) if heading and not number else None
        out.print(table)


def print_figures(out: Console, lines: Iterable[tuple[str, str]], heading: str = "") -> None:
    """Print names and their figures, one pair a line."""
    pairs = list(lines)
    columns = [Column("", tuple(name for name, _ in pairs)), Column("", tuple(value for _, value in pairs))]
    table = _table(columns, out.width, show_header=False)
    table.columns[-1].justify = "right"
    table.title = Text(heading) if heading else None
    out.print(table)


def _column(name: str, cells: pd.Series) -> Column:
    """Return a column with its cells as they are printed."""
    texts = (amount(cell) if isinstance(cell, float) else "" if cell is None else str(cell) for cell in cells.tolist())
    return Column(name, tuple(texts))


def _fitted(columns: Sequence[Column], width: int) -> list[Table]:
    """Return the tables that show columns within a width."""
    if _least(columns) <= width:
        return [_table(columns, width)]
    keys = _keys(columns)
    others = columns[len(keys) :]
    if not others or max(_least([*keys, column]) for column in others) > width:
        return [_line_by_line(columns, width)]
    parts = [list(keys)]
    for column in others:
        if _least([*parts[-1], column]) > width:
            parts.append(list(keys))
        parts[-1].append(column)
    return [_table(part, width) for part in parts]


def _least(columns: Sequence[Column]) -> int:
    return FRAME + sum(column.least + RULE for column in columns)


def _keys(columns: Sequence[Column]) -> Sequence[Column]:
    """Return the first columns that tell all lines apart; the first one alone where none do."""
    lines = len(columns[0].cells)
    for count in range(1, len(columns)):
        if len(set(zip(*(column.cells for column in columns[:count]), strict=True))) == lines:
            return columns[:count]
    return columns[:1]


def _widths(columns: Sequence[Column], width: int) -> list[int]:
    """Return how wide columns are: the least, and of what is left most to those that lack most of what they need."""
    widths = [column.least for column in columns]
    for _ in range(width - _least(columns)):
        lack = [column.natural / own for column, own in zip(columns, widths, strict=True)]
        if max(lack) <= 1:
            break
        widths[lack.index(max(lack))] += 1
    return widths


def _table(columns: Sequence[Column], width: int, *, show_header: bool = True) -> Table:
    table = Table(show_header=show_header)
    for column, own in zip(columns, _widths(columns, width), strict=True):
        table.add_column(
            Text(column.heading), width=own, overflow="fold", justify="right" if column.is_figures else "left"
        )
    for line in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*map(Text, line))
    return table


def _line_by_line(columns: Sequence[Column], width: int) -> Table:
    """Return each line as a block of its own: headings beside their cells."""
    count = len(columns[0].cells)
    blocks = [
        Column("", tuple(column.heading for column in columns) * count),
        Column("", tuple(column.cells[line] for line in range(count) for column in columns)),
    ]
    table = _table(blocks, width, show_header=False)
    for line in range(count):
        table.rows[(line + 1) * len(columns) - 1].end_section = True
    return table
