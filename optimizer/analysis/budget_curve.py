"""The exact curve of what a budget buys: piecewise linear, with a name for every bend.

curve        Z(b) = optimum of the plan's linear program when the chosen budgets add up to b. They move in proportion to
             their amounts of today, and with each the bound of what may be carried over (FORMULATION 3.4).
             Z is concave in b; its slope is the shadow price of the budget.
overlap      counts by the plan's last ranking, whose linear penalty is never below the true one (FORMULATION 4). So the
             true objective of the plans on the curve is never below it, and re-ranking can only raise it further.
bends        between two pieces some limits start to have a price and others stop; these are its names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.analysis.limits import SHOWN, Priced, listed
from optimizer.analysis.planned import PLAN, planned, unfinished
from optimizer.blocks.funding import budgets
from optimizer.blocks.sets import Sets
from optimizer.compiler import Compiled
from optimizer.data.case import CaseTables
from optimizer.data.money import Currency
from optimizer.data.names import quoted_title
from optimizer.errors import InputError, SolveError
from optimizer.language import Message, say, sentence
from optimizer.lp.labels import Codes
from optimizer.lp.parametric import Curve, Segment
from optimizer.lp.program import Vector
from optimizer.options import SolveOptions
from optimizer.plan.plan import PlanTables
from optimizer.plan.tables import in_unit
from optimizer.planning.sequence import SMALL
from optimizer.solvers.parametric import Direction, Effort, NoOptimumError, first_feasible, optimum_curve
from optimizer.solvers.result import ProgressHook, SolveResult, Termination
from optimizer.solvers.steps import Steps

LOW, HIGH = 0.5, 1.5
"""Ends of the curve where none are given, as multiples of the budget of today."""
CURVE = sentence("bends of the curve")
"""The part of the study that follows the plan."""
MOST_SOLVES, MOST_SOLVES_LARGE = 10_000, 25
"""Solves of small and of large programs where no number is given; a national case's curve has thousands of pieces."""
NO_PLAN = (Termination.INFEASIBLE, Termination.INFEASIBLE_OR_UNBOUNDED)
NUDGE = 1e-9
"""Relative step off the first feasible budget, at which rounding decides whether there is a plan."""


@dataclass(frozen=True, eq=False, repr=False)
class BudgetCurveTables:
    """What a budget buys. Made by :func:`trace_budget`.

    Attributes
    ----------
    plan
        The plan from which the curve was drawn.
    funder, year
        Whose budget and which one moves; ``None`` for all.
    today
        The budget as the case has it [money].
    asked_low
        The lower end that was asked for [money]; the curve begins later where that is infeasible.
    pieces
        The pieces of the curve, their places counted from today's budget [money].
    solves
        Linear programs solved.
    resolved
        Whether it is known as well as was asked for; otherwise a limit ended the search for its pieces.
    """

    plan: PlanTables
    funder: str | None
    year: int | None
    today: float
    asked_low: float
    pieces: tuple[Segment[SolveResult], ...]
    solves: int
    resolved: bool

    @property
    def complete(self) -> bool:
        """Whether no limit ended the search for the plan or for the pieces of the curve."""
        return self.resolved and self.plan.outcome.complete

    @property
    def exact(self) -> bool:
        """Whether every piece was resolved; otherwise column ``gap`` says how far the curve can lie above."""
        return not any(piece.gap for piece in self.pieces)

    @property
    def low(self) -> float:
        """Least budget of the curve [money]."""
        return self.today + self.pieces[0].low

    @property
    def high(self) -> float:
        """Largest budget of the curve [money]."""
        return self.today + self.pieces[-1].high

    @cached_property
    def _priced(self) -> Priced:
        return Priced(self.plan.solution.program, self.plan.case)

    @cached_property
    def _breakpoints(self) -> pd.DataFrame:
        labels, frames = self._priced.labels(), []
        tolerance = 10 * self.plan.outcome.options.feasibility_tolerance
        for before, after in zip((None, *self.pieces[:-1]), self.pieces, strict=True):
            left = after.supports[0] if after.gap or before is None else before.supports[-1]
            right = after.supports[-1] if after.gap else after.supports[0]
            was, now = self._priced.prices(left.detail), self._priced.prices(right.detail)
            changed = np.flatnonzero((was > tolerance) != (now > tolerance))
            size = np.maximum(self._priced.sizes(left.detail), self._priced.sizes(right.detail))[changed]
            weight = np.abs(now - was)[changed] * size
            order = np.argsort(-weight, kind="stable")
            changed = changed[order]
            frame = labels.iloc[changed].assign(price_before=was[changed], price_after=now[changed])
            frame.insert(0, "budget", self.today + after.low)
            frame.insert(1, "latest", self.today + (after.high if after.gap else after.low))
            frame.insert(2, "begins", now[changed] > tolerance)
            frames.append(frame)
        columns = ["budget", "latest", "begins", *labels.columns, "price_before", "price_after"]
        found = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
        return in_unit(found.dropna(axis=1, how="all") if len(found) else found, self.plan.case.currency)

    @property
    def breakpoints(self) -> pd.DataFrame:
        """Every limit or activity that starts or stops to have a price at a bend, those that weigh most first.

        ``budget`` is where, ``latest`` the same, but in a stretch that was not resolved its end; ``begins`` whether it
        has a price from there on; then its ``family`` and labels, and its price before and after, in the case's
        objective per unit. Families ``backlog``, ``starts`` and ``public`` are activities: their price is what a little
        of them would cost while there is none.
        """
        return self._breakpoints.copy()

    @cached_property
    def _table(self) -> pd.DataFrame:
        pieces, bends, labels = self.pieces, self._breakpoints, self._priced.labels().columns
        names = [
            self._name(bends[bends["budget"] == self.today + piece.low], labels, resolved=not piece.gap)
            if piece.gap or place
            else None
            for place, piece in enumerate(pieces)
        ]
        frame = pd.DataFrame(
            {
                "budget_from": [self.today + piece.low for piece in pieces],
                "budget_to": [self.today + piece.high for piece in pieces],
                "outcome_from": [piece.value for piece in pieces],
                "outcome_to": [piece.height(piece.high) for piece in pieces],
                "shadow_price": [piece.slope for piece in pieces],
                "outcome_gap": [piece.gap for piece in pieces],
                "bend": names,
            }
        )
        return in_unit(frame, self.plan.case.currency)

    def _name(self, bend: pd.DataFrame, labels: pd.Index, *, resolved: bool) -> Message:
        if bend.empty:
            return say("the same limits, at other prices")
        first = bend.reindex(columns=labels).head(SHOWN)
        events = [
            self._priced.event(line, starts=bool(starts))
            for (_, line), starts in zip(first.iterrows(), bend["begins"], strict=False)
        ]
        told = listed(events, len(bend) - len(events))
        return told if resolved else say("on the way: {events}", events=told)

    @property
    def table(self) -> pd.DataFrame:
        """The pieces of the curve, one a line.

        ``budget_from`` and ``budget_to`` [money]; the optimum at both [money]; ``shadow_price``, the slope: what one
        more unit of budget adds; ``outcome_gap``, the most the curve can lie above the line, 0 where it is exact;
        ``bend``, what happens where the piece begins, or within a stretch that was not resolved (a :class:`Message`,
        which knows English and Korean).
        """
        return self._table.copy()

    def _piece(self, budget: float) -> Segment[SolveResult]:
        if not self.low <= budget <= self.high:
            raise InputError(
                say(
                    "the curve goes from {low} to {high}, so it says nothing about {budget}; draw it further.",
                    low=f"{self.low:g}",
                    high=f"{self.high:g}",
                    budget=budget,
                )
            )
        return next(piece for piece in self.pieces if budget - self.today <= piece.high)

    def outcome(self, budget: float) -> tuple[float, float]:
        """Return between which two figures the optimum is at a budget; they are the same where the piece is exact.

        Raises
        ------
        InputError
            If the budget is outside of the curve.
        """
        piece, at = self._piece(budget), budget - self.today
        return piece.height(at), piece.bound(at)

    def shadow_price(self, budget: float) -> float:
        """Return the slope of the curve at a budget; at a bend, that of the piece which ends there.

        Raises
        ------
        InputError
            If the budget is outside of the curve.
        """
        return self._piece(budget).slope

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the curve."""
        plan = self.plan
        notes = [
            say(
                "The curve is that of the linear program with overlap counted by the plan's last ranking. The true "
                "objective of the plans on it is never below it; ranking them anew could only raise it."
            ),
            say("The budgets that move do so in proportion to their amounts of today; carry-over moves with them."),
        ]
        if plan.outcome.fixed_whole:
            notes.append(say("Whole decisions stay as the plan takes them."))
        if self.low > self.asked_low:
            notes.append(
                say(
                    "No plan fulfils the rules with less than {low}; the curve begins there and not at {asked}.",
                    low=f"{self.low:,.6g}",
                    asked=f"{self.asked_low:,.6g}",
                )
            )
        merged = [piece for piece in self.pieces if piece.gap]
        if merged:
            notes.append(
                say(
                    "{count} of {all} pieces are stretches in which further bends were not told apart after {solves} "
                    "solves. There the curve is nowhere below the line and at most {gap} above it.",
                    count=len(merged),
                    all=len(self.pieces),
                    solves=self.solves,
                    gap=f"{max(piece.gap for piece in merged):,.4g}",
                )
            )
        if not self.resolved:
            notes.append(say("A limit ended the search before all pieces were told apart; allow more time."))
        return (*notes, *unfinished(plan))

    def __repr__(self) -> str:
        exactly = sentence("BudgetCurve({case}: {low} to {high} {unit}, {pieces} pieces, exact)")
        nearly = sentence("BudgetCurve({case}: {low} to {high} {unit}, {pieces} pieces, approximate)")
        told = say(
            exactly if self.exact else nearly,
            case=quoted_title(self.plan.case),
            low=f"{self.low:,.6g}",
            high=f"{self.high:,.6g}",
            unit=Currency(self.plan.case.currency),
            pieces=len(self.pieces),
        )
        return told.text()


def trace_budget(  # noqa: PLR0913  # which budget, from where to where, and how exactly
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
) -> BudgetCurveTables:
    """Trace what a budget buys; :func:`optimizer.budget_curve` says what the parameters mean."""
    steps = Steps(progress, (PLAN, CURVE))
    plan = planned(case_or_plan, options, steps)
    compiled, outcome = plan.outcome.compiled, plan.outcome
    today, direction = _moving(compiled, funder, year)
    low, high = (LOW * today if low is None else low), (HIGH * today if high is None else high)
    if not (0 <= low < high and np.isfinite(high) and tolerance >= 0 and (most is None or most >= 2)):
        raise InputError(
            say(
                "a curve goes from a budget of 0 or more to a larger one, with a tolerance of 0 or more and 2 solves "
                "or more, not from {low} to {high} with {tolerance} and {most}.",
                low=low,
                high=high,
                tolerance=tolerance,
                most=most,
            )
        )
    options = options or replace(outcome.options, time_limit=None)
    few = MOST_SOLVES if compiled.program.n_columns <= SMALL else MOST_SOLVES_LARGE
    places: list[float] = []
    effort = Effort(most=most or few, tolerance=tolerance, watch=places.append, steps=steps)
    basis = outcome.result.basis if outcome.result.has_basis else None
    program = compiled.program

    def trace(begin: float) -> Curve[SolveResult]:
        steps.limit(options.time_limit)
        # a number of solves that no curve comes near says nothing of the time left
        steps.begin(CURVE, None if effort.most >= MOST_SOLVES else effort.most, exact=False)
        return optimum_curve(program, direction, begin, high - today, options=options, effort=effort, basis=basis)

    try:
        curve = trace(low - today)
    except NoOptimumError as end:
        if end.at != low - today or end.termination not in NO_PLAN:
            raise
        first = first_feasible(program, direction, low - today, high - today, options)
        if first is None:
            raise SolveError(
                say("no budget between {low} and {high} has a plan; relax hard floors.", low=low, high=high)
            ) from None
        first = min(first + NUDGE * (1 + abs(high - today)), high - today)
        curve = trace(first)
    return BudgetCurveTables(plan, funder, year, today, low, curve.pieces, len(places), curve.complete)


def _moving(compiled: Compiled, funder: str | None, year: int | None) -> tuple[float, Direction]:
    """Return today's budget of a funder, a year or all, and what moves per unit of it."""
    sets, program = compiled.sets, compiled.program
    chosen = np.ix_(_place(sets.funders, funder, "funder"), _place(sets.years, year, "year"))
    amounts = budgets(sets)
    today = float(amounts[chosen].sum())
    share = np.zeros_like(amounts)
    if today > 0:
        share[chosen] = amounts[chosen] / today
    elif share[chosen].size == 1:
        share[chosen] = 1.0
    else:
        raise InputError(say("there is no budget to move in proportion: all of it is 0. Name one funder and one year."))
    return today, Direction(_by_row(compiled, share), _by_carry(sets, program.columns.positions("carry"), share,
                                                               program.n_columns))  # fmt: skip


def _by_row(compiled: Compiled, share: Vector) -> Vector:
    rows = np.zeros(compiled.program.n_rows)
    rows[compiled.program.rows.positions("budget")] = share.ravel()
    return rows


def _by_carry(sets: Sets, carry: Codes, share: Vector, n_columns: int) -> Vector:
    columns = np.zeros(n_columns)
    if len(carry):
        columns[carry] = sets.case.settings.funding.carry_over * share[:, :-1].ravel()
    return columns


def _place(known: pd.Index, label: object, what: str) -> Codes:
    if label is None:
        return np.arange(len(known))
    found = np.flatnonzero(known == label)
    if not len(found):
        raise InputError(
            say(
                "the case has no {what} '{label}'; there are {known}.",
                what=what,
                label=label,
                known=", ".join(map(str, known)),
            )
        )
    return found
