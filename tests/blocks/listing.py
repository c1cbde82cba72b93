"""A linear program as text, row by row, the way one would write it on paper."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from optimizer.lp.labels import Labels
from optimizer.lp.program import LinearProgram


def number(value: float) -> str:
    """Write a number in at most nine digits."""
    return f"{value + 0.0:.9g}"


def names(labels: Labels) -> list[str]:
    """Return ``family[label, label]`` of each member, in order of position; a blank label is ``-``."""
    written = [""] * labels.size
    for family in labels.names:
        frame = labels.frame(family).astype(object)
        # several families may bear one name with other dimensions; only those a member has are written
        for position, cells in zip(labels.positions(family), frame.itertuples(index=False), strict=True):
            written[position] = f"{family}[{', '.join('-' if pd.isna(cell) else str(cell) for cell in cells)}]"
    return written


def bounds(lower: float, upper: float) -> str:
    """Write what lies between two bounds."""
    if lower == upper:
        return f"= {number(lower)}"
    parts = [f">= {number(lower)}" if np.isfinite(lower) else "", f"<= {number(upper)}" if np.isfinite(upper) else ""]
    return " and ".join(part for part in parts if part) or "free"


def listing(program: LinearProgram, families: Collection[str], parts: Collection[str]) -> str:
    """Return the rows, columns, limits and objective terms of some families as text."""
    columns, rows = names(program.columns), names(program.rows)
    matrix = program.matrix().tocsr()
    lines = ["columns"]
    for family in (name for name in program.columns.names if name in families):
        lines += [
            f"  {columns[position]} {bounds(program.lower[position], program.upper[position])}"
            for position in program.columns.positions(family)
        ]
    lines.append("rows")
    for family in (name for name in program.rows.names if name in families):
        for position in program.rows.positions(family):
            lines.append(f"  {rows[position]} {bounds(program.row_lower[position], program.row_upper[position])}")
            entries = slice(matrix.indptr[position], matrix.indptr[position + 1])
            found = sorted(zip(matrix.indices[entries], matrix.data[entries], strict=True))
            lines += [f"    {number(value):>12} {columns[column]}" for column, value in found]
    lines.append("bounds reported as rows")
    limits = program.limits
    for family in (name for name in limits.labels.names if name in families):
        names_of_limits = names(limits.labels)
        for position in limits.labels.positions(family):
            column = limits.columns[position]
            lines.append(f"  {names_of_limits[position]} {columns[column]} <= {number(program.upper[column])}")
    lines.append("objective")
    for part in (name for name in program.parts if name in parts):
        terms = np.bincount(
            program.parts[part].columns, weights=program.parts[part].coefficients, minlength=program.n_columns
        )
        lines.append(f"  {part}")
        lines += [f"    {number(terms[column]):>12} {columns[column]}" for column in np.flatnonzero(terms)]
    return "\n".join(lines) + "\n"
