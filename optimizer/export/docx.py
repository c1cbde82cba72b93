"""Documents for Word, written by python-docx."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from optimizer.export.document import Document, Grid, Heading, Kind, Paragraph
from optimizer.language import Language, translate

PAGE, MARGIN = (210, 297), 18
"""A4 and its margins [mm]."""
WRITABLE = PAGE[0] - 2 * MARGIN
FONT = {Language.EN: "Calibri", Language.KO: "Malgun Gothic"}
HANGUL_FONT = "맑은 고딕"
SHADE, LINE, INK, WARN = "E8EEF4", "9AA5B1", "1F3A5F", "8A5A00"
CROWDED = 9
"""Columns from which on figures are set smaller."""


def save_docx(document: Document, path: Path) -> None:
    """Write a document as a ``.docx`` file."""
    book = docx.Document()
    _set_up(book, document)
    book.add_heading(document.title, level=0)
    tables = 0
    for block in document.blocks:
        match block:
            case Heading(text):
                book.add_heading(text, level=1)
            case Paragraph():
                _add_paragraph(book, block)
            case Grid():
                tables += 1
                _add_table(book, block, tables, document.language)
    with path.open("wb") as stream:
        book.save(stream)


def _set_up(book: Any, document: Document) -> None:
    section = book.sections[0]
    section.page_width, section.page_height = Mm(PAGE[0]), Mm(PAGE[1])
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN)
    for name, size in (("Normal", 10), ("Title", 18), ("Heading 1", 13), ("List Bullet", 10), ("Caption", 9.5)):
        style = book.styles[name]
        style.font.name, style.font.size = FONT[document.language], Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), HANGUL_FONT)
        if name != "Normal":
            style.font.color.rgb = RGBColor.from_string(INK) if name != "List Bullet" else None
    normal = book.styles["Normal"]
    normal.paragraph_format.space_after = Pt(4)
    for name in ("autoSpaceDE", "autoSpaceDN"):  # Korean writes numbers and their units together: 916억원
        # the order of these is fixed
        normal.element.get_or_add_pPr().insert_element_before(_off(name), "w:bidi", "w:spacing", "w:ind", "w:jc")
    book.styles["Caption"].font.bold, book.styles["Caption"].font.italic = True, False
    book.core_properties.title = document.title
    book.core_properties.author = "optimizer"
    book.core_properties.language = document.language.value
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = foot.add_run(f"{document.footer} · ")
    page = foot.add_run()
    for mark, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        page._r.append(_field(mark, text))  # python-docx has no call for fields
    for part in (run, page):
        part.font.size = Pt(8)


def _off(name: str) -> Any:
    element = OxmlElement(f"w:{name}")
    element.set(qn("w:val"), "0")
    return element


def _field(mark: str, text: str) -> Any:
    if mark:
        element = OxmlElement("w:fldChar")
        element.set(qn("w:fldCharType"), mark)
        return element
    element = OxmlElement("w:instrText")
    element.text = text
    return element


def _add_paragraph(book: Any, block: Paragraph) -> None:
    paragraph = book.add_paragraph(style="List Bullet" if block.kind is Kind.ITEM else "Normal")
    run = paragraph.add_run(block.text)
    if block.kind is Kind.LEAD:
        run.font.size = Pt(8.5)
    if block.kind is Kind.WARNING:
        run.font.color.rgb = RGBColor.from_string(WARN)


def _add_table(book: Any, grid: Grid, number: int, language: Language) -> None:
    caption = book.add_paragraph(style="Caption")
    caption.paragraph_format.keep_with_next = True
    caption.paragraph_format.space_before, caption.paragraph_format.space_after = Pt(8), Pt(2)
    caption.add_run(translate("Table {number}. {caption}", language, number=number, caption=grid.caption))
    if grid.unit:
        caption.paragraph_format.tab_stops.add_tab_stop(Mm(WRITABLE), WD_TAB_ALIGNMENT.RIGHT)
        unit = caption.add_run("\t" + translate("(unit: {unit})", language, unit=grid.unit))
        unit.font.bold, unit.font.size = False, Pt(8.5)
    table = book.add_table(rows=1 + len(grid.rows), cols=len(grid.header))
    table.autofit = False
    _draw_lines(table)
    size = Pt(7 if len(grid.header) > CROWDED else 8.5)
    weights = grid.weights()
    widths = [Mm(WRITABLE * weight / sum(weights)) for weight in weights]
    for column, width in zip(table._tbl.tblGrid.gridCol_lst, widths, strict=True):
        column.w = width
    last = len(grid.rows)
    for position, (row, cells) in enumerate(zip(table.rows, (grid.header, *grid.rows), strict=True)):
        head, total = position == 0, grid.totals and position == last
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if head:
            properties.append(OxmlElement("w:tblHeader"))  # repeated on every page
        for column, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
            cell.width = widths[column]
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            run = paragraph.add_run(text)
            run.font.size, run.font.bold = size, head or total
            if column >= grid.labels:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if head else WD_ALIGN_PARAGRAPH.RIGHT
            if head or total:
                _shade(cell)
    for note in grid.notes:
        paragraph = book.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.add_run(note).font.size = Pt(7.5)
    book.add_paragraph().paragraph_format.space_after = Pt(0)


def _draw_lines(table: Any) -> None:
    """Draw the horizontal lines of a table, and keep the text of its cells near them."""
    properties = table._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        thick = "8" if side in ("top", "bottom") else "4"
        for name, value in (("val", "single"), ("sz", thick), ("space", "0"), ("color", LINE)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "50")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    # the order of these is fixed
    properties.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")
    properties.insert_element_before(margins, "w:tblLook")


def _shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", SHADE)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)
