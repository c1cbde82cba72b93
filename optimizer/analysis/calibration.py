"""Calibration of the overlap penalty: the curve of worth against overlap, and the penalty at which it turns.

No planner knows the penalty by heart. A penalty too low leaves money paid twice, one too high gives up worth for hardly
any overlap; between them the curve turns. See :mod:`optimizer.analysis.curve` for its mathematics and sources, and
:mod:`optimizer.analysis.trace` for how its plans are found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.analysis.curve import Curve
from optimizer.analysis.trace import PARTS, Prices, Tracer
from optimizer.arguments import checked_methods
from optimizer.data.case import CaseTables
from optimizer.data.names import quoted_title
from optimizer.errors import InputError
from optimizer.language import Message, say
from optimizer.lp.program import Vector
from optimizer.options import SolveOptions
from optimizer.plan.solution import Solution
from optimizer.plan.summary import plan_summary
from optimizer.plan.tables import in_unit
from optimizer.planning.outcome import Outcome
from optimizer.solvers.result import ProgressHook
from optimizer.solvers.steps import Steps

FEWEST = 2
FOUND = ("worth", "rule_price", "overlap_penalty", "objective", "gap")
MADE = ("overlap_clusters", "overlap_funders", "spend", "private", "launches")
"""Figures of a plan's summary that the table holds, before and after those of the curve."""


@checked_methods
@dataclass(frozen=True, eq=False, repr=False)
class CalibrationTables:
    """The curve of worth against overlap of one case. Made by :func:`trace_overlap`.

    Attributes
    ----------
    base
        The case as it was given.
    prices
        What a penalty of 1 makes overlap cost.
    curve
        Penalties, overlaps and values of the points.
    outcomes
        How the plan of each point was found.
    complete
        Whether the curve came to its end, and not to a limit.
    solves, seconds
        Linear programs solved, and the time it all took [seconds].
    carried, merged
        Plans replaced by better ones of another penalty, and points left out because they had the plan of another.
    """

    base: CaseTables
    prices: Prices
    curve: Curve
    outcomes: tuple[Outcome, ...]
    complete: bool
    solves: int
    seconds: float
    carried: int
    merged: int

    @cached_property
    def _table(self) -> pd.DataFrame:
        curve = self.curve
        solutions = [Solution(outcome) for outcome in self.outcomes]
        summaries = pd.DataFrame([plan_summary(solution) for solution in solutions]).reset_index(drop=True)
        discounted = np.array([_discounted(solution) for solution in solutions])
        weighed = discounted @ [self.prices.clusters, self.prices.funders]
        value = (summaries["worth"] - summaries["rule_price"]).to_numpy(float)
        first, last = curve.best_between()
        frame = pd.DataFrame(
            {
                "between_clusters": curve.penalty * self.prices.clusters,
                "between_funders": curve.penalty * self.prices.funders,
                **{name: summaries[name].astype(float) for name in FOUND},
                "weighed_overlap": weighed,
                "less_overlap": _share_lost(weighed),
                "less_worth": _share_lost(value),
                "discounted_clusters": discounted[:, 0],
                "discounted_funders": discounted[:, 1],
                **{name: summaries[name].astype(float) for name in MADE},
                "best_from": first,
                "best_to": last,
                "distance": curve.distances,
                "knee": np.arange(len(curve)) == curve.knee,
            }
        )
        return in_unit(frame, self.base.currency)

    @property
    def table(self) -> pd.DataFrame:
        """The points of the curve, one a line, in the order of rising penalties.

        ``between_clusters`` and ``between_funders`` are the prices of overlap [money per money]. ``worth`` less
        ``rule_price`` less ``overlap_penalty`` is the ``objective``; ``gap`` is the most it can be below the best
        possible, as a share. ``weighed_overlap`` is what the penalty weighs: ``discounted_clusters`` plus
        ``discounted_funders`` times the price of these over the price of those; ``overlap_clusters`` and
        ``overlap_funders`` are not discounted. ``less_overlap`` and ``less_worth`` are shares of the plan without
        penalty that are given up. ``best_from`` and ``best_to`` are the penalties between which no other plan of the
        table is better; ``distance`` is that from the chord of the extremes, both axes scaled to 0..1; ``knee`` marks
        the greatest.
        """
        return self._table.copy()

    @property
    def turns(self) -> bool:
        """Whether the curve turns: whether any point stands above the chord of its extremes."""
        return bool(self.curve.distances.max() > 0)

    @property
    def penalty(self) -> float:
        """The penalty at which the curve turns [money per money]: ``between_clusters``, unless that is never charged.

        It is that of the point furthest from the chord of the extremes. Where no point stands above it, it is the
        penalty at which both extremes are worth the same; where overlap ends at no loss of worth, the lowest that was
        tried; where nothing overlaps, 0.
        """
        curve = self.curve
        if self.turns or curve.value_range == 0 or curve.overlap_range == 0:
            return float(curve.penalty[curve.knee])
        return curve.value_range / curve.overlap_range

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the curve."""
        curve = self.curve
        notes = [
            say(
                "Every plan is the best that the overlap sequence found at its penalty, not one proven to be the best; "
                "the column of the gap says how much may be missing at most."
            )
        ]
        if self.carried:
            notes.append(
                say(
                    "{count} times a plan was replaced by a better one found at another penalty; no plan of the curve "
                    "is dominated by another.",
                    count=self.carried,
                )
            )
        if self.merged:
            notes.append(say("{count} points were left out: they had the plan of another.", count=self.merged))
        if not self.complete:
            notes.append(say("A limit ended the calibration before the curve was known well enough; allow more time."))
        if curve.overlap[0] <= 0:
            notes.append(say("Nothing overlaps even without a penalty: there is nothing to calibrate."))
        elif len(curve) > 1 and curve.value_range == 0:
            notes.append(say("Overlap falls to its least without any loss of worth: the lowest penalty will do."))
        elif len(curve) > 1 and not self.turns:
            notes.append(
                say(
                    "Nothing lies above the straight line between the extremes: the trade does not turn. The penalty "
                    "is the one at which both extremes are worth the same."
                )
            )
        return tuple(notes)

    def repriced(self, penalty: float | None = None) -> CaseTables:
        """Return the case at a penalty, by default the one at which the curve turns; the case itself stays as it is.

        Raises
        ------
        InputError
            If the penalty is below 0 or no number.
        """
        chosen = self.penalty if penalty is None else _checked([penalty])[0]
        return self.prices.at(chosen, self.base)

    def outcome(self, penalty: float | None = None) -> Outcome:
        """Return how the plan of a point was found, by default that of the knee.

        Raises
        ------
        InputError
            If the table has no such penalty.
        """
        if penalty is None:
            return self.outcomes[self.curve.knee]
        fits = np.flatnonzero(np.isclose(self.curve.penalty, penalty, rtol=1e-9, atol=0))
        if not len(fits):
            raise InputError(
                say(
                    "no plan was found at penalty {penalty}; the penalties are {known}. Solve the case at that "
                    "penalty, or calibrate with it.",
                    penalty=penalty,
                    known=", ".join(f"{known:g}" for known in self.curve.penalty),
                )
            )
        return self.outcomes[int(fits[0])]

    def __repr__(self) -> str:
        told = say(
            "OverlapCalibration({case}: penalty {penalty}, {points} points{ends})",
            case=quoted_title(self.base),
            penalty=f"{self.penalty:g}",
            points=len(self.curve),
            ends="" if self.complete else say(", stopped by a limit"),
        )
        return told.text()


def trace_overlap(  # noqa: PLR0913  # two ways to say which points, and how to solve
    case: CaseTables,
    *,
    penalties: Sequence[float] | None = None,
    points: int = 12,
    tolerance: float = 0.01,
    ratio: float | None = None,
    options: SolveOptions | None = None,
    progress: ProgressHook | None = None,
) -> CalibrationTables:
    """Trace the curve of worth against overlap; :func:`optimizer.calibrate_overlap` says what the parameters mean."""
    if points < FEWEST or not tolerance >= 0:
        raise InputError(
            say(
                "a curve needs 2 points or more and a tolerance of 0 or more, not {points} and {tolerance}.",
                points=points,
                tolerance=tolerance,
            )
        )
    chosen = None if penalties is None else sorted(set(_checked(penalties)) - {0.0})
    tracer = Tracer(case, _prices(case, ratio), options or SolveOptions(), Steps(progress, PARTS))
    if chosen is None:
        tracer.between_extremes(points, tolerance)
    else:
        tracer.along(chosen)
    return CalibrationTables(
        base=case,
        prices=tracer.prices,
        curve=tracer.curve,
        outcomes=tuple(tracer.outcomes()),
        complete=tracer.complete,
        solves=tracer.solves,
        seconds=tracer.seconds,
        carried=tracer.carried,
        merged=tracer.merged,
    )


def _prices(case: CaseTables, ratio: float | None) -> Prices:
    """Return what a penalty of 1 makes overlap cost: as the case shares it out, unless a ratio is given."""
    own = case.settings.overlap
    if ratio is not None:
        return Prices(1.0, _checked([ratio])[0])
    if own.between_clusters > 0:
        return Prices(1.0, own.between_funders / own.between_clusters)
    return Prices(0.0 if own.between_funders > 0 else 1.0, 1.0)


def _checked(prices: Sequence[float]) -> list[float]:
    for price in prices:
        if not (np.isfinite(price) and price >= 0):
            raise InputError(say("{price} is no price of overlap; give a finite number, 0 or more.", price=price))
    return [float(price) for price in prices]


def _discounted(solution: Solution) -> tuple[float, float]:
    """Return the overlap between clusters and between funders, discounted [money]."""
    discount = solution.sets.discount
    clusters, funders = solution.cluster_overlaps, solution.funder_overlaps
    return float(clusters.overlap @ discount[clusters.year]), float(funders.overlap @ discount[funders.year])


def _share_lost(values: Vector) -> Vector:
    """Return how much less than the first one each value is, as a share of it; NaN where the first is 0."""
    first = float(values[0])
    return (first - values) / abs(first) if first else np.full(len(values), np.nan)
