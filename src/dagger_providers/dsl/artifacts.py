"""Read a value that lies at a location of its own, or let a recorded pipeline read it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from dagger_providers.card import Stored
from dagger_providers.card.annotations import address_of_class
from dagger_providers.card.artifacts import artifact_at
from dagger_providers.dsl.decorators import active
from dagger_providers.dsl.references import Reference
from dagger_providers.errors import BuildError, FormatError, ModelError, UsageError
from dagger_providers.serializers import (
    SerializerSpec,
    is_json_native,
    load,
    spec_for,
    spec_of_name,
)
from dagger_providers.serializers.typeforms import type_name, unwrap


def artifact(
    uri: str | os.PathLike[str],
    annotation: Any = None,
    *,
    sha256: str | None = None,
    serializer: str | Mapping[str, Any] | SerializerSpec | None = None,
) -> Any:
    """Read the value at a location: a file of your own, which no task of the pipeline has written.

    Example: ``fit(artifact("s3://bucket/flights.parquet", sha256="9f86d0..."))``. In a pipeline
    that is recorded it stands for the value, as a result does; each task that is given it reads it
    where it runs. Else the value is read at once.

    Args:
        uri: A path or an fsspec URI, known when the pipeline is built. A relative path is relative
            to the working folder, and refused by targets that run elsewhere.
        annotation: What the value is, as a task's result would be annotated: a data frame of
            pandas, polars or pyarrow, `pathlib.Path` for the file or folder itself, ``str``,
            ``bytes``, or for JSON a class, or a list of one, that it restores. By default as the
            serializer gives it: plain JSON data, a data frame of pandas.
        sha256: The sha256 that the file must have, in hex. Without one it is read unchecked, and
            nodes that read it are not cached.
        serializer: What it is written by, as in ``@task(serializer=...)``; by default what the
            ending of its name tells, or else the annotation.

    Raises:
        BuildError: It cannot be read by what is said of it; a pickle has no sha256; the URI holds
            a password, or is a result.
        StorageError: When it is read: nothing is there, or something else.
        DeserializationError: When it is read: its serializer expects something else.
    """
    if isinstance(uri, Reference):
        raise BuildError(
            f"artifact: its URI is known when the pipeline is built, and {uri!r} is not: take it "
            "as a str in a task, and read it there"
        )
    if not isinstance(uri, str | os.PathLike):
        raise BuildError(f"artifact: expected a path or URI, got {uri!r:.80}")
    place = os.fspath(uri)
    try:
        spec = _spec(place, annotation, serializer)
        found = artifact_at(place, sha256, spec)
        reader = load(found.serializer, annotation if found.serializer.annotation else None)
    except (FormatError, ModelError, UsageError) as error:
        raise BuildError(str(error)) from error
    recorder = active.get()
    return recorder.artifact(found) if recorder is not None else _read(found, reader)


def _read(found: Stored, reader: Any) -> Any:
    from dagger_providers.storage import read_location

    expect = f"sha256:{found.sha256}" if found.sha256 else None
    return read_location(found.uri, reader, expect=expect)


def _spec(place: str, annotation: Any, given: Any) -> SerializerSpec | None:
    """Return what reads a value of an annotation; None where only the file's name can tell."""
    spec = None
    if given is not None:
        spec = given if isinstance(given, SerializerSpec) else SerializerSpec.from_json(given)
    if annotation is None:
        return spec
    annotation = unwrap(annotation)
    asked = spec_for(annotation)
    spec = spec or _of_both(place, asked, annotation)
    if asked is not None and asked.name == "parquet" and spec.name in {"csv", "parquet"}:
        return SerializerSpec(spec.name, {**dict(asked.options), **dict(spec.options)}.items())
    if spec.name != "json" or is_json_native(annotation):
        return spec
    address = address_of_class(annotation)
    if address is None:
        raise UsageError(
            f"artifact {place!r}: {type_name(annotation)} has no name by which each process finds "
            "it: give a class, or list[...] of one"
        )
    return SerializerSpec("json", spec.options, address)


_READ_AS = {"json": {"json"}, "parquet": {"parquet", "csv"}}
"""What files may be written by whose annotation asks for a serializer; others take all bytes."""


def _of_both(place: str, asked: SerializerSpec | None, annotation: Any) -> SerializerSpec:
    """Return what reads a file by the ending of its name and by what it is said to be."""
    named = spec_of_name(place)
    if named is not None and named.name == "pickle" and annotation is not bytes:
        return named
    if annotation is str and (named is None or named.name != "json"):
        return SerializerSpec("text")
    shown = type_name(annotation)
    if asked is None:
        raise UsageError(
            f"artifact {place!r}: there is no serializer for {shown}; name one that reads it: "
            "serializer='pickle', or 'module:Class'"
        )
    if named is None or asked.name not in _READ_AS:
        return asked
    if named.name not in _READ_AS[asked.name]:
        raise UsageError(
            f"artifact {place!r} is {named.name} by its name, which gives no {shown}; if the name "
            f"misleads, say what it is written by: serializer={asked.name!r}"
        )
    return named if asked.name == "parquet" else asked
