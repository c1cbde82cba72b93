"""HiGHS through ``highspy``: arrays passed whole, silent, interruptible, with progress and time limit.

The low-level class is used because the wrapper prints, and shares locks between instances. ``run`` gives up Python's
lock, so it works in a thread of its own while the caller's thread waits for it, and can hear Ctrl-C; only small
programs are solved in the caller's thread.
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
from optimizer.options import Algorithm, SolveOptions
from optimizer.solvers.highs_watch import INTERRUPTS, StoppedError, Watch
from optimizer.solvers.rays import dual_ray, primal_ray
from optimizer.solvers.result import Basis, ProgressHook, SolveResult, Termination, crossed_result
from optimizer.solvers.waiting import run_interruptible

SMALL = 1_500
"""Columns up to which the simplex method is the faster one. Measured on drawn cases, interior point against simplex:
1.4 to 1.9 times its time with 450 columns, 1.0 to 1.4 with 950, 0.7 to 1.4 with 1,500, 0.4 to 0.7 with 2,200, 0.5 with
7,200, 0.3 with 12,600."""
ENDLESS = 2**31 - 1
"""HiGHS's own limit of steps: none."""
CHOSEN, DEVEX = -1, 1
"""HiGHS's numbers for the weights of the dual simplex method: exact ones as long as they pay, or Devex's estimates."""
QUICK, SPARSE = 2_000, 20_000
"""Columns, and entries of the matrix, up to which the simplex method is over within about a tenth of a second: too soon
for Ctrl-C to matter."""
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


def chosen_algorithm(program: LinearProgram, options: SolveOptions) -> Algorithm:
    """Return the algorithm for a solve from nothing."""
    if options.algorithm is not Algorithm.AUTO:
        return options.algorithm
    return Algorithm.SIMPLEX if program.n_columns <= SMALL else Algorithm.INTERIOR_POINT


class HighsSession:
    """A program held by HiGHS; see :class:`optimizer.solvers.base.Session`.

    Parameters
    ----------
    program
        The program as it is at first.
    options
        How to solve.
    """

    def __init__(self, program: LinearProgram, options: SolveOptions) -> None:
        self._program = program
        self._options = options
        self._weights = CHOSEN
        self._open()

    def _open(self) -> None:
        """Hand the program to a new engine."""
        options = self._options
        self._highs: Any = _core._Highs()  # the package's stubs lack some calls
        self._warm = False
        self._set("output_flag", False)
        self._set("log_to_console", False)
        self._set("primal_feasibility_tolerance", options.feasibility_tolerance)
        self._set("dual_feasibility_tolerance", options.feasibility_tolerance)
        self._set("mip_rel_gap", options.gap)
        self._set("simplex_dual_edge_weight_strategy", self._weights)
        self._set("pdlp_optimality_tolerance", options.first_order_tolerance)
        self._set("pdlp_iteration_limit", MOST_FIRST_ORDER)
        self._check(self._highs.passModel(_as_highs(self._program)), "taking over the program")

    def set_cost(self, cost: Vector, *, maximize: bool) -> None:
        """Replace the objective."""
        if cost is self._program.cost and maximize == self._program.maximize:
            return
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

    def take(self, program: LinearProgram) -> None:
        """Take over the numbers of a program with entries in the same places."""
        self.set_values(program.values)
        self.set_bounds(program.lower, program.upper)
        self.set_row_bounds(program.row_lower, program.row_upper)
        self.set_cost(program.cost, maximize=program.maximize)

    def use_weights(self, *, exact: bool) -> None:
        """Choose the weights of the dual simplex method.

        Parameters
        ----------
        exact
            Whether a solve from a basis first finds the exact ones, as it does unless told otherwise. With estimates it
            starts at once, but goes on less well.
        """
        self._weights = CHOSEN if exact else DEVEX
        self._set("simplex_dual_edge_weight_strategy", self._weights)

    def set_start(self, x: Vector) -> None:
        """Let a program with whole columns start from a feasible solution."""
        start = highspy.HighsSolution()
        start.col_value = list(x)
        self._check(self._highs.setSolution(start), "taking over a solution")

    def set_basis(self, basis: Basis) -> None:
        """Let the next solve start from a basis of an earlier one."""
        held = basis.columns if isinstance(basis, _HeldBasis) else _as_highs_basis(basis.listed())
        self._check(self._highs.setBasis(held), "taking over a basis")
        self._warm = True

    def aside(self, basis: Basis) -> HighsSession:
        """Return this session, for a question beside the way."""
        del basis
        return self

    def solve(
        self, time_limit: float | None = None, progress: ProgressHook | None = None, *, most_steps: int = ENDLESS
    ) -> SolveResult:
        """Solve what is held now: from the last basis by the simplex method, else as the options say.

        Parameters
        ----------
        time_limit, progress
            As for every session.
        most_steps
            Steps after which the simplex method ends by a limit.

        Raises
        ------
        SolveError
            If the engine fails.
        KeyboardInterrupt
            On Ctrl-C, after the engine has stopped.
        """
        algorithm = Algorithm.SIMPLEX if self._warm else chosen_algorithm(self._program, self._options)
        if self._program.is_crossed:
            return crossed_result(algorithm.value, whole=bool(self._program.integer.any()))
        return self._solve(algorithm, time_limit, progress, most_steps)

    def stand_in(self, entering: int, candidates: Codes) -> int:
        """Return which of the basic columns among candidates an entering column can best take the place of.

        Parameters
        ----------
        entering, candidates
            Positions of columns; the session has just solved, so that its basis is factored.
        """
        begin, end = self._program.starts[entering : entering + 2]
        column = np.zeros(self._program.n_rows)
        column[self._program.indices[begin:end]] = self._program.values[begin:end]
        _, basic = self._highs.getBasicVariables()
        _, pivots, *_ = self._highs.getBasisSolve(column)
        place = np.flatnonzero(np.isin(basic, candidates))
        return int(basic[place[np.argmax(np.abs(np.asarray(pivots)[place]))]])

    def _solve(
        self,
        algorithm: Algorithm,
        time_limit: float | None,
        progress: ProgressHook | None,
        most_steps: int,
    ) -> SolveResult:
        if not self._warm and not self._program.integer.any():
            # what a simplex run without an optimum left behind would go on to spoil the basis after an interior point
            # run; a program with whole columns may have been given a start, which would be lost
            self._highs.clearSolver()
        self._set("solver", SOLVERS[algorithm])
        # the first-order method calls back for its log only, which must be on for that; it goes nowhere else
        first_order = algorithm is Algorithm.FIRST_ORDER
        self._set("output_flag", first_order)
        # a point near the optimum is judged by the tolerance it was sought with
        self._set("kkt_tolerance", self._options.first_order_tolerance if first_order else DEFAULT_KKT)
        # from a basis that is still feasible, as after a change of the objective, the primal simplex goes on, else the
        # dual one; that is what 0 means
        self._set("simplex_strategy", 0 if self._warm else 1)
        self._set("simplex_iteration_limit", most_steps)
        self._set("time_limit", np.inf if time_limit is None else self._highs.getRunTime() + time_limit)
        quick = self._is_quick(algorithm)
        # a thread's first run sets up as many threads as it asks for, and later ones fail that ask for another number;
        # who asks for none takes what there is
        self._set("threads", 0 if quick else self._options.threads)
        began = time.perf_counter()
        if quick:
            # a thread and a callback at every iteration would take longer than the solve
            for kind in INTERRUPTS:
                self._highs.stopCallback(kind)
            return self._result(algorithm, self._highs.run(), began)
        watch = Watch(began)
        self._highs.setCallback(watch, None)
        for kind in INTERRUPTS:
            self._highs.startCallback(kind)

        def work() -> SolveResult:
            try:
                run = self._highs.run()
            except StoppedError:
                self._open()  # what an interrupted first-order method leaves behind is not to be relied on
                raise
            return self._result(algorithm, run, began)

        return run_interruptible(work, watch.ask_to_stop, watch.progress, progress)

    def _is_broken_without_columns(self) -> bool:
        """Whether a program without columns has a row that 0 does not fulfil; the engine does not look."""
        program = self._program
        return bool((program.row_lower > 0).any() or (program.row_upper < 0).any())

    def _is_quick(self, algorithm: Algorithm) -> bool:
        program, simplex = self._program, algorithm is Algorithm.SIMPLEX
        return simplex and program.n_columns <= QUICK and program.n_nonzeros <= SPARSE and not program.integer.any()

    def _result(self, algorithm: Algorithm, run: Any, began: float) -> SolveResult:
        """Return how a run ended; one that failed has left the status of the run before it."""
        seconds, highs = time.perf_counter() - began, self._highs
        status = highs.getModelStatus()
        failed = run == highspy.HighsStatus.kError
        termination = Termination.ERROR if failed else TERMINATIONS.get(status, Termination.ERROR)
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
        self._warm = basis.valid and not whole and (optimal or status == _STATUS.kIterationLimit)
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
            _basis=_HeldBasis(basis, None) if optimal and self._warm else None,
            _dual_ray=proof,
            _primal_ray=direction,
        )
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
        status = highspy.HighsBasisStatus
        return Basis(self.columns.col_status, self.columns.row_status, status.kBasic, status.kNonbasic)

    def members(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
        """Return which columns and which rows are in the basis."""
        return self.listed().members()

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process as lists, for HiGHS's own object cannot."""
        plain = self.listed()
        return Basis, (plain.columns, plain.rows, plain.basic, plain.idle)


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
