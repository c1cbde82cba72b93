"""The figures of the report, and the script that draws them without a network.

Everything a browser runs stands in the page and is named by its digest in the page's content security policy; figures
are data, which is never run. A browser that keeps the policy loads nothing from anywhere, whatever a case says.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import Any

from optimizer.export.charts.cells import heat_map, overlap_matrix
from optimizer.export.charts.map import map_figure
from optimizer.export.charts.money_flow import money_sankey
from optimizer.export.charts.project_flow import projects_sankey
from optimizer.export.charts.waterfall import money_waterfall
from optimizer.export.charts.years import allocation_years, launches
from optimizer.language import Language
from optimizer.plan.ledger import Side
from optimizer.plan.plan import PlanTables

Draw = Callable[[PlanTables, Language], Any]


@dataclass(frozen=True)
class Drawing:
    """A figure of the page.

    Attributes
    ----------
    name
        Its place in the page.
    height
        Height [pixels].
    data
        The figure as JSON that may stand in a page.
    """

    name: str
    height: int
    data: str


def drawings(plan: PlanTables, language: Language) -> dict[str, Drawing]:
    """Return the figures that a plan has something to show in, by name."""
    return {name: _drawing(name, draw(plan, language)) for name, draw in _wanted(plan)}


def _wanted(plan: PlanTables) -> Iterator[tuple[str, Draw]]:
    summary, clusters = plan.summary(), plan.case.table("clusters")
    if summary["spend"] > 0:
        yield "money", money_sankey
        yield "cells", heat_map
        yield "years", allocation_years
        yield "fields", partial(heat_map, columns="field", share=True)
    if (clusters["latitude"].notna() & clusters["longitude"].notna()).any():
        yield "map", map_figure
    if plan.case.has("baseline"):
        yield "today", money_waterfall
    if len(plan.statistics.flows()):
        yield "projects", projects_sankey
    yield "launches", launches
    if summary["overlap_clusters"] > 0:
        yield "overlap_clusters", overlap_matrix
    if summary["overlap_funders"] > 0:
        yield "overlap_funders", partial(overlap_matrix, between=Side.FUNDER)


def _drawing(name: str, figure: Any) -> Drawing:
    # in a script element nothing is escaped: a "<" could end it
    return Drawing(name, int(figure.layout.height), figure.to_json().replace("<", "\\u003c"))


@cache
def plotly_script() -> str:
    """Return plotly.js, as the Python package brings it (some 5 MB)."""
    from plotly.offline import get_plotlyjs  # heavy, and wanted only for the report

    return str(get_plotlyjs())


@cache
def drawing_script() -> str:
    """Return the script that draws the figures, and lays them out for paper before a page is printed."""
    return resources.files("optimizer.export").joinpath("templates", "report.js").read_text(encoding="utf-8")


@cache
def policy() -> str:
    """Return the content security policy of the page: its own two scripts and styles, and nothing from anywhere."""
    scripts = " ".join(f"'sha256-{_digest(script)}'" for script in (plotly_script(), drawing_script()))
    return f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data: blob:"


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
