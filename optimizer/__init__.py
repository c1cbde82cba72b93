"""Value-chain investment optimizer: who should fund what, where and when, so that the most reaches the market.

>>> import optimizer as vc
>>> case = vc.load_case("inputs/tutorial")
>>> plan = case.solve()

Everything public is listed in ``__all__`` and imported when it is first used, so that ``import optimizer`` costs
nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer import options
    from optimizer.analysis.points import Point, grid, levels
    from optimizer.analysis.points_parameters import Parameter, Target, usual_parameters
    from optimizer.analysis.risk import CVaR, Expectation, WorstCase
    from optimizer.analysis.sampling import Uncertainty
    from optimizer.api import (
        Case,
        Evaluation,
        Explanation,
        FailedPlan,
        OverlapCalibration,
        Plan,
        calibrate_overlap,
        compare,
        load_case,
        new_case,
        verify,
    )
    from optimizer.api.commitments import CommitmentRegret, FreshFutures, RiskFrontier
    from optimizer.api.futures import Regret, Scenarios, regret, sample_scenarios
    from optimizer.api.mpi_sppy import write_mpi_sppy
    from optimizer.api.priorities import PriorityList, ReplacementCost, priority_list, replacement_cost
    from optimizer.api.rounding import Rounded, rounded
    from optimizer.api.sweeps import Screening, Sweep, Tornado, morris, sobol, sweep, tornado
    from optimizer.api.trade_offs import Alternatives, BudgetCurve, Frontier, alternatives, budget_curve, frontier
    from optimizer.api.uncertainty import Stochastic, stochastic
    from optimizer.data.changes import Change, read_changes
    from optimizer.data.dictionary import dictionary
    from optimizer.data.faults import CaseError, Fault
    from optimizer.data.futures import Future
    from optimizer.data.money import MoneyUnit
    from optimizer.data.provenance import provenance
    from optimizer.data.remarks import Remark, Severity
    from optimizer.desk.explore import Exploration, explore
    from optimizer.errors import InputError, ModelError, OptimizerError, SolveError
    from optimizer.language import Language
    from optimizer.options import Algorithm, OverlapMethod, SolveOptions
    from optimizer.plan.indices import specialization_indices
    from optimizer.plan.removal import without_overlap

_HOMES = {
    "optimizer.analysis.points": (
        "Point",
        "grid",
        "levels",
    ),
    "optimizer.analysis.points_parameters": (
        "Parameter",
        "Target",
        "usual_parameters",
    ),
    "optimizer.analysis.risk": (
        "CVaR",
        "Expectation",
        "WorstCase",
    ),
    "optimizer.analysis.sampling": ("Uncertainty",),
    "optimizer.api": (
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
    ),
    "optimizer.api.commitments": (
        "CommitmentRegret",
        "FreshFutures",
        "RiskFrontier",
    ),
    "optimizer.api.futures": (
        "Regret",
        "Scenarios",
        "regret",
        "sample_scenarios",
    ),
    "optimizer.api.mpi_sppy": ("write_mpi_sppy",),
    "optimizer.api.priorities": (
        "PriorityList",
        "ReplacementCost",
        "priority_list",
        "replacement_cost",
    ),
    "optimizer.api.rounding": (
        "Rounded",
        "rounded",
    ),
    "optimizer.api.sweeps": (
        "Screening",
        "Sweep",
        "Tornado",
        "morris",
        "sobol",
        "sweep",
        "tornado",
    ),
    "optimizer.api.trade_offs": (
        "Alternatives",
        "BudgetCurve",
        "Frontier",
        "alternatives",
        "budget_curve",
        "frontier",
    ),
    "optimizer.api.uncertainty": (
        "Stochastic",
        "stochastic",
    ),
    "optimizer.data.changes": (
        "Change",
        "read_changes",
    ),
    "optimizer.data.dictionary": ("dictionary",),
    "optimizer.data.faults": (
        "CaseError",
        "Fault",
    ),
    "optimizer.data.futures": ("Future",),
    "optimizer.data.money": ("MoneyUnit",),
    "optimizer.data.provenance": ("provenance",),
    "optimizer.data.remarks": (
        "Remark",
        "Severity",
    ),
    "optimizer.desk.explore": (
        "Exploration",
        "explore",
    ),
    "optimizer.errors": (
        "InputError",
        "ModelError",
        "OptimizerError",
        "SolveError",
    ),
    "optimizer.language": ("Language",),
    "optimizer.options": (
        "Algorithm",
        "OverlapMethod",
        "SolveOptions",
    ),
    "optimizer.plan.indices": ("specialization_indices",),
    "optimizer.plan.removal": ("without_overlap",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Algorithm",
    "Alternatives",
    "BudgetCurve",
    "CVaR",
    "Case",
    "CaseError",
    "Change",
    "CommitmentRegret",
    "Evaluation",
    "Expectation",
    "Explanation",
    "Exploration",
    "FailedPlan",
    "Fault",
    "FreshFutures",
    "Frontier",
    "Future",
    "InputError",
    "Language",
    "ModelError",
    "MoneyUnit",
    "OptimizerError",
    "OverlapCalibration",
    "OverlapMethod",
    "Parameter",
    "Plan",
    "Point",
    "PriorityList",
    "Regret",
    "Remark",
    "ReplacementCost",
    "RiskFrontier",
    "Rounded",
    "Scenarios",
    "Screening",
    "Severity",
    "SolveError",
    "SolveOptions",
    "Stochastic",
    "Sweep",
    "Target",
    "Tornado",
    "Uncertainty",
    "WorstCase",
    "alternatives",
    "budget_curve",
    "calibrate_overlap",
    "compare",
    "dictionary",
    "explore",
    "frontier",
    "grid",
    "levels",
    "load_case",
    "morris",
    "new_case",
    "options",
    "priority_list",
    "provenance",
    "read_changes",
    "regret",
    "replacement_cost",
    "rounded",
    "sample_scenarios",
    "sobol",
    "specialization_indices",
    "stochastic",
    "sweep",
    "tornado",
    "usual_parameters",
    "verify",
    "without_overlap",
    "write_mpi_sppy",
]


def __getattr__(name: str) -> object:
    if name in _HOME_OF:
        return getattr(import_module(_HOME_OF[name]), name)
    if name == "options":
        return import_module("optimizer.options")
    msg = f"module 'optimizer' has no attribute '{name}'"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return __all__
