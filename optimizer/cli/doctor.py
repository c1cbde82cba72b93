"""The ``doctor`` command: which engines work here, seen by solving a small program with each."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pandas as pd

from optimizer.cli import show
from optimizer.errors import OptimizerError
from optimizer.lp.builder import ProgramBuilder
from optimizer.lp.program import LinearProgram
from optimizer.options import SolveOptions
from optimizer.solvers.base import ADAPTERS, find_engine, usable_engines

BEST = 36.0


def examine(*, as_json: bool) -> bool:
    """Try every engine, print what was found, and return whether at least one works."""
    lines = [_examine(name) for name in ADAPTERS]
    if as_json:
        show.print_json(lines)
    else:
        show.console().print(show.frame_table(pd.DataFrame(lines)))
    return any(line["works"] == "yes" for line in lines)


def _examine(engine: str) -> dict[str, str]:
    _, package = ADAPTERS[engine]
    if not usable_engines()[engine]:
        return {"engine": engine, "package": package, "version": "", "works": "no", "detail": "not installed"}
    try:
        result = find_engine(engine)(_wyndor(), SolveOptions(engine=engine)).solve()
        right = abs(result.objective - BEST) < 1e-6
        detail = f"solved a known program to {result.objective:g}"
    except OptimizerError as error:
        right, detail = False, str(error)
    try:
        number = version(package)
    except PackageNotFoundError:
        number = ""
    return {
        "engine": engine,
        "package": package,
        "version": number,
        "works": "yes" if right else "no",
        "detail": detail,
    }


def _wyndor() -> LinearProgram:
    """Return Hillier and Lieberman's Wyndor Glass: max 3x + 5y; x <= 4; 2y <= 12; 3x + 2y <= 18; optimum 36."""
    builder = ProgramBuilder({"product": pd.Index(["door", "window"]), "plant": pd.RangeIndex(3)})
    made = builder.add_columns("made", {"product": np.arange(2)})
    hours = builder.add_rows("hours", {"plant": np.arange(3)}, upper=np.array([4.0, 12.0, 18.0]))
    builder.add_entries(hours[:, None], made, np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 2.0]]))
    builder.add_objective("profit", made, np.array([3.0, 5.0]))
    return builder.build(maximize=True)
