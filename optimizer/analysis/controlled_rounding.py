"""Controlled rounding: cells of a table become whole numbers, and every total stays near its own true value.

given        cells v[i] >= 0 [steps], groups of cells (rows, columns, layers, the whole), limits lo <= A v <= hi
variables    up[i] in {0, 1}: whether a cell is rounded up; none of a cell that is whole already (so zeros stay zeros)
cells        n[i] = floor(v[i]) + up[i]
totals       floor(sum of v over g) <= sum of n over g <= ceil(sum of v over g), of every group g
limits       lo <= A n <= hi
objective    least sum of |n[i] - v[i]| over cells, and of the same over totals; both are linear between neighbours:
             f + (1 - 2 f) up, f the fraction of the true value and up whether it is rounded up

Of a table of two dimensions such a rounding always exists, and the linear program finds it: rows and columns make the
matrix of a network, which is totally unimodular (Causey, Cox and Ernst 1985, J. Amer. Statist. Assoc. 80). Of three
dimensions there may be none. Then a total may lie farther from its true value, as little as must be, and the result
says how many do; then a limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, eye_array, hstack, vstack

from optimizer.errors import InputError, SolveError
from optimizer.language import say
from optimizer.lp.labels import Codes
from optimizer.lp.program import Vector

WHOLE = 1e-6
"""Distance from a whole number [steps] at which a cell or a total counts as one: sums carry their rounding."""
LARGEST_CELL = 2**53
"""Steps from which on a float does not tell one whole number from the next."""
BEYOND_TOTAL, BEYOND_LIMIT = 1e2, 1e5
"""What a step beyond the neighbours of a total, or a limit, counts against a step that a cell moves."""
GAP = 0.01
SECONDS = 10.0

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Limits:
    """Limits on sums of cells and of amounts beside them: ``lower <= matrix @ cells + free @ amounts <= upper``.

    Attributes
    ----------
    matrix
        Coefficients of the cells.
    free
        Coefficients of the amounts beside, which need not be whole, such as money carried over.
    lower, upper
        The limits [steps].
    least, most
        Bounds of the amounts [steps].
    true
        The amounts that stand beside the true cells [steps].
    """

    matrix: csr_array
    free: csr_array
    lower: Vector
    upper: Vector
    least: Vector
    most: Vector
    true: Vector


@dataclass(frozen=True, eq=False)
class Rounding:
    """Cells as whole numbers.

    Attributes
    ----------
    cells
        The cells [steps].
    moved
        Sum of what the cells moved by [steps].
    beyond
        Totals that lie a whole step or more from their true value; none in two dimensions.
    farthest
        The most that a total lies from its true value [steps].
    least
        Whether cells and totals together cannot move less, to within 1 %; else the search was stopped.
    """

    cells: Counts
    moved: float
    beyond: int
    farthest: float
    least: bool


def round_cells(values: Vector, groups: Sequence[Codes], limits: Limits | None = None) -> Rounding:
    """Round the cells of a table so that its totals stay next to their true values.

    Parameters
    ----------
    values
        The cells, 0 or more [steps].
    groups
        For each way to add cells up, the total that each cell belongs to, numbered from 0.
    limits
        What sums of cells must keep to; what the true cells break is kept as far as they do.

    Raises
    ------
    InputError
        If a cell is below 0, none, or too large to tell its last digit.
    SolveError
        If the engine fails.
    """
    if not (np.isfinite(values).all() and (values >= 0).all() and (values < LARGEST_CELL).all()):
        raise InputError(
            say(
                "a table with a cell of {value} steps cannot be rounded; cells are 0 or more and below {largest}. "
                "Choose a larger unit.",
                value=float(values[~((values >= 0) & (values < LARGEST_CELL))][0]),
                largest=LARGEST_CELL,
            )
        )
    nearest = np.rint(values)
    values = np.where(np.abs(values - nearest) <= WHOLE, nearest, values)
    down = np.floor(values).astype(np.int64)
    open_cells = np.flatnonzero(values > down)
    membership = _membership(groups, len(values))
    true = membership @ values
    if len(open_cells):
        up, least = _search(values, down, open_cells, (membership, true), limits)
        cells = down.copy()
        cells[open_cells] += up
    else:
        cells, least = down, True
    distance = np.abs(membership.astype(np.int64) @ cells - true)
    return Rounding(
        cells,
        moved=float(np.abs(cells - values).sum()),
        beyond=int((distance >= 1 - WHOLE).sum()),
        farthest=float(distance.max(initial=0.0)),
        least=least,
    )


def _membership(groups: Sequence[Codes], cells: int) -> csr_array:
    """Return which cells belong to which total, one row a total; totals of the same cells once."""
    rows, offset = [], 0
    for group in groups:
        rows.append(group + offset)
        offset += int(group.max(initial=-1)) + 1
    columns = np.tile(np.arange(cells), len(groups))
    row = np.concatenate(rows) if rows else np.empty(0, dtype=np.intp)
    return csr_array(coo_array((np.ones(len(row)), (row, columns)), shape=(offset, cells)))


def _search(
    values: Vector, down: Counts, open_cells: Codes, totals: tuple[csr_array, Vector], limits: Limits | None
) -> tuple[Counts, bool]:
    """Return which open cells are rounded up, and whether nothing moves less."""
    membership, true = totals
    cost = 1 - 2 * (values - down)[open_cells]
    of_total = true - np.floor(true)
    unsettled = (of_total > WHOLE) & (of_total < 1 - WHOLE)
    cost += membership[:, open_cells].T @ np.where(unsettled, 1 - 2 * of_total, 0.0)
    program = _near_totals(cost, down, open_cells, totals)
    if limits is not None:
        program = _within(program, limits, values, down, open_cells)
    found, least = _solved(program)
    if found is None:
        found, least = _solved(_elastic(program))
    if found is None:
        raise SolveError(say("no rounding was found in {seconds} s; choose a larger unit.", seconds=SECONDS))
    return np.rint(found[: len(open_cells)]).astype(np.int64), least


@dataclass(frozen=True, eq=False)
class _Program:
    """``least cost @ y`` with ``lower <= matrix @ y <= upper``; ``whole`` columns of ``y`` are 0 or 1.

    ``price`` is what a step beyond each row costs where there is no other way.
    """

    cost: Vector
    least: Vector
    most: Vector
    whole: Vector
    matrix: csr_array
    lower: Vector
    upper: Vector
    price: Vector


def _near_totals(cost: Vector, down: Counts, open_cells: Codes, totals: tuple[csr_array, Vector]) -> _Program:
    membership, true = totals
    base, cells = membership @ down, len(open_cells)
    matrix = membership[:, open_cells]
    some = np.diff(matrix.indptr) > 0
    return _Program(
        cost,
        least=np.zeros(cells),
        most=np.ones(cells),
        whole=np.ones(cells),
        matrix=matrix[some],
        lower=(np.floor(true + WHOLE) - base)[some],
        upper=(np.ceil(true - WHOLE) - base)[some],
        price=np.full(int(some.sum()), BEYOND_TOTAL),
    )


def _within(program: _Program, limits: Limits, values: Vector, down: Counts, open_cells: Codes) -> _Program:
    """Return the program with limits, each kept at least as far as the true cells keep it."""
    at_true, at_down = limits.matrix @ values + limits.free @ limits.true, limits.matrix @ down
    noise = 1e-9 * (1 + np.abs(at_true))
    rows, beside = limits.free.shape
    nothing = csr_array((program.matrix.shape[0], beside))
    limited = hstack([limits.matrix[:, open_cells], limits.free])
    return _Program(
        cost=np.concatenate([program.cost, np.zeros(beside)]),
        least=np.concatenate([program.least, np.minimum(limits.least, limits.true)]),
        most=np.concatenate([program.most, np.maximum(limits.most, limits.true)]),
        whole=np.concatenate([program.whole, np.zeros(beside)]),
        matrix=vstack([hstack([program.matrix, nothing]), limited], format="csr"),
        lower=np.concatenate([program.lower, np.minimum(limits.lower, at_true) - noise - at_down]),
        upper=np.concatenate([program.upper, np.maximum(limits.upper, at_true) + noise - at_down]),
        price=np.concatenate([program.price, np.full(rows, BEYOND_LIMIT)]),
    )


def _elastic(program: _Program) -> _Program:
    """Return the program with two more columns a row, by which it may be missed at its price."""
    rows = program.matrix.shape[0]
    more, ones = np.zeros(2 * rows), eye_array(rows, format="csr")
    return replace(
        program,
        cost=np.concatenate([program.cost, program.price, program.price]),
        least=np.concatenate([program.least, more]),
        most=np.concatenate([program.most, np.full(2 * rows, np.inf)]),
        whole=np.concatenate([program.whole, more]),
        matrix=hstack([program.matrix, ones, -ones], format="csr"),
    )


def _solved(program: _Program) -> tuple[Vector | None, bool]:
    """Return the best solution found, ``None`` where there is none, and whether it is proven to be the best."""
    result = milp(
        program.cost,
        integrality=program.whole,
        bounds=Bounds(program.least, program.most),
        constraints=LinearConstraint(program.matrix, program.lower, program.upper),
        options={"time_limit": SECONDS, "mip_rel_gap": GAP},
    )
    return result.x, result.status == 0
