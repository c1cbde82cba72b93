"""A run folder: every table of a plan, its workbook and report, and a manifest that says how it came about."""

from __future__ import annotations

import hashlib
import json
import math
import platform
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from optimizer.data.whole import check_parent, swap_in_folder
from optimizer.errors import InputError, SolveError
from optimizer.export.csvs import TABLES, write_csvs
from optimizer.export.explanation import EXPLAINED, explanation_data, write_explanation_csvs
from optimizer.language import Language, say
from optimizer.plan.evaluate import EvaluationTables
from optimizer.plan.plan import FailedPlanTables, PlanTables
from optimizer.planning.outcome import Outcome

MANIFEST, SUMMARY, WORKBOOK, REPORT = "manifest.json", "summary.json", "plan.xlsx", "report.html"
CASE = "case"
"""Folder of the inputs inside a run, as they were read, so that the run can be repeated."""
PLAN, EVALUATION = "plan", "evaluation"
"""What a run is of."""
EVALUATION_WORKBOOK, GIVEN = "evaluation.xlsx", "given.csv"
USED = ("allocation", "pipeline", "launches", "overlap", "specialization")
"""Tables of a plan that an evaluation writes of the use of its money."""
FILES = (
    *(MANIFEST, SUMMARY, CASE, WORKBOOK, REPORT, *(f"{name}.csv" for name in (*TABLES, *EXPLAINED))),
    *(EVALUATION_WORKBOOK, GIVEN, "evaluation.csv", "broken.csv"),
)
SEAL = "seal"
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
        plan.case.save(beside / CASE)
        _write_json(beside / SUMMARY, summary_data(plan, language))
        if isinstance(plan, PlanTables):
            from optimizer.export.plan_book import write_workbook  # heavy, as the next
            from optimizer.export.report.page import report

            write_csvs(plan, beside)
            write_workbook(plan, beside / WORKBOOK, language)
            (beside / REPORT).write_text(report(plan, language), encoding="utf-8")
        elif plan.is_explained:
            write_explanation_csvs(plan.explanation, beside)
        _write_json(beside / MANIFEST, _manifest(plan.outcome, plan.status, PLAN, beside, _certificate(plan)))

    swap_in_folder(folder, write)
    return sorted(folder.iterdir())


def write_evaluation(evaluation: EvaluationTables, folder: Path, language: Language = Language.EN) -> list[Path]:
    """Write an evaluation as a run folder, as :func:`write_run` does a plan."""
    check_place(folder)

    def write(beside: Path) -> None:
        evaluation.case.save(beside / CASE)
        _write_json(beside / SUMMARY, summary_data(evaluation, language))
        from optimizer.export.evaluation import write_evaluation_csvs, write_evaluation_workbook

        write_csvs(evaluation.use, beside, USED)
        write_evaluation_csvs(evaluation, beside)
        write_evaluation_workbook(evaluation, beside / EVALUATION_WORKBOOK, language)
        outcome = evaluation.valuation.outcome
        if evaluation.optimum is not None:  # the method asked for is that of the optimum
            outcome = replace(outcome, method=evaluation.optimum.outcome.method)
        manifest = _manifest(outcome, evaluation.use.status, EVALUATION, beside)
        _write_json(beside / MANIFEST, manifest)

    swap_in_folder(folder, write)
    return sorted(folder.iterdir())


def summary_data(
    result: PlanTables | FailedPlanTables | EvaluationTables, language: Language = Language.EN
) -> dict[str, Any]:
    """Return the summary as plain data for JSON; figures that do not exist are null.

    That of an infeasible or unbounded case also holds its ``conflict``, ``smallest_change`` and ``explanation``.
    """
    data = {str(name): _plain(value) for name, value in result.summary().items()}
    if isinstance(result, FailedPlanTables) and result.is_explained:
        data |= explanation_data(result.explanation, language)
    return data


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
    foreign = [name for name in found if name not in FILES or MANIFEST not in found] or _changed_inputs(folder)
    if foreign:
        named = ", ".join(foreign[:5]) + (" ..." if len(foreign) > 5 else "")
        raise InputError(
            say(
                "{folder} holds files that are no results ({files}); nothing was written. Name another folder.",
                folder=folder,
                files=named,
            )
        )


def _changed_inputs(folder: Path) -> list[str]:
    """Return the files of a run's own case that it did not write so: somebody's work, not to be replaced."""
    try:
        written = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["outputs"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        written = {}
    inputs = {f"{CASE}/{name}": digest for name, digest in digests(folder / CASE).items()}
    return [name for name, digest in inputs.items() if not isinstance(written, dict) or written.get(name) != digest]


def _manifest(
    outcome: Outcome, status: str, kind: str, folder: Path, certificate: dict[str, Any] | None = None
) -> dict[str, Any]:
    case = outcome.compiled.sets.case
    manifest = {
        "kind": kind,
        "case": case.name,
        "origin": Path(case.raw.origin).name,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "status": status,
        "inputs": dict(case.raw.digests),
        "outputs": digests(folder),
        "options": {**asdict(outcome.options), "method": outcome.method.value},
        "seeds": {},
        "certificate": certificate,
        "cross_check": None if outcome.cross_check is None else asdict(outcome.cross_check),
        "edited": None if outcome.edited is None else asdict(outcome.edited),
        "steps": [asdict(step) for step in outcome.steps],
        "versions": versions(),
    }
    return {**manifest, SEAL: seal(manifest)}


def versions() -> dict[str, str]:
    """Return the versions that results depend on."""
    return {**{name: version(name) for name in PACKAGES}, "python": platform.python_version()}


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a run but its manifest, by its path inside the run."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in LITTER)
    names = {path: path.relative_to(folder).as_posix() for path in files}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for path, name in names.items() if name != MANIFEST}


def seal(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a manifest's other entries: it shows slips of an editor, not a forger's work."""
    rest = {name: value for name, value in manifest.items() if name != SEAL}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _certificate(result: PlanTables | FailedPlanTables) -> dict[str, Any] | None:
    """Return the proof as plain data; ``None`` where nothing was proven."""
    try:
        return result.certificate.data()
    except SolveError:
        return None


def _write_json(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
