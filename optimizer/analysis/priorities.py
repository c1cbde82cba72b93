"""One nested order of funding for a range of budgets, and what its stability costs.

At every budget the plan may be another one, and money promised under a smaller budget may be gone under a larger one.
Nested plans (:mod:`optimizer.planning.nesting`) never take a won away from a unit when the budget rises, so their
increments are a list of priorities: what is funded first, what comes next. Its price at a budget is what the best plan
of that budget alone is worth more. Both are true objectives, found by the same overlap method.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.analysis.planned import planned
from optimizer.analysis.priorities_search import PARTS, Found, Search, Step, Way
from optimizer.blocks.funding import budgets as budgets_of
from optimizer.compiler import compile_sets
from optimizer.data.case import CaseTables
from optimizer.data.money import Currency
from optimizer.data.names import quoted_title
from optimizer.errors import InputError
from optimizer.language import Message, say
from optimizer.lp.labels import Codes
from optimizer.lp.program import Vector
from optimizer.options import OverlapMethod, SolveOptions, one_of
from optimizer.plan.plan import FailedPlanTables, PlanTables
from optimizer.plan.summary import plan_summary
from optimizer.plan.tables import in_unit
from optimizer.planning.nesting import DIMENSIONS, Units, units_of
from optimizer.planning.strategy import is_penalised
from optimizer.solvers.result import ProgressHook
from optimizer.solvers.steps import Steps

SHARES = (0.5, 0.6, 0.8, 1.0, 1.2)
"""Budgets where none are given, as shares of today's."""
SITE = ("cluster", "stage", "field")
NOTHING = 1e-6
"""Share of today's budget below which money counts as none."""


@dataclass(frozen=True, eq=False, repr=False)
class PriorityTables:
    """One nested order of funding. Made by :func:`list_priorities`.

    Attributes
    ----------
    case
        The case.
    today
        All its budgets together [money].
    units
        What money is never taken away from.
    search
        The budgets with their plans, and how these were found.
    """

    case: CaseTables
    today: float
    units: Units
    search: Found

    @property
    def way(self) -> Way:
        """How the nested plans were found."""
        return self.search.way

    @property
    def steps(self) -> tuple[Step, ...]:
        """The budgets, the smallest first."""
        return self.search.steps

    @property
    def complete(self) -> bool:
        """Whether no limit ended anything early."""
        return self.search.complete

    @property
    def listed(self) -> tuple[Step, ...]:
        """The budgets that have a plan, the smallest first."""
        return tuple(step for step in self.steps if step.nested is not None)

    @cached_property
    def money(self) -> Vector:
        """Public money of each unit at each budget that has a plan, shape (units, budgets) [money]."""
        plans = [step.nested.solution for step in self.listed if step.nested is not None]
        spent = np.array([self.units.spent(plan.x) for plan in plans]).T
        # what rounding takes back is no money taken back
        return np.maximum.accumulate(np.maximum(spent, 0.0), axis=1)

    @property
    def regained(self) -> float:
        """The most that a unit has less at a larger budget, before rounding is cleared away [money]."""
        plans = [step.nested.solution for step in self.listed if step.nested is not None]
        spent = np.array([self.units.spent(plan.x) for plan in plans])
        return float(max(0.0, -np.diff(spent, axis=0).min(initial=0.0)))

    @cached_property
    def _table(self) -> pd.DataFrame:
        frame = pd.DataFrame([_line(step) for step in self.steps])
        frame.insert(1, "budget_share", frame["budget"] / self.today)
        frame.insert(4, "reason", pd.Series(self.reasons, dtype=object))
        return in_unit(frame, self.case.currency)

    @property
    def reasons(self) -> list[Message | None]:
        """Why a budget has no plan; ``None`` where it has one."""
        return [step.free.reason if isinstance(step.free, FailedPlanTables) else None for step in self.steps]

    @property
    def table(self) -> pd.DataFrame:
        """The budgets, one a line, the smallest first.

        ``budget`` and ``budget_share``, of today's; ``weight``; ``status`` and ``reason`` (a :class:`Message`) where a
        budget has no plan; ``objective``, true, of the list's plan, and ``objective_free``, of the best plan known of
        this budget alone; ``stability_price``, what the list gives up, and ``stability_share`` of the free objective;
        ``spend`` and ``unspent`` [money], ``launches``, and both of the free plan.
        """
        return self._table.copy()

    @cached_property
    def _ranks(self) -> tuple[Codes, Codes]:
        """Return at which step each funded unit is first funded, and the units in their order of priority."""
        floor, money = self._nothing, self.money
        funded = np.flatnonzero(money[:, -1] > floor)
        first = np.argmax(money[funded] > floor, axis=1)
        # among those that come in at one budget, who gets most there comes first, then who gets most in all
        gets = money[funded, first]
        order = np.lexsort((funded, -money[funded, -1], -np.round(gets, 6), first))
        return first[order], funded[order]

    @property
    def _nothing(self) -> float:
        """Money that counts as none [money]."""
        return NOTHING * max(self.today, 1.0)

    @cached_property
    def _order(self) -> pd.DataFrame:
        first, unit = self._ranks
        listed = self.listed
        frame = self.units.labels.iloc[unit].reset_index(drop=True)
        frame.insert(0, "rank", np.arange(1, len(unit) + 1))
        frame["funded_from"] = [listed[place].budget for place in first]
        for place, step in enumerate(listed):
            frame[money_column(step.budget)] = self.money[unit, place]
        return in_unit(frame, self.case.currency)

    @property
    def order(self) -> pd.DataFrame:
        """The priority list: every unit that is funded at some budget, the first in order first.

        ``rank``; the unit's labels (money of links at its destination, stage ``link`` and no field); ``funded_from``,
        the least of the budgets at which it is funded; ``money_...``, what it gets at each budget, never falling from
        left to right [money]. Units that come in at the same budget stand in the order of what they get there.
        """
        return self._order.copy()

    @cached_property
    def _increments(self) -> pd.DataFrame:
        _, unit = self._ranks
        before = np.column_stack([np.zeros(len(unit)), self.money[unit, :-1]])
        more = self.money[unit] - before
        frames = []
        for place, step in enumerate(self.listed):
            gets = np.flatnonzero(more[:, place] > self._nothing)
            gets = gets[np.lexsort((gets, -np.round(more[gets, place], 6)))]
            frame = self.units.labels.iloc[unit[gets]].reset_index(drop=True)
            frame.insert(0, "budget", step.budget)
            frame.insert(1, "rank", gets + 1)
            frame["newly_funded"] = before[gets, place] <= self._nothing
            frame["increment"] = more[gets, place]
            frame["increment_share"] = more[gets, place] / more[:, place].sum()
            frame["money_so_far"] = self.money[unit[gets], place]
            frames.append(frame)
        return in_unit(pd.concat(frames, ignore_index=True), self.case.currency)

    @property
    def increments(self) -> pd.DataFrame:
        """What each budget adds to the one before, one line per budget and unit that gets more, the largest first.

        ``rank``, as in :attr:`order`; ``newly_funded``, whether the unit had nothing before; ``increment`` [money] and
        its share of the step's; ``money_so_far``, what the unit has then [money].
        """
        return self._increments.copy()

    @property
    def stability_price(self) -> float:
        """What the list gives up against the best plan of each budget, weighted [money]."""
        listed = self.listed
        prices = self._table.loc[[step.nested is not None for step in self.steps], "stability_price"].to_numpy(float)
        weights = np.array([step.weight for step in listed])
        return float(prices @ weights / weights.sum())

    def allocation(self, budget: float) -> pd.DataFrame:
        """Return who spends what where and when in the list's plan of a budget, as ``plan.allocation`` does [money].

        Raises
        ------
        InputError
            If the list has no plan of this budget.
        """
        for step in self.listed:
            if step.nested is not None and np.isclose(step.budget, budget, rtol=1e-9):
                return step.nested.allocation
        raise InputError(
            say(
                "the list has no plan of budget {budget}; it has {known}.",
                budget=budget,
                known=", ".join(f"{step.budget:,.6g}" for step in self.listed),
            )
        )

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the list."""
        listed = self.listed
        notes = [_told_way(self.way)]
        if self.search.skipped is not None:
            notes.append(self.search.skipped)
        notes.append(
            say(
                "Ranks go by the least budget at which a unit is funded; among those funded from the same budget on, "
                "by what each gets there, then by what it gets at the largest budget, then by the order of the case's "
                "tables. Between neighbours that come in together the order says little."
            )
        )
        notes.append(say("Every budget moves in proportion to its amount of today; amounts in rules stay as they are."))
        method = listed[0].free.outcome.method
        if is_penalised(self.case):
            notes.append(
                say("Overlap counts by today's activity at every budget (method fixed).")
                if method is OverlapMethod.FIXED
                else say(
                    "Overlap is ranked by the list's own plans, for each budget anew until the weighted objective "
                    "rises no more. Objectives are true ones; as with single plans, a better ranking may exist."
                )
            )
        if self.search.freed:
            notes.append(
                say(
                    "Budgets for which a better plan alone was found by going on from the list's plan: {count}. The "
                    "price is taken against that one.",
                    count=self.search.freed,
                )
            )
        without = len(self.steps) - len(listed)
        if without:
            notes.append(
                say(
                    "{count} of {all} budgets have no plan; the column of the reasons says why.",
                    count=without,
                    all=len(self.steps),
                )
            )
        if not self.complete:
            notes.append(say("A limit ended the search for better nested plans early; allow more time."))
        return tuple(notes)

    def __repr__(self) -> str:
        listed = self.listed
        told = say(
            "PriorityList({case}: {units} units over {budgets} budgets from {low} to {high} {unit}, {way}, price of "
            "stability {price})",
            case=quoted_title(self.case),
            units=len(self._ranks[1]),
            budgets=len(listed),
            low=f"{listed[0].budget:,.6g}",
            high=f"{listed[-1].budget:,.6g}",
            unit=Currency(self.case.currency),
            way=self.way,
            price=f"{self.stability_price:,.4g}",
        )
        return told.text()


def money_column(budget: float) -> str:
    """Return the name of the column with the money at a budget."""
    return f"money_{budget:.10g}"


def _told_way(way: Way) -> Message:
    match way:
        case Way.JOINT:
            return say("The list is the best nested one for its rankings: all budgets were planned in one program.")
        case Way.FORWARD:
            return say(
                "The list was built up from the smallest budget, each larger one keeping what was given before. A "
                "joint program (method joint) may find a better one."
            )
        case Way.BACKWARD:
            return say(
                "The list was cut down from the largest budget, each smaller one within what the larger gives. A joint "
                "program (method joint) may find a better one."
            )


def _line(step: Step) -> dict[str, object]:
    free, nested = step.free, step.nested
    line: dict[str, object] = {"budget": step.budget, "weight": step.weight, "status": free.status}
    figures = ("objective", "objective_free", "stability_price", "stability_share", "spend", "unspent", "launches")
    if nested is None or isinstance(free, FailedPlanTables):
        return line | dict.fromkeys((*figures, "spend_free", "launches_free"), np.nan)
    own, alone = plan_summary(nested.solution), plan_summary(free.solution)
    objective = float(own["objective"])
    best = max(objective, float(alone["objective"]))
    return line | {
        "objective": objective,
        "objective_free": best,
        "stability_price": best - objective,
        "stability_share": (best - objective) / abs(best) if best else 0.0,
        "spend": float(own["spend"]),
        "unspent": max(step.budget - float(own["spend"]), 0.0),
        "launches": float(own["launches"]),
        "spend_free": float(alone["spend"]),
        "launches_free": float(alone["launches"]),
    }


def list_priorities(  # noqa: PLR0913  # which budgets, what is nested, and how it is found
    case_or_plan: CaseTables | PlanTables,
    budgets: Sequence[float] | None = None,
    *,
    of: Sequence[str] | str = SITE,
    weights: Sequence[float] | None = None,
    method: str | None = None,
    options: SolveOptions | None = None,
    progress: ProgressHook | None = None,
) -> PriorityTables:
    """Find one nested order of funding; :func:`optimizer.priority_list` says what the parameters mean."""
    way = None if method is None else one_of(Way, method, "method")
    plan = None if isinstance(case_or_plan, CaseTables) else planned(case_or_plan)
    case = case_or_plan if isinstance(case_or_plan, CaseTables) else planned(case_or_plan).case
    options = options or (SolveOptions() if plan is None else replace(plan.outcome.options, time_limit=None))
    base = compile_sets(case)
    today = float(budgets_of(base.sets).sum())
    if today <= 0:
        raise InputError(
            say("there is no budget to list priorities of: all of it is 0. Give at least one funder an amount.")
        )
    totals, shares = _asked(budgets, weights, today)
    units = units_of(base, _dimensions(of))
    search = Search(base, units, totals, shares, replace(options, prove=False), Steps(progress, PARTS))
    search.plan_alone(today, plan)
    return PriorityTables(case, today, units, search.nest(way))


def _asked(
    budgets: Sequence[float] | None, weights: Sequence[float] | None, today: float
) -> tuple[list[float], list[float]]:
    """Return the budgets, the smallest first, and their weights, which add up to 1."""
    given = [share * today for share in SHARES] if budgets is None else list(budgets)
    numbers = [one for one in given if isinstance(one, int | float | np.number) and not isinstance(one, bool)]
    if not given or len(numbers) < len(given) or not all(np.isfinite(one) and one >= 0 for one in numbers):
        raise InputError(
            say(
                "a priority list needs budgets: totals over the horizon of 0 or more, such as [{low}, {today}], not "
                "{budgets}.",
                low=f"{today / 2:g}",
                today=f"{today:g}",
                budgets=given,
            )
        )
    if len(set(numbers)) < len(numbers):
        raise InputError(say("each budget of a priority list is named once, not {budgets}.", budgets=given))
    chosen = [1.0] * len(given) if weights is None else [float(weight) for weight in weights]
    if len(chosen) != len(given) or not all(np.isfinite(weight) and weight > 0 for weight in chosen):
        raise InputError(
            say(
                "a priority list needs one weight above 0 for each of its {count} budgets, such as its probability, "
                "not {weights}.",
                count=len(given),
                weights=chosen,
            )
        )
    order = np.argsort(numbers, kind="stable")
    return [float(numbers[place]) for place in order], [chosen[place] / sum(chosen) for place in order]


def _dimensions(of: Sequence[str] | str) -> tuple[str, ...]:
    names = (of,) if isinstance(of, str) else tuple(of)
    if not names or len(set(names)) < len(names) or not set(names) <= set(DIMENSIONS):
        raise InputError(
            say(
                "the units of a priority list are told apart by some of {known}, each once, not by {names}.",
                known=", ".join(DIMENSIONS),
                names=", ".join(map(str, names)) or "–",
            )
        )
    return names
