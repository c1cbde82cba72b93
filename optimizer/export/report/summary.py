"""The first screen of the report: what, why, what it costs, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from optimizer.data.provenance import provenance
from optimizer.export.words import BOUNDS, FIGURES, Names, amount, money, percent
from optimizer.language import Language, sentence, translate
from optimizer.plan.plan import PlanTables
from optimizer.plan.tables import TOTAL

WHAT, WHY, COST, SURE = sentence("What"), sentence("Why"), sentence("What it costs"), sentence("How sure")
ASSUMED_SHARE = sentence("Figures that are assumed")
MOST_NAMED = 3


@dataclass(frozen=True)
class Answer:
    """One of the questions of a reader without time, and what the plan answers."""

    question: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """Some figures that stand out, and the answers."""

    figures: tuple[tuple[str, str], ...]
    answers: tuple[Answer, ...]


def summary_of(plan: PlanTables, language: Language) -> Summary:
    """Return the first screen of a plan's report."""
    words = _Words(plan, language)
    return Summary(
        words.figures(),
        tuple(
            Answer(translate(question, language), tuple(line for line in lines if line))
            for question, lines in (
                (WHAT, (words.spends(), words.mostly())),
                (WHY, (words.worth(), words.scarce(), words.moves())),
                (COST, (words.paid(), words.left(), words.twice())),
                (SURE, (words.bound(), words.proof(), words.sources())),
            )
        ),
    )


class _Words:
    """Sentences on a plan in one language; a blank one where there is nothing to say."""

    def __init__(self, plan: PlanTables, language: Language) -> None:
        self._plan, self._language = plan, language
        self._summary, self._unit = plan.summary(), plan.case.currency
        self._names = Names(plan.case, language)
        counts = provenance(plan.case)
        self._total = max(int(counts["figures"].sum()), 1)
        self._assumed = 100 * int(counts["assumed"].sum() + counts["unstated"].sum()) / self._total
        self._published = 100 * int(counts["published"].sum()) / self._total

    def _money(self, name: str) -> str:
        return self._in_money(float(self._summary[name]))

    def _in_money(self, value: float, digits: int = 0) -> str:
        return money(value, self._unit, self._language, digits)

    def figures(self) -> tuple[tuple[str, str], ...]:
        gap = self._summary["gap"]
        lines = (
            (FIGURES["spend"], self._money("spend")),
            (FIGURES["launches"], amount(self._summary["launches"], 1)),
            (FIGURES["worth"], self._money("worth")),
            (FIGURES["gap"], "–" if gap is None else percent(100 * float(gap), self._language, 2)),
            (ASSUMED_SHARE, percent(self._assumed, self._language, 0)),
        )
        return tuple((translate(name, self._language), value) for name, value in lines)

    def spends(self) -> str:
        years = self._plan.case.years
        clusters = self._plan.pivot(["cluster"])["spend"].drop(TOTAL)
        return translate(
            "From {first} to {last} the plan spends {spend} of public money in {clusters} clusters and brings "
            "{launches} launches to the market.",
            self._language,
            first=years[0],
            last=years[-1],
            spend=self._money("spend"),
            clusters=int((clusters > 0).sum()),
            launches=amount(self._summary["launches"], 1),
        )

    def mostly(self) -> str:
        clusters, stages = (self._shares(name) for name in ("cluster", "stage"))
        if clusters.empty or stages.empty:
            return ""
        return translate(
            "Most goes to {clusters} (together {share} %); of the stages, {stage} takes most ({stage_share} %).",
            self._language,
            clusters=", ".join(self._names.of("cluster", clusters.index[:MOST_NAMED])),
            share=f"{clusters.iloc[:MOST_NAMED].sum():.0f}",
            stage=self._names.of("stage", stages.index[:1])[0],
            stage_share=f"{stages.iloc[0]:.0f}",
        )

    def _shares(self, dimension: str) -> pd.Series:
        spend = self._plan.pivot([dimension])["spend"].drop(TOTAL)
        spend = spend[spend > 0].sort_values(ascending=False, kind="stable")
        return 100 * spend / spend.sum()

    def worth(self) -> str:
        spend = float(self._summary["spend"])
        return translate(
            "It is worth {worth}: launches {launches}, what is still in the pipeline {pipeline}; {ratio} per unit of "
            "public money.",
            self._language,
            worth=self._money("worth"),
            launches=self._money("worth_launches"),
            pipeline=self._money("worth_pipeline"),
            ratio=amount(float(self._summary["worth"]) / spend, 1) if spend > 0 else "–",
        )

    def scarce(self) -> str:
        prices = self._plan.sensitivity.constraints
        budgets = prices[(prices["family"] == "budget") & (prices["shadow_price"] > 0)]
        if budgets.empty:
            return ""
        line = budgets.nlargest(1, "shadow_price").iloc[0]
        return translate(
            "Money is scarcest at {funder} in {year}: one more unit there would add {price}.",
            self._language,
            funder=self._names.of("funder", [line["funder"]])[0],
            year=int(line["year"]),
            price=amount(line["shadow_price"], 2),
        )

    def moves(self) -> str:
        if not self._plan.case.has("baseline"):
            return ""
        change = self._plan.allocation.groupby("cluster", sort=False)["change"].sum()
        if change.abs().max() < 1:
            return ""
        ranked = change.sort_values(kind="stable")
        least, most = ranked.index[0], ranked.index[-1]
        return translate(
            "Against today's allocation {more} gets {gain} more and {less} {loss} less.",
            self._language,
            more=self._names.of("cluster", [most])[0],
            gain=self._in_money(max(float(ranked.iloc[-1]), 0.0)),
            less=self._names.of("cluster", [least])[0],
            loss=self._in_money(max(-float(ranked.iloc[0]), 0.0)),
        )

    def paid(self) -> str:
        funders = self._shares("funder")
        shown = zip(self._names.of("funder", funders.index), funders, strict=True)
        return translate(
            "Public money {spend}, private money {private}. It is paid by {funders}.",
            self._language,
            spend=self._money("spend"),
            private=self._money("private"),
            funders=", ".join(f"{name} {percent(share, self._language, 0)}" for name, share in shown) or "–",
        )

    def left(self) -> str:
        headroom = self._plan.statistics.headroom()
        unspent = float(headroom["unspent"].sum())
        if unspent <= 0:
            return translate("Every budget is spent in full.", self._language)
        return translate(
            "Of the budgets of {budget}, {unspent} are not spent, because they would earn nothing.",
            self._language,
            budget=self._in_money(float(headroom["budget"].sum())),
            unspent=self._in_money(unspent, 1),
        )

    def twice(self) -> str:
        return translate(
            "Overlap between clusters is {clusters}, between funders {funders} (sums over pairs); it costs {penalty}.",
            self._language,
            clusters=self._money("overlap_clusters"),
            funders=self._money("overlap_funders"),
            penalty=self._money("overlap_penalty"),
        )

    def bound(self) -> str:
        gap, by = self._summary["gap"], self._summary["bound_by"]
        if gap is None or by is None:
            return translate("How far the best possible plan may lie above this one is not proven.", self._language)
        return translate(
            "No plan of this case can be better by more than {gap} %; this is proven by {by}. Differences smaller than "
            "that mean nothing.",
            self._language,
            gap=f"{100 * float(gap):.2f}",
            by=translate(BOUNDS[str(by)], self._language),
        )

    def proof(self) -> str:
        if self._plan.certificate.ok:
            return translate("The certificate, recomputed without the engine, holds.", self._language)
        return translate("The certificate, recomputed without the engine, does not hold: see there.", self._language)

    def sources(self) -> str:
        return translate(
            "Of the {total} figures of the case {published} % are published and {assumed} % are assumed or without a "
            "stated source: the plan is as good as these.",
            self._language,
            total=f"{self._total:,}",
            published=f"{self._published:.0f}",
            assumed=f"{self._assumed:.0f}",
        )
