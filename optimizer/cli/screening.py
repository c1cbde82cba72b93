"""The commands ``morris`` and ``sobol``: parameters of a case moved together, over all of their ranges."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optimizer.cli.arguments import (
    AsJson,
    CasePath,
    Exit,
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

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.api.sweeps import Screening
    from optimizer.cli.study import Shape

Seed = Annotated[int, typer.Option(help="By which the samples are drawn.")]


def morris(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    parameters: Parameters = None,
    *,
    trajectories: Annotated[
        int, typer.Option(help="Ways through the ranges; each takes one plan more than there are parameters.")
    ] = 20,
    seed: Seed = 0,
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
    """Screen which parameters move a figure of the plan at all, and how evenly, by their elementary effects."""
    from optimizer.api.sweeps import morris as screen
    from optimizer.cli.study import Shape

    study = {"trajectories": trajectories, "seed": seed, "measure": measure}
    how = {"method": method, "store": store, "workers": workers, "options": options_within(time_limit, prove=False)}
    raise typer.Exit(_screen(screen, case, parameters, Shape(out, lang, as_json, quiet), study | how))


def sobol(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    parameters: Parameters = None,
    *,
    samples: Annotated[
        int, typer.Option(help="Blocks of samples, a power of 2; each takes two plans more than there are parameters.")
    ] = 128,
    seed: Seed = 0,
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
    """Share the variance of a figure of the plan out among parameters, alone and together with others."""
    from optimizer.api.sweeps import sobol as screen
    from optimizer.cli.study import Shape

    study = {"samples": samples, "seed": seed, "measure": measure}
    how = {"method": method, "store": store, "workers": workers, "options": options_within(time_limit, prove=False)}
    raise typer.Exit(_screen(screen, case, parameters, Shape(out, lang, as_json, quiet), study | how))


def _screen(
    screen: Callable[..., Screening], path: Path, parameters: Path | None, shape: Shape, study: Mapping[str, Any]
) -> Exit:
    """Move parameters of a case together, write and print what that tells; return what to end with."""
    from optimizer.analysis.points_parameters import read_parameters
    from optimizer.api import load_case
    from optimizer.cli.study import Told, tell

    shape.check()
    chosen = None if parameters is None else read_parameters(parameters)
    found = screen(load_case(path), chosen, progress=shape.progress, **study)
    shown, complete = list(found.table.columns), found.found.complete
    return tell(Told(found.case, found.table, shown, found.notes, found.to_excel, complete), shape)
