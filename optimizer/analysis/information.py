"""What knowing more would be worth: RP, EV, EEV, WS, EVPI and VSS of a plan under uncertainty, each with its words.

The laws ``WS >= RP >= EEV`` hold for best plans. Differences within the accuracy of the solves are 0. WS counts for
each future the better of its own plan and that with the commitment, so that it is never below RP; but where overlap is
penalised, plans are sought by its rankings, and the commitment of the mean case may do better than the one found.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from optimizer.analysis.stochastic import BENDERS, StochasticTables
from optimizer.data.money import Currency
from optimizer.language import Message, say
from optimizer.plan.tables import in_unit
from optimizer.planning.sequence import RISE
from optimizer.planning.strategy import is_penalised
from optimizer.solvers.base import accuracy_of

EQUAL = 1e-9
MOST_CELLS = 5
"""Cells without a mean that are named."""


def accuracy_of_values(study: StochasticTables) -> float:
    """Return the difference of two values up to which they count as the same [money]."""
    apart = study.how.tolerance or 0.0 if study.effort.method == BENDERS else 0.0
    return max(RISE, accuracy_of(study.setting.options), apart) * (1 + abs(study.value))


def difference(study: StochasticTables, better: float, worse: float) -> float:
    """Return by how much a value is above another [money]; 0 within the accuracy of the solves."""
    above = better - worse
    return 0.0 if abs(above) <= accuracy_of_values(study) else above


def wait_and_see(study: StochasticTables) -> float:
    """Return the value if every future were known before money is committed [money]."""
    return study.how.risk.value(study.known, study.probabilities)


def evpi_of(study: StochasticTables) -> float:
    """Return what knowing the future would be worth [money]."""
    return difference(study, wait_and_see(study), study.value)


def vss_of(study: StochasticTables) -> float | None:
    """Return what planning for all futures is worth beside planning for their mean [money].

    ``None`` where the mean case's commitment leaves a future without a plan.
    """
    return None if study.mean_value is None else difference(study, study.value, study.mean_value)


def values_of(study: StochasticTables) -> pd.DataFrame:
    """Return RP, EV, EEV, WS, EVPI and VSS with what each of them is [money]; missing where there is none."""
    mean = study.mean_plan
    eev = np.nan if study.mean_value is None else study.mean_value
    ws, vss = wait_and_see(study), vss_of(study)
    told = {
        "RP": (study.value, say("Committing for all futures, then adapting.")),
        "EV": (mean.outcome if mean.x is not None else np.nan, _with(_of_the_mean(study), *kept_note(study))),
        "EEV": (eev, _of_its_commitment(study)),
        "WS": (ws, say("If every future were known before money is committed.")),
        "EVPI": (
            evpi_of(study),
            _with(
                say("WS - RP: what knowing the future would be worth."),
                *_within(study, ws - study.value),
                *_searched(study),
            ),
        ),
        "VSS": (
            np.nan if vss is None else vss,
            _with(
                say("RP - EEV: what planning for all futures is worth beside planning for their mean."),
                *_within(study, study.value - eev),
                *_beaten(study, vss),
            ),
        ),
    }
    frame = pd.DataFrame(
        {
            "measure": list(told),
            "amount": [value for value, _ in told.values()],
            "note": pd.Series([note for _, note in told.values()], dtype=object),
        }
    )
    return in_unit(frame, study.case.currency)


def kept_note(study: StochasticTables) -> tuple[Message, ...]:
    """Say which cells the mean case leaves as they are, for what futures set there has no mean; nothing without any."""
    kept = study.mean.kept
    if not kept:
        return ()
    cells = ", ".join(kept[:MOST_CELLS]) + (f", ... ({len(kept)})" if len(kept) > MOST_CELLS else "")
    return (
        say("The mean case keeps {cells} as the case has it: what futures set there (unlimited, a text, yes or no) has "
            "no mean.", cells=cells),
    )  # fmt: skip


def _with(first: Message, *more: Message) -> Message:
    """Return sentences one after the other, as one."""
    for one in more:
        first = Message("{first} {more}", {"first": first, "more": one})  # alike in every language
    return first


def _of_the_mean(study: StochasticTables) -> Message:
    if study.mean_plan.x is not None and study.mean_plan.outcome < study.value - EQUAL * (1 + abs(study.value)):
        return say(
            "The plan for the mean case, as if it were certain; nobody ever gets it. It is below RP, as can be where "
            "limits, or figures that multiply each other, vary together."
        )
    return say("The plan for the mean case, as if it were certain; nobody ever gets it.")


def _of_its_commitment(study: StochasticTables) -> Message:
    failed = [one for one in study.mean_results if one.reason is not None]
    if study.mean_plan.x is None:
        return say("The mean case has no plan.")
    if failed and study.setting.lapse:
        return say(
            "The mean case's commitment leaves {count} futures without a plan, {name} for one: their budgets are too "
            "small for it, or hard floors are missed.",
            count=len(failed),
            name=repr(failed[0].name),
        )
    if failed:
        return say(
            "The mean case's commitment leaves {count} futures without a plan, {name} for one. Let money lapse to "
            "compare them.",
            count=len(failed),
            name=repr(failed[0].name),
        )
    return say("Committing as for the mean case, then adapting.")


def _within(study: StochasticTables, above: float) -> tuple[Message, ...]:
    """Say that a difference is 0 within the accuracy of the solves, where it is and does not come out as 0."""
    accuracy = accuracy_of_values(study)
    if not 0 < abs(above) <= accuracy:
        return ()
    return (
        say("It is 0 within the accuracy of the solves ({accuracy} {currency}).",
            accuracy=f"{accuracy:.2g}", currency=Currency(study.case.currency)),
    )  # fmt: skip


def _searched(study: StochasticTables) -> tuple[Message, ...]:
    """Say what a search that proves no optimum does to a difference of values."""
    if not is_penalised(study.case):
        return ()
    return (
        say("With overlap penalised no plan is proven best, so it is right up to what the searches for them miss."),
    )


def _beaten(study: StochasticTables, vss: float | None) -> tuple[Message, ...]:
    if vss is None:
        return ()
    if vss >= 0:
        return _searched(study)
    return (
        say("It is below 0, which best plans never have: the search for the commitment proves no optimum, and the mean "
            "case's happened to be better. Do not read it as a loss."),
    )  # fmt: skip
