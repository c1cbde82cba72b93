"""How large plans under uncertainty are, how long they take and how much memory, by number of futures and engine.

Success rates and costs of every stage differ between futures. Each size is planned in a process of its own, so that its
peak memory is its own. Overlap counts by method ``fixed``, so that one linear program is timed and not a sequence;
committed money may lapse. Seconds depend on the machine; how they grow from one size to the next is what to look at.
Seconds of the processor are told beside those that passed, for a machine that others use too.
"""

import argparse
import os
import resource
import subprocess
import sys
from itertools import product
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from optimizer import (
    Case,
    Change,
    CVaR,
    Expectation,
    Future,
    SolveError,
    SolveOptions,
    WorstCase,
    load_case,
    stochastic,
)

CASE = Path(__file__).parent.parent / "inputs" / "korea"
RANGES = {"success_rate": (0.8, 1.0), "cost": (0.9, 1.2)}
"""Between what figures of a stage lie, as multiples of today's."""
RISKS = {"expectation": Expectation(), "cvar": CVaR(0.9, 0.5), "tail": CVaR(0.9, 1.0), "worst": WorstCase()}


def draw_futures(case: Case, count: int, seed: int) -> list[Future]:
    """Draw futures of equal probability."""
    draw = np.random.default_rng(seed)
    stages = case.table("stages")["stage"]
    return [
        Future(
            f"future {number}",
            1 / count,
            tuple(
                Change("stages", column, "multiply", float(draw.uniform(*ends)), f"stage={stage}")
                for column, ends in RANGES.items()
                for stage in stages
            ),
        )
        for number in range(count)
    ]


def plan(arguments: argparse.Namespace) -> None:
    """Plan one size and print what it took."""
    case, began = load_case(arguments.case), perf_counter()
    options = SolveOptions(engine=arguments.engine[0], algorithm=arguments.algorithm, time_limit=arguments.limit)
    try:
        found = stochastic(
            case,
            draw_futures(case, arguments.futures[0], arguments.seed),
            case.years[arguments.committed - 1],
            lapse=True,
            overlap="fixed",
            risk=RISKS[arguments.risk],
            method=arguments.method,
            executor="serial",
            options=options,
        )
        effort = found.found.effort
        told = (
            f"{effort.columns:,} columns, {effort.rows:,} rows, {effort.nonzeros:,} nonzeros, {effort.solves} solves, "
            f"bound {effort.bound:,.2f}, gap {effort.gap:.1e}"
        )
    except SolveError as end:
        told = str(end)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # kilobytes on Linux
    print(
        f"{arguments.futures[0]} futures, {arguments.method}, {arguments.engine[0]}, {arguments.risk}: "
        f"{perf_counter() - began:.1f} s, {process_time():.1f} s of the processor, {peak:.2f} GB; {told}",
        flush=True,
    )


def main() -> None:
    """Plan every size with every engine, one process after the other."""
    parser = argparse.ArgumentParser(description="Measure plans under uncertainty.")
    parser.add_argument("--case", default=str(CASE))
    parser.add_argument("--futures", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--engine", nargs="+", default=["highs"])
    parser.add_argument("--algorithm", default="auto")
    parser.add_argument("--method", default="extensive", choices=("extensive", "benders"))
    parser.add_argument("--risk", default="expectation", choices=tuple(RISKS))
    parser.add_argument("--committed", type=int, default=2, help="Committed years.")
    parser.add_argument("--limit", type=float, default=300.0, help="Seconds for each.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        plan(arguments)
        return
    for count, engine in product(arguments.futures, arguments.engine):
        shared = {
            name: getattr(arguments, name)
            for name in ("case", "algorithm", "method", "risk", "committed", "limit", "seed")
        }
        words = [f"--{name}={value}" for name, value in shared.items()]
        command = [sys.executable, "-m", "benchmarks.stochastic", "--here", f"--futures={count}", f"--engine={engine}"]
        subprocess.run([*command, *words], check=True, env=os.environ)


if __name__ == "__main__":
    main()
