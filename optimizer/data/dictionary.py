"""The data dictionary: every table and column a case may have, taken from the row models."""

from __future__ import annotations

import json
import math
from typing import Any

import pandas as pd
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from optimizer.data.cells import plain_text
from optimizer.data.raw import SETTINGS
from optimizer.data.rows import TABLES, FreeRow, refers_to, unit_of
from optimizer.data.settings import Settings
from optimizer.language import sentence

REQUIRED, UNLIMITED, NOTHING = sentence("required"), sentence("unlimited"), sentence("nothing")
FURTHER = {
    "<attribute>": sentence(
        "Any further column: an attribute that filters of rules, changes and sources may name, and results be grouped "
        "by."
    ),
    "<attribute>_ko": sentence("Korean of the texts of a further column, one for each text; blank: the text itself."),
}
"""Columns that some tables may have beside their own -> what they mean."""


def dictionary() -> pd.DataFrame:
    """Return one line per key of ``case.toml`` and per column of every table.

    Columns: ``table, column, key`` (whether it is part of the table's key), ``default`` (``required`` where there is
    none), ``unit``, ``refers_to``, ``meaning``. Tables that may have further columns have lines for them, whose
    ``column`` stands in angle brackets.
    """
    lines = [
        {
            "table": SETTINGS,
            "column": f"{section}.{key}",
            "key": False,
            "default": default_of(field),
            "unit": "",
            "refers_to": "",
            "meaning": field.description,
        }
        for section, part in Settings.model_fields.items()
        for key, field in _section(part).model_fields.items()
    ]
    lines += [
        {
            "table": name,
            "column": column,
            "key": column in kind.row.KEY,
            "default": default_of(field),
            "unit": unit_of(kind.row, column),
            "refers_to": refers_to(kind.row, column),
            "meaning": field.description,
        }
        for name, kind in TABLES.items()
        for column, field in kind.row.model_fields.items()
    ]
    lines += [
        {"table": name, "column": column, "key": False, "default": "", "unit": "", "refers_to": "", "meaning": meaning}
        for name, kind in TABLES.items()
        if issubclass(kind.row, FreeRow)
        for column, meaning in FURTHER.items()
    ]
    order = {SETTINGS: -1} | {name: place for place, name in enumerate(TABLES)}
    lines.sort(key=lambda line: order[str(line["table"])])
    return pd.DataFrame(lines)


def _section(part: FieldInfo) -> type[BaseModel]:
    section: Any = part.annotation
    return section  # type: ignore[no-any-return]


def default_of(field: FieldInfo) -> str:
    """Return what a blank cell stands for, as a word or as the text one would write; see :data:`REQUIRED`."""
    if field.is_required():
        return REQUIRED
    if field.default is None:
        return NOTHING
    if field.default == math.inf:
        return UNLIMITED
    if isinstance(field.default, tuple):
        return json.dumps(field.default)
    return plain_text(field.default)
