"""Finds the codec that restores the values of an annotation from JSON."""

from __future__ import annotations

import typing
from collections import abc
from collections.abc import Iterable
from typing import Any

from dagger_providers.serializers.codecs.classes import class_codec
from dagger_providers.serializers.codecs.codec import Codec, NoJsonForm, native, native_member
from dagger_providers.serializers.codecs.containers import (
    dict_codec,
    list_codec,
    set_codec,
    tuple_codec,
    union_codec,
)
from dagger_providers.serializers.codecs.scalars import scalar
from dagger_providers.serializers.exact_json import is_native
from dagger_providers.serializers.typeforms import (
    DICTS,
    LISTS,
    is_union,
    origin_of,
    type_name,
    unwrap,
)

_SETS: dict[Any, type[set[Any]] | type[frozenset[Any]]] = {
    set: set,
    abc.Set: set,
    abc.MutableSet: set,
    frozenset: frozenset,
}
_FINISHED: dict[Any, Codec] = {}


def codec_for(annotation: Any) -> Codec:
    """The codec of an annotation, made once for each.

    Raises:
        NoJsonForm: The annotation, or one within it, has no JSON form.
    """
    try:
        return _FINISHED[annotation]
    except KeyError:
        codec = _FINISHED[annotation] = _build(annotation, {})
        return codec
    except TypeError:  # unhashable, as `Annotated[int, []]` is
        return _build(annotation, {})


def _build(annotation: Any, begun: dict[Any, Codec | None]) -> Codec:
    """Build one codec; `begun` holds the classes that are being built around it."""
    annotation = unwrap(annotation)
    if is_native(annotation):
        return native(annotation)
    found = scalar(annotation) or _container(annotation, begun) or _class(annotation, begun)
    if found is None:
        raise NoJsonForm(
            f"{type_name(annotation)} has no JSON form; JSON restores dataclasses, pydantic "
            "models, enums, dates, Decimal, UUID, and tuples, sets and mappings of such"
        )
    return found


def _container(annotation: Any, begun: dict[Any, Codec | None]) -> Codec | None:
    origin, args = origin_of(annotation), typing.get_args(annotation)
    if is_union(annotation) or origin is typing.Literal:
        members = map(type, args) if origin is typing.Literal else args
        return union_codec([_member(member, begun) for member in _in_order(members)])
    if origin is tuple:
        return _tuple(args or (Any, ...), begun)
    if origin in LISTS:
        return list_codec(_build(args[0], begun))
    if origin in DICTS:
        return dict_codec(_member(args[0], begun), _build(args[1], begun))
    if origin in _SETS:
        return set_codec(_SETS[origin], _build(args[0] if args else Any, begun))
    return None


def _in_order(members: Iterable[Any]) -> list[Any]:
    """A union's members, those that JSON keeps by itself last, each group by name.

    Python calls `str | date` and `date | str` equal, so their values must be written alike.
    """
    return sorted(
        dict.fromkeys(map(unwrap, members)),
        key=lambda one: (is_native(one), type_name(one), getattr(one, "__module__", "")),
    )


def _tuple(args: tuple[Any, ...], begun: dict[Any, Codec | None]) -> Codec:
    if args[-1] is ...:
        return tuple_codec([_build(args[0], begun)], repeated=True)
    return tuple_codec([_build(member, begun) for member in args], repeated=False)


def _member(annotation: Any, begun: dict[Any, Codec | None]) -> Codec:
    annotation = unwrap(annotation)
    return native_member(annotation) if is_native(annotation) else _build(annotation, begun)


def _class(annotation: Any, begun: dict[Any, Codec | None]) -> Codec | None:
    if annotation in begun:
        return _later(annotation, begun)
    begun[annotation] = None
    begun[annotation] = codec = class_codec(annotation, lambda part: _build(part, begun))
    return codec


def _later(annotation: Any, begun: dict[Any, Codec | None]) -> Codec:
    """Stands for a class within itself, until that is built."""
    built = begun[annotation]
    if built is not None:
        return built

    def codec() -> Codec:
        found = begun[annotation]
        assert found is not None  # noqa: S101 - conversions start after the build
        return found

    return Codec(
        type_name(annotation),
        frozenset({dict}),
        lambda value: codec().encode(value),
        lambda data: codec().decode(data),
    )
