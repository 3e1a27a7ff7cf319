"""The stores that the API server may read, and only so much and so long for one request."""

from __future__ import annotations

import io
import os
import posixpath
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from airflow.providers.common.compat.sdk import AirflowException

from dagger_providers.airflow.access import Access
from dagger_providers.airflow.identity import run_name
from dagger_providers.airflow.settings import access_to, reached, readable
from dagger_providers.errors import StorageError, one_line
from dagger_providers.storage import Store, open_store
from dagger_providers.storage.ranges import read_range

DOCUMENT = 32 << 20
"""Bytes of the longest record that is read: one of some 300,000 parts."""

_ALL = 96 << 20
_SECONDS = 10.0


@dataclass(slots=True)
class Budget:
    """How much one request may still read.

    Attributes:
        left: Bytes.
        until: When it ends, on the monotonic clock.
    """

    left: int = _ALL
    until: float = field(default_factory=lambda: time.monotonic() + _SECONDS)

    def check(self, what: str) -> None:
        """Refuse to go on when it is used up.

        Raises:
            StorageError: It is.
        """
        if self.left < 0:
            raise StorageError(f"{what}: more than {_ALL >> 20} MB are not read for one page")
        if time.monotonic() > self.until:
            raise StorageError(f"{what}: the store took more than {_SECONDS:.0f} s to answer")


@dataclass(frozen=True, slots=True)
class Folder:
    """A run's folder in a store that may be read; reads what lies in that store and nothing else.

    It does what the reading side of `Store` does, so that whatever reads a run reads within bounds.

    Attributes:
        root: Path or URI of the store that holds all runs.
        run_id: The run's name in it.
        budget: What the request may still read.
        options: What the store's driver is told to open it; they may be secrets.
    """

    root: str
    run_id: str
    budget: Budget = field(default_factory=Budget)
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def uri(self) -> str:
        """The run's folder."""
        return open_store(self.root).join("runs", self.run_id)

    @property
    def _store(self) -> Store:
        return open_store(self.uri, self.options)

    def join(self, *parts: str) -> str:
        """Full path or URI of a path in the run's folder, which may lead to another run's.

        Raises:
            StorageError: It leads out of the store.
        """
        place = _normal(self._store.join(*parts))
        if not _is_below(place, _normal(open_store(self.root).join("runs"))):
            raise StorageError(f"{place} is not in the runs of {self.root}, and is not read")
        return place

    def read_bytes(self, path: str) -> bytes:
        """All bytes of a file that is no longer than a record may be."""
        data = self.read_range(path, 0, DOCUMENT + 1)
        if len(data) > DOCUMENT:
            raise StorageError(
                f"{self.join(path)} is longer than {DOCUMENT >> 20} MB, and is not read"
            )
        return data

    def read_range(self, path: str, start: int, end: int) -> bytes:
        """Bytes of a file, as many of those asked for as it has."""
        place = self.join(path)
        self.budget.check(place)
        data = read_range(place, start, end, self.options)
        self.budget.left -= len(data)
        self.budget.check(place)
        return data

    def exists(self, path: str) -> bool:
        """Whether anything is there."""
        self.budget.check(path)
        return self._store.exists(self.join(path))

    def list(self, path: str) -> list[str]:
        """Names in a folder, sorted."""
        self.budget.check(path)
        return self._store.list(self.join(path))

    def open_read(self, path: str, size: int) -> io.BufferedReader:
        """Open a file of a known size, of which only what is asked for is read."""
        return io.BufferedReader(_Ranges(self, path, size), 1 << 16)


class _Ranges(io.RawIOBase):
    """A file whose bytes are fetched when they are read."""

    def __init__(self, folder: Folder, path: str, size: int) -> None:
        super().__init__()
        self._folder, self._path, self._size, self._at = folder, path, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        end = min(self._size, self._at + len(buffer))
        data = self._folder.read_range(self._path, self._at, end) if end > self._at else b""
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def folder_of(
    dag_id: str, run_id: str, task_id: str, pointer: object, stores: Iterable[Access] | None = None
) -> tuple[Folder, str] | None:
    """Return the run's folder and the index that a task's pointer leads to, in a readable store.

    Args:
        dag_id: The DAG.
        run_id: Its run.
        task_id: The task.
        pointer: What the task told in XCom. It may be anything, so that it only chooses among the
            folders of this very task in the stores that the deployment names.
        stores: These stores, where they are looked up already.
    """
    if not isinstance(pointer, str):
        return None
    for access in Stores() if stores is None else stores:
        folder = Folder(access.uri, run_name(dag_id, run_id), options=access.driver)
        node = open_store(folder.uri).join("nodes", task_id)
        if pointer == node or re.fullmatch(rf"{re.escape(node)}/\d+(\.\d+|:\d+)*", pointer):
            return folder, pointer.removeprefix(node).strip("/")
    return None


class Stores:
    """The stores that may be read: each looked up once, and only when none before it fits.

    What is wrong with the deployment's own is told by a `StorageError` when no other one fits, as
    when workers only know its connection.
    """

    def __init__(self) -> None:
        self._found: list[Access] = []
        self._others = self._look()

    def __iter__(self) -> Iterator[Access]:
        yield from self._found
        for access in self._others:
            self._found.append(access)
            yield access

    @staticmethod
    def _look() -> Iterator[Access]:
        problem = ""
        own, *others = readable()
        try:
            access = access_to(*own)
        except AirflowException as error:
            problem = one_line(error)
        else:
            yield access
        yield from reached(others)
        if problem:
            raise StorageError(problem)


def _normal(place: str) -> str:
    """Return a place without ``..``; one on this machine without links that lead elsewhere."""
    scheme, separator, path = place.partition("://")
    if not separator:
        return os.path.realpath(place)
    return f"{scheme}://{posixpath.normpath(path)}"


def _is_below(place: str, folder: str) -> bool:
    return place.startswith(f"{folder.rstrip('/')}/")
