"""The ``export`` command: a case or a stored run as a workbook, a budget document, a report or tables."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isclose
from pathlib import Path

from optimizer.analysis.rounding import DIMENSIONS, labels
from optimizer.api import Case, FailedPlan, Plan, load_case
from optimizer.api.cases import as_case
from optimizer.api.rounding import Rounded, rounded
from optimizer.cli import show
from optimizer.cli.arguments import names_of
from optimizer.data.money import money_unit
from optimizer.data.whole import check_not_source
from optimizer.errors import InputError
from optimizer.export.run import MANIFEST, PLAN
from optimizer.export.stored import StoredRun, read_run
from optimizer.export.verify import TOLERANCE
from optimizer.language import Language, say, translate


class Form(StrEnum):
    """What is written; a folder of tables for ``csv``, one file for the others."""

    XLSX = "xlsx"
    DOCX = "docx"
    HWPX = "hwpx"
    HTML = "html"
    CSV = "csv"


ROUNDED = (Form.DOCX, Form.HWPX)
"""Forms whose money is in whole units."""


@dataclass(frozen=True)
class Wanted:
    """What is written where, and how.

    Attributes
    ----------
    out
        The file, or for tables a new folder.
    form
        The form; that of the file's ending where it is ``None``.
    unit, decimals, by
        Unit of the money of a budget document, its decimals, and what its rounded cells go by; ``None`` where nothing
        is asked for.
    language
        Language of what is written and printed.
    quiet
        Whether nothing is printed.
    """

    out: Path
    form: Form | None
    unit: str | None
    decimals: int | None
    by: Sequence[str] | None
    language: Language
    quiet: bool

    def chosen(self) -> Form:
        """Return the form.

        Raises
        ------
        InputError
            If neither an option nor the file's ending tells it, or the one does not fit the other.
        """
        ending = self.out.suffix.lower().removeprefix(".")
        if self.form is Form.CSV:
            if ending in set(Form):
                raise InputError(
                    say(
                        "csv makes a folder of tables, and {path} is named like a file; name a folder, such as "
                        "{folder}.",
                        path=self.out,
                        folder=self.out.with_suffix(""),
                    )
                )
        elif self.form is not None:
            if ending not in ("", self.form):
                raise InputError(
                    say(
                        "{path} does not end like {form}, so nothing would open it; name it {better}, or leave out "
                        "--to.",
                        path=self.out,
                        form=self.form.value,
                        better=self.out.with_suffix(f".{self.form}"),
                    )
                )
        elif ending not in set(Form) - {Form.CSV}:
            raise InputError(
                say(
                    "the ending of {path} does not tell what to write; say it by --to, one of {forms}.",
                    path=self.out,
                    forms=", ".join(Form),
                )
            )
        return self.form or Form(ending)


def export(path: Path, wanted: Wanted, *, as_json: bool = False) -> Plan | FailedPlan:
    """Plan a case, or a run's case again as the run was planned, and write it; return what came of it.

    Nothing is written where there is no plan. With ``as_json`` what was written is printed as JSON.
    """
    form = wanted.chosen()
    asked = {"--unit": wanted.unit, "--decimals": wanted.decimals, "--by": wanted.by}
    vain = [option for option, value in asked.items() if value is not None]
    if form not in ROUNDED and vain:
        raise InputError(
            say(
                "money is rounded in documents only, not in {form}; leave out {options}, or name a file that ends with "
                ".docx or .hwpx.",
                form=form.value,
                options=", ".join(vain),
            )
        )
    stored = read_run(path) if (path / MANIFEST).is_file() else None
    case = load_case(path) if stored is None else _case_of(stored)
    check_not_source(path, wanted.out)
    money_unit(case.currency, wanted.unit, wanted.decimals)  # slips of unit and labels are told before time is spent
    by = labels(DIMENSIONS if wanted.by is None else wanted.by)
    progress = None if wanted.quiet else show.progress_line(wanted.language)
    try:
        plan = (
            case.solve(progress=progress)
            if stored is None
            else case.solve(stored.options, method=stored.method, progress=progress)
        )
    finally:
        show.end_progress()
    if not isinstance(plan, Plan):
        if as_json:
            show.print_json({"status": plan.status, "reason": plan.reason.text(wanted.language), "written": []})
        show.print_failed(plan, wanted.language)
        return plan
    if stored is not None:
        _compare(plan, stored, wanted.language)
    money = rounded(plan, wanted.unit, decimals=wanted.decimals, by=by) if form in ROUNDED else None
    _write(plan, form, money, wanted)
    if as_json:
        rounding = None if money is None else {"unit": money.unit.text(1), "loss": money.loss}
        show.print_json({"status": plan.status, "written": [str(wanted.out)], "rounding": rounding})
    return plan


def _case_of(stored: StoredRun) -> Case:
    if stored.kind != PLAN:
        raise InputError(
            say(
                "{folder} holds an evaluation, whose workbook is in it; export a run of solve, or the case.",
                folder=stored.folder,
            )
        )
    return as_case(stored.case)


def _compare(plan: Plan, stored: StoredRun, language: Language) -> None:
    """Say so where the plan found again is not worth what the run's was."""
    before = stored.summary.get("objective")
    if not isinstance(before, int | float) or not isclose(plan.objective, before, rel_tol=TOLERANCE):
        told = translate(
            "Note: the run has an objective of {before}, and solved again {now}; what is written is the new plan. "
            "'optimizer verify {folder}' says what differs.",
            language,
            before=before,
            now=plan.objective,
            folder=stored.folder,
        )
        print(told, file=sys.stderr)


def _write(plan: Plan, form: Form, money: Rounded | None, wanted: Wanted) -> None:
    language, out = wanted.language, wanted.out
    match form:
        case Form.XLSX:
            plan.to_excel(out, language)
        case Form.HTML:
            plan.to_html(out, language)
        case Form.CSV:
            plan.to_csv(out)
        case Form.DOCX if money is not None:
            money.to_docx(out, language)
        case Form.HWPX if money is not None:
            money.to_hwpx(out, language)
    if money is not None and money.warning is not None:
        print(translate("Warning: {remark}", language, remark=money.warning), file=sys.stderr)
    if wanted.quiet:
        return
    show.print_paths([out], language)
    if money is not None:
        print(_rounding_told(money, language))


def _rounding_told(money: Rounded, language: Language) -> str:
    unit = money.unit
    return translate(
        "Money is rounded to {step} {unit}; the plan loses {share} % of its objective by that.",
        language,
        step=unit.text(1),
        unit=unit.label(language),
        share=f"{100 * money.lost_share:.3g}",
    )


def labels_of(given: Sequence[str] | None) -> list[str] | None:
    """Return the labels that an option names; ``None`` where it is left out."""
    return None if given is None else names_of(given)
