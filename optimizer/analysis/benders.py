"""Futures planned apart on any executor, for what does not fit into one program (:mod:`optimizer.solvers.benders`).

First each future is planned alone, then a few together (:mod:`optimizer.analysis.benders_groups`). The optimum of a
group bounds what any commitment is worth to it. That is nearer to the truth than what its futures could do alone, for
they must agree among themselves, and costs the same for each future however many there are. What groups commit is tried
first in all futures: it is far better than the mean of what each would commit alone. Source of bounds by groups: B.
Sandikci and O. Y. Ozaltin, A scalable bounding method for multistage stochastic programs, SIAM Journal on Optimization
27 (2017).

Cuts lead on slowly among a thousand committed columns, steadily but by so little that hundreds of points are tried.
Where their pace would take long to bring the bounds together, groups are doubled: their bounds are nearer again, and
their commitments better; a group of all futures is the extensive form. So as long as that fits into memory it is the
faster way; futures planned apart are for more of them, for several machines, and for
searches that go on where they were stopped.

Every answer of a future at a point is kept in a store as soon as it is there. A study that is begun again with the same
store takes what it knows as cuts, and goes on near the best commitment it had.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np

from optimizer.analysis.benders_groups import Part, parts_of
from optimizer.analysis.benders_worker import Answer, Group, Question, answer
from optimizer.analysis.extensive import Effort, Planned
from optimizer.analysis.misfit import explain_misfit
from optimizer.analysis.points import digest_of
from optimizer.analysis.recourse import Realised, sent
from optimizer.analysis.risk import Risk
from optimizer.analysis.spread import asked, workers
from optimizer.analysis.store import Solved, Store
from optimizer.analysis.sweep import case_content
from optimizer.analysis.two_stage import Blocks, committed_limits, re_ranks
from optimizer.data.futures import Future
from optimizer.errors import SolveError
from optimizer.language import say, sentence
from optimizer.lp.program import Vector
from optimizer.planning.sequence import MOST_STEPS, RISE, Clock
from optimizer.solvers.benders import Cut, JointCut, Level, Master, NoPointError
from optimizer.solvers.steps import Steps

APART = sentence("futures planned apart")
"""The only part of the search: how many answers it takes is not known beforehand, only between which bounds it is."""
GROUP = 4
"""Futures of a group; of few futures half of them, so that two groups at least are left to agree."""
MOST_TRIED = 2
"""Commitments of groups that are tried in all futures."""
MOST_GROUPED = 400_000
"""Columns of a group up to which groups are made larger where cuts lead on too slowly."""
PATIENCE, MOST_LEFT = 20, 100
"""Points after which the pace is looked at, and the most that may be left at it before groups are made larger."""
MOST_ROUNDS = 500
"""Points tried under one ranking."""


@dataclass(frozen=True)
class Benders:
    """How futures are planned apart.

    Attributes
    ----------
    risk
        What is wanted of their outcomes.
    executor, workers
        Who plans them; see :func:`optimizer.analysis.spread.workers`.
    store
        A file that keeps every answer.
    tolerance
        Distance of the bounds at which the search ends, relative.
    """

    risk: Risk
    executor: Executor | str | None
    workers: int | None
    store: Path | None
    tolerance: float


# --- the search ------------------------------------------------------------------------------------------------------


def plan_benders(
    blocks: Blocks, futures: Sequence[Future], how: Benders, clock: Clock, steps: Steps
) -> tuple[Planned, tuple[Realised, ...]]:
    """Plan futures apart and return their commitment, and what comes of it in each.

    Raises
    ------
    SolveError
        If a future has no plan, no commitment fits all, the time runs out or the engine fails.
    """
    with ExitStack() as stack:
        store = None
        if how.store is not None:
            study, description = _study(blocks)
            store = stack.enter_context(closing(Store(Path(how.store), study, description)))
        executor = stack.enter_context(workers(how.executor, how.workers))
        search = _Search(blocks, futures, how, clock, steps, (executor, store))
        steps.begin(APART)
        ranked_by: list[Vector | None] = [None] * len(futures)
        best: tuple[float, _Ended] | None = None
        center = None
        re_rank = re_ranks([blocks.block(futures[0])], blocks.setting)
        for _ in range(MOST_STEPS):
            try:
                found = search.under(ranked_by, center)
            except NoPointError:
                raise explain_misfit([blocks.block(future) for future in futures], blocks.setting) from None
            value = search.value(np.array([one.result.outcome for one in found.answers if one.result is not None]))
            rise = np.inf if best is None else value - best[0]
            if best is None or value > best[0]:
                best = (value, found)
            if not re_rank or found.gap > how.tolerance or rise <= max(RISE, how.tolerance) * (1 + abs(value)):
                break
            ranked_by, center = [one.amounts for one in found.answers], found.point
    if best is None:
        msg = "there must be a ranking to start from"
        raise AssertionError(msg)
    value, found = best
    effort = Effort(
        method="benders",
        columns=blocks.base.program.n_columns,
        rows=blocks.base.program.n_rows,
        nonzeros=blocks.base.program.n_nonzeros,
        solves=search.solves,
        seconds=clock.seconds,
        bound=found.bound,
        gap=found.gap,
        complete=found.gap <= how.tolerance,
    )
    results = tuple(one.result for one in found.answers if one.result is not None)
    plans = tuple(one.x for one in results if one.x is not None)
    return Planned(value, found.point, plans, effort), results


@dataclass(frozen=True, eq=False)
class _Ended:
    point: Vector
    bound: float
    gap: float
    answers: tuple[Answer, ...]


class _Search:
    def __init__(
        self,
        blocks: Blocks,
        futures: Sequence[Future],
        how: Benders,
        clock: Clock,
        steps: Steps,
        means: tuple[Executor | None, Store | None],
    ) -> None:
        self._futures, self._how, self._clock, self._steps = futures, how, clock, steps
        self._setting = blocks.setting
        self._executor, self._store = means
        self._told = sent(blocks.setting)
        self._size, self._columns = blocks.size, blocks.base.program.n_columns
        self._limits = _limits(blocks, futures)
        shares = np.array([future.probability for future in futures])
        self._weights = shares / shares.sum()
        self.solves = 0

    def value(self, outcomes: Vector) -> float:
        """Return what outcomes are worth [money]."""
        return self._how.risk.value(outcomes, self._weights)

    def under(self, ranked_by: Sequence[Vector | None], center: Vector | None) -> _Ended:
        """Find the best commitment under rankings."""

        def questions(point: Vector | None, *, whole: bool = False) -> list[Question]:
            pairs = enumerate(zip(self._futures, ranked_by, strict=True))
            return [Question(block, future, amounts, point, whole) for block, (future, amounts) in pairs]

        free = list(self._ask(questions(None)))
        most = np.array([one.cut.constant for one in free if one.cut is not None])
        start = self._weights @ np.array([one.point for one in free]) if center is None else center
        nothing, unlimited = np.zeros(self._size), np.full(self._size, np.inf)
        master = Master(self._weights, nothing, unlimited, most, self._how.risk.joint, self._setting.options)
        master.cuts += self._limits
        level = Level(master, self.value, start)
        self._recall(level, questions(None))
        size = min(GROUP, len(self._futures) // 2)
        tried = list(self._grouped(master, questions(None), self._parts(most, size)))[:MOST_TRIED]
        if level.best is not None:
            tried = [level.best]
        elif center is not None or not tried:
            tried = [start, *tried]
        for point in tried:
            level.learn(point, self._cuts(questions(point)))
        if level.best is None:
            level.learn(nothing, self._cuts(questions(nothing)))
        rounds, looked, before = 0, 0, 0.0
        while True:
            point = level.next_point()
            self._steps.bounds(level.lower, level.upper if np.isfinite(level.upper) else None)
            before = before if rounds else level.gap
            if level.gap <= self._how.tolerance or not self._size:
                break
            rounds += 1
            left = self._clock.left()
            if rounds > MOST_ROUNDS or (left is not None and left < 1e-2):
                break
            level.learn(point, self._cuts(questions(point)))
            if rounds < looked + PATIENCE:
                continue
            slow = _rounds_left(before, level.gap, self._how.tolerance) > MOST_LEFT
            looked, before = rounds, level.gap
            if slow and level.values is not None:
                larger = self._may_double(size)
                size = 2 * size if larger else size
                parts = self._parts(level.values, size, dealt=larger)
                for point in list(self._grouped(master, questions(None), parts))[:MOST_TRIED]:
                    level.learn(point, self._cuts(questions(point)))
        if level.best is None:
            raise SolveError(
                say("no commitment was found that fits all futures before the search was stopped; allow more time, or "
                    "let money lapse."),
                "limit",
            )  # fmt: skip
        answers = tuple(asked(self._executor, partial(answer, self._told), questions(level.best, whole=True)))
        return _Ended(level.best, level.upper, max(level.gap, 0.0), answers)

    def _may_double(self, size: int) -> bool:
        """Return whether larger groups would help, and are not too large."""
        return 2 <= size < len(self._futures) and 2 * size * self._columns <= MOST_GROUPED

    def _parts(self, values: Vector, size: int, *, dealt: bool = True) -> tuple[Part, ...]:
        """Return groups of futures of so many."""
        if size < 2 or not self._size:
            return ()
        most = max(MOST_GROUPED // self._columns, 1)
        return parts_of(self._how.risk, self._weights, values, size, most, dealt=dealt)

    def _grouped(self, master: Master, questions: Sequence[Question], parts: Sequence[Part]) -> Iterator[Vector]:
        """Plan groups of futures, tell the master what they can be worth, and yield their commitments."""
        known = {cut.blocks for cut in master.joint}
        parts = [part for part in parts if tuple(part.blocks.tolist()) not in known]
        left = self._clock.left()
        if left is not None:
            left /= max(len(parts), 1)  # they may be asked one after the other
        asking = [Group(tuple(questions[block] for block in part.blocks), part.risk, left) for part in parts]
        for part, found in zip(parts, self._ask(asking), strict=True):
            if found.cut is not None and found.worths is not None:
                master.joint.append(JointCut(tuple(part.blocks.tolist()), found.worths, found.cut.constant))
                yield found.point

    def _cuts(self, questions: Sequence[Question]) -> list[Cut]:
        return [one.cut for one in self._ask(questions) if one.cut is not None]

    def _ask(self, questions: Sequence[Question | Group]) -> Iterator[Answer]:
        """Yield answers in order; those the store has are not asked for again."""
        known = {} if self._store is None else self._store.read()
        digests = [question.digest for question in questions]
        missing = [one for one, digest in zip(questions, digests, strict=True) if digest not in known]
        fresh = asked(self._executor, partial(answer, self._told), missing)
        for question, digest in zip(questions, digests, strict=True):
            first = question.members[0] if isinstance(question, Group) else question
            if digest in known:
                yield _read(first, known[digest])
                continue
            found = next(fresh)
            self.solves += 1
            if self._store is not None and found.cut is not None:
                told = "; ".join(map(str, first.future.changes))
                self._store.add([(digest, first.future.name, told, _written(first, found))])
            self._steps.advance()
            yield found

    def _recall(self, level: Level, questions: Sequence[Question]) -> None:
        """Take in what the store knows of these futures at other points."""
        if self._store is None:
            return
        of = {(one.future.name, one.ranking): one for one in questions}
        by_point: dict[str, dict[int, Cut]] = {}
        points: dict[str, Vector] = {}
        for kept in self._store.read().values():
            question = of.get((str(kept.figures["future"]), str(kept.figures["ranking"])))
            if question is None or kept.figures["free"]:
                continue
            known = _read(question, kept)
            if known.cut is not None:
                key = digest_of(known.point.tolist())
                points[key] = known.point
                by_point.setdefault(key, {})[question.block] = known.cut
        for key, cuts in by_point.items():
            level.learn(points[key], list(cuts.values()))


def _rounds_left(before: float, gap: float, tolerance: float) -> float:
    """Return how many rounds are left until the tolerance, if each goes as far as those of the last look did."""
    if gap <= tolerance:
        return 0.0
    nearer = np.log(before / gap)
    return float(PATIENCE * np.log(gap / tolerance) / nearer) if nearer > 0 else np.inf


def _limits(blocks: Blocks, futures: Sequence[Future]) -> list[Cut]:
    """Return what the budgets allow of the commitment in every future, so that it need not be found out by cuts."""
    allowed = [committed_limits(blocks.block(future), blocks.setting.committed) for future in futures]
    most = np.min([amounts for _, amounts in allowed], axis=0)
    return [Cut(0, None, float(amount), -row) for row, amount in zip(allowed[0][0], most, strict=True)]


def _written(question: Question, found: Answer) -> Solved:
    """Return an answer as a store keeps it."""
    cut = found.cut
    if cut is None:
        msg = "only cuts are kept"
        raise AssertionError(msg)
    figures = {
        "future": question.future.name,
        "ranking": question.ranking,
        "free": question.point is None,
        "value": cut.value,
        "constant": cut.constant,
        "slope": _sparse(cut.slope),
        "point": _sparse(found.point),
        "size": len(found.point),
        "worths": None if found.worths is None else found.worths.tolist(),
    }
    return Solved("cut", None, figures, 0.0)


def _read(question: Question, kept: Solved) -> Answer:
    figures: dict[str, object] = dict(kept.figures)
    size = int(str(figures["size"]))
    value = figures["value"]
    cut = Cut(
        question.block,
        None if value is None else float(str(value)),
        float(str(figures["constant"])),
        _dense(figures["slope"], size),
    )
    worths = figures["worths"]
    counted = np.array(worths, dtype=float) if isinstance(worths, list) else None
    return Answer(cut, _dense(figures["point"], size), worths=counted)


def _sparse(vector: Vector) -> list[list[float]]:
    places = np.flatnonzero(vector)
    return [places.tolist(), vector[places].tolist()]


def _dense(kept: object, size: int) -> Vector:
    if not isinstance(kept, list):
        msg = say("a store keeps vectors as places and values, not as {kept}; take a new file.", kept=repr(kept))
        raise SolveError(msg)
    vector = np.zeros(size)
    vector[np.array(kept[0], dtype=np.intp)] = kept[1]
    return vector


def _study(blocks: Blocks) -> tuple[str, dict[str, object]]:
    """Return the digest of what all answers depend on beside their questions, and the same for people."""
    setting = blocks.setting
    description: dict[str, object] = {
        "case": setting.case.name,
        "study": "benders",
        "version": version("optimizer"),
        "options": asdict(setting.options),
        "method": setting.method,
        "committed": setting.committed,
        "lapse": setting.lapse,
    }
    return digest_of([*case_content(setting.case), description]), description
