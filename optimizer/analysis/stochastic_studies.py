"""Questions to a plan made under uncertainty: fresh futures, regret, and what less risk costs.

regret       what a commitment falls short of, in a future, of the best that could have been done had it been known
confidence   of the mean over fresh futures of equal weight: Student's t, and the bootstrap of the same futures
frontier     the best commitments for rising weights of the tail; the mean falls and the tail rises
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.analysis.recourse import Realised
from optimizer.analysis.risk import CVaR
from optimizer.analysis.stochastic import StochasticTables, measures_of, outcome_table, plan_stochastic
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
EQUAL = 1e-9


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
    def _solved(self) -> tuple[Vector, Vector]:
        """Outcomes and probabilities of the futures that have a plan."""
        kept = [one for one in self.results if one.reason is None]
        if not kept:
            reason = self.results[0].reason
            raise SolveError(reason if reason is not None else "no future has a plan; check the futures.")
        shares = np.array([one.probability for one in kept])
        return np.array([one.outcome for one in kept]), shares / shares.sum()

    @property
    def failed(self) -> float:
        """Probability of the futures that have no plan with the commitment."""
        return float(sum(one.probability for one in self.results if one.reason is not None))

    @property
    def measures(self) -> pd.Series:
        """Mean, tail and extremes of the outcomes, over the futures that have a plan [money]."""
        return measures_of(*self._solved, self.study.how.risk)

    @cached_property
    def confidence(self) -> pd.DataFrame:
        """The mean outcome and the 95 % intervals of it, by Student's t and by the bootstrap [money].

        With probabilities that differ, the variance of the weighted mean is ``sum (p_i (z_i - mean))^2 n / (n - 1)``.
        Of fewer than two futures there is no interval.
        """
        from scipy import stats  # heavy, wanted only here

        outcomes, shares = self._solved
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
        if self.lapse:
            notes.append(
                say("Committed money that a future cannot use lapses: its budget is charged, nothing is bought.")
            )
        if self.failed:
            notes.append(
                say("Futures of a probability of {share} have no plan with this commitment and are left out of the "
                    "figures; column reason says why.", share=f"{100 * self.failed:.3g} %")
            )  # fmt: skip
        return tuple(notes)


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
    """

    study: StochasticTables
    names: tuple[Message, ...]
    outcomes: Vector
    best: Vector

    @property
    def regret(self) -> Vector:
        """Regret of each commitment in each future [money]."""
        return self.best - self.outcomes

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
    candidates: list[tuple[Message, Vector]] = [(say(ALL), study.planned.commitment)]
    if study.mean_plan.x is not None:
        candidates.append((say(MEAN), study.committed_of(study.mean_plan.x)))
    alone = study.alone
    if own:
        for one in alone:
            if one.x is not None:
                name = name_of(study.case, "scenario", one.name)
                candidates.append((say(OWN, scenario=name), study.committed_of(one.x)))
    outcomes = []
    for place, (_, commitment) in enumerate(candidates):
        results = study.follow(commitment, study.futures, lapse=lapse)
        reached = np.array([one.outcome for one in results])
        if not place:  # the study's own plans are at hand, and may be better
            reached = np.fmax(reached, study.outcomes)
        outcomes.append(reached)
    best = np.fmax(np.array([one.outcome for one in alone]), np.nanmax(outcomes, axis=0))
    return RegretTables(study, tuple(name for name, _ in candidates), np.array(outcomes), best)


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


def trace_risk(
    study: StochasticTables, weights: Sequence[float] = WEIGHTS, alpha: float | None = None
) -> RiskFrontierTables:
    """Make a study again for rising weights of the tail."""
    level = study.how.risk.alpha if alpha is None else alpha
    if not len(weights):
        raise InputError(say("a frontier of risk needs one weight of the tail at least, such as 0 and 1."))
    futures: tuple[Future, ...] = study.futures
    found = []
    for weight in sorted(weights):
        risk = CVaR(level, weight)
        same = isinstance(study.how.risk, CVaR) and study.how.risk == risk
        known = vars(study).get("alone")
        found.append(study if same else plan_stochastic(study.case, futures, replace(study.how, risk=risk), known))
    return RiskFrontierTables(tuple(found), level)


def values_of(study: StochasticTables) -> pd.DataFrame:
    """Return RP, WS, EV, EEV, EVPI and VSS with what each of them is [money]; missing where there is none."""
    mean = study.mean_plan
    ev = mean.outcome if mean.x is not None else np.nan
    eev = np.nan if study.mean_value is None else study.mean_value
    rp, ws = study.value, study.wait_and_see
    above = say("The plan for the mean case, as if it were certain; nobody ever gets it.")
    if ev < rp - EQUAL * (1 + abs(rp)):
        above = say(
            "The plan for the mean case, as if it were certain; nobody ever gets it. It is below RP, as can be where "
            "limits, or figures that multiply each other, vary together."
        )
    failed = [one for one in study.mean_results if one.reason is not None]
    if mean.x is None:
        kept = say("The mean case has no plan.")
    elif failed and study.setting.lapse:
        kept = say(
            "The mean case's commitment leaves {count} futures without a plan, {name} for one: their budgets are too "
            "small for it, or hard floors are missed.",
            count=len(failed),
            name=repr(failed[0].name),
        )
    elif failed:
        kept = say(
            "The mean case's commitment leaves {count} futures without a plan, {name} for one. Let money lapse to "
            "compare them.",
            count=len(failed),
            name=repr(failed[0].name),
        )
    else:
        kept = say("Committing as for the mean case, then adapting.")
    told = {
        "RP": (rp, say("Committing for all futures, then adapting.")),
        "EV": (ev, above),
        "EEV": (eev, kept),
        "WS": (ws, say("If every future were known before money is committed.")),
        "EVPI": (ws - rp, say("WS - RP: what knowing the future would be worth.")),
        "VSS": (rp - eev, say("RP - EEV: what planning for all futures is worth beside planning for their mean.")),
    }
    frame = pd.DataFrame(
        {
            "measure": list(told),
            "amount": [value for value, _ in told.values()],
            "note": pd.Series([note for _, note in told.values()], dtype=object),
        }
    )
    return in_unit(frame, study.case.currency)
