"""The plan a study begins from: one that is given, or the one of a case."""

from __future__ import annotations

from optimizer.data.case import CaseTables
from optimizer.options import SolveOptions
from optimizer.plan.plan import FailedPlanTables, PlanTables
from optimizer.plan.solution import Solution
from optimizer.planning.strategy import plan_case
from optimizer.solvers.result import ProgressHook


def planned(
    given: CaseTables | PlanTables | FailedPlanTables,
    options: SolveOptions | None = None,
    progress: ProgressHook | None = None,
) -> PlanTables:
    """Return a plan as it is, or plan a case.

    Raises
    ------
    SolveError
        If there is no plan; it says why.
    """
    if isinstance(given, PlanTables):
        return given
    if isinstance(given, FailedPlanTables):
        given.raise_error()
    outcome = plan_case(given, options, progress=progress)
    if outcome.x is None:
        FailedPlanTables(outcome).raise_error()
    return PlanTables(Solution(outcome))
