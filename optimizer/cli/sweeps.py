"""The commands ``sweep`` and ``tornado``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.arguments import (
    AsJson,
    CasePath,
    Engine,
    Lang,
    Measured,
    Method,
    OutTable,
    Parameters,
    Quiet,
    StoreFile,
    TimeLimitEach,
    Workers,
    options_within,
)
from optimizer.language import Language
from optimizer.options import SolveOptions


def sweep(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    points: Annotated[
        Path,
        typer.Argument(
            metavar="POINTS.csv",
            help="Columns point, table, where, column, operation, value; scenarios.csv is one, too.",
        ),
    ],
    *,
    out: OutTable = None,
    store: StoreFile = None,
    workers: Workers = None,
    method: Method = None,
    engine: Engine = "highs",
    time_limit: TimeLimitEach = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Plan a case at many points, each a set of changes; one that was stopped goes on where it was, with a store."""
    from optimizer.cli.study import Shape
    from optimizer.cli.sweep import sweep_case

    options = SolveOptions(engine=engine, time_limit=time_limit, prove=False)
    shown = Shape(out, lang, as_json, quiet)
    end = sweep_case(case, points, shown, method=method, options=options, store=store, workers=workers)
    raise typer.Exit(end)


def tornado(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    parameters: Parameters = None,
    *,
    share: Annotated[float, typer.Option(help="How far the usual parameters go, as a share of the figures.")] = 0.1,
    measure: Measured = "objective",
    out: OutTable = None,
    store: StoreFile = None,
    workers: Workers = None,
    method: Method = None,
    time_limit: TimeLimitEach = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Move parameters of a case one at a time, and sort them by how far a figure of the plan swings."""
    from optimizer.cli.study import Shape
    from optimizer.cli.tornado import swing_case

    shown = Shape(out, lang, as_json, quiet)
    options = options_within(time_limit)
    study = {"share": share, "measure": measure, "method": method, "store": store, "workers": workers}
    raise typer.Exit(swing_case(case, parameters, shown, study | {"options": options}))
