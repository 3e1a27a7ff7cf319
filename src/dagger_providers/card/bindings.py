"""Where each argument of a card comes from, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from dagger_providers.errors import FormatError, ModelError
from dagger_providers.serializers import SerializerSpec
from dagger_providers.serializers.records import Record, replace

Step: TypeAlias = tuple[str, Any]
"""One step into a value: ``("key", "a")``, ``("key", 0)`` or ``("attribute", "name")``."""

Path: TypeAlias = tuple[Step, ...]


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


class Stored(Record):
    """A value that lies at a place of its own, whoever wrote it there.

    Attributes:
        uri: The full path or URI of its file, or of the folder of a partitioned one.
        sha256: Its identity in hex; what has another one is not read. Empty: it is read unchecked.
        serializer: What it, or each of its items, was written by.
        partitioned: Whether it is stored item by item.
        path: Steps into the value, taken by the reader.
    """

    uri: str
    sha256: str
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


class OneOf(Record):
    """What the one branch of a switch gives that ran.

    Attributes:
        cases: Pairs of a branch's guard and of what is read when that guard is open.
    """

    cases: tuple[tuple[str, Binding], ...]


class Carried(Record):
    """What a turn of a repetition gets under a name; see `card.axes.State`.

    Attributes:
        turns: The axis that counts the turns.
        name: The name.
        path: Steps into the value.
    """

    turns: str
    name: str
    path: tuple[Step, ...] = ()


class Last(Record):
    """What the last turn of a repetition gave.

    Attributes:
        turns: The axis that counts the turns.
        value: What is read, at that turn.
    """

    turns: str
    value: Binding


class Told(Record):
    """A node that a record tells of.

    Attributes:
        address: The node's dotted address.
        space: Its index space.
        when: Of a hook: when it runs; see `Card`.
    """

    address: str
    space: tuple[str, ...] = ()
    when: str = ""


class RunRecord(Record):
    """The record of a pipeline's part of a run: what a hook gets.

    Attributes:
        pipeline: What the pipeline is called.
        prefix: What the addresses of its nodes begin with; empty for the root.
        within: The index space of the pipeline.
        nodes: Its nodes, those of the pipelines nested in it, and the hooks that run before.
        parameters: Where the pipeline's parameters come from.
    """

    pipeline: str
    prefix: str
    within: tuple[str, ...]
    nodes: tuple[Told, ...]
    parameters: Mapping[str, Binding]


Binding: TypeAlias = (
    Value | Parameter | NodeOutput | Stored | Item | ListOf | OneOf | Carried | Last | RunRecord
)
Element: TypeAlias = Binding | ForEach


def to_json(element: Element) -> dict[str, Any]:
    """Return the JSON form of a binding; a part that has its default is left out."""
    document: dict[str, Any] = _WRITE[type(element)](element)
    path = getattr(element, "path", ())
    return document | ({"path": [list(step) for step in path]} if path else {})


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
    return document


def _stored_json(binding: Stored) -> dict[str, Any]:
    document: dict[str, Any] = {
        "uri": binding.uri,
        "sha256": binding.sha256,
        "serializer": binding.serializer.to_json(),
    }
    if binding.partitioned:
        document["partitioned"] = True
    return document


def _all_json(elements: tuple[Element, ...]) -> list[dict[str, Any]]:
    return [to_json(element) for element in elements]


def _record_json(binding: RunRecord) -> dict[str, Any]:
    return {
        "record": binding.pipeline,
        "prefix": binding.prefix,
        "within": list(binding.within),
        "nodes": [[told.address, list(told.space), told.when] for told in binding.nodes],
        "parameters": {name: to_json(inner) for name, inner in binding.parameters.items()},
    }


_WRITE: Mapping[type, Callable[[Any], dict[str, Any]]] = {
    Value: lambda binding: {"value": binding.data},
    Parameter: lambda binding: {"param": binding.name, "as": binding.serializer.to_json()},
    NodeOutput: _output_json,
    Stored: _stored_json,
    Item: lambda binding: {"item": binding.loop},
    ForEach: lambda element: {"each": element.loop, "of": _all_json(element.items)},
    ListOf: lambda binding: {"list": _all_json(binding.items)},
    OneOf: lambda binding: {"one_of": [[guard, to_json(inner)] for guard, inner in binding.cases]},
    Carried: lambda binding: {"carried": binding.turns, "name": binding.name},
    Last: lambda binding: {"last": binding.turns, "of": to_json(binding.value)},
    RunRecord: _record_json,
}


def element_from_json(document: dict[str, Any]) -> Element:
    """Read what `to_json` wrote.

    Raises:
        FormatError: It is no binding.
    """
    path = tuple((kind, name) for kind, name in document.get("path", ()))
    for key, read in _READ.items():
        if key in document:
            return read(document, path)
    raise FormatError(f"a card's input is of an unknown kind: {sorted(document)}")


def _parameter(document: dict[str, Any], path: Path) -> Parameter:
    return Parameter(document["param"], SerializerSpec.from_json(document["as"]), path)


def _node_output(document: dict[str, Any], path: Path) -> NodeOutput:
    return NodeOutput(
        document["node"],
        document["output"],
        tuple(document.get("loops", ())),
        SerializerSpec.from_json(document["as"]),
        document.get("partitioned", False),
        path,
    )


def _stored(document: dict[str, Any], path: Path) -> Stored:
    return Stored(
        document["uri"],
        document["sha256"],
        SerializerSpec.from_json(document["serializer"]),
        document.get("partitioned", False),
        path,
    )


def _one_of(document: dict[str, Any], _: Path) -> OneOf:
    return OneOf(tuple((guard, from_json(inner)) for guard, inner in document["one_of"]))


def _run_record(document: dict[str, Any], _: Path) -> RunRecord:
    return RunRecord(
        document["record"],
        document["prefix"],
        tuple(document["within"]),
        tuple(Told(address, tuple(space), when) for address, space, when in document["nodes"]),
        {name: from_json(inner) for name, inner in document["parameters"].items()},
    )


def _all(documents: list[dict[str, Any]]) -> tuple[Element, ...]:
    return tuple(map(element_from_json, documents))


_READ: Mapping[str, Callable[[dict[str, Any], Path], Element]] = {
    "value": lambda document, _: Value(document["value"]),
    "param": _parameter,
    "node": _node_output,
    "uri": _stored,
    "item": lambda document, path: Item(document["item"], path),
    "each": lambda document, _: ForEach(document["each"], _all(document["of"])),
    "list": lambda document, path: ListOf(_all(document["list"]), path),
    "one_of": _one_of,
    "carried": lambda document, path: Carried(document["carried"], document["name"], path),
    "last": lambda document, _: Last(document["last"], from_json(document["of"])),
    "record": _run_record,
}


def from_json(document: dict[str, Any]) -> Binding:
    """Read a binding that stands alone (`ForEach` may only stand in a list)."""
    element = element_from_json(document)
    if isinstance(element, ForEach):
        raise FormatError("a card's input may not be a loop outside a list")
    return element


def part(binding: Binding, path: tuple[Step, ...]) -> Binding:
    """Return the binding of a part of a value.

    Raises:
        ModelError: A literal has no such part.
    """
    if not path:
        return binding
    match binding:
        case Value(data):
            return Value(_part_of_literal(data, path))
        case OneOf(cases):
            return OneOf(tuple((guard, part(inner, path)) for guard, inner in cases))
        case Last(turns, value):
            return Last(turns, part(value, path))
        case RunRecord():
            raise ModelError("a hook reads the whole record")
        case _:
            return replace(binding, path=(*binding.path, *path))


def _part_of_literal(data: Any, path: tuple[Step, ...]) -> Any:
    for _, name in path:
        try:
            data = data[name]
        except (KeyError, IndexError, TypeError):
            raise ModelError(f"the literal {data!r:.80} has no part {name!r}") from None
    return data
