"""``--help`` and usage errors in another language than English.

The texts of commands and options are written beside them in English, as typer wants them; here they are looked up in
the catalogue once a language is known, so a command needs nothing of its own for it. What typer itself says is put into
words of the catalogue as well.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Protocol, runtime_checkable

import typer
from typer.exceptions import TyperException

from optimizer.language import VARIABLE, Language, sentence, translate
from optimizer.options import one_of

OPTION = "--lang"
EXAMPLES = sentence("Examples:")
HELP = sentence("Show this message and exit.")
SAID_BY_TYPER = {
    "Usage: ": sentence("Usage: "),
    "Arguments:": sentence("Arguments:"),
    "Options:": sentence("Options:"),
    "Commands:": sentence("Commands:"),
    "[default:": sentence("[default:"),
    "[required]": sentence("[required]"),
    "; required]": sentence("; required]"),
    "[OPTIONS]": sentence("[OPTIONS]"),
    "COMMAND [ARGS]...": sentence("COMMAND [ARGS]..."),
}
"""What typer writes around our texts in a help page."""
PROBLEMS = (
    (r"No such option: (?P<name>\S+)(?: \(Possible options: (?P<known>.*)\))?", sentence("there is no option {name}.")),
    (r"No such command '(?P<name>.*)'\.", sentence("there is no command {name}.")),
    (r"Missing command\.", sentence("a command is missing.")),
    (r"Missing (?:argument|option|parameter) '(?P<name>[^']*)'.*", sentence("{name} is missing.")),
    (r"Option '(?P<name>.*)' requires an argument\.", sentence("the option {name} needs a value.")),
    (
        r"Got unexpected extra arguments?(?:\(s\))? \((?P<name>.*)\)",
        sentence("{name}: this is more than is asked for."),
    ),
    (
        r"Invalid value for '?(?P<name>[^:']*)'?: '(?P<value>.*)' is not one of (?P<known>.*)\.",
        sentence("{name} is '{value}'; it must be one of {known}."),
    ),
    (
        r"Invalid value for '?(?P<name>[^:']*)'?: (?:Value )?'?(?P<value>[^']*)'? is not a valid .*",
        sentence("{name} is '{value}'; give a number."),
    ),
    (r"Invalid value for '(?P<name>[^']*)': Input should be a valid .*", sentence("{name}: give a number.")),
    (
        r"Invalid value for '(?P<name>[^']*)': (?:Input should be greater than or equal to |.*x>=)(?P<least>\d+).*",
        sentence("{name}: give {least} or more."),
    ),
)
"""What typer says of a wrong command line, as a pattern -> the same in words of the catalogue."""
OTHER = sentence("Error: {remark}")
TRY = sentence("Try '{command} --help' for help.")
JOINER = "\u2060"
"""A sign without a width. Behind each Hangul syllable, which is two columns wide, it makes typer count columns."""
_WIDE = "([\u1100-\u11ff\u3000-\u303f\u3130-\u318f\uac00-\ud7af\uff00-\uff60])"


@runtime_checkable
class Shown(Protocol):
    """A usage error that shows itself with the command's usage line."""

    def show(self) -> None:
        """Print the error."""


def language_of(arguments: list[str]) -> Language | None:
    """Return the language a command line asks for, anywhere in it; else that of the environment, else none.

    Raises
    ------
    InputError
        If the environment names none that there is; a wrong word of the command line is told by the option itself.
    """
    words = " ".join(arguments).replace(f"{OPTION}=", f"{OPTION} ").split()
    asked = [word for option, word in pairwise(words) if option == OPTION and word in list(Language)]
    if asked:
        return Language(asked[-1])
    return one_of(Language, os.environ[VARIABLE], VARIABLE) if os.environ.get(VARIABLE) else None


def commands_of(command: Any) -> Iterator[Any]:
    """Yield a command and all commands in it."""
    yield command
    for part in getattr(command, "commands", {}).values():
        yield from commands_of(part)


def program(app: typer.Typer, language: Language) -> Any:
    """Return a program whose help speaks a language."""
    command = typer.main.get_command(app)
    if language != Language.EN:
        for one in commands_of(command):
            _say(one, language)
    return command


def _say(command: Any, language: Language) -> None:
    for told in (command, *command.params):
        if getattr(told, "help", None):
            told.help = _padded(translate(told.help, language))
    if command.epilog:
        command.epilog = _padded(command.epilog.replace(EXAMPLES, translate(EXAMPLES, language)))
    said, used = command.get_help, command.get_usage
    # typer asks each command for its help and has no hook for what surrounds our texts
    command.get_help = lambda context: _surrounded(said(context), language)
    command.get_usage = lambda context: _surrounded(used(context), language)


def _padded(text: str) -> str:
    return re.sub(_WIDE, rf"\1{JOINER}", text)


def _surrounded(text: str, language: Language) -> str:
    """Return a page of help with what typer says in it in a language."""
    pieces = re.escape(HELP).replace(r"\ ", r"\s+")
    text = re.sub(pieces, translate(HELP, language), text.replace(JOINER, ""))
    for english, ours in SAID_BY_TYPER.items():
        text = text.replace(english, translate(ours, language))
    return text


def tell_usage(error: TyperException, language: Language) -> None:
    """Say on standard error what is wrong with a command line."""
    context = getattr(error, "ctx", None)
    if language == Language.EN or context is None or type(error).__name__ == "NoArgsIsHelpError":
        if isinstance(error, Shown):
            error.show()
        else:
            print(error.message, file=sys.stderr)
        return
    print(context.get_usage(), file=sys.stderr)
    print(translate(TRY, language, command=context.command_path), file=sys.stderr)
    print(translate(OTHER, language, remark=problem_of(error.format_message(), language)), file=sys.stderr)


def problem_of(message: str, language: Language) -> str:
    """Return what typer says of a wrong command line in a language; as it is where it is not known."""
    for pattern, ours in PROBLEMS:
        if found := re.fullmatch(pattern, message.replace("Value error, ", ""), re.DOTALL):
            return translate(ours, language, **found.groupdict())
    return message
