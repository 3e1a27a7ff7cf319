"""Which switches an engine can decide itself: it compares a parameter with the cases."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dagger_providers.card import Axis, Parameter
from dagger_providers.model import FromParam, thaw
from dagger_providers.serializers.engine_text import EXACT

_TYPES: Mapping[str, type] = {"boolean": bool, "integer": int, "string": str}
_PLAIN = re.compile(r"[\w .,:/+-]*")
"""Texts that mean the same in the expressions of any engine."""


def compared_parameter(axis: Axis, declared: Mapping[str, FromParam]) -> str:
    """Return the parameter that an engine can compare with the cases of a guard's switch.

    Empty where a step has to tell the choice: the selector is no parameter or only a part of one,
    it or a case is of a type, or a text, that not every engine compares as Python does, or there
    may be no case for it, which has to fail.

    Args:
        axis: The guard.
        declared: The parameters of the pipeline.
    """
    over = axis.over
    if axis.choice is None or not isinstance(over, Parameter) or over.path:
        return ""
    schema = thaw(declared[over.name].json_schema)
    if not isinstance(schema, Mapping) or not over.name.isidentifier():
        return ""
    kind = _TYPES.get(str(schema.get("type")))
    values = _values(schema)
    if kind is None or (values is None and over.serializer.annotation is not None):
        return ""  # a date is a text too, and no selector
    cases = [value for _, value in axis.choice.cases]
    if not all(type(value) is kind and _is_plain(value) for value in cases):
        return ""
    return over.name if axis.choice.default or _are_all(cases, values) else ""


def _values(schema: Mapping[str, Any]) -> list[Any] | None:
    """Return the only values that a schema takes; None for any of its type."""
    if "const" in schema:
        return [schema["const"]]
    if "enum" in schema:
        return list(schema["enum"])
    return [True, False] if schema.get("type") == "boolean" else None


def _are_all(cases: list[Any], values: list[Any] | None) -> bool:
    return values is not None and all(value in cases for value in values)


def _is_plain(value: Any) -> bool:
    return _PLAIN.fullmatch(value) is not None if isinstance(value, str) else abs(value) <= EXACT
