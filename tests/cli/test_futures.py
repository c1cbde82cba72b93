"""The commands ``sample`` and ``regret``: what they print, write and end with."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import optimizer as vc
from optimizer.cli.main import Exit, status_of

ROOT = Path(__file__).parent.parent.parent
TUTORIAL, REFERENCE = str(ROOT / "inputs" / "tutorial"), ROOT / "tests" / "reference" / "two-stage-lag"


@pytest.fixture(scope="module")
def futures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("futures") / "scenarios.csv"
    lines = ["lean,0.5,budget,,amount,multiply,0.7", "dear,0.5,case,,overlap.between_clusters,set,0.5"]
    path.write_text("scenario,probability,table,where,column,operation,value\n" + "\n".join(lines), encoding="utf-8")
    return path


def test_futures_are_sampled_reduced_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "scenarios.csv"
    arguments = ["sample", TUTORIAL, "-n", "20", "--seed", "1", "--reduce", "4", "--out", str(target)]
    assert status_of([*arguments, "--lang", "ko"]) == Exit.SOLVED
    said = capsys.readouterr().out
    assert "그중 4개로 전체를 대표합니다" in said
    assert str(target) in said
    table = pd.read_csv(target)
    assert table.groupby("scenario")["probability"].first().sum() == pytest.approx(1)
    assert len(table) == 4 * 15

    written = target.read_bytes()
    assert status_of(arguments) == Exit.BAD_INPUT
    assert "nothing was overwritten" in capsys.readouterr().err
    assert target.read_bytes() == written


def test_sampled_figures_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["sample", TUTORIAL, "-n", "20", "--costs", "0", "--json"]) == Exit.SOLVED
    data = json.loads(capsys.readouterr().out)
    assert {line["kind"] for line in data["table"]} == {"Success", "Market"}
    assert data["table"][0]["quantity"] == "Discovery: Success rate"
    assert data["table"][0]["drawn_mean"] == pytest.approx(0.6, abs=0.01)


def test_regret_of_named_plans(
    futures: Path, tutorial_plan: vc.Plan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plans = []
    for name, share in (("whole", 1.0), ("half", 0.5)):
        file = tmp_path / f"{name}.csv"
        tutorial_plan.allocation.assign(amount=lambda one, by=share: one["amount"] * by).to_csv(file, index=False)
        plans += ["--plan", f"{name}={file}"]
    target = tmp_path / "regret.csv"
    common = ["regret", TUTORIAL, "--futures", str(futures), "--workers", "1"]
    assert status_of([*common, *plans, "--out", str(target)]) == Exit.SOLVED
    assert "The best of a future is the best plan known for it" in capsys.readouterr().out
    table = pd.read_csv(target).set_index("plan")
    assert table.loc["half", "largest_regret"] > table.loc["whole", "largest_regret"] > 0
    assert table["minimax_regret"].fillna("").tolist() == ["yes", ""]


def test_regret_of_the_optimum_as_json(futures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["regret", TUTORIAL, "--futures", str(futures), "--workers", "1", "--json", "--lang", "ko"]
    assert status_of(arguments) == Exit.SOLVED
    data = json.loads(capsys.readouterr().out)
    assert [line["plan"] for line in data["table"]] == ["최적 계획", "현행"]  # today, of the case's baseline.csv
    assert data["table"][0]["minimax_regret"] is True
    assert data["notes"][0].startswith("계획은 공공자금을")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sample", TUTORIAL, "--out", "futures.xlsx"], "futures.xlsx is no table of futures"),
        (["sample", TUTORIAL, "--costs", "1e300"], "costs vary by 1e+300 times their mean"),
        (["sample", TUTORIAL, "--reduce", "0"], "0 of 100 futures cannot be kept"),
        (["regret", str(REFERENCE)], "the case has no futures"),
        (["regret", TUTORIAL, "--plan", "mine"], "write NAME=FILE"),
    ],
)
def test_what_cannot_be_is_refused(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(arguments) == Exit.BAD_INPUT
    assert said in capsys.readouterr().err
