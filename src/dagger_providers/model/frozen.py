"""Immutable data that compares and hashes whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, core_schema

from dagger_providers.errors import ModelError

V = TypeVar("V")


class FrozenMapping(Mapping[str, V], Generic[V]):
    """A mapping that keeps its order, cannot change, and hashes by its content."""

    __slots__ = ("_hash", "_items")

    def __init__(self, items: Mapping[str, V] | None = None) -> None:
        self._items: dict[str, V] = dict(items or {})
        self._hash: int | None = None

    def __getitem__(self, key: str) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._items.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FrozenMapping):
            return self._items == other._items
        return isinstance(other, Mapping) and self._items == dict(other)

    def __repr__(self) -> str:
        return repr(self._items)

    def __reduce__(self) -> tuple[type, tuple[dict[str, V]]]:
        return FrozenMapping, (self._items,)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        (value_type,) = get_args(source) or (Any,)
        plain = handler.generate_schema(dict[str, value_type])  # type: ignore[valid-type]
        return core_schema.chain_schema(
            [
                core_schema.no_info_plain_validator_function(_as_dict),
                plain,
                core_schema.no_info_plain_validator_function(cls),
            ],
            serialization=core_schema.wrap_serializer_function_ser_schema(
                lambda mapping, dump: dump(dict(mapping)), schema=plain
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, handler: Any) -> Any:
        return handler(_schema["steps"][1])  # type: ignore[typeddict-item]


def _as_dict(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


EMPTY: FrozenMapping[Any] = FrozenMapping()


def freeze(value: Any) -> Any:
    """Return JSON data with its lists as tuples and its mappings as `FrozenMapping`."""
    if isinstance(value, Mapping):
        return FrozenMapping({key: freeze(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(freeze(item) for item in value)
    return value


def thaw(value: Any) -> Any:
    """Return frozen JSON data as fresh lists and dicts."""
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [thaw(item) for item in value]
    return value


reading_document: ContextVar[bool] = ContextVar("reading_document", default=False)
"""Whether parts are being read from a document, whose unknown fields are a later version's."""


class Frozen(BaseModel):
    """A part of the model: immutable, hashable, and refused in one line when it is wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    def __init__(self, **values: Any) -> None:
        if reading_document.get():
            values = {k: v for k, v in values.items() if k in type(self).model_fields}
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ModelError(one_line(error, type(self).__name__)) from error


def one_line(error: ValidationError, what: str) -> str:
    """Return the first problem of a validation error as one line."""
    problem = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in problem["loc"])
    more = error.error_count() - 1
    tail = f" (and {more} more)" if more else ""
    given = f", got {problem['input']!r:.80}" if problem["type"] != "missing" else ""
    return f"{what}{': ' + place if place else ''}: {problem['msg'].lower()}{given}{tail}"
