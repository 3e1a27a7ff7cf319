"""Run a model with plain Python values: what it means, told without a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dagger_providers.card.functions import load, plain_function
from dagger_providers.model import (
    DAG,
    ForEach,
    FromItem,
    FromList,
    FromNodeOutput,
    FromParam,
    FromValue,
    Repeat,
    Switch,
    Task,
    thaw,
)

At = Mapping[str, int]
"""For each loop that is entered, at which item."""


@dataclass(frozen=True)
class Ran:
    """What a model gives.

    Attributes:
        outputs: The outputs by name.
        executions: The address and the index of each task that ran, in order.
    """

    outputs: Mapping[str, Any]
    executions: list[tuple[str, tuple[int, ...]]]


def run_model(dag: DAG, parameters: Mapping[str, Any]) -> Ran:
    """Run a model whose functions can be imported by name."""
    given = {name: thaw(p.default) for name, p in dag.inputs.items()} | dict(parameters)
    place = _Place("", (), [])
    return Ran(_Body(dag.nodes, dag.loops, given, place).run(dag), place.executions)


@dataclass(frozen=True)
class _Place:
    """Where a node stands.

    Attributes:
        prefix: The address of what it stands in, and a dot.
        index: At which item of each loop around that.
        executions: Tasks that ran.
    """

    prefix: str
    index: tuple[int, ...]
    executions: list[tuple[str, tuple[int, ...]]]

    def inside(self, name: str, *index: int) -> _Place:
        return _Place(f"{self.prefix}{name}.", (*self.index, *index), self.executions)


@dataclass
class _Body:
    """The nodes and loops of one pipeline, while it runs."""

    nodes: Mapping[str, Any]
    loops: Mapping[str, Any]
    parameters: Mapping[str, Any]
    place: _Place
    results: dict[tuple[str, tuple[int, ...]], Any] = field(default_factory=dict)

    def run(self, dag: DAG) -> dict[str, Any]:
        for name in dag.order:
            for at in self.passes(dag.nodes[name].within, {}):
                self.run_node(name, at)
        return {name: self.value(source, name, {}) for name, source in dag.outputs.items()}

    def run_node(self, name: str, at: At) -> Any:
        """Run a node once, and keep its whole result."""
        node = self.nodes[name]
        index = tuple(at[loop] for loop in node.within)
        inputs = {key: self.value(source, key, at) for key, source in node.inputs.items()}
        inside = self.place.inside(name, *index)
        match node:
            case Task():
                found = _call(node, inputs, inside)
            case DAG():
                outputs = _Body(node.nodes, node.loops, inputs, inside).run(node)
                found = outputs["return_value"] if set(outputs) == {"return_value"} else outputs
            case Switch():
                chosen = _chosen(node, self.value(node.selector, "selector", at))
                found = _Body(node.nodes, {}, inputs, inside).run_node(chosen, {})
            case Repeat():
                found = _repeated(node, inputs, inside)
        self.results[name, index] = found
        return found

    # Loops

    def passes(self, loops: tuple[str, ...], at: At) -> Iterator[At]:
        """Yield the items of nested loops, the last loop's fastest."""
        if not loops:
            yield at
            return
        for position in range(self.length(loops[0], at)):
            yield from self.passes(loops[1:], self.entered(loops[0], position, at))

    def entered(self, loop: str, position: int, at: At) -> At:
        at = {**at, loop: position}
        for joined in self.loops[loop].zips:
            at = self.entered(joined, position, at)
        return at

    def length(self, loop: str, at: At) -> int:
        found = self.loops[loop]
        if found.over is not None:
            return len(self.value(found.over, loop, at))
        [length] = {self.length(joined, at) for joined in found.zips}
        return length

    # Values

    def value(self, source: Any, name: str, at: At) -> Any:
        match source:
            case FromValue():
                return thaw(source.value)
            case FromParam(path=path):
                wanted = source.name or name
                given = self.parameters
                return _part(given[wanted] if wanted in given else thaw(source.default), path)
            case FromItem(loop=loop, path=path):
                return _part(self.value(self.loops[loop].over, loop, at)[at[loop]], path)
            case FromNodeOutput():
                return self.output(source, at)
            case FromList(items=items):
                return list(self.elements(items, name, at))
        raise AssertionError(source)

    def elements(self, items: tuple[Any, ...], name: str, at: At) -> Iterator[Any]:
        for item in items:
            if isinstance(item, ForEach):
                for inner in self.passes((item.loop,), at):
                    yield from self.elements(item.items, name, inner)
            else:
                yield self.value(item, name, at)

    def output(self, source: FromNodeOutput, at: At) -> Any:
        node = self.nodes[source.node]
        found = self.results[source.node, tuple(at[loop] for loop in node.within)]
        if isinstance(node, Task):
            found = _part(found, node.outputs[source.output].path)
        elif source.output != "return_value":
            found = found[source.output]
        return _part(found, source.path)


def _call(task: Task, inputs: Mapping[str, Any], place: _Place) -> Any:
    place.executions.append((place.prefix[:-1], place.index))
    found = plain_function(load(task.function))(**inputs)
    return list(found) if isinstance(found, Iterator) else found


def _chosen(switch: Switch, selector: Any) -> str:
    for case in switch.cases:
        if type(case.value) is type(selector) and case.value == selector:
            return case.node
    assert switch.default is not None
    return switch.default


def _repeated(repeat: Repeat, inputs: Mapping[str, Any], place: _Place) -> Any:
    given = dict(inputs)
    for turn in range(repeat.max_iterations):
        inner = _Place(place.prefix, (*place.index, turn), place.executions)
        found = _Body({"turn": repeat.node}, {}, given, inner).run_node("turn", {})
        if found[repeat.until]:
            return found
        given |= {name: found[name] for name in given if name in found}
    assert repeat.exhausted == "return"
    return found


def _part(value: Any, path: tuple[tuple[str, Any], ...]) -> Any:
    for kind, name in path:
        value = value[name] if kind == "key" else getattr(value, name)
    return value
