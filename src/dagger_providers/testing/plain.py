"""The oracle: the plain call of a pipeline, and the identities of what it returns."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Generator, Mapping
from typing import Any

from dagger_providers.card import Binding, ListOf, NodeOutput
from dagger_providers.card.annotations import hints
from dagger_providers.card.functions import load as load_function
from dagger_providers.dsl import DagFunction
from dagger_providers.errors import one_line
from dagger_providers.execution import Resolver, RunContext
from dagger_providers.execution.values import json_identity
from dagger_providers.model import DAG
from dagger_providers.planning import Plan
from dagger_providers.serializers import SerializerSpec, is_json_native
from dagger_providers.serializers import load as load_serializer
from dagger_providers.storage import (
    Store,
    identity_of_list,
    open_store,
    write_partitions,
    write_value,
)
from dagger_providers.testing.cells import Answer


def call_plain(dag: DAG, texts: Mapping[str, str]) -> Answer:
    """Call the function that a pipeline was recorded from, as plain Python.

    Args:
        dag: The pipeline.
        texts: The JSON text of each parameter; it is read back, as on every runtime.
    """
    if dag.function is None:
        return Answer("refused", "a model made by hand has no plain call")
    function = load_function(dag.function, dag.code_root)
    if not isinstance(function, DagFunction):
        return Answer("refused", f"{dag.function} is no decorated pipeline")
    annotations = hints(function)
    arguments = {name: _decode(text, annotations.get(name)) for name, text in texts.items()}
    started = time.perf_counter()
    try:
        value = _listed(function(**arguments))
    except (Exception, SystemExit) as error:
        return Answer("failed", one_line(f"{type(error).__name__}: {error}"))
    return Answer("succeeded", engine="Python", seconds=time.perf_counter() - started, value=value)


def _listed(value: Any) -> Any:
    """Return a result with generators run to their end, as a run stores them."""
    if isinstance(value, Generator):
        return list(value)
    if type(value) is dict:
        return {name: _listed(item) for name, item in value.items()}
    return [_listed(item) for item in value] if type(value) is list else value


def _decode(text: str, annotation: Any) -> Any:
    from io import BytesIO

    restored = None if annotation is None or is_json_native(annotation) else annotation
    serializer = load_serializer(SerializerSpec("json"), restored)
    return serializer.read(BytesIO(text.encode()))  # type: ignore[union-attr]


def plain_outputs(plan: Plan, value: Any, like: RunContext) -> dict[str, tuple[str, Any]]:
    """Return the identity and value of each output of a plain call.

    Args:
        plan: The pipeline's plan: it says how each output is written.
        value: What the plain call returned.
        like: A finished run, which tells how long each loop is.
    """
    named = value if set(plan.outputs) != {"return_value"} else {"return_value": value}
    resolver = Resolver(like, plan.axes)
    with tempfile.TemporaryDirectory() as folder:
        writer = _Writer(resolver, open_store(folder))
        return {
            name: (writer.identity(binding, named[name], {}), named[name])
            for name, binding in plan.outputs.items()
        }


class _Writer:
    """Writes plain values as the pipeline's nodes would, to know their identities."""

    def __init__(self, resolver: Resolver, store: Store) -> None:
        self._resolver = resolver
        self._store = store
        self._number = 0

    def identity(self, binding: Binding, value: Any, at: dict[str, int]) -> str:
        binding, at = self._resolver.followed(binding, at)
        if isinstance(binding, ListOf) and not binding.path:
            elements = list(self._resolver.elements(binding.items, at))
            if not isinstance(value, list) or len(value) != len(elements):
                return json_identity(value)
            return identity_of_list(
                self.identity(inner, item, there)
                for item, (inner, there) in zip(value, elements, strict=True)
            )
        if isinstance(binding, NodeOutput) and not binding.path:
            self._number += 1
            serializer = self._resolver.serializer(
                binding.serializer, partitioned=binding.partitioned
            )
            write = write_partitions if binding.partitioned else write_value
            artifact = write(self._store, f"v{self._number}", value, serializer, binding.serializer)
            return artifact.sha256
        return json_identity(value)
