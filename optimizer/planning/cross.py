"""A second opinion: the linear program of a plan solved again by another engine, and whether both agree."""

from __future__ import annotations

from dataclasses import replace

from optimizer.blocks.openings import with_decisions
from optimizer.errors import InputError
from optimizer.language import say
from optimizer.options import Algorithm, SolveOptions
from optimizer.planning.outcome import CrossCheck, Outcome
from optimizer.solvers.base import ADAPTERS, accuracy_of, check_engine, find_engine, usable_engines
from optimizer.solvers.result import Termination

AUTO = "auto"
"""Word for the first usable engine that is not the one of the plan."""


def second_engine(first: str, wanted: str = AUTO) -> str:
    """Return the engine for a second opinion: the one wanted, else the first usable one with a basis, not ``first``.

    Raises
    ------
    InputError
        If the one wanted is unknown, not installed or the same; or if there is no other.
    """
    if wanted == first:
        raise InputError(say("engine '{name}' cannot check itself; name another one for --cross-check.", name=first))
    if wanted != AUTO:
        check_engine(SolveOptions(engine=wanted))
        return wanted
    usable = usable_engines()
    others = (name for name in ADAPTERS if usable[name] and name != first and ADAPTERS[name].basis)
    found = next(others, None)
    if found is None:
        raise InputError(say("there is no second engine here for --cross-check; install the package ortools or pulp."))
    return found


def check_by(outcome: Outcome, engine: str) -> CrossCheck:
    """Solve the last linear program of a planning again, by another engine from nothing, and compare.

    Parameters
    ----------
    outcome
        What planning ended with, plan or none. Where the case asks for whole decisions, the program is the one its
        prices come from, with those decisions as the plan takes them.
    engine
        The second engine, from :func:`second_engine`.

    Returns
    -------
    CrossCheck
        Both answers. A limit that stopped either engine is no agreement.

    Raises
    ------
    InputError
        If there is no such engine.
    SolveError
        If the second engine fails.
    """
    first = outcome.options
    options = replace(first, engine=engine, algorithm=Algorithm.AUTO)
    program, result = outcome.compiled.program, outcome.result
    if program.integer.any() and result.has_solution:
        program = with_decisions(program, result.x[: program.n_columns])
    again = find_engine(engine)(program, options).solve(first.time_limit)
    optimal = (result.termination is Termination.OPTIMAL, again.termination is Termination.OPTIMAL)
    one, other = (float(end.objective) if there else None for end, there in zip((result, again), optimal, strict=True))
    difference = None if one is None or other is None else abs(one - other) / max(abs(one), abs(other), 1.0)
    tolerance = max(accuracy_of(first), accuracy_of(options))
    alike = result.termination == again.termination and not again.termination.is_limit
    return CrossCheck(
        engine=first.engine,
        second_engine=engine,
        status=str(result.termination),
        second_status=str(again.termination),
        objective=one,
        second_objective=other,
        difference=difference,
        tolerance=tolerance,
        agree=alike and (difference is None or difference <= tolerance) and again.termination is not Termination.ERROR,
        seconds=again.seconds,
    )
