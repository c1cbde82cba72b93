"""What the best use of a given allocation is worth, by the case's own program with other bounds.

given        a[m,n,t] (and link money) is the most that may be spent on each column; nothing else may be
decided      starts, links, private money, capacity: everything but public money
held         what nobody can change: backlog, capacity, hand-offs, durations, crowd-in, private caps, demand
loosened     what people decide: budgets, mandates, carry-over and most niches do not hold; hard rules, minima and the
             specialisation share hold, each loosened as far as the allocation itself breaks it; where money that
             cannot be used breaks one further, the sum of what is broken (relative to the row's size) is least
objective    first the most worth less the price of broken rules, without any price that only falls when money is left
             unused (overlap, ceilings on spending): the allocation decides that, not its use; then the most money used

A plan's own allocation is worth what the plan is: the plan is feasible here, and a use worth more would be a better
plan, since leaving money unused never raises a price that is left out here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from optimizer.blocks.overlap import rank_by_plan
from optimizer.blocks.sets import Mask, gather
from optimizer.compiler import Compiled, without_penalty
from optimizer.data.case import CaseTables
from optimizer.errors import SolveError
from optimizer.language import say
from optimizer.lp.extend import Addition, extended
from optimizer.lp.labels import Codes
from optimizer.lp.program import LinearProgram, Vector
from optimizer.options import OverlapMethod, SolveOptions
from optimizer.planning.given import Given, place
from optimizer.planning.outcome import Outcome
from optimizer.planning.sequence import Clock
from optimizer.solvers.base import Session, find_engine
from optimizer.solvers.lexicographic import least_of
from optimizer.solvers.result import ProgressHook, SolveResult, Termination

HELD_FAMILIES = ("rules", "specialization", "minimum")
"""Rows of what people decide that guide the use of the money."""
LIFTED_FAMILIES = ("budget", "funded", "max_niches")
"""Rows of what people decide that do not hold here."""
MONEY_FAMILIES = ("public", "link_public")
SHARING, EXCEEDING = "shared", "exceeded"
SPARE = 1e-9
"""Relative room left above the least that must be broken, so that rounding cuts off no use."""


@dataclass(frozen=True, eq=False)
class Valuation:
    """The best use of an allocation.

    Attributes
    ----------
    given
        The allocation over the program's columns.
    outcome
        The use, as a plan of the case with mandates as wide as the allocation needs.
    paper
        The money of the allocation by column, as given; money of lines that leave something open as it is used, and
        what is unused of it in the first place it fits.
    used
        Money used of each line.
    by_money
        Whether each row of the program depends on public money alone.
    """

    given: Given
    outcome: Outcome
    paper: Vector
    used: Vector
    by_money: Mask


def value_allocation(
    case: CaseTables,
    table: pd.DataFrame,
    options: SolveOptions | None = None,
    progress: ProgressHook | None = None,
) -> Valuation:
    """Find the best use of an allocation.

    Parameters
    ----------
    case
        The case.
    table
        The allocation, as :func:`optimizer.data.allocation.read_allocation` returns it.
    options
        How to solve; the defaults where it is ``None``.
    progress
        Told where long solves stand.

    Raises
    ------
    SolveError
        If the engine fails or a limit ends it, or the use is worth more than any bound: the case is unbounded.
    """
    options = options or SolveOptions()
    clock = Clock(options.time_limit, progress=progress)
    given = place(gather(case), table)
    program = _physical(given)
    base = given.compiled.program
    money = _money_columns(base)
    by_money = _only(base, money | _columns_of(base, ("violation",)))
    loosened = _loosened(given, program, by_money)
    shared = _with_shares(given, loosened)
    held = np.concatenate([base.rows.positions(name) for name in HELD_FAMILIES])
    held = held[~_has(base, "violation")[held]]
    elastic, slack = _with_slack(shared, held)
    spend = np.zeros(elastic.n_columns)
    spend[: base.n_columns][money] = -1.0
    result, x = _best_use(elastic, slack, spend, options, clock)
    sharing = x[base.n_columns : slack[0] if len(slack) else elastic.n_columns]
    x = _with_violations(base, x[: base.n_columns].copy())
    used, paper = _by_line(given, x, sharing)
    public = np.maximum(x[base.columns.positions("public")], 0).reshape(-1, given.compiled.sets.n_years)
    outcome = Outcome(
        compiled=Compiled(given.compiled.sets, base),
        ranking=rank_by_plan(given.compiled.sets, public),
        result=replace(result, _row_dual=None, _reduced_cost=None, _basis=None),  # prices of another program
        x=x,
        method=OverlapMethod.FIXED,
        options=options,
        bound=None,
        fixed_whole=False,
        steps=(),
        complete=True,
        algorithms=(result.algorithm,),
        seconds=clock.seconds,
    )
    return Valuation(given, outcome, paper, used, by_money)


def _columns_of(program: LinearProgram, families: tuple[str, ...]) -> Mask:
    chosen = np.zeros(program.n_columns, dtype=bool)
    for family in families:
        chosen[program.columns.positions(family)] = True
    return chosen


def _money_columns(program: LinearProgram) -> Mask:
    return _columns_of(program, MONEY_FAMILIES)


def _only(program: LinearProgram, columns: Mask) -> Mask:
    """Return which rows have entries in these columns only."""
    only = np.ones(program.n_rows, dtype=bool)
    only[program.indices[~columns[program.entry_columns]]] = False
    return only


def _has(program: LinearProgram, family: str) -> Mask:
    """Return which rows have an entry in a family of columns."""
    has = np.zeros(program.n_rows, dtype=bool)
    has[program.indices[_columns_of(program, (family,))[program.entry_columns]]] = True
    return has


def _physical(given: Given) -> LinearProgram:
    """Return the program with the given money as bounds, without what people decide and without its prices."""
    program = without_penalty(given.compiled)
    lower, upper = program.lower.copy(), program.upper.copy()
    upper[_money_columns(program)] = 0.0
    money = given.fixed()
    upper += np.where(_money_columns(program), money, 0.0)
    carry = program.columns.positions("carry")
    upper[carry] = 0.0
    open_sites = program.columns.positions("funded")
    if len(open_sites):
        # a whole decision is no longer one: a site is open where it is given money
        lower[open_sites] = upper[open_sites] = _given_at(given, "funded") > 0
    row_upper = program.row_upper.copy()
    for family in LIFTED_FAMILIES:
        row_upper[program.rows.positions(family)] = np.inf
    return replace(
        program,
        cost=_guiding_cost(program),
        lower=lower,
        upper=upper,
        row_upper=row_upper,
        integer=np.zeros_like(program.integer),
    )


def _given_at(given: Given, family: str) -> Vector:
    """Return the money given to the site and year of each column of a family; open lines count wherever they fit."""
    columns, sets = given.compiled.program.columns, given.compiled.sets
    amount = np.zeros((len(sets.sites), sets.n_years))
    site = np.repeat(sets.site_pairs[0], sets.n_years)
    place_of = np.full(given.compiled.program.n_columns, -1, dtype=np.intp)
    place_of[columns.positions("public")] = np.arange(len(site))
    pair = place_of[given.column]
    at_site = pair >= 0
    np.add.at(
        amount,
        (site[pair[at_site]], pair[at_site] % sets.n_years),
        given.amount[given.line[at_site]],
    )
    cluster, stage, field, year = (columns.codes(family, name) for name in ("cluster", "stage", "field", "year"))
    at: Vector = amount[sets.site_at[cluster, stage, field], year]
    return at


def _guiding_cost(program: LinearProgram) -> Vector:
    """Return the objective without the price of ceilings on spending, which only falls when money is left unused."""
    cost = program.cost.copy()
    violation = program.columns.positions("violation")
    if not len(violation):
        return cost
    money = _money_columns(program)
    only_more = _only(program, money | _columns_of(program, ("violation",)))
    only_more[program.indices[money[program.entry_columns] & (program.values < 0)]] = False
    ceiling = only_more & np.isfinite(program.row_upper)
    of_ceiling = ceiling[program.indices] & _columns_of(program, ("violation",))[program.entry_columns]
    cost[program.entry_columns[of_ceiling]] = 0.0
    return cost


def _loosened(given: Given, program: LinearProgram, by_money: Mask) -> LinearProgram:
    """Return the program with each row on money alone loosened as far as the allocation breaks it.

    Rows that money of open lines enters keep their limits, for it may yet go where they want it.
    """
    money = program.activity(given.fixed())
    open_column = np.zeros(program.n_columns, dtype=bool)
    open_column[given.column[~given.single]] = True
    known = by_money.copy()
    known[program.indices[open_column[program.entry_columns]]] = False
    chosen = np.zeros(program.n_rows, dtype=bool)
    for family in ("rules", "specialization"):
        chosen[program.rows.positions(family)] = True
    chosen &= known
    minimum = program.rows.positions("minimum")
    row_lower = np.where(chosen, np.minimum(program.row_lower, money), program.row_lower)
    row_upper = np.where(chosen, np.maximum(program.row_upper, money), program.row_upper)
    if len(minimum):
        opened = program.activity(given.fixed() + np.where(_columns_of(program, ("funded",)), program.lower, 0.0))
        row_lower[minimum] = np.minimum(row_lower[minimum], opened[minimum])
    return replace(program, row_lower=row_lower, row_upper=row_upper)


def _with_shares(given: Given, program: LinearProgram) -> LinearProgram:
    """Return the program with one column for each place that money of an open line may go to.

    The money of a column is at most what is given to it alone and what comes out of open lines; what leaves an open
    line is at most its amount.
    """
    pairs = np.flatnonzero(~given.single)
    line, column = given.line[pairs], given.column[pairs]
    lines, row_of_line = np.unique(line, return_inverse=True)
    columns, row_of_column = np.unique(column, return_inverse=True)
    share = program.n_columns + np.arange(len(pairs))
    from_line, to_column = program.n_rows + row_of_line, program.n_rows + len(lines) + row_of_column
    into = program.n_rows + len(lines) + np.arange(len(columns))
    ones = np.ones(len(pairs))
    upper = program.upper.copy()
    row_upper = np.concatenate([given.amount[lines], upper[columns]])
    upper[columns] = np.inf
    addition = Addition(
        lower=np.zeros(len(pairs)),
        upper=np.full(len(pairs), np.inf),
        row_lower=np.full(len(row_upper), -np.inf),
        row_upper=row_upper,
        entries=((from_line, share, ones), (to_column, share, -ones), (into, columns, np.ones(len(columns)))),
    )
    return extended(replace(program, upper=upper), addition, SHARING)


def _with_slack(program: LinearProgram, rows: Codes) -> tuple[LinearProgram, Codes]:
    """Return the program with one column a row by which it may be broken, and these columns; at first none may be."""
    floor = np.isfinite(program.row_lower[rows])
    slack = program.n_columns + np.arange(len(rows))
    nothing = np.zeros(len(rows))
    addition = Addition(nothing, nothing, np.empty(0), np.empty(0), ((rows, slack, np.where(floor, 1.0, -1.0)),))
    return extended(program, addition, EXCEEDING), slack


def _best_use(
    program: LinearProgram, slack: Codes, spend: Vector, options: SolveOptions, clock: Clock
) -> tuple[SolveResult, Vector]:
    session = find_engine(options.engine)(program, options)
    result = session.solve(clock.left(), clock.progress)
    if result.termination in (Termination.INFEASIBLE, Termination.INFEASIBLE_OR_UNBOUNDED) and len(slack):
        program = replace(program, upper=_least_broken(session, program, slack, clock))
        session = find_engine(options.engine)(program, options)
        result = session.solve(clock.left(), clock.progress)
    if result.termination is not Termination.OPTIMAL:
        raise SolveError(
            say(
                "the allocation could not be valued: the solve ended with '{detail}'. Raise the time limit, or solve "
                "the case itself, which says what is wrong with it.",
                detail=result.detail,
            ),
            result.termination.status,
        )
    within = replace(options, time_limit=clock.left())
    return result, least_of(session, program, result, spend, within, clock.progress)


def _least_broken(session: Session, program: LinearProgram, slack: Codes, clock: Clock) -> Vector:
    """Return upper bounds of the columns that let each row be broken as little as must be, summed over rows."""
    upper = program.upper.copy()
    upper[slack] = np.inf
    session.set_bounds(program.lower, upper)
    broken = np.zeros(program.n_columns)
    row = program.indices[program.starts[slack]]
    bound = np.where(np.isfinite(program.row_lower[row]), program.row_lower[row], program.row_upper[row])
    broken[slack] = 1 / np.maximum(np.abs(bound), 1.0)
    session.set_cost(broken, maximize=False)
    result = session.solve(clock.left(), clock.progress)
    if result.termination is Termination.OPTIMAL:
        least = np.maximum(result.x[slack], 0.0)
        upper[slack] = least + SPARE * (1 + least)
    return upper


def _with_violations(program: LinearProgram, x: Vector) -> Vector:
    """Set each violation to what its row lacks, no more: those without a price here may stand anywhere."""
    violation = program.columns.positions("violation")
    if len(violation):
        x[violation] = 0.0
        row = program.indices[program.starts[violation]]
        reached = program.activity(x)[row]
        x[violation] = np.maximum(0.0, np.maximum(program.row_lower[row] - reached, reached - program.row_upper[row]))
    return x


def _by_line(given: Given, x: Vector, sharing: Vector) -> tuple[Vector, Vector]:
    """Return the money used of each line, and the allocation by column as given.

    A column's money comes first from lines that leave nothing open, then from open ones as the program shared them.
    """
    amount, single = given.amount, given.single
    alone = given.fixed()
    used = np.zeros(len(amount))
    from_alone = np.minimum(x, alone)
    part = np.divide(from_alone, alone, out=np.zeros_like(alone), where=alone > 0)
    np.add.at(used, given.line[single], part[given.column[single]] * amount[given.line[single]])
    line, column = given.line[~single], given.column[~single]
    pool = np.zeros(len(x))
    np.add.at(pool, column, np.maximum(sharing, 0.0))
    rest = np.divide(x - from_alone, pool, out=np.zeros_like(x), where=pool > 0)
    shared = np.minimum(rest[column], 1.0) * np.maximum(sharing, 0.0)
    np.add.at(used, line, shared)
    used = np.clip(used, 0.0, amount)
    paper = alone.copy()
    np.add.at(paper, column, shared)
    left, first = np.unique(line, return_index=True)
    np.add.at(paper, column[first], amount[left] - used[left])
    return used, paper
