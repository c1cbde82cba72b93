"""What users touch: cases that solve themselves, plans that write themselves, and studies.

The layers below know nothing of each other's upper parts; here their public faces are put together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.api.cases import Case, Explanation, FailedPlan, Plan, load_case, new_case

if TYPE_CHECKING:
    from optimizer.api.evaluation import Evaluation
    from optimizer.api.studies import OverlapCalibration, calibrate_overlap, compare, verify

__all__ = [
    "Case",
    "Evaluation",
    "Explanation",
    "FailedPlan",
    "OverlapCalibration",
    "Plan",
    "calibrate_overlap",
    "compare",
    "load_case",
    "new_case",
    "verify",
]


def __getattr__(name: str) -> Any:
    # studies bring exporters along, which who only plans a case need not wait for
    if name in {"OverlapCalibration", "calibrate_overlap", "compare", "verify"}:
        from optimizer.api import studies

        return getattr(studies, name)
    if name == "Evaluation":
        from optimizer.api.evaluation import Evaluation

        return Evaluation
    msg = f"module 'optimizer.api' has no attribute '{name}'"
    raise AttributeError(msg)
