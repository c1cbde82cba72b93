"""HiGHS through ``highspy``: arrays passed whole, silent, interruptible, with progress and time limit.

The low-level class is used because the wrapper prints, and shares locks between instances. ``run`` gives up Python's
lock, so it works in a thread of its own while the caller's thread waits for it, and can hear Ctrl-C.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np
from highspy import _core
from numpy.typing import NDArray

from optimizer.errors import SolveError
from optimizer.language import say
from optimizer.lp.labels import Codes
from optimizer.lp.program import LinearProgram, Vector
from optimizer.lp.ways import Together, taken_together
from optimizer.options import Algorithm, SolveOptions
from optimizer.solvers.rays import dual_ray, primal_ray
from optimizer.solvers.result import Basis, Progress, ProgressHook, SolveResult, Termination, crossed_result
from optimizer.solvers.waiting import run_interruptible

SMALL = 10_000
"""Columns up to which the simplex method is the faster one, measured on cases of this kind."""
PRIMAL = 4
"""HiGHS's number of its primal simplex method."""
SHORTEST = 1e-3
"""Seconds left to a solve when the time is up, so that it ends by its limit."""
LARGE = 50_000
"""Columns from which on a change may be too far for the last basis: the simplex method then takes longer than anew."""
FAR = 0.028
"""Share of columns that can be improved at the last prices, above which a change of a large program is far. Measured on
74,000 columns, seconds of the processor from the last basis and anew: 26.5 and 9.3 at 0.07, 16.4 and 9.3 at 0.03, 8.0
and 9.3 at 0.025, 4.8 at 0.01."""
QUICK = 2_000
"""Columns up to which a solve from a basis is over in a few hundredths of a second, too soon for Ctrl-C to matter."""
_KINDS = highspy.cb.HighsCallbackType
INTERRUPTS = (
    *(_KINDS.kCallbackSimplexInterrupt, _KINDS.kCallbackIpmInterrupt, _KINDS.kCallbackMipInterrupt),
    _KINDS.kCallbackLogging,
)
"""The callbacks in which a running solve can be stopped."""
MOST_FIRST_ORDER = 1_000_000
"""Iterations of the first-order method; it does not always see that a program is infeasible, and would never end."""
DEFAULT_KKT = 1e-7
"""HiGHS's own value, at which the tolerances of the other algorithms hold."""
SOLVERS = {Algorithm.SIMPLEX: "simplex", Algorithm.INTERIOR_POINT: "ipm", Algorithm.FIRST_ORDER: "hipdlp"}
"""HiGHS's names of the algorithms. Of its two first-order methods this one keeps to time limits and can be stopped."""

_STATUS = highspy.HighsModelStatus
TERMINATIONS = {
    _STATUS.kOptimal: Termination.OPTIMAL,
    _STATUS.kInfeasible: Termination.INFEASIBLE,
    _STATUS.kUnbounded: Termination.UNBOUNDED,
    _STATUS.kUnboundedOrInfeasible: Termination.INFEASIBLE_OR_UNBOUNDED,
    _STATUS.kTimeLimit: Termination.TIME_LIMIT,
    _STATUS.kInterrupt: Termination.INTERRUPTED,
    _STATUS.kIterationLimit: Termination.OTHER_LIMIT,
    _STATUS.kMemoryLimit: Termination.OTHER_LIMIT,
    _STATUS.kSolutionLimit: Termination.OTHER_LIMIT,
    _STATUS.kModelEmpty: Termination.OPTIMAL,
}
"""HiGHS's model statuses in our words; one that is not listed is an error."""


def open_session(program: LinearProgram, options: SolveOptions) -> HighsSession:
    """Hand a program to HiGHS and return the session that holds it."""
    return HighsSession(program, options)


class HighsSession:
    """A program held by HiGHS; see :class:`optimizer.solvers.base.Session`."""

    def __init__(self, program: LinearProgram, options: SolveOptions) -> None:
        self._program = program
        self._options = options
        self._open()

    def _open(self) -> None:
        """Hand the program to a new engine."""
        options = self._options
        self._highs: Any = _core._Highs()  # the package's stubs lack some calls
        self._warm = False
        self._last: SolveResult | None = None
        self._set("output_flag", False)
        self._set("log_to_console", False)
        self._set("threads", options.threads)
        self._set("primal_feasibility_tolerance", options.feasibility_tolerance)
        self._set("dual_feasibility_tolerance", options.feasibility_tolerance)
        self._set("mip_rel_gap", options.gap)
        self._set("pdlp_optimality_tolerance", options.first_order_tolerance)
        self._set("pdlp_iteration_limit", MOST_FIRST_ORDER)
        self._check(self._highs.passModel(_as_highs(self._program)), "taking over the program")

    def set_cost(self, cost: Vector, *, maximize: bool) -> None:
        """Replace the objective."""
        columns = np.arange(self._program.n_columns, dtype=np.int32)
        self._check(self._highs.changeColsCost(len(columns), columns, cost), "changing the objective")
        sense = highspy.ObjSense.kMaximize if maximize else highspy.ObjSense.kMinimize
        self._check(self._highs.changeObjectiveSense(sense), "changing the sense")
        self._program = replace(self._program, cost=cost, maximize=maximize)

    def set_bounds(self, lower: Vector, upper: Vector) -> None:
        """Replace the bounds of all columns."""
        if lower is self._program.lower and upper is self._program.upper:
            return
        columns = np.arange(self._program.n_columns, dtype=np.int32)
        self._check(self._highs.changeColsBounds(len(columns), columns, lower, upper), "changing bounds")
        self._program = replace(self._program, lower=lower, upper=upper)

    def set_row_bounds(self, lower: Vector, upper: Vector) -> None:
        """Replace the bounds of all rows."""
        if lower is self._program.row_lower and upper is self._program.row_upper:
            return
        rows = np.arange(self._program.n_rows, dtype=np.int32)
        self._check(self._highs.changeRowsBounds(len(rows), rows, lower, upper), "changing row bounds")
        self._program = replace(self._program, row_lower=lower, row_upper=upper)

    def set_values(self, values: Vector) -> None:
        """Replace the values of all matrix entries; which entries there are stays as it is."""
        program = self._program
        if values is program.values:
            return
        changed = np.flatnonzero(values != program.values)
        columns = np.searchsorted(program.starts, changed, side="right") - 1
        for row, column, value in zip(program.indices[changed], columns, values[changed], strict=True):
            self._check(self._highs.changeCoeff(int(row), int(column), float(value)), "changing the matrix")
        self._program = replace(program, values=values)

    def set_start(self, x: Vector) -> None:
        """Let a program with whole columns start from a feasible solution."""
        start = highspy.HighsSolution()
        start.col_value = list(x)
        self._check(self._highs.setSolution(start), "taking over a solution")

    def set_basis(self, basis: Basis) -> None:
        """Let the next solve start from a basis of an earlier one."""
        held = basis.columns if isinstance(basis, _HeldBasis) else _as_highs_basis(basis)
        self._check(self._highs.setBasis(held), "taking over a basis")
        self._warm, self._last = True, None

    def solve(self, time_limit: float | None = None, progress: ProgressHook | None = None) -> SolveResult:
        """Solve what is held now: from the last basis by the simplex method, else as the options say.

        Raises
        ------
        SolveError
            If the engine fails.
        KeyboardInterrupt
            On Ctrl-C, after the engine has stopped.
        """
        if self._warm and self._is_far():
            self._highs.clearSolver()
            self._warm = False
        algorithm = self._choose()
        if self._program.is_crossed:
            return crossed_result(algorithm.value, whole=bool(self._program.integer.any()))
        if algorithm is Algorithm.INTERIOR_POINT and (together := taken_together(self._program)) is not None:
            return self._solve_through(together, time_limit, progress)
        return self._solve(algorithm, time_limit, progress)

    def _solve_through(
        self, together: Together, time_limit: float | None, progress: ProgressHook | None
    ) -> SolveResult:
        """Solve a smaller program of the same optimum, and go on from its basis: as a rule, that is the optimum.

        Where the smaller one has none, the whole one says why, in its own rows.
        """
        session = HighsSession(together.program, self._options)
        small = session.solve(time_limit, progress)
        if small.termination.is_limit:
            return small
        if small.termination is Termination.OPTIMAL and small.has_basis:
            self.set_basis(_HeldBasis(session._whole_basis(together, small, self._program), None))
        left = None if time_limit is None else max(time_limit - small.seconds, SHORTEST)
        whole = self._solve(Algorithm.INTERIOR_POINT, left, progress)
        return replace(whole, seconds=whole.seconds + small.seconds, iterations=whole.iterations + small.iterations)

    def _solve(self, algorithm: Algorithm, time_limit: float | None, progress: ProgressHook | None) -> SolveResult:
        self._set("solver", SOLVERS[Algorithm.SIMPLEX if self._warm else algorithm])
        # the first-order method calls back for its log only, which must be on for that; it goes nowhere else
        first_order = algorithm is Algorithm.FIRST_ORDER
        self._set("output_flag", first_order)
        # a point near the optimum is judged by the tolerance it was sought with
        self._set("kkt_tolerance", self._options.first_order_tolerance if first_order else DEFAULT_KKT)
        # from a basis that is still feasible, as after a change of the objective, the primal simplex goes on, else the
        # dual one; that is what 0 means
        # with a basis at hand for the interior point method, that of the smaller program, little is left to mend
        mend = self._warm and algorithm is Algorithm.INTERIOR_POINT
        self._set("simplex_strategy", PRIMAL if mend else 0 if self._warm else 1)
        self._set("time_limit", np.inf if time_limit is None else self._highs.getRunTime() + time_limit)
        began = time.perf_counter()
        if self._warm and self._program.n_columns <= QUICK:
            # a thread and a callback at every iteration would take longer than the solve
            for kind in INTERRUPTS:
                self._highs.stopCallback(kind)
            self._highs.run()
            return self._result(algorithm, time.perf_counter() - began)
        watch = _Watch(began)
        self._highs.setCallback(watch, None)
        for kind in INTERRUPTS:
            self._highs.startCallback(kind)

        def work() -> SolveResult:
            try:
                self._highs.run()
            except StoppedError:
                self._open()  # what an interrupted first-order method leaves behind is not to be relied on
                raise
            return self._result(algorithm, time.perf_counter() - began)

        return run_interruptible(work, watch.ask_to_stop, watch.progress, progress)

    def _whole_basis(self, together: Together, small: SolveResult, program: LinearProgram) -> highspy.HighsBasis:
        """Return a basis of a program from one of the smaller program held here, in which ways are taken together."""
        found = small.basis.listed()
        basic = np.array([status == found.basic for status in found.columns])
        for way, cells in together.idle(basic):
            basic[[way, self._leaving(way, cells)]] = True, False
        columns = np.full(program.n_columns, highspy.HighsBasisStatus.kLower, dtype=object)
        columns[together.kept] = found.columns[: len(together.kept)]
        columns[together.basic_pairs(small.x, basic)] = highspy.HighsBasisStatus.kBasic
        return _as_highs_basis(Basis(columns.tolist(), found.rows[: program.n_rows]))

    def _leaving(self, entering: int, candidates: Codes) -> int:
        """Return which of the basic columns among candidates an entering one can best take the place of."""
        begin, end = self._program.starts[entering : entering + 2]
        column = np.zeros(self._program.n_rows)
        column[self._program.indices[begin:end]] = self._program.values[begin:end]
        _, basic = self._highs.getBasicVariables()
        _, pivots, *_ = self._highs.getBasisSolve(column)
        place = np.flatnonzero(np.isin(basic, candidates))
        return int(basic[place[np.argmax(np.abs(np.asarray(pivots)[place]))]])

    def _is_broken_without_columns(self) -> bool:
        """Whether a program without columns has a row that 0 does not fulfil; the engine does not look."""
        program = self._program
        return bool((program.row_lower > 0).any() or (program.row_upper < 0).any())

    def _is_far(self) -> bool:
        """Whether so many columns of a large program can be improved that its last basis is of little use."""
        program, last = self._program, self._last
        if last is None or program.n_columns < LARGE or self._options.algorithm is not Algorithm.AUTO:
            return False
        products = program.values * last.row_dual[program.indices]
        prices = np.bincount(program.entry_columns, weights=products, minlength=program.n_columns)
        gain = (program.cost - prices) * (1 if program.maximize else -1)
        tolerance = self._options.feasibility_tolerance
        wrong = (gain > tolerance) & (last.x < program.upper) | (gain < -tolerance) & (last.x > program.lower)
        return bool(wrong.mean() > FAR)

    def _choose(self) -> Algorithm:
        if self._warm:
            return Algorithm.SIMPLEX
        if self._options.algorithm is not Algorithm.AUTO:
            return self._options.algorithm
        return Algorithm.SIMPLEX if self._program.n_columns <= SMALL else Algorithm.INTERIOR_POINT

    def _result(self, algorithm: Algorithm, seconds: float) -> SolveResult:
        highs = self._highs
        status = highs.getModelStatus()
        termination = TERMINATIONS.get(status, Termination.ERROR)
        if status == _STATUS.kModelEmpty and self._is_broken_without_columns():
            termination = Termination.INFEASIBLE
        info, solution = highs.getInfo(), highs.getSolution()
        optimal = termination is Termination.OPTIMAL
        whole = bool(self._program.integer.any())
        # a branching that was stopped has the best solution found so far, and what is proven about the best possible
        feasible = int(highspy.SolutionStatus.kSolutionStatusFeasible)
        found = optimal or (whole and termination.is_limit and info.primal_solution_status == feasible)
        bound = info.mip_dual_bound if whole else info.objective_function_value if optimal else np.inf
        empty = status == _STATUS.kModelEmpty  # optimal without a run, and nothing has a price
        priced = optimal and (solution.dual_valid or empty) and not whole
        basis = highs.getBasis()
        self._warm = optimal and basis.valid and not whole
        kinds = ("ipm", "crossover", "simplex", "pdlp")
        iterations = sum(max(getattr(info, f"{kind}_iteration_count"), 0) for kind in kinds)
        proof, direction = self._rays(termination)
        result = SolveResult(
            termination=termination,
            detail=highs.modelStatusToString(status),
            algorithm=algorithm.value,
            iterations=iterations,
            seconds=seconds,
            whole=whole,
            _objective=float(info.objective_function_value) if found else None,
            _bound=float(bound) if np.isfinite(bound) and (optimal or termination.is_limit) else None,
            _x=np.array(solution.col_value) if found else None,
            _row_dual=np.zeros(self._program.n_rows)
            if empty and priced
            else np.array(solution.row_dual)
            if priced
            else None,
            _reduced_cost=np.array(solution.col_dual) if priced else None,
            _basis=_HeldBasis(basis, None) if self._warm else None,
            _dual_ray=proof,
            _primal_ray=direction,
        )
        self._last = result if self._warm and priced else None
        return result

    def _rays(self, termination: Termination) -> tuple[Vector | None, Vector | None]:
        """Return the dual and the primal ray, as far as they exist; the engine may solve once more to find one."""
        tolerance, highs = self._options.feasibility_tolerance, self._highs
        if self._program.integer.any():
            return None, None
        if termination is Termination.INFEASIBLE:
            _, exists, ray = highs.getDualRay()
            return dual_ray(self._program, np.array(ray) if exists else None, tolerance), None
        if termination is Termination.UNBOUNDED:
            _, exists, ray = highs.getPrimalRay()
            return None, primal_ray(self._program, np.array(ray) if exists else None, tolerance)
        return None, None

    def _set(self, option: str, value: bool | float | str) -> None:
        self._check(self._highs.setOptionValue(option, value), f"setting {option} to {value}")

    @staticmethod
    def _check(status: Any, what: str) -> None:
        if status == highspy.HighsStatus.kError:
            msg = say(
                "HiGHS failed at {what}; run 'optimizer doctor' to see whether the engine works at all.", what=what
            )
            raise SolveError(msg)


@dataclass(frozen=True)
class _HeldBasis(Basis):
    """A basis as HiGHS holds it, in ``columns``; to list it takes longer than many a solve, so that waits for need."""

    def listed(self) -> Basis:
        """Return the basis as lists of statuses."""
        return Basis(self.columns.col_status, self.columns.row_status, highspy.HighsBasisStatus.kBasic)

    def members(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
        """Return which columns and which rows are in the basis."""
        return self.listed().members()

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process as lists, for HiGHS's own object cannot."""
        plain = self.listed()
        return Basis, (plain.columns, plain.rows, plain.basic)


def _as_highs_basis(basis: Basis) -> highspy.HighsBasis:
    held = highspy.HighsBasis()
    held.col_status, held.row_status = basis.columns, basis.rows
    held.valid = True
    return held


def _as_highs(program: LinearProgram) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = program.n_columns, program.n_rows
    lp.sense_ = highspy.ObjSense.kMaximize if program.maximize else highspy.ObjSense.kMinimize
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = program.cost, program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    matrix = lp.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kColwise
    matrix.start_, matrix.index_, matrix.value_ = program.starts, program.indices, program.values
    if program.integer.any():
        whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        lp.integrality_ = [whole if integer else real for integer in program.integer]
    return lp


class StoppedError(Exception):
    """Raised out of a callback that has no other way to stop the engine; never leaves this module."""


class _Watch:
    """What the engine's callbacks leave for the waiting thread, and the other way round."""

    def __init__(self, began: float) -> None:
        self.began = began
        self.stop = False
        self.iterations = 0
        self.objective = float("nan")
        self.bound: float | None = None

    def __call__(self, kind: int, message: str, out: Any, back: Any, data: Any) -> None:
        del message, data
        if kind == _KINDS.kCallbackLogging:
            if self.stop:
                raise StoppedError
            return
        if kind == _KINDS.kCallbackMipInterrupt:
            self.iterations, self.objective = out.mip_node_count, out.mip_primal_bound
            self.bound = out.mip_dual_bound
        else:
            self.iterations = max(out.simplex_iteration_count, out.ipm_iteration_count, 0)
            self.objective = out.objective_function_value
        if self.stop:
            back.user_interrupt = True

    def ask_to_stop(self) -> None:
        """Let the engine stop at its next callback."""
        self.stop = True

    def progress(self) -> Progress:
        """Return where the solve stands."""
        return Progress(time.perf_counter() - self.began, self.iterations, self.objective, self.bound)
