"""Allocations side by side: their money, its shares, what they change, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from optimizer.data.case import CaseTables
from optimizer.data.filters import ATTRIBUTE_TABLES
from optimizer.errors import InputError
from optimizer.language import say
from optimizer.plan.evaluate import EvaluationTables
from optimizer.plan.plan import FailedPlanTables, PlanTables
from optimizer.plan.tables import ALLOCATION_KEYS, in_unit

BUDGET, SHARE, CHANGE, OUTCOME, OUTCOME_CHANGE = "budget", "share", "change", "outcome", "outcome_change"
BLOCKS = (BUDGET, SHARE, CHANGE, OUTCOME, OUTCOME_CHANGE)
TOTAL = "total"
OUTCOMES = (
    *("objective", "worth", "worth_launches", "worth_pipeline", "overlap_penalty", "rule_price"),
    *("overlap_clusters", "overlap_funders", "spend", "private", "launches"),
)


@dataclass(frozen=True, eq=False)
class Compared:
    """What is compared of one plan or evaluation.

    Attributes
    ----------
    case
        The case it belongs to, for the attributes that money is grouped by.
    allocation
        Public money spent: labels and ``amount``.
    figures
        The figures of :data:`OUTCOMES`, those that exist.
    """

    case: CaseTables
    allocation: pd.DataFrame
    figures: Mapping[str, object]


Comparable = PlanTables | FailedPlanTables | EvaluationTables | Compared


def compare(results: Mapping[str, Comparable], by: Sequence[str] | str = ("cluster",)) -> pd.DataFrame:
    """Set plans and evaluations side by side.

    Parameters
    ----------
    results
        Name -> a plan or an evaluation; the first is what the others are measured against.
    by
        What money is grouped by: ``funder, cluster, stage, field, year`` or columns of ``clusters``, ``stages`` or
        ``fields``.

    Returns
    -------
    pandas.DataFrame
        One column for each result. Rows are told apart by ``block`` and what follows: ``budget`` (public money spent
        [money], with its total), ``share`` of that total, ``change`` of the budget against the first [money],
        ``outcome`` (figures of the summary) and ``outcome_change`` (their difference to the first). Of an evaluation
        it is the money used that counts. Figures that a result lacks are missing.

    Raises
    ------
    InputError
        If there is nothing to compare, the currencies differ, or ``by`` names what is not known.

    Examples
    --------
    >>> import optimizer as vc
    >>> case = vc.load_case("inputs/tutorial")
    >>> plan = case.solve()
    >>> less = case.evaluate(plan.allocation.query("year < 2030"), against=plan)
    >>> vc.compare({"optimum": plan, "less": less}, by="stage").loc["budget"].index[-1]
    'total'
    """
    names = [by] if isinstance(by, str) else list(by)
    found = {name: _compared(result) for name, result in results.items()}
    if not found or not names:
        raise InputError(say("there is nothing to compare: name at least one plan or run, and what to group by."))
    units = {compared.case.currency for compared in found.values()}
    if len(units) > 1:
        raise InputError(
            say(
                "the currencies differ ({units}), so nothing can be compared; write one case in the other's currency.",
                units=", ".join(sorted(units)),
            )
        )
    money = _money(found, names)
    figures = pd.DataFrame(
        {name: [compared.figures.get(figure) for figure in OUTCOMES] for name, compared in found.items()},
        index=pd.MultiIndex.from_tuples([(figure, *[""] * (len(names) - 1)) for figure in OUTCOMES], names=names),
        dtype=float,
    )
    totals = money.iloc[-1]
    blocks = {
        BUDGET: money,
        SHARE: money / totals.where(totals > 0),
        CHANGE: money.sub(money.iloc[:, 0], axis=0),
        OUTCOME: figures,
        OUTCOME_CHANGE: figures.sub(figures.iloc[:, 0], axis=0),
    }
    frame = pd.concat(blocks, names=["block"])
    if len(names) == 1:
        frame.index.names = ["block", names[0]]
    return in_unit(frame, units.pop())


def _compared(result: Comparable) -> Compared:
    match result:
        case Compared():
            return result
        case EvaluationTables():
            return Compared(result.case, result.use.allocation, _figures(result.summary()))
        case PlanTables():
            return Compared(result.case, result.allocation, _figures(result.summary()))
        case _:
            empty = pd.DataFrame(columns=[*ALLOCATION_KEYS, "amount"])
            return Compared(result.case, empty, {})


def _figures(summary: pd.Series) -> dict[str, object]:
    return {name: summary[name] for name in OUTCOMES}


def _money(found: Mapping[str, Compared], names: list[str]) -> pd.DataFrame:
    """Return public money by group, one column a result, with the total last."""
    totals = {
        result: _with_attributes(compared, names).groupby(names, sort=False, dropna=False)["amount"].sum()
        for result, compared in found.items()
    }
    money = pd.concat(totals, axis=1).astype(float)
    for result, compared in found.items():
        # what a result does not fund it funds with 0; a result that does not exist funds nothing that is known
        if "spend" in compared.figures:
            money[result] = money[result].fillna(0.0)
    money = money[(money.fillna(0.0) != 0).any(axis=1)]
    index = money.index if isinstance(money.index, pd.MultiIndex) else pd.MultiIndex.from_arrays([money.index])
    money.index = index.set_names(names)
    total = money.sum(min_count=1).to_frame().T
    total.index = pd.MultiIndex.from_tuples([(TOTAL, *[""] * (len(names) - 1))], names=names)
    whole: pd.DataFrame = pd.concat([money, total])
    return whole


def _with_attributes(compared: Compared, names: Sequence[str]) -> pd.DataFrame:
    frame, case = compared.allocation.copy(), compared.case
    for name in names:
        if name in ALLOCATION_KEYS:
            continue
        owner = next((table for table in ATTRIBUTE_TABLES if name in case.table(table)), None)
        if owner is None:
            known = dict.fromkeys(str(column) for table in ATTRIBUTE_TABLES for column in case.table(table))
            raise InputError(
                say(
                    "there is no column {column} to group by; there are {columns}",
                    column=name,
                    columns=", ".join(
                        [*ALLOCATION_KEYS, *(column for column in known if column not in ALLOCATION_KEYS)]
                    ),
                )
            )
        key = owner.removesuffix("s")
        frame[name] = frame[key].map(case.table(owner).set_index(key)[name])
    labels = list(names)
    frame[labels] = frame[labels].astype(object).where(frame[labels].notna(), "")
    return frame
