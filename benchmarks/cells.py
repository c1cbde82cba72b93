"""One cell of a table: a contender on a case, in a process of its own, step by step and within a time limit.

The process tells each step as it ends, so that a cell that runs out of time keeps what it had done. Times are seconds
on the clock and of the processor, those of children and all threads included; memory is the process's peak so far.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.contenders import ENGINES, PROGRAMS

REPEATS, ENOUGH = 25, 6.0
"""Builds are repeated so often at most, or until so many seconds have gone; what is shown is their median."""
Cell = dict[str, Any]
STEPS = ("read", "build", "hand_over", "solve", "solve_again")


def processor_seconds() -> float:
    """Return what this process and its children have used so far."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def peak_megabytes() -> float:
    """Return the largest memory of this process, or of a child, so far."""
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(used.ru_maxrss for used in both) / 1024  # kilobytes on Linux


def clocked(function: Callable[[Any], Any], given: Any) -> tuple[Any, float, float]:
    """Return what a function makes, and its seconds on the clock and of the processor."""
    wall, used = time.perf_counter(), processor_seconds()
    made = function(given)
    return made, time.perf_counter() - wall, processor_seconds() - used


def tell(**what: Any) -> None:
    """Report to the parent."""
    print(json.dumps(what), flush=True)


def work(name: str, folder: Path, last: str) -> None:
    """Go through the steps of a contender."""
    steps = {**PROGRAMS, **ENGINES}[name]()
    made, wall, cpu = clocked(steps.read, folder)
    tell(step="read", wall=wall, cpu=cpu, peak=peak_megabytes())
    if steps.build is not None:
        given = made
        made, wall, cpu = clocked(steps.build, given)
        first, walls, cpus = wall, [wall], [cpu]
        while len(walls) < REPEATS and sum(walls) < ENOUGH:
            made = None  # the last one is freed outside the clock
            made, wall, cpu = clocked(steps.build, given)
            walls.append(wall)
            cpus.append(cpu)
        tell(step="build", wall=median(walls), cpu=median(cpus), first=first, peak=peak_megabytes())
    if last == "build":
        return
    if steps.hand_over is not None:
        made, wall, cpu = clocked(steps.hand_over, made)
        tell(step="hand_over", wall=wall, cpu=cpu, peak=peak_megabytes())
    if last == "hand_over":
        return
    if steps.solve is not None:
        optimum, wall, cpu = clocked(steps.solve, made)
        tell(step="solve", wall=wall, cpu=cpu, peak=peak_megabytes(), optimum=optimum)
    if steps.prepare is not None and last == "solve_again":
        made = steps.prepare(made)
    if steps.solve_again is not None and last == "solve_again":
        optimum, wall, cpu = clocked(steps.solve_again, made)
        tell(step="solve_again", wall=wall, cpu=cpu, peak=peak_megabytes(), optimum=optimum)


def run(name: str, folder: Path, limit: float, last: str = STEPS[-1]) -> Cell:
    """Measure a contender in a process of its own.

    Returns
    -------
    Cell
        Step -> what was told of it; ``ended`` says whether the process ended by itself, by the limit, or with an error.
    """
    return {"contender": name, **run_apart(["benchmarks.cells", name, str(folder), last], limit)}


def run_apart(module: Sequence[str], limit: float) -> Cell:
    """Run a module with its arguments in a process of its own; see :func:`run` for what is returned."""
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=limit)
        ended = "whole" if process.returncode == 0 else f"error: {err.strip().splitlines()[-1:]}"
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # the contender's own children go with it
        out, _ = process.communicate()
        ended = "limit"
    told = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    return {"ended": ended, **{step.pop("step"): step for step in told}}


if __name__ == "__main__":
    work(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
