"""Futures: read from a table, written as one, and refused by name when they are no probabilities."""

from pathlib import Path

import pandas as pd
import pytest

import optimizer as vc
from optimizer.data.futures import COLUMNS, Future, futures_frame, futures_of

LEAN = vc.Change("budget", "amount", "multiply", 0.5, "year=2026")
TABLE = pd.DataFrame(
    [
        ("lean", 0.25, "budget", "year=2026", "amount", "multiply", 0.5),
        ("lean", 0.25, "stages", "", "success_rate", "multiply", 0.9),
        ("rich", 0.75, "budget", "", "amount", "multiply", 1.5),
    ],
    columns=list(COLUMNS),
)


@pytest.fixture(scope="module")
def case() -> vc.Case:
    return vc.load_case("inputs/tutorial")


def test_a_table_gives_futures_and_futures_give_the_table(case: vc.Case) -> None:
    futures = futures_of(case, TABLE)
    assert [(one.name, one.probability, len(one.changes)) for one in futures] == [("lean", 0.25, 2), ("rich", 0.75, 1)]
    assert futures[0].changes[0] == LEAN
    pd.testing.assert_frame_equal(futures_frame(futures), TABLE)


@pytest.mark.parametrize(
    ("futures", "text"),
    [
        ([], "there is no future"),
        ([Future("a", 0.5), Future("a", 0.5)], "several futures are called 'a'"),
        ([Future("a", 1.2)], "'a' has the probability 1.2"),
        ([Future("a", 0.5), Future("b", 0.4)], "add up to 0.9, not 1"),
        ([Future(" ", 1.0)], "Future\\(name=' ', .* is no future with a name"),
        ([("a", 1.0)], "\\('a', 1.0\\) is no future with a name"),
        ([Future("a", float("nan"))], "'a' has the probability nan"),
        (TABLE.drop(columns="probability"), "DataFrame:1 probability: the table needs this column"),
        (
            TABLE.assign(probability=[0.25, 0.5, 0.75]),
            "DataFrame:3 probability: scenario lean has another probability in line 2 .*0.5",
        ),
        (TABLE.assign(probability=[0.25, None, 0.75]), "DataFrame:3 probability: a value is required here"),
        (TABLE.assign(probability=[0.25, "half", 0.75]), r"DataFrame:3 probability: not a number \(got 'half'\)"),
        (TABLE.assign(scenario=["lean", "lean", ""]), "DataFrame:4 scenario: a value is required here"),
        (TABLE.assign(note="a guess"), "DataFrame:1 note: the table has no such column"),
    ],
)
def test_what_is_no_set_of_futures_is_refused(case: vc.Case, futures: object, text: str) -> None:
    with pytest.raises(vc.InputError, match=text):
        futures_of(case, futures)  # type: ignore[arg-type]


def test_a_file_of_futures_is_read_by_the_rules_of_the_table(case: vc.Case, tmp_path: Path) -> None:
    path = tmp_path / "futures.csv"
    TABLE.to_csv(path, index=False)
    assert futures_of(case, path) == futures_of(case, TABLE)
    TABLE.assign(odds=1, operation="divide").to_csv(path, index=False)
    with pytest.raises(vc.CaseError) as told:
        futures_of(case, path)
    assert len(told.value.faults) == 4
    assert "futures.csv:2 operation: must be one of multiply, add, set (got 'divide')" in str(told.value)
    with pytest.raises(vc.InputError, match="there is no such file"):
        futures_of(case, tmp_path)


def test_a_case_has_its_own_futures_or_none(case: vc.Case) -> None:
    assert [one.name for one in futures_of(case)][:2] == ["as-planned", "lean-budget"]
    with pytest.raises(vc.InputError, match="the case has no futures"):
        futures_of(vc.load_case("tests/reference/two-stage-lag"))


@pytest.mark.parametrize("name", ["tutorial", "korea"])
def test_the_futures_that_ship_can_come_true(name: str) -> None:
    shipped = vc.load_case(f"inputs/{name}")
    for one in futures_of(shipped):
        assert shipped.change(*one.changes).raw.changes != ()


def test_a_future_that_changes_nothing_keeps_its_probability_in_a_table(tutorial: vc.Case) -> None:
    futures = [Future("as planned", 0.75), Future("lean", 0.25, (vc.Change("budget", "amount", "multiply", 0.5),))]
    written = futures_of(tutorial, futures_frame(futures))
    assert [(one.name, one.probability) for one in written] == [("as planned", 0.75), ("lean", 0.25)]
    assert tutorial.change(*written[0].changes).table("budget").equals(tutorial.table("budget"))
