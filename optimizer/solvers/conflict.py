"""Which limits of an infeasible program are in conflict, and the least change that mends it.

All questions are put to one elastic program (:mod:`optimizer.lp.elastic`) in one session, by its objective alone: a
limit that is dropped gives way for nothing, one that is kept at its price. So every question has an answer, and each is
asked from the last basis. Where the least price is above 0, the kept limits cannot hold together; its shadow prices
prove that, so limits without a price take no part in the proof and are left out at once. What remains is thinned out
by leaving out more and more, first what is least wanted, in halves where much is left (a deletion filter).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.errors import SolveError
from optimizer.language import say
from optimizer.lp.elastic import GUARD, Elastic
from optimizer.lp.labels import Codes
from optimizer.lp.program import Vector
from optimizer.options import SolveOptions
from optimizer.solvers.base import find_engine
from optimizer.solvers.result import SolveResult, Termination

Mask = NDArray[np.bool_]
NOTHING, NOTHING_OF_LARGE = 1e-6, 1e-9
"""Stretch that counts as none: ten feasibility tolerances in the unit of a limit, and a rounding error of its size."""
PRICELESS = 1e-7
"""Shadow price below which a limit takes no part in a proof, relative to the largest price."""
FORBIDDEN = 1e4
"""Price of what must not give way, relative to the largest price of what may."""


class StoppedError(SolveError):
    """The time ran out before anything was found."""


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The least price at which limits give way.

    Attributes
    ----------
    x
        Values of the original columns.
    stretch
        By how much each member gives way.
    """

    x: Vector
    stretch: Vector


@dataclass(frozen=True, eq=False)
class Conflict:
    """Limits that cannot hold together.

    Attributes
    ----------
    members
        Numbers of the limits, ascending.
    irreducible
        Whether it is proven that without any one of them the others can hold; not where the time ran out before.
    """

    members: Codes
    irreducible: bool


class ConflictSearch:
    """Questions about one infeasible program.

    Parameters
    ----------
    elastic
        The program with its limits that may give way.
    price
        Price of each member per unit, above 0; it makes members of several units comparable.
    options
        How to solve.
    left
        Returns the seconds left, ``None`` for no limit.
    """

    def __init__(
        self, elastic: Elastic, price: Vector, options: SolveOptions, left: Callable[[], float | None]
    ) -> None:
        self.elastic = elastic
        self.price = price
        self.solves = 0
        self._left = left
        self._options = options
        self._session = find_engine(options.engine)(elastic.program, options)
        program = elastic.program
        self._guards = program.rows.positions(GUARD)
        floor, ceiling = program.row_lower[elastic.rows], program.row_upper[elastic.rows]
        limit = np.concatenate([np.where(np.isfinite(floor), floor, ceiling), program.upper[elastic.columns]])
        self._nothing = np.maximum(NOTHING, NOTHING_OF_LARGE * np.abs(limit))

    def repair(self, most: Vector | None = None, preference: Vector | None = None) -> Relaxation | None:
        """Return the cheapest way to let limits give way so that the rest can hold; ``None`` where there is none.

        Parameters
        ----------
        most
            By how much each member may give way at most; without it by any amount, guards set aside.
        preference
            Factors on the prices, near 1, that decide between equal ways.

        Raises
        ------
        StoppedError
            If the time runs out.
        SolveError
            If the engine fails.
        """
        price = self.price if preference is None else self.price * preference
        return self._relaxation(price, most)

    def alone(self, member: int, among: Codes, most: Vector | None = None) -> Relaxation | None:
        """Return how far one member must give way where the others of ``among`` hold and the rest is dropped.

        ``None`` where the others cannot hold even without it.
        """
        price = np.zeros(self.elastic.n_members)
        price[among] = self.price[among] * FORBIDDEN
        price[member] = self.price[member]
        found = self._relaxation(price, most)
        if found is None:
            return None
        return None if found.stretch[np.setdiff1d(among, [member])].any() else found

    def conflict(self, rank: Codes) -> Conflict | None:
        """Return an irreducible set of limits in conflict; ``None`` where all can hold together.

        Parameters
        ----------
        rank
            Rank of each member: of two sets the one without the members of low rank is preferred.
        """
        support = self._conflicting(np.arange(self.elastic.n_members))
        if support is None:
            return None
        kept = np.empty(0, dtype=np.intp)
        # the stack holds groups that are still in doubt, the one to be tried first on top
        groups = [support[rank[support] == level] for level in sorted(set(rank[support].tolist()), reverse=True)]
        while groups:
            if self._is_late():
                return Conflict(np.sort(np.concatenate([kept, *groups])), irreducible=False)
            group = groups.pop()
            if not len(group):
                continue
            rest = np.concatenate([kept, *groups])
            support = self._conflicting(rest)
            if support is not None:
                groups = [np.intersect1d(other, support) for other in groups]
            elif len(group) == 1:
                kept = np.append(kept, group)
            else:
                half = len(group) // 2
                groups += [group[half:], group[:half]]
        return Conflict(np.sort(kept), irreducible=True)

    def is_only(self, members: Codes) -> bool:
        """Whether everything else can hold once some members are dropped: if not, none of them alone mends all."""
        # far from the last basis: measured on a large program, starting anew takes a tenth of the time
        self._session = find_engine(self._options.engine)(self.elastic.program, self._options)
        return self._conflicting(np.setdiff1d(np.arange(self.elastic.n_members), members)) is None

    def _conflicting(self, members: Codes) -> Codes | None:
        """Return those of some members that prove that they cannot hold together, ``None`` where they can."""
        if not len(members):
            return None
        price = np.zeros(self.elastic.n_members)
        price[members] = self.price[members]
        result = self._solve(price)
        stretch = self.elastic.stretch(result.x)
        if not (stretch > self._nothing)[members].any():
            return None
        if result.whole:
            return members
        proof = np.intersect1d(members, self._support(result))
        return proof if len(proof) else members

    def _support(self, result: SolveResult) -> Codes:
        prices = np.concatenate([result.row_dual[self.elastic.rows], result.reduced_cost[self.elastic.columns]])
        return np.flatnonzero(np.abs(prices) > PRICELESS * self.price.max())

    def _relaxation(self, price: Vector, most: Vector | None) -> Relaxation | None:
        lower, upper = self.elastic.program.lower, self._upper(most)
        result = self._solve(price, most)
        if result.termination is not Termination.OPTIMAL:
            return None
        if result.whole:
            # a column that is whole but for a millionth lets much through where a large number stands before it
            whole, at = self.elastic.program.integer, result.x.round()
            self._session.set_bounds(np.where(whole, at, lower), np.where(whole, at, upper))
            exact = self._session.solve(self._left())
            result = exact if exact.termination is Termination.OPTIMAL else result
        stretch = self.elastic.stretch(result.x)
        return Relaxation(self.elastic.original(result.x), np.where(stretch > self._nothing, stretch, 0.0))

    def _upper(self, most: Vector | None) -> Vector:
        upper = self.elastic.program.upper
        return upper if most is None else np.concatenate([upper[: self.elastic.n_original], most])

    def _solve(self, price: Vector, most: Vector | None = None) -> SolveResult:
        program = self.elastic.program
        self._session.set_bounds(program.lower, self._upper(most))
        if len(self._guards):
            row_upper = program.row_upper.copy()
            row_upper[self._guards] = np.inf if most is None else 0.0
            self._session.set_row_bounds(program.row_lower, row_upper)
        self._session.set_cost(self.elastic.cost(price), maximize=False)
        result = self._session.solve(self._left())
        self.solves += 1
        if result.termination in (Termination.OPTIMAL, Termination.INFEASIBLE):
            return result
        if result.termination.is_limit:
            msg = say("the time ran out before the limits in conflict were found. Allow more time.")
            raise StoppedError(msg)
        msg = say(
            "the search for the conflict ended with '{end}' ({detail}). Try another engine; 'optimizer doctor' lists "
            "them.",
            end=result.termination,
            detail=result.detail,
        )
        raise SolveError(msg)

    def _is_late(self) -> bool:
        left = self._left()
        return left is not None and left < 1
