"""Futures written for mpi-sppy: what is read from the files, joined by rows of equality, is the extensive form."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import highspy
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from scipy.sparse import block_diag, csc_array, lil_array, vstack

import optimizer as vc
from optimizer.cli.main import run, status_of
from optimizer.data.futures import futures_frame
from tests.analysis.test_stochastic import FUTURES, two_fields
from tests.strategies import near

ALIKE = (FUTURES[0], vc.Future("y", 0.5, (vc.Change("fields", "value", "multiply", 1.0),)))
"""The same futures; a table of changes cannot name one that changes nothing."""


def read(path: Path) -> highspy.HighsLp:
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    assert highs.readModel(str(path)) == highspy.HighsStatus.kOk
    return highs.getLp()


def joined_by_rows(folder: Path) -> float:
    """Return the optimum of the files' programs when columns of one place in the lists must be equal."""
    table = pd.read_csv(folder / "scenarios.csv")
    programs = [read(folder / f"{name}.mps") for name in table["file"]]
    trees = [json.loads((folder / f"{name}_nonants.json").read_text()) for name in table["file"]]
    shares = [tree["scenarioData"]["scenProb"] for tree in trees]
    assert shares == table["probability"].tolist()
    matrices = [
        csc_array((lp.a_matrix_.value_, lp.a_matrix_.index_, lp.a_matrix_.start_), shape=(lp.num_row_, lp.num_col_))
        for lp in programs
    ]
    offsets = np.concatenate([[0], np.cumsum([lp.num_col_ for lp in programs])])
    # HiGHS names columns as the file does
    places = [
        [begin + lp.col_names_.index(name) for name in tree["treeData"]["nodes"]["ROOT"]["nonAnts"]]
        for begin, lp, tree in zip(offsets, programs, trees, strict=False)
    ]
    equal = lil_array((len(places[0]) * (len(programs) - 1), offsets[-1]))
    for number, (one, other) in enumerate((a, b) for pair in pairwise(places) for a, b in zip(*pair, strict=True)):
        equal[number, one], equal[number, other] = 1, -1
    whole = block_diag(matrices, format="csr")
    low, high = (np.concatenate([getattr(lp, side) for lp in programs]) for side in ("row_lower_", "row_upper_"))
    up, down = np.isfinite(high), np.isfinite(low)
    found = linprog(
        np.concatenate([share * np.array(lp.col_cost_) for share, lp in zip(shares, programs, strict=True)]),
        A_ub=vstack([whole[up], -whole[down]]),
        b_ub=np.concatenate([high[up], -low[down]]),
        A_eq=equal.tocsr(),
        b_eq=np.zeros(equal.shape[0]),
        bounds=np.column_stack(
            [np.concatenate([getattr(lp, side) for lp in programs]) for side in ("col_lower_", "col_upper_")]
        ),
    )
    assert found.status == 0
    return float(found.fun)


@pytest.mark.parametrize("lapse", [False, True])
def test_the_files_are_the_extensive_form(tmp_path: Path, lapse: bool) -> None:
    case = two_fields()
    folder = vc.write_mpi_sppy(case, tmp_path / "futures", FUTURES, 2026, lapse=lapse)
    assert -joined_by_rows(folder) == near(40.5)
    table = pd.read_csv(folder / "scenarios.csv")
    assert table.to_numpy().tolist() == [["scenario0", "x", 0.5], ["scenario1", "y", 0.5]]
    committed = pd.read_csv(folder / "committed.csv")
    assert committed[["field", "year", "kind"]].to_numpy().tolist() == [["x", 2026, "public"], ["y", 2026, "public"]]
    nonants = json.loads((folder / "scenario1_nonants.json").read_text())["treeData"]["nodes"]["ROOT"]["nonAnts"]
    assert nonants == committed["column"].tolist()
    with pytest.raises(vc.InputError, match="exists and is not empty"):
        vc.write_mpi_sppy(case, folder, FUTURES)


def test_commitments_are_bounded_by_the_budgets(tmp_path: Path) -> None:
    # no money is carried over; progressive hedging approximates a square between these bounds
    folder = vc.write_mpi_sppy(two_fields(), tmp_path / "futures", FUTURES, 2026)
    program = read(folder / "scenario0.mps")
    nonants = json.loads((folder / "scenario0_nonants.json").read_text())["treeData"]["nodes"]["ROOT"]["nonAnts"]
    upper = dict(zip(program.col_names_, program.col_upper_, strict=True))
    budget = two_fields().table("budget").set_index("year")["amount"]
    assert [upper[name] for name in nonants] == [budget[2026]] * 2


@pytest.mark.skipif(not all(map(find_spec, ("mpisppy", "mip"))), reason="mpi-sppy is not installed")
def test_mpi_sppy_finds_the_same_optimum(tutorial: vc.Case, tmp_path: Path) -> None:
    change = vc.Change("stages", "success_rate", "multiply", 0.8)
    futures = [vc.Future("as it is", 0.6), vc.Future("trials fail", 0.4, (change,))]
    folder = vc.write_mpi_sppy(tutorial, tmp_path / "futures", futures, 2026, lapse=True)
    words = ["--mps-files-directory", str(folder), "--EF", "--EF-solver-name", "appsi_highs"]
    command = [sys.executable, "-m", "mpisppy.generic_cylinders", *words]
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path, timeout=120).stdout
    ours = vc.stochastic(tutorial, futures, 2026, lapse=True, overlap="fixed").found.effort.bound
    theirs = next(line.rsplit(":", 1)[1] for line in said.splitlines() if "EF objective" in line)
    assert -float(theirs) == pytest.approx(ours, rel=1e-6)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two_fields().save(tmp_path / "case")
    futures_frame(ALIKE).to_csv(tmp_path / "futures.csv", index=False)
    words = [str(tmp_path / "case"), str(tmp_path / "out"), "--futures", str(tmp_path / "futures.csv")]
    with pytest.raises(SystemExit) as ended:
        run(["mpi-sppy", *words, "--commit-until", "2026", "--lapse"])
    assert ended.value.code == 0
    assert "out" in capsys.readouterr().out
    assert -joined_by_rows(tmp_path / "out") == near(40.5)


def test_the_command_tells_programs_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two_fields().save(tmp_path / "case")
    futures_frame((vc.Future("1", 0.25, ALIKE[0].changes), vc.Future("NA", 0.75, ALIKE[1].changes))).to_csv(
        tmp_path / "futures.csv", index=False
    )
    out = tmp_path / "out"
    words = ["mpi-sppy", str(tmp_path / "case"), str(out), "--futures", str(tmp_path / "futures.csv"), "--json"]
    assert status_of(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["folder"] == str(out)
    assert [(one["scenario"], one["probability"]) for one in told["scenarios"]] == [("1", 0.25), ("NA", 0.75)]
    tree = json.loads((out / "scenario0_nonants.json").read_text())["treeData"]["nodes"]["ROOT"]["nonAnts"]
    assert [one["column"] for one in told["committed"]] == tree
    assert {one["year"] for one in told["committed"]} == {2026}
    assert "" not in {value for one in told["committed"] for value in one.values()}
