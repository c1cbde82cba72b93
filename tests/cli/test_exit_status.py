"""What each command ends with and prints: results on standard output, faults on standard error, nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import optimizer as vc
from optimizer.cli.main import status_of
from optimizer.data.filters import ATTRIBUTE_TABLES
from optimizer.data.rows import TABLES

ROOT = Path(__file__).parents[2]
TUTORIAL = str(ROOT / "inputs" / "tutorial")
INFEASIBLE = str(ROOT / "tests" / "reference" / "infeasible-two-rules")
NO_BASELINE = str(ROOT / "tests" / "reference" / "single-stage")
INVALID = str(ROOT / "tests" / "reference" / "invalid-numbers")

USAGE: list[tuple[list[str], str]] = [
    (["plan", TUTORIAL], "No such command"),
    (["--fast"], "No such option"),
    (["solve"], "Missing argument"),
    (["solve", TUTORIAL, "--fast"], "No such option"),
    (["solve", TUTORIAL, TUTORIAL], "unexpected extra argument"),
    (["solve", TUTORIAL, "--method", "magic"], "'fixed', 'sequential', 'exact'"),
    (["solve", TUTORIAL, "--algorithm", "magic"], "'auto', 'simplex', 'ipm'"),
    (["solve", TUTORIAL, "--lang", "xx"], "'en', 'ko'"),
    (["solve", TUTORIAL, "--engine", "abacus"], "no engine is called 'abacus'"),
    (["solve", TUTORIAL, "--time-limit", "soon"], "valid number"),
    (["solve", TUTORIAL, "--time-limit", "0"], "seconds above 0"),
    (["solve", TUTORIAL, "--time-limit", "nan"], "seconds above 0"),
    (["solve", TUTORIAL, "--out"], "requires an argument"),
    (["check"], "check needs a CASE"),
    (["check", "nowhere"], "does not exist"),
    (["check", __file__], "neither a case folder nor an .xlsx workbook"),
    (["solve", "nowhere"], "does not exist"),
    (["evaluate"], "Missing argument"),
    (["evaluate", NO_BASELINE], "has no baseline.csv"),
    (["evaluate", TUTORIAL, "nowhere.csv"], "does not exist"),
    (["compare"], "Missing argument"),
    (["compare", TUTORIAL], "is no run"),
    (["verify"], "Missing argument"),
    (["verify", TUTORIAL], "is no run"),
    (["new"], "Missing argument"),
    (["new", "case.xlsx"], "names a workbook"),
    (["lab"], "there is no folder notebooks"),
]


@pytest.mark.parametrize(("arguments", "piece"), USAGE)
def test_usage_errors_end_with_1_and_write_nothing(
    arguments: list[str],
    piece: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert status_of(arguments) == 1
    said = capsys.readouterr()
    assert piece in said.err
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["solve", TUTORIAL], 0),
        (["solve", INVALID], 1),
        (["solve", INFEASIBLE], 2),
        (["solve", TUTORIAL, "--time-limit", "1e-9"], 3),
    ],
)
@pytest.mark.parametrize("more", [[], ["--quiet"], ["--json"]])
def test_how_a_solve_ends(
    arguments: list[str], status: int, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of([*arguments, *more]) == status
    said = capsys.readouterr()
    assert bool(said.err) == (status != 0)
    if more == ["--json"] and status != 1:
        summary = json.loads(said.out)
        assert summary["status"] == {0: "optimal", 2: "infeasible", 3: "limit"}[status]
        assert (summary["objective"] is None) == (status != 0)
    elif more == ["--json"]:
        assert json.loads(said.out)["status"] == "invalid"  # programs read the faults, people read standard error
    else:
        assert bool(said.out) == (status == 0 and not more)


def test_a_failing_engine_ends_with_4(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*_: object, **__: object) -> None:
        msg = "HiGHS failed at taking over the program"
        raise vc.SolveError(msg)

    monkeypatch.setattr("optimizer.api.cases.plan_case", fail)
    assert status_of(["solve", TUTORIAL]) == 4
    assert "HiGHS failed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([], "Stopped. No file was left half written."),
        (["--store=found.db"], "Stopped. What was found so far is kept whole in the place of --store or --keep."),
        (["--lang", "ko"], "중단했습니다. 쓰다 만 파일은 없습니다."),
    ],
)
def test_ctrl_c_ends_with_130_and_says_what_it_leaves(
    more: list[str], expected: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("optimizer.cli.stochastic.plan_under_uncertainty", interrupt)
    assert status_of(["stochastic", TUTORIAL, *more]) == 130
    assert capsys.readouterr() == ("", f"{expected}\n")


def test_the_exact_method_says_how_the_bound_was_proven(capsys: pytest.CaptureFixture[str]) -> None:
    case = str(Path(TUTORIAL).parent.parent / "tests" / "reference" / "overlap-fixed")
    assert status_of(["solve", case, "--method", "exact"]) == 0
    assert "branching on who spends more" in capsys.readouterr().out


def test_help_and_the_program_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["--help"]) == 0
    said = capsys.readouterr()
    for command in ("new", "check", "solve", "doctor"):
        assert command in said.out
    assert status_of([]) == 1
    assert "Usage" in capsys.readouterr().err


@pytest.mark.parametrize(("case", "status", "word"), [(TUTORIAL, 0, "valid"), (INVALID, 1, "invalid")])
def test_check_speaks_json_whether_valid_or_not(
    case: str, status: int, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["check", case, "--json"]) == status
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert said.err == ""
    assert told["status"] == word
    assert set(told) == {"status", "faults", "remarks"}
    for fault in told["faults"]:
        assert set(fault) == {"file", "line", "cell", "column", "value", "reason"}


def test_check_says_what_is_in_a_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["check", TUTORIAL]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    for piece in ("tutorial", "KRW bn", "clusters: 4", "rules: 4", "assumed"):
        assert piece in said.out
    assert status_of(["check", TUTORIAL, "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert status_of(["check", INVALID, "--quiet"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "4 faults" in said.err


def test_a_misspelt_file_is_named_beside_the_missing_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``cluster.csv`` explains why ``clusters.csv`` is missing; the remark must not be lost with the case."""
    case = vc.new_case(tmp_path / "case")
    (case / "clusters.csv").rename(case / "cluster.csv")
    assert status_of(["check", str(case), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert {fault["file"] for fault in told["faults"]} == {"clusters.csv"}
    assert any("cluster.csv" in remark["text"] for remark in told["remarks"])


def test_the_dictionary_explains_every_table_and_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["check", "--dictionary", "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)
    assert len(lines) == len(vc.dictionary())
    assert {line["table"] for line in lines} >= {"case", "clusters", "stages", "budget", "rules", "sources"}
    assert all(line["meaning"] for line in lines)
    told = {(line["table"], line["column"]): line["meaning"] for line in lines}
    for place in (
        *(("stages", "trials"), ("niches", "trials"), ("scenarios", "name_ko"), ("rules", "name_ko")),
        *(("rules", "note_ko"), ("sources", "source_ko"), ("benchmarks", "source_ko")),
        *(
            (table, column)
            for table in ("clusters", "stages", "fields")
            for column in ("<attribute>", "<attribute>_ko")
        ),
    ):
        assert place in told
    assert "case.toml" in told["scenarios", "table"]
    assert not [table for table, column in told if column == "<attribute>" and table not in ATTRIBUTE_TABLES]
    assert [line["table"] for line in lines] == sorted((line["table"] for line in lines), key=["case", *TABLES].index)
    assert status_of(["check", "--dictionary"]) == 0
    text = capsys.readouterr().out
    for line in lines:
        assert line["column"] in text


def test_doctor_solves_a_program_with_every_engine_it_calls_usable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["doctor"]) == 0
    assert "highs" in capsys.readouterr().out
    assert status_of(["doctor", "--json"]) == 0
    engines = {line["engine"]: line for line in json.loads(capsys.readouterr().out)}
    assert engines["highs"]["works"] == "yes"
    assert engines["highs"]["detail"].endswith("36")
    monkeypatch.setattr("optimizer.cli.doctor.usable_engines", lambda: dict.fromkeys(engines, False))
    assert status_of(["doctor", "--json"]) == 4
    assert {line["works"] for line in json.loads(capsys.readouterr().out)} == {"no"}


def test_new_writes_a_case_that_can_be_solved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("새 사례", "empty"):
        case = tmp_path / name
        assert status_of(["new", str(case)]) == 0
        assert str(case) in capsys.readouterr().out
        assert status_of(["check", str(case), "--quiet"]) == 0
        assert (case / "README.md").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_new_in_the_folder_one_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert status_of(["new", "."]) == 0
    assert status_of(["check", ".", "--quiet"]) == 0


@pytest.mark.parametrize("place", ["full", "file", "nowhere/case", "file/case"])
def test_new_leaves_everything_else_alone(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    assert status_of(["new", place]) == 1
    assert place.partition("/")[0] in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "full", "notes.txt"]
