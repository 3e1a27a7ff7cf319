"""Where each argument of a card comes from, as plain data."""

from __future__ import annotations

from typing import Any, TypeAlias

from dagger_providers.errors import FormatError
from dagger_providers.serializers import SerializerSpec
from dagger_providers.serializers.records import Record

Step: TypeAlias = tuple[str, Any]
"""One step into a value: ``("key", "a")``, ``("key", 0)`` or ``("attribute", "name")``."""


class Value(Record):
    """A literal: JSON data, restored by the annotation of the argument that it is for."""

    data: Any


class Parameter(Record):
    """A parameter of the run, or a part of it."""

    name: str
    serializer: SerializerSpec
    path: tuple[Step, ...] = ()


class NodeOutput(Record):
    """An output of another node, at the positions that the reader's loops have now.

    Attributes:
        address: The node's dotted address.
        output: The output's name.
        loops: The node's index space; each of these loops has a position where this is read.
        serializer: What the output must have been written by.
        partitioned: Whether the output is stored item by item.
        path: Steps into the value, taken by the reader.
    """

    address: str
    output: str
    loops: tuple[str, ...]
    serializer: SerializerSpec
    partitioned: bool = False
    path: tuple[Step, ...] = ()


class Item(Record):
    """The current item of a loop, or a part of it."""

    loop: str
    path: tuple[Step, ...] = ()


class ForEach(Record):
    """Elements that a list has once for every position of a loop."""

    loop: str
    items: tuple[Element, ...]


class ListOf(Record):
    """A list built from other bindings, or a part of it."""

    items: tuple[Element, ...]
    path: tuple[Step, ...] = ()


Binding: TypeAlias = Value | Parameter | NodeOutput | Item | ListOf
Element: TypeAlias = Value | Parameter | NodeOutput | Item | ListOf | ForEach


def to_json(element: Element) -> dict[str, Any]:
    """Return the JSON form of a binding; a part that has its default is left out."""
    match element:
        case Value(data):
            return {"value": data}
        case Parameter(name, serializer, path):
            return {"param": name, "as": serializer.to_json(), **_path_json(path)}
        case NodeOutput():
            return _output_json(element)
        case Item(loop, path):
            return {"item": loop, **_path_json(path)}
        case ForEach(loop, items):
            return {"each": loop, "of": [to_json(item) for item in items]}
        case ListOf(items, path):
            return {"list": [to_json(item) for item in items], **_path_json(path)}


def _output_json(binding: NodeOutput) -> dict[str, Any]:
    document: dict[str, Any] = {
        "node": binding.address,
        "output": binding.output,
        "as": binding.serializer.to_json(),
    }
    if binding.loops:
        document["loops"] = list(binding.loops)
    if binding.partitioned:
        document["partitioned"] = True
    return document | _path_json(binding.path)


def _path_json(path: tuple[Step, ...]) -> dict[str, Any]:
    return {"path": [list(step) for step in path]} if path else {}


def element_from_json(document: dict[str, Any]) -> Element:
    """Read what `to_json` wrote.

    Raises:
        FormatError: It is no binding.
    """
    path = tuple((kind, name) for kind, name in document.get("path", ()))
    if "value" in document:
        return Value(document["value"])
    if "param" in document:
        spec = SerializerSpec.from_json(document["as"])
        return Parameter(document["param"], spec, path)
    if "node" in document:
        return NodeOutput(
            document["node"],
            document["output"],
            tuple(document.get("loops", ())),
            SerializerSpec.from_json(document["as"]),
            document.get("partitioned", False),
            path,
        )
    if "item" in document:
        return Item(document["item"], path)
    if "each" in document:
        return ForEach(document["each"], tuple(map(element_from_json, document["of"])))
    if "list" in document:
        return ListOf(tuple(map(element_from_json, document["list"])), path)
    raise FormatError(f"a card's input is of an unknown kind: {sorted(document)}")


def from_json(document: dict[str, Any]) -> Binding:
    """Read a binding that stands alone (`ForEach` may only stand in a list)."""
    element = element_from_json(document)
    if isinstance(element, ForEach):
        raise FormatError("a card's input may not be a loop outside a list")
    return element
