"""A hand-made allocation, valued: tables on request, and files in one call."""

from __future__ import annotations

from pathlib import Path

from optimizer.arguments import checked_methods
from optimizer.data.whole import write_whole_file
from optimizer.language import Language
from optimizer.options import spoken
from optimizer.plan.evaluate import EvaluationTables


@checked_methods
class Evaluation(EvaluationTables):
    """A hand-made allocation valued under a case; see :meth:`Case.evaluate`."""

    def save(self, folder: str | Path, language: Language | str | None = None) -> list[Path]:
        """Write the evaluation into a run folder, whole or not at all.

        Raises
        ------
        InputError
            If the folder holds files that no run wrote.
        """
        from optimizer.export.run import write_evaluation

        return write_evaluation(self, Path(folder), spoken(language))

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write the evaluation as one workbook."""
        chosen, target = spoken(language), Path(path)
        from optimizer.export.evaluation import write_evaluation_workbook

        write_whole_file(target, lambda beside: write_evaluation_workbook(self, beside, chosen))
        return target

    def _repr_html_(self) -> str:
        from optimizer.export.evaluation import evaluation_card

        return evaluation_card(self, spoken(None))
