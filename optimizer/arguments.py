"""What is given to public functions, held against what they say they take, before any of it is used.

The annotations of a function are the only list of what it takes: :func:`checked` reads them at the first call. What
several functions take alike is a ``TypedDict`` that each unpacks (``**how: Unpack[Planning]``). Whatever
does not fit is refused as an :class:`InputError` that names the function, the argument, the value and what would do;
what plainly means the right thing is taken as that: a number of numpy, a column of pandas for a list, one word for a
list of words. Words of closed vocabularies and ranges of numbers are checked by the functions themselves.
"""

from __future__ import annotations

import builtins
import inspect
import os
from collections import abc
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cached_property, reduce, wraps
from numbers import Integral, Real
from pathlib import Path
from types import FunctionType, NoneType, SimpleNamespace, UnionType
from typing import Annotated, Any, NamedTuple, ParamSpec, TypeVar, Union, Unpack, get_args, get_origin, get_type_hints

from optimizer.errors import InputError
from optimizer.language import Message, say

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=type)

NO_TYPES: frozenset[type] = frozenset()
LONGEST = 60
"""Signs of a value that are quoted."""
WORDS = {
    "CaseTables": say("a case"),
    "PlanTables": say("a plan"),
    "FailedPlanTables": say("a plan that failed"),
    "DataFrame": say("a table (DataFrame)"),
    "Executor": say("an executor of concurrent.futures"),
    "Mapping": say("names with their values (a dict)"),
    "Callable": say("a function"),
}
"""Name of a type -> what it is called."""


class RefusedError(Exception):
    """A value is none of what is expected; never leaves this module."""


class Taker(NamedTuple):
    """One kind of value that is taken.

    Attributes
    ----------
    word
        What it is called.
    at_once
        Types that are taken as they are, without asking further.
    take
        Returns a value as it is meant, or raises :class:`RefusedError`.
    """

    word: Message
    at_once: frozenset[type]
    take: Callable[[Any], Any]


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that refuses arguments which are not what its annotations say.

    Parameters
    ----------
    function
        A function or method; arguments that are annotated by ``Any`` or ``Annotated``, or by names that exist for type
        checkers only, are left to it.

    Examples
    --------
    >>> @checked
    ... def half(amount: float) -> float:
    ...     return amount / 2
    >>> half("much")
    Traceback (most recent call last):
    ...
    optimizer.errors.InputError: half: amount is 'much'; give a number.
    """
    arguments = Arguments(function)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            if arguments.plain(args, kwargs):
                return function(*args, **kwargs)
            return function(*arguments.positional(args), **arguments.named(kwargs))
        except TypeError:
            arguments.check_fit(args, kwargs)  # of the call, or else of something inside of it
            raise

    return call


def checked_methods(kind: C) -> C:
    """Let all public methods of a class, and the making of a dataclass, refuse arguments as :func:`checked` does."""
    own = vars(kind)
    made = "__dataclass_fields__" in own and isinstance(own.get("__init__"), FunctionType)
    for name, member in list(own.items()):
        if isinstance(member, FunctionType) and (not name.startswith("_") or (name == "__init__" and made)):
            setattr(kind, name, checked(member))
    return kind


class Arguments:
    """What a function takes.

    Parameters
    ----------
    function
        The function.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    @cached_property
    def _name(self) -> str:
        name = self._function.__qualname__.removesuffix(".__init__").rpartition("<locals>.")[2]
        return name.replace("Tables.", ".")  # users know a plan by the name of what it is made into

    @cached_property
    def _signature(self) -> inspect.Signature:
        """The signature, in which names that ``**how: Unpack[...]`` stands for are arguments of their own."""
        signature = inspect.signature(self._function)
        parameters = list(signature.parameters.values())
        unpacked = [self._hints[one.name] for one in parameters if one.kind is one.VAR_KEYWORD]
        if not unpacked or get_origin(unpacked[0]) is not Unpack:
            return signature
        names = get_args(unpacked[0])[0].__annotations__
        own = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None) for name in names]
        return signature.replace(parameters=[*parameters[:-1], *own])

    @cached_property
    def _hints(self) -> Mapping[str, Any]:
        given = {name: hint for name, hint in self._function.__annotations__.items() if name != "return"}
        return get_type_hints(SimpleNamespace(__annotations__=given), {}, _Known(self._function), include_extras=True)

    @cached_property
    def _takers(self) -> Mapping[str, tuple[Taker, ...]]:
        hints = dict(self._hints)
        for name, hint in self._hints.items():
            if get_origin(hint) is Unpack:
                named = get_args(hints.pop(name))[0]
                hints |= get_type_hints(named)
        return {name: takers for name, hint in hints.items() if (takers := _takers(hint))}

    @cached_property
    def _order(self) -> tuple[list[str], str | None]:
        """Return the names of arguments given by their place, and of the one that takes all others."""
        parameters = self._signature.parameters.values()
        by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        rest = [one.name for one in parameters if one.kind is inspect.Parameter.VAR_POSITIONAL]
        return [one.name for one in parameters if one.kind in by_place], rest[0] if rest else None

    @cached_property
    def _plain(self) -> tuple[list[frozenset[type] | None], dict[str, frozenset[type] | None]]:
        """Return by place and by name the types that are taken at once; ``None`` where anything is."""
        takers = self._takers
        named = {
            name: frozenset().union(*(taker.at_once for taker in takers[name])) if name in takers else None
            for name in self._signature.parameters
        }
        return [named[name] for name in self._order[0]], named

    def plain(self, given: tuple[Any, ...], named: Mapping[str, Any]) -> bool:
        """Whether all arguments are of types that are taken at once: nearly always, and told quickly."""
        by_place, by_name = self._plain
        if len(given) > len(by_place):
            return False
        for value, types in zip(given, by_place, strict=False):
            if types is not None and type(value) not in types:
                return False
        for name, value in named.items():
            types = by_name.get(name, NO_TYPES)
            if types is not None and type(value) not in types:
                return False
        return True

    def positional(self, given: tuple[Any, ...]) -> list[Any]:
        """Return the arguments given by their place as they are meant."""
        names, rest = self._order
        return [self._taken(names[place] if place < len(names) else rest, value) for place, value in enumerate(given)]

    def named(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments given by name as they are meant."""
        known, others = self._signature.parameters, self._others
        if others is None and not given.keys() <= known.keys():  # names that are unpacked take any in the call itself
            raise InputError(self._misfit(given, "unexpected keyword"))
        return {name: self._taken(name if name in known else others, value, name) for name, value in given.items()}

    @cached_property
    def _others(self) -> str | None:
        """Name of the argument that takes all names which are none of the others."""
        return next((one.name for one in self._signature.parameters.values() if one.kind is one.VAR_KEYWORD), None)

    def check_fit(self, given: tuple[Any, ...], named: Mapping[str, Any]) -> None:
        """Raise InputError where arguments are missing, unknown, too many or given twice."""
        try:
            self._signature.bind(*given, **named)
        except TypeError as problem:
            raise InputError(self._misfit(named, str(problem))) from None

    def _taken(self, name: str | None, value: Any, called: str | None = None) -> Any:
        takers = self._takers.get(name or "")
        if takers is None or any(type(value) in taker.at_once for taker in takers):
            return value
        try:
            return _take(takers, value)
        except RefusedError as refused:
            inner = refused.args[0] if refused.args else None
            place, wrong, takers = inner if inner else ("", value, takers)
            if hasattr(type(wrong), "raise_error"):
                wrong.raise_error()  # a plan that failed: why it did tells more than that it is no plan
            raise InputError(
                say(
                    "{call}: {name}{place} is {value}; give {expected}.",
                    call=self._name,
                    name=called or name,
                    place=place,
                    value=_quoted(wrong),
                    expected=_expected(takers),
                )
            ) from None

    def _misfit(self, named: Mapping[str, Any], problem: str) -> Message:
        parameters = [one for one in self._signature.parameters.values() if one.name != "self"]
        known = ", ".join(f"**{one.name}" if one.kind is one.VAR_KEYWORD else one.name for one in parameters)
        unknown = [name for name in named if name not in {one.name for one in parameters}]
        if "unexpected keyword" in problem:
            return say(
                "{call}: there is no argument {unknown}; there are {known}.",
                call=self._name,
                unknown=", ".join(unknown),
                known=known,
            )
        if "missing" in problem:
            name = problem.rpartition("'")[0].rpartition("'")[2]
            return say("{call}: the argument {name} is missing; give {known}.", call=self._name, name=name, known=known)
        return say(
            "{call}: more is given than is taken, or one argument twice; give by name what is meant of {known}.",
            call=self._name,
            known=known,
        )


class _Known(dict[str, Any]):
    """The names that annotations of a function use; those that exist for type checkers only stand for anything."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self._globals = inspect.unwrap(function).__globals__

    def __missing__(self, name: str) -> Any:
        return self._globals.get(name, getattr(builtins, name, Any))


def _take(takers: tuple[Taker, ...], value: Any) -> Any:
    """Return a value as the first of the takers that takes it does."""
    inner = None
    for taker in takers:
        try:
            return taker.take(value)
        except RefusedError as refused:
            inner = inner or (refused.args or (None,))[0]
    raise RefusedError(inner)


def _expected(takers: tuple[Taker, ...]) -> Message:
    words = list({taker.word.template: taker.word for taker in takers}.values())
    return reduce(lambda one, other: say("{one} or {other}", one=one, other=other), words)


def _quoted(value: Any) -> str:
    """Return a value as it is quoted: in one line, not too long, with its type where that is not plain to see."""
    kind = type(value).__name__
    if kind in ("DataFrame", "Series", "ndarray", "function", "module"):
        return kind
    text = " ".join(repr(str(value) if isinstance(value, str) else value).split())
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
    return text if isinstance(value, str | Real | None | list | tuple | dict | Path) else f"{text} ({kind})"


def _takers(hint: Any) -> tuple[Taker, ...]:
    """Return what an annotation takes; nothing where it takes anything."""
    if get_origin(hint) in (Union, UnionType):
        parts = [_takers(part) for part in get_args(hint)]
        return tuple(taker for part in parts for taker in part) if all(parts) else ()
    taker = _taker(hint)
    return () if taker is None else (taker,)


def _taker(hint: Any) -> Taker | None:
    origin, parts = get_origin(hint) or hint, get_args(hint)
    if origin in SIMPLE:
        return SIMPLE[origin]
    if origin in (abc.Sequence, abc.Iterable, abc.Collection, list, tuple):
        return _list_of(parts[0] if parts else Any)
    if origin in (abc.Mapping, dict):
        return _names_of(parts[1] if parts else Any)
    if origin is abc.Callable:
        return Taker(WORDS["Callable"], frozenset(), lambda value: _that(value, callable(value)))
    anything = origin in (Any, Annotated, object) or getattr(origin, "_is_protocol", False)
    plain = isinstance(origin, type) and not anything
    return _instance(origin) if plain else None


def _instance(kind: type) -> Taker:
    if issubclass(kind, Enum):
        words = ", ".join(str(member.value) for member in kind)
        word = say("one of {choices}", choices=words)
        return Taker(word, frozenset({kind, str}), lambda value: _that(value, isinstance(value, str)))
    named = next((WORDS[one.__name__] for one in kind.__mro__ if one.__name__ in WORDS), None)
    word = named or say("an object of type {kind}", kind=kind.__name__)
    return Taker(word, frozenset({kind}), lambda value: _that(value, isinstance(value, kind)))


def _that(value: Any, fits: bool) -> Any:  # a value and its verdict
    if not fits:
        raise RefusedError
    return value


def _plain(value: Any) -> Any:
    """Return a number or truth value of numpy as one of Python; anything else as it is."""
    item = getattr(value, "item", None)
    return item() if item is not None and getattr(value, "ndim", None) == 0 else value


def _truth(value: Any) -> bool:
    plain = _plain(value)
    return bool(_that(plain, isinstance(plain, bool)))


def _whole(value: Any) -> int:
    plain = _plain(value)
    fits = isinstance(plain, Real) and not isinstance(plain, bool) and (isinstance(plain, Integral) or plain % 1 == 0)
    return int(_that(plain, fits))


def _number(value: Any) -> float:
    plain = _plain(value)
    _that(plain, isinstance(plain, Real) and not isinstance(plain, bool))
    return plain if isinstance(plain, int) else float(plain)


def _path(value: Any) -> Path:
    fits = isinstance(value, os.PathLike) and isinstance(os.fspath(value), str)
    return value if isinstance(value, Path) else Path(_that(value, fits))


SIMPLE: Mapping[Any, Taker] = {
    NoneType: Taker(say("None"), frozenset({NoneType}), lambda value: _that(value, value is None)),
    bool: Taker(say("True or False"), frozenset({bool}), _truth),
    int: Taker(say("a whole number"), frozenset({int}), _whole),
    float: Taker(say("a number"), frozenset({int, float}), _number),
    str: Taker(say("a text"), frozenset({str}), lambda value: _that(value, isinstance(value, str))),
    Path: Taker(say("a path"), frozenset({type(Path())}), _path),
}


def _list_of(part: Any) -> Taker:
    takers = _takers(part)

    def take(value: Any) -> Any:
        if isinstance(value, str) and part is str:
            return [value]  # one word means a list of it
        values = value.tolist() if getattr(value, "ndim", None) == 1 else value
        refused = isinstance(values, str | bytes | abc.Mapping) or hasattr(values, "columns")
        _that(value, isinstance(values, abc.Iterable) and not refused)
        values = values if isinstance(values, list | tuple) else values if _is_lasting(values) else list(values)
        if not takers:
            return values
        found = [_part(takers, one, f"[{place}]") for place, one in enumerate(values)]
        same = all(one is other for one, other in zip(found, values, strict=True))
        return values if same else tuple(found) if isinstance(values, tuple) else found

    word = say("a list")
    if takers:
        word = say("a list, each of it {part}", part=_expected(takers))
    return Taker(word, frozenset(), take)


def _is_lasting(values: Any) -> bool:
    """Whether values can be gone through more than once."""
    return isinstance(values, abc.Sequence)


def _names_of(part: Any) -> Taker:
    takers = _takers(part)

    def take(value: Any) -> Any:
        _that(value, isinstance(value, abc.Mapping))
        if not takers:
            return value
        found = {name: _part(takers, one, f"[{name!r}]") for name, one in value.items()}
        return value if all(found[name] is one for name, one in value.items()) else found

    return Taker(WORDS["Mapping"], frozenset(), take)


def _part(takers: tuple[Taker, ...], value: Any, place: str) -> Any:
    """Return a part of a list or mapping as it is meant; what is refused bears its place."""
    if any(type(value) in taker.at_once for taker in takers):
        return value
    try:
        return _take(takers, value)
    except RefusedError as refused:
        inner = refused.args[0] if refused.args else None
        at, wrong, what = inner if inner else ("", value, takers)
        raise RefusedError((place + at, wrong, what)) from None
