"""The mean of several futures as one case: the figures they change, averaged by their probabilities.

Figures are averaged as they are written in the tables, cell by cell, and not what follows from them: the mean case has
the mean success rate of a stage, not the mean of what a project is worth there. A blank cell counts as its default. A
cell that stands for "unlimited", a text or a yes in some futures and not in others has no mean; it stays as the case
has it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from optimizer.data.case import CaseTables
from optimizer.data.cells import plain_text
from optimizer.data.changes import remade
from optimizer.data.raw import SETTINGS, RawTable
from optimizer.data.rows import TABLES


@dataclass(frozen=True, eq=False)
class MeanCase:
    """A case with mean figures.

    Attributes
    ----------
    case
        The case.
    kept
        Addresses of cells that differ between futures but have no mean, as ``table.column``; each once.
    """

    case: CaseTables
    kept: tuple[str, ...]


def mean_case(case: CaseTables, futures: Sequence[CaseTables], probabilities: Sequence[float]) -> MeanCase:
    """Return the mean of futures.

    Parameters
    ----------
    case
        The case they are futures of.
    futures
        The case as it would be in each future.
    probabilities
        Probability of each.

    Raises
    ------
    CaseError
        If a mean is no figure that may stand in its cell.
    """
    raws = [future.raw for future in futures]
    kept: dict[str, None] = {}
    settings = {section: dict(keys) for section, keys in case.raw.settings.items()}
    for section, key in _differing_keys(case.raw.settings, [raw.settings for raw in raws]):
        default = getattr(getattr(case.settings, section), key)
        values = [raw.settings.get(section, {}).get(key, default) for raw in raws]
        mean = _mean(values, probabilities)
        if mean is None:
            kept[f"{SETTINGS}.{section}.{key}"] = None
        else:
            settings.setdefault(section, {})[key] = mean
    tables = dict(case.raw.tables)
    touched = []
    for name, table in case.raw.tables.items():
        others = [raw.tables[name] for raw in raws]
        if any(other is not table for other in others):
            tables[name] = _mean_table(table, others, probabilities, kept)
            touched.append(name)
    told = [f"mean of {len(futures)} futures"]
    return MeanCase(remade(case, settings, tables, touched, told), tuple(kept))


def _differing_keys(own: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for other in others:
        if other is own:
            continue
        for section, keys in other.items():
            for key, value in keys.items():
                if own.get(section, {}).get(key) != value:
                    found[section, key] = None
    return found


def _mean_table(
    table: RawTable, others: Sequence[RawTable], probabilities: Sequence[float], kept: dict[str, None]
) -> RawTable:
    header = tuple(dict.fromkeys([*table.header, *(name for other in others for name in other.header)]))
    fields = TABLES[table.name].row.model_fields
    columns = {name: table.column(name) for name in header}
    for name in header:
        texts = [other.column(name) for other in others]
        for line, own in enumerate(columns[name]):
            if all(column[line] == own for column in texts):
                continue
            field = fields.get(name)
            default = None if field is None else field.default
            values = [_number(column[line], default) for column in texts]
            mean = values[0] if len(set(values)) == 1 else _mean(values, probabilities)
            if mean is None:
                kept[f"{table.name}.{name}"] = None
            else:
                columns[name][line] = plain_text(mean)
    return replace(table, header=header, cells=tuple(zip(*columns.values(), strict=True)))


def _number(text: str, default: object) -> object:
    if not text:
        return default
    try:
        return float(text)
    except ValueError:
        return text


def _mean(values: Sequence[object], probabilities: Sequence[float]) -> float | None:
    """Return the mean of values; ``None`` where one of them is no finite number."""
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) < len(values) or not all(map(math.isfinite, numbers)):
        return None
    if len(set(numbers)) == 1:  # not moved by the rounding of a sum
        return float(numbers[0])
    total = math.fsum(probabilities)
    return math.fsum(share * number for share, number in zip(probabilities, numbers, strict=True)) / total
