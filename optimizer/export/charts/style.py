"""What all figures have in common: colours, patterns, fonts, and axes that name their unit.

Colours are those of Okabe and Ito (*Color Universal Design*, 2008), which people with any of the usual kinds of colour
blindness tell apart. As a page may be printed in black and white, no two series differ by colour alone: bars have a
pattern, lines a dash, points a sign, cells their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#7F7F7F")
PATTERNS = ("", "/", ".", "\\", "x", "-", "+", "|")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SIGNS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "triangle-down")
INK, PALE, GRID = "#1a1a1a", "#666666", "#e2e2e2"
GAIN, LOSS, NEUTRAL = COLOURS[0], COLOURS[5], "#7F7F7F"
SCALE = ((0.0, "#ffffff"), (0.15, "#deebf7"), (0.4, "#9ecae1"), (0.7, "#3182bd"), (1.0, "#08306b"))
"""White to dark blue: lightness alone tells the size, so it prints in black and white."""
FONT = (
    '"Noto Sans KR","Noto Sans CJK KR","Malgun Gothic","Apple SD Gothic Neo","NanumGothic",'
    '"Segoe UI","Helvetica Neue",Arial,sans-serif'
)
"""Fonts with Hangul come first: those of Linux, Windows and macOS."""
HEIGHT = 480
LINE = 26
"""Height of one bar or row of cells [pixels]."""


def graph_objects() -> Any:
    """Return plotly's graph objects, imported when the first figure is drawn."""
    import plotly.graph_objects as go  # heavy, and wanted only for charts

    return go


@cache
def template() -> Any:
    """Return the look of all figures."""
    go = graph_objects()
    axis = {
        "gridcolor": GRID,
        "linecolor": PALE,
        "zerolinecolor": PALE,
        "zerolinewidth": 1,
        "showline": True,
        "ticks": "outside",
        "tickcolor": PALE,
        "automargin": True,
        # a title along the axis is no longer than the axis
        "title": {"standoff": 10, "font": {"size": 13}},
    }
    bar = [{"colorbar": {"title": {"font": {"size": 12}}}}]
    return go.layout.Template(
        data={"heatmap": bar, "scatter": [{"marker": one} for one in bar]},
        layout={
            "font": {"family": FONT, "size": 13, "color": INK},
            "title": {"font": {"size": 18}, "x": 0, "xref": "container", "xanchor": "left", "pad": {"l": 12}},
            "colorway": COLOURS,
            "paper_bgcolor": "white",
            "plot_bgcolor": "white",
            "xaxis": axis,
            "yaxis": axis,
            "legend": {
                **{"orientation": "h", "yref": "container", "y": 0.01, "yanchor": "bottom", "x": 0, "xanchor": "left"},
                "traceorder": "normal",
            },
            "hoverlabel": {"font": {"family": FONT}},
            "margin": {"l": 60, "r": 30, "t": 76, "b": 60},
            "separators": ".,",
        },
    )


def new_figure(heading: str, below: str, height: float = HEIGHT) -> Any:
    """Return an empty figure in the common look.

    Parameters
    ----------
    heading, below
        Title and the line under it; names of a case in them have to be escaped already.
    height
        Height [pixels]; the width is that of the place the figure is shown in.
    """
    title = {"text": heading, "subtitle": {"text": below, "font": {"size": 12, "color": PALE}}}
    return graph_objects().Figure(layout={"template": template(), "title": title, "height": height})


def colour(number: int) -> str:
    """Return the colour of a series by its number."""
    return COLOURS[number % len(COLOURS)]


def bar_look(number: int) -> dict[str, Any]:
    """Return colour and pattern of a series of bars or areas; the two repeat at different numbers."""
    shape = PATTERNS[(number + number // len(COLOURS)) % len(PATTERNS)]
    pattern = {"shape": shape, "fillmode": "overlay", "fgcolor": "rgba(0,0,0,0.45)", "size": 7, "solidity": 0.22}
    return {"color": colour(number), "pattern": pattern, "line": {"color": "white", "width": 0.6}}


def line_look(number: int) -> dict[str, Any]:
    """Return line and points of a series by its number."""
    dash = DASHES[number % len(DASHES)]
    return {
        "mode": "lines+markers",
        "line": {"color": colour(number), "dash": dash, "width": 2},
        "marker": {"symbol": SIGNS[number % len(SIGNS)], "size": 7, "color": colour(number)},
    }


def name_axis(figure: Any, axis: str, labels: Sequence[str], heading: str, *, downwards: bool = False) -> None:
    """Make an axis one of names: places 0, 1, ... that bear labels, so that two places may share a name.

    Parameters
    ----------
    figure
        The figure.
    axis
        ``x`` or ``y``.
    labels
        Names in order, escaped.
    heading
        Title of the axis.
    downwards
        Whether the first name stands at the top.
    """
    ends = [len(labels) - 0.5, -0.5] if downwards else [-0.5, len(labels) - 0.5]
    update = figure.update_xaxes if axis == "x" else figure.update_yaxes
    update(
        title={"text": heading},
        tickmode="array",
        tickvals=list(range(len(labels))),
        ticktext=list(labels),
        range=ends,
        showgrid=False,
        zeroline=False,
        ticks="",
    )


def legend_beside(figure: Any, heading: str, *, piled: bool = False) -> None:
    """Put the legend to the right, one name a line under a heading.

    Parameters
    ----------
    figure
        The figure.
    heading
        What the names are of, escaped.
    piled
        Whether bars are piled up, so that the last name belongs on top.
    """
    place = {"orientation": "v", "x": 1.02, "y": 1, "yref": "paper", "yanchor": "top"}
    order = "reversed" if piled else "normal"
    looks = {"traceorder": order, "title": {"text": heading}, "font": {"size": 12}}
    figure.update_layout(legend=place | looks, showlegend=True)


def mark_across(figure: Any, x: float, text: str, **line: Any) -> None:
    """Draw an upright line through a figure, with an escaped text above it."""
    figure.add_vline(x=x, line={"color": INK, "width": 1.2} | line)
    figure.add_annotation(
        x=x, y=1, yref="paper", yanchor="bottom", yshift=2, text=text, showarrow=False, font={"size": 11}
    )


def digits_for(largest: float) -> int:
    """Return with how many decimals amounts up to a size are written."""
    return 0 if largest >= 100 else 1 if largest >= 10 else 2
