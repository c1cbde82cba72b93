"""What every engine adapter offers, and where adapters are found by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

from optimizer.errors import InputError
from optimizer.language import say
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import SolveOptions
from optimizer.solvers.result import Basis, ProgressHook, SolveResult


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

    def set_start(self, x: Vector) -> None:
        """Let a program with whole columns start from a feasible solution."""

    def set_basis(self, basis: Basis) -> None:
        """Let the next solve start from a basis of an earlier one."""


Engine = Callable[[LinearProgram, SolveOptions], Session]
"""An engine adapter: takes a program over and returns the session that holds it."""

ADAPTERS: dict[str, tuple[str, str]] = {"highs": ("optimizer.solvers.highs", "highspy")}
"""Engine -> module whose ``open_session`` is the adapter, and the package it needs."""


def usable_engines() -> dict[str, bool]:
    """Return which engines can be used here: whether the package each needs is installed."""
    return {name: find_spec(package) is not None for name, (_, package) in ADAPTERS.items()}


def find_engine(name: str) -> Engine:
    """Return an engine adapter by name.

    Raises
    ------
    InputError
        If there is no such engine, or its package is not installed.
    """
    if name not in ADAPTERS:
        raise InputError(say("no engine is called '{name}'; there are {known}.", name=name, known=", ".join(ADAPTERS)))
    module, package = ADAPTERS[name]
    if not usable_engines()[name]:
        raise InputError(
            say(
                "engine '{name}' needs the package {package}; install it, or choose one that 'optimizer doctor' lists.",
                name=name,
                package=package,
            )
        )
    open_session: Engine = import_module(module).open_session
    return open_session
