"""How far a study is that takes many solves, and how long it will take: what is known, and nothing else.

A study has parts, whose steps are alike: the ends of a frontier, then the floors between. Of each part it says how many
steps there are, exactly or at most, where that is known beforehand. Only then is there an estimate of the time left,
from the steps of the same part that are done; steps of other parts take another time. The share of a range that is
resolved says how far a search is, but not how long it takes: most of a curve is resolved by its last solves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from optimizer.solvers.result import Part, Progress, ProgressHook

Item = TypeVar("Item")
FEWEST = 2
"""Steps that must be done before they say how long the others take."""


class Steps:
    """Tells a hook where a study stands: at each step, and every second of a long solve.

    Parameters
    ----------
    hook
        Who is told; nobody where ``None``.
    parts
        What the parts of the study are called, in their order; some may be left out on the way.
    clock
        Tells the time [seconds].
    """

    def __init__(
        self, hook: ProgressHook | None, parts: Sequence[str], clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._told, self._parts, self._clock = hook, tuple(parts), clock
        self._began = self._part_began = self._last = clock()
        self._end: float | None = None
        self._part: Part | None = None
        self._at = Progress(0.0, 0, float("nan"))

    @property
    def hook(self) -> ProgressHook | None:
        """The hook an engine is given: it is told of the study and not of the one solve."""
        return None if self._told is None else self._solving

    def limit(self, seconds: float | None) -> None:
        """Remember when the limit of what begins now ends it; ``None`` for no limit."""
        self._end = None if seconds is None else self._clock() + seconds

    def begin(self, part: str, most: int | None = None, *, exact: bool = True) -> None:
        """Begin a part of so many steps, exactly or at most; ``None`` where nobody knows."""
        self._part_began = self._last = self._clock()
        self._part = Part(part, self._parts.index(part) + 1, len(self._parts), 0, most, exact)
        self._at = Progress(0.0, 0, float("nan"))
        self._tell()

    def advance(self, steps: int = 1, *, most: int | None = None, resolved: float | None = None) -> None:
        """Count steps that are done.

        Parameters
        ----------
        steps
            How many.
        most
            How many there are now known to be at most, where that has changed.
        resolved
            Share of the range whose answer is known, of a part without a number of steps.
        """
        if self._part is None:
            return
        self._last = self._clock()
        part = self._part
        most = part.most if most is None else most
        self._part = replace(part, done=part.done + steps, most=most, resolved=resolved)
        self._tell()

    def each(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield items, each of which is a step that is done when the next is asked for."""
        for item in items:
            yield item
            self.advance()

    def bounds(self, objective: float, bound: float | None) -> None:
        """Tell between which values the optimum of a search lies."""
        self._at = replace(self._at, objective=objective, bound=bound)
        self._tell()

    def _tell(self) -> None:
        if self._told is not None:
            self._told(self._stamped(self._at))

    def _solving(self, at: Progress) -> None:
        if self._told is not None:
            self._told(self._stamped(at))

    def _stamped(self, at: Progress) -> Progress:
        now = self._clock()
        part = self._part
        if part is not None:
            limit = None if self._end is None else max(self._end - now, 0.0)
            part = replace(part, seconds_left=self._left(part, now), limit_left=limit)
        return replace(at, seconds=now - self._began, part=part)

    def _left(self, part: Part, now: float) -> float | None:
        """Return how long the steps of a part that are left will take, at the pace of those that are done.

        ``None`` where too few are done, or the step at work takes so long that their pace says nothing any more.
        """
        if part.most is None or part.done < FEWEST or part.done >= part.most:
            return None
        pace = max((self._last - self._part_began) / part.done, (now - self._part_began) / (part.done + 1))
        left = pace * (part.most - part.done) - (now - self._last)
        return left if left > 0 else None
