"""What the command line prints: tables a planner understands."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from optimizer.cli.draw import console, print_figures, print_frame
from optimizer.data.case import CaseTables
from optimizer.data.money import Currency
from optimizer.data.names import title
from optimizer.export.overlap import overlap_sentences
from optimizer.export.pivot import named_pivot
from optimizer.export.words import FIGURES, Names, amount, figure, money, shows, unlisted
from optimizer.language import Language, translate
from optimizer.plan.plan import FailedPlanTables, PlanTables
from optimizer.plan.summary import STATUSES
from optimizer.planning.outcome import CrossCheck
from optimizer.solvers.result import Progress

SHOWN = (
    *("objective", "worth_launches", "worth_pipeline", "overlap_penalty", "rule_price", "bound", "gap", "bound_by"),
    *("spend", "private", "launches", "overlap_clusters", "overlap_funders"),
)
MOST_PAIRS = 2
"""Pairs of clusters, and of funders, whose overlap is told."""


def print_json(data: Any) -> None:
    """Print plain data as JSON."""
    print(json.dumps(data, ensure_ascii=False, indent=1))


def print_plan(plan: PlanTables, language: Language) -> None:
    """Print a plan: its figures, its money by cluster and stage, what each funder leaves over and why."""
    out, summary, currency = console(), plan.summary(), plan.case.currency
    figures = [
        (translate(FIGURES[name], language), figure(name, summary[name], currency, language))
        for name in SHOWN
        if summary[name] is not None
    ]
    print_figures(out, figures, title(plan.case, language))
    if plan.status != "optimal":
        out.print(
            Text(
                translate(
                    "Stopped by a limit before the sequence of plans came to its end; more time may improve it.",
                    language,
                )
            )
        )
    if summary["spend"] == 0:
        out.print(
            Text(
                translate("No money is spent: nothing earns anything, or rules and shares forbid all of it.", language)
            )
        )
    heading = translate("Public money by cluster and stage ({currency})", language, currency=Currency(currency))
    print_frame(out, named_pivot(plan, "cluster", "stage", language), heading)
    for said in overlap_sentences(plan, language, MOST_PAIRS):
        out.print(Text(said))
    _print_headroom(out, plan, language)


def _print_headroom(out: Console, plan: PlanTables, language: Language) -> None:
    left, currency = plan.statistics.headroom(), plan.case.currency
    left = left[left["unspent"] > 0]
    rest = unlisted(left["unspent"], currency, language)
    listed = left[shows(left["unspent"])]
    if not len(listed):
        out.print(Text(" ".join([translate("Every budget is spent in full.", language), *rest])))
        return
    said = translate(
        "{total} {currency} are not spent, for a plan never spends money that earns nothing:",
        language,
        total=amount(float(left["unspent"].sum())),
        currency=Currency(currency),
    )
    out.print(Text(said))
    names = Names(plan.case, language)
    for funder, lines in listed.groupby("funder", sort=False):
        years = zip(lines["year"], lines["unspent"], strict=True)
        told = ", ".join(f"{year}: {money(unspent, currency, language)}" for year, unspent in years)
        out.print(Text(f"  {names.of('funder', [funder])[0]} {told}"))
        most = lines.nlargest(1, "unspent").iloc[0]
        out.print(Text(f"    {most['year']}: {most['reason'].text(language)}"))
    for line in rest:
        out.print(Text(f"  {line}"))


def print_remarks(case: CaseTables, language: Language) -> None:
    """Print what a planner should know about a case although it is no fault."""
    for remark in case.remarks:
        print(remark.headed(language), file=sys.stderr)


def print_failed(plan: FailedPlanTables, language: Language) -> None:
    """Say why there is no plan."""
    status = STATUSES[plan.status]
    print(f"{translate(status, language)}: {plan.reason.text(language)}", file=sys.stderr)
    if plan.is_explained:
        print(plan.explanation.text(language), file=sys.stderr)


def print_cross_check(check: CrossCheck | None, language: Language, *, quiet: bool) -> bool:
    """Say what a second engine found, warn where it disagrees, and return whether it agrees or was not asked."""
    if check is None:
        return True
    if check.difference is None:
        told = translate(
            "Engines {first} and {second}: {status}, {second_status}.",
            language,
            first=check.engine,
            second=check.second_engine,
            status=check.status,
            second_status=check.second_status,
        )
    else:
        told = translate(
            "Engines {first} and {second} find optima that differ by {difference}, relative (tolerance {tolerance}).",
            language,
            first=check.engine,
            second=check.second_engine,
            difference=f"{check.difference:.1e}",
            tolerance=f"{check.tolerance:.0e}",
        )
    if not check.agree:
        print(translate("Warning: the engines disagree. {told}", language, told=told), file=sys.stderr)
    elif not quiet:
        print(told)
    return check.agree


def print_paths(paths: Iterable[Path], language: Language) -> None:
    """Print what was written and where."""
    written = list(paths)
    print(translate("Written:", language))
    for path in written:
        print(f"  {path}")


def progress_line(language: Language) -> Any:
    """Return a hook that keeps one line on standard error up to date, or ``None`` where nobody watches."""
    if not sys.stderr.isatty():
        return None

    def show(progress: Progress) -> None:
        text = translate("solving … {seconds} s", language, seconds=f"{progress.seconds:.0f}")
        if progress.iterations:
            text += translate(", {iterations} iterations", language, iterations=f"{progress.iterations:,}")
        if progress.gap is not None:
            text += translate(
                ", best so far {objective}, at most {gap} % below the best possible",
                language,
                objective=f"{progress.objective:,.1f}",
                gap=f"{100 * progress.gap:.2f}",
            )
        print(f"\r{text}\x1b[K", end="", file=sys.stderr, flush=True)

    return show


def end_progress() -> None:
    """Clear the progress line."""
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
