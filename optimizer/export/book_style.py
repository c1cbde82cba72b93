"""How our workbooks look and print: formats, page set-up, and cells in which no text becomes a formula."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.export.document import width_of
from optimizer.export.words import amount

NUMBER_FORMAT = "#,##0.00;[Red]-#,##0.00"
SHARE_FORMAT = "0.0%"
INK, SHADE, PALE = "#1F3A5F", "#E8EEF4", "#7A7A7A"
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
"""Okabe and Ito's, which colour-blind readers tell apart."""
WIDEST, NARROWEST = 48, 10
LONGEST_UNIT = 40
"""Signs of a unit up to which number formats bear it; formats are cut off at 255."""
LONGEST_HEADER = 120
"""Signs of a title in the head of a printed page, where all parts together may have 255."""
WRAPPED, LINE_HEIGHT = 88, 15
"""Signs of a line of wrapped text, and its height [pt]."""
A4 = 9


def format_with_unit(unit: str, number: str = "#,##0.00") -> str:
    """Return a number format that shows a unit behind the number."""
    plain = unit.replace('"', "'").replace("\n", " ")
    return f'{number}" {plain}"' if 0 < len(plain) <= LONGEST_UNIT else number


@dataclass(frozen=True, eq=False)
class Book:
    """A workbook that is being written, with its formats.

    Attributes
    ----------
    file
        The workbook of XlsxWriter.
    formats
        Formats by name.
    title, foot
        What stands at the head and at the foot of every printed page.
    """

    file: Any
    formats: dict[str, Any]
    title: str
    foot: str

    def sheet(self, name: str, *, tall: bool = False) -> Any:
        """Add a sheet that prints on A4 pages, as wide as one of them."""
        sheet = self.file.add_worksheet(name)
        sheet.set_paper(A4)
        if not tall:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.75, bottom=0.75)
        sheet.set_header(f"&L&9{_printed(self.title)}&R&9&A")
        sheet.set_footer(f"&L&8{_printed(self.foot)}&R&8&P / &N")
        return sheet


def _printed(text: str) -> str:
    """Return a text for the head of a page, in which an ampersand begins an order."""
    cut = text if len(text) <= LONGEST_HEADER else f"{text[:LONGEST_HEADER]}…"
    return cut.replace("&", "&&").replace("\n", " ")


@contextmanager
def plan_book(path: Path, currency: str, title: str, foot: str) -> Iterator[Book]:
    """Open a new workbook in which no text is a formula or a link."""
    import xlsxwriter  # only wanted for workbooks

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as file:
        looks: dict[str, dict[str, Any]] = {
            "bold": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": SHADE},
            "head": {
                "bold": True,
                "bottom": 1,
                "text_wrap": True,
                "valign": "top",
                "bg_color": SHADE,
                "align": "right",
            },
            "number": {"num_format": NUMBER_FORMAT},
            "money": {"num_format": format_with_unit(currency)},
            "share": {"num_format": SHARE_FORMAT},
            "total": {"bold": True, "num_format": NUMBER_FORMAT, "bg_color": SHADE, "top": 1},
            "share_total": {"bold": True, "num_format": SHARE_FORMAT, "bg_color": SHADE, "top": 1},
            "total_text": {"bold": True, "bg_color": SHADE, "top": 1},
            "title": {"bold": True, "font_size": 16, "font_color": INK},
            "heading": {"bold": True, "font_size": 12, "font_color": INK},
            "note": {"font_color": PALE, "italic": True},
            "key": {"font_color": PALE, "font_size": 8, "align": "right"},
            "text": {"text_wrap": True, "valign": "top"},
            "label": {"bold": True, "valign": "top"},
        }
        yield Book(file, {name: file.add_format(look) for name, look in looks.items()}, title, foot)


def write_head(sheet: Any, book: Book, heading: str, note: str) -> int:
    """Write what a sheet is about in its first two lines; return the line, from 0, at which its table begins."""
    sheet.write_string(0, 0, heading, book.formats["heading"])
    sheet.write_string(1, 0, note, book.formats["note"])
    return 3


def write_frame(
    sheet: Any, frame: pd.DataFrame, formats: dict[str, Any], top: int = 0, *, filtered: bool = True
) -> None:
    """Write a frame into a sheet, headings in line ``top``; missing figures stay blank.

    The headings stay in sight and are printed on every page.
    """
    for position, name in enumerate(frame.columns):
        values = frame.iloc[:, position]  # two stages may bear one display name
        sheet.write_string(top, position, str(name), formats["bold"])
        width = _write_column(sheet, position, values, formats, top)
        sheet.set_column(position, position, min(max(max(width, len(str(name))) + 2, NARROWEST), WIDEST))
    sheet.freeze_panes(top + 1, 0)
    finish(sheet, top, len(frame), len(frame.columns))
    if len(frame) and filtered:
        sheet.autofilter(top, 0, top + len(frame), len(frame.columns) - 1)


def _write_column(sheet: Any, position: int, values: pd.Series, formats: dict[str, Any], top: int) -> int:
    """Write the cells of one column and return the length of its longest text."""
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    whole = numeric and pd.api.types.is_integer_dtype(values)
    longest = 0
    for line, value in enumerate(values.to_numpy(object), start=top + 1):
        if value is None or value == "" or (isinstance(value, float) and np.isnan(value)):
            continue
        if numeric and np.isfinite(value):
            sheet.write_number(line, position, value, None if whole else formats["number"])
        else:
            text = amount(value) if numeric else str(value)
            sheet.write_string(line, position, text)
            longest = max(longest, len(text))
    return longest


def finish(sheet: Any, top: int, lines: int, columns: int) -> None:
    """Set what is printed of a sheet whose table begins at line ``top``, and that its headings are repeated."""
    sheet.repeat_rows(top)
    sheet.print_area(0, 0, top + lines, max(columns - 1, 0))


def write_lines(sheet: Any, lines: Sequence[tuple[str, str]], formats: dict[str, Any], top: int) -> int:
    """Write pairs of a label and a text, one a line; return the line after them."""
    for line, (label, text) in enumerate(lines, start=top):
        sheet.write_string(line, 0, label, formats["label"])
        sheet.write_string(line, 1, text, formats["text"])
        sheet.set_row(line, LINE_HEIGHT * math.ceil(width_of(text) / WRAPPED))  # not every program finds it itself
    return top + len(lines)
