"""The commands ``priorities`` and ``replacement``."""

from __future__ import annotations

from typing import Annotated

import typer

from optimizer.cli.arguments import (
    MANY,
    AsJson,
    CasePath,
    Lang,
    OutTable,
    Quiet,
    StoreFile,
    TimeLimit,
    TimeLimitEach,
    Workers,
    names_of,
    numbers_of,
    options_within,
)
from optimizer.language import Language


def priority_list(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    *,
    budget: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MONEY", help=f"Total of all budgets; 50, 60, 80, 100 and 120 % of today's by default; {MANY}"
        ),
    ] = None,
    weight: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBERS", help=f"Weight of each budget, such as its probability, in their order; {MANY}"),
    ] = None,
    of: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LABELS",
            help=f"What a unit is: some of funder, cluster, stage, field, year; sites by default; {MANY}",
        ),
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="joint, the best list; forward or backward, one budget after the other.")
    ] = None,
    time_limit: TimeLimit = None,
    out: OutTable = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """List priorities that stay valid whatever the budget will be, and what this stability costs."""
    from optimizer.cli.priority_list import list_case
    from optimizer.cli.study import Shape

    options = options_within(time_limit)
    budgets, weights = numbers_of(budget, "--budget"), numbers_of(weight, "--weight")
    study = {"budgets": budgets, "weights": weights, "method": method, "options": options}
    raise typer.Exit(list_case(case, Shape(out, lang, as_json, quiet), study | ({"of": names_of(of)} if of else {})))


def replacement_cost(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    *,
    of: Annotated[str, typer.Option(help="cluster, link, funder, rule, stage, field or site.")] = "cluster",
    money: Annotated[str, typer.Option(help="A funder's money without it: lost, or shared among the others.")] = "lost",
    out: OutTable = None,
    store: StoreFile = None,
    workers: Workers = None,
    time_limit: TimeLimitEach = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Leave out one cluster, link, funder or rule at a time, and sort them by what is lost without it."""
    from optimizer.cli.replacement import leave_out
    from optimizer.cli.study import Shape

    options = options_within(time_limit)
    study = {"of": of, "money": money, "store": store, "workers": workers, "options": options}
    raise typer.Exit(leave_out(case, Shape(out, lang, as_json, quiet), study))
