"""Why a case has no plan: which limits are in conflict, what the smallest change is that mends it, in data and words.

The search runs over the limits a person can change (:mod:`optimizer.plan.explain_limits`); everything else is taken as
a fact. What is found is irreducible: without any one of its members the others, and the facts, can hold together.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from optimizer.arguments import checked_methods
from optimizer.compiler import Compiled, compile_sets, without_penalty
from optimizer.data.case import CaseTables
from optimizer.data.edit import with_changes
from optimizer.errors import SolveError
from optimizer.language import Language, say
from optimizer.lp.elastic import elastic
from optimizer.lp.labels import Codes
from optimizer.options import SolveOptions, spoken
from optimizer.plan.explain_figures import MONEY, Figure, Figures, cells_of
from optimizer.plan.explain_growth import Growth, growth_of
from optimizer.plan.explain_limits import Limits, limits_of
from optimizer.plan.explain_words import Words
from optimizer.plan.tables import in_unit
from optimizer.solvers.conflict import Conflict, ConflictSearch, StoppedError
from optimizer.solvers.growth import direction_of_growth

MOST_WEIGHED = 20
"""Members of a conflict of which it is computed what they would have to be."""


class Verdict(StrEnum):
    """What is found out about a case."""

    CONFLICT = "conflict"
    """Limits are in conflict: no plan can hold them all."""
    UNBOUNDED = "unbounded"
    """All limits can hold, but the objective grows without end."""
    NONE = "none"
    """All limits can hold, and the objective has an end: the case has a plan."""
    BORDERLINE = "borderline"
    """An engine calls the case infeasible, but its limits can hold together to within rounding."""
    STOPPED = "stopped"
    """The time ran out before it was known."""


@checked_methods
@dataclass(frozen=True, eq=False)
class ExplanationTables:
    """Why a case has no plan.

    Attributes
    ----------
    case
        The case.
    verdict
        What was found out.
    figures
        The conflict: each limit, and what it would have to be if only the others of the conflict held. Of a large
        conflict only the first are weighed; the others are given without: what they need is what they are.
    irreducible
        Whether it is proven that without any one of them the others can hold; not where the time ran out before.
    changes
        The smallest change, in money, that mends the whole case.
    choices
        The limits that would mend the whole case if each gave way alone.
    growth
        What grows without end in an unbounded case.
    seconds
        Time of the search.
    """

    case: CaseTables
    verdict: Verdict
    figures: tuple[Figure, ...] = ()
    irreducible: bool = False
    changes: tuple[Figure, ...] = ()
    choices: tuple[Figure, ...] = ()
    growth: Growth | None = None
    seconds: float = 0.0

    @property
    def members(self) -> list[dict[str, Any]]:
        """The conflict as plain data: a family and labels (FORMULATION section 5) for each limit in it."""
        return [{"family": figure.family, "labels": dict(figure.labels)} for figure in self.figures]

    @property
    def conflict(self) -> pd.DataFrame:
        """The limits in conflict: labels, ``row`` in words, its ``sense``, what it is ``now`` and what is ``needed``.

        ``needed`` is what the limit would have to be if only the others of the conflict held.
        """
        return self.frames()["conflict"]

    @property
    def repair(self) -> pd.DataFrame:
        """The smallest change that mends the case: labels, ``row, now, needed, change, unit, money``.

        ``money`` [case currency] is what counts as the size of a change; see :attr:`smallest_change`.
        """
        return self.frames()["repair"]

    @property
    def alternatives(self) -> pd.DataFrame:
        """The changes each of which would mend the case alone, smallest first; columns as in :attr:`repair`."""
        return self.frames()["alternatives"]

    def frames(self, language: Language | str | None = None) -> dict[str, pd.DataFrame]:
        """Return ``conflict``, ``repair`` and ``alternatives`` by name; ``row`` is said in a language."""
        words = Words(self.case, spoken(language))
        sense = {"sense": lambda one: "at_least" if one.floor else "at_most"}
        return {
            "conflict": self._frame(self.figures, words, sense),
            "repair": self._frame(self.changes, words, {}),
            "alternatives": self._frame(self.choices, words, {}),
        }

    @property
    def smallest_change(self) -> float:
        """Size of the smallest change that mends the case [money].

        Money counts as it is; starts by the unit cost of the sites concerned, launches by unit cost over success
        probability, links by the mean unit cost, a cluster's niches by the mean yearly budget of a site.
        """
        return float(sum(figure.money for figure in self.changes))

    def text(self, language: Language | str | None = None) -> str:
        """Return the explanation in words.

        Parameters
        ----------
        language
            ``en`` or ``ko``.

        Raises
        ------
        InputError
            If there is no such language.
        """
        words = Words(self.case, spoken(language))
        match self.verdict:
            case Verdict.CONFLICT:
                return words.conflict(self.figures, self.changes, self.choices, irreducible=self.irreducible)
            case Verdict.UNBOUNDED if self.growth is not None:
                return words.growth(self.growth)
            case Verdict.STOPPED:
                return words.stopped()
            case Verdict.BORDERLINE:
                return words.borderline()
            case _:
                return words.no_conflict()

    def repaired(self) -> CaseTables:
        """Return a copy of the case with the smallest change made; a rule or setting changes in all its rows alike.

        Raises
        ------
        SolveError
            If there is no change to make.
        """
        if not self.changes:
            msg = say(
                "there is nothing to repair in case '{case}': no change of its limits was found that would give it a "
                "plan ({verdict}). Read .text() for the reason.",
                case=self.case.name,
                verdict=self.verdict,
            )
            raise SolveError(msg)
        return with_changes(self.case, cells_of(self.changes), f"{self.case.raw.origin} (repaired)")

    def as_dict(self, language: Language | str | None = None) -> dict[str, Any]:
        """Return the explanation as plain data, for JSON."""
        frames = self.frames(language)
        return {
            "verdict": self.verdict.value,
            "conflict": self.members,
            "irreducible": self.irreducible,
            "smallest_change": self.smallest_change if self.changes else None,
            "repair": frames["repair"].to_dict("records"),
            "alternatives": frames["alternatives"].to_dict("records"),
            "text": self.text(language),
        }

    def _frame(self, figures: Sequence[Figure], words: Words, further: Mapping[str, Any]) -> pd.DataFrame:
        currency = self.case.currency
        labels = list(dict.fromkeys(name for figure in figures for name in figure.labels))
        lines = [
            {
                "family": figure.family,
                "row": words.name(figure),
                **{name: value(figure) for name, value in further.items()},
                "now": figure.now,
                "needed": figure.needed,
                "change": figure.change,
                "unit": currency if figure.unit == MONEY else figure.unit,
                "money": figure.money,
            }
            for figure in figures
        ]
        frame = pd.DataFrame(lines, columns=["family", "row", *further, "now", "needed", "change", "unit", "money"])
        for place, name in enumerate(labels, start=1):  # as objects, so that years stay whole beside blanks
            frame.insert(place, name, pd.Series([figure.labels.get(name) for figure in figures], dtype=object))
        return in_unit(frame, currency)

    def __repr__(self) -> str:
        return self.text()


def explain_case(case: CaseTables, options: SolveOptions | None = None) -> ExplanationTables:
    """Return why a case has no plan, or that it has one.

    Parameters
    ----------
    case
        The case.
    options
        How to solve; ``time_limit`` holds for the explanation.

    Raises
    ------
    SolveError
        If the engine fails.
    """
    return explain(compile_sets(case), options or SolveOptions())


def explain(compiled: Compiled, options: SolveOptions, *, called_infeasible: bool = False) -> ExplanationTables:
    """Return why a compiled case has no plan, or that it has one; see :func:`explain_case`.

    With ``called_infeasible``, for an engine has said so, finding no conflict is not taken for a plan.
    """
    case, began = compiled.sets.case, time.perf_counter()

    def left() -> float | None:
        return None if options.time_limit is None else max(options.time_limit - (time.perf_counter() - began), 1e-3)

    def spent() -> float:
        return time.perf_counter() - began

    limits = limits_of(compiled)
    search = ConflictSearch(elastic(limits.program, limits.rows, limits.columns), limits.price, options, left)
    try:
        # the repair first: its basis is that of the first question of the search, or nearly so
        repair = search.repair(limits.most, limits.preference)
        found = search.conflict(limits.rank)
        if found is None:
            direction = direction_of_growth(without_penalty(compiled), options, left())
            if direction is None:
                verdict = Verdict.BORDERLINE if called_infeasible else Verdict.NONE
                return ExplanationTables(case, verdict, seconds=spent())
            growth = growth_of(compiled, direction)
            return ExplanationTables(case, Verdict.UNBOUNDED, growth=growth, seconds=spent())
    except StoppedError:
        return ExplanationTables(case, Verdict.STOPPED, seconds=spent())
    told = Figures(compiled, limits)
    changes = [] if repair is None else [told.of(int(number), repair) for number in np.flatnonzero(repair.stretch)]
    figures, choices = _weighed(told, limits, search, found)
    return ExplanationTables(
        case, Verdict.CONFLICT, figures, found.irreducible, tuple(changes), choices, seconds=spent()
    )


def _weighed(
    told: Figures, limits: Limits, search: ConflictSearch, found: Conflict
) -> tuple[tuple[Figure, ...], tuple[Figure, ...]]:
    """Return what the members of a conflict would have to be, and what would mend the whole case alone.

    Where the time runs out on the way, what is not known yet is left out.
    """
    members = found.members[np.argsort(-limits.rank[found.members], kind="stable")]
    figures = {int(number): told.as_it_is(int(number)) for number in members}
    choices: list[Figure] = []
    try:
        for number in map(int, members[:MOST_WEIGHED]):
            figures.update((number, figure) for figure in _alone(told, search, number, members, limits.most))
        if search.is_only(members):
            for number in map(int, members[:MOST_WEIGHED]):
                choices += _alone(told, search, number, np.arange(len(limits.family)), limits.most)
    except StoppedError:
        pass
    return tuple(figures.values()), tuple(sorted(choices, key=lambda figure: figure.money))


def _alone(told: Figures, search: ConflictSearch, number: int, among: Codes, most: Any) -> list[Figure]:
    """Return a limit with what it would have to be where others hold; nothing where that would not help."""
    alone = search.alone(number, among, most)
    return [] if alone is None else [told.of(number, alone)]
