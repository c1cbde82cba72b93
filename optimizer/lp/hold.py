"""Rows that hold linear functions of a program's columns between bounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optimizer.lp.extend import Addition, extended
from optimizer.lp.program import LinearProgram, Vector


def holding(
    program: LinearProgram, functions: Sequence[Vector], lower: Vector, upper: Vector, name: str
) -> LinearProgram:
    """Return a program with one more row per function, of a family of this name.

    Parameters
    ----------
    program
        The program.
    functions
        Coefficient of each column, one array a function.
    lower, upper
        Bounds of each function.
    name
        Name of the family.
    """
    dense = np.array(functions)
    row, column = np.nonzero(dense)
    entries = (program.n_rows + row, column, dense[row, column])
    return extended(program, Addition(np.empty(0), np.empty(0), lower, upper, (entries,)), name)
