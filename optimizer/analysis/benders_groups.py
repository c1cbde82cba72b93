"""Which futures are planned together where all are too many for one program, and what is wanted of each group.

With ``Q_i(y)`` what future ``i`` is worth with commitment ``y``, mean and tail weigh them by (``a``: share of the tail)

    best over y of the least over t of    sum_i ((1 - w) p_i + w t_i) Q_i(y),    0 <= t_i <= p_i / a,  sum_i t_i = 1

Whatever these weights are, for a group ``g`` of futures that is planned by itself, with optimum ``V_g``, no commitment
is worth more to it:

    sum over i in g of z_i Q_i(y) <= V_g        z_i: what a unit of ``Q_i`` counts at the group's optimum

For the mean that is its share of the probability. Groups of the mean are dealt out, so that each has poor futures and
rich ones. The tail is looked for among the poorest futures: they make a group of their own, which is planned under the
tail as if it lay among them, mean included, so that its prices tell the weights. Where it does lie there, nothing is
lost by that but what groups of the mean lose; for the worst case nothing at all. Where the poorest are too many for one
program, they are dealt out too, and each group has its share of the tail.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.analysis.risk import Expectation, Risk
from optimizer.lp.labels import Codes
from optimizer.lp.program import Vector


@dataclass(frozen=True, eq=False)
class Part:
    """A group of futures, by their numbers, and what is wanted of their outcomes by themselves."""

    blocks: Codes
    risk: Risk


def parts_of(
    risk: Risk, weights: Vector, values: Vector, size: int, most: int, *, dealt: bool = True
) -> tuple[Part, ...]:
    """Return the groups, those of the tail first.

    Parameters
    ----------
    risk
        What is wanted of all outcomes.
    weights
        Probability of each future; they add up to 1.
    values
        What each is worth, as far as known [money].
    size
        Futures of a group; those of the tail may be more.
    most
        Futures of a group at most.
    dealt
        Whether to return groups of the mean too.
    """
    order = np.argsort(values, kind="stable")
    reach = risk.reach(values, weights)
    poorest = min(max(size, reach + size // 2), len(order)) if reach else 0
    count = -(-poorest // max(size, most))
    tails = _dealt(order[:poorest], count)
    parts = [Part(blocks, risk.among(float(weights[blocks].sum()), 1 / count)) for blocks in tails]
    if dealt and not risk.ignores_mean:
        rest = order[poorest:][::-1]
        parts += [Part(blocks, Expectation()) for blocks in _dealt(rest, -(-len(rest) // size))]
    return tuple(part for part in parts if len(part.blocks) > 1)


def _dealt(blocks: Codes, count: int) -> list[Codes]:
    return [blocks[place::count] for place in range(count)]
