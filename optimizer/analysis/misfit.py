"""Why no commitment fits all futures: which of them do not go together, and where their money would have to differ.

Each future ``i`` may deviate from the commitment ``x`` at a price: ``u_i + less_i - more_i = x``, the sum of both is
least. Where it is nothing, the futures go together. Futures without which the others still do not are left out one by
one, so that none of those named is there for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.analysis.two_stage import COMMITMENT, MONEY, MOST_NAMED, Block, Setting
from optimizer.errors import SolveError
from optimizer.language import Message, say
from optimizer.lp.compose import compose
from optimizer.lp.extend import Addition, extended
from optimizer.lp.program import LinearProgram, Vector, freeze
from optimizer.options import SolveOptions
from optimizer.plan.explain import explain
from optimizer.solvers.base import find_engine
from optimizer.solvers.result import Termination

MOST_FILTERED = 30
"""Futures up to which those that do not go together are told from the others."""
NOTHING = 1e-6
"""Money that counts as no deviation."""
LINKS = "link"


@dataclass(frozen=True, eq=False)
class _Deviation:
    total: float
    spends: Vector
    """Spend of each future in each committed column, shape (futures, columns)."""


def explain_misfit(blocks: Sequence[Block], setting: Setting) -> SolveError:
    """Return the error that says why futures have no common commitment."""
    for block in blocks:
        found = find_engine(setting.options.engine)(block.compiled.program, setting.options).solve()
        if found.termination is not Termination.OPTIMAL:
            return SolveError(_alone(block, setting.options), "infeasible")
    chosen = list(blocks)
    deviation = _least_deviation(chosen, setting.options)
    if deviation is None or deviation.total <= NOTHING:
        return SolveError(
            say("no commitment fits all futures to within rounding; commit to fewer years, or let money lapse.")
        )
    for block in blocks if len(blocks) <= MOST_FILTERED else ():
        rest = [one for one in chosen if one is not block]
        without = _least_deviation(rest, setting.options) if len(rest) > 1 else None
        if without is not None and without.total > NOTHING:
            chosen, deviation = rest, without
    return SolveError(_together(chosen, deviation), "infeasible")


def _alone(block: Block, options: SolveOptions) -> Message:
    members = explain(block.compiled, options).members
    told = [" ".join([str(one["family"]), *map(str, one["labels"].values())]) for one in members[:MOST_NAMED]]
    return say(
        "future {name} has no plan even alone; these limits are in conflict: {members}. Change the future, give rules "
        "a price or lower floors.",
        name=repr(block.future.name),
        members="; ".join(told) or "–",
    )


def _together(blocks: Sequence[Block], deviation: _Deviation) -> Message:
    width = np.ptp(deviation.spends, axis=0)
    worst = [column for column in np.argsort(-width, kind="stable")[:MOST_NAMED] if width[column] > NOTHING]
    cells = []
    for column in worst:
        amounts = ", ".join(
            f"{amount:.6g} ({block.future.name})"
            for block, amount in list(zip(blocks, deviation.spends[:, column], strict=True))[:MOST_NAMED]
        )
        cells.append(f"{_cell(blocks[0], column)}: {amounts}")
    return say(
        "no commitment fits the futures {names} at once; they would have to differ, by {total} in all, as here: "
        "{cells}. Commit to fewer years, let money lapse, or give rules a price.",
        names=", ".join(repr(block.future.name) for block in blocks[:MOST_NAMED])
        + (f" (+{len(blocks) - MOST_NAMED})" if len(blocks) > MOST_NAMED else ""),
        total=f"{deviation.total:.6g}",
        cells="; ".join(cells) or "–",
    )


def _cell(block: Block, column: int) -> str:
    """Return the labels of a committed column."""
    labels = block.compiled.program.columns
    position = int(block.shared[column])
    for family in MONEY:
        positions = labels.positions(family)
        if position in positions:
            line = labels.frame(family).iloc[int(np.flatnonzero(positions == position)[0])]
            return " ".join([*([LINKS] if family != MONEY[0] else []), *(str(label) for label in line.dropna())])
    return f"{COMMITMENT} {column}"


def _least_deviation(blocks: Sequence[Block], options: SolveOptions) -> _Deviation | None:
    """Return the least by which futures must deviate from one commitment; ``None`` where it was not found."""
    elastic = [elastic_block(block) for block in blocks]
    count = len(blocks[0].shared)
    shared = [program.n_columns - 3 * count + np.arange(count) for program in elastic]
    composed = compose(elastic, [1 / len(blocks)] * len(blocks), shared)
    result = find_engine(options.engine)(composed.program, options).solve()
    if result.termination is not Termination.OPTIMAL:
        return None
    spends = np.array([x[block.shared] for block, x in zip(blocks, composed.split(result.x), strict=True)])
    return _Deviation(-float(composed.values(result.x).sum()), spends)


def elastic_block(block: Block) -> LinearProgram:
    """Return the program of a future, its own objective dropped, that may deviate from a commitment at a price."""
    program, count = block.program, len(block.shared)
    first, row, ones = program.n_columns, program.n_rows + np.arange(count), np.ones(count)
    commitment, less, more = (first + part * count + np.arange(count) for part in range(3))
    addition = Addition(
        lower=np.zeros(3 * count),
        upper=np.full(3 * count, np.inf),
        row_lower=np.zeros(count),
        row_upper=np.zeros(count),
        entries=((row, block.shared, ones), (row, less, ones), (row, more, -ones), (row, commitment, -ones)),
    )
    made = extended(program, addition, COMMITMENT)
    cost = np.zeros(made.n_columns)
    cost[less] = cost[more] = -1.0
    return replace(made, **freeze(cost=cost))
