"""The tables of a plan: who spends what where and when, what runs, what is launched, what overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from optimizer.blocks.sets import Sets
from optimizer.data.rows import LINK_STAGE
from optimizer.lp.labels import Codes
from optimizer.plan.solution import Solution

ALLOCATION_KEYS = ("funder", "cluster", "partner", "stage", "field", "year")
PROJECTS = "projects"
TOTAL = "total"
"""Label of totals."""


def in_unit(frame: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Write the unit of a frame's amounts into its ``attrs`` and return it."""
    frame.attrs["unit"] = unit
    return frame


def site_labels(sets: Sets, site: Codes) -> dict[str, Any]:
    """Return cluster, stage and field of sites."""
    sites = sets.sites
    return {
        "cluster": sets.clusters.take(sites.cluster[site]),
        "stage": sets.stages.take(sites.stage[site]),
        "field": sets.fields.take(sites.field[site]),
    }


def allocation(solution: Solution) -> pd.DataFrame:
    """Return public money by funder, cluster, stage, field and year, beside today's allocation.

    A link's money has its destination as ``cluster``, its origin as ``partner``, stage ``link`` and no field. Cells
    without money, today and in the plan, are left out. Without a baseline, ``baseline`` and ``change`` are missing.
    """
    case = solution.sets.case
    cells, figures = [_site_spend(solution), _link_spend(solution)], ["amount"]
    if case.has("baseline"):
        today = case.table("baseline").rename(columns={"amount": "baseline"}).assign(partner="")
        cells.append(today[today["year"].isin(case.years)])
        figures.append("baseline")
    # parallel links and a baseline's lines may bear the same labels
    cell = pd.concat(cells, ignore_index=True).groupby(list(ALLOCATION_KEYS), sort=False)
    plan = cell[figures].sum().reset_index().reindex(columns=[*ALLOCATION_KEYS, "amount", "baseline"])
    plan["change"] = plan["amount"] - plan["baseline"]
    return in_unit(in_order(plan[(plan["amount"] != 0) | (plan["baseline"] > 0)], solution.sets), case.currency)


def _site_spend(solution: Solution) -> pd.DataFrame:
    sets = solution.sets
    site, funder = sets.site_pairs
    pair, year = np.nonzero(solution.public)
    return pd.DataFrame(
        {
            "funder": sets.funders.take(funder[pair]),
            **site_labels(sets, site[pair]),
            "partner": "",
            "year": sets.years.take(year),
            "amount": solution.public[pair, year],
        }
    )


def _link_spend(solution: Solution) -> pd.DataFrame:
    sets, links = solution.sets, solution.sets.links
    link, funder = sets.link_pairs
    costly = links.costly[link]
    link, funder = link[costly], funder[costly]
    pair, year = np.nonzero(solution.link_public)
    return pd.DataFrame(
        {
            "funder": sets.funders.take(funder[pair]),
            "cluster": sets.clusters.take(links.destination[link[pair]]),
            "stage": LINK_STAGE,
            "field": "",
            "partner": sets.clusters.take(links.origin[link[pair]]),
            "year": sets.years.take(year),
            "amount": solution.link_public[pair, year],
        }
    )


def in_order(frame: pd.DataFrame, sets: Sets) -> pd.DataFrame:
    """Return a frame of allocation cells in the order of the case's own tables, columns in theirs."""
    ranks = {
        "funder": sets.funders,
        "cluster": sets.clusters,
        "partner": pd.Index(["", *sets.clusters]),
        "stage": sets.dimensions["stage"],
        "field": pd.Index(["", *sets.fields]),
    }
    keys = {name: labels.get_indexer(pd.Index(frame[name], dtype=object)) for name, labels in ranks.items()}
    order = np.lexsort(
        [frame["year"].to_numpy(int), *(keys[name] for name in ("field", "stage", "partner", "cluster", "funder"))]
    )
    columns = [*ALLOCATION_KEYS, *(name for name in frame.columns if name not in ALLOCATION_KEYS)]
    return frame.iloc[order].reset_index(drop=True)[columns]


def pipeline(solution: Solution) -> pd.DataFrame:
    """Return starts, finished projects and backlog of every site and year; no backlog where none is kept."""
    sets = solution.sets
    site, year = (index.ravel() for index in np.indices((len(sets.sites), sets.n_years)))
    frame = pd.DataFrame(
        {
            **site_labels(sets, site),
            "year": sets.years.take(year),
            "starts": solution.quantity("started").ravel(),
            "finished": solution.quantity("finished").ravel(),
            "backlog": solution.backlog.ravel(),
        }
    )
    return in_unit(frame, PROJECTS)


def launches(solution: Solution) -> pd.DataFrame:
    """Return launches by cluster, field and year, every year of every site of the last stage."""
    sets = solution.sets
    place, year = (index.ravel() for index in np.indices(solution.launches.shape))
    labels = site_labels(sets, sets.launching[place])
    frame = pd.DataFrame(
        {
            "cluster": labels["cluster"],
            "field": labels["field"],
            "year": sets.years.take(year),
            "launches": solution.launches.ravel(),
        }
    )
    return in_unit(frame, PROJECTS)


def crossed(frame: pd.DataFrame, amount: str, down: Sequence[str], across: Sequence[str], sets: Sets) -> pd.DataFrame:
    """Return amounts by the labels of some columns down and of others across, with totals at the end of both.

    Parameters
    ----------
    frame
        Labels and amounts, each combination of labels once; not empty.
    amount
        Column of the amounts.
    down, across
        Columns of the labels; nothing across makes one column, ``amount``, without a total beside it.
    sets
        Labels of its dimensions keep their order there, others that in which they come.
    """
    rows, at_row = _combinations(frame, down, sets)
    columns, at_column = pd.Index([amount]), np.zeros(len(frame), dtype=np.intp)
    if across:
        columns, at_column = _combinations(frame, across, sets)
    grid = np.zeros((len(rows), len(columns)))
    grid[at_row, at_column] = frame[amount]
    grid = np.vstack([grid, grid.sum(axis=0)])
    if across:
        grid = np.column_stack([grid, grid.sum(axis=1)])
        columns = _with_total(columns)
    return pd.DataFrame(grid, index=_with_total(rows), columns=columns)


def _combinations(frame: pd.DataFrame, names: Sequence[str], sets: Sets) -> tuple[pd.Index, Codes]:
    """Return the combinations of labels there are, in order, and which of them each line bears."""
    labels = [_in_their_order(pd.Index(frame[name].unique()), sets.dimensions.get(name)) for name in names]
    codes = np.stack([known.get_indexer(pd.Index(frame[name])) for known, name in zip(labels, names, strict=True)])
    found, which = np.unique(codes, axis=1, return_inverse=True)
    levels = [known.take(place) for known, place in zip(labels, list(found), strict=True)]
    if len(names) == 1:
        return levels[0].rename(names[0]), which
    return pd.MultiIndex.from_arrays(levels, names=list(names)), which


def _in_their_order(labels: pd.Index, known: pd.Index | None) -> pd.Index:
    """Return labels as a dimension orders them, those it does not have behind."""
    if known is None:
        return labels
    listed = known[known.isin(labels)]
    return listed.append(labels.difference(listed))


def _with_total(labels: pd.Index) -> pd.Index:
    total = TOTAL if labels.nlevels == 1 else (TOTAL, *[""] * (labels.nlevels - 1))
    return labels.insert(len(labels), total)
