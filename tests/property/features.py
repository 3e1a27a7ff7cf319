"""Which shapes a model has, so that a generator cannot quietly stop making one."""

from __future__ import annotations

from collections.abc import Iterator

from dagger_providers.model import DAG, Repeat, Switch, Task, children
from dagger_providers.model.nodes import AnyNode

FEATURES = (
    "after",
    "group",
    "loop",
    "loop in a loop",
    "loop in a nested pipeline",
    "loop in a repetition",
    "loop in a switch",
    "nested pipeline",
    "nested pipeline in a loop",
    "part of a result",
    "partitioned result",
    "repetition",
    "repetition in a loop",
    "repetition in a switch",
    "several outputs",
    "switch",
    "switch by bool",
    "switch by int",
    "switch by str",
    "switch in a loop",
    "switch in a repetition",
    "switch in a switch",
    "switch with a default",
    "zip",
    "zip of a zip",
)


def features_of(dag: DAG) -> set[str]:
    """Return what of `FEATURES` a model has."""
    several = {"several outputs"} if len(dag.outputs) > 1 else set()
    return several | set(_own(dag)) | set(_inside(dag, ()))


def _inside(node: AnyNode, around: tuple[str, ...]) -> Iterator[str]:
    """Yield the features of what is in a node; ``around`` is what the node is in, and itself."""
    for inner in children(node).values():
        places = around
        for found in (*("loop" for _ in inner.within), *_name(inner)):
            yield found
            yield from (f"{found} in a {place}" for place in places)
            places = (*places, found)
        if inner.after:
            yield "after"
        yield from _own(inner)
        yield from _inside(inner, places)


def _name(node: AnyNode) -> tuple[str, ...]:
    names = {"dag": "nested pipeline", "repeat": "repetition", "switch": "switch"}
    return (names[node.kind],) if node.kind in names else ()


def _own(node: AnyNode) -> Iterator[str]:
    match node:
        case Switch():
            yield from (f"switch by {type(case.value).__name__}" for case in node.cases)
            yield from ["switch with a default"] * bool(node.default)
        case DAG():
            joined = [one for loop in node.loops.values() for one in loop.zips]
            yield from ["zip"] * bool(joined)
            yield from ["zip of a zip"] * any(node.loops[one].zips for one in joined)
            yield from ["group"] * bool(node.group)
        case Task():
            outputs = node.outputs.values()
            yield from ["group"] * bool(node.options.group)
            yield from ["partitioned result"] * any(output.partitioned for output in outputs)
            yield from ["part of a result"] * any(output.path for output in outputs)
        case Repeat():
            return
