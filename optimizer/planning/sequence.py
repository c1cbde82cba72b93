"""The overlap sequence: linear programs one after the other, each ranked by the plan before (FORMULATION section 4)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.blocks.overlap import (
    PART,
    Ranking,
    penalty_coefficients,
    rank_by_activity,
    rank_by_plan,
    true_penalty,
)
from optimizer.blocks.sets import Sets
from optimizer.compiler import Compiled
from optimizer.data.case import CaseTables
from optimizer.lp.program import LinearProgram, Vector
from optimizer.lp.ways import LARGE, taken_together
from optimizer.options import SolveOptions
from optimizer.planning.outcome import Step
from optimizer.solvers.base import Session, adapter_of, find_engine, time_left
from optimizer.solvers.lexicographic import least_of
from optimizer.solvers.result import Basis, ProgressHook, SolveResult, Termination

RISE = 1e-6
"""A sequence ends when the true objective rises by less than this, relative (FORMULATION section 4)."""
SAME = 1e-9
"""Relative difference below which two objectives are the same."""
TIE = 1e-6
"""Weight of the choice among plans of the same objective and spend, against a unit of spend."""
CLEAR = 1e3
"""Factor that lifts that choice above the engines' tolerances."""
LEAN = 1e-4
"""Price of a unit of spend that tells plans of one objective apart and hardly moves the best."""
NUDGE = 1.001
"""Factor of the budgets when a move of them is rehearsed; upwards, where no floor gets out of reach."""
MOST_STEPS = 100
SMALL = 10_000
"""Columns up to which tries with other leaders and an envelope bound pay: a re-solve takes milliseconds there."""


@dataclass(frozen=True)
class Clock:
    """Time since planning began, what is left of the limit, and who is told where long solves stand.

    ``before_each`` is called before each linear program, for those who may want to end the planning between two that
    are too short to be told of: what it raises ends it.
    """

    limit: float | None
    began: float = field(default_factory=time.perf_counter)
    progress: ProgressHook | None = None
    before_each: Callable[[], None] | None = None

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.perf_counter() - self.began

    def left(self) -> float | None:
        """Return the seconds left, ``None`` for no limit."""
        return time_left(self.limit, self.seconds)


@dataclass(frozen=True, eq=False)
class Candidate:
    """A plan that may be the best.

    Attributes
    ----------
    objective
        Its true objective [money].
    ranking, program
        The ranking, and the program under it that the plan is optimal in.
    result
        The end of that program's solve.
    x
        The plan: an optimum of the program, not necessarily the one of ``result``.
    """

    objective: float
    ranking: Ranking
    program: LinearProgram
    result: SolveResult
    x: Vector


@dataclass(frozen=True, eq=False)
class Solved:
    """The end of one linear program: solved, or why not."""

    ranking: Ranking
    program: LinearProgram
    result: SolveResult


class Met:
    """Programs solved at one set of prices, known by their rankings: from one met again the same plans follow.

    (Plans worth the same, where its optimum is not unique.)

    Parameters
    ----------
    sets
        Sets and figures, with the prices.
    """

    def __init__(self, sets: Sets) -> None:
        self._sets = sets
        self._tokens: set[bytes] = set()
        self._last: bytes | None = None

    def add(self, ranking: Ranking) -> None:
        """Remember the program under a ranking as the last one solved."""
        self._last = self._token(ranking)
        self._tokens.add(self._last)

    def is_last(self, ranking: Ranking) -> bool:
        """Return whether the program under a ranking is the last one solved."""
        return self._token(ranking) == self._last

    def __contains__(self, ranking: Ranking) -> bool:
        return self._token(ranking) in self._tokens

    def _token(self, ranking: Ranking) -> bytes:
        # programs differ by their penalty only, so that two rankings that charge the same are one
        return hashlib.sha256(penalty_coefficients(self._sets, ranking).tobytes()).digest()


class Sequence:
    """Linear programs of one case that differ in ranking and overlap prices only, solved in one session.

    Parameters
    ----------
    compiled
        The case and its program, without whole columns.
    options
        How to solve.
    clock
        What time is left.
    session
        A session that holds the program already.
    """

    def __init__(self, compiled: Compiled, options: SolveOptions, clock: Clock, session: Session | None = None) -> None:
        self.compiled = compiled
        self.options = options
        self.clock = clock
        self.steps: list[Step] = []
        self.algorithms: list[str] = []
        self.complete = True
        self.session = session or self.opened()
        self.public = compiled.program.columns.positions("public")
        self.met = Met(self.sets)
        self._penalised: tuple[Vector, tuple[float, float, float]] | None = None  # the last plan, and its penalty

    def opened(self) -> Session:
        """Return a new session that holds the program of the case."""
        return find_engine(self.options.engine)(self.compiled.program, self.options)

    @property
    def sets(self) -> Sets:
        """Sets and figures of the case."""
        return self.compiled.sets

    def reprice(self, case: CaseTables) -> None:
        """Go on with the same case at other prices of overlap; nothing but these may differ."""
        # the prices enter the penalty's coefficients only, so every array of sets and program is shared
        sets = replace(self.sets, case=case)
        coefficients = penalty_coefficients(sets, rank_by_activity(sets)).ravel()
        program = self.compiled.program.with_part(PART, self.public, coefficients)
        self.compiled = Compiled(sets, program)
        self._penalised = None
        self.met = Met(self.sets)

    def first(self) -> Solved:
        """Solve the program as compiled, that of method ``fixed``."""
        program = self.compiled.program
        return Solved(rank_by_activity(self.sets), program, self._solve_lean(program))

    def ranked(self, start: str, ranking: Ranking) -> Solved:
        """Solve the program under a ranking, from the last basis, and record the step."""
        program = self._program(ranking)
        self.met.add(ranking)
        self.load(program)
        result = self.solve()
        if result.termination is Termination.OPTIMAL:
            self.record(start, self.true_objective(program, result.x), result, result.x)
        return Solved(ranking, program, result)

    def record(self, start: str, objective: float, result: SolveResult, x: Vector) -> None:
        """Record a step: a program solved on the way."""
        between_clusters, between_funders, _ = self._penalty(x)
        overlap = between_clusters + between_funders
        self.steps.append(Step(start, objective, result.objective, overlap, result.seconds))

    def follow(self, start: str, plan: Candidate) -> Candidate | None:
        """Climb from a plan at hand, found at other prices, say; ``None`` where a limit came first.

        The end is never below that plan at the prices of now: under its own ranking the linear penalty is its true
        one, and the optimum of that program, truly valued, is no less than what the program says it is.
        """
        self.session.set_basis(plan.result.basis)
        solved = self.ranked(start, rank_by_plan(self.sets, self.amounts(plan.x)))
        if solved.result.termination is not Termination.OPTIMAL:
            self.complete = False
            return None
        return self.settle(self.climb(start, self.candidate(solved)))

    def climb(self, start: str, best: Candidate, *, anew: bool = True) -> Candidate:
        """Re-rank by the plan just found and solve again until the true objective stands still.

        A program just solved is not solved again for a plan that is ranked as it ranks. Where others were solved
        before, the climb goes on from them too if ``anew``, so that in the end the plan's own ranking prices it;
        whoever only looks for a better plan need not follow them twice.
        """
        x = best.x
        for _ in range(MOST_STEPS):
            ranking = rank_by_plan(self.sets, self.amounts(x))
            if self.met.is_last(ranking) or (not anew and ranking in self.met):
                break
            solved = self.ranked(start, ranking)
            if solved.result.termination is not Termination.OPTIMAL:
                self.complete = False
                break
            found = self.candidate(solved)
            x, scale = found.x, 1 + abs(best.objective)
            rise = found.objective - best.objective
            if rise > -SAME * scale:  # of two equal plans the one whose prices count the overlap
                best = found
            if rise <= RISE * scale:
                break
        return best

    def settle(self, best: Candidate) -> Candidate:
        """Return the best candidate as it is reported: of its program's optima the one of least spend."""
        self.load(best.program)
        self.begin_from(best.result)
        return self.best_of_face(Solved(best.ranking, best.program, best.result), best.x)

    def best_of_face(self, solved: Solved, also: Vector | None = None) -> Candidate:
        """Return the optimum of least spend, unless another optimum at hand has a higher true objective.

        All optima of a linear program are worth the same to it, but their true overlap differs.
        """
        chosen = self.candidate(solved, self.least_spend(solved))
        for x in (solved.result.x, also):
            if x is not None:
                other = self.candidate(solved, x)
                if other.objective > chosen.objective + SAME * (1 + abs(chosen.objective)):
                    chosen = other
        return chosen

    def candidate(self, solved: Solved, x: Vector | None = None) -> Candidate:
        """Return an optimum of a solved program, valued by its true objective."""
        x = solved.result.x if x is None else x
        objective = self.true_objective(solved.program, x)
        return Candidate(objective, solved.ranking, solved.program, solved.result, x)

    def true_objective(self, program: LinearProgram, x: Vector) -> float:
        """Return the objective of a plan with its true overlap penalty [money]."""
        linear = float(program.cost @ x) - float(program.parts[PART].evaluate(x)[0])
        return linear - self._penalty(x)[2]

    def _penalty(self, x: Vector) -> tuple[float, float, float]:
        """Return the true penalty of a plan; the last one is remembered, for a step asks three times for its own."""
        if self._penalised is None or self._penalised[0] is not x:
            self._penalised = x, true_penalty(self.sets, self.amounts(x))
        return self._penalised[1]

    def amounts(self, x: Vector) -> Vector:
        """Return the public money of a plan, shape (site pairs, years)."""
        amounts: Vector = np.maximum(x[self.public], 0).reshape(-1, self.sets.n_years)
        return amounts

    def begin_from(self, result: SolveResult) -> None:
        """Let the next solve start from the basis of an earlier one; engines without a basis start anew."""
        if result.has_basis:
            self.session.set_basis(result.basis)

    def load(self, program: LinearProgram) -> None:
        """Let the session hold the objective of a program."""
        self.session.set_cost(program.cost, maximize=program.maximize)

    def solve(self) -> SolveResult:
        """Solve what the session holds within the time that is left."""
        if self.clock.before_each is not None:
            self.clock.before_each()
        result = self.session.solve(self.clock.left(), self.clock.progress)
        self.algorithms.append(result.algorithm)
        return result

    def _solve_lean(self, program: LinearProgram) -> SolveResult:
        """Solve a program the session holds, by way of one in which spend costs a little.

        As a rule the optimum of that one is an optimum of the program too, and of its optima one of least spend: the
        search for that, and every solve that goes on from here, is then short. Prices and the proof are the program's.
        """
        if not self._leans:
            return self.solve()
        lean = self._solve_leaning(program)
        if lean.termination.is_limit or lean.termination is Termination.INFEASIBLE:
            return lean
        return self.solve().after(lean)

    @property
    def _leans(self) -> bool:
        """Whether programs are solved by way of leaner ones; for small ones a second solve costs more than it saves."""
        return self.is_large and adapter_of(self.options.engine).basis

    @property
    def is_large(self) -> bool:
        """Whether the program is solved by way of leaner ones, and each solve takes seconds."""
        return self.compiled.program.n_columns >= LARGE

    def _solve_leaning(self, program: LinearProgram) -> SolveResult:
        """Solve a program with a price on spend; the session holds the program itself again then."""
        self.session.set_cost(program.cost - LEAN * self._spend(program), maximize=program.maximize)
        lean = self.solve()
        self.load(program)
        return lean

    def rehearsed(self, found: SolveResult) -> SolveResult:
        """Move the budgets a little and back, after which the session has the weights that a first move has to find.

        Returns the optimum again; the one given, where a limit came first.
        """
        program = self.compiled.program
        upper = program.row_upper.copy()
        upper[program.rows.positions("budget")] *= NUDGE
        for limits in (upper, program.row_upper):
            self.session.set_row_bounds(program.row_lower, limits)
            again = self.solve()
        return again if again.has_basis else found

    def lean_basis(self, found: SolveResult) -> Basis:
        """Return a basis of an optimum just found that spends little, from which searches for the least are short."""
        if self._leans:
            return found.basis
        lean = self._solve_leaning(self.compiled.program)
        return lean.basis if lean.has_basis else found.basis

    def least_spend(self, solved: Solved) -> Vector:
        """Return the optimum of a program just solved that spends the least public money.

        Of several that spend the same, fixed random weights take one, so that the same program has the same plan
        wherever its solve began. They can raise the spend by no more than ``TIE`` relative. In a large program they do
        not tell apart the ways of what can be taken together: its split among those follows the corner rule.
        """
        program = solved.program
        spend = self._spend(program)
        random = np.random.default_rng(0)
        together = taken_together(program) if self.is_large else None
        ties = 1 + random.random(program.n_columns) if together is None else together.weights(random, len(spend))
        options = replace(self.options, time_limit=self.clock.left())
        second = CLEAR * (spend + TIE * ties)
        x = least_of(self.session, program, solved.result, second, options, self.clock.progress)
        return x if together is None else together.split(x)

    def _spend(self, program: LinearProgram) -> Vector:
        """Return the public money each unit of a column spends."""
        spend = np.zeros(program.n_columns)
        spend[self.public] = 1.0
        spend[program.columns.positions("link_public")] = 1.0
        return spend

    def _program(self, ranking: Ranking) -> LinearProgram:
        coefficients = penalty_coefficients(self.sets, ranking)
        return self.compiled.program.with_part(PART, self.public, coefficients.ravel())
