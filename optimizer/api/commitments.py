"""Questions to a commitment as users touch them: what less risk costs, fresh futures, and what it may lose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.analysis.stochastic_studies import FreshTables, RegretTables, RiskFrontierTables
from optimizer.api.study import Study
from optimizer.arguments import checked_methods
from optimizer.export.charts.uncertainty import fresh_chart, regret_chart, risk_chart
from optimizer.export.stochastic import fresh_sheets, frontier_sheets, regret_sheets
from optimizer.export.study import save_sheets
from optimizer.language import Language
from optimizer.options import spoken


@checked_methods
@dataclass(frozen=True, eq=False, repr=False, init=False)
class RiskFrontier(Study[RiskFrontierTables]):
    """What less risk costs on average; ``found.studies`` are those of the weights.

    Made by :meth:`Stochastic.risk_frontier`.
    """

    @property
    def table(self) -> pd.DataFrame:
        """The weights of the tail, one a line: mean, value at risk, conditional value at risk and extremes [money]."""
        return self.found.table

    @property
    def committed(self) -> pd.DataFrame:
        """What is committed at each weight: ``weight``, then the columns of a plan's allocation [money]."""
        return self.found.committed

    def plot(self, language: Language | str | None = None) -> Any:
        """Return the conditional value at risk, and the value at risk, over the mean as a plotly figure."""
        return risk_chart(self.found, spoken(language))

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write the frontier, the commitment at each weight, and the notes as one workbook."""
        return save_sheets(self.found.studies[0].case, frontier_sheets(self.found), self.notes, path, language)


@checked_methods
@dataclass(frozen=True, eq=False, repr=False, init=False)
class FreshFutures(Study[FreshTables]):
    """What comes of a commitment in futures it was not made for. Made by :meth:`Stochastic.out_of_sample`."""

    @property
    def table(self) -> pd.DataFrame:
        """The futures, one a line, as in the study's table, and ``reason`` where there is no plan."""
        return self.found.table

    @property
    def measures(self) -> pd.Series:
        """Mean, tail and extremes of the outcomes, over the futures that have a plan [money]."""
        return self.found.measures

    @property
    def confidence(self) -> pd.DataFrame:
        """The mean outcome and the 95 % intervals of it, by Student's t and by the bootstrap [money].

        They hold for futures that were drawn independently; told ones are no sample of anything.
        """
        return self.found.confidence

    @property
    def failed(self) -> float:
        """Probability of the futures that have no plan with the commitment."""
        return self.found.failed

    def plot(self, language: Language | str | None = None) -> Any:
        """Return the outcomes in fresh futures beside those the commitment was made for, as a plotly figure."""
        return fresh_chart(self.found, spoken(language))

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write the futures, the measures, the intervals of the mean, and the notes as one workbook."""
        return save_sheets(self.found.study.case, fresh_sheets(self.found), self.notes, path, language)


@checked_methods
@dataclass(frozen=True, eq=False, repr=False, init=False)
class CommitmentRegret(Study[RegretTables]):
    """How far commitments fall short of the best in each future. Made by :meth:`Stochastic.regret`."""

    @property
    def table(self) -> pd.DataFrame:
        """The commitments, one a line, least largest regret first.

        ``commitment``, whom it was made for; ``mean`` outcome; ``mean_regret`` and ``max_regret``; ``worst_scenario``,
        where that is; ``infeasible``, the number of futures it leaves without a plan, which makes the others missing.
        """
        return self.found.table

    @property
    def detail(self) -> pd.DataFrame:
        """Every commitment in every future: ``commitment, scenario, probability, outcome, best, regret`` [money]."""
        return self.found.detail

    def plot(self, language: Language | str | None = None) -> Any:
        """Return what each commitment loses in each future as a plotly figure."""
        return regret_chart(self.found, spoken(language))

    def to_excel(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write the commitments, each of them in each future, and the notes as one workbook."""
        return save_sheets(self.found.study.case, regret_sheets(self.found), self.notes, path, language)
