"""Which parts of a task's result are kept, under which names, and what writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dagger_providers.card.annotations import address_of, hints, part
from dagger_providers.card.functions import reference_of
from dagger_providers.dsl.decorators import Recordable
from dagger_providers.errors import BuildError
from dagger_providers.model import FromKey, FromProperty, FromReturnValue
from dagger_providers.serializers import (
    NAMES,
    SerializerSpec,
    is_json_native,
    is_stream,
    item_annotation,
    spec_for,
)

Path = tuple[tuple[str, Any], ...]

_INVALID = re.compile(r"[^a-zA-Z0-9_-]+")


class OutputNames:
    """Names for the parts of one task's result that a pipeline reads."""

    __slots__ = ("_iterated", "_names")

    def __init__(self) -> None:
        self._names: dict[Path, str] = {}
        self._iterated: set[Path] | None = None

    def add(self, path: Path, *, iterated: bool) -> None:
        """Note that a part is read, or looped over."""
        if path not in self._names:
            self._names[path] = self._unused(path) if path else "return_value"
        if iterated:
            self._iterated = {*(self._iterated or ()), path}

    def _unused(self, path: Path) -> str:
        parts = (("key_" if kind == "key" else "property_") + str(name) for kind, name in path)
        base = _INVALID.sub("_", "_".join(parts))[:58]
        name, number = base, 1
        while name in self._names.values():
            number += 1
            name = f"{base}-{number}"
        return name

    def has(self, path: Path) -> bool:
        """Say whether a part was added."""
        return path in self._names

    def name(self, path: Path) -> str:
        """Return the name of a part that was added."""
        return self._names[path]

    def named(self) -> Iterator[tuple[str, Path, bool]]:
        """Yield name, path and whether it is looped over, for each part, sorted by name."""
        iterated = self._iterated or ()
        for path, name in sorted(self._names.items(), key=lambda entry: entry[1]):
            yield name, path, path in iterated


WHOLE = OutputNames()
"""The names of a result that is only read whole: most nodes share this one."""
WHOLE.add((), iterated=False)


def outputs_of(function: Recordable[..., Any], names: OutputNames) -> dict[str, Any]:
    """Return how each part of a task's result is kept.

    Raises:
        BuildError: Nothing says how to write it; the message names the choices.
    """
    reference = reference_of(function)
    return {
        name: _output(function, reference, path, iterated) for name, path, iterated in names.named()
    }


def output_of(function: Recordable[..., Any], *, iterated: bool) -> FromReturnValue:
    """Return how a task's whole result is kept; raises as `outputs_of`."""
    names = OutputNames()
    names.add((), iterated=iterated)
    found: FromReturnValue = outputs_of(function, names)["return_value"]
    return found


def _output(
    function: Recordable[..., Any], reference: str, path: Path, iterated: bool
) -> FromReturnValue | FromKey | FromProperty:
    annotation = part(hints(function).get("return"), path)
    partitioned = iterated or (annotation is not None and _is_partitioned(annotation))
    of_item = item_annotation(annotation) if partitioned and annotation is not None else annotation
    spec = _explicit(function, path) or _spec(function, reference, path, annotation, of_item)
    if not path:
        return FromReturnValue(serializer=spec, partitioned=partitioned)
    of: FromKey | FromProperty | None = None
    for kind, name in path[:-1]:
        of = (FromKey if kind == "key" else FromProperty)(name, of=of)
    kind, name = path[-1]
    part_of = FromKey if kind == "key" else FromProperty
    return part_of(name, of=of, serializer=spec, partitioned=partitioned)


def _is_partitioned(annotation: Any) -> bool:
    """Say whether a result is stored item by item because of its annotation alone."""
    if is_stream(annotation):
        return True
    if getattr(annotation, "__origin__", None) is not list:
        return False
    spec = spec_for(item_annotation(annotation))
    return spec is None or spec.name != "json"


def _explicit(function: Recordable[..., Any], path: Path) -> SerializerSpec | None:
    """Return the serializer that the decorator names, for the result or for a key of it."""
    given = function.settings.get("serializer")
    if isinstance(given, Mapping) and not _is_spec(given):
        given = given.get(path[0][1]) if path else None
    if given is None:
        return None
    spec = given if isinstance(given, SerializerSpec) else SerializerSpec.from_json(given)
    if ":" not in spec.name and spec.name not in NAMES:
        raise BuildError(
            f"task {function.__name__!r}: unknown serializer {spec.name!r}; known: "
            f"{', '.join(NAMES)}, or a class of yours as 'module:Class'"
        )
    return spec


def _is_spec(given: Mapping[str, Any]) -> bool:
    """Tell ``{"name": "csv", "options": {...}}`` from serializers by key of the result."""
    return "name" in given and isinstance(given.get("options"), Mapping)


def _spec(
    function: Recordable[..., Any], reference: str, path: Path, annotation: Any, of_item: Any
) -> SerializerSpec:
    if of_item is None:
        return SerializerSpec("json")
    spec = spec_for(of_item)
    if spec is None:
        shown = getattr(annotation, "__name__", None) or repr(annotation)
        raise BuildError(
            f"task {function.__name__!r} returns {shown}, for which there is no serializer; name "
            "one: @task(serializer='pickle'), 'json', 'parquet', 'csv', 'text', 'bytes', 'path' "
            "or 'module:Class'"
        )
    if spec.name == "json" and not is_json_native(of_item):
        return SerializerSpec("json", spec.options, address_of(reference, "return", path))
    return spec
