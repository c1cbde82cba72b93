"""Frames as workbooks. Texts are written as texts, never as formulas; links are not followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.export.book_style import NUMBER_FORMAT, write_frame

__all__ = ["new_book", "write_frame", "write_sheets"]


@contextmanager
def new_book(path: Path, number_format: str = NUMBER_FORMAT) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Open a new workbook in which no text is a formula or a link; yield it with the formats of :func:`write_frame`."""
    import xlsxwriter  # only wanted for workbooks

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        yield (
            book,
            {
                "bold": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
                "number": book.add_format({"num_format": number_format}),
            },
        )


def write_sheets(path: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    """Write a new workbook with each frame in a sheet of its own name."""
    with new_book(path) as (book, formats):
        for name, frame in frames.items():
            write_frame(book.add_worksheet(name), frame, formats)
