"""Faults of a case: what is wrong, with its address. They are collected and reported all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.errors import InputError
from optimizer.language import Message, say, translate

SHOWN_IN_ERROR = 20
LONGEST_REASON = 400


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in a case.

    Attributes
    ----------
    file
        File of a case folder (``clusters.csv``) or sheet of a case workbook (``clusters``).
    line
        Line or row, the header being 1; ``None`` where something is missing.
    column
        Column or key; blank where a whole line or file is meant.
    value
        The offending text as written.
    reason
        The rule broken.
    cell
        Cell of a workbook, such as ``C7``; blank in a folder, or where no one cell is meant.
    """

    file: str
    line: int | None
    column: str
    value: str
    reason: Message
    cell: str = ""

    def text(self, language: str | None = None) -> str:
        """Say the fault in one line: ``clusters.csv:2 private_cap: not a number (got '5O')``.

        In a workbook it begins with ``sheet clusters, cell D2 (private_cap)``.
        """
        address = self.file if self.line is None else f"{self.file}:{self.line}"
        column = f" {self.column}" if self.column else ""
        if self.cell:
            address = translate("sheet {sheet}, cell {cell}", language, sheet=self.file, cell=self.cell)
            column = f" ({self.column})" if self.column else ""
        got = translate(" (got '{value}')", language, value=_shown(self.value)) if self.value else ""
        return f"{address}{_shown(column)}: {_shown(self.reason.text(language), LONGEST_REASON)}{got}"

    def as_dict(self, language: str | None = None) -> dict[str, object]:
        """Return the fault as plain data, for JSON."""
        return {
            "file": self.file,
            "line": self.line,
            "cell": self.cell,
            "column": self.column,
            "value": self.value,
            "reason": self.reason.text(language),
        }


def _shown(text: str, longest: int = 120) -> str:
    """Return a text on one line, cut short, and without what steers a terminal."""
    cut = text if len(text) <= longest else f"{text[:longest]}…"
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in cut)


class CaseError(InputError):
    """A case cannot be used; ``faults`` holds everything that is wrong with it."""

    def __init__(self, origin: str, faults: Sequence[Fault], remarks: Sequence[Message] = ()) -> None:
        self.origin = origin
        self.faults = tuple(faults)
        self.remarks = tuple(remarks)
        super().__init__(self.text())

    def text(self, language: str | None = None) -> str:
        """List the faults, one a line, and the next step."""
        head = say(
            "{origin}: {count} faults. Mend them and read the case again; nothing was computed or written.",
            origin=self.origin,
            count=len(self.faults),
        )
        lines = [head.text(language), *(f"  {fault.text(language)}" for fault in self.faults[:SHOWN_IN_ERROR])]
        if len(self.faults) > SHOWN_IN_ERROR:
            more = say(
                "... and {count} more: see CaseError.faults or 'optimizer check --json'.", count=len(self.faults)
            )
            lines.append(f"  {more.text(language)}")
        notes = [say("Note: {remark}", remark=remark).text(language) for remark in self.remarks]
        return "\n".join([*lines, *(f"  {note}" for note in notes)])


class FaultList:
    """Collects faults while a case is read and checked."""

    def __init__(self) -> None:
        self.found: list[Fault] = []
        self._letters: dict[str, dict[str, str]] = {}

    def place(self, sheet: str, letters: dict[str, str]) -> None:
        """Say in which column of a workbook's sheet each column of a table, or ``""`` any other, stands."""
        self._letters[sheet] = letters

    def add(self, file: str, line: int | None, column: str, value: object, template: str, /, **values: object) -> None:
        """Add one fault; ``template`` is an English sentence of the catalogue with its values."""
        self.found.append(
            Fault(file, line, column, str(value), Message(template, values), self._cell(file, line, column))
        )

    def _cell(self, sheet: str, line: int | None, column: str) -> str:
        """Return the cell of a sheet that is meant, of several columns the first; blank where there is none."""
        letters = self._letters.get(sheet, {})
        letter = letters.get(column.partition(",")[0], letters.get("", ""))
        return f"{letter}{line}" if letter and line is not None else ""

    def raise_if_any(self, origin: str, remarks: Sequence[Message] = ()) -> None:
        """Raise :class:`CaseError` with all that was collected, if anything was; remarks may explain it."""
        if self.found:
            raise CaseError(origin, self.found, remarks)
