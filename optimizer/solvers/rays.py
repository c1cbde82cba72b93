"""Rays: why a program has no solution, or no best one. An engine's ray is kept only where it proves what it should.

Engines differ in the sign and the scale of their rays, and a ray of a presolved or badly scaled program may prove
nothing. Both kinds are therefore turned into one convention, scaled to a largest entry of 1, and checked against the
program itself.

dual ray ``y``, one entry a row (Farkas)
    Rows demand ``y @ r >= need`` of every ``r`` within ``row_lower <= r <= row_upper``; columns within their bounds
    give ``y @ A x <= most``. It proves that no ``x`` exists where ``need > most``.
primal ray ``d``, one entry a column
    From any feasible ``x``, all ``x + step * d`` are feasible, and the objective gets better without end.
"""

from __future__ import annotations

import numpy as np

from optimizer.lp.program import LinearProgram, Vector

NOISE = 1e-9
"""Entries of a scaled ray, and of what it adds up to, that count as none where a limit is missing."""


def dual_ray(program: LinearProgram, ray: Vector | None, tolerance: float) -> Vector | None:
    """Return an engine's ray in our sign and scale, or ``None`` where it does not prove the program infeasible.

    Presolve ends many a program without a ray because a single row cannot be fulfilled; then that row is the proof.

    Parameters
    ----------
    program
        The program that was found infeasible.
    ray
        One entry a row, in either sign and any scale; ``None`` where the engine gave none.
    tolerance
        What the proof must exceed, relative to the amounts it adds up.
    """
    if ray is None:
        ray = _hopeless_row(program, tolerance)
    for signed in (ray, -ray):
        y = _scaled(signed)
        if y is None:
            return None
        need, most, scale = farkas(program, y)
        if need - most > tolerance * scale:
            return y
    return None


def farkas(program: LinearProgram, y: Vector) -> tuple[float, float, float]:
    """Return what rows demand of ``y @ A x``, the most that columns give, and the size of the amounts added up.

    An unlimited side that the ray leans on makes the demand minus infinity, or what columns give infinity.
    """
    demanded = _least(y, program.row_lower, program.row_upper)
    products = program.values * y[program.indices]
    weights = np.bincount(program.entry_columns, weights=products, minlength=program.n_columns).astype(float)
    given = -_least(-weights, program.lower, program.upper)
    finite = np.concatenate([demanded[np.isfinite(demanded)], given[np.isfinite(given)]])
    return float(demanded.sum()), float(given.sum()), float(np.abs(finite).max(initial=0.0))


def primal_ray(program: LinearProgram, ray: Vector | None, tolerance: float) -> Vector | None:
    """Return an engine's ray in our sign and scale, or ``None`` where it does not prove the program unbounded.

    Where the engine gave none, a single column that grows against no limit is looked for.

    Parameters
    ----------
    program
        The program that was found unbounded, with the objective that was solved.
    ray
        One entry a column, in either sign and any scale; ``None`` where the engine gave none.
    tolerance
        Largest violation of a direction of a row or bound that counts as none.
    """
    sense = 1.0 if program.maximize else -1.0
    if ray is None:
        ray = _free_column(program, sense)
    for signed in (ray, -ray):
        d = _scaled(signed)
        if d is None:
            return None
        activity = program.activity(d)
        sizes = np.abs(program.values * d[program.entry_columns])
        size = np.bincount(program.indices, weights=sizes, minlength=program.n_rows).astype(float)
        wrong = max(
            _against(d, program.lower, program.upper, np.ones_like(d)),
            _against(activity, program.row_lower, program.row_upper, 1 + size),
        )
        if wrong <= tolerance and sense * (program.cost @ d) > tolerance * float(np.abs(program.cost * d).max()):
            return d
    return None


def _hopeless_row(program: LinearProgram, tolerance: float) -> Vector:
    """Return the row that is furthest from what its columns' bounds allow as a ray; 0 where every row can be met."""
    of, values = program.entry_columns, program.values
    low = np.where(values > 0, program.lower[of], program.upper[of])
    high = np.where(values > 0, program.upper[of], program.lower[of])
    kept = values != 0
    ends = [
        np.bincount(program.indices[kept], weights=values[kept] * end[kept], minlength=program.n_rows).astype(float)
        for end in (low, high)
    ]
    short, over = program.row_lower - ends[1], ends[0] - program.row_upper
    worst = np.maximum(short, over)
    ray = np.zeros(program.n_rows)
    if program.n_rows and worst.max() > tolerance:
        row = int(worst.argmax())
        ray[row] = 1.0 if short[row] >= over[row] else -1.0
    return ray


def _free_column(program: LinearProgram, sense: float) -> Vector:
    """Return the direction of a single column that gets better without end and meets no row; 0 where there is none."""
    step = np.sign(sense * program.cost)
    slope = program.values * step[program.entry_columns]
    meets = np.where(
        slope > 0,
        np.isfinite(program.row_upper[program.indices]),
        (slope < 0) & np.isfinite(program.row_lower[program.indices]),
    )
    met = np.bincount(program.entry_columns, weights=meets, minlength=program.n_columns).astype(float)
    free = (step != 0) & (met == 0) & ~np.isfinite(np.where(step > 0, program.upper, program.lower))
    ray = np.zeros(program.n_columns)
    if free.any():
        column = int(free.argmax())
        ray[column] = step[column]
    return ray


def _scaled(ray: Vector) -> Vector | None:
    largest = float(np.abs(ray).max(initial=0.0))
    if not np.isfinite(largest) or largest == 0:
        return None
    scaled = ray / largest
    return np.where(np.abs(scaled) <= NOISE, 0.0, scaled) + 0.0


def _least(weights: Vector, lower: Vector, upper: Vector) -> Vector:
    """Return the least of each ``weight * value`` for a value within its bounds; noise on an unlimited side is none."""
    side = np.where(weights > 0, lower, upper)
    relevant = (weights != 0) & (np.isfinite(side) | (np.abs(weights) > NOISE))
    least: Vector = np.multiply(weights, side, out=np.zeros_like(weights), where=relevant)
    return least


def _against(direction: Vector, lower: Vector, upper: Vector, scale: Vector) -> float:
    """Return how far a direction points out of bounds that exist, at most."""
    below = np.where(np.isfinite(lower), -direction, 0.0)
    above = np.where(np.isfinite(upper), direction, 0.0)
    return float((np.maximum(below, above) / scale).max(initial=0.0))
