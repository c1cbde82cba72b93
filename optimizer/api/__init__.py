"""What users touch: cases that solve themselves, plans that write themselves, and studies.

The layers below know nothing of each other's upper parts; here their public faces are put together.
"""

from optimizer.api.cases import Case, Evaluation, Explanation, FailedPlan, Plan, load_case, new_case
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
