"""What users touch: cases that solve themselves, and plans that write themselves.

The layers below know nothing of each other's upper parts; here their public faces are put together.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from optimizer.data.case import CaseTables
from optimizer.data.read import read_case
from optimizer.data.whole import check_new, swap_in_folder, write_whole_file
from optimizer.errors import InputError
from optimizer.export.csvs import write_csvs
from optimizer.export.html import card, failed_card, report
from optimizer.export.run import write_run
from optimizer.export.xlsx import write_workbook
from optimizer.language import Language, say
from optimizer.options import OverlapMethod, SolveOptions, one_of
from optimizer.plan.edited import from_pulp, to_pulp
from optimizer.plan.plan import FailedPlanTables, PlanTables
from optimizer.plan.solution import Solution
from optimizer.planning.cross import check_by, second_engine
from optimizer.planning.strategy import plan_case
from optimizer.solvers.result import ProgressHook

if TYPE_CHECKING:
    from pulp import LpProblem


class Plan(PlanTables):
    """A solved case: tables on request, and files in one call."""

    def save(self, folder: str | Path, language: Language | str = Language.EN) -> list[Path]:
        """Write all tables, workbook, report, summary and manifest into a run folder, whole or not at all.

        Raises
        ------
        InputError
            If the folder holds files that no run wrote.
        """
        return write_run(self, Path(folder), one_of(Language, language, "language"))

    def to_csv(self, folder: str | Path) -> Path:
        """Write every table as a CSV file into a new folder, whole or not at all.

        Raises
        ------
        InputError
            If the folder exists and is not empty; nothing is overwritten.
        """
        target = Path(folder)
        check_new(target)
        swap_in_folder(target, lambda beside: write_csvs(self, beside))
        return target

    def to_excel(self, path: str | Path, language: Language | str = Language.EN) -> Path:
        """Write the plan as one workbook."""
        chosen, target = one_of(Language, language, "language"), Path(path)
        write_whole_file(target, lambda beside: write_workbook(self, beside, chosen))
        return target

    def to_html(self, path: str | Path, language: Language | str = Language.EN) -> Path:
        """Write the report as one self-contained page."""
        text, target = report(self, one_of(Language, language, "language")), Path(path)

        def write(beside: Path) -> None:
            beside.write_text(text, encoding="utf-8")

        write_whole_file(target, write)
        return target

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
        return card(self)


class FailedPlan(FailedPlanTables):
    """A case without a plan, and why."""

    def save(self, folder: str | Path, language: Language | str = Language.EN) -> list[Path]:
        """Write summary and manifest into a run folder, whole or not at all."""
        return write_run(self, Path(folder), one_of(Language, language, "language"))

    def _repr_html_(self) -> str:
        return failed_card(self)


class Case(CaseTables):
    """A case that was read and found sound; solve it by :meth:`solve`."""

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


def load_case(path: str | Path) -> Case:
    """Read a case from a folder of ``case.toml`` and CSV tables, or from one ``.xlsx`` workbook.

    Raises
    ------
    CaseError
        With every fault of the case at once, each with file or sheet, line, column, value and the rule broken.
    InputError
        If there is no such folder or workbook.
    """
    found = read_case(path)
    return Case(found.raw, found.settings, found.stored)


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
