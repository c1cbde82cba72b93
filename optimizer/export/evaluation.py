"""An evaluated allocation as a card, a workbook and a run folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.data.names import title
from optimizer.data.provenance import provenance
from optimizer.export.case_words import named_places
from optimizer.export.html import template
from optimizer.export.overlap import named_ledger
from optimizer.export.safe import harmless_frame
from optimizer.export.words import FIGURES, Names, amount, figure, heading_of, money, percent, shows
from optimizer.export.xlsx import write_sheets
from optimizer.language import Language, sentence, translate
from optimizer.plan.evaluate import EvaluationTables

EVALUATION_FIGURES = {
    "objective": FIGURES["objective"],
    "optimum": sentence("Objective of the optimum"),
    "efficiency": sentence("Objective as a share of the optimum's"),
    "shortfall": sentence("Worth given away"),
    "worth_launches": FIGURES["worth_launches"],
    "worth_pipeline": FIGURES["worth_pipeline"],
    "overlap_penalty": FIGURES["overlap_penalty"],
    "rule_price": FIGURES["rule_price"],
    "given": sentence("Public money given"),
    "spend": sentence("of it used"),
    "unused": sentence("of it left over"),
    "outside": sentence("Money given outside the horizon (not counted)"),
    "private": FIGURES["private"],
    "launches": FIGURES["launches"],
    "overlap_clusters": FIGURES["overlap_clusters"],
    "overlap_funders": FIGURES["overlap_funders"],
    "broken": sentence("Limits broken (budgets, mandates, rules, shares)"),
}
"""Figure of an evaluation -> its name in words."""
MONEY = frozenset({"optimum", "shortfall", "given", "unused", "outside"})
SHEETS = {
    "summary": sentence("Summary"),
    "allocation": sentence("Allocation"),
    "broken": sentence("Broken limits"),
    "unused": sentence("Left over"),
    "launches": sentence("Launches"),
    "overlap": sentence("Overlap"),
    "sources": sentence("Sources"),
}
MOST_SHOWN = 12


def evaluation_figures(evaluation: EvaluationTables, language: Language) -> list[tuple[str, str]]:
    """Return the figures of an evaluation in words, those that exist."""
    summary, currency = evaluation.summary(), evaluation.case.currency
    return [
        (translate(words, language), _figure(name, summary[name], currency, language))
        for name, words in EVALUATION_FIGURES.items()
        if summary[name] is not None and not (name == "outside" and not summary[name])
    ]


def _figure(name: str, value: Any, currency: str, language: Language) -> str:
    if name in MONEY:
        return money(value, currency, language)
    if name == "efficiency":
        return percent(100 * float(value), language)
    return figure(name, value, currency, language)


def named_lines(evaluation: EvaluationTables, frame: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return lines of an evaluation in words."""
    shown = frame.copy()
    if "reason" in shown:
        shown["reason"] = [reason.text(language) if reason else "" for reason in shown["reason"]]
    return Names(evaluation.case, language).named(shown.dropna(axis="columns", how="all"))


def evaluation_card(evaluation: EvaluationTables, language: Language = Language.EN) -> str:
    """Return the card of an evaluation: its figures and the money left over by cluster, as HTML."""
    unused = evaluation.unused.groupby("cluster", sort=False)["unused"].sum()
    unused = unused[shows(unused)].nlargest(MOST_SHOWN)
    largest = float(unused.max()) if len(unused) else 1.0
    names = Names(evaluation.case, language).of("cluster", unused.index)
    lines = [
        (name, amount(float(value)), 100 * float(value) / largest) for name, value in zip(names, unused, strict=True)
    ]
    content = {
        "title": title(evaluation.case, language),
        "figures": evaluation_figures(evaluation, language),
        "bars": [(translate(sentence("Left over by cluster"), language), lines)] if lines else [],
        "reason": "",
        "explanation": [],
    }
    return str(template("card.html.j2").render(content))


def write_evaluation_workbook(evaluation: EvaluationTables, path: Path, language: Language = Language.EN) -> None:
    """Write an evaluation as a workbook: summary, the allocation line by line, broken limits, what is left over."""
    heading = (
        translate("Figure", language),
        heading_of(evaluation.case, language),
    )
    frames = {
        "summary": pd.DataFrame(evaluation_figures(evaluation, language), columns=list(heading)),
        "allocation": named_lines(evaluation, evaluation.table, language),
        "broken": named_lines(evaluation, evaluation.broken, language),
        "unused": named_lines(evaluation, evaluation.unused, language),
        "launches": named_lines(evaluation, evaluation.use.statistics.launches(["field", "year"]), language),
        "overlap": named_ledger(evaluation.use.overlap_ledger, Names(evaluation.case, language)),
        "sources": Names(evaluation.case, language).named(named_places(provenance(evaluation.case), language)),
    }
    write_sheets(path, {translate(SHEETS[name], language): frame for name, frame in frames.items()})


def write_evaluation_csvs(evaluation: EvaluationTables, folder: Path) -> None:
    """Write the allocation as it was given and line by line as it is used, and the limits it breaks."""
    given = evaluation.valuation.given.lines
    lines = evaluation.table
    lines["reason"] = [reason.text(Language.EN) if reason else "" for reason in lines["reason"]]
    for name, frame in (("given", given), ("evaluation", lines), ("broken", evaluation.broken)):
        harmless_frame(frame).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
