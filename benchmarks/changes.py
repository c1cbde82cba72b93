"""How long a program takes to follow a change of figures, beside building it anew.

Budgets and prices of overlap stand alone in the program and are put in their place; what else is changed leaves the
case's unchanged tables as they were read, and the program is built again.
"""

import argparse
from dataclasses import asdict
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.cells import clocked
from benchmarks.generate import SIZES, write_case
from benchmarks.machine import described, save
from optimizer import Case, Change, load_case
from optimizer.compiler import Compiled, compile_sets, recompile

REPEATS = 7


def changes_of(case: Case) -> dict[str, Change]:
    """Return one change of each kind."""
    stage, field = str(case.table("stages")["stage"][1]), str(case.table("fields")["field"][0])
    return {
        "budget": Change("budget", "amount", "multiply", 0.9, f"year={case.years[-1]}"),
        "price of overlap": Change("case", "overlap.between_clusters", "set", 0.2),
        "success rate": Change("stages", "success_rate", "multiply", 0.95, f"stage={stage}"),
        "cost": Change("stages", "cost", "multiply", 1.05, f"stage={stage}"),
        "value": Change("fields", "value", "multiply", 1.1, f"field={field}"),
        "rule": Change("rules", "value", "multiply", 0.9, "rule=cluster ceiling"),
    }


def seconds(before: Compiled, case: Case) -> tuple[float, float]:
    """Return the processor seconds of following a change and of building anew, taken in turn."""
    followed, anew = [], []
    for _ in range(REPEATS):
        followed.append(clocked(lambda changed: recompile(before, changed), case)[2])
        anew.append(clocked(compile_sets, case)[2])
    return median(followed), median(anew)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks changes", description=__doc__)
    parser.add_argument("--sizes", nargs="*", choices=SIZES, default=["M"])
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(described())
    found = {}
    with TemporaryDirectory() as scratch:
        for size in given.sizes:
            case = load_case(write_case(Path(scratch) / size, seed=given.seed, **asdict(SIZES[size])))
            before = compile_sets(case)
            print(f"\n{size:<20} {'change':>10} {'program':>10} {'anew':>10}   processor milliseconds")
            for name, change in changes_of(case).items():
                changed, _, asked = clocked(case.change, change)
                followed, anew = seconds(before, changed)
                found[f"{size} {name}"] = {"change": asked, "program": followed, "anew": anew}
                times = "".join(f"{1e3 * value:>11.2f}" for value in (asked, followed, anew))
                print(f"{name:<20}{times}   {followed / anew:.2f} times anew")
    print(f"\nwritten to {save('changes', found)}")


if __name__ == "__main__":
    main()
