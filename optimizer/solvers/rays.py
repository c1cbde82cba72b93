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


def dual_ray(program: LinearProgram, ray: Vector, tolerance: float) -> Vector | None:
    """Return an engine's ray in our sign and scale, or ``None`` where it does not prove the program infeasible.

    Parameters
    ----------
    program
        The program that was found infeasible.
    ray
        One entry a row, in either sign and any scale.
    tolerance
        What the proof must exceed, relative to the amounts it adds up.
    """
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


def primal_ray(program: LinearProgram, ray: Vector, tolerance: float) -> Vector | None:
    """Return an engine's ray in our sign and scale, or ``None`` where it does not prove the program unbounded.

    Parameters
    ----------
    program
        The program that was found unbounded, with the objective that was solved.
    ray
        One entry a column, in either sign and any scale.
    tolerance
        Largest violation of a direction of a row or bound that counts as none.
    """
    sense = 1.0 if program.maximize else -1.0
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
