"""Cases that solve, value and explain themselves, and what comes of it: plans and explanations.

What writes and draws is imported where it is asked for, so that a plan that is only looked at does not wait for it.
"""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from optimizer.arguments import checked, checked_methods
from optimizer.compiler import compile_sets
from optimizer.data.case import CaseTables
from optimizer.data.changes import Change, changed_case
from optimizer.data.money import MoneyUnit
from optimizer.data.read import read_case
from optimizer.data.remarks import Remark, refuse
from optimizer.data.whole import check_new, swap_in_folder, write_whole_file
from optimizer.errors import InputError
from optimizer.language import Language, say
from optimizer.options import OverlapMethod, SolveOptions, one_of, spoken
from optimizer.plan.checks import checks
from optimizer.plan.edited import from_pulp, to_pulp
from optimizer.plan.explain import ExplanationTables, explain_case
from optimizer.plan.plan import FailedPlanTables, PlanTables
from optimizer.plan.solution import Solution
from optimizer.planning.cross import check_by, second_engine
from optimizer.planning.strategy import plan_case
from optimizer.solvers.result import ProgressHook

if TYPE_CHECKING:
    from pulp import LpProblem

    from optimizer.api.evaluation import Evaluation
    from optimizer.api.plots import Plots


@checked_methods
class Plan(PlanTables):
    """A solved case: tables on request, and files in one call."""

    @property
    def plot(self) -> Plots:
        """Figures: ``.sankey() .projects() .heat_map() .overlap() .map() .years() .launches() .waterfall()``."""
        from optimizer.api.plots import Plots

        return Plots(self)

    def save(self, folder: str | Path, language: Language | str | None = None) -> list[Path]:
        """Write all tables, workbook, report, summary and manifest into a run folder, whole or not at all.

        Raises
        ------
        InputError
            If the folder holds files that no run wrote.
        """
        from optimizer.export.run import write_run

        return write_run(self, Path(folder), spoken(language))

    def to_csv(self, folder: str | Path) -> Path:
        """Write every table as a CSV file into a new folder, whole or not at all; Excel shows their Hangul right.

        Raises
        ------
        InputError
            If the folder exists and is not empty; nothing is overwritten.
        """
        target = Path(folder)
        check_new(target)
        from optimizer.export.csvs import write_csvs

        swap_in_folder(target, lambda beside: write_csvs(self, beside, marked=True))
        return target

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write the plan as one workbook."""
        chosen, target = spoken(language), Path(path)
        from optimizer.export.plan_book import write_workbook

        write_whole_file(target, lambda beside: write_workbook(self, beside, chosen))
        return target

    def to_html(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write the report as one self-contained page."""
        from optimizer.export.report.page import report

        text, target = report(self, spoken(language)), Path(path)

        def write(beside: Path) -> None:
            beside.write_text(text, encoding="utf-8")

        write_whole_file(target, write)
        return target

    def to_docx(
        self, path: str | Path, language: Language | str | None = None, *, unit: str | MoneyUnit | None = None
    ) -> Path:
        """Write the budget document for Word, its money in whole units; :func:`optimizer.rounded` has more choices."""
        from optimizer.api.rounding import rounded  # its solver is not wanted for anything else here

        return rounded(self, unit).to_docx(path, language)

    def to_hwpx(
        self, path: str | Path, language: Language | str = Language.KO, *, unit: str | MoneyUnit | None = None
    ) -> Path:
        """Write the budget document for Hangul, as :meth:`to_docx` does for Word."""
        from optimizer.api.rounding import rounded  # as above

        return rounded(self, unit).to_hwpx(path, language)

    def to_pulp(self) -> LpProblem:
        """Return the plan's linear program as an editable ``LpProblem`` of PuLP, with readable names.

        Examples
        --------
        >>> import optimizer as vc
        >>> plan = vc.load_case("inputs/tutorial").solve()
        >>> problem = plan.to_pulp()
        >>> problem.variables()[0].name
        'backlog(daedeok,discovery,device,2026)'
        """
        return to_pulp(self.solution)

    def from_pulp(self, problem: LpProblem) -> Plan:
        """Return the plan that a solved problem of :meth:`to_pulp` stands for, edited or not.

        Where constraints were changed, the plan is valued by its true objective all the same. Unless it attains the
        optimum within all limits of the case, its ``status`` is ``edited``: it is no optimum of the case, its prices
        are missing, and ``plan.outcome.edited`` says what it loses and how many limits of the case it breaks.

        Raises
        ------
        InputError
            If the problem is not of this plan.
        SolveError
            If the problem was not solved.
        """
        return Plan(Solution(from_pulp(self.solution, problem)))

    def _repr_html_(self) -> str:
        from optimizer.export.html import card

        return card(self, spoken(None))


@checked_methods
class Explanation(ExplanationTables):
    """Why a case has no plan, and what would give it one; a text in JupyterLab, tables and a workbook on request."""

    def repaired_case(self) -> Case:
        """Return a copy of the case with the smallest change made.

        A rule or a setting that changes in one row changes in all its rows alike.

        Raises
        ------
        SolveError
            If there is no change to make.
        """
        return as_case(self.repaired())

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write the explanation as a workbook: in words, the conflict, the smallest change, and what else would do."""
        chosen, target = spoken(language), Path(path)
        from optimizer.export.explanation import write_explanation

        write_whole_file(target, lambda beside: write_explanation(self, beside, chosen))
        return target


def _as_explanation(found: ExplanationTables) -> Explanation:
    return Explanation(**{field.name: getattr(found, field.name) for field in fields(found)})


@checked_methods
class FailedPlan(FailedPlanTables):
    """A case without a plan, and why."""

    def explain(self) -> Explanation:
        """Return which limits are in conflict, in words and amounts, and the smallest change that mends the case.

        Searched for once, when it is first asked for.
        """
        return _as_explanation(self.explanation)

    @property
    def plot(self) -> Plots:
        """Nothing to draw; raises :class:`SolveError` with the reason."""
        raise self._missing("figure")

    def save(self, folder: str | Path, language: Language | str | None = None) -> list[Path]:
        """Write summary and manifest into a run folder, whole or not at all."""
        from optimizer.export.run import write_run

        return write_run(self, Path(folder), spoken(language))

    def _repr_html_(self) -> str:
        from optimizer.export.html import failed_card

        return failed_card(self, spoken(None))


@checked_methods
class Case(CaseTables):
    """A case that was read and found sound; solve it by :meth:`solve`."""

    @cached_property
    def remarks(self) -> tuple[Remark, ...]:
        """What a reader should know but what is no fault, each with its severity: of tables, and of what they make."""
        return (*super().remarks, *checks(compile_sets(self)))

    def check(self, *, strict: bool = False) -> tuple[Remark, ...]:
        """Return what should be known before the case is solved.

        Parameters
        ----------
        strict
            Refuse the case for every remark that is an error or a warning.

        Returns
        -------
        tuple of Remark
            ``.severity`` is ``error`` (the case cannot have a plan), ``warning`` or ``note``; ``.text()`` says it.

        Raises
        ------
        CaseError
            With ``strict``, if there is an error or a warning.
        """
        if strict:
            refuse(self.raw.origin, self.remarks)
        return self.remarks

    def solve(
        self,
        options: SolveOptions | None = None,
        *,
        method: OverlapMethod | str | None = None,
        progress: ProgressHook | None = None,
        cross_check: str | None = None,
        raise_on_failure: bool = False,
    ) -> Plan | FailedPlan:
        """Plan the case.

        Parameters
        ----------
        options
            How to solve; the defaults where left out.
        method
            Overlap method in place of the case's own: ``fixed`` or ``sequential``.
        progress
            Called every second of a long solve with where it stands.
        cross_check
            Solve the last linear program again with this engine, or with ``auto`` the first other one that is usable,
            and keep what it says: ``plan.outcome.cross_check``, summary and manifest.
        raise_on_failure
            Raise in place of returning a :class:`FailedPlan`.

        Returns
        -------
        Plan or FailedPlan
            Infeasible, unbounded and limits are values; ``.ok`` and ``.status`` tell them apart.

        Raises
        ------
        SolveError
            If the engine fails, or with ``raise_on_failure`` if there is no plan.
        ModelError
            If the case asks for what this version cannot build.

        Examples
        --------
        >>> import optimizer as vc
        >>> plan = vc.load_case("inputs/tutorial").solve()
        >>> plan.status
        'optimal'
        """
        chosen = None if method is None else one_of(OverlapMethod, method, "method")
        options = options or SolveOptions()
        second = None if cross_check is None else second_engine(options.engine, cross_check)
        outcome = plan_case(self, options, chosen, progress)
        if second is not None:
            outcome = replace(outcome, cross_check=check_by(outcome, second))
        if outcome.x is not None:
            return Plan(Solution(outcome))
        failed = FailedPlan(outcome)
        if raise_on_failure:
            failed.raise_error()
        return failed

    def change(self, *changes: Change) -> Case:
        """Return a copy of the case with changes made one after the other; the case itself stays as it is.

        Raises
        ------
        InputError
            If a change selects nothing, or names what cannot be changed.
        CaseError
            If a figure is out of its range afterwards.

        Examples
        --------
        >>> import optimizer as vc
        >>> case = vc.load_case("inputs/tutorial")
        >>> less = case.change(vc.Change("budget", where="year=2028", column="amount", operation="multiply", value=0.9))
        >>> less.solve().objective < case.solve().objective
        True
        """
        return as_case(changed_case(self, changes))

    def evaluate(
        self,
        table: str | Path | pd.DataFrame | None = None,
        *,
        options: SolveOptions | None = None,
        against: Plan | FailedPlan | None = None,
        measure: bool = True,
        progress: ProgressHook | None = None,
    ) -> Evaluation:
        """Value a hand-made allocation: what it achieves, what it breaks, what cannot be used, and its efficiency.

        Public money is given: ``table`` says the most each funder spends at each site, or on each link, in each year,
        and where it says nothing nothing is spent. Everything else is decided as is best for that money: which
        projects start, what is passed on, what capacity is bought, what private money follows. What nobody can change
        holds: projects waiting, capacity, durations, crowd-in, private caps, demand. What people decide is measured
        and not enforced: budgets, mandates, minima, most niches, rules and the specialisation share, on the money as
        given (on its use where a rule counts starts or launches); rules that the money meets on paper guide its use.
        Money that no project can use, or whose use would do harm, is left over: it counts neither in what is
        achieved nor in the overlap. A plan's own allocation is worth what the plan is, and
        breaks nothing but rules whose price the plan pays.

        Parameters
        ----------
        table
            A ``.csv`` file, an ``.xlsx`` workbook (sheet ``allocation``, or its only one) or a frame with the columns
            ``funder, cluster, partner, stage, field, year, amount``; the case's ``baseline.csv`` where it is left
            out. Blank labels are left to the model: a blank ``field`` is money for any field, a blank ``stage`` for
            any site of the cluster, a blank ``partner`` for any link into it; it is shared out by worth.
        options
            How to solve; a time limit holds for each of the two solves.
        against
            The plan to measure against; else the case is solved.
        measure
            Whether to measure at all; without, there is no ``efficiency`` and half the time is saved.
        progress
            Called every second of a long solve with where it stands.

        Raises
        ------
        CaseError
            With every fault of the table at once.
        InputError
            If there is no such table.
        SolveError
            If the engine fails, or a limit ends the solve.

        Examples
        --------
        >>> import optimizer as vc
        >>> case = vc.load_case("inputs/tutorial")
        >>> plan = case.solve()
        >>> half = plan.allocation.assign(amount=lambda lines: lines["amount"] / 2)
        >>> evaluation = case.evaluate(half, against=plan)
        >>> 0 < evaluation.efficiency < 1
        True
        """
        from optimizer.api.evaluation import Evaluation
        from optimizer.data.allocation import read_allocation
        from optimizer.planning.valuation import value_allocation

        given = read_allocation(self, table)
        if against is None and measure:
            against = self.solve(options, progress=progress)
        return Evaluation(value_allocation(self, given, options, progress), against)

    def explain(self, options: SolveOptions | None = None) -> Explanation:
        """Return why the case has no plan: the limits in conflict, and the smallest change that mends it.

        Parameters
        ----------
        options
            How to solve; ``time_limit`` holds for the search.

        Returns
        -------
        Explanation
            ``.text(language)`` tells it; ``.conflict``, ``.repair`` and ``.alternatives`` are tables, ``.members`` the
            conflict as plain data, ``.repaired_case()`` the case with the smallest change made. Of a case that has a
            plan it says so.

        Raises
        ------
        SolveError
            If the engine fails.

        Examples
        --------
        >>> import optimizer as vc
        >>> explained = vc.load_case("tests/reference/infeasible-two-rules").explain()
        >>> explained.members[0]
        {'family': 'rules', 'labels': {'rule': 'research floor'}}
        >>> explained.smallest_change
        10.0
        """
        return _as_explanation(explain_case(self, options))


def as_case(found: CaseTables) -> Case:
    """Return the tables of a case as a case that solves itself."""
    return Case(found.raw, found.settings, found.stored)


@checked
def load_case(path: str | Path, *, strict: bool = False) -> Case:
    """Read a case from a folder of ``case.toml`` and CSV tables, or from one ``.xlsx`` workbook.

    Parameters
    ----------
    path
        The folder or workbook.
    strict
        Refuse the case also for remarks that are errors or warnings; see :meth:`Case.check`.

    Raises
    ------
    CaseError
        With every fault of the case at once, each with file or sheet, line, column, value and the rule broken.
    InputError
        If there is no such folder or workbook.
    """
    case = as_case(read_case(path))
    if strict:
        case.check(strict=True)
    return case


@checked
def new_case(folder: str | Path) -> Path:
    """Write a small commented tutorial case into a new folder, for editing.

    Raises
    ------
    InputError
        If something is in its place already.
    """
    from optimizer.data.template import write_tutorial  # only wanted here

    target = Path(folder)
    if target.suffix.lower() == ".xlsx":
        raise InputError(
            say(
                "{target} names a workbook; name a folder, then save the case as a workbook once it is loaded.",
                target=target,
            )
        )
    write_tutorial(target)
    return target
