"""Headings and figure names of reports and printed tables, in words a planner uses."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from optimizer.data.case import CaseTables
from optimizer.data.money import currency_in, with_unit
from optimizer.data.names import display_names, title
from optimizer.data.rows import LINK_STAGE
from optimizer.language import Language, sentence, translate
from optimizer.plan.summary import STATUSES
from optimizer.plan.tables import TOTAL

if TYPE_CHECKING:
    from optimizer.plan.certificate import PlanCertificate

FIGURES = {
    "status": sentence("Status"),
    "objective": sentence("Objective (worth less penalties)"),
    "lp_objective": sentence("Optimum of the linear program"),
    "bound": sentence("Proven upper bound"),
    "gap": sentence("At most below the best possible"),
    "bound_by": sentence("Bound proven by"),
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
BOUNDS = {
    "optimum": sentence("the optimum of the linear program, without any overlap penalty"),
    "no penalty": sentence("the best plan if overlap cost nothing"),
    "envelope": sentence("the convex envelope of the overlap"),
    "branching": sentence("branching on who spends more"),
}
"""How a bound was proven -> in words; see :class:`optimizer.planning.outcome.BoundSource`."""
METHODS = {
    "fixed": sentence("fixed"),
    "sequential": sentence("sequential"),
    "exact": sentence("exact"),
}
"""Overlap method -> in words; see :class:`optimizer.options.OverlapMethod`."""
VALUES = {"status": STATUSES, "bound_by": BOUNDS, "method": METHODS}
"""Figure of the summary that is a word -> its words."""
UNENDING = "∞"
"""How a number without an end is written."""


UNLISTED = sentence("Smaller amounts would show as 0.0 and are not listed: {together} together ({count}).")


def amount(value: object, digits: int = 1) -> str:
    """Return a number as a planner reads it: thousands separated, a dash for none, ∞ where there is no end."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, float) and math.isinf(value):
        return UNENDING if value > 0 else f"-{UNENDING}"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{round(float(str(value)), digits) + 0.0:,.{digits}f}"  # + 0.0 removes a minus before zero


def money(value: object, currency: str, language: Language, digits: int = 1) -> str:
    """Return money of a case as a planner reads it, beside its currency."""
    return with_unit(amount(value, digits), currency_in(currency, language))


def shows(values: pd.Series, digits: int = 1) -> pd.Series:
    """Return whether each amount shows as more than nothing where it is written by :func:`amount`."""
    return values.map(lambda value: amount(float(value), digits) != amount(0.0, digits)).astype(bool)


def unlisted(left: pd.Series, currency: str, language: Language) -> list[str]:
    """Return a line that says what a list leaves out because it would show as nothing, so that its total holds.

    The total is of all amounts; what is small is told with a digit that it has. No line where there is none.
    """
    small = left[(left > 0) & ~shows(left)]
    if small.empty:
        return []
    together = with_unit(f"{float(small.sum()):.1g}", currency_in(currency, language))
    return [translate(UNLISTED, language, count=len(small), together=together)]


def heading_of(case: CaseTables, language: Language) -> str:
    """Return the name of a case with its currency, as the heading of a table of money."""
    between = "" if language == Language.KO else " "
    return f"{title(case, language)}{between}({currency_in(case.currency, language)})"


def percent(value: float, language: Language, digits: int = 1) -> str:
    """Return a number of hundredths; Korean writes the sign without a space."""
    return f"{value:,.{digits}f}{'' if language == Language.KO else ' '}%"


def figure(name: str, value: object, currency: str, language: Language) -> str:
    """Return one figure of the summary with its unit."""
    if value is None:
        return translate("not computed", language)
    if name in VALUES:
        return translate(VALUES[name].get(str(value), str(value)), language)
    if name in MONEY:
        return money(value, currency, language)
    if name == "gap":
        return percent(100 * float(str(value)), language, 2)
    return amount(value, 2) if isinstance(value, int | float) else str(value)


COLUMNS = {
    "funder": sentence("Funder"),
    "cluster": sentence("Cluster"),
    "partner": sentence("From"),
    "stage": sentence("Stage"),
    "field": sentence("Field"),
    "region": sentence("Region"),
    "province": sentence("Province"),
    "anchor": sentence("Leading institution"),
    "year": sentence("Year"),
    "rule": sentence("Rule"),
    "family": sentence("Kind of limit"),
    "cluster_a": sentence("Cluster A"),
    "cluster_b": sentence("Cluster B"),
    "funder_a": sentence("Funder A"),
    "funder_b": sentence("Funder B"),
    "between": sentence("Between"),
    "amount": sentence("Amount"),
    "amount_a": sentence("Amount A"),
    "amount_b": sentence("Amount B"),
    "baseline": sentence("Today"),
    "change": sentence("Change"),
    "similarity": sentence("Similarity"),
    "overlap": sentence("Overlap"),
    "penalty": sentence("Penalty"),
    "marginal_a": sentence("Penalty of one more unit at A"),
    "marginal_b": sentence("Penalty of one more unit at B"),
    "stop": sentence("Who should stop"),
    "stop_cost": sentence("Cost of stopping, at least"),
    "given": sentence("Given"),
    "used": sentence("Used"),
    "unused": sentence("Unused"),
    "limit": sentence("Limit"),
    "excess": sentence("Beyond the limit"),
    "counted": sentence("Counted"),
    "budget": sentence("Budget"),
    "carried_in": sentence("Carried in"),
    "carried_out": sentence("Carried over"),
    "spend": sentence("Spend"),
    "unspent": sentence("Unspent"),
    "reason": sentence("Reason"),
    "launches": sentence("Launches"),
    "activity": sentence("Activity today"),
    "location_quotient": sentence("Location quotient"),
    "location_quotient_of_plan": sentence("Location quotient of the plan"),
    "density": sentence("Closeness (relatedness density)"),
    "relatedness": sentence("Relatedness"),
    "related_stage": sentence("Closest strength: stage"),
    "related_field": sentence("Closest strength: field"),
    "has_site": sentence("Site in the case"),
    "krugman_today": sentence("Krugman index today"),
    "krugman_of_plan": sentence("Krugman index of the plan"),
    "herfindahl_today": sentence("Herfindahl index today"),
    "herfindahl_of_plan": sentence("Herfindahl index of the plan"),
    "hachman_today": sentence("Hachman index today"),
    "hachman_of_plan": sentence("Hachman index of the plan"),
    "specialized": sentence("Specialised"),
    "specialized_spend": sentence("Spend on specialised sites"),
    "share": sentence("Share"),
    "final_value": sentence("Value"),
    "shadow_price": sentence("Shadow price"),
    "rhs": sentence("Limit"),
    "slack": sentence("Slack"),
    "status": sentence("State"),
    "allowable_increase": sentence("Allowable increase"),
    "allowable_decrease": sentence("Allowable decrease"),
    "degenerate": sentence("Price not unique"),
    "shadow_price_low": sentence("Lowest price"),
    "shadow_price_high": sentence("Highest price"),
    "measure": sentence("Measure"),
    "scaled": sentence("By its size"),
    "ok": sentence("Kept"),
    "table": sentence("Table"),
    "column": sentence("Column"),
    "key": sentence("Key"),
    "default": sentence("Default"),
    "unit": sentence("Unit"),
    "refers_to": sentence("Names from"),
    "meaning": sentence("Meaning"),
    "figures": sentence("Figures"),
    "published": sentence("published"),
    "derived": sentence("derived"),
    "assumed": sentence("assumed"),
    "unstated": sentence("unstated"),
    "basis": sentence("Basis"),
    "source": sentence("Source"),
    "where": sentence("Where"),
    "metric": sentence("Measure"),
    "value": sentence("Value"),
    "grade": sentence("Grade"),
    "url": sentence("Address"),
    "note": sentence("Note"),
    "total": sentence("total"),
    "met": sentence("met"),
    "binding": sentence("binding"),
    "broken": sentence("broken"),
    "lacking": sentence("Lacking"),
    "price": sentence("Price per unit"),
    "between_clusters": sentence("Price of overlap between clusters"),
    "between_funders": sentence("Price of overlap between funders"),
    **{name: FIGURES[name] for name in ("worth", "rule_price", "overlap_penalty", "objective", "gap")},
    **{name: FIGURES[name] for name in ("overlap_clusters", "overlap_funders", "private")},
    "weighed_overlap": sentence("Discounted overlap that the penalty weighs"),
    "less_overlap": sentence("Overlap given up"),
    "less_worth": sentence("Worth given up"),
    "discounted_clusters": sentence("Discounted overlap between clusters"),
    "discounted_funders": sentence("Discounted overlap between funders"),
    "best_from": sentence("Best from this penalty"),
    "best_to": sentence("Best up to this penalty"),
    "distance": sentence("Distance from the straight line"),
    "knee": sentence("Recommended"),
    "budget_from": sentence("Budget from"),
    "budget_to": sentence("Budget up to"),
    "outcome_from": sentence("Optimum from"),
    "outcome_to": sentence("Optimum up to"),
    "outcome_gap": sentence("May lie above by"),
    "bend": sentence("What happens where it begins"),
    "latest": sentence("At the latest"),
    "begins": sentence("Has a price from here"),
    "price_before": sentence("Price before"),
    "price_after": sentence("Price after"),
    "lp_optimum": FIGURES["lp_objective"],
    "measure_worth": sentence("Worth less the price of broken rules"),
    "measure_overlap": sentence("Discounted overlap that the penalty weighs"),
    "measure_balance": sentence("Money of the region that gets least"),
    "measure_launches": sentence("Launches that count"),
    "measure_private": FIGURES["private"],
    "linear_overlap": sentence("Overlap by the ranking of the program"),
    "best_of": sentence("Best of all in"),
    "turn": sentence("Knee"),
    "largest_region_share": sentence("Share of the largest region"),
    "hoover": sentence("Hoover index of the regions"),
    "group": sentence("Money of"),
    "label": sentence("Name"),
    "plan": sentence("The plan"),
    "least": sentence("Least"),
    "greatest": sentence("Greatest"),
    "plan_share": sentence("Share in the plan"),
    "least_share": sentence("Least share"),
    "greatest_share": sentence("Greatest share"),
    "number": sentence("Number"),
    "verified": sentence("Feasible and within slack"),
    "loss": sentence("Share of the objective given up"),
    "moved": sentence("Money at other sites than in the plan"),
    "nearest": sentence("Money at other sites than in the most similar plan"),
    "violation": sentence("Largest relative violation"),
    "standing": sentence("In plans within slack"),
    "budget_share": sentence("Share of today's budget"),
    "weight": sentence("Weight"),
    "objective_free": sentence("Objective of the budget alone"),
    "stability_price": sentence("Price of stability"),
    "stability_share": sentence("Price of stability, share"),
    "spend_free": sentence("Spend, budget alone"),
    "launches_free": sentence("Launches, budget alone"),
    "rank": sentence("Rank"),
    "funded_from": sentence("Funded from this budget on"),
    "newly_funded": sentence("Funded for the first time"),
    "increment": sentence("Additional money"),
    "increment_share": sentence("Share of the additional money"),
    "money_so_far": sentence("Money so far"),
    "without": sentence("Objective without it"),
    "lost": sentence("Loss without it"),
    "loss_share": sentence("Share of the objective lost"),
    "loss_least": sentence("Loss, at least"),
    "loss_most": sentence("Loss, at most"),
    "launches_lost": sentence("Launches lost"),
    "gain": sentence("Gain without it"),
    "gain_share": sentence("Gain, share of the objective"),
    "gain_least": sentence("Gain, at least"),
    "gain_most": sentence("Gain, at most"),
    "launches_gained": sentence("Launches gained"),
    "certain": sentence("Certain"),
    "money_in_plan": sentence("Money in the plan"),
    "attained": sentence("Attained"),
    "target": sentence("Target"),
    "state": sentence("State"),
    "scenario": sentence("Future"),
    "probability": sentence("Probability"),
    "outcome": sentence("Outcome"),
    "lapsed": sentence("Committed but lapsed"),
    "commitment": sentence("Commitment made"),
    "committed": sentence("Public money committed"),
    "mean": sentence("Mean outcome"),
    "interval": sentence("Interval"),
    "mean_low": sentence("Mean, at least"),
    "mean_high": sentence("Mean, at most"),
    "mean_regret": sentence("Mean regret"),
    "max_regret": sentence("Largest regret"),
    "worst_scenario": sentence("Where that is"),
    "infeasible": sentence("Futures without a plan"),
    "best": sentence("Best known"),
    "worst": sentence("Worst outcome"),
    "best_outcome": sentence("Best outcome"),
    "regret": sentence("Regret"),
    "value_at_risk": sentence("Value at risk"),
    "conditional_value_at_risk": sentence("Conditional value at risk"),
    "deviation": sentence("Standard deviation"),
    "figure": sentence("Figure of the case"),
    "row": sentence("Limit in words"),
    "sense": sentence("Sense"),
    "now": sentence("Now"),
    "needed": sentence("Needed"),
    "money": sentence("Size in money"),
    "origin": sentence("Origin"),
    "destination": sentence("Destination"),
    "tranche": sentence("Tranche"),
    "point": sentence("Point"),
    "plan_status": FIGURES["status"],
    "seconds": FIGURES["seconds"],
    **{name: FIGURES[name] for name in ("lp_objective", "bound", "bound_by", "worth_launches", "worth_pipeline")},
    "parameter": sentence("Parameter"),
    "other": sentence("Other parameter"),
    "moves": sentence("What it moves"),
    "low": sentence("Low value"),
    "high": sentence("High value"),
    "at_low": sentence("Figure at the low value"),
    "at_high": sentence("Figure at the high value"),
    "change_low": sentence("Change at the low value"),
    "change_high": sentence("Change at the high value"),
    "swing": sentence("Swing"),
    "mu": sentence("Mean effect (mu)"),
    "mu_star": sentence("Mean size of the effect (mu*)"),
    "sigma": sentence("Spread of the effect (sigma)"),
    "mu_star_conf": sentence("Half of mu*'s 95 % interval"),
    "S1": sentence("Share of the variance alone (S1)"),
    "S1_conf": sentence("Half of S1's 95 % interval"),
    "ST": sentence("Share with all others (ST)"),
    "ST_conf": sentence("Half of ST's 95 % interval"),
    "S2": sentence("Share of the pair together (S2)"),
    "S2_conf": sentence("Half of S2's 95 % interval"),
    "future": sentence("Future"),
    "best_by": sentence("Attained by"),
    "relative": sentence("Regret as a share of the best"),
    "cut": sentence("Cut to fit the budgets"),
    "broken_limits": sentence("Limits broken"),
    "expected_outcome": sentence("Expected outcome"),
    "worst_outcome": sentence("Worst outcome"),
    "hurwicz": sentence("Between worst and best outcome (Hurwicz)"),
    "expected_regret": sentence("Expected regret"),
    "largest_regret": sentence("Largest regret"),
    "worst_future": sentence("Future of the largest regret"),
    "largest_relative": sentence("Largest regret as a share of the best"),
    "share_within": sentence("Probability of staying near the best"),
    "count_within": sentence("Futures near the best"),
    "futures": sentence("Futures that count"),
    "breaks": sentence("Futures with broken limits"),
    "minimax_regret": sentence("Least largest regret"),
    "least_expected_regret": sentence("Least expected regret"),
    "maximin": sentence("Greatest worst outcome"),
    "hurwicz_best": sentence("Best by Hurwicz"),
    "quantity": sentence("Figure drawn"),
    "kind": sentence("Kind"),
    "trials": sentence("Trials"),
    "drawn_mean": sentence("Mean drawn"),
    "drawn_deviation": sentence("Deviation drawn"),
    "drawn_low": sentence("5th percentile drawn"),
    "drawn_high": sentence("95th percentile drawn"),
}
"""Column of a table -> its heading in words."""

YES, NO = sentence("yes"), sentence("no")


def certificate_table(certificate: PlanCertificate, language: Language) -> pd.DataFrame:
    """Return the measures of a certificate in words, figures in short scientific notation."""
    table = certificate.table
    for column in ("value", "scaled", "limit"):
        table[column] = [f"{value:.1e}" if math.isfinite(value) else amount(value) for value in table[column]]
    table["measure"] = [certificate.words(name, language) for name in table["measure"]]
    table["ok"] = [translate(YES if kept else NO, language) for kept in table["ok"]]
    return table.rename(columns={name: translate(COLUMNS[name], language) for name in table.columns})


VOCABULARIES = {
    "between": (sentence("clusters"), sentence("funders")),
    "status": (sentence("binding"), sentence("not binding")),
    "basis": (sentence("published"), sentence("derived"), sentence("assumed")),
    "counted": (sentence("as given"), sentence("as used"), sentence("physical")),
    "family": (
        *(sentence("budget"), sentence("carry_over"), sentence("rules"), sentence("specialization")),
        *(sentence("demand"), sentence("private_cap"), sentence("capacity"), sentence("backlog"), sentence("money")),
        *(
            sentence("crowd_in"),
            sentence("handoff"),
            sentence("link_capacity"),
            sentence("link_money"),
            sentence("market"),
        ),
        *(sentence("expansion_limit"), sentence("link_expansion_limit")),
        *(sentence("mandate"), sentence("minimum"), sentence("max_niches")),
    ),
    "sense": (sentence("at_least"), sentence("at_most")),
    "unit": (
        sentence("projects"),
        sentence("launches"),
        sentence("projects/year"),
        sentence("share"),
        sentence("niches"),
    ),
    "default": (sentence("required"), sentence("unlimited"), sentence("nothing")),
}
"""Column with a closed vocabulary -> its words, which are shown in the reader's language."""


SAME_KEYS = {
    **dict.fromkeys(("origin", "destination", "partner"), "cluster"),
    **dict.fromkeys(("future", "worst_future", "worst_scenario", "point"), "scenario"),
}
"""Columns whose keys are those of another one."""


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
        self.language = language
        self._names = display_names(case, language)
        self._names["stage"][LINK_STAGE] = translate("link", language)
        self._total = translate("total", language)

    def heading(self, column: str) -> str:
        """Return the heading of a column in words; the key itself where it has none."""
        return translate(COLUMNS.get(column, column), self.language)

    def named(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame with display names for keys, words for closed vocabularies, and headings in words."""
        shown = frame.copy()
        for column in frame.columns:
            dimension = str(column).removesuffix("_a").removesuffix("_b").removeprefix("related_")
            dimension = SAME_KEYS.get(dimension, dimension)
            if dimension in self._names:
                shown[column] = self.of(dimension, frame[column])
            elif column in VOCABULARIES:
                shown[column] = [translate(str(cell), self.language) for cell in frame[column]]
            elif pd.api.types.is_bool_dtype(frame[column]):
                shown[column] = [translate(YES if cell else NO, self.language) for cell in frame[column]]
        return shown.rename(columns={column: self.heading(str(column)) for column in frame.columns})

    def of(self, dimension: str, keys: Iterable[object]) -> list[str]:
        """Return the names of keys of a dimension; keys without a name, such as years, as they are."""
        names = self._names.get(dimension, {})
        return [
            self._total if key == TOTAL else "" if _is_blank(key) else names.get(str(key), str(key)) for key in keys
        ]


def _is_blank(key: object) -> bool:
    return key is None or (isinstance(key, float) and math.isnan(key))
