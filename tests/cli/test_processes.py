"""The program as a process of its own: what it imports, Ctrl-C, closed pipes, and consoles that know few signs."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.generate import write_case

ROOT = Path(__file__).parents[2]
TUTORIAL = str(ROOT / "inputs" / "tutorial")
SMALL = str(ROOT / "tests" / "reference" / "two-stage-lag")
PROGRAM = [sys.executable, "-c", "from optimizer.cli.main import run; run()"]
HEAVY = (
    "babel", "calamine", "dask", "highspy", "jinja2", "numpy", "ortools", "pandas", "plotly", "pulp", "python_calamine",
    "scipy", "xlsxwriter",
)  # fmt: skip
UNASKED = (
    *("optimizer.plan.certificate", "optimizer.plan.evaluate", "optimizer.plan.sensitivity", "optimizer.plan.why"),
    *("optimizer.planning.valuation", "optimizer.data.workbook", "optimizer.data.workbook_writer"),
    *("optimizer.export.book_style", "optimizer.export.document", "optimizer.export.run", "optimizer.cli.check"),
)
PATIENCE = 30.0


def imported_by(code: str) -> set[str]:
    report = "import sys; print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    command = [sys.executable, "-c", f"{code}\n{report}"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stderr.split())


@pytest.mark.parametrize(
    "code",
    [
        "import optimizer",
        "import optimizer; optimizer.SolveOptions(); optimizer.InputError",
        "from optimizer.cli.main import status_of; status_of(['--help'])",
        "from optimizer.cli.main import status_of; status_of(['solve', '--help'])",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_used(code: str) -> None:
    assert imported_by(code).isdisjoint(HEAVY)


def test_reading_a_case_wants_no_engine_and_no_exporter() -> None:
    found = imported_by(f"import optimizer; optimizer.load_case({TUTORIAL!r})")
    assert found.isdisjoint(set(HEAVY) - {"numpy", "pandas"})


def test_help_wants_typer_and_nothing_of_ours_but_the_command_line() -> None:
    """What every start waits for is pinned: a package more here is a decision, not an accident."""
    report = "import sys; print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", f"from optimizer.cli.main import status_of; status_of(['--help'])\n{report}"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stderr.split()
    bare = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True).stderr.split()
    packages = {name.partition(".")[0] for name in set(names) - set(bare)} - set(sys.stdlib_module_names)
    assert packages == {"annotated_doc", "optimizer", "shellingham", "typer"}
    own = {name.split(".")[1] for name in names if name.startswith("optimizer.")}
    assert own == {"arguments", "cli", "errors", "language", "options"}


def test_planning_wants_no_exporter_and_no_engine_but_its_own() -> None:
    found = imported_by(f"from optimizer.cli.main import status_of; status_of(['solve', {TUTORIAL!r}])")
    assert found.isdisjoint(set(HEAVY) - {"numpy", "pandas", "highspy"})


def test_planning_wants_nothing_of_what_else_can_be_asked_of_a_plan() -> None:
    report = "import sys; print(*sys.modules, file=sys.stderr)"
    command = [
        sys.executable,
        "-c",
        f"from optimizer.cli.main import status_of; status_of(['solve', {TUTORIAL!r}])\n{report}",
    ]
    names = set(subprocess.run(command, capture_output=True, text=True, check=True).stderr.split())
    assert names.isdisjoint(UNASKED)
    assert not [name for name in UNASKED if not (ROOT / f"{name.replace('.', '/')}.py").exists()]


@pytest.fixture(scope="module")
def long_case(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Draw a case that takes about half a minute: long enough to be stopped, whatever the machine."""
    return str(
        write_case(
            tmp_path_factory.mktemp("long") / "case", seed=1, clusters=16, stages=6, fields=6, years=10, funders=3
        )
    )


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start the program in a session of its own, hearing Ctrl-C even where the caller does not."""
    return subprocess.Popen(
        [*PROGRAM, *arguments],
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # no threads here
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(("seconds", "algorithm"), [(1.0, "ipm"), (2.5, "simplex")])
def test_ctrl_c_ends_a_long_solve_at_once_and_writes_nothing(
    seconds: float, algorithm: str, long_case: str, tmp_path: Path
) -> None:
    """Whether it comes while the program is built or while the engine runs, it must not end in a crash."""
    process = start("solve", long_case, "--algorithm", algorithm, "--out", str(tmp_path / "run"))
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    out, err = process.communicate(timeout=PATIENCE)
    assert time.monotonic() - began < 5
    assert (process.returncode, out) == (130, ""), err
    assert err.strip().splitlines()[-1] == "Stopped. No file was left half written."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["check", TUTORIAL], ["check", "--dictionary"], ["solve", TUTORIAL], ["--help"]])
def test_a_reader_that_goes_away_is_no_error_to_speak_of(arguments: list[str]) -> None:
    process = start(*arguments)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait(PATIENCE) in {0, 1}
    process.stderr.close()


@pytest.mark.parametrize("encoding", ["ascii", "cp949"])
@pytest.mark.parametrize("arguments", [["check", TUTORIAL], ["solve", TUTORIAL]])
def test_output_reaches_consoles_and_files_of_any_encoding(arguments: list[str], encoding: str) -> None:
    """Where output goes to a file on a Korean Windows, it is CP949, which lacks some of our dashes."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run([*PROGRAM, *arguments], capture_output=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout


def content(run: Path) -> dict[str, bytes]:
    """Return every file of a run by its path inside."""
    return {str(path.relative_to(run)): path.read_bytes() for path in run.rglob("*") if path.is_file()}


def test_programs_that_fill_one_folder_do_not_mix_their_files(tmp_path: Path) -> None:
    """Two at a time, again and again, into a folder that is not there, is empty, or holds a run."""
    run = tmp_path / "run"
    cases = [SMALL, str(ROOT / "tests" / "reference" / "mandates")]
    for begin in (None, "empty", "run"):
        if begin == "empty":
            shutil.rmtree(run)
            run.mkdir()
        processes = [start("solve", case, "--out", str(run), "--quiet") for case in cases]
        for process in processes:
            _, said = process.communicate(timeout=PATIENCE)
            assert process.returncode == 0, said
        manifest = json.loads((run / "manifest.json").read_text())
        files = {
            name: hashlib.sha256(data).hexdigest() for name, data in content(run).items() if name != "manifest.json"
        }
        assert manifest["outputs"] == files
        assert list(tmp_path.iterdir()) == [run]


def test_folders_are_moved_in_one_after_the_other(tmp_path: Path) -> None:
    """The moves of many programs, without the solves before them: each folder is one program's alone."""
    code = (
        "import sys, pathlib\n"
        "from optimizer.data.whole import swap_in_folder\n"
        "def write(beside):\n"
        "    for name in range(30):\n        (beside / f'{name}').write_text(sys.argv[2])\n"
        "for _ in range(40):\n    swap_in_folder(pathlib.Path(sys.argv[1]), write)\n"
    )
    run = tmp_path / "run"
    run.mkdir()
    workers = [subprocess.Popen([sys.executable, "-c", code, str(run), who]) for who in ("a", "b")]
    assert [worker.wait(PATIENCE) for worker in workers] == [0, 0]
    assert len({path.read_text() for path in run.iterdir()}) == 1
    assert len(list(run.iterdir())) == 30
    assert list(tmp_path.iterdir()) == [run]


def test_a_kill_at_any_moment_leaves_the_earlier_run_whole(tmp_path: Path) -> None:
    """The earlier run stands where it was, or aside under its own name, or the new one is there in full."""
    run = tmp_path / "run"
    began = time.monotonic()
    assert subprocess.run([*PROGRAM, "solve", SMALL, "--out", str(run), "--quiet"], check=False).returncode == 0
    whole = time.monotonic() - began
    marked = content(run)
    files = set(marked)
    moments = random.Random(1)  # noqa: S311
    for _ in range(3):
        process = start("solve", SMALL, "--out", str(run), "--quiet")
        time.sleep(whole * moments.uniform(0.5, 1.05))  # the files are written in the last part
        process.kill()
        process.communicate(timeout=PATIENCE)
        place = run if run.exists() else tmp_path / ".run.previous"
        found = content(place)
        assert set(found) == files
        if found["manifest.json"] != marked["manifest.json"]:
            marked = found  # the kill came after the last file
        assert found == marked
