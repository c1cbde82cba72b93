"""Futures planned apart on any executor, for what does not fit into one program (:mod:`optimizer.solvers.benders`).

Every answer of a future at a point is kept in a store as soon as it is there. A study that is begun again with the same
store takes what it knows as cuts, and goes on near the best commitment it had.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, replace
from functools import lru_cache, partial
from importlib.metadata import version
from pathlib import Path

import numpy as np

from optimizer.analysis.extensive import Effort, Planned
from optimizer.analysis.misfit import elastic_block, explain_misfit
from optimizer.analysis.points import digest_of
from optimizer.analysis.recourse import Realised, blocks_of, realised, sent
from optimizer.analysis.risk import Risk
from optimizer.analysis.spread import asked, workers
from optimizer.analysis.store import Solved, Store
from optimizer.analysis.sweep import case_content
from optimizer.analysis.two_stage import Block, Blocks, re_ranks, spend_of
from optimizer.blocks.overlap import rank_by_activity, rank_by_plan
from optimizer.data.futures import Future
from optimizer.errors import SolveError
from optimizer.language import say
from optimizer.lp.program import LinearProgram, Vector
from optimizer.planning.sequence import CLEAR, MOST_STEPS, RISE, Clock
from optimizer.solvers.base import Session, find_engine
from optimizer.solvers.benders import Cut, Level, Master, NoPointError, cut_at
from optimizer.solvers.lexicographic import least_of
from optimizer.solvers.result import Progress, Termination

MOST_HELD = 400_000
"""Columns of the programs that a worker keeps in engines at a time."""
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


# --- in a worker -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Question:
    """What a worker is asked: a future, ranked by a plan's public money or, where that is ``None``, by activity.

    Attributes
    ----------
    block
        Number of the future.
    future
        The future.
    amounts
        Public money it is ranked by, shape (site pairs, years).
    point
        Its commitment; ``None`` to leave it free.
    whole
        Whether the plan is wanted, and not a cut.
    """

    block: int
    future: Future
    amounts: Vector | None
    point: Vector | None
    whole: bool = False

    @property
    def ranking(self) -> str:
        """Digest of what it is ranked by."""
        return "activity" if self.amounts is None else digest_of(self.amounts.tolist())

    @property
    def digest(self) -> str:
        """What tells the question from others of the study."""
        point = None if self.point is None else self.point.tolist()
        return digest_of([self.future.name, [str(change) for change in self.future.changes], self.ranking, point])


@dataclass(frozen=True, eq=False)
class Answer:
    """What a worker says: a cut and the commitment it was made at, or what comes of the plan."""

    cut: Cut | None
    point: Vector
    result: Realised | None = None
    amounts: Vector | None = None


@dataclass(frozen=True, eq=False)
class _Held:
    block: Block
    program: LinearProgram
    session: Session


class _Engines:
    """The futures a worker has in engines, the last ones used."""

    def __init__(self, told: bytes) -> None:
        self._told = told
        self._held: OrderedDict[tuple[str, str], _Held] = OrderedDict()

    def get(self, question: Question) -> _Held:
        """Return a future in an engine, under the ranking that is asked for."""
        key = (digest_of([question.future.name, *map(str, question.future.changes)]), question.ranking)
        if key not in self._held:
            blocks = blocks_of(self._told)
            block = blocks.block(question.future)
            sets = block.sets
            ranked = block.ranked(
                rank_by_activity(sets) if question.amounts is None else rank_by_plan(sets, question.amounts)
            )
            session = find_engine(blocks.setting.options.engine)(ranked, blocks.setting.options)
            self._held[key] = _Held(block, ranked, session)
        self._held.move_to_end(key)
        while len(self._held) > 1 and sum(one.program.n_columns for one in self._held.values()) > MOST_HELD:
            self._held.popitem(last=False)
        return self._held[key]


@lru_cache(maxsize=1)
def _engines(told: bytes) -> _Engines:
    """Return the engines of a study, kept from one call to the next."""
    return _Engines(told)


def answer(told: bytes, question: Question) -> Answer:
    """Answer a question, wherever this runs.

    Raises
    ------
    SolveError
        If the future has no plan whatever the commitment, or the engine fails.
    """
    held = _engines(told).get(question)
    if question.point is None:
        return _free(held, question)
    if question.whole:
        return _plan(told, held, question, question.point)
    cut, _ = cut_at(held.session, held.program, held.block.shared, question.point, question.block)
    if cut is None:
        cut = _elastic_cut(told, held.block, question.point, question.block)
    return Answer(cut, question.point)


def _free(held: _Held, question: Question) -> Answer:
    held.session.set_bounds(held.program.lower, held.program.upper)
    result = held.session.solve()
    if result.termination is not Termination.OPTIMAL:
        raise SolveError(
            say("future {name} has no plan even alone (it ended with '{detail}'); change it, or loosen what it breaks.",
                name=repr(question.future.name), detail=result.detail)
        )  # fmt: skip
    shared = held.block.shared
    return Answer(
        Cut(question.block, result.objective, result.objective, np.zeros(len(shared))), np.maximum(result.x[shared], 0)
    )


def _plan(told: bytes, held: _Held, question: Question, point: Vector) -> Answer:
    setting = blocks_of(told).setting
    block = held.block
    _, result = cut_at(held.session, held.program, block.shared, point, question.block)
    bounded = block.held(point).program
    program = replace(held.program, lower=bounded.lower, upper=bounded.upper)
    second = spend_of(program)
    x = block.plan_part(least_of(held.session, program, result, CLEAR * second, setting.options))
    found = realised(block, x, setting, point if setting.lapse else None)
    return Answer(None, point, found, block.amounts(x))


def _elastic_cut(told: bytes, block: Block, point: Vector, number: int) -> Cut:
    """Return the cut of a future without a plan from how far its commitment is from one that it has a plan with."""
    program = elastic_block(block)
    count = len(block.shared)
    commitment = program.n_columns - 3 * count + np.arange(count)
    options = blocks_of(told).setting.options
    cut, _ = cut_at(find_engine(options.engine)(program, options), program, commitment, point, number)
    if cut is None or cut.value is None:
        msg = say("the engine calls a future infeasible, but gives no proof of it; take method 'extensive'.")
        raise SolveError(msg)
    return Cut(number, None, cut.constant, cut.slope)


# --- the search ------------------------------------------------------------------------------------------------------


def plan_benders(
    blocks: Blocks, futures: Sequence[Future], how: Benders, clock: Clock
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
        search = _Search(blocks, futures, how, clock, (executor, store))
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
        means: tuple[Executor | None, Store | None],
    ) -> None:
        self._futures, self._how, self._clock = futures, how, clock
        self._setting = blocks.setting
        self._executor, self._store = means
        self._told = sent(blocks.setting)
        self._size = blocks.size
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
        level = Level(master, self.value, start)
        self._recall(level, questions(None))
        for point in (start, nothing) if level.best is None else (level.best,):
            level.learn(point, self._cuts(questions(point)))
        rounds = 0
        while True:
            point = level.next_point()
            self._report(level)
            if level.gap <= self._how.tolerance or not self._size:
                break
            rounds += 1
            left = self._clock.left()
            if rounds > MOST_ROUNDS or (left is not None and left < 1e-2):
                break
            level.learn(point, self._cuts(questions(point)))
        if level.best is None:
            raise SolveError(
                say("no commitment was found that fits all futures before the search was stopped; allow more time, or "
                    "let money lapse.")
            )  # fmt: skip
        answers = tuple(asked(self._executor, partial(answer, self._told), questions(level.best, whole=True)))
        return _Ended(level.best, level.upper, max(level.gap, 0.0), answers)

    def _cuts(self, questions: Sequence[Question]) -> list[Cut]:
        return [one.cut for one in self._ask(questions) if one.cut is not None]

    def _ask(self, questions: Sequence[Question]) -> Iterator[Answer]:
        """Yield answers in order; those the store has are not asked for again."""
        known = {} if self._store is None else self._store.read()
        digests = [question.digest for question in questions]
        missing = [one for one, digest in zip(questions, digests, strict=True) if digest not in known]
        fresh = asked(self._executor, partial(answer, self._told), missing)
        for question, digest in zip(questions, digests, strict=True):
            if digest in known:
                yield _read(question, known[digest])
                continue
            found = next(fresh)
            self.solves += 1
            if self._store is not None:
                told = "; ".join(map(str, question.future.changes))
                self._store.add([(digest, question.future.name, told, _written(question, found))])
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

    def _report(self, level: Level) -> None:
        if self._clock.progress is not None:
            bound = level.upper if np.isfinite(level.upper) else None
            self._clock.progress(Progress(self._clock.seconds, self.solves, level.lower, bound))


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
    return Answer(cut, _dense(figures["point"], size))


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
