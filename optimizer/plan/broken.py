"""Which limits a given allocation breaks, and by how much."""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.blocks.funding import budgets
from optimizer.blocks.sets import codes_of
from optimizer.data.allocation import LABELS
from optimizer.lp.program import Vector
from optimizer.plan.solution import Solution
from optimizer.plan.statistics import TOLERANCE, Statistics
from optimizer.plan.tables import in_unit, site_labels
from optimizer.planning.valuation import Valuation

PAPER, USE, PHYSICAL = "as given", "as used", "physical"
COLUMNS = ["family", "rule", *LABELS, "given", "limit", "excess", "price", "counted"]


def broken_limits(valuation: Valuation, paper: Solution, use: Solution, lines: pd.DataFrame) -> pd.DataFrame:
    """Return the limits an allocation breaks, one a row (see :attr:`EvaluationTables.broken`).

    Parameters
    ----------
    valuation
        The allocation and its best use.
    paper, use
        Its money as given and as used.
    lines
        The allocation line by line, with ``given``, ``used``, ``unused`` and the ``family`` that keeps it from use.
    """
    parts = [
        _budgets(use, lines),
        _mandates(valuation, lines),
        _rules(valuation, paper, use),
        _specialization(paper, use),
        _openings(paper),
        _physical(lines),
    ]
    found = [part for part in parts if len(part)]
    frame = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=COLUMNS)
    for name in ("rule", *LABELS):
        if name not in frame:
            frame[name] = None
    frame = frame.reindex(columns=[*COLUMNS, *(name for name in frame.columns if name not in COLUMNS)])
    labels = frame.columns.difference(["given", "limit", "excess", "price"])
    frame[labels] = frame[labels].astype(object).where(frame[labels].notna(), None)
    figures = ["given", "limit", "excess", "price"]
    frame[figures] = frame[figures].astype(float)
    return in_unit(frame, use.sets.case.currency)


def _more(given: Vector, limit: Vector) -> np.ndarray:
    """Return what is more than a limit, beyond rounding."""
    over = given - limit
    more: np.ndarray = np.where(over > TOLERANCE * (1 + np.abs(limit)), over, 0.0)
    return more


def budget_limits(asked: Vector, amount: Vector, carry_over: float) -> Vector:
    """Return the most each funder can spend in each year, after what is asked of it before, shape (funders, years).

    That is the year's budget and what was carried into it: what was left before, at most ``carry_over`` of the budget
    it was left of.
    """
    limit, carried = np.zeros_like(amount), np.zeros(len(amount))
    for step in range(amount.shape[1]):
        limit[:, step] = amount[:, step] + carried
        carried = np.clip(limit[:, step] - asked[:, step], 0.0, carry_over * amount[:, step])
    return limit


def _budgets(use: Solution, lines: pd.DataFrame) -> pd.DataFrame:
    """Return funders and years whose money exceeds the budget and what may be carried into the year."""
    sets = use.sets
    asked = np.zeros((len(sets.funders), sets.n_years))
    np.add.at(asked, (codes_of(lines["funder"], sets.funders), codes_of(lines["year"], sets.years)), lines["given"])
    limit = budget_limits(asked, budgets(sets), sets.case.settings.funding.carry_over)
    excess = _more(asked, limit)
    funder, year = np.nonzero(excess)
    return pd.DataFrame(
        {
            "family": "budget",
            "funder": sets.funders.take(funder),
            "year": sets.years.take(year),
            "given": asked[funder, year],
            "limit": limit[funder, year],
            "excess": excess[funder, year],
            "counted": PAPER,
        }
    )


def _mandates(valuation: Valuation, lines: pd.DataFrame) -> pd.DataFrame:
    """Return lines whose funder may fund none of the places that the money fits."""
    given = valuation.given
    frame = lines.loc[given.placed & ~given.mandated, [*LABELS, "given"]].assign(family="mandate", counted=PAPER)
    return frame.assign(limit=0.0, excess=frame["given"])


def _rules(valuation: Valuation, paper: Solution, use: Solution) -> pd.DataFrame:
    """Return rows of rules: those on money as given, others and those that unused money breaks as used."""
    by_money = valuation.by_money[use.program.rows.positions("rules")]
    if not len(by_money):
        return pd.DataFrame()
    written, done = Statistics(paper).rules(), Statistics(use).rules()
    on_paper = by_money & (written["lacking"] > 0).to_numpy()
    in_use = ~on_paper & (done["lacking"] > 0).to_numpy()
    frame = pd.concat([written[on_paper].assign(counted=PAPER), done[in_use].assign(counted=USE)])
    frame = frame.rename(columns={"attained": "given", "target": "limit", "lacking": "excess"})
    return frame.drop(columns="state").assign(family="rules")


def _specialization(paper: Solution, use: Solution) -> pd.DataFrame:
    written, done = (_lacking_specialized(solution) for solution in (paper, use))
    on_paper = written["excess"] > 0
    in_use = ~on_paper & (done["excess"] > 0)
    frame = pd.concat([written[on_paper].assign(counted=PAPER), done[in_use].assign(counted=USE)])
    return frame.assign(family="specialization")


def _lacking_specialized(solution: Solution) -> pd.DataFrame:
    """Return each cluster's specialised money of each year beside the least it must be."""
    frame = Statistics(solution).specialization()
    given, limit = frame["specialized_spend"], frame["min_share"] * frame["spend"]
    excess = _more(limit.to_numpy(), given.to_numpy())
    return frame[["cluster", "year"]].assign(given=given, limit=limit, excess=excess)


def _openings(paper: Solution) -> pd.DataFrame:
    """Return sites given less than their minimum, and clusters funded in more niches than they may."""
    sets = paper.sets
    spent = paper.quantity("spent_at_site")
    least = sets.case.table("sites")["minimum"].to_numpy(float) if sets.case.has("sites") else np.zeros(len(spent))
    lacking = np.where(spent > 0, _more(np.broadcast_to(least[:, None], spent.shape), spent), 0.0)
    site, year = np.nonzero(lacking)
    minimum = pd.DataFrame(
        {
            "family": "minimum",
            **site_labels(sets, site),
            "year": sets.years.take(year),
            "given": spent[site, year],
            "limit": least[site],
            "excess": lacking[site, year],
            "counted": PAPER,
        }
    )
    funded = np.zeros((len(sets.clusters), sets.n_years))
    np.add.at(funded, sets.sites.cluster, (spent > 0).astype(float))
    most = sets.case.table("clusters")["max_niches"].to_numpy(float)
    over = np.maximum(funded - most[:, None], 0.0)
    cluster, year = np.nonzero(over)
    niches = pd.DataFrame(
        {
            "family": "max_niches",
            "cluster": sets.clusters.take(cluster),
            "year": sets.years.take(year),
            "given": funded[cluster, year],
            "limit": most[cluster],
            "excess": over[cluster, year],
            "counted": PAPER,
        }
    )
    return pd.concat([part for part in (minimum, niches) if len(part)] or [minimum])


def _physical(lines: pd.DataFrame) -> pd.DataFrame:
    """Return sites and links given more money than they can use, funders taken together."""
    kept = lines[(lines["unused"] > 0) & (lines["family"] != "")]
    by = ["family", "cluster", "partner", "stage", "field", "year"]
    whole = lines.groupby(by[1:], sort=False)["given"].sum()
    frame = kept.groupby(by, sort=False)["unused"].sum().rename("excess").reset_index()
    given = whole.reindex(pd.MultiIndex.from_frame(frame[by[1:]])).to_numpy()
    return frame.assign(given=given, limit=given - frame["excess"], counted=PHYSICAL)
