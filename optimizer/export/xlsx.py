"""A plan as one workbook. Texts are written as texts, never as formulas; links are not followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.data.provenance import provenance
from optimizer.export.overlap import named_ledger, named_matrix
from optimizer.export.words import FIGURES, Names, amount, certificate_table, figure, title
from optimizer.language import Language, sentence, translate
from optimizer.plan.plan import PlanTables

NUMBER_FORMAT = "#,##0.00;[Red]-#,##0.00"
WIDEST = 48
HEADINGS = {
    "summary": sentence("Summary"),
    "cluster_stage": sentence("Cluster by stage"),
    "funder_year": sentence("Funder by year"),
    "allocation": sentence("Allocation"),
    "headroom": sentence("Left over"),
    "launches": sentence("Launches"),
    "overlap": sentence("Overlap"),
    "overlap_clusters": sentence("Overlap of clusters"),
    "overlap_funders": sentence("Overlap of funders"),
    "specialization": sentence("Specialisation"),
    "concentration": sentence("Specialisation of clusters"),
    "suggestions": sentence("Related niches"),
    "prices": sentence("Prices of limits"),
    "certificate": sentence("Certificate"),
    "sources": sentence("Sources"),
}
HEAT_MAPS = ("overlap_clusters", "overlap_funders")
"""Sheets that are shaded by size."""


def write_workbook(plan: PlanTables, path: Path, language: Language = Language.EN) -> None:
    """Write a plan as a workbook: summary, allocation, pivots, what is left over, overlap, prices and sources."""
    with new_book(path) as (book, formats):
        for name, frame in _sheets(plan, language).items():
            sheet = book.add_worksheet(translate(HEADINGS[name], language))
            write_frame(sheet, frame, formats)
            if name in HEAT_MAPS and len(frame):
                colours = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#3B6EA5"}
                sheet.conditional_format(1, 1, len(frame), len(frame), colours)


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


def _sheets(plan: PlanTables, language: Language) -> dict[str, pd.DataFrame]:
    currency = plan.case.currency
    summary = plan.summary()
    lines = [
        (translate(words, language), figure(name, summary[name], currency, language)) for name, words in FIGURES.items()
    ]
    heading = (translate("Figure", language), f"{title(plan.case, language)} ({currency})")
    headroom = plan.statistics.headroom()
    headroom["reason"] = [reason.text(language) if reason else "" for reason in headroom["reason"]]
    prices = plan.sensitivity.constraints
    names = Names(plan.case, language)
    named = names.named
    return {
        "summary": pd.DataFrame(lines, columns=list(heading)),
        "cluster_stage": named_pivot(plan, "cluster", "stage", language),
        "funder_year": named_pivot(plan, "funder", "year", language),
        "allocation": plan.allocation,
        "headroom": named(headroom),
        "launches": named(plan.statistics.launches(["field", "year"])),
        "overlap": named_ledger(plan.overlap_ledger, names),
        "overlap_clusters": named_matrix(plan, "cluster", language),
        "overlap_funders": named_matrix(plan, "funder", language),
        "specialization": named(plan.specialization),
        "concentration": named(plan.statistics.concentration()),
        "suggestions": named(plan.suggestions()),
        "prices": named(prices[(prices["shadow_price"] != 0) | prices["degenerate"]].reset_index(drop=True)),
        "certificate": certificate_table(plan.certificate, language),
        "sources": named(provenance(plan.case)),
    }


def named_pivot(plan: PlanTables, down: str, across: str, language: Language) -> pd.DataFrame:
    """Return a pivot with display names, its row labels as the first column."""
    names = Names(plan.case, language)
    table = plan.pivot([down], [across])
    frame = pd.DataFrame(table.to_numpy(), columns=names.of(across, table.columns))
    frame.insert(0, names.heading(down), names.of(down, table.index))
    return frame


def write_frame(sheet: Any, frame: pd.DataFrame, formats: dict[str, Any]) -> None:
    """Write a frame into an empty sheet, headings in its first line; missing figures stay blank."""
    for position, name in enumerate(frame.columns):
        values = frame.iloc[:, position]  # two stages may bear one display name
        sheet.write_string(0, position, str(name), formats["bold"])
        numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        whole = numeric and pd.api.types.is_integer_dtype(values)
        widest = len(str(name))
        for line, value in enumerate(values.to_numpy(object), start=1):
            if value is None or value == "" or (isinstance(value, float) and np.isnan(value)):
                continue
            if numeric and np.isfinite(value):
                sheet.write_number(line, position, value, None if whole else formats["number"])
            else:
                sheet.write_string(line, position, amount(value) if numeric else str(value))
                widest = max(widest, len(str(value)))
        sheet.set_column(position, position, min(max(widest + 2, 10), WIDEST))
    sheet.freeze_panes(1, 0)
    if len(frame):
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
