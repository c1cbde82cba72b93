"""What the nation loses without each cluster, link, funder or rule: one left out, the rest planned anew.

loss         true objective of the best plan known of the case, less that of the best plan found without one
search       The plan without one is searched for as any plan is, and also from the ranking of the plan of the case, so
             that a difference tells of what was left out and not of two searches that ended in different places.
certain      The true optimum lies between a plan's objective and its bound, with and without. The loss lies between
             ``objective - bound without`` and ``bound - objective without``; where that interval holds 0, the
             difference may be one of how well the plans were found (FORMULATION 4).
of the case  Whatever can be done without a cluster, link or funder can be done with it, so a plan found without one
             that is better than that of the case is the better plan of the case. Without a rule it is the other way
             round.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.analysis.leave_out import LABELS, Kind, LeftOut, Money, leaving_out, money_of
from optimizer.analysis.planned import planned, unfinished
from optimizer.analysis.store import Solved
from optimizer.analysis.sweep import How, limited_note, run_sweep
from optimizer.data.case import CaseTables
from optimizer.data.money import Currency
from optimizer.data.names import quoted_title
from optimizer.language import Language, Message, say
from optimizer.lp.program import Vector
from optimizer.options import OverlapMethod, SolveOptions, one_of
from optimizer.plan.plan import PlanTables
from optimizer.plan.solution import Solution
from optimizer.plan.tables import in_unit, site_labels
from optimizer.planning.strategy import followed, is_penalised

OBJECTIVE, LAUNCHES = "followed_objective", "followed_launches"
EQUAL = 1e-6
"""Relative difference of two objectives that counts as none."""


class Follow:
    """Searches for a better plan from the ranking of the plan of the case; remembers the last one it was asked about.

    Parameters
    ----------
    plan
        The plan of the case.
    """

    def __init__(self, plan: PlanTables) -> None:
        self._spent = pd.DataFrame(plan.solution.public, index=_pairs(plan.solution))
        self._last: tuple[PlanTables, Solution] | None = None

    def better(self, plan: PlanTables) -> Solution:
        """Return the better of a plan without something and what is found from the ranking of the plan of the case."""
        if self._last is None or self._last[0] is not plan:
            public = self._spent.reindex(_pairs(plan.solution)).to_numpy(float)
            self._last = plan, Solution(followed(plan.outcome, public))
        return self._last[1]

    def __getstate__(self) -> dict[str, object]:
        return {"_spent": self._spent, "_last": None}


@dataclass(frozen=True, repr=False)
class FollowedObjective:
    """Measures the true objective of what :class:`Follow` finds [money]."""

    follow: Follow

    def __call__(self, plan: PlanTables) -> float:
        """Return the objective [money]."""
        return self.follow.better(plan).objective

    def __repr__(self) -> str:
        return type(self).__name__


@dataclass(frozen=True, repr=False)
class FollowedLaunches:
    """Measures the launches of what :class:`Follow` finds."""

    follow: Follow

    def __call__(self, plan: PlanTables) -> float:
        """Return the launches."""
        return float(self.follow.better(plan).launches.sum())

    def __repr__(self) -> str:
        return type(self).__name__


def _pairs(solution: Solution) -> pd.MultiIndex:
    sets = solution.sets
    site, funder = sets.site_pairs
    return pd.MultiIndex.from_frame(pd.DataFrame({**site_labels(sets, site), "funder": sets.funders.take(funder)}))


@dataclass(frozen=True, eq=False, repr=False)
class ReplacementTables:
    """What is lost without each of a kind. Made by :func:`find_replacement`.

    Attributes
    ----------
    plan
        The plan of the case.
    kind
        What is left out.
    money
        What becomes of the money of a funder that is left out.
    left_out
        Everything of the kind.
    results
        What planning without each ended with.
    """

    plan: PlanTables
    kind: Kind
    money: Money
    left_out: LeftOut
    results: tuple[Solved, ...]

    @property
    def complete(self) -> bool:
        """Whether no limit ended the search for the plan or for any without one."""
        return self.plan.outcome.complete and not any(result.limited for result in self.results)

    def _figures(self, name: str) -> Vector:
        values = [result.figures.get(name) for result in self.results]
        return np.array([np.nan if value is None else float(str(value)) for value in values], dtype=float)

    @property
    def comparable(self) -> bool:
        """Whether plans without one are plans of the case too, and those of the case plans without a rule.

        Not where location quotients shift with the sites left, nor by one ranking held whatever is left, nor where the
        others get the money.
        """
        case, method = self.plan.case, self.plan.outcome.method
        ranked = is_penalised(case) and method is OverlapMethod.FIXED
        quotients = case.settings.specialization.min_share > 0 and self.kind not in (Kind.LINK, Kind.FUNDER, Kind.RULE)
        shared = self.kind is Kind.FUNDER and self.money is Money.SHARED
        return not (ranked or quotients or shared)

    @property
    def objective(self) -> float:
        """True objective of the best plan known of the case [money]."""
        own = self.plan.objective
        if self.kind is Kind.RULE or not self.comparable:
            return own
        return float(np.nanmax(np.append(self._figures(OBJECTIVE), own)))

    @cached_property
    def _table(self) -> pd.DataFrame:
        without, base = self._figures(OBJECTIVE), self.objective
        if self.kind is Kind.RULE and self.comparable:
            without = np.fmax(without, base) + 0 * without  # no plan stays missing
        bound, plan_bound = self._figures("bound"), self._plan_bound
        sign = -1.0 if self.kind is Kind.RULE else 1.0
        least, most = base - np.fmax(bound, without), plan_bound - without
        if self.comparable:
            # what is known beforehand: nothing gets better by being left out, no plan worse by a rule switched off
            least, most = (
                (least, np.fmin(most, 0.0) + 0 * most) if sign < 0 else (np.fmax(least, 0.0) + 0 * least, most)
            )
        loss = sign * (base - without)
        interval = (least, most) if sign > 0 else (-most, -least)
        zero = EQUAL * (1 + abs(base))
        frame = self.left_out.labels.copy()
        frame["status"] = [result.status for result in self.results]
        frame["reason"] = pd.Series([result.reason for result in self.results], dtype=object)
        frame["objective"] = without
        names = ("gain", "gain_share", "launches_gained") if sign < 0 else ("loss", "loss_share", "launches_lost")
        frame[names[0]] = np.where(np.abs(loss) <= zero, 0.0, loss)
        frame[names[1]] = frame[names[0]] / abs(base) if base else np.nan
        frame[f"{names[0]}_least"], frame[f"{names[0]}_most"] = (side + 0.0 for side in interval)
        frame["certain"] = (interval[0] > zero) | (interval[1] < -zero)
        launches = sign * (float(self.plan.summary()["launches"]) - self._figures(LAUNCHES))
        frame[names[2]] = np.where(np.abs(launches) <= EQUAL, 0.0, launches)
        if self.kind is not Kind.RULE:
            frame["money_in_plan"] = money_of(self.plan.solution, self.kind, self.left_out.labels)
        order = np.lexsort((np.arange(len(frame)), -frame[names[0]].fillna(np.inf).to_numpy(float)))
        return in_unit(frame.iloc[order].reset_index(drop=True), self.plan.case.currency)

    @property
    def _plan_bound(self) -> float:
        proven = self.plan.outcome.bound
        return np.nan if proven is None else max(proven.value, self.objective)

    @property
    def table(self) -> pd.DataFrame:
        """What is left out, one a line: what there is no plan without first, then the greatest loss.

        Its labels; ``status`` and ``reason`` (a :class:`Message`) where there is no plan without it; ``objective``, the
        true one of the plan without it; ``loss`` [money] and ``loss_share`` of the case's objective; ``loss_least`` and
        ``loss_most``, between which the true loss is proven to lie, and ``certain``, whether that leaves 0 out;
        ``launches_lost``; ``money_in_plan``, what it gets or gives in the plan of the case [money]. For rules instead
        ``gain``, ``gain_share`` and ``launches_gained``, what is gained by switching it off, and no money.
        """
        return self._table.copy()

    @property
    def figure(self) -> str:
        """Name of the column by which the table is sorted."""
        return "gain" if self.kind is Kind.RULE else "loss"

    @property
    def labels(self) -> tuple[str, ...]:
        """The columns that say what is left out."""
        return LABELS[self.kind]

    def reasons(self, language: Language) -> list[str | None]:
        """Return why there is no plan without one, line by line of the table; ``None`` where there is one."""
        return [None if reason is None else reason.text(language) for reason in self._table["reason"]]

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the table."""
        notes = [_MEANING[self.kind] if self.kind is not Kind.FUNDER else _MONEY[self.money]]
        table = self._table
        failed = int(table[self.figure].isna().sum())
        if failed:
            notes.append(
                say("Without {count} of them there is no plan; the column of the reasons says why.", count=failed)
            )
        unsure = int((~table["certain"] & table[self.figure].notna()).sum())
        if unsure:
            notes.append(
                say(
                    "{count} differences are not certain: they are smaller than the distance of the plans from their "
                    "proven bounds, so that part or all of them may come from how well plans were found.",
                    count=unsure,
                )
            )
        if self.objective > self.plan.objective * (1 + EQUAL):
            notes.append(
                say(
                    "A plan found without one of them is better than the plan of the case; it stands for the case: "
                    "{better} instead of {own} {currency}.",
                    better=f"{self.objective:,.6g}",
                    own=f"{self.plan.objective:,.6g}",
                    currency=Currency(self.plan.case.currency),
                )
            )
        notes.append(say("Each is left out alone; losses of several together are not the sum of theirs."))
        limited = sum(result.limited for result in self.results)
        if limited:
            notes.append(limited_note(limited, len(self.results)))
        return (*notes, *unfinished(self.plan))

    def __repr__(self) -> str:
        table = self._table
        most = table[self.figure].max()
        told = say(
            "ReplacementCost({case}: {count} of kind {kind}, largest {figure} {most})",
            case=quoted_title(self.plan.case),
            count=len(table),
            kind=self.kind.value,
            figure=self.figure,
            most=f"{most:,.6g}",
        )
        return told.text()


_SITES = say(
    "Left out means: no starts, no money, what waits there is lost, and nothing is passed on to it. Location quotients "
    "are taken over what is left."
)
_MEANING = {
    Kind.CLUSTER: _SITES,
    Kind.STAGE: _SITES,
    Kind.FIELD: _SITES,
    Kind.SITE: _SITES,
    Kind.LINK: say("Left out means: the line of the link carries nothing, and no capacity can be bought for it."),
    Kind.RULE: say("Left out means: the rule is switched off. Its gain is what keeping the rule costs."),
}
_MONEY = {
    Money.LOST: say("Left out means: the budget of the funder is 0, and its money is lost."),
    Money.SHARED: say(
        "Left out means: the budget of the funder is 0, and the others get it in proportion to theirs, year by year."
    ),
}


def find_replacement(
    case_or_plan: CaseTables | PlanTables,
    of: str = Kind.CLUSTER,
    *,
    money: str = Money.LOST,
    options: SolveOptions | None = None,
    how: How | None = None,
) -> ReplacementTables:
    """Leave out one of a kind at a time; :func:`optimizer.replacement_cost` says what the parameters mean."""
    kind, shared = one_of(Kind, of, "of"), one_of(Money, money, "money")
    plan = planned(case_or_plan, options)
    left_out = leaving_out(plan.case, kind, shared)
    outcome = plan.outcome
    follow = Follow(plan)
    how = replace(
        how or How(),
        method=outcome.method,
        options=options or replace(outcome.options, time_limit=None),
        measures={OBJECTIVE: FollowedObjective(follow), LAUNCHES: FollowedLaunches(follow)},
    )
    found = run_sweep(plan.case, left_out.points, how)
    return ReplacementTables(plan, kind, shared, left_out, found.results)
