"""What plans are traded off by: measures that a linear program can hold, beside their true values.

worth        worth of launches and pipeline less the price of broken rules: linear                       [money]
overlap      what the penalty weighs: discounted overlap between clusters, and between funders at the ratio of their
             prices. The program holds the linear overlap of a ranking, which is never below the true one (FORMULATION
             4); so a ceiling on it is kept by the true overlap, which is what is reported.               [money]
balance      public money of the region that gets least, over the horizon: a column ``t`` with
             ``t <= spend[r]`` for each region, links counting for their destination. This is the max-min (Rawls)
             measure of D. Bertsimas, V. Farias, N. Trichakis, Operations Research 59 (2011) 17-31.       [money]
launches     launches up to a year, of the whole horizon where none is named: linear                     [projects]
private      private money over the horizon: linear                                                      [money]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd

from optimizer.blocks.overlap import PART, penalty_coefficients, true_penalty
from optimizer.blocks.sets import Sets
from optimizer.data.changes import Change, Operation, changed_case
from optimizer.errors import InputError
from optimizer.language import say
from optimizer.lp.extend import Addition, extended
from optimizer.lp.labels import Codes
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import one_of
from optimizer.plan.solution import Solution
from optimizer.planning.outcome import Outcome
from optimizer.solvers.frontier import Goal


class Measure(StrEnum):
    """What plans are traded off by."""

    WORTH = "worth"
    OVERLAP = "overlap"
    BALANCE = "balance"
    LAUNCHES = "launches"
    PRIVATE = "private"


@dataclass(frozen=True, eq=False)
class Measured:
    """A program that holds some measures as goals.

    Attributes
    ----------
    program
        The plan's program, with a column and rows more where balance is among the measures.
    goals
        The measures as goals, in the order asked for.
    sets
        Sets of the case, at the prices of overlap that weigh it.
    """

    program: LinearProgram
    goals: tuple[Goal, ...]
    sets: Sets

    def true_values(self, solution: Solution) -> dict[str, float]:
        """Return the measures of a plan as it is: overlap is the true one."""
        return {goal.name: TRUE[Measure(goal.name)](self, solution, goal) for goal in self.goals}


def measured(outcome: Outcome, names: tuple[Measure, ...], by: int | None) -> Measured:
    """Return a plan's program with measures as goals.

    Parameters
    ----------
    outcome
        How the plan was found; its last ranking counts the overlap.
    names
        The measures.
    by
        Year up to which launches count; the whole horizon where ``None``.

    Raises
    ------
    InputError
        If the year is outside of the horizon, or balance is asked for in a case without two regions.
    """
    compiled = outcome.compiled
    sets, program = _weighed(compiled.sets), compiled.program
    if Measure.BALANCE in names:
        program = _with_least_region(program, sets)
    vectors: dict[Measure, Callable[[], Vector]] = {
        Measure.WORTH: lambda: _worth(program),
        Measure.OVERLAP: lambda: _overlap(program, sets, outcome),
        Measure.BALANCE: lambda: _indicator(program, np.array([program.n_columns - 1])),
        Measure.LAUNCHES: lambda: _launches(program, sets, by),
        Measure.PRIVATE: lambda: _indicator(program, program.columns.positions("private")),
    }
    goals = tuple(Goal(name.value, vectors[name](), maximize=name is not Measure.OVERLAP) for name in names)
    return Measured(program, goals, sets)


def chosen(names: tuple[str, ...]) -> tuple[Measure, ...]:
    """Return the measures named; two or three, each once.

    Raises
    ------
    InputError
        If they are more or fewer, or one is unknown or named twice.
    """
    measures = tuple(one_of(Measure, name, "measure") for name in names)
    if len(measures) not in (2, 3) or len(set(measures)) < len(measures):
        raise InputError(
            say(
                "a frontier trades two or three measures, each named once, not {names}; there are {known}.",
                names=", ".join(names) or "–",
                known=", ".join(Measure),
            )
        )
    return measures


def _weighed(sets: Sets) -> Sets:
    """Return the sets at the prices that weigh overlap: 1 between clusters, and between funders in the case's ratio."""
    own = sets.case.settings.overlap
    if own.between_clusters > 0:
        prices = (1.0, own.between_funders / own.between_clusters)
    else:
        prices = (0.0 if own.between_funders > 0 else 1.0, 1.0)
    changes = [
        Change("case", f"overlap.{key}", Operation.SET, price)
        for key, price in zip(("between_clusters", "between_funders"), prices, strict=True)
    ]
    return replace(sets, case=changed_case(sets.case, changes))


def _indicator(program: LinearProgram, columns: Codes) -> Vector:
    vector = np.zeros(program.n_columns)
    vector[columns] = 1.0
    return vector


def _worth(program: LinearProgram) -> Vector:
    vector = program.cost.copy()
    penalty = program.parts[PART]
    vector -= np.bincount(penalty.columns, weights=penalty.coefficients, minlength=program.n_columns)
    return vector


def _overlap(program: LinearProgram, sets: Sets, outcome: Outcome) -> Vector:
    vector = np.zeros(program.n_columns)
    vector[program.columns.positions("public")] = -penalty_coefficients(sets, outcome.ranking).ravel()
    return vector


def _launches(program: LinearProgram, sets: Sets, by: int | None) -> Vector:
    last = sets.n_years - 1 if by is None else int(sets.years.get_indexer(pd.Index([by]))[0])
    if last < 0:
        raise InputError(
            say(
                "launches up to {year}: the horizon is {first} to {last}.",
                year=by,
                first=sets.years[0],
                last=sets.years[-1],
            )
        )
    finished = program.expressions["finished"]
    site, year = np.divmod(finished.slots, sets.n_years)
    counts = np.isin(site, sets.launching) & (year <= last)
    weights = finished.coefficients[counts]
    return np.bincount(finished.columns[counts], weights=weights, minlength=program.n_columns).astype(float)


# --- regions ---------------------------------------------------------------------------------------------------------


def regions_of(sets: Sets) -> tuple[tuple[str, ...], Codes]:
    """Return the regions in the order of the clusters, and the region of each cluster.

    Raises
    ------
    InputError
        If a cluster has no region, or all lie in one.
    """
    names = [str(name or "") for name in sets.case.table("clusters")["region"]]
    regions = tuple(dict.fromkeys(names))
    if "" in regions or len(regions) < 2:  # between which money is balanced
        raise InputError(
            say("balance needs a region for every cluster, and two or more of them; fill clusters.region.")
        )
    return regions, np.array([regions.index(name) for name in names])


def money_by(labels: Mapping[str, Codes], program: LinearProgram, size: int) -> Vector:
    """Return dense vectors over the columns that add up public money by a code.

    Parameters
    ----------
    labels
        Code of each column of the families ``public`` and ``link_public``.
    program
        The program.
    size
        Number of codes.
    """
    vectors = np.zeros((size, program.n_columns))
    for family, codes in labels.items():
        vectors[codes, program.columns.positions(family)] = 1.0
    return vectors


def money_by_cluster(program: LinearProgram, sets: Sets) -> Vector:
    """Return vectors that add up each cluster's public money, links counting for their destination."""
    labels = {
        "public": program.columns.codes("public", "cluster"),
        "link_public": program.columns.codes("link_public", "destination"),
    }
    return money_by(labels, program, len(sets.clusters))


def _with_least_region(program: LinearProgram, sets: Sets) -> LinearProgram:
    regions, region = regions_of(sets)
    spend = np.zeros((len(regions), program.n_columns))
    np.add.at(spend, region, money_by_cluster(program, sets))
    row, column = np.nonzero(spend)
    rows = program.n_rows + np.arange(len(regions))
    entries = (
        np.concatenate([rows[row], rows]),
        np.concatenate([column, np.full(len(regions), program.n_columns)]),
        np.concatenate([-spend[row, column], np.ones(len(regions))]),
    )
    ceilings = (np.full(len(regions), -np.inf), np.zeros(len(regions)))
    least = Addition(np.zeros(1), np.full(1, np.inf), *ceilings, (entries,))
    return extended(program, least, "least_region")


def region_money(solution: Solution) -> Vector:
    """Return the public money of each region over the horizon [money]."""
    regions, region = regions_of(solution.sets)
    by_cluster = money_by_cluster(solution.program, solution.sets) @ solution.x
    return np.bincount(region, weights=by_cluster, minlength=len(regions)).astype(float)


def _linear(measured: Measured, solution: Solution, goal: Goal) -> float:
    del measured
    return float(goal.coefficients[: solution.program.n_columns] @ solution.x)


TRUE: Mapping[Measure, Callable[[Measured, Solution, Goal], float]] = {
    Measure.WORTH: _linear,
    Measure.OVERLAP: lambda measured, solution, goal: true_penalty(measured.sets, solution.public)[2],
    Measure.BALANCE: lambda measured, solution, goal: float(region_money(solution).min()),
    Measure.LAUNCHES: _linear,
    Measure.PRIVATE: _linear,
}
"""How each measure of a plan is read off its own program."""
