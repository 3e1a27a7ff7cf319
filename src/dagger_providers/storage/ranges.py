"""Read a piece of a file, wherever it lies."""

from __future__ import annotations

from dagger_providers.storage.faults import storage_errors
from dagger_providers.storage.local import LocalStore
from dagger_providers.storage.store import open_parent


def read_range(location: str, start: int, end: int) -> bytes:
    """Return bytes of a file, as many of those asked for as it has.

    Args:
        location: A path or URI.
        start: The first byte.
        end: The byte after the last.

    Raises:
        MissingValueError: Nothing is there.
        StorageError: It cannot be read.
    """
    store, name = open_parent(location)
    with storage_errors(location):
        if isinstance(store, LocalStore):
            with open(store.join(name), "rb") as stream:
                stream.seek(start)
                return stream.read(end - start)
        from fsspec.core import url_to_fs

        fs, place = url_to_fs(location)
        data: bytes = fs.cat_file(place, start=start, end=end)
        return data
