"""Values between the tasks of a handwritten DAG: small JSON as it is, all else as a reference."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from dagger_providers.airflow.access import Access
from dagger_providers.airflow.settings import access_to, stores_by_connection, stores_by_uri
from dagger_providers.card import Step, Stored
from dagger_providers.card.bindings import from_json, to_json
from dagger_providers.errors import FormatError, UsageError
from dagger_providers.execution import Resolver, RunContext
from dagger_providers.execution.values import take
from dagger_providers.serializers import SerializerSpec
from dagger_providers.storage import Artifact, Store, open_store

SMALL = 32_768
"""Bytes of JSON up to which XCom carries a value itself."""

_JSON = SerializerSpec("json")
_KEYS = frozenset({"uri", "sha256", "serializer"})
_MORE = frozenset({"partitioned", "path"})
_SHA256 = re.compile("[0-9a-f]{64}")


def given_result(
    store: Store, artifact: Artifact, path: tuple[Step, ...] = (), *, in_parts: bool
) -> Any:
    """Return what XCom carries of a result.

    Args:
        store: The folder of the run that it belongs to.
        artifact: What the commit record says of it.
        path: Steps to the part of it that is meant.
        in_parts: Whether a later task takes it apart: it is mapped over, or has several outputs.

    Returns:
        The value, where that is plain JSON of at most `SMALL` bytes; else a reference, or a list
        or dict of references to its parts.

    Raises:
        UsageError: It has no parts that can be told without its serializer.
    """
    if artifact.serializer == _JSON and artifact.size <= SMALL:
        return take(_plain(store, artifact), path)
    if not in_parts:
        return reference(store, artifact, path)
    if artifact.kind == "partitioned" and not path:
        return [reference(store, part) for part in artifact.parts or ()]
    parts = None
    if artifact.serializer.name == "json" and all(kind == "key" for kind, _ in path):
        parts = take(_plain(store, artifact), path)
    if isinstance(parts, dict):
        return {key: reference(store, artifact, (*path, ("key", key))) for key in parts}
    if isinstance(parts, list):
        steps: list[Step] = [("key", position) for position in range(len(parts))]
        return [reference(store, artifact, (*path, step)) for step in steps]
    raise UsageError(
        f"a result written as {artifact.serializer.name} has no parts to map over, or to give as "
        "several outputs; return a list, or a dict that is JSON"
    )


def _plain(store: Store, artifact: Artifact) -> Any:
    if artifact.kind == "partitioned":
        return [_plain(store, part) for part in artifact.parts or ()]
    return json.loads(store.read_bytes(artifact.uri))


def reference(store: Store, artifact: Artifact, path: tuple[Step, ...] = ()) -> dict[str, Any]:
    """Return a reference to a value, or to a part of it."""
    return to_json(
        Stored(
            store.join(artifact.uri),
            artifact.sha256,
            artifact.serializer,
            artifact.kind == "partitioned",
            path,
        )
    )


def is_reference(value: Any) -> bool:
    """Say whether a value is what `reference` makes."""
    if not isinstance(value, Mapping) or not _KEYS <= value.keys() <= _KEYS | _MORE:
        return False
    sha256 = value["sha256"]
    return isinstance(sha256, str) and _SHA256.fullmatch(sha256) is not None


def stored(value: Mapping[str, Any], stores: Iterable[str]) -> Stored:
    """Return what a reference names.

    Raises:
        UsageError: It leads out of the stores, where anybody could have written.
    """
    try:
        found = from_json(dict(value))
    except (FormatError, TypeError, ValueError) as error:
        raise UsageError(f"no reference to a value: {value!r:.200}") from error
    assert isinstance(found, Stored)  # noqa: S101 - its key is "uri"
    known = list(dict.fromkeys(map(_runs, stores)))
    inside = any(found.uri.startswith(folder) for folder in known)
    if not inside or ".." in found.uri.split("/"):
        raise UsageError(
            f"a reference to {found.uri!r:.200} leads out of the stores ({', '.join(known)}); name "
            "its store in [dagger_providers] ui_stores, by URI alone for @task.dagger"
        )
    return found


def _runs(store: str) -> str:
    return f"{open_store(store).join('runs')}/"


def read_value(
    value: Any,
    *,
    stores: Collection[str] = (),
    store_conn_id: str | None = None,
    code_root: str | None = None,
) -> Any:
    """Return the value that a reference of ours stands for; for tasks of other kinds.

    What is no reference is its own value, so that a task need not know whether a result was small;
    references in a list, such as the results of a mapped task, are read one by one.

    Args:
        value: What XCom gave.
        stores: Stores that may be read, beside those of the deployment: ``store_uri``,
            ``ui_stores``.
        store_conn_id: A connection of type ``dagger_store``, for the credentials; by default that
            which ``ui_stores`` names for the store, else ``[dagger_providers] store_conn_id``, if
            any.
        code_root: The folder that files of code are relative to; by default they are looked for
            in the current folder and on ``sys.path``.

    Raises:
        UsageError: A reference leads out of the stores.
        StorageError: The value is not there, or is another one.
    """
    return _read(value, cache(lambda: _reach(stores, store_conn_id)), code_root)


def _reach(stores: Iterable[str], conn_id: str | None) -> tuple[list[str], Access, list[Access]]:
    """Return which stores may be read, how, and those that have connections of their own."""
    access, others = access_to(conn_id=conn_id), list(stores_by_connection())
    known = [*stores, access.uri, *stores_by_uri(), *(one.uri for one in others)]
    return known, access, [] if conn_id else others


def _read(value: Any, reach: Callable[[], Any], code_root: str | None) -> Any:
    if is_reference(value):
        known, access, others = reach()
        binding = stored(value, known)
        fitting = (one for one in others if binding.uri.startswith(_runs(one.uri)))
        with next(fitting, access).here():
            return Resolver(RunContext(open_store("."), root=code_root), {}).value(binding, {})
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_read(item, reach, code_root) for item in value]
    return value
