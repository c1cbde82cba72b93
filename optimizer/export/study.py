"""Studies as workbooks and charts: a table in words, what to know before relying on it, and a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.data.case import CaseTables
from optimizer.data.whole import write_whole_file
from optimizer.errors import InputError
from optimizer.export.words import Names, title
from optimizer.export.xlsx import new_book, write_frame
from optimizer.language import Language, Message, say, sentence, translate
from optimizer.options import one_of

FIGURE_FORMAT = "#,##0.####"
NOTES, CHART = sentence("Notes"), sentence("Chart")
CELLS = ("parameter", "other")
"""Columns whose texts are words of ours where the catalogue has them, and else the user's own."""


@dataclass(frozen=True)
class Picture:
    """What a study looks like.

    Attributes
    ----------
    kind
        ``bar`` for bars to the right, one a line of the table; ``scatter`` for points, ``line`` for joined ones.
    across
        Column of the horizontal axis; of a bar chart the column that names the bars.
    up
        Columns that are drawn, in a bar chart as bars from ``base``.
    base
        Where bars begin.
    errors
        Column drawn -> column with half the width of its interval.
    names
        Column that names the points of a scatter chart.
    """

    kind: str
    across: str
    up: tuple[str, ...]
    base: float = 0.0
    errors: Mapping[str, str] | None = None
    names: str | None = None


def study_table(case: CaseTables, table: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return the table of a study with headings and words of a language."""
    shown = table.copy()
    for name in CELLS:
        if name in shown:
            shown[name] = [translate(str(cell), language) for cell in shown[name]]
    if "status" in shown:
        from optimizer.export.words import STATUSES

        shown["status"] = [translate(STATUSES[str(cell)], language) for cell in shown["status"]]
        return Names(case, language).named(shown.rename(columns={"status": "plan_status"}))
    return Names(case, language).named(shown)


def notes_table(notes: Sequence[Message], language: Language) -> pd.DataFrame:
    """Return notes in words, one a line."""
    return pd.DataFrame({translate("Note", language): [note.text(language) for note in notes]})


def save_study(
    case: CaseTables,
    tables: Mapping[str, Callable[[Language], pd.DataFrame]],
    notes: Sequence[Message],
    path: str | Path,
    language: Language | str,
) -> Path:
    """Write a study as a workbook, whole or not at all, and return its path.

    Parameters
    ----------
    case
        The case the study is of.
    tables
        Heading -> what makes the table in a language.
    notes
        What to know before relying on it.
    path
        The workbook.
    language
        ``en`` or ``ko``.
    """
    chosen, target = one_of(Language, language, "language"), Path(path)
    told = {heading: table(chosen) for heading, table in tables.items()}
    write_whole_file(target, lambda beside: write_study(beside, case, told, notes, chosen))
    return target


def write_study(
    path: Path,
    case: CaseTables,
    tables: Mapping[str, pd.DataFrame],
    notes: Sequence[Message],
    language: Language = Language.EN,
) -> None:
    """Write a study as a workbook: its tables under their headings, then its notes."""
    with new_book(path, FIGURE_FORMAT) as (book, formats):
        for heading, table in tables.items():
            write_frame(book.add_worksheet(translate(heading, language)), study_table(case, table, language), formats)
        write_frame(book.add_worksheet(translate(NOTES, language)), notes_table(notes, language), formats)


def study_chart(case: CaseTables, table: pd.DataFrame, picture: Picture, language: Language = Language.EN) -> Any:
    """Return a study as a plotly figure.

    Raises
    ------
    InputError
        If plotly is not installed, or the table lacks a column.
    """
    graph = plotly()
    wanted = [picture.across, *picture.up]
    missing = [name for name in wanted if name not in table]
    if missing:
        raise InputError(
            say(
                "there is no column {missing} to draw; the table has {known}.",
                missing=", ".join(missing),
                known=", ".join(map(str, table.columns)),
            )
        )
    heading = Names(case, language).heading
    shown = study_table(case, table, language)
    shown.columns = (
        table.columns.where(table.columns != "status", "plan_status") if "status" in table else table.columns
    )
    figure = graph.Figure()
    for name in picture.up:
        half = (picture.errors or {}).get(name)
        bars = None if half is None else {"type": "data", "array": shown[half]}
        if picture.kind == "bar":
            figure.add_bar(
                y=shown[picture.across],
                x=shown[name],
                base=picture.base,
                orientation="h",
                error_x=bars,
                name=heading(name),
            )
        else:
            figure.add_scatter(
                x=shown[picture.across],
                y=shown[name],
                error_y=bars,
                mode="lines+markers" if picture.kind == "line" else "markers+text" if picture.names else "markers",
                text=None if picture.names is None else shown[picture.names],
                textposition="top center",
                name=heading(name),
            )
    figure.update_layout(
        title=title(case, language), legend={"orientation": "h", "y": -0.2}, barmode="overlay" if picture.base else None
    )
    if picture.kind == "bar":
        figure.update_yaxes(autorange="reversed", automargin=True)
    else:
        figure.update_xaxes(title=heading(picture.across))
        figure.update_yaxes(title=heading(picture.up[0]) if len(picture.up) == 1 else None)
    return figure


def plotly() -> Any:
    """Return plotly's graph objects.

    Raises
    ------
    InputError
        If plotly is not installed.
    """
    try:
        import plotly.graph_objects as go  # heavy, and wanted only for charts
    except ImportError:
        message = say("charts need the package plotly; install it by 'make lab' or 'pip install plotly'.")
        raise InputError(message) from None
    return go
