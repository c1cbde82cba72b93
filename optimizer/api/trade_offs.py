"""Trade-offs as users touch them: what a budget buys, what measures cost each other, and plans that are as good."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.analysis.alternatives import AlternativesTables, find_alternatives
from optimizer.analysis.budget_curve import BudgetCurveTables, trace_budget
from optimizer.analysis.frontier import FrontierTables, trace_frontier
from optimizer.api.study import Study
from optimizer.arguments import checked, checked_methods
from optimizer.data.case import CaseTables
from optimizer.export.alternatives import keeping
from optimizer.export.charts.trade_offs import curve_chart, frontier_chart, ranges_chart
from optimizer.export.study import save_study
from optimizer.export.trade_offs import (
    bends_frame,
    cells_frame,
    curve_frame,
    frontier_frame,
    ranges_frame,
)
from optimizer.language import Language, sentence
from optimizer.options import SolveOptions, spoken
from optimizer.plan.plan import PlanTables
from optimizer.solvers.result import ProgressHook

CURVE, BENDS, POINTS = sentence("Budget curve"), sentence("Bends"), sentence("Frontier")
RANGES, PLANS, CELLS = sentence("Ranges"), sentence("Alternatives"), sentence("Sites")
"""Sheets of the workbooks."""


@checked_methods
@dataclass(frozen=True, eq=False, repr=False, init=False)
class BudgetCurve(Study[BudgetCurveTables]):
    """What a budget buys: a piecewise linear curve with a name for every bend. Made by :func:`budget_curve`."""

    @property
    def table(self) -> pd.DataFrame:
        """The pieces of the curve, one a line.

        ``budget_from`` and ``budget_to`` [money]; the optimum at both [money]; ``shadow_price``, the slope: what one
        more unit of budget adds; ``outcome_gap``, the most the curve can lie above the line, 0 where it is exact;
        ``bend``, what happens where the piece begins, or on the way through one that was not resolved, in words
        (``.text("ko")`` tells it in Korean).
        """
        return self.found.table

    @property
    def breakpoints(self) -> pd.DataFrame:
        """Every limit or activity that starts or stops to have a price at a bend, those that weigh most first."""
        return self.found.breakpoints

    @property
    def exact(self) -> bool:
        """Whether every piece was resolved; otherwise ``outcome_gap`` says how far the curve can lie above."""
        return self.found.exact

    @property
    def today(self) -> float:
        """The budget as the case has it [money]."""
        return self.found.today

    def outcome(self, budget: float) -> tuple[float, float]:
        """Return between which two figures the optimum is at a budget [money]; the same where the piece is exact.

        Raises
        ------
        InputError
            If the budget is outside of the curve.
        """
        return self.found.outcome(budget)

    def shadow_price(self, budget: float) -> float:
        """Return what one more unit of budget adds at a budget; at a bend, on the piece that ends there.

        Raises
        ------
        InputError
            If the budget is outside of the curve.
        """
        return self.found.shadow_price(budget)

    def plot(self, language: Language | str | None = None) -> Any:
        """Return the curve as a plotly figure, with today's budget marked and each bend's name on its point."""
        return curve_chart(self.found, spoken(language))

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write the pieces, every bend and the notes as one workbook."""
        tables = {CURVE: lambda said: curve_frame(self.found, said), BENDS: lambda said: bends_frame(self.found, said)}
        return save_study(self.found.plan.case, tables, self.notes, path, language)


@checked_methods
@dataclass(frozen=True, eq=False, repr=False, init=False)
class Frontier(Study[FrontierTables]):
    """Plans between which nothing is gained without giving something up. Made by :func:`frontier`."""

    @property
    def table(self) -> pd.DataFrame:
        """The points, one a line, the best of the first measure first.

        ``measure_...``, the true values of what is traded; ``linear_overlap``, the overlap by the ranking of the
        program, on which the ceilings stand [money]; ``best_of``, of which measure a point is the exact extreme;
        ``distance`` before the plane through the best values, all scaled to 0..1, and ``turn``, the knee: the greatest;
        then figures as in a plan's summary. With balance, ``largest_region_share`` of the public money, and
        ``hoover``: the share that would have to move for all regions to get the same.
        """
        return self.found.table

    @property
    def knee(self) -> int | None:
        """Line of the table at which the trade turns; ``None`` where it does not."""
        return self.found.knee

    def allocation(self, point: int) -> pd.DataFrame:
        """Return who spends what where and when in the plan of a point, a line of the table [money].

        Raises
        ------
        InputError
            If the table has no such line.
        """
        return self.found.allocation(point)

    def plot(self, language: Language | str | None = None) -> Any:
        """Return the first measure over the second as a plotly figure, coloured by a third, with the knee marked."""
        return frontier_chart(self.found, spoken(language))

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write the points and the notes as one workbook."""
        tables = {POINTS: lambda said: frontier_frame(self.found, said)}
        return save_study(self.found.plan.case, tables, self.notes, path, language)


@checked_methods
@dataclass(frozen=True, eq=False, repr=False, init=False)
class Alternatives(Study[AlternativesTables]):
    """Plans that are nearly as good, and how far money can move. Made by :func:`alternatives`."""

    @property
    def table(self) -> pd.DataFrame:
        """How far the money of each cluster, stage, funder, field or region can move, one a line.

        ``plan``, ``least`` and ``greatest`` public money over the horizon [money], and the same as shares of all
        budgets.
        """
        return self.found.table

    @property
    def plans(self) -> pd.DataFrame:
        """The different plans, one a line.

        ``verified``: feasible and within slack, both recomputed; ``loss``, share of the plan's true objective given up;
        ``lp_objective``; ``moved`` and ``nearest``, the money that sits at other sites than in the plan and than in the
        most similar one before [money]; ``violation``, relative; then figures as in a plan's summary.
        """
        return self.found.plans

    @property
    def cells(self) -> pd.DataFrame:
        """What plans within slack have in common, one line per site.

        ``plan``, its public money over the horizon; ``standing``: funded in every such plan, in none, in some, or
        what is not proven beyond the plans found; ``least``, what every plan spends there at the least where that was
        proven to be more than nothing [money].
        """
        return self.found.cells

    def allocation(self, number: int) -> pd.DataFrame:
        """Return who spends what where and when in the plan of a number [money].

        Raises
        ------
        InputError
            If there is no plan of that number.
        """
        return self.found.allocation(number)

    def plot(self, language: Language | str | None = None) -> Any:
        """Return the ranges as a plotly figure: a bar each, the plan marked."""
        return ranges_chart(self.found, spoken(language))

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write ranges, plans, sites and notes as one workbook."""
        tables = {
            RANGES: lambda said: ranges_frame(self.found, said),
            PLANS: lambda said: self.plans,
            CELLS: lambda said: cells_frame(self.found, said),
        }
        return save_study(self.found.plan.case, tables, self.notes, path, language)


@checked
def budget_curve(  # noqa: PLR0913  # which budget, from where to where, and how exactly
    case_or_plan: CaseTables | PlanTables,
    *,
    funder: str | None = None,
    year: int | None = None,
    low: float | None = None,
    high: float | None = None,
    most: int | None = None,
    tolerance: float = 0.0,
    options: SolveOptions | None = None,
    progress: ProgressHook | None = None,
) -> BudgetCurve:
    """Return the exact piecewise linear curve of what a budget buys, with named bends.

    It is the optimum (``lp_objective``) of the linear program of the plan, in which overlap counts by the plan's last
    ranking, against the sum of the budgets that move; the true objective of the plans on it is never below it. The
    budgets move in proportion to their amounts of today, and with each what may be carried over.

    Parameters
    ----------
    case_or_plan
        A case, which is planned first, or a plan.
    funder, year
        Whose budget and which one moves; all of them where left out.
    low, high
        Ends of the curve [money]; by default half of today's budget and one and a half times it. Where hard floors need
        more than ``low``, the curve begins at the least budget that has a plan.
    most
        Most solves; by default 10,000 for small programs, 25 above 10,000 columns, whose curves have thousands of
        pieces. What is not told apart is bounded from both sides (``outcome_gap``).
    tolerance
        Gap that may be left anywhere, as a share of the largest optimum.
    options
        How to solve; the time limit holds for the curve, which then ends with what is known.
    progress
        Called at each step and every second of a long solve with a :class:`~optimizer.solvers.result.Progress`, whose
        ``part`` says how many steps are done, of how many, and how long the others take where that is known.

    Raises
    ------
    InputError
        If funder or year are unknown, or the ends, ``most`` or ``tolerance`` out of range.
    SolveError
        If the case has no plan, or no budget up to ``high`` has one.

    Examples
    --------
    >>> import optimizer as vc
    >>> curve = vc.budget_curve(vc.load_case("inputs/tutorial"), funder="msit", year=2028, low=60, high=100)
    >>> curve.exact, curve.table["shadow_price"].is_monotonic_decreasing
    (True, True)
    """
    return BudgetCurve(
        trace_budget(
            case_or_plan,
            funder=funder,
            year=year,
            low=low,
            high=high,
            most=most,
            tolerance=tolerance,
            options=options,
            progress=progress,
        )
    )


@checked
def frontier(  # what is traded, how finely, and how it is solved
    case_or_plan: CaseTables | PlanTables,
    measures: Sequence[str] = ("worth", "overlap"),
    points: int | None = None,
    *,
    by: int | None = None,
    options: SolveOptions | None = None,
    progress: ProgressHook | None = None,
) -> Frontier:
    """Return plans between which nothing is gained in one measure without giving up some of another.

    The extremes are exact (lexicographic), the points between them lie at evenly spread floors of the further measures
    (augmented epsilon-constraint), so that also points inside of the convex hull are found. See
    :mod:`optimizer.analysis.measures` for the measures' definitions.

    Parameters
    ----------
    case_or_plan
        A case, which is planned first, or a plan; its last ranking counts the overlap.
    measures
        Two or three of ``worth`` (launches and pipeline less the price of broken rules), ``overlap`` (discounted, as
        the penalty weighs it), ``balance`` (public money of the region that gets least), ``launches`` and ``private``
        (private money). The first one is optimised under floors of the others.
    points
        Floors of each further measure, the extremes included: by default 9 with two measures and 4 with three.
    by
        Year up to which launches count; the whole horizon where left out.
    options
        How to solve; the time limit holds for the frontier.
    progress
        Called at each step and every second of a long solve with a :class:`~optimizer.solvers.result.Progress`, whose
        ``part`` says how many steps are done, of how many, and how long the others take where that is known.

    Raises
    ------
    InputError
        If measures, points or year are none.
    SolveError
        If the case has no plan, or the engine fails.

    Examples
    --------
    >>> import optimizer as vc
    >>> found = vc.frontier(vc.load_case("inputs/tutorial"), ("worth", "launches"), points=5, by=2030)
    >>> found.table["measure_worth"].is_monotonic_decreasing, found.table["measure_launches"].is_monotonic_increasing
    (True, True)
    """
    return Frontier(trace_frontier(case_or_plan, measures, points, by=by, options=options, progress=progress))


@checked
def alternatives(  # noqa: PLR0913  # how near, how many, of what, and how they are found
    case_or_plan: CaseTables | PlanTables,
    slack: float = 0.02,
    n: int = 5,
    *,
    by: Sequence[str] = ("funder", "stage", "cluster"),
    checks: int | None = None,
    out: str | Path | None = None,
    options: SolveOptions | None = None,
    progress: ProgressHook | None = None,
) -> Alternatives:
    """Return plans that are nearly as good as one, and how far the money of each place can move.

    Plans are admitted by the linear program of the plan's last ranking. As its overlap is never below the true one, the
    true objective of each is within slack; other rankings could admit more, so ranges can be too narrow, never too
    wide. Every plan is checked by recomputing rows, bounds and objective from the matrices.

    Parameters
    ----------
    case_or_plan
        A case, which is planned first, or a plan.
    slack
        Share of the plan's true objective that may be given up.
    n
        Number of different plans, found one after the other, each far from those before.
    by
        What ranges are found of: ``funder``, ``stage``, ``cluster``, ``field``, ``region``.
    checks
        Most solves spent on proving which sites every plan funds and which none; by default as many as it takes for
        small programs, 20 above 10,000 columns.
    out
        A new folder into which everything is written as soon as it is found, so that a run that is killed keeps it.
    options
        How to solve; the time limit holds for the search. Without options a search in a program of more than 10,000
        columns ends after 60 s with what it has.
    progress
        Called at each step and every second of a long solve with a :class:`~optimizer.solvers.result.Progress`, whose
        ``part`` says how many steps are done, of how many, and how long the others take where that is known.

    Raises
    ------
    InputError
        If a parameter is out of range, or the folder is not empty.
    SolveError
        If the case has no plan, or the engine fails.

    Examples
    --------
    >>> import optimizer as vc
    >>> found = vc.alternatives(vc.load_case("inputs/tutorial"), slack=0.01, n=2, by=["funder"])
    >>> bool(found.plans["verified"].all()), found.table["label"].tolist()
    (True, ['msit', 'mohw', 'motie'])
    """
    with nullcontext() if out is None else keeping(Path(out)) as keep:
        found = find_alternatives(
            case_or_plan, slack, n, by=by, checks=checks, options=options, progress=progress, keep=keep
        )
    return Alternatives(found)
