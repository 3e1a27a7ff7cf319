"""Read what the bindings of a card name, from the store of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

from dagger_providers.card import (
    Axis,
    Binding,
    Carried,
    Element,
    Item,
    Last,
    ListOf,
    NodeOutput,
    OneOf,
    Parameter,
    RunRecord,
    Stored,
    Value,
)
from dagger_providers.card.annotations import resolve as annotation_at
from dagger_providers.card.axes import case_of
from dagger_providers.card.bindings import part
from dagger_providers.errors import (
    CorruptValueError,
    DeserializationError,
    NoCaseError,
    UnequalLengthsError,
    UsageError,
)
from dagger_providers.execution.context import Index, RunContext, index_text, node_path
from dagger_providers.execution.loops import Elements, Positions, enter, positions
from dagger_providers.execution.values import (
    JSON,
    item_at,
    json_identity,
    own_copy,
    restored,
    take,
)
from dagger_providers.serializers import (
    AnySerializer,
    SerializerSpec,
    is_json_native,
    item_annotation,
    load,
)
from dagger_providers.storage import Artifact, Partitions, identity_of_list, read_value
from dagger_providers.storage.partitions import check_source


class Resolver:
    """Reads bindings in one run, for one set of loops."""

    def __init__(self, run: RunContext, axes: Mapping[str, Axis]) -> None:
        self.run = run
        self.axes = axes
        self._elements = Elements(axes, self.extent)
        self._serializers: dict[tuple[SerializerSpec, bool], AnySerializer] = {}

    # Loops

    def positions(self, within: tuple[str, ...], index: Index) -> Positions:
        """Return the loops' current items at an index of a space; see `loops.positions`."""
        return positions(self.axes, within, index)

    def extent(self, loop: str, at: Positions) -> int:
        """Return how many items an axis has here: of a guard, one where it is open.

        Raises:
            UnequalLengthsError: Loops that run in step have not equally many.
            NoCaseError: A switch has no case for its selector.
        """
        axis = self.axes[loop]
        if axis.choice is not None:
            return int(self.chosen(axis, at) == axis.choice.case)
        if axis.survives or axis.turns:
            return self._told(axis, at)
        if axis.over is None:
            extents = {joined: self.extent(joined, at) for joined in axis.zips}
            if len(set(extents.values())) > 1:
                shown = ", ".join(f"{name} has {n}" for name, n in extents.items())
                raise UnequalLengthsError(f"zip needs lists of equal length, but {shown}")
            return next(iter(extents.values()))
        over, at = self.followed(axis.over, at)
        if isinstance(over, NodeOutput) and not over.path:
            artifact = self.artifact(over, at)
            if artifact.kind == "partitioned":
                return len(artifact.parts or ())
        if isinstance(over, ListOf) and not over.path:
            return self.list_length(over.items, at)
        return len(self._whole(over, at, loop))

    def indices(
        self, space: tuple[str, ...], at: Positions | None = None, spans: Sequence[range] = ()
    ) -> Iterator[Index]:
        """Yield the indices of a space, in the order of its loops; guards take no position.

        Args:
            space: The space.
            at: The current items of the loops around it.
            spans: The positions of each loop to keep to; all without.
        """
        if not space:
            yield ()
            return
        here = at or {}
        counted = not self.axes[space[0]].is_guard
        found = range(self.extent(space[0], here))
        if spans and counted:
            found = range(spans[0].start, min(spans[0].stop, found.stop))
        for position in found:
            inner = enter(self.axes, here, space[0], position)
            for rest in self.indices(space[1:], inner, spans[1:] if counted else spans):
                yield (position, *rest) if counted else rest

    # Switches and repetitions

    def chosen(self, axis: Axis, at: Positions) -> str:
        """Return the name of the case that the selector of a guard's switch chooses.

        Raises:
            NoCaseError: There is none for it, and no default.
        """
        assert axis.choice is not None and axis.over is not None  # noqa: S101, PT018 - the caller's
        try:
            return case_of(self.value(axis.over, at), axis.choice)
        except NoCaseError as error:
            from dagger_providers.execution.failures import mark

            index = index_text(self._index(axis, at))
            mark(error, axis.choice.switch, index)
            raise

    def check_cases(self, within: tuple[str, ...], index: Index) -> None:
        """Check that what stands in branches has been chosen by values that have a case.

        An engine that compares a parameter itself takes the last case for all other values.

        Raises:
            NoCaseError: There is none for the value of a parameter, and no default.
        """
        for axis in map(self.axes.__getitem__, within):
            if axis.choice is not None and isinstance(axis.over, Parameter):
                self.chosen(axis, self.positions(within, index))

    def _index(self, axis: Axis, at: Positions) -> Index:
        """Return the index of what an axis is asked of: the positions of the loops around it."""
        return tuple(at[outer] for outer in axis.within if not self.axes[outer].is_guard)

    def _told(self, axis: Axis, at: Positions) -> int:
        """Return what the commit record of a node says: its turns, or that it did not fail.

        One that did not run, since a guard around it is closed, did not fail.
        """
        if axis.turns:
            return int(self._extra(axis, at)["turns"])
        for outer in map(self.axes.__getitem__, axis.within):  # from the outside to the inside
            if outer.choice is not None and self.chosen(outer, at) != outer.choice.case:
                return 1
            if outer.survives and "failed" in self._extra(outer, at):
                return 1
        return int("failed" not in self._extra(axis, at))

    def _extra(self, axis: Axis, at: Positions) -> Mapping[str, Any]:
        address = axis.survives or axis.turns
        return self.run.commit_at(node_path(address, self._index(axis, at))).extra

    def followed(self, binding: Binding, at: Positions) -> tuple[Binding, Positions]:
        """Return what a binding stands for here that depends on a switch or a repetition."""
        while True:
            match binding:
                case OneOf(cases):
                    guard, chosen = next(case for case in cases if self.extent(case[0], at))
                    binding, at = chosen, {**at, guard: 0}
                case Last(turns, value):
                    binding, at = value, {**at, turns: self.extent(turns, at) - 1}
                case Carried(turns, name, path):
                    found, at = self._carried(turns, name, at)
                    binding = part(found, path)
                case _:
                    return binding, at

    def _carried(self, turns: str, name: str, at: Positions) -> tuple[Binding, Positions]:
        """Return what the latest of the turns before this one gave under a name."""
        state = self.axes[turns].carried[name]
        then = state.then
        if then is None:
            return state.first, at
        for turn in reversed(range(at[turns])):
            before = {**at, turns: turn}
            if state.mapping is None or name in self.value(state.mapping, before):
                return then, before
        return state.first, at

    def elements(
        self, items: tuple[Element, ...], at: Positions
    ) -> Iterator[tuple[Binding, Positions]]:
        """Yield the bindings of a list's elements, each with the positions to read it at."""
        return self._elements.all(items, at)

    def element(
        self, items: tuple[Element, ...], at: Positions, position: int
    ) -> tuple[Binding, Positions]:
        """Return one of `elements`."""
        return self._elements.one(items, at, position)

    def list_length(self, items: tuple[Element, ...], at: Positions) -> int:
        """Return how many `elements` there are."""
        return self._elements.count(items, at)

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
        binding, at = self.followed(binding, at)
        match binding:
            case Value(data):
                return restored(data, annotation)
            case Parameter():
                return self._parameter(binding, annotation)
            case NodeOutput() | Stored():
                found = take(self._written(binding, at), binding.path)
                return list(found) if isinstance(found, Partitions) and not lazy else found
            case Item():
                return self._item(binding, at, annotation, lazy)
            case ListOf():
                # Most nodes gather nothing.
                from dagger_providers.execution.gathered import Gathered

                gathered = Gathered(self, binding.items, at, _item_of(annotation))
                whole = gathered if lazy and not binding.path else list(gathered)
                return take(whole, binding.path)
            case RunRecord():
                # Only hooks read it.
                from dagger_providers.execution.hooks import record_of

                return record_of(binding, at, self)
            case _:
                raise AssertionError(binding)

    def artifact(self, binding: NodeOutput, at: Positions) -> Artifact:
        """Return what the commit record of a node says of one output.

        Raises:
            MissingValueError: The node has not committed.
            CorruptValueError: It committed something else than the card says.
        """
        index = tuple(at[loop] for loop in binding.loops)
        record = self.run.commit_at(node_path(binding.address, index))
        artifact = record.outputs.get(binding.output)
        if artifact is None:
            known = ", ".join(record.outputs) or "none"
            raise CorruptValueError(
                f"{binding.address} committed no output {binding.output!r}, but {known}"
            )
        if not _same_format(artifact.serializer, binding.serializer):
            raise CorruptValueError(
                f"{binding.address} wrote output {binding.output!r} as "
                f"{artifact.serializer.to_json()!r}, expected {binding.serializer.to_json()!r}"
            )
        return artifact

    def _stored(self, artifact: Artifact, spec: SerializerSpec) -> Any:
        partitioned = artifact.kind == "partitioned"
        serializer = self.serializer(spec, partitioned=partitioned)
        return read_value(self.run.store, artifact, serializer)

    def _written(self, binding: NodeOutput | Stored, at: Positions) -> Any:
        if isinstance(binding, NodeOutput):
            return self._stored(self.artifact(binding, at), binding.serializer)
        # Few nodes read what no node of their run has written.
        from dagger_providers.storage import read_location

        serializer = self.serializer(binding.serializer, partitioned=binding.partitioned)
        depth, expected = int(binding.partitioned), None
        if binding.sha256:
            expected = f"sha256:{binding.sha256}"
        return read_location(binding.uri, serializer, depth=depth, expect=expected)

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
        stream = BytesIO(text.encode())
        try:
            if binding.serializer.annotation is None:
                data = load(JSON).read(stream)  # type: ignore[union-attr]
                return restored(take(data, binding.path), annotation)
            serializer = self.serializer(binding.serializer, partitioned=False)
            return take(serializer.read(stream), binding.path)  # type: ignore[union-attr]
        except DeserializationError as error:
            raise DeserializationError(f"parameter {binding.name!r}: {error}") from error

    # Items

    def _item(self, binding: Item, at: Positions, annotation: Any, lazy: bool) -> Any:
        over = self.axes[binding.loop].over
        if over is None:
            raise UsageError(f"loop {binding.loop!r} joins others and has no items of its own")
        position = at[binding.loop]
        over, at = self.followed(over, at)
        if isinstance(over, ListOf) and not over.path:
            inner, there = self.element(over.items, at, position)
            return take(self.value(inner, there, annotation, lazy=lazy), binding.path)
        if isinstance(over, NodeOutput) and not over.path:
            artifact = self.artifact(over, at)
            if artifact.kind == "partitioned":
                serializer = self.serializer(over.serializer, partitioned=True)
                part = item_at(artifact.parts or (), position, binding.loop)
                return take(read_value(self.run.store, part, serializer), binding.path)
        item = take(
            item_at(self._whole(over, at, binding.loop), position, binding.loop), binding.path
        )
        return restored(item, annotation) if _restores_nothing(over) else own_copy(item)

    def _whole(self, over: Binding, at: Positions, loop: str) -> Sequence[Any]:
        """Return the list that a loop walks; its items are shared by all who walk it here."""
        key: Any = None
        if isinstance(over, Parameter):
            key = (over.name, over.path)
        elif isinstance(over, NodeOutput) and over.serializer.name == "json":
            index = tuple(at[outer] for outer in over.loops)
            key = (over.address, over.output, index, over.path)
        elif isinstance(over, Stored):
            key = over
        found = self.run.lists.get(key) if key else None
        if found is None:
            found = self.value(over, at)
            check_source(found)
            if not isinstance(found, Sequence):
                raise UsageError(f"loop {loop!r} runs over a {type(found).__name__}; return a list")
            if key:
                self.run.lists.clear()
                self.run.lists[key] = found
        return found

    # Identities

    def identity(self, binding: Binding, at: Positions) -> str:
        """Return the sha256 of a value, as its commit record or its JSON text gives it."""
        binding, at = self.followed(binding, at)
        if isinstance(binding, ListOf) and not binding.path:
            return identity_of_list(
                self.identity(item, there) for item, there in self.elements(binding.items, at)
            )
        if isinstance(binding, NodeOutput) and not binding.path:
            return self.artifact(binding, at).sha256
        if isinstance(binding, Stored) and not binding.path:
            return binding.sha256 or self._measured(binding)
        return json_identity(self.value(binding, at))

    def _measured(self, binding: Stored) -> str:
        from dagger_providers.storage.locations import identity_at

        serializer = self.serializer(binding.serializer, partitioned=binding.partitioned)
        return identity_at(binding.uri, serializer, depth=int(binding.partitioned))


def _item_of(annotation: Any) -> Any:
    return item_annotation(annotation) if annotation is not None else None


def _restores_nothing(binding: Binding) -> bool:
    return isinstance(binding, Value) or (
        isinstance(binding, Parameter) and binding.serializer.annotation is None
    )


def _same_format(one: SerializerSpec, other: SerializerSpec) -> bool:
    """Say whether two specs write the same bytes.

    Where the annotation lies is no part of that: one file is `flow:fit` where it is imported, and
    `flow.py:fit` where it is run.
    """
    return (one.name, one.options) == (other.name, other.options)
