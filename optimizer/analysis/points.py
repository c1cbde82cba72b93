"""Points of a study: named sets of changes, given one by one, as a grid, or in a file."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from optimizer.arguments import checked, checked_methods
from optimizer.data.cells import plain_text
from optimizer.data.changes import Change, Operation, Removal, changes_of, read_lines
from optimizer.errors import InputError
from optimizer.language import say
from optimizer.options import one_of

POINT = "point"
"""Column of the points' names."""


@checked_methods
@dataclass(frozen=True)
class Point:
    """One point: a name, the changes that lead from the case to it, and what its line in a table says about them.

    Attributes
    ----------
    name
        Its name; every point of a study has another one.
    changes
        Changes of the case, made one after the other; none for the case as it is.
    labels
        Columns of its line in a table; by default each change's place with its value.
    """

    name: str
    changes: tuple[Change | Removal, ...]
    labels: Mapping[str, object] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """What tells these changes from all others, whatever the point is called."""
        return digest_of([one.signature for one in self.changes])


Changes: TypeAlias = Change | Iterable[Change]
Points: TypeAlias = Mapping[str, Changes] | Sequence[Point | Changes | tuple[str, Changes]] | pd.DataFrame | str | Path
"""What a study takes as points; see :func:`points_of`."""


def digest_of(data: object) -> str:
    """Return a digest of plain data, the same in every run."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def points_of(points: Points) -> tuple[Point, ...]:
    """Return points in their order.

    Parameters
    ----------
    points
        Name -> changes; or a list of changes, lists of changes, ``(name, changes)`` or :class:`Point`, as
        :func:`grid` makes them; or a table or CSV file with the columns of ``scenarios.csv`` and the names in a
        column ``point`` or ``scenario``.

    Raises
    ------
    InputError
        If there is no point, two bear one name, or something is no change.
    """
    if isinstance(points, str | Path):
        points = read_lines(Path(points))
    if isinstance(points, pd.DataFrame):
        found = _of_table(points)
    elif isinstance(points, Mapping):
        found = [_point(name, changes) for name, changes in points.items()]
    else:
        found = [_item(item, number) for number, item in enumerate(points, start=1)]
    if not found:
        raise InputError(say("there is no point to plan; give at least one set of changes."))
    names = [point.name for point in found]
    twice = list(dict.fromkeys(name for name in names if names.count(name) > 1)) if len(set(names)) < len(names) else []
    if twice:
        raise InputError(
            say("several points are called {names}; give each its own name.", names=", ".join(map(repr, twice[:5])))
        )
    return tuple(found)


def _item(item: Point | Changes | tuple[str, Changes], number: int) -> Point:
    if isinstance(item, Point):
        return item
    if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str):
        return _point(item[0], item[1])
    return _point(str(number), item)  # what is no change is refused there


def _point(name: str, changes: Changes) -> Point:
    given = (changes,) if isinstance(changes, Change) else changes
    listed = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
    for one in listed:
        if not isinstance(one, Change):
            raise InputError(
                say("point {name}: {value} is no change; make it by vc.Change(...).", name=repr(name), value=repr(one))
            )
    labels: dict[str, object] = {}
    for one in listed:
        place = target_text(one)
        labels[place] = f"{labels[place]}, {plain_text(one.value)}" if place in labels else one.value
    return Point(str(name), listed, labels)


def target_text(change: Change) -> str:
    """Return where and how a change acts, in the words of a heading."""
    place = f"{change.table}[{change.where}]" if change.where else change.table
    return f"{place}.{change.column}" + ("" if change.operation is Operation.SET else f" {change.operation.value}")


@checked
def grid(axes: Mapping[str, Sequence[Changes] | Mapping[object, Changes]]) -> tuple[Point, ...]:
    """Return every combination of the changes of several axes, the last axis running fastest.

    Parameters
    ----------
    axes
        Name of each axis -> the changes along it, a list or label -> changes; :func:`levels` makes them. An empty
        list of changes is the case as it is.

    Returns
    -------
    tuple of Point
        Points for :func:`optimizer.sweep`; their tables have a column for each axis.

    Raises
    ------
    InputError
        If there is no axis, or one is empty.

    Examples
    --------
    >>> import optimizer as vc
    >>> points = vc.grid({"budget": vc.levels("budget", "amount", [0.9, 1.1], operation="multiply"),
    ...                   "overlap": vc.levels("case", "overlap.between_clusters", [0, 0.5])})
    >>> [point.name for point in points]
    ['budget=0.9, overlap=0', 'budget=0.9, overlap=0.5', 'budget=1.1, overlap=0', 'budget=1.1, overlap=0.5']
    """
    sides: list[list[tuple[object, tuple[Change | Removal, ...]]]] = []
    for name, along in axes.items():
        side = list(along.items()) if isinstance(along, Mapping) else [(None, changes) for changes in along]
        places = [(_label(label, _point(name, changes)), _point(name, changes).changes) for label, changes in side]
        if not places:
            raise InputError(say("axis {name} of the grid has no changes; give at least one.", name=repr(name)))
        sides.append(places)
    if not sides:
        raise InputError(say("there is no point to plan; give at least one set of changes."))
    made = []
    for corner in itertools.product(*sides):
        labels = {name: label for name, (label, _) in zip(axes, corner, strict=True)}
        title = ", ".join(f"{name}={_short(label)}" for name, label in labels.items())
        made.append(Point(title, tuple(itertools.chain(*(changes for _, changes in corner))), labels))
    return tuple(made)


def _short(label: object) -> str:
    return plain_text(label) if isinstance(label, int | float) else str(label)


def _label(label: object, point: Point) -> object:
    """Return what a place on an axis is called: its label, else the value of its only change, else its changes."""
    if label is not None:
        return label
    first = point.changes[0] if len(point.changes) == 1 else None
    return first.value if isinstance(first, Change) else "; ".join(map(str, point.changes)) or "–"


@checked
def levels(
    table: str, column: str, values: Iterable[float | str], *, operation: str = "set", where: str = ""
) -> dict[object, Change]:
    """Return one change a value: an axis of :func:`grid`, or points of their own.

    Parameters
    ----------
    table, column, operation, where
        As in :class:`optimizer.Change`.
    values
        The values, such as ``numpy.linspace(0.8, 1.2, 9)``.
    """
    return {
        value: Change(
            table,
            column,
            one_of(Operation, operation, "operation"),
            float(value) if not isinstance(value, str) else value,
            where,
        )
        for value in values
    }


def _of_table(table: pd.DataFrame) -> list[Point]:
    names = next((name for name in (POINT, "scenario") if name in table), None)
    if names is None:
        raise InputError(say("the table of points lacks a column 'point' with their names."))
    grouped: dict[str, list[Change]] = {}
    # a line with a name alone is the case as it is
    blank = table["table"].isna() | (table["table"].astype(str).str.strip() == "") if "table" in table else None
    for name in table[names].astype(str):
        grouped.setdefault(name, [])
    told = table if blank is None else table[~blank]
    for name, change in zip(told[names].astype(str), changes_of(told), strict=True):
        grouped[name].append(change)
    return [_point(name, changes) for name, changes in grouped.items()]
