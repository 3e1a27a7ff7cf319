"""Reads from a Python annotation how a value travels: serializer, stream, lazy reader, items."""

from __future__ import annotations

import typing
from collections import abc
from typing import Any

from dagger_providers.serializers.exact_json import is_native
from dagger_providers.serializers.spec import SerializerSpec
from dagger_providers.serializers.typeforms import (
    DICTS,
    LAZY_READERS,
    LISTS,
    STREAMS,
    frame_library,
    is_file_path,
    is_union,
    origin_of,
    unwrap,
)

_COLLECTIONS = (*LISTS, abc.Iterator, abc.Generator)


def spec_for(annotation: Any) -> SerializerSpec | None:
    """The serializer that an annotation asks for; None when none is known.

    - Data frames of pandas, polars and pyarrow travel as Parquet, `pathlib.Path` as a file or
      directory, `bytes` as they are; all else that JSON keeps or can restore as JSON.
    - `list[T]` is JSON if T is. A list of frames, paths or bytes has no serializer of its own: it
      is written item by item. Unions and mappings of frames or paths have none either.
    - A field of a dataclass, model or named tuple may be a path or bytes: as text, in JSON.

    Raises:
        UsageError: The annotations of a class cannot be resolved.
    """
    annotation = unwrap(annotation)
    frame = frame_library(annotation)
    if frame is not None:
        return SerializerSpec("parquet", (("frame", frame),))
    if is_file_path(annotation):
        return SerializerSpec("path")
    if annotation is bytes:
        return SerializerSpec("bytes")
    return SerializerSpec("json") if _has_json_form(annotation) else None


def is_json_native(annotation: Any) -> bool:
    """Whether JSON alone gives back its values: no annotation is needed to restore them."""
    return is_native(annotation)


def item_annotation(annotation: Any) -> Any:
    """T for `Iterator[T]`, `list[T]`, `tuple[T, ...]` and their like; None for no collection.

    A collection that does not name its items has items of `Any`.
    """
    annotation = unwrap(annotation)
    origin, args = origin_of(annotation), typing.get_args(annotation)
    if origin is tuple:
        if args and (len(args) != 2 or args[1] is not ...):  # noqa: PLR2004 - T and the dots
            return None
        return unwrap(args[0]) if args else Any
    if origin in _COLLECTIONS:
        return unwrap(args[0]) if args else Any
    return None


def is_stream(annotation: Any) -> bool:
    """Whether a result is produced one item at a time: `Iterator`, `Iterable`, `Generator`."""
    return origin_of(unwrap(annotation)) in STREAMS


def is_lazy_reader(annotation: Any) -> bool:
    """Whether an argument takes a lazy handle: `Iterable`, `Iterator`, `Sequence`."""
    return origin_of(unwrap(annotation)) in LAZY_READERS


def _has_json_form(annotation: Any) -> bool:
    if is_native(annotation):
        return True
    origin, args = origin_of(annotation), typing.get_args(annotation)
    if is_union(annotation) or origin in LISTS or origin in (tuple, set, frozenset):
        return all(part is ... or _travels_as_json(part) for part in args) and _restores(annotation)
    if origin in DICTS:
        return _travels_as_json(args[1]) and _restores(annotation)
    return _restores(annotation)


def _travels_as_json(annotation: Any) -> bool:
    spec = spec_for(annotation)
    return spec is not None and spec.name == "json"


def _restores(annotation: Any) -> bool:
    from dagger_providers.serializers.codecs import NoJsonForm, codec_for

    try:
        codec_for(annotation)
    except NoJsonForm as error:
        if error.__cause__ is not None:  # a class that cannot be read is told, not passed over
            raise
        return False
    return True
