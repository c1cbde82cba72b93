"""A run folder: every table of a plan, its workbook and report, and a manifest that says how it came about."""

from __future__ import annotations

import hashlib
import json
import math
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from optimizer.data.whole import check_parent, swap_in_folder
from optimizer.errors import InputError
from optimizer.export.csvs import TABLES, write_csvs
from optimizer.export.html import report
from optimizer.export.xlsx import write_workbook
from optimizer.language import Language, say
from optimizer.plan.plan import FailedPlanTables, PlanTables

MANIFEST, SUMMARY, WORKBOOK, REPORT = "manifest.json", "summary.json", "plan.xlsx", "report.html"
FILES = (MANIFEST, SUMMARY, WORKBOOK, REPORT, *(f"{name}.csv" for name in TABLES))
LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""What file managers leave in every folder."""
PACKAGES = ("optimizer", "highspy", "numpy", "ortools", "pandas", "pulp", "pydantic")


def write_run(plan: PlanTables | FailedPlanTables, folder: Path, language: Language = Language.EN) -> list[Path]:
    """Write a run folder; an earlier run in its place is replaced in one move, anything else is left alone.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        If the folder holds files that no run wrote, or is no folder.
    """
    check_place(folder)

    def write(beside: Path) -> None:
        _write_json(beside / SUMMARY, summary_data(plan))
        if isinstance(plan, PlanTables):
            write_csvs(plan, beside)
            write_workbook(plan, beside / WORKBOOK, language)
            (beside / REPORT).write_text(report(plan, language), encoding="utf-8")
        _write_json(beside / MANIFEST, _manifest(plan, beside))

    swap_in_folder(folder, write)
    return sorted(folder.iterdir())


def summary_data(plan: PlanTables | FailedPlanTables) -> dict[str, Any]:
    """Return the summary as plain data for JSON; figures that do not exist are null."""
    return {str(name): _plain(value) for name, value in plan.summary().items()}


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def check_place(folder: Path) -> None:
    """Raise InputError where a run folder may not be written, before any time is spent on solving."""
    if not folder.exists():
        check_parent(folder.absolute())
        return
    if not folder.is_dir():
        raise InputError(say("{folder} is a file; nothing was written. Name a folder for the results.", folder=folder))
    found = sorted(path.name for path in folder.iterdir() if path.name not in LITTER)
    foreign = [name for name in found if name not in FILES or MANIFEST not in found]
    if foreign:
        named = ", ".join(foreign[:5]) + (" ..." if len(foreign) > 5 else "")
        raise InputError(
            say(
                "{folder} holds files that are no results ({files}); nothing was written. Name another folder.",
                folder=folder,
                files=named,
            )
        )


def _manifest(plan: PlanTables | FailedPlanTables, folder: Path) -> dict[str, Any]:
    outcome, case = plan.outcome, plan.case
    return {
        "case": case.name,
        "origin": Path(case.raw.origin).name,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "status": plan.status,
        "inputs": dict(case.raw.digests),
        "outputs": {path.name: _digest(path) for path in sorted(folder.iterdir())},
        "options": {**asdict(outcome.options), "method": outcome.method.value},
        "seeds": {},
        "cross_check": None if outcome.cross_check is None else asdict(outcome.cross_check),
        "edited": None if outcome.edited is None else asdict(outcome.edited),
        "steps": [asdict(step) for step in outcome.steps],
        "versions": {**{name: version(name) for name in PACKAGES}, "python": platform.python_version()},
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_json(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
