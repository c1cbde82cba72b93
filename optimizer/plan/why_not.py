"""Where nothing can be started, whatever the prices: no mandate, no capacity, or no project that could be waiting."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from optimizer.blocks.sets import Links, Mask, Sets, Sites
from optimizer.language import Message, say
from optimizer.lp.labels import BLANK
from optimizer.lp.program import Vector


class Obstacles:
    """What keeps projects from ever starting in a cell.

    Parameters
    ----------
    sets
        Sets and figures of the case.
    """

    def __init__(self, sets: Sets) -> None:
        self._sets = sets

    def reason(self, site: int, year: int) -> Message | None:
        """Return why nothing can be started at a site, by its number, in a year counted from the first, or ``None``."""
        sets, sites = self._sets, self._sets.sites
        if not sets.fundable[site] and sites.unit_cost[site] > 0:
            return say("No mandate admits any funder there.")
        if sites.capacity[site] == 0:
            if not _expandable(sites)[site]:
                return say("Its capacity is 0 and cannot be expanded.")
            if year == 0:
                return say(
                    "Its capacity is 0 until an expansion is ready, in {year} at the soonest.", year=sets.years[0] + 1
                )
        first = self._first_waiting[site]
        if np.isinf(first):
            return say("No project ever reaches it: it has no backlog, no inflow and no link that brings any.")
        if first > year:
            return say(
                "No project can be waiting there before {year}: the first ones are still in earlier stages.",
                year=int(sets.years[0] + first),
            )
        return None

    @cached_property
    def _first_waiting(self) -> Vector:
        """For each site the year, counted from the first, before which nothing can wait there; infinity for never."""
        sets, sites, flows, links = self._sets, self._sets.sites, self._sets.flows, self._sets.links
        stages = sets.case.table("stages")
        kept = (1 - stages["decay"].to_numpy(float)[sites.stage]) * sites.backlog
        first = np.where(~sites.waits | (sites.inflow > 0) | (kept > 0), 0.0, np.inf)
        room = (sites.capacity > 0) | _expandable(sites)
        works = room & (sites.success > 0) & (sets.fundable | (sites.unit_cost == 0))
        carries = (links.retention > 0) & ((links.capacity > 0) | _expandable(links))
        carried = carries[flows.link]
        origin, destination = flows.origin_site[carried], flows.destination_site[carried]
        begin = sets.site_at[sites.cluster, 0, sites.field]
        fed = np.flatnonzero((stages["feedback"].to_numpy(float)[sites.stage] > 0) & (begin != BLANK))
        for _ in range(len(sites)):
            ready = np.where(works, first + np.floor(sites.duration), np.inf)
            sooner = first.copy()
            np.minimum.at(sooner, destination, ready[origin])
            np.minimum.at(sooner, begin[fed], ready[fed])
            if (sooner == first).all():
                break
            first = sooner
        return first


def _expandable(places: Sites | Links) -> Mask:
    """Whether capacity can be bought at each site or link."""
    can: Mask = ~np.isnan(places.expansion_cost) & (places.expansion_limit > 0)
    return can
