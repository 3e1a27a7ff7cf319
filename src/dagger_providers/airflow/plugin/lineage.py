"""Which executions a node read, and which read it; found in records, never by running code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, cast

from dagger_providers.airflow.plugin.stores import Folder
from dagger_providers.card import (
    Axis,
    Binding,
    Card,
    Carried,
    Element,
    ForEach,
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
from dagger_providers.errors import DaggerProvidersError, MissingValueError, StorageError, one_line
from dagger_providers.execution import Index, Resolver, index_text, node_path
from dagger_providers.execution.bodies import FILE_NAME, FORMAT, MAJOR
from dagger_providers.execution.context import RunContext
from dagger_providers.execution.loops import Positions
from dagger_providers.planning.outline import Outline
from dagger_providers.planning.reading import parts_of
from dagger_providers.serializers import AnySerializer, SerializerSpec, load
from dagger_providers.storage import Store, read_document

SOURCES = 20
"""Executions that are named of those that one input is gathered from."""

_GATHERED = 200
"""Items above which the identity of a gathered list is not computed: each is a record to read."""


class PlainResolver(Resolver):
    """Reads bindings of a run without any code of the user's: values are plain JSON or not read."""

    def serializer(
        self, spec: SerializerSpec, *, partitioned: bool, otherwise: Any = None
    ) -> AnySerializer:
        """Return what reads plain JSON, whatever class it stands for.

        Raises:
            StorageError: The value is no JSON; reading it could run code.
        """
        if spec.name != "json":
            raise StorageError(
                f"it depends on a value written as {spec.name}, which is not read here"
            )
        return load("json")

    def _written(self, binding: NodeOutput | Stored, at: Positions) -> Any:
        """Return what a node has written; what lies elsewhere is not read."""
        if isinstance(binding, Stored):
            raise StorageError(f"it depends on artifact {binding.uri}, which is not read here")
        return super()._written(binding, at)

    def _measured(self, binding: Stored) -> str:
        raise StorageError(f"artifact {binding.uri} is not read here, and has no sha256")

    def _told(self, axis: Axis, at: Positions) -> int:
        """Return what a commit record says; of a repetition that runs, the turns so far."""
        try:
            return super()._told(axis, at)
        except MissingValueError:
            if not axis.turns:
                raise
            path = f"{node_path(axis.turns, self._index(axis, at))}/{FILE_NAME}"
            try:
                return int(read_document(self.run.store, path, FORMAT, MAJOR)["turns"]) + 1
            except MissingValueError:
                return 1


def resolver_of(outline: Outline, folder: Folder, parameters: Mapping[str, Any]) -> PlainResolver:
    """Return what reads the bindings of a run.

    Args:
        outline: The pipeline.
        folder: The run's folder.
        parameters: The values of its parameters.
    """
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in parameters.items()}
    run = RunContext(cast("Store", folder), texts, run_id=folder.run_id)
    return PlainResolver(run, outline.axes)


# Up


def inputs_of(card: Card, index: Index, resolver: PlainResolver) -> list[dict[str, Any]]:
    """Return for each input where it comes from, which executions that are, and its identity."""
    return [_input(name, b, card, index, resolver) for name, b in card.inputs.items()]


def _input(
    name: str, binding: Binding, card: Card, index: Index, resolver: PlainResolver
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": name, "from": described(binding, resolver.axes), "sources": [], "count": None,
        "sha256": "", "problem": "",
    }  # fmt: skip
    if isinstance(binding, RunRecord):
        return told
    try:
        at = resolver.positions(card.within, index)
        found = list(islice(_sources(binding, at, resolver), SOURCES + 1))
        told["sources"] = [dict(zip(("address", "index", "output"), s, strict=True)) for s in found]
        told["count"] = _count(binding, at, resolver)
        if (told["count"] or 0) <= _GATHERED:
            told["sha256"] = resolver.identity(binding, at)
        else:
            told["problem"] = (
                f"gathered from more than {_GATHERED} items: its sha256 is not computed"
            )
    except MissingValueError:
        told["problem"] = "not there yet"
    except (DaggerProvidersError, StopIteration, KeyError) as error:
        told["problem"] = one_line(error)
    return told


def _count(binding: Binding, at: Positions, resolver: PlainResolver) -> int | None:
    binding, at = resolver.followed(binding, at)
    return resolver.list_length(binding.items, at) if isinstance(binding, ListOf) else None


def _sources(
    binding: Binding, at: Positions, resolver: PlainResolver
) -> Iterator[tuple[str, str, str]]:
    """Yield address, index and output of what a binding reads."""
    binding, at = resolver.followed(binding, at)
    match binding:
        case NodeOutput(address=address, output=output, loops=loops):
            yield address, index_text(tuple(at[loop] for loop in loops)), output
        case ListOf(items=items):
            for element, there in resolver.elements(items, at):
                yield from _sources(element, there, resolver)
        case Item(loop=loop):
            over = resolver.axes[loop].over
            if over is None:
                return
            over, there = resolver.followed(over, at)
            if isinstance(over, ListOf) and not over.path:
                over, there = resolver.element(over.items, there, at[loop])
            yield from _sources(over, there, resolver)
        case _:
            return


def described(element: Element, axes: Mapping[str, Axis], depth: int = 0) -> str:
    """Return in words where a value comes from."""
    path = "".join(
        f".{name}" if kind == "attribute" else f"[{name!r}]"
        for kind, name in getattr(element, "path", ())
    )
    return _words(element, axes, depth) + path


def _words(element: Element, axes: Mapping[str, Axis], depth: int) -> str:  # noqa: C901, PLR0911 - a case each
    match element:
        case Value(data=data):
            text = json.dumps(data, ensure_ascii=False)
            return text if len(text) <= _LITERAL else f"{text[:_LITERAL]}…"
        case Parameter(name=name):
            return f"parameter {name}"
        case Stored(uri=uri):
            return f"artifact {uri}"
        case NodeOutput(address=address, output=output):
            return address if output == "return_value" else f"{address}, output {output}"
        case Item(loop=loop):
            over = axes[loop].over
            source = (
                described(over, axes, depth + 1) if over is not None and depth < _DEEP else loop
            )
            return f"an item of {source}"
        case ForEach(loop=loop, items=items):
            inner = ", ".join(described(item, axes, depth + 1) for item in items[:_WIDE])
            return f"{inner} for each of {loop}"
        case ListOf(items=items):
            inner = ", ".join(described(item, axes, depth + 1) for item in items[:_WIDE])
            return f"list of {inner}{', …' if len(items) > _WIDE else ''}" if items else "[]"
        case OneOf(cases=cases):
            return " or ".join(described(inner, axes, depth + 1) for _, inner in cases[:_WIDE])
        case Carried(turns=turns, name=name):
            return f"{name} of the turn before, of {axes[turns].turns}"
        case Last(value=value):
            return f"{described(value, axes, depth + 1)}, last turn"
        case RunRecord():
            return "the record of the run"
        case _:
            return type(element).__name__


_LITERAL, _DEEP, _WIDE = 200, 4, 8


# Down


def readers_of(address: str, index: Index, outline: Outline) -> list[dict[str, Any]]:
    """Return which nodes read a node's outputs, by which input, and which item of them if one."""
    found = []
    for reader, card in outline.cards.items():
        for name, binding in card.inputs.items():
            how = _how_read(binding, address, outline.axes, frozenset())
            if how is not None:
                found.append({
                    "address": reader,
                    "index": _index_of_reader(card, address, index, outline, gathers=how),
                    "input": name,
                    "gathers": how,
                })  # fmt: skip
    for name, binding in outline.outputs.items():
        if _how_read(binding, address, outline.axes, frozenset()) is not None:
            found.append({"address": "", "index": None, "input": name, "gathers": False})
    return found


def _how_read(
    element: Element, address: str, axes: Mapping[str, Axis], entered: frozenset[str]
) -> bool | None:
    """Say whether a binding reads a node: None: not; True: several of its items at once."""
    if isinstance(element, NodeOutput):
        return not entered.isdisjoint(element.loops) if element.address == address else None
    if isinstance(element, ForEach):
        entered |= {element.loop}
    found = (_how_read(part, address, axes, entered) for part in _read_by(element, axes))
    return next((how for how in found if how is not None), None)


def _read_by(element: Element, axes: Mapping[str, Axis]) -> tuple[Element, ...]:
    """Return what a binding is made of, and what the loop runs over whose item it is."""
    match element:
        case RunRecord():
            return ()
        case Item(loop=loop):
            over = axes[loop].over
            return (over,) if over is not None else ()
        case Carried(turns=turns, name=name):
            return (axes[turns].carried[name].first,)
        case _:
            return parts_of(element)


def _index_of_reader(
    card: Card, address: str, index: Index, outline: Outline, *, gathers: bool
) -> str | None:
    """Return the index of the one execution of a reader that reads this one; None: several may."""
    own = [a for a in outline.cards[address].within if not outline.axes[a].is_guard]
    its = [a for a in card.within if not outline.axes[a].is_guard]
    if gathers:
        return "" if not its else None
    return index_text(index[: len(its)]) if its == own[: len(its)] else None
