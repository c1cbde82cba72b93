"""Global sensitivity through SALib: Morris's elementary effects and Sobol's indices, also where samples have no plan.

Both methods place their samples in blocks: a trajectory of Morris changes one parameter after the other, a block of
Saltelli's design for Sobol swaps the columns of two samples. A sample without an outcome takes its block with it, for
the others say nothing without it. What is left is analysed as if it had been drawn so, which leans towards where plans
exist; the share of failures and the blocks left out are told beside the figures.

Sources: M. D. Morris, Technometrics 33 (1991) 161-174; F. Campolongo, J. Cariboni, A. Saltelli, Environmental
Modelling and Software 22 (2007) 1509-1518; I. M. Sobol, Mathematics and Computers in Simulation 55 (2001) 271-280;
A. Saltelli and others, Computer Physics Communications 181 (2010) 259-270.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimizer.analysis.points import Point
from optimizer.analysis.points_parameters import Parameter, check_parameters
from optimizer.analysis.sweep import How, limited_note, run_sweep
from optimizer.analysis.tornado import check_measure
from optimizer.data.case import CaseTables
from optimizer.errors import InputError, SolveError
from optimizer.language import Message, say
from optimizer.lp.program import Vector

Matrix = NDArray[np.float64]


class Outcomes(NamedTuple):
    """Outcomes of samples, NaN where there is none, and the statuses of their plans, where they come from plans."""

    values: Vector
    statuses: Sequence[str] = ()


Outcome = Callable[[Matrix], Outcomes]
"""Samples, one a line, to their outcomes."""
FEWEST = 2
"""Blocks without which there is no spread to speak of."""
LARGEST_SEED = 2**32 - 1
"""The largest that the samplers take."""
LEVELS = 4
"""Levels of Morris's design; with an even number all are equally likely (Morris 1991)."""
MORRIS, SOBOL = "morris", "sobol"


@dataclass(frozen=True)
class Space:
    """What is sampled: the names and bounds of the parameters."""

    names: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    @classmethod
    def of(cls, parameters: Sequence[Parameter]) -> Space:
        """Return the space that parameters span."""
        names, low, high = zip(*((one.name, one.low, one.high) for one in parameters), strict=True)
        return cls(names, low, high)

    @property
    def problem(self) -> dict[str, Any]:
        """The same in SALib's words."""
        bounds = [list(pair) for pair in zip(self.low, self.high, strict=True)]
        return {"num_vars": len(self.names), "names": list(self.names), "bounds": bounds}


@dataclass(frozen=True, eq=False, repr=False)
class ScreeningTables:
    """How strongly parameters move an outcome. Made by :func:`screen_effects` and :func:`screen_indices`.

    Attributes
    ----------
    method
        ``morris`` or ``sobol``.
    table
        The parameters, one a line, the most important first. Morris: ``mu``, the mean effect of a parameter that
        crosses its range; ``mu_star``, that of its size; ``sigma``, its spread, which is large where the effect is bent
        or depends on others; ``mu_star_conf``, half the width of the 95 % interval. Sobol: ``S1`` and ``ST``, the share
        of the outcome's variance that a parameter explains alone, and with all it does together with others, with half
        the widths of their intervals.
    pairs
        Sobol's ``S2``, the share two parameters explain together beyond what each does alone; empty unless asked for.
    samples
        The samples, one a line, with their ``outcome``; NaN where there is none.
    seed
        By which the samples were drawn.
    blocks, lost
        Trajectories or blocks of the design, and how many were left out for a sample without an outcome.
    limited
        Samples whose planning a limit ended.
    """

    method: str
    table: pd.DataFrame
    pairs: pd.DataFrame
    samples: pd.DataFrame
    seed: int
    blocks: int
    lost: int
    limited: int

    @property
    def complete(self) -> bool:
        """Whether no limit ended the planning of any sample."""
        return not self.limited

    @property
    def failures(self) -> float:
        """Share of the samples without an outcome."""
        return float(self.samples["outcome"].isna().mean())

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the table."""
        notes = [say("{count} samples drawn with seed {seed}.", count=len(self.samples), seed=self.seed)]
        if self.lost:
            notes.append(
                say(
                    "{share} % of the samples have no plan, and {lost} of {blocks} blocks of samples were left out for "
                    "that. The figures are biased: they describe only the part of the ranges where plans exist. "
                    "Narrow the ranges, or give hard rules a price.",
                    share=f"{100 * self.failures:.1f}",
                    lost=self.lost,
                    blocks=self.blocks,
                )
            )
        if self.table.iloc[:, 1:].isna().all(axis=None):
            notes.append(
                say("The outcome is the same at every sample: nothing moves it, and there is nothing to share.")
            )
        if self.limited:
            notes.append(limited_note(self.limited, len(self.samples)))
        return tuple(notes)

    def __repr__(self) -> str:
        first = self.table.iloc[0]
        told = say(
            "Screening({method}: {samples} samples, most important {parameter})",
            method=self.method,
            samples=len(self.samples),
            parameter=say(str(first["parameter"])),
        )
        return told.text()


def screen_effects(space: Space, outcome: Outcome, trajectories: int, seed: int) -> ScreeningTables:
    """Screen by the elementary effects of Morris.

    Parameters
    ----------
    space
        What is sampled.
    outcome
        Tells the outcome of samples.
    trajectories
        Trajectories, each of one sample more than there are parameters.
    seed
        By which they are drawn.

    Raises
    ------
    InputError
        If there are fewer than 2 trajectories, or the seed is none.
    SolveError
        If fewer than 2 trajectories have all their outcomes.
    """
    from SALib.analyze import morris as analysis  # heavy, and wanted only here
    from SALib.sample import morris as sampling

    _check_count(trajectories)
    _check_seed(seed)
    problem = space.problem
    samples = sampling.sample(problem, trajectories, num_levels=LEVELS, seed=seed)
    drawn = _drawn(space, samples, outcome, len(space.names) + 1, seed)
    kept = drawn.kept
    # in units of the range, so that effects of parameters of different units compare
    told = analysis.analyze(problem, samples[kept], drawn.found[kept], num_levels=LEVELS, seed=seed)
    columns = ("mu", "mu_star", "sigma", "mu_star_conf")
    frame = pd.DataFrame({"parameter": space.names, **{name: np.asarray(told[name], float) for name in columns}})
    table = frame.sort_values("mu_star", ascending=False, kind="stable").reset_index(drop=True)
    return drawn.tables(MORRIS, table, pd.DataFrame())


def screen_indices(space: Space, outcome: Outcome, samples: int, seed: int, *, pairs: bool = False) -> ScreeningTables:
    """Screen by Sobol's indices of the outcome's variance.

    Parameters
    ----------
    space
        What is sampled.
    outcome
        Tells the outcome of samples.
    samples
        Blocks of samples, raised to a power of 2; each has two samples more than there are parameters, with ``pairs``
        two more than twice as many.
    seed
        By which they are drawn.
    pairs
        Whether the indices of pairs are wanted too.

    Raises
    ------
    InputError
        If there are fewer than 2 blocks, or the seed is none.
    SolveError
        If fewer than 2 blocks have all their outcomes.
    """
    from SALib.analyze import sobol as analysis  # heavy, and wanted only here
    from SALib.sample import sobol as sampling

    _check_count(samples)
    _check_seed(seed)
    problem, size = space.problem, len(space.names) * (2 if pairs else 1) + 2
    count = 1 << (samples - 1).bit_length()
    drawn = _drawn(space, sampling.sample(problem, count, calc_second_order=pairs, seed=seed), outcome, size, seed)
    found = drawn.found[drawn.kept]
    frame = pd.DataFrame({"parameter": space.names})
    names, second = ("S1", "S1_conf", "ST", "ST_conf"), pd.DataFrame()
    if np.ptp(found) > 0:
        told = analysis.analyze(problem, found, calc_second_order=pairs, seed=seed)
        frame = frame.assign(**{name: np.asarray(told[name], float) for name in names})
        if pairs:
            a, b = np.triu_indices(len(space.names), 1)
            second = pd.DataFrame(
                {
                    "parameter": np.array(space.names, dtype=object)[a],
                    "other": np.array(space.names, dtype=object)[b],
                    "S2": told["S2"][a, b],
                    "S2_conf": told["S2_conf"][a, b],
                }
            )
    else:
        frame = frame.assign(**dict.fromkeys(names, np.nan))  # shares of no variance at all
    table = frame.sort_values("ST", ascending=False, kind="stable").reset_index(drop=True)
    return drawn.tables(SOBOL, table, second)


def _check_count(count: int) -> None:
    if count < FEWEST:
        raise InputError(say("{count} blocks of samples tell nothing; draw 2 or more.", count=count))


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Samples in blocks of ``size``, drawn by ``seed``, and their outcomes."""

    space: Space
    samples: Matrix
    found: Vector
    statuses: Sequence[str]
    size: int
    seed: int

    @property
    def limited(self) -> int:
        """Samples whose planning a limit ended."""
        return sum(status == "limit" for status in self.statuses)

    @property
    def whole(self) -> NDArray[np.bool_]:
        """Whether each block has all its outcomes."""
        missing: NDArray[np.bool_] = np.isnan(self.found).reshape(-1, self.size)
        return np.asarray(~missing.any(axis=1))

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Whether each sample stands in such a block.

        Raises
        ------
        SolveError
            If there are fewer than 2 such blocks.
        """
        whole = self.whole
        if whole.sum() < FEWEST:
            raise SolveError(
                say(
                    "only {whole} of {blocks} blocks of samples have plans everywhere; that is too few to analyse. "
                    "Narrow the ranges, give hard rules a price, or draw more samples.",
                    whole=int(whole.sum()),
                    blocks=len(whole),
                ),
                next((status for status in ("limit", "error") if status in self.statuses), "infeasible"),
            )
        return np.repeat(whole, self.size)

    def tables(self, method: str, table: pd.DataFrame, pairs: pd.DataFrame) -> ScreeningTables:
        """Return what the samples were analysed to."""
        frame = pd.DataFrame(self.samples, columns=list(self.space.names)).assign(outcome=self.found)
        whole = self.whole
        return ScreeningTables(method, table, pairs, frame, self.seed, len(whole), int((~whole).sum()), self.limited)


def _check_seed(seed: int) -> None:
    if not 0 <= seed <= LARGEST_SEED:
        raise InputError(
            say("a seed of {seed} is none; give a whole number from 0 to {most}.", seed=seed, most=LARGEST_SEED)
        )


def _drawn(space: Space, samples: Matrix, outcome: Outcome, size: int, seed: int) -> _Drawn:
    found = outcome(samples)
    return _Drawn(space, samples, np.asarray(found.values, dtype=float), found.statuses, size, seed)


def planned(case: CaseTables, parameters: Sequence[Parameter], measure: str, how: How) -> tuple[Space, Outcome]:
    """Return the space that parameters of a case span, and how to tell a figure of its plans there."""
    check_measure(measure, how)
    chosen = check_parameters(parameters)

    def outcome(samples: Matrix) -> Outcomes:
        points = [
            Point(
                str(number),
                tuple(change for one, value in zip(chosen, line, strict=True) for change in one.changes(value)),
            )
            for number, line in enumerate(samples, start=1)
        ]
        found = run_sweep(case, points, how)
        return Outcomes(found.table[measure].to_numpy(float), [result.status for result in found.results])

    return Space.of(chosen), outcome
