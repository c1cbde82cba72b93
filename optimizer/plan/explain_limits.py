"""The limits of a case that a person can change, as members of a conflict, each with its price in money.

Budgets, carry-over, rules, specialisation shares, capacities, limits of expansion, private caps and whole decisions may
give way. Balances of projects and money, what investors add, and the market are facts: no decision changes them. (The
market is in no conflict: launches beyond its demand are allowed.) A rule with a price never has to give way.

What giving way costs, per unit of a limit, so that the least change can be told in money:

=============================================  ================================================================
money (budgets, carry-over, private caps,       1
floors, shares and least spends in money)
starts (rules)                                  mean unit cost of the sites counted
launches (rules)                                mean unit cost over success probability of the sites counted
capacity and its expansion                      the site's unit cost
links                                           mean unit cost of all sites
niches of a cluster (``max_niches``)            one niche's part of the yearly budgets: their mean over all sites
=============================================  ================================================================

A share gives way by the money it is short of. Of equal changes those of rules come first, then shares, budgets, caps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from optimizer.blocks.funding import budgets
from optimizer.blocks.rules import SHARE
from optimizer.blocks.sets import Sets
from optimizer.compiler import Compiled, compile_sets
from optimizer.data.case import CaseTables
from optimizer.lp.elastic import with_guards
from optimizer.lp.labels import BLANK, Codes
from optimizer.lp.program import LinearProgram, Vector

FAMILIES = (
    *("rules", "specialization", "minimum", "max_niches", "carry_over", "budget", "private_cap"),
    *("link_expansion_limit", "link_capacity", "expansion_limit", "capacity"),
)
"""Families whose limits may give way, the one a planner would rather hear of first."""
PREFERENCE = 1e-5
"""By how much the price of each family is above that of the one before, so that equal changes are told apart."""
CHEAPEST = 1e-3
"""Least price of a limit, relative to the mean unit cost: also what costs nothing must not give way for nothing."""
LARGEST_SHARE = 100.0
"""Share, and multiple of the largest share of a case, up to which a ceiling on a share is raised."""
ROOM = 2.0
"""Room above all money in a case for what an opened site may take, where budgets are to give way."""


@dataclass(frozen=True, eq=False)
class Limits:
    """The limits that may give way: rows of the program first, then upper bounds of its columns.

    Attributes
    ----------
    program
        The program, with room for openings where budgets give way.
    family
        Family of each limit.
    rows, columns
        Positions of the rows, and of the columns whose bounds are limits.
    labels
        The labels of each limit; a blank one is an empty text.
    price
        Money per unit by which it gives way.
    most
        By how much it can give way at most: a share to carry over cannot exceed 1.
    """

    program: LinearProgram
    family: tuple[str, ...]
    rows: Codes
    columns: Codes
    labels: tuple[Mapping[str, object], ...]
    price: Vector
    most: Vector

    @property
    def rank(self) -> Codes:
        """Rank of each limit: those of low rank had better not be in a conflict."""
        return len(FAMILIES) - self._place

    @property
    def preference(self) -> Vector:
        """Factor on the price of each limit that decides between equal changes."""
        factors: Vector = 1 + PREFERENCE * self._place.astype(float)
        return factors

    @property
    def _place(self) -> Codes:
        return np.array([FAMILIES.index(name) for name in self.family], dtype=np.intp)

    @property
    def floor(self) -> Vector:
        """Whether each limit is a floor."""
        return np.append(np.isfinite(self.program.row_lower[self.rows]), np.zeros(len(self.columns), dtype=bool))

    @property
    def value(self) -> Vector:
        """Right-hand side of each limit."""
        program = self.program
        lower, upper = program.row_lower[self.rows], program.row_upper[self.rows]
        return np.append(np.where(np.isfinite(lower), lower, upper), program.upper[self.columns])


def limits_of(compiled: Compiled) -> Limits:
    """Return the limits of a case that may give way."""
    sets, program = compiled.sets, _with_room(compiled)
    row_pieces = {name: _rows_that_give_way(sets, program, name) for name in FAMILIES}
    column_pieces = {name: _bounds_that_give_way(sets, program, name) for name in ("carry_over", "capacity")}
    families, labels = [], []
    for table, pieces in ((program.rows, row_pieces), (program.limits.labels, column_pieces)):
        for name, chosen in pieces.items():
            if len(chosen):
                families += [name] * len(chosen)
                labels += _labels(table.frame(name).iloc[chosen], all_of_them=name.startswith("link"))
    rows = np.concatenate([program.rows.positions(name)[chosen] for name, chosen in row_pieces.items()])
    bounds = [program.limits.labels.positions(name)[chosen] for name, chosen in column_pieces.items()]
    columns = program.limits.columns[np.concatenate(bounds)]
    made = Limits(program, tuple(families), rows, columns, tuple(labels), np.empty(0), np.empty(0))
    made = replace(made, price=_prices(sets, made), most=_most(sets, made))
    return replace(made, program=_guarded(compiled, program))


def _guarded(compiled: Compiled, program: LinearProgram) -> LinearProgram:
    """Return the program with a guard for each hard ceiling on a share: no share makes room beside a whole of 0.

    A guard is the row with a share so large that nobody would write it.
    """
    case = compiled.sets.case
    rules = case.table("rules")
    ceiling = (rules["kind"] == SHARE) & (rules["sense"] == "at_most") & rules["price"].isna()
    ceiling &= rules["enabled"].astype(bool)
    if not ceiling.any():
        return program
    largest = LARGEST_SHARE * max(1.0, float(rules["value"][ceiling].max()))
    wide = compile_sets(with_rule_values(case, np.where(ceiling, largest, rules["value"]))).program
    names = case.table("rules")["rule"][ceiling]
    chosen = program.rows.take("rule", program.rows.codes("rules", "rule")).isin(names).to_numpy(bool)
    return with_guards(program, wide.matrix().tocsr()[program.rows.positions("rules")[chosen], :])


def with_rule_values(case: CaseTables, values: Any) -> CaseTables:
    """Return a copy of a case whose rules have other values; only to be compiled, for its text is that of the case."""
    rules = case.table("rules")
    rules["value"] = np.asarray(values, dtype=float)
    return type(case)(case.raw, case.settings, MappingProxyType({**case.stored, "rules": rules}))


def _labels(frame: pd.DataFrame, *, all_of_them: bool) -> list[dict[str, object]]:
    """Return each line's labels, blank ones left out unless they mean something (a link's stage: all of them)."""
    return [
        {
            str(name): "" if pd.isna(label) else label.item() if hasattr(label, "item") else label
            for name, label in line.items()
            if all_of_them or not pd.isna(label)
        }
        for line in frame.to_dict("records")
    ]


def _rows_that_give_way(sets: Sets, program: LinearProgram, name: str) -> Codes:
    positions = program.rows.positions(name)
    if name == "rules":
        enabled = sets.case.table("rules")
        enabled = enabled[enabled["enabled"].astype(bool)]
        hard = np.isnan(enabled["price"].to_numpy(float))
        return np.flatnonzero(hard[program.rows.codes("rules", "rule")])
    if name == "minimum":  # rows of sites without a minimum are there for the sake of max_niches
        return np.flatnonzero(np.isin(positions, program.indices[program.values < 0]))
    if name == "capacity":  # a tranche without a share admits nothing, whatever the capacity
        return np.flatnonzero(_share(sets)[program.rows.codes(name, "tranche")] > 0)
    return np.arange(len(positions))


def _bounds_that_give_way(sets: Sets, program: LinearProgram, name: str) -> Codes:
    labels = program.limits.labels
    if name == "capacity":
        return np.flatnonzero(_share(sets)[labels.codes(name, "tranche")] > 0)
    return np.arange(len(labels.positions(name)))


def _share(sets: Sets) -> Vector:
    return np.array(sets.case.settings.diminishing_returns.tranches, dtype=float)[:, 0]


def _with_room(compiled: Compiled) -> LinearProgram:
    """Return the program with the most an opened site can take above all that a change of limits could bring."""
    program, sets = compiled.program, compiled.sets
    rows = program.rows.positions("funded")
    if not len(rows):
        return program
    money = float(budgets(sets).sum()) + float(sets.case.table("sites")["minimum"].sum() if _has_sites(sets) else 0)
    floors = program.row_lower[program.rows.positions("rules")]
    costs = float(sets.sites.unit_cost.max(initial=1.0)) / float(sets.sites.success.min(initial=1.0))
    money += float(floors[np.isfinite(floors)].sum()) * max(1.0, costs)
    opened = np.isin(program.entry_columns, program.columns.positions("funded")) & np.isin(program.indices, rows)
    return replace(program, values=np.where(opened, -ROOM * max(money, 1.0), program.values))


def _has_sites(sets: Sets) -> bool:
    return sets.case.has("sites")


def _prices(sets: Sets, limits: Limits) -> Vector:
    sites = sets.sites
    mean = float(sites.unit_cost.mean()) if len(sites) else 1.0
    price = np.ones(len(limits.family))
    yearly = float(budgets(sets).sum()) / max(sets.n_years, 1)
    family = np.array(limits.family, dtype=object)
    price[np.char.startswith(family.astype(str), "link")] = mean
    price[family == "max_niches"] = yearly / max(int(sets.fundable.sum()), 1)
    at_site = np.flatnonzero(np.isin(family, ("capacity", "expansion_limit")))
    if len(at_site):
        labels = pd.DataFrame([limits.labels[number] for number in at_site])
        keys = {"cluster": sets.clusters, "stage": sets.stages, "field": sets.fields}
        place = tuple(index.get_indexer(pd.Index(labels[name], dtype=object)) for name, index in keys.items())
        price[at_site] = sites.unit_cost[sets.site_at[place]]
    ruled = np.flatnonzero(family[: len(limits.rows)] == "rules")
    price[ruled] = _prices_of_rules(sets, limits.program, limits.rows[ruled], mean)
    return np.maximum(price, CHEAPEST * (mean or 1.0))


def site_of(sets: Sets, labels: Mapping[str, object]) -> int:
    """Return the number of the site with these labels."""
    dimensions = {"cluster": sets.clusters, "stage": sets.stages, "field": sets.fields}
    place = tuple(keys.get_indexer(pd.Index([labels[name]], dtype=object))[0] for name, keys in dimensions.items())
    return int(sets.site_at[place])


def _prices_of_rules(sets: Sets, program: LinearProgram, rows: Codes, mean: float) -> Vector:
    """Return the money a unit of each rule's measure stands for."""
    table = sets.case.table("rules")
    measure = table[table["enabled"].astype(bool)]["measure"].to_numpy(object)
    codes = np.full(program.n_rows, BLANK, dtype=np.intp)
    codes[program.rows.positions("rules")] = program.rows.codes("rules", "rule")
    columns = program.columns
    place = tuple(columns.codes("starts", name) for name in ("cluster", "stage", "field"))
    site = np.full(program.n_columns, BLANK, dtype=np.intp)
    site[columns.positions("starts")] = sets.site_at[place]
    price = np.ones(len(rows))
    for kind, worth in (("starts", sets.sites.unit_cost), ("launches", sets.sites.unit_cost / sets.sites.success)):
        counted = np.flatnonzero(measure[codes[rows]] == kind)
        if len(counted):
            at = np.isin(program.indices, rows[counted]) & (site[program.entry_columns] != BLANK)
            row, value = program.indices[at], worth[site[program.entry_columns[at]]]
            total, count = (np.bincount(row, weights, minlength=program.n_rows) for weights in (value, None))
            price[counted] = np.where(count > 0, total / np.maximum(count, 1), mean)[rows[counted]]
    return price


def _most(sets: Sets, limits: Limits) -> Vector:
    """Return by how much each limit can give way: of what is carried over, up to the whole budget."""
    most = np.full(len(limits.family), np.inf)
    share = sets.case.settings.funding.carry_over
    carried = np.flatnonzero(np.array(limits.family, dtype=object) == "carry_over")
    most[carried] = limits.value[carried] * (1 / share - 1) if share > 0 else 0.0
    return most


def rules_by_name(sets: Sets) -> dict[str, dict[Any, Any]]:
    """Return the enabled rules of a case by name."""
    table = sets.case.table("rules")
    return {str(rule["rule"]): rule for rule in table[table["enabled"].astype(bool)].to_dict("records")}


def is_share(rules: Mapping[str, Mapping[Any, Any]], family: str, labels: Mapping[str, object]) -> bool:
    """Whether a limit is a share of a whole: a rule of that kind, or a specialisation share."""
    return family == "specialization" or (family == "rules" and rules[str(labels["rule"])]["kind"] == SHARE)
