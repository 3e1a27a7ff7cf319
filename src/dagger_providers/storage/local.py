"""A store in a local folder, through `os` alone."""
# Importing pathlib takes a good part of a small container's start: hence `os.path` in this package.

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from dagger_providers.serializers.records import Record
from dagger_providers.storage.faults import storage_errors

if TYPE_CHECKING:
    from pathlib import Path


class LocalStore(Record):
    """A folder on this machine; see `Store` for what it does.

    Attributes:
        uri: Its absolute path.
    """

    uri: str

    @classmethod
    def at(cls, path: str) -> LocalStore:
        """The store at a path; `~` is the user's home."""
        return cls(os.path.abspath(os.path.expanduser(path)))

    def join(self, *parts: str) -> str:
        """Full path of a path in this folder."""
        if len(parts) == 1 and not _UNUSUAL.search(parts[0]):
            return f"{self.uri}/{parts[0]}"
        return os.path.normpath(os.path.join(self.uri, *parts))

    def read_bytes(self, path: str) -> bytes:
        """All bytes of a file."""
        place = self.join(path)
        with storage_errors(place):
            file = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
            try:
                return _read_all(file)
            finally:
                os.close(file)

    def open_read(self, path: str) -> BinaryIO:
        """Open a file for reading."""
        place = self.join(path)
        with storage_errors(place):
            return open(place, "rb")

    def open_write(self, path: str) -> BinaryIO:
        """Open a file for writing from scratch; missing folders are made."""
        place = self.join(path)
        with storage_errors(place):
            try:
                return open(place, "wb")
            except FileNotFoundError:
                os.makedirs(os.path.dirname(place), exist_ok=True)
                return open(place, "wb")

    def write_atomic(self, path: str, data: bytes) -> None:
        """Write a small file beside its place, then rename it."""
        # No fsync: it costs more than most tasks' values do, and after a crash of the machine
        # readers verify by checksum, so a torn file is found and never taken for a value.
        place = self.join(path)
        staged = stage_name(place)
        with storage_errors(place):
            try:
                _write_new(staged, data)
                os.replace(staged, place)
            except BaseException:
                with suppress(OSError):
                    os.remove(staged)
                raise

    def write_new(self, path: str, data: bytes) -> bool:
        """Write a small file beside its place, then link it there: of two, the first wins."""
        place = self.join(path)
        staged = stage_name(place)
        with storage_errors(place):
            try:
                _write_new(staged, data)
                return _link(staged, place)
            finally:
                with suppress(FileNotFoundError):
                    os.remove(staged)

    def exists(self, path: str) -> bool:
        """Whether anything is there."""
        return os.path.lexists(self.join(path))

    def is_directory(self, path: str) -> bool:
        """Whether a folder is there."""
        return os.path.isdir(self.join(path))

    def list(self, path: str) -> list[str]:
        """Names in a folder, sorted; none when it is missing."""
        place = self.join(path)
        with storage_errors(place):
            try:
                return sorted(os.listdir(place))
            except FileNotFoundError:
                return []

    def local_path(self, path: str) -> Path:
        """The file or folder itself."""
        from pathlib import Path

        place = self.join(path)
        with storage_errors(place):
            os.stat(place)
        return Path(place)

    def put_path(self, source: str | os.PathLike[str], path: str) -> None:
        """Copy a file or folder to a path in this folder."""
        from dagger_providers.storage.trees import copy_tree

        copy_tree(os.fspath(source), self, path)

    def remove(self, path: str) -> None:
        """Remove a file or folder, if it is there."""
        place = self.join(path)
        with storage_errors(place):
            if os.path.isdir(place) and not os.path.islink(place):
                import shutil

                shutil.rmtree(place)
                return
            with suppress(FileNotFoundError):
                os.remove(place)


_UNUSUAL = re.compile(r"^$|^/|/$|//|(^|/)\.{1,2}(/|$)")
"""What in a path would not stay as it is when the path is normalized."""


def _read_all(file: int) -> bytes:
    pieces = []
    size = max(os.fstat(file).st_size, _PIECE)  # nearly always all: one piece is not copied
    while piece := os.read(file, size):
        pieces.append(piece)
        size = _PIECE
    return b"".join(pieces)


_PIECE = 1 << 16


def _write_new(path: str, data: bytes) -> None:
    """Write a file that nobody else writes; missing folders are made."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        file = os.open(path, flags, 0o666)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        file = os.open(path, flags, 0o666)
    try:
        while data:
            data = data[os.write(file, data) :]
    finally:
        os.close(file)


def _link(staged: str, place: str) -> bool:
    try:
        os.link(staged, place)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        if os.path.lexists(place):
            return False
        os.replace(staged, place)
    return True


def stage_name(path: str) -> str:
    """A hidden name beside `path` that no other writer takes."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.{os.urandom(6).hex()}.tmp")
