"""The commands that say why there is no plan: words, data, files and exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import optimizer as vc
from optimizer.cli.main import status_of

ROOT = Path(__file__).parent.parent.parent
TUTORIAL = str(ROOT / "inputs" / "tutorial")
TWO_RULES = str(ROOT / "tests" / "reference" / "infeasible-two-rules")
CONFLICT = json.loads((Path(TWO_RULES) / "expected.json").read_text())["conflict"]


def test_explain_says_why_in_words_and_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book, mended = tmp_path / "why.xlsx", tmp_path / "mended"
    assert status_of(["explain", TWO_RULES, "--out", str(book), "--repaired", str(mended)]) == 2
    said = capsys.readouterr().out
    assert "These 3 limits cannot hold together" in said
    assert "Smallest change that gives the case a plan (10 KRW bn):" in said
    assert book.exists()
    assert status_of(["solve", str(mended), "--quiet"]) == 0
    assert status_of(["explain", TWO_RULES, "--repaired", str(mended)]) == 1  # nothing is overwritten
    assert status_of(["explain", TUTORIAL]) == 0
    assert "every limit can hold" in capsys.readouterr().out


def test_explain_as_data_and_in_korean(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["explain", TWO_RULES, "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert sorted(map(str, told["conflict"])) == sorted(map(str, CONFLICT))
    assert (told["status"], told["verdict"], told["smallest_change"]) == ("infeasible", "conflict", 10)
    assert status_of(["explain", TWO_RULES, "--lang", "ko"]) == 2
    assert "함께 지킬 수 없습니다" in capsys.readouterr().out


def test_explain_stops_at_its_limit(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["explain", str(ROOT / "inputs" / "korea"), "--time-limit", "0.01"]) == 3
    assert "time ran out" in capsys.readouterr().out


def test_solve_prints_the_explanation_and_keeps_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    for _ in range(2):  # a second run replaces the first
        assert status_of(["solve", TWO_RULES, "--out", str(run), "--quiet"]) == 2
        assert "budget (msit, 2027) is 100 KRW bn, but the others need 110 KRW bn" in capsys.readouterr().err
    names = {"alternatives.csv", "case", "conflict.csv", "manifest.json", "repair.csv", "summary.json"}
    assert {path.name for path in run.iterdir()} == names
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    assert sorted(map(str, summary["conflict"])) == sorted(map(str, CONFLICT))
    assert "Smallest change" in summary["explanation"]
    assert pd.read_csv(run / "repair.csv")["change"].to_list() == [-10]
    outputs = json.loads((run / "manifest.json").read_text())["outputs"]
    assert {name for name in outputs if not name.startswith("case/")} == names - {"manifest.json", "case"}


def test_errors_and_in_strict_warnings_end_with_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["check", TWO_RULES]) == 1
    assert "Error: rules.csv:2 value: floors ask for 110 KRW bn together" in capsys.readouterr().err
    case = vc.new_case(tmp_path / "case")
    with (case / "rules.csv").open("a", encoding="utf-8") as rules:
        rules.write("nowhere,,true,cluster=atlantis,spend,at_most,amount,1,,,,,\n")
    for command in ("check", "solve"):
        assert status_of([command, str(case)]) == 0
        assert "Warning: rules.csv:" in capsys.readouterr().err
        assert status_of([command, str(case), "--strict"]) == 1
        assert "nothing has cluster = atlantis" in capsys.readouterr().err
    assert status_of(["check", str(case), "--json", "--strict"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "refused"
    assert {"unknown-label"} <= {remark["code"] for remark in told["remarks"]}
    assert {"severity", "code", "file", "line", "column", "text"} == set(told["remarks"][0])
