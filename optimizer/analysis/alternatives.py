"""Plans that are nearly as good: how far each place's money can move, and plans that are as different as can be.

within slack   With ``v`` the true objective of a plan and ``z`` its value by the linear program of its last ranking, a
               plan is admitted if that program gives it ``min(z, v - slack |v|)`` or more. The linear penalty of a
               ranking is never below the true one (FORMULATION 4), so the true objective of every plan admitted is no
               less than that; a plan can be truly within slack and yet not be admitted, for it would need another
               ranking. The ranges found can therefore be too narrow, never too wide.
ranges         The least and the greatest public money of a cluster, stage, funder, field or region over the horizon:
               two linear programs each. Shares are of the total budget, which is the same for all plans.
different      The distance of two plans is the money that sits at other sites. Each next plan climbs the sum of its
               distances from those before by linear programs, from the most different plan met so far; where there is
               none yet, away from the sites in use (Hop-Skip-Jump: E. D. Brill, S.-Y. Chang, L. D. Hopkins, Management
               Science 28 (1982) 221-235). The climb ends at a plan that is far, not provably the furthest.
cells          A site is a must where every admitted plan funds it, never funded where none does, and interchangeable
               where two plans are at hand of which one does. Musts and nevers are proven by linear programs.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.analysis.alternatives_search import PARTS, Alternative, Group, Keep, Range, Search, Standing, site_money
from optimizer.analysis.planned import PLAN, planned, unfinished
from optimizer.blocks.funding import budgets
from optimizer.data.case import CaseTables
from optimizer.data.money import Currency
from optimizer.data.names import quoted_title
from optimizer.errors import InputError
from optimizer.language import Message, say
from optimizer.lp.program import Vector
from optimizer.options import SolveOptions, one_of
from optimizer.plan.plan import PlanTables
from optimizer.plan.summary import plan_summary
from optimizer.plan.tables import in_unit, site_labels
from optimizer.planning.sequence import SMALL
from optimizer.solvers.result import ProgressHook
from optimizer.solvers.steps import Steps

ENOUGH = 60.0
"""Seconds that are spent on large programs where no options are given."""
MOST_CHECKS = 20
"""Solves that are spent on proving musts and nevers in large programs where no number is given."""
VERIFIED = ("number", "verified", "lp_objective", "moved", "nearest", "violation")
FIGURES = ("objective", "worth", "overlap_penalty", "rule_price", "spend", "private", "launches")


@dataclass(frozen=True, eq=False, repr=False)
class AlternativesTables:
    """Plans that are nearly as good as one. Made by :func:`find_alternatives`.

    Attributes
    ----------
    plan
        The plan.
    slack
        Share of its objective that may be given up.
    floor
        What the linear program must give a plan that is admitted [money].
    found
        The plans.
    spans
        The ranges.
    standings, least
        What is known of each site, and the least money of those that are a must [money]; NaN for others.
    exhausted
        Whether the search for different plans ended because none was left.
    searched
        Whether no limit ended the search.
    solves, seconds
        Linear programs solved, and the time it took [seconds].
    """

    plan: PlanTables
    slack: float
    floor: float
    found: tuple[Alternative, ...]
    spans: tuple[Range, ...]
    standings: tuple[Standing, ...]
    least: Vector
    exhausted: bool
    searched: bool
    solves: int
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether no limit ended the search for the plan or for what is near it."""
        return self.searched and self.plan.outcome.complete

    @property
    def budget(self) -> float:
        """All budgets of the horizon together [money]."""
        return float(budgets(self.plan.solution.sets).sum())

    @cached_property
    def _table(self) -> pd.DataFrame:
        columns = ["group", "label", "plan", "least", "greatest"]
        frame = pd.DataFrame([[getattr(span, name) for name in columns] for span in self.spans], columns=columns)
        frame["group"] = frame["group"].astype(str)
        for name in ("plan", "least", "greatest"):
            frame[f"{name}_share"] = frame[name] / self.budget if self.budget > 0 else np.nan
        return in_unit(frame, self.plan.case.currency)

    @property
    def table(self) -> pd.DataFrame:
        """How far the money of each cluster, stage, funder, field or region can move, one a line.

        ``plan``, ``least`` and ``greatest`` public money over the horizon [money], and the same as shares of all
        budgets.
        """
        return self._table.copy()

    @cached_property
    def _plans(self) -> pd.DataFrame:
        lines, best = [plan_line(one) for one in self.found], self.plan.objective
        frame = pd.DataFrame(lines, columns=[*VERIFIED, *FIGURES])
        frame.insert(2, "loss", (best - frame["objective"].astype(float)) / abs(best) if best else np.nan)
        return in_unit(frame, self.plan.case.currency)

    @property
    def plans(self) -> pd.DataFrame:
        """The different plans, one a line.

        ``verified``: feasible and within slack, both recomputed; ``loss``, share of the plan's true objective given up;
        ``lp_objective``; ``moved`` and ``nearest``, the money that sits at other sites than in the plan and than in the
        most similar one before [money]; ``violation``, relative; then figures as in a plan's summary.
        """
        return self._plans.copy()

    @cached_property
    def _cells(self) -> pd.DataFrame:
        sets = self.plan.solution.sets
        frame = pd.DataFrame(site_labels(sets, np.arange(len(sets.sites))))
        frame["plan"] = site_money(self.plan.solution)
        frame["standing"] = [standing.value for standing in self.standings]
        frame["least"] = self.least
        return in_unit(frame, self.plan.case.currency)

    @property
    def cells(self) -> pd.DataFrame:
        """What plans within slack have in common, one line per site.

        ``plan``, its public money over the horizon; ``standing``, see :class:`Standing`; ``least``, what every plan
        spends there at the least where that was proven to be more than nothing [money].
        """
        return self._cells.copy()

    def allocation(self, number: int) -> pd.DataFrame:
        """Return who spends what where and when in one of the plans, as ``plan.allocation`` does [money].

        Raises
        ------
        InputError
            If there is no plan of that number.
        """
        if not 1 <= number <= len(self.found):
            raise InputError(
                say(
                    "there is no alternative {number}; {count} were found, numbered from 1 on.",
                    number=number,
                    count=len(self.found),
                )
            )
        return PlanTables(self.found[number - 1].solution).allocation

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the ranges."""
        notes = [
            say(
                "Within slack: the linear program of the plan's last ranking gives the plan {floor} {currency} or "
                "more. The true objective is never below that. Other rankings may admit more plans, so the ranges can "
                "be too narrow, never too wide.",
                floor=f"{self.floor:,.6g}",
                currency=Currency(self.plan.case.currency),
            ),
            say("Shares are of all budgets of the horizon, spent or not."),
        ]
        if self.plan.outcome.fixed_whole:
            notes.append(say("Whole decisions stay as the plan takes them."))
        if self.exhausted:
            notes.append(say("No further plan within slack moves money to other sites."))
        if {Standing.ALWAYS_SO_FAR, Standing.NEVER_SO_FAR} & set(self.standings):
            notes.append(
                say("Of some sites it is not proven whether every plan, or none, funds them; allow more checks.")
            )
        if not self.searched:
            notes.append(
                say(
                    "A limit ended the search after {seconds} s: {ranges} ranges and {plans} plans were found by then. "
                    "Allow more time.",
                    seconds=f"{self.seconds:,.0f}",
                    ranges=len(self.spans),
                    plans=len(self.found),
                )
            )
        return (*notes, *unfinished(self.plan))

    def __repr__(self) -> str:
        told = say(
            "Alternatives({case}: {plans} plans and {ranges} ranges within {slack} %{ends})",
            case=quoted_title(self.plan.case),
            plans=len(self.found),
            ranges=len(self.spans),
            slack=f"{100 * self.slack:g}",
            ends="" if self.complete else say(", stopped by a limit"),
        )
        return told.text()


def find_alternatives(  # noqa: PLR0913  # how near, how many, of what, and how they are found
    case_or_plan: CaseTables | PlanTables,
    slack: float = 0.02,
    n: int = 5,
    *,
    by: Sequence[str] = (Group.FUNDER, Group.STAGE, Group.CLUSTER),
    checks: int | None = None,
    options: SolveOptions | None = None,
    progress: ProgressHook | None = None,
    keep: Keep | None = None,
) -> AlternativesTables:
    """Find plans that are nearly as good; :func:`optimizer.alternatives` says what the parameters mean."""
    if not (0 <= slack < np.inf and n >= 0 and (checks is None or checks >= 0)):
        raise InputError(
            say(
                "alternatives need a slack of 0 or more, such as 0.02 for 2 %, and numbers of plans and checks of 0 or "
                "more, not {slack}, {n} and {checks}.",
                slack=slack,
                n=n,
                checks=checks,
            )
        )
    groups = tuple(dict.fromkeys(one_of(Group, name, "by") for name in by))
    steps = Steps(progress, (PLAN, *PARTS))
    plan = planned(case_or_plan, options, steps)
    if options is None:
        large = plan.solution.program.n_columns > SMALL
        options = replace(plan.outcome.options, time_limit=ENOUGH if large else None)
    began = time.perf_counter()
    search = Search(plan, slack, options, steps, keep or (lambda found: None))
    search.different(n)
    search.ranges(groups)
    few = np.inf if search.program.n_columns <= SMALL else MOST_CHECKS
    search.prove(few if checks is None else checks)
    return AlternativesTables(
        plan=plan,
        slack=slack,
        floor=search.floor,
        found=tuple(search.found),
        spans=tuple(search.spans),
        standings=search.standings(),
        least=search.least,
        exhausted=search.exhausted,
        searched=search.complete,
        solves=search.near.solves,
        seconds=time.perf_counter() - began,
    )


def plan_line(found: Alternative) -> dict[str, object]:
    """Return what is known of a plan as one line of a table."""
    summary = plan_summary(found.solution)
    return {name: getattr(found, name) for name in VERIFIED} | {name: float(summary[name]) for name in FIGURES}
