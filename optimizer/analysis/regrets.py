"""Regret: what a plan loses in a future against the best that could have been done there. Arithmetic on tables only.

outcome[p, f]    what plan p is worth in future f; missing where it could not be found
best[f]          the largest of what is known: the plan made for f, and every given plan that keeps its limits there. A
                 plan made for f need not be the best one, for the method that made it may prove no optimum
regret[p, f]     max(0, best[f] - outcome[p, f]); never below 0. A plan that breaks limits can be worth more than the
                 best; its regret is 0 then, and it is flagged
relative[p, f]   regret[p, f] / |best[f]|
counted          futures with a best and an outcome of every plan, so that all plans are compared in the same ones;
                 their probabilities are scaled to add up to 1

Rules of choice: least largest regret (L. Savage, Journal of the American Statistical Association 46 (1951) 55-67);
least expected regret, which is greatest expected outcome; greatest worst outcome (A. Wald); greatest optimism * best
outcome + (1 - optimism) * worst outcome (L. Hurwicz).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.errors import InputError
from optimizer.language import say

PLAN, FUTURE = "plan", "future"
ROUNDING = 1e-7
"""Regrets up to this share of the best are rounding of the engine."""
TIE = 1e-9
"""Relative distance within which two plans are equally good."""


def check_rules(within: float, optimism: float) -> None:
    """Refuse a share or a weight that is none.

    Raises
    ------
    InputError
        If ``within`` is below 0, or ``optimism`` outside of 0..1.
    """
    if not within >= 0 or not 0 <= optimism <= 1:
        raise InputError(
            say("within is {within} and optimism {optimism}; the one is 0 or more, the other from 0 to 1.",
                within=within, optimism=optimism)
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Regrets:
    """Outcomes of plans in futures and what follows from them. Made by :func:`regrets_of`. Frames are copies.

    Attributes
    ----------
    given
        Outcomes: a line for each plan, a column for each future.
    keeps
        Of the same shape: whether the plan keeps its limits there.
    own
        For each future what the plan made for it is worth; missing where there is none.
    probability
        For each future its probability.
    """

    given: pd.DataFrame
    keeps: pd.DataFrame
    own: pd.Series
    probability: pd.Series

    @property
    def outcome(self) -> pd.DataFrame:
        """Plan x future: what it is worth."""
        return self.given.copy()

    @cached_property
    def _best(self) -> pd.Series:
        known = pd.concat([self.own.to_frame().T, self.given.where(self.keeps)])
        # without a plan of its own a future is without a yardstick, whatever else was found there
        return known.max().where(self.own.notna()).rename("best")

    @property
    def best(self) -> pd.Series:
        """For each future the best that is known; missing where the future has no plan."""
        return self._best.copy()

    @property
    def best_by(self) -> pd.Series:
        """For each future the given plan that attains the best, a blank where only the one made for it does."""
        reaches = self.regret.eq(0) & self.keeps
        return reaches.idxmax().where(reaches.any(), "").where(self._best.notna(), "")

    @cached_property
    def _regret(self) -> pd.DataFrame:
        lost = self._best - self.given
        return lost.where(lost.isna() | (lost > ROUNDING * (1 + self._best.abs())), 0.0)

    @property
    def regret(self) -> pd.DataFrame:
        """Plan x future: what it loses against the best."""
        return self._regret.copy()

    @property
    def relative(self) -> pd.DataFrame:
        """Plan x future: the regret as a share of the best; 0 of nothing is 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            share = self._regret / self._best.abs()
        return share.mask(self._regret.eq(0), 0.0)

    @cached_property
    def counted(self) -> pd.Series:
        """For each future whether it counts: it has a best, and every plan an outcome."""
        return self._regret.notna().all().rename("counted")

    @property
    def weights(self) -> pd.Series:
        """Probabilities of the futures that count, given that one of them comes true."""
        counted = self.probability[self.counted]
        return counted / counted.sum()

    def share_within(self, within: float) -> pd.Series:
        """Return for each plan the probability that it stays within a share of the best."""
        near = self.relative.loc[:, self.counted] <= within + TIE
        return (near * self.weights).sum(axis=1)

    def summary(self, within: float = 0.05, optimism: float = 0.5) -> pd.DataFrame:
        """Return what the futures say of each plan, one line a plan.

        Parameters
        ----------
        within
            Share of a future's best that a plan may lose and still counts as near to it.
        optimism
            Weight of a plan's best outcome against its worst one in the rule of Hurwicz, 0..1.

        Returns
        -------
        pandas.DataFrame
            ``expected_outcome``, ``worst_outcome``, ``hurwicz``; ``expected_regret``, ``largest_regret`` and the
            ``worst_future`` it occurs in, ``largest_relative``; ``share_within``, the probability of staying near, and
            ``count_within``, in how many of the ``futures`` that count; ``breaks``, in how many a limit is broken. Then
            who wins by which rule: ``minimax_regret``, ``least_expected_regret``, ``maximin``, ``hurwicz_best``.

        Raises
        ------
        InputError
            If ``within`` is below 0, or ``optimism`` outside of 0..1.
        """
        check_rules(within, optimism)
        chosen, weights = self.counted, self.weights
        outcome, regret, relative = (table.loc[:, chosen] for table in (self.given, self._regret, self.relative))
        if outcome.shape[1] == 0:
            raise InputError(
                say("no future has a best plan and an outcome of every plan; there is nothing to compare.")
            )
        table = pd.DataFrame(
            {
                "expected_outcome": (outcome * weights).sum(axis=1),
                "worst_outcome": outcome.min(axis=1),
                "hurwicz": optimism * outcome.max(axis=1) + (1 - optimism) * outcome.min(axis=1),
                "expected_regret": (regret * weights).sum(axis=1),
                "largest_regret": regret.max(axis=1),
                "worst_future": regret.idxmax(axis=1),
                "largest_relative": relative.max(axis=1),
                "share_within": self.share_within(within),
                "count_within": (relative <= within + TIE).sum(axis=1),
                "futures": int(chosen.sum()),
                "breaks": (~self.keeps.loc[:, chosen]).sum(axis=1),
            }
        )
        table["minimax_regret"] = _least(table["largest_regret"])
        table["least_expected_regret"] = _least(table["expected_regret"])
        table["maximin"] = _least(-table["worst_outcome"])
        table["hurwicz_best"] = _least(-table["hurwicz"])
        return table.rename_axis(PLAN).reset_index()


def _least(values: pd.Series) -> pd.Series:
    """Return which values are the least one, ties included."""
    least = values.min()
    wins: pd.Series = values.le(least + TIE * (1 + abs(least)))
    return wins


def regrets_of(
    outcomes: pd.DataFrame,
    own: pd.Series | None = None,
    probability: pd.Series | None = None,
    keeps: pd.DataFrame | None = None,
) -> Regrets:
    """Return the regrets of plans from their outcomes in futures.

    Parameters
    ----------
    outcomes
        A line for each plan, a column for each future, more is better; missing where there is none.
    own
        What the best plan of each future is worth there; where left out, the best of the plans is the best there is.
    probability
        Probability of each future; where left out, all are equally likely.
    keeps
        Whether a plan keeps its limits in a future; where left out, all do.

    Raises
    ------
    InputError
        If there is no plan or future, or the labels of the tables differ.
    """
    if outcomes.empty:
        raise InputError(say("regret compares plans in futures; give at least one of each."))
    futures = outcomes.columns
    if own is None:
        own = outcomes.max()
    if probability is None:
        probability = pd.Series(1 / len(futures), index=futures)
    if keeps is None:
        keeps = outcomes.notna()
    wrong = [
        name
        for name, labels, wanted in (
            ("own", own.index, futures),
            ("probability", probability.index, futures),
            ("keeps", keeps.columns, futures),
            ("keeps", keeps.index, outcomes.index),
        )
        if not labels.equals(wanted)
    ]
    if wrong or not futures.is_unique or not outcomes.index.is_unique:
        raise InputError(
            say("outcomes of plans in futures: labels of {what} differ or occur twice; give all tables the same.",
                what=", ".join(dict.fromkeys(wrong)) or "outcomes")
        )  # fmt: skip
    return Regrets(outcomes.astype(float), keeps.astype(bool), own.astype(float), probability.astype(float))
