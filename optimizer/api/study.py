"""What all studies have in common as users touch them; their tables, charts and workbooks are their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from optimizer.language import Message


class Told(Protocol):
    """Tables of a study that say what to know before relying on them."""

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on the tables."""


Found = TypeVar("Found", bound=Told)


@dataclass(frozen=True, eq=False, repr=False)
class Study(Generic[Found]):
    """A study. Those of each kind are dataclasses too, with this ``__init__``, so that nothing of them changes either.

    Attributes
    ----------
    found
        What it found.
    """

    found: Found

    @property
    def notes(self) -> tuple[Message, ...]:
        """What to know before relying on what the study found."""
        return self.found.notes

    def __repr__(self) -> str:
        return repr(self.found)
