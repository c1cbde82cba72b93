"""Fewer scenarios that stand for many: fast forward selection by the Kantorovich distance.

scenarios    points x_i with probabilities p_i, i = 1..n; distance d(i, j): Euclidean, of coordinates divided by their
             standard deviations, so that no unit weighs more than another
error of S   D(S) = sum over i of p_i * min over j in S of d(i, j), the Kantorovich (Wasserstein-1) distance between the
             scenarios and those in S, each of which takes the probabilities of all that are nearest to it; no other
             probabilities on S are nearer (Dupacova, Groewe-Kuska and Roemisch 2003, theorem 2)
selection    S grows one by one, each time by the scenario after which D(S) is least; so D(S) never rises with the
             number kept, and is 0 once every scenario is kept. It is not proven least for its number: that is a
             p-median problem

It is good for seeing many futures in a few; commitments made for the few are no better than those made for as many
futures drawn directly. Tried on the tutorial: 45 figures drawn, 60 futures kept to k, the expectation, two committed
years, five repetitions; told is how much less a commitment is worth than the one for all 60, which is worth 4,310 in
the mean of 100 fresh futures:

    distance                                                        k = 3    k = 6    k = 10
    as here                                                          11.7      5.7       2.8
    figures weighted by their effect on the best of each future      12.7      5.8       3.8
    the best of each future                                          17.2      8.9       5.5
    what each would commit alone                                      9.8      5.9       3.0
    what one loses with the other's commitment                       10.1      5.1       2.3
    k futures drawn at random from the 60                            18.9      8.2       5.2
    a Latin hypercube of k futures of its own                        13.9      4.4       2.0

Standard errors are 0.4 to 3.4 at k = 3, 0.4 to 2.9 at 6 and 0.1 to 1.1 at 10. No distance is clearly better than the
plain one; what one future loses with the other's commitment may be, but takes as many plans as futures squared, which
is more than the plan for all of them.

Sources: J. Dupacova, N. Groewe-Kuska, W. Roemisch, Mathematical Programming A 95 (2003) 493-511; H. Heitsch and
W. Roemisch, Computational Optimization and Applications 24 (2003) 187-206, algorithm 2.4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from optimizer.errors import InputError
from optimizer.language import say
from optimizer.lp.program import Vector

MOST = 5000
"""Scenarios whose distances are held at once: 200 MB."""


@dataclass(frozen=True, eq=False)
class Reduction:
    """Which scenarios are kept, and for how much each of them stands.

    Attributes
    ----------
    kept
        Positions of the scenarios kept, in the order of the scenarios.
    probability
        Their probabilities, which add up to those of all.
    nearest
        For every scenario the position within ``kept`` of the one that stands for it.
    error
        Kantorovich distance between all scenarios and those kept [standard deviations].
    errors
        The same after each number kept, from 1 on; the first is the distance to the best single scenario.
    """

    kept: NDArray[np.intp]
    probability: Vector
    nearest: NDArray[np.intp]
    error: float
    errors: Vector


def standardised(points: NDArray[np.float64], probability: Vector) -> NDArray[np.float64]:
    """Return points with every coordinate divided by its standard deviation; those that never change are left out."""
    mean = probability @ points
    deviation = np.sqrt(probability @ (points - mean) ** 2)
    moves = deviation > 1e-12 * (1 + np.abs(mean))
    scaled: NDArray[np.float64] = points[:, moves] / deviation[moves]
    return scaled


def reduce_points(points: NDArray[np.float64], probability: Vector, count: int) -> Reduction:
    """Select scenarios that stand for all.

    Parameters
    ----------
    points
        Scenarios, one a line.
    probability
        Their probabilities.
    count
        How many to keep.

    Raises
    ------
    InputError
        If ``count`` is below 1 or above the number of scenarios, or there are more than 5,000 of these.
    """
    n = len(points)
    if not 1 <= count <= n:
        raise InputError(say("{count} of {n} futures cannot be kept; keep from 1 to {n}.", count=count, n=n))
    if n > MOST:
        raise InputError(say("{n} futures are too many to reduce; draw at most {most}.", n=n, most=MOST))
    scaled = standardised(points, probability)
    distance = cdist(scaled, scaled) if scaled.shape[1] else np.zeros((n, n))
    left, open_ones = np.full(n, np.inf), np.ones(n, dtype=bool)
    chosen, errors = [], []
    for _ in range(count):
        # column u: what would be left of every scenario's distance if u were kept too
        after = probability @ np.minimum(distance, left[:, None])
        after[~open_ones] = np.inf
        best = int(np.argmin(after))
        left, open_ones[best] = np.minimum(left, distance[:, best]), False
        chosen.append(best)
        errors.append(float(probability @ left))
    kept = np.sort(np.array(chosen, dtype=np.intp))
    nearest = np.argmin(distance[:, kept], axis=1).astype(np.intp)
    nearest[kept] = np.arange(count)  # of twins that are both kept, each stands for itself
    shares: Vector = np.bincount(nearest, weights=probability, minlength=count).astype(float)
    return Reduction(kept, shares, nearest, errors[-1], np.array(errors))
