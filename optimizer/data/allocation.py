"""A hand-made allocation: who gives how much to what and when, read and checked against a case.

It may leave open what it does not decide: a blank ``field`` is money for any field, a blank ``stage`` for any site of
the cluster, a blank ``partner`` (the origin of a link) for any link into the cluster. All faults are reported at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from optimizer.data.case import CaseTables
from optimizer.data.cells import NonNegative, Number, Text, Whole
from optimizer.data.faults import FaultList
from optimizer.data.folder import read_table_file
from optimizer.data.names import title_of
from optimizer.data.raw import RawTable
from optimizer.data.references import UNKNOWN_NAME
from optimizer.data.rows import LINK_STAGE, MONEY, Row, TableKind, cell
from optimizer.data.sheets import Sheet, read_sheets
from optimizer.data.tables import FRAME, CheckedTable, check_table, table_of_frame
from optimizer.data.workbook import read_table_sheet
from optimizer.errors import InputError
from optimizer.language import Language, say, sentence, translate

NAME = "allocation"
SHEET = sentence("Allocation")
"""The sheet of our own workbooks that is looked for, in any language, in a workbook of several."""
LABELS = ("funder", "cluster", "partner", "stage", "field", "year")
LINK_FIELD = sentence("money on a link has no field; leave the field blank")
SITE_PARTNER = sentence("only money on a link has a partner; leave it blank, or write stage link")
SHEET_WANTED = sentence("which sheet holds the allocation? Name it allocation; there are {sheets}")
NOT_A_TABLE = sentence("an allocation is a .csv file or an .xlsx workbook")


class AllocationRow(Row):
    """Money a funder gives to a site or a link in a year."""

    KEY = LABELS
    funder: Text = cell("The funder.", "national", refers_to="budget")
    cluster: Text = cell("The cluster, a link's destination.", refers_to="clusters")
    partner: Text = cell("The cluster a link comes from; blank: any.", "", refers_to="clusters")
    stage: Text = cell("The stage, or link; blank: any stage.", "", refers_to="stages")
    field: Text = cell("The field; blank: any, and for links.", "", refers_to="fields")
    year: Whole = cell("The year; years outside the horizon are ignored.")
    amount: NonNegative = cell("Money given.", unit=MONEY)
    baseline: Number = cell("Not read: a column of allocation.csv.", None)
    change: Number = cell("Not read: a column of allocation.csv.", None)


KIND = TableKind(AllocationRow)
_HEADING = re.compile(rf".+ \(({'|'.join(AllocationRow.model_fields)})\)")
NOT_READ = ("baseline", "change")
"""Columns of our own tables, in part formulas, that an allocation may keep."""


def read_allocation(case: CaseTables, given: str | Path | pd.DataFrame | None) -> pd.DataFrame:
    """Return an allocation as a frame of :data:`LABELS` and ``amount``; blank labels are open.

    Parameters
    ----------
    case
        The case whose names the allocation uses.
    given
        A ``.csv`` file, an ``.xlsx`` workbook, a frame with the same columns, or ``None`` for the case's baseline.

    Raises
    ------
    CaseError
        With every fault of the table, each with file or sheet, line, column, value and the rule broken.
    InputError
        If there is no such file, or the case has no baseline.
    """
    faults = FaultList()
    if given is None:
        return _baseline(case)
    if isinstance(given, pd.DataFrame):
        origin: str = FRAME
        table: RawTable | None = table_of_frame(NAME, given)
    else:
        origin, table = _from_file(Path(given), faults)
    if table is None:
        faults.raise_if_any(origin)
        msg = "a table that was not read must have a fault"
        raise AssertionError(msg)
    known = _known(case)
    table = _without_apostrophes(table, known)
    checked = check_table(table, faults, KIND)
    _check_names(checked, known, case, faults)
    _check_links(checked, faults)
    faults.found.sort(key=lambda fault: fault.line or 0)
    faults.raise_if_any(origin)
    rows = [vars(row) for row in checked.rows if row is not None]
    return pd.DataFrame(rows, columns=[*LABELS, "amount"])


def _baseline(case: CaseTables) -> pd.DataFrame:
    if not case.has("baseline"):
        raise InputError(
            say(
                "case {case} has no baseline.csv; name a table to evaluate, or write today's allocation into the case.",
                case=title_of(case),
            )
        )
    today = case.table("baseline").assign(partner="")
    today.loc[today["stage"] == LINK_STAGE, "field"] = ""
    return today[[*LABELS, "amount"]]


def _from_file(path: Path, faults: FaultList) -> tuple[str, RawTable | None]:
    readers: Mapping[str, Callable[[Path, FaultList], RawTable | None]] = {".csv": _from_csv, ".xlsx": _from_workbook}
    if not path.is_file():
        raise InputError(say("{path} does not exist or is no file; name a table to evaluate.", path=path))
    if path.suffix.lower() not in readers:
        faults.add(path.name, None, "", "", NOT_A_TABLE)
        return str(path), None
    return str(path), readers[path.suffix.lower()](path, faults)


def _from_csv(path: Path, faults: FaultList) -> RawTable | None:
    return read_table_file(NAME, path, faults, {})


def _from_workbook(path: Path, faults: FaultList) -> RawTable | None:
    sheets = read_sheets(path, faults)
    lowered = {name.lower(): name for name in sheets}
    wanted = [NAME, *(translate(SHEET, language).lower() for language in Language), "baseline"]
    chosen = next((lowered[name] for name in wanted if name in lowered), None)
    if chosen is None and len(sheets) == 1:
        chosen = next(iter(sheets))
    if chosen is None:
        if not faults.found:
            faults.add(path.name, None, "", "", SHEET_WANTED, sheets=", ".join(sheets))
        return None
    return read_table_sheet(chosen, _with_keys(sheets[chosen]), faults, ignored=NOT_READ)


def _with_keys(sheet: Sheet) -> Sheet:
    """Return a sheet whose headings are keys: our workbooks write ``부처 (funder)`` in other languages than English."""
    rows = sheet.rows
    top = next((number for number, row in enumerate(rows) if any(cell != "" for cell in row)), None)
    if top is None:
        return sheet
    keys = [_HEADING.sub(r"\1", cell) if isinstance(cell, str) else cell for cell in rows[top]]
    return replace(sheet, rows=[*rows[:top], keys, *rows[top + 1 :]])


def _known(case: CaseTables) -> dict[str, tuple[set[str], str, str]]:
    """Return for each label the names it may bear, what they are called, and the table they stand in."""
    clusters = set(case.table("clusters")["cluster"])
    return {
        "funder": (set(case.table("budget")["funder"]), sentence("funder"), "budget"),
        "cluster": (clusters, sentence("cluster"), "clusters"),
        "partner": (clusters, sentence("cluster"), "clusters"),
        "stage": ({*case.table("stages")["stage"], LINK_STAGE}, sentence("stage"), "stages"),
        "field": (set(case.table("fields")["field"]), sentence("field"), "fields"),
    }


def _without_apostrophes(table: RawTable, known: Mapping[str, tuple[set[str], str, str]]) -> RawTable:
    """Take away the apostrophe that our own tables put before names that a spreadsheet would compute."""
    cells = []
    for row in table.cells:
        named = dict(zip(table.header, row, strict=True))
        for name, (names, _, _) in known.items():
            text = named.get(name, "")
            if text.startswith("'") and text not in names and text[1:] in names:
                named[name] = text[1:]
        cells.append(tuple(named[title] for title in table.header) if len(named) == len(row) else row)
    return RawTable(table.name, table.file, table.header, table.lines, tuple(cells), table.header_line, table.complete)


def _check_names(
    checked: CheckedTable, known: Mapping[str, tuple[set[str], str, str]], case: CaseTables, faults: FaultList
) -> None:
    table = checked.raw
    for column, (names, what, target) in known.items():
        if column != "funder" and column not in table.header:
            continue
        file = case.raw.tables[target].file if target in case.raw.tables else f"{target}.csv"
        for line, name in zip(table.lines, checked.labels(column), strict=True):
            if name and name not in names:
                faults.add(table.file, line, column, name, UNKNOWN_NAME, what=say(what), file=file)


def _check_links(checked: CheckedTable, faults: FaultList) -> None:
    table = checked.raw
    columns = (table.column(name) for name in ("stage", "field", "partner"))
    for line, stage, field, partner in zip(table.lines, *columns, strict=True):
        if stage == LINK_STAGE and field:
            faults.add(table.file, line, "field", field, LINK_FIELD)
        if stage != LINK_STAGE and partner:
            faults.add(table.file, line, "partner", partner, SITE_PARTNER)
