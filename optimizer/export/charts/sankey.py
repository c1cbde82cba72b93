"""A Sankey diagram of nodes in columns: what the diagrams of money and of projects share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.export.charts.style import INK, PALE, digits_for, graph_objects, new_figure

HEIGHT, TOP, BOTTOM, SIDE = 620, 112, 20, 12
"""Height of the figure and of what lies around the diagram [pixels]."""
GAP = 12
"""Room between two nodes of a column [pixels]."""
NEAREST = 0.001
"""Places at the very edge count as not given in plotly."""


@dataclass(frozen=True)
class Node:
    """A node of a diagram.

    Attributes
    ----------
    name
        Its name, escaped.
    colour
        Its colour as ``#rrggbb``.
    column
        Number of its column, from the left.
    before
        What stands between its name and its value.
    """

    name: str
    colour: str
    column: int
    before: str = "  "


def draw(heading: str, below: str, nodes: Sequence[Node], links: pd.DataFrame, behind: str) -> Any:
    """Return a diagram; nodes stand in their columns in the order given, links bear the colour of an end.

    Parameters
    ----------
    heading, below
        Title and the line under it, escaped.
    nodes
        The nodes.
    links
        ``source`` and ``target``, numbers of nodes, and ``value``; perhaps ``end``, the node whose colour a link bears,
        in place of its source.
    behind
        What stands behind each value, escaped: its unit, with the blank before it where there is one.
    """
    size = _sizes(nodes, links)
    digits = digits_for(float(size.max()))
    figure = new_figure(heading, below, HEIGHT)
    figure.update_layout(margin={"t": TOP, "b": BOTTOM, "l": SIDE, "r": SIDE})
    columns = max(1, *(node.column for node in nodes))
    figure.add_trace(
        graph_objects().Sankey(
            arrangement="snap",
            valueformat=f",.{digits}f",
            valuesuffix=behind,
            textfont={"size": 12},
            node={
                "label": [
                    f"{node.name}{node.before}{value:,.{digits}f}" for node, value in zip(nodes, size, strict=True)
                ],
                "color": [node.colour for node in nodes],
                "x": [min(max(node.column / columns, NEAREST), 1 - NEAREST) for node in nodes],
                "y": _middles(nodes, size),
                "line": {"color": INK, "width": 0.5},
                "pad": GAP,
                "thickness": 16,
                "hovertemplate": "%{label}<extra></extra>",
            },
            link={
                "source": links["source"].to_list(),
                "target": links["target"].to_list(),
                "value": links["value"].to_list(),
                "color": [_pale(nodes[end].colour) for end in links["end" if "end" in links else "source"]],
                "hovertemplate": "%{source.label}<br>%{target.label}<br>%{value}<extra></extra>",
            },
        )
    )
    return figure


def head_columns(figure: Any, headings: Sequence[str]) -> None:
    """Write a heading over each column."""
    last = len(headings) - 1
    for number, heading in enumerate(headings):
        anchor = "left" if number == 0 else "right" if number == last else "center"
        place = {"x": number / last, "y": 1.0, "xref": "paper", "yref": "paper", "yshift": 24, "xanchor": anchor}
        figure.add_annotation(**place, text=heading, showarrow=False, font={"color": PALE})


def _sizes(nodes: Sequence[Node], links: pd.DataFrame) -> np.ndarray:
    """Return what goes through each node: the greater of what comes in and what goes out."""
    sides = [
        np.bincount(links[end].to_numpy(int), links["value"].to_numpy(float), minlength=len(nodes))
        for end in ("source", "target")
    ]
    through: np.ndarray = np.maximum(*sides)
    return through


def _middles(nodes: Sequence[Node], size: np.ndarray) -> list[float]:
    """Return how far down the middle of each node stands, from 0 to 1, so that a column keeps its order."""
    column = np.array([node.column for node in nodes])
    room = HEIGHT - TOP - BOTTOM
    counts, totals = np.bincount(column), np.bincount(column, size)
    scale = float(((room - (counts - 1) * GAP)[totals > 0] / totals[totals > 0]).min())
    places = np.empty(len(nodes))
    for number in range(len(counts)):
        members = np.flatnonzero(column == number)
        heights = size[members] * scale
        tops = np.concatenate([[0.0], np.cumsum(heights + GAP)[:-1]])
        places[members] = (tops + heights / 2) / room
    return [float(place) for place in np.clip(places, NEAREST, 1 - NEAREST)]


def _pale(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.32)"
