"""Regret of plans that are committed to before the future is known.

A plan commits public money: who gives how much to what and when. In each future the money is used as is best there
(:mod:`optimizer.planning.valuation`), so projects, links and private money adapt and the allocation does not. What a
funder no longer has is not spent: where a year's commitments exceed the budget and what may be carried into it, all of
that funder's lines of the year are cut by the same share. Other limits that people decide (rules, minima, the
specialisation share) are measured and not enforced, and the plan is flagged where it breaks one.

The best of a future is what :mod:`optimizer.analysis.regrets` says: planned for it, or any given plan that is better.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from optimizer.analysis.planned import planned
from optimizer.analysis.points import Point
from optimizer.analysis.regrets import FUTURE, PLAN, Regrets, check_rules, regrets_of
from optimizer.analysis.store import Solved
from optimizer.analysis.sweep import How, limited_note, plain_case, run_job
from optimizer.analysis.sweep_task import ERROR, INVALID, plan_point, said
from optimizer.data.allocation import LABELS, read_allocation
from optimizer.data.case import CaseTables
from optimizer.data.changes import Change, Removal, changed_case
from optimizer.data.futures import Future
from optimizer.data.money import Currency
from optimizer.data.names import name_of, quoted_title
from optimizer.errors import InputError, ModelError, SolveError
from optimizer.language import Bilingual, Language, Message, default_language, say
from optimizer.options import OverlapMethod, SolveOptions
from optimizer.plan.broken import PHYSICAL, budget_limits
from optimizer.plan.evaluate import EvaluationTables
from optimizer.plan.plan import FailedPlanTables, PlanTables
from optimizer.plan.statistics import TOLERANCE
from optimizer.plan.tables import in_unit
from optimizer.planning.resolve import Resolver
from optimizer.planning.valuation import value_allocation

PlanLike: TypeAlias = PlanTables | FailedPlanTables | CaseTables | pd.DataFrame | str | Path | None
"""What counts as a plan to commit to: a plan, a case to plan, an allocation, or ``None`` for the case's baseline."""
OUTCOME, ALLOCATION, CUT, BROKEN = "outcome", "allocation", "cut", "broken"
REASON, STATUS = "reason", "status"
"""Why a plan has no value in a future, in words and as the status of an error."""


@dataclass(frozen=True)
class BestJob:
    """Planning each future for itself.

    Attributes
    ----------
    case, options, method
        The case, how to solve it, and the overlap method in place of the case's own.
    """

    case: CaseTables
    options: SolveOptions
    method: OverlapMethod | None

    def worker(self) -> BestWorker:
        """Return a worker that plans futures."""
        return BestWorker(self)


class BestWorker:
    """Plans one future after the other."""

    def __init__(self, job: BestJob) -> None:
        self._resolver = Resolver(job.case, job.options, job.method)

    def solve(self, changes: Sequence[Change | Removal]) -> Solved:
        """Return the objective and the allocation of the best plan of a future."""
        began = time.perf_counter()
        plan = plan_point(self._resolver, changes)
        seconds = time.perf_counter() - began
        if isinstance(plan, Solved):
            return replace(plan, seconds=seconds)
        figures = {OUTCOME: plan.objective, ALLOCATION: plan.allocation[[*LABELS, "amount"]]}
        return Solved(plan.status, None, figures, seconds)


@dataclass(frozen=True)
class ValueJob:
    """Valuing allocations in futures.

    Attributes
    ----------
    case, options
        The case, and how to solve.
    allocations
        Name of each plan -> who gives how much to what and when, as :func:`read_allocation` returns it.
    """

    case: CaseTables
    options: SolveOptions
    allocations: Mapping[str, pd.DataFrame]

    def worker(self) -> ValueWorker:
        """Return a worker that values the allocations."""
        return ValueWorker(self)


class ValueWorker:
    """Values all allocations in one future after the other."""

    def __init__(self, job: ValueJob) -> None:
        self._job = job

    def solve(self, changes: Sequence[Change | Removal]) -> Solved:
        """Return for each plan what it is worth in a future, what of it was cut, and how many limits it breaks."""
        began, job = time.perf_counter(), self._job
        try:
            case = changed_case(job.case, changes) if changes else job.case
        except InputError as fault:
            return Solved(INVALID, said(fault), {}, time.perf_counter() - began)
        figures = {name: _valued(case, table, job.options) for name, table in job.allocations.items()}
        return Solved("valued", None, figures, time.perf_counter() - began)


def _valued(case: CaseTables, table: pd.DataFrame, options: SolveOptions) -> dict[str, object]:
    affordable = within_budgets(case, table)
    cut = float(table["amount"].sum() - affordable["amount"].sum())
    try:
        found = EvaluationTables(value_allocation(case, affordable, options), None)
    except (SolveError, ModelError) as failure:
        return {CUT: cut, REASON: said(failure), STATUS: failure.status if isinstance(failure, SolveError) else ERROR}
    broken = int((found.broken["counted"] != PHYSICAL).sum())
    return {OUTCOME: found.objective, CUT: cut, BROKEN: broken}


def within_budgets(case: CaseTables, table: pd.DataFrame) -> pd.DataFrame:
    """Return an allocation with the money of each funder and year cut by one share to what the funder has then.

    A funder has the year's budget and what may be carried into it. Lines of years outside of the horizon stay.

    Parameters
    ----------
    case
        The case, with its budgets.
    table
        The allocation: ``funder``, ``year``, ``amount`` and any other labels.
    """
    budget = case.table("budget")
    amount = budget.pivot(index="funder", columns="year", values="amount").reindex(columns=list(case.years))
    asked = table.pivot_table(index="funder", columns="year", values="amount", aggfunc="sum", fill_value=0.0)
    wanted = asked.reindex(index=amount.index, columns=amount.columns, fill_value=0.0).to_numpy(float)
    limit = budget_limits(wanted, amount.to_numpy(float), case.settings.funding.carry_over)
    over = wanted > limit + TOLERANCE * (1 + limit)
    share = pd.DataFrame(np.where(over, limit / np.where(over, wanted, 1.0), 1.0), amount.index, amount.columns)
    by_line = share.stack().reindex(pd.MultiIndex.from_frame(table[["funder", "year"]]), fill_value=1.0)
    return table.assign(amount=table["amount"].to_numpy(float) * by_line.to_numpy())


@dataclass(frozen=True, eq=False, repr=False)
class RegretTables:
    """What plans lose in each future against the best there. Made by :func:`run_regret`. Frames are copies.

    Attributes
    ----------
    case
        The case.
    regrets
        Outcomes, bests and regrets.
    within, optimism
        As in :meth:`~optimizer.analysis.regrets.Regrets.summary`.
    planned
        What planning each future ended with, by its name.
    valued
        What valuing the plans in each future ended with, by its name.
    outside
        Money of each plan in years outside of the horizon, which counts nowhere [money].
    idle
        The plans that commit no money within the horizon.
    unfinished
        The given plans whose search a limit ended.
    """

    case: CaseTables
    regrets: Regrets
    within: float
    optimism: float
    planned: Mapping[str, Solved]
    valued: Mapping[str, Solved]
    outside: Mapping[str, float]
    idle: tuple[str, ...]
    unfinished: tuple[str, ...]

    @property
    def limited(self) -> int:
        """Futures in which a limit ended the planning, or the valuing of a plan."""
        return sum(
            best.limited or any(_figures(self.valued[future], plan).get(STATUS) == "limit" for plan in self.outside)
            for future, best in self.planned.items()
        )

    @property
    def complete(self) -> bool:
        """Whether no limit ended the search for a plan that is compared, or the planning or valuing in any future."""
        return not (self.unfinished or self.limited)

    @property
    def table(self) -> pd.DataFrame:
        """Plan by plan and future by future: outcome, best and regret, what was cut, and how many limits are broken."""
        return self.table_in(default_language())

    def table_in(self, language: Language) -> pd.DataFrame:
        """Return :attr:`table` with its reasons in a language."""
        found = self.regrets
        parts = {OUTCOME: found.outcome, "regret": found.regret, "relative": found.relative}
        stacked = {name: frame.stack().to_numpy() for name, frame in parts.items()}
        plans, futures = found.given.index, found.given.columns
        lines = pd.MultiIndex.from_product([plans, futures], names=[PLAN, FUTURE]).to_frame(index=False)
        cells = [self._cell(plan, future) for plan in plans for future in futures]
        reasons = [cell.get(REASON) for cell in cells]
        frame = lines.assign(
            probability=np.tile(found.probability.to_numpy(), len(plans)),
            outcome=stacked[OUTCOME],
            best=np.tile(found.best.to_numpy(), len(plans)),
            regret=stacked["regret"],
            relative=stacked["relative"],
            cut=np.array([cell.get(CUT, np.nan) for cell in cells], dtype=float),
            broken_limits=np.array([cell.get(BROKEN, np.nan) for cell in cells], dtype=float),
            reason=pd.Series([None if one is None else one.text(language) for one in reasons], dtype=object),
        )
        return in_unit(frame, self.case.currency)

    def _cell(self, plan: str, future: str) -> dict[str, Any]:
        planned, valued = self.planned[future], self.valued[future]
        cell: dict[str, Any] = _figures(valued, plan) or {REASON: valued.reason}
        return cell if REASON in cell or planned.ok else {**cell, REASON: planned.reason}

    @cached_property
    def _summary(self) -> pd.DataFrame:
        return in_unit(self.regrets.summary(self.within, self.optimism), self.case.currency)

    @property
    def summary(self) -> pd.DataFrame:
        """The plans, one a line: see :meth:`~optimizer.analysis.regrets.Regrets.summary`."""
        return self._summary.copy()

    @property
    def futures(self) -> pd.DataFrame:
        """The futures, one a line: probability, best outcome, the given plan that attains it, status and reason."""
        return self.futures_in(default_language())

    def futures_in(self, language: Language) -> pd.DataFrame:
        """Return :attr:`futures` with reasons in a language."""
        found, names = self.regrets, list(self.regrets.given.columns)
        reasons = [self.planned[name].reason or self.valued[name].reason for name in names]
        frame = pd.DataFrame(
            {
                FUTURE: names,
                "probability": found.probability.to_numpy(),
                "best": found.best.to_numpy(),
                "best_by": found.best_by.to_numpy(),
                "counted": found.counted.to_numpy(),
                "status": [self.planned[name].status for name in names],
                REASON: pd.Series([None if one is None else one.text(language) for one in reasons], dtype=object),
            }
        )
        return in_unit(frame, self.case.currency)

    @property
    def failed(self) -> pd.DataFrame:
        """The futures that do not count, each with its reason."""
        frame = self.futures
        return frame[~frame["counted"]].reset_index(drop=True)

    def name_of_plan(self, plan: str) -> Bilingual:
        """Return what a plan is called; one that was made for a future bears the future's name in brackets."""
        future = plan.removeprefix("(").removesuffix(")")
        made = plan == f"({future})" and future in self.planned
        korean = name_of(self.case, "scenario", future).korean
        return Bilingual(plan, korean=f"({korean})" if made else plan)

    def _with_counts(self, counts: Mapping[str, object]) -> Bilingual:
        """Return the names of plans, each with what is counted of it."""
        named = [(self.name_of_plan(plan), count) for plan, count in counts.items()]
        english, korean = (
            ", ".join(f"{name.text(language)} ({count})" for name, count in named) for language in Language
        )
        return Bilingual(english, korean=korean)

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the table."""
        found, table = self.regrets, self._summary
        told = [
            say("A plan commits public money; in each future it is used as is best there. Where a funder has less than "
                "it committed, all its lines of the year are cut by the same share."),
            say("The best of a future is the best plan known for it: the one made for it, or any plan here that is "
                "worth more there and keeps its limits."),
        ]  # fmt: skip
        lost = ~found.counted
        if lost.any():
            told.append(
                say("{count} of {all} futures do not count, with a probability of {share} % together: they have no "
                    "plan, or some plan could not be valued there.", count=int(lost.sum()), all=len(lost),
                    share=f"{100 * found.probability[lost].sum():.1f}")
            )  # fmt: skip
        outside = {plan: money for plan, money in self.outside.items() if money}
        if outside:
            told.append(
                say("{plans}: money of years outside of the horizon {first} to {last} counts nowhere [{currency}].",
                    plans=self._with_counts({plan: f"{money:,.6g}" for plan, money in outside.items()}),
                    first=self.case.years[0], last=self.case.years[-1], currency=Currency(self.case.currency))
            )  # fmt: skip
        if self.idle:
            told.append(
                say("{plans}: no money is committed within the horizon; see whether the table is the one you mean.",
                    plans=", ".join(self.idle))
            )  # fmt: skip
        breaking = table[table["breaks"] > 0]
        if len(breaking):
            told.append(
                say("{plans}: limits are broken in some futures (column broken_limits), which flatters what the plan "
                    "is worth there.",
                    plans=self._with_counts(dict(zip(breaking[PLAN], breaking["breaks"], strict=True))))
            )  # fmt: skip
        if self.limited:
            told.append(limited_note(self.limited, len(self.planned)))
        if self.unfinished:
            told.append(
                say("{plans}: a limit ended the search for it, so a better one may exist. Allow more time.",
                    plans=", ".join(self.unfinished))
            )  # fmt: skip
        return tuple(told)

    def __repr__(self) -> str:
        table = self._summary
        least = ", ".join(table.loc[table["minimax_regret"], PLAN])
        told = say(
            "Regret({case}: {plans} plans in {futures} futures, least largest regret: {least})",
            case=quoted_title(self.case),
            plans=len(table),
            futures=self.regrets.given.shape[1],
            least=least,
        )
        return told.text()


def _figures(valued: Solved, plan: str) -> dict[str, Any]:
    """Return what is known of a plan in a future; nothing where the future could not be made."""
    figures: Any = valued.figures.get(plan, {})
    return dict(figures)


def run_regret(  # noqa: PLR0913  # what is compared, where, and how
    case: CaseTables,
    plans: Mapping[str, PlanLike],
    futures: Sequence[Future],
    how: How,
    *,
    within: float = 0.05,
    optimism: float = 0.5,
    with_best: bool = False,
) -> RegretTables:
    """Value plans in futures; :func:`optimizer.regret` says what there is to know."""
    check_rules(within, optimism)
    points = [Point(one.name, one.changes) for one in futures]
    given = {str(name): _planned(plan, how) for name, plan in plans.items()}
    allocations = {name: read_allocation(case, _table_of(plan)) for name, plan in given.items()}
    base, options = plain_case(case), how.solve_options
    found = run_job(BestJob(base, options, how.method), points, how)
    if with_best:
        made = {f"({one.name})": best.figures[ALLOCATION] for one, best in zip(points, found, strict=True) if best.ok}
        twice = sorted(made.keys() & allocations.keys())
        if twice:
            raise InputError(
                say("plans are called {names}, as the plans made for futures are; give them other names.",
                    names=", ".join(map(repr, twice)))
            )  # fmt: skip
        allocations |= {name: read_allocation(case, table) for name, table in made.items()}  # type: ignore[arg-type]
    if not allocations:
        raise InputError(say("there is no plan to compare; give at least one, or compare the best of each future."))
    valued = run_job(ValueJob(base, options, allocations), points, how)
    names = [one.name for one in futures]

    def frame(figure: str) -> pd.DataFrame:
        cells = [[_figures(one, plan).get(figure) for one in valued] for plan in allocations]
        return pd.DataFrame(cells, index=pd.Index(list(allocations)), columns=pd.Index(names), dtype=float)

    own = pd.Series([best.figures.get(OUTCOME) for best in found], index=pd.Index(names), dtype=float)
    if own.isna().all():
        raise SolveError(say("no future has a plan; the first one: {reason}", reason=found[0].reason), found[0].status)
    probability = pd.Series([one.probability for one in futures], index=pd.Index(names))
    regrets = regrets_of(frame(OUTCOME), own, probability, frame(BROKEN) == 0)
    by_name = {name: dict(zip(names, results, strict=True)) for name, results in (("p", found), ("v", valued))}
    inside = {name: table["year"].isin(case.years) for name, table in allocations.items()}
    outside = {name: float(table.loc[~inside[name], "amount"].sum()) for name, table in allocations.items()}
    idle = tuple(name for name, table in allocations.items() if not table.loc[inside[name], "amount"].sum() > 0)
    early = [name for name, plan in given.items() if isinstance(plan, PlanTables) and not plan.outcome.complete]
    return RegretTables(case, regrets, within, optimism, by_name["p"], by_name["v"], outside, idle, tuple(early))


def _planned(plan: PlanLike, how: How) -> PlanTables | str | Path | pd.DataFrame | None:
    """Return a plan as it is, the one of a case where that is given, or a table of one."""
    return planned(plan, how.solve_options) if isinstance(plan, CaseTables | PlanTables | FailedPlanTables) else plan


def _table_of(plan: PlanTables | str | Path | pd.DataFrame | None) -> str | Path | pd.DataFrame | None:
    """Return what :func:`read_allocation` takes for a plan."""
    return plan.allocation if isinstance(plan, PlanTables) else plan
