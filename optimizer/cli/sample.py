"""The ``sample`` command: futures of a case, drawn at random."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.analysis.sampling import SUCCESS
from optimizer.api import load_case
from optimizer.api.futures import Scenarios, sample_scenarios
from optimizer.cli import show
from optimizer.cli.study import Shape, Told, tell
from optimizer.data.whole import check_new, check_parent
from optimizer.errors import InputError
from optimizer.export.futures import quantity_names, summary_frame
from optimizer.language import Language, say, sentence, translate

DRAWN = ("drawn_mean", "drawn_deviation", "drawn_low", "drawn_high")
SHOWN = ("quantity", "kind", "figure", "trials", *DRAWN)
"""Columns printed; ``trials`` of success rates only."""
RATES = sentence("Success rates as they were drawn")
FACTORS = sentence("Factors that were drawn, by which the case's figures are multiplied")
"""What is drawn: figures themselves, and factors, which must not stand in one column with them."""


def draw(path: Path, shape: Shape, study: Mapping[str, Any], keep: int | None) -> None:
    """Draw futures, write them in the form of ``scenarios.csv``, and print what was drawn.

    Parameters
    ----------
    path
        The case.
    shape
        Where and how they are shown.
    study
        Arguments of :func:`optimizer.sample_scenarios`.
    keep
        How many futures to keep for all; ``None`` for all of them.
    """
    out = shape.out
    if out is not None:
        if out.suffix.lower() != ".csv":
            raise InputError(say("{path} is no table of futures; name a file that ends with .csv.", path=out))
        check_new(out)  # futures are inputs: a table that a planner wrote is not replaced
        check_parent(out.absolute())
    case = load_case(path)
    found = sample_scenarios(case, **study)
    if keep is not None:
        found = found.reduce(keep)
    if out is not None:
        found.to_csv(out)
    table = summary_frame(found.found, shape.language).assign(quantity=quantity_names(found.found, shape.language))
    instead = () if shape.as_json else _apart(found, table, shape.language)
    tell(
        Told(case, table, SHOWN, found.notes, lambda *_: None, complete=True, instead=instead), replace(shape, out=None)
    )
    if out is not None and not (shape.as_json or shape.quiet):
        show.print_paths([out], shape.language)


def _apart(found: Scenarios, table: pd.DataFrame, language: Language) -> tuple[tuple[str, pd.DataFrame], ...]:
    """Return what was drawn as printed: success rates, then factors, each with the digits that suit it."""
    rates = (found.summary["kind"] == SUCCESS).to_numpy()
    parts = []
    for heading, chosen, columns in ((RATES, rates, SHOWN), (FACTORS, ~rates, ("quantity", "figure", *DRAWN))):
        part = table.loc[chosen, [name for name in columns if name != "kind"]].copy()
        drawn = list(DRAWN)
        part[drawn] = part[drawn].map(lambda value: f"{value:.3f}")
        part["figure"] = [f"{value:.4g}" for value in part["figure"]]
        if "trials" in part:
            part["trials"] = ["–" if pd.isna(count) else f"{count:,.0f}" for count in part["trials"]]
        if len(part):
            parts.append((translate(heading, language), part))
    return tuple(parts)
