"""Compare and show values of any type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from dagger_providers.errors import DaggerProvidersError
from dagger_providers.serializers import load, spec_for


def same(one: Any, other: Any) -> bool:
    """Say whether two values are equal in type, order and every bit, data frames included."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return bool(one.hex() == other.hex())  # 0.0 and -0.0 differ, not-a-number equals itself
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Mapping):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if hasattr(one, "equals"):
        return bool(one.equals(other))
    return bool(one == other)


def json_or_none(value: Any) -> Any:
    """Return a value as JSON data; None when it has no JSON form."""
    if isinstance(value, list):
        return [json_or_none(item) for item in value]
    kind = type(value)
    stream = BytesIO()
    try:
        spec = spec_for(kind)
        restored = kind if spec is not None and spec.name == "json" else None
        load("json", restored).write(value, stream)  # type: ignore[union-attr]
    except DaggerProvidersError:
        return None
    return json.loads(stream.getvalue())
