"""What is wanted of uncertain outcomes, as a planner names it: a word, or a risk with figures of its own."""

from __future__ import annotations

from optimizer.analysis.risk import ALPHA, CVaR, Expectation, Risk, WorstCase
from optimizer.errors import InputError
from optimizer.language import Message, say
from optimizer.options import RiskWish, one_of

WEIGHT = CVaR().weight
"""Weight of the tail where no other is asked for."""


def risk_of(
    given: Risk | RiskWish | str | None, alpha: float | None = None, weight: float | None = None
) -> Expectation | CVaR | WorstCase:
    """Return what is wanted of the outcomes.

    Parameters
    ----------
    given
        A risk, or its name: ``expectation``, ``cvar`` or ``worst``; by default the expectation.
    alpha, weight
        Level and weight of the tail, which ``cvar`` alone has.

    Raises
    ------
    InputError
        If there is no such risk, or a figure is given that it does not have, or is out of its range.
    """
    if isinstance(given, Expectation | CVaR | WorstCase):
        return given
    wish = RiskWish.EXPECTATION if given is None else one_of(RiskWish, given, "risk")
    if wish is RiskWish.CVAR:
        return CVaR(ALPHA if alpha is None else alpha, WEIGHT if weight is None else weight)
    for name, value in (("alpha", alpha), ("weight", weight)):
        if value is not None:
            raise InputError(
                say("{name} {value} is of the tail, which the risk '{risk}' does not weigh; leave it out, or take the "
                    "risk 'cvar'.", name=name, value=value, risk=wish.value)
            )  # fmt: skip
    return WorstCase() if wish is RiskWish.WORST else Expectation()


def wish_note(risk: Risk) -> Message:
    """Say what is wanted of the outcomes."""
    if isinstance(risk, WorstCase):
        return say("Wanted of the outcomes: the worst one as high as can be; the others do not count.")
    if isinstance(risk, CVaR) and risk.weight > 0:
        return say(
            "Wanted of the outcomes: {tail} % of the mean of the worst {share} % of the probability, and {mean} % of "
            "the mean of all, as high as can be.",
            tail=f"{100 * risk.weight:.3g}",
            share=f"{100 * (1 - risk.alpha):.3g}",
            mean=f"{100 * (1 - risk.weight):.3g}",
        )
    return say("Wanted of the outcomes: their mean as high as can be; how far they differ does not count.")
