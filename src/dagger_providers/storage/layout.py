"""Finds the parts of a partitioned value in a directory that anyone may have written."""

from __future__ import annotations

import json
from collections.abc import Iterable

from dagger_providers.errors import (
    CorruptValueError,
    DeserializationError,
    MissingValueError,
    UsageError,
    one_line,
)
from dagger_providers.storage.partitions import MANIFEST
from dagger_providers.storage.store import Store


def part_names(store: Store, path: str) -> list[str]:
    """Names of the parts in a directory, in order.

    `partitions.json` decides, and other files are ignored. Without it the parts are the files
    named by a number, in numeric order; hidden files and markers (`.DS_Store`, `_SUCCESS`) are
    ignored, and any other file is refused.

    Raises:
        MissingValueError: Nothing is there, or neither a manifest nor a part.
        CorruptValueError: The manifest is no list of names in this directory.
        DeserializationError: A file is no part.
        UsageError: It is a file.
    """
    names = store.list(path) if store.is_directory(path) else []
    if MANIFEST in names:
        return _read_manifest(store, f"{path}/{MANIFEST}")
    uri = store.join(path)
    if not names:
        if not store.exists(path):
            raise MissingValueError(f"nothing at {uri}")
        if not store.is_directory(path):
            raise UsageError(f"{uri} is a file; expected a directory of partitions")
        raise MissingValueError(
            f"{uri} holds neither {MANIFEST} nor files 0, 1, ...; an empty list is a {MANIFEST} "
            "with []"
        )
    foreign = _foreign(names, [name for name in names if _is_number(name)])
    if foreign:
        raise DeserializationError(
            f"{uri} holds {foreign[0]!r}, which is no partition: they are named 0, 1, ..., "
            f"or listed in {MANIFEST}"
        )
    return sorted(filter(_is_number, names), key=int)


def check_replaceable(store: Store, path: str) -> None:
    """Let an output replace a file, or a directory of partitions, and nothing else.

    Raises:
        UsageError: It is a directory that holds somebody's other files.
    """
    if not store.is_directory(path):
        return
    names = store.list(path)
    if MANIFEST in names:
        parts = _read_manifest(store, f"{path}/{MANIFEST}")
    else:
        parts = [name for name in names if _is_number(name)]
    foreign = _foreign(names, parts)
    if foreign:
        raise UsageError(
            f"{store.join(path)} is a directory that holds {foreign[0]!r}, which an output would "
            "remove: choose another location, or remove it"
        )


def _foreign(names: Iterable[str], parts: Iterable[str]) -> list[str]:
    ours = {MANIFEST, *parts}
    return [name for name in names if name not in ours and not name.startswith((".", "_"))]


def _read_manifest(store: Store, path: str) -> list[str]:
    uri = store.join(path)
    try:
        names = json.loads(store.read_bytes(path))
    except ValueError as error:
        raise CorruptValueError(
            f"{uri}: expected a JSON list of names: {one_line(error)}"
        ) from error
    if not isinstance(names, list):
        raise CorruptValueError(f"{uri}: expected a JSON list of names, got {names!r:.60}")
    for name in names:
        if not isinstance(name, str) or not name or name in (".", "..", MANIFEST) or "/" in name:
            raise CorruptValueError(f"{uri}: {name!r:.60} is no name of a file in this directory")
    if len(set(names)) < len(names):
        raise CorruptValueError(f"{uri}: a name is listed twice")
    return names


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit()
