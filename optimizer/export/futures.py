"""Sampled futures in words."""

from __future__ import annotations

import pandas as pd

from optimizer.analysis.sampling import ScenariosTables
from optimizer.export.words import Names
from optimizer.language import Language, sentence, translate

WORDS = {
    "success_rate": sentence("Success rate"),
    "cost": sentence("Cost"),
    "value": sentence("Worth of a launch"),
    "demand": sentence("Yearly demand"),
}
"""Columns that are drawn, in words."""


def summary_frame(found: ScenariosTables, language: Language) -> pd.DataFrame:
    """Return what was drawn with its kinds in words."""
    table = found.summary
    return table.assign(kind=[translate(kind, language) for kind in table["kind"]])


def quantity_names(found: ScenariosTables, language: Language) -> list[str]:
    """Return what was drawn in words, such as "Phase 1 · Vaccines: Success rate"."""
    names, lines = Names(found.case, language), found.quantities
    stages = names.of("stage", lines["stage"].tolist())
    fields = names.of("field", lines["field"].tolist())
    headings = [translate(WORDS[column], language) for column in lines["column"]]
    return [
        f"{' · '.join(part for part in (stage, field) if part)}: {heading}"
        for stage, field, heading in zip(stages, fields, headings, strict=True)
    ]
