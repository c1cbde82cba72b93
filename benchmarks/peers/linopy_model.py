"""The formulation's linear program, overlap method `fixed`, as an analyst would write it in linopy.

One variable per symbol over the dimensions it has in the formulation, masks for what does not exist, and sums over
dimensions in place of loops.
"""

import warnings
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import linopy
import numpy as np
import pandas as pd
import xarray as xr

from benchmarks.peers.arrays import (
    Array,
    Frames,
    Numbered,
    after_last,
    allowed,
    lagged,
    numbered,
    overlap_price,
    project_worth,
    read_frames,
    specialized,
)

__all__ = ["build", "read_frames"]

SITE = ("cluster", "stage", "field")


@dataclass
class Case:
    """The case as labelled arrays."""

    numbers: Numbered
    coords: dict[str, pd.Index]
    exists: xr.DataArray

    def array(self, values: Any, *dimensions: str) -> xr.DataArray:
        """Label an array."""
        return xr.DataArray(values, coords=[self.coords[name] for name in dimensions], dims=dimensions)

    def sites(self, values: Array, fill: Any = 0.0, more: tuple[str, ...] = ()) -> xr.DataArray:
        """Spread figures of sites over clusters, stages and fields, other dimensions last."""
        shape = [len(self.coords[name]) for name in (*SITE, *more)]
        grid = np.full(shape, fill, dtype=np.result_type(values, type(fill)))
        grid[tuple(self.numbers.site[name] for name in SITE)] = values
        return self.array(grid, *SITE, *more)

    def links(self, name: str) -> xr.DataArray:
        """Label a figure of links."""
        return self.array(self.numbers.link[name], "link")


def _case(frames: Frames) -> Case:
    numbers = numbered(frames)
    coords = {name: pd.Index(labels, name=name) for name, labels in numbers.labels.items()}
    coords["year"] = pd.Index(numbers.years, name="year")
    coords["tranche"] = pd.RangeIndex(len(numbers.tranches[0]), name="tranche")
    coords["link"] = pd.RangeIndex(len(numbers.link["origin"]), name="link")
    case = Case(numbers, coords, xr.DataArray())
    case.exists = case.sites(np.ones(len(numbers.site["cluster"]), dtype=bool), fill=False)
    return case


def build(frames: Frames) -> linopy.Model:
    """Write the whole linear program."""
    # what does not exist counts nothing, which linopy warns it will one day want to be told
    warnings.filterwarnings("ignore", module=__name__, category=FutureWarning)
    case, model = _case(frames), linopy.Model()
    _add_variables(case, model)
    finished = _finished(case, model)
    _add_capacities(case, model)
    _add_pipeline(case, model, finished)
    _add_links(case, model)
    _add_site_money(case, model, finished)
    _add_budgets(case, model)
    _add_market(case, model, finished)
    _add_specialization(case, model)
    worth = _pipeline_worth(case, model)
    penalty = case.array(_pairs(case, overlap_price(case.numbers)), *SITE, "funder") * _discount(case)
    broken = _add_rules(case, model, finished)
    value = case.array(case.numbers.column("fields", "value", 1.0), "field") * _discount(case)
    launches = value * model["full"] + case.numbers.setting("value", "saturation") * value * model["beyond"]
    total = launches.sum() + worth - (penalty * model["public"]).sum()
    model.add_objective(total if broken is None else total - broken, sense="max")
    return model


def _discount(case: Case) -> xr.DataArray:
    return case.array(case.numbers.discount(np.arange(len(case.coords["year"]))), "year")


def _pairs(case: Case, values: Array, fill: Any = 0.0) -> Array:
    """Spread figures of admitted pairs over sites and funders."""
    site, funder = case.numbers.pair
    at = tuple(case.numbers.site[name][site] for name in SITE)
    grid = np.full(
        [len(case.coords[name]) for name in (*SITE, "funder")], fill, dtype=np.result_type(values, type(fill))
    )
    grid[(*at, funder)] = values
    return grid


def _add_variables(case: Case, model: linopy.Model) -> None:
    numbers, years = case.numbers, case.coords["year"]
    site, link = numbers.site, numbers.link
    growing = case.sites(~np.isnan(site["expansion_cost"]), fill=False)
    first = case.array(np.arange(len(years)) == 0, "year")
    room = case.sites(site["capacity"][:, None] * numbers.tranches[0], more=("tranche",))
    upper = room.where(~growing | first, np.inf).transpose(*SITE, "year", "tranche")
    ever = case.array(np.ones(len(years), dtype=bool), "year")
    crowd = case.array(numbers.column("stages", "crowd_in", 0.0), "stage")
    flows = np.zeros([len(case.coords[name]) for name in ("link", "stage", "field")], dtype=bool)
    flows[numbers.flow["link"], site["stage"][numbers.flow["origin"]], site["field"][numbers.flow["origin"]]] = True
    admits = case.array(_pairs(case, np.ones(len(numbers.pair[0]), dtype=bool), fill=False), *SITE, "funder")
    pays = np.zeros((len(case.coords["link"]), len(case.coords["funder"])), dtype=bool)
    pays[numbers.link_pair] = True
    most = numbers.setting("funding", "carry_over") * case.array(numbers.budget, "funder", "year")
    demand = case.array(numbers.column("fields", "demand", np.inf), "field")
    anywhere = case.array(np.ones(len(case.coords["field"]), dtype=bool), "field") & ever
    model.add_variables(0, upper, name="starts", mask=(case.exists & ever).broadcast_like(upper))
    model.add_variables(0, name="bought", mask=growing & ever, coords=(growing & ever).coords)
    model.add_variables(0, name="waiting", mask=case.exists & ever, coords=(case.exists & ever).coords)
    carries = case.array(flows, "link", "stage", "field") & ever
    model.add_variables(0, name="passed", mask=carries, coords=carries.coords)
    widens = case.array(~np.isnan(link["expansion_cost"]), "link") & ever
    model.add_variables(0, name="widened", mask=widens, coords=widens.coords)
    model.add_variables(0, name="public", mask=admits & ever, coords=(admits & ever).coords)
    follows = case.exists & (crowd > 0) & ever
    model.add_variables(0, name="private", mask=follows, coords=follows.coords)
    transfers = case.array(pays, "link", "funder") & ever
    model.add_variables(0, name="transfer", mask=transfers, coords=transfers.coords)
    model.add_variables(0, most, name="kept", mask=(most.year < years[-1]).broadcast_like(most))
    model.add_variables(0, demand.broadcast_like(anywhere), name="full")
    model.add_variables(0, name="beyond", coords=anywhere.coords)


def _finished(case: Case, model: linopy.Model) -> Any:
    """Write the successes of each site and year."""
    site, parts = case.numbers.site, []
    for lag, share in lagged(site["duration"], paid=False):
        factor = case.sites(share * site["success"])
        parts.append((factor * model["starts"].shift(year=lag)).where(factor > 0).sum("tranche"))
    return linopy.merge(parts)


def _add_capacities(case: Case, model: linopy.Model) -> None:
    numbers, later = case.numbers, case.coords["year"][1:]
    growing = case.sites(~np.isnan(numbers.site["expansion_cost"]), fill=False)
    shares = case.array(numbers.tranches[0], "tranche")
    room = case.sites(numbers.site["capacity"]) * shares
    had = (1 * model["bought"]).cumsum("year").shift(year=1)
    row = (model["starts"] - shares * had).sel(year=later)
    model.add_constraints(row <= room, name="capacity", mask=growing)
    limit = case.sites(numbers.site["expansion_limit"], fill=np.inf)
    model.add_constraints(
        model["bought"].sum("year") <= limit.where(np.isfinite(limit), 0),
        name="expansion_limit",
        mask=growing & np.isfinite(limit),
    )


def _add_pipeline(case: Case, model: linopy.Model, finished: Any) -> None:
    numbers, stages = case.numbers, case.coords["stage"]
    site = numbers.site
    kept = case.array(1 - numbers.column("stages", "decay", 0.0), "stage")
    supply = np.repeat(site["inflow"][:, None], len(case.coords["year"]), axis=1)
    supply[:, 0] += (1 - numbers.column("stages", "decay", 0.0))[site["stage"]] * site["backlog"]
    supply = case.sites(supply, more=("year",))
    waiting, passed = model["waiting"], model["passed"]
    arrivals = _by_cluster(case, case.links("retention") * passed, "destination").shift(stage=1)
    rows = waiting - kept * waiting.shift(year=1) + model["starts"].sum("tranche")
    feedback = case.array(numbers.column("stages", "feedback", 0.0), "stage")
    ideas = (feedback * finished).where(feedback > 0).sum("stage")
    first, later = stages[0], stages[1:]
    model.add_constraints(
        rows.sel(stage=first, drop=True) - ideas == supply.sel(stage=first, drop=True), name="opening"
    )
    model.add_constraints((rows - arrivals).sel(stage=later) == supply.sel(stage=later), name="backlog")
    handed = _by_cluster(case, 1 * passed, "origin").sel(stage=stages[:-1])
    model.add_constraints(handed - finished.sel(stage=stages[:-1]) <= 0, name="handoff")


def _by_cluster(case: Case, expression: Any, end: str) -> Any:
    """Add up what is said of links by the cluster at one of their ends."""
    names = case.coords["cluster"].take(case.numbers.link[end])
    return expression.groupby(pd.Series(names.to_numpy(), index=case.coords["link"], name="cluster")).sum()


def _add_links(case: Case, model: linopy.Model) -> None:
    load = model["passed"].sum(["stage", "field"])
    capacity, limit, cost = (case.links(name) for name in ("capacity", "expansion_limit", "expansion_cost"))
    had = (1 * model["widened"]).cumsum("year").shift(year=1)
    limited = np.isfinite(capacity)
    model.add_constraints(load - had <= capacity.where(limited, 0), name="link_capacity", mask=limited)
    grows = cost.notnull()
    model.add_constraints(
        model["widened"].sum("year") <= limit.where(np.isfinite(limit), 0),
        name="link_expansion_limit",
        mask=grows & np.isfinite(limit),
    )
    row = model["transfer"].sum("funder") - case.links("transfer_cost") * load - cost.fillna(0) * model["widened"]
    model.add_constraints(row == 0, name="link_money", mask=(case.links("transfer_cost") > 0) | grows)


def _add_site_money(case: Case, model: linopy.Model, finished: Any) -> None:
    numbers = case.numbers
    site, multipliers = numbers.site, case.array(numbers.tranches[1], "tranche")
    public, private = model["public"].sum("funder"), model["private"]
    due = []
    for lag, share in lagged(site["duration"], paid=True):
        factor = case.sites(share * site["unit_cost"])
        due.append((factor * multipliers * model["starts"].shift(year=lag)).where(factor > 0).sum("tranche"))
    cost = case.sites(np.nan_to_num(site["expansion_cost"]))
    model.add_constraints(public + private - linopy.merge(due) - cost * model["bought"] == 0, name="money")
    crowd = case.array(numbers.column("stages", "crowd_in", 0.0), "stage")
    model.add_constraints(private - crowd * public <= 0, name="crowd_in", mask=case.exists & (crowd > 0))
    cap = case.array(numbers.column("clusters", "private_cap", np.inf), "cluster")
    value = case.array(numbers.column("fields", "value", 1.0), "field") * numbers.setting("funding", "reinvestment")
    launches = finished.sel(stage=case.coords["stage"][-1], drop=True)
    returned = (value * launches).sum("field").shift(year=1)
    row = private.sum(["stage", "field"]) - returned
    model.add_constraints(row <= cap.where(np.isfinite(cap), 0), name="private_cap", mask=np.isfinite(cap))


def _add_budgets(case: Case, model: linopy.Model) -> None:
    kept = model["kept"]
    spent = model["public"].sum(list(SITE)) + model["transfer"].sum("link")
    budget = case.array(case.numbers.budget, "funder", "year")
    model.add_constraints(spent + kept - kept.shift(year=1) <= budget, name="budget")


def _add_market(case: Case, model: linopy.Model, finished: Any) -> None:
    launches = finished.sel(stage=case.coords["stage"][-1], drop=True).sum("cluster")
    model.add_constraints(model["full"] + model["beyond"] - launches == 0, name="market")


def _add_specialization(case: Case, model: linopy.Model) -> None:
    share = case.numbers.setting("specialization", "min_share")
    if share > 0:
        factor = case.sites(specialized(case.numbers).astype(float)) - share
        model.add_constraints((factor * model["public"]).sum(["stage", "field", "funder"]) >= 0, name="specialization")


def _pipeline_worth(case: Case, model: linopy.Model) -> Any:
    numbers, site = case.numbers, case.numbers.site
    worth, weight = project_worth(numbers), numbers.setting("value", "terminal_weight", 1)
    gain = after_last(numbers, paid=False) * (site["success"] * worth[site["stage"] + 1, site["field"]])[:, None]
    owed = after_last(numbers, paid=True) * site["unit_cost"][:, None]
    of_starts = case.sites(gain[..., None] - owed[..., None] * numbers.tranches[1], more=("year", "tranche"))
    waits = case.sites(worth[site["stage"], site["field"]]) * numbers.discount(len(case.coords["year"]))
    last = model["waiting"].sel(year=case.coords["year"][-1], drop=True)
    return weight * ((of_starts * model["starts"]).sum() + (waits * last).sum())


def _add_rules(case: Case, model: linopy.Model, finished: Any) -> Any:
    """Write the rows of every rule; return the price of breaking them."""
    prices = []
    for rule in case.numbers.tables["rules"].to_dict("records") if "rules" in case.numbers.tables else ():
        per = [] if pd.isna(rule["per"]) else rule["per"].split("|")
        row, limit = _measured(case, model, finished, rule, per), rule["value"]
        if rule["kind"] == "share":
            row, limit = row - rule["value"] * _measured(case, model, finished, {**rule, "where": rule["of"]}, per), 0.0
        name, floor = rule["rule"], rule["sense"] == "at_least"
        if not pd.isna(rule["price"]):
            missing = model.add_variables(0, coords=[case.coords[dim] for dim in per], name=f"violation {name}")
            row = row + missing if floor else row - missing
            prices.append(rule["price"] * missing.sum())
        model.add_constraints(row >= limit if floor else row <= limit, name=name)
    return sum(prices[1:], prices[0]) if prices else None


def _measured(case: Case, model: linopy.Model, finished: Any, rule: Mapping[Hashable, Any], per: list[str]) -> Any:
    """Write what a rule measures where its filter passes."""
    if rule["measure"] == "spend":
        public = _kept(case, 1 * model["public"], rule["where"])
        total = public.sum([name for name in (*SITE, "funder", "year") if name not in per])
        if "field" in per or "stage" in per:
            return total  # links have no field, and no generated rule goes by stages
        transfer = _kept(case, 1 * model["transfer"], rule["where"])
        if transfer is None:
            return total
        transfer = transfer.sum([name for name in ("funder", "year") if name not in per])
        return total + (_by_cluster(case, transfer, "destination") if "cluster" in per else transfer.sum("link"))
    counted = model["starts"].sum("tranche") if rule["measure"] == "starts" else finished
    if rule["measure"] == "launches":
        counted = counted.sel(stage=case.coords["stage"][-1:])
    return _kept(case, counted, rule["where"]).sum([name for name in (*SITE, "year") if name not in per])


def _kept(case: Case, expression: Any, where: Any) -> Any:
    """Keep the terms that pass a filter; none where they lack what it asks for."""
    for dimension, passes in allowed(case.numbers, where):
        if dimension in expression.dims:
            chosen = case.coords[dimension][passes].intersection(expression.indexes[dimension])
            expression = expression.sel({dimension: chosen})
        elif dimension == "cluster":
            expression = expression.sel(link=case.coords["link"][passes[case.numbers.link["destination"]]])
        else:
            return None
    return expression
