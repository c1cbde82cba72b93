"""Arguments that several commands share, and the exit status they end with."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from enum import IntEnum
from pathlib import Path
from typing import Annotated

import typer

from optimizer.language import Language


class Exit(IntEnum):
    """Exit status of the program."""

    SOLVED = 0
    BAD_INPUT = 1
    NO_PLAN = 2
    LIMIT = 3
    ENGINE_FAILURE = 4
    INTERRUPTED = 130


CasePath = Annotated[Path, typer.Argument(metavar="CASE", help="A case folder or an .xlsx workbook.")]
Lang = Annotated[Language, typer.Option("--lang", help="Language of what is printed and written.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON in place of tables.")]
Strict = Annotated[bool, typer.Option("--strict", help="Let warnings fail, with exit status 1.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
StoreFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Keep every point here, and take from it what it has.")
]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes; 1 for none but this one.")]


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
