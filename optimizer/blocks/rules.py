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
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimizer.blocks.sets import Mask, Sets
from optimizer.data.filters import ATTRIBUTE_TABLES, Filter, parse_filter, parse_per
from optimizer.language import say
from optimizer.lp.builder import ProgramBuilder
from optimizer.lp.labels import BLANK, Codes
from optimizer.lp.program import Vector

AT_LEAST = "at_least"
SHARE = "share"


@dataclass(frozen=True)
class Terms:
    """What a rule can count, cell by cell: places in years.

    Attributes
    ----------
    codes
        Funder, cluster, stage, field (a column over places) and year (a row) of each cell; ``BLANK`` where it has none.
    shape
        Number of places, and of years.
    parts
        Place (``BLANK`` where it is none of these), year, column and factor of what is added up; each four broadcast.
    """

    codes: Mapping[str, Codes]
    shape: tuple[int, int]
    parts: tuple[tuple[Codes, Codes, Codes, Vector], ...]


class RuleSpace:
    """Labels of the terms of all measures, as filters and ``per`` read them."""

    def __init__(self, builder: ProgramBuilder, sets: Sets) -> None:
        self._builder = builder
        self._sets = sets
        self._keys = {"clusters": sets.clusters, "stages": sets.stages, "fields": sets.fields}

    @cached_property
    def spend(self) -> Terms:
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
        place = np.concatenate([np.arange(len(site)), len(site) + costly])[:, None]
        columns = np.concatenate([self._builder.columns("public"), self._builder.columns("link_public")])
        return Terms(
            self._over_years({name: np.concatenate(both) for name, both in codes.items()}),
            (len(site) + len(link), sets.n_years),
            ((place, np.arange(sets.n_years), columns, np.ones(1)),),
        )

    @cached_property
    def starts(self) -> Terms:
        """Projects begun at sites."""
        return self._at_sites("started", np.arange(len(self._sets.sites)))

    @cached_property
    def launches(self) -> Terms:
        """Projects that succeed at sites of the last stage."""
        return self._at_sites("finished", self._sets.launching)

    def _at_sites(self, name: str, chosen: Codes) -> Terms:
        sets, sites = self._sets, self._sets.sites
        place_of_site = np.full(len(sites), BLANK, dtype=np.intp)
        place_of_site[chosen] = np.arange(len(chosen))
        codes = {"cluster": sites.cluster, "stage": sites.stage, "field": sites.field}
        cells = {label: values[chosen] for label, values in codes.items()} | {"funder": np.full(len(chosen), BLANK)}
        return Terms(
            self._over_years(cells),
            (len(chosen), sets.n_years),
            tuple(
                (place_of_site[cell // sets.n_years], cell % sets.n_years, columns, coefficients)
                for cell, columns, coefficients in (self._builder.terms(name) if len(chosen) else ())
            ),
        )

    def _over_years(self, codes: Mapping[str, Codes]) -> dict[str, Codes]:
        return {name: values[:, None] for name, values in codes.items()} | {
            "year": np.arange(self._sets.n_years)[None, :]
        }

    def labels(self, terms: Terms, column: str) -> tuple[Codes, pd.Index]:
        """Return each cell's label in a column that a filter or ``per`` may name, as codes and their labels."""
        if column in terms.codes:
            return terms.codes[column], self._builder.dimensions[column]
        raw = self._sets.case.raw.tables
        owner = next((name for name in ATTRIBUTE_TABLES if name in raw and column in raw[name].header), None)
        if owner is None:
            return np.full((1, 1), BLANK), pd.Index([], dtype=object)
        texts = np.array(raw[owner].column(column), dtype=object)
        distinct = pd.Index(dict.fromkeys(text for text in texts if text), dtype=object)
        code_of_key = distinct.get_indexer(texts)
        keys = terms.codes[owner.removesuffix("s")]
        known = (keys != BLANK) & (keys < len(texts))  # the stage of a link has no attributes
        return np.where(known, code_of_key[np.where(known, keys, 0)], BLANK), distinct

    def passes(self, terms: Terms, chosen: Filter) -> Mask:
        """Return whether each cell passes a filter; years have one cell where the filter names none."""
        fits = np.ones((terms.shape[0], 1), dtype=bool)
        for column, wanted in chosen.conditions:
            codes, labels = self.labels(terms, column)
            allowed = np.append(
                np.array([str(label) in wanted for label in labels], dtype=bool), False
            )  # the last one is for blank labels
            fits = fits & allowed[codes]
        return fits

    def rows(self, terms: Terms, counted: Mask, per: tuple[str, ...]) -> tuple[Codes, dict[str, Codes]]:
        """Tell rows apart by their labels.

        Returns
        -------
        tuple
            Row of each cell (``BLANK`` for none), and for each column of ``per`` the code of each row.
        """
        columns = [self.labels(terms, column) for column in per]
        for name, (_, labels) in zip(per, columns, strict=True):
            self._builder.add_dimension(name, labels)
        key = np.zeros((1, 1), dtype=np.intp)
        for codes, labels in columns:
            counted = counted & (codes != BLANK)
            key = key * len(labels) + codes
        counted, key = np.broadcast_arrays(counted, key)
        sizes = tuple(len(labels) for _, labels in columns)
        row = np.full(counted.shape, BLANK, dtype=np.int32)
        found, row[counted] = _numbered(key[counted], math.prod(sizes))
        if not per or not len(found):
            return row, {}
        return row, dict(zip(per, np.unravel_index(found, sizes), strict=True))


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
    terms: Terms = getattr(space, rule["measure"])
    counted = space.passes(terms, parse_filter(rule["where"]))
    factor = counted.astype(float)
    right_hand_side = rule["value"]
    if rule["kind"] == SHARE:
        whole = space.passes(terms, parse_filter(rule["of"]))
        factor = factor - rule["value"] * whole
        counted = counted | whole
        right_hand_side = 0.0
    row, labels = space.rows(terms, counted, parse_per(rule["per"]))
    count = max(int(row.max(initial=BLANK)) + 1, 1)  # a rule that selects nothing is one row with empty sums
    labels = {"rule": np.full(count, number), **labels}
    floor = rule["sense"] == AT_LEAST
    bound = {"lower": right_hand_side} if floor else {"upper": right_hand_side}
    rows = builder.add_rows("rules", labels, **bound)
    if not np.isnan(rule["price"]):
        violation = builder.add_columns("violation", labels)
        builder.add_entries(rows, violation, 1.0 if floor else -1.0)
        builder.add_objective("rule_price", violation, -rule["price"])
    for place, year, columns, coefficients in terms.parts:
        of = np.where(place == BLANK, BLANK, _at(row, place, year))
        builder.add_entries(rows[of], columns, coefficients * _at(factor, place, year), where=of != BLANK)


def _numbered(keys: Codes, size: int) -> tuple[Codes, Codes]:
    """Return the distinct keys, each below ``size``, ascending, and which of them each key is."""
    if size > len(keys):  # so many combinations that sorting is less work than a list of them all
        return np.unique(keys, return_inverse=True)
    there = np.zeros(size, dtype=bool)
    there[keys] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[keys]


def _at(cells: NDArray[Any], place: Codes, year: Codes) -> NDArray[Any]:
    """Return cells by place and year; where all years of a place are one cell, by place alone."""
    return cells[place, 0] if cells.shape[1] == 1 else cells[place, year]
