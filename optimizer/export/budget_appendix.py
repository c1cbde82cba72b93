"""The later sections of the budget document: overlap, rules and prices, how sure the plan is, sources."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from optimizer.data.money import currency_in
from optimizer.data.names import notes_of_rules
from optimizer.data.provenance import BASES, UNSTATED, provenance
from optimizer.export.budget_pen import Pen
from optimizer.export.case_words import TABLES, meaning, stated_sources
from optimizer.export.document import Block, Grid, Kind, Paragraph
from optimizer.export.overlap import overlap_sentences
from optimizer.export.words import BOUNDS, COLUMNS, METHODS, amount, percent
from optimizer.plan.statistics import BINDING, BROKEN, MET
from optimizer.plan.summary import STATUSES
from optimizer.plan.tables import TOTAL


def overlap(pen: Pen) -> Iterator[Block]:
    """Yield the worst overlaps in words, and how specialised each cluster is."""
    told = overlap_sentences(pen.plan, pen.language, unit=pen.rounded.unit)
    if not told:
        yield Paragraph(pen.say("No two clusters and no two funders pay for the same work."))
    yield from (Paragraph(line, Kind.ITEM) for line in told)
    frame = pen.plan.statistics.specialization()
    totals = frame.groupby("cluster", sort=False)[["spend", "specialized_spend"]].sum()
    concentration = pen.plan.statistics.concentration().set_index("cluster")
    text = pen.rounded.unit.text
    yield Grid(
        pen.say("Specialisation of clusters"),
        pen.unit,
        header=tuple(
            pen.names.heading(name)
            for name in ("cluster", "spend", "specialized_spend", "share", "krugman_today", "krugman_of_plan")
        ),
        rows=tuple(
            (
                name,
                *(text(round(value / pen.rounded.unit.step)) for value in (spend, special)),
                percent(100 * special / spend, pen.language) if spend else "–",
                *(amount(float(concentration.loc[key, f"krugman_{of}"]), 2) for of in ("today", "of_plan")),
            )
            for name, (key, spend, special) in zip(
                pen.labels("cluster", totals.index), totals.itertuples(name=None), strict=True
            )
        ),
        notes=(
            pen.say("Note: public site money over the horizon before rounding, and its share at specialised sites."),
            pen.say("Krugman index: 0 as the whole, near 2 nothing in common with it."),
        ),
    )


def rules(pen: Pen) -> Iterator[Block]:
    """Yield how far each rule is met, and what one more unit of each budget is worth."""
    rules = pen.plan.statistics.rules()
    if len(rules):
        states = (MET, BINDING, BROKEN)
        counts = pd.crosstab(rules["rule"], rules["state"]).reindex(columns=states, fill_value=0)
        notes = notes_of_rules(pen.plan.case, pen.language)
        keys = [rule for rule in notes if rule in counts.index]
        yield Grid(
            pen.say("Rules"),
            "",
            header=tuple(pen.names.heading(name) for name in ("rule", "note", *states)),
            rows=tuple(
                (name, notes[rule], *(f"{count:,}" for count in counts.loc[rule]))
                for rule, name in zip(keys, pen.names.of("rule", keys), strict=True)
            ),
            labels=2,
            notes=(pen.say("Note: in how many years, clusters and so on each rule is met, binding or broken."),),
        )
    prices = pen.plan.sensitivity.constraints
    budget = prices[prices["family"] == "budget"]
    table = budget.pivot_table(index="funder", columns="year", values="shadow_price", sort=False, aggfunc="first")
    if table.empty:
        return
    yield Grid(
        pen.say("What one more unit of a budget is worth"),
        pen.say("worth per unit of money"),
        header=(pen.names.heading("funder"), *pen.names.of("year", table.columns)),
        rows=tuple(
            (name, *(amount(float(value), 2) for value in line))
            for name, line in zip(
                pen.labels("funder", table.index), table.itertuples(index=False, name=None), strict=True
            )
        ),
        notes=(
            pen.say(
                "Note: shadow prices of the linear program; what the optimum would gain from one more unit of that "
                "budget, all else the same. 0: the budget is not spent in full, or more of it earns nothing."
            ),
        ),
    )


def how_sure(pen: Pen) -> str:
    """Return how far the best plan may lie above this one."""
    summary = pen.plan.summary()
    if summary["gap"] is None:
        return pen.say("How sure: how far the best plan may lie above this one was not computed.")
    return pen.say(
        "How sure: before rounding, the plan is at most {gap} % below the best possible within the same limits "
        "(bound: {bound}).",
        gap=f"{100 * float(summary['gap']):.2f}",
        bound=pen.say(BOUNDS[str(summary["bound_by"])]),
    )


def sureness(pen: Pen) -> Iterator[Block]:
    """Yield status, bound, proof, and how far rounding moved the figures."""
    summary, rounding = pen.plan.summary(), pen.rounded.rounding
    yield Paragraph(
        pen.say(
            "Status: {status}. Objective {objective}; engine and method: {engine}.",
            status=pen.say(STATUSES[str(summary["status"])]),
            objective=pen.money(float(summary["objective"])),
            engine=pen.identity.engine,
        )
    )
    yield Paragraph(how_sure(pen))
    yield Paragraph(pen.identity.proof)
    unit = pen.rounded.unit
    yield Paragraph(
        pen.say(
            "Controlled rounding: {cells} cells, by {by}, were moved by {moved} in all, each to one of its two "
            "neighbours; zeros stay zeros.",
            cells=f"{len(rounding.cells):,}",
            by=", ".join(pen.names.heading(name) for name in pen.rounded.by),
            moved=pen.money(rounding.moved * unit.step),
        )
    )
    if rounding.beyond:
        yield Paragraph(
            pen.say(
                "{count} totals could not be a neighbour of their true value, for no budget may be exceeded; the "
                "farthest is off by {farthest}.",
                count=rounding.beyond,
                farthest=pen.money(rounding.farthest * unit.step),
            )
        )
    else:
        yield Paragraph(pen.say("Every total is a neighbour of its true value too."))


def assumptions(pen: Pen) -> Iterator[Block]:
    """Yield the settings of the case, the basis of its figures, and its sources."""
    case = pen.plan.case
    settings = [
        (meaning(f"{section}.{key}", pen.language), f"{section}.{key}", _setting(pen, key, value))
        for section, keys in case.raw.settings.items()
        for key, value in keys.items()
        if section != "case" or key not in ("name", "name_ko")
    ]
    yield Grid(
        pen.say("Settings of the case"),
        "",
        header=tuple(pen.names.heading(name) for name in ("meaning", "key", "value")),
        rows=tuple(settings),
        labels=3,
    )
    counts = provenance(case).groupby("table", sort=False)[["figures", *BASES, UNSTATED]].sum()
    counts.loc[TOTAL] = counts.sum()
    yield Grid(
        pen.say("Where the figures come from"),
        pen.say("figures"),
        header=tuple(pen.names.heading(name) for name in ("table", *counts.columns)),
        rows=tuple(
            (pen.say(TABLES.get(str(name), str(name))), *(f"{int(value):,}" for value in line))
            for name, *line in counts.itertuples(name=None)
        ),
        totals=True,
    )
    sources = stated_sources(case, pen.language)
    if len(sources):
        columns = ["table", "column", "where", "basis", "source", "year"]
        named = pen.names.named(sources[columns])
        yield Grid(
            pen.say("Sources"),
            "",
            header=tuple(map(str, named.columns)),
            rows=tuple(tuple(str(cell) for cell in line) for line in named.itertuples(index=False, name=None)),
            labels=len(columns),
        )


def _setting(pen: Pen, key: str, value: object) -> str:
    """Return what a key of the settings holds; words of closed vocabularies in the reader's language."""
    if key == "currency":
        return currency_in(str(value), pen.language)
    return pen.say(METHODS.get(value, COLUMNS.get(value, value))) if isinstance(value, str) else str(value)
