"""Turn the trees of a recording into the inputs of a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dagger_providers.dsl.literals import literal
from dagger_providers.dsl.outputs import OutputNames
from dagger_providers.dsl.records import Captured
from dagger_providers.dsl.references import Tree, path_text
from dagger_providers.errors import BuildError
from dagger_providers.model import (
    DAG,
    ForEach,
    FromArtifact,
    FromItem,
    FromList,
    FromNodeOutput,
    FromParam,
    FromValue,
)


class Inputs:
    """Makes the inputs of one model; equal trees share one input.

    Args:
        nodes: The nodes' names.
        loops: The loops' names.
        outputs: The names of the outputs of tasks, by the node's number.
        nested: The pipelines that are nodes, by number.
        composed: The numbers of nodes that are switches or loops.
        place: What messages call the pipeline.
    """

    def __init__(
        self,
        nodes: list[str],
        loops: list[str],
        outputs: dict[int, OutputNames],
        nested: dict[int, DAG],
        composed: set[int],
        place: str,
    ) -> None:
        self._composed = composed
        self.loops = loops
        self._nodes = nodes
        self._outputs = outputs
        self._nested = nested
        self._place = place
        self._made: dict[Tree, Any] = {}

    def of(self, tree: Tree) -> Any:
        """Return the input that a tree stands for."""
        kind = tree[0]
        if kind == "value":
            return FromValue.trusted(value=self.literal(tree, None, f"{self._place}: a literal"))
        if kind == "list":
            return FromList.trusted(items=tuple(map(self.of, tree[1])))
        if kind == "each":
            return ForEach.trusted(loop=self.loops[tree[1]], items=tuple(map(self.of, tree[2])))
        found = self._made.get(tree)
        if found is None:
            found = self._made[tree] = self._origin(kind, tree[1], tree[2])
        return found

    def argument(self, tree: Tree, annotation: Any, place: str) -> Any:
        """Return the input of an argument; a literal is checked against its annotation."""
        if tree[0] == "default":  # JSON data already
            return FromValue.trusted(value=tree[1])
        if tree[0] == "value":
            return FromValue.trusted(value=self.literal(tree, annotation, place))
        return self.of(tree)

    def literal(self, tree: Tree, annotation: Any, place: str) -> Any:
        """Return the JSON data of a literal."""
        value = tree[1]
        return literal(value.value if type(value) is Captured else value, annotation, place)

    def _origin(self, kind: str, origin: Any, path: Any) -> Any:
        if kind == "node":
            return self._node_output(origin, path)
        if kind == "artifact":
            return FromArtifact.of(origin, path)
        if kind == "param":
            return FromParam.trusted(name=origin, path=path)
        return FromItem.trusted(loop=self.loops[origin], path=path)

    def _node_output(self, number: int, path: Any) -> FromNodeOutput:
        name = self._nodes[number]
        if number in self._composed:
            return FromNodeOutput.trusted(node=name, path=path)
        nested = self._nested.get(number)
        if nested is None:
            return FromNodeOutput.trusted(node=name, output=self._outputs[number].name(path))
        if list(nested.outputs) == ["return_value"]:
            return FromNodeOutput.trusted(node=name, path=path)
        if not path or path[0][1] not in nested.outputs:
            what = path_text(path[:1]) if path else " as a whole"
            raise BuildError(
                f"{self._place}: pipeline {nested.name!r} is read{what}; it gives: "
                f"{', '.join(nested.outputs) or 'nothing'}; read one of these by its key"
            )
        return FromNodeOutput.trusted(node=name, output=path[0][1], path=path[1:])


def origins(tree: Tree) -> Iterator[Tree]:
    """Yield the references in a tree; a tree that is one is its own."""
    kind = tree[0]
    if kind in {"list", "each"}:
        for element in tree[-1]:
            yield from origins(element)
    elif kind != "value":
        yield tree
