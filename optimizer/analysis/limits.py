"""Which limits and activities of a program have a price, and in words what it means when one starts or stops to.

A limit has a price where more room would be used; an activity at 0 where a little of it would cost. Balances (money,
market, projects that wait) always have one and tell nothing, so they are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from optimizer.data.case import CaseTables
from optimizer.data.names import display_names
from optimizer.language import Bilingual, Language, Message, say, sentence, translate
from optimizer.lp.labels import Labels
from optimizer.lp.program import LinearProgram, Vector
from optimizer.solvers.result import SolveResult

EVENTS: Mapping[str, tuple[str, str]] = {
    "budget": (sentence("budget scarce: {place}"), sentence("budget no longer scarce: {place}")),
    "carry_over": (sentence("all carried over that may be: {place}"), sentence("less carried over: {place}")),
    "capacity": (sentence("full capacity: {place}"), sentence("capacity no longer full: {place}")),
    "expansion_limit": (
        sentence("no more capacity can be bought: {place}"),
        sentence("not all capacity is bought any more: {place}"),
    ),
    "link_capacity": (sentence("full link: {place}"), sentence("link no longer full: {place}")),
    "link_expansion_limit": (
        sentence("link cannot be widened further: {place}"),
        sentence("link no longer widened in full: {place}"),
    ),
    "crowd_in": (
        sentence("all private money that may follow: {place}"),
        sentence("less private money than may follow: {place}"),
    ),
    "private_cap": (sentence("private money at its cap: {place}"), sentence("private money below its cap: {place}")),
    "demand": (sentence("demand met: {place}"), sentence("demand no longer met: {place}")),
    "specialization": (
        sentence("the least share for strengths binds: {place}"),
        sentence("the least share for strengths no longer binds: {place}"),
    ),
    "rules": (sentence("rule binds: {place}"), sentence("rule no longer binds: {place}")),
    "backlog": (sentence("no project left waiting: {place}"), sentence("projects left waiting: {place}")),
    "starts": (sentence("no project begun any more: {place}"), sentence("first projects begun: {place}")),
    "public": (sentence("no public money any more: {place}"), sentence("first public money: {place}")),
}
"""Family -> what it means that a member starts, and stops, to have a price."""
ACTIVITIES = ("backlog", "starts", "public")
"""Families of columns that tell something when they leave 0 or come back to it."""
NAMED = {"origin": "cluster", "destination": "cluster"}
SHOWN = 3
"""Most events a sentence lists; of the others it gives the number."""


class Priced:
    """The limits and activities of a program that can have a price, in one order.

    Parameters
    ----------
    program
        The program; one that is maximised.
    case
        The case, for names.
    """

    def __init__(self, program: LinearProgram, case: CaseTables) -> None:
        self._program = program
        self._names = {language: display_names(case, language) for language in Language}
        self._parts = len(case.settings.diminishing_returns.tranches)
        rows = [name for name in program.rows.names if name in EVENTS]
        limits = [name for name in program.limits.labels.names if name in EVENTS]
        activities = [name for name in ACTIVITIES if name in program.columns.names]
        self._groups: list[tuple[str, Labels]] = [
            *((name, program.rows) for name in rows if name not in ACTIVITIES),
            *((name, program.limits.labels) for name in limits),
            *((name, program.columns) for name in activities),
        ]
        self._rows = _positions(program.rows, [name for name in rows if name not in ACTIVITIES])
        self._limits = program.limits.columns[_positions(program.limits.labels, limits)]
        self._activities = _positions(program.columns, activities)
        self.families = np.concatenate(
            [np.full(len(labels.positions(name)), name, dtype=object) for name, labels in self._groups]
        )

    def prices(self, result: SolveResult) -> Vector:
        """Return the price of each, 0 or more per unit; of an activity what a little of it would cost."""
        bounds = np.maximum(result.reduced_cost, 0.0)
        return np.concatenate(
            [
                np.abs(result.row_dual[self._rows]),
                bounds[self._limits],
                np.maximum(-result.reduced_cost[self._activities], 0.0),
            ]
        )

    def sizes(self, result: SolveResult) -> Vector:
        """Return how large each is: what is in a limit, how much there is of an activity."""
        activity = self._program.activity(result.x)
        sizes = [activity[self._rows], result.x[self._limits], result.x[self._activities]]
        together: Vector = np.abs(np.concatenate(sizes))
        return together

    def labels(self) -> pd.DataFrame:
        """Return family and labels of each, blank where a family lacks a dimension."""
        frames = [labels.frame(name).assign(family=name) for name, labels in self._groups]
        frame = pd.concat([one.astype(object) for one in frames if len(one)], ignore_index=True)
        order = ["family", *(name for name in self._program.rows.dimensions if name in frame)]
        return frame[order]

    def event(self, labels: pd.Series[Any], *, starts: bool) -> Message:
        """Return what it means that the one with these labels starts or stops to have a price."""
        priced, unpriced = EVENTS[labels["family"]]
        return say(priced if starts else unpriced, place=self._place(labels))

    def _place(self, labels: pd.Series[Any]) -> Bilingual:
        english, korean = (self._joined(labels, language) for language in (Language.EN, Language.KO))
        return Bilingual(english, korean=korean)

    def _joined(self, labels: pd.Series[Any], language: Language) -> str:
        names, told = self._names[language], []
        for dimension, label in labels.drop("family").items():
            if pd.isna(label) or (dimension == "tranche" and self._parts == 1):
                continue
            if dimension == "tranche":
                told.append(translate("part {number} of its capacity", language, number=int(label) + 1))
            else:
                told.append(names.get(NAMED.get(str(dimension), str(dimension)), {}).get(str(label), str(label)))
        return ", ".join(told) or translate("nationwide", language)


def listed(events: list[Message], others: int = 0) -> Message:
    """Return some events as one text, the number of the others behind them."""
    shown = events[:SHOWN]
    others += len(events) - len(shown)
    texts = {language: "; ".join(event.text(language) for event in shown) for language in Language}
    both = Bilingual(texts[Language.EN], korean=texts[Language.KO])
    return say("{events}; and {count} more", events=both, count=others) if others else both


def _positions(labels: Labels, names: list[str]) -> np.ndarray[Any, Any]:
    runs = [labels.positions(name) for name in names]
    return np.concatenate(runs) if runs else np.empty(0, dtype=np.intp)
