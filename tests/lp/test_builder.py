"""The builder: grids broadcast, doubles add up, what is shared has a name, and nothing can be changed afterwards."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import optimizer as vc
from optimizer.language import say
from optimizer.lp.builder import ProgramBuilder, among
from optimizer.lp.labels import BLANK
from optimizer.lp.program import LinearProgram
from tests.strategies import near


@pytest.fixture
def builder() -> ProgramBuilder:
    return ProgramBuilder(
        {
            "place": pd.Index(["north", "south", "east"], dtype=object),
            "size": pd.Index(["small", "large"], dtype=object),
            "round": pd.RangeIndex(4, 6),
        }
    )


def dense_matrix(program: LinearProgram) -> list[list[float]]:
    return program.matrix().toarray().tolist()


def test_labels_broadcast_to_a_grid_of_positions(builder: ProgramBuilder) -> None:
    grid = builder.add_columns(
        "x", {"place": np.arange(3)[:, None], "round": np.arange(2)}, lower=-1.0, upper=[2.0, 3.0]
    )
    assert grid.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert builder.columns("x") is grid
    later = builder.add_columns("y", {"size": np.array([1])})
    assert later.tolist() == [6]
    program = builder.build(maximize=True)
    assert program.n_columns == 7
    assert program.lower.tolist() == [-1] * 6 + [0]
    assert program.upper.tolist() == [2, 3, 2, 3, 2, 3, np.inf]
    assert program.columns.frame("x").to_dict("list") == {
        "place": ["north", "north", "south", "south", "east", "east"], "round": [4, 5, 4, 5, 4, 5],
    }  # fmt: skip


def test_entries_that_name_the_same_cell_add_up(builder: ProgramBuilder) -> None:
    x = builder.add_columns("x", {"size": np.arange(2)})
    rows = builder.add_rows("r", {"size": np.arange(2)})
    builder.add_entries(rows, x, 1.0)
    builder.add_entries(rows, x, [2.0, 0.5])
    builder.add_entries(rows[[0, 0]], x[[1, 1]], [3.0, 4.0])
    program = builder.build(maximize=True)
    assert dense_matrix(program) == [[3, 7], [0, 1.5]]
    assert program.n_nonzeros == 3


def test_the_matrix_is_by_columns_with_rows_ascending(builder: ProgramBuilder) -> None:
    x = builder.add_columns("x", {"size": np.arange(2)})
    rows = builder.add_rows("r", {"place": np.arange(3)})
    builder.add_entries(rows[::-1], x[1], [1.0, 2.0, 3.0])
    builder.add_entries(rows[1], x[0], 5.0)
    program = builder.build(maximize=True)
    assert program.starts.tolist() == [0, 1, 4]
    assert program.indices.tolist() == [1, 0, 1, 2]
    assert program.values.tolist() == [5, 3, 2, 1]
    assert program.entry_columns.tolist() == [0, 1, 1, 1]
    assert program.activity(np.array([1.0, 10.0])).tolist() == [30, 25, 10]


def test_entries_broadcast_and_masks_choose_cells(builder: ProgramBuilder) -> None:
    x = builder.add_columns("x", {"place": np.arange(3)[:, None], "round": np.arange(2)})
    rows = builder.add_rows("r", {"place": np.arange(3)})
    builder.add_entries(rows[:, None], x, np.array([1.0, -1.0]), where=np.array([True, True, False])[:, None])
    assert dense_matrix(builder.build(maximize=True)) == [[1, -1, 0, 0, 0, 0], [0, 0, 1, -1, 0, 0], [0] * 6]


def test_a_coefficient_of_zero_makes_no_entry(builder: ProgramBuilder) -> None:
    x = builder.add_columns("x", {"size": np.arange(2)})
    rows = builder.add_rows("r", {"size": np.arange(2)})
    builder.add_entries(rows, x, [0.0, 2.0])
    assert builder.build(maximize=True).n_nonzeros == 1


def test_masked_cells_may_point_nowhere(builder: ProgramBuilder) -> None:
    # blocks mark "no row" by BLANK and mask it out
    x = builder.add_columns("x", {"size": np.arange(2)})
    builder.add_rows("r", {"size": np.arange(2)})
    rows = np.array([BLANK, 1])
    builder.add_entries(rows, x, 1.0, where=rows != BLANK)
    assert dense_matrix(builder.build(maximize=True)) == [[0, 0], [0, 1]]


def test_lines_of_a_grid_find_their_places_among_others(builder: ProgramBuilder) -> None:
    rows = builder.add_rows("r", {"place": np.array([0, 2])[:, None], "round": np.arange(2)})
    assert among(rows, np.array([0, 2]), 3).tolist() == [[0, 1], [BLANK, BLANK], [2, 3]]
    assert among(rows, np.arange(2), 2) is rows


def test_objective_parts_add_up(builder: ProgramBuilder) -> None:
    x = builder.add_columns("x", {"place": np.arange(3)})
    builder.add_objective("gain", x, [1.0, 2.0, 3.0])
    builder.add_objective("gain", x[0], 10.0)
    builder.add_objective("loss", x[1:], -1.0)
    program = builder.build(maximize=False)
    assert not program.maximize
    assert program.cost.tolist() == [11, 1, 2]
    values = program.part_values(np.array([1.0, 2.0, 3.0]))
    assert values == near({"gain": 11.0 + 4 + 9, "loss": -5.0})
    assert sum(values.values()) == near(float(program.cost @ [1, 2, 3]))


def test_another_part_of_the_objective_leaves_the_rest(builder: ProgramBuilder) -> None:
    x = builder.add_columns("x", {"size": np.arange(2)})
    builder.add_objective("gain", x, 1.0)
    builder.add_objective("loss", x, -1.0)
    program = builder.build(maximize=True)
    other = program.with_part("loss", x[:1], np.array([-5.0]))
    assert other.cost.tolist() == [-4, 1]
    assert program.cost.tolist() == [0, 0]
    assert other.values is program.values
    with pytest.raises(vc.ModelError, match=r"no part 'luck'; its parts are gain, loss"):
        program.with_part("luck", x, np.zeros(2))


def test_expressions_are_shared_by_name(builder: ProgramBuilder) -> None:
    x = builder.add_columns("x", {"place": np.arange(3)[:, None], "round": np.arange(2)})
    builder.define("total", (3,), (np.s_[:, None], x, 1.0), (np.array([0]), x[2, :1], 0.5))
    rows = builder.add_rows("r", {"place": np.arange(3)})
    builder.add_expression(rows, "total", factors=[2.0, 1.0, 1.0], where=[True, True, False])
    program = builder.build(maximize=True)
    assert dense_matrix(program) == [[2, 2, 0, 0, 1, 0], [0, 0, 1, 1, 0, 0], [0] * 6]
    at = np.array([1.0, 2, 3, 4, 5, 6])
    assert program.expressions["total"].evaluate(at).tolist() == [1 + 2 + 2.5, 7, 11]


def test_cells_of_an_expression_are_lines_slices_or_pairs(builder: ProgramBuilder) -> None:
    """Its rows, factors and masks may leave out what they do not tell apart."""
    x = builder.add_columns("x", {"place": np.arange(3)[:, None], "round": np.arange(2)})
    line, place, turn = np.array([2, 0]), np.array([1, 1, 2]), np.array([0, 1, 1])
    builder.define(
        "total", (3, 2), (line, x[:2], 1.0), ((line, np.s_[1:]), x[1:, :1], 10.0), ((place, turn), x[0, 0], [2.0, 3, 4])
    )
    totals = builder.build(maximize=True).expressions["total"]
    at = np.array([1.0, 2, 3, 4, 5, 6])
    values = [[3, 4 + 10 * 5], [2 * 1, 3 * 1], [1, 2 + 10 * 3 + 4 * 1]]
    assert totals.evaluate(at).tolist() == values
    rows = builder.add_rows("r", {"place": np.arange(3)[:, None], "round": np.arange(2)})
    builder.add_expression(rows, "total", np.array([1.0, 2.0, 3.0])[:, None], where=np.array([True, False]))
    matrix = builder.build(maximize=True).matrix().toarray()
    assert (matrix @ at).reshape(3, 2).tolist() == [[3, 0], [2 * 2, 0], [3 * 1, 0]]


def test_an_expression_without_terms_is_zero(builder: ProgramBuilder) -> None:
    builder.add_columns("x", {"size": np.arange(2)})
    builder.define("none", (2, 2))
    program = builder.build(maximize=True)
    assert program.expressions["none"].evaluate(np.ones(2)).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("ask", ["columns", "rows", "terms"])
def test_what_is_asked_for_too_early_is_named(builder: ProgramBuilder, ask: str) -> None:
    with pytest.raises(vc.ModelError, match=r"'late'.*order of the blocks"):
        getattr(builder, ask)("late")


def test_limits_are_bounds_that_are_reported_as_rows(builder: ProgramBuilder) -> None:
    x = builder.add_columns("x", {"place": np.arange(3)}, upper=[1.0, np.inf, 3.0])
    builder.add_limits("room", {"place": np.array([0, 2])}, x[[0, 2]])
    grid = {"place": np.arange(3)[:, None], "round": np.arange(2)}
    y = builder.add_columns("y", grid, upper=[[1.0, np.inf], [np.inf, np.inf], [2.0, 3.0]])
    builder.add_limits("time", grid, y, where=np.array([[True, False], [False, False], [True, True]]))
    limits = builder.build(maximize=True).limits
    assert limits.columns.tolist() == [0, 2, 3, 7, 8]
    assert limits.labels.frame("room")["place"].tolist() == ["north", "east"]
    assert limits.labels.frame("time").to_numpy().tolist() == [["north", 4], ["east", 4], ["east", 5]]
    assert limits.labels.positions("time").tolist() == [2, 3, 4]


def test_absences_are_kept(builder: ProgramBuilder) -> None:
    builder.explain_absence("room", say("there is none"))
    assert str(builder.build(maximize=True).absences["room"]) == "there is none"


def test_whole_numbers_are_marked(builder: ProgramBuilder) -> None:
    x = builder.add_columns("x", {"place": np.arange(3)})
    builder.set_integer(x[1:])
    assert builder.build(maximize=True).integer.tolist() == [False, True, True]


def test_an_empty_program(builder: ProgramBuilder) -> None:
    grid = builder.add_columns("x", {"place": np.empty(0, dtype=int)[:, None], "round": np.arange(2)})
    assert grid.shape == (0, 2)
    rows = builder.add_rows("r", {"place": np.empty(0, dtype=int)})
    builder.add_entries(rows, np.empty(0, dtype=int), 1.0)
    program = builder.build(maximize=True)
    assert (program.n_columns, program.n_rows, program.n_nonzeros) == (0, 0, 0)
    assert program.columns.frame("x").empty
    assert program.activity(np.empty(0)).tolist() == []


def test_a_program_cannot_be_changed(builder: ProgramBuilder) -> None:
    x = builder.add_columns("x", {"size": np.arange(2)})
    rows = builder.add_rows("r", {"size": np.arange(2)}, upper=1.0)
    builder.add_entries(rows, x, 1.0)
    program = builder.build(maximize=True)
    for array in (program.cost, program.lower, program.upper, program.values, program.indices, program.starts,
                  program.row_lower, program.row_upper, program.integer):  # fmt: skip
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(AttributeError):
        program.maximize = False  # type: ignore[misc]
    with pytest.raises(TypeError):
        program.parts["x"] = None  # type: ignore[index]


def test_a_program_does_not_change_with_its_builder(builder: ProgramBuilder) -> None:
    x = builder.add_columns("x", {"size": np.arange(2)})
    program = builder.build(maximize=True)
    builder.add_columns("y", {"size": np.arange(2)})
    builder.add_objective("late", x, 1.0)
    assert program.n_columns == 2
    assert program.cost.tolist() == [0, 0]
    assert program.columns.names == ("x",)
    assert dict(program.parts) == {}


def test_a_dimension_once_declared_keeps_its_labels(builder: ProgramBuilder) -> None:
    builder.add_dimension("colour", pd.Index(["red", "blue"], dtype=object))
    builder.add_dimension("colour", pd.Index(["green"], dtype=object))
    builder.add_rows("r", {"colour": np.array([1])})
    assert builder.build(maximize=True).rows.frame("r")["colour"].tolist() == ["blue"]
