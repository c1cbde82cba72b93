"""Risk: what a planner wants of outcomes that are not certain, and its measures of a distribution.

An outcome is to be as high as can be; the tail of a distribution are its lowest outcomes. With a share
``a = 1 - alpha`` of the probability in the tail, outcomes ``z`` in rising order and probabilities ``p``:

    value at risk              the lowest ``z`` by which a share ``a`` of the probability is reached
    conditional value at risk  the mean of the tail: sum_i min(p_i, a - sum_{j<i} p_j)^+ z_i / a

The last outcome of the tail counts with the part of its probability that is still in it. So these are figures of the
distribution, computed after a solve from its outcomes, and never read from a program's auxiliary columns. Source: R. T.
Rockafellar and S. Uryasev, Conditional value-at-risk for general loss distributions, Journal of Banking & Finance 26
(2002), proposition 8, with the sign turned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from optimizer.arguments import checked_methods
from optimizer.errors import InputError
from optimizer.language import say
from optimizer.lp.compose import Composed, with_tail, with_worst
from optimizer.lp.program import Vector

ALPHA = 0.9
"""Level of the tail that is reported where no other is asked for."""
ROUNDING = 1e-12
"""What is left of a tail's probability that counts as nothing."""


@checked_methods
@dataclass(frozen=True)
class Expectation:
    """The mean outcome counts, risk does not."""

    @property
    def alpha(self) -> float:
        """Level of the tail that is reported."""
        return ALPHA

    def value(self, outcomes: Vector, probabilities: Vector) -> float:
        """Return what the outcomes are worth under this wish [money]."""
        return float(probabilities @ outcomes)

    def joint(self, composed: Composed) -> Composed:
        """Return a joint program whose objective is this wish."""
        return composed

    @property
    def ignores_mean(self) -> bool:
        """Whether outcomes that are not the worst count for nothing."""
        return False

    def reach(self, outcomes: Vector, probabilities: Vector) -> int:
        """Return how many of the poorest outcomes are in the tail; 0, for it has no part in this wish."""
        del outcomes, probabilities
        return 0

    def among(self, probability: float, share: float) -> Expectation:
        """Return what is wanted of some futures that have a share of the tail among them."""
        del probability, share
        return self

    def __str__(self) -> str:
        return "expectation"


@checked_methods
@dataclass(frozen=True)
class CVaR:
    """Part mean outcome, part mean of the worst outcomes: ``(1 - weight) mean + weight CVaR``, to be maximised.

    Attributes
    ----------
    alpha
        Level of the tail, 0 to below 1: the worst ``1 - alpha`` of the probability is in it.
    weight
        Weight of the tail, 0..1; 0 is the mean alone.
    """

    alpha: float = ALPHA
    weight: float = 0.5

    def __post_init__(self) -> None:
        """Raise InputError where a figure is out of its range."""
        if not 0 <= self.alpha < 1:
            raise InputError(
                say("alpha is {alpha}; give 0 or more and less than 1, such as 0.9 for the worst tenth.",
                    alpha=self.alpha)
            )  # fmt: skip
        if not 0 <= self.weight <= 1:
            raise InputError(say("the weight of the tail is {weight}; give 0 to 1.", weight=self.weight))

    def value(self, outcomes: Vector, probabilities: Vector) -> float:
        """Return what the outcomes are worth under this wish [money]."""
        mean = float(probabilities @ outcomes)
        return (1 - self.weight) * mean + self.weight * conditional_value_at_risk(outcomes, probabilities, self.alpha)

    def joint(self, composed: Composed) -> Composed:
        """Return a joint program whose objective is this wish."""
        return composed if self.weight == 0 else with_tail(composed, 1 - self.alpha, self.weight)

    @property
    def ignores_mean(self) -> bool:
        """Whether outcomes that are not the worst count for nothing."""
        return self.weight == 1

    def reach(self, outcomes: Vector, probabilities: Vector) -> int:
        """Return how many of the poorest outcomes are in the tail; 0 where it has no part in this wish."""
        inside = tail_weights(outcomes, probabilities, self.alpha) > ROUNDING
        return int(inside.sum()) if self.weight else 0

    def among(self, probability: float, share: float) -> CVaR:
        """Return what is wanted of some futures of so much probability that have a share of the tail among them."""
        inside = min((1 - self.alpha) * share / probability, 1.0)
        mean, tail = (1 - self.weight) * probability, self.weight * share
        return CVaR(1 - inside, tail / (mean + tail))

    def __str__(self) -> str:
        return f"cvar(alpha={self.alpha:g}, weight={self.weight:g})"


@checked_methods
@dataclass(frozen=True)
class WorstCase:
    """The worst outcome counts alone."""

    @property
    def alpha(self) -> float:
        """Level of the tail that is reported."""
        return ALPHA

    def value(self, outcomes: Vector, probabilities: Vector) -> float:
        """Return what the outcomes are worth under this wish [money]."""
        del probabilities
        return float(outcomes.min())

    def joint(self, composed: Composed) -> Composed:
        """Return a joint program whose objective is this wish."""
        return with_worst(composed)

    @property
    def ignores_mean(self) -> bool:
        """Whether outcomes that are not the worst count for nothing."""
        return True

    def reach(self, outcomes: Vector, probabilities: Vector) -> int:
        """Return how many of the poorest outcomes are in the tail: the worst one."""
        del outcomes, probabilities
        return 1

    def among(self, probability: float, share: float) -> WorstCase:
        """Return what is wanted of some futures that have the worst one among them."""
        del probability, share
        return self

    def __str__(self) -> str:
        return "worst case"


Risk: TypeAlias = Expectation | CVaR | WorstCase
"""What a planner wants of uncertain outcomes."""


def tail_weights(outcomes: Vector, probabilities: Vector, alpha: float) -> Vector:
    """Return the probability each outcome has in the tail; they add up to ``1 - alpha``."""
    order = np.argsort(outcomes, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(probabilities[order])[:-1]])
    inside = np.zeros_like(probabilities)
    inside[order] = np.clip(1 - alpha - before, 0.0, probabilities[order])
    return inside


def value_at_risk(outcomes: Vector, probabilities: Vector, alpha: float) -> float:
    """Return the highest outcome of the tail [money]: with probability ``alpha`` the outcome is no lower."""
    return float(outcomes[tail_weights(outcomes, probabilities, alpha) > ROUNDING].max())


def conditional_value_at_risk(outcomes: Vector, probabilities: Vector, alpha: float) -> float:
    """Return the mean outcome of the tail [money]."""
    inside = tail_weights(outcomes, probabilities, alpha)
    return float(inside @ outcomes / inside.sum())
