"""The commit record: the one small file that says which attempt at a node counts."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from dagger_providers.errors import FormatError, MissingValueError
from dagger_providers.serializers.records import EMPTY, Record
from dagger_providers.storage.artifact import Artifact
from dagger_providers.storage.documents import read_document
from dagger_providers.storage.outputs import decode, encode
from dagger_providers.storage.store import Store

FORMAT = "dagger-providers.commit"
MAJOR = 1
FILE_NAME = "commit.json"


class CommitRecord(Record):
    """One finished attempt at one execution of a node.

    Attributes:
        node: The node's address.
        index: Its position in each loop around it, outermost first.
        attempt: Id of the attempt, from `new_attempt_id`.
        outputs: What it produced, by output name; URIs are relative to the store of the run.
        extra: Whatever else is to be told, as JSON: try number, seconds, emitted extents.
    """

    format: ClassVar[str] = f"{FORMAT}/{MAJOR}"

    node: str
    index: tuple[int, ...]
    attempt: str
    outputs: Mapping[str, Artifact] = EMPTY
    extra: Mapping[str, Any] = EMPTY

    def to_json(self) -> dict[str, Any]:
        """Its JSON form."""
        outputs = {name: artifact.to_json() for name, artifact in self.outputs.items()}
        return {**self.head(), "outputs": outputs}

    def head(self) -> dict[str, Any]:
        """Its JSON form without the outputs."""
        return {
            "format": self.format,
            "node": self.node,
            "index": list(self.index),
            "attempt": self.attempt,
            "extra": dict(self.extra),
        }


def new_attempt_id() -> str:
    """A name that no other attempt has; names sort by the time they were made."""
    return f"{time.time_ns():016x}-{os.urandom(4).hex()}"


def write_commit(store: Store, node_path: str, record: CommitRecord) -> None:
    """Let an attempt count, once all its data is written; the last commit wins.

    Args:
        store: The store of the run.
        node_path: The folder of the node's execution in it: `nodes/<address>[/<index>]`.
        record: What was done.
    """
    store.write_atomic(f"{node_path}/{FILE_NAME}", encode(record.head(), record.outputs))


def read_commit(store: Store, node_path: str) -> CommitRecord:
    """Read which attempt counts; unknown fields are ignored.

    Raises:
        MissingValueError: No attempt was committed.
        FormatError: The record is of a newer major, or is none.
        CorruptValueError: It is no JSON.
    """
    path = f"{node_path}/{FILE_NAME}"
    try:
        document = read_document(store, path, FORMAT, MAJOR, decode)
    except MissingValueError as error:
        raise MissingValueError(f"nothing is committed at {store.join(node_path)}") from error
    try:
        return CommitRecord(
            node=str(document["node"]),
            index=tuple(int(position) for position in document["index"]),
            attempt=str(document["attempt"]),
            outputs={name: Artifact.from_json(one) for name, one in document["outputs"].items()},
            extra=dict(document.get("extra") or {}),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{type(error).__name__} {error}"
        raise FormatError(f"{store.join(path)} is no commit record: {what}") from error
