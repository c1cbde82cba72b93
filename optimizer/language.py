"""Words in the planner's language.

English texts are their own keys; Korean ones are looked up in ``locale/ko.po``, a standard gettext catalogue that
translators edit with any tool. Keys of tables (cluster, stage, row families) are never translated. The catalogue is
read on first use of a language other than English, so English runs do not pay for it.

What is said without a language being asked for is said in that of :func:`default_language`, and nothing else in this
package decides it.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from optimizer.errors import OptimizerError

VARIABLE = "OPTIMIZER_LANG"
"""Environment variable with the language to begin with; English where it is not set, whatever the locale is: a run
writes the same files on every machine."""


class Language(StrEnum):
    """Languages of everything a planner sees; keys of tables are never translated."""

    EN = "en"
    KO = "ko"


@dataclass
class _Remembered:
    """What this package remembers between two calls: the language, which changes words and never a number."""

    language: Language | None = None


_REMEMBERED = _Remembered()


def default_language() -> Language:
    """Return the language of whatever is given none: the one chosen last, else that of the environment, else English.

    A word of the environment that is no language is warned of once, and English is spoken.
    """
    if _REMEMBERED.language is None:
        word = os.environ.get(VARIABLE) or Language.EN
        known = {language.value: language for language in Language}
        if word not in known:
            warnings.warn(f"{VARIABLE} is '{word}'; it must be one of {', '.join(known)}.", stacklevel=2)
        _REMEMBERED.language = known.get(word, Language.EN)
    return _REMEMBERED.language


def choose_language(language: Language | None) -> None:
    """Make a language that of whatever is given none from now on; ``None`` asks the environment again."""
    _REMEMBERED.language = language


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak a language wherever none is asked for, as long as the context lasts."""
    before = _REMEMBERED.language
    choose_language(language)
    try:
        yield
    finally:
        choose_language(before)


@cache
def _catalogue(language: str) -> dict[str, str]:
    if language == Language.EN:
        return {}
    from importlib import resources

    from babel.messages.pofile import read_po  # heavy, wanted only for a translation

    with resources.files("optimizer").joinpath("locale", f"{language}.po").open("rb") as stream:
        return {str(message.id): str(message.string) for message in read_po(stream) if message.id and message.string}


@dataclass(frozen=True)
class Message:
    """A sentence with its values kept apart, so that it can be said in any language.

    Attributes
    ----------
    template
        English text with ``{name}`` fields; the key of the catalogue.
    values
        What the fields stand for.
    """

    template: str
    values: dict[str, object] = field(default_factory=dict)

    def text(self, language: str | None = None) -> str:
        """Return the sentence in ``language``, its values filled in."""
        return translate(self.template, language, **self.values)

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True)
class Bilingual(Message):
    """A text of the case in a sentence, which no catalogue holds: the template is the English text.

    Attributes
    ----------
    korean
        The Korean text.
    """

    korean: str = ""

    def text(self, language: str | None = None) -> str:
        """Return the text in a language."""
        return self.korean if (language or default_language()) == Language.KO else self.template

    def __str__(self) -> str:
        return self.text()


def sentence(text: str) -> str:
    """Mark a constant as a text of the catalogue; returns it as it is (``N_`` of gettext)."""
    return text


def say(template: str, /, **values: object) -> Message:
    """Make a :class:`Message`; every literal given to it must stand in the catalogues (a test looks)."""
    return Message(template, values)


def translate(template: str, language: str | None = None, /, **values: object) -> str:
    """Return ``template`` in ``language`` with its ``{fields}`` filled; English where a translation is missing."""
    language = default_language() if language is None else language
    text = _catalogue(language).get(template, template)
    if not values:
        return text
    filled = {
        name: value.text(language) if isinstance(value, Message | OptimizerError) else value
        for name, value in values.items()
    }
    said = text.format(**filled)
    return _with_particles(re.sub(_UNSAID, "", re.sub(_JOINED, "", said))) if language == Language.KO else said


# patterns of Korean are compiled when it is first spoken, and kept by ``re``
_JOINED = r"(?<=[0-9]) (?=%|(?:천|만|백만|억|십억|조)?원(?![가-힣]*안))"
"""The space between a number and the unit of the won, or the per cent sign, that Korean does not write."""
_UNSAID = r"(?<![0-9.,])1(?=십억원|(?:천|만|백만|억|조)?원 단위)"
"""The one of a unit that Korean does not say: a billion of won is 십억원, and one rounds to 억원."""
_PARTICLES = {
    "은(는)": ("은", "는"),
    "이(가)": ("이", "가"),
    "을(를)": ("을", "를"),
    "와(과)": ("과", "와"),
    "(으)로": ("으로", "로"),
    "(이)": ("이", ""),
}
"""A Korean particle as a translator writes it behind a field -> its forms behind a consonant and behind a vowel."""
_PARTICLE = r"([가-힣0-9%])([\"'’)\]]*)(" + "|".join(re.escape(particle) for particle in _PARTICLES) + ")"
_READ = dict(zip("0123456789%", "영일이삼사오육칠팔구트", strict=True))
"""How the last sign of a number is read; behind more zeros stand 십, 백, 천, 만 or 억, which end in consonants too."""
_FIRST, _FINALS, _RIEUL = ord("가"), 28, 8
"""Hangul syllables follow each other by their final consonants: none first, ㄹ as the eighth."""


def _with_particles(text: str) -> str:
    """Return a Korean text with each particle in the form that the word before it asks for.

    Behind signs whose reading nobody knows, Latin letters above all, both forms stay.
    """

    def fitting(found: re.Match[str]) -> str:
        sign, closing, particle = found.groups()
        final = (ord(_READ.get(sign, sign)) - _FIRST) % _FINALS
        closed = final not in (0, _RIEUL) if particle == "(으)로" else final != 0
        return f"{sign}{closing}{_PARTICLES[particle][0 if closed else 1]}"

    return re.sub(_PARTICLE, fitting, text)
