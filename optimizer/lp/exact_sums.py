"""Sums of products, exact but for one last rounding, on every machine.

``numpy.longdouble`` has more digits than a double on some processors and none more on others, so a proof that rests on
it is not the same everywhere. A product of two doubles, in contrast, is the sum of two doubles on every machine
(Veltkamp and Dekker: T. J. Dekker, "A floating-point technique for extending the available precision", 1971), and
``math.fsum`` adds doubles without any error but the last rounding (J. R. Shewchuk, 1997).
"""

from __future__ import annotations

from itertools import pairwise
from math import fsum

import numpy as np
from numpy.typing import NDArray

from optimizer.lp.program import LinearProgram, Vector

SPLITTER = 2.0**27 + 1
"""Splits a double of 53 digits into halves whose products are exact."""


def products(left: Vector, right: Vector) -> tuple[Vector, Vector]:
    """Return each product rounded, and its rounding error; their sum is exact for sizes between 1e-140 and 1e140."""
    rounded = left * right
    (high, low), (other_high, other_low) = _halves(left), _halves(right)
    error = ((high * other_high - rounded) + high * other_low + low * other_high) + low * other_low
    return rounded, error


def dot(left: Vector, right: Vector) -> float:
    """Return ``left @ right``, rounded once."""
    return fsum(np.concatenate(products(left, right)).tolist())


def grouped(groups: NDArray[np.integer], terms: Vector, count: int) -> Vector:
    """Return the sum of the terms of each group ``0 .. count - 1``, rounded once."""
    order = np.argsort(groups, kind="stable")
    ends = np.searchsorted(groups[order], np.arange(count + 1))
    listed = terms[order].tolist()
    return np.array([fsum(listed[start:end]) for start, end in pairwise(ends.tolist())], dtype=float)


def activity(program: LinearProgram, x: Vector) -> Vector:
    """Return ``A x``, each row rounded once."""
    terms = np.concatenate(products(program.values, x[program.entry_columns]))
    return grouped(np.tile(program.indices, 2), terms, program.n_rows)


def column_sums(program: LinearProgram, y: Vector, *plus: Vector) -> Vector:
    """Return ``A^T y`` plus further vectors, each column rounded once."""
    columns = np.arange(program.n_columns)
    groups = np.concatenate([np.tile(program.entry_columns, 2), *(columns for _ in plus)])
    terms = np.concatenate([*products(program.values, y[program.indices]), *plus])
    return grouped(groups, terms, program.n_columns)


def _halves(value: Vector) -> tuple[Vector, Vector]:
    wide = SPLITTER * value
    high = wide - (wide - value)
    return high, value - high
