"""The exact curve of an optimum against one number, from its supporting lines.

The optimum of a linear program that is maximised is a concave and piecewise linear function of its right-hand sides
and bounds along any direction; its shadow prices at a point are the slope of a line that touches the curve there and
lies nowhere below it. Two such lines meet at a point where the curve is asked again: either it reaches the point, which
is then a breakpoint, or a new line is found there. Every question but the first two finds a segment or confirms a
breakpoint, so as many solves as twice the number of segments are enough, and nothing is missed between them (Eisner and
Severance 1976, Mathematical techniques for efficient record segmentation in large shared databases).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from optimizer.errors import SolveError

Detail = TypeVar("Detail")
TOLERANCE = 1e-9
"""Relative distance of the curve from a line that counts as none."""


@dataclass(frozen=True)
class Support(Generic[Detail]):
    """What a solve tells about a curve.

    Attributes
    ----------
    at
        The number it was solved for.
    value
        Optimum there.
    slope
        Slope of a line through that point which lies nowhere below the curve.
    detail
        Whatever the caller wants to remember of the solve.
    """

    at: float
    value: float
    slope: float
    detail: Detail

    def line(self, at: float) -> float:
        """Return the height of the line at a place."""
        return self.value + self.slope * (at - self.at)


@dataclass(frozen=True)
class Segment(Generic[Detail]):
    """A straight piece of a curve.

    Attributes
    ----------
    low, high
        Where it begins and ends.
    value
        Height where it begins.
    slope
        Its slope.
    support
        A solve whose line it lies on.
    """

    low: float
    high: float
    value: float
    slope: float
    support: Support[Detail]


def concave_curve(
    solve: Callable[[float], Support[Detail]], low: float, high: float, most: int = 10_000
) -> list[Segment[Detail]]:
    """Return the straight pieces of a concave piecewise linear curve between two places, in order.

    Parameters
    ----------
    solve
        Returns the curve's height at a place and the slope of a supporting line there.
    low, high
        The ends.
    most
        Most solves; curves of large programs can have a great many pieces.

    Raises
    ------
    SolveError
        If more solves would be needed, or the curve is not concave.
    """
    left, right = solve(low), solve(high)
    scale = max(abs(left.value), abs(right.value), 1.0)
    noise = TOLERANCE * scale
    asked = 2
    pieces: list[Segment[Detail]] = []
    waiting = [(left, right)]
    while waiting:
        left, right = waiting.pop()
        straight = next(_straight(left, right, noise), None)
        if straight is not None:
            pieces.append(Segment(left.at, right.at, left.value, straight.slope, straight))
            continue
        gap = left.slope - right.slope
        if gap <= 0:
            msg = f"the curve is not concave between {left.at:g} and {right.at:g}; solve with tighter tolerances."
            raise SolveError(msg)
        meet = (right.line(0) - left.line(0)) / gap
        meet = min(max(meet, left.at), right.at)
        if asked >= most:
            msg = (
                f"the curve has more pieces than {most} solves can tell apart; look at a shorter range than {low:g} to "
                f"{high:g}."
            )
            raise SolveError(msg)
        asked += 1
        middle = solve(meet)
        if middle.value >= left.line(meet) - noise or meet in (left.at, right.at):
            pieces.append(Segment(left.at, meet, left.value, left.slope, left))
            pieces.append(Segment(meet, right.at, middle.value, right.slope, right))
            continue
        waiting += [(middle, right), (left, middle)]  # the left one is looked at next, so pieces come in order
    return _joined([piece for piece in pieces if piece.high > piece.low], noise)


def _straight(left: Support[Detail], right: Support[Detail], noise: float) -> Iterator[Support[Detail]]:
    """Yield an end whose line the whole curve between two ends lies on."""
    if abs(left.line(right.at) - right.value) <= noise:
        yield left
    if abs(right.line(left.at) - left.value) <= noise:
        yield right


def _joined(pieces: list[Segment[Detail]], noise: float) -> list[Segment[Detail]]:
    """Join neighbouring pieces of one slope."""
    joined: list[Segment[Detail]] = []
    for piece in pieces:
        if joined and abs(joined[-1].slope - piece.slope) * (piece.high - piece.low) <= noise:
            joined[-1] = replace(joined[-1], high=piece.high)
        else:
            joined.append(piece)
    return joined
