"""What a planner should know about a case although it is no fault: rules that do not say what they seem to say."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from optimizer.data.filters import ATTRIBUTE_TABLES, parse_filter, parse_per
from optimizer.data.raw import RawTable
from optimizer.data.rows import LINK_STAGE, TABLES
from optimizer.language import Message, say


def remarks(frames: dict[str, pd.DataFrame], raw: dict[str, RawTable]) -> Iterator[Message]:
    """Yield remarks on the tables of a sound case."""
    if "sites" in frames and not len(frames["sites"]):
        yield say("sites.csv lists no site, so nothing can be funded; leave the file out to allow every combination.")
    yield from _misspelt(raw)
    if "rules" in frames:
        rules = frames["rules"]
        for rule in rules[rules["enabled"].astype(bool)].to_dict("records"):
            if rule["kind"] == "share" and rule["value"] > 1:
                yield say(
                    "rule '{rule}' asks for {value} times the whole; 60 % is written 0.6.",
                    rule=rule["rule"],
                    value=rule["value"],
                )
            yield from _on_itself(rule)
            yield from _unmatched(rule, frames, raw)


def _misspelt(raw: Mapping[str, RawTable]) -> Iterator[Message]:
    """Remark on free attributes that look like a column the table lacks."""
    for name, table in raw.items():
        lacking = [column for column in TABLES[name].row.model_fields if column not in table.header]
        for column in table.header:
            near = difflib.get_close_matches(column, lacking, n=1, cutoff=0.85)
            if near and column not in TABLES[name].row.model_fields:
                yield say(
                    "{file}: column {column} is read as a free attribute; did you mean {meant}?",
                    file=table.file,
                    column=column,
                    meant=near[0],
                )


def _on_itself(rule: Mapping[Any, Any]) -> Iterator[Message]:
    """Remark on a share whose rows compare something with itself: ``per`` restricts both sums alike."""
    if rule["kind"] != "share" or not rule["per"]:
        return
    part, whole = dict(parse_filter(str(rule["where"])).conditions), dict(parse_filter(str(rule["of"])).conditions)
    per = parse_per(str(rule["per"]))
    further = {column for column in part if part[column] != whole.get(column)}
    if further <= set(per) and set(whole) <= set(part):
        yield say(
            "rule '{rule}' compares each {per} with itself: per = {per} restricts both sums of a share. "
            "For a share of the total, write one rule per {per} with where and no per.",
            rule=rule["rule"],
            per=rule["per"],
        )


def _unmatched(rule: Mapping[Any, Any], frames: dict[str, pd.DataFrame], raw: dict[str, RawTable]) -> Iterator[Message]:
    """Remark on values of a filter that nothing in the case bears: probably slips of the pen."""
    for name in ("where", "of"):
        for column, values in parse_filter(str(rule[name])).conditions:
            strange = sorted(values - _known(column, frames, raw))
            if strange:
                yield say(
                    "rule '{rule}': nothing has {column} = {values}.",
                    rule=rule["rule"],
                    column=column,
                    values=", ".join(strange),
                )


def _known(column: str, frames: dict[str, pd.DataFrame], raw: dict[str, RawTable]) -> set[str]:
    match column:
        case "funder" | "year":
            return {str(label) for label in frames["budget"][column]}
        case "cluster" | "stage" | "field":
            return {str(label) for label in frames[f"{column}s"][column]} | {LINK_STAGE}
        case _:
            owner = next((table for table in ATTRIBUTE_TABLES if table in raw and column in raw[table].header), None)
            return set(raw[owner].column(column)) if owner else set()
