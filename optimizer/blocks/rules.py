"""Rules: floors and ceilings on spending, starts and launches, hard or at a price (FORMULATION 3.8).

sets         r in RULES that are enabled; per r one row for each combination of its `per` labels
             found among the terms of `where` (with kind share, of `where` or `of`)
terms        spend: public and link_public money; starts: started[n,t]; launches: finished[n,t] at the last stage
variables    violation[r,row] >= 0   where the rule has a price                          [money or projects]
constraints  rules[r,row]:  sum_where terms - value sum_of terms  + violation >= 0       (share, at_least)
                            sum_where terms                       + violation >= value   (amount, at_least)
             at_most with <= and - violation
objective    rule_price: - price violation[r,row]                                        [money]

Links that cost nothing have no column of public money, but count among the terms by which rows are told apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimizer.blocks.sets import Mask, Sets
from optimizer.data.filters import ATTRIBUTE_TABLES, Filter, parse_filter, parse_per
from optimizer.language import say
from optimizer.lp.builder import ProgramBuilder, Terms, picked
from optimizer.lp.labels import BLANK, Codes

AT_LEAST = "at_least"
SHARE = "share"


@dataclass(frozen=True)
class Countable:
    """What a rule can count, cell by cell: places in years.

    Attributes
    ----------
    codes
        Funder, cluster, stage, field (a column over places) and year (a row) of each cell; ``BLANK`` where it has none.
    there
        Whether each place counts at all (a column).
    parts
        What is added up: places and years, as what picks them out of such a grid, columns and factors.
    """

    codes: Mapping[str, Codes]
    there: Mask
    parts: tuple[Terms, ...]


class RuleSpace:
    """Labels of the terms of all measures, as filters and ``per`` read them."""

    def __init__(self, builder: ProgramBuilder, sets: Sets) -> None:
        self._builder = builder
        self._sets = sets
        self._attributes: dict[str, tuple[str, Codes, pd.Index]] = {}

    @cached_property
    def spend(self) -> Countable:
        """Public money at sites and on links."""
        sets = self._sets
        (site, funder), (link, link_funder) = sets.site_pairs, sets.link_pairs
        costly = np.flatnonzero(sets.links.costly[link])
        codes = {
            "funder": (funder, link_funder),
            "cluster": (sets.sites.cluster[site], sets.links.destination[link]),
            "stage": (sets.sites.stage[site], np.full(len(link), len(sets.stages))),
            "field": (sets.sites.field[site], np.full(len(link), BLANK)),
        }
        place = np.concatenate([np.arange(len(site)), len(site) + costly])
        columns = np.concatenate([self._builder.columns("public"), self._builder.columns("link_public")])
        return Countable(
            self._over_years({name: np.concatenate(both) for name, both in codes.items()}),
            np.ones((len(site) + len(link), 1), dtype=bool),
            ((place, columns, np.ones(1)),),
        )

    @cached_property
    def starts(self) -> Countable:
        """Projects begun at sites."""
        return self._at_sites("started", np.ones(len(self._sets.sites), dtype=bool))

    @cached_property
    def launches(self) -> Countable:
        """Projects that succeed at sites of the last stage."""
        return self._at_sites("finished", self._sets.sites.stage == self._sets.last_stage)

    def _at_sites(self, name: str, there: Mask) -> Countable:
        sites = self._sets.sites
        codes = {"cluster": sites.cluster, "stage": sites.stage, "field": sites.field}
        nobody = {"funder": np.full(len(sites), BLANK)}
        return Countable(self._over_years(codes | nobody), there[:, None], self._builder.terms(name))

    def _over_years(self, codes: Mapping[str, Codes]) -> dict[str, Codes]:
        return {name: values[:, None] for name, values in codes.items()} | {
            "year": np.arange(self._sets.n_years)[None, :]
        }

    def labels(self, counts: Countable, column: str) -> tuple[Codes, pd.Index]:
        """Return each cell's label in a column that a filter or ``per`` may name, as codes and their labels."""
        if column in counts.codes:
            return counts.codes[column], self._builder.dimensions[column]
        if column not in self._attributes:
            self._attributes[column] = self._attribute(column)
        owner, code_of_key, distinct = self._attributes[column]
        return (code_of_key[counts.codes[owner]] if owner else np.full((1, 1), BLANK)), distinct

    def _attribute(self, column: str) -> tuple[str, Codes, pd.Index]:
        """Return whose attribute a column is, the code of each of these, and its labels; blank for nobody's."""
        raw = self._sets.case.raw.tables
        owner = next((name for name in ATTRIBUTE_TABLES if name in raw and column in raw[name].header), None)
        texts = raw[owner].column(column) if owner else ()
        numbers = {text: number for number, text in enumerate(dict.fromkeys(text for text in texts if text))}
        codes = [numbers.get(text, BLANK) for text in texts]
        # of the two more at the end one is for links, whose stage has no attributes, and one for what has no label
        return (owner or "").removesuffix("s"), np.array([*codes, BLANK, BLANK]), pd.Index(numbers, dtype=object)

    def passes(self, counts: Countable, chosen: Filter) -> Mask:
        """Return whether each cell passes a filter; years have one cell where the filter names none."""
        fits = counts.there
        for column, wanted in chosen.conditions:
            codes, labels = self.labels(counts, column)
            allowed = np.append(
                np.array([str(label) in wanted for label in labels], dtype=bool), False
            )  # the last one is for blank labels
            fits = fits & allowed[codes]
        return fits

    def rows(
        self, counts: Countable, counted: Mask, per: tuple[str, ...]
    ) -> tuple[NDArray[np.int32], Mask, dict[str, Codes]]:
        """Tell rows apart by their labels.

        Places are told apart first, for most of their labels are the same in all years.

        Returns
        -------
        tuple
            Row of each cell, whether it has one, and for each column of ``per`` the code of each row.
        """
        columns = [self.labels(counts, column) for column in per]
        for name, (codes, labels) in zip(per, columns, strict=True):
            self._builder.add_dimension(name, labels)
            if (codes == BLANK).any():
                counted = counted & (codes != BLANK)
        sizes = tuple(len(labels) for _, labels in columns)
        lasting = [(codes, labels) for codes, labels in columns if codes.shape[1] == 1]
        some = np.logical_or.reduce(counted, axis=1)
        key = np.broadcast_to(_key(lasting), (len(counted), 1))[some, 0]
        groups, group = _numbered(key, math.prod(len(labels) for _, labels in lasting))
        member = np.empty(len(groups), dtype=np.intp)
        member[group] = np.flatnonzero(some)
        key = _key([(codes[member] if len(codes) > 1 else codes, labels) for codes, labels in columns])
        key = np.broadcast_to(key, (len(groups), max(key.shape[1], counted.shape[1])))
        found_in = np.ones(key.shape, dtype=bool)
        if counted.shape[1] > 1:
            place, year = np.nonzero(counted[some])
            found_in[...] = False
            found_in[group[place], year] = True
        found, number = _numbered(key[found_in], math.prod(sizes))
        row_of_group = np.full(key.shape, BLANK, dtype=np.int32)
        row_of_group[found_in] = number
        row = np.full((len(counted), key.shape[1]), BLANK, dtype=np.int32)
        row[some] = row_of_group[group]
        if not per or not len(found):
            return row, counted, {}
        return row, counted, dict(zip(per, np.unravel_index(found, sizes), strict=True))


def add(builder: ProgramBuilder, sets: Sets) -> None:
    """Add the rows of every enabled rule, with violation variables where it has a price."""
    table = sets.case.table("rules")
    enabled = table[table["enabled"].astype(bool)]
    if not len(enabled):
        builder.explain_absence("rules", say("the case has no enabled rule"))
        return
    builder.add_dimension("rule", pd.Index(enabled["rule"], dtype=object))
    space = RuleSpace(builder, sets)
    lines = zip(*(enabled[name].tolist() for name in enabled), strict=True)
    for number, line in enumerate(lines):
        _add_rule(builder, space, number, dict(zip(enabled, line, strict=True)))


def _add_rule(builder: ProgramBuilder, space: RuleSpace, number: int, rule: Mapping[Any, Any]) -> None:
    counts: Countable = getattr(space, rule["measure"])
    counted = space.passes(counts, parse_filter(rule["where"]))
    factor = counted.astype(float)
    right_hand_side = rule["value"]
    if rule["kind"] == SHARE:
        whole = space.passes(counts, parse_filter(rule["of"]))
        factor = factor - rule["value"] * whole
        counted = counted | whole
        right_hand_side = 0.0
    row, counted, labels = space.rows(counts, counted, parse_per(rule["per"]))
    count = max(int(row.max(initial=BLANK)) + 1, 1)  # a rule that selects nothing is one row with empty sums
    labels = {"rule": np.full(count, number), **labels}
    floor = rule["sense"] == AT_LEAST
    bound = {"lower": right_hand_side} if floor else {"upper": right_hand_side}
    rows = builder.add_rows("rules", labels, **bound)
    if not np.isnan(rule["price"]):
        violation = builder.add_columns("violation", labels)
        builder.add_entries(rows, violation, 1.0 if floor else -1.0)
        builder.add_objective("rule_price", violation, -rule["price"])
    row += rows[0]
    for cells, columns, coefficients in counts.parts:
        of, share, there = (picked(values, cells, row.ndim) for values in (row, factor, counted))
        builder.add_entries(of, columns, coefficients * share, where=there)


def _key(columns: Sequence[tuple[Codes, pd.Index]]) -> Codes:
    """Return one number for the labels of each cell in several columns, different for different ones."""
    key = np.zeros((1, 1), dtype=np.intp)
    for codes, labels in columns:
        key = key * len(labels) + codes
    return key


def _numbered(keys: Codes, size: int) -> tuple[Codes, Codes]:
    """Return the distinct keys, each below ``size``, ascending, and which of them each key is."""
    if size > len(keys):  # so many combinations that sorting is less work than a list of them all
        return np.unique(keys, return_inverse=True)
    there = np.zeros(size, dtype=bool)
    there[keys] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[keys]
