"""The commands ``sample`` and ``regret``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optimizer.cli.arguments import (
    MANY,
    AsJson,
    CasePath,
    Lang,
    Method,
    OutTable,
    Quiet,
    TimeLimitEach,
    Workers,
    options_within,
)
from optimizer.language import Language


def sample(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    *,
    count: Annotated[int, typer.Option("-n", "--n", help="Number of futures.")] = 100,
    seed: Annotated[int, typer.Option(help="By which they are drawn; equal seeds give equal futures.")] = 0,
    correlation: Annotated[float, typer.Option(help="Correlation of figures within a field, 0 to 1.")] = 0.5,
    between_fields: Annotated[float, typer.Option(help="Correlation of figures across fields.")] = 0.0,
    spread: Annotated[float, typer.Option(help="Variance of success rates between programmes, as a share.")] = 0.0,
    costs: Annotated[float, typer.Option(help="Coefficient of variation of costs.")] = 0.2,
    values: Annotated[float, typer.Option(help="Coefficient of variation of the worth of launches.")] = 0.3,
    demand: Annotated[float, typer.Option(help="Coefficient of variation of demands.")] = 0.2,
    design: Annotated[str, typer.Option(help="latin_hypercube, sobol or random.")] = "latin_hypercube",
    reduce: Annotated[int | None, typer.Option(metavar="K", help="Keep the K futures that stand best for all.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the futures, in the form of scenarios.csv.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Draw futures of a case: success rates, costs, values of launches and demands, with common shocks in a field."""
    from optimizer.analysis.sampling import Uncertainty
    from optimizer.cli.sample import draw
    from optimizer.cli.study import Shape

    study = {"n": count, "seed": seed, "correlation": correlation, "between_fields": between_fields, "design": design}
    uncertainty = Uncertainty(spread=spread, costs=costs, values=values, demand=demand)
    draw(case, Shape(out, lang, as_json, quiet), study | {"uncertainty": uncertainty}, reduce)


def regret(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    *,
    futures: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Futures in the form of scenarios.csv; the case's own where left out."),
    ] = None,
    plan: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=FILE", help=f"An allocation; the optimum and the baseline where left out; {MANY}"),
    ] = None,
    with_best: Annotated[bool, typer.Option(help="Compare the plan made for each future too.")] = False,
    within: Annotated[float, typer.Option(help="Share of the best that may be lost near to it.")] = 0.05,
    method: Method = None,
    workers: Workers = None,
    time_limit: TimeLimitEach = None,
    out: OutTable = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Tell what plans lose in each future against the best there, and which loses least at worst."""
    from optimizer.cli.regret import compare_plans
    from optimizer.cli.study import Shape

    study = {"futures": futures, "with_best": with_best, "within": within, "method": method, "workers": workers}
    options = options_within(time_limit, prove=False)
    raise typer.Exit(compare_plans(case, plan or [], Shape(out, lang, as_json, quiet), study | {"options": options}))
