"""What a store does, and which one a location belongs to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO, Protocol

from dagger_providers.serializers.records import EMPTY
from dagger_providers.storage.local import LocalStore
from dagger_providers.storage.schemes import LOCAL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any


class Store(Protocol):
    """A folder somewhere; frozen and picklable.

    A path is relative to the folder, with `/` between its parts, or absolute on the same file
    system; `../` at its start leads to what lies beside the folder. Errors are
    `MissingValueError` where nothing is, else `StorageError`.
    """

    @property
    def uri(self) -> str:
        """The folder: an absolute path, or an fsspec URI."""

    def join(self, *parts: str) -> str:
        """Full path or URI of a path in this store."""

    def read_bytes(self, path: str) -> bytes:
        """All bytes of a file."""

    def open_read(self, path: str) -> BinaryIO:
        """Open a file for reading; the stream is seekable."""

    def open_write(self, path: str) -> BinaryIO:
        """Open a file for writing from scratch; missing folders are made."""

    def write_atomic(self, path: str, data: bytes) -> None:
        """Write a small file so that a reader sees the old one or the new one, whole."""

    def write_new(self, path: str, data: bytes) -> bool:
        """Write a small file, whole, where none is; says whether it did."""

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there."""

    def is_directory(self, path: str) -> bool:
        """Whether a folder is there; object stores have one wherever files lie below."""

    def list(self, path: str) -> list[str]:
        """Names in a folder, sorted; none when it is missing, which object stores cannot tell."""

    def local_path(self, path: str) -> Path:
        """A file or folder as a local path: itself, or a download that lives until exit."""

    def put_path(self, source: str | os.PathLike[str], path: str) -> None:
        """Copy a local file or folder to a path in this store."""

    def remove(self, path: str) -> None:
        """Remove a file or folder; nothing happens when it is missing."""


def open_store(uri: str | os.PathLike[str], options: Mapping[str, Any] = EMPTY) -> Store:
    """The store at a local path, a `file://` URI or any other fsspec URI.

    Nothing is read or made; a local store needs no fsspec.

    Args:
        uri: Where it is.
        options: What its driver is told, besides its environment and fsspec's configuration: for a
            process that reaches several stores of one kind, each with credentials of its own.

    Raises:
        MissingExtraError: The driver for the URI's scheme is not installed.
        UsageError: No driver knows the scheme.
    """
    text = os.fspath(uri)
    for scheme in LOCAL:
        if text.startswith(scheme):
            return LocalStore.at(text.removeprefix(scheme))
    if "://" not in text:
        return LocalStore.at(text)
    from dagger_providers.storage.remote import RemoteStore

    return RemoteStore.at(text, options)


def open_parent(location: str | os.PathLike[str]) -> tuple[Store, str]:
    """The store that holds a location, and the location's name in it."""
    text = os.fspath(location).rstrip("/")
    parent, slash, name = text.rpartition("/")
    if not slash:
        return open_store(os.curdir), text
    # A bucket is no parent to look into: `memory://x` and `s3://x` are stores with a name "".
    if parent.endswith(":/"):
        return open_store(text), ""
    return open_store(parent or "/"), name
