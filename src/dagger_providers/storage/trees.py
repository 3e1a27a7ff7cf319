"""Copies local files and directories into a store, hashing on the way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, cast

from dagger_providers.errors import SerializationError
from dagger_providers.storage.faults import storage_errors
from dagger_providers.storage.hashing import HashingWriter

if TYPE_CHECKING:
    from dagger_providers.storage.store import Store

_PIECE = 1 << 20


def copy_stream(source: BinaryIO, target: BinaryIO) -> None:
    """Copy the rest of a stream in pieces of a megabyte."""
    while piece := source.read(_PIECE):
        target.write(piece)


def open_local(source: str) -> BinaryIO:
    """Open a local file for reading."""
    with storage_errors(source):
        return open(source, "rb")


def copy_file(source: str, store: Store, path: str) -> tuple[str, int]:
    """Copy one local file; gives its sha256 and its size in bytes."""
    uri = store.join(path)
    with open_local(source) as reader:
        stream = store.open_write(path)
        writer = HashingWriter(stream, uri)
        try:
            copy_stream(reader, cast("BinaryIO", writer))
        finally:
            with storage_errors(uri):
                stream.close()
    return writer.sha256, writer.size


def copy_tree(source: str, store: Store, path: str) -> list[tuple[str, str, int]]:
    """Copy a local file or directory; gives (relative name, sha256, size) of each file, sorted.

    A file's relative name is empty. Empty folders are not kept: object stores have none.
    """
    if not os.path.isdir(source):
        return [("", *copy_file(source, store, path))]
    names = files_below(source)
    if not names:
        raise SerializationError(f"{source} is a directory without a file: object stores have none")
    return [
        (name, *copy_file(os.path.join(source, name), store, f"{path}/{name}")) for name in names
    ]


def files_below(folder: str) -> list[str]:
    """Relative names of all files in a directory tree, with `/` between parts, sorted.

    Raises:
        SerializationError: It holds a link to a directory, which could lead anywhere.
    """
    return sorted(_walk(folder, ""))


def _walk(folder: str, prefix: str) -> Iterator[str]:
    with storage_errors(folder):
        entries = list(os.scandir(folder))
    for entry in entries:
        name = f"{prefix}{entry.name}"
        if not entry.is_dir():
            yield name
        elif entry.is_symlink():
            raise SerializationError(f"{entry.path} links to a directory: copy its files instead")
        else:
            yield from _walk(entry.path, f"{name}/")
