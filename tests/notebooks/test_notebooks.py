"""Every notebook runs top to bottom, from the public API only, and is stored without output."""

from __future__ import annotations

import ast
import contextlib
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.browser import CHROMIUM

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WRITES = {
    "01-first-plan": "first-plan/report.html",
    "02-overlap-and-specialization": "overlap-curve.xlsx",
    "03-sensitivity": "sensitivity/regret.xlsx",
    "04-uncertainty": "uncertainty/committed.xlsx",
    "05-compare-and-export": "budget-document/plan.docx",
}
"""What each notebook leaves in the folder of results."""
IN_JUPYTERLAB = ("01-first-plan", "02-overlap-and-specialization")
"""Notebooks that run in JupyterLab itself (tests/desk) where there is a browser; once is enough."""
IGNORED = "ignore::DeprecationWarning"  # of the Jupyter client, not of ours


def code(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings(IGNORED)
def test_runs_top_to_bottom(path: Path, tmp_path: Path) -> None:
    if CHROMIUM is not None and path.stem in IN_JUPYTERLAB:
        pytest.skip("runs in JupyterLab in tests/desk, for there is a browser on this machine")
    # in a copy of the tree, so that what it writes stays out of ours
    shutil.copytree(ROOT / "inputs", tmp_path / "inputs")
    (tmp_path / "notebooks").mkdir()
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path / "notebooks")}}).execute()
    said = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert said
    assert not [output for output in said if output.output_type == "error"]
    assert (tmp_path / "results" / WRITES[path.stem]).exists()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_stored_without_output_and_uses_the_public_api_only(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
    for source in code(path):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith("optimizer"), source
            if isinstance(node, ast.Import):
                assert all(not name.name.startswith("optimizer.") for name in node.names), source


@pytest.mark.filterwarnings(IGNORED)
def test_the_script_answers_every_question_and_keeps_its_points(tmp_path: Path) -> None:
    case, out = tmp_path / "case", tmp_path / "out"
    shutil.copytree(ROOT / "tests" / "reference" / "overlap-fixed", case)
    futures = ["as-is,0.5,budget,amount,multiply,1", "lean,0.5,budget,amount,multiply,0.7"]
    (case / "scenarios.csv").write_text("\n".join(["scenario,probability,table,column,operation,value", *futures]))
    command = [sys.executable, ROOT / "notebooks" / "scripts" / "sensitivity.py", case, out]
    first = subprocess.run([*command, "--lang", "ko"], check=True, capture_output=True, text=True, timeout=300)
    assert first.stderr == ""
    studies = ("sweep", "tornado", "budget-curve", "frontier", "alternatives", "priorities", "replacement", "regret")
    assert [line.split(":")[0] for line in first.stdout.splitlines() if line.endswith(".xlsx")] == list(studies)
    assert all((out / f"{name}.xlsx").stat().st_size > 5_000 for name in studies)
    with contextlib.closing(sqlite3.connect(out / "sweep.db")) as store:
        assert store.execute("select count(*) from points").fetchone() == (20,)
