"""Texts of figures: names and units in a language, made harmless for plotly, which reads a little HTML in labels."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from optimizer.data.case import CaseTables
from optimizer.data.money import currency_in, with_unit
from optimizer.data.names import title
from optimizer.export.words import Names
from optimizer.language import Language, sentence, translate

NO_FIELD = sentence("no field (links)")
COUNTED, COUNTED_A_YEAR = sentence("{number} projects"), sentence("{number} projects per year")
"""A number of projects, and of those of a year, beside what is counted."""
LONGEST = 40
"""Signs of a name that are shown; hovering shows more."""
LONGEST_HOVER = 120
SPECIAL = re.compile(r"[&<>$%{}\\]")
"""Signs that begin a tag, an entity, a formula (where MathJax is loaded) or a field of a template of plotly."""


def escaped(text: object, longest: int = LONGEST) -> str:
    """Return a text as a label of plotly shows it: nothing in it is a tag, a formula or a field.

    Parameters
    ----------
    text
        Any text.
    longest
        Signs after which it is cut.
    """
    line = " ".join(str(text).split())
    short = line if len(line) <= longest else f"{line[: longest - 1]}…"
    return SPECIAL.sub(lambda found: f"&#{ord(found.group())};", short)


def wrapped(text: object, width: int = 14, lines: int = 3) -> str:
    """Return an escaped text in lines of about a width, broken between words, cut after the last line."""
    line = " ".join(str(text).split())
    broken = textwrap.wrap(line, width, max_lines=lines, placeholder="…", break_long_words=False)
    return "<br>".join(escaped(piece, 2 * width) for piece in broken)


@dataclass(frozen=True)
class Labels:
    """Words of one figure.

    Attributes
    ----------
    case
        The case the figure is of.
    language
        Language of the figure.
    """

    case: CaseTables
    language: Language

    @cached_property
    def _names(self) -> Names:
        return Names(self.case, self.language)

    def of(self, dimension: str, keys: Iterable[object], longest: int = LONGEST) -> list[str]:
        """Return the names of keys of a dimension, escaped and short."""
        return [escaped(name, longest) for name in self._named(dimension, keys)]

    def in_lines(self, dimension: str, keys: Iterable[object], width: int = 14) -> list[str]:
        """Return the names of keys broken into lines, escaped."""
        return [wrapped(name, width) for name in self._named(dimension, keys)]

    def _named(self, dimension: str, keys: Iterable[object]) -> list[str]:
        names = self._names.of(dimension, keys)
        # money of links is of no field
        return [name or self.say(NO_FIELD) for name in names] if dimension == "field" else names

    def in_full(self, dimension: str, keys: Iterable[object]) -> list[str]:
        """Return the names of keys for hovering, escaped."""
        return self.of(dimension, keys, LONGEST_HOVER)

    def heading(self, column: str) -> str:
        """Return the heading of a column in words, escaped: it may be an attribute of the case's own."""
        return escaped(self._names.heading(column))

    def say(self, text: str, **values: object) -> str:
        """Return a text of ours in the language; the values filled in are escaped."""
        shown = {name: value if isinstance(value, int | float) else escaped(value) for name, value in values.items()}
        return translate(text, self.language, **shown)

    def quantity(self, text: str, unit: str | None = None) -> str:
        """Return the title of an axis: what it measures, a text of ours, and its unit, by default that of money."""
        between = "" if self.language == Language.KO else " "  # Korean writes brackets behind a word without one
        return f"{translate(text, self.language)}{between}({self.currency if unit is None else unit})"

    @property
    def currency(self) -> str:
        """The unit of money, escaped."""
        return escaped(currency_in(self.case.currency, self.language))

    def money(self, number: str) -> str:
        """Return an amount, or a field of a template, beside the unit of money."""
        return with_unit(number, self.currency)

    def percent(self, number: str) -> str:
        """Return a number of hundredths, or a field of a template, beside their sign."""
        return f"{number}{'' if self.language == Language.KO else ' '}{escaped('%')}"

    def counted(self, number: str, text: str = COUNTED) -> str:
        """Return a number, or a field of a template, beside what is counted, which ``text`` says."""
        return translate(text, self.language, number=number)

    def projects(self, text: str) -> str:
        """Return the title of an axis that counts projects."""
        return self.quantity(text, translate(sentence("projects"), self.language))

    def below(self, year: int | None = None) -> str:
        """Return the line under the title of a figure: the case, and its years or one of them."""
        years = self.case.years
        when = f"{years[0]}–{years[-1]}" if year is None else f"{year}"
        return f"{escaped(title(self.case, self.language), 60)}, {when}"
