"""Arguments that several commands share, what completes and lists their values, and the exit status they end with."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from copy import copy
from enum import IntEnum
from pathlib import Path
from typing import Annotated

import typer

from optimizer.errors import InputError
from optimizer.language import Language, default_language, say
from optimizer.options import OverlapMethod, SolveOptions

ENGINES = ("highs", "glop", "pdlp", "cbc", "gurobi", "cplex", "xpress", "copt", "mosek")
"""Names of the engines, for completion: asking the adapters would take a second for every press of the key."""
MANY = "several by commas or by repeating it."
"""How the help of an option that takes several values ends; see :func:`names_of` and :func:`numbers_of`."""


class Exit(IntEnum):
    """Exit status of the program."""

    SOLVED = 0
    BAD_INPUT = 1
    NO_PLAN = 2
    LIMIT = 3
    ENGINE_FAILURE = 4
    INTERRUPTED = 130


def ending(*, complete: bool, planned: bool = True) -> Exit:
    """Return what to end with: a study says more than nothing where a limit ended it, but not all that was asked.

    Parameters
    ----------
    complete
        Whether no limit ended any part of it.
    planned
        Whether there are plans where there must be some.
    """
    if not complete:
        return Exit.LIMIT
    return Exit.SOLVED if planned else Exit.NO_PLAN


def names_of(given: Sequence[str] | None) -> list[str]:
    """Return the words of an option that may be repeated and may hold several, separated by commas."""
    return [name.strip() for text in given or () for name in text.split(",") if name.strip()]


def numbers_of(given: Sequence[str] | None, option: str) -> list[float] | None:
    """Return the numbers of an option as :func:`names_of` does; ``None`` where there is none.

    Raises
    ------
    InputError
        If one is no number.
    """
    numbers = []
    for text in names_of(given):
        try:
            numbers.append(float(text))
        except ValueError:
            raise InputError(
                say(
                    "{option} is '{text}'; give numbers, several by commas (0.2,0.5) or by repeating the option.",
                    option=option,
                    text=text,
                )
            ) from None
    return numbers or None


def options_within(time_limit: float | None, *, prove: bool = True) -> SolveOptions | None:
    """Return the options with a time limit; ``None`` without one, for a study knows best what it is to do then."""
    return None if time_limit is None else SolveOptions(time_limit=time_limit, prove=prove)


def _engines(incomplete: str) -> list[str]:
    return [name for name in ENGINES if name.startswith(incomplete)]


def keys_in(table: str, column: str) -> Callable[[typer.Context, str], list[str]]:
    """Return what completes keys of a table of the case folder that was named before; nothing where there is none."""

    def keys(context: typer.Context, incomplete: str) -> list[str]:
        file = Path(str(context.params.get("case") or ".")) / f"{table}.csv"
        try:
            with file.open(encoding="utf-8-sig", newline="") as stream:
                found = [line.get(column) or "" for line in csv.DictReader(stream)]
        except (OSError, ValueError, csv.Error):
            return []
        return [key for key in dict.fromkeys(found) if key.startswith(incomplete)]

    return keys


CasePath = Annotated[Path, typer.Argument(metavar="CASE", help="A case folder or an .xlsx workbook.")]


def _chosen(context: typer.Context, language: Language) -> Language:
    """Return the language a command is given; where it is given none, that of the program."""
    given = context.get_parameter_source("lang")
    return language if given is not None and given.name == "COMMANDLINE" else default_language()


Lang = Annotated[
    Language,
    typer.Option(
        "--lang",
        callback=_chosen,
        show_default=False,
        help="Language of what is printed and written, en or ko; where left out that of OPTIMIZER_LANG, else English.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON in place of tables.")]
Strict = Annotated[bool, typer.Option("--strict", help="Let warnings fail, with exit status 1.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
StoreFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Keep every point here, and take from it what it has.")
]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes; 1 for none but this one.")]
TimeLimit = Annotated[float | None, typer.Option(metavar="SECONDS", help="Stop after this time.")]
TimeLimitEach = Annotated[float | None, typer.Option(metavar="SECONDS", help="Stop each solve after this time.")]
OutTable = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the table: .xlsx or .csv.")]
Parameters = Annotated[
    Path | None,
    typer.Argument(
        metavar="PARAMETERS.csv",
        help="Columns parameter, table, where, column, operation, low, high; the usual ones where left out.",
    ),
]
Measured = Annotated[str, typer.Option(help="The figure of the plan's summary that is looked at.")]
Engine = Annotated[str, typer.Option(help="Engine; 'optimizer doctor' lists the usable ones.", autocompletion=_engines)]
Method = Annotated[OverlapMethod | None, typer.Option(help="Overlap method in place of the case's own.")]


def with_command(app: typer.Typer, arguments: Sequence[str]) -> typer.Typer:
    """Return a program with the command alone that is asked for, or the whole one where none is.

    Describing all of them to typer takes as long as reading a small case.
    """
    asked = [
        command
        for command in app.registered_commands
        if command.callback is not None and arguments[:1] == [command.name or command.callback.__name__]
    ]
    if not asked:
        return app
    one = copy(app)
    one.registered_commands = asked
    return one
