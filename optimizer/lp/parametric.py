"""The exact curve of an optimum against one number, from its supporting lines.

The optimum of a linear program that is maximised is a concave and piecewise linear function of its right-hand sides
and bounds along any direction; its shadow prices at a point are the slope of a line that touches the curve there and
lies nowhere below it. Two such lines meet at a point where the curve is asked again: either it reaches the point, which
is then a breakpoint, or a new line is found there. Every question but the first two finds a segment or confirms a
breakpoint, so as many solves as twice the number of segments are enough, and nothing is missed between them (Eisner and
Severance 1976, Mathematical techniques for efficient record segmentation in large shared databases).

The same two lines bound what is not yet known: between two places the curve is nowhere below their chord and nowhere
above the lines. With the distances ``a`` of the left line above the right place and ``b`` of the right line above the
left one, the lines meet ``a b / (a + b)`` above the chord. Where most is unknown is asked first, so that a search that
is ended early leaves the least unknown, and says how much that is.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Generic, TypeVar

from optimizer.errors import SolveError
from optimizer.language import say

Detail = TypeVar("Detail")
TOLERANCE = 1e-9
"""Relative distance of the curve from a line that counts as none."""
BENT_WRONG = 1e-6
"""Relative distance of the curve above a line from which on it counts as not concave, and not as rounding."""


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
    """A straight piece of a curve, or a stretch of it whose pieces were not told apart.

    Attributes
    ----------
    low, high
        Where it begins and ends.
    value
        Height where it begins; the curve goes through its ends.
    slope
        Its slope; of a stretch, that of its chord.
    supports
        A solve whose line it lies on; of a stretch, the solves at its ends, whose lines the curve is not beyond.
    gap
        The most that the curve can be away from it; 0 for a straight piece.
    """

    low: float
    high: float
    value: float
    slope: float
    supports: tuple[Support[Detail], ...]
    gap: float = 0.0

    @property
    def support(self) -> Support[Detail]:
        """A solve whose line the piece lies on; of a stretch, the one where it begins."""
        return self.supports[0]

    def height(self, at: float) -> float:
        """Return the height of the piece at a place; of a stretch that is what the curve attains at least."""
        return self.value + self.slope * (at - self.low)

    def bound(self, at: float) -> float:
        """Return what the curve is not beyond at a place; for a straight piece the curve itself."""
        if not self.gap:
            return self.height(at)
        lines = [support.line(at) for support in self.supports]
        return min(lines) if self.supports[0].slope >= self.supports[-1].slope else max(lines)


@dataclass(frozen=True)
class Curve(Generic[Detail]):
    """A curve between two places.

    Attributes
    ----------
    pieces
        Its straight pieces, and stretches whose pieces were not told apart, in order.
    complete
        Whether it is known as well as was asked for; otherwise the search for its pieces was stopped before.
    """

    pieces: tuple[Segment[Detail], ...]
    complete: bool


@dataclass(frozen=True)
class _Stretch(Generic[Detail]):
    """The curve between two solves: how far each one's line passes above the other's height."""

    left: Support[Detail]
    right: Support[Detail]
    past_right: float
    past_left: float

    @property
    def gap(self) -> float:
        both = self.past_right + self.past_left
        return self.past_right * self.past_left / both if both > 0 else 0.0

    @property
    def meet(self) -> float:
        width = self.right.at - self.left.at
        return self.left.at + width * self.past_left / (self.past_right + self.past_left)

    def piece(self, noise: float) -> Segment[Detail]:
        left, right = self.left, self.right
        if self.gap <= noise:
            support = left if self.past_right <= self.past_left else right
            return Segment(left.at, right.at, left.value, support.slope, (support,))
        slope = (right.value - left.value) / (right.at - left.at)
        return Segment(left.at, right.at, left.value, slope, (left, right), self.gap)


def concave_curve(  # noqa: PLR0913  # two ends, three ways to be content with less, and who is told
    solve: Callable[[float, Support[Detail] | None], Support[Detail] | None],
    low: float,
    high: float,
    *,
    most: int = 10_000,
    tolerance: float = 0.0,
    enough: Callable[[], bool] = lambda: False,
    told: Callable[[float], None] = lambda resolved: None,
) -> Curve[Detail]:
    """Return the straight pieces of a concave piecewise linear curve between two places, in order.

    Parameters
    ----------
    solve
        Returns the curve's height at a place and the slope of a supporting line there; it is also given the nearest
        solve so far, from which an engine may go on. ``None`` stops the search, which then ends with what is known.
    low, high
        The ends.
    most
        Most solves. Where they are not enough to tell all pieces apart, stretches are left whose ``gap`` is not 0;
        curves of large programs can have a great many pieces.
    tolerance
        Gap that may be left anywhere, as a share of the largest height.
    enough
        Asked before each further solve: whether to stop, and end with what is known.
    told
        Told after each solve which share of the way is resolved.

    Raises
    ------
    SolveError
        If the curve is not concave, or the search is stopped before both ends are known.
    """
    left = _known(solve(low, None))
    told(0.0)
    right = _known(solve(high, left))
    scale = max(abs(left.value), abs(right.value), 1.0)
    noise = TOLERANCE * scale
    content = max(noise, tolerance * scale)
    number = count()  # of two gaps alike the first found is looked at first
    waiting: list[tuple[float, int, _Stretch[Detail]]] = []

    def wait(stretch: _Stretch[Detail], gap: float) -> float:
        """Put a stretch where its gap belongs; return which share of the way is resolved by that."""
        heapq.heappush(waiting, (-gap, next(number), stretch))
        return (stretch.right.at - stretch.left.at) / (high - low) if gap <= content else 0.0

    def between(left: Support[Detail], right: Support[Detail]) -> float:
        stretch = _stretch(left, right, scale)
        return wait(stretch, stretch.gap)

    resolved = between(left, right)
    told(resolved)
    asked, complete = 2, True
    while -waiting[0][0] > content and asked < most:
        if enough():
            complete = False
            break
        stretch = heapq.heappop(waiting)[2]
        left, right, meet = stretch.left, stretch.right, stretch.meet
        if not left.at < meet < right.at:
            resolved += wait(stretch, 0.0)  # narrower than numbers can tell
            continue
        middle = solve(meet, left if meet - left.at <= right.at - meet else right)
        if middle is None:
            wait(stretch, stretch.gap)
            complete = False
            break
        asked += 1
        resolved += between(left, middle) + between(middle, right)
        told(min(resolved, 1.0))
    stretches = sorted((stretch for _, _, stretch in waiting), key=lambda stretch: stretch.left.at)
    pieces = _joined([stretch.piece(noise) for stretch in stretches if stretch.right.at > stretch.left.at], noise)
    return Curve(tuple(pieces), complete)


def _known(end: Support[Detail] | None) -> Support[Detail]:
    if end is None:
        msg = say("the search was stopped before both ends of the curve were known; allow more time.")
        raise SolveError(msg, "limit")
    return end


def _stretch(left: Support[Detail], right: Support[Detail], scale: float) -> _Stretch[Detail]:
    past_right, past_left = left.line(right.at) - right.value, right.line(left.at) - left.value
    if min(past_right, past_left) < -BENT_WRONG * scale:
        msg = say(
            "the curve is not concave between {low} and {high}; solve with tighter tolerances.",
            low=f"{left.at:g}",
            high=f"{right.at:g}",
        )
        raise SolveError(msg)
    return _Stretch(left, right, max(past_right, 0.0), max(past_left, 0.0))


def _joined(pieces: list[Segment[Detail]], noise: float) -> list[Segment[Detail]]:
    """Join neighbouring straight pieces of one slope."""
    joined: list[Segment[Detail]] = []
    for piece in pieces:
        before = joined[-1] if joined else None
        straight = before is not None and not before.gap and not piece.gap
        if before is not None and straight and abs(before.slope - piece.slope) * (piece.high - piece.low) <= noise:
            joined[-1] = replace(before, high=piece.high)
        else:
            joined.append(piece)
    return joined
