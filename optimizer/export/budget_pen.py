"""What all sections of a budget document share: its language and unit, names, money in words, and footnotes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from optimizer.analysis.rounding import RoundedTables
from optimizer.data.money import Currency
from optimizer.export.identity import basis_of, identify
from optimizer.export.words import Names
from optimizer.language import Language, sentence, translate

LINKS = sentence("links between clusters")


class Pen:
    """Writes for one document in one language.

    Parameters
    ----------
    rounded
        The plan in whole units of money.
    language
        The language.
    """

    def __init__(self, rounded: RoundedTables, language: Language) -> None:
        self.rounded, self.plan, self.language = rounded, rounded.plan, language
        self.names = Names(rounded.plan.case, language)
        self.identity = identify(rounded.plan, language)
        self.unit = rounded.unit.label(language)

    def say(self, template: str, /, **values: object) -> str:
        """Return a text of the catalogue in the document's language."""
        return translate(template, self.language, **values)

    def money(self, value: float) -> str:
        """Return money of the case in the unit of the document."""
        return self.rounded.unit.money(round(value / self.rounded.unit.step), self.language)

    def labels(self, dimension: str, keys: Sequence[object] | pd.Index) -> list[str]:
        """Return display names of keys; the blank key is that of links, which have no field."""
        names = self.names.of(dimension, keys)
        return [name or self.say(LINKS) for name in names]

    def lines(self, labels: Sequence[str], table: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
        """Return the lines of a table in whole steps as texts, each with its label."""
        text = self.rounded.unit.text
        return tuple(
            (label, *(text(int(value)) if value else "–" for value in line))
            for label, line in zip(labels, table.itertuples(index=False, name=None), strict=True)
        )

    def notes(self, what: str) -> tuple[str, ...]:
        """Return the footnotes of a table: what its figures are, of when, of which case, and on what basis."""
        case = self.plan.case
        return (
            self.say(
                "Note: {what}. Unit: {unit}, in the money of the case ({currency}); rounded so that rows, columns and "
                "totals add up.",
                what=what,
                unit=self.unit,
                currency=Currency(case.currency),
            ),
            self.say(
                "Source: own computation of {day}; {case}, {scenario}. Basis of the inputs: {basis}.",
                day=self.identity.day,
                case=self.identity.case,
                scenario=self.identity.scenario,
                basis=basis_of(case, self.language),
            ),
        )
