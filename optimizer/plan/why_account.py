"""The account of a cell: what one more start there earns, and what it costs, at the prices of the plan.

cell       a site n in a year t
activity   v: one start in a tranche (:mod:`optimizer.plan.why_start` chooses it), and the money that pays it in years
           t, t+1, ...: of the admitted funder that is cheapest in all, followed by private money where that is cheaper;
           money rows balance
account    c v - y (A v) - price of a full tranche = sum of the columns' reduced costs weighted by v, for y the prices
           of the plan's linear program. Not above 0 beyond tolerance, and 0 where the plan starts projects: they are of
           the tranche chosen, and what pays for them has no reduced cost.
terms      c v by part of the objective, - y (A v) by family of rows: positive ones are gains, negative ones prices

Where the prices of a plan are not unique, this is one of its valid accounts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from optimizer.blocks.overlap import PART, funders_above, sites_above
from optimizer.lp.labels import Codes
from optimizer.lp.program import Vector
from optimizer.plan.solution import Solution
from optimizer.plan.why_cell import Cell, Term
from optimizer.plan.why_not import Obstacles
from optimizer.plan.why_start import Payment, Start, Starts, entries

IDEAS = "ideas"
OVERLAP_CLUSTERS, OVERLAP_FUNDERS = "overlap_clusters", "overlap_funders"
DETAILS = {"budget": "funder", "rules": "rule"}
"""Family of rows -> the label by which its rows are told apart in an account."""

ROUNDING = 1e-12
"""Share of the largest term of an account below which another one is rounding."""


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
        self._obstacles = Obstacles(solution.sets)
        self._starts = Starts(solution)

    def cell(self, site: int, year: int) -> Cell:
        """Return the account of a site, by its number, in a year counted from the first."""
        sets, sites = self._sets, self._sets.sites
        bare = Cell(
            str(sets.clusters[sites.cluster[site]]),
            str(sets.stages[sites.stage[site]]),
            str(sets.fields[sites.field[site]]),
            int(sets.years[year]),
            spend=float(self._spent[site, year]),
            starts=float(self._started[site, year]),
            bought=float(self._bought[site, year]),
            private=float(self._solution.private[site, year]),
        )
        reason = self._obstacles.reason(site, year)
        if reason is not None:
            return replace(bare, reason=reason)
        start, following = self._starts.of(site, year)
        told = replace(
            bare,
            money=start.money,
            terms=self._terms_of(start),
            columns=tuple(start.activity),
            weights=tuple(start.activity.values()),
            outsider=self._outsider(site, start.payments),
            waiting=float(np.nan_to_num(self._solution.backlog[site, year], nan=np.inf)),
            dearer=start.dearer,
        )
        if following is None:
            return told
        return replace(told, further=replace(bare, money=following.money, terms=self._terms_of(following)).total)

    def _terms_of(self, start: Start) -> tuple[Term, ...]:
        """Return gains, then prices, of a start, each from the largest on."""
        terms = self._terms(start.activity)
        for key, amount in self._overlap(start.payments).items():
            terms[key] += amount
        if self._limited[start.column] and self._reduced[start.column] > 0:
            terms["capacity", ""] -= float(self._reduced[start.column])
        # what cancels out leaves rounding behind, which is no gain and no price
        noise = ROUNDING * max(map(abs, terms.values()), default=0.0)
        found = [Term(*key, amount) for key, amount in terms.items() if abs(amount) > noise]
        return tuple(sorted(found, key=lambda term: (term.amount < 0, -abs(term.amount))))

    def _terms(self, activity: dict[int, float]) -> defaultdict[tuple[str, str], float]:
        """Return objective parts but the overlap, and prices of rows, of an activity."""
        terms: defaultdict[tuple[str, str], float] = defaultdict(float)
        pieces: list[tuple[Codes, Vector]] = []
        for column, weight in activity.items():
            for name, coefficients in self._parts.items():
                terms[name, ""] += weight * float(coefficients[column])
            rows, factors = entries(self._program, column)
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

    def _overlap(self, payments: Sequence[Payment]) -> defaultdict[tuple[str, str], float]:
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

    def _outsider(self, site: int, payments: Sequence[Payment]) -> tuple[str, float] | None:
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
    def _limited(self) -> Vector:
        """Whether a column's upper bound is reported as a row."""
        limited = np.zeros(self._program.n_columns, dtype=bool)
        limited[self._program.limits.columns] = True
        return limited

    @cached_property
    def _spent(self) -> Vector:
        return self._solution.quantity("spent_at_site")

    @cached_property
    def _started(self) -> Vector:
        return self._solution.quantity("started")

    @cached_property
    def _bought(self) -> Vector:
        """Money for more capacity, shape (sites, years)."""
        sites, years = self._sets.sites, self._sets.n_years
        grid = np.zeros((len(sites), years))
        able = np.flatnonzero(~np.isnan(sites.expansion_cost))
        amounts = self._solution.x[self._program.columns.positions("expansion")].reshape(-1, years)
        grid[able] = amounts * sites.expansion_cost[able][:, None]
        return grid
