"""Rules of the formulation: which terms a rule speaks of, and the rows it becomes."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, TypeAlias

import pulp

from benchmarks.peers.case import LINK, PeerCase, Rule

Labels: TypeAlias = Mapping[str, str | None]
Amount: TypeAlias = Mapping[pulp.LpVariable, float]
"""Coefficients; none for money that is always 0 but whose labels still make a row exist."""
Term: TypeAlias = tuple[Labels, Amount]


def rule_rows(case: PeerCase, rule: Rule, terms: list[Term]) -> Iterator[tuple[tuple[str, ...], Amount]]:
    """Yield the labels and the left-hand side of each row; a rule that speaks of nothing is one empty row."""
    sides = [(1.0, _matching(case, rule.where, terms))]
    if rule.kind == "share":
        sides.append((-rule.value, _matching(case, rule.of, terms)))
    rows: dict[tuple[str, ...], dict[pulp.LpVariable, float]] = {}
    for weight, side in sides:
        for labels, amount in side:
            group = tuple(_label(case, labels, column) or "" for column in rule.per)
            if all(group):
                row = rows.setdefault(group, {})
                for variable, factor in amount.items():
                    row[variable] = row.get(variable, 0.0) + weight * factor
    yield from rows.items() if rows else [((), {})]


def _matching(case: PeerCase, text: str, terms: list[Term]) -> list[Term]:
    """Choose the terms that pass every condition of a filter such as `field=vaccine|device; year=2028`."""
    conditions = []
    for condition in filter(str.strip, text.split(";")):
        column, _, values = condition.partition("=")
        conditions.append((column.strip(), {value.strip() for value in values.split("|")}))
    return [term for term in terms if all(_label(case, term[0], column) in values for column, values in conditions)]


def _label(case: PeerCase, labels: Labels, column: str) -> str | None:
    """Return a term's own label, else that of the first table which has such a column."""
    if column in labels:
        return labels[column]
    for table, rows in case.attributes.items():
        if column in next(iter(rows.values())):
            return rows.get(labels[table] or "", {}).get(column)
    return None


def spend_terms(
    case: PeerCase, public: Mapping[Any, pulp.LpVariable], transfer: Mapping[Any, pulp.LpVariable]
) -> list[Term]:
    """Public money of sites and of links, those included that cost nothing."""
    terms: list[Term] = [(_labels(*labels), {amount: 1.0}) for labels, amount in public.items()]
    for number, link in enumerate(case.links):
        for funder, year in product(case.funders_of_link(link), case.years):
            amount: Amount = {} if link.free else {transfer[funder, number, year]: 1.0}
            terms.append((_labels(funder, link.destination, LINK, None, year), amount))
    return terms


def project_terms(amounts: Mapping[Any, Amount]) -> list[Term]:
    """Projects counted at their site; no funder owns them."""
    return [(_labels(None, *labels), amount) for labels, amount in amounts.items()]


def _labels(funder: str | None, cluster: str, stage: str, market: str | None, year: object) -> Labels:
    return {"funder": funder, "cluster": cluster, "stage": stage, "field": market, "year": str(year)}
