"""The order in which the nodes of a DAG can run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from dagger_providers.errors import CyclicDependencyError
from dagger_providers.model.values import (
    ForEach,
    FromArtifact,
    FromItem,
    FromList,
    FromNodeOutput,
    FromParam,
    FromRecord,
    FromValue,
)

if TYPE_CHECKING:
    from dagger_providers.model.nodes import DAG

AnyInput = (
    FromParam
    | FromNodeOutput
    | FromItem
    | FromValue
    | FromArtifact
    | FromList
    | FromRecord
    | ForEach
)


def execution_order(dag: DAG) -> tuple[str, ...]:
    """Return the nodes' names in an order in which they can run: as they stand, if that is one.

    Raises:
        CyclicDependencyError: There is none; the message shows one cycle.
    """
    before = _Before(dag)
    if before.stand_in_order():
        return tuple(dag.nodes)
    try:
        return tuple(TopologicalSorter({n: before.node(n) for n in dag.nodes}).static_order())
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise CyclicDependencyError(
            f"pipeline {dag.name!r}: nodes wait for each other: {circle}"
        ) from None


class _Before:
    """Which nodes a node or a loop waits for; dicts keep an order that no hash seed changes."""

    def __init__(self, dag: DAG) -> None:
        self.dag = dag
        self._loops: dict[str, dict[str, None]] = {}

    def stand_in_order(self) -> bool:
        seen: set[str] = set()
        for name, node in self.dag.nodes.items():
            for source in sources_of(node):
                if type(source) is FromNodeOutput:
                    if source.node not in seen:
                        return False
                elif not seen.issuperset(nodes_read(source, self.loop)):
                    return False
            if node.within or node.after:
                waits = (*node.after, *(n for loop in node.within for n in self.loop(loop)))
                if not seen.issuperset(waits):
                    return False
            seen.add(name)
        return True

    def node(self, name: str) -> dict[str, None]:
        node = self.dag.nodes[name]
        before = dict.fromkeys(node.after)
        for loop in node.within:
            before |= self.loop(loop)
        for source in sources_of(node):
            before |= dict.fromkeys(nodes_read(source, self.loop))
        return before

    def loop(self, name: str) -> dict[str, None]:
        if name not in self._loops:
            self._loops[name] = {}  # a loop that needs itself shows as a cycle of its nodes
            loop = self.dag.loops[name]
            over = () if loop.over is None else nodes_read(loop.over, self.loop)
            found = dict.fromkeys(over)
            for other in (*loop.zips, *loop.within):
                found |= self.loop(other)
            self._loops[name] = found
        return self._loops[name]


def sources_of(node: Any) -> Iterable[AnyInput]:
    """Return the inputs of a node; of a switch, its selector too."""
    if node.kind == "switch":
        return (node.selector, *node.inputs.values())
    return node.inputs.values()  # type: ignore[no-any-return]


def nodes_read(source: AnyInput, of_loop: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """Yield the nodes that an input needs, those of the loops it names included."""
    match source:
        case FromNodeOutput(node=node):
            yield node
        case FromItem(loop=loop):
            yield from of_loop(loop)
        case ForEach(loop=loop, items=items):
            yield from of_loop(loop)
            for item in items:
                yield from nodes_read(item, of_loop)
        case FromList(items=items):
            for item in items:
                yield from nodes_read(item, of_loop)
        case FromParam() | FromValue() | FromArtifact() | FromRecord():
            return
