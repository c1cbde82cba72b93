"""Which engine re-solves the programs of an overlap sequence fastest: one program whose objective changes.

The rankings of one sequence are written down first; every engine then solves the same objectives in the same order.
Times are seconds of the processor, all threads together; each is repeated and the least of a step is kept, for other
work on the machine only ever adds. Seconds depend on the machine; the ratios of one run are what to compare.
"""

import argparse
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np

from benchmarks.generate import SIZES, write_case
from optimizer import load_case
from optimizer.blocks.overlap import PART, penalty_coefficients, rank_by_activity, rank_by_plan
from optimizer.compiler import compile_sets
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import Algorithm, SolveOptions
from optimizer.solvers.base import find_engine

SAME = 1e-6
"""Relative difference of two optima that counts as none."""
Solved = tuple[float, float]
"""Objective and seconds of one step, the objective's change included."""


@dataclass(frozen=True)
class Task:
    """One program and the objectives it is solved with, the first from nothing."""

    program: LinearProgram
    costs: tuple[Vector, ...]


def record(folder: Path, steps: int) -> Task:
    """Follow a sequence from today's activity and return its programs."""
    compiled = compile_sets(load_case(folder))
    sets, program = compiled.sets, compiled.program
    public = program.columns.positions("public")
    session = find_engine("highs")(program, SolveOptions())
    ranking, costs = rank_by_activity(sets), []
    for _ in range(steps):
        ranked = program.with_part(PART, public, penalty_coefficients(sets, ranking).ravel())
        costs.append(ranked.cost)
        session.set_cost(ranked.cost, maximize=True)
        x = session.solve().x
        ranking = rank_by_plan(sets, np.maximum(x[public], 0).reshape(-1, sets.n_years))
    return Task(program, tuple(costs))


def by_highs(task: Task) -> Iterator[Solved]:
    """Solve by HiGHS's primal simplex method from the last basis, the first by its interior point method."""
    session = find_engine("highs")(task.program, SolveOptions())
    for cost in task.costs:
        began = process_time()
        session.set_cost(cost, maximize=True)
        yield session.solve().objective, process_time() - began


def by_cold_interior_point(task: Task) -> Iterator[Solved]:
    """Solve each by HiGHS's interior point method with crossover, from nothing."""
    for cost in task.costs:
        session = find_engine("highs")(task.program, SolveOptions(algorithm=Algorithm.INTERIOR_POINT))
        began = process_time()
        session.set_cost(cost, maximize=True)
        yield session.solve().objective, process_time() - began


def by_incremental_glop(task: Task) -> Iterator[Solved]:
    """Solve by GLOP from the last basis, through MathOpt's incremental solver."""
    from ortools.math_opt.python import mathopt

    model, variables = _as_mathopt(task.program)
    solver = mathopt.IncrementalSolver(model, mathopt.SolverType.GLOP)
    # a presolve leaves no basis for the next solve, which then takes as long as the first
    parameters = mathopt.SolveParameters(presolve=mathopt.Emphasis.OFF)
    known = task.program.cost
    for cost in task.costs:
        began = process_time()
        for column in np.flatnonzero(cost != known):
            model.objective.set_linear_coefficient(variables[column], float(cost[column]))
        known = cost
        yield solver.solve(params=parameters).objective_value(), process_time() - began


def _as_mathopt(program: LinearProgram) -> tuple[object, list[object]]:
    """Hand a program over as a message of whole arrays."""
    from ortools.math_opt import model_pb2
    from ortools.math_opt.python import mathopt

    columns, rows = np.arange(program.n_columns), np.arange(program.n_rows)
    order = np.lexsort((program.entry_columns, program.indices))
    message = model_pb2.ModelProto()
    message.variables.ids.extend(columns)
    message.variables.lower_bounds.extend(program.lower)
    message.variables.upper_bounds.extend(program.upper)
    message.variables.integers.extend([False] * len(columns))
    message.linear_constraints.ids.extend(rows)
    message.linear_constraints.lower_bounds.extend(program.row_lower)
    message.linear_constraints.upper_bounds.extend(program.row_upper)
    priced = np.flatnonzero(program.cost)
    message.objective.maximize = program.maximize
    message.objective.linear_coefficients.ids.extend(priced)
    message.objective.linear_coefficients.values.extend(program.cost[priced])
    message.linear_constraint_matrix.row_ids.extend(program.indices[order])
    message.linear_constraint_matrix.column_ids.extend(program.entry_columns[order])
    message.linear_constraint_matrix.coefficients.extend(program.values[order])
    model = mathopt.Model.from_model_proto(message)
    return model, list(model.variables())


def by_cold_glop(task: Task) -> Iterator[Solved]:
    """Solve each by GLOP from nothing, through OR-Tools's helper for whole arrays."""
    from ortools.linear_solver.python.model_builder_helper import ModelBuilderHelper, ModelSolverHelper

    program = task.program
    matrix = program.matrix().tocsr()
    for cost in task.costs:
        helper = ModelBuilderHelper()
        helper.fill_model_from_sparse_data(
            program.lower, program.upper, cost, program.row_lower, program.row_upper, matrix
        )
        helper.set_maximize(program.maximize)
        solver = ModelSolverHelper("glop")
        began = process_time()
        solver.solve(helper)
        yield solver.objective_value(), process_time() - began


ENGINES: dict[str, Callable[[Task], Iterator[Solved]]] = {
    "HiGHS, last basis": by_highs,
    "HiGHS ipm, cold": by_cold_interior_point,
    "GLOP, last basis": by_incremental_glop,
    "GLOP, cold": by_cold_glop,
}


def compare(task: Task, engines: Sequence[str], repeats: int) -> None:
    """Print the least seconds of each step and engine, and sums as ratios to the first engine's."""
    optima, sums = None, []
    for name in engines:
        runs = []
        for _ in range(repeats):
            objectives, seconds = zip(*ENGINES[name](task), strict=True)
            optima = objectives if optima is None else optima
            if not np.allclose(objectives, optima, rtol=SAME):
                print(f"{name} finds {objectives}, not {optima}")
            runs.append(seconds)
        least = np.min(runs, axis=0)
        sums.append(least[1:].sum())
        listed = " ".join(f"{second:7.2f}" for second in least)
        print(f"{name:<18} {listed}   {sums[-1]:8.2f} {sums[-1] / sums[0]:6.2f}", flush=True)


def main() -> None:
    """Print a table for each case."""
    parser = argparse.ArgumentParser(description="Compare engines on the programs of an overlap sequence.")
    parser.add_argument("cases", nargs="*", help="case folders; without any, one of the size named")
    parser.add_argument("--size", choices=SIZES, default="M")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--engines", nargs="*", default=list(ENGINES), choices=list(ENGINES))
    given = parser.parse_args()
    packages = ", ".join(f"{name} {version(name)}" for name in ("highspy", "ortools"))
    print(f"Python {platform.python_version()}, {packages}; {platform.machine()}, {cpu_count()} cores")
    with TemporaryDirectory() as scratch:
        generated = [] if given.cases else [Path(scratch) / given.size]
        for folder in generated:
            write_case(folder, seed=given.seed, **asdict(SIZES[given.size]))
        for folder in (*map(Path, given.cases), *generated):
            task = record(folder, given.steps)
            print(f"{folder.name}: {task.program.n_columns:,} columns, {task.program.n_rows:,} rows")
            print(f"least of {given.repeats}, seconds of each step; sum without the first, and its ratio")
            compare(task, given.engines, given.repeats)


if __name__ == "__main__":
    main()
