"""The identities of values: digests of bytes, of lists of parts and of directories."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable
from typing import Any, BinaryIO, cast

from dagger_providers.storage.faults import storage_errors


class HashingWriter(io.BufferedIOBase):
    """Passes on what is written, and knows its digest and size at the end.

    It never closes the stream below, whatever a serializer that wraps it does.

    Args:
        stream: Where the bytes go.
        uri: What an error calls it.
    """

    def __init__(self, stream: BinaryIO, uri: str) -> None:
        self._stream = stream
        self._uri = uri
        self._digest = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: Any, /) -> int:
        """Write any bytes-like object, whole."""
        view = memoryview(data)
        if view.format != "B" or view.ndim != 1:
            view = view.cast("B")
        with storage_errors(self._uri):
            self._stream.write(view)
        self._digest.update(view)
        self.size += view.nbytes
        return view.nbytes

    def tell(self) -> int:
        """Bytes written so far: writers of Parquet note offsets by it."""
        return self.size

    @property
    def sha256(self) -> str:
        """Hex digest of what was written."""
        return self._digest.hexdigest()


def sha256_of(stream: BinaryIO) -> str:
    """Hex digest of the rest of a stream, read in pieces."""
    return hashlib.file_digest(cast("io.BufferedReader", stream), "sha256").hexdigest()


def sha256_of_bytes(data: bytes) -> str:
    """Hex digest of bytes."""
    return hashlib.sha256(data).hexdigest()


def identity_of_list(shas: Iterable[str]) -> str:
    """Identity of a partitioned or gathered value, from those of its parts, in order.

    It is the sha256 of their canonical JSON list; the parts of a nested gather are lists too.
    """
    return sha256_of_bytes(_canonical(list(shas)))


def identity_of_directory(files: Iterable[tuple[str, str]]) -> str:
    """Identity of a directory, from its files' relative names ("a/b.txt") and digests."""
    return sha256_of_bytes(_canonical(sorted([name, sha] for name, sha in files)))


def _canonical(data: list[Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
