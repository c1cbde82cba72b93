"""The command ``mpi-sppy``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.arguments import AsJson, CasePath, Lang, Quiet
from optimizer.language import Language


def mpi_sppy(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder.")],
    *,
    futures: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Futures as in scenarios.csv; the case's own where left out.")
    ] = None,
    commit_until: Annotated[
        int | None, typer.Option(metavar="YEAR", help="Last committed year; the first year where left out.")
    ] = None,
    lapse: Annotated[
        bool, typer.Option("--lapse", help="Let committed money lapse where a future cannot use it.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Write possible futures for mpi-sppy, which plans them over the processes of an MPI cluster."""
    from optimizer.api import load_case
    from optimizer.api.mpi_sppy import write_mpi_sppy
    from optimizer.cli import show
    from optimizer.export.mpi_sppy import listed

    written = write_mpi_sppy(load_case(case), folder, futures, commit_until, lapse=lapse)
    if as_json:
        show.print_json({"folder": str(written), **listed(written)})
    elif not quiet:
        show.print_paths([written], lang)
