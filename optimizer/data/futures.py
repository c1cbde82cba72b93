"""Futures: what may come true, each a probability and the changes it makes to a case (``scenarios.csv``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from optimizer.arguments import checked_methods
from optimizer.data.case import CaseTables
from optimizer.data.changes import Change, Operation, changes_of
from optimizer.data.faults import FaultList
from optimizer.data.folder import read_table_file
from optimizer.data.raw import RawTable
from optimizer.data.references import TOLERANCE, check_futures
from optimizer.data.tables import FRAME, check_table, table_of_frame
from optimizer.errors import InputError
from optimizer.language import say

NAME = "scenarios"
"""The table of a case that holds its futures; others are read by its rules."""
COLUMNS = ("scenario", "probability", "table", "where", "column", "operation", "value")
"""Columns of ``scenarios.csv``."""
NOTHING = Change("budget", "amount", Operation.MULTIPLY, 1.0)
"""How a table says that a future changes nothing: every case has budgets."""


@checked_methods
@dataclass(frozen=True)
class Future:
    """One possible future.

    Attributes
    ----------
    name
        Its name; every future of a study has another one.
    probability
        Its probability, above 0; those of a study add up to 1.
    changes
        What it changes in the case; nothing if the case comes true as it stands.
    """

    name: str
    probability: float
    changes: tuple[Change, ...] = ()


Futures: TypeAlias = Sequence[Future] | pd.DataFrame | str | Path
"""What a study takes as futures; see :func:`futures_of`."""


def futures_of(case: CaseTables, given: Futures | None = None) -> tuple[Future, ...]:
    """Return futures in their order.

    Parameters
    ----------
    case
        The case they are futures of.
    given
        Futures; or a table or CSV file with the columns of ``scenarios.csv``; by default the case's own table.

    Raises
    ------
    CaseError
        With every fault of a table or file that is none of futures, each with line, column, value and the rule broken.
    InputError
        If there are none, one has no name or two bear one, a probability is not above 0, or they do not add up to 1.
    """
    if given is None:
        table = case.stored.get(NAME)
        if table is None or table.empty:
            raise InputError(
                say("the case has no futures: fill scenarios.csv, or give futures such as vc.sample_scenarios makes.")
            )
        found = _of_table(table)
    elif isinstance(given, str | Path):
        found = _of_table(_checked(*_from_file(Path(given))))
    elif isinstance(given, pd.DataFrame):
        found = _of_table(_checked(FRAME, table_of_frame(NAME, given), FaultList()))
    else:
        found = tuple(given)
    _check(found)
    return found


def futures_frame(futures: Iterable[Future]) -> pd.DataFrame:
    """Return futures as a table with the columns of ``scenarios.csv``, one change a line.

    A future that changes nothing has a line as well, or the probabilities would add up to less than 1.
    """
    lines = [
        (one.name, one.probability, change.table, change.where, change.column, change.operation.value, change.value)
        for one in futures
        for change in one.changes or (NOTHING,)
    ]
    return pd.DataFrame(lines, columns=list(COLUMNS))


def _from_file(path: Path) -> tuple[str, RawTable | None, FaultList]:
    if not path.is_file():
        raise InputError(say("{path}: there is no such file.", path=path))
    faults = FaultList()
    return str(path), read_table_file(NAME, path, faults, {}), faults


def _checked(origin: str, table: RawTable | None, faults: FaultList) -> pd.DataFrame:
    """Return a table of futures by the rules of ``scenarios.csv``; raises CaseError with every fault."""
    if table is None:
        faults.raise_if_any(origin)
        msg = "a table that was not read must have a fault"
        raise AssertionError(msg)
    checked = check_table(table, faults)
    check_futures(checked, faults)
    faults.raise_if_any(origin)
    return pd.DataFrame([vars(row) for row in checked.rows if row is not None], columns=list(COLUMNS))


def _of_table(table: pd.DataFrame) -> tuple[Future, ...]:
    """Return the futures of a table that is sound, so that all lines of one give it the same probability."""
    gathered: dict[str, tuple[float, list[Change]]] = {}
    for name, probability, change in zip(table["scenario"], table["probability"], changes_of(table), strict=True):
        gathered.setdefault(str(name), (float(probability), []))[1].append(change)
    return tuple(Future(name, probability, tuple(changes)) for name, (probability, changes) in gathered.items())


def _check(futures: Sequence[Future]) -> None:
    if not futures:
        raise InputError(say("there is no future; give at least one."))
    strange = [one for one in futures if not isinstance(one, Future) or not str(one.name).strip()]
    if strange:
        raise InputError(
            say("{what} is no future with a name; give futures such as vc.Future('lean', 0.3, changes).",
                what=repr(strange[0]))
        )  # fmt: skip
    names = [one.name for one in futures]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise InputError(
            say("several futures are called {names}; give each its own name.", names=", ".join(map(repr, twice[:5])))
        )
    for one in futures:
        if not 0 < one.probability <= 1:
            raise InputError(
                say("future {name} has the probability {value}; it must be above 0 and at most 1.",
                    name=repr(one.name), value=f"{one.probability:g}")
            )  # fmt: skip
    total = sum(one.probability for one in futures)
    if abs(total - 1) > TOLERANCE:
        raise InputError(say("the probabilities of the futures add up to {total}, not 1.", total=f"{total:g}"))
