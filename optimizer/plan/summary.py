"""The figures of a plan in one line each."""

from __future__ import annotations

import pandas as pd

from optimizer.language import sentence
from optimizer.lp.program import LinearProgram
from optimizer.plan.solution import Solution
from optimizer.planning.outcome import Outcome

STATUSES = {
    "optimal": sentence("optimal"),
    "infeasible": sentence("infeasible"),
    "unbounded": sentence("unbounded"),
    "limit": sentence("stopped by a limit"),
    "error": sentence("engine failure"),
    "invalid": sentence("impossible change"),
    "edited": sentence("edited, no optimum of the case"),
}
"""Status of a plan -> in words."""


def plan_summary(solution: Solution) -> pd.Series:
    """Return status, objective and its parts, overlaps, money, launches and effort (DESIGN section 3)."""
    outcome = solution.outcome
    parts = solution.parts
    objective, proven = solution.objective, outcome.bound
    bound = None if proven is None else max(proven.value, objective)  # never below the plan by rounding
    return pd.Series(
        {
            "status": "edited" if outcome.edited is not None else "optimal" if outcome.complete else "limit",
            "objective": objective,
            "lp_objective": solution.lp_objective,
            "bound": bound,
            "gap": None if bound is None else (bound - objective) / max(abs(bound), 1e-12),
            "bound_by": None if proven is None else proven.source.value,
            "worth": parts["worth_launches"] + parts["worth_pipeline"],
            "worth_launches": parts["worth_launches"],
            "worth_pipeline": parts["worth_pipeline"],
            "overlap_penalty": -parts["overlap_penalty"] + 0.0,
            "rule_price": -parts["rule_price"] + 0.0,
            "overlap_clusters": float(solution.cluster_overlaps.overlap.sum()),
            "overlap_funders": float(solution.funder_overlaps.overlap.sum()),
            "spend": float(solution.public.sum() + solution.link_public.sum()),
            "private": float(solution.private.sum()),
            "launches": float(solution.launches.sum()),
            **_effort(outcome, solution.program),
        },
        dtype=object,
    )


def failed_summary(outcome: Outcome, status: str) -> pd.Series:
    """Return the summary of a case without a plan: its status and effort, no figure."""
    figures = (
        "objective lp_objective bound gap bound_by worth worth_launches worth_pipeline overlap_penalty rule_price "
        "overlap_clusters overlap_funders spend private launches"
    )
    return pd.Series(
        {"status": status, **dict.fromkeys(figures.split()), **_effort(outcome, outcome.compiled.program)}, dtype=object
    )


def _effort(outcome: Outcome, program: LinearProgram) -> dict[str, object]:
    return {
        "method": outcome.method.value,
        "engine": f"{outcome.options.engine}-{'+'.join(outcome.algorithms)}",
        "seconds": outcome.seconds,
        "columns": program.n_columns,
        "rows": program.n_rows,
        "nonzeros": program.n_nonzeros,
        **_second_opinion(outcome),
    }


def _second_opinion(outcome: Outcome) -> dict[str, object]:
    """Return what a second engine said, where one was asked."""
    second = outcome.cross_check
    if second is None:
        return {}
    return {
        "second_engine": second.second_engine,
        "second_difference": second.difference,
        "engines_agree": second.agree,
    }
