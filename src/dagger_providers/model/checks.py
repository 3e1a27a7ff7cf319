"""The rules of a valid model; each runs in time linear in the model's size."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from dagger_providers.errors import CyclicDependencyError, ModelError
from dagger_providers.model.names import check_name, listed
from dagger_providers.model.values import (
    ForEach,
    FromItem,
    FromList,
    FromNodeOutput,
    FromParam,
    FromValue,
    Loop,
)

if TYPE_CHECKING:
    from dagger_providers.model.nodes import DAG, Task

AnyInput = FromParam | FromNodeOutput | FromItem | FromValue | FromList | ForEach

_ARGUMENT = re.compile(r"(\*{0,2})(\w*)(=?)")


def check_task(task: Task) -> None:
    """Check names and that the inputs are the function's arguments."""
    for name in task.inputs:
        if not isinstance(name, str) or not name.isidentifier():
            raise ModelError(f"task {task.function}: input {name!r} is no name of an argument")
    for name in task.outputs:
        check_name(name, f"task {task.function}: output")
    if task.signature:
        _check_arguments(task)


def _check_arguments(task: Task) -> None:
    required, known, open_ended = _arguments(task.signature)
    unknown = [name for name in task.inputs if name not in known]
    if unknown and not open_ended:
        raise ModelError(
            f"task {task.function} has no argument {listed(unknown)}; its arguments are "
            f"{task.signature}"
        )
    missing = [name for name in required if name not in task.inputs]
    if missing:
        raise ModelError(
            f"task {task.function}: no input for argument {listed(missing)}; its arguments are "
            f"{task.signature}, its inputs: {listed(task.inputs)}"
        )


_parsed: dict[str, tuple[tuple[str, ...], frozenset[str], bool]] = {}


def _arguments(signature: str) -> tuple[tuple[str, ...], frozenset[str], bool]:
    """Read a signature's text: required names, all names, whether any name is taken."""
    found = _parsed.get(signature)
    if found is None:
        parts = [_ARGUMENT.fullmatch(p.strip()) for p in signature.strip("()").split(",")]
        named = [m.groups() for m in parts if m and m.group(2) and not m.group(1)]
        found = _parsed[signature] = (
            tuple(name for _, name, default in named if not default),
            frozenset(name for _, name, _ in named),
            any(m is not None and m.group(1) == "**" for m in parts),
        )
    return found


def check_dag(dag: DAG) -> None:
    """Check that everything a DAG refers to exists and is there when it is read."""
    if not dag.nodes:
        raise ModelError(f"pipeline {dag.name!r} has no nodes")
    for what in ("nodes", "inputs", "outputs", "loops"):
        for name in getattr(dag, what):
            check_name(name, f"pipeline {dag.name!r}: {what.removesuffix('s')}")
    scopes = _Scopes(dag)
    for name, loop in dag.loops.items():
        _check_loop(scopes, name, loop)
    for name, node in dag.nodes.items():
        scope = scopes.of(node.within, f"node {name!r}")
        _check_after(dag, name, node.after)
        for argument, source in node.inputs.items():
            _check_source(scopes, source, scope, name, argument)
    outside = scopes.of((), "")
    for name, source in dag.outputs.items():
        _check_source(scopes, source, outside, "", name)
    execution_order(dag)


def _check_after(dag: DAG, name: str, after: Iterable[str]) -> None:
    for other in after:
        if other not in dag.nodes:
            raise ModelError(
                f"node {name!r} is to run after {other!r}, which does not exist; "
                f"nodes: {listed(dag.nodes)}"
            )


class _Scopes:
    """Which loops have a current item at a place of a DAG."""

    def __init__(self, dag: DAG) -> None:
        self.dag = dag
        self._known: dict[tuple[str, ...], frozenset[str]] = {}

    def of(self, within: tuple[str, ...], place: str) -> frozenset[str]:
        found = self._known.get(within)
        if found is None:
            for name in within:
                if name not in self.dag.loops:
                    raise ModelError(
                        f"{place} runs in loop {name!r}, which does not exist; "
                        f"loops: {listed(self.dag.loops)}"
                    )
            found = self._known[within] = frozenset(
                inner for name in within for inner in self.with_zips(name)
            )
        return found

    def with_zips(self, name: str) -> Iterator[str]:
        yield name
        for joined in self.dag.loops[name].zips:
            if joined != name and joined in self.dag.loops:
                yield from self.with_zips(joined)


def _check_loop(scopes: _Scopes, name: str, loop: Loop) -> None:
    if (loop.over is None) == (not loop.zips):
        raise ModelError(f"loop {name!r} must have either 'over' or 'zips'")
    for joined in loop.zips:
        if joined not in scopes.dag.loops or joined == name:
            raise ModelError(
                f"loop {name!r} zips {joined!r}, which is no other loop; "
                f"loops: {listed(scopes.dag.loops)}"
            )
    scope = scopes.of(loop.within, f"loop {name!r}")
    if name in scope:
        raise ModelError(f"loop {name!r} runs in itself")
    if loop.over is not None:
        _check_source(scopes, loop.over, scope, "", f"loop {name}")


def _check_source(
    scopes: _Scopes, source: AnyInput, scope: frozenset[str], node: str, name: str
) -> None:
    place = f"node {node!r}, input {name!r}" if node else f"{name!r}"
    match source:
        case FromValue():
            return
        case FromParam():
            wanted = source.name or name
            if wanted not in scopes.dag.inputs and source.required:
                raise ModelError(
                    f"{place} reads parameter {wanted!r}, which pipeline {scopes.dag.name!r} does "
                    f"not have; its parameters: {listed(scopes.dag.inputs)}"
                )
        case FromItem(loop=loop):
            if loop not in scope:
                raise ModelError(f"{place} reads the item of loop {loop!r} outside that loop")
        case FromNodeOutput():
            _check_node_output(scopes, source, scope, place)
        case ForEach(loop=loop, items=items):
            if loop not in scopes.dag.loops:
                raise ModelError(
                    f"{place} gathers over loop {loop!r}, which does not exist; "
                    f"loops: {listed(scopes.dag.loops)}"
                )
            inner = scope | frozenset(scopes.with_zips(loop))
            for item in items:
                _check_source(scopes, item, inner, node, name)
        case FromList(items=items):
            for item in items:
                _check_source(scopes, item, scope, node, name)


def _check_node_output(
    scopes: _Scopes, source: FromNodeOutput, scope: frozenset[str], place: str
) -> None:
    nodes = scopes.dag.nodes
    producer = nodes.get(source.node)
    if producer is None:
        raise ModelError(
            f"{place} reads node {source.node!r}, which does not exist; nodes: {listed(nodes)}"
        )
    output = producer.outputs.get(source.output)
    if output is None:
        raise ModelError(
            f"{place} reads output {source.output!r} of node {source.node!r}, which it does not "
            f"have; its outputs: {listed(producer.outputs)}"
        )
    written = getattr(output, "serializer", None)
    if source.serializer is not None and written is not None and source.serializer != written:
        raise ModelError(
            f"{place} expects {source.serializer.to_json()!r}, but output {source.output!r} of "
            f"node {source.node!r} is written as {written.to_json()!r}"
        )
    for loop in producer.within:
        if loop not in scope:
            raise ModelError(
                f"{place} reads node {source.node!r}, which runs once for each item of loop "
                f"{loop!r}: gather it, FromList([ForEach({loop!r}, [FromNodeOutput("
                f"{source.node!r})])])"
            )


def execution_order(dag: DAG) -> tuple[str, ...]:
    """Return the nodes' names in an order in which they can run.

    Raises:
        CyclicDependencyError: There is none; the message shows one cycle.
    """
    sources: dict[str, frozenset[str]] = {}

    def of_loop(name: str) -> frozenset[str]:
        if name not in sources:
            sources[name] = frozenset()  # a loop that needs itself shows as a cycle of its nodes
            loop = dag.loops[name]
            found = set(_nodes_read(loop.over, of_loop)) if loop.over is not None else set()
            for other in (*loop.zips, *loop.within):
                found |= of_loop(other)
            sources[name] = frozenset(found)
        return sources[name]

    graph: dict[str, set[str]] = {}
    for name, node in dag.nodes.items():
        before = set(node.after)
        for loop in node.within:
            before |= of_loop(loop)
        for source in node.inputs.values():
            before.update(_nodes_read(source, of_loop))
        graph[name] = before
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise CyclicDependencyError(
            f"pipeline {dag.name!r}: nodes wait for each other: {circle}"
        ) from None


def _nodes_read(source: AnyInput, of_loop: object) -> Iterator[str]:
    match source:
        case FromNodeOutput(node=node):
            yield node
        case FromItem(loop=loop):
            yield from of_loop(loop)  # type: ignore[operator]
        case ForEach(loop=loop, items=items):
            yield from of_loop(loop)  # type: ignore[operator]
            for item in items:
                yield from _nodes_read(item, of_loop)
        case FromList(items=items):
            for item in items:
                yield from _nodes_read(item, of_loop)
        case FromParam() | FromValue():
            return


def check_parameters(dag: DAG, given: Mapping[str, object]) -> None:
    """Refuse values for parameters that do not exist, and the lack of required ones.

    Raises:
        UsageError: In one line: which, and what the pipeline has.
    """
    from dagger_providers.errors import UsageError

    unknown = [name for name in given if name not in dag.inputs]
    if unknown:
        raise UsageError(
            f"pipeline {dag.name!r} has no parameter {listed(unknown)}; its parameters: "
            f"{listed(dag.inputs)}"
        )
    missing = [
        name
        for name, source in dag.inputs.items()
        if name not in given and getattr(source, "required", True)
    ]
    if missing:
        raise UsageError(
            f"pipeline {dag.name!r} needs parameter {listed(missing)}; given: {listed(given)}"
        )
