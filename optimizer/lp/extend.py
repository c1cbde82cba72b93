"""A program with further columns and rows, its own ones at their places: for questions asked about a program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.lp.builder import compress
from optimizer.lp.labels import Codes, Family, Labels
from optimizer.lp.program import LinearProgram, Vector, freeze


def extended(  # noqa: PLR0913  # bounds of columns and of rows, and what is in them
    program: LinearProgram,
    family: str,
    entries: tuple[Codes, Codes, Vector],
    *,
    row_lower: Vector,
    row_upper: Vector,
    lower: Vector | None = None,
    upper: Vector | None = None,
) -> LinearProgram:
    """Return a copy with more rows, and more columns, of a family of their own.

    Parameters
    ----------
    program
        The program.
    family
        Name of the family of the new rows and columns.
    entries
        Row, column and value of each new entry of the matrix. New rows are counted on from the last row, new columns
        from the last column; entries may stand in old rows and columns too, where the matrix has none.
    row_lower, row_upper
        Bounds of the new rows.
    lower, upper
        Bounds of the new columns, which cost nothing; no columns where left out.
    """
    lower = np.empty(0) if lower is None else lower
    upper = np.empty(0) if upper is None else upper
    n_columns, n_rows = program.n_columns + len(lower), program.n_rows + len(row_lower)
    own = (program.indices, program.entry_columns, program.values)
    starts, indices, values = compress([own, entries], n_rows, n_columns)
    arrays = freeze(
        cost=np.append(program.cost, np.zeros(len(lower))),
        lower=np.append(program.lower, lower),
        upper=np.append(program.upper, upper),
        integer=np.append(program.integer, np.zeros(len(lower), dtype=bool)),
        starts=starts,
        indices=indices,
        values=values,
        row_lower=np.append(program.row_lower, row_lower),
        row_upper=np.append(program.row_upper, row_upper),
    )
    return replace(
        program,
        columns=_with_family(program.columns, family, program.n_columns, len(lower)),
        rows=_with_family(program.rows, family, program.n_rows, len(row_lower)),
        **arrays,
    )


def rows_of(vectors: list[Vector], first_row: int) -> tuple[Codes, Codes, Vector]:
    """Return the entries of new rows that are given as dense vectors over the columns."""
    row, column = np.nonzero(np.array(vectors))
    return row + first_row, column, np.array(vectors)[row, column]


def _with_family(labels: Labels, family: str, offset: int, size: int) -> Labels:
    return Labels(labels.dimensions, (*labels.families, Family(family, offset, size, {}))) if size else labels
