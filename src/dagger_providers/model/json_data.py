"""JSON data that cannot change: what literals, defaults and runtime options are."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from dagger_providers.errors import ModelError
from dagger_providers.model.frozen import FrozenMapping

_SCALARS = frozenset({str, int, bool, type(None)})


def freeze(value: Any, place: str = "the value") -> Any:
    """Return JSON data with its lists as tuples and its mappings as `FrozenMapping`.

    Raises:
        ModelError: Some part is no JSON data; the message says where.
    """
    if type(value) in _SCALARS:
        return value
    if type(value) is float and math.isfinite(value):
        return value
    if isinstance(value, Mapping):
        return FrozenMapping(
            {_key(k, place): freeze(v, f"{place}[{k!r}]") for k, v in value.items()}
        )
    if isinstance(value, list | tuple):
        return tuple(freeze(item, f"{place}[{number}]") for number, item in enumerate(value))
    raise ModelError(
        f"{place} is {value!r:.60}, which JSON does not have; use None, bool, int, str, a finite "
        "float, or lists and dicts of these"
    )


def _key(key: Any, place: str) -> str:
    if type(key) is not str:
        raise ModelError(f"{place} has the key {key!r:.60}; keys of JSON data are str")
    return key


def thaw(value: Any) -> Any:
    """Return frozen JSON data as fresh lists and dicts."""
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [thaw(item) for item in value]
    return value


def same_data(one: Any, other: Any) -> bool:
    """Say whether two JSON values are written the same: ``1``, ``1.0`` and ``True`` are not."""
    return one is other or json.dumps(thaw(one)) == json.dumps(thaw(other))
