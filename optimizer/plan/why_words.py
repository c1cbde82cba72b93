"""An account in words: one or two plain sentences about a cell, in the planner's language.

Amounts of one sentence share their decimals, so that they can be added up by eye: three digits of the largest one.
Korean sentences name things before a colon or in brackets, where no particle depends on the last syllable.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from optimizer.data.case import CaseTables
from optimizer.data.money import currency_in
from optimizer.data.names import display_names
from optimizer.language import Language, Message, sentence, translate
from optimizer.plan.why_account import OVERLAP_CLUSTERS, OVERLAP_FUNDERS
from optimizer.plan.why_cell import Cell, Keys, Term

TERMS = {
    "handoff": sentence("successes passed on to the next stage"),
    "market": sentence("launches"),
    "worth_launches": sentence("launches"),
    "worth_pipeline": sentence("net worth after {last}"),
    "ideas": sentence("new ideas for the first stage"),
    "private_cap": sentence("room for private money"),
    "crowd_in": sentence("private money that may follow"),
    "budget": sentence("budget of {detail}"),
    "capacity": sentence("full capacity"),
    "backlog": sentence("a project that could start later"),
    "specialization": sentence("the least share for strengths"),
    "rules": sentence("rule '{detail}'"),
    OVERLAP_CLUSTERS: sentence("overlap with {detail}"),
    OVERLAP_FUNDERS: sentence("overlap with money of {detail}"),
    "funded": sentence("the decision not to fund it"),
    "minimum": sentence("its least spend"),
}
"""Term -> what it is, in words; a family of rows without an entry is called by its name."""
DUE = sentence("payments still due after {last}")
NONE_LEFT = sentence("the last waiting project")
MOST = sentence("the most it can take")
KEYS = {"budget": "funder", "rules": "rule", OVERLAP_CLUSTERS: "cluster", OVERLAP_FUNDERS: "funder"}
SITE = ("cluster", "stage", "field")
SHOWN = 5
"""Most terms a sentence lists; the smaller ones are added up."""
NAMED = 2
"""Most clusters or funders a sentence names for one overlap."""
EVEN = 1e-6
"""Distance of gain and price, relative, below which a start just pays."""
WORTH_SAYING = 0.1
"""What a cheaper budget must save to be named, as a share of what is missing."""


class Words:
    """Sentences about the cells of a case.

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

    def about_one(self, cell: Cell, keys: Sequence[str] = SITE) -> str:
        """Return what is to be said about one cell, which is called by the names of these keys and its year."""
        parts = [self._state(cell, self.place(cell, keys))]
        if cell.reason is not None:
            return " ".join([*parts, self._reason(cell.reason)])
        if cell.dearer and cell.starts > 0:
            parts.append(translate("The cheapest part of its capacity is used up.", self._language))
        parts.append(self._account(cell))
        if cell.further is not None and cell.further < -EVEN * (1 - cell.price):
            parts.append(self._further(-cell.further))
        if cell.outsider is not None and not _is_even(cell):
            funder, saved = cell.outsider
            if saved >= WORTH_SAYING * -cell.total * cell.scale:
                parts.append(self._mandate(cell, funder, saved))
        return " ".join(parts)

    def about_many(self, cells: Sequence[Cell]) -> str:
        """Return what the plan spends in several cells, and what is to be said about the ones that tell most.

        That is the one with the largest amount, and among fields in which nothing begins the one nearest to a start.
        """
        spent: dict[str, float] = {}
        for cell in cells:
            spent[cell.field] = spent.get(cell.field, 0.0) + cell.spend
        keys = SITE if len(spent) == 1 else ("cluster", "stage")
        years = sorted({cell.year for cell in cells})
        first = self._spent(
            spent,
            where=self._join(self._names_of(cells[0], keys)),
            years=str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}",
        )
        largest, nearest = spokesmen(cells)
        told = [first]
        named = () if len(spent) == 1 else ("field",)
        for one, heading in ((largest, sentence("The largest amount:")), (nearest, sentence("Nearest to a start:"))):
            if one is not None:
                told += [translate(heading, self._language), self.about_one(one, named)]
        if len(told) == 1:
            reasons = dict.fromkeys(self._reason(cell.reason) for cell in cells if cell.reason is not None)
            told += list(reasons)[:SHOWN]
        return " ".join(told)

    def _spent(self, spent: dict[str, float], **place: str) -> str:
        """Say what the plan spends by field."""
        values = {**place, "currency": self._currency}
        whole = sum(spent.values())
        if whole == 0:
            return translate("{where}, {years}: no public money.", self._language, **values)
        places = decimals(spent.values())
        values["spend"] = f"{whole:,.{places}f}"
        if len(spent) == 1:
            return translate("{where}, {years}: {spend} {currency} of public money.", self._language, **values)
        ranked = sorted((item for item in spent.items() if item[1] > 0), key=lambda item: -item[1])
        listed = [f"{self._name('field', field)} {amount:,.{places}f}" for field, amount in ranked[:SHOWN]]
        text = sentence("{where}, {years}: {spend} {currency} of public money ({fields}).")
        return translate(text, self._language, **values, fields=self._join(listed))

    def term(self, cell: Cell, term: Term) -> str:
        """Return what a term of a cell is, in words."""
        return self._phrase(cell, term, self._named(term.term, [term.detail]))

    def total(self, cell: Cell) -> tuple[str, float]:
        """Return what gains and prices of a cell add up to, and what it is per in words; 0 where a start just pays."""
        text = sentence("in all, per {currency} of public money") if cell.money > 0 else sentence("in all, per start")
        amount = 0.0 if _is_even(cell) else cell.total
        return translate(text, self._language, currency=self._currency), amount

    def _reason(self, reason: Message) -> str:
        """Say a reason, the keys in it by their names."""
        values = dict(reason.values)
        for key in ("field", "stage"):
            listed = values.get(f"{key}s")
            if isinstance(listed, Keys):
                values[f"{key}s"] = Keys(self._name(key, code) for code in listed)
        return translate(reason.template, self._language, **values)

    def _state(self, cell: Cell, place: str) -> str:
        spend = f"{cell.spend:,.{decimals([cell.spend])}f}"
        starts = f"{cell.starts:,.{decimals([cell.starts])}f}"
        values = {"place": place, "spend": spend, "starts": starts, "currency": self._currency}
        if cell.starts > 0 and cell.spend > 0:
            return translate(
                "{place}: {spend} {currency} of public money, {starts} projects begun.", self._language, **values
            )
        if cell.starts > 0:
            return translate("{place}: {starts} projects begun, without public money.", self._language, **values)
        if cell.spend > 0:
            due = cell.spend + cell.private - cell.bought > EVEN * cell.spend
            match cell.bought > 0, due:
                case False, _:
                    text = sentence(
                        "{place}: {spend} {currency} of public money for projects begun before; none begun."
                    )
                case True, False:
                    text = sentence("{place}: {spend} {currency} of public money for more capacity; no project begun.")
                case _:
                    text = sentence(
                        "{place}: {spend} {currency} of public money for projects begun before and more capacity; none "
                        "begun."
                    )
            return translate(text, self._language, **values)
        return translate("{place}: no public money.", self._language, **values)

    def _account(self, cell: Cell) -> str:
        gains, prices = (self._grouped(cell, sign) for sign in (1, -1))
        gain, price, short = cell.gain, -cell.price, -cell.total
        places = decimals([gain, price])
        values = {
            "currency": self._currency,
            "gain": f"{gain:,.{places}f}",
            "price": f"{price:,.{places}f}",
            "short": f"{short:,.{max(places, decimals([short]) - 1)}f}",
            "gains": self._listed(gains, places),
            "prices": self._listed(prices, places),
        }
        if not gains or not prices:
            return self._one_sided(cell, bool(gains), values)
        match cell.money > 0, _is_even(cell), cell.starts > 0:
            case True, True, True:
                text = sentence(
                    "One {currency} for starts there earns {gain} ({gains}) and costs as much ({prices}): neither more "
                    "nor less would be better."
                )
            case True, True, False:
                text = sentence(
                    "One {currency} for a start there earns {gain} ({gains}) and costs as much ({prices}): the plan is "
                    "as good without it."
                )
            case True, False, _:
                text = sentence(
                    "One {currency} for a start there earns {gain} ({gains}) but costs {price} ({prices}): {short} too "
                    "much."
                )
            case False, True, _:
                text = sentence(
                    "One start there takes no public money, earns {gain} {currency} ({gains}) and costs as much "
                    "({prices})."
                )
            case _:
                text = sentence(
                    "One start there takes no public money, earns {gain} {currency} ({gains}) but costs {price} "
                    "({prices}): {short} too much."
                )
        return translate(text, self._language, **values)

    def _one_sided(self, cell: Cell, gains: bool, values: dict[str, str]) -> str:
        if gains:
            return translate(
                "A start there costs nothing at the plan's prices and earns {gain} ({gains}).", self._language, **values
            )
        if values["prices"]:
            per_money = sentence("One {currency} for a start there earns nothing and costs {price} ({prices}).")
            per_start = sentence("One start there earns nothing and costs {price} {currency} ({prices}).")
            return translate(per_money if cell.money > 0 else per_start, self._language, **values)
        return translate("A start there earns nothing and costs nothing at the plan's prices.", self._language)

    def _further(self, short: float) -> str:
        return translate(
            "Further starts would be dearer: {short} too much for each {currency}.",
            self._language,
            short=f"{short:,.{decimals([short])}f}",
            currency=self._currency,
        )

    def _mandate(self, cell: Cell, funder: str, saved: float) -> str:
        places = decimals([saved / cell.scale])
        return translate(
            "The budget of {funder} would cost {saved} less, but no mandate of it admits this site.",
            self._language,
            funder=self._name("funder", funder),
            saved=f"{saved / cell.scale:,.{places}f}",
        )

    def _grouped(self, cell: Cell, sign: int) -> list[tuple[str, float]]:
        """Return gains or prices in words with their amounts, overlaps of a kind taken together, largest first."""
        groups: dict[tuple[str, str], list[Term]] = {}
        for term in cell.terms:
            if term.amount * sign > 0:
                key = "" if term.term in (OVERLAP_CLUSTERS, OVERLAP_FUNDERS) else term.detail
                groups.setdefault((term.term, key), []).append(term)
        worded = [
            (
                self._phrase(cell, terms[0], self._named(name, [term.detail for term in terms])),
                sum(abs(term.amount) for term in terms) / cell.scale,
            )
            for (name, _), terms in groups.items()
        ]
        return sorted(worded, key=lambda item: -item[1])

    def _listed(self, worded: list[tuple[str, float]], places: int) -> str:
        """Return terms with their amounts; those that would be shown as 0, or come late, added up as other."""
        least = 0.5 * 10.0**-places
        shown = [item for item in worded if item[1] >= least][:SHOWN]
        rest = sum(amount for _, amount in worded) - sum(amount for _, amount in shown)
        if len(shown) == 1 and rest < least:
            return shown[0][0]
        if rest >= least:
            shown.append((translate("other", self._language), rest))
        return self._join([f"{words} {amount:,.{places}f}" for words, amount in shown])

    def _phrase(self, cell: Cell, term: Term, detail: str) -> str:
        template = TERMS.get(term.term, term.term)
        if term.term == "worth_pipeline" and term.amount < 0:
            template = DUE
        if term.term == "backlog" and cell.waiting == 0:
            template = NONE_LEFT
        if term.term == "funded" and cell.spend > 0:
            template = MOST
        return translate(template, self._language, detail=detail, last=self._case.years[-1])

    def _named(self, name: str, details: Sequence[str]) -> str:
        """Return what a term belongs to: one thing, or the first few of many."""
        if name not in KEYS:
            return details[0]
        named = [self._name(KEYS[name], detail) for detail in details]
        if len(named) == 1:
            return named[0]
        if len(named) <= NAMED + 1:
            return translate("{names} and {last}", self._language, names=self._join(named[:-1]), last=named[-1])
        kept, count = self._join(named[:NAMED]), len(named) - NAMED
        return translate("{names} and {count} others", self._language, names=kept, count=count)

    def place(self, cell: Cell, keys: Sequence[str] = SITE) -> str:
        """Return the names of these keys of a cell, and its year."""
        return self._join([*self._names_of(cell, keys), translate("{year}", self._language, year=cell.year)])

    def _names_of(self, cell: Cell, keys: Sequence[str]) -> list[str]:
        """Return the names of a cell's labels; the only field of a case goes without saying."""
        kept = [key for key in keys if key != "field" or len(self._case.table("fields")) > 1]
        return [self._name(key, str(getattr(cell, key))) for key in kept]

    def _name(self, key: str, code: str) -> str:
        return self._names.get(key, {}).get(code, code)

    def _join(self, parts: Sequence[str]) -> str:
        return ", ".join(parts)


def spokesmen(cells: Iterable[Cell]) -> tuple[Cell | None, Cell | None]:
    """Return the cells that an answer about several speaks of; ``None`` where there is none of the kind.

    Returns
    -------
    tuple
        The cell with starts that spends most, and of the fields in which nothing begins although it could, the cell
        that is nearest to a start: the one whose gain makes up most of its price, among equals one where projects wait,
        then the one in which a start gains most.
    """
    possible = [cell for cell in cells if cell.reason is None]
    begun = {cell.field for cell in possible if cell.starts > 0}
    largest = max((cell for cell in possible if cell.starts > 0), key=lambda cell: cell.spend, default=None)
    idle = [cell for cell in possible if cell.field not in begun]
    if not idle:
        return largest, None
    least = min(_missing(cell) for cell in idle)
    equals = [cell for cell in idle if _missing(cell) <= least + EVEN]
    return largest, max(equals, key=lambda cell: (cell.waiting > 0, cell.gain * cell.scale))


def _missing(cell: Cell) -> float:
    """Return the share of a start's price that its gain does not make up."""
    return cell.total / cell.price if cell.price < 0 else 0.0


def _is_even(cell: Cell) -> bool:
    """Whether a start in a cell just pays."""
    return abs(cell.total) <= EVEN * (1 - cell.price)


def decimals(amounts: Iterable[float]) -> int:
    """Return the decimals that show the largest amount with three digits, at most six."""
    largest = max((abs(amount) for amount in amounts), default=0.0)
    return min(6, max(0, 2 - math.floor(math.log10(largest)))) if largest > 0 else 0
