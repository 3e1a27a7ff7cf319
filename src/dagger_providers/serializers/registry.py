"""Finds a serializer by name, and imports it only then."""

from __future__ import annotations

import importlib
from typing import Any

from dagger_providers.errors import UsageError, one_line
from dagger_providers.serializers.contract import AnySerializer, is_path_serializer
from dagger_providers.serializers.json_values import json_serializer
from dagger_providers.serializers.spec import SerializerSpec
from dagger_providers.serializers.typeforms import frame_library

_BUILT_IN = {
    "bytes": ("dagger_providers.serializers.plain", "BytesSerializer"),
    "csv": ("dagger_providers.serializers.frames", "CsvSerializer"),
    "parquet": ("dagger_providers.serializers.frames", "ParquetSerializer"),
    "path": ("dagger_providers.serializers.files", "FileSerializer"),
    "pickle": ("dagger_providers.serializers.plain", "PickleSerializer"),
    "text": ("dagger_providers.serializers.plain", "TextSerializer"),
}
_OPTIONS = {"csv": ("frame",), "parquet": ("frame",)}
_SUFFIXES = {
    "json": "json",
    "csv": "csv",
    "parquet": "parquet",
    "txt": "text",
    "bin": "bytes",
    "pickle": "pickle",
    "pkl": "pickle",
}

NAMES = tuple(sorted(("json", *_BUILT_IN)))
"""The built-in serializers."""


SUFFIXES = tuple(f".{suffix}" for suffix in _SUFFIXES)
"""The endings of names that tell what a file is written by."""


def spec_of_name(location: str) -> SerializerSpec | None:
    """The serializer that the ending of a file's name tells; None where it tells none."""
    name = location.partition("?")[0] if "://" in location else location
    _, dot, suffix = name.rpartition("/")[2].rpartition(".")
    found = _SUFFIXES.get(suffix.lower()) if dot else None
    return None if found is None else SerializerSpec(found)


def load(spec: SerializerSpec | str, annotation: Any = None) -> AnySerializer:
    """The serializer that `spec` names.

    Args:
        spec: What the model or a record says; a bare name will do.
        annotation: The resolved Python annotation of the value, for JSON to restore and for
            Parquet and CSV to tell the frame library; None for none.

    Raises:
        UsageError: The name, an option or a custom class is unknown or does not fit.
    """
    spec = SerializerSpec(spec) if isinstance(spec, str) else spec
    if ":" in spec.name:
        return _custom(spec)
    _check_built_in(spec)
    if spec.name == "json":
        return json_serializer(annotation)
    options = dict(spec.options)
    frame = frame_library(annotation)
    if frame is not None and "frame" in _OPTIONS.get(spec.name, ()):
        options.setdefault("frame", frame)
    module, name = _BUILT_IN[spec.name]
    made: AnySerializer = getattr(importlib.import_module(module), name)(**options)
    return made


def _check_built_in(spec: SerializerSpec) -> None:
    if spec.name not in NAMES:
        raise UsageError(
            f"unknown serializer {spec.name!r}; known: {', '.join(NAMES)}, "
            "or a class of yours as 'module:Class'"
        )
    known = _OPTIONS.get(spec.name, ())
    for option, _ in spec.options:
        if option not in known:
            exists = f"known: {', '.join(known)}" if known else "it has none"
            raise UsageError(f"unknown option {option!r} of serializer {spec.name!r}; {exists}")


def _custom(spec: SerializerSpec) -> AnySerializer:
    module, _, path = spec.name.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise UsageError(
            f"serializer {spec.name!r} cannot be imported: {one_line(error)}"
        ) from error
    try:
        made: AnySerializer = found(**dict(spec.options))
    except TypeError as error:
        raise UsageError(f"serializer {spec.name!r} cannot be made: {one_line(error)}") from error
    moves_files = is_path_serializer(made)
    needed = ("name", "extension", *(("read_path",) if moves_files else ("write", "read")))
    missing = [name for name in needed if not hasattr(made, name)]
    if missing:
        raise UsageError(f"serializer {spec.name!r} has no {', '.join(missing)}")
    return made
