"""The account of a cell: what one more start there earns, and what it costs, at the prices of the plan.

cell       a site n in a year t
activity   v: one start in the cheapest tranche with room, and the money that pays it in years t, t+1, ...: of the
           admitted funder that is cheapest in all, followed by private money where that is cheaper; money rows balance
account    c v - y (A v) - price of a full tranche = sum of the columns' reduced costs weighted by v, for y the prices
           of the plan's linear program. Not above 0 beyond tolerance, and 0 where the plan starts projects in that
           tranche.
terms      c v by part of the objective, - y (A v) by family of rows: positive ones are gains, negative ones prices

Where the prices of a plan are not unique, this is one of its valid accounts.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from optimizer.blocks.overlap import PART, funders_above, sites_above
from optimizer.blocks.pipeline import tranches
from optimizer.blocks.sets import Lags
from optimizer.language import Message, say
from optimizer.lp.labels import BLANK, Codes
from optimizer.lp.program import Vector
from optimizer.plan.solution import Solution

IDEAS = "ideas"
OVERLAP_CLUSTERS, OVERLAP_FUNDERS = "overlap_clusters", "overlap_funders"
DETAILS = {"budget": "funder", "rules": "rule"}
"""Family of rows -> the label by which its rows are told apart in an account."""
MOST_LISTED = 5


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

    @property
    def scale(self) -> float:
        """What amounts are divided by to be per unit of public money; 1 where a start takes none."""
        return self.money if self.money > 0 else 1.0

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


@dataclass(frozen=True)
class _Payment:
    """What is paid for a start in one year: public money of one funder, and private money that follows."""

    pair: int
    year: int
    public: float
    private_column: int
    private: float


class Accounts:
    """Accounts of a plan's cells.

    Parameters
    ----------
    solution
        The solution; reading its prices raises ``SolveError`` where the solve produced none.
    """

    def __init__(self, solution: Solution) -> None:
        self._solution = solution
        self._sets = solution.sets
        self._program = solution.program
        self._price = solution.outcome.result.row_dual
        self._reduced = solution.outcome.result.reduced_cost
        self._tolerance = solution.outcome.options.feasibility_tolerance

    def cell(self, site: int, year: int) -> Cell:
        """Return the account of a site, by its number, in a year counted from the first."""
        sets, sites = self._sets, self._sets.sites
        labels = (
            str(sets.clusters[sites.cluster[site]]),
            str(sets.stages[sites.stage[site]]),
            str(sets.fields[sites.field[site]]),
            int(sets.years[year]),
        )
        bare = Cell(*labels, spend=float(self._spent[site, year]), starts=float(self._started[site, year]))
        reason = self._impossible(site, year)
        if reason is not None:
            return replace(bare, reason=reason)
        start, multiplier, dearer = self._start(site, year)
        payments = self._payments(site, year, multiplier)
        activity = self._activity(start, payments)
        terms = self._terms(activity)
        for key, amount in self._overlap(payments).items():
            terms[key] += amount
        if self._limited[start] and self._reduced[start] > 0:
            terms["capacity", ""] -= float(self._reduced[start])
        found = [Term(*key, amount) for key, amount in terms.items() if amount]
        return replace(
            bare,
            money=sum(payment.public for payment in payments),
            terms=tuple(sorted(found, key=lambda term: (term.amount < 0, -abs(term.amount)))),
            columns=tuple(activity),
            weights=tuple(activity.values()),
            outsider=self._outsider(site, payments),
            waiting=float(np.nan_to_num(self._solution.backlog[site, year], nan=np.inf)),
            dearer=dearer,
        )

    # --- what there can be ---------------------------------------------------------------------------------------

    def _impossible(self, site: int, year: int) -> Message | None:
        """Return why nothing can be started in a cell, whatever the prices."""
        sets, sites = self._sets, self._sets.sites
        if not sets.fundable[site] and sites.unit_cost[site] > 0:
            return say("No mandate admits any funder there.")
        if sites.capacity[site] == 0:
            if np.isnan(sites.expansion_cost[site]) or sites.expansion_limit[site] == 0:
                return say("Its capacity is 0 and cannot be expanded.")
            if year == 0:
                return say(
                    "Its capacity is 0 until an expansion is ready, in {year} at the soonest.", year=sets.years[0] + 1
                )
        first = self._first_waiting[site]
        if np.isinf(first):
            return say("No project ever reaches it: it has no backlog, no inflow and no link that brings any.")
        if first > year:
            return say(
                "No project can be waiting there before {year}: the first ones are still in earlier stages.",
                year=int(sets.years[0] + first),
            )
        return None

    @cached_property
    def _first_waiting(self) -> Vector:
        """For each site the year, counted from the first, before which nothing can wait there; infinity for never."""
        sets, sites, flows, links = self._sets, self._sets.sites, self._sets.flows, self._sets.links
        stages = sets.case.table("stages")
        kept = (1 - stages["decay"].to_numpy(float)[sites.stage]) * sites.backlog
        first = np.where(~sites.waits | (sites.inflow > 0) | (kept > 0), 0.0, np.inf)
        room = (sites.capacity > 0) | (np.nan_to_num(sites.expansion_limit * sites.expansion_cost, nan=-1.0) >= 0)
        works = room & (sites.success > 0) & (sets.fundable | (sites.unit_cost == 0))
        carries = (links.retention > 0) & ((links.capacity > 0) | ~np.isnan(links.expansion_cost))
        carried = carries[flows.link]
        origin, destination = flows.origin_site[carried], flows.destination_site[carried]
        begin = sets.site_at[sites.cluster, 0, sites.field]
        fed = np.flatnonzero((stages["feedback"].to_numpy(float)[sites.stage] > 0) & (begin != BLANK))
        for _ in range(len(sites)):
            ready = np.where(works, first + np.floor(sites.duration), np.inf)
            sooner = first.copy()
            np.minimum.at(sooner, destination, ready[origin])
            np.minimum.at(sooner, begin[fed], ready[fed])
            if (sooner == first).all():
                break
            first = sooner
        return np.where(first < sets.n_years, first, np.inf)

    # --- the activity --------------------------------------------------------------------------------------------

    def _start(self, site: int, year: int) -> tuple[int, float, bool]:
        """Choose the tranche of a start.

        Of the tranches with room it is the cheapest at the plan's prices, which need not be the first: a plan may pay
        more than it must to reach a share. Where none has room it is the last.

        Returns
        -------
        tuple
            Column and cost multiplier of the start, and whether a cheaper tranche is full.
        """
        shares, multipliers = tranches(self._sets)
        used = np.flatnonzero(shares > 0)
        columns = self._starts[site, year, used]
        room = np.array([self._has_room(int(column)) for column in columns])
        money = self._activity(BLANK, self._payments(site, year, 1.0))
        loss = sum(weight * float(self._reduced[column]) for column, weight in money.items() if column != BLANK)
        value = np.where(room, self._reduced[columns] + multipliers[used] * loss, -np.inf)
        chosen = int(np.flatnonzero(value >= value.max() - self._tolerance)[0]) if room.any() else len(used) - 1
        dearer = multipliers[used[chosen]] > multipliers[used[0]] and not room[0]
        return int(columns[chosen]), float(multipliers[used[chosen]]), bool(dearer)

    def _has_room(self, column: int) -> bool:
        program, value = self._program, self._solution.x[column]
        noise = 10 * self._tolerance * (1 + value)
        if program.upper[column] - value <= noise:
            return False
        rows, _ = self._entries(column)
        limits = rows[np.isin(rows, program.rows.positions("capacity"))]
        return bool((program.row_upper[limits] - self._filled[limits] > noise).all())

    def _payments(self, site: int, year: int, multiplier: float) -> list[_Payment]:
        """Return who pays a start, year by year within the horizon."""
        sets, payments = self._sets, []
        cost = float(sets.sites.unit_cost[site]) * multiplier
        for lag, share in _of_site(sets.payments, site):
            paid, due = year + lag, cost * share
            if paid >= sets.n_years or due == 0:
                continue
            pair = self._payer(site, paid)
            follows = self._private_share(site, paid, pair)
            column = int(self._private[site, paid]) if follows else BLANK
            payments.append(_Payment(pair, paid, due * (1 - follows), column, due * follows))
        return payments

    def _activity(self, start: int, payments: list[_Payment]) -> dict[int, float]:
        """Return how much of each column one start takes."""
        activity = {start: 1.0}
        for paid in payments:
            activity[int(self._public[paid.pair, paid.year])] = paid.public
            if paid.private:
                activity[paid.private_column] = paid.private
        return activity

    def _payer(self, site: int, year: int) -> int:
        """Return the site pair whose money is cheapest in all; among equals the one that pays most, then the first."""
        pairs = self._pairs(site)
        columns = self._public[pairs, year]
        value = self._reduced[columns]
        best = pairs[value >= value.max() - self._tolerance]
        return int(best[np.argmax(self._solution.x[self._public[best, year]])])

    def _private_share(self, site: int, year: int, pair: int) -> float:
        """Return the share of a payment that private money takes: as much as may follow, or none."""
        ratio = float(self._crowd_in[self._sets.sites.stage[site]])
        if ratio == 0:
            return 0.0
        column = self._private[site, year]
        saved = self._reduced[column] - self._reduced[self._public[pair, year]]
        # of two mixes that cost the same, the one that keeps to the ratio wherever that is scarce
        rows, factors = self._entries(int(column))
        scarce = self._price[rows[factors > 0]][np.isin(rows[factors > 0], self._program.rows.positions("crowd_in"))]
        matched = saved > self._tolerance or (abs(saved) <= self._tolerance and (scarce > self._tolerance).any())
        return ratio / (1 + ratio) if matched else 0.0

    # --- its terms -----------------------------------------------------------------------------------------------

    def _terms(self, activity: dict[int, float]) -> defaultdict[tuple[str, str], float]:
        """Return objective parts but the overlap, and prices of rows, of an activity."""
        terms: defaultdict[tuple[str, str], float] = defaultdict(float)
        pieces: list[tuple[Codes, Vector]] = []
        for column, weight in activity.items():
            for name, coefficients in self._parts.items():
                terms[name, ""] += weight * float(coefficients[column])
            rows, factors = self._entries(column)
            pieces.append((rows, weight * factors))
        touched, place = np.unique(np.concatenate([rows for rows, _ in pieces]), return_inverse=True)
        use = np.bincount(place, np.concatenate([uses for _, uses in pieces]))
        for row, used in zip(touched.tolist(), use.tolist(), strict=True):
            name, detail = self._row_name(row)
            if name == "money":  # balanced by construction
                continue
            # what is fed back stands in the backlog rows with the opposite sign of what is used up
            name = IDEAS if name == "backlog" and used < 0 else name
            terms[name, detail] -= used * float(self._price[row])
        return terms

    def _overlap(self, payments: list[_Payment]) -> defaultdict[tuple[str, str], float]:
        """Return the overlap penalty of payments by whom they would overlap with."""
        sets, ranking = self._sets, self._solution.outcome.ranking
        prices = sets.case.settings.overlap
        site_of, funder_of = sets.site_pairs
        terms: defaultdict[tuple[str, str], float] = defaultdict(float)
        for paid in payments:
            worth = paid.public * float(sets.discount[paid.year])
            here = sets.sites.cluster[site_of[paid.pair]]
            if prices.between_clusters > 0:
                for other in sets.sites.cluster[sites_above(sets, ranking, int(site_of[paid.pair]), paid.year)]:
                    unit = prices.between_clusters * float(sets.similarity[here, other])
                    terms[OVERLAP_CLUSTERS, str(sets.clusters[other])] -= worth * unit
            if prices.between_funders > 0:
                for other in funder_of[funders_above(sets, ranking, paid.pair, paid.year)]:
                    terms[OVERLAP_FUNDERS, str(sets.funders[other])] -= worth * prices.between_funders
        return terms

    def _outsider(self, site: int, payments: list[_Payment]) -> tuple[str, float] | None:
        """Return the funder without a mandate for the site whose budget would be cheapest, and what it would save."""
        sets, rows = self._sets, self._program.rows.positions("budget")
        shut_out = np.flatnonzero(~sets.admits_site[:, site])
        if not len(shut_out) or not payments:
            return None
        price = self._price[rows].reshape(-1, sets.n_years)
        _, funder = sets.site_pairs
        saved = sum(
            (paid.public * (price[funder[paid.pair], paid.year] - price[shut_out, paid.year]) for paid in payments),
            np.zeros(len(shut_out)),
        )
        best = int(np.argmax(saved))
        return (str(sets.funders[shut_out[best]]), float(saved[best])) if saved[best] > self._tolerance else None

    # --- positions -----------------------------------------------------------------------------------------------

    def _entries(self, column: int) -> tuple[Codes, Vector]:
        """Return rows and factors of a column of the matrix."""
        run = slice(self._program.starts[column], self._program.starts[column + 1])
        rows: Codes = self._program.indices[run].astype(np.intp)
        return rows, self._program.values[run]

    def _row_name(self, row: int) -> tuple[str, str]:
        """Return a row's family and the label it is told apart by in an account; blank for none."""
        labels = self._program.rows
        # families without members share the position of the next one, which is the last to begin there
        family = labels.families[int(np.searchsorted(self._offsets, row, side="right")) - 1]
        dimension = DETAILS.get(family.name)
        if dimension is None:
            return family.name, ""
        return family.name, str(labels.dimensions[dimension][family.codes[dimension][row - family.offset]])

    @cached_property
    def _offsets(self) -> Codes:
        return np.array([family.offset for family in self._program.rows.families], dtype=np.intp)

    @cached_property
    def _parts(self) -> dict[str, Vector]:
        """Coefficients of the parts of the objective, but for the overlap."""
        size = self._program.n_columns
        return {
            name: np.bincount(part.columns, weights=part.coefficients, minlength=size).astype(float)
            for name, part in self._program.parts.items()
            if name != PART
        }

    @cached_property
    def _starts(self) -> Codes:
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
    def _limited(self) -> Vector:
        """Whether a column's upper bound is reported as a row."""
        limited = np.zeros(self._program.n_columns, dtype=bool)
        limited[self._program.limits.columns] = True
        return limited

    @cached_property
    def _filled(self) -> Vector:
        return self._program.activity(self._solution.x)

    @cached_property
    def _crowd_in(self) -> Vector:
        ratio: Vector = self._sets.case.table("stages")["crowd_in"].to_numpy(float)
        return ratio

    @cached_property
    def _spent(self) -> Vector:
        return self._solution.quantity("spent_at_site")

    @cached_property
    def _started(self) -> Vector:
        return self._solution.quantity("started")

    def _pairs(self, site: int) -> Codes:
        """Return the site pairs of a site, which stand side by side."""
        owner, _ = self._sets.site_pairs
        first, last = np.searchsorted(owner, [site, site + 1])
        return np.arange(first, last)


def _of_site(lags: Lags, site: int) -> list[tuple[int, float]]:
    """Return lag and share of what a start at a site leads to."""
    own = lags.site == site
    return list(zip(lags.lag[own].tolist(), lags.share[own].tolist(), strict=True))
