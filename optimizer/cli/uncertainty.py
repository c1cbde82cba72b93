"""The command ``stochastic``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.arguments import AsJson, CasePath, Lang, Quiet, StoreFile, Workers
from optimizer.language import Language
from optimizer.options import OverlapMethod, SolveOptions


class Wish(StrEnum):
    """What is wanted of uncertain outcomes."""

    EXPECTATION = "expectation"
    CVAR = "cvar"
    WORST = "worst"


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
    risk: Annotated[Wish, typer.Option(help="What is wanted of the outcomes.")] = Wish.EXPECTATION,
    alpha: Annotated[float, typer.Option(help="Level of the tail: 0.9 for the worst tenth.")] = 0.9,
    weight: Annotated[float, typer.Option(help="Weight of the tail beside the mean, 0 to 1.")] = 0.5,
    lapse: Annotated[
        bool, typer.Option("--lapse", help="Let committed money lapse where a future cannot use it.")
    ] = False,
    method: Annotated[Way | None, typer.Option(help="All futures in one program, or apart; by size.")] = None,
    overlap: Annotated[OverlapMethod | None, typer.Option(help="Overlap method in place of the case's own.")] = None,
    values: Annotated[
        bool, typer.Option("--values", help="Print what knowing more would be worth, and not the futures.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the study: .xlsx or .csv.")] = None,
    store: StoreFile = None,
    workers: Workers = None,
    time_limit: Annotated[float | None, typer.Option(metavar="SECONDS", help="Stop after this time.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Plan money that is committed before it is known which future comes true, and say what follows in each."""
    from optimizer.analysis.risk import CVaR, Expectation, Risk, WorstCase
    from optimizer.cli.stochastic import plan_under_uncertainty
    from optimizer.cli.study import Shape

    wish: Risk = Expectation()
    if risk is Wish.CVAR:
        wish = CVaR(alpha, weight)
    elif risk is Wish.WORST:
        wish = WorstCase()
    study = {
        "futures": futures,
        "commit_until": commit_until,
        "risk": wish,
        "lapse": lapse,
        "method": None if method is None else method.value,
        "overlap": overlap,
        "store": store,
        "workers": workers,
        "options": None if time_limit is None else SolveOptions(time_limit=time_limit),
    }
    plan_under_uncertainty(case, Shape(out, lang, as_json, quiet), study, values=values)
