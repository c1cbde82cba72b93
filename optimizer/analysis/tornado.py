"""Tornado: parameters moved one at a time to their low and high values, sorted by how far the outcome swings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimizer.analysis.points import Point
from optimizer.analysis.points_parameters import Parameter, check_parameters, targets_text, usual_parameters
from optimizer.analysis.sweep import FIGURES, How, SweepTables, run_sweep
from optimizer.data.case import CaseTables
from optimizer.data.names import quoted_title
from optimizer.errors import InputError
from optimizer.language import Language, Message, default_language, say
from optimizer.options import SolveOptions
from optimizer.plan.tables import in_unit
from optimizer.solvers.base import accuracy_of

OBJECTIVE = "objective"


@dataclass(frozen=True, eq=False, repr=False)
class TornadoTables:
    """What one parameter at a time does to one figure of the plan. Made by :func:`run_tornado`.

    Attributes
    ----------
    parameters
        The parameters, in the order in which they were given.
    measure
        The figure that is looked at.
    sweep
        The plans: the case as it is first, then each parameter at its low and its high value.
    accuracy
        Relative difference of two objectives that the solves cannot tell from none.
    """

    parameters: tuple[Parameter, ...]
    measure: str
    sweep: SweepTables
    accuracy: float

    @property
    def case(self) -> CaseTables:
        """The case that was changed."""
        return self.sweep.case

    @property
    def base(self) -> float:
        """The figure of the case as it is; NaN where that has no plan."""
        return float(self.sweep.table[self.measure].iloc[0])

    @property
    def complete(self) -> bool:
        """Whether no limit ended the planning of any point."""
        return self.sweep.complete

    @property
    def table(self) -> pd.DataFrame:
        """The parameters, one a line, the widest swing first.

        ``low`` and ``high`` are their values, ``at_low`` and ``at_high`` the figure there, ``change_low`` and
        ``change_high`` its changes from the case as it is, ``swing`` the distance between the extremes of the three,
        ``certain`` whether it is more than how well plans were found can make. Differences of objectives within the
        accuracy of the solves are 0. A figure without a plan is missing, and ``reason`` says why; the swing is that of
        the others.
        """
        return self.table_in(default_language())

    def table_in(self, language: Language) -> pd.DataFrame:
        """Return :attr:`table` with its reasons in a language."""
        values = self.sweep.table[self.measure].to_numpy(float)
        reasons = self.sweep.reasons(language)
        at_low, at_high = values[1::2], values[2::2]
        ends = np.column_stack([np.full(len(at_low), self.base), at_low, at_high])
        known = ~np.isnan(ends)
        swing = np.where(known, ends, -np.inf).max(axis=1) - np.where(known, ends, np.inf).min(axis=1)
        frame = pd.DataFrame(
            {
                "parameter": [parameter.name for parameter in self.parameters],
                "moves": [targets_text(parameter) for parameter in self.parameters],
                "low": [parameter.low for parameter in self.parameters],
                "high": [parameter.high for parameter in self.parameters],
                "at_low": at_low,
                "at_high": at_high,
                "change_low": self._told(at_low - self.base),
                "change_high": self._told(at_high - self.base),
                "swing": self._told(np.where(known[:, 1:].any(axis=1), swing, np.nan)),
                "certain": self._certain(ends),
                "reason": [
                    "; ".join(dict.fromkeys(reason for reason in pair if reason)) or None
                    for pair in zip(reasons[1::2], reasons[2::2], strict=True)
                ],
            }
        )
        ordered = frame.sort_values("swing", ascending=False, kind="stable", na_position="last")
        return in_unit(ordered.reset_index(drop=True), self.case.currency)

    @property
    def _nothing(self) -> float:
        """Difference of two figures up to which they are the same; other figures than objectives have none."""
        return self.accuracy * (1 + abs(self.base)) if self.measure == OBJECTIVE else 0.0

    def _told(self, differences: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return differences without those that the solves cannot tell from none."""
        told: NDArray[np.float64] = np.where(np.abs(differences) <= self._nothing, 0.0, differences)
        return told

    def _certain(self, ends: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return whether figures differ beyond doubt: the greatest is above what is proven to be the most of the least.

        The true optimum at a point lies between its plan and its bound, so only objectives can be compared so.
        """
        if self.measure != OBJECTIVE:
            return np.zeros(len(ends), dtype=bool)
        bound = self.sweep.table["bound"].to_numpy(float)
        most = np.column_stack([np.full(len(ends), bound[0]), bound[1::2], bound[2::2]])
        best = np.where(np.isnan(ends), -np.inf, ends).max(axis=1)
        least = np.where(np.isnan(most) | np.isnan(ends), np.inf, np.fmax(most, ends)).min(axis=1)
        certain: NDArray[np.bool_] = best - least > self.accuracy * (1 + np.abs(best))
        return certain

    def _doubts(self) -> list[Message]:
        """Return what is to be known of swings that are not certain."""
        if self.measure != OBJECTIVE:
            return [say("No swing is certain, for nothing is proven of how far this figure could be otherwise.")]
        if self.sweep.table["bound"].isna().all():
            return [
                say(
                    "No swing is certain, for the plans are not proven: under method fixed that takes one more solve "
                    "each, which prove=True among the options asks for; method sequential proves them anyway."
                )
            ]
        table = self.table
        unsure = int((~table["certain"] & (table["swing"] > 0)).sum())
        if not unsure:
            return []
        return [
            say(
                "{count} swings are not certain: they are smaller than the distance of the plans from their proven "
                "bounds, so that part or all of them may come from how well plans were found.",
                count=unsure,
            )
        ]

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the table."""
        notes = [
            say(
                "One parameter moves at a time, all others stay as they are; what two do together is not seen. The "
                "case as it is has {base}.",
                base=f"{self.base:,.6g}",
            )
        ]
        return (*notes, *self._doubts(), *self.sweep.notes)

    def __repr__(self) -> str:
        widest = self.table.iloc[0]
        told = say(
            "Tornado({case}: {measure}, widest by {parameter}: {swing})",
            case=quoted_title(self.case),
            measure=self.measure,
            parameter=say(str(widest["parameter"])),
            swing=f"{widest['swing']:,.6g}",
        )
        return told.text()


def run_tornado(
    case: CaseTables, parameters: Sequence[Parameter] | None, measure: str, share: float, how: How
) -> TornadoTables:
    """Move parameters one at a time; :func:`optimizer.tornado` says what there is to know."""
    check_measure(measure, how)
    chosen = check_parameters(usual_parameters(case, share) if parameters is None else parameters)
    ends = [
        Point(f"{parameter.name} = {value!r}", parameter.changes(value))
        for parameter in chosen
        for value in (parameter.low, parameter.high)
    ]
    base = Point("–", ())
    if how.options is None:  # unproven plans could not tell which swings are certain; of other figures nothing does
        how = replace(how, options=SolveOptions(prove=measure == OBJECTIVE))
    return TornadoTables(chosen, measure, run_sweep(case, [base, *ends], how), accuracy_of(how.solve_options))


def check_measure(measure: str, how: How) -> None:
    """Raise InputError where a study looks at a figure that its plans do not have."""
    known = [*(name for name in FIGURES if name != "bound_by"), *(how.measures or {})]
    if measure not in known:
        raise InputError(
            say(
                "no figure of a plan is called '{measure}'; there are {known}.", measure=measure, known=", ".join(known)
            )
        )
