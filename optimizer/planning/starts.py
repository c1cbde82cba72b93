"""Where the overlap sequence starts from: today's activity, no penalty, and on small programs other leaders.

Every start ends where re-ranking brings no more (:mod:`optimizer.planning.sequence`); the best end is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.blocks.overlap import Ranking, rank_by_activity, unranked, with_leader
from optimizer.planning.sequence import RISE, SAME, SMALL, Candidate, Met, Sequence, Solved
from optimizer.solvers.result import Termination
from optimizer.solvers.waiting import Beside

LEADER_ROUNDS = 2
"""Rounds over all niches in which another cluster is tried as leader. In trials on 24 drawn cases a third took a fifth
more time; two plans ended up to 0.001 % higher, one as much lower."""


@dataclass(frozen=True, eq=False)
class Start:
    """Where a start of the sequence led: the end of its first program, and the best plan; none without an optimum."""

    solved: Solved
    best: Candidate | None


def follow_starts(run: Sequence) -> tuple[Candidate | None, Solved, float | None]:
    """Follow both starts of the formulation, and on small programs other leaders.

    Returns
    -------
    tuple
        The best candidate, ``None`` where a start ended without an optimum; that last start; and the optimum
        without a penalty, which bounds every plan.
    """
    run.met = Met(run.sets)  # what was solved before, from another plan say, leads elsewhere
    first, second = _starts_at_once(run) if run.is_large else _starts_in_turn(run)
    if first.best is None or second is None:
        return None, first.solved, None
    best = first.best
    if second.best is None:
        limited = second.solved.result.termination.is_limit
        run.complete &= not limited
        return best if limited else None, second.solved, None
    if second.best.objective > best.objective:
        best = second.best
    if run.compiled.program.n_columns <= SMALL:
        best = _other_leaders(run, best)
    return best, second.solved, second.solved.result.objective


def _starts_in_turn(run: Sequence) -> tuple[Start, Start | None]:
    # the fixed ranking first, as method fixed solves it, so that the sequence never ends below that
    first = _start(run, "activity", rank_by_activity(run.sets))
    return first, None if first.best is None else _start(run, "unranked", unranked(run.sets))


def _starts_at_once(run: Sequence) -> tuple[Start, Start | None]:
    """Follow both starts in sessions of their own, at the same time where more than one thread is welcome.

    The optimum of one start is so far from the other's that a large program is solved anew sooner than from it.
    """

    def work(beside: Beside[tuple[Sequence, Start]]) -> tuple[Sequence, Start]:
        clock = replace(run.clock, progress=beside.heed, before_each=beside.check)
        other = Sequence(run.compiled, run.options, clock)
        return other, _start(other, "unranked", unranked(other.sets))

    with Beside(work, at_once=run.options.threads != 1) as beside:
        first = _start(run, "activity", rank_by_activity(run.sets))
        if first.best is None:
            return first, None
        other, second = beside.result(run.clock.progress)
    run.steps += other.steps
    run.algorithms += other.algorithms
    run.complete &= other.complete
    return first, second


def _start(run: Sequence, start: str, ranking: Ranking) -> Start:
    """Solve the program under a ranking, and climb from its optimum of least spend."""
    solved = run.ranked(start, ranking)
    if solved.result.termination is not Termination.OPTIMAL:
        return Start(solved, None)
    best = run.best_of_face(solved)
    if run.is_large:  # the first plan's own ranking is far from the one it was found under
        run.session = run.opened()
    return Start(solved, run.climb(start, best))


def _other_leaders(run: Sequence, best: Candidate) -> Candidate:
    """Try every spender of every shared niche as its leader over the whole horizon; keep what is better."""
    sites = run.sets.sites
    niche = sites.stage * len(run.sets.fields) + sites.field
    for _ in range(LEADER_ROUNDS):
        before = best.objective
        for group in np.unique(niche[run.sets.fundable]):
            spent = best.program.expressions["spent_at_site"].evaluate(best.x).sum(axis=1)
            noise = run.options.zero_tolerance
            rivals = np.flatnonzero((niche == group) & (spent > noise))
            for leader in rivals if len(rivals) > 1 else ():
                best = _with_leader(run, best, int(leader))
                if not run.complete:
                    return best
        if best.objective - before <= RISE * (1 + abs(before)):
            break
    return best


def _with_leader(run: Sequence, best: Candidate, leader: int) -> Candidate:
    ranking = with_leader(run.sets, run.amounts(best.x), leader)
    if ranking in run.met:
        return best
    run.begin_from(best.result)
    solved = run.ranked("leader", ranking)
    if solved.result.termination is not Termination.OPTIMAL:
        run.complete = False
        return best
    found = run.climb("leader", run.candidate(solved), anew=False)
    return found if found.objective > best.objective + SAME * (1 + abs(best.objective)) else best
