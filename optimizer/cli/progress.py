"""How far a study is, on one line of the terminal: its part, its steps, the time passed, and the time left if known."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console

from optimizer.cli.study import Shape
from optimizer.language import Language, translate
from optimizer.solvers.result import Part, Progress, ProgressHook

WIDTH, LEAST = 20, 5
"""Signs of the bar, at most so that the words beside it fit into a common terminal; below the least it says nothing."""


@dataclass(frozen=True)
class Line:
    """What is shown of a study.

    Attributes
    ----------
    part
        Its part.
    steps
        How many steps of it are done, of how many, or which share of its range.
    share
        Share of it that is done, for the bar; ``None`` where nobody knows.
    passed, left
        Time since the study began; time that is left, empty where nothing is known of it.
    """

    part: str
    steps: str
    share: float | None
    passed: str
    left: str


def line_of(at: Progress, language: Language) -> Line:
    """Return what is shown of a study at a time."""
    part = at.part
    if part is None:
        return Line("", "", None, _clock(at.seconds), "")
    name = f"{part.number}/{part.parts} {translate(part.name, language)}"
    return Line(name, _steps(at, part, language), part.share, _clock(at.seconds), _left(part, language))


def _steps(at: Progress, part: Part, language: Language) -> str:
    if part.most is not None and part.exact:
        return translate("{done} of {most}", language, done=part.done, most=part.most)
    if part.most is not None:
        return translate("{done} of at most {most}", language, done=part.done, most=part.most)
    told = f"{part.done:,}" if part.done else ""
    if part.resolved is not None:
        share = f"{100 * part.resolved:.0f}"
        return translate("{done} solves, {share} % of the range", language, done=told, share=share)
    if at.gap is not None:
        gap = f"{100 * at.gap:.2g}"
        return translate("{done} solves, at most {gap} % below the best", language, done=told, gap=gap)
    return told


def _left(part: Part, language: Language) -> str:
    estimate, limit = part.seconds_left, part.limit_left
    if limit is not None and (estimate is None or estimate >= limit):
        return translate("limit in {time}", language, time=_clock(limit))
    if estimate is None:
        return ""
    time = _clock(math.ceil(estimate))  # as long as something is left it is not nothing
    if part.number < part.parts:
        if part.exact:
            return translate("this part: {time} left", language, time=time)
        return translate("this part: at most {time} left", language, time=time)
    if part.exact:
        return translate("{time} left", language, time=time)
    return translate("at most {time} left", language, time=time)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def fitted(line: Line, width: int) -> tuple[str, int, str]:
    """Return what of a line fits a width: the words before the bar, the width of the bar, and the words behind it.

    The time left is what one watches for and gives way last: before it go the bar, the time passed, the name of the
    part, whose number stays, and the steps.
    """
    number = line.part.partition(" ")[0]
    shorter = (
        (line.part, (line.steps, line.passed, line.left)),
        (line.part, (line.steps, line.left)),
        (number, (line.steps, line.left)),
    )
    for part, words in shorter:
        behind = " ".join(word for word in words if word)
        room = width - cell_len(part) - cell_len(behind) - 2  # a blank on either side of the bar
        if room >= LEAST:
            return part, min(room, WIDTH), behind
        if room >= -1:  # one blank is saved with the bar
            return part, 0, behind
    return number, 0, line.left or line.steps


@contextmanager
def study_progress(shape: Shape) -> Iterator[ProgressHook | None]:
    """Yield a hook that shows how far a study is; ``None`` where nobody watches, or is to be told."""
    console = Console(stderr=True)
    # a terminal that cannot go back in a line would be left an empty one
    if not (shape.progress and sys.stderr.isatty() and console.is_interactive):
        yield None
        return
    from rich.progress import BarColumn, TextColumn  # only wanted on a terminal
    from rich.progress import Progress as Bar

    before, behind = (TextColumn(f"{{task.fields[{name}]}}", markup=False) for name in ("before", "behind"))
    with Bar(before, BarColumn(WIDTH), behind, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, before="", behind="")

        def show(at: Progress) -> None:
            line = line_of(at, shape.language)
            first, width, last = fitted(line, console.width)
            bar.columns = (before, BarColumn(width), behind) if width else (before, behind)
            # a bar without a total just moves
            total = None if line.share is None else 1.0
            bar.update(task, total=total, completed=line.share or 0.0, before=first, behind=last)

        yield show
