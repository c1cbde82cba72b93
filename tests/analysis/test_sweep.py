"""Sweeps: every point as by itself, whoever plans it and however often it is stopped, and none lost or repeated."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

import optimizer as vc
from optimizer.analysis import sweep_run
from tests.analysis import sweeping
from tests.analysis.sweeping import TUTORIAL, points
from tests.strategies import draft, near

ROOT = TUTORIAL.parent.parent


def figures(found: vc.Sweep) -> pd.DataFrame:
    """Return a table without what differs from run to run."""
    return found.table.drop(columns="seconds")


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let sweeps start processes at once, however little there is to do."""
    monkeypatch.setattr(sweep_run, "TRIAL", 0.0)
    monkeypatch.setattr(sweep_run, "WORTH_IT", 0.0)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return


@pytest.fixture(scope="module")
def expected(tutorial: vc.Case) -> pd.DataFrame:
    """Sweep the tutorial in this process."""
    return figures(vc.sweep(tutorial, points(40), method="fixed", executor="serial"))


def test_by_hand() -> None:
    # one certain launch a unit of money, worth 1 each beyond what it costs nothing to sell: the budget is the outcome
    case = draft({"value": {"terminal_weight": 0}}, fields="field,value\nall,3").load()
    grid = vc.grid({"budget": vc.levels("budget", "amount", [0, 10, 20])})
    table = vc.sweep(case, grid, executor="serial").table
    assert table["budget"].tolist() == [0, 10, 20]
    assert table["objective"].tolist() == near([0, 30, 60])
    assert table["spend"].tolist() == near([0, 10, 20])
    assert table.columns[:4].tolist() == ["point", "budget", "status", "reason"]


def test_points_without_a_plan_stay_with_their_reason() -> None:
    case = draft(rules="rule,sense,value\nfloor,at_least,50").load()
    found = vc.sweep(
        case,
        {
            "fine": [],
            "too little": vc.Change("budget", "amount", "set", 10),
            "impossible": vc.Change("budget", "amount", "set", -1),
            "nothing": vc.Change("budget", "amount", "set", 1, "year=1999"),
        },
        executor="serial",
    )
    assert found.table["status"].tolist() == ["optimal", "infeasible", "invalid", "invalid"]
    assert found.failed["point"].tolist() == ["too little", "impossible", "nothing"]
    reasons = found.failed["reason"].tolist()
    assert "No plan fulfils every rule" in reasons[0]
    assert "must not be negative (the change makes it -1" in reasons[1]
    assert "no line of budget is selected" in reasons[2]
    assert found.failed["objective"].isna().all()
    assert str(found.notes[0]).startswith("3 of 4 points have no plan")


def test_processes_plan_the_same(tutorial: vc.Case, expected: pd.DataFrame, eager: None) -> None:
    found = vc.sweep(tutorial, points(40), method="fixed", workers=2)
    pd.testing.assert_frame_equal(figures(found), expected, rtol=1e-9)


def test_any_executor_plans_the_same(tutorial: vc.Case, expected: pd.DataFrame) -> None:
    with ThreadPoolExecutor(1) as executor:
        found = vc.sweep(tutorial, points(40), method="fixed", executor=executor)
        pd.testing.assert_frame_equal(figures(found), expected, rtol=1e-9)
        assert executor.submit(abs, -1).result() == 1  # it is left open
    with pytest.raises(vc.SolveError, match="the executor broke with 40 points left"):
        vc.sweep(tutorial, points(40), method="fixed", executor=executor)


def test_a_worker_that_is_killed_costs_no_point(
    tutorial: vc.Case, expected: pd.DataFrame, eager: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_run, "run_here", _nothing_here)
    monkeypatch.setenv("SWEEP_MARK", str(tmp_path / "mark"))
    measures = {"killing": sweeping.killing_once}
    found = vc.sweep(tutorial, points(40), method="fixed", workers=2, measures=measures)
    assert (tmp_path / "mark").exists()
    pd.testing.assert_frame_equal(figures(found).drop(columns="killing"), expected, rtol=1e-9)


def test_a_point_that_kills_every_worker_has_failed(
    tutorial: vc.Case, expected: pd.DataFrame, eager: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_run, "run_here", _nothing_here)
    monkeypatch.setattr(sweep_run, "ATTEMPTS", 1)
    measures = {"killing": sweeping.killing}
    found = vc.sweep(tutorial, points(40), method="fixed", workers=2, measures=measures)
    assert found.failed["point"].tolist() == ["30"]
    assert "its worker process ended" in found.failed["reason"].iloc[0]
    assert found.table["objective"].drop(30).tolist() == near(expected["objective"].drop(30).tolist())


def _nothing_here(*arguments: object) -> None:
    """Leave all points to workers, for this process must live."""


def test_dask_loses_nothing_with_a_worker(
    tutorial: vc.Case, expected: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("SWEEP_MARK", str(tmp_path / "mark"))
    store = tmp_path / "points.db"
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        found = vc.sweep(
            tutorial,
            points(40),
            method="fixed",
            executor=client.get_executor(),
            store=store,
            measures={"killing": sweeping.killing_once},
        )
    assert (tmp_path / "mark").exists()
    pd.testing.assert_frame_equal(figures(found).drop(columns="killing"), expected, rtol=1e-9)
    assert stored(store) == 40


def stored(store: Path) -> int:
    """Return how many points a store has, 0 where there is none yet."""
    if not store.exists():
        return 0
    connection = sqlite3.connect(store)
    try:
        return int(connection.execute("select count(*) from points").fetchone()[0])
    except sqlite3.OperationalError:  # its tables are not made yet
        return 0
    finally:
        connection.close()


def test_a_killed_sweep_goes_on_where_it_was(tutorial: vc.Case, tmp_path: Path) -> None:
    store, count = tmp_path / "points.db", 40
    command = [sys.executable, str(Path(sweeping.__file__)), str(store), str(count)]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=ROOT)
    ends = time.monotonic() + 60
    while stored(store) < 5 and time.monotonic() < ends:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = stored(store)
    assert 5 <= before < count
    planned: list[float] = []

    def counted(plan: object) -> float:
        planned.append(1)
        return float(plan.objective)  # type: ignore[attr-defined]

    # the same measure by name, so that it is the same study
    counted.__module__, counted.__qualname__ = "__main__", "slowly"
    found = vc.sweep(
        tutorial, points(count), method="fixed", executor="serial", store=store, measures={"slow": counted}
    )
    assert len(planned) == count - before
    assert stored(store) == count
    fresh = vc.sweep(tutorial, points(count), method="fixed", executor="serial")
    pd.testing.assert_frame_equal(figures(found).drop(columns="slow"), figures(fresh))


def test_a_store_keeps_studies_apart_and_points_once(tutorial: vc.Case, tmp_path: Path) -> None:
    store = tmp_path / "points.db"
    some = points(3)
    first = vc.sweep(tutorial, some, method="fixed", executor="serial", store=store)
    # called otherwise, longer, and one point twice: only what is new is planned
    renamed = {**{f"again {name}": change for name, change in some.items()}, **points(4), "last": points(4)["3"]}
    longer = vc.sweep(tutorial, renamed, method="fixed", executor="serial", store=store)
    assert stored(store) == 4
    assert longer.table["objective"].tolist()[:3] == first.table["objective"].tolist()
    assert longer.table["seconds"].tolist()[:3] == first.table["seconds"].tolist()
    other = tutorial.change(vc.Change("stages", "cost", "multiply", 0.5))
    dearer = vc.sweep(other, some, method="fixed", executor="serial", store=store)
    assert stored(store) == 7
    assert dearer.table["objective"].tolist() != first.table["objective"].tolist()
    # reasons come back in any language
    wrong = {"wrong": vc.Change("budget", "amount", "set", -1)}
    for _ in range(2):
        failed = vc.sweep(tutorial, wrong, method="fixed", executor="serial", store=store)
        assert "음수" in str(failed.found.reasons(vc.Language.KO)[0]) or failed.found.reasons(vc.Language.KO)[0]


def test_what_is_no_store_is_refused(tutorial: vc.Case, tmp_path: Path) -> None:
    foreign = tmp_path / "other.db"
    connection = sqlite3.connect(foreign)
    connection.execute("create table mine (x)")
    connection.commit()
    connection.close()
    with pytest.raises(vc.InputError, match="a database of something else"):
        vc.sweep(tutorial, points(1), store=foreign)
    text = tmp_path / "text.db"
    text.write_text("this is no database, whatever it is called, and long enough to be seen as such" * 20)
    with pytest.raises(vc.InputError, match="cannot serve as a store"):
        vc.sweep(tutorial, points(1), store=text)
    with pytest.raises(vc.InputError, match="there is no folder"):
        vc.sweep(tutorial, points(1), store=tmp_path / "nowhere" / "points.db")


def test_measures_are_columns_and_what_fails_in_them_is_told(tutorial: vc.Case) -> None:
    def wrong(plan: object) -> float:
        raise ZeroDivisionError

    found = vc.sweep(
        tutorial,
        points(2),
        method="fixed",
        executor="serial",
        measures={"first year": sweeping.spend_of_first_year},
    )
    assert (found.table["first year"] > 0).all()
    found = vc.sweep(tutorial, points(2), method="fixed", executor="serial", measures={"wrong": wrong})
    assert "measure 'wrong' failed: ZeroDivisionError()" in found.failed["reason"].iloc[0]
    with pytest.raises(vc.InputError, match="cannot be sent to other processes"):
        vc.sweep(tutorial, points(2), method="fixed", measures={"wrong": wrong})
    with pytest.raises(vc.InputError, match="there is no executor 'threads'"):
        vc.sweep(tutorial, points(2), executor="threads")


def test_workbook_and_chart(tutorial: vc.Case, tmp_path: Path) -> None:
    found = vc.sweep(
        tutorial,
        vc.grid({"budget": vc.levels("budget", "amount", [1.1, 0.9, -1], operation="multiply")}),
        method="fixed",
        executor="serial",
    )
    book = CalamineWorkbook.from_path(found.to_excel(tmp_path / "sweep.xlsx", "ko"))
    assert book.sheet_names == ["점별 결과", "유의사항"]
    lines = book.get_sheet_by_name("점별 결과").to_python()
    assert lines[0][:4] == ["점", "예산", "상태", "사유"]
    assert lines[3][2] == "불가능한 변경"
    drawn = found.plot().data[0]
    assert [x for x in drawn.x if x > 0] == [0.9, 1.1]
    with pytest.raises(vc.InputError, match="no column wrong to draw"):
        found.plot("wrong")
