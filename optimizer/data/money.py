"""Units of money: what one unit of a table is of a case's own money.

A case has one currency, a text. Where that text is one of the names of the won that are written here, amounts can be
shown in any other of them; what a unit is of any other money, whoever asks for it says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from optimizer.arguments import checked_methods
from optimizer.errors import InputError
from optimizer.language import Language, Message, default_language, say, sentence, translate

WON = {
    sentence("KRW"): 0,
    sentence("KRW thousand"): 3,
    sentence("KRW million"): 6,
    sentence("KRW 100 million"): 8,
    sentence("KRW billion"): 9,
    sentence("KRW trillion"): 12,
}
"""Name of a unit of the won -> its power of ten."""
SPELLINGS = {
    "won": "KRW",
    "krw k": "KRW thousand",
    "krw m": "KRW million",
    "krw mn": "KRW million",
    "krw bn": "KRW billion",
    "krw tn": "KRW trillion",
    "원": "KRW",
    "천원": "KRW thousand",
    "백만원": "KRW million",
    "억원": "KRW 100 million",
    "십억원": "KRW billion",
    "조원": "KRW trillion",
}
"""Other ways to write the names, without regard to capitals and to spaces within Korean ones."""
USUAL = "KRW million"
"""The unit of the won that budget documents count in."""
DECIMALS = {"KRW trillion": 2}
"""Decimals a unit is printed with where nobody asks for others: budgets in trillions are read to two."""
MOST_DECIMALS = 9


@checked_methods
@dataclass(frozen=True)
class MoneyUnit:
    """A unit in which amounts are shown, and how finely.

    Attributes
    ----------
    name
        What stands beside the figures.
    size
        Money of the case that makes one unit.
    decimals
        Decimals shown; amounts are rounded to ``size / 10**decimals``.

    Examples
    --------
    >>> import optimizer as vc
    >>> vc.MoneyUnit("EUR m", 0.62).step
    0.62
    """

    name: str
    size: float
    decimals: int = 0

    def __post_init__(self) -> None:
        """Refuse a unit of no size, and decimals that nobody prints; raises InputError."""
        if not (math.isfinite(self.size) and self.size > 0):
            raise InputError(
                say(
                    "a unit of {size} is none; say how much of the case's money makes one {name}, a number above 0.",
                    size=self.size,
                    name=self.name,
                )
            )
        if isinstance(self.decimals, bool) or not 0 <= self.decimals <= MOST_DECIMALS:
            raise InputError(
                say(
                    "{decimals} decimals cannot be shown; give a whole number from 0 to {most}.",
                    decimals=self.decimals,
                    most=MOST_DECIMALS,
                )
            )

    @property
    def step(self) -> float:
        """Money of the case that the last digit shown stands for."""
        return float(Fraction(self.size) / 10**self.decimals)

    def label(self, language: str | None = None) -> str:
        """Return the name in a language; names that are not ours stay as they are."""
        return currency_in(translate(self.name, language), language)

    def money(self, steps: int, language: str | None = None) -> str:
        """Return a number of steps as an amount beside the name of this unit."""
        return with_unit(self.text(steps), self.label(language))

    def text(self, steps: int) -> str:
        """Return a number of steps as an amount in this unit: thousands separated, all its decimals."""
        if not self.decimals:
            return f"{steps:,}"
        whole, rest = divmod(abs(steps), 10**self.decimals)
        return f"{'-' if steps < 0 else ''}{whole:,}.{rest:0{self.decimals}d}"


@dataclass(frozen=True)
class Currency(Message):
    """The currency of a case in a sentence: as the case writes it, in Korean by the Korean name of the won it is."""

    def text(self, language: str | None = None) -> str:
        """Return the currency in a language."""
        name = _won(self.template)
        english = (language or default_language()) == Language.EN
        return self.template if english or name is None else translate(name, language)

    def __str__(self) -> str:
        return self.text()


def currency_in(currency: str, language: str | None = None) -> str:
    """Return the currency of a case as it is called in a language."""
    return Currency(currency).text(language)


def with_unit(number: str, unit: str) -> str:
    """Return a number beside its unit, which Korean units follow without a space."""
    return f"{number}{unit}" if "가" <= unit[:1] <= "힣" else f"{number} {unit}"


def money_unit(currency: str, unit: str | MoneyUnit | None = None, decimals: int | None = None) -> MoneyUnit:
    """Return the unit that a user asks for, for a case of some currency.

    Parameters
    ----------
    currency
        The currency of the case.
    unit
        A name of the won such as ``억원``, ``조원``, ``백만원`` or ``KRW million``, where the case's currency is one of
        them too; any other unit says itself what it is of the case's money. Where left out, millions of won of a case
        in won, and else the case's own currency.
    decimals
        Decimals shown; by default those the unit says, 2 of ``조원``, 1 of the case's own currency, and else none.

    Raises
    ------
    InputError
        If the unit, or how it converts, is not known.
    """
    if isinstance(unit, MoneyUnit):
        return unit if decimals is None else MoneyUnit(unit.name, unit.size, decimals)
    own = _won(currency)
    if unit == currency or (unit is None and own is None):
        return MoneyUnit(currency, 1.0, 1 if decimals is None else decimals)
    unit = USUAL if unit is None else unit
    name = _won(unit)
    if name is None:
        raise InputError(
            say(
                "'{unit}' is no unit of money that is known; known are {known}. Of any other, say how much of the "
                "case's money it is: vc.MoneyUnit(name, size).",
                unit=unit,
                known=", ".join(dict.fromkeys([*WON, *(text for text in SPELLINGS if not text.isascii())])),
            )
        )
    if own is None:
        raise InputError(
            say(
                "the case counts in '{currency}', of which nobody knows how much makes one {unit}; say it: "
                "vc.MoneyUnit(name, size).",
                currency=currency,
                unit=unit,
            )
        )
    size = float(Fraction(10) ** (WON[name] - WON[own]))
    return MoneyUnit(name, size, DECIMALS.get(name, 0) if decimals is None else decimals)


def _won(text: str) -> str | None:
    """Return the name of the won that a text spells, or nothing."""
    folded = " ".join(text.casefold().split())
    spelled = SPELLINGS.get(folded) or SPELLINGS.get(folded.replace(" ", ""))
    return spelled or next((name for name in WON if name.casefold() == folded), None)
