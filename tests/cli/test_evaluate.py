"""The ``evaluate`` command: what it prints, writes and ends with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optimizer.cli.main import status_of

ROOT = Path(__file__).parents[2]
CASE = str(ROOT / "tests" / "reference" / "mandates")
FILES = {
    *("summary.json", "manifest.json", "case", "given.csv", "evaluation.csv", "broken.csv", "evaluation.xlsx"),
    *("allocation.csv", "pipeline.csv", "launches.csv", "overlap.csv", "specialization.csv"),
}


@pytest.fixture
def table(tmp_path: Path) -> str:
    """Write three times what the plan spends, as a table."""
    assert status_of(["solve", CASE, "--quiet", "--out", str(tmp_path / "plan")]) == 0
    lines = (tmp_path / "plan" / "allocation.csv").read_text().splitlines()
    cells = [line.split(",") for line in lines]
    more = [",".join([*line[:6], str(3 * float(line[6]))]) for line in cells[1:]]
    (tmp_path / "hand.csv").write_text("\n".join([",".join(cells[0][:7]), *more]) + "\n")
    return str(tmp_path / "hand.csv")


def test_an_evaluation_is_printed_and_written(table: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    for _ in range(2):  # a second one takes the first one's place
        assert status_of(["evaluate", CASE, table, "--out", str(run), "--lang", "ko"]) == 0
    said = capsys.readouterr().out
    assert "최적 대비 효율" in said
    assert "미사용액" in said
    assert {path.name for path in run.iterdir()} == FILES
    assert status_of(["verify", str(run)]) == 0
    assert status_of(["compare", str(tmp_path / "plan"), str(run)]) == 0
    assert status_of(["solve", CASE, "--quiet", "--out", str(run)]) == 0  # a plan may take an evaluation's place
    assert not (run / "broken.csv").exists()


def test_json_holds_figures_limits_and_what_is_left_over(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["evaluate", CASE, table, "--json", "--no-optimum"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["efficiency"] is None
    assert told["given"] == pytest.approx(told["spend"] + told["unused"])
    assert {limit["family"] for limit in told["broken_limits"]} >= {"budget"}
    assert all(line["reason"] for line in told["left_over"])


def test_faults_of_the_table_reach_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "hand.csv").write_text("cluster,stage,year,amount\nnowhere,launch,2026,-1\n")
    assert status_of(["evaluate", CASE, str(tmp_path / "hand.csv"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert {fault["column"] for fault in told["faults"]} >= {"cluster", "amount"}
