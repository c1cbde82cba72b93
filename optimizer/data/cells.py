"""Types of cells: how the text of one cell becomes a value, and the words for what can be wrong with it.

A blank cell never reaches these types: the column's default holds for it.
"""

from __future__ import annotations

import math
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from optimizer.language import sentence

_PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_GROUPED_NUMBER = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_NOT_FINITE = frozenset({"nan", "inf", "infinity"})
_FLAGS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}

NOT_A_NUMBER = sentence("not a number")
NOT_FINITE = sentence(
    "not a finite number; write a plain number, or leave the cell blank where the column has a default"
)
GROUPED = sentence("not a number: remove the thousands separators")
NOT_A_TEXT = sentence("not a text")
BLANK_TEXT = sentence("must not be blank")
DECIMAL_COMMA = sentence("not a number: write a decimal point in place of the comma")
PERCENT = sentence("not a number: write a share such as 0.6 for 60 %")
NOT_WHOLE = sentence("not a whole number")
NOT_A_FLAG = sentence("not true or false")
OUTSIDE_UNIT = sentence("must lie in [0,1]")
OUTSIDE_PROBABILITY = sentence("must lie in (0,1]")
NEGATIVE = sentence("must not be negative")
TOO_LARGE = sentence("larger than 1e15: a slip of unit?")
NOT_POSITIVE_COUNT = sentence("must be at least 1")
LARGEST = 1e15
TOO_LONG = sentence("longer than 1000 years: a slip of unit?")
LONGEST_DURATION = 1000


def _refuse(words: str) -> PydanticCustomError:
    return PydanticCustomError("cell", words)


def plain_text(value: object) -> str:
    """Return the shortest text that reads back as ``value``: 10.0 as ``10``, true as ``true``, nothing as blank."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        if value.is_integer() and abs(value) < LARGEST:
            return str(int(value))
        return repr(value)
    return str(value)


def number(cell: object) -> float:
    """Return the finite number a cell stands for; raises a cell fault for anything else."""
    if isinstance(cell, bool):
        raise _refuse(NOT_A_NUMBER)
    if isinstance(cell, int | float):
        try:
            value = float(cell)
        except OverflowError:  # a whole number of more than 308 digits
            raise _refuse(TOO_LARGE) from None
    else:
        text = str(cell)
        if text.lower().lstrip("+-") in _NOT_FINITE:
            raise _refuse(NOT_FINITE)
        if _GROUPED_NUMBER.fullmatch(text):
            raise _refuse(GROUPED)
        if _DECIMAL_COMMA.fullmatch(text):
            raise _refuse(DECIMAL_COMMA)
        if text.endswith("%"):
            raise _refuse(PERCENT)
        if not _PLAIN_NUMBER.fullmatch(text):
            raise _refuse(NOT_A_NUMBER)
        value = float(text)
    if not math.isfinite(value):
        raise _refuse(NOT_FINITE)
    if abs(value) > LARGEST:
        raise _refuse(TOO_LARGE)
    return value


def _whole(cell: object) -> int:
    value = number(cell)
    if value != int(value):
        raise _refuse(NOT_WHOLE)
    return int(value)


def _flag(cell: object) -> bool:
    if isinstance(cell, bool):
        return cell
    try:
        return _FLAGS[str(cell).lower()]
    except KeyError:
        raise _refuse(NOT_A_FLAG) from None


def _text(cell: object) -> str:
    if isinstance(cell, list | dict):
        raise _refuse(NOT_A_TEXT)
    return plain_text(cell).strip()


def _check_named(text: str) -> str:
    if not text:
        raise _refuse(BLANK_TEXT)
    return text


def _check_positive_or_zero(value: float) -> float:
    if value < 0:
        raise _refuse(NEGATIVE)
    return value


def _check_share(value: float) -> float:
    if not 0 <= value <= 1:
        raise _refuse(OUTSIDE_UNIT)
    return value


def _check_probability(value: float) -> float:
    if not 0 < value <= 1:
        raise _refuse(OUTSIDE_PROBABILITY)
    return value


def _check_duration(value: float) -> float:
    if value > LONGEST_DURATION:
        raise _refuse(TOO_LONG)
    return value


def _check_count(value: int) -> int:
    if value < 1:
        raise _refuse(NOT_POSITIVE_COUNT)
    return value


Text = Annotated[str, BeforeValidator(_text)]
"""Any text, trimmed."""
Named = Annotated[str, BeforeValidator(_text), AfterValidator(_check_named)]
"""A text that is not blank."""
Number = Annotated[float, BeforeValidator(number)]
"""A finite number."""
NonNegative = Annotated[float, BeforeValidator(number), AfterValidator(_check_positive_or_zero)]
"""A finite number, not below 0."""
Share = Annotated[float, BeforeValidator(number), AfterValidator(_check_share)]
"""A number from 0 to 1."""
Probability = Annotated[float, BeforeValidator(number), AfterValidator(_check_probability)]
"""A number above 0 and at most 1."""
Duration = Annotated[NonNegative, AfterValidator(_check_duration)]
"""A time of 0 to 1000 years."""
Whole = Annotated[int, BeforeValidator(_whole)]
"""A whole number."""
Count = Annotated[int, BeforeValidator(_whole), AfterValidator(_check_count)]
"""A whole number of at least 1."""
Flag = Annotated[bool, BeforeValidator(_flag)]
"""``true`` or ``false``."""
Basis = Literal["published", "derived", "assumed"]
Measure = Literal["spend", "starts", "launches"]
Sense = Literal["at_least", "at_most"]
Kind = Literal["amount", "share"]
Operation = Literal["multiply", "add", "set"]
SpecializeBy = Literal["niche", "stage", "field"]
