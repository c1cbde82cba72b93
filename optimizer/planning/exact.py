"""The mixed-integer program with the overlap pair by pair: its best plan, and bounds (FORMULATION section 4).

Why pairs: tried beside it were one decision per cluster, niche and year on who leads it, the same with the years a
cluster leads counted as a whole number (to branch on leading over the horizon), and pairs with such counts. At equal
time all proved less (random-small of the reference cases, 40 s, gap to the best plan: pairs 0.44 %, pairs with counts
0.52 %, leaders 0.92 %, leaders with counts 0.90 %), and SCIP proved less than HiGHS (0.53 %). Tighter caps by
themselves move the bound of the envelope by less than a tenth of a percent; they serve the branching.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.blocks.caps import most_spend
from optimizer.blocks.overlap import true_penalty
from optimizer.blocks.pairs import basic_beside, cluster_pairs, complete
from optimizer.blocks.sets import Sets
from optimizer.compiler import Compiled, compile_pairs, without_penalty
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import SolveOptions
from optimizer.planning.sequence import Clock
from optimizer.solvers.base import find_engine
from optimizer.solvers.result import SolveResult, Termination

TIGHTENING_SHARE = 0.1
"""Share of the time left that may go into tighter caps before the branching."""
UNLIMITED_TIGHTENING = 30.0
"""Seconds for it where there is no time limit."""
SPARE = 1e-6
"""Relative room left above a tightened cap, so that rounding cuts off no plan."""


def branch(compiled: Compiled, options: SolveOptions, clock: Clock, start: Vector | None) -> SolveResult:
    """Solve the mixed-integer program of a case.

    Parameters
    ----------
    compiled
        The case and its program, with whole columns where it asks for whole decisions.
    options
        How to solve.
    clock
        What time is left.
    start
        A plan to start from: values of the program's columns.

    Returns
    -------
    SolveResult
        Best plan (the program's columns first), its bound and why it ended.
    """
    sets, program = compiled.sets, compiled.program
    prices = sets.case.settings.overlap
    if prices.between_clusters > 0 or prices.between_funders > 0:
        caps = most_spend(sets)
        if start is not None:
            caps = tightened(compiled, caps, start, options, clock)
        program = compile_pairs(sets, caps)
        start = None if start is None else complete(sets, caps, program, start)
    session = find_engine(options.engine)(program, options)
    if start is not None:
        session.set_start(start)
    return session.solve(clock.left(), clock.progress)


def envelope_bound(sets: Sets, options: SolveOptions, clock: Clock, found: SolveResult) -> float | None:
    """Return the optimum with the convex envelope of the overlap, above every plan; ``None`` where time ran out.

    Parameters
    ----------
    sets
        Sets and figures of the case.
    options
        How to solve.
    clock
        What time is left.
    found
        The optimum of a program of the case, near which this one lies: where the engine has a basis of it, the solve
        goes on from there (tutorial: 46 steps of the simplex method in place of 1,456).
    """
    caps = most_spend(sets)
    program = _relaxed(compile_pairs(sets, caps))
    session = find_engine(options.engine)(program, options)
    basis = found.basis.widened(*basic_beside(sets, caps, program, found.x)) if found.has_basis else None
    if basis is not None:
        session.set_basis(basis)
    result = session.solve(clock.left(), clock.progress)
    return result.objective if result.termination is Termination.OPTIMAL else None


def _relaxed(program: LinearProgram) -> LinearProgram:
    return replace(program, integer=np.zeros_like(program.integer))


def tightened(compiled: Compiled, caps: Vector, start: Vector, options: SolveOptions, clock: Clock) -> Vector:
    """Return the most each site can take in any plan that is no worse than the one at hand, shape (sites, years).

    For each site and year that could overlap, the program without a penalty is solved for the most spend there, its
    objective held at or above that of the plan: no better plan spends more. Widest caps first; it stops when its share
    of the time is used up.
    """
    sets = compiled.sets
    free = _relaxed(without_penalty(compiled))
    public = free.columns.positions("public").reshape(-1, sets.n_years)
    true = float(free.cost @ start) - true_penalty(sets, np.maximum(start[public], 0))[2]
    session = find_engine(options.engine)(free.with_objective_at_least(true, "cutoff"), options)
    left = clock.left()
    until = clock.seconds + (UNLIMITED_TIGHTENING if left is None else TIGHTENING_SHARE * left)
    tight = caps.copy()
    shared = np.unique(np.concatenate([cluster_pairs(sets, caps).first, cluster_pairs(sets, caps).second]))
    cells = [divmod(cell, sets.n_years) for cell in np.argsort(-caps[shared], axis=None)]
    for position, year in cells:
        if clock.seconds >= until:
            break
        site = shared[position]
        spend = np.zeros(free.n_columns)
        spend[public[sets.site_pairs[0] == site, year]] = 1.0
        session.set_cost(spend, maximize=True)
        result = session.solve(until - clock.seconds)
        if result.termination is Termination.OPTIMAL:
            tight[site, year] = min(caps[site, year], result.objective * (1 + SPARE) + SPARE)
    return tight
