"""The key of a result: a digest of all that it is made from, the same in every process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from logging import getLogger
from typing import Any

from dagger_providers.card import (
    Binding,
    Card,
    Item,
    ListOf,
    NodeOutput,
    OutputCard,
    Parameter,
    Stored,
    Value,
)
from dagger_providers.card.annotations import resolve as annotation_at
from dagger_providers.card.sources import Sources, sources_of
from dagger_providers.errors import SerializationError
from dagger_providers.execution.context import Index, RunContext
from dagger_providers.execution.loops import Positions
from dagger_providers.execution.resolve import Resolver
from dagger_providers.execution.values import json_identity, take
from dagger_providers.serializers import SerializerSpec
from dagger_providers.storage import Artifact

FORMAT = "dagger-providers.cache-key/1"
"""Part of every key; another number would make a miss of all that was cached before."""


def key_of(card: Card, index: Index, run: RunContext, function: Callable[..., Any]) -> str | None:
    """Return the key of what a card gives at an index.

    It is made from the function's name and code, the identities of its inputs, what is kept of its
    result and how, the versions of Python and of what the code imports, and the card's ``cache``.

    Args:
        card: What is run.
        index: Which item of each loop around it.
        run: The run that it belongs to.
        function: The card's function.

    Returns:
        A sha256 in hex; None when this process runs other code than its files hold by now, or an
        artifact that is read has no sha256.

    Raises:
        UsageError: The function's module has no file.
        StorageError: An input cannot be found.
    """
    inputs = _Inputs(Resolver(run, card.axes))
    at = inputs.resolver.positions(card.within, index)
    given = {name: inputs.identity(card.inputs[name], at) for name in sorted(card.inputs)}
    if inputs.unchecked:
        _tell_unchecked(card.address, inputs.unchecked)
        return None
    specs = {*inputs.specs, *(output.serializer for output in card.outputs.values())}
    sources = _sources(function, specs, run.root)
    if sources.changed:
        _tell_changed(card.address, sources.changed)
        return None
    cache = card.cache
    return _digest({
        "format": FORMAT,
        "function": [function.__module__, function.__qualname__],
        "source": sources.digest,
        "python": [sys.implementation.name, *sys.version_info[:3]],
        "installed": sources.installed,
        "inputs": given,
        "outputs": {name: _form(card.outputs[name]) for name in sorted(card.outputs)},
        "cache": [cache.label, cache.env, cache.image] if cache is not None else [],
    })  # fmt: skip


def _digest(data: Any) -> str:
    return sha256(json.dumps(data).encode()).hexdigest()


def _form(output: OutputCard) -> list[Any]:
    return [*_format(output.serializer), output.path, output.partitioned]


def _format(spec: SerializerSpec) -> list[Any]:
    """Return which bytes a serializer writes: where its annotation lies is no part of that."""
    return [spec.name, spec.options]


class _Inputs:
    """Tells inputs apart, of what nodes have written by their records; only JSON is ever read.

    Attributes:
        specs: How the inputs so far are read.
        unchecked: Where one of them lies that may be another value each time; empty for none.
    """

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.specs: set[SerializerSpec] = set()
        self.unchecked = ""

    def identity(self, binding: Binding, at: Positions) -> list[Any]:
        """Return what is equal for equal inputs that are read the same way."""
        binding, at = self.resolver.followed(binding, at)
        match binding:
            case Value(data):
                return ["json", _digest(data)]
            case Parameter():
                return self._parameter(binding, at)
            case NodeOutput():
                return self._output(binding, at)
            case Stored(uri, sha256_, spec, partitioned, path):
                self.specs.add(spec)
                self.unchecked = self.unchecked or ("" if sha256_ else uri)
                kind = "partitioned" if partitioned else "value"
                return [kind, sha256_, *_format(spec), path]
            case Item():
                return self._item(binding, at)
            case ListOf(items, path):
                elements = self.resolver.elements(items, at)
                return ["list", _digest([self.identity(*element) for element in elements]), path]
            case _:
                raise AssertionError(binding)

    def _output(self, binding: NodeOutput, at: Positions) -> list[Any]:
        artifact = self.resolver.artifact(binding, at)
        whole = self._artifact(artifact, binding.serializer)
        if not binding.path or binding.serializer.name != "json":
            return [*whole, binding.path]
        try:
            return ["part", json_identity(self.resolver.value(binding, at))]
        except SerializationError:
            return [*whole, binding.path]

    def _artifact(self, artifact: Artifact, spec: SerializerSpec) -> list[Any]:
        self.specs.add(spec)
        return [artifact.kind, artifact.sha256, *_format(spec)]

    def _parameter(self, binding: Parameter, at: Positions) -> list[Any]:
        text = self.resolver.run.parameters.get(binding.name)
        if text is None:
            self.resolver.value(binding, at)  # raises what the node would
        data = json.loads(text or "")
        self.specs.add(binding.serializer)
        if binding.serializer.annotation is None:
            return ["json", _digest(take(data, binding.path))]
        return ["json", _digest(data), binding.path]

    def _item(self, binding: Item, at: Positions) -> list[Any]:
        over = self.resolver.axes[binding.loop].over
        if over is not None:
            over, there = self.resolver.followed(over, at)
            position = at[binding.loop]
            if isinstance(over, ListOf) and not over.path:
                element = self.resolver.element(over.items, there, position)
                return [*self.identity(*element), binding.path]
            if isinstance(over, NodeOutput) and not over.path:
                artifact = self.resolver.artifact(over, there)
                parts = artifact.parts or ()
                if artifact.kind == "partitioned" and position < len(parts):
                    return [*self._artifact(parts[position], over.serializer), binding.path]
            if isinstance(over, NodeOutput | Parameter | Stored):
                self.specs.add(over.serializer)
            if isinstance(over, Stored) and not over.sha256:
                self.unchecked = over.uri
                return []
        item = self.resolver.value(Item(binding.loop), at)
        try:
            return ["json", json_identity(item), binding.path]
        except SerializationError:
            assert over is not None  # noqa: S101 - else there was no item
            return [*self.identity(over, there), position, binding.path]


# Code

_known: dict[tuple[Any, ...], Sources] = {}


def _sources(function: Any, specs: set[SerializerSpec], root: str | None) -> Sources:
    """Return the code of a function, and of what its values are read and written by.

    It is looked at once in a process, which runs what it has loaded.
    """
    known = (function, frozenset(specs), root)
    if known not in _known:
        classes = {
            one
            for spec in specs
            if spec.annotation is not None
            for one in _classes(annotation_at(spec.annotation, root))
        }
        modules = {spec.name.partition(":")[0] for spec in specs if ":" in spec.name}
        _known[known] = sources_of([function, *classes], modules)
    return _known[known]


def _classes(annotation: Any) -> Iterator[type]:
    """Yield the classes that an annotation names."""
    if isinstance(annotation, type):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _classes(argument)


_told: set[tuple[str, tuple[str, ...]]] = set()


def _tell_unchecked(address: str, uri: str) -> None:
    """Tell once why a node is not cached."""
    if (address, (uri,)) not in _told:
        _told.add((address, (uri,)))
        getLogger("dagger_providers").warning(
            "%s is not cached: artifact %s, which it reads, has no sha256, so that it may be "
            "another value each time", address, uri,
        )  # fmt: skip


def _tell_changed(address: str, modules: tuple[str, ...]) -> None:
    """Tell once why a node is not cached."""
    if (address, modules) not in _told:
        _told.add((address, modules))
        getLogger("dagger_providers").warning(
            "%s is not cached: the files of %s were changed after this process loaded them; start "
            "another process", address, ", ".join(modules),
        )  # fmt: skip
