"""Read what the bindings of a card name, from the store of a run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from itertools import islice
from typing import Any

from dagger_providers.card import (
    Axis,
    Binding,
    Card,
    Element,
    ForEach,
    Item,
    ListOf,
    NodeOutput,
    Parameter,
    Step,
    Value,
)
from dagger_providers.card.annotations import resolve as annotation_at
from dagger_providers.errors import CorruptValueError, UnequalLengthsError, UsageError
from dagger_providers.execution.context import Index, RunContext, node_path
from dagger_providers.serializers import (
    AnySerializer,
    SerializerSpec,
    is_json_native,
    item_annotation,
    load,
    spec_for,
)
from dagger_providers.storage import (
    Artifact,
    Partitions,
    identity_of_list,
    read_commit,
    read_value,
)
from dagger_providers.storage.partitions import check_source

Positions = dict[str, int]
"""For each loop that has a current item, which one."""

_JSON = SerializerSpec("json")


class Resolver:
    """Reads bindings in one run, for one set of loops."""

    def __init__(self, run: RunContext, axes: Mapping[str, Axis]) -> None:
        self.run = run
        self.axes = axes
        self._serializers: dict[tuple[SerializerSpec, bool], AnySerializer] = {}

    # Loops

    def positions(self, within: tuple[str, ...], index: Index) -> Positions:
        """Return the loops' current items at an index of a space.

        Raises:
            UsageError: The index has not one position for each loop.
        """
        if len(within) != len(index):
            raise UsageError(
                f"the index has {len(index)} positions, the node runs in {len(within)} loops "
                f"({', '.join(within) or 'none'})"
            )
        at: Positions = {}
        for loop, position in zip(within, index, strict=True):
            at = self.enter(at, loop, position)
        return at

    def enter(self, at: Positions, loop: str, position: int) -> Positions:
        """Return positions with one more loop, and those that run in step under it."""
        entered = {**at, loop: position}
        for joined in self.axes[loop].zips:
            entered = self.enter(entered, joined, position)
        return entered

    def extent(self, loop: str, at: Positions) -> int:
        """Return how many items a loop has here.

        Raises:
            UnequalLengthsError: Loops that run in step have not equally many.
        """
        axis = self.axes[loop]
        if axis.over is None:
            extents = {joined: self.extent(joined, at) for joined in axis.zips}
            if len(set(extents.values())) > 1:
                shown = ", ".join(f"{name} has {n}" for name, n in extents.items())
                raise UnequalLengthsError(f"zip needs lists of equal length, but {shown}")
            return next(iter(extents.values()))
        if isinstance(axis.over, NodeOutput) and not axis.over.path:
            artifact = self.artifact(axis.over, at)
            if artifact.kind == "partitioned":
                return len(artifact.parts or ())
        if isinstance(axis.over, ListOf) and not axis.over.path:
            return sum(1 for _ in self.elements(axis.over.items, at))
        return len(self._whole(axis.over, at, loop))

    def indices(self, space: tuple[str, ...], at: Positions | None = None) -> Iterator[Index]:
        """Yield all indices of a space, in the order of its loops."""
        if not space:
            yield ()
            return
        here = at or {}
        for position in range(self.extent(space[0], here)):
            for rest in self.indices(space[1:], self.enter(here, space[0], position)):
                yield (position, *rest)

    def _whole(self, over: Binding, at: Positions, loop: str) -> Any:
        value = self.value(over, at)
        check_source(value)
        if not isinstance(value, Sequence):
            raise UsageError(f"loop {loop!r} runs over a {type(value).__name__}; return a list")
        return value

    # Values

    def value(
        self, binding: Binding, at: Positions, annotation: Any = None, *, lazy: bool = False
    ) -> Any:
        """Return the value that a binding names.

        Args:
            binding: What to read.
            at: The loops' current items.
            annotation: The reader's annotation, which restores literals and parameters.
            lazy: Whether the reader takes a handle that reads items when they are asked for.
        """
        match binding:
            case Value(data):
                return _restored(data, annotation)
            case Parameter():
                return self._parameter(binding, annotation)
            case NodeOutput():
                found = self._stored(self.artifact(binding, at))
                found = take(found, binding.path)
                return list(found) if isinstance(found, Partitions) and not lazy else found
            case Item():
                return self._item(binding, at, annotation, lazy)
            case ListOf():
                gathered = Gathered(self, binding.items, at, _item_of(annotation))
                if binding.path:
                    return take(list(gathered), binding.path)
                return gathered if lazy else list(gathered)

    def artifact(self, binding: NodeOutput, at: Positions) -> Artifact:
        """Return what the commit record of a node says of one output.

        Raises:
            MissingValueError: The node has not committed.
            CorruptValueError: It committed something else than the card says.
        """
        index = tuple(at[loop] for loop in binding.loops)
        record = read_commit(self.run.store, node_path(binding.address, index))
        artifact = record.outputs.get(binding.output)
        if artifact is None:
            known = ", ".join(record.outputs) or "none"
            raise CorruptValueError(
                f"{binding.address} committed no output {binding.output!r}, but {known}"
            )
        if artifact.serializer != binding.serializer:
            raise CorruptValueError(
                f"{binding.address} wrote output {binding.output!r} as "
                f"{artifact.serializer.to_json()!r}, expected {binding.serializer.to_json()!r}"
            )
        return artifact

    def _stored(self, artifact: Artifact) -> Any:
        partitioned = artifact.kind == "partitioned"
        serializer = self.serializer(artifact.serializer, partitioned=partitioned)
        return read_value(self.run.store, artifact, serializer)

    def serializer(
        self, spec: SerializerSpec, *, partitioned: bool, otherwise: Any = None
    ) -> AnySerializer:
        """Return the serializer of a spec, with the annotation that it restores.

        Args:
            spec: Which serializer; its own annotation goes first.
            partitioned: Whether it is for the items of what the annotation describes.
            otherwise: The annotation to restore when the spec has none.
        """
        if otherwise is not None and spec.annotation is None:
            annotation = item_annotation(otherwise) if partitioned else otherwise
            return load(spec, None if is_json_native(annotation) else annotation)
        key = (spec, partitioned)
        found = self._serializers.get(key)
        if found is None:
            annotation = None
            if spec.annotation is not None:
                annotation = annotation_at(spec.annotation, self.run.root)
                annotation = item_annotation(annotation) if partitioned else annotation
            found = self._serializers[key] = load(spec, annotation)
        return found

    def _parameter(self, binding: Parameter, annotation: Any) -> Any:
        text = self.run.parameters.get(binding.name)
        if text is None:
            given = ", ".join(self.run.parameters) or "none"
            raise UsageError(f"parameter {binding.name!r} has no value; given: {given}")
        if binding.serializer.annotation is None:
            data = load(_JSON).read(BytesIO(text.encode()))  # type: ignore[union-attr]
            return _restored(take(data, binding.path), annotation)
        serializer = self.serializer(binding.serializer, partitioned=False)
        return take(serializer.read(BytesIO(text.encode())), binding.path)  # type: ignore[union-attr]

    def _item(self, binding: Item, at: Positions, annotation: Any, lazy: bool) -> Any:
        over = self.axes[binding.loop].over
        if over is None:
            raise UsageError(f"loop {binding.loop!r} joins others and has no items of its own")
        position = at[binding.loop]
        if isinstance(over, ListOf) and not over.path:
            inner, there = next(islice(self.elements(over.items, at), position, None))
            return take(self.value(inner, there, annotation, lazy=lazy), binding.path)
        if isinstance(over, NodeOutput) and not over.path:
            artifact = self.artifact(over, at)
            if artifact.kind == "partitioned":
                serializer = self.serializer(artifact.serializer, partitioned=True)
                part = (artifact.parts or ())[position]
                return take(read_value(self.run.store, part, serializer), binding.path)
        whole = self._whole(over, at, binding.loop)
        if _restores_nothing(over):
            return _restored(take(whole[position], binding.path), annotation)
        return take(whole[position], binding.path)

    def elements(
        self, items: tuple[Element, ...], at: Positions
    ) -> Iterator[tuple[Binding, Positions]]:
        """Yield the bindings of a list's elements, each with the positions to read it at."""
        for item in items:
            if isinstance(item, ForEach):
                for position in range(self.extent(item.loop, at)):
                    yield from self.elements(item.items, self.enter(at, item.loop, position))
            else:
                yield item, at

    # Identities

    def identity(self, binding: Binding, at: Positions) -> str:
        """Return the sha256 of a value, as its commit record or its JSON text gives it."""
        if isinstance(binding, ListOf) and not binding.path:
            return identity_of_list(
                self.identity(item, there) for item, there in self.elements(binding.items, at)
            )
        if isinstance(binding, NodeOutput) and not binding.path:
            return self.artifact(binding, at).sha256
        return json_identity(self.value(binding, at))


def json_identity(value: Any) -> str:
    """Return the sha256 of a value's JSON text."""
    from hashlib import sha256

    stream = BytesIO()
    annotation = type(value) if spec_for(type(value)) == _JSON else None
    native = annotation is None or is_json_native(annotation)
    load(_JSON, None if native else annotation).write(value, stream)  # type: ignore[union-attr]
    return sha256(stream.getvalue()).hexdigest()


class Gathered(Sequence[Any]):
    """A lazy fan-in: each element is read when it is asked for, every time anew."""

    def __init__(
        self, resolver: Resolver, items: tuple[Element, ...], at: Positions, annotation: Any
    ) -> None:
        self._resolver = resolver
        self._items = items
        self._at = at
        self._annotation = annotation

    def __len__(self) -> int:
        return sum(1 for _ in self._resolver.elements(self._items, self._at))

    def __getitem__(self, at: Any) -> Any:
        found = list(self._resolver.elements(self._items, self._at))[at]
        if isinstance(at, slice):
            return [self._read(*one) for one in found]
        return self._read(*found)

    def __iter__(self) -> Iterator[Any]:
        for binding, positions in self._resolver.elements(self._items, self._at):
            yield self._read(binding, positions)

    def _read(self, binding: Binding, at: Positions) -> Any:
        return self._resolver.value(binding, at, self._annotation)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, list | Gathered):
            return NotImplemented
        return list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # equal to lists, which have none

    def __repr__(self) -> str:
        return f"<{len(self)} gathered results>"


def _item_of(annotation: Any) -> Any:
    return item_annotation(annotation) if annotation is not None else None


def _restores_nothing(binding: Binding) -> bool:
    return isinstance(binding, Value) or (
        isinstance(binding, Parameter) and binding.serializer.annotation is None
    )


def _restored(data: Any, annotation: Any) -> Any:
    """Return JSON data as its reader's annotation says; fresh at every call."""
    restore = annotation
    if annotation is not None:
        spec = None if is_json_native(annotation) else spec_for(annotation)
        restore = annotation if spec is not None and spec.name in {"json", "path"} else None
    if restore is None and not isinstance(data, list | dict):
        return data
    return load(_JSON, restore).read(BytesIO(json.dumps(data).encode()))  # type: ignore[union-attr]


def take(value: Any, path: tuple[Step, ...]) -> Any:
    """Return a part of a value.

    Raises:
        UsageError: The value has no such part; the message says what it has.
    """
    for kind, name in path:
        value = _step(value, kind, name)
    return value


def _step(value: Any, kind: str, name: Any) -> Any:
    shown = type(value).__name__
    if kind == "attribute":
        if not hasattr(value, name):
            raise UsageError(f"the result, a {shown}, has no attribute {name!r}")
        return getattr(value, name)
    try:
        return value[name]
    except (KeyError, IndexError):
        has = f"keys {', '.join(map(repr, value))}" if isinstance(value, Mapping) else ""
        has = has or f"{len(value)} items"
        raise UsageError(f"the result, a {shown}, has no {name!r}; it has {has}") from None
    except TypeError:
        raise UsageError(f"the result, a {shown}, has no parts such as [{name!r}]") from None
