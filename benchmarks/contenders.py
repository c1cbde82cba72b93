"""Every way to solve the program of a case that is compared: the package, peers in other languages, bare engines.

Each goes the same way: read a folder, build the program, hand it to an engine, solve it, and solve it again after the
budgets of one year were cut to nine tenths. What a contender does not do apart from its next step it leaves out.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

CUT = 0.9
"""What is left of the budgets of the last year when a program is solved again; no carry-over goes out of it."""
ROUGH = 1e-4
"""Relative accuracy that first-order methods are asked for."""


@dataclass(frozen=True)
class Steps:
    """What a contender does; each step is given what the one before it made."""

    read: Callable[[Path], Any]
    build: Callable[[Any], Any] | None
    hand_over: Callable[[Any], Any] | None
    solve: Callable[[Any], float] | None
    """Returns the optimum."""
    solve_again: Callable[[Any], float] | None
    prepare: Callable[[Any], Any] | None = None
    """What has to be done before a program can be solved again, outside the clock."""


# --- the package ---------------------------------------------------------------------------------------------------


def ours() -> Steps:
    """Plan as a user does: `case.solve`, which builds and also looks for the plan of least spend among the best.

    Its session takes a program for the interior point method over when it solves it, not when it is handed over.
    """
    import optimizer as vc
    from optimizer.compiler import compile_case
    from optimizer.planning.resolve import Resolver
    from optimizer.solvers.base import find_engine

    options = vc.SolveOptions(prove=False)
    held: dict[str, Any] = {}

    def build(case: Any) -> Any:
        held["program"] = compile_case(case)
        return case

    def hand_over(case: Any) -> Any:
        find_engine(options.engine)(held.pop("program"), options)  # for its time alone: `case.solve` does so itself
        return case

    def solve(case: Any) -> float:
        return float(case.solve(options, method="fixed").summary()["lp_objective"])

    def prepare(case: Any) -> Any:
        held["resolver"] = Resolver(case, options, vc.OverlapMethod.FIXED)
        held["resolver"].prepare()
        held["changed"] = case.change(vc.Change("budget", "amount", "multiply", CUT, f"year={case.years[-1]}"))
        return case

    def solve_again(_: Any) -> float:
        return float(held["resolver"].plan(held["changed"]).result.objective)

    return Steps(vc.load_case, build, hand_over, solve, solve_again, prepare)


def engine(name: str, *, bare: bool = True, **options: Any) -> Steps:
    """Give our own matrix to an engine: as it is, or else by way of the smaller program, where that is our way."""
    import optimizer as vc
    from optimizer.compiler import compile_case
    from optimizer.solvers.base import find_engine

    asked = vc.SolveOptions(engine=name, **options)

    def hand_over(program: Any) -> Any:
        program = replace(program, ways="") if bare else program  # what does not say its ways has no smaller program
        return program, find_engine(name)(program, asked)

    def solve(held: Any) -> float:
        return float(held[1].solve().objective)

    def solve_again(held: Any) -> float:
        program, session = held
        upper = program.row_upper.copy()
        at = program.rows.positions("budget")
        year = program.rows.codes("budget", "year")
        upper[at[year == year.max()]] *= CUT
        session.set_row_bounds(program.row_lower, upper)
        return float(session.solve().objective)

    return Steps(lambda folder: compile_case(vc.load_case(folder)), None, hand_over, solve, solve_again)


# --- peers -----------------------------------------------------------------------------------------------------------


def numpy_peer() -> Steps:
    """Assemble triplets; what a build can cost at best. Any engine could follow."""
    from benchmarks.peers import numpy_model

    return Steps(numpy_model.read_frames, numpy_model.build, None, None, None)


def pulp_peer() -> Steps:
    """Write PuLP and solve it with CBC, which it does unless told otherwise; it hands a file over within the solve."""
    from benchmarks.peers import pulp_model

    def build(case: Any) -> Any:
        return case, pulp_model.build(case)

    def solve(held: Any) -> float:
        return float(pulp_model.solve(held[1], least_spend=False).lp_objective or "nan")

    def solve_again(held: Any) -> float:
        case, model = held
        for funder in case.funders:
            row = model.problem.get_constraint_by_name(pulp_model.budget_name(funder, case.years[-1]))
            row.changeRHS(CUT * case.budget[funder, case.years[-1]])
        return solve(held)

    return Steps(pulp_model.read_case, build, None, solve, solve_again)


def model_builder_peer() -> Steps:
    """Write OR-Tools' model builder and solve it with GLOP; it hands over within the solve."""
    from ortools.linear_solver.python import model_builder

    from benchmarks.peers import model_builder_model

    def build(case: Any) -> Any:
        return case, model_builder_model.build(case)

    def solve(held: Any) -> float:
        solver = model_builder.Solver("glop")
        solver.solve(held[1].problem.model)
        return float(solver.objective_value)

    def solve_again(held: Any) -> float:
        case, model = held
        for funder in case.funders:
            row = model.problem.rows[model_builder_model.budget_name(funder, case.years[-1])]
            row.upper_bound = CUT * case.budget[funder, case.years[-1]]
        return solve(held)

    return Steps(model_builder_model.read_case, build, None, solve, solve_again)


def linopy_peer() -> Steps:
    """Write linopy and solve it by HiGHS's interior point method, ten times as fast here as its simplex method.

    Its build ends with labelled arrays; the matrix, which is part of our build and of raw numpy's, is made when it is
    handed over.
    """
    from linopy.io import to_highspy

    from benchmarks.peers import linopy_model

    def hand_over(model: Any) -> Any:
        engine = to_highspy(model)
        engine.setOptionValue("output_flag", False)
        engine.setOptionValue("solver", "ipm")
        return model, engine

    def solve(held: Any) -> float:
        held[1].run()
        return float(held[1].getInfo().objective_function_value)

    def solve_again(held: Any) -> float:
        model, _ = held
        budget = model.constraints["budget"]
        year = budget.coords["year"]
        budget.update(rhs=budget.rhs.where(year != year[-1], CUT * budget.rhs))
        return solve(hand_over(model))

    return Steps(linopy_model.read_frames, linopy_model.build, hand_over, solve, solve_again)


PROGRAMS: dict[str, Callable[[], Steps]] = {
    "optimizer": ours,
    "numpy": numpy_peer,
    "PuLP + CBC": pulp_peer,
    "model_builder + GLOP": model_builder_peer,
    "linopy + HiGHS ipm": linopy_peer,
}
ENGINES: dict[str, Callable[[], Steps]] = {
    "optimum alone": lambda: engine("highs", bare=False),
    "HiGHS ipm": lambda: engine("highs", algorithm="ipm"),
    "HiGHS simplex": lambda: engine("highs", algorithm="simplex"),
    "HiGHS hipdlp 1e-4": lambda: engine("highs", algorithm="pdlp", first_order_tolerance=ROUGH),
    "GLOP": lambda: engine("glop"),
    "CLP (CBC)": lambda: engine("cbc"),
    "PDLP 1e-4": lambda: engine("pdlp", first_order_tolerance=ROUGH),
}
NEEDS = {"linopy + HiGHS ipm": "linopy"}
"""Packages of the extra `bench` that a contender cannot do without."""


def is_installed(name: str) -> bool:
    """Tell whether a contender can run here."""
    return name not in NEEDS or find_spec(NEEDS[name]) is not None


def is_rough(name: str) -> bool:
    """Tell whether a contender's optimum is only near the true one."""
    return name.endswith("1e-4")


def agree(optima: list[float], *, rough: bool) -> bool:
    """Tell whether optima are the same but for what their methods may leave."""
    return bool(np.allclose(optima, optima[0], rtol=30 * ROUGH if rough else 1e-6))
