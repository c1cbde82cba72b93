"""The errors a user can meet, as one tree of three branches.

::

    OptimizerError
    ├── InputError        a file, a table, a cell or an argument is wrong
    │   └── CaseError     the faults of a case, all together
    ├── ModelError        the program cannot be built as it was asked for
    └── SolveError        an engine failed, or a result was read that does not exist

Every message says what is wrong, where, and what to do next, and quotes the value. An infeasible or
unbounded case is not an error but a value: see :class:`optimizer.plan.failed.FailedPlanTables`.
"""

from __future__ import annotations

from typing import Protocol


class Sayable(Protocol):
    """A sentence that can be said in several languages; see :class:`optimizer.language.Message`."""

    def text(self, language: str | None = None) -> str:
        """Return the sentence in a language; in the default one where none is given."""


class OptimizerError(Exception):
    """Root of all errors raised on purpose by this package.

    Parameters
    ----------
    message
        What is wrong, where, and the next step; a plain English text, or a sentence that knows other languages.
    """

    def __init__(self, message: str | Sayable) -> None:
        self._message = message
        super().__init__(message if isinstance(message, str) else message.text("en"))

    @property
    def message(self) -> str | Sayable:
        """What the error says: a plain English text, or a sentence that knows other languages."""
        return self._message

    def text(self, language: str | None = None) -> str:
        """Say the error in a language, the default one where none is given; in English if it has no translation."""
        return self._message if isinstance(self._message, str) else self._message.text(language)

    def __str__(self) -> str:
        return self.text()


class InputError(OptimizerError):
    """A file, a table, a cell or an argument is wrong; nothing was computed or written."""


class ModelError(OptimizerError):
    """The program cannot be built, or labels do not fit together."""


class SolveError(OptimizerError):
    """An engine failed, or something was read that the solve did not produce.

    Parameters
    ----------
    message
        As in :class:`OptimizerError`.
    status
        Of the solve: ``infeasible``, ``unbounded``, ``limit``, or ``error`` where the engine failed.
    """

    def __init__(self, message: str | Sayable, status: str = "error") -> None:
        super().__init__(message)
        self.status = status
