"""The start that an account is about: its tranche, and who pays for it, at the prices of a plan.

Of all ways to start one more project in a cell it is the cheapest at the plan's prices, so that what its gains and
prices add up to is the best that can be said of the cell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.blocks.pipeline import tranches
from optimizer.blocks.sets import Lags, Mask, Sets
from optimizer.lp.labels import BLANK, Codes
from optimizer.lp.program import LinearProgram, Vector
from optimizer.plan.solution import Solution


@dataclass(frozen=True)
class Payment:
    """What is paid for a start in one year.

    Attributes
    ----------
    pair
        Site and funder that pays the public money.
    year
        Year of the payment, counted from the first.
    public, private
        Public money, and private money that follows it [money].
    public_column, private_column
        Columns of the program for them; the latter ``BLANK`` where no private money follows.
    """

    pair: int
    year: int
    public: float
    private: float
    public_column: int
    private_column: int


@dataclass(frozen=True)
class Start:
    """One start.

    Attributes
    ----------
    column
        Column of the program for starts in its tranche.
    payments
        What is paid for it within the horizon.
    dearer
        Whether it costs more than the first ones of the year, whose tranche is full.
    """

    column: int
    payments: tuple[Payment, ...]
    dearer: bool

    @property
    def money(self) -> float:
        """Public money that it takes within the horizon [money]."""
        return sum(paid.public for paid in self.payments)

    @property
    def activity(self) -> dict[int, float]:
        """How much of each column of the program it takes."""
        return {self.column: 1.0, **_columns_of(self.payments)}


class Starts:
    """The starts that accounts of a plan are about.

    Parameters
    ----------
    solution
        The solution; reading its prices raises ``SolveError`` where the solve produced none.
    """

    def __init__(self, solution: Solution) -> None:
        self._sets: Sets = solution.sets
        self._program: LinearProgram = solution.program
        self._x = solution.x
        self._price = solution.outcome.result.row_dual
        self._reduced = solution.outcome.result.reduced_cost
        self._tolerance = solution.outcome.options.feasibility_tolerance

    def of(self, site: int, year: int) -> tuple[Start, Start | None]:
        """Choose the start of a cell, and the one that would come next where its tranche is full.

        Where the plan starts projects it is one of theirs, in a tranche with room if there is any, else the dearest:
        such a start just pays. Elsewhere it is the best at the plan's prices, which need not be in the first tranche:
        capacity may cost more there than in a dearer one.
        """
        shares, multipliers = tranches(self._sets)
        used = np.flatnonzero(shares > 0)
        columns, multipliers = self._columns[site, year, used], multipliers[used]
        room = np.array([self._has_room(int(column)) for column in columns])
        begun = self._x[columns] > 0
        if begun.any() and not (begun & room).any():
            chosen = int(np.flatnonzero(begun)[-1])
        else:
            chosen = self._best(site, year, begun & room if begun.any() else room)
        later = np.flatnonzero(room[chosen:]) + chosen
        following = None if room[chosen] or not len(later) else int(later[0])

        def start(tranche: int) -> Start:
            payments = self._payments(site, year, float(multipliers[tranche]))
            full = bool(multipliers[tranche] > multipliers[0] and not room[0])
            return Start(int(columns[tranche]), tuple(payments), dearer=full)

        return start(chosen), None if following is None else start(following)

    def _best(self, site: int, year: int, candidates: Mask) -> int:
        """Return the best of some tranches at the plan's prices, of all where there are none; among equals the first.

        Tranches without a share are not counted.
        """
        candidates = candidates if candidates.any() else np.ones_like(candidates)
        shares, multipliers = tranches(self._sets)
        used = np.flatnonzero(shares > 0)
        paid = _columns_of(self._payments(site, year, 1.0))
        loss = sum(weight * float(self._reduced[column]) for column, weight in paid.items())
        value = np.where(candidates, self._reduced[self._columns[site, year, used]] + multipliers[used] * loss, -np.inf)
        return int(np.flatnonzero(value >= value.max() - self._tolerance)[0])

    def _has_room(self, column: int) -> bool:
        program, value = self._program, self._x[column]
        noise = 10 * self._tolerance * (1 + value)
        if program.upper[column] - value <= noise:
            return False
        rows, _ = entries(program, column)
        limits = rows[np.isin(rows, program.rows.positions("capacity"))]
        return bool((program.row_upper[limits] - self._filled[limits] > noise).all())

    def _payments(self, site: int, year: int, multiplier: float) -> list[Payment]:
        """Return who pays a start, year by year within the horizon."""
        sets, payments = self._sets, []
        cost = float(sets.sites.unit_cost[site]) * multiplier
        for lag, share in _of_site(sets.payments, site):
            paid, due = year + lag, cost * share
            if paid >= sets.n_years or due == 0:
                continue
            pair = self._payer(site, paid)
            follows = self._private_share(site, paid, pair)
            private = int(self._private[site, paid]) if follows else BLANK
            public = int(self._public[pair, paid])
            payments.append(Payment(pair, paid, due * (1 - follows), due * follows, public, private))
        return payments

    def _payer(self, site: int, year: int) -> int:
        """Return the site pair whose money is cheapest in all; among equals the one that pays most, then the first."""
        owner, _ = self._sets.site_pairs  # pairs stand site by site
        pairs = np.arange(*np.searchsorted(owner, [site, site + 1]))
        value = self._reduced[self._public[pairs, year]]
        best = pairs[value >= value.max() - self._tolerance]
        return int(best[np.argmax(self._x[self._public[best, year]])])

    def _private_share(self, site: int, year: int, pair: int) -> float:
        """Return the share of a payment that private money takes: as much as may follow, or none."""
        stage = self._sets.sites.stage[site]
        ratio = float(self._sets.case.table("stages")["crowd_in"].iloc[stage])
        if ratio == 0:
            return 0.0
        column = self._private[site, year]
        saved = self._reduced[column] - self._reduced[self._public[pair, year]]
        # of two mixes that cost the same, the one that keeps to the ratio wherever that is scarce
        rows, factors = entries(self._program, int(column))
        scarce = self._price[rows[factors > 0]][np.isin(rows[factors > 0], self._program.rows.positions("crowd_in"))]
        matched = saved > self._tolerance or (abs(saved) <= self._tolerance and (scarce > self._tolerance).any())
        return ratio / (1 + ratio) if matched else 0.0

    @cached_property
    def _columns(self) -> Codes:
        positions = self._program.columns.positions("starts")
        return positions.reshape(len(self._sets.sites), self._sets.n_years, -1)

    @cached_property
    def _public(self) -> Codes:
        return self._program.columns.positions("public").reshape(-1, self._sets.n_years)

    @cached_property
    def _private(self) -> Codes:
        """Columns of private money, shape (sites, years); ``BLANK`` where there are none."""
        labels, sets = self._program.columns, self._sets
        grid = np.full((len(sets.sites), sets.n_years), BLANK, dtype=np.intp)
        cluster, stage, field, year = (labels.codes("private", name) for name in ("cluster", "stage", "field", "year"))
        grid[sets.site_at[cluster, stage, field], year] = labels.positions("private")
        return grid

    @cached_property
    def _filled(self) -> Vector:
        return self._program.activity(self._x)


def entries(program: LinearProgram, column: int) -> tuple[Codes, Vector]:
    """Return rows and factors of a column of the matrix."""
    run = slice(program.starts[column], program.starts[column + 1])
    rows: Codes = program.indices[run].astype(np.intp)
    return rows, program.values[run]


def _columns_of(payments: Iterable[Payment]) -> dict[int, float]:
    """Return how much of each column of money some payments take."""
    money = {paid.public_column: paid.public for paid in payments}
    return money | {paid.private_column: paid.private for paid in payments if paid.private}


def _of_site(lags: Lags, site: int) -> list[tuple[int, float]]:
    """Return lag and share of what a start at a site leads to."""
    own = lags.site == site
    return list(zip(lags.lag[own].tolist(), lags.share[own].tolist(), strict=True))
