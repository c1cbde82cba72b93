"""An explanation as files: a workbook in the reader's language, and tables beside the summary of a failed run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.export.safe import harmless_frame
from optimizer.export.words import Names
from optimizer.export.xlsx import write_sheets
from optimizer.language import Language, sentence, translate
from optimizer.plan.explain import ExplanationTables

EXPLAINED = {
    "conflict": sentence("Conflict"),
    "repair": sentence("Smallest change"),
    "alternatives": sentence("Other choices"),
}
"""Table of an explanation, and stem of its file -> its heading."""


def explanation_data(explained: ExplanationTables, language: Language = Language.EN) -> dict[str, Any]:
    """Return what a summary says of an explanation: the conflict, the size of the smallest change, the words."""
    return {
        "conflict": explained.members,
        "smallest_change": explained.smallest_change if explained.changes else None,
        "explanation": explained.text(language),
    }


def write_explanation_csvs(explained: ExplanationTables, folder: Path) -> None:
    """Write the tables of an explanation into a folder that exists."""
    for name, frame in explained.frames(Language.EN).items():
        harmless_frame(frame).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


def write_explanation(explained: ExplanationTables, path: Path, language: Language = Language.EN) -> None:
    """Write an explanation as a workbook: its words, then its tables with names in place of keys."""
    heading, named = translate("Explanation", language), Names(explained.case, language).named
    tables = {translate(EXPLAINED[name], language): named(frame) for name, frame in explained.frames(language).items()}
    write_sheets(path, {heading: pd.DataFrame({heading: explained.text(language).splitlines()}), **tables})
