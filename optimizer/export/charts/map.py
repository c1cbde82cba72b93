"""A map of clusters: money as bubbles, projects handed over as arrows, and the outline of Korea below them.

The outline is ``korea.csv`` beside this module: Natural Earth 1:10m, public domain. It is drawn where clusters lie in
Korea; elsewhere there is none.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd

from optimizer.data.names import title_of
from optimizer.errors import InputError
from optimizer.export.charts.labels import Labels
from optimizer.export.charts.style import INK, PALE, colour, digits_for, new_figure
from optimizer.language import Language, say, sentence
from optimizer.plan.plan import PlanTables
from optimizer.plan.tables import TOTAL

TITLE, MONEY = sentence("Where the money goes on the map"), sentence("Public money")
LONGITUDE, LATITUDE, DEGREES = sentence("Longitude"), sentence("Latitude"), sentence("degrees")
ARROWS = sentence("Arrows: finished projects handed to other clusters, the {count} largest ways")
OUTLINE = sentence("Outline: Natural Earth, public domain")
HEIGHT, WIDEST = 860, 62
"""Height of the figure and diameter of the largest bubble [pixels]."""
SMALLEST = 5.0
MOST_ARROWS, WIDEST_ARROW = 20, 6.0
INSIDE = (124.5, 132.0, 33.0, 38.7)
"""Longitudes and latitudes between which the outline is drawn [degrees]."""
HEAD, POINTS = 8, 13
"""Points of a bent line, and the one that bears the head: before its end, which the bubble covers."""
MARGIN = 0.35
"""Room around what is drawn [degrees]."""
FONT_HEIGHT, FONT_WIDTH = 15.0, 7.2
"""Size of a line of text and of a sign, about [pixels]."""


def map_figure(plan: PlanTables, language: Language = Language.EN, *, most_arrows: int = MOST_ARROWS) -> Any:
    """Return a map: a bubble for each cluster, its area in proportion to its public money, and arrows for projects.

    Parameters
    ----------
    plan
        The plan of a case whose clusters have coordinates.
    language
        Language of the figure.
    most_arrows
        Ways on which most projects are handed from one cluster to another; 0 for none.

    Raises
    ------
    InputError
        If no cluster has coordinates.
    """
    places = _places(plan)
    labels = Labels(plan.case, language)
    below = [f"{labels.quantity(MONEY)}, {labels.below()}"]
    figure = new_figure(labels.say(TITLE), "", HEIGHT)
    inside = _in_korea(places)
    if inside:
        below.append(labels.say(OUTLINE))
        _add_outline(figure)
    arrows = _arrows(plan, places, most_arrows)
    if len(arrows):
        below.insert(1, labels.say(ARROWS, count=len(arrows)))
        _add_arrows(figure, arrows, places, labels)
    box = _box(places, inside=inside)
    _add_bubbles(figure, places, labels, box)
    figure.update_layout(title={"subtitle": {"text": "<br>".join(below)}}, margin={"b": 92, "t": 124})
    figure.update_layout(legend={"itemsizing": "constant"})
    grid = {"showgrid": False, "zeroline": False}
    figure.update_xaxes(title={"text": labels.quantity(LONGITUDE, labels.say(DEGREES))}, range=list(box[:2]), **grid)
    # a degree of longitude is shorter than one of latitude by the cosine of the latitude
    ratio = 1 / np.cos(np.radians((box[2] + box[3]) / 2))
    figure.update_yaxes(
        title={"text": labels.quantity(LATITUDE, labels.say(DEGREES))},
        range=list(box[2:]),
        scaleanchor="x",
        scaleratio=float(ratio),
        constrain="domain",
        **grid,
    )
    figure.update_xaxes(constrain="domain")
    return figure


def _places(plan: PlanTables) -> pd.DataFrame:
    """Return the clusters that have coordinates with their money, the largest first."""
    clusters = plan.case.table("clusters").set_index("cluster")
    placed = clusters[clusters["latitude"].notna() & clusters["longitude"].notna()]
    if placed.empty:
        message = say(
            "no cluster of case {case} has coordinates, so there is no map. Fill in latitude and longitude in "
            "clusters.csv, or draw plan.plot.heat_map().",
            case=title_of(plan.case),
        )
        raise InputError(message)
    spend = plan.pivot(["cluster"])["spend"].drop(TOTAL)
    places = placed[["longitude", "latitude"]].assign(
        spend=spend.reindex(placed.index).fillna(0.0).to_numpy(float),
        region=placed.get("region", ""),
    )
    return places.sort_values("spend", ascending=False, kind="stable")


def _in_korea(places: pd.DataFrame) -> bool:
    west, east, south, north = INSIDE
    return bool(places["longitude"].between(west, east).all() and places["latitude"].between(south, north).all())


@cache
def _outline() -> pd.DataFrame:
    with resources.files("optimizer.export.charts").joinpath("korea.csv").open("rb") as stream:
        return pd.read_csv(stream, comment="#")


def _add_outline(figure: Any) -> None:
    rings = [ring for _, ring in _outline().groupby("ring")]
    gap = pd.DataFrame({"longitude": [np.nan], "latitude": [np.nan]})
    line = pd.concat([piece for ring in rings for piece in (ring[["longitude", "latitude"]], gap)])
    figure.add_scatter(
        x=line["longitude"].round(3),
        y=line["latitude"].round(3),
        mode="lines",
        line={"color": "#9a9a9a", "width": 1},
        fill="toself",
        fillcolor="#f4f3ef",
        hoverinfo="skip",
        showlegend=False,
    )


def _arrows(plan: PlanTables, places: pd.DataFrame, most: int) -> pd.DataFrame:
    lines = plan.statistics.handovers(["origin", "destination"])
    away = lines["origin"] != lines["destination"]
    there = lines["origin"].isin(places.index) & lines["destination"].isin(places.index)
    return lines[away & there].nlargest(most, "projects").reset_index(drop=True)


def _add_arrows(figure: Any, arrows: pd.DataFrame, places: pd.DataFrame, labels: Labels) -> None:
    """Add a bent line with a head for each way, wider the more projects take it."""
    largest = float(arrows["projects"].max())
    names = dict(zip(places.index, labels.of("cluster", places.index), strict=True))
    for line in arrows.to_dict("records"):
        start, end = (
            places.loc[line[name], ["longitude", "latitude"]].to_numpy(float) for name in ("origin", "destination")
        )
        across, up = _bent(start, end)
        share, count = line["projects"] / largest, labels.counted(f"{line['projects']:,.1f}")
        figure.add_scatter(
            x=across,
            y=up,
            mode="lines+markers",
            line={"color": PALE, "width": 0.8 + (WIDEST_ARROW - 0.8) * share},
            marker={
                "symbol": "arrow",
                "angleref": "previous",
                "size": [9.0 + 8.0 * share if place == HEAD else 0.0 for place in range(len(across))],
                "color": PALE,
                "opacity": 1,
            },
            opacity=0.6,
            text=f"{names[line['origin']]} → {names[line['destination']]}<br>{count}",
            hoverinfo="text",
            showlegend=False,
        )


def _bent(start: np.ndarray, end: np.ndarray, points: int = POINTS) -> tuple[list[float], list[float]]:
    """Return a curve between two places, to the left of the straight way, so that there and back are two lines."""
    step = np.linspace(0.0, 1.0, points)[:, None]
    way = end - start
    middle = (start + end) / 2 + 0.14 * np.array([-way[1], way[0]])
    curve = (1 - step) ** 2 * start + 2 * step * (1 - step) * middle + step**2 * end
    return [float(x) for x in curve[:, 0].round(4)], [float(y) for y in curve[:, 1].round(4)]


def _box(places: pd.DataFrame, *, inside: bool) -> tuple[float, float, float, float]:
    drawn = pd.concat([places, _outline()]) if inside else places
    return (
        float(drawn["longitude"].min() - MARGIN),
        float(drawn["longitude"].max() + MARGIN),
        float(drawn["latitude"].min() - MARGIN),
        float(drawn["latitude"].max() + MARGIN),
    )


def _add_bubbles(figure: Any, places: pd.DataFrame, labels: Labels, box: tuple[float, float, float, float]) -> None:
    """Add the bubbles, region by region, and their names where there is room for them."""
    largest = float(places["spend"].max()) or 1.0
    digits = digits_for(largest)
    shown = places.assign(
        diameter=np.maximum(WIDEST * np.sqrt(places["spend"] / largest), SMALLEST),
        amount=[f"{money:,.{digits}f}" for money in places["spend"]],
        short=labels.of("cluster", places.index, 24),
        full=labels.in_full("cluster", places.index),
    )
    for number, (region, members) in enumerate(shown.groupby("region", sort=False)):
        figure.add_scatter(
            x=members["longitude"],
            y=members["latitude"],
            mode="markers",
            name=labels.of("region", [region])[0] if region else labels.say(MONEY),
            marker={
                "size": members["diameter"],
                "sizemode": "diameter",
                "color": colour(number),
                "opacity": 0.8,
                "line": {"color": INK, "width": 1},
            },
            text=members["full"] + "<br>" + members["amount"].map(labels.money),
            hoverinfo="text",
        )
    texts = list(shown["short"] + "  " + shown["amount"])
    spots = _name_places(shown, texts, box)
    look = {
        "showarrow": True,
        "arrowhead": 0,
        "arrowwidth": 0.7,
        "arrowcolor": PALE,
        "font": {"size": 11},
        "bgcolor": "rgba(255,255,255,0.75)",
        "borderpad": 1,
    }
    figure.update_layout(
        annotations=[
            look | {"x": x, "y": y, "ax": across, "ay": -up, "text": text}
            for (x, y), text, (across, up) in zip(_coordinates(shown), texts, spots, strict=True)
        ]
    )


def _coordinates(places: pd.DataFrame) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in places[["longitude", "latitude"]].to_numpy()]


def _name_places(
    places: pd.DataFrame, texts: list[str], box: tuple[float, float, float, float]
) -> list[tuple[float, float]]:
    """Return how far right and up of its bubble each name stands [pixels]: the nearest free spot, largest first."""
    scale = (HEIGHT - 170) / (box[3] - box[2])
    shrink = float(np.cos(np.radians((box[2] + box[3]) / 2)))
    centre = [((x - box[0]) * scale * shrink, (y - box[2]) * scale) for x, y in _coordinates(places)]
    radii = [float(diameter) / 2 for diameter in places["diameter"]]
    taken: list[tuple[float, ...]] = [(x, y, radius, radius) for (x, y), radius in zip(centre, radii, strict=True)]
    chosen = []
    for (x, y), radius, text in zip(centre, radii, texts, strict=True):
        half = (_width(text) / 2, FONT_HEIGHT / 2)
        spots = [
            (np.cos(angle) * (reach + half[0]), np.sin(angle) * (reach + half[1]))
            for reach in (radius + 4, radius + 18, radius + 36, radius + 60, radius + 90, radius + 130)
            for angle in np.linspace(0, 2 * np.pi, 24, endpoint=False)
        ]
        cost = [_covered((x + right, y + up, *half), taken) for right, up in spots]
        best = int(np.argmin(cost))
        chosen.append((float(spots[best][0]), float(spots[best][1])))
        taken.append((x + spots[best][0], y + spots[best][1], *half))
    return chosen


def _width(text: str) -> float:
    """Return about how wide a text is: Hangul takes twice the room of a letter, an entity that of one sign."""
    return FONT_WIDTH * 0.9 * sum(1.7 if sign >= "\u1100" else 1.0 for sign in text)


def _covered(new: tuple[float, ...], taken: list[tuple[float, ...]]) -> float:
    """Return how much of a box others cover [square pixels]."""
    boxes = np.array(taken)
    wide = np.minimum(new[0] + new[2], boxes[:, 0] + boxes[:, 2]) - np.maximum(
        new[0] - new[2], boxes[:, 0] - boxes[:, 2]
    )
    high = np.minimum(new[1] + new[3], boxes[:, 1] + boxes[:, 3]) - np.maximum(
        new[1] - new[3], boxes[:, 1] - boxes[:, 3]
    )
    return float((np.clip(wide, 0, None) * np.clip(high, 0, None)).sum())
