"""The solution of a program as arrays over sites, funders and years, cleaned once for all tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.blocks.overlap import PART, OverlapPairs, overlapping_clusters, overlapping_funders, true_penalty
from optimizer.blocks.sets import Sets
from optimizer.errors import SolveError
from optimizer.language import say
from optimizer.lp.program import LinearProgram, Vector
from optimizer.planning.outcome import Outcome


@dataclass(frozen=True, eq=False, repr=False)
class Solution:
    """Arrays of a solved case; amounts nearer to zero than ``zero_tolerance`` are zero everywhere.

    Attributes
    ----------
    outcome
        What planning ended with.
    """

    outcome: Outcome

    @property
    def sets(self) -> Sets:
        """Sets and figures of the case."""
        return self.outcome.compiled.sets

    @property
    def program(self) -> LinearProgram:
        """The linear program that was solved."""
        return self.outcome.compiled.program

    @cached_property
    def x(self) -> Vector:
        """Value of each column."""
        if self.outcome.x is None:
            msg = say("there is no solution: the solve ended with '{end}'.", end=self.outcome.result.termination)
            raise SolveError(msg)
        small = np.abs(self.outcome.x) < self.outcome.options.zero_tolerance
        x: Vector = np.where(small, 0.0, self.outcome.x)
        return x

    def _over_years(self, family: str) -> Vector:
        """Return a family's values with one row per entity and one column per year."""
        return self.x[self.program.columns.positions(family)].reshape(-1, self.sets.n_years)

    @cached_property
    def public(self) -> Vector:
        """Public money, shape (site pairs, years)."""
        return self._over_years("public")

    @cached_property
    def link_public(self) -> Vector:
        """Public money on links, shape (pairs of costly links and funders, years)."""
        return self._over_years("link_public")

    @cached_property
    def private(self) -> Vector:
        """Private money, shape (sites, years); 0 where there is none."""
        grid = np.zeros((len(self.sets.sites), self.sets.n_years))
        labels = self.program.columns
        cluster, stage, field = (labels.codes("private", name) for name in ("cluster", "stage", "field"))
        year = labels.codes("private", "year")
        grid[self.sets.site_at[cluster, stage, field], year] = self.x[labels.positions("private")]
        return grid

    @cached_property
    def backlog(self) -> Vector:
        """Projects waiting at the end of each year, shape (sites, years); NaN where a site keeps no backlog."""
        grid = np.full((len(self.sets.sites), self.sets.n_years), np.nan)
        grid[self.sets.sites.waits] = self._over_years("backlog")
        return grid

    @cached_property
    def carry(self) -> Vector:
        """Money carried into the next year, shape (funders, years)."""
        grid = np.zeros((len(self.sets.funders), self.sets.n_years))
        values = self.x[self.program.columns.positions("carry")]
        if len(values):
            grid[:, :-1] = values.reshape(-1, self.sets.n_years - 1)
        return grid

    def quantity(self, name: str) -> Vector:
        """Return a named expression of the program at the solution, in its grid's shape."""
        return self.program.expressions[name].evaluate(self.x)

    @cached_property
    def launches(self) -> Vector:
        """Launches at each site of the last stage, shape (launching sites, years)."""
        return self.quantity("finished")[self.sets.launching]

    @cached_property
    def cluster_overlaps(self) -> OverlapPairs:
        """Pairs of clusters that fund the same niche in a year."""
        return overlapping_clusters(self.sets, self.public)

    @cached_property
    def funder_overlaps(self) -> OverlapPairs:
        """Pairs of funders that fund the same site in a year."""
        return overlapping_funders(self.sets, self.public)

    @cached_property
    def penalty(self) -> float:
        """True discounted overlap penalty [money]."""
        return true_penalty(self.sets, self.public)[2]

    @cached_property
    def parts(self) -> dict[str, float]:
        """The parts of the objective, costs negative; they add up to :attr:`objective`."""
        linear = self.program.part_values(self.x)
        names = ("worth_launches", "worth_pipeline", PART, "rule_price")
        return {name: linear.get(name, 0.0) for name in names} | {PART: -self.penalty}

    @property
    def objective(self) -> float:
        """True penalised objective [money]."""
        return sum(self.parts.values())

    @property
    def lp_objective(self) -> float:
        """Objective of the linear program [money]."""
        return sum(self.program.part_values(self.x).values())
