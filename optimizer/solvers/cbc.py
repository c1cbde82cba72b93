"""CBC, the program that PuLP brings along: an MPS file out, its binary solution file back, in a process of its own.

PuLP's own call is not used, since it fills its model element by element, reads results that were printed to 8 digits,
and leaves the process running on Ctrl-C. CBC saves values and prices as they are in memory, and its basis, from which
the next solve goes on. Its interior point method is left out: it calls some unbounded programs optimal.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from optimizer.errors import SolveError
from optimizer.language import say
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import Algorithm, SolveOptions
from optimizer.solvers.base import KeepsNumbers
from optimizer.solvers.rays import dual_ray, primal_ray
from optimizer.solvers.result import Basis, Progress, ProgressHook, SolveResult, Termination, crossed_result
from optimizer.solvers.waiting import run_interruptible

STATUSES = {
    "Optimal": Termination.OPTIMAL,
    "Infeasible": Termination.INFEASIBLE,
    "Integer infeasible": Termination.INFEASIBLE,
    "Unbounded": Termination.UNBOUNDED,
    "Stopped on time": Termination.TIME_LIMIT,
    "Stopped on": Termination.OTHER_LIMIT,
}
"""How the first line of CBC's solution file begins, in our words; one that is not listed is an error."""
BOUND = re.compile(r"^(?:Lower|Upper) bound: +(\S+)$", re.MULTILINE)
ITERATIONS = re.compile(r"(?:- (\d+) iterations time|^Total iterations: +(\d+)$)", re.MULTILINE)
ROUNDING = 5e-4
"""CBC prints bounds with three digits; half of the last one keeps them true."""
INCREMENT = 1e-5
"""CBC leaves out solutions that are better by less than this."""
GRACE = 5.0
"""Seconds after its limit in which a search for whole numbers may still hand over what it found."""
UNLIMITED_BELOW = "-1e30"


def open_session(program: LinearProgram, options: SolveOptions) -> CbcSession:
    """Return a session that runs CBC on a program."""
    return CbcSession(program, options)


@dataclass(frozen=True)
class _Ended:
    """What a run of CBC left: the first line of its solution file, its log, its solution and its basis."""

    line: str
    log: str
    solution: bytes
    basis: str


class CbcSession(KeepsNumbers):
    """A program that CBC is run on; see :class:`optimizer.solvers.base.Session`."""

    def __init__(self, program: LinearProgram, options: SolveOptions) -> None:
        super().__init__(program)
        self._options = options
        self._whole = bool(program.integer.any())
        self._start: Vector | None = None
        self._basis: Basis | None = None
        self._cbc = _executable()

    def set_start(self, x: Vector) -> None:
        """Let a program with whole columns start from a feasible solution."""
        self._start = x

    def set_basis(self, basis: Basis) -> None:
        """Let the next solve start from a basis of an earlier one."""
        self._basis = basis

    def aside(self, basis: Basis) -> CbcSession:
        """Return this session, which starts from no other place."""
        return self

    def solve(self, time_limit: float | None = None, progress: ProgressHook | None = None) -> SolveResult:
        """Write the program, run CBC on it, from the last basis where there is one, and read what it saved.

        Raises
        ------
        SolveError
            If CBC fails.
        KeyboardInterrupt
            On Ctrl-C, after CBC has ended.
        """
        began = time.perf_counter()

        def seconds() -> float:
            return time.perf_counter() - began

        program = self._program
        if program.is_crossed:  # no file can say so
            return crossed_result(Algorithm.SIMPLEX.value, whole=self._whole)
        if not program.n_columns:
            broken = (program.row_lower > 0).any() or (program.row_upper < 0).any()
            how = Termination.INFEASIBLE if broken else Termination.OPTIMAL
            return self._without_a_run(how, "no columns", seconds())
        with TemporaryDirectory(prefix="optimizer-cbc-") as name:
            folder = Path(name)
            (folder / "program.mps").write_text(as_mps(program), encoding="ascii")
            limit = None if time_limit is None else max(time_limit - seconds(), 1e-3)
            command = self._command(folder, limit)
            process = subprocess.Popen(  # noqa: S603  # the program that PuLP brings along, with our own file names
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C goes to us, and we end it
                text=True,
                errors="replace",
            )

            def work() -> _Ended | None:
                try:
                    patience = None if limit is None else limit + (GRACE if self._whole else 0)
                    log, _ = process.communicate(timeout=patience)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.communicate()
                    return None
                return _read(folder, log)

            ended = run_interruptible(work, process.kill, lambda: Progress(seconds(), 0, float("nan")), progress)
        if ended is None:
            return self._without_a_run(Termination.TIME_LIMIT, "stopped on time", seconds())
        return self._result(ended, seconds())

    def _command(self, folder: Path, time_limit: float | None) -> list[str]:
        program, options = self._program, self._options
        words = [self._cbc, "program.mps", "-max" if program.maximize else "-min", "-timeMode", "elapsed"]
        words += ["-primalT", repr(options.feasibility_tolerance), "-dualT", repr(options.feasibility_tolerance)]
        if time_limit is not None:
            words += ["-sec", repr(time_limit)]
        if self._whole:
            words += ["-ratio", repr(options.gap)]
            if options.threads:
                words += ["-threads", str(options.threads)]
            if self._start is not None:
                (folder / "start").write_text(_as_start(self._start), encoding="ascii")
                words += ["-mips", "start"]
            words += ["-solve"]
        elif self._basis is not None:
            (folder / "begin.bas").write_text(self._basis.columns, encoding="ascii")
            # a changed objective leaves the basis primal feasible; presolve would throw it away
            words += ["-basisI", "begin.bas", "-presolve", "off", "-primalS"]
        else:
            words += ["-dualS"]
        words += ["-solution", "solution.txt", "-saveSolution", "solution.bin"]
        return [*words, *([] if self._whole else ["-basisO", "end.bas"]), "-quit"]

    def _result(self, ended: _Ended, seconds: float) -> SolveResult:
        program = self._program
        termination = next((word for text, word in STATUSES.items() if ended.line.startswith(text)), Termination.ERROR)
        optimal = termination is Termination.OPTIMAL
        found = optimal or (self._whole and termination.is_limit and "no integer solution" not in ended.line)
        x = row_dual = reduced_cost = None
        if found:
            x, row_dual, reduced_cost = _unpacked(ended.solution, program)
        self._basis = Basis(ended.basis, None) if optimal and ended.basis else None
        objective = None if x is None else float(program.cost @ x)
        counts = [int(count or total) for count, total in ITERATIONS.findall(ended.log)]
        return SolveResult(
            termination=termination,
            detail=ended.line.partition(" - ")[0].lower(),
            algorithm="branch and bound" if self._whole else Algorithm.SIMPLEX.value,
            iterations=counts[-1] if counts else 0,
            seconds=seconds,
            whole=self._whole,
            _objective=objective,
            _bound=self._bound(ended.log, objective, optimal=optimal) if self._whole else objective,
            _x=x,
            _row_dual=None if self._whole else row_dual,
            _reduced_cost=None if self._whole else reduced_cost,
            _basis=self._basis,
            # CBC gives no rays; some proofs are plain to see
            _dual_ray=self._plain_dual_ray(termination),
            _primal_ray=self._plain_primal_ray(termination),
        )

    def _plain_dual_ray(self, termination: Termination) -> Vector | None:
        if self._whole or termination is not Termination.INFEASIBLE:
            return None
        return dual_ray(self._program, None, self._options.feasibility_tolerance)

    def _plain_primal_ray(self, termination: Termination) -> Vector | None:
        if self._whole or termination is not Termination.UNBOUNDED:
            return None
        return primal_ray(self._program, None, self._options.feasibility_tolerance)

    def _bound(self, log: str, objective: float | None, *, optimal: bool) -> float | None:
        """Return what is proven about the best whole solution; ``None`` where CBC says nothing that can be true."""
        sense = 1.0 if self._program.maximize else -1.0
        said = BOUND.search(log)
        if said is not None:
            bound = float(said.group(1)) + sense * ROUNDING
            return bound if objective is None or sense * (bound - objective) >= 0 else None
        if optimal and objective is not None:
            return objective + sense * max(self._options.gap * abs(objective), INCREMENT)
        return None

    def _without_a_run(self, termination: Termination, detail: str, seconds: float) -> SolveResult:
        nothing = np.empty(0) if termination is Termination.OPTIMAL else None
        priced = nothing is not None and not self._whole
        return SolveResult(
            termination=termination,
            detail=detail,
            algorithm=Algorithm.SIMPLEX.value,
            iterations=0,
            seconds=seconds,
            whole=self._whole,
            _objective=None if nothing is None else 0.0,
            _bound=None if nothing is None else 0.0,
            _x=nothing,
            _row_dual=np.zeros(self._program.n_rows) if priced else None,
            _reduced_cost=nothing if priced else None,
            _dual_ray=self._plain_dual_ray(termination),
        )


def _executable() -> str:
    """Return the path of CBC: PuLP's own, else the one on the path."""
    from pulp.apis import PULP_CBC_CMD

    for path in (PULP_CBC_CMD.pulp_cbc_path, "cbc"):
        found = shutil.which(path)
        if found is not None:
            return found
    msg = say(
        "CBC is not where PuLP keeps it ({path}), and no program 'cbc' is on the path. Install PuLP 3.3, which "
        "brings it along, or choose another engine; 'optimizer doctor' lists them.",
        path=PULP_CBC_CMD.pulp_cbc_path,
    )
    raise SolveError(msg)


def _read(folder: Path, log: str) -> _Ended:
    text, solution, basis = (folder / name for name in ("solution.txt", "solution.bin", "end.bas"))
    if not text.exists() or not solution.exists():
        last = " / ".join(log.strip().splitlines()[-3:])
        msg = say(
            "CBC ended without a solution file; its last words: {last}. Run 'optimizer doctor' to see whether it "
            "works at all, or choose another engine.",
            last=repr(last),
        )
        raise SolveError(msg)
    with text.open(encoding="ascii", errors="replace") as stream:
        line = stream.readline().strip()
    return _Ended(line, log, solution.read_bytes(), basis.read_text(encoding="ascii") if basis.exists() else "")


def _unpacked(solution: bytes, program: LinearProgram) -> tuple[Vector, Vector, Vector]:
    """Return values, row prices and reduced costs of CBC's binary file: counts, objective, rows, then columns."""
    rows, columns = np.frombuffer(solution, dtype="<i4", count=2)
    if (rows, columns) != (program.n_rows, program.n_columns):
        msg = say(
            "CBC's solution has {rows} rows and {columns} columns, the program {own_rows} and {own_columns}; choose "
            "another engine, 'optimizer doctor' lists them.",
            rows=rows,
            columns=columns,
            own_rows=program.n_rows,
            own_columns=program.n_columns,
        )
        raise SolveError(msg)
    numbers = np.frombuffer(solution, dtype="<f8", offset=8)
    _, _, row_dual, x, reduced_cost = np.split(numbers, np.cumsum([1, rows, rows, columns]))
    return x + 0.0, row_dual + 0.0, reduced_cost[:columns] + 0.0


def _as_start(x: Vector) -> str:
    lines = [f"{number} C{number} {value!r} 0" for number, value in enumerate(x.tolist())]
    return "\n".join(["Stopped on time - objective value 0", *lines, ""])


def as_mps(program: LinearProgram) -> str:
    """Return a program as free MPS, all numbers in full; rows are named ``R0, R1, ..``, columns ``C0, C1, ..``."""
    low, high = program.row_lower, program.row_upper
    kinds = np.where(low == high, "E", np.where(np.isfinite(high), "L", "G"))
    sides = np.where(np.isfinite(high), high, low)
    rows = [f" {kind} R{number}" for number, kind in enumerate(kinds.tolist())]
    right = [f" RHS R{i} {UNLIMITED_BELOW if side == -np.inf else repr(side)}" for i, side in enumerate(sides.tolist())]
    ranged = np.flatnonzero(np.isfinite(low) & np.isfinite(high) & (low < high))
    ranges = [f" RNG R{i} {span!r}" for i, span in zip(ranged.tolist(), (high - low)[ranged].tolist(), strict=True)]
    return "\n".join(
        chain(
            ["NAME program FREE", "ROWS", " N OBJ"],
            rows,
            ["COLUMNS"],
            _columns(program),
            ["RHS"],
            right,
            ["RANGES", *ranges] if ranges else [],
            ["BOUNDS"],
            _bounds(program),
            ["ENDATA", ""],
        )
    )


def _columns(program: LinearProgram) -> list[str]:
    """Return the entries column by column, whole columns between markers."""
    starts, whole = program.starts.tolist(), program.integer.tolist()
    names = [f" R{number} " for number in range(program.n_rows)]
    rows, values = program.indices.tolist(), list(map(repr, program.values.tolist()))
    lines, within = [], False
    for number, cost in enumerate(program.cost.tolist()):
        if whole[number] != within:
            within = whole[number]
            lines.append(f" MARKER 'MARKER' '{'INTORG' if within else 'INTEND'}'")
        column, entries = f" C{number}", slice(starts[number], starts[number + 1])
        lines.append(f"{column} OBJ {cost!r}")
        lines += [column + names[row] + value for row, value in zip(rows[entries], values[entries], strict=True)]
    return [*lines, " MARKER 'MARKER' 'INTEND'"] if within else lines


def _bounds(program: LinearProgram) -> list[str]:
    lines = []
    for number, (lower, upper) in enumerate(zip(program.lower.tolist(), program.upper.tolist(), strict=True)):
        if lower == upper:
            lines.append(f" FX BND C{number} {lower!r}")
            continue
        if lower == -np.inf:
            lines.append(f" MI BND C{number}")
        elif lower != 0:
            lines.append(f" LO BND C{number} {lower!r}")
        if upper != np.inf:
            lines.append(f" UP BND C{number} {upper!r}")
        elif program.integer[number]:
            lines.append(f" PL BND C{number}")
    return lines
