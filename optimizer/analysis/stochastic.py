"""Plans made before the future is known: one commitment for all futures, and what knowing more would be worth.

RP      the value of the plan that commits once for all futures ("recourse problem")
WS      the value if every future were known before money is committed ("wait and see"); EVPI = WS - RP
EV      the value of the plan for the mean case, as if it were certain; it is no value of anything real
EEV     the value of committing as that plan does, and adapting in each future; VSS = RP - EEV

Values are those of the risk the study was made with: means for the expectation, else the same blend of mean and tail.
Source: J. R. Birge and F. Louveaux, Introduction to Stochastic Programming (2011), chapter 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import pandas as pd

from optimizer.analysis.benders import APART, Benders, plan_benders
from optimizer.analysis.extensive import TOGETHER, Effort, InfeasibleError, Planned, plan_extensive
from optimizer.analysis.misfit import explain_misfit
from optimizer.analysis.recourse import (
    Realised,
    answer_alone,
    answer_committed,
    plain_solution,
    plan_alone,
    realised,
    sent,
)
from optimizer.analysis.risk import (
    Expectation,
    Risk,
    conditional_value_at_risk,
    value_at_risk,
)
from optimizer.analysis.spread import asked, workers
from optimizer.analysis.sweep import PROCESSES, SERIAL
from optimizer.analysis.two_stage import Block, Blocks, Setting, committed_columns, re_ranks
from optimizer.analysis.wishes import wish_note
from optimizer.data.case import CaseTables
from optimizer.data.futures import Future, Futures, futures_of
from optimizer.data.mean_case import MeanCase, mean_case
from optimizer.data.money import Currency
from optimizer.data.names import quoted_title
from optimizer.errors import InputError, SolveError
from optimizer.language import Message, say, sentence
from optimizer.lp.program import Vector
from optimizer.options import OverlapMethod, SolveOptions
from optimizer.plan.tables import allocation, in_unit
from optimizer.planning.sequence import SMALL, Clock
from optimizer.planning.strategy import is_penalised
from optimizer.solvers.result import ProgressHook
from optimizer.solvers.steps import Steps

ALONE, FOLLOWED = sentence("each future alone"), sentence("each future with the commitment")
"""Parts of the study before and after that of the joint program; of small cases only."""
EXTENSIVE, BENDERS = "extensive", "benders"
MOST_COLUMNS = 400_000
"""Columns of an extensive form up to which it is solved as one program; its time grows faster than its size."""
FINE, COARSE = 1e-6, 1e-4
"""Distance of the bounds at which futures planned apart are planned well enough: of small cases, and of large ones."""
TABLE = (
    *("worth", "worth_launches", "worth_pipeline", "overlap_penalty", "rule_price", "overlap_clusters"),
    *("overlap_funders", "spend", "private", "launches"),
)
"""Figures of a future's plan in the table, beside its outcome."""


@dataclass(frozen=True, kw_only=True)
class How:
    """How a study under uncertainty is made; :func:`optimizer.stochastic` says what the fields mean."""

    commit_until: int | None = None
    risk: Risk = field(default_factory=Expectation)
    lapse: bool = False
    method: str | None = None
    overlap: OverlapMethod | None = None
    options: SolveOptions | None = None
    executor: Executor | str | None = None
    workers: int | None = None
    store: Path | None = None
    tolerance: float | None = None
    progress: ProgressHook | None = None


@dataclass(frozen=True, eq=False, repr=False)
class StochasticTables:
    """A commitment and what comes of it in each future. Made by :func:`plan_stochastic`.

    Attributes
    ----------
    blocks
        What makes the program of each future.
    futures
        The futures.
    how
        How the study was made.
    planned
        The commitment and the plans.
    results
        What comes of each future.
    """

    blocks: Blocks
    futures: tuple[Future, ...]
    how: How
    planned: Planned
    results: tuple[Realised, ...]

    @property
    def setting(self) -> Setting:
        """What the futures share."""
        return self.blocks.setting

    @property
    def case(self) -> CaseTables:
        """The case they are futures of."""
        return self.setting.case

    @property
    def probabilities(self) -> Vector:
        """Probability of each future; they add up to 1."""
        return _probabilities(self.futures)

    @property
    def outcomes(self) -> Vector:
        """True objective of each future's plan [money]."""
        return np.array([result.outcome for result in self.results])

    @property
    def value(self) -> float:
        """What the outcomes are worth under the risk of the study [money]."""
        return self.how.risk.value(self.outcomes, self.probabilities)

    @property
    def effort(self) -> Effort:
        """How the plan was found."""
        return self.planned.effort

    @cached_property
    def table(self) -> pd.DataFrame:
        """The futures, one a line: ``scenario, probability, outcome`` and figures as in a plan's summary."""
        return outcome_table(self.results, self.case.currency)

    @cached_property
    def committed(self) -> pd.DataFrame:
        """The committed public money, with the columns of a plan's allocation [money]."""
        base = Block(Future("", 1.0), self.blocks.base, self.blocks.base.program, np.empty(0, dtype=np.intp))
        x = np.zeros(base.program.n_columns)
        x[committed_columns(base.program, self.setting.committed)] = self.planned.commitment
        table = allocation(plain_solution(base, x, self.setting))
        last = self.case.years[0] + self.setting.committed - 1
        return in_unit(table[table["year"] <= last].reset_index(drop=True), self.case.currency)

    def _place(self, scenario: str) -> int:
        names = [future.name for future in self.futures]
        if scenario not in names:
            raise InputError(
                say("there is no future {name}; there are {known}.", name=repr(scenario),
                    known=", ".join(names[:5]) + (", ..." if len(names) > 5 else ""))
            )  # fmt: skip
        return names.index(scenario)

    def allocation(self, scenario: str) -> pd.DataFrame:
        """Return the plan of a future as ``plan.allocation`` does: the commitment, and what follows it [money].

        Raises
        ------
        InputError
            If there is no such future.
        """
        place = self._place(scenario)
        x = self.results[place].x
        if x is None:
            msg = "every future of a study has a plan"
            raise AssertionError(msg)
        return allocation(plain_solution(self.blocks.block(self.futures[place], lapse=False), x, self.setting))

    @property
    def launches(self) -> pd.DataFrame:
        """Launches by year, one column a future [projects]."""
        frame = pd.DataFrame(
            {result.name: result.launches for result in self.results}, index=pd.Index(self.case.years, name="year")
        )
        return in_unit(frame, "projects")

    @property
    def measures(self) -> pd.Series:
        """Mean, value at risk, conditional value at risk and extremes of the outcomes [money], computed from them."""
        return measures_of(self.outcomes, self.probabilities, self.how.risk)

    # --- what knowing more would be worth ------------------------------------------------------------------------

    @cached_property
    def alone(self) -> tuple[Realised, ...]:
        """What each future would do if it were certain.

        Raises
        ------
        SolveError
            If one has no plan.
        """
        found = _alone(self.blocks, self.futures, self.how)
        for one in found:
            if one.reason is not None:
                raise SolveError(one.reason)
        return found

    @cached_property
    def mean(self) -> MeanCase:
        """The case with the mean of what the futures change."""
        return mean_case(
            self.case, [self.blocks.case_of(future) for future in self.futures], self.probabilities.tolist()
        )

    @cached_property
    def mean_plan(self) -> Realised:
        """The plan for the mean case; without figures where it has none."""
        blocks = Blocks(replace(self.setting, case=self.mean.case))
        return plan_alone(blocks, Future("mean", 1.0))

    def committed_of(self, plan: Vector) -> Vector:
        """Return the commitment of a plan of a single case."""
        return np.maximum(plan[committed_columns(self.blocks.base.program, self.setting.committed)], 0.0)

    @cached_property
    def mean_results(self) -> tuple[Realised, ...]:
        """What comes of the mean case's commitment in each future, some of which may have no plan with it."""
        if self.mean_plan.x is None:
            return ()
        return self.follow(self.committed_of(self.mean_plan.x), self.futures, lapse=self.setting.lapse)

    def follow(
        self, commitment: Vector, futures: Sequence[Future], *, lapse: bool, steps: Steps | None = None
    ) -> tuple[Realised, ...]:
        """Return what comes of a commitment in futures."""
        steps = steps or Steps(None, ())
        asking = [(future, commitment) for future in futures]
        question = partial(answer_committed, sent(self.setting), lapse=lapse)
        with workers(self.how.executor or SERIAL, self.how.workers) as executor:
            return tuple(steps.each(asked(executor, question, asking)))

    @property
    def known(self) -> Vector:
        """Outcome of each future if it were known before money is committed [money].

        It is no lower than with the commitment: that plan of the future could then be taken too.
        """
        return np.maximum([one.outcome for one in self.alone], self.outcomes)

    @property
    def mean_value(self) -> float | None:
        """Value of the mean case's commitment [money]; ``None`` where some future has no plan with it."""
        if not self.mean_results or any(one.reason is not None for one in self.mean_results):
            return None
        return self.how.risk.value(np.array([one.outcome for one in self.mean_results]), self.probabilities)

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the plan."""
        notes = [*commitment_notes(self), wish_note(self.how.risk)]
        notes.append(
            say("Mean, value at risk and conditional value at risk are computed from the outcomes after the solve; the "
                "tail holds the worst {share} of the probability.", share=f"{100 * (1 - self.how.risk.alpha):.4g} %")
        )  # fmt: skip
        notes += search_notes(self)
        if not self.effort.complete:
            notes.append(
                say("The search was stopped: another commitment of the last ranking can be better by {gap} at most. "
                    "With a store it goes on from here.", gap=f"{100 * self.effort.gap:.2g} %")
            )  # fmt: skip
        elif self.effort.method == BENDERS:
            notes.append(
                say("Found by planning the futures apart; a proof leaves at most {gap} above the plan of the last "
                    "ranking.", gap=f"{100 * self.effort.gap:.2g} %")
            )  # fmt: skip
        return tuple(notes)

    def __repr__(self) -> str:
        told = say(
            "Stochastic({case}: {futures} futures, {risk}, value {value} {unit})",
            case=quoted_title(self.case),
            futures=len(self.futures),
            risk=self.how.risk,
            value=f"{self.value:,.6g}",
            unit=Currency(self.case.currency),
        )
        return told.text()


def commitment_notes(study: StochasticTables) -> tuple[Message, ...]:
    """Say what is committed, and what becomes of it."""
    setting, last = study.setting, study.case.years[0] + study.setting.committed - 1
    if not setting.committed:
        return (say("No money is committed: every future is planned as if it were known."),)
    committed = say(
        "Public money up to and including {year} is committed: it is the same in all {count} futures. Everything else "
        "adapts to each.",
        year=last,
        count=len(study.futures),
    )
    return (committed, *lapse_note(lapse=setting.lapse))


def search_notes(study: StochasticTables) -> tuple[Message, ...]:
    """Say what penalised overlap leaves open; nothing where there is none."""
    if re_ranks([study.blocks.block(study.futures[0])], study.setting):
        if study.effort.ceiling is not None:
            gap = max(study.effort.ceiling - study.value, 0.0) / (1 + abs(study.value))
            return (
                say("Overlap is penalised truly, by sequences of linear programs; another commitment can do better by "
                    "{gap} at most, for no more could be had if overlap cost nothing.", gap=f"{100 * gap:.2g} %"),
            )  # fmt: skip
        return (
            say("Overlap is penalised truly, by sequences of linear programs; another commitment may do better still."),
        )
    if is_penalised(study.case):
        return (
            say("The commitment is sought with overlap ranked by today's activity; what is reported is penalised "
                "truly, so another commitment may do better still."),
        )  # fmt: skip
    return ()


def lapse_note(*, lapse: bool) -> tuple[Message, ...]:
    """Say what lapses; nothing where committed money may not."""
    if not lapse:
        return ()
    return (say("Committed money that a future cannot use lapses: its budget is charged, nothing is bought."),)


def measures_of(outcomes: Vector, probabilities: Vector, risk: Risk) -> pd.Series:
    """Return the measures of outcomes by name [money]; ``alpha`` is the level of the tail."""
    alpha = risk.alpha
    return pd.Series(
        {
            "value": risk.value(outcomes, probabilities),
            "mean": float(probabilities @ outcomes),
            "deviation": float(np.sqrt(probabilities @ (outcomes - probabilities @ outcomes) ** 2)),
            "value_at_risk": value_at_risk(outcomes, probabilities, alpha),
            "conditional_value_at_risk": conditional_value_at_risk(outcomes, probabilities, alpha),
            "worst": float(outcomes.min()),
            "best": float(outcomes.max()),
            "alpha": alpha,
        },
        name="outcome",
    )


def outcome_table(results: Sequence[Realised], unit: str) -> pd.DataFrame:
    """Return what comes of futures as a table, one a line; figures without a plan are missing."""
    lapses = any("lapsed" in one.figures for one in results)
    names = [*TABLE, *(["lapsed"] if lapses else [])]
    frame = pd.DataFrame(
        [
            {
                "scenario": one.name,
                "probability": one.probability,
                "outcome": one.outcome,
                **{name: one.figures.get(name, np.nan) for name in names},
            }
            for one in results
        ]
    )
    return in_unit(frame, unit)


def _probabilities(futures: Sequence[Future]) -> Vector:
    shares = np.array([future.probability for future in futures])
    total: Vector = shares / shares.sum()
    return total


def _alone(blocks: Blocks, futures: Sequence[Future], how: How, steps: Steps | None = None) -> tuple[Realised, ...]:
    steps = steps or Steps(None, ())
    with workers(how.executor or SERIAL, how.workers) as executor:
        if executor is None:
            return tuple(steps.each(plan_alone(blocks, future) for future in futures))
        return tuple(steps.each(asked(executor, partial(answer_alone, sent(blocks.setting)), futures)))


def setting_of(case: CaseTables, how: How) -> Setting:
    """Return what all futures of a study share.

    Raises
    ------
    InputError
        If the committed year is outside the horizon, or overlap cannot be counted that way.
    """
    options = replace(how.options or SolveOptions(), prove=False)
    years = case.years
    until = years[0] if how.commit_until is None else how.commit_until
    if not years[0] - 1 <= until <= years[-1]:
        raise InputError(
            say("year {year} is outside the horizon; name one of {first} to {last}.",
                year=until, first=years[0], last=years[-1])
        )  # fmt: skip
    method = how.overlap or case.settings.overlap.method
    if method is OverlapMethod.EXACT:
        raise InputError(say("overlap method 'exact' plans one future at a time; take 'sequential' or 'fixed'."))
    return Setting(
        case=case,
        committed=until - years[0] + 1,
        lapse=how.lapse,
        method=method,
        options=options,
    )


def plan_stochastic(
    case: CaseTables, futures: Futures | None, how: How, alone: tuple[Realised, ...] | None = None
) -> StochasticTables:
    """Plan a case under several futures; :func:`optimizer.stochastic` says what there is to know.

    ``alone``, what each future would do if it were certain, is computed where it is wanted and not given.
    """
    found = futures_of(case, futures)
    setting = setting_of(case, how)
    options = setting.options
    if how.method not in (None, EXTENSIVE, BENDERS):
        raise InputError(say("there is no method '{name}'; give 'extensive' or 'benders'.", name=how.method))
    blocks = Blocks(setting)
    if how.tolerance is None:
        how = replace(how, tolerance=FINE if blocks.base.program.n_columns <= SMALL else COARSE)
    method = how.method or (EXTENSIVE if blocks.base.program.n_columns * len(found) <= MOST_COLUMNS else BENDERS)
    if how.store is not None and method != BENDERS:
        raise InputError(
            say(
                "a store keeps the answers of method 'benders', but {count} futures of this size are planned in one "
                "program; leave the store out, or ask for method 'benders'.",
                count=len(found),
            )
        )
    steps = Steps(how.progress, (APART,) if method == BENDERS else (ALONE, TOGETHER, FOLLOWED))
    steps.limit(options.time_limit)
    clock = Clock(options.time_limit, progress=steps.hook)
    if method == BENDERS:
        apart = Benders(how.risk, how.executor or PROCESSES, how.workers, how.store, how.tolerance or FINE)
        planned, results = plan_benders(blocks, found, apart, clock, steps)
        return StochasticTables(blocks, found, how, planned, results)
    return _extensive(blocks, found, how, (clock, steps), alone)


def _extensive(
    blocks: Blocks,
    futures: tuple[Future, ...],
    how: How,
    watch: tuple[Clock, Steps],
    alone: tuple[Realised, ...] | None,
) -> StochasticTables:
    setting, (clock, steps) = blocks.setting, watch
    programs = [blocks.block(future) for future in futures]
    thorough = re_ranks(programs, setting) and blocks.base.program.n_columns <= SMALL
    if thorough and alone is None:
        steps.begin(ALONE, len(futures))
        alone = _alone(blocks, futures, how, steps)
    more = []
    if alone and re_ranks(programs, setting) and all(one.x is not None for one in alone):
        more.append(tuple(block.rank(one.x) for block, one in zip(programs, alone, strict=True) if one.x is not None))
    try:
        planned = plan_extensive(programs, how.risk, setting, clock, steps, more)
    except InfeasibleError:
        raise explain_misfit(programs, setting) from None
    commitment = planned.commitment
    results = [
        realised(block, x, setting, commitment if setting.lapse else None)
        for block, x in zip(programs, planned.plans, strict=True)
    ]
    study = StochasticTables(blocks, futures, how, planned, tuple(results))
    if thorough:
        # the search of a single plan also tries other leaders; what it finds behind the commitment is kept
        steps.begin(FOLLOWED, len(futures))
        again = study.follow(commitment, futures, lapse=setting.lapse, steps=steps)
        results = [max(pair, key=lambda one: -np.inf if one.x is None else one.outcome)
                   for pair in zip(results, again, strict=True)]  # fmt: skip
        study = replace(study, results=tuple(results))
        if more:
            study.__dict__["alone"] = alone  # the cached property; found on the way
    return study
