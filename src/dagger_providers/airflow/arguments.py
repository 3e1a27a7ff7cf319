"""Arguments in a handwritten DAG: what XCom or its file gives, as inputs of a card."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from io import BytesIO
from typing import Any

from dagger_providers.airflow.references import is_reference, stored
from dagger_providers.card import Binding, ListOf, Parameter, Value
from dagger_providers.card.annotations import hints
from dagger_providers.dsl.compatible import data_fits
from dagger_providers.dsl.literals import literal
from dagger_providers.errors import BuildError, DeserializationError, UsageError, one_line
from dagger_providers.model import thaw
from dagger_providers.serializers import (
    SerializerSpec,
    is_json_native,
    item_annotation,
    load,
    spec_for,
)
from dagger_providers.serializers.typeforms import type_name

_JSON = SerializerSpec("json")


class Arguments:
    """The arguments of one call of a function.

    Args:
        function: The function.
        stores: Gives the stores that references may lead to; asked only when there are any.
    """

    def __init__(self, function: Any, stores: Callable[[], Sequence[str]] = tuple) -> None:
        self._name = function.__name__
        self._annotations = hints(function)
        self._stores = cache(stores)

    def bound(self, given: Mapping[str, Any]) -> tuple[dict[str, Binding], dict[str, Any]]:
        """Return an input for each argument, and the values of the parameters that they name.

        Raises:
            UsageError: A value is not what its argument takes.
        """
        inputs: dict[str, Binding] = {}
        parameters: dict[str, Any] = {}
        for name, value in given.items():
            found = self._binding(plain(value), self._annotations.get(name), name)
            if isinstance(found, Value):  # not in the card, which is then that of every call
                parameters[name] = found.data
                found = Parameter(name, _JSON)
            inputs[name] = found
        return inputs, parameters

    def _binding(self, value: Any, annotation: Any, name: str) -> Binding:
        if is_reference(value):
            return stored(value, self._stores())
        if isinstance(value, list) and any(_references(value)):
            item = item_annotation(annotation) if annotation is not None else None
            return ListOf(tuple(self._binding(one, item, name) for one in value))
        if any(_references(value)):
            raise UsageError(
                f"argument {name!r} of {self._name!r} holds a reference in a dict; give it as an "
                "argument of its own"
            )
        return Value(self.data(name, value, annotation))

    def data(self, name: str, value: Any, annotation: Any) -> Any:
        """Return a value as the JSON data that its reader's annotation restores.

        Raises:
            UsageError: There is none.
        """
        place = f"argument {name!r} of {self._name!r}"
        try:
            return json_data(value, annotation)
        except (BuildError, DeserializationError) as error:
            wanted = "" if annotation is None else f" takes {type_name(annotation)};"
            raise UsageError(f"{place}{wanted} {one_line(error)}") from error

    def check(self, name: str, value: Any) -> None:
        """Check an argument that the DAG's file gives, as far as it is known; opens no store.

        Raises:
            UsageError: It is not what the argument takes.
        """
        if is_known(value) and not any(_references(value)):
            self.data(name, plain(value), self._annotations.get(name))


def json_data(value: Any, annotation: Any) -> Any:
    """Return a value as JSON data that an annotation restores.

    Raises:
        BuildError: It has no JSON form, or is of another type.
        DeserializationError: It is JSON data, of something else.
    """
    spec = None if annotation is None or is_json_native(annotation) else spec_for(annotation)
    if spec is None or spec.name not in {"json", "path"}:
        data = thaw(literal(value, None, "it"))
        if annotation is not None and not data_fits(data, annotation):
            raise BuildError(f"it is {value!r:.80}")
        return data
    try:
        return thaw(literal(value, annotation, "it"))
    except BuildError:
        data = thaw(literal(value, None, "it"))
        load(_JSON, annotation).read(BytesIO(json.dumps(data).encode()))  # type: ignore[union-attr]
        return data


def plain(value: Any) -> Any:
    """Return a value with the lazy sequences of mapped tasks, and tuples, as lists."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | range):
        if hasattr(value, "_fields"):  # a named tuple
            return value
        return [plain(item) for item in value]
    return value


def is_known(value: Any) -> bool:
    """Say whether a value of a DAG's file is one by now: no result of a task and no template."""
    if isinstance(value, str):
        return "{{" not in value and "{%" not in value
    if isinstance(value, dict):
        return all(map(is_known, value.values()))
    if isinstance(value, list | tuple | set):
        return all(map(is_known, value))
    return not hasattr(value, "resolve") and not hasattr(value, "template_fields")


def _references(value: Any) -> Iterator[bool]:
    """Yield True for each reference in a value."""
    if is_reference(value):
        yield True
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
