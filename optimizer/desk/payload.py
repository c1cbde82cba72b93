"""What the panel shows, as plain data in a language: every text is made here, and none in the browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from optimizer.analysis.dials import Dial, Settings, as_code, changes_to, dials_of, settings_of, switchable_rules
from optimizer.analysis.exploring import Failure, Look, State
from optimizer.data.case import CaseTables
from optimizer.data.money import currency_in
from optimizer.data.names import display_names, notes_of_rules, title
from optimizer.export.words import FIGURES, amount, figure
from optimizer.language import Language, sentence, translate
from optimizer.plan.plan import PlanTables

SHOWN = ("objective", "launches", "spend", "private", "overlap_clusters", "overlap_funders", "gap")
"""The figures of a plan that are shown, each beside its difference to the pinned plan."""
LABELS = {
    "budget": sentence("Total budget"),
    "between_clusters": sentence("Overlap penalty between clusters"),
    "between_funders": sentence("Overlap penalty between funders"),
    "min_share": sentence("Specialisation share"),
    "discount_rate": sentence("Discount rate"),
}
HINTS = {
    "budget": sentence("all funders and years; 100 % is the case as it is"),
    "between_clusters": sentence("cost of each unit of money that two clusters spend on the same work"),
    "between_funders": sentence("cost of each unit of money with which two funders meet at one site"),
    "min_share": sentence("least share of a cluster's yearly money for what it is strong in"),
    "discount_rate": sentence("how much less a year's delay is worth"),
}
PER_YEAR = sentence("% a year")
WORDS = {
    "heading": sentence("Explore the plan"),
    "settings": sentence("Settings"),
    "rules": sentence("Rules"),
    "no_rules": sentence("The case has no rules to switch."),
    "numbers": sentence("Numbers"),
    "figure": sentence("Figure"),
    "value": sentence("This plan"),
    "change": sentence("Difference to the pinned plan"),
    "pin": sentence("Pin this plan"),
    "reset": sentence("Reset"),
    "workbook": sentence("Save workbook"),
    "run": sentence("Save run folder"),
    "case": sentence("Save changed case"),
    "code": sentence("These settings as Python code"),
    "copy": sentence("Copy"),
    "copied": sentence("Copied."),
    "picture": sentence("Picture"),
    "stale": sentence("belongs to earlier settings"),
    "planning": sentence("Planning"),
    "start": sentence("in the case"),
}
"""Texts that stand in the panel."""
VIEWS = {
    "allocation": sentence("Allocation"),
    "difference": sentence("Difference to the pinned plan"),
    "flow": sentence("Money flow"),
    "overlap": sentence("Overlap"),
}
"""Pictures to choose from -> their names."""
FIRST_LOOK = sentence("First look, by one linear program; the full plan is on its way.")
PLANNING = sentence("Planning …")
EARLIER = sentence("Planning these settings … The numbers belong to earlier ones.")
NO_PLAN = sentence("There is no plan at these settings. The numbers are those of the last plan.")
NO_PLAN_YET = sentence("There is no plan at these settings.")
SETTLED = sentence("This is the plan of these settings.")
STOPPED = sentence("Not planned. Turn a dial to plan again.")
WITHIN_GAP = sentence(
    "The objectives differ by less than what is proven of the two plans, so there may be no difference."
)
OTHER_YARDSTICK = sentence(
    "Overlap penalty or discount rate differ from those of the pinned plan, and with them what the objective "
    "measures; compare launches and money."
)
POINTS = sentence("{change} % points")
"""A difference between percentages."""


def positions(case: CaseTables, settings: Settings) -> dict[str, Any]:
    """Return where dials and switches stand, as they are shown."""
    return {
        "dials": {dial.name: dial.shown(getattr(settings, dial.name)) for dial in dials_of(case)},
        "rules": {rule: rule in settings.rules for rule in switchable_rules(case)},
    }


def settings_at(case: CaseTables, shown: Mapping[str, Any]) -> Settings:
    """Return the settings that dials and switches show; the inverse of :func:`positions`."""
    figures = {dial.name: dial.value(float(shown["dials"][dial.name])) for dial in dials_of(case)}
    rules = tuple(rule for rule in switchable_rules(case) if shown["rules"][rule])
    return replace(settings_of(case), rules=rules, **figures)


def controls(case: CaseTables, language: Language) -> dict[str, Any]:
    """Return what stays as it is: dials, switches and texts."""
    names, notes = display_names(case, language).get("rule", {}), notes_of_rules(case, language)
    return {
        "language": language.value,
        "title": title(case, language),
        "dials": [_dial(case, dial, language) for dial in dials_of(case)],
        "rules": [
            {"name": rule, "label": names.get(rule, rule), "note": notes[rule]} for rule in switchable_rules(case)
        ],
        "words": {name: translate(text, language) for name, text in WORDS.items()},
        "views": [{"name": name, "label": translate(text, language)} for name, text in VIEWS.items()],
    }


def _dial(case: CaseTables, dial: Dial, language: Language) -> dict[str, Any]:
    unit = {"budget": "%", "min_share": "%", "discount_rate": translate(PER_YEAR, language)}.get(dial.name, "")
    places = max(len(f"{dial.step:.10f}".rstrip("0").partition(".")[2]), 0)
    total = None
    if dial.name == "budget":
        budget = case.table("budget")
        total = float(budget.loc[budget["year"].isin(case.years), "amount"].sum())
    return {
        "name": dial.name,
        "label": translate(LABELS[dial.name], language),
        "hint": translate(HINTS[dial.name], language),
        "unit": unit,
        "low": dial.low,
        "high": dial.high,
        "step": dial.step,
        "start": dial.shown(dial.start),
        "places": places,
        "money": total,
        "currency": currency_in(case.currency, language),
    }


def shown_state(case: CaseTables, state: State, language: Language) -> dict[str, Any]:
    """Return what changes: the numbers, the settings they belong to, and what is going on."""
    look, pinned = state.look, state.pinned
    return {
        "serial": state.serial,
        "for": positions(case, look.settings) if look else None,
        "rows": numbers(look.plan, pinned.plan if pinned else None, language) if look else [],
        "notes": [translate(note, language) for note in notes(look, pinned)] if look and pinned else [],
        "first": bool(look and look.first),
        "busy": state.busy,
        "seconds": state.progress.seconds if state.progress else 0.0,
        "expected": state.expected,
        "status": translate(status(state), language),
        "failure": _failure(state.failure, language) if state.failure else None,
        "settled": state.is_settled,
        "code": as_code(changes_to(case, state.asked)),
    }


def status(state: State) -> str:
    """Return in a sentence what is going on."""
    if state.failure:
        return NO_PLAN if state.look else NO_PLAN_YET
    if state.busy:
        return PLANNING if state.look is None else FIRST_LOOK if state.is_current else EARLIER
    return SETTLED if state.is_settled else STOPPED


def numbers(plan: PlanTables, pinned: PlanTables | None, language: Language) -> list[dict[str, str]]:
    """Return the figures of a plan, each with its unit and its difference to the pinned plan."""
    now, before = plan.summary(), None if pinned is None else pinned.summary()
    unit = plan.case.currency
    return [
        {
            "name": name,
            "label": translate(FIGURES[name], language),
            "value": figure(name, now[name], unit, language),
            "change": "" if before is None else _difference(name, now[name], before[name], language),
        }
        for name in SHOWN
    ]


def _difference(name: str, now: float | None, before: float | None, language: Language) -> str:
    """Return a difference with its sign; a dash where one of the two is missing."""
    if now is None or before is None:
        return amount(None)
    if name == "gap":
        return translate(POINTS, language, change=_signed(100 * (now - before), 2))
    return _signed(now - before, 2 if name == "launches" else 1)


def _signed(value: float, digits: int) -> str:
    nothing = round(value, digits) == 0
    return "0" if nothing else f"{'+' if value > 0 else ''}{amount(value, digits)}".replace("-", "−")


def notes(look: Look, pinned: Look) -> list[str]:
    """Return what to know before relying on a difference."""
    if look is pinned:
        return []
    found = []
    yardsticks = ("between_clusters", "between_funders", "discount_rate")
    if any(getattr(look.settings, name) != getattr(pinned.settings, name) for name in yardsticks):
        found.append(OTHER_YARDSTICK)
    one, other = look.plan.summary(), pinned.plan.summary()
    bounds = [plan["bound"] for plan in (one, other)]
    if None not in bounds:
        unsure = max(plan["bound"] - plan["objective"] for plan in (one, other))
        if 0 < abs(one["objective"] - other["objective"]) < unsure:
            found.append(WITHIN_GAP)
    return found


def _failure(failure: Failure, language: Language) -> dict[str, Any]:
    told = failure.explanation.text(language).splitlines() if failure.explanation else []
    return {"problem": failure.problem.text(language), "lines": [line for line in told if line.strip()]}
