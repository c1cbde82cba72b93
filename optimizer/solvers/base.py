"""What every engine adapter offers, and where adapters are found by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import Protocol

from optimizer.errors import InputError
from optimizer.language import say
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import Algorithm, SolveOptions
from optimizer.solvers.result import Basis, ProgressHook, SolveResult

SHORTEST = 1e-3
"""Seconds left to a solve when the time is up, so that it ends by its limit."""


def time_left(limit: float | None, passed: float) -> float | None:
    """Return what is left of a limit [seconds] for the next solve, ``None`` for no limit."""
    return None if limit is None else max(limit - passed, SHORTEST)


class Session(Protocol):
    """One program held by an engine, solved again and again with other numbers, each time from the last basis."""

    def solve(self, time_limit: float | None = None, progress: ProgressHook | None = None) -> SolveResult:
        """Solve what is held now."""

    def set_cost(self, cost: Vector, *, maximize: bool) -> None:
        """Replace the objective."""

    def set_bounds(self, lower: Vector, upper: Vector) -> None:
        """Replace the bounds of all columns."""

    def set_row_bounds(self, lower: Vector, upper: Vector) -> None:
        """Replace the bounds of all rows."""

    def set_values(self, values: Vector) -> None:
        """Replace the values of all matrix entries; which entries there are stays as it is."""

    def set_start(self, x: Vector) -> None:
        """Let a program with whole columns start from a feasible solution."""

    def set_basis(self, basis: Basis) -> None:
        """Let the next solve start from a basis of an earlier one."""

    def aside(self, basis: Basis) -> Session:
        """Return a session for a question beside the way, at the basis this one stands at; it may be this one."""


class KeepsNumbers:
    """The numbers of a program, as a session keeps them whose engine takes the program over at a solve.

    Parameters
    ----------
    program
        The program as it is at first.
    """

    def __init__(self, program: LinearProgram) -> None:
        self._program = program

    def set_cost(self, cost: Vector, *, maximize: bool) -> None:
        """Replace the objective."""
        self._program = replace(self._program, cost=cost, maximize=maximize)

    def set_bounds(self, lower: Vector, upper: Vector) -> None:
        """Replace the bounds of all columns."""
        self._program = replace(self._program, lower=lower, upper=upper)

    def set_row_bounds(self, lower: Vector, upper: Vector) -> None:
        """Replace the bounds of all rows."""
        self._program = replace(self._program, row_lower=lower, row_upper=upper)

    def set_values(self, values: Vector) -> None:
        """Replace the values of all matrix entries; which entries there are stays as it is."""
        self._program = replace(self._program, values=values)


Engine = Callable[[LinearProgram, SolveOptions], Session]
"""An engine adapter: takes a program over and returns the session that holds it."""

EXACT, ROUGH = 1e-6, 1e-4
"""Relative accuracy of an optimum at the default tolerances: of a vertex, and of a first-order method."""


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """An engine, and what it can do.

    Attributes
    ----------
    module
        Module whose ``open_session`` is the adapter.
    package
        The distribution it needs.
    importable
        The module by whose presence that distribution is known.
    algorithms
        The algorithms it has, the one of ``AUTO`` first.
    whole
        Whether it solves programs with whole columns.
    rays
        Whether it proves by rays that a program is infeasible or unbounded, also where that is not plain to see in a
        single row or column.
    basis
        Whether it gives a basis, and goes on from one.
    bound
        Whether it says what is proven about the best whole solution when a search is stopped.
    """

    module: str
    package: str
    importable: str
    algorithms: tuple[Algorithm, ...]
    whole: bool
    rays: bool = True
    basis: bool = True
    bound: bool = True


def _mathopt(algorithm: Algorithm, *, rays: bool, basis: bool) -> Adapter:
    return Adapter(
        module="optimizer.solvers.mathopt",
        package="ortools",
        importable="ortools",
        algorithms=(algorithm,),
        whole=False,
        rays=rays,
        basis=basis,
    )


def _commercial(package: str) -> Adapter:
    return Adapter(
        module="optimizer.solvers.through_pulp",
        package=package,
        importable=package,
        algorithms=(Algorithm.SIMPLEX,),
        whole=True,
        rays=False,
        basis=False,
        bound=False,
    )


ADAPTERS: Mapping[str, Adapter] = MappingProxyType(
    {
        "highs": Adapter(
            module="optimizer.solvers.highs",
            package="highspy",
            importable="highspy",
            algorithms=(Algorithm.SIMPLEX, Algorithm.INTERIOR_POINT, Algorithm.FIRST_ORDER),
            whole=True,
        ),
        "glop": _mathopt(Algorithm.SIMPLEX, rays=False, basis=True),
        "pdlp": _mathopt(Algorithm.FIRST_ORDER, rays=True, basis=False),
        "cbc": Adapter(
            module="optimizer.solvers.cbc",
            package="pulp",
            importable="pulp",
            algorithms=(Algorithm.SIMPLEX,),
            whole=True,
            rays=False,
        ),
        "gurobi": _commercial("gurobipy"),
        "cplex": _commercial("cplex"),
        "xpress": _commercial("xpress"),
        "copt": _commercial("coptpy"),
        "mosek": _commercial("mosek"),
    }
)
"""Engine -> its adapter; the commercial ones are reached through PuLP, where a licence is owned."""


def usable_engines() -> dict[str, bool]:
    """Return which engines can be used here: whether the package each needs is installed."""
    return {name: _is_installed(adapter) for name, adapter in ADAPTERS.items()}


def _is_installed(adapter: Adapter) -> bool:
    return find_spec(adapter.importable) is not None


def adapter_of(name: str) -> Adapter:
    """Return an engine and what it can do, by name; installed or not.

    Raises
    ------
    InputError
        If there is no such engine.
    """
    if name not in ADAPTERS:
        raise InputError(say("no engine is called '{name}'; there are {known}.", name=name, known=", ".join(ADAPTERS)))
    return ADAPTERS[name]


def accuracy_of(options: SolveOptions) -> float:
    """Return the relative accuracy to expect of an optimum: that of a vertex, or of a first-order method."""
    return ROUGH if is_rough(options) else EXACT


def is_rough(options: SolveOptions) -> bool:
    """Return whether a first-order method is asked for, which stops near an optimum and not at one."""
    chosen = options.algorithm
    return (adapter_of(options.engine).algorithms[0] if chosen is Algorithm.AUTO else chosen) is Algorithm.FIRST_ORDER


def check_engine(options: SolveOptions, *, whole: bool = False) -> Adapter:
    """Return the engine asked for, if it is installed and has what is asked of it.

    Parameters
    ----------
    options
        Name the engine and its algorithm.
    whole
        Whether a program with whole columns is to be solved.

    Raises
    ------
    InputError
        If there is no such engine, its package is not installed, it lacks the algorithm, or it cannot solve programs
        with whole columns.
    """
    name, adapter = options.engine, adapter_of(options.engine)
    if not _is_installed(adapter):
        raise InputError(
            say(
                "engine '{name}' needs the package {package}; install it, or choose one that 'optimizer doctor' lists.",
                name=name,
                package=adapter.package,
            )
        )
    if options.algorithm not in (Algorithm.AUTO, *adapter.algorithms):
        raise InputError(
            say(
                "engine '{name}' has no algorithm '{algorithm}'; it has {known}. Choose one of them, or 'auto'.",
                name=name,
                algorithm=options.algorithm,
                known=", ".join(adapter.algorithms),
            )
        )
    if whole and not adapter.whole:
        able = [other for other, usable in usable_engines().items() if usable and ADAPTERS[other].whole]
        raise InputError(
            say(
                "engine '{name}' cannot take whole decisions (whole columns); choose one that can: {able}.",
                name=name,
                able=", ".join(able),
            )
        )
    return adapter


def find_engine(name: str) -> Engine:
    """Return an engine adapter by name. Opening a session checks that the engine has what program and options ask for.

    Raises
    ------
    InputError
        If there is no such engine, or its package is not installed; when a session is opened, also if it lacks the
        algorithm, or the program has whole columns and the engine cannot solve such.
    """
    adapter = check_engine(SolveOptions(engine=name))

    def open_checked(program: LinearProgram, options: SolveOptions) -> Session:
        options = replace(options, engine=name)
        check_engine(options, whole=bool(program.integer.any()))
        session: Session = import_module(adapter.module).open_session(program, options)
        return session

    return open_checked
