"""What a nation can be without: a cluster, site, stage, field, link, funder or rule, left out by changes of a case.

cluster, stage, field, site   its lines of ``sites.csv`` go: no starts, no money, what waits there is lost, nothing is
                              passed on to it, and it ranks before no one. Names and location quotients are those of
                              what is left.
link                          its line of ``links.csv`` carries nothing: capacity 0, none to be bought. That of a link
                              inside of a cluster too; the link without limits that every cluster has where no line says
                              otherwise does not come in its place.
funder                        its budget is 0, and the money lost; or shared: in every year the other funders get it in
                              proportion to their budgets of that year, in equal parts where all of those are 0.
rule                          it is switched off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from optimizer.analysis.points import Point
from optimizer.data.case import CaseTables
from optimizer.data.changes import Change, Operation, Removal
from optimizer.data.rows import LINK_STAGE
from optimizer.errors import InputError
from optimizer.language import Message, say, sentence
from optimizer.lp.program import Vector
from optimizer.plan.solution import Solution


class Kind(StrEnum):
    """What is left out."""

    CLUSTER = sentence("cluster")
    LINK = sentence("link")
    FUNDER = sentence("funder")
    RULE = sentence("rule")
    STAGE = sentence("stage")
    FIELD = sentence("field")
    SITE = sentence("site")


class Money(StrEnum):
    """What becomes of the money of a funder that is left out."""

    LOST = "lost"
    SHARED = "shared"


LABELS: Mapping[Kind, tuple[str, ...]] = {
    Kind.SITE: ("cluster", "stage", "field"),
    Kind.LINK: ("origin", "destination", "stage"),
} | {kind: (kind.value,) for kind in (Kind.CLUSTER, Kind.FUNDER, Kind.RULE, Kind.STAGE, Kind.FIELD)}
"""The labels that tell things of a kind apart."""


@dataclass(frozen=True, eq=False)
class LeftOut:
    """Everything of a kind, and what the case is without each.

    Attributes
    ----------
    labels
        The labels of each.
    points
        The changes that leave each out.
    """

    labels: pd.DataFrame
    points: tuple[Point, ...]


def leaving_out(case: CaseTables, kind: Kind, money: Money) -> LeftOut:
    """Return what a case is without each of a kind.

    Raises
    ------
    InputError
        If the case has none of the kind, or money is to be shared and there is nobody to share it.
    """
    labels = _all(case, kind)
    if labels.empty:
        raise InputError(
            say(
                "the case has no {kind} that could be left out; its table is missing or empty.",
                kind=Message(kind.value),
            )
        )
    make = _maker(case, kind, money)
    points = []
    for number, line in enumerate(labels.to_dict("records"), start=1):
        words = {str(name): str(label) for name, label in line.items()}
        told = ", ".join(label for label in words.values() if label)
        points.append(Point(f"{number}: without {kind.value} {told}", make(words), words))
    return LeftOut(labels, tuple(points))


def _all(case: CaseTables, kind: Kind) -> pd.DataFrame:
    """Return the labels of everything of a kind, in the order of the case's tables."""
    names = list(LABELS[kind])
    match kind:
        case Kind.RULE:
            rules = case.table("rules")
            return rules.loc[rules["enabled"].astype(bool), names].reset_index(drop=True)
        case Kind.FUNDER:
            return case.table("budget")[names].drop_duplicates(ignore_index=True)
        case Kind.LINK:
            return case.table("links")[names].reset_index(drop=True)
        case _:
            sites = case.table("sites")[names].drop_duplicates(ignore_index=True)
            if kind is Kind.SITE or sites.empty:
                return sites
            own = case.table(f"{kind.value}s")[names]
            return own[own[kind.value].isin(sites[kind.value])].reset_index(drop=True)


def _maker(case: CaseTables, kind: Kind, money: Money) -> Callable[[Mapping[str, str]], tuple[Change | Removal, ...]]:
    match kind:
        case Kind.RULE:
            return lambda line: (Change("rules", "enabled", Operation.SET, "false", _where(line)),)
        case Kind.LINK:
            return lambda line: _without_link(case, line)
        case Kind.FUNDER if money is Money.SHARED:
            return _sharing(case)
        case Kind.FUNDER:
            return lambda line: (Change("budget", "amount", Operation.SET, 0.0, _where(line)),)
        case _:
            return lambda line: (Removal("sites", _where(line)),)


def _where(labels: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={label}" for name, label in labels.items() if label)


def _without_link(case: CaseTables, line: Mapping[str, str]) -> tuple[Change, ...]:
    table, written = case.table("links"), case.raw.tables["links"]
    names = ["capacity", *(["expansion_limit"] if "expansion_cost" in written.header else [])]
    changes = [Change("links", name, Operation.SET, 0.0, _where(line)) for name in names]
    if line["stage"]:
        return tuple(changes)
    # no filter picks a line by a blank cell, so lines of single stages between the same clusters get back what they had
    beside = table["origin"].eq(line["origin"]) & table["destination"].eq(line["destination"]) & table["stage"].ne("")
    for place in np.flatnonzero(beside):
        own = {**line, "stage": str(table["stage"].iloc[place])}
        changes += [Change("links", name, Operation.SET, written.column(name)[place], _where(own)) for name in names]
    return tuple(changes)


def _sharing(case: CaseTables) -> Callable[[Mapping[str, str]], tuple[Change, ...]]:
    budget = case.table("budget")
    amounts = budget[budget["year"].isin(case.years)].pivot_table(
        index="funder", columns="year", values="amount", aggfunc="sum"
    )
    if len(amounts) < 2:
        raise InputError(
            say("the money of the only funder cannot be shared among others; leave it out with money 'lost'.")
        )

    def without(line: Mapping[str, str]) -> tuple[Change, ...]:
        place = amounts.index.get_loc(line["funder"])
        grid = amounts.to_numpy(float)
        changes = []
        for year, own, total in zip(
            amounts.columns, grid[place], np.delete(grid, place, axis=0).sum(axis=0), strict=True
        ):
            where = f"year={year}"
            if own > 0 and total > 0:
                changes.append(Change("budget", "amount", Operation.MULTIPLY, float((total + own) / total), where))
            elif own > 0:
                changes.append(Change("budget", "amount", Operation.SET, float(own / (len(grid) - 1)), where))
        return (*changes, Change("budget", "amount", Operation.SET, 0.0, _where(line)))

    return without


def money_of(solution: Solution, kind: Kind, labels: pd.DataFrame) -> Vector:
    """Return the public money that each of a kind gets, or gives, in a plan [money]; NaN for rules.

    A cluster's includes that of links that end there, as in every table.
    """
    sets = solution.sets
    site, site_funder = sets.site_pairs
    link, link_funder = sets.link_pairs
    costly = sets.links.costly[link]
    link, link_funder = link[costly], link_funder[costly]
    at_site, on_link = solution.public.sum(axis=1), solution.link_public.sum(axis=1)
    match kind:
        case Kind.RULE:
            return np.full(len(labels), np.nan)
        case Kind.LINK:
            codes = [sets.links.origin, sets.links.destination, sets.links.stage]
            keys = [labels_of.take(np.maximum(code, 0)) for labels_of, code in zip(
                (sets.clusters, sets.clusters, sets.stages), codes, strict=True)]  # fmt: skip
            keys[2] = pd.Index(np.where(sets.links.stage < 0, "", keys[2]), dtype=object)
            spent = pd.Series(
                np.bincount(link, weights=on_link, minlength=len(sets.links)),
                index=pd.MultiIndex.from_arrays(keys),
            )
            # links inside clusters that no line covers cost nothing
            found = spent.groupby(level=[0, 1, 2]).sum()
            return found.reindex(pd.MultiIndex.from_frame(labels), fill_value=0.0).to_numpy(float)
        case _:
            frame = pd.DataFrame(
                {
                    "funder": sets.funders.take(np.concatenate([site_funder, link_funder])),
                    "cluster": sets.clusters.take(
                        np.concatenate([sets.sites.cluster[site], sets.links.destination[link]])
                    ),
                    "stage": [*sets.stages.take(sets.sites.stage[site]), *([LINK_STAGE] * len(link))],
                    "field": [*sets.fields.take(sets.sites.field[site]), *([""] * len(link))],
                    "amount": np.concatenate([at_site, on_link]),
                }
            )
            names = list(LABELS[kind])
            found = frame.groupby(names)["amount"].sum()
            index = pd.Index(labels[names[0]]) if len(names) == 1 else pd.MultiIndex.from_frame(labels[names])
            return found.reindex(index, fill_value=0.0).to_numpy(float)
