"""Labels of rows and columns: families whose members are told apart by dimensions. Nobody ever parses a name.

Members are stored as integer codes into the labels of each dimension; frames are made on request only, so that a large
program costs no strings.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from optimizer.errors import ModelError
from optimizer.language import say

Codes = NDArray[np.intp]
BLANK = -1
"""Code of "no label" in a dimension."""


def flat(values: ArrayLike, shape: tuple[int, ...]) -> Any:
    """Return ``values`` broadcast to ``shape`` and flattened."""
    array = np.asarray(values)
    if array.shape == shape:
        return array.ravel()
    if not array.ndim:  # broadcasting takes several times as long, and most values are one number
        return np.full(math.prod(shape), array)
    return np.broadcast_to(array, shape).ravel()


class GridCodes(Mapping[str, Codes]):
    """Codes of a family that is a grid, kept as short as they were given and spread out when they are first asked for.

    Most programs are solved without anybody reading most labels, and in full the labels of a large program take as much
    room as its matrix.

    Parameters
    ----------
    labels
        Dimension -> codes, which broadcast to the grid.
    shape
        Shape of the grid.
    where
        Which of its cells are members, as what broadcasts to it.
    """

    def __init__(
        self, labels: Mapping[str, ArrayLike], shape: tuple[int, ...], where: NDArray[np.bool_] | None = None
    ) -> None:
        self._given = {dimension: np.asarray(codes) for dimension, codes in labels.items()}
        self._shape = shape
        self._where = where
        self._spread: dict[str, Codes] = {}

    def __getitem__(self, dimension: str) -> Codes:
        if dimension not in self._spread:
            codes = flat(self._given[dimension], self._shape)
            self._spread[dimension] = codes if self._where is None else codes[flat(self._where, self._shape)]
        return self._spread[dimension]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


@dataclass(frozen=True)
class Family:
    """A run of rows or columns of one kind.

    Attributes
    ----------
    name
        Name of the family.
    offset, size
        The positions ``offset .. offset + size - 1`` are its members.
    codes
        Dimension -> code of each member (``BLANK`` for none).
    """

    name: str
    offset: int
    size: int
    codes: Mapping[str, Codes]


@dataclass(frozen=True)
class Labels:
    """Label table of all rows or all columns.

    Attributes
    ----------
    dimensions
        Dimension -> its labels in order, for all families alike.
    families
        The families in the order of their positions; several may bear one name.
    """

    dimensions: Mapping[str, pd.Index]
    families: tuple[Family, ...]
    _frames: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @property
    def size(self) -> int:
        """Number of members of all families."""
        return sum(family.size for family in self.families)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the families, each once, in order."""
        return tuple(dict.fromkeys(family.name for family in self.families))

    def positions(self, name: str) -> Codes:
        """Return the positions of a family's members, in order; empty where there is no such family."""
        runs = [np.arange(f.offset, f.offset + f.size) for f in self.families if f.name == name]
        return np.concatenate(runs) if runs else np.empty(0, dtype=np.intp)

    def codes(self, name: str, dimension: str) -> Codes:
        """Return the codes of a family's members in one dimension, in the order of :meth:`positions`."""
        runs = [f.codes.get(dimension, np.full(f.size, BLANK, dtype=np.intp)) for f in self.families if f.name == name]
        return np.concatenate(runs) if runs else np.empty(0, dtype=np.intp)

    def dimensions_of(self, name: str) -> tuple[str, ...]:
        """Return the dimensions of a family, in the order in which they were declared."""
        return tuple(dict.fromkeys(dimension for f in self.families if f.name == name for dimension in f.codes))

    def frame(self, name: str) -> pd.DataFrame:
        """Return the labels of a family's members, one column a dimension; blank labels are missing values."""
        return pd.DataFrame(
            {dimension: self.take(dimension, self.codes(name, dimension)) for dimension in self.dimensions_of(name)}
        )

    def take(self, dimension: str, codes: Codes) -> pd.Series[Any]:
        """Return the labels that codes stand for, with missing values for blank ones."""
        labels = self.dimensions[dimension]
        if len(codes) and codes.min() == BLANK:
            chosen = labels.take(np.maximum(codes, 0)).astype(object).to_numpy(copy=True)
            chosen[codes == BLANK] = None
            return pd.Series(chosen)
        return pd.Series(labels.take(codes))

    def position(self, name: str, **labels: object) -> int:
        """Return the one position of a family with these labels.

        Raises
        ------
        ModelError
            If there is no such member, or more than one.
        """
        positions = self.positions(name)
        fits = np.ones(len(positions), dtype=bool)
        for dimension, label in labels.items():
            code = (
                self.dimensions[dimension].get_indexer(pd.Index([label], dtype=object))[0]
                if dimension in self.dimensions
                else BLANK
            )
            fits &= (self.codes(name, dimension) == code) & (code != BLANK)
        found = positions[fits]
        if len(found) != 1:
            raise ModelError(
                say(
                    "{count} members of family '{name}' have the labels {labels}; name all its dimensions: "
                    "{dimensions}",
                    count=len(found),
                    name=name,
                    labels=labels,
                    dimensions=", ".join(self.dimensions_of(name)),
                )
            )
        return int(found[0])
