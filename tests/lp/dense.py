"""Textbook programs, dense as they are printed, handed to the builder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from optimizer.lp.builder import ProgramBuilder
from optimizer.lp.program import LinearProgram

INF = float("inf")
Row = tuple[Sequence[float], float, float]
"""Coefficients, lower and upper bound."""


def at_most(*coefficients: float, limit: float) -> Row:
    """Return the row ``coefficients @ x <= limit``."""
    return coefficients, -INF, limit


def at_least(*coefficients: float, limit: float) -> Row:
    """Return the row ``coefficients @ x >= limit``."""
    return coefficients, limit, INF


def equal(*coefficients: float, limit: float) -> Row:
    """Return the row ``coefficients @ x = limit``."""
    return coefficients, limit, limit


def dense(
    cost: Sequence[float],
    rows: Sequence[Row],
    *,
    maximize: bool = True,
    lower: Sequence[float] | float = 0.0,
    upper: Sequence[float] | float = INF,
    integer: bool = False,
) -> LinearProgram:
    """Return a program with columns ``x[0], x[1], ..`` and rows ``row[0], ..`` of dimension ``number``."""
    count = max(len(cost), len(rows))
    builder = ProgramBuilder({"number": pd.RangeIndex(count)})
    columns = builder.add_columns("x", {"number": np.arange(len(cost))}, lower, upper)
    positions = builder.add_rows(
        "row", {"number": np.arange(len(rows))}, [row[1] for row in rows], [row[2] for row in rows]
    )
    if len(rows) and len(cost):
        builder.add_entries(positions[:, None], columns, np.array([row[0] for row in rows], dtype=float))
    builder.add_objective("objective", columns, np.asarray(cost, dtype=float))
    if integer:
        builder.set_integer(columns)
    return builder.build(maximize=maximize)


def packing(size: int, seed: int = 1) -> LinearProgram:
    """Return a dense random program that takes an engine a while: ``A x <= 1``, all coefficients near 1."""
    random = np.random.default_rng(seed)
    matrix = random.uniform(0.5, 1.5, (size, size))
    return dense(random.uniform(0.5, 1.5, size), [(row, -INF, 1.0) for row in matrix])
