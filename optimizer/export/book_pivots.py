"""Pivots of a workbook as living formulas over its allocation sheet, their shares, and charts of them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.data.money import currency_in
from optimizer.export.book_style import COLOURS, LONGEST_UNIT, Book, write_head
from optimizer.export.words import Names
from optimizer.language import Language, sentence, translate
from optimizer.plan.plan import PlanTables
from optimizer.plan.tables import TOTAL

MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
PLAIN = re.compile(rf"(?!(true|false)$|({MONTHS})[a-z]*[ ._-]?\d)[^\W\d_][\w-]*", re.IGNORECASE)
"""Keys that a criterion of SUMIFS takes for themselves: no operator, wildcard, number, date or truth value."""
LONGEST_CRITERION = 250
KEY, SHARES = sentence("key"), sentence("Shares of the whole")
CHECK = sentence("Difference from the allocation")
AXIS_NAME = re.compile(rf"\w[\w .,/%-]{{0,{LONGEST_UNIT}}}")
"""What an axis may be called: of other names a chart could make a formula."""
LABEL_WIDTH, FIGURE_WIDTH = 26, 13
"""Width of columns [signs]."""
CHART_WIDTH, WIDEST_CHART = 80, 1.9
"""Width of a chart before it is scaled [signs], and by how much it is at most."""
MOST_ON_A_PAGE = 30
"""Lines of a pivot that fit on one page beside its shares and its chart."""
CENTS = 6
"""Decimals of a difference that sums of floats leave meaning in."""
CHART_LINES = 15
"""Lines of a sheet that a chart takes up before it is scaled."""


@dataclass(frozen=True)
class Allocation:
    """Where the allocation stands in the workbook.

    Attributes
    ----------
    sheet
        Name of its sheet.
    columns
        Its columns in order.
    lines
        How many lines it has, below one line of headings.
    """

    sheet: str
    columns: tuple[str, ...]
    lines: int

    def range(self, column: str) -> str:
        """Return the cells of a column, as a formula names them."""
        from xlsxwriter.utility import xl_range_abs

        position = self.columns.index(column)
        cells = xl_range_abs(1, position, max(self.lines, 1), position)
        return f"{quoted(self.sheet)}!{cells}"


def quoted(sheet: str) -> str:
    """Return the name of a sheet as a formula names it."""
    return "'" + sheet.replace("'", "''") + "'"


@dataclass(frozen=True)
class PivotKind:
    """A pivot: labels down and across, what it is about, and how it is drawn."""

    down: str
    across: str
    heading: str
    chart: str
    """``bar`` for one bar a line, ``column`` for one column a heading."""


class LivePivots:
    """Writes pivots into one workbook.

    Parameters
    ----------
    book
        The workbook.
    plan
        The plan.
    language
        Language of names and headings.
    source
        Where the allocation stands.
    """

    def __init__(self, book: Book, plan: PlanTables, language: Language, source: Allocation) -> None:
        self._book, self._plan, self._language, self._source = book, plan, language, source
        self._names = Names(plan.case, language)

    def write(self, sheet: Any, kind: PivotKind) -> None:
        """Write a pivot, its shares, a check against the allocation, and its chart into an empty sheet."""
        formats = self._book.formats
        table = self._plan.pivot([kind.down], [kind.across])
        rows, columns = table.index.drop(TOTAL), table.columns.drop(TOTAL)
        unit = currency_in(self._plan.case.currency, self._language)
        note = self.say(
            "Unit: {unit}. Sums are formulas over sheet {sheet}; change an amount there and they follow.",
            unit=unit,
            sheet=self._source.sheet,
        )
        top = write_head(sheet, self._book, self.say(kind.heading), note)
        self._write_sums(sheet, kind, table, top)
        first, last = top + 2, top + 1 + len(rows)
        total, right = last + 1, 2 + len(columns)
        check = total + 1
        sheet.write_string(check, 1, self.say(CHECK), formats["note"])
        sheet.write_formula(
            check,
            right,
            f"=ROUND({_cell(total, right)}-SUM({self._source.range('amount')}),{CENTS})",
            formats["number"],
            round(table.to_numpy(float)[-1, -1] - self._plan.allocation["amount"].sum(), CENTS) + 0.0,
        )
        shares = check + 2
        self._write_shares(sheet, kind, table, shares, (first, total, right))
        sheet.set_column(0, 0, 11)
        sheet.set_column(1, 1, LABEL_WIDTH)
        sheet.set_column(2, right, FIGURE_WIDTH)
        sheet.freeze_panes(top + 1, 2)
        sheet.fit_to_pages(1, 1 if len(rows) <= MOST_ON_A_PAGE else 0)
        sheet.repeat_rows(top)
        bottom = shares + 3 + len(rows)
        if len(rows):
            self._draw(sheet, kind, (top, first, last, right - 1), bottom + 1)
        chart_lines = math.ceil(CHART_LINES * _height(len(rows))) if len(rows) else 0
        sheet.print_area(0, 0, bottom + 1 + chart_lines, right)

    def say(self, template: str, /, **values: object) -> str:
        """Return a text of the catalogue in the language of the workbook."""
        return translate(template, self._language, **values)

    def _write_sums(self, sheet: Any, kind: PivotKind, table: pd.DataFrame, top: int) -> None:
        """Write headings, keys and sums; the cached values are the plan's own."""
        formats = self._book.formats
        rows, columns = table.index.drop(TOTAL), table.columns.drop(TOTAL)
        right, bottom = 2 + len(columns), top + 2 + len(rows)
        total = self.say(TOTAL)
        heads = (self.say(KEY), self._names.heading(kind.down), *self._names.of(kind.across, columns), total)
        for position, text in enumerate(heads):
            sheet.write_string(top, position, text, formats["bold" if position < 2 else "head"])
        values = table.to_numpy(float)
        for position, key in enumerate(columns, start=2):
            self._write_key(sheet, (top + 1, position), key)
        plain = _are_plain(rows) and _are_plain(columns)
        for line, (key, name) in enumerate(zip(rows, self._names.of(kind.down, rows), strict=True), start=top + 2):
            self._write_key(sheet, (line, 0), key)
            sheet.write_string(line, 1, name)
            for position in range(2, right):
                criteria = ((kind.down, _cell(line, 0, column_fixed=True)),
                            (kind.across, _cell(top + 1, position, row_fixed=True)))  # fmt: skip
                formula = self._sum_if(criteria, plain=plain)
                sheet.write_formula(line, position, formula, formats["number"], values[line - top - 2, position - 2])
            across = f"=SUM({_cell(line, 2)}:{_cell(line, right - 1)})" if len(columns) else "=0"
            sheet.write_formula(line, right, across, formats["total"], values[line - top - 2, -1])
        sheet.write_string(bottom, 0, "", formats["total_text"])
        sheet.write_string(bottom, 1, total, formats["total_text"])
        for position in range(2, right + 1):
            down = f"=SUM({_cell(top + 2, position)}:{_cell(bottom - 1, position)})" if len(rows) else "=0"
            sheet.write_formula(bottom, position, down, formats["total"], values[-1, position - 2])

    def _write_shares(
        self, sheet: Any, kind: PivotKind, table: pd.DataFrame, top: int, place: tuple[int, int, int]
    ) -> None:
        """Write the shares of the whole below the sums that stand at ``place``: first line, total, last column."""
        formats = self._book.formats
        first, total, right = place
        sheet.write_string(top, 1, self.say(SHARES), formats["heading"])
        whole = _cell(total, right, row_fixed=True, column_fixed=True)
        labels = self._names.of(kind.down, table.index)
        headings = self._names.of(kind.across, table.columns)
        for position, heading in enumerate((self._names.heading(kind.down), *headings), start=1):
            sheet.write_string(top + 1, position, heading, formats["bold" if position == 1 else "head"])
        values = table.to_numpy(float)
        shares = values / values[-1, -1] if values[-1, -1] else np.zeros_like(values)
        for step, label in enumerate(labels):
            line, of = top + 2 + step, first + step
            is_total = of == total
            sheet.write_string(line, 1, label, formats["total_text"] if is_total else None)
            for offset in range(len(headings)):
                style = formats["share_total" if is_total or offset + 2 == right else "share"]
                formula = f"=IF({whole}=0,0,{_cell(of, offset + 2)}/{whole})"
                sheet.write_formula(line, offset + 2, formula, style, float(shares[step, offset]))

    def _write_key(self, sheet: Any, place: tuple[int, int], key: object) -> None:
        if isinstance(key, int | np.integer):
            sheet.write_number(*place, int(key), self._book.formats["key"])
        else:
            sheet.write_string(*place, str(key), self._book.formats["key"])

    def _sum_if(self, criteria: Sequence[tuple[str, str]], *, plain: bool) -> str:
        """Return the sum of the amounts whose labels are those of some cells.

        Where a key could be read as a criterion of its own (``>5``, ``a*``, ``may-1``), labels are compared sign by
        sign in place of SUMIFS.
        """
        amounts = self._source.range("amount")
        if plain:
            tests = ",".join(f"{self._source.range(column)},{cell}" for column, cell in criteria)
            return f"=SUMIFS({amounts},{tests})"
        tests = "*".join(f"EXACT({self._source.range(column)},{cell})" for column, cell in criteria)
        return f"=SUMPRODUCT({tests}*{amounts})"

    def _draw(self, sheet: Any, kind: PivotKind, place: tuple[int, int, int, int], line: int) -> None:
        """Draw the sums stacked: one bar a line of the pivot, or one column a heading."""
        top, first, last, right = place
        chart = self._book.file.add_chart({"type": kind.chart, "subtype": "stacked"})
        name = sheet.get_name()
        across = kind.chart == "bar"
        steps = range(2, right + 1) if across else range(first, last + 1)
        for number, step in enumerate(steps):
            label, categories, values = (
                ([name, top, step], [name, first, 1, last, 1], [name, first, step, last, step])
                if across
                else ([name, step, 1], [name, top, 2, top, right], [name, step, 2, step, right])
            )
            fill = {"color": COLOURS[number % len(COLOURS)]}
            chart.add_series({"name": label, "categories": categories, "values": values, "fill": fill, "gap": 60})
        self._label(chart, kind, across=across)
        scale = min((LABEL_WIDTH + FIGURE_WIDTH * right) / CHART_WIDTH, WIDEST_CHART)
        sheet.insert_chart(line, 1, chart, {"x_scale": scale, "y_scale": 1.45, "object_position": 2})

    def _label(self, chart: Any, kind: PivotKind, *, across: bool) -> None:
        """Give a chart its title and the units of its axes."""
        unit = currency_in(self._plan.case.currency, self._language)
        named = {"name": unit} if AXIS_NAME.fullmatch(unit) else {}
        money = {"num_format": "#,##0", **named}
        labels = {"name": self._names.heading(kind.down if across else kind.across)}
        chart.set_title({"name": self.say(kind.heading), "name_font": {"size": 12}})
        if across:
            chart.set_x_axis(money)
            chart.set_y_axis(labels | {"reverse": True})  # the first line on top
        else:
            chart.set_x_axis(labels)
            chart.set_y_axis(money)
        chart.set_legend({"position": "bottom"})


def _height(lines: int) -> float:
    """Return by how much a chart of a pivot of so many lines is made higher."""
    return max(1.45, 0.1 * lines)


def _are_plain(keys: Sequence[object] | pd.Index) -> bool:
    """Whether SUMIFS takes every key for itself, and tells them apart: it does not look at capitals."""
    texts = [key for key in keys if not isinstance(key, int | np.integer)]
    return len({str(key).casefold() for key in texts}) == len(texts) and all(
        len(str(key)) <= LONGEST_CRITERION and PLAIN.fullmatch(str(key)) for key in texts
    )


def _cell(row: int, column: int, *, row_fixed: bool = False, column_fixed: bool = False) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell

    return str(xl_rowcol_to_cell(row, column, row_abs=row_fixed, col_abs=column_fixed))
