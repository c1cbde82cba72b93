"""Arguments that several commands share, and the exit status they end with."""

from __future__ import annotations

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
