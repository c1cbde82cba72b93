"""The ``sweep`` and ``tornado`` commands: what they print, write and end with."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from optimizer.cli.main import Exit, status_of
from tests.strategies import near

TUTORIAL = str(Path(__file__).parent.parent.parent / "inputs" / "tutorial")
HEADER = "point,table,where,column,operation,value\n"
LESS = "less,budget,year=2028,amount,multiply,0.9\n"
WRONG = "=wrong,stages,,success_rate,multiply,3\n"


@pytest.fixture
def points(tmp_path: Path) -> Path:
    file = tmp_path / "points.csv"
    file.write_text(HEADER + "as it is,,,,,\n" + LESS + WRONG, encoding="utf-8")
    return file


def test_a_sweep_is_printed_written_and_kept(points: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target, store = tmp_path / "sweep.csv", tmp_path / "points.db"
    command = ["sweep", TUTORIAL, str(points), "--method", "fixed", "--workers", "1", "--store", str(store)]
    assert status_of([*command, "--out", str(target)]) == Exit.SOLVED
    said = capsys.readouterr().out
    assert "1 of 3 points have no plan" in said
    assert str(target) in said
    table = pd.read_csv(target)
    assert table["point"].tolist() == ["as it is", "less", "'=wrong"]
    assert table["objective"].iloc[0] > table["objective"].iloc[1]
    assert status_of([*command, "--json", "--lang", "ko"]) == Exit.SOLVED
    data = json.loads(capsys.readouterr().out)
    assert [line["objective"] for line in data["table"]][:2] == near(table["objective"].tolist()[:2])
    assert data["table"][0]["seconds"] == near(table["seconds"].iloc[0])  # from the store
    assert data["table"][2]["objective"] is None
    assert "변경 후 값" in data["table"][2]["reason"]


def test_a_sweep_without_any_plan_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "points.csv"
    file.write_text(HEADER + WRONG, encoding="utf-8")
    assert status_of(["sweep", TUTORIAL, str(file), "--quiet"]) == Exit.NO_PLAN
    assert capsys.readouterr().out == ""


def test_a_tornado_is_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, target = tmp_path / "parameters.csv", tmp_path / "tornado.xlsx"
    file.write_text(
        "parameter,table,where,column,operation,low,high\nmoney,budget,,amount,multiply,0.5,1.5\n"
        "costs,stages,,cost,multiply,0.9,1.1\ncosts,niches,,cost,multiply,0.9,1.1\n",
        encoding="utf-8",
    )
    command = ["tornado", TUTORIAL, str(file), "--method", "fixed", "--workers", "1"]
    assert status_of([*command, "--out", str(target)]) == Exit.SOLVED
    assert "One parameter moves at a time" in capsys.readouterr().out
    assert CalamineWorkbook.from_path(target).sheet_names == ["Tornado", "Notes"]
    assert status_of([*command, "--measure", "launches", "--json"]) == Exit.SOLVED
    data = json.loads(capsys.readouterr().out)
    assert {line["parameter"] for line in data["table"]} == {"money", "costs"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sweep", TUTORIAL, "nowhere.csv"], "nowhere.csv: there is no such file"),
        (["sweep", TUTORIAL, "nowhere.csv", "--out", "points.txt"], "points.txt is no table"),
        (["tornado", TUTORIAL, "--measure", "happiness"], "no figure of a plan is called 'happiness'"),
        (["tornado", TUTORIAL, "--share", "2"], "moves nothing or everything"),
    ],
)
def test_what_is_refused(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(arguments) == Exit.BAD_INPUT
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "columns"),
    [
        (["morris", "--trajectories", "2"], {"mu", "mu_star", "sigma", "mu_star_conf"}),
        (["sobol", "--samples", "4"], {"S1", "S1_conf", "ST", "ST_conf"}),
    ],
)
def test_parameters_are_moved_together(
    command: list[str], columns: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved, out = tmp_path / "parameters.csv", tmp_path / "found.xlsx"
    moved.write_text(
        "parameter,table,where,column,operation,low,high\n"
        "budgets,budget,,amount,multiply,0.9,1.1\nworth,fields,,value,multiply,0.9,1.1\n",
        encoding="utf-8",
    )
    asked = [command[0], TUTORIAL, str(moved), *command[1:], "--method", "fixed", "--workers", "1", "--seed", "1"]
    assert status_of([*asked, "--json"]) == Exit.SOLVED
    told = json.loads(capsys.readouterr().out)["table"]
    assert {line["parameter"] for line in told} == {"budgets", "worth"}
    assert columns < set(told[0])
    assert status_of([*asked, "--out", str(out), "--lang", "ko"]) == Exit.SOLVED
    assert out.is_file()
    assert str(out) in capsys.readouterr().out
