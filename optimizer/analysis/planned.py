"""The plan a study begins from: one that is given, or the one of a case."""

from __future__ import annotations

from optimizer.data.case import CaseTables
from optimizer.language import Message, say, sentence
from optimizer.options import SolveOptions
from optimizer.plan.plan import FailedPlanTables, PlanTables
from optimizer.plan.solution import Solution
from optimizer.planning.strategy import plan_case
from optimizer.solvers.steps import Steps

PLAN = sentence("plan of the case")
"""The part of a study in which its case is planned."""


def planned(
    given: CaseTables | PlanTables | FailedPlanTables,
    options: SolveOptions | None = None,
    steps: Steps | None = None,
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
    if steps is not None:
        steps.begin(PLAN)
    outcome = plan_case(given, options, progress=None if steps is None else steps.hook)
    if outcome.x is None:
        FailedPlanTables(outcome).raise_error()
    return PlanTables(Solution(outcome))


def unfinished(plan: PlanTables) -> tuple[Message, ...]:
    """Return what to know of a plan that a study begins from and whose search a limit ended; else nothing."""
    if plan.outcome.complete:
        return ()
    return (
        say(
            "A limit ended the search for the plan of the case, from which this begins; a better one may exist. Allow "
            "more time."
        ),
    )
