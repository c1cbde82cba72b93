"""Ending an overlap, exactly: the plan's program solved again with one side of a pair spending nothing there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from optimizer.arguments import checked
from optimizer.blocks.overlap import true_penalty
from optimizer.errors import InputError
from optimizer.language import say
from optimizer.lp.labels import Codes
from optimizer.plan.ledger import overlap_ledger
from optimizer.plan.plan import PlanTables
from optimizer.plan.solution import Solution
from optimizer.plan.tables import in_unit
from optimizer.planning.without import without
from optimizer.solvers.result import SolveResult, Termination

FIGURES = ("objective", "worth", "overlap_penalty", "rule_price", "lp_objective")


@checked
def without_overlap(plan: PlanTables, rows: int | Sequence[int]) -> pd.DataFrame:
    """Return what it changes to end an overlap, for either side that could stop, by solving again.

    A cluster that stops gets no public money in that niche and year; a funder that stops pays nothing at that site in
    that year. Everything else is planned anew by the plan's linear program, in which overlap counts by the plan's last
    ranking; the figures are then the true ones of the plan found. So ``lp_objective`` is exact and never above 0, and
    ``objective`` is what is attained at the least: planning the whole sequence anew might attain more.

    Parameters
    ----------
    plan
        A plan.
    rows
        Labels of lines of ``plan.overlap_ledger``, such as ``plan.overlap_ledger.nlargest(3, "penalty").index``. Two
        linear programs are solved for each; on a national case that takes seconds.

    Returns
    -------
    pandas.DataFrame
        Two lines per pair, the cheaper first: ``row``; the pair's labels; ``stop``, who stops; ``possible``, whether
        any plan is left without it; the changes of ``objective``, ``worth``, ``overlap_penalty``, ``rule_price``,
        ``lp_objective`` (missing where none is left) and of all ``overlap`` [money].

    Raises
    ------
    InputError
        If the ledger has no such line.
    SolveError
        If the engine fails, or the plan's own program was solved to no optimum.

    Examples
    --------
    >>> import optimizer as vc
    >>> plan = vc.load_case("inputs/tutorial").solve()
    >>> worst = plan.overlap_ledger["penalty"].idxmax()
    >>> vc.without_overlap(plan, worst)["stop"].nunique()
    2
    """
    solution = plan.solution
    ledger = overlap_ledger(solution)
    chosen = [rows] if isinstance(rows, int | np.integer) else [*rows]
    unknown = [row for row in chosen if row not in ledger.index]
    if unknown:
        message = say(
            "the overlap ledger has no line {row}; its lines are numbered 0 to {last}.",
            row=unknown[0],
            last=len(ledger) - 1,
        )
        raise InputError(message)
    labels = ["between", "cluster_a", "cluster_b", "funder_a", "funder_b", "stage", "field", "year"]
    sides = [(row, side) for row in chosen for side in ("a", "b")]
    found = without(plan.outcome, _columns(solution, ledger, sides))
    before = _figures(solution, solution.x)
    lines = []
    for (row, side), result in zip(sides, found, strict=True):
        line = ledger.loc[row]
        kind = "cluster" if line["between"] == "clusters" else "funder"
        possible = result.termination is Termination.OPTIMAL
        change = _change(solution, before, result) if possible else dict.fromkeys((*FIGURES, "overlap"), np.nan)
        lines.append({"row": row, **line[labels], "stop": line[f"{kind}_{side}"], "possible": possible, **change})
    columns = ["row", *labels, "stop", "possible", *FIGURES, "overlap"]
    frame = pd.DataFrame(lines, columns=columns)
    order = np.lexsort((-frame["objective"].fillna(-np.inf), np.arange(len(frame)) // 2))
    return in_unit(frame.iloc[order].reset_index(drop=True), solution.sets.case.currency)


def _columns(solution: Solution, ledger: pd.DataFrame, sides: Sequence[tuple[int, str]]) -> Iterator[Codes]:
    """Yield the columns of public money of each side: of all funders of a cluster's site, or of one funder."""
    columns = solution.program.columns.positions("public").reshape(-1, solution.sets.n_years)
    site_of = solution.sets.site_pairs[0]
    clusters, funders = solution.cluster_overlaps, solution.funder_overlaps
    for row, side in sides:
        between_clusters = row < len(clusters.year)  # the ledger lists them first
        pairs, place = (clusters, row) if between_clusters else (funders, row - len(clusters.year))
        owner = (pairs.first if side == "a" else pairs.second)[place]
        money = np.flatnonzero(site_of == owner) if between_clusters else np.array([owner])
        yield columns[money, pairs.year[place]]


def _change(solution: Solution, before: dict[str, float], result: SolveResult) -> dict[str, float]:
    after = _figures(solution, result.x)
    return {name: after[name] - before[name] + 0.0 for name in before}


def _figures(solution: Solution, x: np.ndarray) -> dict[str, float]:
    """Return the figures of a point of the plan's program, with its true overlap."""
    sets, program = solution.sets, solution.program
    parts = program.part_values(x)
    public = np.maximum(x[program.columns.positions("public")], 0).reshape(-1, sets.n_years)
    between_clusters, between_funders, penalty = true_penalty(sets, public)
    worth, price = parts.get("worth_launches", 0.0) + parts.get("worth_pipeline", 0.0), -parts.get("rule_price", 0.0)
    return {
        "objective": worth - penalty - price,
        "worth": worth,
        "overlap_penalty": penalty,
        "rule_price": price,
        "lp_objective": sum(parts.values()),
        "overlap": between_clusters + between_funders,
    }
