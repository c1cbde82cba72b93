"""Futures as users touch them: drawn at random, reduced to a few, and plans compared by their regret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, overload

import pandas as pd

from optimizer.analysis.regret import PlanLike, RegretTables, run_regret
from optimizer.analysis.sampling import Design, Draw, SampleSizes, ScenariosTables, Uncertainty, draw_futures
from optimizer.analysis.sweep import PROCESSES, How
from optimizer.api.study import Study
from optimizer.arguments import checked, checked_methods
from optimizer.data.case import CaseTables
from optimizer.data.futures import Future, Futures, futures_frame, futures_of
from optimizer.data.whole import write_whole_file
from optimizer.errors import InputError
from optimizer.export import regret as words
from optimizer.export.charts.futures import heat_chart, scenarios_chart, within_chart
from optimizer.export.futures import summary_frame
from optimizer.export.study import save_study
from optimizer.language import Language, Message, say, sentence
from optimizer.options import OverlapMethod, SolveOptions, one_of, spoken
from optimizer.plan.plan import FailedPlanTables, PlanTables

PLANS, CELLS, DRAWN = sentence("Plans"), sentence("Plans in futures"), sentence("Figures drawn")
"""Sheets of the workbooks."""


class RegretChart(StrEnum):
    """What a chart of regret shows: every plan in every future, or how probable small losses are."""

    HEAT = "heat"
    WITHIN = "within"


@checked_methods
@dataclass(frozen=True, eq=False, repr=False)
class Scenarios(Sequence[Future]):
    """Futures of a case, drawn at random; a sequence of them. Made by :func:`sample_scenarios`.

    Attributes
    ----------
    found
        What was drawn.
    """

    found: ScenariosTables

    @property
    def futures(self) -> tuple[Future, ...]:
        """The futures: names, probabilities and changes of the case."""
        return self.found.futures

    @property
    def table(self) -> pd.DataFrame:
        """One line a future: ``scenario``, ``probability``, then every figure drawn: rates, and factors of all else."""
        return self.found.table

    @property
    def summary(self) -> pd.DataFrame:
        """What was drawn, one line each: the case's figure, the law around it, and what the futures came out to be.

        ``trials`` is what a success rate was counted from; ``mean`` and ``deviation`` are those of the law, of
        ``drawn_...`` those of the futures, with the range from 5 % to 95 %; rates as they are, all else as factors.
        """
        return self.found.summary

    @property
    def error(self) -> float:
        """Kantorovich distance to the futures these stand for [standard deviations]; 0 where none was left out."""
        return self.found.error

    @property
    def relative_error(self) -> float:
        """The error as a share of that of the best single future."""
        return self.found.relative_error

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the futures."""
        return self.found.notes

    def reduce(self, count: int) -> Scenarios:
        """Return the futures that stand best for all, with the probabilities of those they stand for.

        Fast forward selection by the Kantorovich distance of the figures drawn, each in units of its standard
        deviation; ``.error`` states what is lost, and falls with ``count``.

        Raises
        ------
        InputError
            If ``count`` is below 1 or above the number of futures, or these are reduced already.
        """
        return Scenarios(self.found.reduced(count))

    def to_csv(self, path: str | Path) -> Path:
        """Write the futures in the form of ``scenarios.csv``; in a case folder that has none it becomes the case's own.

        Raises
        ------
        InputError
            If it would replace a table of a case.
        """
        target, frame = Path(path), futures_frame(self.futures)
        write_whole_file(target, lambda beside: frame.to_csv(beside, index=False, lineterminator="\n"))
        return target

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write the futures, what was drawn, and the notes as one workbook."""
        tables = {words.FUTURES: lambda said: self.table, DRAWN: lambda said: summary_frame(self.found, said)}
        return save_study(self.found.case, tables, self.notes, path, language)

    def plot(self, language: Language | str | None = None) -> Any:
        """Return how far the futures lie around the figures of the case, as a plotly figure."""
        return scenarios_chart(self.found, spoken(language))

    @overload
    def __getitem__(self, place: int) -> Future: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Future, ...]: ...

    def __getitem__(self, place: int | slice) -> Future | tuple[Future, ...]:
        return self.futures[place]

    def __iter__(self) -> Iterator[Future]:
        return iter(self.futures)

    def __len__(self) -> int:
        return len(self.futures)

    def __repr__(self) -> str:
        return repr(self.found)


@checked_methods
@dataclass(frozen=True, eq=False, repr=False, init=False)
class Regret(Study[RegretTables]):
    """What plans lose in each future against the best there. Made by :func:`regret`."""

    @property
    def table(self) -> pd.DataFrame:
        """Plan by plan and future by future, one a line.

        ``outcome``, ``best`` and ``regret`` [money]; ``relative``, the regret as a share of the best; ``cut``, the
        money of the plan that its funders do not have there; ``broken_limits``, how many limits the plan breaks there;
        ``reason``, why a figure is missing.
        """
        return self.found.table

    @property
    def matrix(self) -> pd.DataFrame:
        """The regret, a line for each plan and a column for each future [money]."""
        return self.found.regrets.regret

    @property
    def summary(self) -> pd.DataFrame:
        """The plans, one a line: expected and worst outcome, expected and largest regret, how often they stay near.

        ``share_within`` is the probability of losing at most ``within`` of the best, ``count_within`` the number of
        ``futures`` in which that is so, ``breaks`` that in which a limit is broken. The last columns mark who wins by
        which rule, ties included: ``minimax_regret`` (least largest regret), ``least_expected_regret`` (greatest
        expected outcome), ``maximin`` (greatest worst outcome), ``hurwicz_best`` (of ``hurwicz``, between both).
        """
        return self.found.summary

    @property
    def futures(self) -> pd.DataFrame:
        """The futures, one a line: probability, best known outcome, the plan that attains it, status and reason."""
        return self.found.futures

    @property
    def failed(self) -> pd.DataFrame:
        """The futures that do not count, each with its reason."""
        return self.found.failed

    def plot(self, kind: RegretChart | str = RegretChart.HEAT, language: Language | str | None = None) -> Any:
        """Return a plotly figure.

        Parameters
        ----------
        kind
            ``heat``: the regret of every plan in every future; ``within``: how probable it is to lose no more than a
            share of the best, one curve a plan.
        language
            Language of the words.

        Raises
        ------
        InputError
            If there is no such chart.
        """
        chart = {RegretChart.HEAT: heat_chart, RegretChart.WITHIN: within_chart}
        return chart[one_of(RegretChart, kind, "kind")](self.found, spoken(language))

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write plans, futures, every plan in every future, and the notes as one workbook."""
        tables = {
            PLANS: lambda said: words.summary_frame(self.found, said),
            words.FUTURES: lambda said: words.futures_frame(self.found, said),
            CELLS: lambda said: words.cells_frame(self.found, said),
        }
        return save_study(self.found.case, tables, self.notes, path, language)


@checked
def sample_scenarios(  # noqa: PLR0913  # how many, how they hang together, how far they go
    case: CaseTables,
    n: int = 100,
    seed: int = 0,
    correlation: float = 0.5,
    *,
    between_fields: float = 0.0,
    uncertainty: Uncertainty | None = None,
    sample_sizes: SampleSizes | None = None,
    design: Design | str = Design.LATIN_HYPERCUBE,
) -> Scenarios:
    """Draw equally likely futures of a case: success rates, costs, values of launches and demands.

    Success rates are Beta-distributed around the case's rates, as narrow as the number of observations behind each
    (column ``trials`` of ``stages.csv`` and ``niches.csv``) makes them; costs, values and demands are multiplied by
    lognormal factors of mean 1. Figures of one field move together: its success rates, its costs, and its value with
    its demand. A rate of 1 stays 1. The sampling error of a published mean is not the variation between programmes:
    with thousands of observations rates hardly move; ``Uncertainty(spread=...)`` adds what lies between portfolios.

    Parameters
    ----------
    case
        The case.
    n
        Number of futures.
    seed
        By which they are drawn; equal seeds give equal futures.
    correlation
        Correlation of the normal scores of one kind of figures within a field, 0 to 1.
    between_fields
        The same across fields; not above ``correlation``.
    uncertainty
        How far figures may be off; by default costs and demand vary by 20 %, values by 30 %.
    sample_sizes
        Stage, or ``(stage, field)``, -> number of observations, in place of ``trials``.
    design
        ``latin_hypercube``; ``sobol``, best with a power of 2 as ``n``; or ``random``: independent futures, for
        confidence intervals.

    Raises
    ------
    InputError
        If a parameter is out of its range (costs, values and demand vary by 10 times their mean at most), a sample size
        is of no success rate, or nothing is uncertain.

    Examples
    --------
    >>> import optimizer as vc
    >>> case = vc.load_case("inputs/tutorial")
    >>> futures = vc.sample_scenarios(case, n=40, seed=1, sample_sizes={"clinical": 200})
    >>> futures
    Scenarios('tutorial': 40 futures, 15 figures)
    >>> few = futures.reduce(8)
    >>> len(few), round(sum(future.probability for future in few), 9), 0 < few.relative_error < 1
    (8, 1.0, True)
    """
    draw = Draw(
        count=n,
        seed=seed,
        correlation=correlation,
        between_fields=between_fields,
        design=one_of(Design, design, "design"),
    )
    return Scenarios(draw_futures(case, draw, uncertainty or Uncertainty(), sample_sizes))


@checked
def regret(  # noqa: PLR0913  # what is compared, where, by which rule, and how it is solved
    plans: Mapping[str, PlanLike],
    futures: Futures | None = None,
    case: CaseTables | None = None,
    *,
    within: float = 0.05,
    optimism: float = 0.5,
    with_best: bool = False,
    method: OverlapMethod | str | None = None,
    options: SolveOptions | None = None,
    executor: Executor | str | None = PROCESSES,
    workers: int | None = None,
    progress: bool = True,
) -> Regret:
    """Return what plans lose in each future against the best that is known for it.

    Every plan is a commitment of public money: who gives how much to what and when. In each future that money is used
    as is best there (see :meth:`Case.evaluate`), so projects and private money adapt, the allocation does not. Where a
    funder has less than it committed, all its lines of the year are cut by one share (column ``cut``). Rules, minima
    and the specialisation share are measured, not enforced (column ``broken_limits``).

    The best of a future is the plan made for it, or any plan here that is worth more there and keeps its limits; so a
    regret is never below 0, although planning with overlap proves no optimum.

    Parameters
    ----------
    plans
        Name -> a plan; a case, which is planned; an allocation (frame, ``.csv``, ``.xlsx``); or ``None`` for the case's
        baseline. May be empty with ``with_best``.
    futures
        Futures, as :func:`sample_scenarios` draws them; or a table or file in the form of ``scenarios.csv``; by
        default the case's own table.
    case
        The case the futures change; by default that of the first plan or case among ``plans``.
    within
        Share of a future's best that a plan may lose and still counts as near to it.
    optimism
        Weight of a plan's best outcome against its worst one in the rule of Hurwicz, 0 to 1.
    with_best
        Whether the plan made for each future is compared too, in all of them; it bears the future's name in
        parentheses. That values as many plans as futures in each future.
    method
        Overlap method of the plans made for futures, in place of the case's own.
    options
        How to solve; a time limit holds for each solve.
    executor, workers, progress
        As in :func:`sweep`; futures are spread over the workers.

    Raises
    ------
    InputError
        If there is no plan, future or case, or one of them is none.
    CaseError
        With every fault of an allocation at once.
    SolveError
        If no future has a plan, or the executor breaks.

    Examples
    --------
    >>> import optimizer as vc
    >>> case = vc.load_case("inputs/tutorial")
    >>> lean = vc.Future("lean", 0.3, (vc.Change("budget", "amount", "multiply", 0.7),))
    >>> found = vc.regret({"optimum": case}, [lean, vc.Future("as planned", 0.7)], case, executor="serial")
    >>> float(found.matrix.loc["optimum", "as planned"]), bool(found.matrix.loc["optimum", "lean"] > 0)
    (0.0, True)
    """
    base = case or next((plan if isinstance(plan, CaseTables) else plan.case for plan in plans.values()
                         if isinstance(plan, CaseTables | PlanTables | FailedPlanTables)), None)  # fmt: skip
    if base is None:
        raise InputError(say("which case do the futures change? No plan here says it; give case=..."))
    how = How(
        method=None if method is None else one_of(OverlapMethod, method, "method"),
        options=options,
        executor=executor,
        workers=workers,
        progress=progress,
    )
    told = futures_of(base, futures)
    return Regret(run_regret(base, plans, told, how, within=within, optimism=optimism, with_best=with_best))
