"""The rules of a valid DAG; each runs in time linear in the DAG's size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagger_providers.errors import (
    ModelError,
    SerializerMismatchError,
    UnknownReferenceError,
)
from dagger_providers.model.branches import check_offered
from dagger_providers.model.hooks import check_hooks
from dagger_providers.model.names import check_name, listed
from dagger_providers.model.order import AnyInput, execution_order
from dagger_providers.model.values import (
    JSON_SPEC,
    ForEach,
    FromArtifact,
    FromItem,
    FromList,
    FromNodeOutput,
    FromParam,
    FromRecord,
    FromValue,
    Loop,
)
from dagger_providers.serializers import SerializerSpec

if TYPE_CHECKING:
    from dagger_providers.model.nodes import DAG


def check_dag(dag: DAG) -> None:
    """Check that everything a DAG refers to exists and is there when it is read.

    Raises:
        ModelError: Something does not fit; the message names it, and what exists.
        CyclicDependencyError: Nodes wait for each other.
    """
    _check_names(dag)
    scopes = _Scopes(dag)
    sources = _Sources(dag, scopes)
    for name, loop in dag.loops.items():
        _check_loop(sources, name, loop)
    outside = scopes.of((), "")
    place: tuple[str, ...] = ()
    try:
        for name, node in dag.nodes.items():
            place = ("nodes", name)
            scope = scopes.of(node.within, f"node {name!r}") if node.within else outside
            if node.after:
                _check_after(dag, name, node.after)
            for argument, source in node.inputs.items():
                place = ("nodes", name, "inputs", argument)
                sources.check(source, scope, name, argument)
            if node.kind == "switch":
                place = ("nodes", name, "selector")
                sources.check(node.selector, scope, name, "selector")
        for name, source in dag.outputs.items():
            place = ("outputs", name)
            sources.check(source, outside, "", name)
            _check_made(dag, source, name)
    except ModelError as error:
        error.place = place
        raise
    check_hooks(dag)
    execution_order(dag)


def _check_made(dag: DAG, source: AnyInput, name: str) -> None:
    """Refuse to give back what no node has made."""
    if isinstance(source, ForEach | FromList):
        for item in source.items:
            _check_made(dag, item, name)
    elif isinstance(source, FromArtifact):
        raise ModelError(
            f"pipeline {dag.name!r} returns artifact {source.uri!r} as {name!r}, which no run "
            "makes: return what a task makes of it"
        )


def _check_names(dag: DAG) -> None:
    if not dag.nodes:
        raise ModelError(f"pipeline {dag.name!r} has no nodes")
    for what in ("nodes", "inputs", "outputs", "loops"):
        place = f"pipeline {dag.name!r}: {what.removesuffix('s')}"
        for name in getattr(dag, what):
            check_name(name, place)


def _check_after(dag: DAG, name: str, after: tuple[str, ...]) -> None:
    for other in after:
        if other not in dag.nodes:
            raise UnknownReferenceError(
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
                self.check(name, f"{place} runs in")
            found = self._known[within] = frozenset(
                inner for name in within for inner in self.with_zips(name)
            )
        return found

    def check(self, loop: str, what: str) -> None:
        if loop not in self.dag.loops:
            raise UnknownReferenceError(
                f"{what} loop {loop!r}, which does not exist; loops: {listed(self.dag.loops)}"
            )

    def with_zips(self, name: str) -> dict[str, None]:
        found = {name: None}
        waiting = [name]
        while waiting:
            zips = self.dag.loops[waiting.pop()].zips
            new = [one for one in zips if one not in found and one in self.dag.loops]
            found |= dict.fromkeys(new)
            waiting += new
        return found


def _check_loop(sources: _Sources, name: str, loop: Loop) -> None:
    scopes = sources.scopes
    if (loop.over is None) == (not loop.zips):
        raise ModelError(f"loop {name!r} must have either 'over' or 'zips'")
    for joined in loop.zips:
        scopes.check(joined, f"loop {name!r} zips")
        if name in scopes.with_zips(joined):
            raise ModelError(f"loop {name!r} zips {joined!r}, which is or joins {name!r} itself")
    scope = scopes.of(loop.within, f"loop {name!r}")
    if name in scope:
        raise ModelError(f"loop {name!r} runs in itself")
    if loop.over is not None:
        sources.check(loop.over, scope, "", f"loop {name}")


class _Sources:
    """Checks where inputs, outputs and loops of one DAG come from."""

    def __init__(self, dag: DAG, scopes: _Scopes) -> None:
        self.dag = dag
        self.scopes = scopes

    def check(self, source: AnyInput, scope: frozenset[str], node: str, name: str) -> None:
        match source:
            case FromNodeOutput():
                self._check_node_output(source, scope, node, name)
            case FromParam():
                self._check_param(source, node, name)
            case FromItem(loop=loop):
                if loop not in scope:
                    place = _place(node, name)
                    raise ModelError(f"{place} reads the item of loop {loop!r} outside that loop")
            case ForEach() | FromList():
                self._check_list(source, scope, node, name)
            case FromRecord():
                raise ModelError(f"{_place(node, name)} reads the run's record, as only hooks may")
            case FromValue() | FromArtifact():
                return

    def _check_list(
        self, source: ForEach | FromList, scope: frozenset[str], node: str, name: str
    ) -> None:
        if isinstance(source, ForEach):
            self.scopes.check(source.loop, f"{_place(node, name)} gathers over")
            scope |= frozenset(self.scopes.with_zips(source.loop))
        for item in source.items:
            self.check(item, scope, node, name)

    def _check_param(self, source: FromParam, node: str, name: str) -> None:
        wanted = source.name or name
        declared = self.dag.inputs.get(wanted)
        if declared is None:
            if source.required:
                raise UnknownReferenceError(
                    f"{_place(node, name)} reads parameter {wanted!r}, which pipeline "
                    f"{self.dag.name!r} does not have; its parameters: {listed(self.dag.inputs)}"
                )
            return
        expected, given = source.serializer, getattr(declared, "serializer", None)
        if expected not in (JSON_SPEC, given):
            raise SerializerMismatchError(
                f"{_place(node, name)} expects {_shown(expected)}, but parameter {wanted!r} of "
                f"pipeline {self.dag.name!r} is written as {_shown(given or JSON_SPEC)}"
            )

    def _check_node_output(
        self, source: FromNodeOutput, scope: frozenset[str], node: str, name: str
    ) -> None:
        nodes = self.dag.nodes
        producer = nodes.get(source.node)
        if producer is None:
            raise UnknownReferenceError(
                f"{_place(node, name)} reads node {source.node!r}, which does not exist; "
                f"nodes: {listed(nodes)}"
            )
        if producer.kind in {"switch", "repeat"}:
            _check_part(source, producer, _place(node, name))
        elif source.output not in producer.outputs:
            raise UnknownReferenceError(
                f"{_place(node, name)} reads output {source.output!r} of node {source.node!r}, "
                f"which it does not have; its outputs: {listed(producer.outputs)}"
            )
        if source.serializer is not None:
            written = _written(producer, source.output)
            if written is not None and source.serializer != written:
                raise SerializerMismatchError(
                    f"{_place(node, name)} expects {_shown(source.serializer)}, but output "
                    f"{source.output!r} of node {source.node!r} is written as {_shown(written)}"
                )
        for loop in producer.within:
            if loop not in scope:
                raise ModelError(
                    f"{_place(node, name)} reads node {source.node!r}, which runs once for each "
                    f"item of loop {loop!r}: gather it with FromList([ForEach({loop!r}, "
                    f"[FromNodeOutput({source.node!r})])])"
                )


def _check_part(source: FromNodeOutput, producer: Any, place: str) -> None:
    """Check that whatever runs in a switch or a repetition offers what is read."""
    if source.output != "return_value":
        raise UnknownReferenceError(
            f"{place} reads output {source.output!r} of node {source.node!r}, a {producer.kind}, "
            "which has only 'return_value'; name the part in 'path'"
        )
    try:
        check_offered(producer, source.path)
    except UnknownReferenceError as error:
        raise UnknownReferenceError(f"{place} reads node {source.node!r}: {error}") from None


def _place(node: str, name: str) -> str:
    return f"node {node!r}, input {name!r}" if node else repr(name)


def _shown(spec: SerializerSpec) -> str:
    return repr(spec.to_json())


def _written(producer: Any, output: str) -> SerializerSpec | None:
    """Return what writes an output; None where no single serializer does."""
    if producer.kind in {"switch", "repeat"}:
        return None
    found = producer.outputs[output]
    while isinstance(found, FromNodeOutput) and not found.path:
        producer = producer.nodes[found.node]
        if producer.kind in {"switch", "repeat"}:
            return None
        found = producer.outputs[found.output]
    if isinstance(found, FromNodeOutput | FromItem | FromList):
        return None
    return getattr(found, "serializer", None)
