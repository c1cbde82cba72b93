"""How far one number of a solved program may move before its price, or its solution, is another one.

From a basis alone, whatever engine found it. Let ``w`` be the answer of the basis when a variable outside of it (a
column, or the activity of a row) moves by one, and let basic variables have room up and down to their bounds.

right-hand side of a row, or bound of a column, outside of the basis
    It moves the variable, hence every basic variable ``v`` by ``w_v`` a unit. The price holds until the first one meets
    a bound: an increase of at most ``room up / w_v`` where ``w_v > 0``, ``room down / -w_v`` where ``w_v < 0``; a
    decrease with up and down exchanged. Beyond its own opposite bound there is no solution.
limit that binds nothing, or whose price is 0
    More room changes nothing: no end on that side. Less room changes nothing before the solution itself is met, so the
    slack is allowed on the other side, and the range above where that is wider.
objective coefficient of a column outside of the basis
    The solution stays until the reduced cost changes its sign; a column whose bounds are one value never moves.
objective coefficient of a column in the basis
    A change by one changes the reduced cost of every variable outside by its ``w``; the solution stays until the first
    of them changes its sign.

Every range is a true statement about the program: within it the price (or the solution) is still one that is optimal.
Where several bases share the optimum it can be shorter than the longest such range, down to 0, and the price need not
be the only one (``degenerate_*``); see :mod:`optimizer.lp.directions` for what holds then.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.lp.basis import FactoredBasis, Mask
from optimizer.lp.program import LinearProgram, Vector, freeze

BATCH = 128
"""Variables outside of the basis that are moved at once: more share a factorization, fewer reach less of the basis."""
NOISE = 1e-10
"""Size of an answer in its own unit, relative to the largest one, that is rounding and not an answer."""
LEVELLING = 10
"""Rounds in which units are found; more change them by little."""
SNAP = 1e-9
"""Room up to a bound, relative above 1, and price, relative to what it is a difference of, that count as none."""


@dataclass(frozen=True)
class Ranges:
    """Allowable changes, each 0 or more, infinite where there is no end.

    Attributes
    ----------
    cost_increase, cost_decrease
        Of the objective coefficient of every column: within them the basic solution stays optimal.
    row_increase, row_decrease
        Of the right-hand side of every row (the bound its price pays for): within them the price stays.
    upper_increase, upper_decrease
        Of the upper bound of every column: within them its price stays.
    degenerate_rows, degenerate_uppers
        Whether another price may be as right, for the price holds on one side of the limit only as far as the basis
        shows. False means that the price is the only one.
    row_dual, reduced_cost
        The prices of the basis, for which all of this holds.
    """

    cost_increase: Vector
    cost_decrease: Vector
    row_increase: Vector
    row_decrease: Vector
    upper_increase: Vector
    upper_decrease: Vector
    degenerate_rows: Mask
    degenerate_uppers: Mask
    row_dual: Vector
    reduced_cost: Vector


@dataclass(frozen=True)
class _Variables:
    """Columns, then rows: value, bounds, price, and whether each is in the basis."""

    value: Vector
    lower: Vector
    upper: Vector
    price: Vector
    basic: Mask

    @property
    def room_up(self) -> Vector:
        return _room(self.upper, self.value, 1.0)

    @property
    def room_down(self) -> Vector:
        return _room(self.lower, self.value, -1.0)


def ranges(basis: FactoredBasis) -> Ranges:
    """Return the allowable changes of every objective coefficient, right-hand side and upper bound.

    Parameters
    ----------
    basis
        An optimal basis.

    Raises
    ------
    ModelError
        If the basis has no inverse.
    """
    program = basis.program
    x = basis.x
    s = np.where(basis.basic_rows, program.activity(x), basis.resting[1])
    variables = _Variables(
        np.concatenate([x, s]),
        np.concatenate([program.lower, program.row_lower]),
        np.concatenate([program.upper, program.row_upper]),
        _prices(basis),
        np.concatenate([basis.basic_columns, basis.basic_rows]),
    )
    up, down, cost_up, cost_down = _ratio_tests(basis, variables)
    increase, decrease, degenerate = _limit_ranges(_row_limits(program, variables, up, down))
    upper_increase, upper_decrease, degenerate_uppers = _limit_ranges(_upper_limits(program, variables, up, down))
    return Ranges(
        degenerate_rows=degenerate,
        degenerate_uppers=degenerate_uppers,
        **freeze(
            cost_increase=cost_up,
            cost_decrease=cost_down,
            row_increase=increase,
            row_decrease=decrease,
            upper_increase=upper_increase,
            upper_decrease=upper_decrease,
            row_dual=basis.row_dual,
            reduced_cost=basis.reduced_cost,
        ),
    )


def priced_side(price: Vector, lower: Vector, upper: Vector, *, maximize: bool) -> Vector:
    """Return the bound that each price pays for: where one is missing the other, where the price is 0 the upper one."""
    pays_upper = price >= 0 if maximize else price <= 0
    side: Vector = np.where(pays_upper, upper, lower)
    return np.where(np.isfinite(side), side, np.where(np.isfinite(upper), upper, lower))


def _room(bound: Vector, value: Vector, sign: float) -> Vector:
    """Return the distance from a bound, never negative, 0 where rounding alone would make one."""
    with np.errstate(invalid="ignore"):
        room = sign * (bound - value)
    scale = 1 + np.abs(value)
    return np.where(room <= SNAP * scale, 0.0, room)


def _prices(basis: FactoredBasis) -> Vector:
    """Return the prices of columns, then of rows; 0 where rounding alone would make one.

    What counts as rounding is told by the figures that a price is a difference of, for in one program launches may be
    worth billions and a unit of money one.
    """
    program, y = basis.program, basis.row_dual
    largest = np.abs(program.cost)
    np.maximum.at(largest, program.entry_columns, np.abs(program.values * y[program.indices]))
    of_rows = np.full(program.n_rows, np.inf)
    there = program.values != 0
    per_row = largest[program.entry_columns[there]] / np.abs(program.values[there])
    np.minimum.at(of_rows, program.indices[there], per_row)
    price = np.concatenate([basis.reduced_cost, y])
    # the price of a row is the reduced cost of its activity, for what the row earns it earns by moving
    return np.where(np.abs(price) <= SNAP * np.concatenate([largest, of_rows]), 0.0, price)


def _ratio_tests(basis: FactoredBasis, variables: _Variables) -> tuple[Vector, Vector, Vector, Vector]:
    """Move every variable outside of the basis, a batch at a time.

    Returns
    -------
    tuple
        For columns and rows, how far each may rise and fall (infinite inside the basis); for columns, how far each
        objective coefficient may rise and fall.
    """
    n = basis.program.n_columns
    inside = np.concatenate([basis.columns, n + basis.rows])
    room = variables.room_up[inside], variables.room_down[inside]
    up, down = np.full(len(variables.value), np.inf), np.full(len(variables.value), np.inf)
    cost = np.full(len(basis.columns), np.inf), np.full(len(basis.columns), np.inf)
    slack = _dual_slack(basis.program.maximize, variables)
    units = _units(basis.program)[inside]
    for rows, columns in basis.batches(BATCH):
        members = np.concatenate([n + rows, columns])
        member, basic, answer = _answers(basis, units, rows, columns)
        rising = answer > 0
        size = np.abs(answer)
        with np.errstate(invalid="ignore", over="ignore"):
            forth = np.where(rising, room[0][basic], room[1][basic]) / size
            back = np.where(rising, room[1][basic], room[0][basic]) / size
        for ratio, target in ((forth, up), (back, down)):
            target[members] = _least(member, ratio, len(members))
        # where a rising coefficient lets the reduced cost of the moved variable rise, or fall
        own = basic < len(basis.columns)
        basic, rising, size, moved = basic[own], rising[own], size[own], members[member[own]]
        with np.errstate(invalid="ignore", over="ignore"):
            to_rise, to_fall = slack[0][moved] / size, slack[1][moved] / size
        np.minimum.at(cost[0], basic, np.where(rising, to_rise, to_fall))
        np.minimum.at(cost[1], basic, np.where(rising, to_fall, to_rise))
    # outside of the basis a coefficient moves no reduced cost but its own
    full = slack[0][:n].copy(), slack[1][:n].copy()
    full[0][basis.columns], full[1][basis.columns] = cost
    return up, down, *full


def _answers(
    basis: FactoredBasis, units: Vector, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp], Vector]:
    """Return the answers that are not 0: the variable moved (ascending), the basic variable, and its change."""
    answering, answers = basis.answers(rows, columns)
    size = np.abs(answers.T) / units[answering]
    member, place = np.nonzero(size > NOISE * size.max(axis=1, initial=0.0)[:, None])
    return member, answering[place], answers[place, member]


def _units(program: LinearProgram) -> Vector:
    """Return a size for each column, then each row, by which entries of the matrix are about 1 in size.

    A column of money and a row of projects differ by their units, so that a small answer of one may be large for the
    other. The sizes are those of geometric scaling: logarithms of entries, levelled by row and column in turns.
    """
    there = program.values != 0
    columns, rows, logs = program.entry_columns[there], program.indices[there], np.log(np.abs(program.values[there]))
    of_columns, of_rows = np.zeros(program.n_columns), np.zeros(program.n_rows)
    in_columns = np.maximum(np.bincount(columns, minlength=program.n_columns), 1)
    in_rows = np.maximum(np.bincount(rows, minlength=program.n_rows), 1)
    for _ in range(LEVELLING):
        of_rows = np.bincount(rows, weights=logs + of_columns[columns], minlength=program.n_rows) / in_rows
        of_columns = np.bincount(columns, weights=of_rows[rows] - logs, minlength=program.n_columns) / in_columns
    units: Vector = np.exp(np.concatenate([of_columns, of_rows]))
    return units


def _least(member: NDArray[np.intp], ratio: Vector, count: int) -> Vector:
    """Return the least ratio of each member; infinite for one that has none."""
    least = np.full(count, np.inf)
    present, first = np.unique(member, return_index=True)
    if len(present):
        least[present] = np.minimum.reduceat(ratio, first)
    return least


def _dual_slack(maximize: bool, variables: _Variables) -> tuple[Vector, Vector]:
    """Return how far the reduced cost of each variable outside of the basis may rise, and fall, before it is wrong."""
    size = np.abs(variables.price)
    at_lower = np.isfinite(variables.lower) & (variables.room_down == 0)
    at_upper = np.isfinite(variables.upper) & (variables.room_up == 0)
    free = ~at_lower & ~at_upper
    fixed = at_lower & at_upper
    # maximising, what rests on its lower bound must not earn by rising, what rests on its upper one not by falling
    rise_ends, fall_ends = (at_lower, at_upper) if maximize else (at_upper, at_lower)
    rise = np.where((rise_ends & ~fixed) | free, size, np.inf)
    fall = np.where((fall_ends & ~fixed) | free, size, np.inf)
    return rise, fall


@dataclass(frozen=True)
class _Limits:
    """Limits in one order: right-hand sides of rows, or upper bounds of columns.

    ``up`` and ``down`` say how far the variable may rise and fall by the ratio test, infinite inside the basis;
    ``slack`` how far it is off its limit; ``width`` how far the limit may move towards the variable's other bound.
    """

    price: Vector
    basic: Mask
    equal: Mask
    on_upper: Mask
    slack: Vector
    width: Vector
    up: Vector
    down: Vector


def _row_limits(program: LinearProgram, variables: _Variables, up: Vector, down: Vector) -> _Limits:
    n = program.n_columns
    price, lower, upper = variables.price[n:], program.row_lower, program.row_upper
    equal = lower == upper
    on_upper = priced_side(price, lower, upper, maximize=program.maximize) == upper
    with np.errstate(invalid="ignore"):
        width = np.where(equal, np.inf, upper - lower)
    slack = np.where(on_upper, variables.room_up[n:], variables.room_down[n:])
    return _Limits(price, variables.basic[n:], equal, on_upper, slack, width, up[n:], down[n:])


def _upper_limits(program: LinearProgram, variables: _Variables, up: Vector, down: Vector) -> _Limits:
    """Return the upper bounds of columns as if each were a row ``x <= upper``, its price 0 where it does not bind."""
    n = program.n_columns
    price = variables.price[:n]
    price = np.maximum(price, 0) if program.maximize else np.minimum(price, 0)
    slack = variables.room_up[:n]
    resting = ~variables.basic[:n] & (slack == 0)
    with np.errstate(invalid="ignore"):
        width = program.upper - program.lower
    none, all_of = np.zeros(n, dtype=bool), np.ones(n, dtype=bool)
    return _Limits(np.where(resting, price, 0.0), ~resting, none, all_of, slack, width, up[:n], down[:n])


def _limit_ranges(limits: _Limits) -> tuple[Vector, Vector, Mask]:
    """Return how far each limit may rise and fall with its price, and whether its price may not be the only one."""
    # told by whether the limit gives more room (loosens) or less (tightens); an upper one loosens by rising
    loosen = np.where(limits.on_upper, limits.up, limits.down)
    tighten = np.where(limits.on_upper, limits.down, limits.up)
    # inside the basis it is the limit that moves and not the variable, which may lie on it
    loosen = np.where(limits.basic, np.where(limits.equal, 0.0, np.inf), loosen)
    tighten = np.where(limits.basic, limits.slack, tighten)
    # a limit that is worth nothing is worth nothing with more room either, nor with less before it is met
    idle = (limits.price == 0) & ~limits.equal
    loosen = np.where(idle, np.inf, loosen)
    tighten = np.minimum(np.where(idle, np.maximum(tighten, limits.slack), tighten), limits.width)
    increase, decrease = np.where(limits.on_upper, loosen, tighten), np.where(limits.on_upper, tighten, loosen)
    return increase, decrease, (loosen == 0) | (tighten == 0)
