"""Specialisation: a least share of every cluster's public site money goes to its strengths (FORMULATION 3.7).

sets         c in CLUSTERS, t in YEARS, k what quotients are taken over; a_ck today's activity
parameters   LQ_ck = (a_ck / a_c) / (a_k / a), 0 where a_c or a_k is 0
constraints  specialization[c,t]:  sum_{specialised n in c} x[n,t] - min_share sum_{n in c} x[n,t] >= 0
             with x[n,t] = sum_m public[m,n,t]                                           [money]
"""

from __future__ import annotations

import numpy as np

from optimizer.blocks.sets import Mask, Sets
from optimizer.language import say
from optimizer.lp.builder import ProgramBuilder, among
from optimizer.lp.labels import BLANK, Codes
from optimizer.lp.program import Vector

TOLERANCE = 1e-9


def add(builder: ProgramBuilder, sets: Sets) -> None:
    """Add one share row per cluster with money to spend at its sites, and year."""
    share = sets.case.settings.specialization.min_share
    if share == 0:
        builder.explain_absence("specialization", say("specialization.min_share is 0"))
        return
    cluster = sets.sites.cluster
    funded = np.unique(cluster[sets.fundable])
    rows = builder.add_rows("specialization", {"cluster": funded[:, None], "year": np.arange(sets.n_years)}, lower=0.0)
    row_of_cluster = among(rows, funded, len(sets.clusters))
    factor = specialized(sets).astype(float) - share
    builder.add_expression(row_of_cluster[cluster], "spent_at_site", factor[:, None], where=sets.fundable[:, None])


def location_quotients(activity: Vector, cluster: Codes, group: Codes) -> Vector:
    """Return the location quotient of each site's cluster in the site's group.

    Parameters
    ----------
    activity
        Activity of each site, any unit.
    cluster, group
        Number of each site's cluster, and of its niche, stage or field.

    Returns
    -------
    Vector
        ``(a_ck / a_c) / (a_k / a)``, 0 where the cluster or the group has no activity.
    """
    size = (int(cluster.max(initial=-1)) + 1, int(group.max(initial=-1)) + 1)
    both = np.zeros(size)
    np.add.at(both, (cluster, group), activity)
    of_cluster, of_group = both.sum(axis=1, keepdims=True), both.sum(axis=0, keepdims=True)
    whole = of_cluster * of_group
    quotients = np.divide(both * both.sum(), whole, out=np.zeros(size), where=whole > 0)
    chosen: Vector = quotients[cluster, group]
    return chosen


def quotients(sets: Sets) -> Vector:
    """Return each site's location quotient over niches, stages or fields, as the case's settings say."""
    sites = sets.sites
    groups = {
        "niche": sites.stage * len(sets.fields) + sites.field,
        "stage": sites.stage,
        "field": sites.field,
    }
    return location_quotients(sites.activity, sites.cluster, groups[sets.case.settings.specialization.by])


def specialized(sets: Sets) -> Mask:
    """Return whether each site counts as specialised: as marked, else by its quotient."""
    marked = sets.sites.marked
    by_quotient = quotients(sets) >= sets.case.settings.specialization.quotient - TOLERANCE
    return np.where(marked == BLANK, by_quotient, marked == 1)
