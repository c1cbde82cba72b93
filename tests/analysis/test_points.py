"""Points of a study: what is taken for points, what they are called, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import optimizer as vc
from optimizer.analysis.points import points_of

LESS = vc.Change("budget", "amount", "multiply", 0.9)
DEAR = vc.Change("case", "overlap.between_clusters", "set", 0.5)


def test_what_is_taken_for_points() -> None:
    assert [point.name for point in points_of([LESS, [LESS, DEAR], ("mine", DEAR)])] == ["1", "2", "mine"]
    assert points_of({"a": LESS, "b": [LESS, DEAR], "c": []})[1].labels == {
        "budget.amount multiply": 0.9,
        "case.overlap.between_clusters": 0.5,
    }
    assert points_of({"a": LESS})[0].digest == points_of([LESS])[0].digest
    assert points_of([LESS])[0].digest != points_of([DEAR])[0].digest


def test_a_grid_runs_its_last_axis_fastest() -> None:
    points = vc.grid(
        {
            "money": vc.levels("budget", "amount", [0.9, 1.1], operation="multiply"),
            "both": {"no": [], "yes": [DEAR, LESS]},
        }
    )
    assert [point.name for point in points] == [
        "money=0.9, both=no",
        "money=0.9, both=yes",
        "money=1.1, both=no",
        "money=1.1, both=yes",
    ]
    assert [len(point.changes) for point in points] == [1, 3, 1, 3]
    assert points[3].labels == {"money": 1.1, "both": "yes"}
    assert vc.grid({"x": [LESS, [LESS, DEAR]]})[0].name == "x=0.9"


def test_a_file_of_points(tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text(
        "point,table,where,column,operation,value\nas it is,,,,,\nboth,budget,year=2028,amount,multiply,0.9\n"
        "both,case,,overlap.between_clusters,set,0.5\n",
        encoding="utf-8",
    )
    points = points_of(file)
    assert [point.name for point in points] == ["as it is", "both"]
    assert points[0].changes == ()
    assert points[1].changes == (vc.Change("budget", "amount", "multiply", 0.9, "year=2028"), DEAR)


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ([], "no point to plan"),
        ([("a", LESS), ("a", DEAR)], "several points are called 'a'"),
        ({"a": "less"}, "point 'a': 'less' is no change"),
        ("nowhere.csv", "no such file"),
    ],
)
def test_what_is_refused(points: object, said: str) -> None:
    with pytest.raises(vc.InputError, match=said):
        points_of(points)  # type: ignore[arg-type]


def test_a_grid_without_changes_is_refused() -> None:
    with pytest.raises(vc.InputError, match="axis 'x' of the grid has no changes"):
        vc.grid({"x": []})
    with pytest.raises(vc.InputError, match="no point to plan"):
        vc.grid({})


def test_parameters() -> None:
    one = vc.Parameter("success", ("stages", "success_rate", "stage=launch"), 0.8, 1.1)
    assert one.changes(0.9) == (vc.Change("stages", "success_rate", "multiply", 0.9, "stage=launch"),)
    with pytest.raises(vc.InputError, match="low value below its high one"):
        vc.Parameter("x", (vc.Target("budget", "amount"),), 1, 1)


def test_usual_parameters_end_where_their_figures_do(tutorial: vc.Case) -> None:
    usual = {one.name: one for one in vc.usual_parameters(tutorial, 0.2)}
    assert (usual["Budgets"].low, usual["Budgets"].high) == (0.8, 1.2)
    # the surest stage succeeds with 0.9
    assert usual["Success rates"].high == pytest.approx(1 / 0.9)
    with pytest.raises(vc.InputError, match="moves nothing or everything"):
        vc.usual_parameters(tutorial, 1.0)
