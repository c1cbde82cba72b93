"""A plan as a page: the card JupyterLab shows, and the report that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pandas as pd

from optimizer.data.provenance import BASES, UNSTATED, provenance
from optimizer.export.overlap import named_ledger, named_matrix, overlap_sentences
from optimizer.export.words import FIGURES, Names, amount, certificate_table, figure, title
from optimizer.export.xlsx import named_pivot
from optimizer.language import Language, sentence, translate
from optimizer.plan.ledger import Side
from optimizer.plan.plan import FailedPlanTables, PlanTables
from optimizer.plan.statistics import BINDING, BROKEN, MET

BARS = {"stage": sentence("Public money by stage"), "cluster": sentence("Public money by cluster")}
MOST_PAIRS = 20
MOST_PRICES = 12
"""Rows shown of each family, largest price first."""
PRICED_FAMILIES = ["budget", "carry_over", "rules", "specialization", "demand", "private_cap"]


@dataclass(frozen=True)
class Cell:
    """One cell of a page: its text, whether it is a number, and a shade from 0 to 1 (``None`` for none)."""

    text: str
    number: bool = False
    shade: float | None = None


@dataclass(frozen=True)
class PageTable:
    """A table of a page."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def card(plan: PlanTables, language: Language = Language.EN) -> str:
    """Return the card of a plan: its main figures, and its money by stage and by cluster, as HTML."""
    return str(template("card.html.j2").render(_main(plan, language)))


def failed_card(plan: FailedPlanTables, language: Language = Language.EN) -> str:
    """Return the card of a case without a plan: its status and the reason, as HTML."""
    status = FIGURES["status"]
    figures = [(translate(status, language), figure("status", plan.status, "", language))]
    content = {
        "title": title(plan.case, language),
        "figures": figures,
        "bars": [],
        "reason": plan.reason.text(language),
        "explanation": plan.explanation.text(language).splitlines() if plan.is_explained else [],
    }
    return str(template("card.html.j2").render(content))


def report(plan: PlanTables, language: Language = Language.EN) -> str:
    """Return the report of a plan as one self-contained page."""
    content = _main(plan, language) | {
        "language": language.value,
        "say": lambda text, **values: translate(text, language, **values),
        "made": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cluster_stage": _shaded(named_pivot(plan, "cluster", "stage", language)),
        "funder_year": _shaded(named_pivot(plan, "funder", "year", language)),
        "launches": _launches(plan, language),
        "headroom": _headroom(plan, language),
        "overlap": _overlap(plan, language),
        "overlap_told": overlap_sentences(plan, language),
        "heat_maps": [_heat_map(named_matrix(plan, by, language)) for by in Side],
        "specialization": _specialization(plan, language),
        "suggestions": _table(Names(plan.case, language).named(plan.suggestions()), 2),
        "rules": _rules(plan, language),
        "remarks": [remark.text(language) for remark in plan.case.remarks],
        "today": [_against_today(plan, dimension, language) for dimension in ("stage", "cluster", "funder")],
        "prices": _prices(plan, language),
        "proof": plan.certificate.text(language),
        "proof_table": _table(certificate_table(plan.certificate, language)),
        "benchmarks": _table(Names(plan.case, language).named(plan.case.table("benchmarks"))),
        "beside": _beside(plan, language),
        "provenance": _provenance(plan, language),
        "program": [
            (translate(FIGURES[name], language), figure(name, plan.summary()[name], "", language))
            for name in ("method", "engine", "seconds", "columns", "rows", "nonzeros")
        ],
    }
    return str(template("report.html.j2").render(content))


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # only wanted for pages

    return Environment(
        loader=PackageLoader("optimizer.export"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def template(name: str) -> Any:
    """Return a page template; what it shows is escaped."""
    return _environment().get_template(name)


def _main(plan: PlanTables, language: Language) -> dict[str, Any]:
    summary = plan.summary()
    shown = (
        *("objective", "worth_launches", "worth_pipeline", "overlap_penalty", "rule_price"),
        *("spend", "private", "launches", "bound", "gap", "bound_by"),
    )
    names = Names(plan.case, language)
    bars = []
    for dimension, heading in BARS.items():
        spend = plan.pivot([dimension])["spend"].drop("total")
        largest = max(float(spend.max()), 1e-12) if len(spend) else 1.0
        lines = [
            (name, amount(float(value)), 100 * float(value) / largest)
            for name, value in zip(names.of(dimension, spend.index), spend, strict=True)
        ]
        bars.append((translate(heading, language), lines))
    return {
        "title": title(plan.case, language),
        "currency": plan.case.currency,
        "years": f"{plan.case.years[0]}–{plan.case.years[-1]}",
        "figures": [
            (translate(FIGURES[name], language), figure(name, summary[name], plan.case.currency, language))
            for name in shown
            if summary[name] is not None
        ],
        "bars": bars,
        "reason": "",
        "explanation": [],
    }


def _table(frame: pd.DataFrame, digits: int = 1) -> PageTable:
    rows = [
        [
            Cell(amount(float(value), digits), number=True) if isinstance(value, float) else Cell(_plain(value))
            for value in line
        ]
        for line in frame.itertuples(index=False)
    ]
    return PageTable([str(name) for name in frame.columns], rows)


def _plain(value: object) -> str:
    return "" if value is None or value is pd.NA else str(value)


def _shaded(frame: pd.DataFrame) -> PageTable:
    """Return a pivot with its cells shaded by size; the totals, last row and column, are not."""
    inner = frame.iloc[:-1, 1:-1].astype(float)
    largest = max(float(inner.max().max()), 1e-12) if inner.size else 1.0
    rows = []
    for number, line in enumerate(frame.itertuples(index=False)):
        label, *values = line
        total_row = number == len(frame) - 1
        cells = [Cell(str(label))]
        for position, value in enumerate(values):
            plain = total_row or position == len(values) - 1
            cells.append(Cell(amount(float(value)), number=True, shade=None if plain else float(value) / largest))
        rows.append(cells)
    return PageTable([str(name) for name in frame.columns], rows)


def _heat_map(frame: pd.DataFrame) -> PageTable:
    """Return a matrix with its cells shaded by size, blank where there is nothing."""
    largest = max(float(frame.iloc[:, 1:].max().max()), 1e-12) if len(frame) else 1.0
    rows = [
        [
            Cell(str(label)),
            *(Cell(amount(value) if value else "", number=True, shade=value / largest) for value in map(float, values)),
        ]
        for label, *values in frame.itertuples(index=False, name=None)
    ]
    return PageTable([str(name) for name in frame.columns], rows)


def _launches(plan: PlanTables, language: Language) -> PageTable:
    launches = plan.statistics.launches(["field", "year"])
    table = launches.pivot_table(index="field", columns="year", values="launches", aggfunc="sum", sort=False)
    table["total"] = table.sum(axis=1)
    names = Names(plan.case, language)
    frame = pd.DataFrame(table.to_numpy(), columns=names.of("year", table.columns))
    frame.insert(0, names.heading("field"), names.of("field", table.index))
    return _table(frame, 2)


def _headroom(plan: PlanTables, language: Language) -> PageTable:
    frame = plan.statistics.headroom()
    left = frame[frame["unspent"] > 0].copy()
    left["reason"] = [reason.text(language) if reason else "" for reason in left["reason"]]
    shown = left[["funder", "year", "budget", "spend", "carried_out", "unspent", "reason"]]
    return _table(Names(plan.case, language).named(shown))


def _overlap(plan: PlanTables, language: Language) -> PageTable:
    largest = plan.overlap_ledger.nlargest(MOST_PAIRS, "overlap")
    return _table(named_ledger(largest, Names(plan.case, language)), 2)


def _specialization(plan: PlanTables, language: Language) -> PageTable:
    frame = plan.statistics.specialization()
    totals = frame.groupby("cluster", sort=False)[["spend", "specialized_spend"]].sum().reset_index()
    totals["share"] = totals["specialized_spend"] / totals["spend"]
    totals = totals.merge(plan.statistics.concentration(), on="cluster", validate="one_to_one")
    return _table(Names(plan.case, language).named(totals), 2)


def _rules(plan: PlanTables, language: Language) -> PageTable:
    """Return each enabled rule with its note, and how many of its rows are met, binding and broken."""
    rules = plan.statistics.rules()
    counts = rules.groupby("rule", sort=False)["state"].value_counts().unstack(fill_value=0)
    table = plan.case.table("rules").set_index("rule")
    lines = pd.DataFrame({"rule": list(counts.index), "note": [table.loc[rule, "note"] for rule in counts.index]})
    for state in (MET, BINDING, BROKEN):
        lines[state] = counts[state].to_numpy() if state in counts else 0
    lines["lacking"] = rules.groupby("rule", sort=False)["lacking"].sum().to_numpy()
    lines["price"] = [table.loc[rule, "price"] for rule in counts.index]
    return _table(Names(plan.case, language).named(lines), 2)


def _against_today(plan: PlanTables, dimension: str, language: Language) -> PageTable:
    """Return the plan beside today's allocation, by one label; without rows where the case has no baseline."""
    columns = ["baseline", "amount", "change"]
    if not plan.case.has("baseline"):
        return PageTable([], [])
    totals = plan.allocation.groupby(dimension, sort=False)[columns].sum().reset_index()
    order = plan.solution.sets.dimensions[dimension].get_indexer(pd.Index(totals[dimension]))
    return _table(Names(plan.case, language).named(totals.iloc[order.argsort(kind="stable")]))


def _prices(plan: PlanTables, language: Language) -> PageTable:
    prices = plan.sensitivity.constraints
    priced = prices[prices["family"].isin(PRICED_FAMILIES) & (prices["shadow_price"] != 0)]
    size = priced["shadow_price"].abs()
    rank = size.groupby(priced["family"]).rank(method="first", ascending=False)
    chosen = priced[rank <= MOST_PRICES].assign(
        order=pd.Categorical(priced["family"][rank <= MOST_PRICES], PRICED_FAMILIES)
    )
    ends = ["shadow_price_low", "shadow_price_high"]
    chosen[ends] = chosen[ends].where(chosen["degenerate"])  # an interval is shown where there is one
    ordered = chosen.sort_values(["order", "shadow_price"], ascending=[True, False], kind="stable").drop(
        columns="order"
    )
    return _table(Names(plan.case, language).named(ordered.dropna(axis="columns", how="all")), 3)


def _beside(plan: PlanTables, language: Language) -> PageTable:
    """Return the plan's own stage mix, private share and size, to stand beside the clusters abroad."""
    summary, stages = plan.summary(), plan.pivot(["stage"])["spend"]
    money = float(summary["spend"]) + float(summary["private"])
    activity = plan.specialization.groupby("cluster")["activity"].sum()
    mix = [
        (
            translate("Public money in {stage}", language, stage=name),
            100 * float(spend) / max(float(stages["total"]), 1e-12),
            "%",
        )
        for name, spend in zip(Names(plan.case, language).of("stage", stages.index), stages, strict=True)
    ][:-1]
    lines = [
        *mix,
        (translate("Private share of all money", language), 100 * float(summary["private"]) / max(money, 1e-12), "%"),
        (
            translate("Activity today, all clusters", language),
            float(activity.sum()),
            translate("as in sites.csv", language),
        ),
        (
            translate("Activity today, largest cluster", language),
            float(activity.max()),
            translate("as in sites.csv", language),
        ),
    ]
    heading = [translate(text, language) for text in (sentence("This plan"), sentence("value"), sentence("unit"))]
    return _table(pd.DataFrame(lines, columns=heading))


def _provenance(plan: PlanTables, language: Language) -> dict[str, Any]:
    counts = provenance(plan.case)
    total = max(int(counts["figures"].sum()), 1)
    named = Names(plan.case, language).named
    by_basis = {basis: int(counts[basis].sum()) for basis in (*BASES, UNSTATED)}
    return {
        "counts": by_basis,
        "shares": [(translate(basis, language), count, 100 * count / total) for basis, count in by_basis.items()],
        "total": total,
        "table": _table(named(counts)),
        "sources": _table(named(plan.case.table("sources"))),
    }
