"""Plans that are nearly as good: how far each place's money can move, and plans that are as different as can be.

within slack   With ``v`` the true objective of a plan and ``z`` its value by the linear program of its last ranking, a plan
               is admitted if that program gives it ``min(z, v - slack |v|)`` or more. The linear penalty of a ranking is
               never below the true one (FORMULATION 4), so the true objective of every plan admitted is no less than
               that; a plan can be truly within slack and yet not be admitted, for it would need another ranking. The
               ranges found can therefore be too narrow, never too wide.
ranges         The least and the greatest public money of a cluster, stage, funder, field or region over the horizon: two
               linear programs each. Shares are of the total budget, which is the same for all plans.
different      The distance of two plans is the money that sits at other sites. Each next plan climbs the sum of its
               distances from those before by linear programs, from the most different plan met so far; where there is
               none yet, away from the sites in use (Hop-Skip-Jump: E. D. Brill, S.-Y. Chang, L. D. Hopkins, Management
               Science 28 (1982) 221-235). The climb ends at a plan that is far, not provably the furthest.
cells          A site is a must where every admitted plan funds it, never funded where none does, and interchangeable where
               two plans are at hand of which one does. Musts and nevers are proven by linear programs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.analysis.planned import planned
from optimizer.blocks.funding import budgets
from optimizer.blocks.sets import Sets
from optimizer.data.case import CaseTables
from optimizer.errors import InputError
from optimizer.language import Message, say, sentence
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import SolveOptions, one_of
from optimizer.plan.plan import PlanTables
from optimizer.plan.solution import Solution
from optimizer.plan.summary import plan_summary
from optimizer.plan.tables import in_unit, site_labels
from optimizer.planning.sequence import SMALL
from optimizer.solvers.near_optimal import NearOptimal, check
from optimizer.solvers.result import ProgressHook

NOTHING = 1e-6
"""Money that counts as none, as a share of the total budget."""
SOUND = 1e-6
"""Largest relative violation, and loss beyond the slack, that counts as rounding."""
ENOUGH = 60.0
"""Seconds that are spent on large programs where no options are given."""
MOST_CHECKS = 20
"""Solves that are spent on proving musts and nevers in large programs where no number is given."""
CLIMBS = 3
"""Most linear programs for one different plan; a fourth hardly ever moved more money in trials."""
FIGURES = ("objective", "worth", "overlap_penalty", "rule_price", "spend", "private", "launches")


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
    ok
        Whether it is feasible and its true objective within slack.
    """

    number: int
    solution: Solution
    moved: float
    nearest: float
    violation: float
    lp_objective: float
    ok: bool


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
    complete
        Whether no limit ended anything.
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
    complete: bool
    solves: int
    seconds: float

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
        best = self.plan.objective
        lines = []
        for one in self.found:
            summary = plan_summary(one.solution)
            lines.append(
                {
                    "number": one.number,
                    "ok": one.ok,
                    "loss": (best - float(summary["objective"])) / abs(best) if best else np.nan,
                    "lp_objective": one.lp_objective,
                    "moved": one.moved,
                    "nearest": one.nearest,
                    "violation": one.violation,
                    **{name: float(summary[name]) for name in FIGURES},
                }
            )
        named = ["number", "ok", "loss", "lp_objective", "moved", "nearest", "violation", *FIGURES]
        return in_unit(pd.DataFrame(lines, columns=named), self.plan.case.currency)

    @property
    def plans(self) -> pd.DataFrame:
        """The different plans, one a line.

        ``ok``: feasible and within slack, both recomputed; ``loss``, share of the plan's true objective given up;
        ``lp_objective``; ``moved`` and ``nearest``, the money that sits at other sites than in the plan and than in the
        most similar one before [money]; ``violation``, relative; then figures as in a plan's summary.
        """
        return self._plans.copy()

    @cached_property
    def _cells(self) -> pd.DataFrame:
        sets = self.plan.solution.sets
        frame = pd.DataFrame(site_labels(sets, np.arange(len(sets.sites))))
        frame["plan"] = _site_money(self.plan.solution)
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
                "Within slack: the linear program of the plan's last ranking gives the plan {floor} {currency} or more. "
                "The true objective is never below that. Other rankings may admit more plans, so the ranges can be too "
                "narrow, never too wide.",
                floor=f"{self.floor:,.6g}",
                currency=self.plan.case.currency,
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
        if not self.complete:
            notes.append(
                say(
                    "A limit ended the search after {seconds} s: {ranges} ranges and {plans} plans were found by then. "
                    "Allow more time.",
                    seconds=f"{self.seconds:,.0f}",
                    ranges=len(self.spans),
                    plans=len(self.found),
                )
            )
        return tuple(notes)

    def __repr__(self) -> str:
        ends = "" if self.complete else ", stopped by a limit"
        return (
            f"Alternatives({self.plan.case.name!r}: {len(self.found)} plans and {len(self.spans)} ranges within "
            f"{100 * self.slack:g} %{ends})"
        )


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
    plan = planned(case_or_plan, options, progress)
    if options is None:
        large = plan.solution.program.n_columns > SMALL
        options = replace(plan.outcome.options, time_limit=ENOUGH if large else None)
    began = time.perf_counter()
    search = _Search(plan, slack, options, progress, keep or (lambda found: None))
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
        complete=search.complete,
        solves=search.near.solves,
        seconds=time.perf_counter() - began,
    )


class _Search:
    """Everything found so far; the money of all plans met on the way is kept by site."""

    def __init__(
        self, plan: PlanTables, slack: float, options: SolveOptions, progress: ProgressHook | None, keep: Keep
    ) -> None:
        self.plan = plan
        self.keep = keep
        self.slack = slack
        self.program: LinearProgram = plan.solution.program
        self.sets: Sets = plan.solution.sets
        own = float(self.program.cost @ plan.solution.x)
        self.floor = min(own, plan.objective - slack * abs(plan.objective))
        self.near = NearOptimal(self.program, self.floor, options, progress)
        self.public = self.program.columns.positions("public")
        self.site = np.repeat(self.sets.site_pairs[0], self.sets.n_years)
        self.nothing = NOTHING * max(float(budgets(self.sets).sum()), 1.0)
        self.met: list[Vector] = [plan.solution.x]
        self.money: list[Vector] = [_site_money(plan.solution)]
        self.found: list[Alternative] = []
        self.spans: list[Range] = []
        self.least = np.full(len(self.sets.sites), np.nan)
        self.proven_never = np.zeros(len(self.sets.sites), dtype=bool)
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
        self.money.append(np.bincount(self.site, weights=x[self.public], minlength=len(self.sets.sites)))
        return x

    def _by_site(self, weights: Vector) -> Vector:
        vector = np.zeros(self.program.n_columns)
        vector[self.public] = weights[self.site]
        return vector

    # --- different plans ----------------------------------------------------------------------------------------------

    def different(self, n: int) -> None:
        """Find plans one after the other, each as far from those before as the steps of a climb reach."""
        before = [self.money[0]]
        for number in range(1, n + 1):
            x = self._far_from(np.array(before))
            if x is None:
                return
            solution = Solution(replace(self.plan.outcome, x=x))
            money = _site_money(solution)
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
                ok=bool(kept and seen.violation <= SOUND),
            )
            self.found.append(one)
            before.append(money)
            self.keep(one)

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
        for _ in range(CLIMBS):
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
        for group in groups:
            for label, vector in members(self.program, self.sets, group):
                span = self._range(group, label, vector)
                if span is None:
                    return
                self.spans.append(span)
                self.keep(span)

    def _range(self, group: Group, label: str, vector: Vector) -> Range | None:
        least = min(float(vector @ x) for x in self.met)
        if least > self.nothing:  # money is never below 0, so a plan at hand without any is the least
            x = self._extreme(vector, greatest=False)
            if x is None:
                return None
            least = float(vector @ x)
        x = self._extreme(vector, greatest=True)
        if x is None:
            return None
        own = float(vector @ self.met[0])
        return Range(group, label, own, min(max(least, 0.0), own), max(float(vector @ x), own))

    # --- what they have in common -------------------------------------------------------------------------------------

    def prove(self, most: float) -> None:
        """Prove which sites no plan funds, and which every plan does, by at most so many solves."""
        end = self.near.solves + most
        while self.near.solves < end and (never := self._lowest_and_highest()[1] <= self.nothing).any():
            if self._extreme(self._by_site(never.astype(float)), greatest=True) is None:
                return
            if self.money[-1][never].max() <= self.nothing:
                self.proven_never = never
                break
        # first all of them together, which drops most that are no must, then one by one
        while self.near.solves < end and (must := self._lowest_and_highest()[0] > self.nothing).any():
            weights = np.where(must, 1 / np.where(must, self.money[0], 1.0), 0.0)
            if self._extreme(self._by_site(weights), greatest=False) is None:
                return
            if self.money[-1][must].min() > self.nothing:
                break
        for site in np.flatnonzero(self._lowest_and_highest()[0] > self.nothing):
            if self.near.solves >= end or self._lowest_and_highest()[0][site] <= self.nothing:
                continue
            if self._extreme(self._by_site(np.eye(1, len(self.least), site)[0]), greatest=False) is None:
                return
            if self.money[-1][site] > self.nothing:
                self.least[site] = self.money[-1][site]

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


def _site_money(solution: Solution) -> Vector:
    """Return the public money of each site over the horizon [money]."""
    return solution.quantity("spent_at_site").sum(axis=1)
