"""From a case to its linear program: the constraint families, one after the other, into one builder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import numpy as np
import pandas as pd

from optimizer import blocks
from optimizer.blocks import funding, overlap, pairs
from optimizer.blocks.sets import Sets, gather
from optimizer.data.case import CaseTables
from optimizer.lp.builder import ProgramBuilder
from optimizer.lp.program import LinearProgram, Vector

WAYS = "funder"
"""Funders are ways to pay for the same thing, told apart by their budgets and by the rules that name them."""


class Block(Protocol):
    """A constraint family: a module of :mod:`optimizer.blocks`."""

    def add(self, builder: ProgramBuilder, sets: Sets) -> None:
        """Add the family's columns, rows, entries and objective terms."""


@dataclass(frozen=True, eq=False, repr=False)
class Compiled:
    """A case as a linear program, with the sets it was made from.

    Attributes
    ----------
    sets
        Sets and figures of the case.
    program
        The linear program of overlap method ``fixed``; other rankings replace its part ``overlap_penalty``.
    """

    sets: Sets
    program: LinearProgram

    def report(self) -> pd.DataFrame:
        """Return how many rows and columns each family has, and why a family has none."""
        program = self.program
        counts = [
            {"family": name, "kind": kind, "count": len(labels.positions(name)), "why_none": ""}
            for kind, labels in (("column", program.columns), ("row", program.rows), ("limit", program.limits.labels))
            for name in labels.names
        ]
        present = {str(entry["family"]) for entry in counts if entry["count"]}
        absent = [
            {"family": name, "kind": "row", "count": 0, "why_none": str(reason)}
            for name, reason in program.absences.items()
            if name not in present
        ]
        return pd.DataFrame([entry for entry in counts if entry["count"]] + absent)


def compile_sets(case: CaseTables) -> Compiled:
    """Return the linear program of a case together with its sets."""
    return compile_with(gather(case))


def recompile(before: Compiled, case: CaseTables) -> Compiled:
    """Return the linear program of a case that came from the one of ``before`` by changes of figures.

    It is what :func:`compile_sets` makes. Budgets and prices of overlap stand alone in it, as bounds and as a part of
    the objective, so that where nothing else is changed the rest is shared.
    """
    sets, old = gather(case, before.sets), before.sets.case
    others = [name for name in case.stored if name != "budget"]
    apart = case.settings.model_copy(update={"overlap": old.settings.overlap}) == old.settings
    if not apart or not case.shares(old, *others):
        return compile_with(sets)
    program = before.program
    if not case.shares(old, "budget"):
        program = funding.with_budgets(program, sets)
    if case.settings.overlap != old.settings.overlap:
        coefficients = overlap.penalty_coefficients(sets, overlap.rank_by_activity(sets))
        program = program.with_part(overlap.PART, program.columns.positions("public"), coefficients.ravel())
    return Compiled(sets, program)


def compile_with(sets: Sets) -> Compiled:
    """Return the linear program of sets that were changed after they were gathered, with wider mandates for example."""
    return Compiled(sets, _built(sets, blocks.NAMES).build(maximize=True, ways=WAYS))


def without_penalty(compiled: Compiled) -> LinearProgram:
    """Return the program with no charge for overlap: its optimum bounds every plan from above."""
    nothing = np.empty(0, dtype=np.intp)
    return compiled.program.with_part(overlap.PART, nothing, np.empty(0))


def compile_pairs(sets: Sets, caps: Vector) -> LinearProgram:
    """Return the mixed-integer program of a case with its overlap pair by pair (FORMULATION section 4, ``exact``).

    Its first columns are those of :func:`compile_sets`, in their order.

    Parameters
    ----------
    sets
        Sets and figures of the case.
    caps
        The most public money each site can take in each year, shape (sites, years) [money].
    """
    builder = _built(sets, [name for name in blocks.NAMES if name != "overlap"])
    pairs.add(builder, sets, caps)
    return builder.build(maximize=True)


def _built(sets: Sets, names: Sequence[str]) -> ProgramBuilder:
    builder = ProgramBuilder(sets.dimensions)
    for name in names:
        block: Block = import_module(f"{blocks.__name__}.{name}")
        block.add(builder, sets)
    return builder


def compile_case(case: CaseTables) -> LinearProgram:
    """Return the linear program of a case (FORMULATION section 3, overlap as in method ``fixed``)."""
    return compile_sets(case).program
