"""The JSON Schema of pipeline documents as people may write them, the short forms included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagger_providers.dsl.shorthand import TYPES
from dagger_providers.model import json_schema
from dagger_providers.model.hooks import HOOKS
from dagger_providers.model.names import NAME_PATTERN

_LITERAL = {"type": ["string", "number", "boolean", "null"]}
_TEXT = {"type": "string"}
_NAMES = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}


def document_schema() -> dict[str, Any]:
    """Return the JSON Schema that editors can check YAML and JSON files of pipelines with."""
    schema: dict[str, Any] = _referring(json_schema())
    definitions = schema["$defs"]
    definitions["Source"] = {
        "description": "Where a value comes from. A plain value, or a list of these, is a literal.",
        "anyOf": [
            _LITERAL,
            {"type": "array", "items": {"$ref": "#/$defs/Source"}},
            *(_source(kind, *keys, definitions=definitions) for kind, keys in _KINDS.items()),
            {"type": "object", "properties": {"kind": {"const": "record"}}, "required": ["kind"]},
        ],
    }
    definitions["Output"] = {
        "description": "What is kept of a result: all of it, a key, or an attribute.",
        "anyOf": [
            {"type": "null"},
            *(_output(short, *names, definitions=definitions) for short, names in _PARTS.items()),
        ],
    }
    definitions["Parameter"] = {
        "description": "Null must be given; a plain value or a list is the default.",
        "anyOf": [{"$ref": "#/$defs/Source"}, _declaration(definitions["FromParam"])],
    }
    _open_loops(definitions)
    for name in ("Task", "DAG", "Switch", "Repeat"):
        definitions[name]["properties"] |= {"within": _NAMES, "after": _NAMES}
    definitions["DAG"]["properties"]["inputs"] = _by_name("Parameter")
    for name in HOOKS:
        definitions["DAG"]["properties"][name] = {"anyOf": [_TEXT, {"$ref": "#/$defs/Task"}]}
    definitions["Node"] = {
        "description": "A task has a function, a nested pipeline has nodes, a switch has a "
        "selector and nodes, a repetition has a node.",
        **_first_of(
            {"selector": "Switch", "nodes": "DAG", "node": "Repeat"}, {"$ref": "#/$defs/Task"}
        ),
    }
    cases = definitions["Switch"]["properties"]["cases"]
    definitions["Switch"]["properties"]["cases"] = {
        "anyOf": [cases, {"type": "object", "additionalProperties": _TEXT}]
    }
    for name in ("timeout", "retry_delay"):
        seconds = definitions["Options"]["properties"][name]
        definitions["Options"]["properties"][name] = {"anyOf": [seconds, _DURATION]}
    return schema


def _first_of(definitions: Mapping[str, str], otherwise: dict[str, Any]) -> dict[str, Any]:
    """Return a schema by the first of some keys that an object has."""
    for key, name in reversed(list(definitions.items())):
        test = {"type": "object", "required": [key]}
        otherwise = {"if": test, "then": {"$ref": f"#/$defs/{name}"}, "else": otherwise}
    return otherwise


_DURATION = {"type": "string", "description": "Such as 90s, 10m or 1h30m."}


_UNIONS = {"param": "Source", "return_value": "Output", "task": "Node"}
"""By a kind in each union of the model, what stands for that union here."""


def _referring(data: Any) -> Any:
    """Return a schema in which unions by kind are references to definitions of their own."""
    if isinstance(data, Mapping):
        kinds = data.get("discriminator", {}).get("mapping", {})
        for kind, name in _UNIONS.items():
            if kind in kinds:
                return {"$ref": f"#/$defs/{name}"}
        return {name: _referring(part) for name, part in data.items()}
    return [_referring(part) for part in data] if isinstance(data, list) else data


_KINDS = {
    "node": ("FromNodeOutput", "node", "node"),
    "param": ("FromParam", "param", "name"),
    "item": ("FromItem", "item", "loop"),
    "value": ("FromValue", "value", "value"),
    "artifact": ("FromArtifact", "artifact", "uri"),
    "each": ("ForEach", "each", "loop"),
    "list": ("FromList", "items", "items"),
}
"""For each kind of source: its definition, the key that says so, and the field that it gives."""


def _source(
    kind: str, definition: str, key: str, name: str, *, definitions: dict[str, Any]
) -> dict[str, Any]:
    properties = dict(definitions[definition]["properties"])
    properties["kind"] = {"const": kind}
    properties[key] = properties[name]
    if "path" in properties:
        properties["path"] = True
    if "items" in properties:
        items = {"type": "array", "items": {"$ref": "#/$defs/Source"}}
        properties["items"] = {"anyOf": [items, {"$ref": "#/$defs/Source"}]}
    others = [other for _, other, _ in _KINDS.values() if other not in {key, "items"}]
    alone = {} if kind == "each" else {"not": {"anyOf": [{"required": [one]} for one in others]}}
    return {
        "type": "object",
        "properties": properties,
        "anyOf": [{"required": [key], **alone}, {"required": ["kind"]}],
    }


_PARTS = {
    "": ("FromReturnValue", "return_value"),
    "key": ("FromKey", "key"),
    "attribute": ("FromProperty", "property"),
}
"""For each short form of an output: the definition of its long form, and that form's kind."""


def _output(
    short: str, definition: str, kind: str, *, definitions: dict[str, Any]
) -> dict[str, Any]:
    properties = {**definitions[definition]["properties"], "kind": {"const": kind}}
    if not short:
        wrong = [{"required": [one]} for one in ("key", "attribute", "name")]
        return {"type": "object", "properties": properties, "not": {"anyOf": wrong}}
    properties[short] = properties["name"]
    required = [{"required": [short]}, {"required": ["kind", "name"]}]
    return {"type": "object", "properties": properties, "anyOf": required}


def _declaration(parameter: Mapping[str, Any]) -> dict[str, Any]:
    one = {"enum": list(TYPES)}
    types = {
        "anyOf": [one, {"type": "array", "items": one}],
        "description": "The type, as JSON Schema names it; else that of the default.",
    }
    properties = {**parameter["properties"], "type": types, "kind": {"const": "param"}}
    wrong = [{"required": [one]} for one in ("node", "item", "each", "value", "artifact", "items")]
    return {"type": "object", "properties": properties, "not": {"anyOf": wrong}}


def _open_loops(definitions: dict[str, Any]) -> None:
    loop = definitions["Loop"]
    loop["properties"] |= {"zips": _NAMES, "within": _NAMES}
    long = [{"required": [one]} for one in ("over", "zips", "within")]
    definitions["LoopOver"] = {
        "description": "What a loop runs over; {over: ...} where it also says more.",
        "if": {"type": "object", "anyOf": long},
        "then": {"$ref": "#/$defs/Loop"},
        "else": {"$ref": "#/$defs/Source"},
    }
    definitions["DAG"]["properties"]["loops"] = _by_name("LoopOver")


def _by_name(definition: str) -> dict[str, Any]:
    return {
        "type": "object",
        "propertyNames": {"pattern": f"^{NAME_PATTERN}$"},
        "additionalProperties": {"$ref": f"#/$defs/{definition}"},
    }
