"""The commands ``budget-curve``, ``frontier`` and ``alternatives``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.arguments import (
    MANY,
    AsJson,
    CasePath,
    Lang,
    OutTable,
    Quiet,
    TimeLimit,
    keys_in,
    names_of,
    options_within,
)
from optimizer.language import Language


def budget_curve(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    *,
    funder: Annotated[
        str | None,
        typer.Option(
            help="Whose budget moves, by its key; all where left out.", autocompletion=keys_in("budget", "funder")
        ),
    ] = None,
    year: Annotated[int | None, typer.Option(help="Which year's budget moves; all where left out.")] = None,
    low: Annotated[float | None, typer.Option(help="Least budget; half of today's where left out.")] = None,
    high: Annotated[float | None, typer.Option(help="Largest budget; one and a half of today's.")] = None,
    time_limit: TimeLimit = None,
    most: Annotated[int | None, typer.Option(help="Most solves; fewer leave bends that are not told apart.")] = None,
    tolerance: Annotated[float, typer.Option(help="Gap that may be left, as a share of the optimum.")] = 0.0,
    out: OutTable = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Draw what a budget buys: the exact curve of the optimum, with a name for every bend."""
    from optimizer.cli.budget_curve import draw_curve
    from optimizer.cli.study import Shape

    study = {"funder": funder, "year": year, "low": low, "high": high, "most": most, "tolerance": tolerance}
    options = options_within(time_limit)
    raise typer.Exit(draw_curve(case, Shape(out, lang, as_json, quiet), study | {"options": options}))


def frontier(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    *,
    measure: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MEASURES",
            help=f"Two or three of worth, overlap, balance, launches, private; worth and overlap by default; {MANY}",
        ),
    ] = None,
    points: Annotated[int | None, typer.Option(help="Floors of each further measure: 9, or 4 with three.")] = None,
    by: Annotated[int | None, typer.Option(metavar="YEAR", help="Year up to which launches count.")] = None,
    time_limit: TimeLimit = None,
    out: OutTable = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Trace what two or three measures of a plan cost each other, and mark where the trade turns."""
    from optimizer.cli.frontier import trace
    from optimizer.cli.study import Shape

    options = options_within(time_limit)
    study = {"measures": names_of(measure) or ("worth", "overlap"), "points": points, "by": by, "options": options}
    raise typer.Exit(trace(case, Shape(out, lang, as_json, quiet), study))


def alternatives(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    *,
    slack: Annotated[float, typer.Option(help="Share of the plan's objective that may be given up.")] = 0.02,
    count: Annotated[int, typer.Option("-n", help="Number of different plans.")] = 5,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LABELS", help=f"Some of funder, stage, cluster, field, region; the first three by default; {MANY}"
        ),
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write all into this new folder as soon as it is found.")
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Stop after this time; 60 for large cases.")
    ] = None,
    out: OutTable = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Find plans that are nearly as good, how far money can move, and what all of them have in common."""
    from optimizer.cli.alternatives import look_around
    from optimizer.cli.study import Shape

    options = options_within(time_limit)
    study = {"slack": slack, "n": count, "out": keep, "options": options} | ({"by": names_of(by)} if by else {})
    raise typer.Exit(look_around(case, Shape(out, lang, as_json, quiet), study))
