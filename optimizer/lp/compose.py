"""Programs joined into one: some columns are the same in all of them, the rest each has for itself.

Blocks ``i`` with weights ``p_i`` that add up to 1, each a program ``best c_i x_i, A_i x_i within rows_i``; ``S_i`` are
its shared columns, aligned with those of every other block:

    best        sum_i p_i c_i x_i
    rows        A_i x_i within rows_i                       for every block
    columns     x_i[S_i] = y                                the same columns, not further rows
    bounds      of y: those of all blocks at once

What is decided in ``y`` is the same whatever block comes true. Instead of the mean of the blocks' values
``Z_i = c_i x_i`` the joint program may weigh their tail, the worst share ``a`` of the weight (for a maximisation, with
``e`` free and ``u_i >= 0``; mirrored for a minimisation), or the worst of them alone:

    tail        w (e - sum_i p_i u_i / a) + (1 - w) sum_i p_i Z_i,    u_i >= e - Z_i
    worst       e,                                                   e <= Z_i

``e`` must be free, for outcomes may be anything. How it is solved all the same as if it had a floor, with a proof that
this did not matter, is told in :mod:`optimizer.solvers.free_column`.

Source: R. T. Rockafellar and S. Uryasev, Optimization of conditional value-at-risk, Journal of Risk 2 (2000).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimizer.errors import ModelError
from optimizer.language import say
from optimizer.lp.extend import Addition, extended
from optimizer.lp.labels import Codes, Family, Labels
from optimizer.lp.program import Expression, Limits, LinearProgram, Vector, freeze, total_cost
from optimizer.lp.triplets import Entries, compress

BLOCK = "block"
"""Dimension that tells apart what each block has for itself."""
MEAN, TAIL = "mean", "tail"
"""Parts of the joint objective; ``TAIL`` is also the family of what values the tail."""
WEIGHT_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Composed:
    """Programs joined into one.

    Attributes
    ----------
    program
        The joint program: shared columns first, then each block's own, then what values the tail.
    columns, rows
        Where the columns and rows of each block are in it.
    costs
        Objective of each block, over its own columns.
    weights
        Weight of each block.
    n_shared
        Number of shared columns.
    level
        Where the column ``e`` of the tail or the worst is; ``None`` for the mean alone.
    mean
        Weight of the mean in the joint objective.
    """

    program: LinearProgram
    columns: tuple[Codes, ...]
    rows: tuple[Codes, ...]
    costs: tuple[Vector, ...]
    weights: Vector
    n_shared: int
    level: int | None = None
    mean: float = 1.0

    def split(self, x: Vector) -> list[Vector]:
        """Return a joint solution as one of each block."""
        return [x[columns] for columns in self.columns]

    def values(self, x: Vector) -> Vector:
        """Return the objective of each block at a joint solution."""
        return np.array([float(cost @ part) for cost, part in zip(self.costs, self.split(x), strict=True)])

    def worths(self, row_dual: Vector) -> Vector:
        """Return what a unit of each block's value adds to the joint objective, from the prices of an optimum.

        With these as weights the mean of the blocks' values has the same optimum, and exceeds it nowhere.
        """
        worths: Vector = self.mean * self.weights
        return worths if self.level is None else worths + np.abs(row_dual[-len(self.weights) :])

    def revalued(self, costs: Sequence[Vector]) -> Composed:
        """Return the joint program of the same blocks with other objectives; their weighted mean is the joint one."""
        weighted = [weight * cost for weight, cost in zip(self.weights, costs, strict=True)]
        mean = _expression(self.columns, weighted)
        cost = freeze(cost=total_cost({MEAN: mean}, self.program.n_columns))
        program = replace(self.program, parts=MappingProxyType({MEAN: mean}), **cost)
        return replace(self, program=program, costs=tuple(costs))

    def joined(self, vectors: Sequence[Vector]) -> Vector:
        """Add up vectors over the blocks' columns into one over the joint columns."""
        total = np.zeros(self.program.n_columns)
        for columns, vector in zip(self.columns, vectors, strict=True):
            total[columns] += vector
        return total


def compose(
    programs: Sequence[LinearProgram], weights: Sequence[float], shared: Sequence[Codes], names: pd.Index | None = None
) -> Composed:
    """Join programs that share columns; the joint objective is the weighted mean of theirs.

    Parameters
    ----------
    programs
        The blocks; all to be maximised, or all to be minimised.
    weights
        Weight of each block, above 0; they add up to 1.
    shared
        Positions of each block's shared columns, in one order for all.
    names
        Name of each block in the labels; by default they are numbered.

    Raises
    ------
    ModelError
        If the blocks do not fit together.
    """
    share = np.asarray(weights, dtype=float)
    _check(programs, share, shared)
    n_shared = len(shared[0])
    sizes = np.array([program.n_columns - n_shared for program in programs])
    heights = np.array([program.n_rows for program in programs])
    first_column = n_shared + np.concatenate([[0], np.cumsum(sizes)])
    first_row = np.concatenate([[0], np.cumsum(heights)])
    n_columns, n_rows = int(first_column[-1]), int(first_row[-1])
    own = [_others(program.n_columns, positions) for program, positions in zip(programs, shared, strict=True)]
    columns = [
        _placed(program.n_columns, positions, others, begin)
        for program, positions, others, begin in zip(programs, shared, own, first_column[:-1], strict=True)
    ]
    rows = [np.arange(begin, end) for begin, end in pairwise(first_row)]
    entries: list[Entries] = [
        (row[program.indices], column[program.entry_columns], program.values)
        for program, row, column in zip(programs, rows, columns, strict=True)
    ]
    starts, indices, values = compress(entries, n_rows, n_columns)

    def spread(pick: str, of_shared: Any) -> NDArray[Any]:
        """Return an array over the joint columns: of the shared ones what all blocks make of it, then each's own."""
        arrays = [getattr(program, pick) for program in programs]
        common = of_shared.reduce([array[positions] for array, positions in zip(arrays, shared, strict=True)], axis=0)
        return np.concatenate([common, *(array[others] for array, others in zip(arrays, own, strict=True))])

    mean = _expression(columns, [weight * program.cost for weight, program in zip(share, programs, strict=True)])
    arrays = freeze(
        cost=total_cost({MEAN: mean}, n_columns),
        lower=spread("lower", np.maximum),
        upper=spread("upper", np.minimum),
        integer=spread("integer", np.logical_or),
        starts=starts,
        indices=indices,
        values=values,
        row_lower=np.concatenate([program.row_lower for program in programs]),
        row_upper=np.concatenate([program.row_upper for program in programs]),
    )
    dimensions = _dimensions(programs, pd.RangeIndex(len(programs)) if names is None else names)
    column_families = [*_families(programs[0].columns, shared[0], 0, None)]
    row_families: list[Family] = []
    for block, (program, others) in enumerate(zip(programs, own, strict=True)):
        column_families += _families(program.columns, others, int(first_column[block]), block)
        row_families += _families(program.rows, np.arange(program.n_rows), int(first_row[block]), block)
    joint = LinearProgram(
        maximize=programs[0].maximize,
        columns=Labels(dimensions, tuple(column_families)),
        rows=Labels(dimensions, tuple(row_families)),
        limits=Limits(Labels(dimensions, ()), np.empty(0, dtype=np.intp)),
        parts=MappingProxyType({MEAN: mean}),
        expressions=MappingProxyType({}),
        absences=MappingProxyType({}),
        ways=programs[0].ways,
        **arrays,
    )
    return Composed(joint, tuple(columns), tuple(rows), tuple(program.cost for program in programs), share, n_shared)


def with_tail(composed: Composed, share: float, weight: float) -> Composed:
    """Return a joint program that values the worst share of its blocks' weight beside their mean.

    Parameters
    ----------
    composed
        The joint program, as :func:`compose` makes it.
    share
        Share of the weight that the tail has, above 0 and at most 1.
    weight
        Weight of the tail's mean value in the objective, 0..1; the mean over all blocks has the rest.
    """
    program, count = composed.program, len(composed.weights)
    sense = 1.0 if program.maximize else -1.0
    level, short = program.n_columns, program.n_columns + 1 + np.arange(count)
    rows = program.n_rows + np.arange(count)
    entries = (
        *_values_in_rows(composed, -sense),
        (rows, np.full(count, level), np.full(count, sense)),
        (rows, short, np.full(count, -1.0)),
    )
    addition = Addition(
        lower=np.concatenate([[-np.inf], np.zeros(count)]),
        upper=np.full(count + 1, np.inf),
        row_lower=np.full(count, -np.inf),
        row_upper=np.zeros(count),
        entries=entries,
    )
    valued = np.concatenate([[weight], -sense * weight * composed.weights / share])
    return _revalued(composed, addition, 1 - weight, np.concatenate([[level], short]), valued)


def with_worst(composed: Composed) -> Composed:
    """Return a joint program that values the worst of its blocks alone; ``composed`` is as :func:`compose` makes it."""
    program, count = composed.program, len(composed.weights)
    sense, level = (1.0 if program.maximize else -1.0), program.n_columns
    rows = program.n_rows + np.arange(count)
    addition = Addition(
        lower=np.array([-np.inf]),
        upper=np.array([np.inf]),
        row_lower=np.full(count, -np.inf),
        row_upper=np.zeros(count),
        entries=(*_values_in_rows(composed, -sense), (rows, np.full(count, level), np.full(count, sense))),
    )
    return _revalued(composed, addition, 0.0, np.array([level]), np.ones(1))


def _values_in_rows(composed: Composed, factor: float) -> list[Entries]:
    """Return entries that put each block's objective, times a factor, into a new row of its own."""
    entries: list[Entries] = []
    for block, (columns, cost) in enumerate(zip(composed.columns, composed.costs, strict=True)):
        priced = np.flatnonzero(cost)
        row = np.full(len(priced), composed.program.n_rows + block)
        entries.append((row, columns[priced], factor * cost[priced]))
    return entries


def _revalued(composed: Composed, addition: Addition, mean: float, columns: Codes, valued: Vector) -> Composed:
    """Return a joint program with more columns and rows, and the mean of the blocks beside the value of columns."""
    program = extended(composed.program, addition, TAIL)
    before = composed.program.parts[MEAN]
    parts = {
        MEAN: replace(before, coefficients=mean * before.coefficients),
        TAIL: Expression((1,), np.zeros(len(columns), dtype=np.intp), columns, valued),
    }
    cost = total_cost(parts, program.n_columns)
    valued_program = replace(program, parts=MappingProxyType(parts), **freeze(cost=cost))
    return replace(composed, program=valued_program, level=composed.program.n_columns, mean=mean)


def _check(programs: Sequence[LinearProgram], weights: Vector, shared: Sequence[Codes]) -> None:
    if not programs or not len(programs) == len(weights) == len(shared):
        raise ModelError(
            say(
                "{programs} programs, {weights} weights and {lists} lists of shared columns do not fit together; give "
                "one of each for every block, and one block at least.",
                programs=len(programs),
                weights=len(weights),
                lists=len(shared),
            )
        )
    if (weights <= 0).any() or abs(weights.sum() - 1) > WEIGHT_TOLERANCE:
        raise ModelError(
            say(
                "the weights of the blocks must be above 0 and add up to 1, not {total}; divide them by that.",
                total=f"{weights.sum():g}",
            )
        )
    counts = sorted({len(positions) for positions in shared})
    if len(counts) > 1:
        raise ModelError(
            say(
                "blocks share {some} and {others} columns; align them by their labels first.",
                some=counts[0],
                others=counts[1],
            )
        )
    if len({program.maximize for program in programs}) > 1:
        raise ModelError(say("some blocks are to be maximised and some minimised; turn the costs of one kind around."))


def _others(size: int, positions: Codes) -> Codes:
    kept = np.ones(size, dtype=bool)
    kept[positions] = False
    return np.flatnonzero(kept)


def _placed(size: int, shared: Codes, others: Codes, begin: int) -> Codes:
    """Return where the columns of a block are in the joint program."""
    place = np.empty(size, dtype=np.intp)
    place[shared] = np.arange(len(shared))
    place[others] = np.arange(begin, begin + len(others))
    return place


def _expression(columns: Sequence[Codes], coefficients: Sequence[Vector]) -> Expression:
    column, coefficient = np.concatenate(columns), np.concatenate(coefficients)
    kept = coefficient != 0
    return Expression((1,), np.zeros(int(kept.sum()), dtype=np.intp), column[kept], coefficient[kept])


def _dimensions(programs: Sequence[LinearProgram], names: pd.Index) -> Mapping[str, pd.Index]:
    dimensions: dict[str, pd.Index] = {}
    for program in programs:
        for name, labels in {**program.columns.dimensions, **program.rows.dimensions}.items():
            known = dimensions.setdefault(name, labels)
            if known is not labels and not known.equals(labels):
                raise ModelError(
                    say(
                        "blocks have other labels of dimension '{name}'; join programs over the same labels only.",
                        name=name,
                    )
                )
    return MappingProxyType({**dimensions, BLOCK: names})


def _families(labels: Labels, positions: Codes, begin: int, block: int | None) -> list[Family]:
    """Return the families of chosen members, which stand in the joint program one after the other."""
    ends = np.array([family.offset + family.size for family in labels.families])
    of = np.searchsorted(ends, positions, side="right")
    begins = np.flatnonzero(np.diff(of, prepend=-1))
    families = []
    for first, last in zip(begins, np.append(begins[1:], len(of))[: len(begins)], strict=True):
        family = labels.families[of[first]]
        chosen = positions[first:last] - family.offset
        codes = {name: member[chosen] for name, member in family.codes.items()}
        if block is not None:
            codes[BLOCK] = np.full(len(chosen), block, dtype=np.intp)
        families.append(Family(family.name, begin + int(first), len(chosen), codes))
    return families
