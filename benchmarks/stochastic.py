"""Plans under uncertainty: time and memory by number of futures, engine and risk, and how many futures fit into 8 GB.

Success rates and costs of every stage differ between futures. Each cell is planned in a process of its own, so that its
peak memory is its own, and may use so many seconds of the processor; an engine that ran out of them is not asked for
more futures. Overlap counts by method ``fixed``, so that one linear program is timed and not a sequence; committed
money may lapse. A cell tells the build (futures compiled and joined) and the whole study (build, solve, and the second
solve for the least spend), in seconds of the processor, all threads together. Seconds depend on the machine; how they
grow from one size to the next is what to look at.
"""

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np

from benchmarks.cells import Cell, clocked, peak_megabytes, processor_seconds, run_apart, tell
from benchmarks.machine import described, save
from optimizer import (
    Case,
    Change,
    CVaR,
    Expectation,
    Future,
    SolveOptions,
    WorstCase,
    load_case,
    stochastic,
)

CASE = Path(__file__).parent.parent / "inputs" / "korea"
RANGES = {"success_rate": (0.8, 1.0), "cost": (0.9, 1.2)}
"""Between what figures of a stage lie, as multiples of today's."""
RISKS: dict[str, Expectation | CVaR | WorstCase] = {
    "expectation": Expectation(),
    "cvar": CVaR(0.9, 0.5),
    "tail": CVaR(0.9, 1.0),
    "worst": WorstCase(),
}
ENGINES: dict[str, dict[str, Any]] = {
    "HiGHS": {},
    "HiGHS ipm": {"algorithm": "ipm"},
    "HiGHS simplex": {"algorithm": "simplex"},
    "HiGHS hipdlp": {"algorithm": "pdlp"},
    "GLOP": {"engine": "glop"},
    "PDLP": {"engine": "pdlp"},
    "CLP (CBC)": {"engine": "cbc"},
}
"""Engines as they are asked for; ``HiGHS`` alone chooses by size, which is the interior point method here."""
PATIENCE = 3.0
"""Times the limit that a cell may take on the clock, for a machine that others use too."""
ROOM = 8_000.0
"""Megabytes for which the number of futures is estimated."""
MEMBERS = ("case", "method", "committed", "limit", "seed")
"""Options that every cell shares."""


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


# --- a cell, in its own process --------------------------------------------------------------------------------------


def work(given: argparse.Namespace) -> None:
    """Plan one cell and tell what each step took."""
    Thread(target=_watch, args=(given.limit,), daemon=True).start()
    (count,), (engine,), (risk,) = given.futures, given.engines, given.risk
    case = load_case(given.case)
    futures = draw_futures(case, count, given.seed)
    until = case.years[given.committed - 1]
    size, wall, cpu = clocked(lambda _: _built(case, futures, until), None)
    tell(step="build", wall=wall, cpu=cpu, peak=peak_megabytes(), **size)

    def plan(_: object) -> Any:
        return stochastic(
            case,
            futures,
            until,
            lapse=True,
            overlap="fixed",
            risk=RISKS[risk],
            method=given.method,
            executor="serial",
            options=SolveOptions(**ENGINES[engine]),
        )

    found, wall, cpu = clocked(plan, None)
    effort = found.found.effort
    told = {"value": found.value, "bound": effort.bound, "gap": effort.gap, "solves": effort.solves}
    tell(step="plan", wall=wall, cpu=cpu, peak=peak_megabytes(), **told)


def _watch(limit: float) -> None:
    """End the process when it has used its seconds; children that still run do not count before they end."""
    while processor_seconds() < limit:
        time.sleep(0.2)
    tell(step="stopped", cpu=processor_seconds(), peak=peak_megabytes())
    os._exit(0)


def _built(case: Case, futures: Sequence[Future], until: int) -> dict[str, int]:
    """Build the joint program and return its size."""
    from optimizer.analysis.stochastic import How, setting_of
    from optimizer.analysis.two_stage import Blocks
    from optimizer.lp.compose import compose
    from optimizer.options import OverlapMethod

    blocks = Blocks(setting_of(case, How(commit_until=until, lapse=True, overlap=OverlapMethod.FIXED)))
    made = [blocks.block(future) for future in futures]
    shares = [future.probability for future in futures]
    program = compose([block.program for block in made], shares, [block.shared for block in made]).program
    return {"columns": program.n_columns, "rows": program.n_rows, "nonzeros": program.n_nonzeros}


# --- the table -------------------------------------------------------------------------------------------------------


def measured(given: argparse.Namespace) -> Iterator[Cell]:
    """Measure every cell, one process after the other, those of an engine that ran out of time left out."""
    tired: dict[tuple[str, str], int] = {}
    shared = [f"--{name}={getattr(given, name)}" for name in MEMBERS]
    for engine, risk, count in product(given.engines, given.risk, sorted(given.futures)):
        if tired.get((engine, risk), count) < count:
            continue
        words = ["--here", f"--futures={count}", "--engines", engine, f"--risk={risk}", *shared]
        cell = run_apart(["benchmarks.stochastic", *words], PATIENCE * given.limit)
        cell = {"engine": engine, "risk": risk, "futures": count, **cell}
        if "stopped" in cell:
            cell["ended"] = "limit"
        if cell["ended"] != "whole":
            tired[engine, risk] = count
        print(_told(cell, given.limit), flush=True)
        yield cell


def _told(cell: Cell, limit: float) -> str:
    head = f"{cell['engine']:<14}{cell['risk']:<12}{cell['futures']:>4} futures  "
    built, plan = cell.get("build"), cell.get("plan")
    size = f"{built['columns']:>9,} columns, build {built['cpu']:6.2f} s; " if built else ""
    if plan is not None:
        gap = f", gap {plan['gap']:.1e}" if plan["gap"] else ""
        return f"{head}{size}{plan['cpu']:7.1f} s, {plan['peak']:6,.0f} MB, {plan['bound']:,.2f}{gap}"
    peak = f", {cell['stopped']['peak']:,.0f} MB so far" if "stopped" in cell else ""
    return f"{head}{size}{f'not within {limit:g} s' if cell['ended'] == 'limit' else cell['ended']}{peak}"


def fitting(cells: Sequence[Cell], room: float) -> float:
    """Return how many futures fit into memory, by a straight line through measured peaks; not a number below two."""
    pairs = [(cell["plan"]["peak"], cell["futures"]) for cell in cells if "plan" in cell]
    if len({count for _, count in pairs}) < 2:
        return float("nan")
    slope, base = np.polyfit([count for _, count in pairs], [peak for peak, _ in pairs], 1)
    return float((room - base) / slope)


def main() -> None:
    """Print a line for each cell, then what fits into memory."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks stochastic", description=__doc__)
    parser.add_argument("--case", default=str(CASE))
    parser.add_argument("--futures", type=int, nargs="+", default=[2, 4])
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=[name for name in ENGINES if name != "HiGHS"])
    parser.add_argument("--risk", nargs="+", choices=RISKS, default=["expectation"])
    parser.add_argument("--method", default="extensive", choices=("extensive", "benders"))
    parser.add_argument("--committed", type=int, default=2, help="Committed years.")
    parser.add_argument("--limit", type=float, default=240.0, help="Seconds of the processor for each cell.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--name", default="stochastic", help="Name of the file that keeps what was found.")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        work(given)
        return
    print(described(), flush=True)
    cells = list(measured(given))
    room = {
        f"{engine}, {risk}": fitting([one for one in cells if (one["engine"], one["risk"]) == (engine, risk)], ROOM)
        for engine, risk in product(given.engines, given.risk)
    }
    for name, most in room.items():
        if np.isfinite(most):
            print(f"{name}: about {most:,.0f} futures in {ROOM / 1000:g} GB, by a line through the peaks above")
    known = {name: most for name, most in room.items() if np.isfinite(most)}
    print(f"written to {save(given.name, {'options': vars(given), 'cells': cells, 'fitting': known})}")


if __name__ == "__main__":
    main()
