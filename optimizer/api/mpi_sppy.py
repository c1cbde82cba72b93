"""Futures handed over to mpi-sppy, as users touch that."""

from __future__ import annotations

from pathlib import Path

from optimizer.analysis.stochastic import How, setting_of
from optimizer.analysis.two_stage import Blocks
from optimizer.arguments import checked
from optimizer.data.case import CaseTables
from optimizer.data.futures import Futures, futures_of
from optimizer.export.mpi_sppy import write_scenarios
from optimizer.options import OverlapMethod


@checked
def write_mpi_sppy(
    case: CaseTables,
    folder: str | Path,
    futures: Futures | None = None,
    commit_until: int | None = None,
    *,
    lapse: bool = False,
) -> Path:
    """Write the futures of a case for mpi-sppy, which plans them over the processes of an MPI cluster.

    The folder has for each future its program as MPS and the list of its committed columns, in mpi-sppy's loose form;
    ``scenarios.csv`` tells which future each is, ``committed.csv`` what each committed column is. Overlap is priced by
    activity, as method ``fixed`` does, and the expectation is what is planned for; risk is asked of mpi-sppy itself.

    Parameters
    ----------
    case
        The case. One with ``minimum`` or ``max_niches`` is refused.
    folder
        A new or empty folder.
    futures, commit_until, lapse
        As in :func:`stochastic`.

    Returns
    -------
    Path
        The folder. ``python -m mpisppy.generic_cylinders --mps-files-directory FOLDER --EF --EF-solver-name
        appsi_highs`` plans it as one program; its optimum is that of :func:`stochastic` with the sign turned.

    Raises
    ------
    InputError
        If the folder is in use, or a future or an argument is wrong.
    """
    how = How(commit_until=commit_until, lapse=lapse, overlap=OverlapMethod.FIXED)
    target = Path(folder)
    write_scenarios(Blocks(setting_of(case, how)), futures_of(case, futures), target)
    return target
