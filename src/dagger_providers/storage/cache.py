"""The cache of a store: which earlier attempt made a result, by all that it was made from.

An entry names data, and holds none: they stay in the run that wrote them.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from dagger_providers.errors import (
    CorruptValueError,
    DaggerProvidersError,
    FormatError,
)
from dagger_providers.serializers.records import EMPTY, Record
from dagger_providers.storage.artifact import Artifact, contents
from dagger_providers.storage.documents import read_document
from dagger_providers.storage.faults import storage_errors
from dagger_providers.storage.hashing import identity_of_list, sha256_of
from dagger_providers.storage.outputs import decode, encode
from dagger_providers.storage.store import Store
from dagger_providers.storage.values import check_digest, check_directory

FORMAT = "dagger-providers.cache"
MAJOR = 1
FOLDER = "cache"


class Entry(Record):
    """One result, and who made it.

    Attributes:
        key: The sha256 of all that the result was made from.
        run: The run that made it.
        node: The address of the node that made it.
        index: Its position in each loop around it.
        function: The reference of the function that made it.
        outputs: What it produced, by output name; URIs are relative to the store of all runs.
    """

    format: ClassVar[str] = f"{FORMAT}/{MAJOR}"

    key: str
    run: str
    node: str
    index: tuple[int, ...]
    function: str
    outputs: Mapping[str, Artifact] = EMPTY

    def to_json(self) -> dict[str, Any]:
        """Its JSON form."""
        outputs = {name: artifact.to_json() for name, artifact in self.outputs.items()}
        return {**self.head(), "outputs": outputs}

    def head(self) -> dict[str, Any]:
        """Its JSON form without the outputs."""
        return {
            "format": self.format,
            "key": self.key,
            "run": self.run,
            "node": self.node,
            "index": list(self.index),
            "function": self.function,
        }


def entry_path(key: str) -> str:
    """Where the entry of a key lies in a store."""
    return f"{FOLDER}/{key[:2]}/{key}.json"


def read_entry(store: Store, key: str) -> Entry:
    """Read an entry; unknown fields are ignored.

    Args:
        store: The store of all runs.
        key: Its key.

    Raises:
        MissingValueError: There is none.
        CorruptValueError: It is no JSON, or names data outside the store's runs.
        FormatError: It is of a newer major, or is none.
    """
    path = entry_path(key)
    document = read_document(store, path, FORMAT, MAJOR, decode)
    uri = store.join(path)
    try:
        entry = Entry(
            key=str(document["key"]),
            run=str(document["run"]),
            node=str(document["node"]),
            index=tuple(int(position) for position in document["index"]),
            function=str(document["function"]),
            outputs={name: Artifact.from_json(one) for name, one in document["outputs"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{type(error).__name__} {error}"
        raise FormatError(f"{uri} is no cache entry: {what}") from error
    if entry.key != key:
        raise CorruptValueError(f"{uri} is the entry of another key, {entry.key:.80}")
    for artifact in entry.outputs.values():
        _check_place(uri, artifact)
    return entry


def _check_place(uri: str, artifact: Artifact) -> None:
    """Let an entry name data of a run in its own store only."""
    place = artifact.uri
    if not place.startswith("runs/") or posixpath.normpath(place) != place:
        raise CorruptValueError(f"{uri} names data outside the runs of its store: {place:.200}")
    for part in artifact.parts or ():
        _check_place(uri, part)


def write_entry(store: Store, entry: Entry, *, replace: bool = False) -> bool:
    """Write an entry where none is; the first wins.

    Args:
        store: The store of all runs.
        entry: What to write; its data are there already.
        replace: Whether to write over one that is there, since its data are gone.

    Returns:
        Whether it was written.
    """
    path, data = entry_path(entry.key), encode(entry.head(), entry.outputs)
    if not replace:
        return store.write_new(path, data)
    store.write_atomic(path, data)
    return True


def entries(store: Store) -> Iterator[Entry]:
    """Yield all entries of a store, by key; what cannot be read is left out."""
    for folder in store.list(FOLDER):
        names = store.list(f"{FOLDER}/{folder}") if store.is_directory(f"{FOLDER}/{folder}") else []
        for name in names:
            try:
                yield read_entry(store, name.removesuffix(".json"))
            except DaggerProvidersError:
                continue


def is_gone(store: Store, entry: Entry) -> bool:
    """Say whether data of an entry are gone, as those of a run that was deleted."""
    return not all(store.exists(artifact.uri) for artifact in entry.outputs.values())


def remove_entry(store: Store, key: str) -> None:
    """Remove an entry, if it is there; its data stay."""
    store.remove(entry_path(key))


def relative_to_run(artifact: Artifact, run: str) -> Artifact:
    """An artifact of an entry, as a commit record of a run names it."""
    return artifact.at(posixpath.relpath(f"/{artifact.uri}", f"/runs/{run}"))


def relative_to_store(artifact: Artifact, run: str) -> Artifact:
    """An artifact of a run's commit record, as an entry names it."""
    return artifact.at(f"runs/{run}/{artifact.uri}")


def verify(store: Store, artifact: Artifact) -> None:
    """Read an artifact's bytes, and compare them with what it says.

    Args:
        store: What its URI is relative to.
        artifact: What to look at.

    Raises:
        MissingValueError: Data are gone.
        CorruptValueError: Data are others.
    """
    uri = store.join(artifact.uri)
    if artifact.kind == "directory":
        place = store.local_path(artifact.uri)
        check_directory(uri, artifact, str(place))
    elif artifact.kind == "partitioned":
        parts = artifact.parts or ()
        for part in parts:
            verify(store, part)
        check_digest(uri, artifact.sha256, identity_of_list(sha for sha, _ in contents(parts)))
    else:
        with store.open_read(artifact.uri) as stream, storage_errors(uri):
            check_digest(uri, artifact.sha256, sha256_of(stream))
