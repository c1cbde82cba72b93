"""The commands ``budget-curve``, ``frontier`` and ``alternatives``: what they print, write and end with."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from optimizer.cli.main import Exit, status_of

TUTORIAL = str(Path(__file__).parent.parent.parent / "inputs" / "tutorial")
CURVE = ["budget-curve", TUTORIAL, "--funder", "msit", "--year", "2028", "--low", "78", "--high", "82"]


def test_a_budget_curve_is_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "curve.xlsx"
    assert status_of([*CURVE, "--out", str(target)]) == Exit.SOLVED
    said = capsys.readouterr().out
    assert "The curve is that of the linear program with overlap counted by the plan's last ranking." in said
    assert str(target) in said
    assert CalamineWorkbook.from_path(target).sheet_names == ["Budget curve", "Bends", "Notes"]


def test_a_budget_curve_as_json_in_korean(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of([*CURVE, "--json", "--lang", "ko"]) == Exit.SOLVED
    data = json.loads(capsys.readouterr().out)
    prices = [line["shadow_price"] for line in data["table"]]
    assert prices == sorted(prices, reverse=True)
    assert (data["table"][0]["budget_from"], data["table"][-1]["budget_to"]) == (78, 82)
    assert data["table"][0]["bend"] == ""
    assert data["notes"][0].startswith("곡선은 계획의 마지막 순위")


def test_a_frontier_is_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "points.csv"
    arguments = ["--measure", "worth", "--measure", "balance", "--points", "3", "--out", str(target)]
    assert status_of(["frontier", TUTORIAL, *arguments]) == Exit.SOLVED
    assert "Balance is the public money over the horizon of that one of 3 regions which gets least." in (
        capsys.readouterr().out
    )
    assert pd.read_csv(target)["best_of"].fillna("").tolist() == ["Worth", "", "Regional balance"]


def test_alternatives_are_printed_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept, target = tmp_path / "kept", tmp_path / "ranges.xlsx"
    arguments = ["-n", "1", "--by", "funder", "--keep", str(kept), "--out", str(target), "--lang", "ko"]
    assert status_of(["alternatives", TUTORIAL, *arguments]) == Exit.SOLVED
    assert "과학기술정보통신부" in capsys.readouterr().out
    assert {path.name for path in kept.iterdir()} == {"alternative-1.csv", "plans.csv", "ranges.csv"}
    assert CalamineWorkbook.from_path(target).sheet_names == ["변동 범위", "대안", "거점", "유의사항"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["budget-curve", TUTORIAL, "--funder", "nobody"], "no funder 'nobody'"),
        (["budget-curve", TUTORIAL, "--out", "curve.txt"], "curve.txt is no table"),
        (["frontier", TUTORIAL, "--measure", "worth"], "two or three measures"),
        (["alternatives", TUTORIAL, "--slack", "-1"], "a slack of 0 or more"),
        (["alternatives", TUTORIAL, "--by", "year"], "by is 'year'"),
    ],
)
def test_what_cannot_be_is_refused(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(arguments) == Exit.BAD_INPUT
    assert said in capsys.readouterr().err
