"""What a planner should know about a case although it is no fault: rules that do not say what they seem to say."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from optimizer.data.faults import CaseError, Fault
from optimizer.data.filters import ATTRIBUTE_TABLES, parse_filter, parse_per
from optimizer.data.raw import RawCase, RawTable
from optimizer.data.rows import LINK_STAGE, TABLES
from optimizer.language import Bilingual, Message, say, sentence, translate

NOT_READ = "not-read"
"""Code of remarks of reading: a file that is no table."""
HIDDEN = "hidden"
"""Code of remarks of reading: what counts although the workbook does not show it."""


class Severity(StrEnum):
    """How much a remark matters."""

    ERROR = "error"
    """The case cannot have a plan."""
    WARNING = "warning"
    """The case has a plan, but probably not the one that was meant."""
    NOTE = "note"
    """Good to know."""


HEADS = {
    Severity.ERROR: sentence("Error: {remark}"),
    Severity.WARNING: sentence("Warning: {remark}"),
    Severity.NOTE: sentence("Note: {remark}"),
}
"""Severity -> how a remark is introduced."""


@dataclass(frozen=True)
class Remark:
    """One thing to know about a case.

    Attributes
    ----------
    severity
        How much it matters.
    code
        What kind of thing it is, for programs: ``rule-selects-nothing``.
    message
        What is to be known, and what to do.
    file, line, column
        Where it is written; blank or ``None`` where it is not written in one place.
    """

    severity: Severity
    code: str
    message: Message
    file: str = ""
    line: int | None = None
    column: str = ""

    def text(self, language: str | None = None) -> str:
        """Say the remark in one line, its address first where it has one."""
        if self.line is None:
            return self.message.text(language)
        column = f" {self.column}" if self.column else ""
        return f"{self.file}:{self.line}{column}: {self.message.text(language)}"

    def headed(self, language: str | None = None) -> str:
        """Say the remark with its severity before it."""
        return translate(HEADS[self.severity], language, remark=self.text(language))

    def as_dict(self, language: str | None = None) -> dict[str, object]:
        """Return the remark as plain data, for JSON."""
        return {
            "severity": self.severity.value,
            "code": self.code,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "text": self.message.text(language),
        }

    def as_fault(self) -> Fault:
        """Return the remark as a fault, for those who want none of it."""
        return Fault(self.file or "case", self.line, self.column, "", self.message)

    def __str__(self) -> str:
        return self.text()


def refuse(origin: str, found: Iterable[Remark]) -> None:
    """Raise CaseError for every remark that is an error or a warning, if there is any."""
    faults = [remark.as_fault() for remark in found if remark.severity is not Severity.NOTE]
    if faults:
        raise CaseError(origin, faults)


Place = tuple[str, int | None]
"""File and line; blank and ``None`` where there is none."""


def place_of(raw: RawCase, frames: Mapping[str, pd.DataFrame], table: str, **key: object) -> Place:
    """Return file and line of the first row of a table with these labels."""
    if table not in raw.tables or table not in frames:
        return ("", None)
    frame = frames[table]
    fits = np.logical_and.reduce([frame[column] == label for column, label in key.items()])
    found = np.flatnonzero(fits)
    return (raw.tables[table].file, raw.tables[table].lines[found[0]] if len(found) else None)


def remarks(frames: Mapping[str, pd.DataFrame], raw: RawCase) -> Iterator[Remark]:
    """Yield remarks on the tables of a sound case, table by table."""
    for message in raw.remarks:
        yield Remark(Severity.WARNING, NOT_READ, message)
    for message in raw.hidden:
        yield Remark(Severity.NOTE, HIDDEN, message)
    if "sites" in frames and not len(frames["sites"]):
        yield Remark(
            Severity.WARNING,
            "no-sites",
            say("sites.csv lists no site, so nothing can be funded; leave the file out to allow every combination."),
            raw.tables["sites"].file,
        )
    yield from _misspelt(raw.tables)
    yield from _without_money(frames, raw)
    if "rules" in frames:
        rules = frames["rules"]
        for rule in rules[rules["enabled"].astype(bool)].to_dict("records"):
            file, line = place_of(raw, frames, "rules", rule=rule["rule"])
            for code, column, message in (*_above_whole(rule), *_on_itself(rule), *_unmatched(rule, frames, raw)):
                yield Remark(Severity.WARNING, code, message, file, line, column)


def _misspelt(tables: Mapping[str, RawTable]) -> Iterator[Remark]:
    """Remark on free attributes that look like a column the table lacks."""
    for name, table in tables.items():
        lacking = [column for column in TABLES[name].row.model_fields if column not in table.header]
        for column in table.header:
            near = difflib.get_close_matches(column, lacking, n=1, cutoff=0.85)
            if near and column not in TABLES[name].row.model_fields:
                message = say(
                    "{file}: column {column} is read as a free attribute; did you mean {meant}?",
                    file=table.file,
                    column=column,
                    meant=near[0],
                )
                yield Remark(Severity.WARNING, "misspelt-column", message, table.file, table.header_line, column)


def _without_money(frames: Mapping[str, pd.DataFrame], raw: RawCase) -> Iterator[Remark]:
    """Remark on funders that have nothing to spend in any year."""
    budget = frames["budget"]
    total = budget.groupby("funder", sort=False)["amount"].sum()
    for funder in total.index[total == 0]:
        message = say("funder {funder} has a budget of 0 in every year.", funder=funder)
        file, line = place_of(raw, frames, "budget", funder=funder)
        yield Remark(Severity.NOTE, "no-budget", message, file, line, "amount")


Finding = tuple[str, str, Message]
"""Code, column and message of a remark on a rule."""


def _named(rule: Mapping[Any, Any]) -> Message:
    """Return a rule for a sentence."""
    return Bilingual(str(rule["rule"]), korean=str(rule["name_ko"] or rule["rule"]))


def _above_whole(rule: Mapping[Any, Any]) -> Iterator[Finding]:
    if rule["kind"] == "share" and rule["value"] > 1:
        message = say(
            "rule '{rule}' asks for {value} times the whole; 60 % is written 0.6.",
            rule=_named(rule),
            value=rule["value"],
        )
        yield "share-above-one", "value", message


def _on_itself(rule: Mapping[Any, Any]) -> Iterator[Finding]:
    """Remark on a share whose rows compare something with itself: ``per`` restricts both sums alike."""
    if rule["kind"] != "share" or not rule["per"]:
        return
    part, whole = dict(parse_filter(str(rule["where"])).conditions), dict(parse_filter(str(rule["of"])).conditions)
    per = parse_per(str(rule["per"]))
    further = {column for column in part if part[column] != whole.get(column)}
    if further <= set(per) and set(whole) <= set(part):
        message = say(
            "rule '{rule}' compares each {per} with itself: per = {per} restricts both sums of a share. "
            "For a share of the total, write one rule per {per} with where and no per.",
            rule=_named(rule),
            per=rule["per"],
        )
        yield "share-of-itself", "per", message


def _unmatched(rule: Mapping[Any, Any], frames: Mapping[str, pd.DataFrame], raw: RawCase) -> Iterator[Finding]:
    """Remark on values of a filter that nothing in the case bears: probably slips of the pen."""
    for name in ("where", "of"):
        for column, values in parse_filter(str(rule[name])).conditions:
            strange = sorted(values - _known(column, frames, raw.tables))
            if strange:
                message = say(
                    "rule '{rule}': nothing has {column} = {values}.",
                    rule=_named(rule),
                    column=column,
                    values=", ".join(strange),
                )
                yield "unknown-label", name, message


def _known(column: str, frames: Mapping[str, pd.DataFrame], raw: Mapping[str, RawTable]) -> set[str]:
    match column:
        case "funder" | "year":
            return {str(label) for label in frames["budget"][column]}
        case "cluster" | "stage" | "field":
            return {str(label) for label in frames[f"{column}s"][column]} | {LINK_STAGE}
        case _:
            owner = next((table for table in ATTRIBUTE_TABLES if table in raw and column in raw[table].header), None)
            return set(raw[owner].column(column)) if owner else set()
