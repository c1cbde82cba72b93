"""Why a plan funds a cell as it does: its reduced cost written out, as a table and in words.

The accounts are made by :mod:`optimizer.plan.why_account`, their sentences by :mod:`optimizer.plan.why_words`.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd

from optimizer.blocks.sets import Sets
from optimizer.data.case import CaseTables
from optimizer.errors import InputError
from optimizer.language import Language, say
from optimizer.lp.labels import BLANK, Codes
from optimizer.options import spoken
from optimizer.plan.solution import Solution
from optimizer.plan.tables import in_unit
from optimizer.plan.why_account import Accounts
from optimizer.plan.why_cell import MOST_LISTED, Cell, Keys
from optimizer.plan.why_words import Words, spokesmen

CELL = ("cluster", "stage", "field", "year")


@dataclass(frozen=True, eq=False)
class Question:
    """The cells a question is about, as numbers of the sets.

    Attributes
    ----------
    cluster, stage
        The cluster and the stage.
    fields, years
        The fields and years asked about, in order.
    """

    cluster: int
    stage: int
    fields: Codes
    years: Codes


@dataclass(frozen=True)
class Account:
    """An account in words.

    Attributes
    ----------
    place
        The cell.
    lines
        What is gained or paid, with its amount; the last one is what they add up to.
    """

    place: str
    lines: tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)
class Why:
    """Why the plan spends what it spends at a site, cell by cell.

    Attributes
    ----------
    case
        The case, for names and currency.
    cells
        The accounts, fields in order, each year by year.
    fixed_whole
        Whether prices are those of the program with its whole decisions fixed as the plan takes them.
    """

    case: CaseTables
    cells: tuple[Cell, ...]
    fixed_whole: bool

    @property
    def table(self) -> pd.DataFrame:
        """One line per cell and term: gains positive, prices negative; those of a cell add up to its total.

        ``per_unit`` is money per unit of public money that a start takes within the horizon (per start where it takes
        none, as ``per`` says), ``per_start`` money per start. A cell in which nothing can be started has no line.
        """
        lines = [
            (*_labels(cell), term.term, term.detail, term.amount / cell.scale, term.amount, cell.per)
            for cell in self.cells
            for term in cell.terms
        ]
        columns = [*CELL, "term", "detail", "per_unit", "per_start", "per"]
        return in_unit(pd.DataFrame(lines, columns=columns), self.case.currency)

    @property
    def total(self) -> pd.DataFrame:
        """One line per cell: gain, price, what they add up to, and what the plan spends and starts there.

        ``gain``, ``price`` and ``total`` are per unit of public money (per start where a start takes none, as ``per``
        says) and missing where ``reason`` says that nothing can be started; ``money`` is the public money of one start.
        """
        lines = [
            (
                *_labels(cell),
                *((cell.gain, cell.price, cell.total) if cell.reason is None else (np.nan,) * 3),
                cell.spend,
                cell.starts,
                cell.money if cell.reason is None else np.nan,
                cell.per if cell.reason is None else "",
                "" if cell.reason is None else str(cell.reason),
            )
            for cell in self.cells
        ]
        columns = [*CELL, "gain", "price", "total", "spend", "starts", "money", "per", "reason"]
        return in_unit(pd.DataFrame(lines, columns=columns), self.case.currency)

    def text(self, language: Language | str | None = None) -> str:
        """Return the answer in a few sentences; of several cells it speaks of those that tell most.

        Parameters
        ----------
        language
            ``en`` or ``ko``.

        Raises
        ------
        InputError
            If there is no such language.
        """
        chosen = spoken(language)
        words = Words(self.case, chosen)
        told = words.about_one(self.cells[0]) if len(self.cells) == 1 else words.about_many(self.cells)
        if self.fixed_whole and any(cell.terms for cell in self.cells):
            note = say("Prices hold with the plan's yes-or-no decisions as they are.")
            told = f"{told} {note.text(chosen)}"
        return told

    def accounts(self, language: Language | str | None = None) -> list[Account]:
        """Return the accounts of the cells that :meth:`text` speaks of, in words, each line per what ``table`` says."""
        words = Words(self.case, spoken(language))
        told = self.cells if len(self.cells) == 1 else spokesmen(self.cells)
        return [
            Account(
                words.place(cell),
                (*((words.term(cell, term), term.amount / cell.scale) for term in cell.terms), words.total(cell)),
            )
            for cell in told
            if cell is not None and cell.reason is None
        ]

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.text())}</p>{''.join(map(_html, self.accounts()))}"


def why(solution: Solution, cluster: str, stage: str, field: str | None = None, year: int | None = None) -> Why:
    """Return why a plan spends what it spends at a site.

    Parameters
    ----------
    solution
        The solution.
    cluster, stage, field
        Keys of the case, or names of its tables; all fields of the cluster at that stage where ``field`` is left out.
    year
        A year of the horizon; all of them where it is left out.

    Raises
    ------
    InputError
        If a label is unknown or the year outside of the horizon.
    SolveError
        If the solve produced no prices.
    """
    sets = solution.sets
    asked = question(sets, cluster, stage, field, year)
    sites = sets.site_at[asked.cluster, asked.stage, asked.fields]
    if (sites == BLANK).all():
        return Why(sets.case, _absent(sets, asked), fixed_whole=False)
    accounts = Accounts(solution)
    cells = tuple(accounts.cell(int(site), int(number)) for site in sites[sites != BLANK] for number in asked.years)
    return Why(sets.case, cells, solution.outcome.fixed_whole)


def question(sets: Sets, cluster: str, stage: str, field: str | None = None, year: int | None = None) -> Question:
    """Return which cells are asked about; needs no plan, so that a slip is told before a long solve.

    Raises
    ------
    InputError
        If a label is unknown or the year outside of the horizon.
    """
    return Question(
        _found(sets, "cluster", cluster),
        _found(sets, "stage", stage),
        np.arange(len(sets.fields)) if field is None else np.array([_found(sets, "field", field)]),
        np.arange(sets.n_years) if year is None else np.array([_year(sets, year)]),
    )


def _labels(cell: Cell) -> tuple[str, str, str, int]:
    return cell.cluster, cell.stage, cell.field, cell.year


def _absent(sets: Sets, asked: Question) -> tuple[Cell, ...]:
    """Return cells of sites that do not exist, with what exists in their place."""
    at_stage = sets.fields[sets.site_at[asked.cluster, asked.stage] != BLANK]
    at_cluster = sets.stages[(sets.site_at[asked.cluster] != BLANK).any(axis=1)]
    if len(at_stage):
        reason = say(
            "The case lists no such site; at this stage the cluster has the fields {fields}.", fields=Keys(at_stage)
        )
    elif len(at_cluster):
        reason = say("The case lists no such site; the cluster has the stages {stages}.", stages=Keys(at_cluster))
    else:
        reason = say("The case lists no site of this cluster.")
    names = str(sets.clusters[asked.cluster]), str(sets.stages[asked.stage])
    return tuple(
        Cell(*names, str(sets.fields[field]), int(sets.years[year]), reason=reason)
        for field in asked.fields
        for year in asked.years
    )


def _found(sets: Sets, dimension: str, label: str) -> int:
    """Return the number of a label: a key of the case, else a name of its table."""
    keys: pd.Index = {"cluster": sets.clusters, "stage": sets.stages, "field": sets.fields}[dimension]
    if label in keys:
        return int(keys.get_indexer(pd.Index([label], dtype=object))[0])
    table = sets.case.table(f"{dimension}s")
    wanted = str(label).strip().casefold()
    spelled = {str(key).casefold(): [number] for number, key in enumerate(keys)}
    named: dict[str, list[int]] = {}
    for column in ("name", "name_ko"):
        for number, name in enumerate(table[column]):
            if name:
                named.setdefault(str(name).casefold(), []).append(number)
    spelled = named | spelled  # a key goes before a name that is spelled alike
    if wanted in spelled:
        bearers = list(dict.fromkeys(spelled[wanted]))
        if len(bearers) > 1:
            meant = [str(keys[number]) for number in bearers]
            raise InputError(
                say("'{label}' is the name of {known}; name one of them by its key.", label=label, known=Keys(meant))
            )
        return bearers[0]
    near = difflib.get_close_matches(wanted, spelled, n=MOST_LISTED)
    meant = list(dict.fromkeys(str(keys[number]) for name in near for number in spelled[name]))
    raise InputError(
        say(
            "no {dimension} of the case is called '{label}'; name one of {known}.",
            dimension=dimension,
            label=label,
            known=Keys(meant or keys),
        )
    )


def _year(sets: Sets, year: int) -> int:
    """Return the number of a year of the horizon."""
    number = int(sets.years.get_indexer(pd.Index([year]))[0])
    if number == BLANK:
        raise InputError(
            say(
                "year {year} is outside the horizon; name one of {first} to {last}.",
                year=year,
                first=sets.years[0],
                last=sets.years[-1],
            )
        )
    return number


def _html(account: Account) -> str:
    """Return an account as an HTML table of two columns, names escaped."""
    rows = "".join(f"<tr><td>{escape(what)}</td><td>{amount:,.4g}</td></tr>" for what, amount in account.lines)
    return f"<table><caption>{escape(account.place)}</caption><tbody>{rows}</tbody></table>"
