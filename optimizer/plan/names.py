"""Display names of a case's keys, for the sentences of plans."""

from __future__ import annotations

from optimizer.data.case import CaseTables
from optimizer.language import Language

NAMED = ("cluster", "stage", "field", "funder")
"""Keys whose tables may give them names."""


def display_names(case: CaseTables, language: Language) -> dict[str, dict[str, str]]:
    """Return the names of clusters, stages, fields and funders in a language, by key; the key where it has none."""
    column = "name_ko" if language == Language.KO else "name"
    frames = {key: case.table(f"{key}s") for key in NAMED}
    return {
        key: {code: name or code for code, name in zip(frame[key], frame[column], strict=True)}
        for key, frame in frames.items()
    }
