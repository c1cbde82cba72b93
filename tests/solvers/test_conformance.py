"""One suite for every engine and algorithm: statuses, prices, silence, limits, interruption, sessions side by side."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest

import optimizer as vc
from optimizer.lp.program import LinearProgram
from optimizer.options import Algorithm, SolveOptions
from optimizer.solvers import waiting
from optimizer.solvers.base import ADAPTERS, Session, accuracy_of, find_engine, usable_engines
from optimizer.solvers.highs_session import HighsSession
from optimizer.solvers.rays import dual_ray, primal_ray
from optimizer.solvers.result import Progress, SolveResult, Termination
from tests.lp.dense import INF, at_least, at_most, dense, equal, packing
from tests.strategies import near

USABLE = [name for name, usable in usable_engines().items() if usable]
ENGINES = [(name, algorithm) for name in USABLE for algorithm in (Algorithm.AUTO, *ADAPTERS[name].algorithms)]
every_engine = pytest.mark.parametrize(("engine", "algorithm"), ENGINES)
whole_engines = pytest.mark.parametrize("engine", [name for name in USABLE if ADAPTERS[name].whole])


def accuracy(engine: str, algorithm: str) -> float:
    """Return what an engine promises: 1e-6, relative above 1; of a first-order method 1e-4."""
    return accuracy_of(SolveOptions(engine=engine, algorithm=Algorithm(algorithm)))


def close(value: float | list[float], engine: str, algorithm: str) -> object:
    promised = accuracy(engine, algorithm)
    return pytest.approx(value, rel=promised, abs=promised)


# max 3x + 5y; x <= 4; 2y <= 12; 3x + 2y <= 18: (2, 6), 36, prices 0, 1.5, 1
WYNDOR = dense([3, 5], [at_most(1, 0, limit=4), at_most(0, 2, limit=12), at_most(3, 2, limit=18)])
# max x + y; x + y >= 1: nothing above
UNBOUNDED = dense([1, 1], [at_least(1, 1, limit=1)])
# x + y <= 1 and x + y >= 2
INFEASIBLE = dense([1, 1], [at_most(1, 1, limit=1), at_least(1, 1, limit=2)])


def has_basis(engine: str, algorithm: str) -> bool:
    """Return whether a solve ends in a vertex that the next one can start from."""
    return ADAPTERS[engine].basis and accuracy(engine, algorithm) < 1e-5


def opened(program: LinearProgram, engine: str, algorithm: str, **options: object) -> Session:
    return find_engine(engine)(program, SolveOptions(engine=engine, algorithm=Algorithm(algorithm), **options))


def solve(program: LinearProgram, engine: str, algorithm: str) -> SolveResult:
    return opened(program, engine, algorithm).solve()


# --- how a solve ends ----------------------------------------------------------------------------------------------


@every_engine
def test_an_optimum_has_everything(engine: str, algorithm: str) -> None:
    result = solve(WYNDOR, engine, algorithm)
    assert result.termination is Termination.OPTIMAL
    assert result.objective == close(36, engine, algorithm)
    assert result.x.tolist() == close([2, 6], engine, algorithm)
    assert result.row_dual.tolist() == close([0, 1.5, 1], engine, algorithm)
    assert result.reduced_cost.tolist() == close([0, 0], engine, algorithm)
    assert result.has_prices
    assert result.has_basis is has_basis(engine, algorithm)
    assert not result.has_dual_ray
    assert not result.has_primal_ray
    assert result.seconds >= 0
    assert not result.termination.is_limit


@every_engine
def test_an_infeasible_program_is_a_value(engine: str, algorithm: str) -> None:
    assert solve(INFEASIBLE, engine, algorithm).termination is Termination.INFEASIBLE


@every_engine
@pytest.mark.parametrize("maximize", [True, False])
def test_an_unbounded_program_is_a_value(engine: str, algorithm: str, maximize: bool) -> None:
    program = UNBOUNDED if maximize else dense([-1, -1], [at_least(1, 1, limit=1)], maximize=False)
    assert solve(program, engine, algorithm).termination is Termination.UNBOUNDED


@every_engine
def test_an_unbounded_program_of_many_rows_is_not_called_infeasible(engine: str, algorithm: str) -> None:
    # presolve may end with "one or the other"; a planner is told which of the two to mend
    rows = [
        at_most(1, -1, 0, limit=1),
        at_most(0, 1, -1, limit=1),
        at_least(1, 1, 1, limit=1),
        equal(1, 0, -1, limit=0),
    ]
    assert solve(dense([1, 1, 1], rows), engine, algorithm).termination is Termination.UNBOUNDED


@every_engine
def test_a_time_limit_ends_a_solve(engine: str, algorithm: str) -> None:
    result = opened(packing(400), engine, algorithm).solve(time_limit=0.001)
    assert result.termination is Termination.TIME_LIMIT
    assert result.termination.is_limit


@every_engine
def test_a_time_limit_counts_from_each_solve_on(engine: str, algorithm: str) -> None:
    session = opened(packing(150), engine, algorithm)
    first = session.solve(time_limit=60)
    assert first.termination is Termination.OPTIMAL
    session.set_cost(np.linspace(1, 2, 150), maximize=True)
    assert session.solve(time_limit=60).termination is Termination.OPTIMAL


@every_engine
@pytest.mark.parametrize(
    ("program", "how_it_ended"), [(INFEASIBLE, "infeasible"), (UNBOUNDED, "unbounded")], ids=["infeasible", "unbounded"]
)
def test_what_is_missing_says_why(engine: str, algorithm: str, program: LinearProgram, how_it_ended: str) -> None:
    result = solve(program, engine, algorithm)
    for read in ("objective", "x", "row_dual", "reduced_cost", "basis"):
        with pytest.raises(vc.SolveError, match=how_it_ended):
            getattr(result, read)


@every_engine
def test_a_program_without_rows_or_columns(engine: str, algorithm: str) -> None:
    assert solve(dense([], []), engine, algorithm).objective == 0
    bounded = solve(dense([2, -1], [], upper=3), engine, algorithm)
    assert bounded.x.tolist() == close([3, 0], engine, algorithm)
    assert bounded.reduced_cost.tolist() == close([2, -1], engine, algorithm)
    assert solve(dense([2], []), engine, algorithm).termination is Termination.UNBOUNDED


@every_engine
def test_a_row_without_columns_can_be_broken(engine: str, algorithm: str) -> None:
    assert solve(dense([], [((), 1.0, INF)]), engine, algorithm).termination is Termination.INFEASIBLE
    assert solve(dense([1], [((0,), 1.0, INF)], upper=1), engine, algorithm).termination is Termination.INFEASIBLE


# max 5x + 4y; 6x + 4y <= 23; whole: (1, 4) is worth 21, the relaxation 23
WHOLE_PROGRAM = dense([5, 4], [at_most(6, 4, limit=23)], upper=[3, 5], integer=True)


@whole_engines
def test_whole_numbers(engine: str) -> None:
    result = solve(WHOLE_PROGRAM, engine, "auto")
    best = max(5 * x + 4 * y for x in range(4) for y in range(6) if 6 * x + 4 * y <= 23)
    assert result.objective == near(best)
    assert result.x.tolist() == near(np.round(result.x).tolist())
    assert not result.has_basis
    with pytest.raises(vc.SolveError, match="a program with whole columns has no shadow price"):
        _ = result.row_dual


@whole_engines
def test_a_whole_program_may_start_from_a_solution(engine: str) -> None:
    session = opened(WHOLE_PROGRAM, engine, "auto")
    session.set_start(np.array([1.0, 4.0]))
    assert session.solve().objective == near(21)


@whole_engines
@pytest.mark.parametrize("maximize", [True, False])
def test_the_bound_of_a_search_is_never_on_the_wrong_side(engine: str, maximize: bool) -> None:
    # 60 items, 30 knapsacks, stopped early and run with a wide gap; the best is known from a full run
    random = np.random.default_rng(5)
    rows = [(row, -INF, float(row.sum() // 3)) for row in random.integers(1, 50, (10, 30)).astype(float)]
    cost = random.uniform(1, 9, 30) * (1 if maximize else -1)
    program = dense(cost, rows, maximize=maximize, upper=1, integer=True)
    best = opened(program, "highs", "auto", gap=0.0).solve().objective
    sense = 1 if maximize else -1
    for result in (opened(program, engine, "auto", gap=0.2).solve(), opened(program, engine, "auto").solve()):
        assert result.termination is Termination.OPTIMAL
        if result.has_bound:
            assert sense * result.bound >= sense * best - 1e-6
        assert sense * result.objective <= sense * best + 1e-6


@pytest.mark.parametrize("engine", [name for name in USABLE if not ADAPTERS[name].whole])
def test_an_engine_without_branching_refuses_whole_columns(engine: str) -> None:
    with pytest.raises(vc.InputError, match=f"engine '{engine}' cannot take whole decisions.*highs"):
        opened(WHOLE_PROGRAM, engine, "auto")


def test_an_algorithm_an_engine_lacks_is_refused() -> None:
    with pytest.raises(vc.InputError, match="engine 'glop' has no algorithm 'ipm'; it has simplex"):
        opened(WYNDOR, "glop", "ipm")


def test_an_unknown_engine_says_which_there_are() -> None:
    with pytest.raises(vc.InputError, match="highs"):
        find_engine("abacus")


# --- rays -------------------------------------------------------------------------------------------------------------

# x + y <= 4 and x - y <= 1, but 3x + y >= 12; 2 (x + y) + (x - y) = 3x + y <= 9
CONTRADICTION = dense([1, 1], [at_most(1, 1, limit=4), at_most(1, -1, limit=1), at_least(3, 1, limit=12)])
# x <= 1 and y <= 1, but x + 2y >= 5
BOUNDED = dense([1, 1], [at_least(1, 2, limit=5)], upper=1)


def assert_proves_infeasible(program: LinearProgram, y: np.ndarray) -> None:
    """Check, from the definition, that rows demand more of ``y @ A x`` than columns can give."""
    demand = np.where(y > 0, program.row_lower, program.row_upper)[y != 0] @ y[y != 0]
    z = program.matrix().T @ y
    z[np.abs(z) < 1e-9] = 0
    most = np.where(z > 0, program.upper, program.lower)[z != 0] @ z[z != 0]
    assert np.isfinite(demand)
    assert demand > most + 1e-9
    assert np.abs(y).max() == 1


def assert_proves_unbounded(program: LinearProgram, d: np.ndarray) -> None:
    """Check, from the definition, that a direction stays feasible for ever and gets better."""
    activity = program.activity(d)
    assert (d[np.isfinite(program.lower)] >= -1e-9).all()
    assert (d[np.isfinite(program.upper)] <= 1e-9).all()
    assert (activity[np.isfinite(program.row_lower)] >= -1e-7).all()
    assert (activity[np.isfinite(program.row_upper)] <= 1e-7).all()
    assert (1 if program.maximize else -1) * (program.cost @ d) > 1e-9
    assert np.abs(d).max() == 1


@every_engine
@pytest.mark.parametrize("program", [INFEASIBLE, CONTRADICTION, BOUNDED], ids=["rows", "three rows", "bounds"])
def test_a_dual_ray_proves_that_there_is_no_solution(engine: str, algorithm: str, program: LinearProgram) -> None:
    result = solve(program, engine, algorithm)
    assert result.termination is Termination.INFEASIBLE
    assert result.has_dual_ray or not ADAPTERS[engine].rays
    if result.has_dual_ray:
        assert_proves_infeasible(program, result.dual_ray)
    with pytest.raises(vc.SolveError, match="no primal ray: the solve ended with 'infeasible'"):
        _ = result.primal_ray


@every_engine
@pytest.mark.parametrize("maximize", [True, False])
def test_a_primal_ray_proves_that_there_is_no_best_solution(engine: str, algorithm: str, maximize: bool) -> None:
    rows = [at_most(1, -1, 0, limit=1), at_most(0, 1, -1, limit=1), equal(1, 0, -1, limit=0)]
    program = dense([1, 1, 1] if maximize else [-1, -1, -1], rows, maximize=maximize)
    result = solve(program, engine, algorithm)
    assert result.termination is Termination.UNBOUNDED
    assert result.has_primal_ray or not ADAPTERS[engine].rays
    if result.has_primal_ray:
        assert_proves_unbounded(program, result.primal_ray)
    with pytest.raises(vc.SolveError, match="no dual ray: the solve ended with 'unbounded'"):
        _ = result.dual_ray


@every_engine
def test_what_is_plain_to_see_is_proven_by_every_engine(engine: str, algorithm: str) -> None:
    # presolve ends these without a ray: a row that no value of its columns fulfils, a column that meets no row
    for program in (BOUNDED, dense([1], [((0,), 1.0, INF)], upper=1), dense([], [((), 1.0, INF)])):
        assert_proves_infeasible(program, solve(program, engine, algorithm).dual_ray)
    for program in (dense([2], []), dense([-1, 0], [at_most(-1, 1, limit=3)], lower=-INF, maximize=True)):
        result = solve(program, engine, algorithm)
        assert result.has_primal_ray or program.n_rows
        if result.has_primal_ray:
            assert_proves_unbounded(program, result.primal_ray)


@every_engine
def test_rays_follow_what_the_session_holds_now(engine: str, algorithm: str) -> None:
    session = opened(WYNDOR, engine, algorithm)
    session.solve()
    lower, upper = np.array([5.0, 0.0]), np.array([9.0, 9.0])
    session.set_bounds(lower, upper)
    result = session.solve()
    assert result.has_dual_ray
    assert_proves_infeasible(replace(WYNDOR, lower=lower, upper=upper), result.dual_ray)


def test_a_ray_that_proves_nothing_is_none() -> None:
    assert dual_ray(WYNDOR, np.array([1.0, 1.0, 1.0]), 1e-7) is None
    assert dual_ray(INFEASIBLE, np.zeros(2), 1e-7) is None
    assert dual_ray(INFEASIBLE, np.array([2.0, -2.0]), 1e-7).tolist() == [-1, 1]
    assert primal_ray(WYNDOR, np.array([1.0, 1.0]), 1e-7) is None
    assert primal_ray(UNBOUNDED, np.array([-3.0, -6.0]), 1e-7).tolist() == [0.5, 1]


# --- prices are derivatives ------------------------------------------------------------------------------------------

# Each has one optimal basis in which the row binds, so that the optimum moves along one line.
ROWS: dict[str, Callable[[float], LinearProgram]] = {
    "max <=": lambda b: dense([3, 2], [at_most(1, 2, limit=b), at_most(2, 1, limit=7)]),
    "max >=": lambda b: dense([-3, -2], [at_least(1, 2, limit=b), at_least(2, 1, limit=7)]),
    "max =": lambda b: dense([3, -2], [equal(1, -2, limit=b), at_most(2, 1, limit=17)]),
    "min <=": lambda b: dense([-3, -2], [at_most(1, 2, limit=b), at_most(2, 1, limit=7)], maximize=False),
    "min >=": lambda b: dense([3, 2], [at_least(1, 2, limit=b), at_least(2, 1, limit=7)], maximize=False),
    "min =": lambda b: dense([3, 2], [equal(1, -2, limit=b), at_least(2, 1, limit=7)], maximize=False),
}
SIGNS = {"max <=": 1, "max >=": -1, "min <=": -1, "min >=": 1}


def solve_slope(row: Callable[[float], LinearProgram], step: float) -> float:
    """Return the derivative as an exact engine sees it."""
    low, high = (solve(row(5 + shift), "highs", "simplex").objective for shift in (-step, step))
    return (high - low) / (2 * step)


@every_engine
@pytest.mark.parametrize("kind", ROWS)
def test_a_shadow_price_is_the_derivative_of_the_optimum(engine: str, algorithm: str, kind: str) -> None:
    step, row = 1e-3, ROWS[kind]
    low, here, high = (solve(row(5 + shift), engine, algorithm) for shift in (-step, 0, step))
    slope = (high.objective - low.objective) / (2 * step)
    assert abs(slope) > 0.1
    # a difference over the step magnifies what a first-order method leaves open; its prices are as good as its optimum
    rough = accuracy(engine, algorithm) > 1e-5
    exact = slope if not rough else solve_slope(row, step)
    assert here.row_dual[0] == pytest.approx(exact, rel=1e-4 if rough else 1e-5)
    if kind in SIGNS:
        assert np.sign(slope) == SIGNS[kind]


@every_engine
@pytest.mark.parametrize("maximize", [True, False])
@pytest.mark.parametrize("bound", ["lower", "upper"])
def test_a_reduced_cost_is_the_derivative_of_the_optimum(
    engine: str, algorithm: str, maximize: bool, bound: str
) -> None:
    # x is driven to its lower or upper bound, y takes what is left of the row x + 2y <= 10
    gain = (5.0 if bound == "upper" else 0.25) * (1 if maximize else -1)

    def optimum(shift: float) -> SolveResult:
        lower, upper = (1.0, 2.0 + shift) if bound == "upper" else (1.0 + shift, 2.0)
        cost = [gain, 1.0 if maximize else -1.0]
        return solve(
            dense(cost, [at_most(1, 2, limit=10)], maximize=maximize, lower=[lower, 0], upper=[upper, INF]),
            engine,
            algorithm,
        )

    step = 1e-3
    slope = (optimum(step).objective - optimum(-step).objective) / (2 * step)
    assert abs(slope) > 0.1
    assert optimum(0).reduced_cost[0] == pytest.approx(slope, rel=1e-5 if accuracy(engine, algorithm) < 1e-5 else 2e-2)


@every_engine
def test_prices_and_reduced_costs_explain_the_objective(engine: str, algorithm: str) -> None:
    program = packing(40)
    result = solve(program, engine, algorithm)
    explained = program.matrix().T @ result.row_dual + result.reduced_cost
    assert explained.tolist() == close(program.cost.tolist(), engine, algorithm)
    assert result.row_dual @ program.row_upper == close(result.objective, engine, algorithm)


# --- silence, threads, processes, Ctrl-C -----------------------------------------------------------------------------


@every_engine
def test_nothing_is_printed(engine: str, algorithm: str, capfd: pytest.CaptureFixture[str]) -> None:
    for program in (WYNDOR, INFEASIBLE, UNBOUNDED, packing(60)):
        session = opened(program, engine, algorithm)
        session.solve()
        session.set_cost(program.cost + 1, maximize=True)
        session.solve(time_limit=1e-6)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def run_python(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


SILENT = """
import sys
from optimizer.options import SolveOptions
from optimizer.solvers.base import find_engine
from tests.lp.dense import packing
for pair in sys.argv[1:]:
    engine, algorithm = pair.split("/")
    find_engine(engine)(packing(60), SolveOptions(engine=engine, algorithm=algorithm)).solve()
"""


def test_engines_that_are_used_for_the_first_time_print_nothing() -> None:
    ended = run_python(SILENT, *(f"{engine}/{algorithm}" for engine, algorithm in ENGINES))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def optimum_of(seed: int, engine: str, algorithm: str) -> float:
    session = opened(packing(120, seed), engine, algorithm)
    first = session.solve().objective
    session.set_cost(np.linspace(1, 2, 120), maximize=True)
    return first + session.solve().objective


@every_engine
def test_sessions_in_threads_do_not_disturb_each_other(engine: str, algorithm: str) -> None:
    alone = [optimum_of(seed, engine, algorithm) for seed in range(4)]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(optimum_of, range(4), [engine] * 4, [algorithm] * 4))
    assert together == near(alone)  # repeats are exact, first-order methods too


@every_engine
def test_two_sessions_may_alternate_in_one_thread(engine: str, algorithm: str) -> None:
    one, other = (opened(packing(60, seed), engine, algorithm) for seed in (1, 2))
    alone = one.solve().objective, other.solve().objective
    one.set_cost(np.ones(60), maximize=True)
    assert other.solve().objective == near(alone[1])
    one.set_cost(packing(60, 1).cost, maximize=True)
    assert one.solve().objective == near(alone[0])


def test_sessions_in_processes_find_the_same() -> None:
    tasks = [(seed, name, Algorithm.AUTO.value) for name in USABLE for seed in range(2)]
    alone = [optimum_of(*task) for task in tasks]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        together = list(pool.map(optimum_of, *zip(*tasks, strict=True)))
    assert together == near(alone)


def patience(engine: str, algorithm: str) -> float:
    """Return the seconds within which an engine stops; HiGHS's first-order method looks up every 5 seconds only."""
    return 12.0 if (engine, algorithm) == ("highs", Algorithm.FIRST_ORDER) else 5.0


INTERRUPTED = """
import os, signal, sys, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start background jobs deaf to Ctrl-C
from optimizer.options import SolveOptions
from optimizer.solvers.base import find_engine
from tests.lp.dense import packing
engine, algorithm = sys.argv[1:]
session = find_engine(engine)(packing(1200), SolveOptions(engine=engine, algorithm=algorithm))
threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGINT)).start()
began = time.perf_counter()
try:
    print("ended", session.solve().termination)
except KeyboardInterrupt:
    print("interrupted", time.perf_counter() - began < PATIENCE)
    busy = time.process_time()
    time.sleep(0.5)
    print("idle", time.process_time() - busy < 0.1)
    print("again:", session.solve(time_limit=0.05).termination, flush=True)
"""


@pytest.mark.parametrize(("engine", "algorithm"), [pair for pair in ENGINES if pair[1] is not Algorithm.AUTO])
@pytest.mark.skipif(os.name == "nt", reason="sends a POSIX signal")
def test_ctrl_c_stops_a_solve(engine: str, algorithm: str) -> None:
    # the solve ends soon, the engine with it, and the session can be used again; what "auto" stands for is among them
    ended = run_python(INTERRUPTED.replace("PATIENCE", str(patience(engine, algorithm))), engine, algorithm)
    assert ended.stdout.splitlines() == ["interrupted True", "idle True", "again: time limit"], ended.stderr
    assert ended.returncode == 0


WHOLE = """
import os, signal, sys, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)
import numpy as np
from dataclasses import replace
from optimizer.options import SolveOptions
from optimizer.solvers.base import find_engine
from tests.lp.dense import dense
random = np.random.default_rng(3)
# market split: tiny, but whole numbers keep an engine busy for minutes
weights = random.integers(0, 100, (5, 40)).astype(float)
rows = [(row, float(row.sum() // 2), float(row.sum() // 2)) for row in weights]
program = dense(random.uniform(0, 1, 40), rows, upper=1, integer=True)
session = find_engine(sys.argv[1])(program, SolveOptions(engine=sys.argv[1]))
threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
began = time.perf_counter()
try:
    print("ended", session.solve(time_limit=12).termination)
except KeyboardInterrupt:
    print("interrupted", time.perf_counter() - began < 6)
    busy = time.process_time()
    time.sleep(0.5)
    print("idle", time.process_time() - busy < 0.1, flush=True)
"""


@whole_engines
@pytest.mark.skipif(os.name == "nt", reason="sends a POSIX signal")
def test_ctrl_c_stops_a_search_for_whole_numbers(engine: str) -> None:
    ended = run_python(WHOLE, engine)
    assert ended.stdout.splitlines() == ["interrupted True", "idle True"], ended.stderr


@every_engine
def test_a_failing_progress_hook_stops_the_solve(engine: str, algorithm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "FIRST_REPORT", 0.05)
    seen: list[Progress] = []

    def hook(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) == 2:
            msg = "enough"
            raise RuntimeError(msg)

    threads, began = threading.active_count(), time.perf_counter()
    with pytest.raises(RuntimeError, match="enough"):
        opened(packing(800), engine, algorithm).solve(progress=hook)
    assert time.perf_counter() - began < patience(engine, algorithm)
    assert threading.active_count() == threads
    assert 0 < seen[0].seconds < seen[1].seconds


# --- solving again ---------------------------------------------------------------------------------------------------


@every_engine
def test_another_objective_is_as_good_as_a_fresh_start(engine: str, algorithm: str) -> None:
    session = opened(WYNDOR, engine, algorithm)
    session.solve()
    for cost, maximize in (([1.0, 0.0], True), ([1.0, -1.0], False), ([0.0, 0.0], True), ([3.0, 5.0], True)):
        session.set_cost(np.array(cost), maximize=maximize)
        again = session.solve()
        parts = dense(cost, [((1, 0), -INF, 4), ((0, 2), -INF, 12), ((3, 2), -INF, 18)], maximize=maximize)
        fresh = solve(parts, engine, algorithm)
        assert again.objective == close(fresh.objective, engine, algorithm)
        assert again.row_dual @ WYNDOR.row_upper == close(fresh.objective, engine, algorithm)


@every_engine
def test_other_bounds_are_as_good_as_a_fresh_start(engine: str, algorithm: str) -> None:
    session = opened(WYNDOR, engine, algorithm)
    session.solve()
    for lower, upper in (
        ([0, 0], [1, 1]),
        ([0, 3], [INF, 4]),
        ([1, 1], [1, 1]),
        ([0, 0], [INF, INF]),
        ([-5, 0], [-1, 2]),
    ):
        session.set_bounds(np.array(lower, float), np.array(upper, float))
        moved = replace(WYNDOR, lower=np.array(lower, float), upper=np.array(upper, float))
        assert session.solve().objective == close(solve(moved, engine, algorithm).objective, engine, algorithm)
    session.set_bounds(np.array([5.0, 0.0]), np.array([9.0, 9.0]))
    assert session.solve().termination is Termination.INFEASIBLE
    session.set_bounds(WYNDOR.lower, WYNDOR.upper)
    assert session.solve().objective == close(36, engine, algorithm)


@every_engine
def test_other_row_bounds_are_as_good_as_a_fresh_start(engine: str, algorithm: str) -> None:
    session = opened(WYNDOR, engine, algorithm)
    session.solve()
    for lower, upper in (([-INF] * 3, [4, 12, 10]), ([-INF, 2, -INF], [1, 2, 18]), ([3, -INF, -INF], [4, 12, 18])):
        session.set_row_bounds(np.array(lower, float), np.array(upper, float))
        moved = replace(WYNDOR, row_lower=np.array(lower, float), row_upper=np.array(upper, float))
        assert session.solve().objective == close(solve(moved, engine, algorithm).objective, engine, algorithm)
    session.set_row_bounds(np.array([5, -INF, -INF]), np.array([4.5, 12, 18]))
    assert session.solve().termination is Termination.INFEASIBLE
    session.set_row_bounds(WYNDOR.row_lower, WYNDOR.row_upper)
    assert session.solve().objective == close(36, engine, algorithm)


@every_engine
def test_other_entries_are_as_good_as_a_fresh_start(engine: str, algorithm: str) -> None:
    session = opened(WYNDOR, engine, algorithm)
    session.solve()
    for factors in ([2.0, 1, 1, 1], [1, 0.5, 3, 1], [1, 1, 1, 1]):
        values = WYNDOR.values * np.array(factors)
        session.set_values(values)
        moved = replace(WYNDOR, values=values)
        assert session.solve().objective == close(solve(moved, engine, algorithm).objective, engine, algorithm)
    assert session.solve().objective == close(36, engine, algorithm)


@every_engine
def test_a_session_survives_a_time_limit(engine: str, algorithm: str) -> None:
    program = packing(200)
    session = opened(program, engine, algorithm)
    assert session.solve(time_limit=1e-4).termination is Termination.TIME_LIMIT
    assert session.solve().objective == close(solve(program, engine, algorithm).objective, engine, algorithm)


@pytest.mark.parametrize(("engine", "algorithm"), [pair for pair in ENGINES if has_basis(*pair)])
def test_a_basis_leads_straight_back(engine: str, algorithm: str) -> None:
    program = packing(80)
    session = opened(program, engine, algorithm)
    first = session.solve()
    session.set_cost(np.linspace(1, 2, 80), maximize=True)
    session.solve()
    session.set_cost(program.cost, maximize=True)
    session.set_basis(first.basis)
    again = session.solve()
    assert again.iterations == 0
    assert again.x.tolist() == near(first.x.tolist())


@every_engine
def test_results_are_their_own(engine: str, algorithm: str) -> None:
    # the next solve does not change what an earlier one said
    session = opened(WYNDOR, engine, algorithm)
    first = session.solve()
    kept = first.x.copy(), first.row_dual.copy()
    session.set_cost(np.array([1.0, 0.0]), maximize=True)
    session.solve()
    assert (first.x == kept[0]).all()
    assert (first.row_dual == kept[1]).all()


@pytest.mark.parametrize("seed", [17, 26])
def test_a_basis_is_whole_after_an_infeasible_program(seed: int) -> None:
    # HiGHS 1.16: simplex without an optimum, interior point anew, simplex again; a column was missing, or Python died
    random, size, count = np.random.default_rng(seed), 10, 14
    matrix = random.uniform(-0.3, 2, (size, count)) * (random.random((size, count)) < 0.6)
    rows = [at_most(*row, limit=limit) for row, limit in zip(matrix, random.uniform(2, 20, size), strict=True)]
    program = replace(dense(random.uniform(-1, 5, count).tolist(), rows), upper=np.full(count, 10.0))
    session = HighsSession(program, SolveOptions(algorithm=Algorithm.INTERIOR_POINT))
    ends: set[Termination] = set()
    for _ in range(12):
        session.take(program)
        found = session.solve()
        ends.add(found.termination)
        if found.has_basis:
            assert sum(int(members.sum()) for members in found.basis.members() or ()) == size
        lower, factor = np.full(size, -np.inf), random.uniform(0.7, 1.3)
        if random.random() < 0.4:
            row = random.integers(size)
            lower[row] = random.uniform(0.5, 1) * program.row_upper[row]
        program = replace(program, row_lower=lower, row_upper=factor * program.row_upper)
    assert Termination.INFEASIBLE in ends
