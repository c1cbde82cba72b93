"""The ``calibrate`` command: what it prints, writes and ends with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from optimizer.cli.main import Exit, status_of
from tests.planning.spy import Log
from tests.strategies import near

TUTORIAL = str(Path(__file__).parent.parent.parent / "inputs" / "tutorial")


def test_it_prints_the_curve_and_writes_a_workbook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "curve.xlsx"
    assert status_of(["calibrate", TUTORIAL, "--penalty", "0.3", "--penalty", "3", "--out", str(target)]) == Exit.SOLVED
    said = capsys.readouterr().out
    assert "Recommended prices of overlap: 0.3 between clusters, 0.1 between funders." in said
    assert str(target) in said
    assert CalamineWorkbook.from_path(target).sheet_names == ["Overlap calibration", "Chart", "Notes"]


def test_json_is_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["calibrate", TUTORIAL, "--penalty", "3", "--json", "--lang", "ko"]) == Exit.SOLVED
    data = json.loads(capsys.readouterr().out)
    assert [line["between_clusters"] for line in data["table"]] == [0, 3]
    assert data["table"][-1]["best_to"] is None
    assert data["between_funders"] == near(data["between_clusters"] / 3)
    assert data["unit"] == "KRW bn"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "curve.csv"], "curve.csv is no workbook"),
        (["--out", "nowhere/curve.xlsx"], "nowhere is not a folder"),
        (["--penalty", "-1"], "-1.0 is no price of overlap"),
        (["--points", "1"], "2 points or more"),
    ],
)
def test_what_cannot_be_is_refused(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["calibrate", TUTORIAL, *arguments]) == Exit.BAD_INPUT
    assert said in capsys.readouterr().err


def test_a_limit_has_a_status_of_its_own(watched: Log, capsys: pytest.CaptureFixture[str]) -> None:
    watched.enough_for = 3
    assert status_of(["calibrate", TUTORIAL, "--engine", "spy", "--quiet"]) == Exit.LIMIT
    assert capsys.readouterr().out == ""
