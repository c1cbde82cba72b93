"""Programs side by side in one: they share no column, and rows that link them can be added afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from optimizer.errors import ModelError
from optimizer.language import say
from optimizer.lp.labels import Codes, Family, Labels
from optimizer.lp.program import Expression, Limits, LinearProgram, Vector, freeze

BLOCK, OBJECTIVE = "block", "objective"


def stacked(programs: Sequence[LinearProgram], weights: Sequence[float] | None = None) -> tuple[LinearProgram, Codes]:
    """Return the block-diagonal program of several, and where the columns of each begin.

    ::

        max  sum_b weight_b cost_b x_b     with  row_lower_b <= A_b x_b <= row_upper_b,  lower_b <= x_b <= upper_b

    Parameters
    ----------
    programs
        One at least, all of one sense. Their rows stand one after the other, as their columns do.
    weights
        Factor of each one's objective, above 0; 1 where left out.

    Returns
    -------
    LinearProgram
        Its columns and rows bear the label ``block``, the place of their program; its objective is one part. Limits
        and expressions are those of the programs and are not taken over.
    Codes
        First column of each program, and the number of all columns at the end.

    Raises
    ------
    ModelError
        If there is no program, or some maximise and others minimise.
    """
    if len({program.maximize for program in programs}) != 1:
        raise ModelError(
            say("programs side by side must all maximise or all minimise, and there must be one at least.")
        )
    columns = _offsets([program.n_columns for program in programs])
    rows = _offsets([program.n_rows for program in programs])
    entries = _offsets([program.n_nonzeros for program in programs])
    cost = weighed([program.cost for program in programs], weights)
    arrays = freeze(
        cost=cost,
        starts=np.concatenate(
            [[0], *(program.starts[1:] + first for program, first in zip(programs, entries, strict=False))]
        ).astype(np.int32),
        indices=np.concatenate(
            [program.indices + first for program, first in zip(programs, rows, strict=False)]
        ).astype(np.int32),
        **{
            name: np.concatenate([getattr(program, name) for program in programs])
            for name in ("lower", "upper", "integer", "values", "row_lower", "row_upper")
        },
    )
    dimensions: dict[str, pd.Index] = {BLOCK: pd.RangeIndex(len(programs))}
    nothing = np.empty(0, dtype=np.intp)
    program = replace(
        programs[0],
        columns=_labels(dimensions, "columns", columns),
        rows=_labels(dimensions, "rows", rows),
        limits=Limits(Labels(dimensions, ()), nothing),
        parts=MappingProxyType({OBJECTIVE: _whole(cost)}),
        expressions=MappingProxyType({}),
        absences=MappingProxyType({}),
        **arrays,
    )
    return program, columns


def weighed(costs: Sequence[Vector], weights: Sequence[float] | None = None) -> Vector:
    """Return the objective coefficients of programs side by side."""
    factors = np.ones(len(costs)) if weights is None else weights
    return np.concatenate([weight * cost for cost, weight in zip(costs, factors, strict=True)])


def _whole(cost: Vector) -> Expression:
    priced = np.flatnonzero(cost)
    return Expression((1,), np.zeros(len(priced), dtype=np.intp), priced, cost[priced])


def _offsets(sizes: Sequence[int]) -> Codes:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)


def _labels(dimensions: dict[str, pd.Index], name: str, offsets: Codes) -> Labels:
    sizes = np.diff(offsets)
    codes = np.repeat(np.arange(len(sizes)), sizes)
    return Labels(dimensions, (Family(name, 0, int(offsets[-1]), {BLOCK: codes}),))
