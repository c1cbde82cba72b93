"""What can be said about a case before it is solved: floors no budget can pay for, places nothing ever reaches.

Every check reads the sets and the program of the case, for there mandates, links and filters are worked out already.

floors       a floor on spending counts certain funders and years; it cannot exceed their budgets, with what may be
             carried into these years. Floors that count nothing in common cannot do so together; those within one
             funder's year, one funder, one year, or the whole case are added up.
reach        a site is reached where projects wait or flow in, where projects never lack, or from a reached site
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from optimizer.blocks.caps import most_spend
from optimizer.blocks.funding import budgets
from optimizer.blocks.rules import SHARE
from optimizer.blocks.sets import Mask, Sets
from optimizer.blocks.specialization import specialized
from optimizer.compiler import Compiled
from optimizer.data.case import CaseTables
from optimizer.data.money import Currency
from optimizer.data.names import name_of, names_of
from optimizer.data.remarks import Remark, Severity, place_of
from optimizer.language import Message, say
from optimizer.lp.labels import BLANK, Codes
from optimizer.lp.program import LinearProgram, Vector

WIDEST = 1e9
"""Ratio of the largest to the smallest coefficient from which on engines lose digits."""
SPARE = 1e-9
"""Relative excess of a floor over its budget that is an error of rounding."""


def checks(compiled: Compiled) -> Iterator[Remark]:
    """Yield what can be said about a case before it is solved."""
    yield from _floors(compiled)
    yield from _empty_rules(compiled)
    yield from _idle_funders(compiled.sets)
    yield from _idle_clusters(compiled.sets)
    yield from _unreached(compiled.sets)
    yield from _minima(compiled.sets)
    yield from _magnitudes(compiled.program)


Address = tuple[str, int | None, str]
"""File, line and column."""
NOWHERE: Final[Address] = ("", None, "")


def _at(sets: Sets, table: str, column: str, **key: object) -> Address:
    file, line = place_of(sets.case.raw, sets.case.stored, table, **key)
    return file, line, column if line is not None else ""


def _remark(severity: Severity, code: str, message: Message, at: Address = NOWHERE) -> Remark:
    return Remark(severity, code, message, *at)


@dataclass(frozen=True, eq=False)
class _Floors:
    """Hard floors on spending: the columns each counts, floor by floor, the rule it belongs to, its value."""

    floor: Codes
    column: Codes
    rule: Codes
    value: Vector


def _hard_floors(compiled: Compiled) -> _Floors:
    program, table = compiled.program, _enabled(compiled.sets.case)
    positions, rule = program.rows.positions("rules"), program.rows.codes("rules", "rule")
    chosen = np.isfinite(program.row_lower[positions]) & (program.row_lower[positions] > 0)
    if len(table):
        plain = (table["measure"] == "spend") & (table["kind"] != SHARE) & table["price"].isna()
        chosen &= plain.to_numpy(bool)[rule]
    # by hand, for the first use of SciPy's matrices takes longer than planning a small case
    number = np.full(program.n_rows, BLANK, dtype=np.intp)
    number[positions[chosen]] = np.arange(chosen.sum())
    entry = np.flatnonzero(number[program.indices] != BLANK)
    entry = entry[np.argsort(number[program.indices[entry]], kind="stable")]
    counted = number[program.indices[entry]], program.entry_columns[entry].astype(np.intp)
    return _Floors(*counted, rule[chosen], program.row_lower[positions[chosen]])


def _enabled(case: CaseTables) -> pd.DataFrame:
    table = case.table("rules")
    return table[table["enabled"].astype(bool)].reset_index(drop=True)


def _floors(compiled: Compiled) -> Iterator[Remark]:
    """Remark on floors that ask for more than the budgets they count."""
    floors, sets = _hard_floors(compiled), compiled.sets
    if not len(floors.value):
        return
    cells = _cells_of(compiled, floors)
    said: set[int] = set()
    for number in range(len(floors.value)):
        room = _room(sets, cells[number])
        if floors.value[number] > room * (1 + SPARE):
            said.add(number)
            yield _too_much(sets, [int(floors.rule[number])], float(floors.value[number]), room, cells[number])
    told: set[tuple[int, ...]] = set()
    for pool in _pools(sets):
        inside = [n for n in range(len(cells)) if n not in said and not (cells[n] & ~pool).any()]
        chosen = _apart(floors, inside)
        total, room = float(floors.value[chosen].sum()), _room(sets, pool)
        rules = tuple(dict.fromkeys(int(floors.rule[n]) for n in chosen))
        if len(chosen) > 1 and total > room * (1 + SPARE) and rules not in told:
            told.add(rules)
            yield _too_much(sets, list(rules), total, room, pool)


def _cells_of(compiled: Compiled, floors: _Floors) -> Mask:
    """Return which funders' years each floor counts, shape (floors, funders, years)."""
    sets, columns = compiled.sets, compiled.program.columns
    cell = np.full(compiled.program.n_columns, BLANK, dtype=np.intp)
    for family in ("public", "link_public"):
        codes = columns.codes(family, "funder") * sets.n_years + columns.codes(family, "year")
        cell[columns.positions(family)] = codes
    cells = np.zeros((len(floors.value), len(sets.funders) * sets.n_years), dtype=bool)
    cells[floors.floor, cell[floors.column]] = True
    return cells.reshape(len(floors.value), len(sets.funders), sets.n_years)


def _room(sets: Sets, cells: Mask) -> float:
    """Return what some funders' years have to spend: their budgets, and what may be carried into them."""
    amount = budgets(sets)
    carried = np.zeros_like(amount)
    carried[:, 1:] = sets.case.settings.funding.carry_over * amount[:, :-1]
    before = np.zeros_like(cells)
    before[:, 1:] = cells[:, :-1]
    return float(amount[cells].sum() + carried[cells & ~before].sum())


def _pools(sets: Sets) -> Iterator[Mask]:
    """Yield sets of funders' years: each by itself, each funder, each year, all of them."""
    shape = (len(sets.funders), sets.n_years)
    funder, year = np.indices(shape)
    for one in range(shape[0]):
        for when in range(shape[1]):
            yield (funder == one) & (year == when)
    for one in range(shape[0]):
        yield funder == one
    for when in range(shape[1]):
        yield year == when
    yield np.ones(shape, dtype=bool)


def _apart(floors: _Floors, among: list[int]) -> Codes:
    """Return floors that count nothing in common, the largest first."""
    taken = np.zeros(int(floors.column.max(initial=0)) + 1, dtype=bool)
    chosen = []
    for number in sorted(among, key=lambda n: -floors.value[n]):
        own = floors.column[slice(*np.searchsorted(floors.floor, [number, number + 1]))]
        if len(own) and not taken[own].any():
            taken[own] = True
            chosen.append(number)
    return np.array(chosen, dtype=np.intp)


def _too_much(sets: Sets, rules: list[int], total: float, room: float, cells: Mask) -> Remark:
    names = [str(_enabled(sets.case)["rule"][number]) for number in rules]
    funders, years = (
        labels[np.flatnonzero(cells.any(axis=axis))] for labels, axis in ((sets.funders, 1), (sets.years, 0))
    )
    when = str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}" if len(years) else ""
    values = {
        "rules": names_of(sets.case, "rule", names),
        "total": f"{total:,.6g}",
        "room": f"{room:,.6g}",
        "funders": names_of(sets.case, "funder", funders),
        "years": when,
        "currency": Currency(sets.case.currency),
    }
    if not cells.any():
        message = say(
            "the floor asks for {total} {currency} ({rules}), but nothing the case can fund counts towards it: look at "
            "its filter, the sites and the mandates.",
            **values,
        )
    else:
        message = say(
            "floors ask for {total} {currency} together ({rules}), but there is only {room} to spend ({funders}; "
            "{years}). Lower a floor or raise a budget.",
            **values,
        )
    return _remark(Severity.ERROR, "floors-above-budget", message, _at(sets, "rules", "value", rule=names[0]))


def _empty_rules(compiled: Compiled) -> Iterator[Remark]:
    """Remark on rules that count nothing, whose floor is not 0 (those in money are told with the budgets)."""
    program, sets = compiled.program, compiled.sets
    table, positions = _enabled(sets.case), program.rows.positions("rules")
    violation = np.isin(program.entry_columns, program.columns.positions("violation"))
    filled = np.bincount(program.indices[~violation], minlength=program.n_rows)[positions] > 0
    some = np.bincount(program.rows.codes("rules", "rule"), filled, minlength=len(table))
    hard = _hard_floors(compiled).rule
    for number in np.flatnonzero(some == 0):
        if number in hard:
            continue
        rule = table.iloc[number]
        message = say(
            "rule '{rule}' counts nothing: no site, link or mandate of the case fits its filter.",
            rule=name_of(sets.case, "rule", rule["rule"]),
        )
        impossible = rule["sense"] == "at_least" and rule["value"] > 0 and np.isnan(rule["price"])
        severity = Severity.ERROR if impossible and rule["kind"] != SHARE else Severity.WARNING
        yield _remark(severity, "rule-counts-nothing", message, _at(sets, "rules", "where", rule=rule["rule"]))


def _idle_funders(sets: Sets) -> Iterator[Remark]:
    idle = ~sets.admits_site.any(axis=1) & ~(sets.admits_link & sets.links.costly).any(axis=1)
    for funder in sets.funders[np.flatnonzero(idle)]:
        message = say(
            "funder {funder} may fund nothing: no site or link fits its mandates.",
            funder=name_of(sets.case, "funder", funder),
        )
        yield _remark(Severity.WARNING, "idle-funder", message, _at(sets, "mandates", "funder", funder=funder))


def _idle_clusters(sets: Sets) -> Iterator[Remark]:
    """Remark on clusters in which nothing can be funded, and on those whose strengths cannot."""
    count = len(sets.clusters)
    fundable = np.bincount(sets.sites.cluster[sets.fundable], minlength=count) > 0
    strong = np.bincount(sets.sites.cluster[sets.fundable & specialized(sets)], minlength=count) > 0
    for cluster in sets.clusters[np.flatnonzero(~fundable)]:
        message = say(
            "cluster {cluster} has no site that any funder may fund.", cluster=name_of(sets.case, "cluster", cluster)
        )
        yield _remark(Severity.WARNING, "idle-cluster", message, _at(sets, "clusters", "cluster", cluster=cluster))
    if sets.case.settings.specialization.min_share > 0:
        for cluster in sets.clusters[np.flatnonzero(fundable & ~strong)]:
            message = say(
                "cluster {cluster} has no specialised site that any funder may fund, so specialization.min_share keeps "
                "all public money out of its sites.",
                cluster=name_of(sets.case, "cluster", cluster),
            )
            yield _remark(Severity.WARNING, "no-strength", message, _at(sets, "clusters", "cluster", cluster=cluster))


def reached(sets: Sets) -> Mask:
    """Return at which sites projects can ever be: they wait or flow in, never lack, or come from such a site."""
    sites, flows = sets.sites, sets.flows
    here: Mask = ~sites.waits | (sites.backlog > 0) | (sites.inflow > 0)
    works = (sites.capacity > 0) | ~np.isnan(sites.expansion_cost)
    feedback = sets.case.table("stages")["feedback"].to_numpy(float)[sites.stage] > 0
    first = sets.site_at[sites.cluster, 0, sites.field]
    for _ in range(2):  # once more for what ideas bring back to the first stage
        for stage in range(len(sets.stages)):
            leaving = (sites.stage[flows.origin_site] == stage) & (here & works)[flows.origin_site]
            here[flows.destination_site[leaving]] = True
        fed = first[here & works & feedback & (first != BLANK)]
        here[fed] = True
    return here


def _unreached(sets: Sets) -> Iterator[Remark]:
    here = reached(sets)
    for number, stage in enumerate(sets.stages):
        own = sets.sites.stage == number
        at, named = _at(sets, "stages", "stage", stage=stage), name_of(sets.case, "stage", stage)
        if not own.any():
            message = say("no cluster has a site of stage {stage}, so no project gets past it.", stage=named)
            yield _remark(Severity.WARNING, "stage-without-site", message, at)
        elif not here[own].any():
            message = say(
                "no project ever reaches stage {stage}: none waits, none flows in, and no link brings any.", stage=named
            )
            yield _remark(Severity.WARNING, "stage-unreached", message, at)
        elif not (sets.fundable & here)[own].any() and (sets.sites.unit_cost[own & here] > 0).all():
            message = say("no funder may fund stage {stage} where projects reach it.", stage=named)
            yield _remark(Severity.WARNING, "stage-unfunded", message, at)


def _minima(sets: Sets) -> Iterator[Remark]:
    """Remark on sites that can never take the least they would have to."""
    if not sets.case.has("sites"):
        return
    least = sets.case.table("sites")["minimum"].to_numpy(float)
    most = most_spend(sets).max(axis=1, initial=0.0)
    for site in np.flatnonzero((least > 0) & sets.fundable & (least > most * (1 + SPARE))):
        key = {
            "cluster": sets.clusters[sets.sites.cluster[site]],
            "stage": sets.stages[sets.sites.stage[site]],
            "field": sets.fields[sets.sites.field[site]],
        }
        message = say(
            "the least spend of {minimum} {currency} is above the most the site can take in a year ({most}), so it is "
            "never funded.",
            minimum=f"{least[site]:,.6g}",
            most=f"{most[site]:,.6g}",
            currency=Currency(sets.case.currency),
        )
        yield _remark(Severity.WARNING, "minimum-above-capacity", message, _at(sets, "sites", "minimum", **key))


def _magnitudes(program: LinearProgram) -> Iterator[Remark]:
    """Remark on coefficients that lie so far apart that engines lose digits between them."""
    size = np.abs(program.values)
    if not len(size) or size.max() <= WIDEST * size.min():
        return
    ends = {"least": int(size.argmin()), "most": int(size.argmax())}
    family = np.empty(program.n_rows, dtype=object)
    for name in program.rows.names:
        family[program.rows.positions(name)] = name
    message = say(
        "the figures lie far apart: coefficients go from {least} ({least_family}) to {most} ({most_family}), and "
        "engines lose digits beyond 1e9. Look for a slip of unit, or choose a larger unit of money.",
        **{name: f"{size[entry]:.3g}" for name, entry in ends.items()},
        **{f"{name}_family": family[program.indices[entry]] for name, entry in ends.items()},
    )
    yield _remark(Severity.WARNING, "magnitudes", message)
