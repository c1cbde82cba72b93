"""Questions to a plan made under uncertainty: fresh futures, regret, and what less risk costs.

regret       what a commitment falls short of, in a future, of the best that could have been done had it been known
confidence   of the mean over fresh futures of equal weight: Student's t, and the bootstrap of the same futures
frontier     the best commitments found for rising weights of the tail; the mean falls and the tail rises
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import pandas as pd

from optimizer.analysis.information import accuracy_of_values, difference, kept_note
from optimizer.analysis.recourse import Realised
from optimizer.analysis.risk import CVaR, Expectation
from optimizer.analysis.stochastic import (
    StochasticTables,
    commitment_notes,
    lapse_note,
    measures_of,
    outcome_table,
    plan_stochastic,
    search_notes,
)
from optimizer.data.futures import Future, Futures, futures_of
from optimizer.data.names import name_of
from optimizer.errors import InputError, SolveError
from optimizer.language import Message, say, sentence
from optimizer.lp.program import Vector
from optimizer.plan.tables import in_unit

RESAMPLES = 2_000
"""Resamples of a bootstrap."""
CONFIDENCE = 0.95
WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Weights of the tail on a frontier."""
ALL, MEAN, OWN = sentence("for all futures"), sentence("for the mean case"), sentence("for {scenario} alone")
"""Whom a commitment was made for."""


@dataclass(frozen=True, eq=False, repr=False)
class FreshTables:
    """What comes of a commitment in futures it was not made for. Made by :func:`out_of_sample`.

    Attributes
    ----------
    study
        The study that made the commitment.
    results
        What comes of each future.
    lapse
        Whether money that a future cannot use may lapse.
    """

    study: StochasticTables
    results: tuple[Realised, ...]
    lapse: bool

    @property
    def table(self) -> pd.DataFrame:
        """The futures, one a line, as in the study's table, and ``reason`` where there is no plan."""
        frame = outcome_table(self.results, self.study.case.currency)
        return frame.assign(reason=pd.Series([one.reason for one in self.results], dtype=object))

    @cached_property
    def solved(self) -> tuple[Vector, Vector]:
        """Outcomes and probabilities of the futures that have a plan."""
        kept = [one for one in self.results if one.reason is None]
        if not kept:
            reason = self.results[0].reason
            raise SolveError(reason if reason is not None else "no future has a plan; check the futures.")
        shares = np.array([one.probability for one in kept])
        return np.array([one.outcome for one in kept]), shares / shares.sum()

    @property
    def any_solved(self) -> bool:
        """Whether any future has a plan with the commitment; else there are no measures."""
        return any(one.reason is None for one in self.results)

    @property
    def failed(self) -> float:
        """Probability of the futures that have no plan with the commitment."""
        return float(sum(one.probability for one in self.results if one.reason is not None))

    @property
    def measures(self) -> pd.Series:
        """Mean, tail and extremes of the outcomes, over the futures that have a plan [money]."""
        return measures_of(*self.solved, self.study.how.risk)

    @cached_property
    def confidence(self) -> pd.DataFrame:
        """The mean outcome and the 95 % intervals of it, by Student's t and by the bootstrap [money].

        With probabilities that differ, the variance of the weighted mean is ``sum (p_i (z_i - mean))^2 n / (n - 1)``.
        Of fewer than two futures there is no interval.
        """
        from scipy import stats  # heavy, wanted only here

        outcomes, shares = self.solved
        count, mean = len(outcomes), float(shares @ outcomes)
        if count < 2:
            low = high = (np.nan, np.nan)
        else:
            error = float(np.sqrt(((shares * (outcomes - mean)) ** 2).sum() * count / (count - 1)))
            half = float(stats.t.ppf((1 + CONFIDENCE) / 2, count - 1)) * error
            drawn = np.random.default_rng(0).choice(count, size=(RESAMPLES, count), p=shares)
            ends = np.quantile(outcomes[drawn].mean(axis=1), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
            low, high = (mean - half, float(ends[0])), (mean + half, float(ends[1]))
        frame = pd.DataFrame({"interval": ["t", "bootstrap"], "mean": mean, "low": low, "high": high, "count": count})
        return in_unit(frame, self.study.case.currency)

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the figures."""
        notes = [
            say("The commitment is kept in each of {count} fresh futures; everything else is planned anew.",
                count=len(self.results))
        ]  # fmt: skip
        notes += lapse_note(lapse=self.lapse)
        if self.failed:
            notes.append(
                say("Futures of a probability of {share} have no plan with this commitment and are left out of the "
                    "figures; column reason says why.", share=f"{100 * self.failed:.3g} %")
            )  # fmt: skip
        return tuple(notes)

    def __repr__(self) -> str:
        mean = f"mean {self.measures['mean']:,.6g} {self.study.case.currency}" if self.any_solved else "no plan"
        return f"FreshFutures({self.study.case.name!r}: {len(self.results)} futures, {mean})"


def out_of_sample(study: StochasticTables, futures: Futures, *, lapse: bool = True) -> FreshTables:
    """Keep a study's commitment in fresh futures, and plan the rest anew in each."""
    fresh = futures_of(study.case, futures)
    return FreshTables(study, study.follow(study.planned.commitment, fresh, lapse=lapse), lapse)


@dataclass(frozen=True, eq=False, repr=False)
class RegretTables:
    """How far commitments fall short of the best in each future. Made by :func:`regret_of`.

    Attributes
    ----------
    study
        The study.
    names
        Whom each commitment was made for.
    outcomes
        Outcome of each commitment in each future, NaN where it leaves none [money], shape (commitments, futures).
    best
        What each future alone would do [money].
    lapse
        Whether money that a future cannot use may lapse.
    """

    study: StochasticTables
    names: tuple[Message, ...]
    outcomes: Vector
    best: Vector
    lapse: bool

    @property
    def regret(self) -> Vector:
        """Regret of each commitment in each future [money]; 0 within the accuracy of the solves."""
        regret = self.best - self.outcomes
        return np.where(regret <= accuracy_of_values(self.study), 0.0, regret)

    @property
    def table(self) -> pd.DataFrame:
        """The commitments, one a line, least largest regret first.

        ``commitment``, whom it was made for; ``mean`` outcome; ``mean_regret`` and ``max_regret``; ``worst_scenario``,
        where that is; ``infeasible``, the number of futures it leaves without a plan, which makes the others missing.
        """
        shares, regret = self.study.probabilities, self.regret
        missing = np.isnan(regret)
        whole = ~missing.any(axis=1)
        names = np.array([future.name for future in self.study.futures], dtype=object)
        worst = np.where(missing, -np.inf, regret).argmax(axis=1)
        frame = pd.DataFrame(
            {
                "commitment": list(self.names),
                "mean": np.where(whole, self.outcomes @ shares, np.nan),
                "mean_regret": np.where(whole, regret @ shares, np.nan),
                "max_regret": np.where(whole, regret.max(axis=1), np.nan),
                "worst_scenario": np.where(whole, names[worst], None),
                "infeasible": missing.sum(axis=1),
            }
        )
        frame = frame.sort_values("max_regret", kind="stable", ignore_index=True)
        return in_unit(frame, self.study.case.currency)

    @property
    def detail(self) -> pd.DataFrame:
        """Every commitment in every future: ``commitment, scenario, probability, outcome, best, regret`` [money]."""
        count, width = self.outcomes.shape
        futures = self.study.futures
        frame = pd.DataFrame(
            {
                "commitment": [name for name in self.names for _ in range(width)],
                "scenario": [future.name for future in futures] * count,
                "probability": np.tile(self.study.probabilities, count),
                "outcome": self.outcomes.ravel(),
                "best": np.tile(self.best, count),
                "regret": self.regret.ravel(),
            }
        )
        return in_unit(frame, self.study.case.currency)

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the table."""
        notes = [
            say("Each commitment is kept in every future, and everything else is planned anew; the best of a future is "
                "the best plan found for it."),
            *lapse_note(lapse=self.lapse),
        ]  # fmt: skip
        broken = int(np.isnan(self.outcomes).any(axis=1).sum())
        if broken:
            notes.append(
                say("{count} of {all} commitments leave some future without a plan; what they lose is then not known.",
                    count=broken, all=len(self.names))
            )  # fmt: skip
        return (*notes, *kept_note(self.study))

    def __repr__(self) -> str:
        least = self.table["commitment"].iloc[0]
        return (
            f"CommitmentRegret({self.study.case.name!r}: {len(self.names)} commitments in {len(self.study.futures)} "
            f"futures, least largest regret: {least})"
        )


def regret_of(study: StochasticTables, *, own: bool = True, lapse: bool = True) -> RegretTables:
    """Compare the commitments for all futures, for their mean, and for each alone.

    Parameters
    ----------
    study
        The study.
    own
        Whether the commitments of the futures alone are compared too: as many plans as futures squared.
    lapse
        Whether money that a future cannot use may lapse; else such a commitment has no plan there.
    """
    followed = partial(study.follow, futures=study.futures, lapse=lapse)
    # the study's own plans are at hand, and may be better than those that follow its commitment
    outcomes = [np.fmax(_outcomes(followed(study.planned.commitment)), study.outcomes)]
    names, alone = [say(ALL)], study.alone
    if study.mean_plan.x is not None:
        known = lapse == study.setting.lapse
        outcomes.append(_outcomes(study.mean_results if known else followed(study.committed_of(study.mean_plan.x))))
        names.append(say(MEAN))
    if own:
        for one in alone:
            if one.x is not None:
                outcomes.append(_outcomes(followed(study.committed_of(one.x))))
                names.append(say(OWN, scenario=name_of(study.case, "scenario", one.name)))
    best = np.fmax(_outcomes(alone), np.nanmax(outcomes, axis=0))
    return RegretTables(study, tuple(names), np.array(outcomes), best, lapse)


def _outcomes(results: Sequence[Realised]) -> Vector:
    return np.array([one.outcome for one in results])


@dataclass(frozen=True, eq=False, repr=False)
class RiskFrontierTables:
    """What less risk costs. Made by :func:`trace_risk`.

    Attributes
    ----------
    studies
        The study of each weight.
    alpha
        Level of the tail.
    """

    studies: tuple[StochasticTables, ...]
    alpha: float

    @property
    def table(self) -> pd.DataFrame:
        """The weights of the tail, one a line: mean, value at risk, conditional value at risk and extremes [money]."""
        lines = []
        for study in self.studies:
            risk = CVaR(self.alpha, getattr(study.how.risk, "weight", 0.0))
            measures = measures_of(study.outcomes, study.probabilities, risk)
            committed = float(study.planned.commitment.sum())
            lines.append({"weight": risk.weight, **measures.drop("alpha"), "committed": committed})
        return in_unit(pd.DataFrame(lines), self.studies[0].case.currency)

    @property
    def weights(self) -> tuple[float, ...]:
        """Weight of the tail in each study."""
        return tuple(float(getattr(study.how.risk, "weight", 0.0)) for study in self.studies)

    @property
    def committed(self) -> pd.DataFrame:
        """What is committed at each weight: ``weight``, then as in the study's table [money]."""
        parts = dict(zip(self.weights, (study.committed for study in self.studies), strict=True))
        frame = pd.concat(parts, names=["weight"]).reset_index("weight").reset_index(drop=True)
        return in_unit(frame, self.studies[0].case.currency)

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the table."""
        first = self.studies[0]
        notes = [
            *commitment_notes(first),
            say("Each line is a study of its own: its commitment makes (1 - weight) times the mean outcome plus weight "
                "times the mean of the worst {share} % of the probability as high as can be.",
                share=f"{100 * (1 - self.alpha):.3g}"),
        ]  # fmt: skip
        return (*notes, *search_notes(first))

    def __repr__(self) -> str:
        weights = ", ".join(f"{weight:g}" for weight in self.weights)
        return f"RiskFrontier({self.studies[0].case.name!r}: weights {weights} of the tail at alpha {self.alpha:g})"


def trace_risk(
    study: StochasticTables, weights: Sequence[float] = WEIGHTS, alpha: float | None = None
) -> RiskFrontierTables:
    """Make a study again for rising weights of the tail; each takes the best commitment that any of them found."""
    level = study.how.risk.alpha if alpha is None else alpha
    if not len(weights):
        raise InputError(say("a frontier of risk needs one weight of the tail at least, such as 0 and 1."))
    futures: tuple[Future, ...] = study.futures
    found = []
    for weight in sorted(weights):
        risk = CVaR(level, weight)
        how, known = replace(study.how, risk=risk), vars(study).get("alone")
        # the mean alone is the tail at no weight
        same = study.how.risk == risk or (weight == 0 and isinstance(study.how.risk, Expectation))
        found.append(replace(study, how=how) if same else plan_stochastic(study.case, futures, how, known))
    return RiskFrontierTables(tuple(best_for(one, found) for one in found), level)


def best_for(study: StochasticTables, found: Sequence[StochasticTables]) -> StochasticTables:
    """Return what is best of all that was found by what a study wants.

    A commitment made for one weight may be taken for any other. Where overlap is penalised none is proven best, and
    that of another weight may do better; with it the mean falls and the tail rises along the frontier.
    """
    wanted = study.how.risk
    best = max(found, key=lambda one: wanted.value(one.outcomes, one.probabilities))
    if difference(study, wanted.value(best.outcomes, best.probabilities), study.value) <= 0:
        return study
    # what is proven is proven of the wish, and not of where the commitment comes from
    return replace(best, how=study.how, planned=replace(best.planned, effort=study.effort))
