"""Verifying a stored run: nothing was changed since it was written, and the same inputs give the same tables again.

The manifest holds the SHA-256 of every file of the run, and one of itself. A file that was changed, added or taken away
shows; so does a slip of an editor in the manifest. Nothing in a folder can prove that nobody forged all of it at once:
whoever rewrites a table, its digest and the manifest's own is only found out by the second test, the repetition, and
not at all where the inputs were forged along. Keep a copy of ``manifest.json`` elsewhere to exclude that.

The repetition reads the case that the run carries, solves it with the recorded options and compares the summary and
every table cell by cell; a second engine that was asked is asked again, and the certificate of the repeated plan must
hold. Workbook and report hold the time they were made and are only checked by digest.
"""

from __future__ import annotations

import csv
import json
import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from optimizer.data.allocation import read_allocation
from optimizer.errors import InputError, OptimizerError
from optimizer.export.run import (
    EVALUATION,
    GIVEN,
    MANIFEST,
    SEAL,
    SUMMARY,
    digests,
    seal,
    versions,
    write_evaluation,
    write_run,
)
from optimizer.export.stored import StoredRun, read_run
from optimizer.language import Language, Message, say
from optimizer.plan.evaluate import EvaluationTables
from optimizer.plan.plan import read_outcome
from optimizer.planning.cross import check_by
from optimizer.planning.strategy import plan_case
from optimizer.planning.valuation import value_allocation
from optimizer.solvers.result import ProgressHook

TOLERANCE = 1e-9
"""Relative difference of two numbers, absolute below 1, that counts as none: the same versions repeat exactly."""
TIMES = frozenset({"seconds"})
"""Figures of the summary that never repeat."""
SHOWN = 20


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was written, or not the same again.

    Attributes
    ----------
    file
        File of the run.
    line, column
        Where in it; ``None`` and blank where the whole file is meant.
    stored, repeated
        What stands there, and what the repetition gives.
    reason
        What is wrong.
    """

    file: str
    line: int | None
    column: str
    stored: str
    repeated: str
    reason: Message

    def text(self, language: str | None = None) -> str:
        """Say the finding in one line."""
        address = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{address}{' ' if self.column else ''}{self.column}: {self.reason.text(language)}"

    def as_dict(self, language: str | None = None) -> dict[str, object]:
        """Return the finding as plain data, for JSON."""
        return {**vars(self), "reason": self.reason.text(language)}


@dataclass(frozen=True)
class Verification:
    """What verifying a run came to.

    Attributes
    ----------
    folder
        The run.
    tolerance
        Relative difference that counts as none.
    files, cells
        Files whose digest was compared, and cells that were repeated.
    findings
        What is not the same; none for a run that is.
    notes
        What a reader should know, such as other versions of packages.
    """

    folder: Path
    tolerance: float
    files: int
    cells: int
    findings: tuple[Finding, ...]
    notes: tuple[Message, ...]

    @property
    def same(self) -> bool:
        """Whether nothing was changed and everything repeats."""
        return not self.findings

    def text(self, language: str | None = None) -> str:
        """Say the result, the findings one a line, and the notes."""
        head = (
            say(
                "{folder}: the same. {files} files are as they were written, and {cells} cells repeat to within "
                "{tolerance}.",
                folder=self.folder,
                files=self.files,
                cells=f"{self.cells:,}",
                tolerance=f"{self.tolerance:g}",
            )
            if self.same
            else say(
                "{folder}: not the same, {count} findings (compared to within {tolerance}).",
                folder=self.folder,
                count=len(self.findings),
                tolerance=f"{self.tolerance:g}",
            )
        )
        lines = [head.text(language), *(f"  {finding.text(language)}" for finding in self.findings[:SHOWN])]
        if len(self.findings) > SHOWN:
            lines.append(
                "  " + say("... and {count} more: see --json.", count=len(self.findings) - SHOWN).text(language)
            )
        lines += [say("Note: {remark}", remark=note).text(language) for note in self.notes]
        return "\n".join(lines)


def verify_run(folder: Path, tolerance: float = TOLERANCE, progress: ProgressHook | None = None) -> Verification:
    """Verify a stored run.

    Parameters
    ----------
    folder
        The run.
    tolerance
        Relative difference of two numbers, absolute below 1, that counts as none.
    progress
        Told where long solves stand.

    Raises
    ------
    InputError
        If the folder is no run, carries no inputs, or the tolerance is none.
    SolveError
        If the engine fails.
    """
    if not 0 <= tolerance < 1:
        raise InputError(say("the tolerance is {tolerance}; give a number from 0 to below 1", tolerance=tolerance))
    run = read_run(folder)
    findings = list(_tampered(run))
    found = digests(folder)
    cells = 0
    with tempfile.TemporaryDirectory(prefix="optimizer-") as place:
        again = Path(place) / "run"
        try:
            if run.manifest.get("edited") is None:
                _repeat(run, again, progress)
        except InputError as error:  # what the run carries cannot be used any more
            if not findings:
                raise
            findings.append(_whole("case", say("the run cannot be repeated: {problem}", problem=error)))
        else:
            for path in (*again.glob(SUMMARY), *sorted(again.glob("*.csv"))):
                counted, differences = _compare(folder / path.name, path, tolerance)
                cells += counted
                findings += differences
            findings += _unproven(again)
    return Verification(folder, tolerance, len(found), cells, tuple(findings), tuple(_notes(run)))


def _whole(file: str, reason: Message) -> Finding:
    return Finding(file, None, "", "", "", reason)


def _tampered(run: StoredRun) -> Iterator[Finding]:
    """Yield the files that are not as the manifest says."""
    if run.manifest.get(SEAL) != seal(run.manifest):
        yield _whole(MANIFEST, say("was changed after the run was written"))
    written, found = run.manifest.get("outputs", {}), digests(run.folder)
    if not isinstance(written, dict):
        written = {}
    for name in sorted({*written, *found}):
        if name not in found:
            yield _whole(name, say("is missing"))
        elif name not in written:
            yield _whole(name, say("was added after the run was written"))
        elif written[name] != found[name]:
            yield _whole(name, say("was changed after the run was written"))


def _repeat(run: StoredRun, place: Path, progress: ProgressHook | None) -> None:
    case, options, method = run.case, run.options, run.method
    if run.kind != EVALUATION:
        outcome = plan_case(case, options, method, progress)
        asked = run.manifest.get("cross_check")
        if isinstance(asked, dict):
            outcome = replace(outcome, cross_check=check_by(outcome, str(asked.get("second_engine"))))
        write_run(read_outcome(outcome), place, Language.EN)
        return
    given = read_allocation(case, run.folder / GIVEN)
    measured = run.summary.get("optimum") is not None
    optimum = read_outcome(plan_case(case, options, method, progress)) if measured else None
    write_evaluation(EvaluationTables(value_allocation(case, given, options, progress), optimum), place, Language.EN)


def _unproven(again: Path) -> Iterator[Finding]:
    """Yield a finding where the certificate of the repeated plan does not hold."""
    written = again / MANIFEST
    certificate = json.loads(written.read_text(encoding="utf-8"))["certificate"] if written.is_file() else None
    if certificate is not None and not certificate["ok"]:
        yield _whole(MANIFEST, say("the certificate does not hold: the plan is not proven from its coefficients"))


def _notes(run: StoredRun) -> Iterator[Message]:
    written, here = run.manifest.get("versions", {}), versions()
    for package, then in written.items() if isinstance(written, dict) else ():
        now = here.get(package)
        if now != then:
            yield say("the run was made with {package} {then}; here is {now}.", package=package, then=then, now=now)
    if run.manifest.get("edited") is not None:
        yield say("the plan was edited outside of this program, so only its files were checked, not repeated.")
    if run.manifest.get("status") == "limit":
        yield say("a limit ended the run; what a limit ends need not repeat.")


def _compare(stored: Path, again: Path, tolerance: float) -> tuple[int, list[Finding]]:
    """Return how many cells of a repeated file were compared, and which of them differ."""
    if not stored.is_file():
        return 0, []  # said already
    read = _figures if again.suffix == ".json" else _cells
    try:
        ours = dict(read(stored))
    except (OptimizerError, ValueError, csv.Error) as problem:
        return 0, [_whole(stored.name, say("cannot be read: {problem}", problem=problem))]
    theirs = dict(read(again))
    differences = []
    for address in dict.fromkeys([*theirs, *ours]):
        here, there = ours.get(address), theirs.get(address)
        if not _alike(here, there, tolerance):
            written, comes = ("–" if value is None else value for value in (here, there))
            reason = say("{stored} is written, {repeated} comes out", stored=written, repeated=comes)
            differences.append(Finding(stored.name, *address, written, comes, reason))
    return len(theirs), differences


def _figures(path: Path) -> Iterator[tuple[tuple[int | None, str], str]]:
    run = read_run(path.parent)
    for name, value in run.summary.items():
        if name not in TIMES:
            yield (None, name), str(value)


def _cells(path: Path) -> Iterator[tuple[tuple[int | None, str], str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        header = next(reader, [])
        for place, name in enumerate(header):
            yield (1, name), str(place)
        for line, cells in enumerate(reader, start=2):
            for name, cell in zip_longest(header, cells, fillvalue=""):
                yield (line, name), cell


def _alike(a: str | None, b: str | None, tolerance: float) -> bool:
    if a is None or b is None or a == b:
        return a == b
    try:
        x, y = float(a), float(b)
    except ValueError:
        return False
    return math.isclose(x, y, rel_tol=tolerance, abs_tol=tolerance)
