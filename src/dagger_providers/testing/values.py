"""Compare and show values of any type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def same(one: Any, other: Any) -> bool:
    """Say whether two values are equal, data frames and lists of them included."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Mapping):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if hasattr(one, "equals"):
        return bool(one.equals(other))
    return bool(one == other)


def json_or_none(value: Any) -> Any:
    """Return a value as JSON data; None when it has no JSON form."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list):
        return [json_or_none(item) for item in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: json_or_none(item) for key, item in value.items()}
    return None
