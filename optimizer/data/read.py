"""Reading a case, from whatever form it has."""

from __future__ import annotations

from pathlib import Path

from optimizer.data.case import CaseTables
from optimizer.data.faults import FaultList
from optimizer.data.folder import SETTINGS_FILE, read_folder
from optimizer.data.validate import validate
from optimizer.errors import InputError
from optimizer.language import say


def read_case(path: str | Path) -> CaseTables:
    """Read a case from a folder or an ``.xlsx`` workbook.

    Raises
    ------
    CaseError
        With every fault of the case, each with file or sheet, line, column, value and the rule broken.
    InputError
        If there is no such folder or workbook.
    """
    place = Path(path)
    faults = FaultList()
    if place.is_dir():
        return validate(read_folder(place, faults), faults)
    if place.is_file() and place.suffix.lower() == ".xlsx":
        from optimizer.data.workbook import read_workbook

        return validate(read_workbook(place, faults), faults)
    if place.is_file():
        raise InputError(
            say(
                "{place} is neither a case folder nor an .xlsx workbook; name the folder that holds {settings}.",
                place=place,
                settings=SETTINGS_FILE,
            )
        )
    raise InputError(
        say(
            "{place} does not exist; name a case folder or an .xlsx workbook ('optimizer new DIR' makes an example).",
            place=place,
        )
    )
