"""Verifying runs: what is untouched repeats to the last cell, and every change of any file shows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import optimizer as vc
from optimizer.cli.main import status_of
from optimizer.export.run import seal
from tests.conftest import REFERENCE
from tests.plan.test_edited import solved


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write a run of each kind."""
    folder = tmp_path_factory.mktemp("runs")
    case = vc.load_case(REFERENCE / "mandates")
    plan = case.solve()
    assert isinstance(plan, vc.Plan)
    plan.save(folder / "plan", "ko")
    half = plan.allocation.assign(amount=lambda lines: lines["amount"] / 2)
    case.evaluate(half, against=plan).save(folder / "evaluation")
    case.evaluate(half, measure=False).save(folder / "unmeasured")
    case.solve(cross_check="glop").save(folder / "checked")
    vc.load_case(REFERENCE / "infeasible-two-rules").solve().save(folder / "infeasible")
    return {path.name: path for path in folder.iterdir()}


@pytest.fixture
def run(runs: dict[str, Path], tmp_path: Path) -> Path:
    """Return a copy of the plan's run, to be spoiled."""
    return Path(shutil.copytree(runs["plan"], tmp_path / "실행 {1}"))


@pytest.mark.parametrize("kind", ["plan", "checked", "evaluation", "unmeasured", "infeasible"])
def test_a_run_repeats_exactly(kind: str, runs: dict[str, Path]) -> None:
    done = vc.verify(runs[kind], tolerance=0)
    assert done.same, done.text()
    assert done.cells > (10 if kind == "infeasible" else 100)
    assert done.files == len([path for path in runs[kind].rglob("*") if path.is_file()]) - 1
    assert "the same" in done.text()
    assert "일치합니다" in done.text("ko")


def every_file(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_change_of_any_file_shows(runs: dict[str, Path], run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.export.verify._repeat", lambda *_: None)  # digests alone find it
    monkeypatch.setattr("optimizer.export.verify._compare", lambda *_: (0, []))
    for name in every_file(run):
        sound = (run / name).read_bytes()
        (run / name).write_bytes(sound.replace(b"1", b"2", 1) if name == "manifest.json" else sound + b" ")
        assert vc.verify(run).findings[0].file == name
        if name != "manifest.json":
            (run / name).unlink()
            assert [str(finding.reason) for finding in vc.verify(run).findings] == ["is missing"]
        (run / name).write_bytes(sound)
    (run / "notes.txt").write_text("mine")
    assert [finding.text() for finding in vc.verify(run).findings] == ["notes.txt: was added after the run was written"]
    (run / "notes.txt").unlink()
    (run / ".DS_Store").write_text("litter")
    assert vc.verify(run).same


def forge(run: Path) -> None:
    """Let the manifest agree with the files again, as a forger would."""
    import hashlib

    manifest = json.loads((run / "manifest.json").read_text())
    manifest["outputs"] = {
        name: hashlib.sha256((run / name).read_bytes()).hexdigest()
        for name in every_file(run)
        if name != "manifest.json"
    }
    manifest["seal"] = seal(manifest)
    (run / "manifest.json").write_text(json.dumps(manifest))


def test_a_forged_cell_is_found_by_the_repetition(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (run / "launches.csv").read_text().splitlines()
    cells = lines[-1].split(",")
    lines[-1] = ",".join([*cells[:-1], str(float(cells[-1]) + 1)])
    (run / "launches.csv").write_text("\n".join(lines) + "\n")
    forge(run)
    [finding] = vc.verify(run).findings
    assert (finding.file, finding.line, finding.column) == ("launches.csv", len(lines), "launches")
    assert float(finding.stored) == float(finding.repeated) + 1
    assert status_of(["verify", str(run), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["line"] == len(lines)
    assert status_of(["verify", str(run), "--quiet"]) == 1
    assert "launches.csv" in capsys.readouterr().out


@pytest.mark.parametrize("tolerance", [1e-9, 1e-3])
def test_the_tolerance_says_what_counts_as_the_same(tolerance: float, run: Path) -> None:
    summary = json.loads((run / "summary.json").read_text())
    summary["objective"] *= 1 + 1e-6
    (run / "summary.json").write_text(json.dumps(summary))
    forge(run)
    assert vc.verify(run, tolerance).same == (tolerance > 1e-6)
    with pytest.raises(vc.InputError, match="tolerance is -1"):
        vc.verify(run, -1)


def test_forged_inputs_give_other_results(run: Path) -> None:
    budget = run / "case" / "budget.csv"
    budget.write_text(budget.read_text().replace("\n", "1\n").replace("amount1", "amount"))
    forge(run)
    assert {finding.file for finding in vc.verify(run).findings} >= {"summary.json", "allocation.csv"}
    budget.write_text("nothing")
    findings = vc.verify(run).findings
    assert [finding.file for finding in findings] == ["case/budget.csv", "case"]
    assert "cannot be repeated" in findings[1].text()


def test_lines_that_lack_or_are_too_many_are_found(run: Path) -> None:
    path = run / "pipeline.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n")
    forge(run)
    assert {finding.line for finding in vc.verify(run).findings} == {len(lines)}
    path.write_text("\n".join([*lines, lines[-1]]) + "\n")
    forge(run)
    assert {finding.line for finding in vc.verify(run).findings} == {len(lines) + 1}
    path.write_bytes(b"\xff\xfe")
    forge(run)
    assert [finding.text()[:26] for finding in vc.verify(run).findings] == ["pipeline.csv: cannot be re"]


@pytest.mark.parametrize(
    "spoiled",
    ["", "{", "[]", "null", '{"outputs": []}', '{"options": {"engine": 5}}', '{"options": {"method": "magic"}}'],
)
def test_a_manifest_that_is_none_is_a_named_error_or_a_finding(spoiled: str, run: Path) -> None:
    (run / "manifest.json").write_text(spoiled)
    try:
        assert not vc.verify(run).same
    except vc.InputError as error:
        assert "manifest.json" in str(error)  # noqa: PT017


def test_names_in_a_manifest_lead_nowhere(run: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("mine")
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["outputs"]["../secret"] = "0" * 64
    manifest["seal"] = seal(manifest)
    (run / "manifest.json").write_text(json.dumps(manifest))
    assert [finding.text() for finding in vc.verify(run).findings] == ["../secret: is missing"]


def test_other_versions_are_noted(run: Path) -> None:
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["versions"]["numpy"] = "0.1"
    manifest["seal"] = seal(manifest)
    (run / "manifest.json").write_text(json.dumps(manifest))
    done = vc.verify(run)
    assert done.same
    assert "made with numpy 0.1" in done.text()


def test_what_is_no_run_is_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(vc.InputError, match="is no run"):
        vc.verify(tmp_path)
    shutil.rmtree(run / "case")
    forge(run)
    with pytest.raises(vc.InputError, match="carries no inputs"):
        vc.verify(run)


def test_a_plan_edited_outside_is_checked_by_its_files_alone(tmp_path: Path) -> None:
    plan = vc.load_case(REFERENCE / "two-stage-lag").solve()
    problem = plan.to_pulp()
    problem += sum(column for column in problem.variables() if column.name.startswith("public")) <= 1
    plan.from_pulp(solved(problem)).save(tmp_path / "run")
    done = vc.verify(tmp_path / "run")
    assert done.same, done.text()
    assert done.cells == 0
    assert "edited outside of this program" in done.text()


def test_a_certificate_that_does_not_hold_is_a_finding(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.export.run._certificate", lambda plan: plan.certificate.data() | {"ok": False})
    assert "the certificate does not hold" in vc.verify(run).text()
