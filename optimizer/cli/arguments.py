"""Arguments that several commands share, and the exit status they end with."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path
from typing import Annotated

import typer

from optimizer.language import Language, default_language


class Exit(IntEnum):
    """Exit status of the program."""

    SOLVED = 0
    BAD_INPUT = 1
    NO_PLAN = 2
    LIMIT = 3
    ENGINE_FAILURE = 4
    INTERRUPTED = 130


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
