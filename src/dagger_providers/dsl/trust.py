"""What a document may name: decorated functions, and the serializers that their decorators name."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from dagger_providers.card.annotations import hints
from dagger_providers.card.files import import_from
from dagger_providers.card.functions import (
    is_file_reference,
    load,
    plain_function,
    reference_of,
)
from dagger_providers.dsl.decorators import DagFunction, Recordable, TaskFunction
from dagger_providers.dsl.settings import hook_of, stand_in_of
from dagger_providers.errors import UsageError
from dagger_providers.model import FromArtifact
from dagger_providers.serializers import NAMES, SerializerSpec

_DATA = frozenset({"value", "default", "json_schema", "options", "runtime_options"})
"""What stands under these keys is data, and names nothing."""


class Trust:
    """Imports what a document names, as far as it may.

    Args:
        folder: The folder that ``file.py:name`` references are relative to.
        any_callable: Whether all else may be named too.
    """

    def __init__(self, folder: str, any_callable: bool) -> None:
        self._folder = folder
        self._any = any_callable
        self._serializers: set[str] = set()
        self._classes: set[Any] = set()
        import_from(folder)

    def task(self, reference: str, *, kept: bool = False) -> Recordable[..., Any]:
        """Return the decorated function that a node runs, a task or a pipeline.

        Args:
            reference: What the document calls it.
            kept: Whether it is called so where it runs, too.

        Raises:
            UsageError: There is none of that name, or it is not decorated.
        """
        found = self._load(reference)
        if self._any and callable(found) and not isinstance(found, Recordable):
            found = TaskFunction(found, {})
        if not isinstance(found, Recordable):
            raise UsageError(
                f"{reference} is no decorated task or pipeline; decorate it with @task, or allow "
                "it with --allow-any-callable"
            )
        self._serializers.update(_names(found.settings.get("serializer")))
        self._classes.update(one for annotated in hints(found).values() for one in _in(annotated))
        self._check_found(found, reference, reference if kept else reference_of(found))
        return found

    def _check_found(self, found: Recordable[..., Any], reference: str, named: str) -> None:
        """Refuse a function of a file that another one of that name hides where it runs."""
        if is_file_reference(named) and plain_function(load(named)) is not found.__wrapped__:
            file = named.rpartition(":")[0]
            raise UsageError(
                f"{reference}: another {file} comes first, in the current folder or on PYTHONPATH; "
                "rename one of them, or work in the document's folder"
            )

    def stand_in(self, reference: str, function: str) -> None:
        """Refuse a function that stands in for a task, unless its decorator says so.

        Raises:
            UsageError: The task's decorator names another one, or none.
        """
        if not reference or self._any:
            return
        if stand_in_of(self.task(function, kept=True)) != reference_of(self._load(reference)):
            raise UsageError(
                f"{reference} is not what the decorator of {function} names; name it in "
                "@task(on_failure=...), or allow it with --allow-any-callable"
            )

    def is_hook(self, reference: Any, name: str, pipeline: Any) -> bool:
        """Say whether the decorator of a pipeline names a function as that hook."""
        found = self._load(pipeline) if pipeline else None
        hook = hook_of(found, name) if isinstance(found, DagFunction) else None
        return hook is not None and reference_of(hook) == reference_of(self._load(reference))

    def artifact(self, source: FromArtifact) -> None:
        """Refuse an artifact that runs code when it is read.

        Raises:
            UsageError: It is a pickle: the document itself would say which one is trusted.
        """
        if source.stored.serializer.name == "pickle" and not self._any:
            raise UsageError(
                f"artifact {source.uri!r} is a pickle, and reading one runs the code in it; allow "
                "it with --allow-any-callable"
            )

    def pipeline(self, reference: str) -> None:
        """Refuse a reference that should name the pipeline that a document was made from.

        Raises:
            UsageError: It names something else.
        """
        if not self._any and not isinstance(self._load(reference), DagFunction):
            raise UsageError(f"{reference} is no decorated pipeline; leave 'function' out")

    def check(self, document: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
        """Yield the places where a document names a serializer that it cannot, and why."""
        if isinstance(document, list):
            document = {str(number): item for number, item in enumerate(document)}
        if isinstance(document, Mapping):
            for name, part in document.items():
                here = (*place, name)
                if name == "serializer":
                    yield from ((".".join(here), why) for why in self._wrong(part))
                elif name not in _DATA:
                    yield from self.check(part, here)

    def _wrong(self, data: Any) -> Iterator[str]:
        spec = SerializerSpec.from_json(data)
        if ":" not in spec.name and spec.name not in NAMES:
            yield (
                f"unknown serializer {spec.name!r}; known: {', '.join(NAMES)}, or a class of yours "
                "as 'module:Class'"
            )
        if self._any:
            return
        if ":" in spec.name and spec.name not in self._serializers:
            yield (
                f"serializer {spec.name!r} is named by no task that the document runs; name it in "
                "@task(serializer=...), or allow it with --allow-any-callable"
            )
        if spec.annotation:
            reference, mark, _ = spec.annotation.partition("#")
            if not mark:
                if self._load(reference.removesuffix("[]")) not in self._classes:
                    yield (
                        f"{reference} is in no annotation of a task that the document runs; use it "
                        "in one, or allow it with --allow-any-callable"
                    )
            elif not isinstance(self._load(reference), Recordable):
                yield f"{reference} is no decorated task or pipeline"

    def _load(self, reference: Any) -> Any:
        target, _, name = reference.rpartition(":") if isinstance(reference, str) else ("", "", "")
        if not target or not name:
            raise UsageError(
                f"{reference!r} names no function: write module:name, or file.py:name relative to "
                "the document's folder"
            )
        if is_file_reference(reference):
            try:
                return load(reference, self._folder)
            except UsageError as error:
                if not str(error).startswith("no file"):
                    raise
        return load(reference)


def _in(annotation: Any) -> Iterator[Any]:
    """Yield an annotation, and those that it is made of."""
    if isinstance(annotation, Hashable):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _in(part)


def _names(given: Any) -> Iterator[str]:
    """Yield the serializers that a decorator names, for a result or for parts of it."""
    match given:
        case SerializerSpec(name=name) | {"name": str(name)} | str(name):
            yield name
        case Mapping():
            for part in given.values():
                yield from _names(part)
        case _:
            return
