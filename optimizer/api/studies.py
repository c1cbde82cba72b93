"""Studies of a case, and of stored runs: calibration, comparison, verification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.analysis.calibration import CalibrationTables, trace_overlap
from optimizer.analysis.compare import compare as side_by_side
from optimizer.api.cases import Case, FailedPlan, Plan, as_case
from optimizer.api.evaluation import Evaluation
from optimizer.arguments import checked, checked_methods
from optimizer.data.case import CaseTables
from optimizer.data.whole import write_whole_file
from optimizer.export.calibration import write_calibration
from optimizer.export.charts.calibration import calibration_chart
from optimizer.export.stored import read_run
from optimizer.export.verify import TOLERANCE, Verification, verify_run
from optimizer.language import Language
from optimizer.options import SolveOptions, spoken
from optimizer.plan.solution import Solution
from optimizer.solvers.result import ProgressHook


@checked_methods
class OverlapCalibration(CalibrationTables):
    """The curve of worth against overlap, and the penalty at which it turns. Made by :func:`calibrate_overlap`."""

    def case(self, penalty: float | None = None) -> Case:
        """Return the case at a penalty, by default the one at which the curve turns; the given case stays as it is.

        Raises
        ------
        InputError
            If the penalty is below 0 or no number.
        """
        return as_case(self.repriced(penalty))

    def plan(self, penalty: float | None = None) -> Plan:
        """Return the plan of a point, by default the recommended one, without solving again.

        Raises
        ------
        InputError
            If the table has no such penalty.
        """
        return Plan(Solution(self.outcome(penalty)))

    def plot(self, language: Language | str | None = None) -> Any:
        """Return the curve as a plotly figure: worth over overlap, discounted and not, with the knee marked."""
        return calibration_chart(self, spoken(language))

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write the curve, its chart and its notes as one workbook."""
        chosen, target = spoken(language), Path(path)
        write_whole_file(target, lambda beside: write_calibration(self, beside, chosen))
        return target


@checked
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
        Called at each step and every second of a long solve with a :class:`~optimizer.solvers.result.Progress`, whose
        ``part`` says how many steps are done, of how many, and how long the others take where that is known.

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


@checked
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


@checked
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
