"""Plans under uncertainty in words: their tables, in a workbook or a folder of CSV files."""

from __future__ import annotations

import pandas as pd

from optimizer.analysis.information import values_of
from optimizer.analysis.stochastic import StochasticTables
from optimizer.analysis.stochastic_studies import FreshTables, RegretTables, RiskFrontierTables
from optimizer.data.names import display_names
from optimizer.data.rows import LINK_STAGE
from optimizer.export.study import Sheet
from optimizer.export.words import Names
from optimizer.language import Language, Message, sentence, translate
from optimizer.plan.tables import TOTAL

MEASURES = {
    "value": sentence("Value under the risk of the study"),
    "mean": sentence("Mean outcome"),
    "deviation": sentence("Standard deviation"),
    "value_at_risk": sentence("Value at risk"),
    "conditional_value_at_risk": sentence("Conditional value at risk"),
    "worst": sentence("Worst outcome"),
    "best": sentence("Best outcome"),
    "alpha": sentence("Level of the tail (alpha)"),
}
"""Measures of outcomes in words."""
COMMITTED, FUTURES, MEASURE_SHEET, VALUES, YEARS = (
    sentence("Committed money"),
    sentence("Futures"),
    sentence("Risk measures"),
    sentence("Value of information"),
    sentence("Launches by future"),
)
FRONTIER, CONFIDENCE, COMMITMENTS, CELLS = (
    sentence("Mean and tail"),
    sentence("Certainty of the mean"),
    sentence("Commitments"),
    sentence("Commitments in futures"),
)
"""Sheets of the workbooks."""
INTERVALS = {"t": sentence("95 %, Student's t"), "bootstrap": sentence("95 %, bootstrap")}
"""Intervals of a mean in words."""


def measures_table(measures: pd.Series) -> pd.DataFrame:
    """Return measures of outcomes as a table of ``measure`` and ``amount``."""
    return pd.DataFrame({"measure": measures.index.astype(str), "amount": measures.to_numpy(float)})


def measures_in_words(table: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return a table of measures with words for their keys."""
    return table.assign(measure=[translate(MEASURES[str(name)], language) for name in table["measure"]])


def told_frame(frame: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return a table with its sentences said in a language."""
    said = frame.copy()
    for name in said:
        if said[name].map(lambda cell: isinstance(cell, Message)).any():
            said[name] = [cell.text(language) if isinstance(cell, Message) else "" for cell in said[name]]
    return said


def committed_pivot(study: StochasticTables, down: str, across: str, language: Language) -> pd.DataFrame:
    """Return the committed money by two labels, in the order of the case, with names and totals [money]."""
    case, names, table = study.case, Names(study.case, language), study.committed
    orders = {
        "funder": case.table("budget")["funder"].unique().tolist(),
        "cluster": case.table("clusters")["cluster"].tolist(),
        "stage": [*case.table("stages")["stage"], LINK_STAGE],
        "year": list(case.years),
    }
    summed = table.pivot_table(index=down, columns=across, values="amount", aggfunc="sum", fill_value=0.0)
    kept = [
        [key for key in orders[name] if key in axis] for name, axis in ((down, summed.index), (across, summed.columns))
    ]
    summed = summed.reindex(index=kept[0], columns=kept[1])
    summed[TOTAL] = summed.sum(axis=1)
    summed.loc[TOTAL] = summed.sum()
    frame = pd.DataFrame(summed.to_numpy(float), columns=names.of(across, summed.columns))
    frame.insert(0, names.heading(down), names.of(down, summed.index))
    return frame


def study_sheets(study: StochasticTables) -> dict[str, Sheet]:
    """Return all tables of a study by their files, the commitment first: it is what is decided."""
    return {
        "committed": Sheet(COMMITTED, lambda said: study.committed),
        "futures": Sheet(FUTURES, lambda said: study.table),
        "measures": Sheet(MEASURE_SHEET, lambda said: measures_table(study.measures), measures_in_words),
        "values": Sheet(VALUES, lambda said: told_frame(values_of(study), said)),
        "launches": Sheet(
            YEARS,
            lambda said: study.launches.reset_index(),
            lambda table, said: table.rename(columns=display_names(study.case, said).get("scenario", {})),
        ),
    }


def frontier_sheets(found: RiskFrontierTables) -> dict[str, Sheet]:
    """Return the tables of a frontier of risk by their files."""
    return {
        "frontier": Sheet(FRONTIER, lambda said: found.table, frontier_in_words),
        "committed": Sheet(COMMITTED, lambda said: found.committed),
    }


def fresh_sheets(found: FreshTables) -> dict[str, Sheet]:
    """Return the tables of a commitment in fresh futures by their files."""
    futures = {"futures": Sheet(FUTURES, lambda said: told_frame(found.table, said))}
    if not found.any_solved:
        return futures
    return {
        **futures,
        "measures": Sheet(MEASURE_SHEET, lambda said: measures_table(found.measures), measures_in_words),
        "confidence": Sheet(CONFIDENCE, lambda said: found.confidence, intervals_in_words),
    }


def regret_sheets(found: RegretTables) -> dict[str, Sheet]:
    """Return the tables of the regret of commitments by their files."""
    return {
        "commitments": Sheet(COMMITMENTS, lambda said: told_frame(found.table, said)),
        "detail": Sheet(CELLS, lambda said: told_frame(found.detail, said)),
    }


def frontier_in_words(table: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return a frontier of risk with a heading of its own for its best outcomes, which are no best known ones."""
    del language
    return table.rename(columns={"best": "best_outcome"})


def intervals_in_words(confidence: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return the intervals of a mean with words for their kinds, and headings of their own."""
    kinds = [translate(INTERVALS[kind], language) for kind in confidence["interval"]]
    headings = {"low": "mean_low", "high": "mean_high", "count": "futures"}
    return confidence.assign(interval=kinds).rename(columns=headings)
