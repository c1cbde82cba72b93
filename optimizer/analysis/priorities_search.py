"""The search for nested plans: every budget planned alone, then all so that no unit loses money on the way up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd

from optimizer.compiler import Compiled, recompile
from optimizer.data.changes import Change, Operation, changed_case
from optimizer.errors import SolveError
from optimizer.language import Message, say, sentence
from optimizer.lp.program import Vector
from optimizer.options import OverlapMethod, SolveOptions
from optimizer.plan.plan import FailedPlanTables, PlanTables, read_outcome
from optimizer.plan.solution import Solution
from optimizer.planning.nesting import Nest, Nested, Rankings, Units, lacking, ranked, rankings_of
from optimizer.planning.outcome import Outcome
from optimizer.planning.sequence import SAME, SMALL, Clock
from optimizer.planning.strategy import is_penalised, plan_case
from optimizer.solvers.result import SolveResult, Termination
from optimizer.solvers.steps import Steps

PARTS = (ALONE, IN_TURN, TOGETHER, AGAIN) = (
    sentence("each budget alone"),
    sentence("one budget after the other"),
    sentence("all budgets together"),
    sentence("each budget again, from the list"),
)
"""The parts of the search; which of them are needed depends on the way and the size."""
LARGEST_JOINT = 500_000
"""Columns up to which all budgets are planned in one program where nothing else is asked for."""
MOST_NAMED = 5
"""Units or rules that a message names."""


class Way(StrEnum):
    """How nested plans are found; see :mod:`optimizer.planning.nesting`."""

    JOINT = "joint"
    FORWARD = "forward"
    BACKWARD = "backward"


class TooLittleError(SolveError):
    """Within the ceilings of a larger budget a smaller one has no plan."""


@dataclass(frozen=True, eq=False)
class Step:
    """One budget of a list.

    Attributes
    ----------
    budget
        Total of all budgets [money].
    weight
        Its weight; those of a list add up to 1.
    free
        The plan of this budget alone, or why there is none.
    nested
        Its plan in the list; ``None`` where there is none.
    """

    budget: float
    weight: float
    free: PlanTables | FailedPlanTables
    nested: PlanTables | None


@dataclass(frozen=True, eq=False)
class Found:
    """What the search ended with.

    Attributes
    ----------
    way
        How the nested plans were found.
    steps
        The budgets, the smallest first.
    complete
        Whether no limit ended anything early.
    freed
        Budgets whose best plan alone was found by going on from the list's plan.
    skipped
        Why a way that was tried gave no plans; ``None`` where none was.
    """

    way: Way
    steps: tuple[Step, ...]
    complete: bool
    freed: int
    skipped: Message | None


class Search:
    """The budgets of a list, what each is worth alone, and the ways to nest them."""

    def __init__(
        self,
        base: Compiled,
        units: Units,
        budgets: list[float],
        weights: list[float],
        options: SolveOptions,
        steps: Steps,
    ) -> None:
        self.base, self.units, self.budgets, self.weights = base, units, budgets, weights
        self.options, self.steps = options, steps
        steps.limit(options.time_limit)
        self.clock = Clock(options.time_limit, progress=steps.hook)
        self.plans: dict[int, PlanTables] = {}
        self.failed: dict[int, FailedPlanTables] = {}
        self.blocks: list[Compiled] = []
        self.complete = True

    def plan_alone(self, today: float, plan: PlanTables | None) -> None:
        """Plan every budget alone; a plan at hand serves for today's."""
        case = self.base.sets.case
        method = None if plan is None else plan.outcome.method
        self.steps.begin(ALONE, len(self.budgets))
        for place, budget in self.steps.each(enumerate(self.budgets)):
            if budget == today and plan is not None and plan.status == "optimal":
                self.plans[place] = plan
                self.blocks.append(self.base)
                continue
            change = Change("budget", "amount", Operation.MULTIPLY, budget / today)
            changed = changed_case(case, [change])
            limited = replace(self.options, time_limit=self.clock.left())
            found = read_outcome(plan_case(changed, limited, method, self.clock.progress))
            if isinstance(found, PlanTables):
                self.plans[place] = found
                self.complete &= found.outcome.complete
            else:
                self.failed[place] = found
                self.complete &= found.status != "limit"
            self.blocks.append(recompile(self.base, changed))

    def nest(self, way: Way | None) -> Found:
        """Nest the budgets that have a plan.

        Raises
        ------
        SolveError
            If none has one, or nested ones were not found.
        """
        places = sorted(self.plans)
        if not places:
            last = len(self.budgets) - 1
            raise SolveError(
                say(
                    "none of the budgets has a plan, not even {budget}: {reason}",
                    budget=f"{self.budgets[last]:,.6g}",
                    reason=self.failed[last].reason,
                ),
                self.failed[last].status,
            )
        found, used, skipped = self._nested(places, way)
        nested = {place: self._plan(place, found, block) for block, place in enumerate(places)}
        freed = self._free(nested) if self._climbs else []
        alone: dict[int, PlanTables | FailedPlanTables] = {**self.plans, **self.failed}
        steps = [
            Step(budget, self.weights[place], alone[place], nested.get(place))
            for place, budget in enumerate(self.budgets)
        ]
        return Found(used, tuple(steps), self.complete, len(freed), skipped)

    def _free(self, nested: dict[int, PlanTables]) -> list[int]:
        """Return which budgets alone do better when they go on from the list's plan."""
        self.steps.begin(AGAIN, len(nested))
        return [place for place in self.steps.each(nested) if self._free_from(place, nested[place])]

    def _free_from(self, place: int, nested: PlanTables) -> bool:
        """Let a budget alone go on from the list's plan; return whether that is better than what was planned before."""
        nest = Nest([self.blocks[place]], [1.0], self.units, self.options, self.clock)
        nest.begin_from([nested.outcome.result])
        found = nest.best([rankings_of([self.blocks[place]], [nested.solution.x])], climb=True)
        before = self.plans[place].objective
        if isinstance(found, SolveResult) or found.objective <= before + SAME * (1 + abs(before)):
            return False
        self.plans[place] = self._plan(place, found, 0)
        return True

    def _nested(self, places: list[int], way: Way | None) -> tuple[Nested, Way, Message | None]:
        """Nest plans as asked; where nothing is, jointly, or by the better of the two others if that is too large."""
        if way in (Way.FORWARD, Way.BACKWARD):
            self.steps.begin(IN_TURN, len(places))
            return self._greedy(places, way), way, None
        joint = way is Way.JOINT or len(places) * self.base.program.n_columns <= LARGEST_JOINT
        if joint and not self._climbs:
            found = self._jointly(places, [self._own_rankings(places)])
            if isinstance(found, SolveResult):
                raise SolveError(_ended(found), found.termination.status)
            return found, Way.JOINT, None
        best, one, skipped = self._better_greedy(places)
        if not joint:
            return one, best, skipped
        # from the better of the other lists too, so that none of them is better than this one
        starts = [self._own_rankings(places), rankings_of([self.blocks[place] for place in places], one.plans)]
        if self.base.program.n_columns <= SMALL:
            starts += [(ranking,) * len(places) for ranking in self._own_rankings(places)]
        found = self._jointly(places, starts)
        if isinstance(found, Nested):
            return found, Way.JOINT, None
        if not found.termination.is_limit:
            raise SolveError(_ended(found), found.termination.status)
        self.complete = False
        return one, best, skipped

    def _jointly(self, places: list[int], starts: list[Rankings]) -> Nested | SolveResult:
        weights = [self._weight(places, place) for place in places]
        nest = Nest([self.blocks[place] for place in places], weights, self.units, self.options, self.clock)
        nest.begin_from([self.plans[place].outcome.result for place in places])
        self.steps.begin(TOGETHER, len(starts))
        found = nest.best(self.steps.each(starts), climb=self._climbs)
        self.complete &= nest.complete
        return found

    def _better_greedy(self, places: list[int]) -> tuple[Way, Nested, Message | None]:
        """Return the better of the lists found budget by budget, and why one of them was not found."""
        self.steps.begin(IN_TURN, 2 * len(places), exact=False)
        forward = self._greedy(places, Way.FORWARD)
        try:
            backward = self._greedy(places, Way.BACKWARD)
        except TooLittleError as failure:
            return Way.FORWARD, forward, failure.message if isinstance(failure.message, Message) else None
        if backward.objective > forward.objective:
            return Way.BACKWARD, backward, None
        return Way.FORWARD, forward, None

    def _greedy(self, places: list[int], way: Way) -> Nested:
        """Nest plans one budget after the other."""
        forward, bound = way is Way.FORWARD, None
        found: dict[int, Nested] = {}
        for place in self.steps.each(places if forward else places[::-1]):
            sides: dict[str, Vector] = {} if bound is None else {"floor" if forward else "ceiling": bound}
            nest = Nest([self.blocks[place]], [1.0], self.units, self.options, self.clock, **sides)
            nest.begin_from([self.plans[place].outcome.result])
            starts: list[Rankings] = [self._own_rankings([place])]
            if found and self._climbs and self.base.program.n_columns <= SMALL:
                starts.append(rankings_of([self.blocks[place]], next(reversed(found.values())).plans))
            one = nest.best(starts, climb=self._climbs)
            self.complete &= nest.complete
            if isinstance(one, SolveResult):
                raise self._stuck(nest, place, one)
            found[place] = one
            bound = self.units.spent(one.plans[0])
            bound[bound < self.options.zero_tolerance] = 0.0
        return Nested(
            float(sum(self._weight(places, place) * found[place].objective for place in places)),
            tuple(found[place].rankings[0] for place in places),
            tuple(found[place].plans[0] for place in places),
            found[places[-1]].result,
        )

    def _stuck(self, nest: Nest, place: int, end: SolveResult) -> SolveError:
        """Say why a budget has no plan within the ceilings of the next larger one."""
        if end.termination not in (Termination.INFEASIBLE, Termination.INFEASIBLE_OR_UNBOUNDED):
            return SolveError(_ended(end), end.termination.status)
        more = lacking(nest)
        most = np.argsort(-more, kind="stable")[:MOST_NAMED]
        names = [
            _name(self.units.labels.iloc[unit]) for unit in most if more[unit] > self.options.feasibility_tolerance
        ]
        rules = self.base.sets.case.table("rules")
        hard = rules.loc[rules["enabled"].astype(bool) & rules["price"].isna(), "rule"].tolist() if len(rules) else []
        return TooLittleError(
            say(
                "method backward found no plan of budget {budget} within what the next larger budget gives: the hard "
                "rules ({rules}) and shares need more money for {units}. Methods forward and joint need no such luck.",
                budget=f"{self.budgets[place]:,.6g}",
                rules=", ".join(map(str, hard[:MOST_NAMED])) or "–",
                units="; ".join(names) or "–",
            )
        )

    def _weight(self, places: list[int], place: int) -> float:
        return self.weights[place] / sum(self.weights[one] for one in places)

    @property
    def _climbs(self) -> bool:
        fixed = any(one.outcome.method is OverlapMethod.FIXED for one in self.plans.values())
        return is_penalised(self.base.sets.case) and not fixed

    def _own_rankings(self, places: list[int]) -> Rankings:
        return tuple(self.plans[place].outcome.ranking for place in places)

    def _plan(self, place: int, found: Nested, block: int) -> PlanTables:
        """Return the plan of a budget; its prices are those of the budget alone, and no one's to read."""
        compiled = replace(self.blocks[place], program=ranked(self.blocks[place], found.rankings[block]))
        outcome: Outcome = self.plans[place].outcome
        return PlanTables(
            Solution(replace(outcome, compiled=compiled, ranking=found.rankings[block], x=found.plans[block]))
        )


def _name(labels: pd.Series) -> str:
    return ", ".join(str(label) for label in labels if label != "")


def _ended(end: SolveResult) -> Message:
    return say("the search for nested plans ended with '{end}'; allow more time, or try another engine.",
               end=end.termination.value)  # fmt: skip
