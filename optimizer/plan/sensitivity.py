"""Prices: what one more unit of each limit is worth, and what each variable would cost that is not used.

A shadow price is the change of ``lp_objective`` per unit of right-hand side (DESIGN rule 4). The columns bear Excel's
names; the allowable ranges stay missing until they are computed rightly, for a missing range must not look like one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.lp.labels import Codes, Labels
from optimizer.lp.program import Vector
from optimizer.plan.solution import Solution

CONSTRAINT_COLUMNS = (
    "final_value",
    "shadow_price",
    "rhs",
    "allowable_increase",
    "allowable_decrease",
    "slack",
    "status",
)
VARIABLE_COLUMNS = ("final_value", "reduced_cost", "objective_coefficient", "allowable_increase", "allowable_decrease")
BINDING, NOT_BINDING = "binding", "not binding"


class Sensitivity:
    """Prices of a plan's rows and columns, by label.

    Parameters
    ----------
    solution
        The solution, solved to optimality.
    """

    def __init__(self, solution: Solution) -> None:
        self._solution = solution

    @property
    def constraints(self) -> pd.DataFrame:
        """One line per row of FORMULATION section 5: its value, price, right-hand side, slack and whether it binds."""
        return self._constraints.copy()

    @property
    def variables(self) -> pd.DataFrame:
        """One line per column: its value, reduced cost and objective coefficient."""
        return self._variables.copy()

    @cached_property
    def _constraints(self) -> pd.DataFrame:
        program, result = self._solution.program, self._solution.outcome.result
        rows, limits = program.rows, program.limits
        activity = program.activity(self._solution.x)
        pieces = []
        for name in dict.fromkeys([*rows.names, *limits.labels.names]):
            positions = rows.positions(name)
            values = self._rows(
                activity[positions],
                result.row_dual[positions],
                program.row_lower[positions],
                program.row_upper[positions],
            )
            pieces.append(_labelled(rows, name, values))
            columns = limits.columns[limits.labels.positions(name)]
            price = result.reduced_cost[columns]
            # a bound has a price only where more room would be used
            price = np.maximum(price, 0) if program.maximize else np.minimum(price, 0)
            bounds = (np.full(len(columns), -np.inf), program.upper[columns])
            bounded = self._rows(self._solution.x[columns], price, *bounds)
            pieces[-1] = _merged(pieces[-1], _labelled(limits.labels, name, bounded), program.rows.dimensions)
        return _together(pieces, [*program.rows.dimensions], CONSTRAINT_COLUMNS)

    @cached_property
    def _variables(self) -> pd.DataFrame:
        program, result = self._solution.program, self._solution.outcome.result
        pieces = []
        for name in program.columns.names:
            positions = program.columns.positions(name)
            values = pd.DataFrame(
                {
                    "final_value": self._solution.x[positions],
                    "reduced_cost": result.reduced_cost[positions] + 0.0,
                    "objective_coefficient": program.cost[positions] + 0.0,
                    "allowable_increase": np.nan,
                    "allowable_decrease": np.nan,
                }
            )
            pieces.append(_labelled(program.columns, name, values))
        return _together(pieces, [*program.columns.dimensions], VARIABLE_COLUMNS)

    def _rows(self, value: Vector, price: Vector, lower: Vector, upper: Vector) -> pd.DataFrame:
        rhs = np.where(np.isfinite(upper), upper, lower)
        slack = np.where(np.isfinite(upper), upper - value, value - lower)
        scale = 1 + np.abs(rhs)
        binding = np.abs(slack) <= 10 * self._solution.outcome.options.feasibility_tolerance * scale
        return pd.DataFrame(
            {
                "final_value": value + 0.0,
                "shadow_price": price + 0.0,
                "rhs": rhs,
                "allowable_increase": np.nan,
                "allowable_decrease": np.nan,
                "slack": np.where(binding, 0.0, slack),
                "status": np.where(binding, BINDING, NOT_BINDING),
            }
        )


def _labelled(labels: Labels, name: str, values: pd.DataFrame) -> pd.DataFrame:
    keys: Codes = labels.positions(name)
    if not len(keys):
        return pd.DataFrame()
    frame = pd.concat([labels.frame(name), values], axis=1)
    frame.insert(0, "family", name)
    return frame


def _merged(rows: pd.DataFrame, limits: pd.DataFrame, dimensions: Mapping[str, pd.Index]) -> pd.DataFrame:
    """Put a family's rows and its limits held as bounds into one order, that of their labels."""
    if not len(rows) or not len(limits):
        return rows if len(rows) else limits
    both = pd.concat([rows, limits], ignore_index=True)
    keys = [dimensions[name].get_indexer(pd.Index(both[name])) for name in rows.columns if name in dimensions]
    return both.iloc[np.lexsort(keys[::-1])].reset_index(drop=True)


def _together(pieces: list[pd.DataFrame], dimensions: list[str], values: tuple[str, ...]) -> pd.DataFrame:
    """Stack families: every dimension that occurs is a column, blank where a family lacks it."""
    kept = [piece for piece in pieces if len(piece)]
    used = [name for name in dimensions if any(name in piece for piece in kept)]
    columns = ["family", *used, *values]
    if not kept:
        return pd.DataFrame(columns=columns)
    stacked = {}
    for column in columns:
        parts = [
            piece[column].astype(object) if column in piece else pd.Series([None] * len(piece), dtype=object)
            for piece in kept
        ]
        stacked[column] = pd.concat(parts, ignore_index=True)
    frame = pd.DataFrame(stacked)
    return frame.astype({name: float for name in values if name != "status"})
