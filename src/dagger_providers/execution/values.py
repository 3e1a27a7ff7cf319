"""Plain values that a reader is given: parts of others, restored from JSON, copied."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from dagger_providers.card import Step
from dagger_providers.errors import UsageError, counted
from dagger_providers.serializers import SerializerSpec, is_json_native, load, spec_for

JSON = SerializerSpec("json")


def json_identity(value: Any) -> str:
    """Return the sha256 of a value's JSON text."""
    from hashlib import sha256

    stream = BytesIO()
    annotation = type(value) if spec_for(type(value)) == JSON else None
    native = annotation is None or is_json_native(annotation)
    load(JSON, None if native else annotation).write(value, stream)  # type: ignore[union-attr]
    return sha256(stream.getvalue()).hexdigest()


def restored(data: Any, annotation: Any) -> Any:
    """Return JSON data as its reader's annotation says; fresh at every call."""
    restore = annotation
    if annotation is not None:
        spec = None if is_json_native(annotation) else spec_for(annotation)
        restore = annotation if spec is not None and spec.name in {"json", "path"} else None
    if restore is None and not isinstance(data, list | dict):
        return data
    return load(JSON, restore).read(BytesIO(json.dumps(data).encode()))  # type: ignore[union-attr]


def own_copy(item: Any) -> Any:
    """Return a copy that its reader may change."""
    if item is None or isinstance(item, bool | int | float | str):
        return item
    from copy import deepcopy

    return deepcopy(item)


def item_at(items: Sequence[Any], position: int, loop: str) -> Any:
    """Return one item of what a loop runs over.

    Raises:
        UsageError: There are fewer.
    """
    if position < len(items):
        return items[position]
    raise UsageError(
        f"loop {loop!r} has {counted(len(items), 'item')}, there is none at index {position}"
    )


def take(value: Any, path: tuple[Step, ...]) -> Any:
    """Return a part of a value.

    Raises:
        UsageError: The value has no such part; the message says what it has.
    """
    for kind, name in path:
        value = _step(value, kind, name)
    return value


def _step(value: Any, kind: str, name: Any) -> Any:
    shown = type(value).__name__
    if kind == "attribute":
        if not hasattr(value, name):
            raise UsageError(f"the result, a {shown}, has no attribute {name!r}")
        return getattr(value, name)
    try:
        return value[name]
    except (KeyError, IndexError):
        has = f"keys {', '.join(map(repr, value))}" if isinstance(value, Mapping) else ""
        has = has or counted(len(value), "item")
        raise UsageError(f"the result, a {shown}, has no {name!r}; it has {has}") from None
    except TypeError:
        raise UsageError(f"the result, a {shown}, has no parts such as [{name!r}]") from None
