"""What a planner can turn while the plan follows: five figures of a case and its rules, as changes of the case."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from decimal import Decimal

from optimizer.data.case import CaseTables
from optimizer.data.changes import Change, Operation
from optimizer.errors import InputError
from optimizer.language import say

KEYS = {
    "between_clusters": "overlap.between_clusters",
    "between_funders": "overlap.between_funders",
    "min_share": "specialization.min_share",
    "discount_rate": "case.discount_rate",
}
"""Dial -> the setting of ``case.toml`` it turns; the dial ``budget`` multiplies every amount of ``budget.csv``."""
PERCENT = 100
LARGEST = 1e6
"""Factors and prices beyond are slips."""
RESERVED = frozenset(";|")
"""Signs that mean something in the filter of a change; a rule with one in its name cannot be named there."""


@dataclass(frozen=True)
class Settings:
    """Where all dials stand.

    Attributes
    ----------
    budget
        Factor of every budget.
    between_clusters, between_funders
        Price per unit of money of the overlap between clusters and between funders.
    min_share
        Least share of each cluster's yearly public money for what it is specialised in, 0 to 1.
    discount_rate
        Discount per year, as a share.
    rules
        Rules that hold, of those a dial can switch, in the order of the case.
    """

    budget: float
    between_clusters: float
    between_funders: float
    min_share: float
    discount_rate: float
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Dial:
    """A figure that can be turned, and how far.

    Attributes
    ----------
    name
        Attribute of :class:`Settings`.
    start
        Where the case itself stands.
    low, high, step
        Ends and step as shown, that is times ``scale``; the start is one of the steps.
    scale
        100 for what is shown in percent, else 1.
    """

    name: str
    start: float
    low: float
    high: float
    step: float
    scale: float

    def shown(self, value: float) -> float:
        """Return a value as it is shown."""
        return round(value * self.scale, 10)

    def value(self, shown: float) -> float:
        """Return the value that is shown as a number; exactly the case's own where that is shown."""
        return self.start if shown == self.shown(self.start) else round(shown / self.scale, 12)


def switchable_rules(case: CaseTables) -> dict[str, bool]:
    """Return the rules that can be switched -> whether they hold in the case.

    A rule with ``;`` or ``|`` in its name is none of them: no filter can name it.
    """
    rules = case.table("rules")
    return {
        str(rule): bool(holds)
        for rule, holds in zip(rules["rule"], rules["enabled"], strict=True)
        if not RESERVED & set(str(rule))
    }


def settings_of(case: CaseTables) -> Settings:
    """Return where the dials stand in a case as it is."""
    overlap = case.settings.overlap
    return Settings(
        budget=1.0,
        between_clusters=overlap.between_clusters,
        between_funders=overlap.between_funders,
        min_share=case.settings.specialization.min_share,
        discount_rate=case.settings.case.discount_rate,
        rules=tuple(rule for rule, holds in switchable_rules(case).items() if holds),
    )


def dials_of(case: CaseTables) -> tuple[Dial, ...]:
    """Return the dials of a case: each with ends around where the case stands, and steps that lead back there."""
    start = settings_of(case)
    return (
        _dial("budget", start.budget, (0.5, 1.5), PERCENT),
        _dial("between_clusters", start.between_clusters, (0.0, 1.0), 1),
        _dial("between_funders", start.between_funders, (0.0, 1.0), 1),
        _dial("min_share", start.min_share, (0.0, 1.0), PERCENT),
        _dial("discount_rate", start.discount_rate, (0.0, 0.15), PERCENT),
    )


STEPS = {"budget": 1.0, "between_clusters": 0.01, "between_funders": 0.01, "min_share": 1.0, "discount_rate": 0.5}
"""Dial -> its step as shown."""


def _dial(name: str, start: float, ends: tuple[float, float], scale: float) -> Dial:
    step, shown = Decimal(str(STEPS[name])), Decimal(repr(round(start * scale, 10)))
    if shown % step:  # a finer step, that the case's own figure is one of
        step = min(step, Decimal(1).scaleb(int(shown.as_tuple().exponent)))
    least, most = ends[0] * scale, ends[1] * scale
    if shown > most:
        most = float(math.ceil(2 * shown))
    return Dial(name, start, least, most, float(step), scale)


def changed(settings: Settings, case: CaseTables, **turned: float | bool) -> Settings:
    """Return settings with dials turned by name, and rules switched by theirs.

    Raises
    ------
    InputError
        If there is no such dial or rule, or a figure is none.
    """
    switches = {rule: rule in settings.rules for rule in switchable_rules(case)}
    figures: dict[str, float] = {}
    for name, value in turned.items():
        if name in switches:
            if not isinstance(value, bool):
                raise InputError(
                    say("rule {name} is switched by True or False, not by {value}.", name=repr(name), value=repr(value))
                )
            switches[name] = value
        elif name == "budget" or name in KEYS:
            figures[name] = _within(name, value)
        else:
            able = ", ".join(["budget", *KEYS, *switches])
            raise InputError(say("there is nothing called '{name}' to turn; there are {known}.", name=name, known=able))
    return replace(settings, rules=tuple(rule for rule, holds in switches.items() if holds), **figures)


def _within(name: str, value: float) -> float:
    """Return a figure that a dial can be turned to; the largest ones are those that cases may have at all."""
    most = 1.0 if name == "min_share" else LARGEST
    if isinstance(value, bool) or not 0 <= value <= most:
        raise InputError(
            say(
                "{name} cannot be turned to {value}; give a number from 0 to {most}.",
                name=name,
                value=value,
                most=f"{most:g}",
            )
        )
    return float(value)


def changes_to(case: CaseTables, settings: Settings) -> tuple[Change, ...]:
    """Return the changes that make a case one in which the dials stand as ``settings`` say; none where they do."""
    now = settings_of(case)
    found = []
    if settings.budget != now.budget:
        found.append(Change("budget", "amount", Operation.MULTIPLY, settings.budget))
    found += [
        Change("case", key, Operation.SET, getattr(settings, name))
        for name, key in KEYS.items()
        if getattr(settings, name) != getattr(now, name)
    ]
    found += [
        Change("rules", "enabled", Operation.SET, "true" if rule in settings.rules else "false", f"rule={rule}")
        for rule, holds in switchable_rules(case).items()
        if holds != (rule in settings.rules)
    ]
    return tuple(found)


def as_code(changes: tuple[Change, ...]) -> str:
    """Return Python code that makes the changes of ``case``."""
    if not changes:
        return "case"
    lines = []
    for change in changes:
        given = {"column": change.column, "operation": change.operation.value, "value": change.value}
        given |= {"where": change.where} if change.where else {}
        # a text of JSON is one of Python, too
        told = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in given.items())
        lines.append(f"    vc.Change({json.dumps(change.table)}, {told}),")
    return "\n".join(["case.change(", *lines, ")"])
