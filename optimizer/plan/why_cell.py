"""The account of one cell as plain data: its gains and prices, and why nothing can be started where nothing can."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.language import Message

MOST_LISTED = 5
MONEY, START = "public money", "start"
"""What amounts of an account are per: a unit of public money, or a start where a start takes none."""


class Keys(tuple[str, ...]):
    """Keys of the case in a sentence: the first few, joined by commas."""

    __slots__ = ()

    def __str__(self) -> str:
        return ", ".join(self[:MOST_LISTED]) + (" ..." if len(self) > MOST_LISTED else "")


@dataclass(frozen=True)
class Term:
    """One gain (positive) or price (negative) of a start.

    Attributes
    ----------
    term
        Part of the objective, or family of rows.
    detail
        Funder, cluster or rule it belongs to; blank for none.
    amount
        What it is worth for one start [money].
    """

    term: str
    detail: str
    amount: float


@dataclass(frozen=True, eq=False)
class Cell:
    """The account of one cell.

    Attributes
    ----------
    cluster, stage, field, year
        The cell.
    spend, starts
        Public money [money] and starts [projects] of the plan in the cell.
    money
        Public money that one start takes within the horizon [money].
    terms
        Gains first, then prices, each from the largest on; empty where a reason says that there can be no start.
    reason
        Why there can be no start at all; ``None`` where there can be one.
    columns, weights
        The activity: columns of the program and how much of each one start takes.
    outsider
        Funder whose budget would be cheapest but which may not fund the site, and how much cheaper that would be for
        one start [money]; ``None`` where there is none.
    waiting
        Projects still waiting at the end of the year; infinite where a stage never lacks projects.
    dearer
        Whether the start costs more than the first ones of the year, whose tranche is full.
    further
        What gains and prices of a start in the next tranche add up to, per unit of public money, where the one of the
        account is full; ``None`` where it has room, or nothing follows it.
    bought, private
        Money of the plan for more capacity, and its private money, in the cell [money].
    """

    cluster: str
    stage: str
    field: str
    year: int
    spend: float = 0.0
    starts: float = 0.0
    money: float = 0.0
    terms: tuple[Term, ...] = ()
    reason: Message | None = None
    columns: tuple[int, ...] = ()
    weights: tuple[float, ...] = ()
    outsider: tuple[str, float] | None = None
    waiting: float = np.inf
    dearer: bool = False
    further: float | None = None
    bought: float = 0.0
    private: float = 0.0

    @property
    def scale(self) -> float:
        """What amounts are divided by to be per unit of public money; 1 where a start takes none."""
        return self.money if self.money > 0 else 1.0

    @property
    def per(self) -> str:
        """What amounts are per, in a word."""
        return MONEY if self.money > 0 else START

    @property
    def gain(self) -> float:
        """Sum of the gains, per unit of public money."""
        return sum(term.amount for term in self.terms if term.amount > 0) / self.scale

    @property
    def price(self) -> float:
        """Sum of the prices, not above 0, per unit of public money."""
        return sum(term.amount for term in self.terms if term.amount < 0) / self.scale

    @property
    def total(self) -> float:
        """What gains and prices add up to, per unit of public money."""
        return sum(term.amount for term in self.terms) / self.scale
