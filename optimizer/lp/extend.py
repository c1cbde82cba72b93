"""Adding columns and rows to a program that is built already; what it had keeps its place."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.lp.labels import Family, Labels
from optimizer.lp.program import LinearProgram, Vector, freeze
from optimizer.lp.triplets import Entries, compress


@dataclass(frozen=True, eq=False)
class Addition:
    """Columns and rows to be added, without labels.

    Attributes
    ----------
    lower, upper
        Bounds of the new columns, which cost nothing.
    row_lower, row_upper
        Bounds of the new rows.
    entries
        Row, column and coefficient of entries; new rows and columns are counted on from the old ones.
    """

    lower: Vector
    upper: Vector
    row_lower: Vector
    row_upper: Vector
    entries: tuple[Entries, ...]


def extended(program: LinearProgram, addition: Addition, name: str) -> LinearProgram:
    """Return a program with more columns and rows, of families that bear this name; its own come first."""
    more_columns, more_rows = len(addition.lower), len(addition.row_lower)
    n_columns, n_rows = program.n_columns + more_columns, program.n_rows + more_rows
    own: Entries = (program.indices, program.entry_columns, program.values)
    starts, indices, values = compress([own, *addition.entries], n_rows, n_columns)
    arrays = freeze(
        cost=np.append(program.cost, np.zeros(more_columns)),
        lower=np.append(program.lower, addition.lower),
        upper=np.append(program.upper, addition.upper),
        integer=np.append(program.integer, np.zeros(more_columns, dtype=bool)),
        starts=starts,
        indices=indices,
        values=values,
        row_lower=np.append(program.row_lower, addition.row_lower),
        row_upper=np.append(program.row_upper, addition.row_upper),
    )
    return replace(
        program,
        columns=_with_family(program.columns, Family(name, program.n_columns, more_columns, {})),
        rows=_with_family(program.rows, Family(name, program.n_rows, more_rows, {})),
        **arrays,
    )


def _with_family(labels: Labels, family: Family) -> Labels:
    return Labels(labels.dimensions, (*labels.families, family))
