"""The short forms of a pipeline document, and the long one that each means.

A place where a value comes from is written ``{node: NAME}``, ``{param: NAME}``, ``{item: LOOP}`` or
``{artifact: URI}``;
``{each: LOOP, node: NAME}`` is a list with one for each item of a loop, and
``{each: LOOP, items: [...]}`` one with several for each. A plain text, number, bool or null is a
literal, and so is a list of these; a list with a source in it is a fan-in. Any other literal is
``{value: ...}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KEYS = {
    "param": "name",
    "node": "node",
    "item": "loop",
    "each": "loop",
    "value": "value",
    "artifact": "uri",
}
"""The key that says what a source is, and the field of the long form that it gives."""

_LONG = {"param": "name", "item": "loop", "each": "loop", "artifact": "uri"}

EXPECTED = (
    "{node: NAME}, {param: NAME}, {item: LOOP}, {each: LOOP, node: NAME}, {artifact: URI}, a plain "
    "value, a list, or {value: ...} for a literal mapping"
)


def is_plain(data: Any) -> bool:
    """Say whether data are a literal as they stand."""
    if isinstance(data, list):
        return all(map(is_plain, data))
    return not isinstance(data, Mapping)


def long_source(data: Any) -> dict[str, Any] | None:
    """Return the long form of one source, its own parts as they are; None if it is none."""
    if isinstance(data, list) and not is_plain(data):
        return {"kind": "list", "items": data}
    if not isinstance(data, Mapping):
        return {"kind": "value", "value": data}
    kind = data.get("kind") or _kind(data)
    if kind is None:
        return None
    found = {name: value for name, value in data.items() if name != "kind"}
    if kind in _LONG and kind in found:
        found[_LONG[kind]] = found.pop(kind)
    if kind == "each" and "items" not in found:
        return {"kind": kind, "loop": found.pop("loop"), "items": [found]}
    if "path" in found:
        found["path"] = long_path(found["path"])
    return {"kind": kind, **found}


def _kind(data: Mapping[str, Any]) -> str | None:
    named = ["each"] if "each" in data else [key for key in _KEYS if key in data]
    if len(named) == 1:
        return named[0]
    if "items" in data and not named:
        return "each" if "loop" in data else "list"
    return "item" if "loop" in data and not named else None


def long_path(data: Any) -> Any:
    """Return steps into a value; a plain name or number is a key."""
    if not isinstance(data, list):
        data = [data]
    return [["key", step] if isinstance(step, str | int) else _step(step) for step in data]


def _step(step: Any) -> Any:
    if isinstance(step, Mapping) and len(step) == 1:
        return list(*step.items())
    return step


_TYPES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
}
"""The type of a parameter that says none, by its default; null has none, and takes any value."""

TYPES = (*_TYPES.values(), "null")
"""What the type of a parameter may be; or a list of these."""


def long_parameter(data: Any) -> dict[str, Any]:
    """Return the declaration of a parameter: null must be given, a value is its default."""
    if data is None:
        return {"kind": "param"}
    if not isinstance(data, Mapping):
        data = {"default": data}
    found = {"kind": "param", **data}
    if {"type", "json_schema", "kind"}.isdisjoint(data) and type(data.get("default")) in _TYPES:
        found["type"] = _TYPES[type(data["default"])]
    if "type" in found:
        found["json_schema"] = {"type": found.pop("type"), **(found.get("json_schema") or {})}
    if "default" in found:
        found["required"] = False
    return found


def unknown_type(declared: Mapping[str, Any]) -> str:
    """Return what is wrong with the type of a parameter in its long form; nothing if it is one."""
    schema = declared.get("json_schema")
    if not isinstance(schema, Mapping) or "type" not in schema:
        return ""
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    unknown = [one for one in types if one not in TYPES]
    if not unknown:
        return ""
    return f"there is no type {unknown[0]!r}; there are: {', '.join(TYPES)}, or a list of these"


def long_loop(data: Any) -> dict[str, Any]:
    """Return a loop; a source alone is what it runs over."""
    if isinstance(data, Mapping) and {"over", "zips", "within"} & set(data):
        return {**data, **_tuples(data, "zips", "within")}
    return {"over": data}


def long_output(data: Any) -> dict[str, Any]:
    """Return what is kept of a result: null is all of it, ``{key: NAME}`` a part."""
    if not isinstance(data, Mapping):
        return {"kind": "return_value"}
    for short, kind in (("key", "key"), ("attribute", "property")):
        if short in data and "kind" not in data:
            rest = {name: value for name, value in data.items() if name != short}
            return {"kind": kind, "name": data[short], **rest}
    return {"kind": "return_value", **data}


def long_node(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a node with its kind; one name alone is a list of it."""
    found = {"kind": data.get("kind") or _node_kind(data), **data}
    cases = found.get("cases")
    if isinstance(cases, Mapping):
        found["cases"] = [{"value": value, "node": node} for value, node in cases.items()]
    return {**found, **_tuples(data, "within", "after")}


def _node_kind(data: Mapping[str, Any]) -> str:
    if "selector" in data:
        return "switch"
    return "dag" if "nodes" in data else "repeat" if "node" in data else "task"


def _tuples(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: [data[name]] for name in names if isinstance(data.get(name), str)}


# The other way around


def short(data: Any) -> Any:
    """Return the long form of a whole document as people would write it."""
    inputs = {name: _short_parameter(name, one) for name, one in data.get("inputs", {}).items()}
    found = {"format": data["format"], **_short_dag(data)}
    return {name: inputs if name == "inputs" else value for name, value in found.items()}


def _short_parameter(name: str, data: Mapping[str, Any]) -> Any:
    if data["kind"] != "param":
        return short_source(data)
    found = {key: value for key, value in data.items() if key != "kind" or "name" not in data}
    if found.get("name") == name:
        del found["name"]
    if "default" in found:
        found.pop("required", None)
    schema = found.get("json_schema")
    if isinstance(schema, Mapping) and set(schema) == {"type"}:
        found = {"type": found.pop("json_schema")["type"], **found}
    kind = _TYPES.get(type(found.get("default")))
    if set(found) == {"type", "default"} and kind == found["type"] != "object":
        return found["default"]
    if kind and not found.keys() & {"type", "json_schema"}:
        found["json_schema"] = None  # else it would have the default's
    return found or None


def _short_dag(data: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in data.items() if name not in {"kind", "format"}}
    for name, change in _PARTS.items():
        if name in found:
            found[name] = {key: change(value) for key, value in found[name].items()}
    order = ["name", "description", "function", "inputs", "loops", "nodes", "outputs"]
    return {name: found[name] for name in (*order, *found) if name in found}


def _short_node(data: Mapping[str, Any]) -> dict[str, Any]:
    if data["kind"] == "dag":
        return _short_dag(data)
    found = {name: value for name, value in data.items() if name != "kind"}
    if "inputs" in found:
        found["inputs"] = {name: short_source(one) for name, one in found["inputs"].items()}
    if data["kind"] == "switch":
        found["selector"] = short_source(found["selector"])
        found["nodes"] = {name: _short_node(one) for name, one in found["nodes"].items()}
    elif data["kind"] == "repeat":
        found["node"] = _short_node(found["node"])
    elif "outputs" in found:
        found["outputs"] = {name: _short_output(one) for name, one in found["outputs"].items()}
    return found


def short_source(data: Mapping[str, Any], *, in_list: bool = False) -> Any:
    """Return one source in its short form; `long_source` gives it back."""
    found = {name: value for name, value in data.items() if name != "kind"}
    kind = data["kind"]
    if "path" in found:
        found["path"] = [step[1] if step[0] == "key" else dict([step]) for step in found["path"]]
    if "items" in found:
        found["items"] = [short_source(item, in_list=True) for item in found["items"]]
    if kind == "value":
        return found["value"] if is_plain(found["value"]) else found
    if kind == "list":
        return _short_list(found, in_list=in_list)
    if kind == "each":
        return _short_each(found)
    if kind in _LONG and _LONG[kind] in found:
        return {kind: found.pop(_LONG[kind]), **found}
    return dict(data, **found) if kind == "param" else found


def _short_list(found: dict[str, Any], *, in_list: bool) -> Any:
    items = found["items"]
    if is_plain(items):
        return found
    alone = items[0] if len(items) == 1 and not in_list else None
    return alone if isinstance(alone, Mapping) and "each" in alone and "node" in alone else items


def _short_each(found: dict[str, Any]) -> dict[str, Any]:
    loop, items = found["loop"], found["items"]
    if len(items) == 1 and isinstance(items[0], Mapping) and not {"each", "items"} & set(items[0]):
        return {"each": loop, **items[0]}
    return {"each": loop, "items": items}


def _short_loop(data: Mapping[str, Any]) -> Any:
    if "over" not in data:
        return dict(data)
    over = short_source(data["over"])
    return {**data, "over": over} if len(data) > 1 or not isinstance(over, Mapping) else over


def _short_output(data: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in data.items() if name != "kind"}
    if data["kind"] == "return_value":
        return found
    return {"key" if data["kind"] == "key" else "attribute": found.pop("name"), **found}


_PARTS = {
    "inputs": short_source,
    "outputs": short_source,
    "loops": _short_loop,
    "nodes": _short_node,
}
