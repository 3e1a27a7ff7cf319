"""How JSON values travel in KFP's parameters: by which type, and what restores them.

KFP keeps numbers as doubles and sorts the keys of structs. Where a schema says which numbers are
whole, and which keys there are, the node command restores them by a *kind*; see
`serializers.engine_text`. All else travels as JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dagger_providers.kfp.parameters import Native, native
from dagger_providers.model import FromParam, thaw
from dagger_providers.serializers.engine_text import ANY_KEY

AS_TEXT = Native("json", "STRING")
"""How a value travels that KFP would change."""

_LEAVES = {"boolean": "bool", "integer": "int", "number": "float", "string": "str"}


def travels(source: FromParam) -> Native:
    """Return how a value travels: by a type of KFP's own where nothing of it is lost."""
    found = native(source)
    if found is not None:
        return found
    schema = thaw(source.json_schema)
    if not isinstance(schema, dict):
        return AS_TEXT
    shape = _shape(schema, schema.get("$defs", {}), ())
    if isinstance(shape, str) or shape is None:
        return AS_TEXT
    text = json.dumps(shape)  # by its spaces without "{{", for which engines look
    return Native(text, "LIST" if isinstance(shape, list) else "STRUCT")


def without_null(schema: Any) -> Any:
    """Return what a schema says of values other than null."""
    schema = thaw(schema)
    choices = schema.get("anyOf", ()) if isinstance(schema, dict) else ()
    others = [one for one in choices if one.get("type") != "null"]
    if len(others) != 1:
        return schema
    known = schema.get("$defs", {})
    return {**_resolved(others[0], known), "$defs": known}


def _resolved(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema that one names."""
    if "$ref" not in schema:
        return schema
    found: Mapping[str, Any] = known.get(str(schema["$ref"]).rpartition("/")[2], {})
    return found


def _shape(schema: Mapping[str, Any], known: Mapping[str, Any], around: tuple[str, ...]) -> Any:
    """Return the shape of a schema's values; None where it does not say all of it.

    What may be null has none: the SDK takes no null in lists and structs
    (kfp.compiler.pipeline_spec_builder, to_protobuf_value).
    """
    name = str(schema.get("$ref", ""))
    if name and name in around:
        return None  # a class that holds itself
    around = (*around, name) if name else around
    schema = _resolved(schema, known)
    kind = schema.get("type")
    if kind == "array" and isinstance(schema.get("items"), dict) and "prefixItems" not in schema:
        item = _shape(schema["items"], known, around)
        return None if item is None else [item]
    if kind == "object":
        return _shape_of_object(schema, known, around)
    return _LEAVES.get(str(kind))


def _shape_of_object(
    schema: Mapping[str, Any], known: Mapping[str, Any], around: tuple[str, ...]
) -> Any:
    parts = dict(schema.get("properties", {}))
    others = schema.get("additionalProperties")
    if parts and isinstance(others, dict):
        return None
    if not parts:
        parts = {ANY_KEY: others} if isinstance(others, dict) else {}
    found = {key: _shape(inner, known, around) for key, inner in parts.items()}
    return None if None in found.values() or not found else found
