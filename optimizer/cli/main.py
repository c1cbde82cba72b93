"""Commands of the ``optimizer`` program.

Exit status: 0 solved, 1 bad input or usage, 2 infeasible or unbounded, 3 stopped by a limit, 4 engine failure,
130 stopped by Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from enum import IntEnum
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Protocol, runtime_checkable

import typer
from typer.exceptions import TyperException

from optimizer.errors import InputError, ModelError, OptimizerError, SolveError
from optimizer.language import Language, say, translate
from optimizer.options import Algorithm, OverlapMethod, SolveOptions


class Exit(IntEnum):
    """Exit status of the program."""

    SOLVED = 0
    BAD_INPUT = 1
    NO_PLAN = 2
    LIMIT = 3
    ENGINE_FAILURE = 4
    INTERRUPTED = 130


@runtime_checkable
class Shown(Protocol):
    """A usage error that shows itself with the command's usage line."""

    def show(self) -> None:
        """Print the error."""


STATUS_EXITS = {
    "optimal": Exit.SOLVED,
    "infeasible": Exit.NO_PLAN,
    "unbounded": Exit.NO_PLAN,
    "limit": Exit.LIMIT,
    "error": Exit.ENGINE_FAILURE,
}

app = typer.Typer(
    name="optimizer",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

CasePath = Annotated[Path, typer.Argument(metavar="CASE", help="A case folder or an .xlsx workbook.")]
Lang = Annotated[Language, typer.Option("--lang", help="Language of what is printed and written.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON in place of tables.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
StoreFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Keep every point here, and take from it what it has.")
]
Workers = Annotated[int | None, typer.Option(help="Processes; 1 for none but this one.")]


@app.callback()
def main(
    *,
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version and end.")] = False,
) -> None:
    """Decide who should fund what, where and when, so that the most reaches the market."""
    if version:
        from importlib.metadata import version as installed

        print(installed("optimizer"))
        raise typer.Exit


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that does not exist yet.")],
    *,
    lang: Lang = Language.EN,
) -> None:
    """Write a small commented tutorial case into a new folder, for editing."""
    from optimizer.api import new_case

    new_case(folder)
    print(
        translate(
            "{folder}: a tutorial case; read its README.md, then run: optimizer solve {folder}", lang, folder=folder
        )
    )


@app.command()
def check(
    case: Annotated[Path | None, typer.Argument(metavar="CASE", help="A case folder or an .xlsx workbook.")] = None,
    *,
    dictionary: Annotated[bool, typer.Option("--dictionary", help="Explain every table and column.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Read a case and report every fault at once, with file, line, column, value and the rule broken."""
    from optimizer.cli import check as checking

    if dictionary:
        checking.print_dictionary(lang, as_json=as_json)
        return
    if case is None:
        raise InputError(say("check needs a CASE: name a case folder or workbook, or ask for --dictionary."))
    checking.check_case(case, lang, as_json=as_json, quiet=quiet)


@app.command()
def solve(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write all results into this folder.")
    ] = None,
    method: Annotated[OverlapMethod | None, typer.Option(help="Overlap method in place of the case's own.")] = None,
    engine: Annotated[str, typer.Option(help="Engine; 'optimizer doctor' lists the usable ones.")] = "highs",
    algorithm: Annotated[Algorithm, typer.Option(help="Algorithm of the engine.")] = Algorithm.AUTO,
    time_limit: Annotated[float | None, typer.Option(metavar="SECONDS", help="Stop after this time.")] = None,
    cross_check: Annotated[
        str | None,
        typer.Option(metavar="[ENGINE]", help="Solve again with a second engine; end with 4 if they disagree."),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Plan a case: print the plan, and with --out write tables, workbook, report and manifest."""
    from optimizer.api import load_case
    from optimizer.cli import check as checking
    from optimizer.cli import show
    from optimizer.data.faults import CaseError
    from optimizer.export.run import check_place, summary_data

    options = SolveOptions(engine=engine, algorithm=algorithm, time_limit=time_limit)
    if out is not None:
        check_place(out)
    try:
        loaded = load_case(case)
    except CaseError as error:
        if as_json:
            checking.report_invalid(error, lang, as_json=True)
        raise
    if not quiet:
        show.print_remarks(loaded, lang)
    try:
        plan = loaded.solve(
            options,
            method=method,
            progress=None if quiet or as_json else show.progress_line(lang),
            cross_check=cross_check,
        )
    finally:
        show.end_progress()
    written = plan.save(out, lang) if out is not None else []
    if as_json:
        show.print_json(summary_data(plan))
    elif plan.ok and not quiet:
        show.print_plan(plan, lang)  # type: ignore[arg-type]  # ok tells a Plan from a FailedPlan
    if not plan.ok:
        show.print_failed(plan, lang)  # type: ignore[arg-type]
    if written and not quiet and not as_json:
        show.print_paths(written, lang)
    agree = show.print_cross_check(plan.outcome.cross_check, lang, quiet=quiet or as_json)
    raise typer.Exit(STATUS_EXITS[plan.status] if agree else Exit.ENGINE_FAILURE)


@app.command()
def calibrate(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.xlsx", help="Write curve, chart and notes into this workbook.")
    ] = None,
    penalty: Annotated[
        list[float] | None, typer.Option(help="Try this penalty in place of Cohon's; may be given several times.")
    ] = None,
    points: Annotated[int, typer.Option(help="Points of the curve from which on no more are added.")] = 12,
    engine: Annotated[str, typer.Option(help="Engine; 'optimizer doctor' lists the usable ones.")] = "highs",
    time_limit: Annotated[float | None, typer.Option(metavar="SECONDS", help="Stop after this time.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Find the overlap penalty at which the trade between worth and overlap turns, and show the curve."""
    from optimizer.cli.calibrate import calibrate_case

    options = SolveOptions(engine=engine, time_limit=time_limit)
    complete = calibrate_case(case, out, penalty, points, options, lang, as_json=as_json, quiet=quiet)
    raise typer.Exit(Exit.SOLVED if complete else Exit.LIMIT)


@app.command()
def why(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    cluster: Annotated[str, typer.Argument(metavar="CLUSTER", help="A cluster, by its key or name.")],
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="A stage, by its key or name.")],
    *,
    field: Annotated[str | None, typer.Option(help="A field, by its key or name; all where left out.")] = None,
    year: Annotated[int | None, typer.Option(help="A year; all where left out.")] = None,
    method: Annotated[OverlapMethod | None, typer.Option(help="Overlap method in place of the case's own.")] = None,
    time_limit: Annotated[float | None, typer.Option(metavar="SECONDS", help="Stop after this time.")] = None,
    as_json: AsJson = False,
    lang: Lang = Language.EN,
) -> None:
    """Plan a case and say why a place gets what it gets: what a start there earns, and the price of each limit."""
    from optimizer.cli.why import Asked, explain

    asked, options = Asked(cluster, stage, field, year), SolveOptions(time_limit=time_limit)
    raise typer.Exit(STATUS_EXITS[explain(case, asked, options, method, lang, as_json=as_json)])


@app.command()
def sweep(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    points: Annotated[
        Path, typer.Argument(metavar="POINTS.csv", help="Columns point, table, where, column, operation, value.")
    ],
    *,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the points: .xlsx or .csv.")] = None,
    store: StoreFile = None,
    workers: Workers = None,
    method: Annotated[OverlapMethod | None, typer.Option(help="Overlap method in place of the case's own.")] = None,
    engine: Annotated[str, typer.Option(help="Engine; 'optimizer doctor' lists the usable ones.")] = "highs",
    time_limit: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Stop each point after this time.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Plan a case at many points, each a set of changes; one that was stopped goes on where it was, with a store."""
    from optimizer.cli.study import Shape
    from optimizer.cli.sweep import sweep_case

    options = SolveOptions(engine=engine, time_limit=time_limit, prove=False)
    shown = Shape(out, lang, as_json, quiet)
    found = sweep_case(case, points, shown, method=method, options=options, store=store, workers=workers)
    raise typer.Exit(Exit.SOLVED if found else Exit.NO_PLAN)


@app.command()
def tornado(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    parameters: Annotated[
        Path | None,
        typer.Argument(
            metavar="PARAMETERS.csv",
            help="Columns parameter, table, where, column, operation, low, high; the usual ones where left out.",
        ),
    ] = None,
    *,
    share: Annotated[float, typer.Option(help="How far the usual parameters go, as a share of the figures.")] = 0.1,
    measure: Annotated[str, typer.Option(help="The figure of the plan's summary that is looked at.")] = "objective",
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the table: .xlsx or .csv.")] = None,
    store: StoreFile = None,
    workers: Workers = None,
    method: Annotated[OverlapMethod | None, typer.Option(help="Overlap method in place of the case's own.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Move parameters of a case one at a time, and sort them by how far a figure of the plan swings."""
    from optimizer.cli.study import Shape
    from optimizer.cli.tornado import swing_case

    shown = Shape(out, lang, as_json, quiet)
    study = {"share": share, "measure": measure, "method": method, "store": store, "workers": workers}
    raise typer.Exit(Exit.SOLVED if swing_case(case, parameters, shown, study) else Exit.NO_PLAN)


@app.command("budget-curve")
def budget_curve(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    *,
    funder: Annotated[str | None, typer.Option(help="Whose budget moves, by its key; all where left out.")] = None,
    year: Annotated[int | None, typer.Option(help="Which year's budget moves; all where left out.")] = None,
    low: Annotated[float | None, typer.Option(help="Least budget; half of today's where left out.")] = None,
    high: Annotated[float | None, typer.Option(help="Largest budget; one and a half of today's.")] = None,
    most: Annotated[int | None, typer.Option(help="Most solves; fewer leave bends that are not told apart.")] = None,
    tolerance: Annotated[float, typer.Option(help="Gap that may be left, as a share of the optimum.")] = 0.0,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the pieces: .xlsx or .csv.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Draw what a budget buys: the exact curve of the optimum, with a name for every bend."""
    from optimizer.cli.budget_curve import draw_curve
    from optimizer.cli.study import Shape

    study = {"funder": funder, "year": year, "low": low, "high": high, "most": most, "tolerance": tolerance}
    draw_curve(case, Shape(out, lang, as_json, quiet), study)


@app.command()
def frontier(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    *,
    measure: Annotated[
        list[str] | None,
        typer.Option(help="worth, overlap, balance, launches or private; two or three, worth and overlap by default."),
    ] = None,
    points: Annotated[int | None, typer.Option(help="Floors of each further measure: 9, or 4 with three.")] = None,
    by: Annotated[int | None, typer.Option(metavar="YEAR", help="Year up to which launches count.")] = None,
    time_limit: Annotated[float | None, typer.Option(metavar="SECONDS", help="Stop after this time.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the points: .xlsx or .csv.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Trace what two or three measures of a plan cost each other, and mark where the trade turns."""
    from optimizer.cli.frontier import trace
    from optimizer.cli.study import Shape

    options = None if time_limit is None else SolveOptions(time_limit=time_limit)
    study = {"measures": measure or ("worth", "overlap"), "points": points, "by": by, "options": options}
    complete = trace(case, Shape(out, lang, as_json, quiet), study)
    raise typer.Exit(Exit.SOLVED if complete else Exit.LIMIT)


@app.command()
def alternatives(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    *,
    slack: Annotated[float, typer.Option(help="Share of the plan's objective that may be given up.")] = 0.02,
    count: Annotated[int, typer.Option("-n", help="Number of different plans.")] = 5,
    by: Annotated[
        list[str] | None,
        typer.Option(help="funder, stage, cluster, field or region; several; the first three by default."),
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write all into this new folder as soon as it is found.")
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Stop after this time; 60 for large cases.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the ranges: .xlsx or .csv.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Find plans that are nearly as good, how far money can move, and what all of them have in common."""
    from optimizer.cli.alternatives import look_around
    from optimizer.cli.study import Shape

    options = None if time_limit is None else SolveOptions(time_limit=time_limit)
    study = {"slack": slack, "n": count, "out": keep, "options": options} | ({"by": by} if by else {})
    complete = look_around(case, Shape(out, lang, as_json, quiet), study)
    raise typer.Exit(Exit.SOLVED if complete else Exit.LIMIT)


@app.command()
def doctor(*, as_json: AsJson = False) -> None:
    """List the engines that can be used here, and solve a small program with each of them."""
    from optimizer.cli.doctor import examine

    raise typer.Exit(Exit.SOLVED if examine(as_json=as_json) else Exit.ENGINE_FAILURE)


@app.command()
def lab() -> None:
    """Open JupyterLab on the notebooks of this folder."""
    notebooks = Path("notebooks")
    if not notebooks.is_dir():
        raise InputError(
            say("there is no folder {folder} here; run 'optimizer lab' where the notebooks are.", folder=notebooks)
        )
    os.execvp(sys.executable, [sys.executable, "-m", "jupyterlab", str(notebooks)])  # noqa: S606  # no shell is wanted


def run(arguments: list[str] | None = None) -> None:
    """Run the program and end with its exit status; usage errors end with 1, as all bad input does."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console that lacks a sign shows a question mark
    sys.exit(status_of(arguments))


def status_of(arguments: list[str] | None = None) -> int:
    """Run the program and return its exit status."""
    language = _language_of(sys.argv[1:] if arguments is None else arguments)
    try:
        status = (
            app(_with_second_engine(sys.argv[1:] if arguments is None else arguments), standalone_mode=False)
            or Exit.SOLVED
        )
    except TyperException as error:
        return _usage(error)
    except KeyboardInterrupt:
        status = Exit.INTERRUPTED
    except (InputError, ModelError) as error:
        return _report(error, Exit.BAD_INPUT, language)
    except SolveError as error:
        return _report(error, Exit.ENGINE_FAILURE, language)
    except BrokenPipeError:
        # whoever read our output has gone; nothing is left to say, and Python must not say it either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.BAD_INPUT
    except OSError as error:
        told = translate(
            "{file}: {problem}. Earlier results are untouched.",
            language,
            file=error.filename or "–",
            problem=error.strerror or error,
        )
        print(told, file=sys.stderr)
        return Exit.BAD_INPUT
    if status == Exit.INTERRUPTED:
        print(translate("Stopped. Nothing was written.", language), file=sys.stderr)
    return int(status)


def _with_second_engine(arguments: list[str]) -> list[str]:
    """Return the arguments with ``--cross-check auto`` where no engine follows the option."""
    words: list[str] = []
    for word, following in pairwise([*arguments, "-"]):
        words.append(word)
        if word == "--cross-check" and (following.startswith("-") or Path(following).exists()):
            words.append("auto")
    return words


def _usage(error: TyperException) -> Exit:
    if isinstance(error, Shown):
        error.show()
    else:
        print(error.message, file=sys.stderr)
    return Exit.BAD_INPUT


def _language_of(arguments: list[str]) -> Language:
    """Return the language asked for, also where an error comes before the options are read."""
    words = " ".join(arguments).replace("=", " ").split()
    return Language.KO if ("--lang", Language.KO) in pairwise(words) else Language.EN


def _report(error: OptimizerError, status: Exit, language: Language) -> Exit:
    print(error.text(language), file=sys.stderr)
    return status
