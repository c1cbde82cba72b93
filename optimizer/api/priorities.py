"""Priorities as users touch them: one order of funding for many budgets, and what would be missed most."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.analysis.priorities import SITE, PriorityTables, list_priorities
from optimizer.analysis.replacement import ReplacementTables, find_replacement
from optimizer.analysis.sweep import PROCESSES, How
from optimizer.api.study import Study
from optimizer.arguments import checked, checked_methods
from optimizer.data.case import CaseTables
from optimizer.export.charts.priorities import priorities_chart, replacement_chart
from optimizer.export.priorities import WORDS, budgets_frame, order_frame, replacement_frame
from optimizer.export.study import save_study
from optimizer.language import Language, sentence
from optimizer.options import SolveOptions, spoken
from optimizer.plan.plan import PlanTables
from optimizer.solvers.result import ProgressHook

ORDER, STEPS, BUDGETS = sentence("Priority list"), sentence("Steps"), sentence("Budgets")
REPLACEMENT = sentence("Replacement cost")
"""Sheets of the workbooks."""


@checked_methods
@dataclass(frozen=True, eq=False, repr=False, init=False)
class PriorityList(Study[PriorityTables]):
    """One nested order of funding that holds over a range of budgets. Made by :func:`priority_list`."""

    @property
    def table(self) -> pd.DataFrame:
        """The budgets, one a line, the smallest first.

        ``budget`` [money] and ``budget_share``, of today's; ``weight``; ``status``, and ``reason`` where a budget has
        no plan; ``objective``, true, of the list's plan, and ``objective_free``, of the best plan known of this budget
        alone; ``stability_price``, what the list gives up [money], and ``stability_share`` of the free objective;
        ``spend`` and ``unspent`` [money] and ``launches``; ``spend_free`` and ``launches_free`` of the free plan.
        """
        return self.found.table

    @property
    def order(self) -> pd.DataFrame:
        """The priority list: every unit that is funded at some budget, the first in order first.

        ``rank``; the unit's labels (money of links at its destination, stage ``link`` and no field); ``funded_from``,
        the least of the budgets at which it is funded; ``money_...``, what it gets at each budget, never falling from
        left to right [money].
        """
        return self.found.order

    @property
    def increments(self) -> pd.DataFrame:
        """What each budget adds to the one before, one line per budget and unit that gets more, the largest first.

        ``rank``, as in :attr:`order`; ``newly_funded``, whether the unit had nothing before; ``increment`` [money] and
        its share of the step's; ``money_so_far``, what the unit has then [money].
        """
        return self.found.increments

    @property
    def stability_price(self) -> float:
        """What the list gives up against the best plan of each budget, weighted [money]."""
        return self.found.stability_price

    def allocation(self, budget: float) -> pd.DataFrame:
        """Return who spends what where and when in the list's plan of a budget [money].

        Raises
        ------
        InputError
            If the list has no plan of this budget.
        """
        return self.found.allocation(budget)

    def plot(self, language: Language | str | None = None) -> Any:
        """Return the list as a plotly figure: the money of each budget piled up, and the price of stability."""
        return priorities_chart(self.found, spoken(language))

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write the list, its steps, the budgets and the notes as one workbook."""
        tables = {
            ORDER: lambda said: order_frame(self.found, said),
            STEPS: lambda said: self.increments,
            BUDGETS: lambda said: budgets_frame(self.found, said),
        }
        return save_study(self.found.case, tables, self.notes, path, language)


@checked_methods
@dataclass(frozen=True, eq=False, repr=False, init=False)
class ReplacementCost(Study[ReplacementTables]):
    """What the nation loses without each cluster, link, funder or rule. Made by :func:`replacement_cost`."""

    @property
    def table(self) -> pd.DataFrame:
        """What is left out, one a line: what there is no plan without first, then the greatest loss.

        Its labels; ``status`` and ``reason`` where there is no plan without it; ``objective``, the true one of the plan
        without it; ``loss`` [money] and ``loss_share`` of the case's objective; ``loss_least`` and ``loss_most``,
        between which the true loss is proven to lie, and ``certain``, whether that leaves 0 out; ``launches_lost``;
        ``money_in_plan``, what it gets or gives in the plan of the case [money]. For rules instead ``gain``,
        ``gain_share``, ``gain_least``, ``gain_most`` and ``launches_gained``, what is gained by switching it off.
        """
        return self.found.table

    def plot(self, language: Language | str | None = None) -> Any:
        """Return the losses as a plotly figure, the greatest on top, hatched where they are not certain."""
        return replacement_chart(self.found, spoken(language))

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write the losses and the notes as one workbook."""
        tables = {REPLACEMENT: lambda said: replacement_frame(self.found, said).rename(columns=WORDS)}
        return save_study(self.found.plan.case, tables, self.notes, path, language)


@checked
def priority_list(  # noqa: PLR0913  # which budgets, what is nested, and how it is found
    case_or_plan: CaseTables | PlanTables,
    budgets: Sequence[float] | None = None,
    *,
    of: Sequence[str] | str = SITE,
    weights: Sequence[float] | None = None,
    method: str | None = None,
    options: SolveOptions | None = None,
    progress: ProgressHook | None = None,
) -> PriorityList:
    """Return one nested order of funding that stays valid over a range of budgets, and what its stability costs.

    The plans of all budgets are found together so that no unit ever has less at a larger budget; their increments are
    the list. The price of stability at a budget is what the best plan known of that budget alone is worth more. Both
    are true objectives, by the overlap method of the case or plan (``exact`` for the plan alone, ``sequential`` for the
    list).

    Parameters
    ----------
    case_or_plan
        A case, or a plan, which then serves for the budget of today.
    budgets
        Totals of all budgets over the horizon [money], in any order; by default 50, 60, 80, 100 and 120 % of today's.
        Each funder's budget of each year moves in proportion.
    of
        What a unit is: some of ``funder``, ``cluster``, ``stage``, ``field``, ``year``; sites by default.
    weights
        Weight of each budget, such as its probability; all the same by default.
    method
        ``joint``, one program for all budgets, the best list; ``forward`` or ``backward``, one budget after the other
        from the smallest or the largest on. By default ``joint``, and the better of the others above 500,000 columns.
    options
        How to solve; the time limit holds for the whole search.
    progress
        Called at each step and every second of a long solve with a :class:`~optimizer.solvers.result.Progress`, whose
        ``part`` says how many steps are done, of how many, and how long the others take where that is known.

    Raises
    ------
    InputError
        If budgets, weights, units or method are none.
    SolveError
        If no budget has a plan; with ``backward`` also where hard rules leave none within what the larger budget gives.

    Examples
    --------
    >>> import optimizer as vc
    >>> found = vc.priority_list(vc.load_case("inputs/tutorial"), [1200, 1600], of="cluster", method="forward")
    >>> found.order.columns.tolist(), bool((found.order["money_1600"] >= found.order["money_1200"]).all())
    (['rank', 'cluster', 'funded_from', 'money_1200', 'money_1600'], True)
    """
    return PriorityList(
        list_priorities(
            case_or_plan, budgets, of=of, weights=weights, method=method, options=options, progress=progress
        )
    )


@checked
def replacement_cost(  # noqa: PLR0913  # what is left out, and how the rest is planned
    case_or_plan: CaseTables | PlanTables,
    of: str = "cluster",
    *,
    money: str = "lost",
    options: SolveOptions | None = None,
    executor: Executor | str | None = PROCESSES,
    workers: int | None = None,
    store: str | Path | None = None,
    progress: bool = True,
) -> ReplacementCost:
    """Return what the nation loses without each cluster, link, funder or rule: one left out, the rest planned anew.

    Parameters
    ----------
    case_or_plan
        A case, which is planned first, or a plan.
    of
        ``cluster``, ``site``, ``stage`` or ``field``: its sites do not exist, what waits there is lost and nothing is
        passed on to it. ``link``: a line of ``links.csv`` carries nothing; one inside of a cluster neither. ``funder``:
        its budget is 0. ``rule``: it is switched off.
    money
        What becomes of a funder's money: ``lost``, or ``shared``, given to the others in proportion to their budgets.
    options
        How to solve each; by default as the plan was solved.
    executor, workers, store, progress
        As in :func:`optimizer.sweep`: who plans, in how many processes, a file that keeps what is found so that a
        stopped study goes on, and whether a bar is shown.

    Raises
    ------
    InputError
        If ``of`` or ``money`` is none, or the case has nothing of the kind.
    SolveError
        If the case has no plan, or the engine fails.

    Examples
    --------
    >>> import optimizer as vc
    >>> found = vc.replacement_cost(vc.load_case("inputs/tutorial"), of="cluster", executor="serial")
    >>> found.table["cluster"].tolist()[0], bool((found.table["loss"] > 0).all())
    ('daegu', True)
    """
    how = How(executor=executor, workers=workers, store=None if store is None else Path(store), progress=progress)
    return ReplacementCost(find_replacement(case_or_plan, of, money=money, options=options, how=how))
