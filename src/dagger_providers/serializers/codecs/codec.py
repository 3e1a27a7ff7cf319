"""What turns values of one Python type into exact JSON data and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from dagger_providers.errors import UsageError, one_line
from dagger_providers.serializers.exact_json import find_inexact, is_exact, matches
from dagger_providers.serializers.typeforms import is_union, origin_of, type_name

Convert: TypeAlias = Callable[[Any], Any]

ANY_SHAPE = frozenset({type(None), bool, int, float, str, list, dict})
TEXT = frozenset({str})
NUMBER = frozenset({int, float})
OBJECT = frozenset({dict})
ARRAY = frozenset({list})


class Mismatch(Exception):  # noqa: N818 - always caught here, and told as a SerializationError
    """A value or its JSON data is not what a codec expects; containers add the way to it."""

    def __init__(self, expected: str, got: Any, advice: str = "") -> None:
        super().__init__(expected, got, advice)
        self.steps: list[str] = []

    def at(self, step: str) -> Mismatch:
        """Note that the place lies behind `step`, such as `[3]` or `.name`."""
        self.steps.append(step)
        return self

    def __str__(self) -> str:
        expected, got, advice = self.args
        place = "".join(["value", *reversed(self.steps)])
        text = f"{place}: expected {expected}, got {type(got).__name__} {shown(got)}"
        return f"{text}; {advice}" if advice else text


def shown(value: Any) -> str:
    """A value's repr in one short line, also when its class has a broken one."""
    try:
        return one_line(repr(value), 60)
    except Exception:  # the repr is the user's code
        return "(its repr fails)"


class NoJsonForm(UsageError):  # noqa: N818 - the answer to a question more than a fault
    """An annotation has no JSON form."""


@dataclass(frozen=True, slots=True, eq=False)
class Codec:
    """A pair of conversions.

    Attributes:
        name: The type's name, for errors and for the tag of a union's member.
        shapes: Which types its JSON data can have; tells a union's members apart.
        encode: From a value to exact JSON data; raises `Mismatch`.
        decode: From JSON data to the value; raises `Mismatch`.
    """

    name: str
    shapes: frozenset[type]
    encode: Convert
    decode: Convert


def native(annotation: Any) -> Codec:
    """The codec of what JSON gives back by itself.

    It checks that a value survives, not that it is what the annotation says: a plain call does
    not either, and an int given for a float has to stay one.
    """

    def same(value: Any) -> Any:
        if is_exact(value):
            return value
        step, culprit, advice = find_inexact(value) or ("", value, "")
        raise Mismatch("JSON", culprit, advice).at(step)

    name = type_name(annotation)
    return Codec(name, ANY_SHAPE, same, same)


def native_member(annotation: Any) -> Codec:
    """The same within a union or as a key, where the annotation tells the members apart."""

    def same(value: Any) -> Any:
        if is_exact(value) and matches(annotation, value):
            return value
        raise Mismatch(name, value)

    name = type_name(annotation)
    return Codec(name, _native_shapes(annotation), same, same)


def _native_shapes(annotation: Any) -> frozenset[type]:
    origin = origin_of(annotation)
    if origin in (str, bool, int, type(None)):
        return frozenset({origin})
    if origin is float:
        return NUMBER
    if is_union(annotation) or not isinstance(origin, type):
        return ANY_SHAPE
    return ARRAY if origin is list else OBJECT if origin is dict else ARRAY | OBJECT


def text(kind: Any, to_text: Callable[[Any], str], from_text: Callable[[str], Any]) -> Codec:
    """The codec of a class whose values are written as one string, told by exact type."""

    def encode(value: Any) -> str:
        if type(value) is not kind:
            raise Mismatch(name, value)
        return to_text(value)

    def decode(data: Any) -> Any:
        if type(data) is not str:
            raise Mismatch(name, data)
        try:
            return from_text(data)
        except (ValueError, ArithmeticError, LookupError) as error:
            raise Mismatch(name, data) from error

    name = type_name(kind)
    return Codec(name, TEXT, encode, decode)
