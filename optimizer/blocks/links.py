"""Links: how finished projects reach their next stage (FORMULATION 3.2, 3.3).

sets         a = (link, s, f) in FLOWS from site o_a to site d_a, t in YEARS; u < t earlier years
variables    passed[a,t] >= 0      (label `via`: the stage of the link's row, blank for all)  [projects]
             link_expansion[link,t] >= 0   where capacity can be bought                  [projects/year]
constraints  handoff[n,t]:             sum_{a out of n} passed[a,t] - finished[n,t] <= 0
             backlog[n,t]:             - retention_a passed[a,t]  for what arrives
             link_capacity[link,t]:    sum_{a of link} passed[a,t] - sum_u link_expansion[link,u] <= capacity
             link_expansion_limit[link]:  sum_t link_expansion[link,t] <= expansion_limit
expressions  carried[link,t] = sum_{a of link} passed[a,t]
"""

from __future__ import annotations

import numpy as np

from optimizer.blocks.sets import Sets
from optimizer.language import say
from optimizer.lp.builder import ProgramBuilder, among
from optimizer.lp.labels import Codes


def add(builder: ProgramBuilder, sets: Sets) -> None:
    """Add what is passed on, its limits and its arrivals."""
    flows, sites, links = sets.flows, sets.sites, sets.links
    if not len(flows):
        builder.explain_absence("handoff", say("no site has a next stage to pass projects on to"))
    year = np.arange(sets.n_years)
    origin = flows.origin_site
    passed = builder.add_columns(
        "passed",
        {
            "origin": sites.cluster[origin][:, None],
            "destination": sites.cluster[flows.destination_site][:, None],
            "via": links.stage[flows.link][:, None],
            "stage": sites.stage[origin][:, None],
            "field": sites.field[origin][:, None],
            "year": year,
        },
    )
    shape = (len(links), sets.n_years)
    builder.define("carried", shape, (flows.link, passed, 1.0))
    if len(flows):
        # what arrives waits: every destination is a later stage, and later stages run on what waits
        row_of_site = among(builder.rows("backlog"), np.flatnonzero(sites.waits), len(sites))
        builder.add_entries(row_of_site[flows.destination_site], passed, -links.retention[flows.link][:, None])
    _add_handoffs(builder, sets)
    _add_capacities(builder, sets)


def _add_handoffs(builder: ProgramBuilder, sets: Sets) -> None:
    sites, passed = sets.sites, builder.columns("passed")
    leaving, number = np.unique(sets.flows.origin_site, return_inverse=True)
    labels = {"cluster": sites.cluster, "stage": sites.stage, "field": sites.field}
    rows = builder.add_rows(
        "handoff",
        {name: codes[leaving][:, None] for name, codes in labels.items()} | {"year": np.arange(sets.n_years)},
        upper=0.0,
    )
    builder.add_entries(rows[number], passed, 1.0)
    row_of_site = among(rows, leaving, len(sites))
    leaves = np.isin(np.arange(len(sites)), leaving)
    builder.add_expression(row_of_site, "finished", -1.0, where=leaves[:, None])


def _add_capacities(builder: ProgramBuilder, sets: Sets) -> None:
    links, year = sets.links, np.arange(sets.n_years)
    limited = np.flatnonzero(np.isfinite(links.capacity))
    if not len(limited):
        builder.explain_absence("link_capacity", say("no link has a limited capacity"))
    rows = builder.add_rows(
        "link_capacity", _labels(sets, limited[:, None]) | {"year": year}, upper=links.capacity[limited][:, None]
    )
    row_of_link = among(rows, limited, len(links))
    builder.add_expression(row_of_link, "carried", where=np.isfinite(links.capacity)[:, None])
    expandable = np.flatnonzero(~np.isnan(links.expansion_cost))
    if not len(expandable):
        builder.explain_absence("link_expansion_limit", say("no link with a limited capacity has an expansion_cost"))
    bought = builder.add_columns("link_expansion", _labels(sets, expandable[:, None]) | {"year": year})
    bought_in, used_in = np.triu_indices(sets.n_years, k=1)  # what is bought serves from the next year on
    builder.add_entries(row_of_link[expandable][:, used_in], bought[:, bought_in], -1.0)
    finite = np.isfinite(links.expansion_limit[expandable])
    limits = builder.add_rows(
        "link_expansion_limit",
        _labels(sets, expandable[finite]),
        upper=links.expansion_limit[expandable[finite]],
    )
    builder.add_entries(limits[:, None], bought[finite], 1.0)


def _labels(sets: Sets, chosen: Codes) -> dict[str, Codes]:
    links = sets.links
    return {"origin": links.origin[chosen], "destination": links.destination[chosen], "stage": links.stage[chosen]}
