"""Programs about a program: directions in which its solutions may move, and how far it is from having one.

The directions ``r`` in which a solution ``x`` may move are a cone: no bound that ``x`` lies on is left by its wrong
side. At an optimum no direction earns anything. When one bound gives way by 1, ``a r <= 1`` in place of ``a r <= 0``,
the most that a direction earns is the one-sided derivative of the optimum: the price of more of that limit. When it
comes in by 1, ``a r <= -1``, what the best direction loses is the price of less of it. Both are the ends of the
interval of all prices that are right, whatever basis was found.

Directions that no bound ever ends (the recession cone) prove that a program has no best solution.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.lp.basis import AT_BOUND, Mask
from optimizer.lp.labels import Family, Labels
from optimizer.lp.program import LinearProgram, Vector, freeze

SHORTAGE, EXCESS = "shortage", "excess"


def tangent_program(program: LinearProgram, x: Vector) -> LinearProgram:
    """Return the program of the best direction from a solution; its optimum is 0 where the solution is optimal."""
    s = program.activity(x)
    return _cone(
        program,
        (_met(x, program.lower), _met(x, program.upper)),
        (_met(s, program.row_lower), _met(s, program.row_upper)),
    )


def recession_program(program: LinearProgram) -> LinearProgram:
    """Return the program of the best direction that no bound ever ends, its entries within -1 and 1."""
    cone = _cone(
        program,
        (np.isfinite(program.lower), np.isfinite(program.upper)),
        (np.isfinite(program.row_lower), np.isfinite(program.row_upper)),
    )
    return replace(cone, **freeze(lower=np.maximum(cone.lower, -1.0), upper=np.minimum(cone.upper, 1.0)))


def elastic_program(program: LinearProgram) -> LinearProgram:
    """Return the program that breaks rows as little as can be, by the sum of what they are broken by.

    It always has a solution. Its optimum is 0 if and only if the program has one, and else its row prices prove that
    the program has none. The program's columns come first.
    """
    short, over = np.flatnonzero(np.isfinite(program.row_lower)), np.flatnonzero(np.isfinite(program.row_upper))
    added = len(short) + len(over)
    n = program.n_columns
    families = (Family(SHORTAGE, n, len(short), {}), Family(EXCESS, n + len(short), len(over), {}))
    cost = np.concatenate([np.zeros(n), np.ones(added)])
    arrays = freeze(
        cost=cost,
        lower=np.concatenate([program.lower, np.zeros(added)]),
        upper=np.concatenate([program.upper, np.full(added, np.inf)]),
        integer=np.zeros(n + added, dtype=bool),
        starts=np.concatenate([program.starts, program.starts[-1] + 1 + np.arange(added, dtype=np.int32)]),
        indices=np.concatenate([program.indices, short, over]).astype(np.int32),
        values=np.concatenate([program.values, np.ones(len(short)), -np.ones(len(over))]),
    )
    columns = Labels(program.columns.dimensions, (*program.columns.families, *families))
    return replace(program, maximize=False, columns=columns, parts={}, **arrays)


def _met(value: Vector, bound: Vector) -> Mask:
    """Return which values lie on a bound."""
    finite = np.isfinite(bound)
    there = np.where(finite, bound, 0.0)
    met: Mask = finite & (np.abs(value - there) <= AT_BOUND * (1 + np.abs(there)))
    return met


def _cone(program: LinearProgram, columns: tuple[Mask, Mask], rows: tuple[Mask, Mask]) -> LinearProgram:
    """Return the program of directions that keep to the right side of the lower and upper bounds marked."""
    arrays = freeze(
        integer=np.zeros_like(program.integer),
        lower=np.where(columns[0], 0.0, -np.inf),
        upper=np.where(columns[1], 0.0, np.inf),
        row_lower=np.where(rows[0], 0.0, -np.inf),
        row_upper=np.where(rows[1], 0.0, np.inf),
    )
    return replace(program, **arrays)
