"""A printed document as plain blocks, whatever program will show it: headings, paragraphs, tables with their notes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, auto

from optimizer.language import Language

MARGINS = 3
"""Signs that the margins of a cell take together."""


class Kind(Enum):
    """What a paragraph is for."""

    PLAIN = auto()
    LEAD = auto()
    """Small print below the title."""
    ITEM = auto()
    """One point of a list."""
    WARNING = auto()


@dataclass(frozen=True)
class Heading:
    """The heading of a section."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of text."""

    text: str
    kind: Kind = Kind.PLAIN


@dataclass(frozen=True)
class Grid:
    """A table: what stands above it, its cells as texts, and notes below it.

    Attributes
    ----------
    caption
        Its title, without a number; writers number tables in order.
    unit
        Unit of its figures, shown at its upper right; blank for none.
    header
        Headings of the columns.
    rows
        Cells of each line, as many as there are headings.
    labels
        Leading columns that are texts; the others are figures, set to the right.
    totals
        Whether the last line is of totals.
    notes
        Footnotes, shown below.
    """

    caption: str
    unit: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    labels: int = 1
    totals: bool = False
    notes: tuple[str, ...] = ()

    def weights(self, widest: float = 26.0, page: float = 105.0) -> list[float]:
        """Return how wide each column should be beside the others, in signs; headings may be broken between words.

        Columns that need more than ``widest`` share what the others leave of a page by the roots of what they need,
        which makes the sum of their heights least.
        """
        needed = [
            MARGINS + max(width_of(text) for text in (*self.header[column].split(), *self._column(column), "–"))
            for column in range(len(self.header))
        ]
        long = [width for width in needed if width > widest]
        left = max(page - sum(width for width in needed if width <= widest), widest * len(long))
        roots = sum(map(math.sqrt, long))
        return [width if width <= widest else min(width, left * math.sqrt(width) / roots) for width in needed]

    def _column(self, column: int) -> list[str]:
        return [row[column] for row in self.rows]


Block = Heading | Paragraph | Grid


@dataclass(frozen=True)
class Document:
    """A document.

    Attributes
    ----------
    title
        Its title.
    language
        Its language.
    footer
        What stands at the foot of every page, beside its number.
    blocks
        What it consists of, in order.
    """

    title: str
    language: Language
    footer: str
    blocks: tuple[Block, ...]


def width_of(text: str) -> int:
    """Return how wide a text is in signs; Hangul counts twice."""
    from unicodedata import east_asian_width  # not wanted unless a document is written

    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
