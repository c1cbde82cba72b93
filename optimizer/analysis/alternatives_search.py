"""The search for plans that are nearly as good; :mod:`optimizer.analysis.alternatives` says what is found and how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd

from optimizer.blocks.funding import budgets
from optimizer.blocks.sets import Sets
from optimizer.errors import InputError
from optimizer.language import say, sentence
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import SolveOptions
from optimizer.plan.plan import PlanTables
from optimizer.plan.solution import Solution
from optimizer.solvers.near_optimal import FRESH, NearOptimal, check
from optimizer.solvers.steps import Steps

NOTHING = 1e-6
"""Money that counts as none, as a share of the total budget."""
SOUND = 1e-6
"""Largest relative violation, and loss beyond the slack, that counts as rounding."""
PARTS = (DIFFERENT, RANGES, IN_COMMON) = (
    sentence("different plans"),
    sentence("least and greatest amounts"),
    sentence("what plans have in common"),
)
"""The parts of the search."""
CLIMBS, CLIMBS_LARGE = 3, 1
"""Most linear programs for one different plan in small and in large programs; a fourth hardly moved more money."""


class Group(StrEnum):
    """What the money of plans is told apart by."""

    CLUSTER = "cluster"
    STAGE = "stage"
    FUNDER = "funder"
    FIELD = "field"
    REGION = "region"


class Standing(StrEnum):
    """What near-optimal plans have in common about a site."""

    MUST = sentence("funded in every such plan")
    NEVER = sentence("funded in no such plan")
    INTERCHANGEABLE = sentence("funded in some, not in others")
    ALWAYS_SO_FAR = sentence("funded in every plan found")
    NEVER_SO_FAR = sentence("funded in no plan found")


@dataclass(frozen=True, eq=False)
class Alternative:
    """A plan that is nearly as good.

    Attributes
    ----------
    number
        Its number, from 1 on.
    solution
        The plan.
    moved, nearest
        Money that sits at other sites than in the plan, and than in the most similar one before it [money].
    violation
        Largest violation of a row or bound of the program, relative, recomputed from the matrices.
    lp_objective
        Its value by the linear program, recomputed likewise [money].
    verified
        Whether it is feasible and its true objective within slack.
    """

    number: int
    solution: Solution
    moved: float
    nearest: float
    violation: float
    lp_objective: float
    verified: bool


@dataclass(frozen=True)
class Range:
    """How far the money of one cluster, stage, funder, field or region can move [money].

    Attributes
    ----------
    group, label
        What it is the money of.
    plan, least, greatest
        In the plan; the least and the greatest of all plans within slack.
    """

    group: Group
    label: str
    plan: float
    least: float
    greatest: float


Keep = Callable[["Alternative | Range"], None]
"""Told of everything that is found, as soon as it is."""


class Search:
    """Everything found so far; the money of all plans met on the way is kept by site."""

    def __init__(self, plan: PlanTables, slack: float, options: SolveOptions, steps: Steps, keep: Keep) -> None:
        self.plan = plan
        self.steps = steps
        self.steps.limit(options.time_limit)
        self.keep = keep
        self.slack = slack
        self.program: LinearProgram = plan.solution.program
        self.sets: Sets = plan.solution.sets
        own = float(self.program.cost @ plan.solution.x)
        self.floor = min(own, plan.objective - slack * abs(plan.objective))
        self.near = NearOptimal(self.program, self.floor, options, steps.hook)
        self.public = self.program.columns.positions("public")
        self.site = np.repeat(self.sets.site_pairs[0], self.sets.n_years)
        self.budgets = budgets(self.sets)
        self.nothing = NOTHING * max(float(self.budgets.sum()), 1.0)
        self.met: list[Vector] = [plan.solution.x]
        self.money: list[Vector] = [site_money(plan.solution)]
        self.found: list[Alternative] = []
        self.spans: list[Range] = []
        self.least = np.full(len(self.sets.sites), np.nan)
        self.proven_never = np.zeros(len(self.sets.sites), dtype=bool)
        self.unsettled = 0
        self.exhausted = False
        self.complete = True

    def _extreme(self, vector: Vector, *, greatest: bool) -> Vector | None:
        """Return an extreme point and remember it; ``None`` when the time is up."""
        if not self.complete:
            return None
        x = self.near.extreme(vector, greatest=greatest)
        if x is None:
            self.complete = False
            return None
        self.met.append(x)
        money = np.bincount(self.site, weights=x[self.public], minlength=len(self.sets.sites))
        self.money.append(money.astype(float))
        return x

    def _by_site(self, weights: Vector) -> Vector:
        vector = np.zeros(self.program.n_columns)
        vector[self.public] = weights[self.site]
        return vector

    # --- different plans ----------------------------------------------------------------------------------------------

    def different(self, n: int) -> None:
        """Find plans one after the other, each as far from those before as the steps of a climb reach."""
        self.steps.begin(DIFFERENT, n, exact=False)
        before = [self.money[0]]
        for number in range(1, n + 1):
            x = self._far_from(np.array(before))
            if x is None:
                return
            solution = Solution(replace(self.plan.outcome, x=x))
            money = site_money(solution)
            distances = np.abs(money - before).sum(axis=1) / 2
            if distances.min() <= self.nothing:
                self.exhausted = True
                return
            seen = check(self.program, x)
            kept = solution.objective >= self.floor - SOUND * (1 + abs(self.floor))
            one = Alternative(
                number=number,
                solution=solution,
                moved=float(distances[0]),
                nearest=float(distances.min()),
                violation=seen.violation,
                lp_objective=seen.objective,
                verified=bool(kept and seen.violation <= SOUND),
            )
            self.found.append(one)
            before.append(money)
            self.keep(one)
            self.steps.advance()

    def _far_from(self, before: Vector) -> Vector | None:
        """Return a plan far from others by the money of its sites, shape (plans, sites); ``None`` when time is up.

        The sum of the distances is convex. Its slope at a plan is that of a linear function whose greatest plan is no
        nearer, so the climb never loses. It begins at the plan met so far that is furthest from its nearest.
        """
        nearest = [np.abs(money - before).sum(axis=1).min() for money in self.money]
        start = int(np.argmax(nearest))
        x, money = self.met[start], self.money[start]
        slope = np.sign(money - before).sum(axis=0)
        if nearest[start] <= self.nothing:  # nothing but the plans themselves: away from the sites they use
            slope = 1 - 2 * (before > self.nothing).mean(axis=0)
        reached = np.abs(money - before).sum()
        for _ in range(CLIMBS if self.program.n_columns < FRESH else CLIMBS_LARGE):
            higher = self._extreme(self._by_site(slope), greatest=True)
            if higher is None:
                return None
            money = self.money[-1]
            distance = np.abs(money - before).sum()
            if distance <= reached + self.nothing:
                break
            x, reached, slope = higher, distance, np.sign(money - before).sum(axis=0)
        return x

    # --- ranges -------------------------------------------------------------------------------------------------------

    def ranges(self, groups: Sequence[Group]) -> None:
        """Find the least and the greatest money of every member of some groups."""
        self.steps.begin(RANGES, sum(len(members(self.program, self.sets, group)) for group in groups))
        for group in groups:
            for label, vector in members(self.program, self.sets, group):
                span = self._range(group, label, vector)
                if span is None:
                    return
                self.spans.append(span)
                self.keep(span)
                self.steps.advance()

    def _range(self, group: Group, label: str, vector: Vector) -> Range | None:
        least = min(float(vector @ x) for x in self.met)
        # a plan at hand that reaches what no plan can go beyond spares the solve
        if least > self.nothing:  # money is never below 0
            x = self._extreme(vector, greatest=False)
            if x is None:
                return None
            least = float(vector @ x)
        greatest = max(float(vector @ x) for x in self.met)
        # nobody spends more than all budgets: those of the funder, where it is one
        most = self.budgets[self.sets.funders.get_loc(label)] if group is Group.FUNDER else self.budgets
        if greatest < most.sum() - self.nothing:
            x = self._extreme(vector, greatest=True)
            if x is None:
                return None
            greatest = float(vector @ x)
        own = float(vector @ self.met[0])
        return Range(group, label, own, min(max(least, 0.0), own), max(greatest, own))

    # --- what they have in common -------------------------------------------------------------------------------------

    def prove(self, most: float) -> None:
        """Prove which sites no plan funds, and which every plan does, by at most so many solves."""
        end = self.near.solves + most
        self.unsettled = self._unsettled()
        self.steps.begin(IN_COMMON, self.unsettled, exact=False)
        while self.near.solves < end and (never := self._lowest_and_highest()[1] <= self.nothing).any():
            if self._extreme(self._by_site(never.astype(float)), greatest=True) is None:
                return
            if self.money[-1][never].max() <= self.nothing:
                self.proven_never = never
            self._count()
            if self.proven_never.any():
                break
        # first all of them together, which drops most that are no must, then one by one
        while self.near.solves < end and (must := self._lowest_and_highest()[0] > self.nothing).any():
            weights = np.where(must, 1 / np.where(must, self.money[0], 1.0), 0.0)
            if self._extreme(self._by_site(weights), greatest=False) is None:
                return
            if self.money[-1][must].min() > self.nothing:
                break
            self._count()
        for site in np.flatnonzero(self._lowest_and_highest()[0] > self.nothing):
            if self.near.solves >= end or self._lowest_and_highest()[0][site] <= self.nothing:
                continue
            if self._extreme(self._by_site((np.arange(len(self.least)) == site).astype(float)), greatest=False) is None:
                return
            if self.money[-1][site] > self.nothing:
                self.least[site] = self.money[-1][site]
            self._count()

    def _unsettled(self) -> int:
        """Return of how many sites it is neither seen nor proven whether every plan funds them, or none does."""
        lowest, highest = self._lowest_and_highest()
        never, must = highest <= self.nothing, lowest > self.nothing
        return int((never & ~self.proven_never).sum() + (must & np.isnan(self.least)).sum())

    def _count(self) -> None:
        """Count the sites that the last solve settled."""
        before, self.unsettled = self.unsettled, self._unsettled()
        self.steps.advance(before - self.unsettled)

    def _lowest_and_highest(self) -> tuple[Vector, Vector]:
        money = np.array(self.money)
        return money.min(axis=0), money.max(axis=0)

    def standings(self) -> tuple[Standing, ...]:
        """Return what is known of each site."""
        lowest, highest = self._lowest_and_highest()
        some = (lowest <= self.nothing) & (highest > self.nothing)
        choices = [self.proven_never, ~np.isnan(self.least), some, highest <= self.nothing]
        words = [Standing.NEVER, Standing.MUST, Standing.INTERCHANGEABLE, Standing.NEVER_SO_FAR]
        places = np.select(choices, range(len(words)), len(words))
        return tuple([*words, Standing.ALWAYS_SO_FAR][place] for place in places)


def members(program: LinearProgram, sets: Sets, group: Group) -> list[tuple[str, Vector]]:
    """Return the members of a group that money can go to, each with the vector that adds up its public money.

    Links count for their destination and for stage ``link``; they have no field.

    Raises
    ------
    InputError
        If regions are asked for and the case has none.
    """
    columns = program.columns
    families = ("public", "link_public")
    if group is Group.REGION:
        by_cluster = pd.Series([str(name or "") for name in sets.case.table("clusters")["region"]])
        if (by_cluster == "").all():
            raise InputError(say("no cluster has a region; fill clusters.region, or leave regions out."))
        codes, labels = pd.factorize(by_cluster)
    else:
        labels = columns.dimensions[group.value]
        codes = np.arange(len(labels))
    vectors = np.zeros((len(labels), program.n_columns))
    for family in families:
        dimension = "cluster" if group is Group.REGION else group.value
        if family == "link_public" and dimension == "cluster":
            dimension = "destination"
        if family == "link_public" and group in (Group.STAGE, Group.FIELD):
            own = np.full(len(columns.positions(family)), len(sets.stages) if group is Group.STAGE else -1)
        else:
            own = columns.codes(family, dimension)
            own = codes[own] if group is Group.REGION else own
        kept = own >= 0
        vectors[own[kept], columns.positions(family)[kept]] = 1.0
    return [(str(label), vector) for label, vector in zip(labels, vectors, strict=True) if label and vector.any()]


def site_money(solution: Solution) -> Vector:
    """Return the public money of each site over the horizon [money]."""
    money: Vector = solution.quantity("spent_at_site").sum(axis=1)
    return money
