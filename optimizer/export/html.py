"""A plan as a card, as JupyterLab shows it, and what all pages have in common."""

from __future__ import annotations

from functools import cache
from typing import Any

from optimizer.data.money import currency_in
from optimizer.data.names import title
from optimizer.export.words import FIGURES, Names, amount, figure
from optimizer.language import Language, sentence, translate
from optimizer.plan.plan import FailedPlanTables, PlanTables

BARS = {"stage": sentence("Public money by stage"), "cluster": sentence("Public money by cluster")}


def card(plan: PlanTables, language: Language = Language.EN) -> str:
    """Return the card of a plan: its main figures, and its money by stage and by cluster, as HTML."""
    return str(template("card.html.j2").render(main_figures(plan, language)))


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


def main_figures(plan: PlanTables, language: Language) -> dict[str, Any]:
    """Return what every page of a plan begins with: title, years, main figures, money by stage and by cluster."""
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
        "currency": currency_in(plan.case.currency, language),
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
