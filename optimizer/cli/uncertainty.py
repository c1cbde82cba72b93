"""The command ``stochastic``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.arguments import AsJson, CasePath, Lang, Quiet, StoreFile, Workers, options_within
from optimizer.language import Language
from optimizer.options import OverlapMethod, RiskWish


class Way(StrEnum):
    """How futures are planned."""

    EXTENSIVE = "extensive"
    BENDERS = "benders"


def stochastic(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    *,
    futures: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Futures as in scenarios.csv; the case's own where left out.")
    ] = None,
    commit_until: Annotated[
        int | None, typer.Option(metavar="YEAR", help="Last committed year; the first year where left out.")
    ] = None,
    risk: Annotated[
        RiskWish, typer.Option(help="What is wanted of the outcomes: their mean, mean and tail, or the worst.")
    ] = RiskWish.EXPECTATION,
    alpha: Annotated[
        float | None, typer.Option(help="Level of the tail, of cvar alone; 0.9, the worst tenth, where left out.")
    ] = None,
    weight: Annotated[
        float | None, typer.Option(help="Weight of the tail, 0 to 1, of cvar alone; 0.5 where left out.")
    ] = None,
    lapse: Annotated[
        bool, typer.Option("--lapse", help="Let committed money lapse where a future cannot use it.")
    ] = False,
    method: Annotated[Way | None, typer.Option(help="All futures in one program, or apart; by size.")] = None,
    overlap: Annotated[OverlapMethod | None, typer.Option(help="Overlap method in place of the case's own.")] = None,
    values: Annotated[
        bool, typer.Option("--values", help="Print what knowing more would be worth, and not the futures.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="PLACE",
            help="Write the study: an .xlsx file, or a new folder of CSV files; a .csv file holds the futures alone.",
        ),
    ] = None,
    store: StoreFile = None,
    workers: Workers = None,
    time_limit: Annotated[float | None, typer.Option(metavar="SECONDS", help="Stop after this time.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Plan money that is committed before it is known which future comes true, and say what follows in each."""
    from optimizer.analysis.wishes import risk_of
    from optimizer.cli.stochastic import plan_under_uncertainty
    from optimizer.cli.study import Shape

    study = {
        "futures": futures,
        "commit_until": commit_until,
        "risk": risk_of(risk, alpha, weight),
        "lapse": lapse,
        "method": None if method is None else method.value,
        "overlap": overlap,
        "store": store,
        "workers": workers,
        "options": options_within(time_limit),
    }
    raise typer.Exit(plan_under_uncertainty(case, Shape(out, lang, as_json, quiet), study, values=values))
