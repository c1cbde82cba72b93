"""Prices: what one more unit of each limit is worth, what an unused variable would cost, and how far they hold.

A shadow price is the change of ``lp_objective`` per unit of right-hand side (DESIGN rule 4). The columns bear Excel's
names, and mean what they mean there:

constraints
    The price stays what it is while the right-hand side, this one alone, moves by no more than ``allowable_increase``
    and ``allowable_decrease``.
variables
    The plan stays optimal while the objective coefficient, this one alone, moves by no more than the allowable changes.

``final_value`` and ``slack`` are those of the plan reported, which of all optimal solutions is one of least spend. The
ranges are computed from a basis with the same prices whose solution that plan is, so that they belong to what is
reported; where there is no such basis, because the plan is no vertex, the ranges of the variables in which the two
differ are missing. A range is missing too where an engine gave no basis that can be read and the one found in its
place has another price.

At many optima more than one basis is optimal. A price is then one of an interval, ``shadow_price_low`` to
``shadow_price_high``: what the next unit more is worth, and what the last one was. Where they differ ``degenerate`` is
true, and the allowable range is 0 on a side on which the price does not hold. The interval is computed for every row
where that is cheap (``EFFORT``); in larger programs ``degenerate`` says that the price may not be the only one, the end
that the basis does not show is missing, and :meth:`Sensitivity.interval` computes it for one row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.arguments import checked_methods
from optimizer.errors import ModelError, SolveError
from optimizer.language import say
from optimizer.lp.basis import FactoredBasis, Mask
from optimizer.lp.labels import Codes, Labels
from optimizer.lp.program import Vector
from optimizer.lp.ranging import Ranges, priced_side, ranges
from optimizer.options import SolveOptions
from optimizer.plan.price_intervals import SAME, PriceInterval, PriceIntervals
from optimizer.plan.solution import Solution
from optimizer.solvers.base import find_engine
from optimizer.solvers.result import SolveResult

CONSTRAINT_COLUMNS = (
    "final_value",
    "shadow_price",
    "rhs",
    "allowable_increase",
    "allowable_decrease",
    "slack",
    "status",
    "degenerate",
    "shadow_price_low",
    "shadow_price_high",
)
VARIABLE_COLUMNS = ("final_value", "reduced_cost", "objective_coefficient", "allowable_increase", "allowable_decrease")
KINDS = {"status": object, "degenerate": bool}
"""Columns that are no numbers."""
BINDING, NOT_BINDING = "binding", "not binding"
EFFORT = 300_000
"""Rows whose price may not be unique, times columns of the program, up to which every interval is computed unasked."""


@checked_methods
class Sensitivity:
    """Prices of a plan's rows and columns, by label, and how far they hold.

    Parameters
    ----------
    solution
        The solution, solved to optimality.
    """

    def __init__(self, solution: Solution) -> None:
        self._solution = solution

    @property
    def constraints(self) -> pd.DataFrame:
        """One line per row of FORMULATION section 5: value, price, right-hand side, its range, slack, whether it binds.

        Prices are in money per unit of the right-hand side; allowable changes in its unit, infinite where there is no
        end, missing where they are not known.
        """
        return self._constraints.copy()

    @property
    def variables(self) -> pd.DataFrame:
        """One line per column: its value, reduced cost, objective coefficient, and the range of that."""
        return self._variables.copy()

    def interval(self, family: str, **labels: object) -> PriceInterval:
        """Return all prices of one row that are right: one, or an interval at a degenerate optimum.

        Parameters
        ----------
        family
            Family of the row, as in :attr:`constraints`.
        labels
            The label of each of its dimensions.

        Returns
        -------
        PriceInterval
            ``low`` and ``high`` [money per unit of the right-hand side].

        Raises
        ------
        ModelError
            If there is no such row, or the labels fit several.
        SolveError
            If the plan was edited: it is no optimum, and has no prices.

        Examples
        --------
        >>> import optimizer as vc
        >>> plan = vc.load_case("inputs/tutorial").solve()
        >>> interval = plan.sensitivity.interval("budget", funder="national", year=2026)
        >>> interval.low <= interval.high
        True
        """
        if self._solution.outcome.edited is not None:
            msg = say(
                "there are no prices: the plan was edited, and is no optimum. Ask the plan that it was made from."
            )
            raise SolveError(msg)
        program = self._solution.program
        limits = program.limits
        try:
            row = program.rows.position(family, **labels)
        except ModelError:
            if not len(limits.labels.positions(family)):
                raise
            return self._intervals.of_upper(int(limits.columns[limits.labels.position(family, **labels)]))
        return self._intervals.of_row(row)

    @cached_property
    def _constraints(self) -> pd.DataFrame:
        program = self._solution.program
        rows, limits = program.rows, program.limits
        pieces = []
        of_rows = self._priced_rows
        of_limits = self._priced_limits
        for name in dict.fromkeys([*rows.names, *limits.labels.names]):
            own = _labelled(rows, name, of_rows.iloc[rows.positions(name)].reset_index(drop=True))
            bounded = of_limits.iloc[limits.labels.positions(name)].reset_index(drop=True)
            pieces.append(_merged(own, _labelled(limits.labels, name, bounded), program.rows.dimensions))
        return _together(pieces, [*program.rows.dimensions], CONSTRAINT_COLUMNS)

    @cached_property
    def _variables(self) -> pd.DataFrame:
        program, result = self._solution.program, self._solution.outcome.result
        increase, decrease = np.full((2, program.n_columns), np.nan)
        if self._found is not None:
            basis, found = self._found
            same = _close(basis.x, self._solution.x)
            increase, decrease = (np.where(same, side, np.nan) for side in (found.cost_increase, found.cost_decrease))
        values = pd.DataFrame(
            {
                "final_value": self._solution.x,
                "reduced_cost": result.reduced_cost + 0.0,
                "objective_coefficient": program.cost + 0.0,
                "allowable_increase": increase,
                "allowable_decrease": decrease,
            }
        )
        pieces = [
            _labelled(program.columns, name, values.iloc[program.columns.positions(name)].reset_index(drop=True))
            for name in program.columns.names
        ]
        return _together(pieces, [*program.columns.dimensions], VARIABLE_COLUMNS)

    @cached_property
    def _vertex(self) -> SolveResult:
        """An optimum with a basis that can be read: the one found, else one by the default engine."""
        result = self._solution.outcome.result
        if result.has_basis and result.basis.members() is not None:
            return result
        options = SolveOptions()
        return find_engine(options.engine)(self._solution.program, options).solve()

    @cached_property
    def _intervals(self) -> PriceIntervals:
        return PriceIntervals(self._solution.program, self._vertex, self._solution.outcome.result.row_dual)

    @cached_property
    def _found(self) -> tuple[FactoredBasis, Ranges] | None:
        """A basis of the reported solution, as near to it as there is one, and its ranges; ``None`` without a basis."""
        if self._solution.outcome.edited is not None:
            return None
        members = self._vertex.basis.members() if self._vertex.has_basis else None
        if members is None:
            return None
        basis = FactoredBasis(self._solution.program, *members, self._vertex.x)
        try:
            basis = basis.moved_to(self._solution.x) or basis
            return basis, ranges(basis)
        except ModelError:
            return None

    @cached_property
    def _priced_rows(self) -> pd.DataFrame:
        program, result = self._solution.program, self._solution.outcome.result
        found = None if self._found is None else self._found[1]
        activity = program.activity(self._solution.x)
        table = self._rows(activity, result.row_dual, program.row_lower, program.row_upper)
        if found is None:
            return _without_ranges(table)
        known = _close(found.row_dual, result.row_dual)
        return self._with_ranges(
            table, known, (found.row_increase, found.row_decrease, found.degenerate_rows), self._intervals.of_row
        )

    @cached_property
    def _priced_limits(self) -> pd.DataFrame:
        program, result = self._solution.program, self._solution.outcome.result
        columns = program.limits.columns
        price = result.reduced_cost[columns]
        # a bound has a price only where more room would be used
        price = np.maximum(price, 0) if program.maximize else np.minimum(price, 0)
        table = self._rows(self._solution.x[columns], price, np.full(len(columns), -np.inf), program.upper[columns])
        if self._found is None:
            return _without_ranges(table)
        found = self._found[1]
        known = _close(found.reduced_cost, result.reduced_cost)[columns]
        own = found.upper_increase[columns], found.upper_decrease[columns], found.degenerate_uppers[columns]
        return self._with_ranges(table, known, own, lambda limit: self._intervals.of_upper(int(columns[limit])))

    def _rows(self, value: Vector, price: Vector, lower: Vector, upper: Vector) -> pd.DataFrame:
        rhs = priced_side(price, lower, upper, maximize=self._solution.program.maximize)
        slack = np.where(rhs == upper, upper - value, value - lower)
        scale = 1 + np.abs(rhs)
        binding = np.abs(slack) <= 10 * self._solution.outcome.options.feasibility_tolerance * scale
        return pd.DataFrame(
            {
                "final_value": value + 0.0,
                "shadow_price": price + 0.0,
                "rhs": rhs,
                "slack": np.where(binding, 0.0, slack),
                "status": np.where(binding, BINDING, NOT_BINDING),
            }
        )

    def _with_ranges(
        self,
        table: pd.DataFrame,
        known: Mask,
        found: tuple[Vector, Vector, Mask],
        interval: Callable[[int], PriceInterval],
    ) -> pd.DataFrame:
        """Return a table of rows with their ranges, and with the interval of each price as far as it is known.

        The side on which a price holds has it as its rate; the other end of the interval is computed where that is
        cheap, and missing else.
        """
        increase, decrease = (np.where(known, side, np.nan) for side in found[:2])
        price, suspect = table["shadow_price"].to_numpy(), found[2] | ~known
        of_more, of_less = np.where(increase > 0, price, np.nan), np.where(decrease > 0, price, np.nan)
        concave = self._solution.program.maximize
        low, high = (of_more, of_less) if concave else (of_less, of_more)
        low, high = np.where(suspect, low, price), np.where(suspect, high, price)
        rows = np.flatnonzero(suspect)
        if len(rows) * self._solution.program.n_columns <= EFFORT:
            for row in rows:
                found_here = interval(int(row))
                low[row], high[row], suspect[row] = found_here.low, found_here.high, not found_here.unique
        return table.assign(
            allowable_increase=increase,
            allowable_decrease=decrease,
            degenerate=suspect,
            shadow_price_low=low + 0.0,
            shadow_price_high=high + 0.0,
        )


def _close(one: Vector, other: Vector) -> Mask:
    close: Mask = np.abs(one - other) <= SAME * (1 + np.abs(other))
    return close


def _without_ranges(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of rows whose ranges are not known: then no price is known to be the only one."""
    unknown = ("allowable_increase", "allowable_decrease", "shadow_price_low", "shadow_price_high")
    return table.assign(degenerate=True, **dict.fromkeys(unknown, np.nan))


def _labelled(labels: Labels, name: str, values: pd.DataFrame) -> pd.DataFrame:
    keys: Codes = labels.positions(name)
    if not len(keys):
        return pd.DataFrame()
    frame = pd.concat([labels.frame(name), values], axis=1)
    frame.insert(0, "family", name)
    return frame


def _merged(rows: pd.DataFrame, limits: pd.DataFrame, dimensions: Mapping[str, pd.Index]) -> pd.DataFrame:
    """Put a family's rows and its limits held as bounds into one order, that of their labels."""
    if not len(rows) or not len(limits):
        return rows if len(rows) else limits
    both = pd.concat([rows, limits], ignore_index=True)
    keys = [dimensions[name].get_indexer(pd.Index(both[name])) for name in rows.columns if name in dimensions]
    return both.iloc[np.lexsort(keys[::-1])].reset_index(drop=True)


def _together(pieces: list[pd.DataFrame], dimensions: list[str], values: tuple[str, ...]) -> pd.DataFrame:
    """Stack families: every dimension that occurs is a column, blank where a family lacks it."""
    kept = [piece for piece in pieces if len(piece)]
    used = [name for name in dimensions if any(name in piece for piece in kept)]
    columns = ["family", *used, *values]
    if not kept:
        return pd.DataFrame(columns=columns)
    stacked = {}
    for column in columns:
        parts = [
            piece[column].astype(object) if column in piece else pd.Series([None] * len(piece), dtype=object)
            for piece in kept
        ]
        stacked[column] = pd.concat(parts, ignore_index=True)
    frame = pd.DataFrame(stacked)
    return frame.astype({name: KINDS.get(name, float) for name in values})
