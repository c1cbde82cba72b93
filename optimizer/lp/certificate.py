"""Is it true what an engine says? Recomputed from the matrices alone, with sums that are exact but for one rounding.

optimum ``x`` with prices ``y`` (rows) and ``d`` (columns), each the change of the optimum per unit of its bound
    primal violation    by how much a row or bound is broken
    stationarity        c - A^T y - d, which is 0: what a column earns is what its rows and its bound are worth
    dual violation      a price with the wrong sign: of a bound that does not exist
    complementarity     price times the distance from the bound it pays for: only limits that bind have a price
    duality gap         what all limits are worth at their prices, less what ``x`` earns; no solution is worth more
no solution: weights ``y`` of the rows (Farkas)
    The rows ask ``y A x`` to be at least ``need``, bounds let it be at most ``most``; need > most: no x does both.
    An infinite bound that a weight of rounding's size leans on is left out of ``most``; ``reach`` is then how large a
    variable would have to be to undo the proof.
no best solution: a solution ``x`` and a direction ``r``
    ``x + t r`` fulfils everything for every t > 0, and earns without end.

Every measure comes as it is and scaled: a violation by the largest amount that its row adds up (never less than 1), a
price by the largest price in its column, products and gap by the objective. The scaled ones are judged, since a row in
billions cannot be met to the same digits as one in ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from optimizer.lp.exact_sums import activity, column_sums, dot, products
from optimizer.lp.program import LinearProgram, Vector

TOLERANCE = 1e-6
"""Largest scaled measure of a certificate that holds."""
FARTHEST = 1e6
"""Least reach of a proof of infeasibility, as a multiple of the largest finite bound: larger solutions are none."""


UNTROUBLED = np.errstate(invalid="ignore", over="ignore")
"""What is no number, or too large for one, needs no warning: its measures are no numbers, and keep no limit."""


class Claim(StrEnum):
    """What a certificate is about."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"


class Measure(StrEnum):
    """What is measured."""

    PRIMAL = "primal violation"
    DUAL = "dual violation"
    STATIONARITY = "stationarity"
    COMPLEMENTARITY = "complementary slackness"
    GAP = "duality gap"
    NEED = "asked for beyond what is possible"
    REACH = "reach of the proof"
    RAY = "violation along the ray"
    GAIN = "gain along the ray"


@dataclass(frozen=True)
class Measured:
    """One measure.

    Attributes
    ----------
    measure
        What is measured.
    value
        As it is, in the units of the program.
    scaled
        The same by the size of what it is a difference of.
    limit
        What the scaled value may be at most; at least, where ``wants_more``.
    wants_more
        Whether larger is better.
    """

    measure: Measure
    value: float
    scaled: float
    limit: float
    wants_more: bool = False

    @property
    def ok(self) -> bool:
        """Whether the scaled value keeps its limit; a value that is no number does not."""
        return self.scaled >= self.limit if self.wants_more else self.scaled <= self.limit


@dataclass(frozen=True)
class Certificate:
    """What was claimed of a program, and how well it holds.

    Attributes
    ----------
    claim
        What the engine says.
    objective, dual_objective
        What the solution earns, and what no solution can exceed (minimising: fall below); NaN without a solution.
    measures
        The measures, each with its limit.
    """

    claim: Claim
    objective: float
    dual_objective: float
    measures: tuple[Measured, ...]

    @property
    def ok(self) -> bool:
        """Whether every measure keeps its limit."""
        return all(measured.ok for measured in self.measures)


@UNTROUBLED
def certify_optimum(
    program: LinearProgram, x: Vector, row_dual: Vector, reduced_cost: Vector, tolerance: float = TOLERANCE
) -> Certificate:
    """Return how well a solution and prices prove each other to be optimal.

    Parameters
    ----------
    program
        The program; whole columns count as they stand in it, which is why they must be fixed for prices to exist.
    x
        A solution; any optimal one, not only that of the basis the prices belong to.
    row_dual, reduced_cost
        Prices of rows and columns.
    tolerance
        Largest scaled measure that counts as none.
    """
    s = activity(program, x)
    value = np.concatenate([x, s])
    lower = np.concatenate([program.lower, program.row_lower])
    upper = np.concatenate([program.upper, program.row_upper])
    price = np.concatenate([reduced_cost, row_dual])
    column_size, row_size = _sizes(program, x, row_dual)
    amount_size = np.concatenate([np.ones(program.n_columns), row_size])
    price_size = np.concatenate([column_size, np.full(program.n_rows, max(1.0, np.abs(row_dual).max(initial=0.0)))])

    objective = dot(program.cost, x)
    side = np.where((price > 0) == program.maximize, upper, lower)
    pays = (price != 0) & np.isfinite(side)
    dual_objective = dot(price[pays], side[pays])
    worth = max(1.0, abs(objective), abs(dual_objective))
    loose = np.abs(price[pays] * (value[pays] - side[pays]))
    gap = abs(objective - dual_objective)
    left = column_sums(program, -row_dual, program.cost, -reduced_cost)
    wrong_sign = np.where((price != 0) & ~np.isfinite(side), np.abs(price), 0.0)
    measures = (
        _worst(Measure.PRIMAL, violation(value, lower, upper), amount_size, tolerance),
        _worst(Measure.DUAL, wrong_sign, price_size, tolerance),
        _worst(Measure.STATIONARITY, np.abs(left), column_size, tolerance),
        _worst(Measure.COMPLEMENTARITY, loose, np.full(len(loose), worth), tolerance),
        Measured(Measure.GAP, gap, gap / worth, tolerance),
    )
    return Certificate(Claim.OPTIMAL, objective, dual_objective, measures)


@UNTROUBLED
def certify_infeasible(program: LinearProgram, weights: Vector, tolerance: float = TOLERANCE) -> Certificate:
    """Return how well weights of the rows prove that a program has no solution.

    Parameters
    ----------
    program
        The program.
    weights
        One a row: positive leans on the row's lower bound, negative on its upper one.
    tolerance
        By how much more must be asked for than is possible, relative to the largest amount added up.
    """
    sides = np.where(weights > 0, program.row_lower, program.row_upper)
    leans = (weights != 0) & np.isfinite(sides)
    weights = np.where(leans, weights, 0.0)  # a weight on a bound that does not exist proves nothing
    mix = column_sums(program, weights)
    bounds = np.where(mix > 0, program.upper, program.lower)
    bounded = (mix != 0) & np.isfinite(bounds)
    asked = products(weights[leans], sides[leans])
    possible = products(mix[bounded], bounds[bounded])
    need = dot(weights[leans], sides[leans]) - dot(mix[bounded], bounds[bounded])
    scale = max((float(np.abs(part[0]).max(initial=0.0)) for part in (asked, possible)), default=0.0)
    unlimited = float(np.abs(mix[(mix != 0) & ~bounded]).sum())
    reach = np.inf if unlimited == 0 else max(need, 0.0) / unlimited
    known = np.concatenate([program.lower, program.upper, program.row_lower, program.row_upper])
    largest = max(1.0, float(np.abs(known[np.isfinite(known)]).max(initial=0.0)))
    measures = (
        Measured(Measure.NEED, need, need / scale if scale > 0 else 0.0, tolerance, wants_more=True),
        Measured(Measure.REACH, reach, reach / largest, FARTHEST, wants_more=True),
    )
    return Certificate(Claim.INFEASIBLE, np.nan, np.nan, measures)


@UNTROUBLED
def certify_unbounded(program: LinearProgram, x: Vector, ray: Vector, tolerance: float = TOLERANCE) -> Certificate:
    """Return how well a solution and a direction prove that a program has no best solution.

    Parameters
    ----------
    program
        The program.
    x
        A solution of it.
    ray
        The direction.
    tolerance
        Largest scaled violation that counts as none, and least scaled gain that counts as one.
    """
    lower = np.concatenate([program.lower, program.row_lower])
    upper = np.concatenate([program.upper, program.row_upper])
    value = np.concatenate([x, activity(program, x)])
    slope = np.concatenate([ray, activity(program, ray)])
    away = np.maximum(np.where(np.isfinite(upper), slope, 0.0), np.where(np.isfinite(lower), -slope, 0.0))
    ones = np.ones(program.n_columns)
    largest = max(float(np.abs(ray).max(initial=0.0)), np.finfo(float).tiny)
    gain = dot(program.cost, ray) * (1 if program.maximize else -1)
    earned = max(float(np.abs(program.cost * ray).max(initial=0.0)), np.finfo(float).tiny)
    measures = (
        _worst(
            Measure.PRIMAL, violation(value, lower, upper), np.concatenate([ones, _sizes(program, x)[1]]), tolerance
        ),
        _worst(
            Measure.RAY,
            np.maximum(away, 0.0),
            np.concatenate([ones * largest, np.maximum(_largest_terms(program, ray), largest)]),
            tolerance,
        ),
        Measured(Measure.GAIN, gain, gain / earned, tolerance, wants_more=True),
    )
    return Certificate(Claim.UNBOUNDED, dot(program.cost, x), np.nan, measures)


def violation(value: Vector, lower: Vector, upper: Vector) -> Vector:
    """Return by how much each value is outside of its bounds; 0 within."""
    outside: Vector = np.maximum(np.maximum(lower - value, value - upper), 0.0)
    return outside


def _sizes(program: LinearProgram, x: Vector, row_dual: Vector | None = None) -> tuple[Vector, Vector]:
    """Return the largest price that each column adds up, and the largest amount that each row does, never below 1."""
    column_size = np.maximum(1.0, np.abs(program.cost))
    if row_dual is not None:
        np.maximum.at(column_size, program.entry_columns, np.abs(program.values * row_dual[program.indices]))
    row_size = np.maximum(1.0, _largest_terms(program, x))
    for bound in (program.row_lower, program.row_upper):
        row_size = np.maximum(row_size, np.where(np.isfinite(bound), np.abs(bound), 0.0))
    return column_size, row_size


def _largest_terms(program: LinearProgram, x: Vector) -> Vector:
    largest = np.zeros(program.n_rows)
    np.maximum.at(largest, program.indices, np.abs(program.values * x[program.entry_columns]))
    return largest


def _worst(measure: Measure, values: Vector, sizes: Vector, limit: float) -> Measured:
    """Return the largest of some values, and the largest of them scaled, which may be another one."""
    largest = float(values.max(initial=0.0)) + 0.0
    return Measured(measure, largest, float((values / sizes).max(initial=0.0)) + 0.0, limit)
