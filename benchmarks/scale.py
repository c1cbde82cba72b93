"""Time and memory against size, up to a million columns, with the exponents of their growth.

Each size and engine runs in a process of its own within a limit; an engine that ran out of time is not asked again for
a larger size. An exponent is the slope of a straight line through the logarithms: 1 is in step with the columns.
"""

import argparse
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.cells import Cell, run
from benchmarks.contenders import ENGINES, is_rough
from benchmarks.generate import LADDER, write_case
from benchmarks.machine import described, save

SHOWN = ("optimum alone", "GLOP", "HiGHS hipdlp 1e-4", "PDLP 1e-4")
BUILD = "optimizer"


def exponent(columns: list[int], values: list[float]) -> float:
    """Return the slope of a line through the logarithms; not a number below three points."""
    if len(columns) < 3:
        return float("nan")
    return float(np.polyfit(np.log(columns), np.log(values), 1)[0])


def main() -> None:
    """Print the curves."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks scale", description=__doc__)
    parser.add_argument("--sizes", nargs="*", choices=LADDER, default=list(LADDER))
    parser.add_argument("--engines", nargs="*", choices=ENGINES, default=list(SHOWN))
    parser.add_argument("--limit", type=float, default=300.0, help="Seconds on the clock for each cell.")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(described(), flush=True)
    found: dict[str, dict[str, Cell]] = {}
    columns: dict[str, int] = {}
    tired: set[str] = set()
    with TemporaryDirectory() as scratch:
        for size in given.sizes:
            folder = write_case(Path(scratch) / size, seed=given.seed, **asdict(LADDER[size]))
            columns[size] = _columns(folder)
            found[size] = {}
            print(f"\n{size}: {columns[size]:,} columns", flush=True)
            for name in (BUILD, *(name for name in given.engines if name not in tired)):
                cell = run(name, folder, given.limit, "build" if name == BUILD else "solve")
                found[size][name] = cell
                print(f"  {name:<20}{_told(cell)}", flush=True)
                if cell["ended"] != "whole":
                    tired.add(name)
    print("\nexponents of processor seconds and of the process's peak memory against columns")
    growth = {name: _growth(name, columns, found) for name in (BUILD, *given.engines)}
    for name, (seconds, memory) in growth.items():
        rough = ", to 1e-4 only" if is_rough(name) else ""
        print(f"  {name:<20}{seconds:>6.2f}{memory:>8.2f}{rough}")
    data: dict[str, Any] = {"options": vars(given), "columns": columns, "cells": found, "exponents": growth}
    print(f"written to {save('scale', data)}")


def _columns(folder: Path) -> int:
    from optimizer import load_case
    from optimizer.compiler import compile_case

    return compile_case(load_case(folder)).n_columns


def _told(cell: Cell) -> str:
    steps = [step for step in ("read", "build", "hand_over", "solve") if step in cell]
    times = ", ".join(f"{step.replace('_', '-')} {cell[step]['cpu']:.3g} s" for step in steps)
    peak = max((cell[step]["peak"] for step in steps), default=float("nan"))
    ended = "" if cell["ended"] == "whole" else f"; {cell['ended']}"
    return f"{times}; {peak:,.0f} MB{ended}"


def _growth(name: str, columns: dict[str, int], found: dict[str, dict[str, Cell]]) -> tuple[float, float]:
    """Return the exponents of the last step's processor seconds, and of the memory beyond a bare process's."""
    step = "build" if name == BUILD else "solve"
    cells = {size: cells[name] for size, cells in found.items() if name in cells and step in cells[name]}
    base = min((cell["read"]["peak"] for cell in found[next(iter(found))].values() if "read" in cell), default=0.0)
    at = [columns[size] for size in cells]
    seconds = exponent(at, [cell[step]["cpu"] for cell in cells.values()])
    memory = exponent(at, [max(cell[step]["peak"] - base, 1.0) for cell in cells.values()])
    return seconds, memory


if __name__ == "__main__":
    main()
