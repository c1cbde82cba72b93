"""Futures drawn at random around the figures of a case.

drawn        every success rate of a row of ``stages`` or ``niches`` that enters the model, and a factor for every
             cost there, every value and every finite demand of a field
rates        Beta with the case's figure p as mean; variance p (1 - p) (1 / (trials + 1) + spread). With spread 0 this
             is Beta(p trials, (1 - p) trials): what is known of the rate after ``trials`` observations. A rate of 1
             stays 1, for no distribution below 1 has that mean
factors      lognormal with mean 1 and coefficient of variation v: sigma^2 = ln(1 + v^2), mu = - sigma^2 / 2
together     Gaussian copula: the normal score of a figure of kind k (success, cost, market) and field f is
             sqrt(between) A_k + sqrt(correlation - between) B_kf + sqrt(1 - correlation) C, all standard normal:
             scores correlate by ``correlation`` within a field and by ``between`` across fields. Figures of a stage's
             row, which several fields share, are a field of their own
design       a Latin hypercube puts each figure once into each of n equally likely ranges, in the order of its scores; a
             scrambled Sobol sequence fills the space of A, B, C evenly; ``random`` draws futures independently

Sources: M. McKay, R. Beckman, W. Conover, Technometrics 21 (1979) 239-245; ranks for correlation: R. Iman, W. Conover,
Communications in Statistics B 11 (1982) 311-334.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import beta as beta_law
from scipy.stats import qmc

from optimizer.analysis.points import target_text
from optimizer.analysis.reduction import reduce_points
from optimizer.arguments import checked_methods
from optimizer.data.case import CaseTables
from optimizer.data.changes import Change, Operation
from optimizer.data.futures import Future
from optimizer.data.names import quoted_title
from optimizer.errors import InputError
from optimizer.language import Message, say, sentence
from optimizer.lp.program import Vector

Matrix = NDArray[np.float64]
SampleSizes = Mapping[str | tuple[str, str], float]
"""Observations behind success rates: stage, or (stage, field), -> their number."""
SUCCESS, COST, MARKET = sentence("Success"), sentence("Cost"), sentence("Market")
"""Kinds of figures that have shocks of their own."""
LEAST_RATE = 1e-9
"""Least success rate a future may have; 0 is no success rate of a case."""
EDGE = 1e-12
"""Distance kept from 0 and 1 before normal scores are taken."""


class Design(StrEnum):
    """How futures are placed."""

    LATIN_HYPERCUBE = "latin_hypercube"
    SOBOL = "sobol"
    RANDOM = "random"


FACTORS = ("costs", "values", "demand")
WIDEST = 10.0
"""Largest coefficient of variation of a factor; beyond it one future has nearly all of a figure, the others none."""
MOST_DRAWN = 100_000
"""Futures that can be drawn at once; more fill the memory and tell nothing more."""


@checked_methods
@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """How far figures of a case may be off.

    Attributes
    ----------
    spread
        Variance of success rates between programmes or portfolios, as a share of the largest possible one p (1 - p).
        The published rates are means over thousands of projects, so their sampling error is tiny; it says nothing of
        how far the rate of *our* programmes lies from that mean. Between the disease areas of BIO/QLS 2011-2020 this
        share is about 0.02 in phases 1 to 3 and 0.006 at approval (analysis of variance of its figure 2).
    costs, values, demand
        Coefficients of variation of costs, values of launches and demands; 0 leaves them as they are. The defaults are
        assumed, not published.
    unknown_trials
        Observations that a success rate counts as, of which ``trials`` is blank; assumed.

    Raises
    ------
    InputError
        If one is below 0 or ``unknown_trials`` not above 0, or a coefficient of variation above 10.
    """

    spread: float = 0.0
    costs: float = 0.2
    values: float = 0.3
    demand: float = 0.2
    unknown_trials: float = 50.0

    def __post_init__(self) -> None:
        """Refuse what is no dispersion."""
        for name, value in vars(self).items():
            above = value > 0 or (value == 0 and name != "unknown_trials")
            if not (above and math.isfinite(value)) or (name == "spread" and value >= 1):
                raise InputError(
                    say("uncertainty: {name} is {value}, which is no dispersion; give 0 or more, a spread below 1, and "
                        "trials above 0.", name=name, value=value)
                )  # fmt: skip
        for name in FACTORS:
            value = getattr(self, name)
            if value > WIDEST:
                raise InputError(
                    say("uncertainty: {name} vary by {value} times their mean, which no figure of a plan does; give "
                        "{most} or less.", name=name, value=f"{value:g}", most=f"{WIDEST:g}")
                )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Draw:
    """How futures are drawn.

    Attributes
    ----------
    count
        Number of futures.
    seed
        By which they are drawn; equal seeds give equal futures.
    correlation
        Correlation of the normal scores of one kind within a field, 0..1.
    between_fields
        The same across fields, 0..``correlation``.
    design
        How they are placed.

    Raises
    ------
    InputError
        If there is no future, or a correlation is out of its range.
    """

    count: int
    seed: int = 0
    correlation: float = 0.5
    between_fields: float = 0.0
    design: Design = Design.LATIN_HYPERCUBE

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        if not 1 <= self.count <= MOST_DRAWN:
            raise InputError(
                say("{count} futures cannot be drawn; draw from 1 to {most}.", count=self.count, most=f"{MOST_DRAWN:,}")
            )
        if self.seed < 0:
            raise InputError(say("a seed of {seed} is none; give a whole number from 0 on.", seed=self.seed))
        if not 0 <= self.between_fields <= self.correlation <= 1:
            raise InputError(
                say("a correlation of {within} within fields and {between} between them is impossible; both lie from 0 "
                    "to 1, and the one between fields is not the larger one.",
                    within=self.correlation, between=self.between_fields)
            )  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class ScenariosTables:
    """Futures of a case, drawn at random. Made by :func:`draw_futures`.

    Attributes
    ----------
    case
        The case.
    quantities
        What was drawn, one line each: ``kind``, ``stage`` and ``field`` (blank: of several), ``table``, ``where``,
        ``column``, the case's ``figure``, the ``trials`` of a rate, ``mean`` and ``deviation`` of the law it was drawn
        from (of factors: relative to the figure).
    names
        Names of the futures.
    probability
        Their probabilities.
    values
        What was drawn, a line for each future and a column for each quantity: rates, and factors of all else.
    seed
        By which it was drawn.
    error
        Kantorovich distance to the futures these stand for [standard deviations]; 0 where nothing was left out.
    relative_error
        The same as a share of the distance to the best single future, so that 1 is the worst.
    drawn
        Number of futures these stand for.
    """

    case: CaseTables
    quantities: pd.DataFrame
    names: tuple[str, ...]
    probability: Vector
    values: Matrix
    seed: int
    error: float = 0.0
    relative_error: float = 0.0
    drawn: int = 0

    @cached_property
    def futures(self) -> tuple[Future, ...]:
        """The futures in their order."""
        return tuple(
            Future(name, float(probability), tuple(map(_change, places, line)))
            for places in [self._places]
            for name, probability, line in zip(self.names, self.probability, self.values.tolist(), strict=True)
        )

    @cached_property
    def _places(self) -> list[tuple[str, str, str, Operation]]:
        lines = self.quantities[["table", "where", "column", "kind"]].itertuples(index=False, name=None)
        return [(*place, Operation.SET if kind == SUCCESS else Operation.MULTIPLY) for *place, kind in lines]

    @property
    def table(self) -> pd.DataFrame:
        """One line a future: ``scenario``, ``probability``, then every figure drawn: rates, and factors of all else."""
        columns = [target_text(_change(place, 1.0)) for place in self._places]
        frame = pd.DataFrame(self.values, columns=columns)
        frame.insert(0, "scenario", list(self.names))
        frame.insert(1, "probability", self.probability)
        return frame

    @property
    def summary(self) -> pd.DataFrame:
        """What was drawn, one line each: the law it was drawn from, and the mean, deviation and range that came out."""
        mean = self.probability @ self.values
        low, high = (_quantile(self.values, self.probability, share) for share in (0.05, 0.95))
        return self.quantities.assign(
            drawn_mean=mean,
            drawn_deviation=np.sqrt(self.probability @ (self.values - mean) ** 2),
            drawn_low=low,
            drawn_high=high,
        )

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the futures."""
        told = [
            say("{count} futures drawn with seed {seed}: {figures} figures.",
                count=self.drawn, seed=self.seed, figures=len(self.quantities))
        ]  # fmt: skip
        rates = self.quantities[self.quantities["kind"] == SUCCESS]
        unknown = int(rates["trials"].isna().sum())
        if unknown:
            told.append(
                say("{unknown} of {rates} success rates have no published number of trials; their dispersion is "
                    "assumed.", unknown=unknown, rates=len(rates))
            )  # fmt: skip
        if len(self.names) < self.drawn:
            told.append(
                say("{kept} of them are kept for all: Kantorovich distance {error} standard deviations, {share} % of "
                    "that to the best single future.", kept=len(self.names), error=f"{self.error:.3g}",
                    share=f"{100 * self.relative_error:.0f}")
            )  # fmt: skip
        return tuple(told)

    def reduced(self, count: int) -> ScenariosTables:
        """Return futures that stand for these (see :mod:`optimizer.analysis.reduction`).

        Raises
        ------
        InputError
            If ``count`` is below 1 or above the number of futures, or futures were left out of these already.
        """
        if len(self.names) < self.drawn:
            raise InputError(say("these futures stand for others already; reduce those that were drawn."))
        found = reduce_points(self.values, self.probability, count)
        single = reduce_points(self.values, self.probability, 1).error
        return replace(
            self,
            names=tuple(self.names[place] for place in found.kept),
            probability=found.probability / found.probability.sum(),
            values=self.values[found.kept],
            error=found.error,
            relative_error=found.error / single if single else 0.0,
        )

    def __repr__(self) -> str:
        reduced = say(" for {drawn}, error {error}", drawn=self.drawn, error=f"{self.relative_error:.0%}")
        told = say(
            "Scenarios({case}: {futures} futures{kept}, {figures} figures)",
            case=quoted_title(self.case),
            futures=len(self.names),
            kept="" if len(self.names) == self.drawn else reduced,
            figures=len(self.quantities),
        )
        return told.text()


def draw_futures(
    case: CaseTables, draw: Draw, uncertainty: Uncertainty, sample_sizes: SampleSizes | None = None
) -> ScenariosTables:
    """Draw futures of a case.

    Parameters
    ----------
    case
        The case.
    draw
        How many, and how they are placed.
    uncertainty
        How far figures may be off.
    sample_sizes
        Observations behind success rates, in place of the column ``trials``.

    Raises
    ------
    InputError
        If a sample size is of no success rate, nothing of the case is uncertain, or a law has no numbers.
    """
    found = pd.concat([_rates(case, uncertainty, dict(sample_sizes or {})), _factors(case, uncertainty)])
    found = found[found["deviation"] > 0].reset_index(drop=True)
    if found.empty:
        raise InputError(say("nothing of the case is uncertain; give costs, values or demand a dispersion above 0."))
    values = _values(found, _shares(found, draw))
    digits = len(str(draw.count))
    names = tuple(f"s{number:0{digits}d}" for number in range(1, draw.count + 1))
    probability = np.full(draw.count, 1 / draw.count)
    futures = ScenariosTables(case, found, names, probability, values, draw.seed, drawn=draw.count)
    drawn = np.isfinite(values).all(axis=0)
    if not drawn.all():
        raise InputError(
            say("no number could be drawn for {quantity}: its law is too narrow or too wide for one; give it fewer "
                "trials or another spread.", quantity=futures.table.columns[2:][int(np.argmin(drawn))])
        )  # fmt: skip
    return futures


def _values(found: pd.DataFrame, shares: Matrix) -> Matrix:
    """Return the value of each figure at which its law reaches each share: rates by Beta, factors by lognormal."""
    values = np.empty_like(shares)
    rates = (found["kind"] == SUCCESS).to_numpy()
    mean, variance = found.loc[rates, "mean"].to_numpy(), found.loc[rates, "deviation"].to_numpy() ** 2
    weight = mean * (1 - mean) / variance - 1
    values[:, rates] = np.maximum(beta_law.ppf(shares[:, rates], mean * weight, (1 - mean) * weight), LEAST_RATE)
    sigma = np.sqrt(np.log1p(found.loc[~rates, "deviation"].to_numpy() ** 2))
    values[:, ~rates] = np.exp(sigma * ndtri(shares[:, ~rates]) - sigma**2 / 2)
    return values


def _shares(found: pd.DataFrame, draw: Draw) -> Matrix:
    """Return for every future and quantity the share of its law that lies below it."""
    kind = found["kind"].astype("category").cat.codes.to_numpy()
    group = found.groupby(["kind", "field"], sort=False).ngroup().to_numpy()
    kinds, groups = kind.max() + 1, group.max() + 1
    within, between = draw.correlation, draw.between_fields
    generator = np.random.default_rng(draw.seed)
    size = kinds + groups + len(found)
    scores = ndtri(np.clip(_placed(draw, size, generator), EDGE, 1 - EDGE))
    common, fields, own = np.split(scores, [kinds, kinds + groups], axis=1)
    mixed = (
        math.sqrt(between) * common[:, kind]
        + math.sqrt(within - between) * fields[:, group]
        + math.sqrt(1 - within) * own
    )
    if draw.design is not Design.LATIN_HYPERCUBE:
        shares: Matrix = ndtr(mixed)
        return np.clip(shares, EDGE, 1 - EDGE)
    # a sum of stratified scores is not stratified; its order is kept and every range is filled once
    order = np.argsort(np.argsort(mixed, axis=0, kind="stable"), axis=0, kind="stable")
    within_range = generator.random(draw.count)  # the same for all, so that equal orders stay equal
    spread: Matrix = (order + within_range[order]) / draw.count
    return np.clip(spread, EDGE, 1 - EDGE)


def _placed(draw: Draw, size: int, generator: np.random.Generator) -> Matrix:
    match draw.design:
        case Design.LATIN_HYPERCUBE:
            placed = qmc.LatinHypercube(size, rng=generator).random(draw.count)
        case Design.SOBOL:
            # a power of two is what the sequence is balanced for
            placed = qmc.Sobol(size, rng=generator).random_base2((draw.count - 1).bit_length())[: draw.count]
        case Design.RANDOM:
            placed = generator.random((draw.count, size))
    return np.asarray(placed, dtype=float)


def _change(place: tuple[str, str, str, Operation], value: float) -> Change:
    table, where, column, operation = place
    return Change(table, column, operation, value, where)


def _rows(case: CaseTables, column: str) -> pd.DataFrame:
    """Return the rows of stages and niches whose figure in a column enters the model, stages with blank fields."""
    stages, niches = case.table("stages"), case.table("niches")
    own = niches[niches[column].notna()]
    fields = len(case.table("fields")) if case.has("fields") else 1
    covered = own.groupby("stage").size().reindex(stages["stage"], fill_value=0).to_numpy()
    shared = stages[covered < fields]
    parts = [
        shared.assign(table="stages", field="", where="stage=" + shared["stage"].astype(str)),
        own.assign(table="niches", where="stage=" + own["stage"].astype(str) + "; field=" + own["field"].astype(str)),
    ]
    columns = ["table", "where", "stage", "field", column, "trials"]
    found = pd.concat([part[columns] for part in parts if len(part)], ignore_index=True)
    return found.rename(columns={column: "figure"}).assign(column=column)


def _rates(case: CaseTables, uncertainty: Uncertainty, sizes: dict[str | tuple[str, str], float]) -> pd.DataFrame:
    found = _rows(case, "success_rate")
    places = list(zip(found["stage"], found["field"], strict=True))
    known = {*places, *(stage for stage, _ in places)}
    for place, size in sizes.items():
        if place not in known or not size > 0:
            raise InputError(
                say("a sample size of {size} at {place}: sizes are above 0, and of a stage or of (stage, field) with a "
                    "success rate of its own; there are {known}.", size=size, place=repr(place),
                    known=", ".join(repr(stage if not field else (stage, field)) for stage, field in places))
            )  # fmt: skip
    given = [sizes.get(place, sizes.get(place[0])) for place in places]
    trials = pd.Series(given, dtype=float).fillna(pd.to_numeric(found["trials"]).astype(float))
    rate = found["figure"].astype(float)
    share = 1 / (trials.fillna(uncertainty.unknown_trials) + 1) + uncertainty.spread
    if (share >= 1).any():
        raise InputError(
            say("a spread of {spread} leaves no law for rates of so few trials; give less.", spread=uncertainty.spread)
        )
    return _quantities(found.assign(trials=trials), SUCCESS, rate, np.sqrt(rate * (1 - rate) * share))


def _factors(case: CaseTables, uncertainty: Uncertainty) -> pd.DataFrame:
    costs = _rows(case, "cost").assign(trials=np.nan)
    parts = [_quantities(costs, COST, 1.0, np.where(costs["figure"] > 0, uncertainty.costs, 0.0))]
    if case.has("fields"):
        fields = case.table("fields")
        where = "field=" + fields["field"].astype(str)
        for column, variation in (("value", uncertainty.values), ("demand", uncertainty.demand)):
            figure = fields[column].astype(float)
            lines = fields[["field"]].assign(
                stage="", table="fields", where=where, column=column, figure=figure, trials=np.nan
            )
            moves = (figure > 0) & np.isfinite(figure)
            parts.append(_quantities(lines, MARKET, 1.0, np.where(moves, variation, 0.0)))
    return pd.concat(parts)


def _quantities(lines: pd.DataFrame, kind: str, mean: pd.Series | float, deviation: pd.Series | Vector) -> pd.DataFrame:
    columns = ["kind", "stage", "field", "table", "where", "column", "figure", "trials", "mean", "deviation"]
    return lines.assign(kind=kind, mean=mean, deviation=deviation)[columns]


def _quantile(values: Matrix, probability: Vector, share: float) -> Vector:
    """Return the least value of each column at which the probability below it reaches a share."""
    order = np.argsort(values, axis=0, kind="stable")
    reached = np.cumsum(probability[order], axis=0) >= share - 1e-12
    place = np.argmax(reached, axis=0)
    found: Vector = np.take_along_axis(values, order, axis=0)[place, np.arange(values.shape[1])]
    return found
