"""A hand-made allocation valued: what it achieves, what it breaks, what of it cannot be used, and how good it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.arguments import checked_methods
from optimizer.data.allocation import LABELS
from optimizer.data.case import CaseTables
from optimizer.data.money import Currency
from optimizer.data.names import quoted_title
from optimizer.data.rows import LINK_STAGE
from optimizer.language import Message, say, sentence
from optimizer.lp.program import Vector
from optimizer.plan.broken import broken_limits
from optimizer.plan.plan import FailedPlanTables, PlanTables
from optimizer.plan.solution import Solution
from optimizer.plan.statistics import TOLERANCE, site_states
from optimizer.plan.tables import in_unit
from optimizer.planning.valuation import Valuation

NO_SITE, NO_LINK, FULL, EMPTY, CONTINUED, OPEN, LINK, IDLE = range(8)
REASONS = {
    NO_SITE: sentence("the case has no such site"),
    NO_LINK: sentence("no such link costs anything, so it can take no money"),
    FULL: sentence("the site is at full capacity"),
    EMPTY: sentence("no project is waiting there"),
    CONTINUED: sentence("projects there run for several years, and the money of a later year does not carry them on"),
    OPEN: sentence("none of the {places} places it may go to can use more"),
    LINK: sentence("no more projects can be passed on, or passing on more would earn nothing"),
    IDLE: sentence("starting more there would add nothing, or break a limit"),
}
FAMILIES = {FULL: "capacity", EMPTY: "backlog", CONTINUED: "money", LINK: "link_money"}
"""Reason -> the family of limits that keeps the money from being used."""


@checked_methods
@dataclass(frozen=True, eq=False)
class EvaluationTables:
    """A given allocation under the model of a case. Frames are copies.

    Public money is given; everything else is decided as is best for it: which projects start, what is passed on, what
    private money follows. What nobody can change holds (projects waiting, capacity, durations, crowd-in, private
    caps). What people decide (budgets, mandates, rules, the specialisation share, minima) is measured, not enforced.
    Money that no project can use, or that would do harm, is left over and does not count: neither in what is achieved
    nor in the overlap.

    Attributes
    ----------
    valuation
        The best use of the allocation.
    optimum
        The plan it is measured against; ``None`` where there is none.
    """

    valuation: Valuation
    optimum: PlanTables | FailedPlanTables | None

    @property
    def case(self) -> CaseTables:
        """The case under which the allocation was valued."""
        return self.valuation.outcome.compiled.sets.case

    @cached_property
    def use(self) -> PlanTables:
        """The use of the allocation as a plan: ``.pipeline``, ``.launches``, ``.statistics``, ``.overlap_ledger``."""
        return PlanTables(Solution(self.valuation.outcome))

    @cached_property
    def paper(self) -> Solution:
        """The money as given, as the solution of a program in which nothing but money counts."""
        return Solution(replace(self.valuation.outcome, x=self.valuation.paper))

    @property
    def objective(self) -> float:
        """True penalised objective of the use [money]; of a plan's own allocation, the plan's."""
        return self.use.objective

    @property
    def efficiency(self) -> float | None:
        """Objective as a share of the optimum's; above 1 where broken limits, or luck, make it better.

        ``None`` where there is no optimum to measure against, or one of 0.
        """
        best = self._best
        return None if best is None or best <= 0 else self.objective / best

    @property
    def _best(self) -> float | None:
        return self.optimum.objective if isinstance(self.optimum, PlanTables) else None

    @property
    def table(self) -> pd.DataFrame:
        """The allocation line by line: given, used and unused [money], and why it is not used (a :class:`Message`)."""
        return in_unit(self._lines.drop(columns=["family"]), self.case.currency)

    @property
    def unused(self) -> pd.DataFrame:
        """The lines of which something cannot be used, and why."""
        lines = self.table
        return in_unit(lines[lines["unused"] > 0].reset_index(drop=True), self.case.currency)

    @cached_property
    def _lines(self) -> pd.DataFrame:
        valuation = self.valuation
        frame = valuation.given.lines[list(LABELS)].copy()
        amount = valuation.given.amount
        unused = amount - valuation.used
        unused[unused <= TOLERANCE * (1 + amount)] = 0.0
        frame["given"], frame["used"], frame["unused"] = amount, amount - unused, unused
        reasons = np.where(unused > 0, self._reasons(unused), -1)
        places = np.bincount(valuation.given.line, minlength=len(frame))
        frame["reason"] = pd.Series(
            [
                None if code < 0 else Message(REASONS[int(code)], {"places": int(count)})
                for code, count in zip(reasons, places, strict=True)
            ],
            dtype=object,
        )
        frame["family"] = [FAMILIES.get(int(code), "") for code in reasons]
        return frame

    def _reasons(self, unused: Vector) -> np.ndarray:
        """Return for each line what keeps its money from being used."""
        given, sets = self.valuation.given, self.valuation.outcome.compiled.sets
        lines = given.lines
        on_link = (lines["stage"] == LINK_STAGE).to_numpy()
        reason = np.full(len(lines), OPEN)
        reason[on_link] = LINK
        reason[~given.placed] = np.where(on_link, NO_LINK, NO_SITE)[~given.placed]
        # a line that leaves nothing open has one site and year
        columns = self.use.solution.program.columns
        public = columns.positions("public")
        pair_year = np.full(self.use.solution.program.n_columns, -1)
        pair_year[public] = np.arange(len(public))
        single = given.single & (pair_year[given.column] >= 0)
        line = given.line[single]
        pair, year = np.divmod(pair_year[given.column[single]], sets.n_years)
        site = sets.site_pairs[0][pair]
        full, empty = site_states(self.use.solution)
        # all money of the site and year is used, so a project that would run into that year cannot be paid
        left = np.zeros(full.shape)
        np.add.at(left, (site, year), unused[line])
        spent = left <= TOLERANCE
        years = np.maximum(np.ceil(sets.sites.duration), 1).astype(int)
        continued = np.zeros(full.shape, dtype=bool)
        for lag in range(1, min(int(years.max(initial=1)), sets.n_years)):
            continued[:, :-lag] |= spent[:, lag:] & (years > lag)[:, None]
        states = np.select([full, empty, continued], [FULL, EMPTY, CONTINUED], IDLE)
        reason[line] = states[site, year]
        return reason

    @cached_property
    def _broken(self) -> pd.DataFrame:
        return broken_limits(self.valuation, self.paper, self.use.solution, self._lines)

    @property
    def broken(self) -> pd.DataFrame:
        """Every limit the allocation breaks: its family and labels, what is given, the limit, and by how much.

        ``counted`` tells what people decide, measured on the money ``as given`` or, for what depends on projects or on
        money that cannot be used, ``as used``; and what nobody can change, where ``given`` and ``limit`` are the money
        given and the money that can be used (``physical``). Private caps and crowd-in are never broken: private money
        is no part of an allocation. ``price`` is what a unit costs in the objective, of rules that have one.
        """
        return self._broken.copy()

    def summary(self) -> pd.Series:
        """Return what the allocation achieves, what of it cannot be used, how many limits it breaks, and efficiency."""
        use, lines, best = self.use.summary(), self._lines, self._best
        figures = (
            "objective worth worth_launches worth_pipeline overlap_penalty rule_price overlap_clusters overlap_funders"
        )
        return pd.Series(
            {
                **{name: use[name] for name in figures.split()},
                "given": float(lines["given"].sum()),
                "spend": float(use["spend"]),
                "unused": float(lines["unused"].sum()),
                "outside": self.valuation.given.outside,
                "private": use["private"],
                "launches": use["launches"],
                "broken": int((self._broken["counted"] != "physical").sum()),
                "optimum": best,
                "shortfall": None if best is None else best - self.objective,
                "efficiency": self.efficiency,
                "seconds": self.valuation.outcome.seconds,
            },
            dtype=object,
        )

    def __repr__(self) -> str:
        summary = self.summary()
        efficiency = "–" if self.efficiency is None else f"{100 * self.efficiency:.1f} %"
        share = "" if self.efficiency is None else say(", {efficiency} of the optimum", efficiency=efficiency)
        told = say(
            "Evaluation({case}: objective {objective} {unit}{share}, {unused} of {given} unused, {broken} limits "
            "broken)",
            case=quoted_title(self.case),
            objective=f"{summary['objective']:,.6g}",
            unit=Currency(self.case.currency),
            share=share,
            unused=f"{summary['unused']:,.6g}",
            given=f"{summary['given']:,.6g}",
            broken=summary["broken"],
        )
        return told.text()
