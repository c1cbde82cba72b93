"""A case as an expert keeps it for array programming: pandas tables as they are read, and vectors numbered by labels.

It shares no code with the package and serves the peers that are written in whole arrays. These know what generated
cases hold: there is a table of sites, and every rule's ``per`` names dimensions and no attributes.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Tables: TypeAlias = dict[str, pd.DataFrame]

LINK = "link"
NONE = -1
"""Number of a label that is not there."""


@dataclass(frozen=True)
class Frames:
    """What stands in the folder: settings and tables, numbers as numbers."""

    settings: dict[str, Any]
    tables: Tables


def read_frames(folder: str | Path) -> Frames:
    """Read `case.toml` and the tables beside it."""
    folder = Path(folder)
    settings = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8-sig"))
    tables = {path.stem: pd.read_csv(path, keep_default_na=False, na_values=[""]) for path in folder.glob("*.csv")}
    return Frames(settings, tables)


@dataclass(frozen=True)
class Figures:
    """Cost, success rate and duration of each niche, shape (stages, fields)."""

    cost: Array
    success: Array
    duration: Array


@dataclass(frozen=True)
class Numbered:
    """The case with its labels as numbers, sites and links as vectors."""

    settings: dict[str, Any]
    tables: Tables
    years: Array
    labels: dict[str, pd.Index]
    niche: Figures
    site: dict[str, Array]
    link: dict[str, Array]
    flow: dict[str, Array]
    pair: tuple[Array, Array]
    """Site and funder where the mandate admits it."""
    link_pair: tuple[Array, Array]
    """Link and funder likewise, links that cost nothing left out."""
    budget: Array
    similarity: Array

    def setting(self, table: str, key: str, default: Any = 0) -> Any:
        """Look up a setting."""
        return self.settings.get(table, {}).get(key, default)

    def column(self, table: str, name: str, default: float) -> Array:
        """Return a column of numbers, defaults filled in."""
        return filled(self.tables[table], name, default)

    def discount(self, year: Any) -> Array:
        """Return the weight of years counted from the first."""
        return np.asarray((1 + self.setting("case", "discount_rate")) ** -np.asarray(year, float))

    @property
    def tranches(self) -> tuple[Array, Array]:
        """Shares of capacity and multipliers of cost."""
        shares, multipliers = np.array(self.setting("diminishing_returns", "tranches", [[1, 1]]), float).T
        return shares, multipliers


def filled(table: pd.DataFrame, name: str, default: float) -> Array:
    """Return a column of numbers with a default for what is blank or missing."""
    if name not in table:
        return np.full(len(table), default)
    return np.nan_to_num(table[name].to_numpy(float), nan=default, posinf=np.inf)


def numbered(frames: Frames) -> Numbered:
    """Give labels numbers and join the tables."""
    tables, horizon = frames.tables, frames.settings["case"]
    labels = {name: pd.Index(tables[f"{name}s"][name]) for name in ("cluster", "stage", "field")}
    budget = tables["budget"]
    labels["funder"] = pd.Index(budget["funder"].unique())
    years = np.arange(horizon["first_year"], horizon["last_year"] + 1)
    amount = np.zeros((len(labels["funder"]), len(years)))
    amount[labels["funder"].get_indexer(budget["funder"]), budget["year"] - years[0]] = budget["amount"]
    niche = _niches(tables, labels)
    site = _sites(tables["sites"], labels, niche)
    link, flow = _links(tables.get("links"), labels, site)
    admits = _admits(tables.get("mandates"), labels, site["cluster"], site["stage"], site["field"])
    none = np.full(len(link["destination"]), NONE)
    stage_of_links = np.full(len(none), len(labels["stage"]))
    link_admits = _admits(tables.get("mandates"), labels, link["destination"], stage_of_links, none)
    costly = (link["transfer_cost"] > 0) | ~np.isnan(link["expansion_cost"])
    return Numbered(
        frames.settings,
        tables,
        years,
        labels,
        niche,
        site,
        link,
        flow,
        np.nonzero(admits),
        np.nonzero(link_admits & costly[:, None]),
        amount,
        _similarity(tables.get("similarity"), labels["cluster"]),
    )


def _niches(tables: Tables, labels: dict[str, pd.Index]) -> Figures:
    grids = []
    for name in ("cost", "success_rate", "duration"):
        grid = np.repeat(filled(tables["stages"], name, 0.0)[:, None], len(labels["field"]), axis=1)
        if "niches" in tables and name in tables["niches"]:
            own = tables["niches"].dropna(subset=[name])
            grid[labels["stage"].get_indexer(own["stage"]), labels["field"].get_indexer(own["field"])] = own[name]
        grids.append(grid)
    return Figures(*grids)


def _sites(table: pd.DataFrame, labels: dict[str, pd.Index], niche: Figures) -> dict[str, Array]:
    site: dict[str, Array] = {name: labels[name].get_indexer(table[name]) for name in ("cluster", "stage", "field")}
    at = site["stage"], site["field"]
    capacity = filled(table, "capacity", np.inf)
    cost = filled(table, "expansion_cost", np.nan)
    marked = table["specialized"].to_numpy(object) if "specialized" in table else np.full(len(table), np.nan)
    return site | {
        "capacity": capacity,
        "unit_cost": niche.cost[at] * filled(table, "cost_factor", 1.0),
        "success": np.minimum(1.0, niche.success[at] * filled(table, "success_factor", 1.0)),
        "duration": niche.duration[at],
        "backlog": filled(table, "backlog", 0.0),
        "inflow": filled(table, "inflow", 0.0),
        "activity": filled(table, "activity", 0.0),
        "marked": np.where(pd.isna(marked), NONE, marked == True).astype(int),  # noqa: E712  # objects, blank ones too
        "expansion_cost": np.where(np.isinf(capacity), np.nan, cost),
        "expansion_limit": filled(table, "expansion_limit", np.inf),
    }


def _links(
    table: pd.DataFrame | None, labels: dict[str, pd.Index], site: dict[str, Array]
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Join the listed links with those inside clusters, and tell what each can carry."""
    n_clusters, n_stages, n_fields = (len(labels[name]) for name in ("cluster", "stage", "field"))
    table = pd.DataFrame({"origin": [], "destination": []}) if table is None else table
    ends = {name: labels["cluster"].get_indexer(table[name]) for name in ("origin", "destination")}
    stage = labels["stage"].get_indexer(table["stage"]) if "stage" in table else np.full(len(table), NONE)
    covered = np.zeros((n_clusters, n_stages - 1), dtype=bool)
    inside = ends["origin"] == ends["destination"]
    covered[ends["origin"][inside & (stage == NONE)]] = True
    covered[ends["origin"][inside & (stage != NONE)], stage[inside & (stage != NONE)]] = True
    cluster, plain = np.nonzero(~covered)
    link = {name: np.concatenate([codes, cluster]) for name, codes in ends.items()}
    link["stage"] = np.concatenate([stage, plain])
    defaults = {"retention": 1.0, "capacity": np.inf, "transfer_cost": 0.0, "expansion_cost": np.nan}
    for name, default in (defaults | {"expansion_limit": np.inf}).items():
        link[name] = np.concatenate([filled(table, name, default), np.full(len(plain), default)])
    link["expansion_cost"][np.isinf(link["capacity"])] = np.nan
    at = np.full((n_clusters, n_stages, n_fields), NONE)
    at[site["cluster"], site["stage"], site["field"]] = np.arange(len(site["cluster"]))
    leaves, arrives = at[link["origin"], :-1], at[link["destination"], 1:]
    takes = (link["stage"][:, None] == NONE) | (link["stage"][:, None] == np.arange(n_stages - 1))
    number, out, field = np.nonzero(takes[..., None] & (leaves != NONE) & (arrives != NONE))
    kept, number_kept = np.unique(number, return_inverse=True)
    flow = {"link": number_kept, "origin": leaves[number, out, field], "destination": arrives[number, out, field]}
    return {name: values[kept] for name, values in link.items()}, flow


def _admits(
    mandates: pd.DataFrame | None, labels: dict[str, pd.Index], cluster: Array, stage: Array, field: Array
) -> Array:
    """Tell which funder may fund which target, shape (targets, funders)."""
    admits = np.ones((len(cluster), len(labels["funder"])), dtype=bool)
    if mandates is None:
        return admits
    admits[:, labels["funder"].isin(mandates["funder"])] = False
    known = {"cluster": labels["cluster"], "stage": labels["stage"].append(pd.Index([LINK])), "field": labels["field"]}
    for row in mandates.to_dict("records"):
        fits = np.ones(len(cluster), dtype=bool)
        for name, codes in (("cluster", cluster), ("stage", stage), ("field", field)):
            if not pd.isna(row[name]):
                fits &= codes == known[name].get_loc(row[name])
        admits[:, labels["funder"].get_loc(row["funder"])] |= fits
    return admits


def _similarity(table: pd.DataFrame | None, clusters: pd.Index) -> Array:
    if table is None:
        return np.ones((len(clusters), len(clusters)))
    grid = np.zeros((len(clusters), len(clusters)))
    a, b = clusters.get_indexer(table["cluster_a"]), clusters.get_indexer(table["cluster_b"])
    grid[a, b] = grid[b, a] = table["similarity"]
    return grid


# --- what follows from the figures ---------------------------------------------------------------------------------


def lagged(duration: Array, *, paid: bool) -> list[tuple[int, Array]]:
    """Return for each lag the share of a start of each duration that is paid, or finishes, so many years later."""
    whole = np.floor(duration)
    lags = range(int(np.ceil(duration.max())) + (not paid) or 1)
    if paid:
        spread = np.where(duration > 0, duration, 1.0)
        shares = (np.where(duration > 0, np.clip(duration - j, 0, 1), float(j == 0)) / spread for j in lags)
    else:
        part = duration - whole
        shares = (np.where(whole == j, 1 - part, np.where(whole + 1 == j, part, 0.0)) for j in lags)
    return [(lag, share) for lag, share in zip(lags, shares, strict=True) if share.any()]


def project_worth(case: Numbered) -> Array:
    """Return what a project about to start each stage is worth, and a launch, shape (stages + 1, fields)."""
    niche = case.niche
    worth = np.empty((len(niche.cost) + 1, niche.cost.shape[1]))
    worth[-1] = case.column("fields", "value", 1.0)
    for s in reversed(range(len(niche.cost))):
        due = sum(share * case.discount(lag) for lag, share in lagged(niche.duration[s], paid=True))
        worth[s] = np.maximum(
            0, niche.success[s] * case.discount(niche.duration[s]) * worth[s + 1] - niche.cost[s] * due
        )
    return worth


def after_last(case: Numbered, *, paid: bool) -> Array:
    """Return the discounted share of a start that falls after the last year, shape (sites, years)."""
    total = np.zeros((len(case.site["duration"]), len(case.years)))
    year = np.arange(len(case.years))
    for lag, share in lagged(case.site["duration"], paid=paid):
        total += share[:, None] * np.where(year + lag >= len(year), case.discount(year + lag), 0.0)
    return total


def specialized(case: Numbered) -> Array:
    """Tell which sites count as specialised."""
    site = case.site
    by = case.setting("specialization", "by", "niche")
    group = site["stage"] * len(case.labels["field"]) + site["field"] if by == "niche" else site[by]
    both = np.zeros((len(case.labels["cluster"]), group.max() + 1))
    np.add.at(both, (site["cluster"], group), site["activity"])
    whole = both.sum(1, keepdims=True) * both.sum(0)
    quotient = np.divide(both * both.sum(), whole, out=np.zeros_like(both), where=whole > 0)[site["cluster"], group]
    high = quotient >= case.setting("specialization", "quotient", 1.0) - 1e-9
    return np.where(site["marked"] == NONE, high, site["marked"] == 1)


def overlap_price(case: Numbered) -> Array:
    """Return what a unit of public money of each site pair costs in overlap, undiscounted."""
    site, (of, _) = case.site, case.pair
    fundable = np.zeros(len(site["cluster"]), dtype=bool)
    fundable[of] = True
    grid = np.full([len(case.labels[name]) for name in ("stage", "field", "cluster")], -np.inf)
    grid[site["stage"], site["field"], site["cluster"]] = np.where(fundable, site["activity"], -np.inf)
    order = np.argsort(-grid, axis=-1, kind="stable")
    place = np.argsort(order, axis=-1)
    above = (place[..., None, :] < place[..., :, None]) & np.isfinite(grid)[..., None, :]
    likeness = np.einsum("cd,sfcd->sfc", case.similarity, above)[site["stage"], site["field"], site["cluster"]]
    rank = np.arange(len(of)) - np.searchsorted(of, of)
    between = case.setting("overlap", "between_clusters"), case.setting("overlap", "between_funders")
    return np.asarray(between[0] * likeness[of] + between[1] * rank)


def conditions(text: Any) -> Iterator[tuple[str, list[str]]]:
    """Take a filter such as ``field=vaccine|device; region=east`` apart."""
    for condition in () if pd.isna(text) else text.split(";"):
        column, _, values = condition.partition("=")
        yield column.strip(), [value.strip() for value in values.split("|")]


def allowed(case: Numbered, text: Any) -> Iterator[tuple[str, Array]]:
    """Return for each condition of a filter the dimension it speaks of and which of its labels pass."""
    for column, values in conditions(text):
        tables = ((name, case.tables[f"{name}s"]) for name in ("cluster", "stage", "field"))
        owner = next((name for name, table in tables if column == name or column in table), column)
        if owner == column:
            yield owner, case.labels[column].isin(values)
        else:
            yield owner, case.tables[f"{owner}s"][column].astype(str).isin(values).to_numpy()
