"""Planning a case by the overlap method it asks for (FORMULATION sections 3.9 and 4)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.blocks.overlap import (
    PART,
    Ranking,
    penalty_coefficients,
    rank_by_activity,
    rank_by_plan,
    true_penalty,
    unranked,
)
from optimizer.compiler import Compiled, compile_sets
from optimizer.data.case import CaseTables
from optimizer.errors import ModelError
from optimizer.language import say
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import OverlapMethod, SolveOptions
from optimizer.planning.outcome import Outcome, Step
from optimizer.solvers.base import Session, find_engine
from optimizer.solvers.lexicographic import least_of
from optimizer.solvers.result import ProgressHook, SolveResult, Termination

RISE = 1e-6
"""A sequence ends when the true objective rises by less than this, relative (FORMULATION section 4)."""
SAME = 1e-9
"""Relative difference below which two objectives are the same."""
MOST_STEPS = 100
SHORTEST = 1e-3
"""Seconds given to a solve when the time is up, so that it ends by its limit."""


def plan_case(
    case: CaseTables,
    options: SolveOptions | None = None,
    method: OverlapMethod | None = None,
    progress: ProgressHook | None = None,
) -> Outcome:
    """Plan a case.

    Parameters
    ----------
    case
        The case.
    options
        How to solve; the defaults where it is ``None``.
    method
        Overlap method in place of the case's own.
    progress
        Told where long solves stand.

    Raises
    ------
    ModelError
        If the case asks for whole decisions (``minimum``, ``max_niches``, method ``exact``).
    SolveError
        If the engine fails. Infeasible, unbounded and limits are outcomes, not errors.
    """
    options = options or SolveOptions()
    method = method or case.settings.overlap.method
    _refuse_whole_decisions(case, method)
    began = time.perf_counter()
    compiled = compile_sets(case)
    run = _Run(compiled, options, progress, began)
    if method is OverlapMethod.FIXED or not _is_penalised(case):
        return run.fixed(method)
    return run.sequential()


def _is_penalised(case: CaseTables) -> bool:
    prices = case.settings.overlap
    return prices.between_clusters > 0 or prices.between_funders > 0


def _refuse_whole_decisions(case: CaseTables, method: OverlapMethod) -> None:
    wanted = []
    if method is OverlapMethod.EXACT and _is_penalised(case):
        wanted.append("overlap.method = exact")
    if case.has("sites") and (case.table("sites")["minimum"] > 0).any():
        wanted.append("sites.minimum")
    if np.isfinite(case.table("clusters")["max_niches"].astype(float)).any():
        wanted.append("clusters.max_niches")
    if wanted:
        raise ModelError(
            say(
                "{wanted}: whole decisions need a mixed-integer program, which this version does not build. "
                "Leave the column blank, or choose overlap.method fixed or sequential.",
                wanted=", ".join(wanted),
            )
        )


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A plan that may be the best: its true objective, the program whose optimum it is, and the solution."""

    objective: float
    program: LinearProgram
    result: SolveResult
    x: Vector


@dataclass
class _Run:
    """One planning run: the session, the clock and the steps so far."""

    compiled: Compiled
    options: SolveOptions
    progress: ProgressHook | None
    began: float
    steps: list[Step] = field(default_factory=list)
    algorithms: list[str] = field(default_factory=list)
    complete: bool = True

    def __post_init__(self) -> None:
        self.session: Session = find_engine(self.options.engine)(self.compiled.program, self.options)
        self.public = self.compiled.program.columns.positions("public")

    def fixed(self, method: OverlapMethod) -> Outcome:
        """Solve the one linear program of method ``fixed``."""
        program = self.compiled.program
        result = self._solve(program, None)
        x = self._least_spend(program, result) if result.termination is Termination.OPTIMAL else None
        bound = result.objective if x is not None and not _is_penalised(self.compiled.sets.case) else None
        return self._outcome(program, result, x, method, bound)

    def sequential(self) -> Outcome:
        """Re-rank by the plan just found until the true objective rises no more, from both starts; keep the best."""
        bound: float | None = None
        best: _Candidate | None = None
        # the fixed ranking first, as method fixed solves it, so that the sequence never ends below that
        for start, ranking in (
            ("activity", rank_by_activity(self.compiled.sets)),
            ("unranked", unranked(self.compiled.sets)),
        ):
            program, result = self._solve_ranked(start, ranking)
            if result.termination is not Termination.OPTIMAL:
                if best is not None and result.termination.is_limit:
                    self.complete = False
                    break
                return self._outcome(program, result, None, OverlapMethod.SEQUENTIAL, None)
            if start == "unranked":
                bound = result.objective
            found = self._climb(start, self._best_of_face(program, result))
            if best is None or found.objective > best.objective:
                best = found
        if best is None:
            msg = "a sequence without a limit ends with a plan"
            raise AssertionError(msg)
        self._load(best.program)
        self.session.set_basis(best.result.basis)
        best = self._best_of_face(best.program, best.result, best.x)
        return self._outcome(best.program, best.result, best.x, OverlapMethod.SEQUENTIAL, bound)

    def _best_of_face(self, program: LinearProgram, result: SolveResult, also: Vector | None = None) -> _Candidate:
        """Return the optimum of least spend, unless another optimum at hand has a higher true objective.

        All optima of a linear program are worth the same to it, but their true overlap differs.
        """
        chosen = self._candidate(program, result, self._least_spend(program, result))
        for x in (result.x, also):
            if x is not None:
                other = self._candidate(program, result, x)
                if other.objective > chosen.objective + SAME * (1 + abs(chosen.objective)):
                    chosen = other
        return chosen

    def _climb(self, start: str, best: _Candidate) -> _Candidate:
        """Follow one sequence from its first solution to where it stands still."""
        x = best.x
        for _ in range(MOST_STEPS):
            amounts = x[self.public].reshape(-1, self.compiled.sets.n_years)
            program, result = self._solve_ranked(start, rank_by_plan(self.compiled.sets, amounts))
            if result.termination is not Termination.OPTIMAL:
                self.complete = False
                break
            found = self._candidate(program, result, result.x)
            x, scale = found.x, 1 + abs(best.objective)
            rise = found.objective - best.objective
            if rise > -SAME * scale:  # of two equal plans the one whose prices count the overlap
                best = found
            if rise <= RISE * scale:
                break
        return best

    def _candidate(self, program: LinearProgram, result: SolveResult, x: Vector) -> _Candidate:
        return _Candidate(self._true_objective(program, x), program, result, x)

    def _solve_ranked(self, start: str, ranking: Ranking) -> tuple[LinearProgram, SolveResult]:
        coefficients = penalty_coefficients(self.compiled.sets, ranking)
        program = self.compiled.program.with_part(PART, self.public, coefficients.ravel())
        self._load(program)
        return program, self._solve(program, start)

    def _load(self, program: LinearProgram) -> None:
        self.session.set_cost(program.cost, maximize=program.maximize)

    def _solve(self, program: LinearProgram, start: str | None) -> SolveResult:
        result = self.session.solve(self._time_left(), self.progress)
        self.algorithms.append(result.algorithm)
        if start is not None and result.termination is Termination.OPTIMAL:
            amounts = result.x[self.public].reshape(-1, self.compiled.sets.n_years)
            between_clusters, between_funders, _ = true_penalty(self.compiled.sets, np.maximum(amounts, 0))
            true = self._true_objective(program, result.x)
            overlap = between_clusters + between_funders
            self.steps.append(Step(start, true, result.objective, overlap, result.seconds))
        return result

    def _true_objective(self, program: LinearProgram, x: Vector) -> float:
        amounts = np.maximum(x[self.public], 0).reshape(-1, self.compiled.sets.n_years)
        return float(program.cost @ x) - program.part_values(x)[PART] - true_penalty(self.compiled.sets, amounts)[2]

    def _least_spend(self, program: LinearProgram, result: SolveResult) -> Vector:
        spend = np.zeros(program.n_columns)
        spend[self.public] = 1.0
        spend[program.columns.positions("link_public")] = 1.0
        options = replace(self.options, time_limit=self._time_left())
        return least_of(self.session, program, result, spend, options, self.progress)

    def _time_left(self) -> float | None:
        if self.options.time_limit is None:
            return None
        return max(self.options.time_limit - (time.perf_counter() - self.began), SHORTEST)

    def _outcome(
        self, program: LinearProgram, result: SolveResult, x: Vector | None, method: OverlapMethod, bound: float | None
    ) -> Outcome:
        return Outcome(
            compiled=replace(self.compiled, program=program),
            result=result,
            x=x,
            method=method,
            options=self.options,
            bound=bound,
            steps=tuple(self.steps),
            complete=self.complete,
            algorithms=tuple(dict.fromkeys(self.algorithms)),
            seconds=time.perf_counter() - self.began,
        )
