"""Run folders read back: what a run says it is, what it holds, and the case it carries."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.analysis.compare import OUTCOMES, Compared
from optimizer.data.allocation import read_allocation
from optimizer.data.case import CaseTables
from optimizer.data.read import read_case
from optimizer.errors import InputError
from optimizer.export.run import CASE, EVALUATION, MANIFEST, PLAN, SUMMARY
from optimizer.language import say
from optimizer.options import OverlapMethod, SolveOptions

ALLOCATION = "allocation.csv"
LARGEST_JSON = 50_000_000


@dataclass(frozen=True, eq=False)
class StoredRun:
    """A run folder.

    Attributes
    ----------
    folder
        Where it is.
    manifest, summary
        What its JSON files hold.
    """

    folder: Path
    manifest: dict[str, Any]
    summary: dict[str, Any]

    @property
    def kind(self) -> str:
        """``plan`` or ``evaluation``; runs of earlier versions are plans."""
        return EVALUATION if self.manifest.get("kind", PLAN) == EVALUATION else PLAN

    @cached_property
    def case(self) -> CaseTables:
        """The case as the run carries it.

        Raises
        ------
        CaseError
            If it cannot be used any more.
        InputError
            If the run carries none.
        """
        if not (self.folder / CASE).is_dir():
            raise InputError(
                say(
                    "{folder} carries no inputs (a folder {case}): an earlier version wrote it. Solve the case again.",
                    folder=self.folder,
                    case=CASE,
                )
            )
        return read_case(self.folder / CASE)

    @property
    def options(self) -> SolveOptions:
        """The options the run was made with.

        Raises
        ------
        InputError
            If the manifest does not hold them in their right form.
        """
        written = _section(self.manifest, "options")
        chosen = {field.name: written[field.name] for field in fields(SolveOptions) if field.name in written}
        for name, value in chosen.items():
            usual = getattr(SolveOptions(), name)
            if not isinstance(value, str if isinstance(usual, str) else int | float | None):
                raise _unreadable(self.folder / MANIFEST, f"options.{name}")
        return SolveOptions(**chosen)

    @property
    def method(self) -> OverlapMethod:
        """The overlap method the run was made with; raises InputError as :attr:`options` does."""
        try:
            return OverlapMethod(str(_section(self.manifest, "options").get("method")))
        except ValueError:
            raise _unreadable(self.folder / MANIFEST, "options.method") from None

    def compared(self) -> Compared:
        """Return what is compared of the run.

        Raises
        ------
        InputError
            If a figure is none, or the allocation cannot be read.
        """
        figures = {name: self.summary.get(name) for name in OUTCOMES}
        for name, value in figures.items():
            if value is not None and not isinstance(value, int | float):
                raise _unreadable(self.folder / SUMMARY, name)
        path = self.folder / ALLOCATION
        spent = read_allocation(self.case, path) if path.is_file() else pd.DataFrame()
        if not len(spent):
            spent = pd.DataFrame(columns=["funder", "cluster", "partner", "stage", "field", "year", "amount"])
        known = {name: value for name, value in figures.items() if value is not None}
        return Compared(self.case, spent[spent["amount"] > 0], known)


def read_run(folder: Path) -> StoredRun:
    """Read what a run says it is.

    Raises
    ------
    InputError
        If the folder is no run, or its JSON files cannot be read.
    """
    if not (folder / MANIFEST).is_file():
        raise InputError(
            say(
                "{folder} is no run: it has no {manifest}. Name a folder that solve or evaluate wrote with --out.",
                folder=folder,
                manifest=MANIFEST,
            )
        )
    return StoredRun(folder, _json(folder / MANIFEST), _json(folder / SUMMARY))


def _json(path: Path) -> dict[str, Any]:
    """Return the object a JSON file holds; one that is missing holds nothing."""
    if not path.is_file():
        return {}
    if path.stat().st_size > LARGEST_JSON:
        raise _unreadable(path, "")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise _unreadable(path, "") from None
    if not isinstance(data, dict):
        raise _unreadable(path, "")
    return data


def _section(data: dict[str, Any], name: str) -> dict[str, Any]:
    section = data.get(name, {})
    return section if isinstance(section, dict) else {}


def _unreadable(path: Path, entry: str) -> InputError:
    return InputError(
        say("{path} {entry}: not what a run writes; it was changed. Solve the case again.", path=path, entry=entry)
    )
