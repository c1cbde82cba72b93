"""The report of a plan as one page."""

from __future__ import annotations

from typing import Any

from optimizer.data.names import in_language
from optimizer.export.html import main_figures, template
from optimizer.export.identity import MINUTE, now
from optimizer.export.overlap import named_matrix, overlap_sentences
from optimizer.export.pivot import named_pivot
from optimizer.export.report import figures, sections
from optimizer.export.report.summary import summary_of
from optimizer.export.report.tables import shaded, table_of
from optimizer.export.words import FIGURES, Names, certificate_table, figure, percent
from optimizer.language import Language, translate
from optimizer.plan.ledger import Side
from optimizer.plan.plan import PlanTables

EFFORT = ("method", "engine", "seconds", "columns", "rows", "nonzeros")


def report(plan: PlanTables, language: Language = Language.EN) -> str:
    """Return the report of a plan as one self-contained page that loads nothing."""
    drawn = figures.drawings(plan, language)
    content = (
        main_figures(plan, language)
        | _tables(plan, language)
        | {
            "language": language.value,
            "say": lambda text, **values: translate(text, language, **values),
            "percent": lambda share, digits: percent(share, language, digits),
            "made": now().strftime(MINUTE),
            "summary": summary_of(plan, language),
            "remarks": [remark.text(language) for remark in plan.case.remarks],
            "proof": plan.certificate.text(language),
            "program": [
                (translate(FIGURES[name], language), figure(name, plan.summary()[name], "", language))
                for name in EFFORT
            ],
            "drawn": drawn,
            "policy": figures.policy(),
            "scripts": [figures.plotly_script(), figures.drawing_script()],
        }
    )
    return str(template("report.html.j2").render(content))


def _tables(plan: PlanTables, language: Language) -> dict[str, Any]:
    names = Names(plan.case, language)
    return {
        "cluster_stage": shaded(named_pivot(plan, "cluster", "stage", language)),
        "funder_year": shaded(named_pivot(plan, "funder", "year", language)),
        "launches": sections.launches(plan, language),
        "headroom": sections.headroom(plan, language),
        "overlap": sections.overlap(plan, language),
        "overlap_told": overlap_sentences(plan, language),
        "matrices": [table_of(named_matrix(plan, by, language)) for by in Side],
        "specialization": sections.specialization(plan, language),
        "suggestions": table_of(names.named(plan.suggestions()), 2),
        "rules": sections.rules(plan, language),
        "today": [sections.against_today(plan, dimension, language) for dimension in ("stage", "cluster", "funder")],
        "prices": sections.prices(plan, language),
        "proof_table": table_of(certificate_table(plan.certificate, language)),
        "benchmarks": table_of(names.named(in_language(plan.case.table("benchmarks"), language))),
        "beside": sections.beside(plan, language),
        "provenance": sections.provenance(plan, language),
    }
