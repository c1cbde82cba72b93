"""How long 1,000 changed copies of a case take to plan, beside rebuilding and solving each in PuLP with CBC.

Budgets, prices of overlap and success rates change in turn. The sweep is timed whole, its start and its processes
included; the peer plans one copy after the other, so a few of them, drawn evenly, tell what all would take. Both plan
by method ``fixed`` and take the plan of least spend; the peer is also timed without that second solve. Both must find
the same optima. Seconds depend on the machine; the ratio, taken in the same run, is what to compare.
"""

import argparse
import random
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from time import perf_counter

import pandas as pd

from benchmarks.peers import pulp_model
from optimizer import Case, CaseError, Change, load_case, sweep

CASE = Path(__file__).parent.parent / "inputs" / "tutorial"
TOLERANCE = 1e-6


def draw_changes(case: Case, count: int, seed: int) -> list[Change]:
    """Draw changes of a year's budget, of the price of overlap, and of a stage's success rate, in turn."""
    draw = random.Random(seed)
    stages = case.table("stages")["stage"].tolist()
    changes: list[Change] = []
    while len(changes) < count:
        year, stage = draw.choice(case.years), draw.choice(stages)
        change = (
            Change("budget", "amount", "multiply", draw.uniform(0.7, 1.3), f"year={year}"),
            Change("case", "overlap.between_clusters", "set", draw.uniform(0, 0.8)),
            Change("stages", "success_rate", "multiply", draw.uniform(0.8, 1.1), f"stage={stage}"),
        )[len(changes) % 3]
        try:
            case.change(change)
        except CaseError:  # a success rate above 1
            continue
        changes.append(change)
    return changes


def time_peer(case: Case, changes: list[Change], scratch: Path, *, least_spend: bool) -> tuple[float, list[float]]:
    """Return the mean time the peer takes to build and solve a changed case in memory, and its optima."""
    seconds, optima = [], []
    scratch.mkdir()
    for number, change in enumerate(changes):
        folder = scratch / str(number)
        case.change(change).save(folder)
        copy = pulp_model.read_case(folder)
        began = perf_counter()
        solution = pulp_model.solve(pulp_model.build(copy), least_spend=least_spend)
        seconds.append(perf_counter() - began)
        optima.append(float(solution.lp_objective or "nan"))
    return mean(seconds), optima


def worst_difference(table: pd.DataFrame, optima: list[float], every: int) -> float:
    """Return the largest relative difference between the peer's optima and ours."""
    ours = table["lp_objective"].tolist()[::every]
    return max(abs(a - b) / (1 + abs(b)) for a, b in zip(ours, optima, strict=True))


def main() -> None:
    """Print both times and their ratio; end with an error where the optima differ."""
    parser = argparse.ArgumentParser(description="Compare sweeps with the PuLP peer.")
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--every", type=int, default=25, help="The peer plans one of so many points.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--executor", default="processes", choices=("processes", "serial"))
    arguments = parser.parse_args()
    case = load_case(CASE)
    changes = draw_changes(case, arguments.points, arguments.seed)
    some = changes[:: arguments.every]
    print(f"{len(changes)} points of the tutorial, seed {arguments.seed}; the peer plans {len(some)} of them")
    with TemporaryDirectory() as scratch:
        # half of the peer before and half after, so that a machine that gets busier does not favour one side
        before = time_peer(case, some[::2], Path(scratch) / "before", least_spend=True)
        began = perf_counter()
        found = sweep(case, changes, method="fixed", executor=arguments.executor, progress=False)
        ours = perf_counter() - began
        after = time_peer(case, some[1::2], Path(scratch) / "after", least_spend=True)
        single, optima = time_peer(case, some, Path(scratch) / "single", least_spend=False)
    theirs = mean((before[0], after[0])) * len(changes)
    print(f"optimizer, {arguments.executor:<12} {ours:>8.1f} s")
    print(f"PuLP with CBC           {theirs:>8.1f} s   ratio {theirs / ours:>6.1f}")
    print(f"  one solve a point     {single * len(changes):>8.1f} s   ratio {single * len(changes) / ours:>6.1f}")
    worst = worst_difference(found.table, optima, arguments.every)
    print(f"largest difference of the optima {worst:.1e}")
    if not worst < TOLERANCE:
        raise SystemExit("the optima differ")


if __name__ == "__main__":
    main()
