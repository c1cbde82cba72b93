"""Headings and figure names of reports and printed tables, in words a planner uses."""

from __future__ import annotations

import math
from collections.abc import Iterable

from optimizer.data.case import CaseTables
from optimizer.language import sentence, translate
from optimizer.options import Language

FIGURES = {
    "status": sentence("Status"),
    "objective": sentence("Objective (worth less penalties)"),
    "lp_objective": sentence("Optimum of the linear program"),
    "bound": sentence("Proven upper bound"),
    "gap": sentence("At most below the best possible"),
    "worth": sentence("Worth of launches and pipeline"),
    "worth_launches": sentence("Worth of launches"),
    "worth_pipeline": sentence("Worth of what is still in the pipeline"),
    "overlap_penalty": sentence("Overlap penalty"),
    "rule_price": sentence("Price of broken rules"),
    "overlap_clusters": sentence("Overlap between clusters"),
    "overlap_funders": sentence("Overlap between funders"),
    "spend": sentence("Public money spent"),
    "private": sentence("Private money"),
    "launches": sentence("Launches"),
    "method": sentence("Overlap method"),
    "engine": sentence("Engine"),
    "seconds": sentence("Seconds"),
    "columns": sentence("Variables"),
    "rows": sentence("Constraints"),
    "nonzeros": sentence("Nonzeros"),
}
"""Figure of the summary -> its name in words."""

MONEY = frozenset(
    {
        *("objective", "lp_objective", "bound", "worth", "worth_launches", "worth_pipeline", "overlap_penalty"),
        *("rule_price", "overlap_clusters", "overlap_funders", "spend", "private"),
    }
)
STATUSES = {
    "optimal": sentence("optimal"),
    "infeasible": sentence("infeasible"),
    "unbounded": sentence("unbounded"),
    "limit": sentence("stopped by a limit"),
    "error": sentence("engine failure"),
}


def amount(value: object, digits: int = 1) -> str:
    """Return a number as a planner reads it: thousands separated, a dash where there is none."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    return f"{float(str(value)):,.{digits}f}" if not isinstance(value, int) else f"{value:,}"


def figure(name: str, value: object, currency: str, language: Language) -> str:
    """Return one figure of the summary with its unit."""
    if value is None:
        return translate("not computed", language)
    if name == "status":
        return translate(STATUSES[str(value)], language)
    if name in MONEY:
        return f"{amount(value)} {currency}"
    if name == "gap":
        return f"{100 * float(str(value)):.2f} %"
    return amount(value, 2) if isinstance(value, int | float) else str(value)


class Names:
    """Display names of the keys of a case: its own English or Korean names, else the keys.

    Parameters
    ----------
    case
        The case.
    language
        Which names to use.
    """

    def __init__(self, case: CaseTables, language: Language) -> None:
        column = "name_ko" if language == Language.KO else "name"
        self._names: dict[str, dict[str, str]] = {}
        for table in ("clusters", "stages", "fields"):
            frame = case.table(table)
            key = table.removesuffix("s")
            self._names[key] = {
                code: name or code for code, name in zip(frame[key], frame.get(column, frame[key]), strict=True)
            }
        self._names["stage"]["link"] = translate("link", language)
        self._total = translate("total", language)

    def of(self, dimension: str, keys: Iterable[object]) -> list[str]:
        """Return the names of keys of a dimension; keys without a name, such as years, as they are."""
        names = self._names.get(dimension, {})
        return [self._total if key == "total" else names.get(str(key), str(key)) for key in keys]
