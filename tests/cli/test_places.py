"""Where results may be written: whole or not at all, over an earlier run and over nothing else."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import optimizer as vc
from optimizer.cli.main import status_of

ROOT = Path(__file__).parents[2]
CASE = str(ROOT / "tests" / "reference" / "two-stage-lag")  # small: what is solved does not matter here
INFEASIBLE = str(ROOT / "tests" / "reference" / "infeasible-two-rules")


def solve(out: Path | str, case: str = CASE) -> int:
    return status_of(["solve", case, "--quiet", "--out", str(out)])


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write one run for all tests, marked so that no later run can have written it."""
    run = tmp_path_factory.mktemp("written") / "run"
    assert solve(run) == 0
    (run / "summary.json").write_text("earlier")
    return run


@pytest.fixture
def earlier(written: Path, tmp_path: Path) -> Path:
    """Return the folder of an earlier run."""
    return Path(shutil.copytree(written, tmp_path / "run"))


def test_a_run_is_whole_and_its_manifest_names_every_file(tmp_path: Path) -> None:
    run = tmp_path / "결과 {1}"
    assert solve(run) == 0
    assert [path.name for path in tmp_path.iterdir()] == [run.name]
    manifest = json.loads((run / "manifest.json").read_text())
    files = {name: hashlib.sha256(data).hexdigest() for name, data in content(run).items() if name != "manifest.json"}
    assert manifest["outputs"] == files
    assert set(files) >= {"summary.json", "allocation.csv", "constraints.csv", "plan.xlsx", "report.html"}
    inputs = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in Path(CASE).iterdir()}
    assert manifest["inputs"].items() <= inputs.items()


@pytest.mark.parametrize("ending", ["", "/", "/."])
def test_an_earlier_run_is_replaced(ending: str, earlier: Path, tmp_path: Path) -> None:
    (earlier / "plan.xlsx").unlink()  # a run that lacks a file is still one
    assert solve(f"{earlier}{ending}") == 0
    assert json.loads((earlier / "summary.json").read_text())["status"] == "optimal"
    assert (earlier / "plan.xlsx").exists()
    assert list(tmp_path.iterdir()) == [earlier]


def test_a_plan_does_not_outlive_the_failure_that_replaces_it(earlier: Path) -> None:
    assert solve(earlier, INFEASIBLE) == 2
    explanation = {"conflict.csv", "repair.csv", "alternatives.csv"}
    kept = {name for name in content(earlier) if not name.startswith("case/")}
    assert kept == {"summary.json", "manifest.json", *explanation}


@pytest.mark.parametrize("file", ["budget.csv", "notes.txt"])
def test_work_on_the_inputs_that_a_run_carries_is_not_replaced(
    file: str, earlier: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (earlier / "case" / file).write_text("mine")
    assert solve(earlier) == 1
    assert f"case/{file}" in capsys.readouterr().err
    assert (earlier / "case" / file).read_text() == "mine"


def test_a_run_may_be_repeated_from_the_inputs_it_carries(earlier: Path) -> None:
    inputs = content(earlier / "case")
    assert solve(earlier, str(earlier / "case")) == 0
    assert content(earlier / "case") == inputs


def test_an_empty_folder_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").mkdir()
    assert solve(tmp_path / "run") == 0
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert solve(".") == 0
    assert (tmp_path / "here" / "manifest.json").exists()


def test_a_link_to_a_run_is_followed_and_stays_a_link(earlier: Path, tmp_path: Path) -> None:
    link = tmp_path / "latest"
    link.symlink_to(earlier)
    for _ in range(2):
        assert solve(link) == 0
        assert link.is_symlink()
        assert json.loads((earlier / "summary.json").read_text())["status"] == "optimal"
    assert sorted(tmp_path.iterdir()) == [link, earlier]


FOREIGN: dict[str, tuple[str, ...]] = {
    "a case": ("case.toml", "clusters.csv"),
    "a run with notes beside it": ("summary.json", "manifest.json", "notes.txt"),
    # names that runs use too, but no manifest: a table for evaluate, somebody's own page
    "a hand-made allocation": ("allocation.csv",),
    "a hand-made report": ("report.html",),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_no_run_wrote_is_left_alone(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for file in FOREIGN[name]:
        (folder / file).write_text("mine")
    refuse_to_plan(monkeypatch)
    assert solve(folder) == 1
    assert str(folder) in capsys.readouterr().err
    assert content(tmp_path) == {f"folder/{file}": b"mine" for file in FOREIGN[name]}


def refuse_to_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a solve is begun although its results have no place: a long one would be in vain."""

    def fail(*_: object) -> None:
        pytest.fail("the place should have been refused before the solve")

    monkeypatch.setattr("optimizer.api.cases.plan_case", fail)


@pytest.mark.parametrize("place", ["file", "file/run", "nowhere/run", "nowhere/deeper/run"])
def test_places_that_cannot_be_are_refused_before_the_solve(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    refuse_to_plan(monkeypatch)
    assert solve(tmp_path / place) == 1
    assert str(tmp_path) in capsys.readouterr().err
    assert content(tmp_path) == {"file": b"mine"}


def test_a_parent_that_may_not_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where permissions do not count, as for root, a folder of the kernel stands in for a read-only one."""
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    place = (Path("/proc") if os.access(locked, os.W_OK) else locked) / "run"
    if not place.parent.is_dir():
        pytest.skip("every folder may be written here")
    assert solve(place) == 1
    said = capsys.readouterr().err
    assert str(place.parent) in said
    assert "Traceback" not in said
    assert content(tmp_path) == {}


def full_disk(path: Path) -> None:
    path.write_bytes(b"half of it")
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


WRITERS: dict[str, Callable[..., None]] = {
    "optimizer.export.run.write_csvs": lambda plan, folder: full_disk(folder / "allocation.csv"),
    "optimizer.export.plan_book.write_workbook": lambda plan, path, language: full_disk(path),
    "optimizer.export.run._write_json": lambda path, data: full_disk(path),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_full_disk_leaves_the_earlier_run_as_it_was(
    writer: str, earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(tmp_path)
    monkeypatch.setattr(writer, WRITERS[writer])
    assert solve(earlier) == 1
    said = capsys.readouterr().err
    assert "No space left on device" in said
    assert "Earlier results are untouched" in said
    assert content(tmp_path) == before
    assert list(tmp_path.iterdir()) == [earlier]
    assert solve(tmp_path / "new") == 1
    assert list(tmp_path.iterdir()) == [earlier]


@pytest.mark.parametrize("error", [OSError(errno.EIO, "the disk is gone"), KeyboardInterrupt()])
@pytest.mark.parametrize("move", [1, 2])
def test_a_failure_between_the_moves_leaves_the_earlier_run_in_its_place(
    move: int, error: BaseException, earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, moves, rename = content(tmp_path), [], Path.rename

    def failing(path: Path, target: Path) -> Path:
        moves.append(target)
        if len(moves) == move:
            raise error
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", failing)
    assert solve(earlier) in {1, 130}
    assert content(tmp_path) == before


def test_ctrl_c_while_files_are_written_leaves_the_earlier_run(
    earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(tmp_path)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("optimizer.export.plan_book.write_workbook", interrupt)
    assert solve(earlier) == 130
    assert "No file was left half written" in capsys.readouterr().err
    assert content(tmp_path) == before
    assert list(tmp_path.iterdir()) == [earlier]


@pytest.mark.parametrize("method", ["to_excel", "to_html"])
def test_single_files_appear_whole_or_not_at_all(
    method: str, tutorial_plan: vc.Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan.file"
    path.write_text("earlier")
    monkeypatch.setattr("optimizer.export.plan_book.write_workbook", lambda plan, path, language: full_disk(path))
    monkeypatch.setattr(Path, "write_text", lambda path, text, **_: full_disk(path))
    with pytest.raises(OSError, match="No space left"):
        getattr(tutorial_plan, method)(path)
    assert content(tmp_path) == {"plan.file": b"earlier"}


def test_a_folder_of_tables_appears_whole_or_not_at_all(
    tutorial_plan: vc.Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "optimizer.export.csvs.write_csvs", lambda plan, folder, marked: full_disk(folder / "allocation.csv")
    )
    with pytest.raises(OSError, match="No space left"):
        tutorial_plan.to_csv(tmp_path / "tables")
    assert list(tmp_path.iterdir()) == []
