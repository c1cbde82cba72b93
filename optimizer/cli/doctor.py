"""The ``doctor`` command: which engines work here, seen by solving small programs with each, and what each can do."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pandas as pd

from optimizer.cli import show
from optimizer.cli.draw import console, print_frame
from optimizer.errors import OptimizerError, Sayable
from optimizer.export.words import NO, YES
from optimizer.language import Language, say, sentence, translate
from optimizer.lp.builder import ProgramBuilder
from optimizer.lp.program import LinearProgram
from optimizer.options import SolveOptions
from optimizer.solvers.base import ADAPTERS, accuracy_of, find_engine, usable_engines

BEST = 36.0
HEADINGS = {
    "engine": sentence("Engine"),
    "package": sentence("Package"),
    "version": sentence("Version"),
    "works": sentence("Works"),
    "algorithms": sentence("Algorithms"),
    "lp": sentence("Linear programs"),
    "mip": sentence("Whole decisions"),
    "prices": sentence("Prices"),
    "rays": sentence("Proofs that there is no plan"),
    "basis": sentence("Warm start"),
    "detail": sentence("Result"),
}
"""What is told of an engine -> its heading in words."""


def examine(language: Language, *, as_json: bool) -> bool:
    """Try every engine, print what was found, and return whether at least one works."""
    lines = [_examine(name, language) for name in ADAPTERS]
    if as_json:
        show.print_json(lines)
    else:
        print_frame(console(), in_words(pd.DataFrame(lines), language))
    return any(line["works"] == YES for line in lines)


def _examine(engine: str, language: Language) -> dict[str, str]:
    adapter = ADAPTERS[engine]
    usable = usable_engines()[engine]
    works, detail = _tried(engine) if usable else (False, say("not installed"))
    return {
        "engine": engine,
        "package": adapter.package,
        "version": _version(adapter.package) if usable else "",
        "works": _word(works),
        "algorithms": " ".join(adapter.algorithms),
        "lp": _word(True),
        "mip": _word(adapter.whole),
        "prices": _word(True),
        "rays": _word(adapter.rays),
        "basis": _word(adapter.basis),
        "detail": detail.text(language),
    }


def in_words(frame: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return what was found under headings, and with yes and no, in words."""
    words = {YES: translate(YES, language), NO: translate(NO, language)}
    told = {name: frame[name].map(lambda cell: words.get(cell, cell)) for name in frame}
    return pd.DataFrame({translate(HEADINGS[str(name)], language): cells for name, cells in told.items()})


def _tried(engine: str) -> tuple[bool, Sayable]:
    """Return whether an engine solves known programs rightly, and what it found."""
    options, program = SolveOptions(engine=engine), _wyndor()
    try:
        result = find_engine(engine)(program, options).solve()
        right = abs(result.objective / BEST - 1) <= accuracy_of(options)
        detail = say("solved a known program to {objective}", objective=f"{result.objective:.6g}")
        if ADAPTERS[engine].whole:
            whole = replace(program, integer=np.ones_like(program.integer))
            right = right and abs(find_engine(engine)(whole, options).solve().objective / BEST - 1) <= 1e-6
    except OptimizerError as error:
        return False, error
    return right, detail


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _word(answer: bool) -> str:
    return YES if answer else NO


def _wyndor() -> LinearProgram:
    """Return Hillier and Lieberman's Wyndor Glass: max 3x + 5y; x <= 4; 2y <= 12; 3x + 2y <= 18; optimum 36."""
    builder = ProgramBuilder({"product": pd.Index(["door", "window"]), "plant": pd.RangeIndex(3)})
    made = builder.add_columns("made", {"product": np.arange(2)})
    hours = builder.add_rows("hours", {"plant": np.arange(3)}, upper=np.array([4.0, 12.0, 18.0]))
    builder.add_entries(hours[:, None], made, np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 2.0]]))
    builder.add_objective("profit", made, np.array([3.0, 5.0]))
    return builder.build(maximize=True)
