"""A plan in whole units of money: every table of it adds up, no limit on money is broken, and what that costs is said.

Cells are rounded once (:mod:`.controlled_rounding`): the money of each funder at each site or link in each year, or
coarser ones by fewer labels, whose lines then change in proportion. Every table is a sum of those cells, so that all
tables of a document agree with each other, and rows and columns add up. The whole, each total by one label, and those
by funder and year, cluster and stage, and cluster and year are neighbours of their true values where that can be.
Limits that count public money alone (budgets with carry-over, rules on spending, the specialisation share) are kept as
the plan keeps them; the violations it pays for stay what they are.

What the rounding costs is found by valuing the rounded allocation like any other (:mod:`optimizer.plan.evaluate`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array

from optimizer.analysis.controlled_rounding import WHOLE, Limits, Rounding, round_cells
from optimizer.arguments import checked_methods
from optimizer.data.allocation import LABELS, read_allocation
from optimizer.data.money import MOST_DECIMALS, MoneyUnit
from optimizer.data.names import quoted_title
from optimizer.data.rows import LINK_STAGE
from optimizer.errors import InputError, SolveError
from optimizer.language import Message, say
from optimizer.lp.labels import Codes
from optimizer.lp.program import Vector
from optimizer.options import SolveOptions
from optimizer.plan.evaluate import EvaluationTables
from optimizer.plan.plan import PlanTables
from optimizer.plan.solution import Solution
from optimizer.plan.tables import TOTAL, in_order, in_unit
from optimizer.planning.valuation import MONEY_FAMILIES, value_allocation

DIMENSIONS = ("funder", "cluster", "stage", "field", "year")
"""What cells and tables of a rounded plan go by."""
NEAR = (*((name,) for name in DIMENSIONS), ("funder", "year"), ("cluster", "stage"), ("cluster", "year"))
"""Totals that stay next to their true ones where that can be, besides the whole."""
AMOUNT, BASELINE = "amount", "baseline"
MOST_LOST = 0.01
"""Share of the objective from which on what rounding loses is warned of."""


@checked_methods
@dataclass(frozen=True, eq=False)
class RoundedTables:
    """A plan in whole steps of a unit. Frames are copies.

    Attributes
    ----------
    plan
        The plan.
    unit
        The unit its amounts are shown in.
    rounding
        How the plan's money was rounded, cell by cell.
    cells, baseline
        The rounded cells of the plan and of today's allocation: the labels they go by, ``true`` [money] and ``steps``.
    lines
        The plan's money by all labels, ``amount`` [money] and the ``cell`` it is in, by position.
    """

    plan: PlanTables
    unit: MoneyUnit
    rounding: Rounding
    cells: pd.DataFrame = field(repr=False)
    baseline: pd.DataFrame = field(repr=False)
    lines: pd.DataFrame = field(repr=False)

    @property
    def by(self) -> tuple[str, ...]:
        """What the cells go by, and tables may."""
        return tuple(name for name in DIMENSIONS if name in self.cells)

    @property
    def allocation(self) -> pd.DataFrame:
        """The rounded allocation as :meth:`optimizer.Case.evaluate` takes it [money of the case]."""
        factor = self.cells["steps"].to_numpy() * self.unit.step / self.cells["true"].to_numpy()
        frame = self.lines[list(LABELS)].assign(amount=self.lines["amount"] * factor[self.lines["cell"]])
        return in_unit(frame[frame["amount"] > 0].reset_index(drop=True), self.plan.case.currency)

    def table(self, index: str, columns: str | None = None, *, of: str = AMOUNT) -> pd.DataFrame:
        """Return money by one label down and another across, in whole steps of the unit, with totals that add up.

        Parameters
        ----------
        index, columns
            Two of :attr:`by`; one column of totals where ``columns`` is left out.
        of
            ``amount`` for the plan, ``baseline`` for today.

        Returns
        -------
        pandas.DataFrame
            Whole numbers; divide by ``10**unit.decimals``, or say them by ``unit.text``.

        Raises
        ------
        InputError
            If a label is another one.
        """
        names = [index] if columns is None else [index, columns]
        if not set(names) <= set(self.by) or len(set(names)) < len(names):
            raise InputError(
                say(
                    "a table of this rounding cannot go by {names}; name one or two of {known}.",
                    names=", ".join(names),
                    known=", ".join(self.by),
                )
            )
        return _added_up(self.cells if of == AMOUNT else self.baseline, names, self.plan)

    @cached_property
    def evaluation(self) -> EvaluationTables:
        """What the rounded allocation achieves, valued like any hand-made one; solved on first use.

        Raises
        ------
        SolveError
            If the engine fails.
        """
        outcome = self.plan.outcome
        options = SolveOptions(engine=outcome.options.engine, threads=outcome.options.threads)
        given = read_allocation(self.plan.case, self.allocation)
        return EvaluationTables(value_allocation(self.plan.case, given, options), self.plan)

    @property
    def loss(self) -> float:
        """Objective that the rounding costs [money]; below 0 where it happens to gain."""
        return self.plan.objective - self.evaluation.objective

    @property
    def lost_share(self) -> float:
        """The loss as a share of the plan's objective."""
        return self.loss / max(abs(self.plan.objective), 1e-12)

    @cached_property
    def finer(self) -> RoundedTables | None:
        """The same plan with as few more decimals as lose no more than :data:`MOST_LOST`; ``None`` where none do.

        The loss falls about as the step does, faster where nearly everything is lost; so the first decimals tried are
        those at which it would be small enough if it fell no faster, and whoever is asked has been valued.
        """
        tried: RoundedTables = self
        while tried.lost_share > MOST_LOST:
            decimals = tried.unit.decimals + max(1, math.ceil(math.log10(tried.lost_share / MOST_LOST)))
            if decimals > MOST_DECIMALS:
                return None
            try:
                tried = round_plan(self.plan, replace(self.unit, decimals=decimals), self.by)
            except (InputError, SolveError):  # steps too small to count, or a search that found nothing: no advice
                return None
        return tried

    @property
    def warning(self) -> Message | None:
        """What to know and to do where rounding loses more than :data:`MOST_LOST`; ``None`` where it does not.

        Finding out what to do rounds and values the plan again, once or twice.
        """
        if self.lost_share <= MOST_LOST:
            return None
        lost = say(
            "rounding to {step} {unit} loses {share} % of the plan's objective, more than {most} %: many of the "
            "{cells} cells are small beside such a step.",
            step=self.unit.text(1),
            unit=Message(self.unit.name),
            share=f"{100 * self.lost_share:.3g}",
            most=f"{100 * MOST_LOST:g}",
            cells=f"{len(self.cells):,}",
        )
        if self.finer is None:
            return say("{lost} Name a finer unit, or round by fewer labels.", lost=lost)
        return say(
            "{lost} With decimals = {decimals} it would lose {share} %; cells by fewer labels lose less too.",
            lost=lost,
            decimals=self.finer.unit.decimals,
            share=f"{100 * self.finer.lost_share:.3g}",
        )

    @property
    def spend(self) -> float:
        """Public money of the rounded plan [money]."""
        return int(self.rounding.cells.sum()) * self.unit.step

    @property
    def broken(self) -> pd.DataFrame:
        """Limits on money that the rounded allocation breaks; rules whose price the plan pays only beyond that."""
        broken = self.evaluation.broken
        broken = broken[broken["counted"] != "physical"]
        rules = self.plan.statistics.rules()
        paid = rules[rules["price"].notna()].groupby("rule")["lacking"].max()
        paid_for = broken["rule"].map(paid).astype(float) if len(paid) else pd.Series(np.nan, index=broken.index)
        more = broken["excess"].astype(float) - paid_for.fillna(0.0)
        return broken[more > WHOLE * (1 + self.unit.step)].reset_index(drop=True)

    def __repr__(self) -> str:
        told = say(
            "Rounded({case}: {amount} in {cells} cells by {labels})",
            case=quoted_title(self.plan.case),
            amount=self.unit.money(int(self.rounding.cells.sum())),
            cells=int((self.rounding.cells > 0).sum()),
            labels=", ".join(self.by),
        )
        return told.text()


def round_plan(plan: PlanTables, unit: MoneyUnit, by: Sequence[str] = DIMENSIONS) -> RoundedTables:
    """Round a plan's money to whole steps of a unit.

    Parameters
    ----------
    plan
        The plan.
    unit
        The unit, which says how finely.
    by
        What the cells go by, some of ``funder, cluster, stage, field, year``.

    Raises
    ------
    InputError
        If a label is another one, or the unit is so small that its steps cannot be counted, or so large that nothing
        is left.
    SolveError
        If no rounding is found.
    """
    names = labels(by)
    keys = [name for name in LABELS if name in names or (name == "partner" and set(names) == set(DIMENSIONS))]
    lines, columns, line_of = _lines(plan.solution)
    cells, cell_of = _cells(lines, keys)
    values = cells["true"].to_numpy(float) / unit.step
    limits = _limits(plan.solution, columns, cell_of[line_of], values, unit.step)
    rounding = round_cells(values, _groups(cells), limits)
    if len(values) and not rounding.cells.any():
        raise InputError(
            say(
                "rounded to {step} {unit}, nothing is left of the plan: its largest cell by {names} is {largest} "
                "{unit}. Name a finer unit, more decimals, or fewer labels.",
                step=unit.text(1),
                unit=Message(unit.name),
                names=", ".join(names),
                largest=f"{values.max() * unit.step / unit.size:.3g}",
            )
        )
    today, _ = _cells(plan.allocation.assign(amount=lambda frame: frame["baseline"].fillna(0.0)), keys)
    today["steps"] = round_cells(today["true"].to_numpy(float) / unit.step, _groups(today)).cells
    return RoundedTables(plan, unit, rounding, cells.assign(steps=rounding.cells), today, lines.assign(cell=cell_of))


def labels(by: Sequence[str]) -> tuple[str, ...]:
    """Return what cells go by; raises InputError for another label than those of :data:`DIMENSIONS`, and for none."""
    names = (by,) if isinstance(by, str) else tuple(by)
    if not names or not set(names) <= set(DIMENSIONS):
        raise InputError(
            say(
                "money is rounded by {names}; name some of {known}.",
                names=", ".join(names) or "–",
                known=", ".join(DIMENSIONS),
            )
        )
    return names


def _lines(solution: Solution) -> tuple[pd.DataFrame, Codes, Codes]:
    """Return the plan's money by all labels, the program's columns it is of, and the line of each column.

    Parallel links are one line, as in ``plan.allocation``.
    """
    labels = solution.program.columns
    site, link = (labels.positions(name) for name in MONEY_FAMILIES)
    pieces = [labels.frame("public").assign(partner="", column=site)]
    if len(link):
        on_link = labels.frame("link_public").rename(columns={"origin": "partner", "destination": "cluster"})
        pieces.append(on_link.assign(stage=LINK_STAGE, field="", column=link))
    frame = pd.concat(pieces, ignore_index=True)
    frame["amount"] = solution.x[frame["column"].to_numpy(int)]
    frame = frame[frame["amount"] > 0]
    keys = list(LABELS)
    lines = in_order(frame.groupby(keys, sort=False)[["amount"]].sum().reset_index(), solution.sets)
    placed = frame[[*keys, "column"]].merge(
        lines[keys].assign(line=np.arange(len(lines))), on=keys, how="left", validate="many_to_one"
    )
    return lines, placed["column"].to_numpy(int), placed["line"].to_numpy(int)


def _cells(lines: pd.DataFrame, keys: list[str]) -> tuple[pd.DataFrame, Codes]:
    """Return the sums of lines by keys, those above 0, and the cell of each line (-1 for none)."""
    kept = lines["amount"].to_numpy(float) > 0
    groups = lines[kept].groupby(keys, sort=False)
    cells = groups["amount"].sum().reset_index().rename(columns={"amount": "true"})
    cell_of = np.full(len(lines), -1, dtype=np.intp)
    cell_of[kept] = groups.ngroup().to_numpy(np.intp)
    return cells, cell_of


def _groups(cells: pd.DataFrame) -> list[Codes]:
    """Return the totals each cell belongs to, way by way: the whole, and :data:`NEAR` as far as it goes by them."""
    near = [list(names) for names in NEAR if set(names) <= set(cells.columns)]
    return [np.zeros(len(cells), dtype=np.intp), *(_numbered(cells, names) for names in near)]


def _numbered(cells: pd.DataFrame, names: list[str]) -> Codes:
    numbers: Codes = np.asarray(cells.groupby(names, sort=False).ngroup(), dtype=np.intp)
    return numbers


def _limits(solution: Solution, columns: Codes, cell_of: Codes, values: Vector, step: float) -> Limits:
    """Return the rows of the program that count public money alone, over the cells in steps.

    What is carried over may change with the cells; violations that the plan pays for stay what they are.
    """
    program = solution.program
    carry, violation = (program.columns.positions(family) for family in ("carry", "violation"))
    money = np.zeros(program.n_columns, dtype=bool)
    money[np.concatenate([program.columns.positions(family) for family in MONEY_FAMILIES])] = True
    beside = np.zeros(program.n_columns, dtype=bool)
    beside[np.concatenate([carry, violation])] = True
    by_money = np.ones(program.n_rows, dtype=bool)
    by_money[program.indices[~(money | beside)[program.entry_columns]]] = False
    counts_money = np.zeros(program.n_rows, dtype=bool)
    counts_money[program.indices[money[program.entry_columns]]] = True
    rows = np.flatnonzero(by_money & counts_money)
    violated = np.zeros(program.n_columns)
    violated[violation] = solution.x[violation]
    fixed = program.activity(violated)[rows]
    # the columns of a cell, parallel links, have the same coefficients: each has its share of the cell
    share = solution.x[columns] / (values[cell_of] * step)
    into_cells = csr_array(coo_array((share, (columns, cell_of)), shape=(program.n_columns, len(values))))
    matrix = csr_array(program.matrix())[rows]
    return Limits(
        matrix=csr_array(matrix @ into_cells),
        free=matrix[:, carry],
        lower=(program.row_lower[rows] - fixed) / step,
        upper=(program.row_upper[rows] - fixed) / step,
        least=program.lower[carry] / step,
        most=program.upper[carry] / step,
        true=solution.x[carry] / step,
    )


def _added_up(cells: pd.DataFrame, names: Sequence[str], plan: PlanTables) -> pd.DataFrame:
    """Return the sums of cells by labels in the order of the case, with totals."""
    dimensions = plan.solution.sets.dimensions
    sums = cells.groupby(list(names), sort=False)["steps"].sum()
    order = {name: [*dimensions[name][dimensions[name].isin(cells[name])], *_blank(cells[name])] for name in names}
    if len(names) == 1:
        table = sums.reindex(order[names[0]]).to_frame(TOTAL)
    else:
        table = sums.unstack(fill_value=0).reindex(index=order[names[0]], columns=order[names[1]])
        table[TOTAL] = table.sum(axis=1)
    table.loc[TOTAL] = table.sum(axis=0)
    return table.astype(np.int64)


def _blank(labels: pd.Series) -> list[str]:
    """Return the blank label, last in its order, where a cell has it: links have no field."""
    return [""] if (labels == "").any() else []
