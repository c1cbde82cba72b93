"""The formulation's linear program, overlap method `fixed`, as an expert assembles it: whole arrays into triplets.

Columns and rows are grids of numbers, coefficients broadcast against them, and SciPy makes the matrix. Nothing is
labelled and nothing explained; it is what a build can cost at best without leaving Python.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csc_array

from benchmarks.peers.arrays import (
    NONE,
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

__all__ = ["Program", "build", "read_frames"]


@dataclass(frozen=True)
class Program:
    """Maximise ``cost @ x`` under ``row_lower <= matrix @ x <= row_upper`` and ``lower <= x <= upper``."""

    cost: Array
    lower: Array
    upper: Array
    matrix: csc_array
    row_lower: Array
    row_upper: Array


@dataclass
class Assembly:
    """Triplets and bounds on their way."""

    n_columns: int = 0
    n_rows: int = 0
    upper: list[Array] = field(default_factory=list)
    row_lower: list[Array] = field(default_factory=list)
    row_upper: list[Array] = field(default_factory=list)
    triplets: list[tuple[Array, Array, Array]] = field(default_factory=list)
    cost: list[tuple[Array, Array]] = field(default_factory=list)
    grid: dict[str, Array] = field(default_factory=dict)

    def columns(self, name: str, shape: tuple[int, ...], upper: Any = np.inf) -> Array:
        """Take the next columns."""
        grid = np.arange(self.n_columns, self.n_columns + prod(shape), dtype=np.int32).reshape(shape)
        self.n_columns += grid.size
        self.upper.append(np.broadcast_to(upper, shape).ravel())
        self.grid[name] = grid
        return grid

    def rows(self, shape: tuple[int, ...], lower: Any, upper: Any) -> Array:
        """Take the next rows."""
        grid = np.arange(self.n_rows, self.n_rows + prod(shape), dtype=np.int32).reshape(shape)
        self.n_rows += grid.size
        self.row_lower.append(np.broadcast_to(lower, shape).ravel())
        self.row_upper.append(np.broadcast_to(upper, shape).ravel())
        return grid

    def put(self, rows: Array, columns: Array, values: Any) -> None:
        """Put coefficients into the matrix; the three broadcast."""
        grids = np.broadcast_arrays(rows, columns, values)
        self.triplets.append((grids[0].ravel(), grids[1].ravel(), grids[2].ravel()))

    def price(self, columns: Array, values: Any) -> None:
        """Put coefficients into the objective."""
        self.cost.append((columns.ravel(), np.broadcast_to(values, columns.shape).ravel()))

    def finish(self) -> Program:
        """Make the matrix; entries of one cell add up."""
        rows, columns, values = (np.concatenate(parts) for parts in zip(*self.triplets, strict=True))
        matrix = coo_array((values, (rows, columns)), shape=(self.n_rows, self.n_columns)).tocsc()
        cost = np.zeros(self.n_columns)
        for priced, worth in self.cost:
            cost[priced] += worth
        bounds = (np.concatenate(parts) for parts in (self.upper, self.row_lower, self.row_upper))
        upper, row_lower, row_upper = bounds
        return Program(cost, np.zeros(self.n_columns), upper, matrix, row_lower, row_upper)


def build(frames: Frames) -> Program:
    """Assemble the whole linear program."""
    case, made = numbered(frames), Assembly()
    _add_starts(case, made)
    _add_backlogs(case, made)
    _add_links(case, made)
    _add_site_money(case, made)
    _add_private(case, made)
    _add_budgets(case, made)
    _add_market(case, made)
    _add_pipeline_worth(case, made)
    if (share := case.setting("specialization", "min_share")) > 0:
        year = np.arange(len(case.years))
        cluster = case.site["cluster"][case.pair[0]]
        rows = made.rows((len(case.labels["cluster"]), len(year)), 0.0, np.inf)
        made.put(rows[cluster], made.grid["public"], (specialized(case).astype(float) - share)[case.pair[0]][:, None])
    made.price(made.grid["public"], -overlap_price(case)[:, None] * case.discount(np.arange(len(case.years))))
    for rule in case.tables["rules"].to_dict("records") if "rules" in case.tables else ():
        _add_rule(case, made, rule)
    return made.finish()


def _finished(case: Numbered, made: Assembly, rows: Array, factor: Array) -> None:
    """Put ``factor * finished`` of each site and year into rows, shape (sites, years); rows below 0 are none."""
    starts, success = made.grid["starts"], case.site["success"] * factor
    for lag, share in lagged(case.site["duration"], paid=False):
        chosen = np.flatnonzero((share != 0) & (success != 0))
        target = rows[chosen, lag:]
        made.put(target[..., None], starts[chosen, : starts.shape[1] - lag], (share * success)[chosen, None, None])


def _add_starts(case: Numbered, made: Assembly) -> None:
    site, shares, n_years = case.site, case.tranches[0], len(case.years)
    growing = np.flatnonzero(~np.isnan(site["expansion_cost"]))
    room = site["capacity"][:, None, None] * shares
    upper = np.repeat(room, n_years, axis=1)
    upper[growing, 1:] = np.inf
    starts = made.columns("starts", upper.shape, upper)
    bought = made.columns("bought", (len(growing), n_years))
    rows = made.rows((len(growing), n_years - 1, len(shares)), -np.inf, room[growing])
    made.put(rows, starts[growing, 1:], 1.0)
    later, earlier = np.tril_indices(n_years - 1)
    made.put(rows[:, later], bought[:, earlier, None], -shares)
    _limit(made, bought, site["expansion_limit"][growing])


def _limit(made: Assembly, bought: Array, limit: Array) -> None:
    finite = np.isfinite(limit)
    made.put(made.rows((int(finite.sum()), 1), -np.inf, limit[finite, None]), bought[finite], 1.0)


def _add_backlogs(case: Numbered, made: Assembly) -> None:
    site, n_years = case.site, len(case.years)
    shape = len(site["cluster"]), n_years
    kept = 1 - case.column("stages", "decay", 0.0)[site["stage"]]
    supply = np.repeat(site["inflow"][:, None], n_years, axis=1)
    supply[:, 0] += kept * site["backlog"]
    waiting, rows = made.columns("waiting", shape), made.rows(shape, supply, supply)
    made.grid["backlog"] = rows
    made.put(rows, waiting, 1.0)
    made.put(rows[:, 1:], waiting[:, :-1], -kept[:, None])
    made.put(rows[..., None], made.grid["starts"], 1.0)
    first = np.full((len(case.labels["cluster"]), len(case.labels["field"])), NONE)
    opening = np.flatnonzero(site["stage"] == 0)
    first[site["cluster"][opening], site["field"][opening]] = opening
    home = first[site["cluster"], site["field"]]
    feedback = np.where(home == NONE, 0.0, case.column("stages", "feedback", 0.0)[site["stage"]])
    _finished(case, made, rows[home], -feedback)


def _add_links(case: Numbered, made: Assembly) -> None:
    link, flow, n_years = case.link, case.flow, len(case.years)
    passed = made.columns("passed", (len(flow["link"]), n_years))
    made.put(made.grid["backlog"][flow["destination"]], passed, -link["retention"][flow["link"]][:, None])
    leaving, number = np.unique(flow["origin"], return_inverse=True)
    rows = made.rows((len(leaving), n_years), -np.inf, 0.0)
    made.put(rows[number], passed, 1.0)
    of_site, leaves = (
        np.zeros((len(case.site["cluster"]), n_years), dtype=np.int32),
        np.zeros(len(case.site["cluster"])),
    )
    of_site[leaving], leaves[leaving] = rows, 1.0
    _finished(case, made, of_site, -leaves)
    limited = np.isfinite(link["capacity"])
    rows = np.zeros((len(limited), n_years), dtype=np.int32)
    rows[limited] = made.rows((int(limited.sum()), n_years), -np.inf, link["capacity"][limited, None])
    carried = limited[flow["link"]]
    made.put(rows[flow["link"][carried]], passed[carried], 1.0)
    growing = np.flatnonzero(~np.isnan(link["expansion_cost"]))
    widened = made.columns("widened", (len(growing), n_years))
    later, earlier = np.tril_indices(n_years - 1)
    made.put(rows[growing][:, later + 1], widened[:, earlier], -1.0)
    _limit(made, widened, link["expansion_limit"][growing])
    _add_link_money(case, made, growing)


def _add_link_money(case: Numbered, made: Assembly, growing: Array) -> None:
    link, flow, n_years = case.link, case.flow, len(case.years)
    costly = (link["transfer_cost"] > 0) | ~np.isnan(link["expansion_cost"])
    rows = np.zeros((len(costly), n_years), dtype=np.int32)
    rows[costly] = made.rows((int(costly.sum()), n_years), 0.0, 0.0)
    of, _ = case.link_pair
    made.put(rows[of], made.columns("link_public", (len(of), n_years)), 1.0)
    paid = link["transfer_cost"][flow["link"]] > 0
    at = flow["link"][paid]
    made.put(rows[at], made.grid["passed"][paid], -link["transfer_cost"][at][:, None])
    made.put(rows[growing], made.grid["widened"], -link["expansion_cost"][growing][:, None])


def _add_site_money(case: Numbered, made: Assembly) -> None:
    site, n_years = case.site, len(case.years)
    public = made.columns("public", (len(case.pair[0]), n_years))
    rows = made.rows((len(site["cluster"]), n_years), 0.0, 0.0)
    made.grid["money"] = rows
    made.put(rows[case.pair[0]], public, 1.0)
    for lag, share in lagged(site["duration"], paid=True):
        chosen = np.flatnonzero(share)
        due = (share * site["unit_cost"])[chosen, None, None] * case.tranches[1]
        made.put(rows[chosen, lag:, None], made.grid["starts"][chosen, : n_years - lag], -due)
    growing = np.flatnonzero(~np.isnan(site["expansion_cost"]))
    made.put(rows[growing], made.grid["bought"], -site["expansion_cost"][growing][:, None])


def _add_private(case: Numbered, made: Assembly) -> None:
    site, n_years, (of, _) = case.site, len(case.years), case.pair
    ratio = case.column("stages", "crowd_in", 0.0)[site["stage"]]
    matched = np.flatnonzero(ratio > 0)
    private = made.columns("private", (len(matched), n_years))
    made.put(made.grid["money"][matched], private, 1.0)
    rows = np.zeros((len(ratio), n_years), dtype=np.int32)
    rows[matched] = made.rows(private.shape, -np.inf, 0.0)
    made.put(rows[matched], private, 1.0)
    follows = ratio[of] > 0
    made.put(rows[of[follows]], made.grid["public"][follows], -ratio[of[follows]][:, None])
    cap = case.column("clusters", "private_cap", np.inf)
    capped = np.isfinite(cap) & np.isin(np.arange(len(cap)), site["cluster"][matched])
    rows = np.zeros((len(cap), n_years), dtype=np.int32)
    rows[capped] = made.rows((int(capped.sum()), n_years), -np.inf, cap[capped, None])
    held = capped[site["cluster"][matched]]
    made.put(rows[site["cluster"][matched[held]]], private[held], 1.0)
    # last year's launches come back this year: the finishes of a year stand in the row of the next
    value = case.column("fields", "value", 1.0)[site["field"]] * case.setting("funding", "reinvestment")
    back = np.where((site["stage"] == len(case.labels["stage"]) - 1) & capped[site["cluster"]], value, 0.0)
    starts = made.grid["starts"]
    for lag, share in lagged(site["duration"], paid=False):
        chosen = np.flatnonzero(share * back)
        returned = (share * site["success"] * back)[chosen, None, None]
        target = rows[site["cluster"][chosen], lag + 1 :]
        made.put(target[..., None], starts[chosen, : max(n_years - lag - 1, 0)], -returned)


def _add_budgets(case: Numbered, made: Assembly) -> None:
    rows = made.rows(case.budget.shape, -np.inf, case.budget)
    made.put(rows[case.pair[1]], made.grid["public"], 1.0)
    made.put(rows[case.link_pair[1]], made.grid["link_public"], 1.0)
    if (share := case.setting("funding", "carry_over")) > 0:
        kept = made.columns("kept", rows[:, :-1].shape, share * case.budget[:, :-1])
        made.put(rows[:, :-1], kept, 1.0)
        made.put(rows[:, 1:], kept, -1.0)


def _add_market(case: Numbered, made: Assembly) -> None:
    shape = len(case.labels["field"]), len(case.years)
    full = made.columns("full", shape, case.column("fields", "demand", np.inf)[:, None])
    beyond, rows = made.columns("beyond", shape), made.rows(shape, 0.0, 0.0)
    made.put(rows, full, 1.0)
    made.put(rows, beyond, 1.0)
    launching = (case.site["stage"] == len(case.labels["stage"]) - 1).astype(float)
    _finished(case, made, rows[case.site["field"]], -launching)
    worth = case.column("fields", "value", 1.0)[:, None] * case.discount(np.arange(shape[1]))
    made.price(full, worth)
    made.price(beyond, case.setting("value", "saturation") * worth)


def _add_pipeline_worth(case: Numbered, made: Assembly) -> None:
    site, worth, weight = case.site, project_worth(case), case.setting("value", "terminal_weight", 1)
    waits = weight * case.discount(len(case.years)) * worth[site["stage"], site["field"]]
    made.price(made.grid["waiting"][:, -1], waits)
    gain = after_last(case, paid=False) * (site["success"] * worth[site["stage"] + 1, site["field"]])[:, None]
    owed = after_last(case, paid=True) * site["unit_cost"][:, None]
    made.price(made.grid["starts"], weight * (gain[..., None] - owed[..., None] * case.tranches[1]))


# --- rules ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """What a rule may count: the numbers of its labels, and what is added up under them."""

    labels: Mapping[str, Array]
    blocks: list[tuple[Array, int, Array, Array]]
    """Who, the first year counted in, columns of the years from the first on, and a factor."""


def _counted(case: Numbered, made: Assembly, measure: str) -> Counted:
    site, n_years = case.site, len(case.years)
    here = {name: site[name] for name in ("cluster", "stage", "field")}
    if measure == "spend":
        (of, funder), (link, payer) = case.pair, case.link_pair
        of_links = {"cluster": case.link["destination"][link], "stage": np.full(len(link), len(case.labels["stage"]))}
        of_links["field"] = np.full(len(link), NONE)
        labels = {name: np.concatenate([codes[of], of_links[name]]) for name, codes in here.items()}
        labels["funder"] = np.concatenate([funder, payer])
        columns = np.concatenate([made.grid["public"], made.grid["link_public"]])
        return Counted(labels, [(np.arange(len(columns)), 0, columns[..., None], np.ones(len(columns)))])
    starts, none = made.grid["starts"], np.full(len(site["cluster"]), NONE)
    if measure == "starts":
        return Counted({**here, "funder": none}, [(np.arange(len(starts)), 0, starts, np.ones(len(starts)))])
    last = np.flatnonzero(site["stage"] == len(case.labels["stage"]) - 1)
    labels = {name: codes[last] for name, codes in here.items()} | {"funder": none[last]}
    blocks = []
    for lag, share in lagged(site["duration"][last], paid=False):
        who = np.flatnonzero(share)
        blocks.append((who, lag, starts[last[who], : n_years - lag], (share * site["success"][last])[who]))
    return Counted(labels, blocks)


def _add_rule(case: Numbered, made: Assembly, rule: Mapping[str, Any]) -> None:
    counted = _counted(case, made, rule["measure"])
    per = [] if pd.isna(rule["per"]) else rule["per"].split("|")
    chosen = _passes(case, counted, rule["where"])
    factor, found = chosen.astype(float), chosen
    if rule["kind"] == "share":
        whole = _passes(case, counted, rule["of"])
        factor, found = factor - rule["value"] * whole, chosen | whole
    groups = [counted.labels[name] for name in per if name != "year"]
    found &= np.logical_and.reduce([group != NONE for group in groups] or [True])
    key, n_keys = np.zeros(len(found), dtype=np.intp), 1
    for name, group in zip([name for name in per if name != "year"], groups, strict=True):
        key, n_keys = key * (len(case.labels[name]) + 1) + group, n_keys * (len(case.labels[name]) + 1)
    kept, row_of = np.unique(key[found], return_inverse=True)
    yearly, limit = "year" in per, 0.0 if rule["kind"] == "share" else rule["value"]
    floor = rule["sense"] == "at_least"
    shape = max(len(kept), 1), len(case.years) if yearly else 1
    rows = made.rows(shape, limit if floor else -np.inf, np.inf if floor else limit)
    number = np.zeros(len(found), dtype=np.intp)
    number[found] = row_of
    for who, first, columns, weight in counted.blocks:
        some = found[who] & (factor[who] != 0)
        target = rows[number[who[some]], first:] if yearly else rows[number[who[some]]]
        made.put(target[..., None], columns[some], (factor[who] * weight)[some, None, None])
    if not pd.isna(rule["price"]):
        violation = made.columns("violation", shape)
        made.put(rows, violation, 1.0 if floor else -1.0)
        made.price(violation, -rule["price"])


def _passes(case: Numbered, counted: Counted, text: Any) -> Array:
    """Tell what passes a filter; what has no such label does not, nor does a link by attributes of stages."""
    passes = np.ones(len(counted.labels["cluster"]), dtype=bool)
    for dimension, fits in allowed(case, text):
        blank = np.append(fits, [False, False])
        passes &= blank[np.where(counted.labels[dimension] == NONE, len(fits), counted.labels[dimension])]
    return passes
