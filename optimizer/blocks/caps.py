"""The most a site can take in a year: what big numbers of whole decisions and envelopes are made of.

sets         n in SITES, m in FUNDERS, t in YEARS
capacity     sum_j pay_j k_n sum_i mult_i share_i (capacity_n + expansion_limit_n) + expansion_cost_n expansion_limit_n
budget       of funder m: budget[m,t] + carry_over budget[m,t-1]
cap          of a site pair: the smaller of both; of a site: the smaller of its capacity and the sum over its funders
"""

from __future__ import annotations

import numpy as np

from optimizer.blocks.funding import budgets
from optimizer.blocks.pipeline import tranches
from optimizer.blocks.sets import Sets
from optimizer.lp.program import Vector


def most_spend(sets: Sets) -> Vector:
    """Return the most public money each site can take in each year, shape (sites, years) [money]."""
    whole = np.zeros((len(sets.sites), sets.n_years))
    site, funder = sets.site_pairs
    np.add.at(whole, site, _budget_caps(sets)[funder])
    caps: Vector = np.minimum(whole, _capacity_caps(sets))
    return caps


def most_spend_by_funder(sets: Sets, site_caps: Vector) -> Vector:
    """Return the most each funder can spend at each site in each year, shape (site pairs, years) [money]."""
    site, funder = sets.site_pairs
    caps: Vector = np.minimum(site_caps[site], _budget_caps(sets)[funder])
    return caps


def _budget_caps(sets: Sets) -> Vector:
    amount = budgets(sets)
    carried = np.zeros_like(amount)
    carried[:, 1:] = sets.case.settings.funding.carry_over * amount[:, :-1]
    return amount + carried


def _capacity_caps(sets: Sets) -> Vector:
    sites = sets.sites
    shares, multipliers = tranches(sets)
    bought = np.where(np.isnan(sites.expansion_cost), 0.0, sites.expansion_limit)
    with np.errstate(invalid="ignore"):  # an unlimited capacity at no cost
        starts = (sites.capacity + bought) * sites.unit_cost * float(shares @ multipliers)
        expansions = np.where(bought > 0, bought * np.nan_to_num(sites.expansion_cost), 0.0)
    paid = sets.payments
    share = np.zeros((len(sites), sets.n_years))
    for year in range(sets.n_years):
        begun = paid.lag <= year
        np.add.at(share[:, year], paid.site[begun], paid.share[begun])
    with np.errstate(invalid="ignore"):
        caps: Vector = starts[:, None] * share + expansions[:, None]
    return np.where(np.isnan(caps), np.inf, caps)
