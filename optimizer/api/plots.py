"""The figures of a plan, one method each: ``plan.plot.sankey()``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optimizer.arguments import checked_methods
from optimizer.data.allocation import read_allocation
from optimizer.export.charts.cells import heat_map, overlap_matrix
from optimizer.export.charts.map import MOST_ARROWS, map_figure
from optimizer.export.charts.money_flow import MOST, money_sankey
from optimizer.export.charts.project_flow import projects_sankey
from optimizer.export.charts.waterfall import check_baseline, money_waterfall, worth_waterfall
from optimizer.export.charts.years import allocation_years, launches, launches_fan
from optimizer.language import Language
from optimizer.options import spoken
from optimizer.plan.evaluate import EvaluationTables
from optimizer.plan.ledger import Side
from optimizer.plan.plan import PlanTables
from optimizer.planning.valuation import value_allocation


@checked_methods
@dataclass(frozen=True, repr=False)
class Plots:
    """Figures of a plan as plotly objects, drawn without a network; of a Korean figure names are ``name_ko``.

    Every figure is readable in black and white and by the colour-blind, and its numbers add up to those of the plan's
    tables. ``figure.write_image`` is not needed for print: ``plan.to_html(path)`` holds them all.

    Attributes
    ----------
    plan
        The plan.
    """

    plan: PlanTables

    def sankey(
        self,
        by: Sequence[str] | None = None,
        *,
        year: int | None = None,
        most: int = MOST,
        language: Language | str | None = None,
    ) -> Any:
        """Return public money from funders to fields; the nodes of each column add up to what is spent.

        Parameters
        ----------
        by
            Columns from left to right, labels as in ``plan.statistics.spend``; by default funder, cluster (region,
            where there are many clusters), stage and field.
        year
            Money of one year; of the horizon where it is left out.
        most
            Nodes of a column; what gets least is put together.
        language
            ``en`` or ``ko``.

        Raises
        ------
        InputError
            If a label is unknown, fewer than two are named, or there is no money to draw.

        Examples
        --------
        >>> import optimizer as vc
        >>> plan = vc.load_case("inputs/tutorial").solve()
        >>> figure = plan.plot.sankey(["funder", "stage"])
        >>> round(sum(figure.data[0].link.value)) == round(plan.summary()["spend"])
        True
        """
        return money_sankey(self.plan, spoken(language), by=by, year=year, most=most)

    def projects(self, field: str | None = None, *, language: Language | str | None = None) -> Any:
        """Return projects through the value chain to launch, with everything that is lost on the way.

        Raises
        ------
        InputError
            If there is no such field, or there are no projects to draw.
        """
        return projects_sankey(self.plan, spoken(language), field=field)

    def heat_map(
        self,
        rows: str = "cluster",
        columns: str = "stage",
        *,
        share: bool = False,
        language: Language | str | None = None,
    ) -> Any:
        """Return public money as shaded cells with totals; with ``share``, in percent of each row.

        Raises
        ------
        InputError
            If a label is unknown, or both are the same.
        """
        return heat_map(self.plan, spoken(language), rows=rows, columns=columns, share=share)

    def overlap(self, between: str = Side.CLUSTER, *, language: Language | str | None = None) -> Any:
        """Return the overlap between every two clusters, or funders, over the horizon.

        Raises
        ------
        InputError
            If ``between`` is another word than ``cluster`` or ``funder``, or nothing overlaps.
        """
        return overlap_matrix(self.plan, spoken(language), between=between)

    def map(self, *, arrows: int = MOST_ARROWS, language: Language | str | None = None) -> Any:
        """Return a map: bubbles for the money of clusters, arrows for projects handed from one to another.

        Raises
        ------
        InputError
            If no cluster has coordinates.
        """
        return map_figure(self.plan, spoken(language), most_arrows=arrows)

    def years(self, by: str = "funder", *, language: Language | str | None = None) -> Any:
        """Return public money over the years, beside each year's budget.

        Raises
        ------
        InputError
            If the label is unknown.
        """
        return allocation_years(self.plan, spoken(language), by=by)

    def launches(
        self,
        by: str = "field",
        *,
        beside: Mapping[str, PlanTables] | None = None,
        weights: Mapping[str, float] | None = None,
        field: str | None = None,
        language: Language | str | None = None,
    ) -> Any:
        """Return launches over the years by field; with other plans beside this one, as lines or a fan.

        Parameters
        ----------
        by
            What the bars of a single plan are made of.
        beside
            Plans by name to draw in place of this one, such as those of several futures.
        weights
            Weight of each of them, such as the probability of its future.
        field
            With ``beside``: launches of one field.
        language
            ``en`` or ``ko``.

        Raises
        ------
        InputError
            If a label is unknown, or the plans have other years.
        """
        if beside is None:
            return launches(self.plan, spoken(language), by=by)
        return launches_fan(beside, spoken(language), weights=weights, field=field)

    def waterfall(
        self,
        by: str | None = None,
        *,
        today: EvaluationTables | None = None,
        language: Language | str | None = None,
    ) -> Any:
        """Return the way from today's allocation to the plan.

        Parameters
        ----------
        by
            ``cluster``, ``stage``, ``field``, ``funder`` or ``year`` for how money moves; by default what is gained by
            each part of the objective.
        today
            Today's allocation as valued by ``case.evaluate()``; it is valued anew (a solve) where it is left out.
        language
            ``en`` or ``ko``.

        Raises
        ------
        InputError
            If the case has no baseline, or the label is another one.
        """
        if by is not None:
            return money_waterfall(self.plan, spoken(language), by=by)
        check_baseline(self.plan)
        return worth_waterfall(self.plan, today or self._today(), spoken(language))

    def _today(self) -> EvaluationTables:
        case = self.plan.case
        return EvaluationTables(value_allocation(case, read_allocation(case, None), None, None), None)

    def __repr__(self) -> str:
        return f"Plots of {self.plan!r}: sankey, projects, heat_map, overlap, map, years, launches, waterfall"
