"""The ``evaluate`` command: value a hand-made allocation."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from rich.text import Text

from optimizer.api import Evaluation, load_case
from optimizer.cli import show
from optimizer.cli.draw import console, print_figures, print_frame
from optimizer.data.names import title
from optimizer.export.evaluation import evaluation_figures, named_lines
from optimizer.export.run import check_place, summary_data
from optimizer.export.words import money, shows, unlisted
from optimizer.language import Language, translate
from optimizer.options import SolveOptions

MOST_LINES = 30


def evaluate_table(
    case: Path, table: Path | None, options: SolveOptions, language: Language, *, out: Path | None, measure: bool
) -> tuple[Evaluation, list[Path]]:
    """Evaluate a table under a case; return the evaluation and the files written."""
    if out is not None:
        check_place(out)
    loaded = load_case(case)
    try:
        evaluation = loaded.evaluate(table, options=options, measure=measure, progress=show.progress_line(language))
    finally:
        show.end_progress()
    return evaluation, evaluation.save(out, language) if out is not None else []


def ended(evaluation: Evaluation) -> bool:
    """Return whether no limit ended the search for the optimum the allocation is measured against."""
    return evaluation.optimum is None or evaluation.optimum.status != "limit"


def print_json(evaluation: Evaluation, language: Language) -> None:
    """Print the figures, the broken limits and what is left over, as JSON."""
    unused = evaluation.unused
    unused["reason"] = [reason.text(language) for reason in unused["reason"]]
    broken = evaluation.broken
    broken = broken.astype(object).where(broken.notna(), None)
    show.print_json(
        {
            **summary_data(evaluation),
            "broken_limits": broken.to_dict("records"),
            "left_over": unused.to_dict("records"),
        }
    )


def print_evaluation(evaluation: Evaluation, language: Language) -> None:
    """Print the figures, the limits broken furthest, and the largest amounts left over."""
    out = console()
    print_figures(out, evaluation_figures(evaluation, language), title(evaluation.case, language))
    broken = evaluation.broken
    decided = broken[broken["counted"] != "physical"].drop(columns="price")
    if len(decided):
        heading = translate("Limits broken ({shown} of {count})", language, **_counts(len(decided)))
        largest = decided.loc[(decided["excess"] / (1 + decided["limit"])).nlargest(MOST_LINES).index]
        print_frame(out, _named(evaluation, largest, language), heading)
        if evaluation.efficiency is not None:
            out.print(
                Text(
                    translate(
                        "The optimum keeps every limit and this allocation does not, so its share of the optimum "
                        "flatters it.",
                        language,
                    )
                )
            )
    else:
        out.print(Text(translate("No budget, mandate, rule or share is broken.", language)))
    if not ended(evaluation):
        told = translate(
            "A limit ended the search for the optimum, so a better one may exist and the share of it be smaller. Allow "
            "more time.",
            language,
        )
        out.print(Text(told))
    unused = evaluation.unused
    if len(unused):
        listed = unused[shows(unused["unused"])].nlargest(MOST_LINES, "unused")
        if len(listed):
            counts = {"shown": len(listed), "count": len(unused)}
            heading = translate("Left over ({shown} of {count} lines)", language, **counts)
            print_frame(out, _named(evaluation, listed, language), heading)
        for line in unlisted(unused["unused"], evaluation.case.currency, language):
            out.print(Text(line))
        reasons = unused["unused"].groupby([reason.text(language) for reason in unused["reason"]]).sum()
        for reason, left in reasons.sort_values(ascending=False).items():
            out.print(Text(f"  {money(float(left), evaluation.case.currency, language)}: {reason}"))
    else:
        out.print(Text(translate("All money given can be used.", language)))


def _named(evaluation: Evaluation, frame: pd.DataFrame, language: Language) -> pd.DataFrame:
    named = named_lines(evaluation, frame, language)
    return named.loc[:, [not (named[name].isna() | (named[name] == "")).all() for name in named.columns]]


def _counts(count: int) -> dict[str, object]:
    return {"shown": min(count, MOST_LINES), "count": count}
