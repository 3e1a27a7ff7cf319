"""The identities of values: digests of bytes, of lists of parts and of directories."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable
from typing import Any, BinaryIO

from dagger_providers.storage.faults import storage_errors

_LITTLE = 1 << 17
_PIECE = 1 << 18


class Digest:
    """A sha256 that loads OpenSSL, a tenth of a small container's start, only for much data."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._digest: Any = None

    def update(self, data: Any) -> None:
        """Take more bytes."""
        if self._digest is None:
            if len(self._head) + len(data) <= _LITTLE:
                self._head += data
                return
            from hashlib import sha256

            self._digest = sha256(self._head)
        self._digest.update(data)

    def hexdigest(self) -> str:
        """The digest of all bytes so far, in hex."""
        text: str = (self._digest or _sha256(self._head)).hexdigest()
        return text


def _sha256(data: bytes | bytearray) -> Any:
    """Hash a little data by what is loaded, or quick to load; `random` of Python does the same."""
    if "hashlib" not in sys.modules:
        try:
            if sys.version_info >= (3, 12):
                from _sha2 import sha256
            else:
                from _sha256 import sha256  # type: ignore[import-not-found]
        except ImportError:
            pass
        else:
            return sha256(data)
    from hashlib import sha256 as full

    return full(data)


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
        self._digest = Digest()
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
    digest = Digest()
    while piece := stream.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def sha256_of_bytes(data: bytes) -> str:
    """Hex digest of bytes."""
    digest = Digest()
    digest.update(data)
    return digest.hexdigest()


def identity_of_list(shas: Iterable[str]) -> str:
    """Identity of a partitioned or gathered value, from those of its parts, in order.

    It is the sha256 of their canonical JSON list; the parts of a nested gather are lists too.
    """
    digest = Digest()
    digest.update(b"[")
    for at, sha in enumerate(shas):
        digest.update(f',"{sha}"'.encode() if at else f'"{sha}"'.encode())
    digest.update(b"]")
    return digest.hexdigest()


def identity_of_directory(files: Iterable[tuple[str, str]]) -> str:
    """Identity of a directory, from its files' relative names ("a/b.txt") and digests."""
    return sha256_of_bytes(_canonical(sorted([name, sha] for name, sha in files)))


def _canonical(data: list[Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
