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
from typing import Final

import numpy as np

from optimizer.blocks.rules import SHARE
from optimizer.blocks.specialization import specialized
from optimizer.compiler import Compiled, compile_sets
from optimizer.data.edit import CellChange
from optimizer.data.raw import SETTINGS
from optimizer.language import sentence
from optimizer.lp.program import LinearProgram, Vector
from optimizer.plan.explain_limits import Limits, is_share, rules_by_name, site_of, with_rule_values
from optimizer.solvers.conflict import Relaxation

MONEY, PER_YEAR, SHARE_UNIT = "money", sentence("projects/year"), sentence("share")
UNITS: Final[Mapping[str, str]] = {
    "spend": MONEY,
    "starts": sentence("projects"),
    "launches": sentence("launches"),
    **dict.fromkeys(("budget", "private_cap", "minimum"), MONEY),
    **dict.fromkeys(("capacity", "expansion_limit", "link_capacity", "link_expansion_limit"), PER_YEAR),
    "carry_over": SHARE_UNIT,
    "max_niches": sentence("niches"),
}
"""Measure of a rule, or family of other limits -> its unit."""
WHOLE = 1e-6
"""Distance from a whole number that is an error of rounding."""
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
        if is_share(self._rules, family, labels):
            now, needed = self._share(number, relaxation.x)
        else:
            now, step = self._as_written(number)
            needed = now - step * stretch if floor else now + step * stretch
        if family == "max_niches":
            needed = math.ceil(needed - WHOLE)
        needed = now if stretch == 0 else outward(needed, now, down=floor)
        return Figure(family, labels, floor, now, needed, self._unit(number), stretch * float(limits.price[number]))

    def _unit(self, number: int) -> str:
        family, labels = self._limits.family[number], self._limits.labels[number]
        if is_share(self._rules, family, labels):
            return SHARE_UNIT
        return UNITS[str(self._rules[str(labels["rule"])]["measure"])] if family == "rules" else UNITS[family]

    def _as_written(self, number: int) -> tuple[float, float]:
        """Return the figure a limit comes from, and by how much it changes per unit of stretch."""
        family, labels, value = self._limits.family[number], self._limits.labels[number], float(self._value[number])
        sets = self._sets
        if family == "capacity":
            tranche = sets.case.settings.diminishing_returns.tranches[int(str(labels["tranche"]))][0]
            return float(sets.sites.capacity[site_of(sets, labels)]), 1 / tranche
        if family == "carry_over":
            share = sets.case.settings.funding.carry_over
            return share, share / value if value > 0 else 0.0
        if family == "minimum":
            return float(sets.case.table("sites")["minimum"].iloc[site_of(sets, labels)]), 1.0
        return value, 1.0

    def _share(self, number: int, x: Vector) -> tuple[float, float]:
        """Return a share as the case has it, and as it is at a solution."""
        family, labels = self._limits.family[number], self._limits.labels[number]
        least = self._sets.case.settings.specialization.min_share
        now = least if family == "specialization" else float(self._rules[str(labels["rule"])]["value"])
        part, whole = self._parts(number, x)
        return now, part / whole if whole > 0 else now

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
        others = np.where(rules["kind"] == SHARE, np.where(values == 0, _other(0.0), 0.0), values)
        return compile_sets(with_rule_values(case, others)).program


def _other(value: float) -> float:
    return 1.0 if value == 0 else 0.0


def outward(needed: float, now: float, *, down: bool) -> float:
    """Return what is needed with seven digits of the larger figure, rounded to the side where the limit gives way."""
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
    table, column, keys = CELLS[figure.family]
    return CellChange(table, {key: figure.labels[key] for key in keys}, column, figure.needed)


_SITE, _LINK = ("cluster", "stage", "field"), ("origin", "destination", "stage")
CELLS: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = {
    "rules": ("rules", "value", ("rule",)),
    "budget": ("budget", "amount", ("funder", "year")),
    "carry_over": (SETTINGS, "funding.carry_over", ()),
    "specialization": (SETTINGS, "specialization.min_share", ()),
    "private_cap": ("clusters", "private_cap", ("cluster",)),
    "max_niches": ("clusters", "max_niches", ("cluster",)),
    "minimum": ("sites", "minimum", _SITE),
    "capacity": ("sites", "capacity", _SITE),
    "expansion_limit": ("sites", "expansion_limit", _SITE),
    "link_capacity": ("links", "capacity", _LINK),
    "link_expansion_limit": ("links", "expansion_limit", _LINK),
}
"""Family -> the table, column and key of the cell its figure is written in."""
