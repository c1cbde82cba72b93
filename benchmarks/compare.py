"""The program of a case, solved every way there is: tables of the seconds and memory of each step, as ratios.

Every cell runs in a process of its own, one after the other. Seconds depend on the machine and on what else it does;
the ratios, taken in one run, are what to compare. Processor seconds suffer less from other work than those of a clock.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.cells import STEPS, Cell, run
from benchmarks.contenders import ENGINES, PROGRAMS, agree, is_installed, is_rough
from benchmarks.generate import LADDER, SIZES, write_case
from benchmarks.machine import described, save

KNOWN = {**SIZES, **LADDER}
COLUMNS = {"build": "build", "hand_over": "hand-over", "solve": "solve", "solve_again": "re-solve"}


def programs() -> None:
    """Compare the package with peers in other languages."""
    _main("programs", PROGRAMS, ["S", "M"], ["L"])


def engines() -> None:
    """Compare the package with bare engines on its own matrix."""
    chosen: dict[str, Callable[[], Any]] = {"optimizer": PROGRAMS["optimizer"], **ENGINES}
    _main("engines", chosen, ["S", "M"], [])


def _main(table: str, contenders: Mapping[str, Any], solved: list[str], built: list[str]) -> None:
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks {table}", description=__doc__)
    parser.add_argument("--sizes", nargs="*", choices=KNOWN, default=solved, help="Sizes that are built and solved.")
    parser.add_argument(
        "--build", nargs="*", choices=KNOWN, default=built, help="Sizes that are built and handed over, but not solved."
    )
    parser.add_argument("--only", nargs="*", choices=contenders, default=list(contenders))
    parser.add_argument("--limit", type=float, default=60.0, help="Seconds on the clock for each cell.")
    parser.add_argument("--clock", choices=("cpu", "wall"), default="cpu", help="Which seconds are shown.")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(described(), flush=True)
    found: dict[str, list[Cell]] = {}
    with TemporaryDirectory() as scratch:
        for size, last in [
            *((size, STEPS[-1]) for size in given.sizes),
            *((size, "hand_over") for size in given.build),
        ]:
            folder = write_case(Path(scratch) / size, seed=given.seed, **asdict(KNOWN[size]))
            names = [name for name in given.only if is_installed(name) and (last == STEPS[-1] or name not in ENGINES)]
            told = "" if last == STEPS[-1] else ", build and hand-over alone"
            print(f"\n{size}{told}: {given.clock} seconds, and how many times the first one's; peak memory in MB")
            print(" " * 22 + "".join(f"{title:>18}" for title in [*COLUMNS.values(), "total", "memory"]))
            found[f"{size}{told}"] = cells = []
            for name in names:
                cells.append(run(name, folder, given.limit, last))
                print(_line(cells[-1], cells[0], given.clock), flush=True)
            _check(cells)
    for name in given.only:
        if not is_installed(name):
            print(f"{name} is left out: install the extra 'bench'")
    print(f"\nwritten to {save(table, {'options': vars(given), 'tables': found})}")


def _line(cell: Cell, first: Cell, clock: str) -> str:
    """Write a line of the table; steps that a contender leaves out are blank."""
    fields = [_field(_seconds(cell, step, clock), _seconds(first, step, clock)) for step in COLUMNS]
    fields.append(_field(_total(cell, clock), _total(first, clock)))
    fields.append(_field(_peak(cell), _peak(first), digits=0))
    note = "" if cell["ended"] == "whole" else f"   {cell['ended']}"
    return f"{cell['contender']:<22}" + "".join(f"{field:>18}" for field in fields) + note


def _seconds(cell: Cell, step: str, clock: str) -> float | None:
    return float(cell[step][clock]) if step in cell else None


def _total(cell: Cell, clock: str) -> float | None:
    """Add the steps up, where none is missing because the time ran out."""
    seconds = [float(cell[step][clock]) for step in COLUMNS if step in cell]
    # what `optimizer` calls its solve builds as well
    once_too_often = (
        _seconds(cell, "build", clock) or 0.0 if cell["contender"] == "optimizer" and "solve" in cell else 0
    )
    return sum(seconds) - once_too_often if cell["ended"] == "whole" and seconds else None


def _peak(cell: Cell) -> float | None:
    return max((float(cell[step]["peak"]) for step in STEPS if step in cell), default=None)


def _field(value: float | None, first: float | None, digits: int = 3) -> str:
    if value is None:
        return ""
    ratio = f" ({value / first:.3g}x)" if first else ""
    return f"{value:.{digits}f}{ratio}" if value < 10 or not digits else f"{value:.1f}{ratio}"


def _check(cells: list[Cell]) -> None:
    """Say so where two contenders do not find the same optimum."""
    for step in ("solve", "solve_again"):
        optima = {cell["contender"]: cell[step]["optimum"] for cell in cells if step in cell}
        best = next(iter(optima.values()), None)
        for name, optimum in optima.items():
            if not agree([float(best or 0), optimum], rough=is_rough(name)):
                print(f"{name} finds {optimum:.10g} in step {step}, not {best:.10g}")
