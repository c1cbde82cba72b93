"""The store of a study: one SQLite file to which results are added point by point, and that outlives a kill.

Every batch of results is one transaction in write-ahead mode: whoever ends the program, a point is in the file whole or
not at all, and a study that begins again finds the points it has. A study is known by its case, its options and the
version of this package, a point by its changes; so one file serves many studies, and a longer list of points goes on
where a shorter one ended.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from optimizer.errors import InputError
from optimizer.language import Bilingual, Language, Message, say

WAIT = 30.0
"""Seconds to wait for another process that writes into the same file."""
SCHEMA = (
    "create table if not exists studies (study text primary key, description text not null) strict",
    "create table if not exists points (study text not null references studies, point text not null, "
    "name text not null, changes text not null, status text not null, reason text, figures text not null, "
    "seconds real not null, added text not null default (datetime('now')), primary key (study, point)) strict",
)
MARK = 0x76637374
"""Number by which SQLite marks a file as ours (``application_id``)."""


@dataclass(frozen=True)
class Solved:
    """What planning a point ended with.

    Attributes
    ----------
    status
        Status of the plan, or ``invalid`` where the changes cannot be made.
    reason
        Why there is no plan; ``None`` where there is one.
    figures
        The figures of the plan's summary, and what else was measured; missing ones are ``None``.
    seconds
        Time of the point, its changes included.
    """

    status: str
    reason: Message | None
    figures: Mapping[str, object]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether there is a plan."""
        return self.reason is None

    @property
    def limited(self) -> bool:
        """Whether a limit ended its planning, with a plan or before there was one."""
        return self.status == "limit"


class Store:
    """Results of one study in a file; open until :meth:`close`.

    Parameters
    ----------
    path
        The file; it is made where there is none.
    study
        Digest of what all points of the study share.
    description
        The same in plain data, for people who look into the file.

    Raises
    ------
    InputError
        If the file is no store, or cannot be written.
    """

    def __init__(self, path: Path, study: str, description: Mapping[str, object]) -> None:
        self.path = path
        self.study = study
        if not path.absolute().parent.is_dir():
            raise InputError(say("{path}: there is no folder for this file; make it first.", path=path))
        text = json.dumps(description, ensure_ascii=False, sort_keys=True, default=str)
        with self._told():
            # isolation_level None: transactions begin where _transaction says, with the lock taken at once
            self._connection = sqlite3.connect(path, timeout=WAIT, isolation_level=None)
        try:
            with self._told():
                _check_ours(self._connection, path)
                self._connection.execute("pragma journal_mode = wal")
                # a kill loses nothing, a power cut the last points at most
                self._connection.execute("pragma synchronous = normal")
            with self._transaction() as connection:
                connection.execute(f"pragma application_id = {MARK}")
                for statement in SCHEMA:
                    connection.execute(statement)
                connection.execute("insert or ignore into studies values (?, ?)", (study, text))
        except InputError:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def read(self) -> dict[str, Solved]:
        """Return what is known of the study's points, by their digests."""
        with self._told():
            lines = self._connection.execute(
                "select point, status, reason, figures, seconds from points where study = ?", (self.study,)
            ).fetchall()
        return {
            point: Solved(status, _message(reason), json.loads(figures), seconds)
            for point, status, reason, figures, seconds in lines
        }

    def add(self, results: Iterable[tuple[str, str, str, Solved]]) -> None:
        """Add results, each with the digest, name and changes of its point; what is there already stays as it is."""
        lines = [
            (self.study, digest, name, changes, one.status, _text(one.reason), json.dumps(one.figures), one.seconds)
            for digest, name, changes, one in results
        ]
        with self._transaction() as connection:
            connection.executemany(
                "insert or ignore into points (study, point, name, changes, status, reason, figures, seconds) "
                "values (?, ?, ?, ?, ?, ?, ?, ?)",
                lines,
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._told():
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in our words what the database complains of."""
        try:
            yield
        except sqlite3.Error as problem:
            raise InputError(
                say("{path}: this file cannot serve as a store ({problem}).", path=self.path, problem=problem)
            ) from None


def _check_ours(connection: sqlite3.Connection, path: Path) -> None:
    (mark,) = connection.execute("pragma application_id").fetchone()
    (tables,) = connection.execute("select count(*) from sqlite_master").fetchone()
    if tables and mark != MARK:
        raise InputError(
            say("{path} is a database of something else, not a store of studies; name another file.", path=path)
        )


def _text(reason: Message | None) -> str | None:
    """Return a sentence as text that keeps it apart from its values, so that it can be said in any language."""
    return None if reason is None else json.dumps(_parts(reason), ensure_ascii=False)


def _parts(reason: Message) -> dict[str, object]:
    if type(reason) is not Message:  # names and units, which no catalogue holds
        return {"template": reason.text(Language.EN), "values": {}, "korean": reason.text(Language.KO)}
    values = {
        name: _parts(value) if isinstance(value, Message) else str(value) for name, value in reason.values.items()
    }
    return {"template": reason.template, "values": values}


def _message(text: str | None) -> Message | None:
    return None if text is None else _joined(json.loads(text))


def _joined(parts: Mapping[str, object]) -> Message:
    values = parts["values"]
    if not isinstance(values, dict):
        msg = f"the values of a sentence must be named: {values}"
        raise TypeError(msg)
    if "korean" in parts:
        return Bilingual(str(parts["template"]), korean=str(parts["korean"]))
    return Message(
        str(parts["template"]),
        {name: _joined(value) if isinstance(value, dict) else value for name, value in values.items()},
    )
