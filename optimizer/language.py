"""Words in the planner's language.

English texts are their own keys; Korean ones are looked up in ``locale/ko.po``, a standard gettext catalogue that
translators edit with any tool. Keys of tables (cluster, stage, row families) are never translated. The catalogue is
read on first use of a language other than English, so English runs do not pay for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources


class Language(StrEnum):
    """Languages of everything a planner sees; keys of tables are never translated."""

    EN = "en"
    KO = "ko"


@cache
def _catalogue(language: str) -> dict[str, str]:
    if language == Language.EN:
        return {}
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

    def text(self, language: str = Language.EN) -> str:
        """Return the sentence in ``language``, its values filled in."""
        return translate(self.template, language, **self.values)

    def __str__(self) -> str:
        return self.text()


def sentence(text: str) -> str:
    """Mark a constant as a text of the catalogue; returns it as it is (``N_`` of gettext)."""
    return text


def say(template: str, /, **values: object) -> Message:
    """Make a :class:`Message`; every literal given to it must stand in the catalogues (a test looks)."""
    return Message(template, values)


def translate(template: str, language: str = Language.EN, /, **values: object) -> str:
    """Return ``template`` in ``language`` with its ``{fields}`` filled; English where a translation is missing."""
    text = _catalogue(language).get(template, template)
    filled = {name: value.text(language) if isinstance(value, Message) else value for name, value in values.items()}
    return text.format(**filled) if filled else text
