"""A calibration of the overlap penalty as a table in words and a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.analysis.calibration import CalibrationTables
from optimizer.data.money import currency_in
from optimizer.export.words import Names
from optimizer.export.xlsx import new_book, write_frame
from optimizer.language import Language, sentence, translate

PRICE_FORMAT = "#,##0.####"
CURVE, CHART, NOTES = sentence("Overlap calibration"), sentence("Chart"), sentence("Notes")
"""Sheets of the workbook."""
VALUE_AXIS = sentence("Worth less the price of broken rules ({currency})")
OVERLAP_AXIS = sentence("Overlap ({currency})")
DISCOUNTED = sentence("Discounted, as the penalty weighs it")
UNDISCOUNTED = sentence("Not discounted, between clusters and between funders")
RECOMMENDED = sentence("Recommended")
WIDTH, HEIGHT = 900, 520
"""Size of the workbook's chart in pixels."""


def curve_table(calibration: CalibrationTables, language: Language) -> pd.DataFrame:
    """Return the points of the curve with headings in words; a penalty without end is blank."""
    table = calibration.table.replace(np.inf, np.nan)
    return Names(calibration.base, language).named(table)


def recommendation(calibration: CalibrationTables, language: Language) -> str:
    """Return in words which prices of overlap the calibration recommends, and what they give up."""
    case = calibration.repriced()
    prices, knee = case.settings.overlap, calibration.table[calibration.table["knee"]].iloc[0]
    return translate(
        "Recommended prices of overlap: {clusters} between clusters, {funders} between funders. That plan has "
        "{overlap} % less overlap and {worth} % less worth than the one without penalty.",
        language,
        clusters=f"{prices.between_clusters:.4g}",
        funders=f"{prices.between_funders:.4g}",
        overlap=_percent(knee["less_overlap"]),
        worth=_percent(knee["less_worth"]),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f}" if np.isfinite(share) else "0.0"


def notes_table(calibration: CalibrationTables, language: Language) -> pd.DataFrame:
    """Return the recommendation and the notes, one a line."""
    lines = [recommendation(calibration, language), *(note.text(language) for note in calibration.notes)]
    return pd.DataFrame({translate("Note", language): lines})


def write_calibration(calibration: CalibrationTables, path: Path, language: Language = Language.EN) -> None:
    """Write a calibration as a workbook: the points of the curve, its chart, and what to know before relying on it."""
    table = curve_table(calibration, language)
    with new_book(path, PRICE_FORMAT) as (book, formats):
        write_frame(book.add_worksheet(translate(CURVE, language)), table, formats)
        # a sheet for calculations that the chart draws from: value and both overlaps side by side
        drawn = _drawn(calibration, language)
        sheet = book.add_worksheet(translate(CHART, language))
        write_frame(sheet, drawn, formats)
        sheet.insert_chart(1, len(drawn.columns) + 1, _book_chart(book, sheet.name, calibration, language, len(drawn)))
        write_frame(book.add_worksheet(translate(NOTES, language)), notes_table(calibration, language), formats)


def _drawn(calibration: CalibrationTables, language: Language) -> pd.DataFrame:
    table = calibration.table
    return pd.DataFrame(
        {
            translate(DISCOUNTED, language): table["weighed_overlap"],
            translate(UNDISCOUNTED, language): table["overlap_clusters"] + table["overlap_funders"],
            translate(VALUE_AXIS, language, currency=currency_in(calibration.base.currency, language)): table["worth"]
            - table["rule_price"],
            translate(RECOMMENDED, language): (table["worth"] - table["rule_price"]).where(table["knee"]),
        }
    )


def _book_chart(book: Any, sheet: str, calibration: CalibrationTables, language: Language, lines: int) -> Any:
    currency = currency_in(calibration.base.currency, language)
    chart = book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    for name, across, up in ((DISCOUNTED, 0, 2), (UNDISCOUNTED, 1, 2), (RECOMMENDED, 0, 3)):
        series: dict[str, Any] = {
            "name": translate(name, language),
            "categories": [sheet, 1, across, lines, across],
            "values": [sheet, 1, up, lines, up],
        }
        if name == RECOMMENDED:
            series |= {"line": {"none": True}, "marker": {"type": "diamond", "size": 12}}
        chart.add_series(series)
    chart.set_x_axis({"name": translate(OVERLAP_AXIS, language, currency=currency), "num_format": "#,##0"})
    chart.set_y_axis({"name": translate(VALUE_AXIS, language, currency=currency), "num_format": "#,##0"})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": WIDTH, "height": HEIGHT})
    return chart
