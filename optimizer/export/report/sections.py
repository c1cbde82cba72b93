"""The tables of the report, section by section."""

from __future__ import annotations

from typing import Any

import pandas as pd

from optimizer.data.names import notes_of_rules
from optimizer.data.provenance import BASES, UNSTATED
from optimizer.data.provenance import provenance as case_provenance
from optimizer.export.case_words import named_places, stated_sources
from optimizer.export.overlap import named_ledger
from optimizer.export.report.tables import PageTable, table_of
from optimizer.export.words import Names
from optimizer.language import Language, sentence, translate
from optimizer.plan.plan import PlanTables
from optimizer.plan.statistics import BINDING, BROKEN, MET

MOST_PAIRS = 20
MOST_PRICES = 12
"""Rows shown of each family, largest price first."""
PRICED_FAMILIES = ["budget", "carry_over", "rules", "specialization", "demand", "private_cap"]


def launches(plan: PlanTables, language: Language) -> PageTable:
    """Return launches by field and year."""
    lines = plan.statistics.launches(["field", "year"])
    table = lines.pivot_table(index="field", columns="year", values="launches", aggfunc="sum", sort=False)
    table["total"] = table.sum(axis=1)
    names = Names(plan.case, language)
    frame = pd.DataFrame(table.to_numpy(), columns=names.of("year", table.columns))
    frame.insert(0, names.heading("field"), names.of("field", table.index))
    return table_of(frame, 2)


def headroom(plan: PlanTables, language: Language) -> PageTable:
    """Return what funders leave unspent in a year, and why."""
    frame = plan.statistics.headroom()
    left = frame[frame["unspent"] > 0].copy()
    left["reason"] = [reason.text(language) if reason else "" for reason in left["reason"]]
    shown = left[["funder", "year", "budget", "spend", "carried_out", "unspent", "reason"]]
    return table_of(Names(plan.case, language).named(shown))


def overlap(plan: PlanTables, language: Language) -> PageTable:
    """Return the largest pairs that pay for the same work."""
    largest = plan.overlap_ledger.nlargest(MOST_PAIRS, "overlap")
    return table_of(named_ledger(largest, Names(plan.case, language)), 2)


def specialization(plan: PlanTables, language: Language) -> PageTable:
    """Return each cluster's money, the share of it where the cluster is specialised, and its indices."""
    frame = plan.statistics.specialization()
    totals = frame.groupby("cluster", sort=False)[["spend", "specialized_spend"]].sum().reset_index()
    totals["share"] = totals["specialized_spend"] / totals["spend"]
    totals = totals.merge(plan.statistics.concentration(), on="cluster", validate="one_to_one")
    return table_of(Names(plan.case, language).named(totals), 2)


def rules(plan: PlanTables, language: Language) -> PageTable:
    """Return each enabled rule with its note, and how many of its rows are met, binding and broken."""
    rules = plan.statistics.rules()
    counts = rules.groupby("rule", sort=False)["state"].value_counts().unstack(fill_value=0)
    table = plan.case.table("rules").set_index("rule")
    notes = notes_of_rules(plan.case, language)
    lines = pd.DataFrame({"rule": list(counts.index), "note": [notes[str(rule)] for rule in counts.index]})
    for state in (MET, BINDING, BROKEN):
        lines[state] = counts[state].to_numpy() if state in counts else 0
    lines["lacking"] = rules.groupby("rule", sort=False)["lacking"].sum().to_numpy()
    lines["price"] = [table.loc[rule, "price"] for rule in counts.index]
    return table_of(Names(plan.case, language).named(lines), 2)


def against_today(plan: PlanTables, dimension: str, language: Language) -> PageTable:
    """Return the plan beside today's allocation, by one label; without rows where the case has no baseline."""
    columns = ["baseline", "amount", "change"]
    if not plan.case.has("baseline"):
        return PageTable([], [])
    totals = plan.allocation.groupby(dimension, sort=False)[columns].sum().reset_index()
    order = plan.solution.sets.dimensions[dimension].get_indexer(pd.Index(totals[dimension]))
    return table_of(Names(plan.case, language).named(totals.iloc[order.argsort(kind="stable")]))


def prices(plan: PlanTables, language: Language) -> PageTable:
    """Return the largest prices of each kind of limit."""
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
    return table_of(Names(plan.case, language).named(ordered.dropna(axis="columns", how="all")), 3)


def beside(plan: PlanTables, language: Language) -> PageTable:
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
    return table_of(pd.DataFrame(lines, columns=heading))


def provenance(plan: PlanTables, language: Language) -> dict[str, Any]:
    """Return how many figures of the case are published, derived and assumed, and the sources."""
    counts = case_provenance(plan.case)
    total = max(int(counts["figures"].sum()), 1)
    named = Names(plan.case, language).named
    by_basis = {basis: int(counts[basis].sum()) for basis in (*BASES, UNSTATED)}
    return {
        "counts": by_basis,
        "shares": [(translate(basis, language), count, 100 * count / total) for basis, count in by_basis.items()],
        "total": total,
        "table": table_of(named(named_places(counts, language))),
        "sources": table_of(named(stated_sources(plan.case, language))),
    }
