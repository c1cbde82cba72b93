"""Tables of a page: texts and numbers apart, cells shaded by size where that helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from optimizer.export.words import amount


@dataclass(frozen=True)
class Cell:
    """One cell of a page: its text, whether it is a number, and a shade from 0 to 1 (``None`` for none)."""

    text: str
    number: bool = False
    shade: float | None = None


@dataclass(frozen=True)
class PageTable:
    """A table of a page."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def table_of(frame: pd.DataFrame, digits: int = 1) -> PageTable:
    """Return a frame as a table, its figures with so many decimals."""
    rows = [
        [
            Cell(amount(float(value), digits), number=True) if isinstance(value, float) else Cell(_plain(value))
            for value in line
        ]
        for line in frame.itertuples(index=False)
    ]
    return PageTable([str(name) for name in frame.columns], rows)


def _plain(value: object) -> str:
    return "" if value is None or value is pd.NA else str(value)


def shaded(frame: pd.DataFrame) -> PageTable:
    """Return a pivot with its cells shaded by size; the totals, last row and column, are not."""
    inner = frame.iloc[:-1, 1:-1].astype(float)
    largest = max(float(inner.max().max()), 1e-12) if inner.size else 1.0
    rows = []
    for number, line in enumerate(frame.itertuples(index=False)):
        label, *values = line
        total_row = number == len(frame) - 1
        cells = [Cell(str(label))]
        for position, value in enumerate(values):
            plain = total_row or position == len(values) - 1
            cells.append(Cell(amount(float(value)), number=True, shade=None if plain else float(value) / largest))
        rows.append(cells)
    return PageTable([str(name) for name in frame.columns], rows)
