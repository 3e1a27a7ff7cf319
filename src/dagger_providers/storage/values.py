"""Writes one value to a store, and reads it back verified."""

from __future__ import annotations

import os
from io import BytesIO
from typing import Any, BinaryIO, cast

from dagger_providers.errors import CorruptValueError, DeserializationError
from dagger_providers.serializers.contract import (
    AnySerializer,
    PathSerializer,
    Serializer,
    is_path_serializer,
)
from dagger_providers.serializers.spec import SerializerSpec
from dagger_providers.storage.artifact import Artifact
from dagger_providers.storage.faults import storage_errors
from dagger_providers.storage.hashing import (
    HashingWriter,
    identity_of_directory,
    sha256_of,
    sha256_of_bytes,
)
from dagger_providers.storage.store import Store


def write_value(
    store: Store, path: str, value: Any, serializer: AnySerializer, spec: SerializerSpec
) -> Artifact:
    """Write one value, hashing on the way.

    Args:
        store: Where to.
        path: Path in the store, without an extension: the serializer or the file adds it.
        value: The value; a path serializer copies the file or directory that it names.
        serializer: What writes it.
        spec: What the artifact says of the serializer.

    Raises:
        SerializationError: The value cannot be written.
        StorageError: The store cannot take it.
    """
    return write_value_at(store, path, value, serializer, spec, extend=True)


def write_value_at(
    store: Store,
    path: str,
    value: Any,
    serializer: AnySerializer,
    spec: SerializerSpec,
    *,
    extend: bool = False,
) -> Artifact:
    """Write one value at exactly `path`, or with the fitting extension where `extend` is set."""
    if is_path_serializer(serializer):
        return _copy(store, path, value, serializer, spec, extend)
    if extend and serializer.extension:
        path = f"{path}.{serializer.extension}"
    uri = store.join(path)
    stream = store.open_write(path)
    writer = HashingWriter(stream, uri)
    try:
        cast("Serializer", serializer).write(value, cast("BinaryIO", writer))
    finally:
        with storage_errors(uri):
            stream.close()
    return Artifact(path, writer.sha256, writer.size, spec)


def _copy(
    store: Store, path: str, value: Any, serializer: PathSerializer, spec: SerializerSpec,
    extend: bool,
) -> Artifact:  # fmt: skip
    # Files bring copying and pathlib with them, which other values do without.
    from dagger_providers.storage.trees import copy_file, copy_tree

    source = serializer.source_path(value)
    if not source.is_dir():
        path = f"{path}{source.suffix}" if extend else path
        return Artifact(path, *copy_file(os.fspath(source), store, path), spec)
    parts = tuple(
        Artifact(f"{path}/{name}", sha, size, spec)
        for name, sha, size in copy_tree(os.fspath(source), store, path)
    )
    return directory_artifact(path, parts, spec)


def directory_artifact(path: str, parts: tuple[Artifact, ...], spec: SerializerSpec) -> Artifact:
    """The artifact of a directory whose files are `parts`."""
    prefix = f"{path}/"
    sha256 = identity_of_directory((part.uri.removeprefix(prefix), part.sha256) for part in parts)
    return Artifact(path, sha256, sum(part.size for part in parts), spec, "directory", parts)


def read_file(store: Store, artifact: Artifact, serializer: AnySerializer) -> Any:
    """Read a value that is one file or one directory, verified against its artifact.

    Raises:
        MissingValueError: Nothing is there.
        CorruptValueError: Something else is there.
        DeserializationError: The bytes are as written, but the serializer expects others.
    """
    if is_path_serializer(serializer):
        return _read_path(store, artifact, serializer)
    return _read_stream(store, artifact, cast("Serializer", serializer))


def _read_stream(store: Store, artifact: Artifact, serializer: Serializer) -> Any:
    uri = store.join(artifact.uri)
    if artifact.sha256 and artifact.size <= _SMALL:
        data = store.read_bytes(artifact.uri)
        check_digest(uri, artifact.sha256, sha256_of_bytes(data))
        return decoded(uri, BytesIO(data), serializer)
    with store.open_read(artifact.uri) as stream:
        if artifact.sha256:
            with storage_errors(uri):
                check_digest(uri, artifact.sha256, sha256_of(stream))
                stream.seek(0)
        return decoded(uri, stream, serializer)


_SMALL = 1 << 17
"""Up to so many bytes a value is read at once."""


def decoded(uri: str, stream: BinaryIO, serializer: Serializer) -> Any:
    """Return the value in a stream of a file.

    Raises:
        DeserializationError: It holds something else; the message names the file.
    """
    try:
        return serializer.read(stream)
    except DeserializationError as error:
        raise DeserializationError(f"{uri}: {error}") from (error.__cause__ or error)


def _read_path(store: Store, artifact: Artifact, serializer: PathSerializer) -> Any:
    place = store.local_path(artifact.uri)
    if artifact.sha256:
        uri = store.join(artifact.uri)
        if artifact.kind == "directory":
            check_directory(uri, artifact, os.fspath(place))
        else:
            with storage_errors(uri), place.open("rb") as stream:
                check_digest(uri, artifact.sha256, sha256_of(stream))
    return serializer.read_path(place)


def check_directory(uri: str, artifact: Artifact, folder: str) -> None:
    """Refuse a folder that holds other files than a record says.

    Raises:
        CorruptValueError: It does.
    """
    from dagger_providers.storage.trees import files_below

    found = []
    for name in files_below(folder):
        with storage_errors(f"{uri}/{name}"), open(f"{folder}/{name}", "rb") as stream:
            found.append((name, sha256_of(stream)))
    check_digest(uri, artifact.sha256, identity_of_directory(found))


def check_digest(uri: str, expected: str, found: str) -> None:
    """Refuse bytes that are not what a record says.

    Raises:
        CorruptValueError: The digests differ.
    """
    if found != expected:
        raise CorruptValueError(
            f"{uri} was changed since it was written: expected sha256 {expected[:12]}…, "
            f"found {found[:12]}…"
        )
