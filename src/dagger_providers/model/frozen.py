"""Immutable data that compares and hashes whole."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from contextvars import ContextVar
from typing import Any, Generic, NoReturn, Self, TypeVar, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    ValidationError,
    model_serializer,
)
from pydantic_core import CoreSchema, core_schema

from dagger_providers.errors import ModelError
from dagger_providers.model.names import listed
from dagger_providers.serializers import SerializerSpec

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

    # The views of a dict are read-only, and several times as fast as those of `Mapping`.

    def keys(self) -> KeysView[str]:
        """Return the keys, in order."""
        return self._items.keys()

    def values(self) -> ValuesView[V]:
        """Return the values, in order."""
        return self._items.values()

    def items(self) -> ItemsView[str, V]:
        """Return the pairs of key and value, in order."""
        return self._items.items()

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a key, or the default."""
        return self._items.get(key, default)

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
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        (value_type,) = get_args(source) or (Any,)
        plain = handler.generate_schema(dict[str, value_type])  # type: ignore[valid-type]
        return core_schema.chain_schema(
            [
                core_schema.no_info_plain_validator_function(_as_dict),
                plain,
                core_schema.no_info_plain_validator_function(cls),
            ],
            serialization=core_schema.plain_serializer_function_ser_schema(to_data),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, handler: Any) -> Any:
        return handler(_schema["steps"][1])


def _as_dict(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


EMPTY: FrozenMapping[Any] = FrozenMapping()

reading_document: ContextVar[bool] = ContextVar("reading_document", default=False)
"""Whether parts are being read from a document, whose unknown fields are a later version's."""

_set = object.__setattr__
_NO_NAMES: set[str] = set()


class Frozen(BaseModel):
    """A part of the model: immutable, hashable, and refused in one line when it is wrong.

    Its JSON leaves out what has its default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    def __init__(self, **values: Any) -> None:
        fields = type(self).model_fields
        if not fields.keys() >= values.keys():
            if not reading_document.get():
                unknown = listed(name for name in values if name not in fields)
                known = listed(name for name in fields if name != "kind")
                raise ModelError(f"{type(self).__name__} has no {unknown}; it has: {known}")
            values = {name: value for name, value in values.items() if name in fields}
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ModelError(one_line(error, type(self).__name__)) from error

    @classmethod
    def trusted(cls, **values: Any) -> Self:
        """Make one of parts that are known to be valid and frozen, 20 times as fast."""
        return _made(cls, (_known_defaults.get(cls) or _defaults(cls)) | values)

    def having(self, **values: Any) -> Self:
        """Return a copy with other values, that are known to be valid and frozen."""
        return _made(type(self), self.__dict__ | values)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is immutable: make another one")

    def __delattr__(self, name: str) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is immutable: make another one")

    @model_serializer(mode="plain")
    def _as_data(self) -> dict[str, Any]:
        return dict(to_data(self))


F = TypeVar("F", bound=Frozen)


def _made(cls: type[F], fields: dict[str, Any]) -> F:
    made = cls.__new__(cls)
    _set(made, "__dict__", fields)
    _set(made, "__pydantic_fields_set__", _NO_NAMES)  # nothing changes it: copies copy it
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made


_known_defaults: dict[type, dict[str, Any]] = {}


def _defaults(cls: type[Frozen]) -> dict[str, Any]:
    found = _known_defaults.get(cls)
    if found is None:
        fields = cls.model_fields
        found = _known_defaults[cls] = {n: field.get_default() for n, field in fields.items()}
    return found


def to_data(value: Any) -> Any:
    """Return a part of the model as JSON data, without what has its default."""
    if value is None or type(value) in _ATOMS:
        return value
    if isinstance(value, Frozen):
        fields = vars(value)
        return {
            name: to_data(fields[name])
            for name, default in _defaults(type(value)).items()
            if name == "kind" or not _same(fields[name], default)
        }
    if isinstance(value, Mapping):
        return {key: to_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_data(item) for item in value]
    return value.to_json() if isinstance(value, SerializerSpec) else value


_ATOMS = frozenset({str, int, float, bool})


def _same(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and bool(value == default))


def one_line(error: ValidationError, what: str) -> str:
    """Return the first problem of a validation error as one line."""
    problem = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in problem["loc"])
    more = error.error_count() - 1
    tail = f" (and {more} more)" if more else ""
    given = f", got {problem['input']!r:.80}" if problem["type"] != "missing" else ""
    message = problem["msg"][:1].lower() + problem["msg"][1:]
    return f"{what}{': ' + place if place else ''}: {message}{given}{tail}"
