"""Plans in whole units of money, and the budget documents made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from optimizer.analysis.rounding import DIMENSIONS, RoundedTables, round_plan
from optimizer.arguments import checked, checked_methods
from optimizer.data.money import MoneyUnit, money_unit
from optimizer.data.whole import write_whole_file
from optimizer.export.documents import write_docx, write_hwpx
from optimizer.language import Language
from optimizer.options import spoken
from optimizer.plan.plan import PlanTables


@checked_methods
class Rounded(RoundedTables):
    """A plan in whole units of money, made by :func:`rounded`: tables that add up, and what the rounding costs."""

    def to_docx(self, path: str | Path, language: Language | str | None = None) -> Path:
        """Write the budget document for Word (and any program that reads ``.docx``).

        Raises
        ------
        InputError
            If python-docx is not installed.
        """
        chosen, target = spoken(language), Path(path)
        write_whole_file(target, lambda beside: write_docx(self, beside, chosen))
        return target

    def to_hwpx(self, path: str | Path, language: Language | str = Language.KO) -> Path:
        """Write the budget document for Hangul, as HWPX (KS X 6101).

        Raises
        ------
        InputError
            If python-hwpx is not installed.
        """
        chosen, target = spoken(language), Path(path)
        write_whole_file(target, lambda beside: write_hwpx(self, beside, chosen))
        return target


@checked
def rounded(
    plan: PlanTables,
    unit: str | MoneyUnit | None = None,
    *,
    decimals: int | None = None,
    by: Sequence[str] = DIMENSIONS,
) -> Rounded:
    """Return a plan in whole units of money, so that every row, column and total still adds up.

    Parameters
    ----------
    plan
        The plan.
    unit
        ``억원``, ``조원``, ``백만원``, ``KRW million`` and so on where the case counts in won, else a
        :class:`MoneyUnit`; where left out, millions of won, or the case's own currency.
    decimals
        Decimals; by default 2 of ``조원``, 1 of the case's own currency, and else none.
    by
        What the rounded cells go by, some of ``funder, cluster, stage, field, year``. Fewer labels make larger cells,
        of which rounding loses less; tables go by these labels only.

    Returns
    -------
    Rounded
        ``.table("funder", "year")`` and any other two labels, ``.allocation``, ``.loss`` (objective that the rounding
        costs), ``.warning`` (said where that is more than 1 % of the plan's, with the decimals that would lose less),
        ``.evaluation``, ``.rounding`` (how far cells and totals moved), ``.to_docx(path)``, ``.to_hwpx(path)``.

    Raises
    ------
    InputError
        If the unit is not known or so coarse that nothing is left, or cells cannot go by a label.
    SolveError
        If no rounding is found.

    Examples
    --------
    >>> import optimizer as vc
    >>> plan = vc.load_case("inputs/tutorial").solve()
    >>> tables = vc.rounded(plan, "억원")
    >>> int(tables.table("funder", "year").loc["total", "total"]), int(tables.table("cluster")["total"]["total"])
    (13818, 13818)
    """
    found = round_plan(plan, money_unit(plan.case.currency, unit, decimals), by)
    return Rounded(**{field.name: getattr(found, field.name) for field in fields(found)})
