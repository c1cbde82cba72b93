"""Plans made before the future is known, as users touch them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.analysis.information import evpi_of, values_of, vss_of
from optimizer.analysis.risk import Risk
from optimizer.analysis.stochastic import How, StochasticTables, plan_stochastic
from optimizer.analysis.stochastic_studies import WEIGHTS, out_of_sample, regret_of, trace_risk
from optimizer.analysis.wishes import risk_of
from optimizer.api.commitments import CommitmentRegret, FreshFutures, RiskFrontier
from optimizer.api.study import Study
from optimizer.arguments import checked, checked_methods
from optimizer.data.case import CaseTables
from optimizer.data.futures import Futures
from optimizer.errors import InputError
from optimizer.export.charts.uncertainty import launches_chart, outcomes_chart
from optimizer.export.stochastic import study_sheets
from optimizer.export.study import save_folder, save_sheets
from optimizer.language import Language, say
from optimizer.options import OverlapMethod, RiskWish, SolveOptions, one_of, spoken
from optimizer.solvers.result import ProgressHook

KINDS = ("outcomes", "launches", "risk")


@checked_methods
@dataclass(frozen=True, eq=False, repr=False, init=False)
class Stochastic(Study[StochasticTables]):
    """A commitment made before the future is known, and what comes of it in each future. Made by :func:`stochastic`."""

    @property
    def table(self) -> pd.DataFrame:
        """The futures, one a line: ``scenario, probability, outcome`` and figures as in a plan's summary.

        ``outcome`` is the true objective of the future's plan [money]; with ``lapse`` also ``lapsed``, committed money
        that the future cannot use.
        """
        return self.found.table.copy()

    @property
    def committed(self) -> pd.DataFrame:
        """Who spends what where up to the committed year, whatever comes true, as ``plan.allocation`` [money]."""
        return self.found.committed.copy()

    @property
    def launches(self) -> pd.DataFrame:
        """Launches by year, one column a future [projects]."""
        return self.found.launches

    @property
    def measures(self) -> pd.Series:
        """Mean, standard deviation, value at risk, conditional value at risk and extremes of the outcomes [money].

        They are computed from the outcomes after the solve, the last one of the tail with the part of its probability
        that is in it. ``value`` is what the risk of the study makes of them, ``alpha`` the level of the tail.
        """
        return self.found.measures

    @property
    def value(self) -> float:
        """What the outcomes are worth under the risk of the study [money]."""
        return self.found.value

    def allocation(self, scenario: str) -> pd.DataFrame:
        """Return the whole plan of a future, as ``plan.allocation`` does: the commitment, and what follows it [money].

        Raises
        ------
        InputError
            If there is no such future.
        """
        return self.found.allocation(scenario)

    def values(self) -> pd.DataFrame:
        """Return RP, EV, EEV, WS, EVPI and VSS, each with a note on what it is [money].

        RP is the value of this plan; WS that if every future were known beforehand, EVPI = WS - RP. EV is the plan for
        the mean case, EEV the value of committing as it does, VSS = RP - EEV. EEV and VSS are missing where that
        commitment leaves a future without a plan. EV may be below RP where limits are random. EVPI and VSS are 0 within
        the accuracy of the solves; where overlap is penalised no plan is proven best, and VSS may be below 0.

        Raises
        ------
        SolveError
            If a future has no plan by itself, or a limit ends one's solve.
        """
        return values_of(self.found)

    def evpi(self) -> float:
        """Return what perfect information would be worth: WS - RP [money]; 0 within the accuracy of the solves."""
        return evpi_of(self.found)

    def vss(self) -> float | None:
        """Return what planning for all futures is worth beside planning for their mean: RP - EEV [money].

        ``None`` where the mean case's commitment leaves a future without a plan; 0 within the accuracy of the solves.
        """
        return vss_of(self.found)

    def out_of_sample(self, futures: Futures, *, lapse: bool = True) -> FreshFutures:
        """Keep the commitment in fresh futures and plan the rest anew in each.

        Parameters
        ----------
        futures
            Futures the commitment was not made for, such as another sample.
        lapse
            Whether committed money that a future cannot use lapses; else such a future has no plan.

        Returns
        -------
        FreshFutures
            ``.table`` by future, ``.measures``, ``.confidence`` (the mean with its 95 % intervals), ``.failed``,
            ``.notes``, ``.plot()``, ``.to_excel(path)``.
        """
        return FreshFutures(out_of_sample(self.found, futures, lapse=lapse))

    def regret(self, *, own: bool = True, lapse: bool = True) -> CommitmentRegret:
        """Compare the commitments for all futures, for the mean case, and for each future alone.

        Parameters
        ----------
        own
            Whether those of the futures alone are compared too; that takes as many plans as futures squared.
        lapse
            Whether committed money that a future cannot use lapses; else such a future has no plan.

        Returns
        -------
        CommitmentRegret
            ``.table`` with mean and largest regret by commitment, ``.detail`` by commitment and future, ``.notes``,
            ``.plot()``, ``.to_excel(path)``.
        """
        return CommitmentRegret(regret_of(self.found, own=own, lapse=lapse))

    def risk_frontier(self, weights: Sequence[float] = WEIGHTS, alpha: float | None = None) -> RiskFrontier:
        """Make the study again for rising weights of the tail.

        Parameters
        ----------
        weights
            Weights of the tail, 0..1.
        alpha
            Level of the tail; that of the study where left out.

        Returns
        -------
        RiskFrontier
            ``.table`` with mean, value at risk and conditional value at risk by weight, ``.committed`` by weight,
            ``.notes``, ``.plot()``, ``.to_excel(path)``.
        """
        if alpha is None and tuple(weights) == WEIGHTS:
            return self._frontier
        return RiskFrontier(trace_risk(self.found, weights, alpha))

    @cached_property
    def _frontier(self) -> RiskFrontier:
        return RiskFrontier(trace_risk(self.found))

    def plot(self, kind: str = "outcomes", language: Language | str | None = None) -> Any:
        """Return a plotly figure.

        Parameters
        ----------
        kind
            ``outcomes``, their distribution by commitment; ``launches``, their fan over the years; ``risk``, value at
            risk against expectation for rising weights of the tail, for which the study is made again.
        language
            Language of the words.

        Raises
        ------
        InputError
            If there is no such kind, or plotly is not installed.
        """
        chosen = spoken(language)
        if kind == KINDS[0]:
            return outcomes_chart(self.found, chosen)
        if kind == KINDS[1]:
            return launches_chart(self.found, chosen)
        if kind == KINDS[2]:
            return self.risk_frontier().plot(chosen)
        raise InputError(say("there is no chart '{kind}'; there are {known}.", kind=kind, known=", ".join(KINDS)))

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write committed money, futures, measures, the value of information, launches and notes as one workbook."""
        return save_sheets(self.found.case, study_sheets(self.found), self.notes, path, language)

    def to_csv(self, folder: str | Path, language: Language | str | None = None) -> Path:
        """Write the tables of :meth:`to_excel` as CSV files into a new folder, whole or not at all.

        Columns bear their keys; notes are in the language. Excel shows their Hangul right.

        Raises
        ------
        InputError
            If the folder exists and is not empty; nothing is overwritten.
        """
        return save_folder(study_sheets(self.found), self.notes, folder, language)


@checked
def stochastic(  # noqa: PLR0913  # what is committed, what is wanted, and how it is solved
    case: CaseTables,
    futures: Futures | None = None,
    commit_until: int | None = None,
    *,
    risk: Risk | RiskWish | str | None = None,
    lapse: bool = False,
    method: str | None = None,
    overlap: OverlapMethod | str | None = None,
    options: SolveOptions | None = None,
    executor: Executor | str | None = None,
    workers: int | None = None,
    store: str | Path | None = None,
    tolerance: float | None = None,
    progress: ProgressHook | None = None,
) -> Stochastic:
    """Plan money that is committed before it is known which future comes true.

    Public money of sites and links up to and including ``commit_until`` is the same in every future; starts, private
    money, later public money and everything else adapts. All limits, the specialisation share and overlap hold in each.

    Parameters
    ----------
    case
        The case. One with ``minimum`` or ``max_niches`` is refused.
    futures
        Futures; a table or CSV file with the columns of ``scenarios.csv``; by default the case's own table.
    commit_until
        Last committed year; the first year of the case where left out. A year before it commits nothing.
    risk
        :class:`Expectation` (default), :class:`CVaR` or :class:`WorstCase`; or a name: ``expectation``, ``cvar`` (the
        worst tenth at half of the weight) or ``worst``.
    lapse
        Whether committed money that a future cannot use may lapse: its budget is charged, nothing is bought. Without,
        every future must spend exactly what is committed, so that the least able one limits it.
    method
        ``extensive``, all futures in one program; ``benders``, apart; by default by size.
    overlap
        Overlap method in place of the case's own, ``sequential`` or ``fixed``.
    options
        How to solve; the time limit holds for the search of the commitment.
    executor, workers
        Who plans futures apart: ``"processes"``, ``"serial"`` or an executor of ``concurrent.futures``, and how many
        processes. By default Benders takes processes, and the other questions this process.
    store
        A file that keeps the answers of method ``benders``, so that a study that was stopped goes on; refused where
        the futures are planned in one program.
    tolerance
        Distance of the bounds at which Benders ends, relative; by default 1e-6, and 1e-4 for cases of more than 10,000
        columns. Where a limit comes first, the best commitment so far is returned and a note says what is proven.
    progress
        Called at each step and every second of a long solve with a :class:`~optimizer.solvers.result.Progress`, whose
        ``part`` says how many steps are done, of how many, and how long the others take where that is known.

    Raises
    ------
    InputError
        If a future or an argument is wrong, or the case takes whole decisions.
    SolveError
        If a future has no plan, no commitment fits all (it says which do not go together), a limit ends the search, or
        the engine fails.

    Examples
    --------
    >>> import optimizer as vc
    >>> case = vc.load_case("inputs/tutorial")
    >>> worse = vc.Change("stages", "success_rate", "multiply", 0.8, where="stage=clinical")
    >>> futures = [vc.Future("as planned", 0.7), vc.Future("trials fail", 0.3, (worse,))]
    >>> found = vc.stochastic(case, futures, commit_until=2026, risk=vc.CVaR(alpha=0.7, weight=0.3))
    >>> found.table["scenario"].tolist()
    ['as planned', 'trials fail']
    """
    how = How(
        commit_until=commit_until,
        risk=risk_of(risk),
        lapse=lapse,
        method=method,
        overlap=None if overlap is None else one_of(OverlapMethod, overlap, "overlap"),
        options=options,
        executor=executor,
        workers=workers,
        store=None if store is None else Path(store),
        tolerance=tolerance,
        progress=progress,
    )
    return Stochastic(plan_stochastic(case, futures, how))
