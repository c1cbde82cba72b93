"""Budget documents as files: which program reads which, and the package each needs.

``.docx``  python-docx (MIT): Word, and Hangul from its 2010 version on.
``.hwpx``  python-hwpx (Apache-2.0): Hangul's own open form, KS X 6101 (OWPML). Its project publishes that Hancom Office
           opens what it writes (120 of 120 generated documents in August 2026); beside that, our tests read every
           document back by another implementation (hwpforge).
"""

from __future__ import annotations

from pathlib import Path

from optimizer.analysis.rounding import RoundedTables
from optimizer.errors import InputError
from optimizer.export.budget_document import budget_document
from optimizer.language import Language, say


def write_docx(rounded: RoundedTables, path: Path, language: Language = Language.EN) -> None:
    """Write the budget document of a rounded plan for Word.

    Raises
    ------
    InputError
        If python-docx is not installed.
    """
    try:
        from optimizer.export.docx import save_docx  # heavy, and wanted only for documents
    except ImportError:
        raise _lacking("python-docx") from None
    save_docx(budget_document(rounded, language), path)


def write_hwpx(rounded: RoundedTables, path: Path, language: Language = Language.KO) -> None:
    """Write the budget document of a rounded plan for Hangul.

    Raises
    ------
    InputError
        If python-hwpx is not installed.
    """
    try:
        from optimizer.export.hwpx import save_hwpx  # heavy, and wanted only for documents
    except ImportError:
        raise _lacking("python-hwpx") from None
    save_hwpx(budget_document(rounded, language), path)


def _lacking(package: str) -> InputError:
    return InputError(say("this document needs the package {package}; run 'pip install {package}'.", package=package))
