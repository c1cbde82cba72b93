"""Plans of one case at rising budgets that are nested: what a unit has been given is never taken away again.

sets         b in BUDGETS, rising; u in UNITS, groups of public money by labels such as cluster, stage and field
variables    x_b, those of the case's program at each budget (FORMULATION 3)
             spent_b[u] = public money of the unit, links included, over all funders and years its labels do not tell
constraints  every row and bound of the program at each budget
             nested[b,u]:  spent_{b+1}[u] - spent_b[u] >= 0
objective    sum_b weight_b objective_b(x_b), overlap by a ranking of its own at each budget (FORMULATION 4)

A plan of a budget is feasible at every larger one, for a larger budget only loosens rows; so nested plans exist from
the least budget on that has a plan. Three ways to find them:

joint        all budgets in one linear program: the best nested plans for the rankings. The solve begins from the
             optimal bases of the single programs side by side with the nesting rows basic: that basis is dual feasible,
             so the dual simplex has nothing to mend but the rows by which the single plans are not nested.
forward      the least budget first, and each larger one with the spending before as floors: one program each.
backward     the largest budget first, and each smaller one with the spending before as ceilings. With hard floors
             in the rules this can have no plan where nested ones exist.

Under overlap method ``sequential`` the budgets are ranked by the plans just found and solved again until the weighted
true objective rises no more: the penalty of a ranking is never below the true one and equals it at the plan that it
ranks, so no step loses. Method ``fixed`` keeps the ranking by activity.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from optimizer.blocks.overlap import PART, Ranking, penalty_coefficients, rank_by_plan, true_penalty
from optimizer.blocks.sets import Sets
from optimizer.compiler import Compiled
from optimizer.lp.extend import Addition, extended
from optimizer.lp.labels import BLANK, Codes
from optimizer.lp.program import LinearProgram, Vector
from optimizer.lp.stack import stacked, weighed
from optimizer.lp.triplets import Entries
from optimizer.options import SolveOptions
from optimizer.planning.sequence import CLEAR, MOST_STEPS, RISE, SAME, TIE, Clock
from optimizer.solvers.base import find_engine
from optimizer.solvers.lexicographic import least_of
from optimizer.solvers.result import Basis, SolveResult, Termination

DIMENSIONS = ("funder", "cluster", "stage", "field", "year")
"""Labels of public money; a link's counts for its destination, at stage ``link`` and without a field."""
NESTED = "nested"

Rankings = tuple[Ranking, ...]


@dataclass(frozen=True, eq=False)
class Units:
    """What public money is grouped into.

    Attributes
    ----------
    labels
        The labels of each unit; blank where it has none, as links have no field.
    columns, unit
        Every column of public money, and the unit it belongs to.
    """

    labels: pd.DataFrame
    columns: Codes
    unit: Codes

    def __len__(self) -> int:
        return len(self.labels)

    def spent(self, x: Vector) -> Vector:
        """Return the public money of each unit in a plan [money]."""
        totals: Vector = np.bincount(self.unit, weights=x[self.columns], minlength=len(self)).astype(float)
        return totals


def units_of(compiled: Compiled, of: Sequence[str]) -> Units:
    """Return the units of a case's public money by some of :data:`DIMENSIONS`."""
    columns, sets = compiled.program.columns, compiled.sets
    sites, links = columns.positions("public"), columns.positions("link_public")
    of_links = {
        "cluster": columns.codes("link_public", "destination"),
        "stage": np.full(len(links), len(sets.stages)),
        "field": np.full(len(links), BLANK),
    }
    codes = np.array(
        [
            np.concatenate([columns.codes("public", name), of_links.get(name, columns.codes("link_public", name))])
            for name in of
        ]
    )
    found, unit = np.unique(codes, axis=1, return_inverse=True)
    labels = pd.DataFrame({name: columns.take(name, found[place]) for place, name in enumerate(of)}).fillna("")
    return Units(labels, np.concatenate([sites, links]), unit.ravel())


@dataclass(frozen=True, eq=False)
class Nested:
    """Plans of one budget or several, the best found.

    Attributes
    ----------
    objective
        Weighted true objective [money].
    rankings
        The ranking at each budget in whose program the plans are optimal.
    plans
        The plan of each budget.
    result
        The end of that program's solve.
    """

    objective: float
    rankings: Rankings
    plans: tuple[Vector, ...]
    result: SolveResult


class Nest:
    """Programs of one case at several budgets, joined by nesting rows, in one session.

    Parameters
    ----------
    blocks
        The case and its program at each budget, the smallest first.
    weights
        Weight of each objective.
    units
        What must not fall from one budget to the next.
    options, clock
        How to solve, and what time is left.
    floor, ceiling
        Least and most money of each unit at every budget [money]; without limit where left out.
    """

    def __init__(  # noqa: PLR0913  # what is nested, in what, and how it is solved
        self,
        blocks: Sequence[Compiled],
        weights: Sequence[float],
        units: Units,
        options: SolveOptions,
        clock: Clock,
        *,
        floor: Vector | None = None,
        ceiling: Vector | None = None,
    ) -> None:
        self.blocks, self.weights, self.units = blocks, weights, units
        self.options, self.clock = options, clock
        self.complete = True
        joined, self._offsets = stacked([block.program for block in blocks], weights)
        self.program = _nested(joined, self._offsets[:-1], units, floor, ceiling)
        self.session = find_engine(options.engine)(self.program, options)

    def begin_from(self, results: Sequence[SolveResult]) -> None:
        """Let the first solve begin from the bases of the single programs side by side, where the engine gives any."""
        bases = [result.basis.listed() for result in results if result.has_basis]
        sizes = [(block.program.n_columns, block.program.n_rows) for block in self.blocks]
        fits = [(len(basis.columns), len(basis.rows)) for basis in bases] == sizes
        if self.program.integer.any() or not fits or bases[0].basic is None:
            return
        basic = bases[0].basic
        more = self.program.n_rows - sum(rows for _, rows in sizes)
        columns = [one for basis in bases for one in basis.columns]
        rows = [one for basis in bases for one in basis.rows] + [basic] * more
        self.session.set_basis(Basis(columns, rows, basic))

    def best(self, starts: Iterable[Rankings], *, climb: bool) -> Nested | SolveResult:
        """Return the best plans found from some rankings, those of least spend among equals; or how a solve failed.

        Parameters
        ----------
        starts
            Rankings of the budgets to begin from.
        climb
            Whether to rank by the plans found and solve again.
        """
        best: Nested | None = None
        for rankings in starts:
            found = self._climb(rankings, climb=climb)
            if isinstance(found, SolveResult):
                if best is None:
                    return found
                self.complete = False
                break
            if best is None or found.objective > best.objective + SAME * (1 + abs(best.objective)):
                best = found
        if best is None:
            msg = "a search for nested plans begins from one ranking at least"
            raise AssertionError(msg)
        return self._least(best)

    def objective(self, plans: Sequence[Vector]) -> float:
        """Return the weighted true objective of plans [money]."""
        values = [true_objective(block, x) for block, x in zip(self.blocks, plans, strict=True)]
        return float(np.dot(self.weights, values))

    def _climb(self, rankings: Rankings, *, climb: bool) -> Nested | SolveResult:
        best: Nested | None = None
        for _ in range(MOST_STEPS):
            self._load(rankings)
            result = self.session.solve(self.clock.left(), self.clock.progress)
            if result.termination is not Termination.OPTIMAL:
                if best is None:
                    return result
                self.complete = False
                return best
            found = self._valued(rankings, result, result.x)
            before = best
            if before is None or found.objective > before.objective - SAME * (1 + abs(before.objective)):
                best = found
            if not climb or (before is not None and found.objective <= before.objective + _rise(before)):
                break
            rankings = rankings_of(self.blocks, found.plans)
        return best or result

    def _valued(self, rankings: Rankings, result: SolveResult, x: Vector) -> Nested:
        plans = tuple(x[first:end] for first, end in zip(self._offsets, self._offsets[1:], strict=False))
        return Nested(self.objective(plans), rankings, plans, result)

    def _load(self, rankings: Rankings) -> LinearProgram:
        """Let the session hold the objective under rankings, and return the program."""
        costs = [ranked(block, one).cost for block, one in zip(self.blocks, rankings, strict=True)]
        program = replace(self.program, cost=weighed(costs, self.weights))
        self.session.set_cost(program.cost, maximize=program.maximize)
        return program

    def _least(self, best: Nested) -> Nested:
        """Return the plans of least spend among equals, unless their true overlap is worse."""
        program = self._load(best.rankings)
        if best.result.has_basis:
            self.session.set_basis(best.result.basis)
        second = np.concatenate([self._second_wish(block.program) for block in self.blocks])
        options = replace(self.options, time_limit=self.clock.left())
        x = least_of(self.session, program, best.result, second, options, self.clock.progress)
        found = self._valued(best.rankings, best.result, x)
        return best if best.objective > found.objective + SAME * (1 + abs(found.objective)) else found

    def _second_wish(self, program: LinearProgram) -> Vector:
        # the same weights as for a single plan, so that one budget alone has the plan that the case has
        wish = CLEAR * TIE * (1 + np.random.default_rng(0).random(program.n_columns))
        wish[self.units.columns] += CLEAR
        return wish


def rankings_of(blocks: Sequence[Compiled], plans: Sequence[Vector]) -> Rankings:
    """Return the rankings by what plans spend."""
    return tuple(rank_by_plan(block.sets, _amounts(block, x)) for block, x in zip(blocks, plans, strict=True))


def ranked(block: Compiled, ranking: Ranking) -> LinearProgram:
    """Return the program of a case under a ranking."""
    coefficients = penalty_coefficients(block.sets, ranking).ravel()
    return block.program.with_part(PART, block.program.columns.positions("public"), coefficients)


def true_objective(block: Compiled, x: Vector) -> float:
    """Return the objective of a plan with its true overlap penalty [money]."""
    linear = float(block.program.cost @ x) - block.program.part_values(x)[PART]
    return linear - true_penalty(block.sets, _amounts(block, x))[2]


def lacking(nest: Nest) -> Vector:
    """Return how much more than its ceiling each unit would need at the least for there to be a plan [money].

    The sum of what is added is least; all zero where there is a plan.
    """
    size, first = len(nest.units), nest.program.n_rows - len(nest.units)
    place = np.arange(size)
    relief: Entries = (first + place, nest.program.n_columns + place, np.full(size, -1.0))
    nothing = np.empty(0)
    loose = extended(nest.program, Addition(np.zeros(size), np.full(size, np.inf), nothing, nothing, (relief,)), "more")
    cost = np.append(np.zeros(nest.program.n_columns), np.ones(size))
    result = find_engine(nest.options.engine)(replace(loose, cost=cost, maximize=False), nest.options).solve(
        nest.clock.left(), nest.clock.progress
    )
    more: Vector = result.x[-size:] if result.termination is Termination.OPTIMAL else np.zeros(size)
    return more


def _rise(before: Nested) -> float:
    return RISE * (1 + abs(before.objective))


def _amounts(block: Compiled, x: Vector) -> Vector:
    sets: Sets = block.sets
    amounts: Vector = np.maximum(x[block.program.columns.positions("public")], 0).reshape(-1, sets.n_years)
    return amounts


def _nested(
    program: LinearProgram, firsts: Codes, units: Units, floor: Vector | None, ceiling: Vector | None
) -> LinearProgram:
    """Return programs side by side with their nesting rows, then the rows of floors and ceilings."""
    size, steps = len(units), len(firsts) - 1
    lower, upper = np.zeros(steps * size), np.full(steps * size, np.inf)
    entries: list[Entries] = []
    for sign, blocks in ((-1.0, firsts[:-1]), (1.0, firsts[1:])):
        row = program.n_rows + np.arange(steps)[:, None] * size + units.unit
        column = blocks[:, None] + units.columns
        entries.append((row.ravel(), column.ravel(), np.full(row.size, sign)))
    if floor is not None or ceiling is not None:
        held = program.n_rows + len(lower) + np.arange(len(firsts))[:, None] * size + units.unit
        column = firsts[:, None] + units.columns
        entries.append((held.ravel(), column.ravel(), np.ones(held.size)))
        lower = np.append(lower, np.tile(np.zeros(size) if floor is None else floor, len(firsts)))
        upper = np.append(upper, np.tile(np.full(size, np.inf) if ceiling is None else ceiling, len(firsts)))
    nothing = np.empty(0)
    return extended(program, Addition(nothing, nothing, lower, upper, tuple(entries)), NESTED)
