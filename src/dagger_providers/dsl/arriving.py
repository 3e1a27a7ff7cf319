"""What annotation a value has when it arrives: where from, and what its serializer restores."""

from __future__ import annotations

import sys
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dagger_providers.card.annotations import hints, resolve
from dagger_providers.card.functions import function_here, load
from dagger_providers.dsl.compatible import class_of, items_of
from dagger_providers.dsl.parts import NoPartError, part_of
from dagger_providers.dsl.references import path_text
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
    FrozenMapping,
    Repeat,
    Switch,
    Task,
)
from dagger_providers.model.frozen import EMPTY
from dagger_providers.model.nodes import children
from dagger_providers.serializers import SerializerSpec, item_annotation, spec_for
from dagger_providers.serializers.typeforms import frame_library, type_name, unwrap


@dataclass(frozen=True, slots=True)
class Arriving:
    """A value as its reader gets it.

    Attributes:
        annotation: What it is annotated as; `Any` where nothing says it.
        exact: Whether it is of the very class of its annotation, and of no subclass.
        giver: What messages call it: "the result of node 'load'".
    """

    annotation: Any
    exact: bool
    giver: str

    @property
    def shown(self) -> str:
        """What messages say of it: "the result of node 'load' is DataFrame"."""
        return f"{self.giver} is {type_name(self.annotation)}"

    def at(self, path: Any, place: str) -> Arriving:
        """Return a part of it.

        Raises:
            BuildError: It surely has no such part.
        """
        if not path:
            return self
        found = self.annotation
        for step, (kind, name) in enumerate(path):
            try:
                found = part_of(found, kind, name)
            except NoPartError as error:
                read = f"{path_text(path[: step + 1])} of {self.giver}"
                of = f"{path_text(path[:step])} of it is {type_name(found)}"
                is_ = of if step else f"that is {type_name(found)}"
                raise BuildError(f"{place} reads {read}, but {is_}: {error}") from None
        return replace(self, annotation=found, giver=f"{path_text(path)} of {self.giver}")


UNKNOWN = Arriving(Any, False, "")

PLAIN: Any = dict | list | str | int | float | bool | None
"""What JSON gives whose annotation nobody says."""


def annotations_of(reference: str | None) -> Mapping[str, Any]:
    """Return the annotations of a function; none where it cannot be imported here."""
    if reference is None:
        return {}
    try:
        return hints(function_here(reference) or load(reference))
    except (Exception, SystemExit):
        return {}  # it is in the image only, or fails: whoever runs it tells


class Scope:
    """The nodes of one DAG, and what arrives from each.

    Args:
        dag: The pipeline.
        parameters: What arrives from outside, by parameter.
        place: What messages call the pipeline.
    """

    def __init__(self, dag: DAG, parameters: Mapping[str, Arriving]) -> None:
        self.dag = dag
        self.place = f"pipeline {dag.name!r}"
        self.parameters = parameters
        self._outputs: dict[tuple[str, str], Arriving] = {}
        self._nested: dict[str, Scope] = {}

    def of(self, source: Any, name: str = "") -> Arriving:
        """Return what arrives from a source; ``name`` is the input that reads it.

        Raises:
            BuildError: A part is read that it surely does not have.
        """
        match source:
            case FromList():
                return self._list(source)
            case FromParam(path=path):
                return self.parameters.get(source.name or name, UNKNOWN).at(path, self.place)
            case FromArtifact(path=path):
                return _of_artifact(source, self.dag.code_root).at(path, self.place)
            case FromValue():
                return UNKNOWN
            case _:
                found = list(self.every(source))
                return found[0] if len(found) == 1 else UNKNOWN

    def every(self, source: Any, name: str = "") -> Iterator[Arriving]:
        """Yield all that may arrive from a source.

        Of a loop over a list, this is each of its elements; of a switch, each branch's result.
        """
        match source:
            case FromItem(path=path):
                for item in self.items(source.loop):
                    yield item.at(path, self.place)
            case FromNodeOutput(node=name, output=output, path=path):
                node = self.dag.nodes[name]
                if isinstance(node, Task | DAG):
                    yield self._output(name, output).at(path, self.place)
                else:
                    yield from self._composed(name, node, path)
            case _:
                yield self.of(source, name)

    def items(self, loop: str) -> Iterator[Arriving]:
        """Yield what the items of a loop are."""
        over = self.dag.loops[loop].over
        if isinstance(over, FromList):
            for element in elements_of(over):
                yield from self.every(element)
        elif over is not None:
            for whole in self.every(over, loop):
                plain = whole.annotation is PLAIN
                for item in (PLAIN,) if plain else items_of(whole.annotation):
                    yield replace(whole, annotation=item, giver=f"an item of {whole.giver}")

    def walked(self, loop: str) -> Arriving:
        """Return what a loop runs over, before it is kept item by item for that."""
        over = self.dag.loops[loop].over
        producer = self.dag.nodes[over.node] if isinstance(over, FromNodeOutput) else None
        if isinstance(over, FromNodeOutput) and isinstance(producer, Task):
            return self._made(over.node, producer, over.output).at(over.path, self.place)
        return self.of(over, loop)

    def _list(self, source: FromList) -> Arriving:
        found = [one.annotation for each in elements_of(source) for one in self.every(each)]
        try:
            item: Any = typing.Union[tuple(found)] if found else Any  # noqa: UP007
        except TypeError:
            item = Any
        return Arriving(list[item], True, "a list of results")

    def _output(self, node: str, output: str) -> Arriving:
        found = self._outputs.get((node, output))
        if found is None:
            producer = self.dag.nodes[node]
            made = self._written if isinstance(producer, Task) else self._returned
            found = self._outputs[node, output] = made(node, producer, output)
        return found

    def inside(self, name: str, node: Switch | Repeat) -> Scope:
        """Return the scope of what a switch or a repetition holds, by the addresses they have."""
        found = self._nested.get(name)
        if found is None:
            given = {n: self.of(source, n) for n, source in node.inputs.items()}
            nodes = {f"{name}.{n}": inner for n, inner in children(node).items()}
            held = self.dag.having(
                nodes=FrozenMapping(nodes), inputs=node.inputs, outputs=EMPTY, loops=EMPTY
            )
            found = self._nested[name] = Scope(held, given)
        return found

    def _composed(self, name: str, node: Switch | Repeat, path: Any) -> Iterator[Arriving]:
        inside = self.inside(name, node)
        for address, inner in inside.dag.nodes.items():
            yield from inside.result(address, inner, path)

    def result(self, name: str, node: Any, path: Any) -> Iterator[Arriving]:
        """Yield what may arrive from a part of a node's result, as a switch or a loop reads it."""
        if isinstance(node, Switch | Repeat):
            yield from self._composed(name, node, path)
            return
        output = "return_value"
        if isinstance(node, Task):
            kept = next((n for n, one in node.outputs.items() if one.path == path), None)
            output, path = (kept, ()) if kept is not None else (output, path)
        elif output not in node.outputs and path:
            output, path = path[0][1], path[1:]
        if output in node.outputs:
            yield self._output(name, output).at(path, self.place)

    def _written(self, name: str, task: Any, output: str) -> Arriving:
        """Return what a task's output restores."""
        kept = task.outputs[output]
        return _restored(self._made(name, task, output), kept)

    def _made(self, name: str, task: Any, output: str) -> Arriving:
        """Return what a task gives to the serializer of an output."""
        returned = annotations_of(task.function).get("return", Any)
        whole = Arriving(returned, True, f"the result of node {name!r}")
        return whole.at(task.outputs[output].path, self.place)

    def _returned(self, name: str, dag: Any, output: str) -> Arriving:
        """Return what a nested pipeline gives: what its node does, else what it is annotated as."""
        found = self.inner(name, dag).of(dag.outputs[output])
        if unwrap(found.annotation) is not Any:
            return found
        returned = annotations_of(dag.function).get("return", Any)
        path = () if output == "return_value" else (("key", output),)
        return Arriving(returned, True, f"the result of node {name!r}").at(path, self.place)

    def inner(self, name: str, dag: DAG) -> Scope:
        """Return the scope of a nested pipeline."""
        found = self._nested.get(name)
        if found is None:
            declared = annotations_of(dag.function)
            arriving = {
                n: Arriving(declared[n], True, f"parameter {n!r} of pipeline {dag.name!r}")
                if n in declared
                else self.of(source, n)
                for n, source in dag.inputs.items()
            }
            found = self._nested[name] = Scope(dag, arriving)
        return found


def root(dag: DAG) -> Scope:
    """Return the scope of a pipeline that is no node of another."""
    declared = annotations_of(dag.function)
    given = {
        name: Arriving(declared[name], True, f"parameter {name!r}")
        for name in dag.inputs
        if name in declared
    }
    return Scope(dag, given)


def elements_of(source: FromList | ForEach) -> Iterator[Any]:
    """Yield the elements of a list, those that it has once for each item of a loop included."""
    for element in source.items:
        if isinstance(element, ForEach):
            yield from elements_of(element)
        else:
            yield element


_KINDS: Mapping[str, Any] = {"text": str, "bytes": bytes}

_FRAMES = {
    "pandas": ("pandas", "DataFrame"),
    "polars": ("polars", "DataFrame"),
    "arrow": ("pyarrow", "Table"),
}


def _of_artifact(source: FromArtifact, root: str | None) -> Arriving:
    """Return what the serializer of an artifact gives, as far as that is known."""
    spec = source.stored.serializer
    giver = f"artifact {source.uri!r}"
    if spec.annotation is not None:
        try:
            return Arriving(resolve(spec.annotation, root), True, giver)
        except (Exception, SystemExit):
            return UNKNOWN  # as in `annotations_of`
    if spec.name in {"csv", "parquet"}:
        module, name = _FRAMES[str(spec.option("frame", "pandas"))]
        loaded = sys.modules.get(module)  # who asks for another frame has loaded that at most
        return Arriving(getattr(loaded, name, Any), True, giver)
    made = {"json": PLAIN, "path": Path, **_KINDS}.get(spec.name, Any)
    return Arriving(made, made is not Any, giver)


def _restored(part: Arriving, kept: Any) -> Arriving:
    """Return what the serializer of an output makes of a value, and whether exactly that."""
    spec: SerializerSpec = kept.serializer
    item = (item_annotation(part.annotation) or Any) if kept.partitioned else part.annotation
    made: Any = Any
    exact = False
    if spec.name in _KINDS:
        made, exact = _KINDS[spec.name], True
    elif spec.name == "pickle":
        made = item
    elif unwrap(item) is not Any and _asks_for(item, spec):
        made, exact = item, True
    if not kept.partitioned:
        return Arriving(made, exact, part.giver)
    told = ", which a loop walks and is kept item by item," * (class_of(part.annotation) is tuple)
    return Arriving(list[made], exact, part.giver + told)


def _asks_for(annotation: Any, spec: SerializerSpec) -> bool:
    """Say whether a serializer gives back what the annotation says: a CSV file's frame, say."""
    frame = frame_library(annotation)
    if frame is not None:
        return spec.name in {"parquet", "csv"} and spec.option("frame", frame) == frame
    asked = spec_for(annotation)
    return asked is not None and asked.name == spec.name
