"""A store behind fsspec: memory, object stores, SFTP and what else has a driver."""

from __future__ import annotations

import io
import os
import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

import fsspec

from dagger_providers.errors import MissingExtraError, UsageError, one_line
from dagger_providers.serializers.records import EMPTY, Record
from dagger_providers.storage.downloads import download_folder
from dagger_providers.storage.faults import storage_errors
from dagger_providers.storage.schemes import scheme_of
from dagger_providers.storage.trees import copy_stream, copy_tree

_EXTRAS = {
    "s3": "s3",
    "s3a": "s3",
    "gs": "gcs",
    "gcs": "gcs",
    "az": "azure",
    "abfs": "azure",
    "abfss": "azure",
    "adl": "azure",
}


class RemoteStore(Record):
    """A folder that fsspec reaches; see `Store` for what it does.

    Options of the driver (endpoints, keys) come from its environment or fsspec's configuration,
    or are given, so that no secret is part of a location. `memory://` lives in the threads of one
    process.

    Attributes:
        uri: Its URI, without a trailing slash.
        options: Options of the driver that are for this store only.
    """

    uri: str
    options: Mapping[str, Any] = EMPTY

    def __hash__(self) -> int:
        return hash(self.uri)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(uri={self.uri!r})"  # options may be secrets

    @classmethod
    def at(cls, uri: str, options: Mapping[str, Any] = EMPTY) -> RemoteStore:
        """The store at a URI whose driver is installed.

        Raises:
            MissingExtraError: The driver is not installed.
            UsageError: No driver knows the scheme.
        """
        place = uri.rstrip("/") if not uri.endswith("://") else uri
        store = cls(place, dict(options)) if options else cls(place)
        scheme = scheme_of(uri)
        try:
            fsspec.get_filesystem_class(scheme)
        except ImportError as error:
            if scheme not in _EXTRAS:
                raise UsageError(f"{uri}: {one_line(error)}") from error
            raise MissingExtraError(f"a location at {scheme}://", _EXTRAS[scheme]) from error
        except ValueError as error:
            raise UsageError(f"{uri}: no file system is known as {scheme}://") from error
        return store

    def join(self, *parts: str) -> str:
        """Full URI of a path in this store."""
        joined = self.uri
        for part in parts:
            if "://" in part:
                joined = part
            elif part:
                joined = _below(joined, part)
        return joined

    def read_bytes(self, path: str) -> bytes:
        """All bytes of a file, by one request."""
        fs, place = self._find(path)
        with storage_errors(self.join(path)):
            return cast("bytes", fs.cat_file(place))

    def open_read(self, path: str) -> BinaryIO:
        """Open a file for reading, fetched whole: readers verify it first, then decode it."""
        return io.BytesIO(self.read_bytes(path))

    def open_write(self, path: str) -> BinaryIO:
        """Open a file for writing from scratch."""
        fs, place = self._find(path)
        with storage_errors(self.join(path)):
            try:
                return cast("BinaryIO", fs.open(place, "wb"))
            except FileNotFoundError:  # a driver with real folders; buckets are never made here
                fs.makedirs(posixpath.dirname(place), exist_ok=True)
                return cast("BinaryIO", fs.open(place, "wb"))

    def write_atomic(self, path: str, data: bytes) -> None:
        """Write a small file by a single put, which object stores make atomic."""
        fs, place = self._find(path)
        with storage_errors(self.join(path)):
            try:
                fs.pipe_file(place, data)
            except FileNotFoundError:
                fs.makedirs(posixpath.dirname(place), exist_ok=True)
                fs.pipe_file(place, data)

    def write_new(self, path: str, data: bytes) -> bool:
        """Write a small file if none is there; of two at the same moment, the last wins."""
        if self.exists(path):
            return False
        self.write_atomic(path, data)
        return True

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there."""
        fs, place = self._find(path, fresh=True)
        with storage_errors(self.join(path)):
            return bool(fs.exists(place))

    def is_directory(self, path: str) -> bool:
        """Whether files lie below a path."""
        fs, place = self._find(path, fresh=True)
        with storage_errors(self.join(path)):
            return bool(fs.isdir(place))

    def list(self, path: str) -> list[str]:
        """Names in a folder, sorted; none when it is missing."""
        fs, place = self._find(path, fresh=True)
        with storage_errors(self.join(path)):
            try:
                found = fs.ls(place, detail=False)
            except FileNotFoundError:
                return []
        paths = {name.rstrip("/") for name in found} - {place.rstrip("/")}  # a folder's own marker
        return sorted(posixpath.basename(name) for name in paths)

    def local_path(self, path: str) -> Path:
        """Download a file or folder; the copy lives until this process ends."""
        fs, place = self._find(path, fresh=True)
        target = Path(download_folder()) / posixpath.basename(place)
        with storage_errors(self.join(path)):
            if fs.isfile(place):
                self._download(fs, place, target)
                return target
            found = fs.find(place)
            if not found and not fs.exists(place):
                raise FileNotFoundError(place)
            target.mkdir(parents=True, exist_ok=True)
            for name in found:
                self._download(fs, name, target / posixpath.relpath(name, place))
        return target

    def put_path(self, source: str | os.PathLike[str], path: str) -> None:
        """Upload a local file or folder."""
        copy_tree(os.fspath(source), self, path)

    def remove(self, path: str) -> None:
        """Remove a file or folder, if it is there."""
        fs, place = self._find(path, fresh=True)
        with storage_errors(self.join(path)):
            if fs.exists(place):
                fs.rm(place, recursive=True)

    def _find(self, path: str, *, fresh: bool = False) -> tuple[Any, str]:
        uri = self.join(path)
        with storage_errors(uri):
            fs, place = find(uri, self.options)
            if fresh:  # drivers remember listings: another process may have written since
                fs.invalidate_cache()
        return fs, place

    @staticmethod
    def _download(fs: Any, name: str, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        with fs.open(name, "rb") as source, target.open("wb") as stream:
            copy_stream(source, stream)


def find(uri: str, options: Mapping[str, Any] = EMPTY) -> tuple[Any, str]:
    """Return the file system that reaches a URI, and the URI's path in it."""
    # By scheme: they are for what lies at the end of a chain such as `simplecache::s3://bucket`.
    given = {scheme_of(uri): dict(options)} if options else {}
    fs, place = fsspec.core.url_to_fs(uri, **given)
    return fs, place


def _below(folder: str, path: str) -> str:
    """Return a path in a folder, or beside it: no bucket knows what `../` means."""
    while path.startswith("../"):
        folder, path = folder.rpartition("/")[0], path[3:]
    return folder + path if folder.endswith("/") else f"{folder}/{path}"
