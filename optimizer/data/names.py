"""What the keys of a case are called: by the names its tables give them, English or Korean, else by the keys.

A table may name a key by ``name`` and ``name_ko``; rules and futures are their own English names and have only
``name_ko``. A further column such as ``region`` may have a companion ``region_ko`` with the Korean names of its texts,
and so have the texts of sources, benchmarks and rules: ``source_ko`` says in Korean what ``source`` says.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from optimizer.data.case import CaseTables
from optimizer.language import Bilingual, Language

NAMED = {"clusters": "cluster", "stages": "stage", "fields": "field", "funders": "funder"}
"""Tables with names in both languages -> the key that they name."""
SELF_NAMED = {"rules": "rule", "scenarios": "scenario"}
"""Tables whose keys are English names already -> the key."""
ATTRIBUTED = ("clusters", "stages", "fields")
"""Tables that may have further columns, and with them further names."""


def title(case: CaseTables, language: Language) -> str:
    """Return the name of a case in a language; its English one where it has no Korean one."""
    return title_of(case).text(language)


def title_of(case: CaseTables) -> Bilingual:
    """Return the name of a case for a sentence."""
    section = case.settings.case
    return Bilingual(section.name, korean=section.name_ko or section.name)


def quoted_title(case: CaseTables) -> Bilingual:
    """Return the name of a case in quotation marks, for the short texts that stand for objects."""
    named = title_of(case)
    return Bilingual(repr(named.template), korean=repr(named.korean))


def display_names(case: CaseTables, language: Language) -> dict[str, dict[str, str]]:
    """Return the names of clusters, stages, fields, funders, rules and futures in a language, by key.

    In Korean also those of the case's own attributes. A key without a name is its own.
    """
    column = "name_ko" if language == Language.KO else "name"
    names = {key: _pairs(case, table, key, column) for table, key in NAMED.items()}
    if language == Language.KO:
        names |= {key: _pairs(case, table, key, column) for table, key in SELF_NAMED.items()}
        names = _attributes(case) | names
    return names


def name_of(case: CaseTables, dimension: str, key: object) -> Bilingual:
    """Return a key for a sentence: in English as it is, in Korean by its name."""
    return names_of(case, dimension, [key])


def names_of(case: CaseTables, dimension: str, keys: Iterable[object]) -> Bilingual:
    """Return several keys for a sentence, as :func:`name_of` does one."""
    korean, texts = display_names(case, Language.KO).get(dimension, {}), [str(key) for key in keys]
    return Bilingual(", ".join(texts), korean=", ".join(korean.get(text, text) for text in texts))


def in_language(frame: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return a table of a case with its texts in one language, without the companions that hold them in Korean.

    In Korean a text that has no Korean one stays as it is.
    """
    pairs = {column: f"{column}_ko" for column in frame.columns if f"{column}_ko" in frame}
    shown = frame.drop(columns=list(pairs.values()))
    if language == Language.KO:
        for column, korean in pairs.items():
            shown[column] = frame[korean].where(frame[korean] != "", frame[column])
    return shown


def notes_of_rules(case: CaseTables, language: Language) -> dict[str, str]:
    """Return why each rule is there, by its key; in English where it is said in no Korean."""
    table = in_language(case.table("rules"), language)
    return dict(zip(table["rule"], table["note"], strict=True))


def _pairs(case: CaseTables, table: str, key: str, column: str) -> dict[str, str]:
    frame = case.table(table)
    names: dict[str, str] = {}
    for code, name in zip(frame[key], frame[column], strict=True):
        if name or code not in names:  # a future has several lines, and one of them is enough to name it
            names[str(code)] = str(name or code)
    return names


def _attributes(case: CaseTables) -> dict[str, dict[str, str]]:
    """Return Korean names of a case's own attributes: column ``region_ko`` of a table names what ``region`` holds."""
    found: dict[str, dict[str, str]] = {}
    for table in ATTRIBUTED:
        frame = case.table(table)
        for column in frame.columns:
            own = f"{column}_ko"
            if own in frame and column != "name":
                found[str(column)] = {
                    str(key): str(name) for key, name in zip(frame[column], frame[own], strict=True) if name
                }
    return found
