"""Commands of the ``optimizer`` program.

Exit status: 0 solved (or the same, of verify), 1 bad input or usage (or not the same), 2 infeasible or unbounded,
3 stopped by a limit, 4 engine failure, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from optimizer.cli import examples, futures, helping, mpi_sppy, priorities, screening, sweeps, trade_offs, uncertainty
from optimizer.cli.arguments import (
    MANY,
    AsJson,
    CasePath,
    Engine,
    Exit,
    Lang,
    Method,
    Quiet,
    Strict,
    TimeLimit,
    TimeLimitEach,
    ending,
    keys_in,
    names_of,
    numbers_of,
    with_command,
)
from optimizer.cli.lean import lean
from optimizer.errors import InputError, ModelError, OptimizerError, SolveError
from optimizer.language import Language, default_language, say, speaking, translate
from optimizer.options import Algorithm, SolveOptions, one_of

STATUS_EXITS = {
    "optimal": Exit.SOLVED,
    "infeasible": Exit.NO_PLAN,
    "unbounded": Exit.NO_PLAN,
    "limit": Exit.LIMIT,
    "error": Exit.ENGINE_FAILURE,
}

KEEPING = ("--store", "--keep")
"""Options that name a place for what is found on the way."""

app = typer.Typer(
    name="optimizer",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def main(
    *,
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version and end.")] = False,
    lang: Lang = Language.EN,
) -> None:
    """Decide who should fund what, where and when, so that the most reaches the market."""
    del lang  # known before anything is read, for it may stand before a command or behind it: see status_of
    if version:
        from importlib.metadata import version as installed

        print(installed("optimizer"))
        raise typer.Exit


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that does not exist yet.")],
    *,
    as_json: AsJson = False,
    lang: Lang = Language.EN,
) -> None:
    """Write a small commented tutorial case into a new folder, for editing."""
    from optimizer.api import new_case
    from optimizer.cli import show

    new_case(folder)
    if as_json:
        show.print_json({"case": str(folder)})
        return
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
    strict: Strict = False,
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
    checking.check_case(case, lang, as_json=as_json, quiet=quiet, strict=strict)


@app.command()
def solve(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write all results into this folder.")
    ] = None,
    method: Method = None,
    engine: Engine = "highs",
    algorithm: Annotated[Algorithm, typer.Option(help="Algorithm of the engine.")] = Algorithm.AUTO,
    time_limit: TimeLimit = None,
    cross_check: Annotated[
        str | None,
        typer.Option(metavar="[ENGINE]", help="Solve again with a second engine; end with 4 if they disagree."),
    ] = None,
    strict: Strict = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Plan a case: print the plan, and with --out write tables, workbook, report and manifest."""
    from optimizer.api import load_case
    from optimizer.cli import show
    from optimizer.data.faults import CaseError

    options = SolveOptions(engine=engine, algorithm=algorithm, time_limit=time_limit)
    if out is not None:
        from optimizer.export.run import check_place

        check_place(out)
    try:
        loaded = load_case(case, strict=strict)
    except CaseError as error:
        if as_json:
            from optimizer.cli import check as checking

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
        from optimizer.export.run import summary_data

        show.print_json(summary_data(plan, lang))
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
        list[str] | None, typer.Option(metavar="NUMBERS", help=f"Try this penalty in place of Cohon's; {MANY}")
    ] = None,
    points: Annotated[int, typer.Option(help="Points of the curve from which on no more are added.")] = 12,
    engine: Engine = "highs",
    time_limit: TimeLimit = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Find the overlap penalty at which the trade between worth and overlap turns, and show the curve."""
    from optimizer.cli.calibrate import calibrate_case
    from optimizer.cli.study import Shape

    options = SolveOptions(engine=engine, time_limit=time_limit)
    study = {"penalties": numbers_of(penalty, "--penalty"), "points": points, "options": options}
    raise typer.Exit(calibrate_case(case, Shape(out, lang, as_json, quiet), study))


@app.command()
def why(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    cluster: Annotated[
        str,
        typer.Argument(
            metavar="CLUSTER",
            help="A cluster, by its key or name.",
            autocompletion=keys_in("clusters", "cluster"),
        ),
    ],
    stage: Annotated[
        str,
        typer.Argument(metavar="STAGE", help="A stage, by its key or name.", autocompletion=keys_in("stages", "stage")),
    ],
    *,
    field: Annotated[str | None, typer.Option(help="A field, by its key or name; all where left out.")] = None,
    year: Annotated[int | None, typer.Option(help="A year; all where left out.")] = None,
    method: Method = None,
    time_limit: TimeLimit = None,
    as_json: AsJson = False,
    lang: Lang = Language.EN,
) -> None:
    """Plan a case and say why a place gets what it gets: what a start there earns, and the price of each limit."""
    from optimizer.cli.why import Asked, explain

    asked, options = Asked(cluster, stage, field, year), SolveOptions(time_limit=time_limit)
    raise typer.Exit(STATUS_EXITS[explain(case, asked, options, method, lang, as_json=as_json)])


@app.command()
def evaluate(  # noqa: PLR0913  # one argument per option of the command line
    case: CasePath,
    table: Annotated[
        Path | None,
        typer.Argument(metavar="TABLE", help="A .csv or .xlsx allocation; the case's baseline where left out."),
    ] = None,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write all results into this folder.")
    ] = None,
    optimum: Annotated[
        bool, typer.Option("--optimum/--no-optimum", help="Whether to solve the case to measure efficiency.")
    ] = True,
    engine: Engine = "highs",
    time_limit: TimeLimitEach = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Value a hand-made allocation: what it achieves, what it breaks, what of it cannot be used, how good it is."""
    from optimizer.cli import check as checking
    from optimizer.cli import evaluate as evaluating
    from optimizer.cli import show
    from optimizer.data.faults import CaseError

    options = SolveOptions(engine=engine, time_limit=time_limit)
    try:
        evaluation, written = evaluating.evaluate_table(case, table, options, lang, out=out, measure=optimum)
    except CaseError as error:
        if as_json:
            checking.report_invalid(error, lang, as_json=True)
        raise
    if as_json:
        evaluating.print_json(evaluation, lang)
    elif not quiet:
        evaluating.print_evaluation(evaluation, lang)
        if written:
            show.print_paths(written, lang)
    raise typer.Exit(ending(complete=evaluating.ended(evaluation)))


@app.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders that solve or evaluate wrote.")],
    *,
    by: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMNS", help=f"What money is grouped by; cluster where left out; {MANY}"),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE.xlsx", help="Write a workbook.")] = None,
    as_json: AsJson = False,
    lang: Lang = Language.EN,
) -> None:
    """Set runs side by side: money, its shares, changes against the first run, and outcomes."""
    from optimizer.cli import compare as comparing

    found = comparing.compare_runs(runs, names_of(by) or ["cluster"])
    if out is not None:
        comparing.write_table(found, out, lang)
    if as_json:
        comparing.print_json(found)
    else:
        comparing.print_comparison(found, lang)


@app.command()
def verify(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder that solve or evaluate wrote.")],
    *,
    tolerance: Annotated[float, typer.Option(help="Relative difference of two numbers that counts as none.")] = 1e-9,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Check that a stored run was not changed, repeat it, and compare every cell; status 1 where anything differs."""
    from optimizer.cli.verify import verify as verifying

    same = verifying(run, tolerance, lang, as_json=as_json, quiet=quiet)
    raise typer.Exit(Exit.SOLVED if same else Exit.BAD_INPUT)


@app.command()
def explain(
    case: CasePath,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.xlsx", help="Write the explanation as a workbook.")
    ] = None,
    repaired: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the case with the smallest change made.")
    ] = None,
    time_limit: TimeLimit = None,
    as_json: AsJson = False,
    lang: Lang = Language.EN,
) -> None:
    """Say which limits of a case without a plan are in conflict, and the smallest change that gives it one."""
    from optimizer.api import load_case
    from optimizer.cli import explain as explaining

    explaining.check_places(out, repaired)
    options = SolveOptions(time_limit=time_limit)
    status = explaining.explain_case(load_case(case), options, lang, as_json=as_json, files=(out, repaired))
    raise typer.Exit(STATUS_EXITS[status])


@app.command()
def export(  # noqa: PLR0913  # one argument per option of the command line
    source: Annotated[
        Path, typer.Argument(metavar="RUN|CASE", help="A run folder, whose case is solved again, or a case.")
    ],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file, or for csv a new folder.")],
    to: Annotated[str | None, typer.Option(metavar="FORM", help="xlsx, docx, hwpx, html or csv.")] = None,
    unit: Annotated[
        str | None, typer.Option(help="Unit of a document's money: 억원, 조원, 백만원, 'KRW million' ...")
    ] = None,
    decimals: Annotated[int | None, typer.Option(help="Decimals of a document's money.")] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(metavar="LABELS", help=f"What rounded cells go by; all labels where left out; {MANY}"),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = Language.EN,
) -> None:
    """Write a plan as a workbook, a budget document for Word or Hangul, a report, or tables."""
    from optimizer.cli import export as exporting

    form = None if to is None else one_of(exporting.Form, to, "form")
    wanted = exporting.Wanted(out, form, unit, decimals, exporting.labels_of(by), lang, quiet or as_json)
    raise typer.Exit(STATUS_EXITS[exporting.export(source, wanted, as_json=as_json).status])


app.command()(sweeps.sweep)
app.command()(sweeps.tornado)
app.command()(screening.morris)
app.command()(screening.sobol)
app.command("budget-curve")(trade_offs.budget_curve)
app.command()(uncertainty.stochastic)
app.command("mpi-sppy")(mpi_sppy.mpi_sppy)
app.command()(trade_offs.frontier)
app.command()(trade_offs.alternatives)
app.command()(futures.sample)
app.command()(futures.regret)
app.command("priorities")(priorities.priority_list)
app.command("replacement")(priorities.replacement_cost)


@app.command()
def doctor(*, as_json: AsJson = False, lang: Lang = Language.EN) -> None:
    """List the engines that can be used here, and solve a small program with each of them."""
    from optimizer.cli.doctor import examine

    raise typer.Exit(Exit.SOLVED if examine(lang, as_json=as_json) else Exit.ENGINE_FAILURE)


@app.command()
def lab(*, lang: Lang = Language.EN) -> None:
    """Open JupyterLab on the notebooks of this folder."""
    del lang  # of errors, see status_of; a notebook says its own
    from optimizer.cli.lab import open_lab

    open_lab(Path("notebooks"))


examples.attach(app)


def run(arguments: list[str] | None = None) -> None:
    """Run the program and end with its exit status; usage errors end with 1, as all bad input does."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console that lacks a sign shows a question mark
    sys.exit(status_of(arguments))


def status_of(arguments: list[str] | None = None) -> int:
    """Run the program and return its exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        asked = helping.language_of(words)
    except InputError as error:
        return _report(error, Exit.BAD_INPUT, Language.EN)
    with speaking(asked or default_language()), lean():
        return int(_status_in(words, default_language()))


def _status_in(arguments: list[str], language: Language) -> int:
    try:
        program = helping.program(with_command(app, arguments), language)
        status = program(_with_second_engine(arguments), standalone_mode=False) or Exit.SOLVED
    except TyperException as error:
        helping.tell_usage(error, language)
        return Exit.BAD_INPUT
    except KeyboardInterrupt:
        status = Exit.INTERRUPTED
    except (InputError, ModelError) as error:
        return _report(error, Exit.BAD_INPUT, language)
    except SolveError as error:
        return _report(error, STATUS_EXITS.get(error.status, Exit.ENGINE_FAILURE), language)
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
        print(_stopped(arguments, language), file=sys.stderr)
    return int(status)


def _stopped(arguments: list[str], language: Language) -> str:
    """Say what Ctrl-C leaves: results may have been written whole just before, and finds are kept where asked for."""
    if any(word.partition("=")[0] in KEEPING for word in arguments):
        return translate("Stopped. What was found so far is kept whole in the place of --store or --keep.", language)
    return translate("Stopped. No file was left half written.", language)


def _with_second_engine(arguments: list[str]) -> list[str]:
    """Return the arguments with ``--cross-check auto`` where no engine follows the option."""
    words: list[str] = []
    for word, following in pairwise([*arguments, "-"]):
        words.append(word)
        if word == "--cross-check" and (following.startswith("-") or Path(following).exists()):
            words.append("auto")
    return words


def _report(error: OptimizerError, status: Exit, language: Language) -> Exit:
    print(error.text(language), file=sys.stderr)
    return status
