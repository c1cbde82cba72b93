"""Closed vocabularies and the frozen options that are passed around; nothing is remembered elsewhere.

One thing is remembered, for it changes words and never a number: ``optimizer.options.language``, the language of
whatever is given none. This module is therefore an object of its own kind, :class:`PackageOptions`.

>>> import optimizer as vc
>>> vc.options.language
<Language.EN: 'en'>
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType
from typing import TypeVar

from optimizer.arguments import checked_methods
from optimizer.errors import InputError
from optimizer.language import Language, choose_language, default_language, say

Word = TypeVar("Word", bound=StrEnum)


class OverlapMethod(StrEnum):
    """How the overlap penalty is handled (FORMULATION section 4)."""

    FIXED = "fixed"
    SEQUENTIAL = "sequential"
    EXACT = "exact"


class Algorithm(StrEnum):
    """Which algorithm of an engine is used; ``AUTO`` chooses by the size of the program."""

    AUTO = "auto"
    SIMPLEX = "simplex"
    INTERIOR_POINT = "ipm"
    FIRST_ORDER = "pdlp"


class RiskWish(StrEnum):
    """What is wanted of uncertain outcomes, by name; ``cvar`` weighs their tail beside their mean."""

    EXPECTATION = "expectation"
    CVAR = "cvar"
    WORST = "worst"


@checked_methods
@dataclass(frozen=True, kw_only=True)
class SolveOptions:
    """How to solve; never what to solve.

    Attributes
    ----------
    engine
        Name of the engine adapter (``optimizer doctor`` lists the usable ones).
    algorithm
        Algorithm inside the engine.
    time_limit
        Seconds the whole solve may take; ``None`` for no limit.
    gap
        Relative distance of bound and solution at which a mixed-integer program counts as solved.
    prove
        Whether method ``fixed`` solves once more without the overlap penalty, to say how far the best plan can be above
        its own; the other methods have that solve anyway.
    threads
        Threads an engine may use; 0 leaves the choice to the engine.
    feasibility_tolerance
        Largest violation of a row or bound, and of a reduced cost's sign, that counts as none.
    first_order_tolerance
        Relative violation, and relative distance of the objective from its bound, at which a first-order method (PDLP)
        stops; it has no vertex, so its plans are near-optimal to about this much.
    zero_tolerance
        Smallest amount shown in tables; what is nearer to zero counts as zero.
    """

    engine: str = "highs"
    algorithm: Algorithm = Algorithm.AUTO
    time_limit: float | None = None
    gap: float = 1e-6
    prove: bool = True
    threads: int = 0
    feasibility_tolerance: float = 1e-7
    first_order_tolerance: float = 1e-5
    zero_tolerance: float = 1e-7

    def __post_init__(self) -> None:
        """Take texts for the closed vocabularies too; raises InputError for words outside of them."""
        object.__setattr__(self, "algorithm", one_of(Algorithm, self.algorithm, "algorithm"))
        if self.time_limit is not None and not self.time_limit > 0:
            message = say("the time limit is {seconds}; give seconds above 0", seconds=self.time_limit)
            raise InputError(message)
        if not self.gap >= 0:
            message = say("the gap is {gap}; give a share of the objective, 0 or more", gap=self.gap)
            raise InputError(message)
        if not self.first_order_tolerance > 0:
            message = say(
                "the tolerance of first-order methods is {tolerance}; give a share above 0",
                tolerance=self.first_order_tolerance,
            )
            raise InputError(message)


def one_of(vocabulary: type[Word], word: str, what: str) -> Word:
    """Return the member of a vocabulary that a word names; raises InputError where there is none."""
    try:
        return vocabulary(word)
    except ValueError:
        message = say(
            "{what} is '{word}'; it must be one of {choices}", what=what, word=word, choices=", ".join(vocabulary)
        )
        raise InputError(message) from None


def spoken(language: Language | str | None) -> Language:
    """Return the language that is asked for, the default one where it is ``None``; raises InputError for others."""
    return default_language() if language is None else one_of(Language, language, "language")


class PackageOptions(ModuleType):
    """The module as users touch it, ``vc.options``: what they set once, checked when it is set."""

    @property
    def language(self) -> Language:
        """Language of everything a planner sees where no other is asked for, ``en`` or ``ko``.

        It begins as what the environment variable ``OPTIMIZER_LANG`` says, else as English. Tables keep their keys,
        and files for programs (CSV, JSON) their English whatever it is.
        """
        return default_language()

    @language.setter
    def language(self, word: Language | str) -> None:
        """Choose the language; raises InputError for a word that is none."""
        choose_language(one_of(Language, word, "language"))

    def __setattr__(self, name: str, value: object) -> None:
        """Set an option; raises InputError for a name that is none, for a slip of the pen would change nothing."""
        if not name.startswith("_") and not hasattr(self, name):
            raise InputError(say("there is no option '{name}' to set; there is {known}.", name=name, known="language"))
        super().__setattr__(name, value)


language: Language  # a property of the class above, said here for those who only read this file
sys.modules[__name__].__class__ = PackageOptions
