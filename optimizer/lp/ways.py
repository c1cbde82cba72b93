"""Columns that are ways to do the same, taken together: a smaller program, and a basis of the whole one from its own.

Often one thing can be done in several ways, told apart by one dimension of their labels: a bill can be paid from
several purses. Such columns differ in few rows only, those that limit a way as a whole. With cells ``g`` (what is
done), ways ``m``, and cells of one class ``k`` having the same ways with the same entries in those side rows,

    column[m,g] = cell[g] + way[m,k],    cost[m,g] = cost[g] + more[m,k],    columns >= 0,

the program needs no amount of each pair, only of each cell and of each way in a class:

    balance of a class    sum_{g in k} amount[g] = sum_m amount[m,k]

Both have the same optimum, for any split of the balance serves the whole program as well: the north-west corner rule
gives one with the fewest positive amounts, and its pairs complete a basis of the smaller program to one of the whole
(G. B. Dantzig, Linear Programming and Extensions, 1963, chapter 14: bases of a transportation problem are trees).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from optimizer.lp.labels import Codes, Family, Labels
from optimizer.lp.program import Limits, LinearProgram, Vector, freeze
from optimizer.lp.triplets import compress

Mask = NDArray[np.bool_]
LARGE = 50_000
"""Columns from which on a smaller program is worth keeping, and solving by way of leaner ones."""
SAME_COST = 1e-12
"""Difference of two costs, relative to the largest, that is their rounding."""


@dataclass(frozen=True, eq=False)
class Together:
    """A program whose ways are taken together.

    Attributes
    ----------
    program
        The smaller program: first the columns that stay as they are, then the cells, then the ways of each class; the
        rows of the whole program first, then the balances.
    kept
        Positions, in the whole program, of the columns that stay.
    pairs
        Position of the column of each cell and way of its class, shape (cells, most ways); -1 beyond a class's ways.
    cell_class
        Class of each cell.
    way_class
        Class of each of the smaller program's ways; those of one class stand together, in the order of ``pairs``.
    """

    program: LinearProgram
    kept: Codes
    pairs: Codes
    cell_class: Codes
    way_class: Codes

    def idle(self, columns: Mask) -> list[tuple[int, Codes]]:
        """Return what stands in the way of a tree: classes with basic cells, but no basic way.

        Parameters
        ----------
        columns
            Which of the smaller program's columns are in its basis.

        Returns
        -------
        list
            For each such class a way that might enter the basis, and the cells one of which must then leave it; columns
            of the smaller program. The cells are at 0, so nothing else changes.
        """
        cells, ways = self._basic(columns)
        some_cells = np.bincount(self.cell_class[cells], minlength=self.n_classes)
        some_ways = np.bincount(self.way_class[ways], minlength=self.n_classes)
        first = len(self.kept)
        return [
            (
                first + len(self.cell_class) + int(np.searchsorted(self.way_class, number)),
                first + cells[self.cell_class[cells] == number],
            )
            for number in np.flatnonzero((some_cells > 0) & (some_ways == 0))
        ]

    def basic_pairs(self, x: Vector, columns: Mask) -> Codes:
        """Return which columns of the whole program, beside those that stay, complete a basis of it.

        Parameters
        ----------
        x
            A basic solution of the smaller program.
        columns
            Which of its columns are in its basis.
        """
        cells, ways = self._basic(columns)
        first, n_cells = len(self.kept), len(self.cell_class)
        order = np.argsort(self.cell_class[cells], kind="stable")
        ends = np.arange(1, self.n_classes)
        of_cells = np.split(cells[order], np.searchsorted(self.cell_class[cells][order], ends))
        of_ways = np.split(ways, np.searchsorted(self.way_class[ways], ends))
        first_way = np.searchsorted(self.way_class, np.arange(self.n_classes))
        chosen = [
            self.pairs[some_cells[i], some_ways[j] - begin]
            for some_cells, some_ways, begin in zip(of_cells, of_ways, first_way, strict=True)
            for i, j, _ in north_west(x[first + some_cells], x[first + n_cells + some_ways])
        ]
        return np.array(chosen, dtype=np.intp)

    def is_alike(self, other: Together) -> bool:
        """Return whether only numbers of the smaller programs differ, so that a basis of one is one of the other."""
        one, two = self.program, other.program
        same = (
            (self.kept, other.kept),
            (self.pairs, other.pairs),
            (self.cell_class, other.cell_class),
            (self.way_class, other.way_class),
            (one.starts, two.starts),
            (one.indices, two.indices),
        )
        return one.n_rows == two.n_rows and all(mine is yours or np.array_equal(mine, yours) for mine, yours in same)

    def renewed(self, whole: LinearProgram) -> Together | None:
        """Return the same ways taken together under other costs and bounds; ``None`` where those tell them apart.

        Pairs may be held at 0, as long as each of a class is so by its cell or by its way.

        Parameters
        ----------
        whole
            The whole program with its entries as they were.
        """
        there, way = self.pairs >= 0, self._way_of_pair()
        pairs = self.pairs[there]
        if (whole.lower[pairs] != 0).any() or (np.isfinite(whole.upper[pairs]) & (whole.upper[pairs] > 0)).any():
            return None
        cost = np.where(there, whole.cost[self.pairs], -np.inf)
        most = cost.max(axis=1)
        more = np.zeros(len(self.way_class))
        more[way[there]] = (cost - most[:, None])[there]
        apart = np.abs((cost - most[:, None])[there] - more[way[there]])
        held: Mask = ~there | (whole.upper[self.pairs] == 0)
        idle_cell: Mask = np.logical_and.reduce(held, axis=1)
        busy_way: Mask = np.zeros(len(more), dtype=bool)
        busy_way[way[there & ~held]] = True
        by_either: Mask = idle_cell[:, None] | ~busy_way[way]
        if (apart > _unit_of(whole.cost)).any() or not np.array_equal(held[there], by_either[there]):
            return None
        still = np.concatenate([idle_cell, ~busy_way])
        balances = np.zeros(self.n_classes)
        arrays = freeze(
            cost=np.concatenate([whole.cost[self.kept], most, more]),
            lower=np.concatenate([whole.lower[self.kept], np.zeros(len(still))]),
            upper=np.concatenate([whole.upper[self.kept], np.where(still, 0.0, np.inf)]),
            row_lower=np.concatenate([whole.row_lower, balances]),
            row_upper=np.concatenate([whole.row_upper, balances]),
        )
        return replace(self, program=replace(self.program, maximize=whole.maximize, **arrays))

    def weights(self, random: np.random.Generator, size: int) -> Vector:
        """Return random weights, 1 to 2, of the whole program's ``size`` columns that do not tell ways apart."""
        weights = 1 + random.random(size)
        there, way = self.pairs >= 0, self._way_of_pair()
        both = random.random(len(self.pairs))[:, None] + random.random(len(self.way_class))[way]
        weights[self.pairs[there]] = 1 + both[there] / 2
        return weights

    def split(self, x: Vector) -> Vector:
        """Return a solution of the whole program with the amounts of its cells and ways, split by the corner rule.

        Whatever the split was, the same amounts have the same split then.
        """
        there, way = self.pairs >= 0, self._way_of_pair()
        amounts = np.where(there, np.maximum(x[self.pairs], 0.0), 0.0)
        split = x.copy()
        of_ways: Vector = np.bincount(way[there], amounts[there], len(self.way_class)).astype(float)
        self._fill(split, amounts.sum(axis=1), of_ways)
        return split

    def whole_solution(self, x: Vector) -> Vector:
        """Return the solution of the whole program that one of the smaller program stands for."""
        kept, cells, ways = self._sorted_out(x)
        whole = self._whole_size()
        whole[self.kept] = kept
        self._fill(whole, np.maximum(cells, 0.0), np.maximum(ways, 0.0))
        return whole

    def whole_reduced_cost(self, reduced_cost: Vector) -> Vector:
        """Return the whole program's reduced costs from those of the smaller one.

        That of a pair is that of its cell and of its way together, for the price of their balance cancels out.
        """
        kept, cells, ways = self._sorted_out(reduced_cost)
        there, way = self.pairs >= 0, self._way_of_pair()
        whole = self._whole_size()
        whole[self.kept] = kept
        whole[self.pairs[there]] = (cells[:, None] + ways[way])[there]
        return whole

    def _fill(self, whole: Vector, of_cells: Vector, of_ways: Vector) -> None:
        """Split amounts of cells and ways by the corner rule, in a solution of the whole program."""
        whole[self.pairs[self.pairs >= 0]] = 0.0
        firsts = np.searchsorted(self.way_class, np.arange(self.n_classes + 1))
        order = np.argsort(self.cell_class, kind="stable")
        ends = np.searchsorted(self.cell_class[order], np.arange(1, self.n_classes))
        for number, cells in enumerate(np.split(order, ends)):
            some = cells[of_cells[cells] > 0]
            for i, j, moved in north_west(of_cells[some], of_ways[firsts[number] : firsts[number + 1]]):
                whole[self.pairs[some[i], j]] = moved

    def _sorted_out(self, values: Vector) -> tuple[Vector, Vector, Vector]:
        """Return a value of each of the smaller program's columns as those of the kept ones, cells and ways."""
        kept, cells = len(self.kept), len(self.kept) + len(self.cell_class)
        return values[:kept], values[kept:cells], values[cells:]

    def _whole_size(self) -> Vector:
        """Return a nought for each column of the whole program."""
        return np.zeros(len(self.kept) + np.count_nonzero(self.pairs >= 0))

    def _way_of_pair(self) -> Codes:
        """Return the position of each pair's way among all ways, shape as ``pairs``; any beyond a class's ways."""
        first = np.searchsorted(self.way_class, self.cell_class)
        positions: Codes = np.minimum(first[:, None] + np.arange(self.pairs.shape[1]), len(self.way_class) - 1)
        return positions

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return int(self.way_class[-1]) + 1

    def _basic(self, columns: Mask) -> tuple[Codes, Codes]:
        """Return the cells and the ways in a basis."""
        first, n_cells = len(self.kept), len(self.cell_class)
        return np.flatnonzero(columns[first : first + n_cells]), np.flatnonzero(columns[first + n_cells :])


def north_west(supply: Vector, demand: Vector) -> list[tuple[int, int, float]]:
    """Return the pairs of a transport from supplies to demands of equal sum and their amounts, by the corner rule.

    They are a spanning tree: one fewer than supplies and demands together, none where either is missing.
    """
    pairs: list[tuple[int, int, float]] = []
    i = j = 0
    left, open_ = supply.astype(float), demand.astype(float)
    while i < len(left) and j < len(open_):
        moved = float(min(left[i], open_[j]))
        pairs.append((i, j, moved))
        left[i] -= moved
        open_[j] -= moved
        if j == len(open_) - 1 or (i < len(left) - 1 and left[i] <= open_[j]):
            i += 1
        else:
            j += 1
    return pairs


def taken_together(program: LinearProgram) -> Together | None:
    """Return a program with the ways of its dimension ``ways`` taken together; ``None`` where that saves nothing.

    A program with whole columns stays as it is, for what is wanted of it is no basis.
    """
    if program.integer.any():
        return None
    columns, cell, way = _candidates(program)
    if not len(columns):
        return None
    counts = program.starts[columns + 1] - program.starts[columns]
    member = np.repeat(np.arange(len(columns)), counts)
    begins = np.concatenate([[0], np.cumsum(counts)[:-1]])
    entries = program.starts[columns][member] + np.arange(len(member)) - begins[member]
    row, value = program.indices[entries].astype(np.int64), program.values[entries]
    side = _side_rows(program.n_rows, cell, member, row, value)[row]

    most = np.full(cell.max() + 1, -np.inf)
    np.maximum.at(most, cell, program.cost[columns])
    unit = _unit_of(program.cost)
    more = np.round((program.cost[columns] - most[cell]) / unit)
    kind = _kinds(len(columns), way, more, (member[side], row[side], value[side]))
    table, klass = _classes(cell, kind)
    n_ways, n_cells = (table >= 0).sum(axis=1), np.bincount(klass)
    pays = (n_ways[klass] * n_cells[klass] > n_ways[klass] + n_cells[klass] + 1) & (n_ways[klass] > 1)
    if not pays.any():
        return None

    cells = np.flatnonzero(pays)
    classes, cell_class = np.unique(klass[cells], return_inverse=True)
    pairs = np.where(table[cells] >= 0, columns[table[cells]], -1)
    first_cell = cells[np.unique(cell_class, return_index=True)[1]]
    ways = table[first_cell]
    way_class = np.repeat(np.arange(len(classes)), (ways >= 0).sum(axis=1))
    ways = ways[ways >= 0]
    stays = np.ones(program.n_columns, dtype=bool)
    stays[pairs[pairs >= 0]] = False
    kept = np.flatnonzero(stays)

    n_kept = len(kept)
    place = np.full(program.n_columns, -1)
    place[kept] = np.arange(n_kept)
    of_whole = stays[program.entry_columns]
    shared = _entries_of(table[cells, 0], member[~side], row[~side], value[~side], n_kept)
    apart = _entries_of(ways, member[side], row[side], value[side], n_kept + len(cells))
    amounts = n_kept + np.arange(len(cells) + len(ways))
    balance = program.n_rows + np.concatenate([cell_class, way_class])
    signs = np.concatenate([np.ones(len(cells)), -np.ones(len(ways))])
    own = (program.indices[of_whole], place[program.entry_columns[of_whole]], program.values[of_whole])
    n_columns, n_rows = n_kept + len(amounts), program.n_rows + len(classes)
    starts, indices, values = compress([own, shared, apart, (balance, amounts, signs)], n_rows, n_columns)
    zeros, endless = np.zeros(len(amounts)), np.full(len(amounts), np.inf)
    arrays = freeze(
        cost=np.concatenate([program.cost[kept], most[cells], more[ways] * unit]),
        lower=np.concatenate([program.lower[kept], zeros]),
        upper=np.concatenate([program.upper[kept], endless]),
        integer=np.zeros(n_columns, dtype=bool),
        starts=starts,
        indices=indices,
        values=values,
        row_lower=np.concatenate([program.row_lower, np.zeros(len(classes))]),
        row_upper=np.concatenate([program.row_upper, np.zeros(len(classes))]),
    )
    smaller = LinearProgram(
        maximize=program.maximize,
        columns=_unnamed(n_columns),
        rows=_unnamed(n_rows),
        limits=Limits(_unnamed(0), np.empty(0, dtype=np.intp)),
        parts=MappingProxyType({}),
        expressions=MappingProxyType({}),
        absences=MappingProxyType({}),
        **arrays,
    )
    return Together(smaller, kept, pairs, cell_class, way_class)


def _candidates(program: LinearProgram) -> tuple[Codes, Codes, Codes]:
    """Return the columns told apart by the dimension of ways, the number of what each does, and its way."""
    columns, cells, ways, count = [], [], [], 0
    for family in program.columns.families:
        if not program.ways or program.ways not in family.codes or not family.size:
            continue
        others = [codes for dimension, codes in family.codes.items() if dimension != program.ways]
        _, cell = np.unique(np.stack([*others, np.zeros(family.size, dtype=np.intp)]), axis=1, return_inverse=True)
        columns.append(family.offset + np.arange(family.size))
        cells.append(count + cell.ravel())
        ways.append(family.codes[program.ways])
        count += int(cell.max()) + 1
    if not columns:
        nothing = np.empty(0, dtype=np.intp)
        return nothing, nothing, nothing
    column, cell, way = np.concatenate(columns), np.concatenate(cells), np.concatenate(ways)
    plain = (program.lower[column] == 0) & np.isinf(program.upper[column])
    _, cell = np.unique(cell[plain], return_inverse=True)
    return column[plain], cell, way[plain]


def _side_rows(n_rows: int, cell: Codes, member: Codes, row: Codes, value: Vector) -> Mask:
    """Return the rows in which the ways of some cell differ."""
    key = cell[member] * n_rows + row
    order = np.argsort(key, kind="stable")
    key, value = key[order], value[order]
    begins = np.flatnonzero(np.diff(key, prepend=-1))
    count = np.diff(np.append(begins, len(key)))
    differs = np.minimum.reduceat(value, begins) != np.maximum.reduceat(value, begins)
    differs |= count != np.bincount(cell)[key[begins] // n_rows]
    side = np.zeros(n_rows, dtype=bool)
    side[key[begins[differs]] % n_rows] = True
    return side


def _kinds(size: int, way: Codes, more: Vector, entries: tuple[Codes, Codes, Vector]) -> Codes:
    """Return a number for each member, the same where way, further cost and entries in side rows are the same."""
    member, row, value = entries
    count = np.bincount(member, minlength=size)
    place = np.arange(len(member)) - np.concatenate([[0], np.cumsum(count)])[member]
    width = int(count.max(initial=0))
    told = np.zeros((size, 2 + 2 * width))
    told[:, 0], told[:, 1] = way, more
    told[member, 2 + place] = row + 1
    told[member, 2 + width + place] = value
    return _numbered(told)


def _classes(cell: Codes, kind: Codes) -> tuple[Codes, Codes]:
    """Return the members of each cell, ordered by their kind and filled up with -1, and the class of each cell."""
    order = np.lexsort((kind, cell))
    size = np.bincount(cell)
    place = np.arange(len(cell)) - np.concatenate([[0], np.cumsum(size)])[cell[order]]
    table = np.full((len(size), int(size.max())), -1, dtype=np.intp)
    table[cell[order], place] = order
    return table, _numbered(np.where(table >= 0, kind[table], -1))


def _numbered(rows: NDArray[np.generic]) -> Codes:
    """Return a number for each row of a matrix, the same for equal rows."""
    _, number = np.unique(rows, axis=0, return_inverse=True)
    numbers: Codes = number.ravel().astype(np.intp)
    return numbers


def _entries_of(chosen: Codes, member: Codes, row: Codes, value: Vector, first: int) -> tuple[Codes, Codes, Vector]:
    """Return the entries of chosen members as those of new columns, counted on from ``first``."""
    place = np.full(int(max(chosen.max(initial=-1), member.max(initial=-1))) + 1, -1)
    place[chosen] = first + np.arange(len(chosen))
    column = place[member]
    taken = column >= 0
    return row[taken], column[taken], value[taken]


def _unit_of(cost: Vector) -> float:
    """Return the difference of two costs that is their rounding."""
    return SAME_COST * max(float(np.abs(cost).max()), 1.0)


def _unnamed(size: int) -> Labels:
    return Labels(MappingProxyType({}), (Family("", 0, size, {}),))
