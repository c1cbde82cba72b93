"""The budget document: what is planned, what it achieves, how sure it is, and tables that add up in whole units."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pandas as pd

from optimizer.analysis.rounding import AMOUNT, BASELINE, RoundedTables
from optimizer.data.provenance import BASES, UNSTATED, provenance
from optimizer.export.budget_appendix import assumptions, how_sure, overlap, rules, sureness
from optimizer.export.budget_pen import Pen
from optimizer.export.document import Block, Document, Grid, Heading, Kind, Paragraph
from optimizer.export.identity import DIGEST_SHOWN
from optimizer.export.words import amount, percent
from optimizer.language import Language, sentence
from optimizer.plan.tables import TOTAL

TABLES = (
    ("funder", "year", sentence("Public money by funder and year")),
    ("cluster", "stage", sentence("Public money by cluster and stage")),
    ("cluster", "year", sentence("Public money by cluster and year")),
    ("stage", "year", sentence("Public money by stage and year")),
    ("field", "year", sentence("Public money by field and year")),
)
"""Tables of the plan: what goes down, what across, and the caption; those whose labels the rounding has are shown."""
AGAINST_TODAY = (
    ("funder", sentence("Public money by funder, against today")),
    ("cluster", sentence("Public money by cluster, against today")),
    ("stage", sentence("Public money by stage, against today")),
)
LARGEST_SHOWN = 3
"""Clusters and stages named in the summary."""


def budget_document(rounded: RoundedTables, language: Language = Language.EN) -> Document:
    """Return the budget document of a plan in whole units of money."""
    pen = Pen(rounded, language)
    sections: tuple[tuple[str, Callable[[Pen], Iterable[Block]]], ...] = (
        (sentence("Summary"), _summary),
        (sentence("Allocation"), _allocation),
        (sentence("Overlap and specialisation"), overlap),
        (sentence("Rules and what money is worth"), rules),
        (sentence("How sure the plan is, and rounding"), sureness),
        (sentence("Sources and assumptions"), assumptions),
    )
    blocks: list[Block] = [Paragraph(_made(pen), Kind.LEAD), Paragraph(_caution(pen), Kind.WARNING)]
    if rounded.warning is not None:
        blocks.append(Paragraph(pen.say("Warning: {remark}", remark=rounded.warning), Kind.WARNING))
    for number, (heading, write) in enumerate(sections, start=1):
        blocks.append(Heading(f"{number}. {pen.say(heading)}"))
        blocks.extend(write(pen))
    name = pen.say("{case}: budget plan", case=pen.identity.case)
    footer = f"{pen.identity.case} · {pen.identity.day} · {pen.identity.digest[:DIGEST_SHOWN]}"
    return Document(name, pen.language, footer, tuple(blocks))


def _made(pen: Pen) -> str:
    return pen.say(
        "Made {time} by optimizer {version}. Inputs {digest} (SHA-256). Scenario: {scenario}.",
        time=pen.identity.time,
        version=pen.identity.version,
        digest=pen.identity.digest[:DIGEST_SHOWN],
        scenario=pen.identity.scenario,
    )


def _caution(pen: Pen) -> str:
    counts = provenance(pen.plan.case)
    return pen.say(
        "Of the {total} figures of this case only {published} are published as they stand; {derived} are derived "
        "by a stated formula, {assumed} are assumed and {unstated} have no stated source. Read the section on "
        "sources and assumptions before using any number.",
        total=f"{int(counts['figures'].sum()):,}",
        **{basis: f"{int(counts[basis].sum()):,}" for basis in (*BASES, UNSTATED)},
    )


def _summary(pen: Pen) -> Iterator[Block]:
    summary, case, rounded = pen.plan.summary(), pen.plan.case, pen.rounded
    points = [
        pen.say(
            "What: {spend} of public money over {first}–{last}, by {funders} funders in {clusters} clusters; "
            "{private} of private money follows.",
            spend=pen.money(rounded.spend),
            first=case.years[0],
            last=case.years[-1],
            funders=_used(pen, "funder"),
            clusters=_used(pen, "cluster"),
            private=pen.money(float(summary["private"])),
        ),
        pen.say(
            "Where: most goes to {clusters}; by stage, to {stages}.",
            clusters=_largest(pen, "cluster"),
            stages=_largest(pen, "stage"),
        ),
        pen.say(
            "Why: {launches} launches are to be expected over the horizon; they and what is then still in the "
            "pipeline are worth {worth}.",
            launches=amount(float(summary["launches"])),
            worth=pen.money(float(summary["worth"])),
        ),
        pen.say(
            "What it costs beside the money: clusters overlap by {clusters} and funders by {funders}, which the "
            "objective counts as {penalty}; broken rules cost {rules}.",
            clusters=pen.money(float(summary["overlap_clusters"])),
            funders=pen.money(float(summary["overlap_funders"])),
            penalty=pen.money(float(summary["overlap_penalty"])),
            rules=pen.money(float(summary["rule_price"])),
        ),
        *_unspent(pen),
        how_sure(pen),
        _rounding_cost(pen),
    ]
    yield from (Paragraph(point, Kind.ITEM) for point in points)


def _unspent(pen: Pen) -> list[str]:
    """Say what of the budgets the rounded plan leaves, and why; nothing where they are spent in full."""
    headroom = pen.plan.statistics.headroom()
    budget = float(headroom["budget"].sum())
    unspent = budget - float(pen.rounded.spend)
    if float(headroom["unspent"].sum()) <= 0 or pen.money(unspent) == pen.money(0.0):
        return []
    return [
        pen.say(
            "Of the budgets of {budget}, {unspent} are not spent, because they would earn nothing.",
            budget=pen.money(budget),
            unspent=pen.money(unspent),
        )
    ]


def _used(pen: Pen, dimension: str) -> int:
    return int((pen.plan.pivot([dimension])["spend"].drop(TOTAL) > 0).sum())


def _largest(pen: Pen, dimension: str) -> str:
    spend = pen.plan.pivot([dimension])["spend"].drop(TOTAL)
    shares = (100 * spend / max(float(spend.sum()), 1e-12)).nlargest(LARGEST_SHOWN)
    names = pen.names.of(dimension, shares.index)
    return (
        ", ".join(f"{name} ({percent(share, pen.language)})" for name, share in zip(names, shares, strict=True)) or "–"
    )


def _rounding_cost(pen: Pen) -> str:
    rounded = pen.rounded
    lost = pen.say(
        "Rounding: money is rounded to {step} so that every row, column and total adds up; valued as it is "
        "printed, the plan loses {loss} of its objective ({share} %).",
        step=rounded.unit.money(1, pen.language),
        loss=pen.money(rounded.loss),
        share=f"{100 * rounded.lost_share:.3g}",
    )
    broken = rounded.broken
    if broken.empty:
        whole = pen.say("No budget, rule or share is broken by it.")
        return f"{lost} {whole}"
    told = pen.say(
        "{count} limits are broken, the largest by {excess}: see the evaluation of the rounded plan.",
        count=len(broken),
        excess=pen.money(float(broken["excess"].max())),
    )
    return f"{lost} {told}"


def _allocation(pen: Pen) -> Iterator[Block]:
    known = set(pen.rounded.by)
    for down, across, caption in TABLES:
        if {down, across} <= known:
            yield _cross_table(pen, down, across, pen.say(caption))
    if len(pen.rounded.baseline):
        for down, caption in AGAINST_TODAY:
            if down in known:
                yield _beside_today(pen, down, pen.say(caption))


def _cross_table(pen: Pen, down: str, across: str, caption: str) -> Grid:
    table = pen.rounded.table(down, across)
    return Grid(
        caption,
        pen.unit,
        header=(pen.names.heading(down), *pen.labels(across, table.columns)),
        rows=pen.lines(pen.labels(down, table.index), table),
        totals=True,
        notes=pen.notes(pen.say("public money of the plan; a dash is zero")),
    )


def _beside_today(pen: Pen, down: str, caption: str) -> Grid:
    plan, today = (pen.rounded.table(down, of=of)[TOTAL] for of in (AMOUNT, BASELINE))
    order = [*dict.fromkeys([*plan.index.drop(TOTAL), *today.index.drop(TOTAL)]), TOTAL]
    both = pd.DataFrame({"baseline": today, "amount": plan}).reindex(order).fillna(0).astype(int)
    both["change"] = both["amount"] - both["baseline"]
    lines = pen.lines(pen.labels(down, order), both)
    shares = [
        f"{100 * change / base:+.1f}" if base else "–"
        for base, change in zip(both["baseline"], both["change"], strict=True)
    ]
    return Grid(
        caption,
        pen.unit,
        header=(*(pen.names.heading(name) for name in (down, *both)), pen.say("Change (%)")),
        rows=tuple((*line, share) for line, share in zip(lines, shares, strict=True)),
        totals=True,
        notes=pen.notes(pen.say("sums over the horizon; today's allocation is that of the case's baseline")),
    )
