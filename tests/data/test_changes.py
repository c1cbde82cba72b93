"""Changes by hand, refusals in words, and the law that a changed case is the case one would have written."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import optimizer as vc
from optimizer.data.changes import changes_of
from tests.strategies import Draft, cases, draft, law, near

CASE = draft(
    years=2,
    clusters="cluster,region,private_cap\na,south,\nb,north,4",
    fields="field,value,demand\ndrug,10,2\ndevice,8,",
    sites="cluster,stage,field,capacity\na,launch,drug,3\nb,launch,drug,\nb,launch,device,5",
    budget="funder,year,amount\nmsit,2026,10\nmsit,2027,20\nmohw,2026,30\nmohw,2027,40",
    rules="rule,sense,value,enabled\ncap,at_most,5,true",
).load()


def amounts(case: vc.Case) -> list[float]:
    return case.table("budget")["amount"].tolist()


@pytest.mark.parametrize(
    ("operation", "value", "where", "expected"),
    [
        ("multiply", 2, "", [20, 40, 60, 80]),
        ("add", -5, "funder=msit", [5, 15, 30, 40]),
        ("set", 7, "year=2027; funder=msit|mohw", [10, 7, 30, 7]),
        ("multiply", 0.5, "funder=mohw; year=2026", [10, 20, 15, 40]),
    ],
)
def test_lines_are_chosen_and_changed(operation: str, value: float, where: str, expected: list[float]) -> None:
    assert amounts(CASE.change(vc.Change("budget", "amount", operation, value, where))) == near(expected)
    assert amounts(CASE) == [10, 20, 30, 40]  # the case itself stays as it is


def test_changes_are_made_in_order_and_remembered() -> None:
    double, more = vc.Change("budget", "amount", "multiply", 2), vc.Change("budget", "amount", "add", 1)
    assert amounts(CASE.change(double, more)) == near([21, 41, 61, 81])
    both = CASE.change(more).change(double)
    assert amounts(both) == near([22, 42, 62, 82])
    assert both.raw.changes == ("budget.amount add 1", "budget.amount multiply 2")


def test_blanks_count_as_their_default_and_unlimited_stays_unlimited() -> None:
    # cost_factor is no column of the table as written; its default is 1
    dearer = CASE.change(vc.Change("sites", "cost_factor", "multiply", 1.5, "cluster=b"))
    assert dearer.table("sites")["cost_factor"].tolist() == [1, 1.5, 1.5]
    wider = CASE.change(vc.Change("sites", "capacity", "multiply", 2))
    assert wider.table("sites")["capacity"].tolist() == [6, float("inf"), 10]
    with pytest.raises(vc.InputError, match="every cell it selects is blank and stays so; use the operation 'set'"):
        CASE.change(vc.Change("clusters", "private_cap", "multiply", 2, "cluster=a"))
    assert CASE.change(vc.Change("clusters", "private_cap", "set", 9, "region=south")).table("clusters")[
        "private_cap"
    ].tolist() == [9, 4]


def test_settings_flags_and_words() -> None:
    changed = CASE.change(
        vc.Change("case", "overlap.between_clusters", "set", 0.5),
        vc.Change("case", "overlap.between_clusters", "multiply", 3),
        vc.Change("case", "specialization.by", "set", "stage"),
        vc.Change("rules", "enabled", "set", "false"),
    )
    assert changed.settings.overlap.between_clusters == near(1.5)
    assert changed.settings.specialization.by == "stage"
    assert changed.table("rules")["enabled"].tolist() == [False]


REFUSED = [
    (("budget", "amount", "multiply", 2, "year=1999"), "no line of budget is selected"),
    (("budget", "amount", "multiply", 2, "year"), "a filter reads column=value"),
    (
        ("budget", "amount", "multiply", 2, "colour=red"),
        "budget has no column colour to filter on; it has funder, year",
    ),
    (("budgets", "amount", "multiply", 2), "no table of figures has this name; there are case, clusters"),
    (("sources", "year", "set", 2), "no table of figures has this name"),
    (("links", "retention", "multiply", 2), "the case has no table links; add it"),
    (("budget", "year", "add", 1), "budget has no figures in a column year; it has amount"),
    (("sites", "cluster", "set", "b"), "sites has no figures in a column cluster"),
    (("clusters", "region", "set", "east"), "clusters has no figures in a column region"),
    (("case", "case.last_year", "add", 1), "case.toml has no such figure; it has case.discount_rate"),
    (("case", "overlap.method", "multiply", 2), "the key holds 'sequential', no number; set it"),
    (("case", "overlap.between_clusters", "set", 1, "year=2026"), "a setting has no lines"),
    (("budget", "amount", "multiply", "much"), "'much' is no number to multiply by"),
    (("budget", "amount", "divide", 2), "operation is 'divide'; it must be one of multiply, add, set"),
]


@pytest.mark.parametrize(("change", "said"), REFUSED)
def test_what_cannot_be_changed_is_said(change: tuple[object, ...], said: str) -> None:
    with pytest.raises(vc.InputError, match=said):
        CASE.change(vc.Change(*change))


def test_figures_out_of_range_are_faults_with_their_address() -> None:
    with pytest.raises(vc.CaseError) as caught:
        CASE.change(vc.Change("stages", "success_rate", "multiply", 2), vc.Change("budget", "amount", "add", -15))
    addresses = {(fault.file, fault.line, fault.column, fault.value) for fault in caught.value.faults}
    assert addresses == {("stages.csv", 2, "success_rate", "2"), ("budget.csv", 2, "amount", "-5")}


def test_changes_are_read_from_a_file(tmp_path: Path) -> None:
    place = tmp_path / "변화.csv"
    place.write_text(
        "\ufefftable,where,column,operation,value\nbudget,year=2026,amount,multiply,0.5\ncase,,overlap.method,set,fixed\n",
        encoding="utf-8",
    )
    changed = CASE.change(*vc.read_changes(place))
    assert amounts(changed) == near([5, 20, 15, 40])
    assert changed.settings.overlap.method == "fixed"
    with pytest.raises(vc.InputError, match="there is no such file"):
        vc.read_changes(tmp_path / "none.csv")
    with pytest.raises(vc.InputError, match="the table of changes lacks the column operation, value"):
        changes_of(pd.DataFrame({"table": ["budget"], "column": ["amount"]}))


FIGURES = (
    ("budget", "amount"),
    ("stages", "cost"),
    ("stages", "success_rate"),
    ("fields", "value"),
    ("fields", "demand"),
    ("sites", "capacity"),
    ("sites", "backlog"),
    ("links", "retention"),
    ("case", "case.discount_rate"),
    ("case", "overlap.between_clusters"),
    ("case", "specialization.min_share"),
)


@law(25)
@given(
    case=cases(),
    picks=st.lists(
        st.tuples(
            st.sampled_from(FIGURES), st.sampled_from(("multiply", "add", "set")), st.sampled_from((0, 0.5, 0.9, 3))
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_a_changed_case_is_the_case_one_would_have_written(case: Draft, picks: list[tuple[object, ...]]) -> None:
    changes = [vc.Change(table, column, operation, value) for (table, column), operation, value in picks]
    try:
        changed = case.load().change(*changes)
    except vc.InputError:
        return  # refused, with a reason; what reasons there are is tried above
    with tempfile.TemporaryDirectory() as folder:
        written = vc.load_case(changed.save(Path(folder) / "case"))
    assert written.settings == changed.settings
    assert set(written.frames) == set(changed.frames)
    for name, frame in changed.frames.items():
        pd.testing.assert_frame_equal(frame, written.table(name), check_dtype=False)
