"""A conflict in words and amounts, in the planner's language.

Korean sentences name things before a colon or in brackets, where no particle depends on the last syllable.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from optimizer.data.case import CaseTables
from optimizer.data.filters import parse_filter
from optimizer.data.money import currency_in, with_unit
from optimizer.data.names import display_names, title
from optimizer.language import Language, sentence, translate
from optimizer.plan.explain_figures import MONEY, SHARE_UNIT, Figure
from optimizer.plan.explain_growth import Growth

NAMES = {
    "rules": sentence("rule '{rule}'{labels}"),
    "specialization": sentence("least share for strengths ({labels})"),
    "minimum": sentence("least spend ({labels})"),
    "max_niches": sentence("most niches ({labels})"),
    "carry_over": sentence("money carried over ({labels})"),
    "budget": sentence("budget ({labels})"),
    "private_cap": sentence("cap on private money ({labels})"),
    "capacity": sentence("capacity ({labels})"),
    "expansion_limit": sentence("limit of expansion ({labels})"),
    "link_capacity": sentence("capacity of the link ({labels})"),
    "link_expansion_limit": sentence("limit of expansion of the link ({labels})"),
}
"""Family -> how one of its limits is called."""
MANY = 4
"""Limits of one family from which on they are told together."""
SHOWN = 6
"""Most labels, changes or sites a sentence lists."""


class Words:
    """Sentences about the limits of a case.

    Parameters
    ----------
    case
        The case, for names and currency.
    language
        Language of the sentences, and of names where the case has them.
    """

    def __init__(self, case: CaseTables, language: Language) -> None:
        self._case = case
        self._language = language
        self._names = display_names(case, language)
        self._currency = currency_in(case.currency, language)

    def name(self, figure: Figure) -> str:
        """Return what a limit is called."""
        labels = {name: label for name, label in figure.labels.items() if name not in ("rule", "tranche")}
        told = self._labels(labels)
        if figure.family == "rules":
            rule = self._named("rule", figure.labels["rule"])
            return self._say(NAMES["rules"], rule=rule, labels=f" ({told})" if told else "")
        return self._say(NAMES[figure.family], labels=told)

    def conflict(
        self, figures: Sequence[Figure], changes: Sequence[Figure], choices: Sequence[Figure], *, irreducible: bool
    ) -> str:
        """Return the conflict, the smallest change and the choices, a line each."""
        lines = [self._heading(len(figures), irreducible=irreducible)]
        lines += [f"  - {line}" for line in self._members(figures)]
        if changes:
            total = sum(figure.money for figure in changes)
            heading = translate(
                "Smallest change that gives the case a plan ({money} {currency}):",
                self._language,
                money=_shown(total, total),
                currency=self._currency,
            )
            lines += [heading, *(f"  - {line}" for line in self._listed([self.change(one) for one in changes]))]
        others = [one for one in choices if [_key(one)] != [_key(change) for change in changes]]
        if others:
            heading = translate("Each of these changes alone would do as well:", self._language)
            lines += [heading, *(f"  - {line}" for line in self._listed([self._valued(one) for one in others]))]
        elif changes and not choices:
            lines.append(
                translate(
                    "No single one of these limits would do alone: further limits of the case are in conflict.",
                    self._language,
                )
            )
        return "\n".join(lines)

    def change(self, figure: Figure) -> str:
        """Return what is to be changed, from what to what."""
        now, needed = self._amounts(figure)
        text = (
            sentence("lower {limit} from {now} to {needed}")
            if figure.change < 0
            else sentence("raise {limit} from {now} to {needed}")
        )
        return self._say(text, limit=self.name(figure), now=now, needed=needed)

    def growth(self, growth: Growth) -> str:
        """Return what grows without end."""
        places = self._listed_inline([self._labels(dict(zip(SITE, site, strict=True))) for site in growth.sites])
        fields = self._listed_inline([self._labels({"field": field}) for field in growth.fields])
        if not growth.launches:
            text = sentence(
                "The objective grows without end: starts cost nothing and no capacity limits them ({places}), and each "
                "of them adds to the worth of the pipeline after the last year. Give the stage a cost or its sites a "
                "capacity."
            )
        elif growth.saturated:
            text = sentence(
                "The objective grows without end: starts cost nothing and no capacity limits them ({places}), and "
                "launches beyond the demand ({fields}) are still worth something. Give the stage a cost or its sites a "
                "capacity."
            )
        else:
            text = sentence(
                "The objective grows without end: starts cost nothing and no capacity limits them ({places}), and no "
                "demand limits the launches ({fields}). Give the stage a cost, its sites a capacity or the field a "
                "demand."
            )
        return self._say(text, places=places, fields=fields)

    def no_conflict(self) -> str:
        """Return that there is nothing to explain."""
        return translate(
            "Case {case}: every limit can hold together with the others, and the objective has an end; solve it.",
            self._language,
            case=title(self._case, self._language),
        )

    def borderline(self) -> str:
        """Return that engine and search do not agree."""
        return translate(
            "Case {case}: the engine finds no plan, yet the limits can hold together to within rounding: they leave no "
            "room. Loosen floors and shares a little, or try another algorithm.",
            self._language,
            case=title(self._case, self._language),
        )

    def stopped(self) -> str:
        """Return that the time ran out."""
        return translate(
            "Case {case}: the time ran out before the limits in conflict were found. Allow more time.",
            self._language,
            case=title(self._case, self._language),
        )

    def _heading(self, count: int, *, irreducible: bool) -> str:
        if count == 1:
            return translate("One limit cannot be met, whatever is done about the others:", self._language)
        if irreducible:
            return translate(
                "These {count} limits cannot hold together; any one given up, the others can:",
                self._language,
                count=count,
            )
        return translate(
            "These {count} limits cannot hold together (the time ran out before it was known if fewer of them can):",
            self._language,
            count=count,
        )

    def _members(self, figures: Sequence[Figure]) -> list[str]:
        """Return a line for each limit in conflict, or for many of one family together."""
        lines: list[str] = []
        for family in dict.fromkeys(figure.family for figure in figures):
            own = [figure for figure in figures if figure.family == family]
            if len(own) >= MANY and family != "rules":
                lines.append(self._together(family, own))
            else:
                lines += [self._member(figure, figures) for figure in own]
        return lines

    def _member(self, figure: Figure, figures: Sequence[Figure]) -> str:
        now, needed = self._amounts(figure)
        values = {"limit": self.name(figure), "now": now, "needed": needed}
        if figure.change == 0:
            at_least, at_most = sentence("{limit}: at least {now}"), sentence("{limit}: at most {now}")
            return self._say(at_least if figure.floor else at_most, **values)
        if not figure.floor:
            return translate("{limit} is {now}, but the others need {needed}", self._language, **values)
        if len(figures) == 1 and figure.needed == 0:
            return translate(
                "{limit} asks for {now}, but nothing that counts towards it can be funded or done at all: look at its "
                "filter, the mandates, the sites and the projects waiting",
                self._language,
                **values,
            )
        funders = self._bound_by_mandate(figure, figures)
        if funders:
            return translate(
                "{limit} asks for {now}, but what the mandate admits ({funders}) can take only {needed}",
                self._language,
                **values,
                funders=self._listed_inline([self._labels({"funder": funder}) for funder in funders]),
            )
        if len(figures) == 1:
            return translate(
                "{limit} asks for {now}, but the projects, mandates and durations of the case allow only {needed}",
                self._language,
                **values,
            )
        return translate("{limit} asks for {now}, but the others leave only {needed}", self._language, **values)

    def _together(self, family: str, figures: Sequence[Figure]) -> str:
        places = [
            self._labels({name: label for name, label in figure.labels.items() if name not in ("year", "tranche")})
            for figure in figures
        ]
        years = sorted({int(str(figure.labels["year"])) for figure in figures if "year" in figure.labels})
        told = self._listed_inline(list(dict.fromkeys(places)))
        when = f"; {years[0]}–{years[-1]}" if len(years) > 1 else f"; {years[0]}" if years else ""
        return translate(
            "{count} limits of one kind: {limit}",
            self._language,
            count=len(figures),
            limit=self._say(NAMES[family], labels=f"{told}{when}"),
        )

    def _bound_by_mandate(self, figure: Figure, figures: Iterable[Figure]) -> list[str]:
        """Return the funders of a floor on spending that nothing but their mandates' room stands against."""
        if figure.family != "rules" or any(one.family in ("rules", "budget") for one in figures if one is not figure):
            return []
        rules, mandates = self._case.table("rules"), self._case.table("mandates")
        rule = rules[rules["rule"] == figure.labels["rule"]].iloc[0]
        named = dict(parse_filter(str(rule["where"])).conditions).get("funder", frozenset())
        return sorted(named) if rule["measure"] == "spend" and named <= set(mandates["funder"]) else []

    def _valued(self, figure: Figure) -> str:
        text = self.change(figure)
        if figure.unit == MONEY:
            return text
        money = with_unit(_shown(figure.money, figure.money), self._currency)
        return translate("{change} (counts as {money})", self._language, change=text, money=money)

    def _amounts(self, figure: Figure) -> tuple[str, str]:
        """Return what a limit is and what is needed, with as many digits as tell them apart."""
        if figure.unit == SHARE_UNIT:
            step = 100 * figure.change
            sign = "%" if self._language == Language.KO else " %"
            return f"{_shown(100 * figure.now, step)}{sign}", f"{_shown(100 * figure.needed, step)}{sign}"
        unit = self._currency if figure.unit == MONEY else self._say(figure.unit)
        now, needed = (with_unit(_shown(value, figure.change), unit) for value in (figure.now, figure.needed))
        return now, needed

    def _labels(self, labels: Mapping[str, object]) -> str:
        """Return labels by their names; a link as its two ends."""
        told = []
        if "origin" in labels:
            ends = [self._named("cluster", labels[name]) for name in ("origin", "destination")]
            told.append(" → ".join(ends))
        single = len(self._case.table("fields")) == 1
        for name, label in labels.items():
            if name in ("origin", "destination") or label == "" or (name == "field" and single and len(labels) > 1):
                continue
            told.append(translate("{year}", self._language, year=label) if name == "year" else self._named(name, label))
        return ", ".join(told)

    def _named(self, dimension: str, label: object) -> str:
        return self._names.get(dimension, {}).get(str(label), str(label))

    def _listed(self, lines: Sequence[str]) -> list[str]:
        if len(lines) <= SHOWN + 1:
            return list(lines)
        return [*lines[:SHOWN], translate("and {count} more", self._language, count=len(lines) - SHOWN)]

    def _listed_inline(self, names: Sequence[str]) -> str:
        return "; ".join(self._listed(names))

    def _say(self, text: str, **values: object) -> str:
        return translate(text, self._language, **values)


SITE = ("cluster", "stage", "field")


def _key(figure: Figure) -> tuple[object, ...]:
    return figure.family, *figure.labels.items()


def _shown(value: float, step: float) -> str:
    """Return a number with the digits that show a step of this size, at most six after the point."""
    places = min(6, max(0, 2 - math.floor(math.log10(abs(step))))) if step else 2
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
