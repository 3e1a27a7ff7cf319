"""JSON forms of classes: dataclasses, named tuples, typed dicts, enums and pydantic models."""

from __future__ import annotations

import enum
import typing
from collections.abc import Callable, Mapping
from typing import Any

from dagger_providers.errors import one_line
from dagger_providers.serializers.codecs.codec import (
    ANY_SHAPE,
    OBJECT,
    TEXT,
    Codec,
    Mismatch,
    NoJsonForm,
)
from dagger_providers.serializers.codecs.containers import Build
from dagger_providers.serializers.exact_json import SCALARS, is_exact
from dagger_providers.serializers.typeforms import is_class, is_typed_dict, required_keys


def class_codec(annotation: Any, build: Build) -> Codec | None:
    """The codec of a class that says by itself what it holds; None for any other."""
    kind = typing.get_origin(annotation) or annotation
    codec = None
    if not is_class(kind):
        pass
    elif is_typed_dict(kind):
        codec = _typed_dict(kind, build)
    elif issubclass(kind, enum.Enum):
        codec = _enum(kind)
    elif is_model(kind):
        codec = _model(kind)
    elif hasattr(kind, "__dataclass_fields__"):
        codec = _dataclass(kind, build)
    elif issubclass(kind, tuple) and hasattr(kind, "_fields"):
        codec = _named_tuple(kind, build)
    return codec


def is_model(kind: Any) -> bool:
    """Whether a class is a pydantic model, told without importing pydantic."""
    return hasattr(kind, "model_validate") and hasattr(kind, "model_dump")


def _hints(kind: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(kind)
    except Exception as error:
        raise NoJsonForm(
            f"the annotations of {kind.__qualname__} cannot be resolved: {one_line(error)}"
        ) from error


class _Fields:
    """The codecs of a class's fields."""

    def __init__(self, kind: Any, names: Mapping[str, Any], build: Build) -> None:
        self._codecs = {name: build(hint) for name, hint in names.items()}
        self._kind = kind

    def encode(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return self._walk(values, lambda codec: codec.encode)

    def decode(self, data: Any) -> dict[str, Any]:
        if type(data) is not dict:
            raise Mismatch(self._kind.__name__, data)
        return self._walk(data, lambda codec: codec.decode)

    def _walk(self, values: Mapping[str, Any], way: Callable[[Codec], Any]) -> dict[str, Any]:
        walked = {}
        for name, value in values.items():
            codec = self._codecs.get(name)
            if codec is None:
                exist = ", ".join(self._codecs) or "it has none"
                raise Mismatch(f"a field of {self._kind.__name__} ({exist})", name)
            try:
                walked[name] = way(codec)(value)
            except Mismatch as mismatch:
                raise mismatch.at(f".{name}") from mismatch.__cause__
        return walked


def _check_kind(kind: Any, value: Any) -> None:
    if type(value) is not kind:
        advice = f"annotate it as {type(value).__name__}" if isinstance(value, kind) else ""
        raise Mismatch(f"exactly {kind.__name__}", value, advice)


def _dataclass(kind: Any, build: Build) -> Codec:
    hints = _hints(kind)
    declared = {name: field for name, field in kind.__dataclass_fields__.items()
                if field._field_type.name != "_FIELD_CLASSVAR"}  # fmt: skip
    if any(field._field_type.name == "_FIELD_INITVAR" for field in declared.values()):
        raise NoJsonForm(f"{kind.__qualname__} has an InitVar, which its values do not keep")
    fields = _Fields(kind, {name: hints[name] for name in declared}, build)

    def encode(value: Any) -> dict[str, Any]:
        _check_kind(kind, value)
        return fields.encode({name: getattr(value, name) for name in declared
                              if hasattr(value, name)})  # fmt: skip

    def decode(data: Any) -> Any:
        values = fields.decode(data)
        try:
            made = kind(**{name: part for name, part in values.items() if declared[name].init})
        except Exception as error:
            raise Mismatch(kind.__name__, data, one_line(error)) from error
        # `__post_init__` may change what it is given: what was written is what comes back.
        for name, part in values.items():
            object.__setattr__(made, name, part)
        return made

    return Codec(kind.__qualname__, OBJECT, encode, decode)


def _named_tuple(kind: Any, build: Build) -> Codec:
    hints = _hints(kind)
    fields = _Fields(kind, {name: hints.get(name, Any) for name in kind._fields}, build)

    def encode(value: Any) -> dict[str, Any]:
        _check_kind(kind, value)
        return fields.encode(value._asdict())

    def decode(data: Any) -> Any:
        values = fields.decode(data)
        try:
            return kind(**values)
        except Exception as error:
            raise Mismatch(kind.__name__, data, one_line(error)) from error

    return Codec(kind.__qualname__, OBJECT, encode, decode)


def _typed_dict(kind: Any, build: Build) -> Codec:
    fields = _Fields(kind, _hints(kind), build)
    required = required_keys(kind)

    def encode(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise Mismatch(kind.__name__, value)
        return fields.encode(value)

    def decode(data: Any) -> dict[str, Any]:
        values = fields.decode(data)
        missing = sorted(required - values.keys())
        if missing:
            raise Mismatch(f"{kind.__name__} with {', '.join(missing)}", data)
        return values

    return Codec(kind.__qualname__, OBJECT, encode, decode)


def _enum(kind: Any) -> Codec:
    # By value; by name when a value is no JSON scalar (a tuple, an object), for the whole class.
    by_value = all(type(member.value) in SCALARS for member in kind)

    def encode(value: Any) -> Any:
        _check_kind(kind, value)
        return value.value if by_value else value.name

    def decode(data: Any) -> Any:
        try:
            return kind(data) if by_value else kind[data]
        except (ValueError, KeyError, TypeError) as error:
            raise Mismatch(kind.__name__, data) from error

    shapes = frozenset(type(member.value) for member in kind) if by_value else TEXT
    return Codec(kind.__qualname__, shapes, encode, decode)


def _model(kind: Any) -> Codec:
    """A pydantic model: it dumps and validates itself, and what it wrote is read back at once."""

    def encode(value: Any) -> Any:
        _check_kind(kind, value)
        try:
            # `round_trip` leaves out computed fields, which `extra="forbid"` would refuse.
            data = value.model_dump(mode="json", by_alias=True, round_trip=True, warnings=False)
            survives = is_exact(data) and bool(kind.model_validate(data) == value)
        except Exception as error:
            raise Mismatch(f"{kind.__name__} as JSON", value, one_line(error)) from error
        if not survives:
            advice = "some field does not survive JSON; choose serializer='pickle'"
            raise Mismatch(f"{kind.__name__} as JSON", value, advice)
        return data

    def decode(data: Any) -> Any:
        try:
            return kind.model_validate(data)
        except Exception as error:
            raise Mismatch(kind.__name__, data, one_line(error)) from error

    return Codec(kind.__qualname__, ANY_SHAPE, encode, decode)
