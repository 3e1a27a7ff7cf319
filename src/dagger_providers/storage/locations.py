"""Values at plain locations: a path or URI that holds the value itself, and nothing about it.

This is what `run-node --input NAME LOCATION --output NAME LOCATION` reads and writes.
"""

from __future__ import annotations

import errno
import os
from typing import Any, cast

from dagger_providers.errors import CorruptValueError, UsageError
from dagger_providers.serializers.contract import (
    AnySerializer,
    Serializer,
    is_path_serializer,
)
from dagger_providers.serializers.spec import SerializerSpec
from dagger_providers.storage.artifact import Artifact, packed
from dagger_providers.storage.faults import storage_errors
from dagger_providers.storage.hashing import sha256_of
from dagger_providers.storage.layout import check_replaceable, part_names
from dagger_providers.storage.local import LocalStore, stage_name
from dagger_providers.storage.partitions import (
    MANIFEST,
    partitioned_artifact,
    read_value,
    write_partitions,
)
from dagger_providers.storage.store import Store, open_parent
from dagger_providers.storage.values import decoded, directory_artifact, write_value_at

_HELD = (errno.EBUSY, errno.EXDEV)
"""What renaming over a mounted file or folder gives: containers mount single locations."""


def read_location(
    location: str | os.PathLike[str],
    serializer: AnySerializer,
    *,
    depth: int = 0,
    expect: str | None = None,
) -> Any:
    """Read the value at a plain location.

    Args:
        location: A path or an fsspec URI.
        serializer: What reads the value, or each item.
        depth: 0 for a value; 1 for a partitioned one, a directory with `partitions.json` or, in
            its absence, files named by number; 2 for a directory of such, and so on.
        expect: The identity that it must have, as "sha256:<hex>"; None reads it unchecked.

    Returns:
        The value, or a `Partitions` handle, nested as the location is.

    Raises:
        MissingValueError: Nothing is there, or a part is missing.
        CorruptValueError: It has another identity than expected.
        DeserializationError: It is not what the serializer expects.
        UsageError: It is a file and should be a directory, or the reverse.
    """
    store, name = open_parent(location)
    if not depth and not is_path_serializer(serializer) and store.is_directory(name):
        uri = store.join(name)
        raise UsageError(f"{uri} is a directory; expected a file in format {serializer.name!r}")
    wanted = _hex(expect) if expect is not None else None
    if wanted is not None and not depth and not is_path_serializer(serializer):
        return _read_checked(store, name, cast("Serializer", serializer), wanted)
    artifact = _describe(store, name, serializer, depth, measured=wanted is not None)
    if wanted is not None:
        _check(store.join(name), wanted, artifact.sha256)
    return read_value(store, artifact, serializer)


def _read_checked(store: Store, name: str, serializer: Serializer, wanted: str) -> Any:
    """Read a file that is fetched once, both to check and to decode it."""
    uri = store.join(name)
    with store.open_read(name) as stream:
        with storage_errors(uri):
            _check(uri, wanted, sha256_of(stream))
            stream.seek(0)
        return decoded(uri, stream, serializer)


def _check(uri: str, wanted: str, found: str) -> None:
    if found != wanted:
        raise CorruptValueError(
            f"{uri} was changed since it was written, or is another file than is meant: expected "
            f"sha256 {wanted[:12]}…, found {found[:12]}…"
        )


def identity_at(
    location: str | os.PathLike[str], serializer: AnySerializer, *, depth: int = 0
) -> str:
    """Return the sha256 of what lies at a plain location, in hex; see `read_location`.

    Raises:
        MissingValueError: Nothing is there, or a part is missing.
    """
    store, name = open_parent(location)
    return _describe(store, name, serializer, depth, measured=True).sha256


def write_location(
    location: str | os.PathLike[str], value: Any, serializer: AnySerializer, *, depth: int = 0
) -> Artifact:
    """Write a value to a plain location, also over one that is there.

    It is written beside the location and then takes its place, so that a reader never sees a
    half value. A directory of partitions on a remote store has no such moment: there its
    `partitions.json` is written last.

    Args:
        location: A path or an fsspec URI; missing folders above it are made.
        value: The value; with a `depth` of 1, an iterable of items, with 2, of iterables.
        serializer: What writes the value, or each item.
        depth: See `read_location`.

    Returns:
        What was written; its `uri` is the absolute location.

    Raises:
        SerializationError: The value cannot be written. The location is as it was.
        StorageError: The location cannot be written.
        UsageError: It is a directory with files that are no partitions. Only a value that is a
            directory itself replaces any other.
    """
    store, name = open_parent(location)
    if isinstance(store, LocalStore):
        store, name = open_parent(_real(store.join(name)))
    if depth or not is_path_serializer(serializer):
        check_replaceable(store, name)
    if isinstance(store, LocalStore):
        staged = stage_name(store.join(name))
        beside: Store = store
    else:
        from dagger_providers.storage.downloads import download_folder

        staged, beside = "value", LocalStore.at(download_folder())
    try:
        written = _write(beside, staged, value, serializer, depth)
        if isinstance(store, LocalStore):
            _take_place(staged, store.join(name))
        else:
            _upload(beside.join(staged), store, name)
    finally:
        beside.remove(staged)
    return written.at(store.join(name))


def _real(target: str) -> str:
    """Where a local location leads: a link to it stays one."""
    target = os.path.realpath(target)
    if os.path.exists(target) and not os.path.isfile(target) and not os.path.isdir(target):
        raise UsageError(f"{target} is a device or pipe, which an output would replace")
    return target


def _write(store: Store, path: str, value: Any, serializer: AnySerializer, depth: int) -> Artifact:
    spec = SerializerSpec(serializer.name)
    if depth:
        return write_partitions(store, path, value, serializer, spec, depth=depth)
    return write_value_at(store, path, value, serializer, spec)


def _take_place(staged: str, target: str) -> None:
    """Move what was written to where it belongs."""
    with storage_errors(target):
        try:
            _replace(staged, target)
        except OSError as error:
            if error.errno not in _HELD:
                raise
            _fill(staged, target)


def _replace(staged: str, target: str) -> None:
    directories = os.path.isdir(staged) or os.path.isdir(target)
    if not directories or not os.path.lexists(target):
        os.replace(staged, target)
        return
    old = stage_name(target)
    os.rename(target, old)  # nothing renames over a directory, nor a directory over anything
    try:
        os.rename(staged, target)
    except OSError:
        os.rename(old, target)
        raise
    LocalStore.at(old).remove("")


def _fill(staged: str, target: str) -> None:
    """Rewrite a location that cannot be replaced, since something is mounted there."""
    import shutil

    if not os.path.isdir(staged):
        shutil.copyfile(staged, target)
        return
    folder = LocalStore.at(target)
    for name in sorted(folder.list(""), key=lambda name: name != MANIFEST):
        folder.remove(name)
    for name in sorted(os.listdir(staged), key=lambda name: name == MANIFEST):
        shutil.move(os.path.join(staged, name), os.path.join(target, name))


def _upload(staged: str, store: Store, path: str) -> None:
    """Copy a staged value to a remote store; the manifest of the old one goes first."""
    if store.is_directory(path):
        store.remove(f"{path}/{MANIFEST}")
        store.remove(path)
    elif os.path.isdir(staged):
        store.remove(path)
    if not os.path.isdir(staged):
        store.put_path(staged, path)
        return
    for name in sorted(os.listdir(staged), key=lambda name: name == MANIFEST):
        store.put_path(os.path.join(staged, name), f"{path}/{name}")


def _describe(
    store: Store, path: str, serializer: AnySerializer, depth: int, *, measured: bool
) -> Artifact:
    """The artifact of what lies at a location; its digests are empty unless `measured`."""
    spec = SerializerSpec(serializer.name)
    if depth:
        parts = (
            _describe(store, f"{path}/{name}", serializer, depth - 1, measured=measured)
            for name in part_names(store, path)
        )
        return partitioned_artifact(path, packed(path, spec, parts), spec)
    if not measured:
        return Artifact(path, "", 0, spec)
    if is_path_serializer(serializer) and store.is_directory(path):
        return _describe_directory(store, path, spec)
    with store.open_read(path) as stream, storage_errors(store.join(path)):
        return Artifact(path, sha256_of(stream), stream.tell(), spec)


def _describe_directory(store: Store, path: str, spec: SerializerSpec) -> Artifact:
    from dagger_providers.storage.trees import files_below

    folder = os.fspath(store.local_path(path))
    files = []
    for name in files_below(folder):
        with storage_errors(store.join(path, name)), open(f"{folder}/{name}", "rb") as stream:
            files.append(Artifact(f"{path}/{name}", sha256_of(stream), stream.tell(), spec))
    return directory_artifact(path, tuple(files), spec)


def _hex(expect: str) -> str:
    kind, _, digest = expect.partition(":")
    if kind != "sha256" or len(digest) != 64:  # noqa: PLR2004 - 256 bits in hex
        raise UsageError(f"expected a digest as 'sha256:<64 hex digits>', got {expect!r:.90}")
    return digest.lower()
