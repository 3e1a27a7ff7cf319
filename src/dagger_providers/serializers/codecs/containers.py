"""JSON forms of lists, tuples, sets, mappings and unions whose members need restoring."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from dagger_providers.errors import DeserializationError
from dagger_providers.serializers.codecs.codec import (
    ARRAY,
    OBJECT,
    TEXT,
    Codec,
    Convert,
    Mismatch,
)
from dagger_providers.serializers.exact_json import dumps, loads

Build: TypeAlias = Callable[[Any], Codec]

TYPE_TAG, VALUE_TAG = "$type", "$value"


def convert_items(convert: Convert, items: Iterable[Any]) -> list[Any]:
    """Convert each item; a mismatch tells its position."""
    converted: list[Any] = []
    try:
        # An append each, so that the length says where it went wrong.
        for item in items:
            converted.append(convert(item))
    except Mismatch as mismatch:
        raise mismatch.at(f"[{len(converted)}]") from mismatch.__cause__
    return converted


def list_codec(item: Codec) -> Codec:
    """`list[T]`, and `Sequence[T]` and its like, whose values must be lists too."""
    name = f"list[{item.name}]"

    def walk(convert: Convert) -> Convert:
        def convert_list(value: Any) -> list[Any]:
            if type(value) is not list:
                advice = "annotate it as tuple[...]" if isinstance(value, tuple) else ""
                raise Mismatch(name, value, advice)
            return convert_items(convert, value)

        return convert_list

    return Codec(name, ARRAY, walk(item.encode), walk(item.decode))


def tuple_codec(members: Sequence[Codec], *, repeated: bool) -> Codec:
    """`tuple[A, B]`, or `tuple[A, ...]` when `repeated`; travels as an array."""
    ending = ", ...]" if repeated else "]"
    name = f"tuple[{', '.join(member.name for member in members)}{ending}"

    def check(kind: type[list[Any]] | type[tuple[Any, ...]], value: Any) -> None:
        if type(value) is not kind or not (repeated or len(value) == len(members)):
            raise Mismatch(name, value)

    def codec_of_each() -> Iterator[Codec]:
        return itertools.repeat(members[0]) if repeated else iter(members)

    def encode(value: Any) -> list[Any]:
        check(tuple, value)
        codecs = codec_of_each()
        return convert_items(lambda item: next(codecs).encode(item), value)

    def decode(data: Any) -> tuple[Any, ...]:
        check(list, data)
        codecs = codec_of_each()
        return tuple(convert_items(lambda item: next(codecs).decode(item), data))

    return Codec(name, ARRAY, encode, decode)


def set_codec(kind: type[set[Any]] | type[frozenset[Any]], item: Codec) -> Codec:
    """`set[T]` or `frozenset[T]`; travels as an array, sorted by the JSON text of its items."""
    name = f"{kind.__name__}[{item.name}]"

    def encode(value: Any) -> list[Any]:
        if type(value) is not kind:
            raise Mismatch(name, value)
        return sorted((item.encode(one) for one in value), key=dumps)

    def decode(data: Any) -> Any:
        if type(data) is not list:
            raise Mismatch(name, data)
        try:
            return kind(convert_items(item.decode, data))
        except TypeError as error:  # an item that cannot be in a set
            raise Mismatch(name, data) from error

    return Codec(name, ARRAY, encode, decode)


def dict_codec(key: Codec, item: Codec) -> Codec:
    """`dict[K, T]`; a key that is no text travels as the JSON text of what it encodes to."""
    name = f"dict[{key.name}, {item.name}]"
    is_text = key.shapes == TEXT

    def encode(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise Mismatch(name, value)
        return {_encode_key(one, key, is_text): _at(one, item.encode, part)
                for one, part in value.items()}  # fmt: skip

    def decode(data: Any) -> dict[Any, Any]:
        if type(data) is not dict:
            raise Mismatch(name, data)
        return {_decode_key(one, key, is_text): _at(one, item.decode, part)
                for one, part in data.items()}  # fmt: skip

    return Codec(name, OBJECT, encode, decode)


def _at(key: Any, convert: Convert, value: Any) -> Any:
    try:
        return convert(value)
    except Mismatch as mismatch:
        raise mismatch.at(f"[{key!r}]") from mismatch.__cause__


def _encode_key(key: Any, codec: Codec, is_text: bool) -> str:
    data = _at(key, codec.encode, key)
    return data if is_text else dumps(data).decode("utf-8")


def _decode_key(text: str, codec: Codec, is_text: bool) -> Any:
    if is_text:
        return _at(text, codec.decode, text)
    try:
        data = loads(text.encode("utf-8"))
    except DeserializationError as error:
        raise Mismatch(f"key {codec.name}", text) from error
    return _at(text, codec.decode, data)


@dataclass(frozen=True, slots=True)
class _Union:
    """The members of a union, in the order they are tried, and the tag of each."""

    name: str
    members: tuple[Codec, ...]
    tags: tuple[str, ...]

    def encode(self, value: Any) -> Any:
        for at, member in enumerate(self.members):
            try:
                data = member.encode(value)
            except Mismatch:
                continue
            if self.is_tagged(data) or any(_reads(other, data) for other in self.members[:at]):
                return {TYPE_TAG: self.tags[at], VALUE_TAG: data}
            return data
        raise Mismatch(self.name, value)

    def decode(self, data: Any) -> Any:
        if self.is_tagged(data):
            return self.members[self.tags.index(data[TYPE_TAG])].decode(data[VALUE_TAG])
        for member in self.members:
            if type(data) in member.shapes:
                try:
                    return member.decode(data)
                except Mismatch:
                    continue
        raise Mismatch(self.name, data)

    def is_tagged(self, data: Any) -> bool:
        keys = {TYPE_TAG, VALUE_TAG}
        return type(data) is dict and data.keys() == keys and data[TYPE_TAG] in self.tags


def union_codec(members: Sequence[Codec]) -> Codec:
    """`A | B`: the first member that fits.

    The data is the member's own where reading it tells the same member; else it is wrapped as
    `{"$type": member, "$value": data}`: the text "2013-01-01" in `date | str`, say.
    """
    names = [member.name for member in members]
    tags = [
        name if names.count(name) == 1 else f"{name}#{names[:at].count(name)}"
        for at, name in enumerate(names)
    ]
    union = _Union(" | ".join(names), tuple(members), tuple(tags))
    shapes = OBJECT.union(*(member.shapes for member in members))
    return Codec(union.name, shapes, union.encode, union.decode)


def _reads(member: Codec, data: Any) -> bool:
    if type(data) not in member.shapes:
        return False
    try:
        member.decode(data)
    except Mismatch:
        return False
    return True
