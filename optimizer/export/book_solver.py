"""Sensitivity in the layout of Excel's Solver: variable cells and constraints, under the headings of its report."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.export.words import Names
from optimizer.language import Language, sentence, translate

ENDLESS = 1e30
"""What Excel writes where an allowable change has no end."""
NAME = sentence("Name")
VARIABLE_CELLS = {
    "final_value": sentence("Final Value"),
    "reduced_cost": sentence("Reduced Cost"),
    "objective_coefficient": sentence("Objective Coefficient"),
    "allowable_increase": sentence("Allowable Increase"),
    "allowable_decrease": sentence("Allowable Decrease"),
}
CONSTRAINTS = {
    "final_value": sentence("Final Value"),
    "shadow_price": sentence("Shadow Price"),
    "rhs": sentence("Constraint R.H. Side"),
    "allowable_increase": sentence("Allowable Increase"),
    "allowable_decrease": sentence("Allowable Decrease"),
}
FAMILIES = {
    "starts": sentence("projects started"),
    "backlog": sentence("projects waiting"),
    "passed": sentence("projects passed on"),
    "public": sentence("public money at a site"),
    "link_public": sentence("public money on a link"),
    "private": sentence("private money"),
    "carry": sentence("money carried over"),
    "expansion": sentence("capacity bought"),
    "link_expansion": sentence("link capacity bought"),
    "full": sentence("launches at full value"),
    "beyond": sentence("launches beyond demand"),
    "violation": sentence("violation of a rule"),
    "funded": sentence("whether a site is funded"),
}
"""Families of variables -> in words; families of constraints are words of the catalogue themselves."""


def solver_table(frame: pd.DataFrame, columns: dict[str, str], names: Names, language: Language) -> pd.DataFrame:
    """Return rows or columns of the program under Excel's headings; a change without end is 1E+30.

    Parameters
    ----------
    frame
        ``plan.sensitivity.constraints`` or ``.variables``.
    columns
        Its figures and Excel's words for them.
    names
        Display names of the case.
    language
        Language of headings and names.
    """
    labels = list(frame.columns[1 : frame.columns.get_loc("final_value")])
    words = FAMILIES if "reduced_cost" in columns else {}
    told = {family: translate(words.get(family, family), language) for family in frame["family"].unique()}
    parts = [frame["family"].map(told).astype(object)]
    for column in labels:
        texts = names.of(_dimension(str(column)), [_key(key) for key in frame[column]])
        parts.append(pd.Series([f" · {text}" if text else "" for text in texts], dtype=object, index=frame.index))
    table = {translate(NAME, language): sum(parts[1:], parts[0])}
    for column, heading in columns.items():
        values = frame[column].to_numpy(float)
        table[translate(heading, language)] = np.clip(values, -ENDLESS, ENDLESS)
    return pd.DataFrame(table)


def _dimension(column: str) -> str:
    """Return what the keys of a column are of."""
    return "cluster" if column in ("origin", "destination") else column


def _key(value: object) -> object:
    """Return a label as its table has it: years and tranches are whole, and blank ones none."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    return int(value) if isinstance(value, float) else value
