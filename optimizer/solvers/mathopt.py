"""GLOP and PDLP through OR-Tools' MathOpt: arrays passed whole as protocol buffers, updated in place.

The layer below MathOpt's modelling classes is used, since those are filled element by element. MathOpt keeps the
program and its solver; a change of cost or bounds is sent as an update, and GLOP goes on from the last basis. Presolve
would throw that basis away, so it is on for the first solve only. GLOP's rays do not come through MathOpt.

SCIP is left out: OR-Tools gives no prices of its linear programs, and ortools 9.15 prints errors when it may be
interrupted.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt import callback_pb2, model_parameters_pb2, model_pb2, model_update_pb2, parameters_pb2, result_pb2
from ortools.math_opt.core.python import solver
from ortools.util.python.solve_interrupter import SolveInterrupter
from pybind11_abseil.status import StatusNotOk

from optimizer.errors import SolveError
from optimizer.language import say
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import SolveOptions
from optimizer.solvers.base import adapter_of
from optimizer.solvers.rays import dual_ray, primal_ray
from optimizer.solvers.result import Basis, Progress, ProgressHook, SolveResult, Termination, crossed_result
from optimizer.solvers.waiting import run_interruptible

SOLVERS = {
    "glop": parameters_pb2.SOLVER_TYPE_GLOP,
    "pdlp": parameters_pb2.SOLVER_TYPE_PDLP,
}
"""Our names of MathOpt's solvers."""
TERMINATIONS = {
    result_pb2.TERMINATION_REASON_OPTIMAL: Termination.OPTIMAL,
    result_pb2.TERMINATION_REASON_INFEASIBLE: Termination.INFEASIBLE,
    result_pb2.TERMINATION_REASON_UNBOUNDED: Termination.UNBOUNDED,
    result_pb2.TERMINATION_REASON_INFEASIBLE_OR_UNBOUNDED: Termination.INFEASIBLE_OR_UNBOUNDED,
}
"""MathOpt's reasons in our words, limits apart; one that is not listed is an error."""
LIMITS = {
    result_pb2.LIMIT_TIME: Termination.TIME_LIMIT,
    result_pb2.LIMIT_INTERRUPTED: Termination.INTERRUPTED,
}
"""MathOpt's limits in our words; any other is another limit."""
LIMITED = (result_pb2.TERMINATION_REASON_FEASIBLE, result_pb2.TERMINATION_REASON_NO_SOLUTION_FOUND)


def open_session(program: LinearProgram, options: SolveOptions) -> MathOptSession:
    """Hand a program to the solver of MathOpt that the options name, and return the session that holds it."""
    return MathOptSession(program, options)


class MathOptSession:
    """A program held by a solver of MathOpt; see :class:`optimizer.solvers.base.Session`."""

    def __init__(self, program: LinearProgram, options: SolveOptions) -> None:
        self._program = program
        self._options = options
        self._basis: Basis | None = None
        self._open()

    def set_cost(self, cost: Vector, *, maximize: bool) -> None:
        """Replace the objective."""
        self._program = replace(self._program, cost=cost, maximize=maximize)
        update = model_update_pb2.ModelUpdateProto()
        update.objective_updates.direction_update = maximize
        _fill(update.objective_updates.linear_coefficients, cost)
        self._update(update)

    def set_bounds(self, lower: Vector, upper: Vector) -> None:
        """Replace the bounds of all columns."""
        self._program = replace(self._program, lower=lower, upper=upper)
        update = model_update_pb2.ModelUpdateProto()
        _fill(update.variable_updates.lower_bounds, lower)
        _fill(update.variable_updates.upper_bounds, upper)
        self._update(update)

    def set_row_bounds(self, lower: Vector, upper: Vector) -> None:
        """Replace the bounds of all rows."""
        self._program = replace(self._program, row_lower=lower, row_upper=upper)
        update = model_update_pb2.ModelUpdateProto()
        _fill(update.linear_constraint_updates.lower_bounds, lower)
        _fill(update.linear_constraint_updates.upper_bounds, upper)
        self._update(update)

    def set_values(self, values: Vector) -> None:
        """Replace the values of all matrix entries; which entries there are stays as it is."""
        self._program = replace(self._program, values=values)
        self._open()  # handing over anew is as fast as telling it entry by entry

    def set_start(self, x: Vector) -> None:
        """Do nothing: these engines solve no programs with whole columns, which alone start from a solution."""

    def set_basis(self, basis: Basis) -> None:
        """Let the next solve start from a basis of an earlier one."""
        self._basis = basis

    def aside(self, basis: Basis) -> MathOptSession:
        """Return this session: another one would have to take the program over again."""
        return self

    def solve(self, time_limit: float | None = None, progress: ProgressHook | None = None) -> SolveResult:
        """Solve what is held now, GLOP from the last basis.

        Raises
        ------
        SolveError
            If the engine fails.
        KeyboardInterrupt
            On Ctrl-C, after the engine has stopped.
        """
        if self._program.is_crossed:
            return crossed_result(adapter_of(self._options.engine).algorithms[0].value, whole=False)
        began = time.perf_counter()
        interrupter = SolveInterrupter()

        def seconds() -> float:
            return time.perf_counter() - began

        def left() -> float | None:
            return None if time_limit is None else max(time_limit - seconds(), 1e-6)

        def work() -> SolveResult:
            found = self._run(left(), interrupter, presolve=self._basis is None)
            termination = self._termination(found, left, interrupter)
            if termination is Termination.OTHER_LIMIT and time_limit is not None:
                termination = Termination.TIME_LIMIT  # GLOP does not say which limit it was; no other one was set
            return self._result(found, termination, seconds())

        return run_interruptible(work, interrupter.interrupt, lambda: Progress(seconds(), 0, float("nan")), progress)

    def _open(self) -> None:
        try:
            self._solver = solver.new(
                SOLVERS[self._options.engine], _as_proto(self._program), parameters_pb2.SolverInitializerProto()
            )
        except (RuntimeError, StatusNotOk) as failure:
            raise self._failed("taking over the program", failure) from failure

    def _update(self, update: model_update_pb2.ModelUpdateProto) -> None:
        try:
            held = self._solver.update(update)
        except (RuntimeError, StatusNotOk) as failure:
            raise self._failed("changing the program", failure) from failure
        if not held:  # this solver takes no such change; it starts again with the program as it is now
            self._open()

    def _run(self, time_limit: float | None, interrupter: SolveInterrupter, *, presolve: bool) -> Any:
        parameters = _parameters(self._options, time_limit)
        if not presolve:
            parameters.presolve = parameters_pb2.EMPHASIS_OFF
        given = model_parameters_pb2.ModelSolveParametersProto()
        if self._basis is not None:
            given.initial_basis.CopyFrom(self._basis.columns)
        try:
            return self._solver.solve(
                parameters,
                given,
                None,
                callback_pb2.CallbackRegistrationProto(),
                None,
                interrupter.pybind_interrupter,
            )
        except (RuntimeError, StatusNotOk) as failure:
            raise self._failed("solving", failure) from failure

    def _termination(self, found: Any, left: Any, interrupter: SolveInterrupter) -> Termination:
        reason = found.termination.reason
        if reason in LIMITED:
            return LIMITS.get(found.termination.limit, Termination.OTHER_LIMIT)
        ended = TERMINATIONS.get(reason, Termination.ERROR)
        if ended is not Termination.INFEASIBLE_OR_UNBOUNDED:
            return ended
        # any solution at all tells an unbounded program from an infeasible one
        program = self._program
        self.set_cost(np.zeros(program.n_columns), maximize=program.maximize)
        again = self._run(left(), interrupter, presolve=True)
        self.set_cost(program.cost, maximize=program.maximize)
        answer = TERMINATIONS.get(again.termination.reason, Termination.ERROR)
        if answer is Termination.OPTIMAL:
            return Termination.UNBOUNDED
        # without an objective nothing is unbounded
        unsolvable = (Termination.INFEASIBLE, Termination.INFEASIBLE_OR_UNBOUNDED)
        return Termination.INFEASIBLE if answer in unsolvable else ended

    def _result(self, found: Any, termination: Termination, seconds: float) -> SolveResult:
        program, optimal = self._program, termination is Termination.OPTIMAL
        adapter = adapter_of(self._options.engine)
        solution = found.solutions[0] if len(found.solutions) else None
        self._basis, x, row_dual, reduced_cost = None, None, None, None
        if optimal and solution is not None:
            x = _dense(solution.primal_solution.variable_values, program.n_columns)
            row_dual = _dense(solution.dual_solution.dual_values, program.n_rows)
            reduced_cost = _dense(solution.dual_solution.reduced_costs, program.n_columns)
            if adapter.basis and solution.HasField("basis"):
                self._basis = Basis(solution.basis, None)
        objective = None if x is None else float(program.cost @ x)
        proof, direction = self._rays(found, termination)
        stats = found.solve_stats
        return SolveResult(
            termination=termination,
            detail=result_pb2.TerminationReasonProto.Name(found.termination.reason)
            .removeprefix("TERMINATION_REASON_")
            .lower()
            .replace("_", " "),
            algorithm=adapter.algorithms[0].value,
            iterations=stats.simplex_iterations + stats.barrier_iterations + stats.first_order_iterations,
            seconds=seconds,
            _objective=objective,
            _bound=objective,
            _x=x,
            _row_dual=row_dual,
            _reduced_cost=reduced_cost,
            _basis=self._basis,
            _dual_ray=proof,
            _primal_ray=direction,
        )

    def _rays(self, found: Any, termination: Termination) -> tuple[Vector | None, Vector | None]:
        program, tolerance = self._program, self._options.feasibility_tolerance
        if termination is Termination.INFEASIBLE:
            duals = [_dense(ray.dual_values, program.n_rows) for ray in found.dual_rays[:1]]
            return dual_ray(program, duals[0] if duals else None, tolerance), None
        if termination is Termination.UNBOUNDED:
            primals = [_dense(ray.variable_values, program.n_columns) for ray in found.primal_rays[:1]]
            return None, primal_ray(program, primals[0] if primals else None, tolerance)
        return None, None

    def _failed(self, what: str, failure: Exception) -> SolveError:
        return SolveError(
            say(
                "{engine} failed at {what}: {failure}. Run 'optimizer doctor' to see whether the engine works at "
                "all, or choose another one.",
                engine=self._options.engine,
                what=what,
                failure=failure,
            )
        )


def _as_proto(program: LinearProgram) -> model_pb2.ModelProto:
    proto = model_pb2.ModelProto()
    columns, rows = np.arange(program.n_columns), np.arange(program.n_rows)
    proto.variables.ids.extend(columns)
    proto.variables.lower_bounds.extend(program.lower)
    proto.variables.upper_bounds.extend(program.upper)
    proto.variables.integers.extend(program.integer)
    proto.linear_constraints.ids.extend(rows)
    proto.linear_constraints.lower_bounds.extend(program.row_lower)
    proto.linear_constraints.upper_bounds.extend(program.row_upper)
    proto.objective.maximize = program.maximize
    priced = np.flatnonzero(program.cost)
    _fill(proto.objective.linear_coefficients, program.cost[priced], priced)
    # MathOpt wants the matrix by rows, columns ascending, and no zeros
    kept = np.flatnonzero(program.values)
    order = kept[np.argsort(program.indices[kept], kind="stable")]
    matrix = proto.linear_constraint_matrix
    matrix.row_ids.extend(program.indices[order])
    matrix.column_ids.extend(program.entry_columns[order])
    matrix.coefficients.extend(program.values[order])
    return proto


def _parameters(options: SolveOptions, time_limit: float | None) -> parameters_pb2.SolveParametersProto:
    parameters = parameters_pb2.SolveParametersProto()
    if time_limit is not None:
        parameters.time_limit.FromNanoseconds(int(time_limit * 1e9))
    if options.threads and options.engine != "glop":
        parameters.threads = options.threads
    if options.engine == "glop":
        parameters.glop.primal_feasibility_tolerance = options.feasibility_tolerance
        parameters.glop.dual_feasibility_tolerance = options.feasibility_tolerance
    else:
        criteria = parameters.pdlp.termination_criteria.simple_optimality_criteria
        criteria.eps_optimal_relative = criteria.eps_optimal_absolute = options.first_order_tolerance
    return parameters


def _fill(vector: Any, values: Vector, ids: NDArray[np.integer[Any]] | None = None) -> None:
    vector.ids.extend(np.arange(len(values)) if ids is None else ids)
    vector.values.extend(values)


def _dense(vector: Any, size: int) -> Vector:
    values = np.zeros(size)
    values[np.array(vector.ids, dtype=np.intp)] = np.array(vector.values, dtype=float)
    return values + 0.0
