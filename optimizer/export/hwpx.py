"""Documents for Hangul, as HWPX (KS X 6101), written by python-hwpx."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hwpx import HwpxDocument

from optimizer.export.document import Document, Grid, Heading, Kind, Paragraph
from optimizer.language import translate

MARGIN = 18
"""Margin of the A4 page [mm]."""
UNITS_PER_MM = 7200 / 25.4
WRITABLE = round((210 - 2 * MARGIN) * UNITS_PER_MM)
"""Width of the text [HWP units, 1/7200 inch]."""
ROW_HEIGHT = 1300
INK, WARN, SHADE = "#1F3A5F", "#8A5A00", "#E8EEF4"
CROWDED = 9
"""Columns from which on figures are set smaller."""
BULLET = "○ "


def save_hwpx(document: Document, path: Path) -> None:
    """Write a document as a ``.hwpx`` file."""
    with HwpxDocument.new() as book:
        writer = _Writer(book)
        writer.set_up(document)
        tables = 0
        for block in document.blocks:
            match block:
                case Heading(text):
                    writer.add(text, size=13, bold=True, color=INK, before=12, after=4, keep=True)
                case Paragraph(text, kind):
                    writer.add_paragraph(text, kind)
                case Grid():
                    tables += 1
                    writer.add_table(
                        block,
                        translate("Table {number}. {caption}", document.language, number=tables, caption=block.caption),
                        translate("(unit: {unit})", document.language, unit=block.unit) if block.unit else "",
                    )
        path.write_bytes(book.to_bytes())


class _Writer:
    """Adds paragraphs and tables to one document, making each look once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._header = book.oxml.headers[0]

    def set_up(self, document: Document) -> None:
        """Set page, title and foot."""
        sides = dict.fromkeys(("left", "right", "top", "bottom"), float(MARGIN))
        self._book.page.setup(paper_size="A4", margins_mm=sides)
        self._book.page.set_page_number(prefix=f"{document.footer} · ")
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._book.parts.set_document_metadata(
            title=document.title, creator="optimizer", created_date=now, modified_date=now
        )
        self.add(document.title, size=18, bold=True, color=INK, after=6)

    def add_paragraph(self, text: str, kind: Kind) -> None:
        """Add a paragraph of some kind."""
        if kind is Kind.ITEM:
            self.add(BULLET + text, after=3, left=5, first=-5)
        else:
            small, color = kind is Kind.LEAD, WARN if kind is Kind.WARNING else None
            self.add(text, size=8.5 if small else 10, color=color, after=4)

    def add(
        self,
        text: str,
        *,
        size: float = 10,
        bold: bool = False,
        color: str | None = None,
        keep: bool = False,
        **space: float,
    ) -> None:
        """Add a paragraph with space ``before`` and ``after`` [pt], ``left`` of it and of its ``first`` line [mm]."""
        points = {"prev": space.get("before", 0.0), "next": space.get("after", 0.0)}
        millimetres = {"left": space.get("left", 0.0), "intent": space.get("first", 0.0)}
        margins = {name: round(value * 100) for name, value in points.items()}
        margins |= {name: round(value * UNITS_PER_MM) for name, value in millimetres.items()}
        shape = self._header.ensure_paragraph_format(
            base_para_pr_id="0",
            line_spacing_percent=140,
            margins=margins,
            break_setting={"keep_with_next": keep},
            alignment="RIGHT" if space.get("right") else "LEFT",
        )
        self._book.add_paragraph(
            text, para_pr_id_ref=shape, char_pr_id_ref=self._letters(size, bold, color), inherit_style=False
        )

    def add_table(self, grid: Grid, caption: str, unit: str) -> None:
        """Add a table below its caption and unit, and above its notes."""
        self.add(caption, size=10, bold=True, color=INK, before=8, keep=True)
        if unit:
            self.add(unit, size=8.5, keep=True, right=1)
        rows = (grid.header, *grid.rows)
        table = self._book.add_table(
            rows=len(rows),
            cols=len(grid.header),
            width=WRITABLE,
            height=ROW_HEIGHT * len(rows),
            char_pr_id_ref=self._letters(1, False, None),  # the paragraph that holds the table is to be low
        )
        table.set_treat_as_char(False)  # so that it flows over pages
        table.element.set("repeatHeader", "1")
        table.element.set("pageBreak", "CELL")
        table.set_column_widths(grid.weights())
        size = 7.0 if len(grid.header) > CROWDED else 8.5
        left, right, center = (
            self._header.ensure_paragraph_format(
                base_para_pr_id="0", line_spacing_percent=110, alignment=side, margins={"prev": 0, "next": 0}
            )
            for side in ("LEFT", "RIGHT", "CENTER")
        )
        plain, strong = self._letters(size, False, None), self._letters(size, True, None)
        last = len(rows) - 1
        for line, (row, texts) in enumerate(zip(table.rows, rows, strict=True)):
            marked = line == 0 or (grid.totals and line == last)
            for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
                cell.set_text(text)
                paragraph = cell.paragraphs[0]
                figure = column >= grid.labels
                paragraph.para_pr_id_ref = (center if line == 0 else right) if figure else left
                for run in paragraph.runs:
                    run.char_pr_id_ref = strong if marked else plain
                if marked:
                    table.set_cell_shading(line, column, SHADE)
        if table.rows:
            for cell in table.rows[0].cells:
                cell.element.set("header", "1")
        for note in grid.notes:
            self.add(note, size=7.5)
        self.add("", size=6)

    def _letters(self, size: float, bold: bool, color: str | None) -> str:
        return str(self._book.styles.ensure_run(size=size, bold=bold, color=color))
