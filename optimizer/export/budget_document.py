"""The budget document: what is planned, what it achieves, how sure it is, and tables that add up in whole units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pandas as pd

from optimizer.analysis.rounding import AMOUNT, BASELINE, RoundedTables
from optimizer.data.provenance import BASES, UNSTATED, provenance
from optimizer.export.document import Block, Document, Grid, Heading, Kind, Paragraph
from optimizer.export.identity import DIGEST_SHOWN, Identity, basis_of, identify
from optimizer.export.overlap import overlap_sentences
from optimizer.export.words import BOUNDS, STATUSES, Names, amount
from optimizer.language import Language, sentence, translate
from optimizer.plan.plan import TOTAL
from optimizer.plan.statistics import BINDING, BROKEN, MET

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
LINKS = sentence("links between clusters")


def budget_document(rounded: RoundedTables, language: Language = Language.EN) -> Document:
    """Return the budget document of a plan in whole units of money."""
    return _Author(rounded, language).document()


class _Author:
    """Writes the sections of one document in one language."""

    def __init__(self, rounded: RoundedTables, language: Language) -> None:
        self._rounded = rounded
        self._plan = rounded.plan
        self._language = language
        self._names = Names(rounded.plan.case, language)
        self._identity: Identity = identify(rounded.plan, language)
        self._unit = rounded.unit.label(language)

    def document(self) -> Document:
        """Return all sections in order."""
        sections: tuple[tuple[str, Callable[[], Iterator[Block]]], ...] = (
            (sentence("Summary"), self._summary),
            (sentence("Allocation"), self._allocation),
            (sentence("Overlap and specialisation"), self._overlap),
            (sentence("Rules and what money is worth"), self._rules),
            (sentence("How sure the plan is, and rounding"), self._sureness),
            (sentence("Sources and assumptions"), self._assumptions),
        )
        blocks: list[Block] = [Paragraph(self._made(), Kind.LEAD), Paragraph(self._caution(), Kind.WARNING)]
        for number, (heading, write) in enumerate(sections, start=1):
            blocks.append(Heading(f"{number}. {self.say(heading)}"))
            blocks.extend(write())
        name = self.say("{case}: budget plan", case=self._identity.case)
        footer = f"{self._identity.case} · {self._identity.day} · {self._identity.digest[:DIGEST_SHOWN]}"
        return Document(name, self._language, footer, tuple(blocks))

    def say(self, template: str, /, **values: object) -> str:
        """Return a text of the catalogue in the document's language."""
        return translate(template, self._language, **values)

    def _money(self, value: float) -> str:
        """Return money of the case in the unit of the document."""
        return f"{self._rounded.unit.text(round(value / self._rounded.unit.step))} {self._unit}"

    def _made(self) -> str:
        return self.say(
            "Made {time} by optimizer {version}. Inputs {digest} (SHA-256). Scenario: {scenario}.",
            time=self._identity.time,
            version=self._identity.version,
            digest=self._identity.digest[:DIGEST_SHOWN],
            scenario=self._identity.scenario,
        )

    def _caution(self) -> str:
        counts = provenance(self._plan.case)
        return self.say(
            "Of the {total} figures of this case only {published} are published as they stand; {derived} are derived "
            "by a stated formula, {assumed} are assumed and {unstated} have no stated source. Read the section on "
            "sources and assumptions before using any number.",
            total=f"{int(counts['figures'].sum()):,}",
            **{basis: f"{int(counts[basis].sum()):,}" for basis in (*BASES, UNSTATED)},
        )

    # --- summary ---

    def _summary(self) -> Iterator[Block]:
        summary, case, rounded = self._plan.summary(), self._plan.case, self._rounded
        points = [
            self.say(
                "What: {spend} of public money over {first}–{last}, by {funders} funders in {clusters} clusters; "
                "{private} of private money follows.",
                spend=self._money(rounded.spend),
                first=case.years[0],
                last=case.years[-1],
                funders=self._used("funder"),
                clusters=self._used("cluster"),
                private=self._money(float(summary["private"])),
            ),
            self.say(
                "Where: most goes to {clusters}; by stage, to {stages}.",
                clusters=self._largest("cluster"),
                stages=self._largest("stage"),
            ),
            self.say(
                "Why: {launches} launches are to be expected over the horizon; they and what is then still in the "
                "pipeline are worth {worth}.",
                launches=amount(float(summary["launches"])),
                worth=self._money(float(summary["worth"])),
            ),
            self.say(
                "What it costs beside the money: clusters overlap by {clusters} and funders by {funders}, which the "
                "objective counts as {penalty}; broken rules cost {rules}.",
                clusters=self._money(float(summary["overlap_clusters"])),
                funders=self._money(float(summary["overlap_funders"])),
                penalty=self._money(float(summary["overlap_penalty"])),
                rules=self._money(float(summary["rule_price"])),
            ),
            self._how_sure(),
            self._rounding_cost(),
        ]
        yield from (Paragraph(point, Kind.ITEM) for point in points)

    def _used(self, dimension: str) -> int:
        return int((self._plan.pivot([dimension])["spend"].drop(TOTAL) > 0).sum())

    def _largest(self, dimension: str) -> str:
        spend = self._plan.pivot([dimension])["spend"].drop(TOTAL)
        shares = (100 * spend / max(float(spend.sum()), 1e-12)).nlargest(LARGEST_SHOWN)
        names = self._names.of(dimension, shares.index)
        return ", ".join(f"{name} ({share:.1f} %)" for name, share in zip(names, shares, strict=True)) or "–"

    def _how_sure(self) -> str:
        summary = self._plan.summary()
        if summary["gap"] is None:
            return self.say("How sure: how far the best plan may lie above this one was not computed.")
        return self.say(
            "How sure: no plan within the same limits can be better by more than {gap} % (bound: {bound}).",
            gap=f"{100 * float(summary['gap']):.2f}",
            bound=self.say(BOUNDS[str(summary["bound_by"])]),
        )

    def _rounding_cost(self) -> str:
        rounded, objective = self._rounded, self._plan.objective
        lost = self.say(
            "Rounding: money is rounded to {step} so that every row, column and total adds up; valued as it is "
            "printed, the plan loses {loss} of its objective ({share} %).",
            step=f"{rounded.unit.text(1)} {self._unit}",
            loss=self._money(rounded.loss),
            share=f"{100 * rounded.loss / max(abs(objective), 1e-12):.2f}",
        )
        broken = rounded.broken
        if broken.empty:
            whole = self.say("No budget, rule or share is broken by it.")
            return f"{lost} {whole}"
        told = self.say(
            "{count} limits are broken, the largest by {excess}: see the evaluation of the rounded plan.",
            count=len(broken),
            excess=self._money(float(broken["excess"].max())),
        )
        return f"{lost} {told}"

    # --- tables ---

    def _allocation(self) -> Iterator[Block]:
        known = set(self._rounded.by)
        for down, across, caption in TABLES:
            if {down, across} <= known:
                yield self._cross_table(down, across, self.say(caption))
        if len(self._rounded.baseline):
            for down, caption in AGAINST_TODAY:
                if down in known:
                    yield self._beside_today(down, self.say(caption))

    def _cross_table(self, down: str, across: str, caption: str) -> Grid:
        table = self._rounded.table(down, across)
        return Grid(
            caption,
            self._unit,
            header=(self._names.heading(down), *self._labels(across, table.columns)),
            rows=self._lines(self._labels(down, table.index), table),
            totals=True,
            notes=self._notes(self.say("public money of the plan; a dash is zero")),
        )

    def _beside_today(self, down: str, caption: str) -> Grid:
        plan, today = (self._rounded.table(down, of=of)[TOTAL] for of in (AMOUNT, BASELINE))
        order = [*dict.fromkeys([*plan.index.drop(TOTAL), *today.index.drop(TOTAL)]), TOTAL]
        both = pd.DataFrame({"baseline": today, "amount": plan}).reindex(order).fillna(0).astype(int)
        both["change"] = both["amount"] - both["baseline"]
        lines = self._lines(self._labels(down, order), both)
        shares = [
            f"{100 * change / base:+.1f}" if base else "–"
            for base, change in zip(both["baseline"], both["change"], strict=True)
        ]
        return Grid(
            caption,
            self._unit,
            header=(*(self._names.heading(name) for name in (down, *both)), self.say("Change (%)")),
            rows=tuple((*line, share) for line, share in zip(lines, shares, strict=True)),
            totals=True,
            notes=self._notes(self.say("sums over the horizon; today's allocation is that of the case's baseline")),
        )

    def _labels(self, dimension: str, keys: Sequence[object] | pd.Index) -> list[str]:
        names = self._names.of(dimension, keys)
        return [name or self.say(LINKS) for name in names]

    def _lines(self, labels: Sequence[str], table: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
        text = self._rounded.unit.text
        return tuple(
            (label, *(text(int(value)) if value else "–" for value in line))
            for label, line in zip(labels, table.itertuples(index=False, name=None), strict=True)
        )

    def _notes(self, what: str) -> tuple[str, ...]:
        """Return the footnotes of a table: what its figures are, of when, of which case, and on what basis."""
        case = self._plan.case
        return (
            self.say(
                "Note: {what}. Unit: {unit}, in the money of the case ({currency}); rounded so that rows, columns and "
                "totals add up.",
                what=what,
                unit=self._unit,
                currency=case.currency,
            ),
            self.say(
                "Source: own computation of {day}; {case}, {scenario}. Basis of the inputs: {basis}.",
                day=self._identity.day,
                case=self._identity.case,
                scenario=self._identity.scenario,
                basis=basis_of(case, self._language),
            ),
        )

    # --- overlap, rules ---

    def _overlap(self) -> Iterator[Block]:
        told = overlap_sentences(self._plan, self._language, unit=self._rounded.unit)
        if not told:
            yield Paragraph(self.say("No two clusters and no two funders pay for the same work."))
        yield from (Paragraph(line, Kind.ITEM) for line in told)
        frame = self._plan.statistics.specialization()
        totals = frame.groupby("cluster", sort=False)[["spend", "specialized_spend"]].sum()
        concentration = self._plan.statistics.concentration().set_index("cluster")
        text = self._rounded.unit.text
        yield Grid(
            self.say("Specialisation of clusters"),
            self._unit,
            header=tuple(
                self._names.heading(name)
                for name in ("cluster", "spend", "specialized_spend", "share", "krugman_today", "krugman_of_plan")
            ),
            rows=tuple(
                (
                    name,
                    *(text(round(value / self._rounded.unit.step)) for value in (spend, special)),
                    f"{100 * special / spend:.1f} %" if spend else "–",
                    *(amount(float(concentration.loc[key, f"krugman_{of}"]), 2) for of in ("today", "of_plan")),
                )
                for name, (key, spend, special) in zip(
                    self._labels("cluster", totals.index), totals.itertuples(name=None), strict=True
                )
            ),
            notes=(
                self.say(
                    "Note: public site money over the horizon before rounding, and its share at specialised sites."
                ),
                self.say("Krugman index: 0 as the whole, near 2 nothing in common with it."),
            ),
        )

    def _rules(self) -> Iterator[Block]:
        rules = self._plan.statistics.rules()
        if len(rules):
            states = (MET, BINDING, BROKEN)
            counts = pd.crosstab(rules["rule"], rules["state"]).reindex(columns=states, fill_value=0)
            table = self._plan.case.table("rules")
            table = table[table["rule"].isin(counts.index)]
            yield Grid(
                self.say("Rules"),
                "",
                header=tuple(self._names.heading(name) for name in ("rule", "note", *states)),
                rows=tuple(
                    (rule, note, *(f"{count:,}" for count in counts.loc[rule]))
                    for rule, note in zip(table["rule"], table["note"], strict=True)
                ),
                labels=2,
                notes=(self.say("Note: in how many years, clusters and so on each rule is met, binding or broken."),),
            )
        prices = self._plan.sensitivity.constraints
        budget = prices[prices["family"] == "budget"]
        table = budget.pivot_table(index="funder", columns="year", values="shadow_price", sort=False, aggfunc="first")
        if table.empty:
            return
        yield Grid(
            self.say("What one more unit of a budget is worth"),
            self.say("worth per unit of money"),
            header=(self._names.heading("funder"), *self._names.of("year", table.columns)),
            rows=tuple(
                (name, *(amount(float(value), 2) for value in line))
                for name, line in zip(
                    self._labels("funder", table.index), table.itertuples(index=False, name=None), strict=True
                )
            ),
            notes=(
                self.say(
                    "Note: shadow prices of the linear program; what the optimum would gain from one more unit of that "
                    "budget, all else the same. 0: the budget is not spent in full, or more of it earns nothing."
                ),
            ),
        )

    # --- how sure, sources ---

    def _sureness(self) -> Iterator[Block]:
        summary, rounding = self._plan.summary(), self._rounded.rounding
        yield Paragraph(
            self.say(
                "Status: {status}. Objective {objective}; engine and method: {engine}.",
                status=self.say(STATUSES[str(summary["status"])]),
                objective=self._money(float(summary["objective"])),
                engine=self._identity.engine,
            )
        )
        yield Paragraph(self._how_sure())
        yield Paragraph(self._identity.proof)
        unit = self._rounded.unit
        yield Paragraph(
            self.say(
                "Controlled rounding: {cells} cells, by {by}, were moved by {moved} in all, each to one of its two "
                "neighbours; zeros stay zeros.",
                cells=f"{len(rounding.cells):,}",
                by=", ".join(self._names.heading(name) for name in self._rounded.by),
                moved=self._money(rounding.moved * unit.step),
            )
        )
        if rounding.beyond:
            yield Paragraph(
                self.say(
                    "{count} totals could not be a neighbour of their true value, for no budget may be exceeded; the "
                    "farthest is off by {farthest}.",
                    count=rounding.beyond,
                    farthest=self._money(rounding.farthest * unit.step),
                )
            )
        else:
            yield Paragraph(self.say("Every total is a neighbour of its true value too."))

    def _assumptions(self) -> Iterator[Block]:
        case = self._plan.case
        settings = [
            (f"{section}.{key}", str(value))
            for section, keys in case.raw.settings.items()
            for key, value in keys.items()
            if section != "case" or key not in ("name", "name_ko")
        ]
        yield Grid(
            self.say("Settings of the case"),
            "",
            header=(self._names.heading("key"), self._names.heading("value")),
            rows=tuple(settings),
            labels=2,
            notes=(self.say("Note: what the keys mean is told by 'optimizer check --dictionary'."),),
        )
        counts = provenance(case).groupby("table", sort=False)[["figures", *BASES, UNSTATED]].sum()
        counts.loc[TOTAL] = counts.sum()
        yield Grid(
            self.say("Where the figures come from"),
            self.say("figures"),
            header=tuple(self._names.heading(name) for name in ("table", *counts.columns)),
            rows=tuple(
                (self.say(str(name)) if name == TOTAL else str(name), *(f"{int(value):,}" for value in line))
                for name, *line in counts.itertuples(name=None)
            ),
            totals=True,
        )
        sources = case.table("sources")
        if len(sources):
            columns = ["table", "column", "basis", "source", "year"]
            named = self._names.named(sources[columns])
            yield Grid(
                self.say("Sources"),
                "",
                header=tuple(map(str, named.columns)),
                rows=tuple(tuple(str(cell) for cell in line) for line in named.itertuples(index=False, name=None)),
                labels=len(columns),
            )
