"""Projects through the value chain as a Sankey diagram, with everything that is lost on the way."""

from __future__ import annotations

from typing import Any

import pandas as pd

from optimizer.errors import InputError
from optimizer.export.charts.labels import Labels
from optimizer.export.charts.sankey import Node, draw
from optimizer.export.charts.style import COLOURS, NEUTRAL
from optimizer.language import Language, say, sentence
from optimizer.plan.flows import ENDS, SOURCES, Flow
from optimizer.plan.plan import PlanTables

TITLE, PROJECTS = sentence("What becomes of the projects"), sentence("Projects")
WORDS = {
    Flow.WAITING_TODAY: sentence("Waiting today"),
    Flow.INFLOW: sentence("New from outside"),
    Flow.IDEAS: sentence("New ideas from successes"),
    Flow.OPEN: sentence("New, as many as wanted"),
    Flow.FAILED: sentence("Failed"),
    Flow.LOST: sentence("Not passed on, or lost on the way"),
    Flow.DROPPED: sentence("Given up while waiting"),
    Flow.WAITING: sentence("Waiting at the end"),
    Flow.RUNNING: sentence("Running at the end"),
    Flow.LAUNCHED: sentence("Launched"),
}
"""Kinds of flow in words."""
STAGE_COLOUR = COLOURS[0]
KIND_COLOUR = {
    Flow.FAILED: COLOURS[5],
    Flow.LOST: COLOURS[1],
    Flow.DROPPED: COLOURS[3],
    Flow.WAITING: COLOURS[4],
    Flow.RUNNING: COLOURS[7],
    Flow.LAUNCHED: COLOURS[2],
}
TOP_DOWN = (Flow.LAUNCHED, Flow.RUNNING, Flow.WAITING, Flow.DROPPED, Flow.LOST, Flow.FAILED)
"""What becomes of projects, from the best to the worst."""


def projects_sankey(plan: PlanTables, language: Language = Language.EN, *, field: str | None = None) -> Any:
    """Return projects over the horizon as a Sankey diagram: stage by stage to launch, with everything lost on the way.

    What comes into a stage equals what leaves it; see :mod:`optimizer.plan.flows`.

    Parameters
    ----------
    plan
        The plan.
    language
        Language of the figure.
    field
        Key of a field, for its projects alone.

    Raises
    ------
    InputError
        If there is no such field, or there are no projects to draw.
    """
    flows = _flows(plan, field)
    labels = Labels(plan.case, language)
    stages = list(plan.solution.sets.stages[plan.solution.sets.stages.isin(flows["stage"])])
    kinds = set(flows["kind"])
    origins = [kind for kind in SOURCES if kind in kinds]
    ends = [kind for kind in TOP_DOWN if kind in kinds]
    nodes = [
        *(Node(labels.say(WORDS[kind]), NEUTRAL, 0) for kind in origins),
        *(
            Node(name, STAGE_COLOUR, 2 + number, "<br>")
            for number, name in enumerate(labels.in_lines("stage", stages, 12))
        ),
        *(Node(labels.say(WORDS[kind]), KIND_COLOUR[kind], len(stages) + 3) for kind in ends),
    ]
    kind_at = {kind: number for number, kind in enumerate(origins)}
    kind_at |= {kind: len(origins) + len(stages) + number for number, kind in enumerate(ends)}
    here = len(origins) + pd.Index(stages).get_indexer(pd.Index(flows["stage"]))
    other = flows["kind"].map(kind_at).fillna(pd.Series(here - 1, flows.index)).astype(int)
    out = flows["kind"].isin(ENDS)
    links = pd.DataFrame(
        {
            "source": other.mask(out, pd.Series(here, flows.index)),
            "target": pd.Series(here, flows.index).mask(out, other),
            "value": flows["projects"],
        }
    )
    links["end"] = links["target"].where(out, links["source"])
    which = "" if field is None else f"{labels.of('field', [field])[0]}, "
    below = f"{labels.say(PROJECTS)}, {which}{labels.below()}"
    return draw(labels.say(TITLE), below, nodes, links, labels.counted(""))


def _flows(plan: PlanTables, field: str | None) -> pd.DataFrame:
    fields = plan.solution.sets.fields
    if field is not None and field not in fields:
        message = say("there is no field '{field}'; name one of {known}.", field=field, known=", ".join(fields))
        raise InputError(message)
    flows = plan.statistics.flows(["stage", "field", "kind"])
    if field is not None:
        flows = flows[flows["field"] == field]
    flows = flows.groupby(["stage", "kind"], sort=False)["projects"].sum().reset_index()
    if flows.empty:
        message = say("there are no projects to draw: nothing waits, comes in or starts. Look at sites.csv.")
        raise InputError(message)
    return flows
