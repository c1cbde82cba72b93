"""The curve of worth against overlap: where it may still hide a better plan, and where it turns.

A point of the curve is a plan: its overlap ``o`` and its value ``v`` without the penalty, both [money]. Points stand in
the order of rising penalties ``p``; each is the best known at its own, so both ``o`` and ``v`` fall along the curve.

chord        between neighbours a, b: at the penalty (v_a - v_b) / (o_a - o_b) both are worth the same
error        every plan is below the lines v_a + p_a (o - o_a) and v_b + p_b (o - o_b), if plans are the best at their
             penalties. The lines meet highest above the chord; that height is the most the chord can be wrong by.
knee         the point furthest from the chord of the extremes, both axes scaled to 0..1 between them

Source: J. L. Cohon, Multiobjective Programming and Planning (1978), the non-inferior set estimation (NISE) method;
J. L. Cohon, R. L. Church, D. P. Sheer, Water Resources Research 15 (1979) 1001-1010. The knee is that of I. Das,
Structural Optimization 18 (1999) 107-115.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.lp.program import Vector

FLAT = 1e-9
"""Relative range below which all values, or all overlaps, count as one."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Points of a curve, in the order of rising penalties.

    Attributes
    ----------
    penalty
        Penalty each point is the best known at [money per money].
    overlap, value
        Overlap, and value without the penalty [money].
    """

    penalty: Vector
    overlap: Vector
    value: Vector

    def __len__(self) -> int:
        return len(self.penalty)

    @property
    def overlap_range(self) -> float:
        """Overlap of the first point less that of the last [money]; 0 where they are the same."""
        return _fall(self.overlap)

    @property
    def value_range(self) -> float:
        """Value of the first point less that of the last [money]; 0 where they are the same."""
        return _fall(self.value)

    @property
    def chords(self) -> Vector:
        """Penalty at which each two neighbours are worth the same, one less than points; NaN where they overlap alike.

        Along a curve of supported points they rise; every point is the best known between the two beside it.
        """
        fall = -np.diff(self.overlap)
        falls = fall > FLAT * (1 + np.abs(self.overlap[:1]))
        slopes: Vector = np.divide(-np.diff(self.value), fall, out=np.full(len(fall), np.nan), where=falls)
        return slopes

    @property
    def errors(self) -> Vector:
        """Most that a plan can be above each chord, as a share of the range of values; 0 where the chord is exact."""
        if self.value_range == 0 or self.overlap_range == 0:
            return np.zeros(max(len(self) - 1, 0))
        width, known = -np.diff(self.overlap), ~np.isnan(self.chords)
        # above the chord, the line of the left point rises at slope - p_a per unit of overlap given up, the other
        # one falls at p_b - slope; they meet where both have the same height
        slope = np.nan_to_num(self.chords)
        left, right = np.maximum(slope - self.penalty[:-1], 0), np.maximum(self.penalty[1:] - slope, 0)
        total = left + right
        height = np.divide(width * left * right, total, out=np.zeros_like(total), where=(total > 0) & known)
        errors: Vector = height / self.value_range
        return errors

    @property
    def distances(self) -> Vector:
        """Distance of each point above the chord of the extremes, both axes scaled to 0..1; 0 where there is none."""
        if self.value_range == 0 or self.overlap_range == 0:
            return np.zeros(len(self))
        kept_value = (self.value - self.value[-1]) / self.value_range
        kept_overlap = (self.overlap - self.overlap[-1]) / self.overlap_range
        distances: Vector = (kept_value - kept_overlap) / np.sqrt(2)
        distances[[0, -1]] = 0.0
        return distances

    @property
    def knee(self) -> int:
        """Place of the point furthest above the chord of the extremes; the last one where none is above it."""
        distances = self.distances
        return int(distances.argmax()) if len(self) and distances.max() > FLAT else len(self) - 1

    def best_between(self) -> tuple[Vector, Vector]:
        """Return the penalties from and up to which each point is the best of the curve.

        The first is so from 0 on, the last one without end. Points with the same plan share the interval of it.
        """
        chords = self.chords
        known = ~np.isnan(chords)
        first = np.concatenate([[0.0], np.maximum.accumulate(np.where(known, chords, 0.0))])
        last = np.concatenate([np.minimum.accumulate(np.where(known, chords, np.inf)[::-1])[::-1], [np.inf]])
        return first, last


def _fall(values: Vector) -> float:
    if not len(values):
        return 0.0
    fall = float(values[0] - values[-1])
    return fall if fall > FLAT * (1 + abs(float(values[0]))) else 0.0
