"""Totals of a plan by whatever a planner groups them by; every total reconciles with the summary."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.arguments import checked_methods
from optimizer.blocks.funding import budgets
from optimizer.blocks.sets import Mask
from optimizer.blocks.specialization import specialized
from optimizer.data.filters import ATTRIBUTE_TABLES
from optimizer.errors import InputError
from optimizer.language import Message, say
from optimizer.plan import tables
from optimizer.plan.flows import handovers, project_flows
from optimizer.plan.indices import SpecializationIndices
from optimizer.plan.ledger import overlap_ledger, worst_overlaps
from optimizer.plan.solution import Solution
from optimizer.plan.specialization import IndexOf, cluster_indices, plan_indices

MET, BINDING, BROKEN = "met", "binding", "broken"
TOLERANCE = 1e-6
"""What counts as nothing beside 1 when a state is told: room left at a site, projects waiting."""
type_of_group = Sequence[str] | str | None


@checked_methods
class Statistics:
    """Totals of a plan.

    ``groupby`` names labels (``funder, cluster, stage, field, year``) or any column of ``clusters``, ``stages`` or
    ``fields`` (``region``). Without it, the whole. Every method raises :class:`InputError` for a name it does not know.

    Parameters
    ----------
    solution
        The solution.
    """

    def __init__(self, solution: Solution) -> None:
        self._solution = solution

    @cached_property
    def _allocation(self) -> pd.DataFrame:
        return tables.allocation(self._solution)

    def spend(self, groupby: type_of_group = None) -> pd.DataFrame:
        """Return public money, links included [money]."""
        return self._grouped(self._allocation, ("amount",), groupby).rename(columns={"amount": "spend"})

    def private(self, groupby: type_of_group = None) -> pd.DataFrame:
        """Return private money [money]."""
        sets = self._solution.sets
        frame = tables.pipeline(self._solution)[["cluster", "stage", "field", "year"]]
        frame = frame.assign(private=self._solution.private.ravel())
        return self._grouped(tables.in_unit(frame, sets.case.currency), ("private",), groupby)

    def projects(self, groupby: type_of_group = None) -> pd.DataFrame:
        """Return starts and finished projects [projects]."""
        return self._grouped(tables.pipeline(self._solution), ("starts", "finished"), groupby)

    def launches(self, groupby: type_of_group = None) -> pd.DataFrame:
        """Return launches [projects]."""
        return self._grouped(tables.launches(self._solution), ("launches",), groupby)

    def flows(self, groupby: type_of_group = ("stage", "kind")) -> pd.DataFrame:
        """Return where the projects of a stage come from and what becomes of them over the horizon [projects].

        ``kind`` is a word of :class:`optimizer.plan.flows.Flow`; that module states how they balance.
        """
        return self._grouped(project_flows(self._solution), ("projects",), groupby)

    def handovers(self, groupby: type_of_group = ("origin", "destination")) -> pd.DataFrame:
        """Return finished projects passed on to their next stage, inside a cluster too [projects].

        Labels are ``origin, destination, stage`` (the one just finished), ``field`` and ``year``.
        """
        return self._grouped(handovers(self._solution), ("projects",), groupby)

    def overlap(self, groupby: type_of_group = "between") -> pd.DataFrame:
        """Return overlap and its penalty [money]; ``between`` tells clusters from funders."""
        return self._grouped(overlap_ledger(self._solution), ("overlap", "penalty"), groupby)

    def worst_overlaps(self, most: int = 5) -> pd.DataFrame:
        """Return the pairs of clusters, and of funders, that overlap most over the horizon, and where [money].

        Parameters
        ----------
        most
            Pairs of each kind.
        """
        return worst_overlaps(self._solution, most)

    def concentration(self, by: str | None = None) -> pd.DataFrame:
        """Return each cluster's Krugman, Herfindahl and Hachman index, of today's activity and of the plan's spend.

        ``krugman`` is 0 for a cluster that does what the whole does, below 2 for one that has nothing in common with
        it; ``herfindahl`` 1 for one that does a single thing; ``hachman`` 1 as the whole, near 0 for one rare niche.
        ``by`` is ``niche``, ``stage`` or ``field``, the case's own choice where left out.
        """
        return cluster_indices(self._solution, by)

    def indices(self, of: str = IndexOf.ACTIVITY, by: str | None = None) -> SpecializationIndices:
        """Return quotients, relatedness of niches and relatedness density of a plan, as tables.

        Parameters
        ----------
        of
            ``activity`` of today, or ``spend`` of the plan.
        by
            ``niche``, ``stage`` or ``field``; the case's own choice where left out.

        Raises
        ------
        InputError
            If ``of`` or ``by`` is another word.
        """
        return plan_indices(self._solution, of, by)

    def specialization(self) -> pd.DataFrame:
        """Return each cluster's public site money of each year, and the share of it in specialised sites."""
        sets = self._solution.sets
        spent = self._solution.quantity("spent_at_site")
        shape = (len(sets.clusters), sets.n_years)
        whole, strong = np.zeros(shape), np.zeros(shape)
        np.add.at(whole, sets.sites.cluster, spent)
        np.add.at(strong, sets.sites.cluster, spent * specialized(sets)[:, None])
        cluster, year = (index.ravel() for index in np.indices(shape))
        frame = pd.DataFrame(
            {
                "cluster": sets.clusters.take(cluster),
                "year": sets.years.take(year),
                "spend": whole.ravel(),
                "specialized_spend": strong.ravel(),
                "share": np.divide(strong, whole, out=np.full(shape, np.nan), where=whole > 0).ravel(),
                "min_share": sets.case.settings.specialization.min_share,
            }
        )
        return tables.in_unit(frame, sets.case.currency)

    def market(self) -> pd.DataFrame:
        """Return each field's launches of each year at full value and beyond demand, and their discounted worth."""
        solution, sets = self._solution, self._solution.sets
        columns = solution.program.columns
        shape = (len(sets.fields), sets.n_years)
        full, beyond = (solution.x[columns.positions(name)].reshape(shape) for name in ("full", "beyond"))
        field, year = (index.ravel() for index in np.indices(shape))
        saturation = sets.case.settings.value.saturation
        worth = sets.value[:, None] * sets.discount * (full + saturation * beyond)
        frame = pd.DataFrame(
            {
                "field": sets.fields.take(field),
                "year": sets.years.take(year),
                "full": full.ravel(),
                "beyond": beyond.ravel(),
                "worth": worth.ravel(),
            }
        )
        return tables.in_unit(frame, sets.case.currency)

    def rules(self) -> pd.DataFrame:
        """Return every row of every enabled rule: what is attained, the target, what is lacking and its price.

        ``attained`` and ``target`` are money or projects; of a share rule, the part less its share of the whole, and
        0. ``state`` is ``met``, ``binding`` (met with nothing to spare) or ``broken``.
        """
        solution = self._solution
        program, rows = solution.program, solution.program.rows
        position = rows.positions("rules")
        frame = rows.frame("rules")
        if not len(position):
            return pd.DataFrame(columns=["rule", "attained", "target", "lacking", "price", "state"])
        violation = solution.program.columns.positions("violation")
        lower, upper = program.row_lower[position], program.row_upper[position]
        floor = np.isfinite(lower)
        amounts = solution.x.copy()
        amounts[violation] = 0.0
        attained = program.activity(amounts)[position]
        target = np.where(floor, lower, upper)
        spare = np.where(floor, attained - target, target - attained)
        noise = 1e-6 * (1 + np.abs(target))
        prices = solution.sets.case.table("rules").set_index("rule")["price"]
        frame["attained"], frame["target"] = attained + 0.0, target
        frame["lacking"] = np.where(spare < -noise, -spare, 0.0)
        frame["price"] = frame["rule"].map(prices)
        frame["state"] = np.select([spare < -noise, spare <= noise], [BROKEN, BINDING], MET)
        return frame

    def headroom(self) -> pd.DataFrame:
        """Return what each funder leaves unspent each year, and why.

        ``budget + carried_in = spend + carried_out + unspent``; ``reason`` is a :class:`Message`, blank where nothing
        is left.
        """
        solution, sets = self._solution, self._solution.sets
        spent = _spent_by_funder(solution)
        carried_out = solution.carry
        carried_in = np.zeros_like(carried_out)
        carried_in[:, 1:] = carried_out[:, :-1]
        amount = budgets(sets)
        unspent = amount + carried_in - spent - carried_out
        unspent[np.abs(unspent) <= _noise(solution, amount)] = 0.0
        funder, year = (index.ravel() for index in np.indices(amount.shape))
        frame = pd.DataFrame(
            {
                "funder": sets.funders.take(funder),
                "year": sets.years.take(year),
                "budget": amount.ravel(),
                "carried_in": carried_in.ravel(),
                "spend": spent.ravel(),
                "carried_out": carried_out.ravel(),
                "unspent": unspent.ravel(),
                "reason": _reasons(solution, unspent),
            }
        )
        return tables.in_unit(frame, sets.case.currency)

    def _grouped(self, frame: pd.DataFrame, values: tuple[str, ...], groupby: type_of_group) -> pd.DataFrame:
        names = [] if groupby is None else [groupby] if isinstance(groupby, str) else list(groupby)
        unit = frame.attrs["unit"]
        if not names:
            return tables.in_unit(frame[list(values)].sum().to_frame().T, unit)
        frame = self._with_attributes(frame, names)
        totals = frame.groupby(names, sort=False, dropna=False, observed=True)[list(values)].sum()
        return tables.in_unit(totals.reset_index(), unit)

    def _with_attributes(self, frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
        case = self._solution.sets.case
        raw = case.raw.tables
        for name in names:
            if name in frame:
                continue
            # as in rules: the first table that has the column
            owner = next((table for table in ATTRIBUTE_TABLES if table in raw and name in raw[table].header), None)
            key = (owner or "").removesuffix("s")
            if owner is None or key not in frame:
                known = [column for column in frame.columns if frame[column].dtype != float]
                msg = say(
                    "groupby names '{name}'; it can be {known} or a column of clusters, stages or fields.",
                    name=name,
                    known=", ".join(known),
                )
                raise InputError(msg)
            texts = case.table(owner).set_index(key)[name]
            frame = frame.copy()
            frame[name] = frame[key].map(texts)
        return frame


def _spent_by_funder(solution: Solution) -> np.ndarray:
    sets = solution.sets
    spent = np.zeros((len(sets.funders), sets.n_years))
    np.add.at(spent, sets.site_pairs[1], solution.public)
    link, funder = sets.link_pairs
    np.add.at(spent, funder[sets.links.costly[link]], solution.link_public)
    return spent


def _noise(solution: Solution, amount: np.ndarray) -> np.ndarray:
    """Return what counts as nothing beside an amount: sums of many cells carry their rounding."""
    noise: np.ndarray = np.maximum(1e-9 * amount, 10 * solution.outcome.options.zero_tolerance)
    return noise


def _reasons(solution: Solution, unspent: np.ndarray) -> list[Message | None]:
    """Say for each funder and year what keeps the rest of its money from earning anything."""
    sets = solution.sets
    full, empty = site_states(solution)
    idle = ~full & ~empty
    admits = sets.admits_site.astype(float)
    counts = {name: admits @ state for name, state in (("full", full), ("empty", empty), ("idle", idle))}
    total = sets.admits_site.sum(axis=1)
    reasons: list[Message | None] = []
    for funder, year in np.ndindex(unspent.shape):
        if unspent[funder, year] == 0:
            reasons.append(None)
        elif total[funder] == 0:
            reasons.append(say("its mandate admits no site of the case"))
        else:
            reasons.append(
                say(
                    "nothing more would earn anything: of {total} sites it may fund, {full} are at full capacity, "
                    "{empty} have no project waiting, and in {idle} another start earns less than it costs or a rule "
                    "or share forbids it",
                    total=int(total[funder]),
                    **{name: int(count[funder, year]) for name, count in counts.items()},
                )
            )
    return reasons


def site_states(solution: Solution) -> tuple[Mask, Mask]:
    """Return whether each site is at full capacity, or else without a project waiting, shape (sites, years)."""
    started = solution.quantity("started")
    room = solution.sets.sites.capacity[:, None] + _bought_before(solution)
    full: Mask = started >= room - TOLERANCE * (1 + np.where(np.isfinite(room), room, 0))
    empty: Mask = ~full & (np.nan_to_num(solution.backlog, nan=np.inf) <= TOLERANCE)
    return full, empty


def _bought_before(solution: Solution) -> np.ndarray:
    """Return the capacity bought at each site in earlier years, shape (sites, years)."""
    sets = solution.sets
    bought = np.zeros((len(sets.sites), sets.n_years))
    chosen = np.flatnonzero(~np.isnan(sets.sites.expansion_cost))
    values = solution.x[solution.program.columns.positions("expansion")].reshape(-1, sets.n_years)
    bought[chosen, 1:] = np.cumsum(values, axis=1)[:, :-1]
    return bought
