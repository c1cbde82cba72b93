"""Labels: families, frames with blanks, and positions by label."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import optimizer as vc
from optimizer.lp.builder import ProgramBuilder
from optimizer.lp.labels import BLANK, Labels


@pytest.fixture
def labels() -> Labels:
    builder = ProgramBuilder(
        {"place": pd.Index(["north", "south"], dtype=object), "year": pd.Index([2030, 2031]), "kind": pd.Index(["k"])}
    )
    builder.add_rows("flow", {"place": np.arange(2)[:, None], "year": np.arange(2)})
    builder.add_rows("total", {"place": np.array([BLANK, 1])})
    builder.add_rows("flow", {"kind": np.array([0])})
    return builder.build(maximize=True).rows


def test_families_in_order_each_named_once(labels: Labels) -> None:
    assert labels.size == 7
    assert labels.names == ("flow", "total")
    assert labels.positions("flow").tolist() == [0, 1, 2, 3, 6]
    assert labels.positions("total").tolist() == [4, 5]
    assert labels.positions("nothing").tolist() == []


def test_frames_have_missing_values_for_blank_labels(labels: Labels) -> None:
    total = labels.frame("total")
    assert total["place"].isna().tolist() == [True, False]
    assert total["place"].iloc[1] == "south"
    flow = labels.frame("flow")
    assert list(flow.columns) == ["place", "year", "kind"]
    assert flow["kind"].isna().tolist() == [True] * 4 + [False]
    assert flow["place"].isna().tolist() == [False] * 4 + [True]
    assert flow["year"].tolist()[:4] == [2030, 2031, 2030, 2031]


def test_numbers_stay_numbers_where_none_is_missing() -> None:
    builder = ProgramBuilder({"year": pd.Index([2030, 2031])})
    builder.add_rows("r", {"year": np.arange(2)})
    assert builder.build(maximize=True).rows.frame("r")["year"].dtype == np.int64


def test_codes_of_a_dimension_a_family_lacks_are_blank(labels: Labels) -> None:
    assert labels.codes("total", "year").tolist() == [BLANK, BLANK]
    assert labels.codes("flow", "place").tolist() == [0, 0, 1, 1, BLANK]
    assert labels.dimensions_of("total") == ("place",)


def test_a_position_is_found_by_its_labels(labels: Labels) -> None:
    assert labels.position("flow", place="south", year=2030) == 2
    assert labels.position("flow", kind="k") == 6
    assert labels.position("total", place="south") == 5


@pytest.mark.parametrize(
    ("family", "wanted"),
    [
        ("flow", {"place": "south"}),  # two years
        ("flow", {"place": "west", "year": 2030}),
        ("flow", {"place": "south", "year": 1999}),
        ("flow", {"colour": "red"}),
        ("total", {"year": 2030}),
        ("nothing", {"place": "south"}),
    ],
)
def test_a_position_that_is_not_one_raises(labels: Labels, family: str, wanted: dict[str, object]) -> None:
    with pytest.raises(vc.ModelError, match=f"'{family}'"):
        labels.position(family, **wanted)
