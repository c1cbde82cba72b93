"""What users touch: cases that solve themselves, and plans that write themselves.

The layers below know nothing of each other's upper parts; here their public faces are put together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from optimizer.analysis.compare import compare as side_by_side
from optimizer.data.allocation import read_allocation
from optimizer.data.case import CaseTables
from optimizer.data.read import read_case
from optimizer.data.whole import check_new, swap_in_folder, write_whole_file
from optimizer.errors import InputError
from optimizer.export.csvs import write_csvs
from optimizer.export.evaluation import evaluation_card, write_evaluation_workbook
from optimizer.export.html import card, failed_card, report
from optimizer.export.run import write_evaluation, write_run
from optimizer.export.stored import read_run
from optimizer.export.verify import TOLERANCE, Verification, verify_run
from optimizer.export.xlsx import write_workbook
from optimizer.language import Language, say
from optimizer.options import OverlapMethod, SolveOptions, one_of
from optimizer.plan.evaluate import EvaluationTables
from optimizer.plan.plan import FailedPlanTables, PlanTables
from optimizer.plan.solution import Solution
from optimizer.planning.strategy import plan_case
from optimizer.planning.valuation import value_allocation
from optimizer.solvers.result import ProgressHook

if TYPE_CHECKING:
    import pandas as pd


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

    def _repr_html_(self) -> str:
        return card(self)


class Evaluation(EvaluationTables):
    """A hand-made allocation valued under a case; see :meth:`Case.evaluate`."""

    def save(self, folder: str | Path, language: Language | str = Language.EN) -> list[Path]:
        """Write the evaluation into a run folder, whole or not at all.

        Raises
        ------
        InputError
            If the folder holds files that no run wrote.
        """
        return write_evaluation(self, Path(folder), one_of(Language, language, "language"))

    def to_excel(self, path: str | Path, language: Language | str = Language.EN) -> Path:
        """Write the evaluation as one workbook."""
        chosen, target = one_of(Language, language, "language"), Path(path)
        write_whole_file(target, lambda beside: write_evaluation_workbook(self, beside, chosen))
        return target

    def _repr_html_(self) -> str:
        return evaluation_card(self)


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
        outcome = plan_case(self, options, chosen, progress)
        if outcome.x is not None:
            return Plan(Solution(outcome))
        failed = FailedPlan(outcome)
        if raise_on_failure:
            failed.raise_error()
        return failed

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
        given = read_allocation(self, table)
        if against is None and measure:
            against = self.solve(options, progress=progress)
        return Evaluation(value_allocation(self, given, options, progress), against)


def compare(
    results: Mapping[str, Plan | FailedPlan | Evaluation | str | Path], by: Sequence[str] | str = ("cluster",)
) -> pd.DataFrame:
    """Set plans, evaluations and stored runs side by side; see :func:`optimizer.analysis.compare.compare`.

    Parameters
    ----------
    results
        Name -> a plan, an evaluation, or the folder of a run; the first is what the others are measured against.
    by
        What money is grouped by: ``funder, cluster, stage, field, year`` or columns of ``clusters``, ``stages`` or
        ``fields``.

    Returns
    -------
    pandas.DataFrame
        One column for each result; rows in the blocks ``budget``, ``share``, ``change``, ``outcome`` and
        ``outcome_change`` [money, share, projects].

    Raises
    ------
    InputError
        If there is nothing to compare, a folder is no run, currencies differ, or ``by`` names what is not known.
    """
    return side_by_side(
        {
            name: read_run(Path(result)).compared() if isinstance(result, str | Path) else result
            for name, result in results.items()
        },
        by,
    )


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


def verify(run: str | Path, tolerance: float = TOLERANCE, progress: ProgressHook | None = None) -> Verification:
    """Check that a stored run was not changed, repeat it and compare every cell; ``.same``, ``.findings``, ``.text()``.

    Parameters
    ----------
    run
        A folder that a plan or an evaluation was saved into.
    tolerance
        Relative difference of two numbers, absolute below 1, that counts as none.
    progress
        Called every second of a long solve with where it stands.

    Raises
    ------
    InputError
        If the folder is no run or carries no inputs.
    SolveError
        If the engine fails.
    """
    return verify_run(Path(run), tolerance, progress)


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
