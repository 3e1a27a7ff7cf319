"""JSON data with its numbers as a JSON Schema names them: integers whole, all others floats."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


def as_schema(data: Any, schema: Any) -> Any:
    """Return JSON data with each number of the kind that a schema asks for.

    JSON and what holds it (forms, databases, JavaScript) do not tell ``3`` from ``3.0``; pydantic's
    reading of an annotation does, and so do the tasks.

    Args:
        data: The data.
        schema: What describes them, as pydantic writes it; None for anything. Data that do not fit
            stay as they are.
    """
    if not isinstance(schema, Mapping):
        return data
    made = _made(data, schema, schema.get("$defs", {}))
    return data if made is _OTHER else made


_OTHER = object()
"""Stands for data that do not fit a schema."""

_KINDS: dict[str, type | tuple[type, ...]] = {
    "null": type(None),
    "boolean": bool,
    "string": str,
    "array": list,
    "object": dict,
}


def _made(data: Any, schema: Any, known: Mapping[str, Any]) -> Any:
    if not isinstance(schema, Mapping):
        return data
    if "$ref" in schema:
        return _made(data, known.get(str(schema["$ref"]).rpartition("/")[2]), known)
    choices = list(_choices(schema))
    if choices:
        return _chosen(data, choices, known)
    if "const" in schema or "enum" in schema:
        listed = schema.get("enum", [schema.get("const")])
        return next((one for one in listed if _is_same(one, data)), _OTHER)
    return _of_kind(data, schema.get("type"), schema, known)


def _of_kind(data: Any, kind: Any, schema: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    if kind in {"integer", "number"}:
        return _number(data, kind)
    if kind in _KINDS and not isinstance(data, _KINDS[kind]):
        return _OTHER
    if isinstance(data, list):
        return _all(_items(data, schema), known)
    if isinstance(data, dict):
        return _object(data, schema, known)
    return data


def _choices(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the schemas of which data need to meet one only."""
    yield from schema.get("anyOf") or schema.get("oneOf") or ()
    kinds = schema.get("type")
    if isinstance(kinds, list | tuple):
        yield from ({**schema, "type": kind} for kind in kinds)


def _chosen(data: Any, choices: list[Mapping[str, Any]], known: Mapping[str, Any]) -> Any:
    """Return what the first choice makes of data that they fit as they are, else that they fit."""
    found = [made for one in choices if (made := _made(data, one, known)) is not _OTHER]
    text = _text(data)
    return next((made for made in found if _text(made) == text), found[0] if found else _OTHER)


def _number(data: Any, kind: str) -> Any:
    if isinstance(data, bool) or not isinstance(data, int | float):
        return _OTHER
    if kind == "number":
        return float(data)
    if isinstance(data, float):
        return int(data) if data.is_integer() else _OTHER
    return data


def _items(data: list[Any], schema: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    first = list(schema.get("prefixItems", ()))
    rest = [schema.get("items")] * max(len(data) - len(first), 0)
    return list(zip(data, [*first, *rest], strict=False))


def _all(pairs: list[tuple[Any, Any]], known: Mapping[str, Any]) -> Any:
    made = [_made(one, schema, known) for one, schema in pairs]
    return _OTHER if any(one is _OTHER for one in made) else made


def _object(data: dict[str, Any], schema: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    named, others = schema.get("properties", {}), schema.get("additionalProperties")
    lacking = [name for name in schema.get("required", ()) if name not in data]
    if lacking or (others is False and not named.keys() >= data.keys()):
        return _OTHER
    made = _all([(one, named.get(name, others)) for name, one in data.items()], known)
    return made if made is _OTHER else dict(zip(data, made, strict=True))


def _is_same(one: Any, data: Any) -> bool:
    return bool(one == data) and isinstance(one, bool) == isinstance(data, bool)


def _text(data: Any) -> str:
    return json.dumps(data)
