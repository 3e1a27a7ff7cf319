"""Read a piece of a file, wherever it lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagger_providers.serializers.records import EMPTY
from dagger_providers.storage.faults import storage_errors
from dagger_providers.storage.local import LocalStore
from dagger_providers.storage.store import open_parent


def read_range(location: str, start: int, end: int, options: Mapping[str, Any] = EMPTY) -> bytes:
    """Return bytes of a file, as many of those asked for as it has.

    Args:
        location: A path or URI.
        start: The first byte.
        end: The byte after the last.
        options: What its driver is told, as `open_store` takes them.

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
        from dagger_providers.storage.remote import find

        fs, place = find(location, options)
        data: bytes = fs.cat_file(place, start=start, end=end)
        return data
