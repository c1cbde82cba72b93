"""Projects on their way through the value chain: where they come from, what becomes of them, and who hands them over.

Over the horizon every stage balances:

    waiting_today + inflow + ideas + open + arrived = dropped + waiting + started
    started = failed + running + (arrived at the next stage + lost, or launched at the last)

``running`` are starts that finish after the last year; ``dropped`` is the backlog that decays while it waits; ``lost``
is what is finished and not passed on, or does not survive the way (FORMULATION 3.2).
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import pandas as pd

from optimizer.blocks.sets import Sets
from optimizer.lp.labels import BLANK, Codes
from optimizer.lp.program import Vector
from optimizer.plan.solution import Solution
from optimizer.plan.tables import PROJECTS, in_unit, site_labels


class Flow(StrEnum):
    """What comes into a stage, and what becomes of it."""

    WAITING_TODAY = "waiting_today"
    INFLOW = "inflow"
    IDEAS = "ideas"
    OPEN = "open"
    ARRIVED = "arrived"
    FAILED = "failed"
    RUNNING = "running"
    DROPPED = "dropped"
    WAITING = "waiting"
    LOST = "lost"
    LAUNCHED = "launched"


SOURCES = (Flow.WAITING_TODAY, Flow.INFLOW, Flow.IDEAS, Flow.OPEN)
"""Where projects of a stage come from, beside those that arrive from the stage before."""
ENDS = (Flow.FAILED, Flow.LOST, Flow.DROPPED, Flow.WAITING, Flow.RUNNING, Flow.LAUNCHED)
"""What becomes of projects of a stage, beside arriving at the next one."""


def project_flows(solution: Solution) -> pd.DataFrame:
    """Return projects over the horizon by cluster, stage, field and kind of flow; see :class:`Flow` [projects].

    Returns
    -------
    pandas.DataFrame
        ``cluster, stage, field, kind, projects``; flows of nothing are left out. ``arrived`` stands at the site a
        project arrives at, ``lost`` at the one it has left.
    """
    sets = solution.sets
    amounts = _amounts(solution)
    site = np.tile(np.arange(len(sets.sites)), len(amounts))
    frame = pd.DataFrame(
        {
            **site_labels(sets, site),
            "kind": np.repeat([kind.value for kind in amounts], len(sets.sites)),
            "projects": np.concatenate(list(amounts.values())) if len(sets.sites) else np.empty(0),
        }
    )
    return in_unit(frame[frame["projects"] > solution.outcome.options.zero_tolerance], PROJECTS)


def _amounts(solution: Solution) -> dict[Flow, Vector]:
    """Return each kind of flow of each site over the horizon."""
    sets, sites = solution.sets, solution.sets.sites
    stages = sets.case.table("stages")
    decay, feedback = (stages[name].to_numpy(float)[sites.stage] for name in ("decay", "feedback"))
    started = solution.quantity("started")
    finished = solution.quantity("finished").sum(axis=1)
    ended = _ended(sets, started)
    backlog = np.nan_to_num(solution.backlog)
    waited = np.where(sites.waits, sites.backlog + backlog[:, :-1].sum(axis=1), 0.0)
    arrived, lost = _handed_over(solution, finished)
    last = sites.stage == sets.last_stage
    return {
        Flow.WAITING_TODAY: np.where(sites.waits, sites.backlog, 0.0),
        Flow.INFLOW: np.where(sites.waits, sites.inflow * sets.n_years, 0.0),
        Flow.IDEAS: _ideas(sets, feedback * finished),
        Flow.OPEN: np.where(sites.waits, 0.0, started.sum(axis=1)),
        Flow.ARRIVED: arrived,
        Flow.FAILED: ended - finished,
        Flow.RUNNING: started.sum(axis=1) - ended,
        Flow.DROPPED: decay * waited,
        Flow.WAITING: backlog[:, -1],
        Flow.LOST: np.where(last, 0.0, lost),
        Flow.LAUNCHED: np.where(last, finished, 0.0),
    }


def _ended(sets: Sets, started: Vector) -> Vector:
    """Return the starts of each site that end inside the horizon, well or not."""
    done = sets.completions
    entry, year = np.nonzero(done.lag[:, None] + np.arange(sets.n_years) < sets.n_years)
    site = done.site[entry]
    return _summed(site, started[site, year] * done.share[entry], sets)


def _ideas(sets: Sets, fed: Vector) -> Vector:
    """Return the new projects of first stages that the successes of their clusters bring."""
    first: Codes = sets.site_at[sets.sites.cluster, 0, sets.sites.field]
    there = (first != BLANK) & sets.sites.waits[first]
    return _summed(first[there], fed[there], sets)


def _handed_over(solution: Solution, finished: Vector) -> tuple[Vector, Vector]:
    """Return what arrives at each site, and what each site finishes that arrives nowhere."""
    sets = solution.sets
    flows = sets.flows
    passed = _passed(solution).sum(axis=1)
    kept = passed * sets.links.retention[flows.link]
    return _summed(flows.destination_site, kept, sets), finished - _summed(flows.origin_site, kept, sets)


def _summed(site: Codes, amount: Vector, sets: Sets) -> Vector:
    """Return amounts added up by site."""
    total: Vector = np.bincount(site, amount, minlength=len(sets.sites)).astype(float)
    return total


def _passed(solution: Solution) -> Vector:
    """Return what each flow of a link passes on in each year, shape (flows, years)."""
    sets = solution.sets
    return solution.x[solution.program.columns.positions("passed")].reshape(len(sets.flows), sets.n_years)


def handovers(solution: Solution) -> pd.DataFrame:
    """Return finished projects passed on, by origin, destination, stage just finished, field and year [projects]."""
    sets, flows = solution.sets, solution.sets.flows
    passed = _passed(solution)
    flow, year = np.nonzero(passed)
    origin = flows.origin_site[flow]
    labels = site_labels(sets, origin)
    frame = pd.DataFrame(
        {
            "origin": labels.pop("cluster"),
            "destination": sets.clusters.take(sets.sites.cluster[flows.destination_site[flow]]),
            **labels,
            "year": sets.years.take(year),
            "projects": passed[flow, year],
        }
    )
    return in_unit(frame, PROJECTS)
