"""How specialised the clusters of a plan are, today and by what the plan spends, and which niches they are close to."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import pandas as pd

from optimizer.blocks.sets import Mask
from optimizer.blocks.specialization import TOLERANCE, location_quotients, quotients, specialized
from optimizer.lp.labels import BLANK, Codes
from optimizer.lp.program import Vector
from optimizer.options import one_of
from optimizer.plan.indices import SpecializationIndices, specialization_indices
from optimizer.plan.solution import Solution
from optimizer.plan.tables import in_unit, site_labels


class IndexOf(StrEnum):
    """What indices of a plan are taken of."""

    ACTIVITY = "activity"
    SPEND = "spend"


class Level(StrEnum):
    """What shares and quotients are taken over."""

    NICHE = "niche"
    STAGE = "stage"
    FIELD = "field"


def plan_indices(solution: Solution, of: str = IndexOf.ACTIVITY, by: str | None = None) -> SpecializationIndices:
    """Return the indices of today's activity, or of what the plan spends at sites over the horizon.

    Of today's activity, a cluster counts as specialised where one of its sites does: as marked in ``sites.csv``, else
    by its quotient. Of spend, by the quotient alone.

    Parameters
    ----------
    solution
        The solution.
    of
        ``activity`` or ``spend``.
    by
        ``niche``, ``stage`` or ``field``: what shares and quotients are taken over; the case's own choice where left
        out.

    Raises
    ------
    InputError
        If ``of`` or ``by`` is another word.
    """
    sets = solution.sets
    settings = sets.case.settings.specialization
    chosen = one_of(IndexOf, of, "of")
    group, labels = _groups(solution, by)
    shape = (len(sets.clusters), len(labels))
    at = (sets.sites.cluster, group)

    def table(values: Vector | Mask) -> pd.DataFrame:
        return pd.DataFrame(values, index=pd.Index(sets.clusters, name="cluster"), columns=labels)

    amounts = np.zeros(shape)
    np.add.at(amounts, at, sets.sites.activity if chosen is IndexOf.ACTIVITY else _site_spend(solution))
    if chosen is IndexOf.SPEND:
        return specialization_indices(table(amounts), quotient=settings.quotient)
    by_quotient = location_quotients(sets.sites.activity, *at) >= settings.quotient - TOLERANCE
    strong = np.zeros(shape, dtype=bool)
    np.logical_or.at(strong, at, np.where(sets.sites.marked == BLANK, by_quotient, sets.sites.marked == 1))
    return specialization_indices(table(amounts), quotient=settings.quotient, specialized=table(strong))


def _groups(solution: Solution, by: str | None) -> tuple[Codes, pd.Index]:
    """Return the number of each site's niche, stage or field among those that have a site, and their labels."""
    sets = solution.sets
    level = one_of(Level, sets.case.settings.specialization.by if by is None else by, "by")
    code = {
        Level.NICHE: sets.sites.stage * len(sets.fields) + sets.sites.field,
        Level.STAGE: sets.sites.stage,
        Level.FIELD: sets.sites.field,
    }[level]
    present, group = np.unique(code, return_inverse=True)
    if level is Level.NICHE:
        stage, field = np.divmod(present, len(sets.fields))
        names = ["stage", "field"]
        return group, pd.MultiIndex.from_arrays([sets.stages.take(stage), sets.fields.take(field)], names=names)
    labels = sets.stages if level is Level.STAGE else sets.fields
    return group, pd.Index(labels.take(present), name=level.value)


def _site_spend(solution: Solution) -> Vector:
    """Return the public money of each site over the horizon."""
    spend: Vector = solution.quantity("spent_at_site").sum(axis=1)
    return spend


def site_table(solution: Solution) -> pd.DataFrame:
    """Return how each site's cluster is specialised there, today and by the plan's spend.

    ``location_quotient`` is that of today's activity, 0 where there is none; ``location_quotient_of_plan`` that of the
    plan's public money, missing where the cluster or the whole gets none; both over niches, stages or fields as the
    case's settings say. ``density`` is that of niches: the share of a niche's relatedness to others that falls on what
    the cluster is specialised in today, missing where it is not defined.
    """
    sets, cluster = solution.sets, solution.sets.sites.cluster
    plan = plan_indices(solution, IndexOf.SPEND).location_quotient.to_numpy()
    density = plan_indices(solution, IndexOf.ACTIVITY, Level.NICHE).density.to_numpy()
    frame = pd.DataFrame(
        {
            **site_labels(sets, np.arange(len(sets.sites))),
            "activity": sets.sites.activity,
            "location_quotient": quotients(sets),
            "specialized": specialized(sets),
            "spend": _site_spend(solution),
            "location_quotient_of_plan": plan[cluster, _groups(solution, None)[0]],
            "density": density[cluster, _groups(solution, Level.NICHE)[0]],
        }
    )
    return in_unit(frame, sets.case.currency)


def cluster_indices(solution: Solution, by: str | None = None) -> pd.DataFrame:
    """Return each cluster's Krugman, Herfindahl and Hachman index of today's activity and of the plan's spend."""
    today, plan = (plan_indices(solution, of, by) for of in IndexOf)
    frame = pd.DataFrame({"cluster": solution.sets.clusters})
    for name in ("krugman", "herfindahl", "hachman"):
        frame[f"{name}_today"] = getattr(today, name).to_numpy()
        frame[f"{name}_of_plan"] = getattr(plan, name).to_numpy()
    return frame


def plan_suggestions(solution: Solution, most: int = 3, by: str = Level.NICHE) -> pd.DataFrame:
    """Return :meth:`SpecializationIndices.suggestions` of today's activity, and whether the case has a site there."""
    frame = plan_indices(solution, IndexOf.ACTIVITY, by).suggestions(most)
    group, labels = _groups(solution, by)
    sites = np.zeros((len(solution.sets.clusters), len(labels)), dtype=bool)
    sites[solution.sets.sites.cluster, group] = True
    cluster = solution.sets.clusters.get_indexer(pd.Index(frame["cluster"], dtype=object))
    wanted = pd.MultiIndex.from_frame(frame[labels.names]) if labels.nlevels > 1 else pd.Index(frame[labels.names[0]])
    frame["has_site"] = sites[cluster, labels.get_indexer(wanted)]
    return frame
