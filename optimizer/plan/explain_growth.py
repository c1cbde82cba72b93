"""What grows without end in an unbounded case: the sites, and what their growth is worth.

A start that costs money is bounded by budgets (private money follows public money), so what grows is free of cost, has
no capacity, and ends in launches or in a pipeline that are worth something however many there are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.compiler import Compiled
from optimizer.lp.program import Vector


@dataclass(frozen=True)
class Growth:
    """What grows without end.

    Attributes
    ----------
    sites
        Cluster, stage and field of each site whose starts grow.
    fields
        Fields whose launches grow.
    launches
        Whether launches grow; if not, what is worth something is the pipeline after the last year.
    saturated
        Whether the launches that grow are those beyond demand.
    """

    sites: tuple[tuple[str, str, str], ...]
    fields: tuple[str, ...]
    launches: bool
    saturated: bool


def growth_of(compiled: Compiled, direction: Vector) -> Growth:
    """Return what grows in a direction of growth."""
    program, sets = compiled.program, compiled.sets
    columns = program.columns

    def labels(family: str, *names: str) -> list[tuple[str, ...]]:
        moving = direction[columns.positions(family)] > 0
        codes = np.column_stack([columns.codes(family, name)[moving] for name in names])
        return [
            tuple(str(sets.dimensions[name][code]) for name, code in zip(names, line, strict=True))
            for line in np.unique(codes, axis=0)
        ]

    full, beyond = labels("full", "field"), labels("beyond", "field")
    fields = tuple(dict.fromkeys(field for (field,) in (*full, *beyond)))
    sites = [(cluster, stage, field) for cluster, stage, field in labels("starts", "cluster", "stage", "field")]
    return Growth(tuple(sites), fields, bool(fields), saturated=bool(beyond) and not full)
