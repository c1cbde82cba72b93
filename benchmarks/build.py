"""How long a case in memory takes to become a linear program, beside the same program written in PuLP.

Seconds depend on the machine; the ratio, taken in the same run, is what to compare.
"""

import argparse
import platform
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from benchmarks.generate import SIZES, write_case

COMPARED = ("S", "M")


def timed(function: Callable[[Any], Any], case: Any, repeats: int) -> tuple[float, Any]:
    """Return the median seconds of repeated calls, and what the last one returned."""
    seconds, result = [], None
    for _ in range(repeats):
        result = None  # the last result is freed outside the clock
        began = perf_counter()
        result = function(case)
        seconds.append(perf_counter() - began)
    return median(seconds), result


def compare(folder: Path, repeats: int) -> str:
    """Build one case both ways and return a line of the table."""
    from benchmarks.peers import pulp_model
    from optimizer import load_case
    from optimizer.compiler import compile_case

    ours, program = timed(compile_case, load_case(folder), repeats)
    theirs, _ = timed(pulp_model.build, pulp_model.read_case(folder), repeats)
    counts = f"{program.n_columns:>11,} {program.n_rows:>10,} {program.n_nonzeros:>10,}"
    return f"{counts} {ours:>11.3f} {theirs:>9.3f} {theirs / ours:>7.1f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Compare build times with the PuLP peer.")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "pandas", "pulp"))
    print(f"Python {platform.python_version()}, {packages}; {platform.machine()}, {cpu_count()} cores")
    print(f"seed {arguments.seed}, median of {arguments.repeats}, seconds")
    print("size     columns       rows   nonzeros   optimizer      PuLP   ratio")
    with TemporaryDirectory() as scratch:
        for size in COMPARED:
            folder = write_case(Path(scratch) / size, seed=arguments.seed, **asdict(SIZES[size]))
            print(f"{size:<4} {compare(folder, arguments.repeats)}")


if __name__ == "__main__":
    main()
