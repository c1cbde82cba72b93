"""Filters of rules: ``column=value|value; column=value`` (FORMULATION section 3.8)."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.language import Message, say

FIXED_COLUMNS = ("funder", "cluster", "stage", "field", "year")
"""Columns every filter may name; further ones are those of these tables, the first that has it:"""
ATTRIBUTE_TABLES = ("clusters", "stages", "fields")


@dataclass(frozen=True)
class Filter:
    """Which terms count: for each column the values that pass. No condition: everything passes."""

    conditions: tuple[tuple[str, frozenset[str]], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the filter looks at."""
        return tuple(column for column, _ in self.conditions)


class FilterFaultError(ValueError):
    """A text is no filter; ``reason`` says why."""

    def __init__(self, reason: Message) -> None:
        self.reason = reason
        super().__init__(reason.text())


def parse_filter(text: str) -> Filter:
    """Read a filter; raises :class:`FilterFaultError` where the text is none."""
    conditions: dict[str, frozenset[str]] = {}
    for part in text.split(";"):
        if not part.strip():
            continue
        column, equals, values = part.partition("=")
        column = column.strip()
        chosen = frozenset(value.strip() for value in values.split("|"))
        if not equals or not column or "" in chosen:
            raise FilterFaultError(
                say("a filter reads column=value|value; column=value, not '{part}'", part=part.strip())
            )
        if column in conditions:
            raise FilterFaultError(say("the filter names column {column} twice", column=column))
        conditions[column] = chosen
    return Filter(tuple(conditions.items()))


def parse_per(text: str) -> tuple[str, ...]:
    """Read the columns of ``per``, joined by ``|``; each counts once."""
    return tuple(dict.fromkeys(column.strip() for column in text.split("|") if column.strip()))
