"""What users touch: cases that solve themselves, and plans that write themselves.

The layers below know nothing of each other's upper parts; here their public faces are put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.analysis.calibration import CalibrationTables, trace_overlap
from optimizer.data.case import CaseTables
from optimizer.data.changes import Change, changed_case
from optimizer.data.read import read_case
from optimizer.data.whole import check_new, swap_in_folder, write_whole_file
from optimizer.errors import InputError
from optimizer.export.calibration import calibration_chart, write_calibration
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
        changed = changed_case(self, changes)
        return Case(changed.raw, changed.settings, changed.stored)


class OverlapCalibration(CalibrationTables):
    """The curve of worth against overlap, and the penalty at which it turns. Made by :func:`calibrate_overlap`."""

    def case(self, penalty: float | None = None) -> Case:
        """Return the case at a penalty, by default the one at which the curve turns; the given case stays as it is.

        Raises
        ------
        InputError
            If the penalty is below 0 or no number.
        """
        repriced = self.repriced(penalty)
        return Case(repriced.raw, repriced.settings, repriced.stored)

    def plan(self, penalty: float | None = None) -> Plan:
        """Return the plan of a point, by default the recommended one, without solving again.

        Raises
        ------
        InputError
            If the table has no such penalty.
        """
        return Plan(Solution(self.outcome(penalty)))

    def plot(self, language: Language | str = Language.EN) -> Any:
        """Return the curve as a plotly figure: worth over overlap, discounted and not, with the knee marked.

        Raises
        ------
        InputError
            If plotly is not installed.
        """
        return calibration_chart(self, one_of(Language, language, "language"))

    def to_excel(self, path: str | Path, language: Language | str = Language.EN) -> Path:
        """Write the curve, its chart and its notes as one workbook."""
        chosen, target = one_of(Language, language, "language"), Path(path)
        write_whole_file(target, lambda beside: write_calibration(self, beside, chosen))
        return target


def calibrate_overlap(  # noqa: PLR0913  # two ways to say which points, and how to solve
    case: CaseTables,
    *,
    penalties: Sequence[float] | None = None,
    points: int = 12,
    tolerance: float = 0.01,
    ratio: float | None = None,
    options: SolveOptions | None = None,
    progress: ProgressHook | None = None,
) -> OverlapCalibration:
    """Find the overlap penalty at which the trade between worth and overlap turns, and the curve of that trade.

    The plan without a penalty is one end of the curve; the other is reached by raising the penalty until next to no
    overlap is left. Between them the method of Cohon (NISE: Cohon, Multiobjective Programming and Planning, 1978;
    Cohon, Church and Sheer, Water Resources Research 15, 1979, 1001-1010) tries the penalty at which two neighbours are
    worth the same, always where most may still be hidden. The knee is the point furthest from the straight line
    between the extremes, both axes scaled to 0..1 between them (Das, Structural Optimization 18, 1999, 107-115).

    Parameters
    ----------
    case
        The case; its own prices of overlap matter for their ratio only, and its method not at all.
    penalties
        Penalties to try in place of Cohon's; 0 comes first in any case [money per money].
    points
        Points from which on no more are added; the way to the least overlap may take a few more.
    tolerance
        Stop where no plan can lie further above the straight line between two neighbours, as a share of the worth
        between the extremes. That holds as far as plans are the best at their penalties, which is not proven.
    ratio
        Price of overlap between funders over that between clusters; by default that of the case, or 1 where its
        overlap has no price. A case that prices overlap between funders only keeps the other free of charge.
    options
        How to solve; the time limit holds for the whole curve.
    progress
        Called every second of a long solve with where it stands.

    Returns
    -------
    OverlapCalibration
        ``.table``, ``.penalty``, ``.notes``, ``.plot()``, ``.to_excel(path)``, ``.case()`` and ``.plan()``.

    Raises
    ------
    InputError
        If a penalty, the ratio, points or tolerance are out of range.
    ModelError
        If the case asks for whole decisions (``sites.minimum``, ``clusters.max_niches``).
    SolveError
        If the case has no plan even without a penalty, or the engine fails.

    Examples
    --------
    >>> import optimizer as vc
    >>> calibration = vc.calibrate_overlap(vc.load_case("inputs/tutorial"), points=6)
    >>> calibration.table.columns.tolist()[:4]
    ['between_clusters', 'between_funders', 'worth', 'rule_price']
    """
    found = trace_overlap(
        case,
        penalties=penalties,
        points=points,
        tolerance=tolerance,
        ratio=ratio,
        options=options,
        progress=progress,
    )
    return OverlapCalibration(**{part.name: getattr(found, part.name) for part in fields(found)})


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
