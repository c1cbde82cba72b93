"""How much of a case is published, derived or assumed, figure by figure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.arguments import checked
from optimizer.data.case import CaseTables
from optimizer.data.filters import parse_filter
from optimizer.data.raw import SETTINGS
from optimizer.data.rows import TABLES
from optimizer.language import sentence

BASES = (sentence("published"), sentence("derived"), sentence("assumed"))
UNSTATED = sentence("unstated")
_NOT_FIGURES = ("scenarios", "sources", "rules", "mandates", "benchmarks")


@checked
def provenance(case: CaseTables) -> pd.DataFrame:
    """Count the figures of a case by where they come from.

    A figure is a filled-in numeric cell of a table, or a key of ``case.toml`` that is a number. Later lines of
    ``sources.csv`` win over earlier ones, so that an exception can follow a general statement.

    Returns
    -------
    pandas.DataFrame
        One line per table and column: ``figures`` and how many are ``published, derived, assumed, unstated``.
    """
    lines = []
    sources = case.table("sources")
    for name, kind in TABLES.items():
        if name in _NOT_FIGURES or not case.has(name) or name not in case.raw.tables:
            continue
        table = case.raw.tables[name]
        texts = {column: np.array(table.column(column), dtype=object) for column in table.header}
        for column in table.header:
            if column not in kind.row.model_fields or kind.row.model_fields[column].annotation is not float:
                continue
            basis = np.where(texts[column] != "", UNSTATED, "").astype(object)
            for source in sources[(sources["table"] == name) & sources["column"].isin(["", column])].itertuples():
                fits = texts[column] != ""
                for key, wanted in parse_filter(str(source.where)).conditions:
                    fits &= np.isin(texts[key].astype(str), list(wanted)) if key in texts else False
                basis[fits] = source.basis
            lines.append(_counted(name, column, basis[basis != ""]))
    lines.extend(_settings(case, sources))
    return pd.DataFrame(lines, columns=["table", "column", "figures", *BASES, UNSTATED])


def _settings(case: CaseTables, sources: pd.DataFrame) -> list[dict[str, object]]:
    stated = sources[sources["table"] == SETTINGS]
    lines = []
    for section, keys in case.raw.settings.items():
        for key, value in keys.items():
            if isinstance(value, bool) or not isinstance(value, int | float | list):
                continue
            named = stated[stated["column"].isin(["", f"{section}.{key}", key])]
            basis = named["basis"].iloc[-1] if len(named) else UNSTATED
            lines.append(_counted(SETTINGS, f"{section}.{key}", np.array([basis], dtype=object)))
    return lines


def _counted(table: str, column: str, basis: np.ndarray) -> dict[str, object]:
    counts = {name: int((basis == name).sum()) for name in (*BASES, UNSTATED)}
    return {"table": table, "column": column, "figures": len(basis), **counts}
