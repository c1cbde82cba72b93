"""The tables of a plan: who spends what where and when, what runs, what is launched, what overlaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.blocks.sets import Sets
from optimizer.data.rows import LINK_STAGE
from optimizer.lp.labels import Codes
from optimizer.plan.solution import Solution

ALLOCATION_KEYS = ("funder", "cluster", "partner", "stage", "field", "year")
PROJECTS = "projects"


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
    plan = pd.concat([_site_spend(solution), _link_spend(solution)], ignore_index=True)
    plan = _summed(plan, "amount")
    case = solution.sets.case
    if case.has("baseline"):
        today = case.table("baseline").rename(columns={"amount": "baseline"}).assign(partner="")
        today = _summed(today[today["year"].isin(case.years)], "baseline")
        plan = plan.merge(today, on=list(ALLOCATION_KEYS), how="outer", validate="one_to_one")
        plan = plan.fillna({"amount": 0.0, "baseline": 0.0})
    else:
        plan["baseline"] = np.nan
    plan["change"] = plan["amount"] - plan["baseline"]
    return in_unit(in_order(plan[(plan["amount"] != 0) | (plan["baseline"] > 0)], solution.sets), case.currency)


def _summed(cells: pd.DataFrame, amount: str) -> pd.DataFrame:
    """Add up cells that bear the same labels: parallel links, or a baseline's lines."""
    return cells.groupby(list(ALLOCATION_KEYS), sort=False)[[amount]].sum().reset_index()


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
