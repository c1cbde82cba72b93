"""Funding: who pays for what, within budgets and mandates, and what private money follows (FORMULATION 3.4).

sets         n in SITES, link in LINKS, m in FUNDERS, t in YEARS
variables    public[m,n,t] >= 0          where the mandate admits it                     [money]
             link_public[m,link,t] >= 0  likewise, where a link can cost anything        [money]
             private[n,t] >= 0           where crowd_in > 0                              [money]
             carry[m,t] >= 0             not out of the last year                        [money]
constraints  money[n,t]:        sum_m public + private - sum_j pay_j sum_i k_n mult_i starts[n,t-j,i]
                                - expansion_cost_n expansion[n,t] = 0
             crowd_in[n,t]:     private[n,t] - crowd_in_s sum_m public[m,n,t] <= 0
             private_cap[c,t]:  sum_{n in c} private[n,t] - reinvestment sum_f value_f finished[(c,S,f),t-1] <= cap_c
             link_money[link,t]:  sum_m link_public - transfer_cost carried[link,t]
                                - expansion_cost link_expansion[link,t] = 0
             budget[m,t]:       sum_n public + sum_link link_public + carry[m,t] - carry[m,t-1] <= budget[m,t]
             carry_over[m,t]:   carry[m,t] <= carry_over budget[m,t]     (a bound, reported as a row)
expressions  spent_at_site[n,t] = sum_m public[m,n,t]
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.blocks.pipeline import tranches
from optimizer.blocks.sets import Sets, codes_of
from optimizer.language import say
from optimizer.lp.builder import Grid, ProgramBuilder, among
from optimizer.lp.labels import BLANK, Codes
from optimizer.lp.program import LinearProgram, Vector, freeze


def add(builder: ProgramBuilder, sets: Sets) -> None:
    """Add public and private money with the balances of sites, links and budgets."""
    site, funder = sets.site_pairs
    year = np.arange(sets.n_years)
    here = _site_labels(sets, site)
    public = builder.add_columns("public", {"funder": funder[:, None]} | here | {"year": year})
    builder.define("spent_at_site", (len(sets.sites), sets.n_years), (site, public, 1.0))
    money = builder.add_rows(
        "money", _site_labels(sets, np.arange(len(sets.sites))) | {"year": year}, lower=0.0, upper=0.0
    )
    builder.add_expression(money, "spent_at_site")
    _add_costs(builder, sets, money)
    _add_private(builder, sets, money)
    _add_links(builder, sets)
    _add_budgets(builder, sets)


def budgets(sets: Sets) -> Vector:
    """Return each funder's budget of each year, shape (funders, years)."""
    table = sets.case.table("budget")
    funder, year = codes_of(table["funder"], sets.funders), codes_of(table["year"], sets.years)
    grid = np.zeros((len(sets.funders), sets.n_years))
    within = year != BLANK
    grid[funder[within], year[within]] = table["amount"].to_numpy(float)[within]
    return grid


def with_budgets(program: LinearProgram, sets: Sets) -> LinearProgram:
    """Return a program of the same case with the budgets of ``sets``; nothing but these may differ."""
    amount = budgets(sets)
    row_upper, upper = program.row_upper.copy(), program.upper.copy()
    row_upper[program.rows.positions("budget")] = amount.ravel()
    carry = program.columns.positions("carry")
    if len(carry):
        upper[carry] = _most_carried(sets, amount).ravel()
    return replace(program, **freeze(row_upper=row_upper, upper=upper))


def _most_carried(sets: Sets, amount: Vector) -> Vector:
    most: Vector = sets.case.settings.funding.carry_over * amount[:, :-1]
    return most


def _site_labels(sets: Sets, site: Codes) -> dict[str, Codes]:
    sites = sets.sites
    labels = {"cluster": sites.cluster[site], "stage": sites.stage[site], "field": sites.field[site]}
    return {name: codes[:, None] for name, codes in labels.items()}


def _add_costs(builder: ProgramBuilder, sets: Sets, money: Grid) -> None:
    paid, sites = sets.payments, sets.sites
    starts = builder.columns("starts")
    _, multipliers = tranches(sets)
    for lag, site, share in paid.within(sets.n_years):
        due = (share * sites.unit_cost[site])[:, None, None] * multipliers
        builder.add_entries(money[site, lag:, None], starts[site, : sets.n_years - lag], -due)
    expandable = np.flatnonzero(~np.isnan(sites.expansion_cost))
    builder.add_entries(money[expandable], builder.columns("expansion"), -sites.expansion_cost[expandable][:, None])


def _add_private(builder: ProgramBuilder, sets: Sets, money: Grid) -> None:
    sites, year = sets.sites, np.arange(sets.n_years)
    ratio = sets.case.table("stages")["crowd_in"].to_numpy(float)[sites.stage]
    matched = np.flatnonzero(ratio > 0)
    if not len(matched):
        builder.explain_absence("crowd_in", say("no stage has a crowd_in"))
    labels = _site_labels(sets, matched) | {"year": year}
    private = builder.add_columns("private", labels)
    builder.add_entries(money[matched], private, 1.0)
    rows = builder.add_rows("crowd_in", labels, upper=0.0)
    builder.add_entries(rows, private, 1.0)
    row_of_site = among(rows, matched, len(sites))
    builder.add_expression(row_of_site, "spent_at_site", -ratio[:, None], where=(ratio > 0)[:, None])
    _add_private_caps(builder, sets, matched, private)


def _add_private_caps(builder: ProgramBuilder, sets: Sets, matched: Codes, private: Grid) -> None:
    sites = sets.sites
    cap = sets.case.table("clusters")["private_cap"].to_numpy(float)
    capped = np.flatnonzero(np.isfinite(cap) & np.isin(np.arange(len(cap)), sites.cluster[matched]))
    if not len(capped):
        builder.explain_absence("private_cap", say("no cluster with private money has a private_cap"))
    rows = builder.add_rows(
        "private_cap", {"cluster": capped[:, None], "year": np.arange(sets.n_years)}, upper=cap[capped][:, None]
    )
    of_site = among(rows, capped, len(cap))[sites.cluster]
    builder.add_entries(of_site[matched], private, 1.0, where=of_site[matched] != BLANK)
    # launches of one year bring money back in the next, so the row stands one year after the launch
    next_year = np.full_like(of_site, BLANK)
    next_year[:, :-1] = of_site[:, 1:]
    returned = sets.case.settings.funding.reinvestment * sets.value[sites.field]
    launches = (sites.stage == sets.last_stage)[:, None]
    builder.add_expression(next_year, "finished", -returned[:, None], where=launches & (next_year != BLANK))


def _add_links(builder: ProgramBuilder, sets: Sets) -> None:
    links, year = sets.links, np.arange(sets.n_years)
    link, funder = sets.link_pairs
    kept = links.costly[link]
    link, funder = link[kept], funder[kept]
    here = {"origin": links.origin, "destination": links.destination, "stage": links.stage}
    public = builder.add_columns(
        "link_public",
        {"funder": funder[:, None]} | {name: codes[link][:, None] for name, codes in here.items()} | {"year": year},
    )
    costly = np.flatnonzero(links.costly)
    if not len(costly):
        builder.explain_absence("link_money", say("no link costs anything"))
    rows = builder.add_rows(
        "link_money",
        {name: codes[costly][:, None] for name, codes in here.items()} | {"year": year},
        lower=0.0,
        upper=0.0,
    )
    row_of_link = among(rows, costly, len(links))
    builder.add_entries(row_of_link[link], public, 1.0)
    builder.add_expression(row_of_link, "carried", -links.transfer_cost[:, None], where=links.costly[:, None])
    expandable = np.flatnonzero(~np.isnan(links.expansion_cost))
    builder.add_entries(
        row_of_link[expandable], builder.columns("link_expansion"), -links.expansion_cost[expandable][:, None]
    )


def _add_budgets(builder: ProgramBuilder, sets: Sets) -> None:
    amount = budgets(sets)
    labels = {"funder": np.arange(len(sets.funders))[:, None], "year": np.arange(sets.n_years)}
    rows = builder.add_rows("budget", labels, upper=amount)
    _, funder = sets.site_pairs
    builder.add_entries(rows[funder], builder.columns("public"), 1.0)
    link, link_funder = sets.link_pairs
    builder.add_entries(rows[link_funder[sets.links.costly[link]]], builder.columns("link_public"), 1.0)
    share = sets.case.settings.funding.carry_over
    if share == 0 or sets.n_years == 1:
        builder.explain_absence(
            "carry_over", say("nothing may be carried over: funding.carry_over is 0 or the horizon one year")
        )
        return
    earlier = {name: codes[..., :-1] for name, codes in labels.items()} | {"funder": labels["funder"]}
    carry = builder.add_columns("carry", earlier, upper=_most_carried(sets, amount))
    builder.add_limits("carry_over", earlier, carry)
    builder.add_entries(rows[:, :-1], carry, 1.0)
    builder.add_entries(rows[:, 1:], carry, -1.0)
