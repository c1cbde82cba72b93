"""The ``export`` command: every form from a case and from a run, and what it refuses."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import docx
import pytest

from optimizer.cli.main import status_of

TUTORIAL = "inputs/tutorial"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "run"
    assert status_of(["solve", TUTORIAL, "--out", str(folder), "--quiet"]) == 0
    return folder


@pytest.mark.parametrize("form", ["xlsx", "docx", "hwpx", "html"])
def test_the_ending_tells_the_form(form: str, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / f"plan.{form}"
    unit = ["--unit", "억원"] if form in ("docx", "hwpx") else []
    assert status_of(["export", str(run), "--out", str(target), "--lang", "ko", *unit]) == 0
    said = capsys.readouterr()
    assert str(target) in said.out
    assert ("반올림" in said.out) == (form in ("docx", "hwpx"))
    assert said.err == ""
    content = target.read_bytes()
    assert content.startswith(b"<!doctype html>" if form == "html" else b"PK")


def test_a_unit_is_refused_where_nothing_is_rounded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["export", TUTORIAL, "--out", str(tmp_path / "plan.xlsx"), "--unit", "억원"]) == 1
    assert "money is rounded in documents only, not in xlsx" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_tables_go_into_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["export", TUTORIAL, "--to", "csv", "--out", str(tmp_path / "tables"), "--quiet"]) == 0
    assert (tmp_path / "tables" / "allocation.csv").is_file()
    assert capsys.readouterr().out == ""


def test_the_unit_and_the_cells_are_what_is_asked_for(tmp_path: Path) -> None:
    target = tmp_path / "plan.docx"
    asked = ["--unit", "조원", "--decimals", "3", "--by", "funder,year"]
    assert status_of(["export", TUTORIAL, "--out", str(target), *asked, "--quiet"]) == 0
    document = docx.Document(str(target))
    assert document.tables[0].rows[-1].cells[-1].text == "1.382"


REFUSED = [
    (["--out", "plan.pdf"], "--to"),
    (["--out", "plan", "--to", "pdf"], "xlsx, docx, hwpx, html, csv"),
    (["--out", "plan.docx", "--unit", "dozen"], "'dozen' is no unit"),
    (["--out", "plan.docx", "--by", "region"], "region"),
    (["--out", "nowhere/plan.docx"], "nowhere"),
    (["--out", "plan.pdf", "--to", "docx"], "name it plan.docx"),
    (["--out", "plan.docx", "--to", "xlsx"], "name it plan.xlsx"),
    (["--out", "plan.csv", "--to", "csv"], "name a folder, such as plan"),
    (["--out", "plan.html", "--by", "year"], "not in html; leave out --by"),
    (["--out", "plan.docx", "--unit", "조원", "--decimals", "0"], "nothing is left of the plan"),
]


@pytest.mark.parametrize(("arguments", "told"), REFUSED)
def test_what_cannot_be_written_is_said(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = str(Path(TUTORIAL).resolve())
    monkeypatch.chdir(tmp_path)
    assert status_of(["export", case, *arguments, "--quiet"]) == 1
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_case_without_a_plan_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = "tests/reference/infeasible-two-rules"
    assert status_of(["export", case, "--out", str(tmp_path / "plan.docx"), "--quiet"]) == 2
    assert list(tmp_path.iterdir()) == []
    capsys.readouterr()


def test_an_evaluation_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "table.csv"
    table.write_text("funder,cluster,stage,field,year,amount\nmsit,osong,preclinical,drug,2026,1\n")
    folder = tmp_path / "evaluation"
    assert status_of(["evaluate", TUTORIAL, str(table), "--no-optimum", "--out", str(folder), "--quiet"]) == 0
    assert status_of(["export", str(folder), "--out", str(tmp_path / "plan.xlsx"), "--quiet"]) == 1
    assert "evaluation" in capsys.readouterr().err


def test_a_run_that_does_not_repeat_is_told(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = tmp_path / "run"
    changed.mkdir()
    for path in run.rglob("*"):
        target = changed / path.relative_to(run)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            target.write_bytes(path.read_bytes())
    summary = json.loads((changed / "summary.json").read_text(encoding="utf-8"))
    (changed / "summary.json").write_text(json.dumps(summary | {"objective": 1.0}), encoding="utf-8")
    assert status_of(["export", str(changed), "--out", str(tmp_path / "plan.xlsx"), "--quiet"]) == 0
    assert "solved again" in capsys.readouterr().err
    with zipfile.ZipFile(tmp_path / "plan.xlsx") as archive:
        assert "xl/workbook.xml" in archive.namelist()
