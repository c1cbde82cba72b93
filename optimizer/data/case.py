"""A case that was read and found sound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from optimizer.arguments import checked_methods
from optimizer.data.money import Currency
from optimizer.data.raw import RawCase
from optimizer.data.remarks import Remark, remarks
from optimizer.data.rows import TABLES
from optimizer.data.settings import Settings
from optimizer.errors import InputError
from optimizer.language import Bilingual, say


@checked_methods
@dataclass(frozen=True, eq=False)
class CaseTables:
    """Everything a case says: validated, complete with defaults, never changed.

    Attributes
    ----------
    raw
        The case as written, for writing it back and for labels.
    settings
        What ``case.toml`` says.
    stored
        The tables that exist, by name, as :meth:`table` hands them out.
    """

    raw: RawCase
    settings: Settings
    stored: Mapping[str, pd.DataFrame]

    def __getstate__(self) -> dict[str, Any]:
        """Return what is sent to another process: read-only views cannot be, so the tables go as they are."""
        return {**vars(self), "stored": dict(self.stored)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Become what another process sent."""
        vars(self).update(state | {"stored": MappingProxyType(state["stored"])})

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """Copies of the tables that exist, by name; changing them does not change the case."""
        return {name: self.table(name) for name in self.stored}

    @property
    def name(self) -> str:
        """Name of the case."""
        return self.settings.case.name

    @property
    def currency(self) -> str:
        """The money unit of the case."""
        return self.settings.case.currency

    @cached_property
    def remarks(self) -> tuple[Remark, ...]:
        """What a reader should know but what is no fault, as far as the tables tell."""
        return tuple(remarks(self.stored, self.raw))

    def has(self, table: str) -> bool:
        """Whether the case has a table, be it empty."""
        return table in self.stored

    def shares(self, other: CaseTables, *tables: str) -> bool:
        """Return whether another case has these very tables too, as cases have that came from one by changes."""
        return all(self.stored.get(name) is other.stored.get(name) for name in tables)

    def table(self, name: str) -> pd.DataFrame:
        """Return a copy of a table with defaults filled in; an empty one where the case lacks it.

        Blank cells hold their defaults: infinity for "unlimited", NaN or ``None`` for "nothing".

        Raises
        ------
        InputError
            If there is no such table in any case.
        """
        if name not in TABLES:
            msg = say("no table is called '{name}'; the tables are {known}.", name=name, known=", ".join(TABLES))
            raise InputError(msg)
        if name in self.stored:
            return self.stored[name].copy(deep=False)
        return pd.DataFrame(columns=list(TABLES[name].row.model_fields))

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The years of the horizon."""
        return tuple(self.settings.years)

    def save(self, path: str | Path) -> Path:
        """Write the case as a folder, or as a workbook if ``path`` ends with ``.xlsx``; never over something.

        Raises
        ------
        InputError
            If something is in its place already.
        """
        target = Path(path)
        if target.suffix.lower() == ".xlsx":
            from optimizer.data.workbook_writer import write_workbook

            write_workbook(self.raw, target)
        else:
            from optimizer.data.folder import write_folder

            write_folder(self.raw, target)
        return target

    def __repr__(self) -> str:
        section = self.settings.case
        told = say(
            "Case({name}, {first}-{last}, {currency}: {counts})",
            name=Bilingual(repr(section.name), korean=repr(section.name_ko or section.name)),
            first=self.years[0],
            last=self.years[-1],
            currency=Currency(self.currency),
            counts=", ".join(f"{len(frame)} {name}" for name, frame in self.stored.items()),
        )
        return told.text()
