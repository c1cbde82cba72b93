"""Futures as files for mpi-sppy, whose cylinders decompose them over the processes of an MPI cluster.

mpi-sppy's loose form takes a folder with two files a scenario: its program, and which of the program's columns are
decided before it is known.

    scenario00.mps              the program of a future, to be minimised: what it earns with the sign turned
    scenario00_nonants.json     probability, and the names of the committed columns (one node, ROOT)
    scenarios.csv               which future each of them is
    committed.csv               what each committed column is

Overlap is priced by activity, as method ``fixed`` does: linear programs are all that mpi-sppy can be given. Apart, with
bounds from both sides, or as one program:

    mpiexec -n 3 python -m mpi4py -m mpisppy.generic_cylinders --mps-files-directory FOLDER --solver-name appsi_highs
        --default-rho 1 --max-iterations 20 --lagrangian --xhatshuffle --linearize-proximal-terms
    python -m mpisppy.generic_cylinders --mps-files-directory FOLDER --EF --EF-solver-name appsi_highs

Source: mpi-sppy 0.14, ``mpisppy/problem_io/mps_module.py``. It needs ``mip``, ``highspy`` and ``scipy`` beside it, and
for the first form ``mpi4py`` with an MPI (tried with MPICH).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from optimizer.analysis.two_stage import MONEY, Block, Blocks, committed_limits
from optimizer.blocks.overlap import rank_by_activity
from optimizer.data.futures import Future
from optimizer.data.whole import check_new, swap_in_folder
from optimizer.lp.program import LinearProgram, freeze
from optimizer.solvers.cbc import as_mps

LISTS: Final = ("scenarios", "committed")
"""Tables beside the programs that say which future each is, and what each committed column is."""


def listed(folder: Path) -> dict[str, list[dict[Hashable, object]]]:
    """Return the tables of a folder that :func:`write_scenarios` wrote, as plain data; blanks are null."""
    kinds = defaultdict(lambda: str, year=int, probability=float)  # a future may be called 1 or NA
    tables = {name: pd.read_csv(folder / f"{name}.csv", dtype=kinds, keep_default_na=False) for name in LISTS}
    return {name: table.astype(object).replace("", None).to_dict("records") for name, table in tables.items()}


def write_scenarios(blocks: Blocks, futures: Sequence[Future], folder: Path) -> None:
    """Write futures into a new folder for mpi-sppy.

    Parameters
    ----------
    blocks
        What makes the program of each future; one is held at a time.
    futures
        The futures; their probabilities add up to 1.
    folder
        The folder, which must not exist or be empty.

    Raises
    ------
    InputError
        If the folder is in use, or the changes of a future cannot be made.
    """
    check_new(folder)
    digits = len(str(len(futures) - 1))  # mpi-sppy sorts names as texts and numbers scenarios from 0
    names = [f"scenario{number:0{digits}d}" for number in range(len(futures))]

    def write(beside: Path) -> None:
        for name, future in zip(names, futures, strict=True):
            block = blocks.block(future)
            (beside / f"{name}.mps").write_text(as_mps(_minimised(block, blocks.setting.committed)), encoding="ascii")
            told = json.dumps(_tree(name, future, block), indent=1)
            (beside / f"{name}_nonants.json").write_text(told + "\n", encoding="ascii")
            if name == names[0]:
                _write(_committed(block, blocks.setting.committed), beside / "committed.csv")
        shares = [future.probability for future in futures]
        lines = {"file": names, "scenario": [future.name for future in futures], "probability": shares}
        _write(pd.DataFrame(lines), beside / "scenarios.csv")

    swap_in_folder(folder, write)


def _write(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, lineterminator="\n")


def _minimised(block: Block, years: int) -> LinearProgram:
    """Return the program of a future as mpi-sppy wants it, to be minimised.

    Commitments are bounded by the budgets, which changes nothing but that progressive hedging, which approximates a
    square between the bounds of its column, has some to go by.
    """
    program = block.ranked(rank_by_activity(block.sets))
    factors, most = committed_limits(block, years)
    upper = program.upper.copy()
    upper[block.shared] = np.minimum(upper[block.shared], np.where(factors > 0, most[:, None], np.inf).min(axis=0))
    return replace(program, maximize=False, **freeze(cost=-program.cost, upper=upper))


def _tree(name: str, future: Future, block: Block) -> dict[str, object]:
    columns = [f"C{column}" for column in block.shared.tolist()]
    root = {"serialNumber": 0, "condProb": 1.0, "nonAnts": columns}
    return {
        "scenarioData": {"name": name, "scenProb": future.probability},
        "treeData": {"globalNodeCount": 1, "nodes": {"ROOT": root}},
    }


def _committed(block: Block, years: int) -> pd.DataFrame:
    """Return what each committed column is, in their order: sites before links."""
    labels = block.compiled.program.columns
    frames = [labels.frame(family)[labels.codes(family, "year") < years].assign(kind=family) for family in MONEY]
    table = pd.concat(frames, ignore_index=True)
    table.insert(0, "column", [f"C{column}" for column in block.shared.tolist()])
    return table
