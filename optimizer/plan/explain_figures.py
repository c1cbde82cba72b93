"""What a limit would have to be: from the stretch of a program's row to the figure a planner wrote in a table.

now          the figure of the case
needed       amounts: now less (a floor) or plus (a ceiling) the stretch
             shares: the part over the whole, as they are where the limit gives way
             a capacity: now plus the stretch over the tranche's share
             carry-over: what is carried over the budget of the year
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np

from optimizer.blocks.specialization import specialized
from optimizer.compiler import Compiled, compile_sets
from optimizer.data.edit import CellChange
from optimizer.data.raw import SETTINGS
from optimizer.language import sentence
from optimizer.lp.program import LinearProgram, Vector
from optimizer.plan.explain_limits import SHARE, Limits, is_share, rules_by_name, site_of
from optimizer.solvers.conflict import Relaxation

MONEY, PROJECTS, PER_YEAR = "money", sentence("projects"), sentence("projects/year")
SHARE_UNIT, NICHES = sentence("share"), sentence("niches")
UNITS = {"spend": MONEY, "starts": PROJECTS, "launches": sentence("launches")}
"""Measure of a rule -> its unit."""
DIGITS = 7
"""Significant digits of what is needed; the last one is rounded so that the limit gives way by enough."""
EXACT = 1e-10
"""Distance from a round figure, relative, that is an error of rounding."""


@dataclass(frozen=True)
class Figure:
    """A limit as a planner knows it.

    Attributes
    ----------
    family, labels
        Which limit (FORMULATION section 5).
    floor
        Whether it is a floor.
    now
        The figure of the case.
    needed
        What it would have to be.
    unit
        ``money`` (the case's currency), or what is counted.
    money
        What giving way costs, in money; see :mod:`optimizer.plan.explain_limits`.
    """

    family: str
    labels: Mapping[str, object]
    floor: bool
    now: float
    needed: float
    unit: str
    money: float

    @property
    def change(self) -> float:
        """What is needed less what is now."""
        return self.needed - self.now


class Figures:
    """Turns stretches into figures.

    Parameters
    ----------
    compiled
        The case and its program.
    limits
        Its limits.
    """

    def __init__(self, compiled: Compiled, limits: Limits) -> None:
        self._sets = compiled.sets
        self._limits = limits
        self._rules = rules_by_name(compiled.sets)
        self._floor, self._value = limits.floor, limits.value

    def as_it_is(self, number: int) -> Figure:
        """Return a limit as the case has it, of which it is not known what it would have to be."""
        nothing = Relaxation(np.zeros(self._limits.program.n_columns), np.zeros(len(self._limits.family)))
        return self.of(number, nothing)

    def of(self, number: int, relaxation: Relaxation) -> Figure:
        """Return a limit and what it would have to be where it gives way."""
        limits = self._limits
        family, labels = limits.family[number], limits.labels[number]
        stretch, floor = float(relaxation.stretch[number]), bool(self._floor[number])
        now, needed, unit = self._figure(number, stretch, relaxation.x)
        if stretch == 0:
            needed = now
        needed = outward(needed, now, down=floor)
        return Figure(family, labels, floor, now, needed, unit, stretch * float(limits.price[number]))

    def _figure(self, number: int, stretch: float, x: Vector) -> tuple[float, float, str]:
        family, labels, value = self._limits.family[number], self._limits.labels[number], float(self._value[number])
        sets = self._sets
        given = value - stretch if self._floor[number] else value + stretch
        if is_share(self._rules, family, labels):
            part, whole = self._parts(number, x)
            target = (
                sets.case.settings.specialization.min_share
                if family == "specialization"
                else float(self._rules[str(labels["rule"])]["value"])
            )
            return target, part / whole if whole > 0 else target, SHARE_UNIT
        match family:
            case "rules":
                measure = self._rules[str(labels["rule"])]["measure"]
                return value, given, UNITS[measure]
            case "carry_over":
                share = sets.case.settings.funding.carry_over
                return share, min(1.0, share * given / value) if value > 0 else share, SHARE_UNIT
            case "capacity":
                tranche = sets.case.settings.diminishing_returns.tranches[int(str(labels["tranche"]))][0]
                capacity = float(sets.sites.capacity[site_of(sets, labels)])
                return capacity, capacity + stretch / tranche, PER_YEAR
            case "minimum":
                least = float(sets.case.table("sites")["minimum"].iloc[site_of(sets, labels)])
                return least, least - stretch, MONEY
            case "max_niches":
                return value, float(math.ceil(given - 1e-6)), NICHES
            case "budget" | "private_cap":
                return value, given, MONEY
            case _:
                return value, given, PER_YEAR

    def _parts(self, number: int, x: Vector) -> tuple[float, float]:
        """Return the part and the whole that a share compares, at a solution."""
        labels = self._limits.labels[number]
        if self._limits.family[number] == "specialization":
            sets = self._sets
            spent = self._limits.program.expressions["spent_at_site"].evaluate(x)
            at = sets.sites.cluster == sets.clusters.get_loc(labels["cluster"])
            of_year = spent[:, sets.years.get_loc(labels["year"])]
            return float(of_year[at & specialized(sets)].sum()), float(of_year[at].sum())
        row = self._limits.rows[number]
        value = float(self._rules[str(labels["rule"])]["value"])
        lacking, other = (float(program.activity(x)[row]) for program in (self._limits.program, self._with_other_share))
        whole = (other - lacking) / (value - _other(value))
        return lacking + value * whole, whole

    @cached_property
    def _with_other_share(self) -> LinearProgram:
        """The program with other shares in its rules: the difference of two rows is the whole a share is taken of."""
        case = self._sets.case
        rules = case.table("rules")
        values = rules["value"].to_numpy(float)
        rules["value"] = np.where(rules["kind"] == SHARE, np.where(values == 0, _other(0.0), 0.0), values)
        changed = type(case)(case.raw, case.settings, MappingProxyType({**case.stored, "rules": rules}))
        return compile_sets(changed).program


def _other(value: float) -> float:
    return 1.0 if value == 0 else 0.0


def outward(needed: float, now: float, *, down: bool) -> float:
    """Return what is needed with seven digits of the larger figure, rounded to the side on which the limit gives way."""
    scale = max(abs(needed), abs(now))
    if scale == 0 or not math.isfinite(scale):
        return needed
    places = DIGITS - 1 - math.floor(math.log10(scale))
    near = round(needed, places)
    if abs(near - needed) <= EXACT * max(1.0, scale):
        return max(near, 0.0)
    step = 10.0**-places
    rounded = math.floor(needed / step) if down else math.ceil(needed / step)
    return max(round(rounded * step, places), 0.0)


def cells_of(figures: Iterable[Figure]) -> list[CellChange]:
    """Return the cells of a case that make its limits give way; a rule or setting changes for all its rows alike."""
    cells: dict[tuple[object, ...], CellChange] = {}
    for figure in figures:
        change = _cell(figure)
        place = (change.table, change.column, *change.key.items())
        if place in cells:
            wider = min if figure.floor else max
            change = replace(change, value=wider(change.value, cells[place].value))
        cells[place] = change
    return list(cells.values())


def _cell(figure: Figure) -> CellChange:
    labels = figure.labels

    def row(table: str, column: str, *keys: str) -> CellChange:
        return CellChange(table, {key: labels[key] for key in keys}, column, figure.needed)

    site, link = ("cluster", "stage", "field"), ("origin", "destination", "stage")
    match figure.family:
        case "rules":
            return row("rules", "value", "rule")
        case "budget":
            return row("budget", "amount", "funder", "year")
        case "carry_over":
            return CellChange(SETTINGS, {}, "funding.carry_over", figure.needed)
        case "specialization":
            return CellChange(SETTINGS, {}, "specialization.min_share", figure.needed)
        case "private_cap" | "max_niches":
            return row("clusters", figure.family, "cluster")
        case "link_capacity" | "link_expansion_limit":
            return row("links", figure.family.removeprefix("link_"), *link)
        case _:
            return row("sites", figure.family, *site)
