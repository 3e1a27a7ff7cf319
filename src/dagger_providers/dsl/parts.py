"""The annotation of a part of a value: of a key or an attribute."""

from __future__ import annotations

import typing
from collections import abc
from typing import Any

from dagger_providers.dsl.compatible import class_of, hints_of
from dagger_providers.serializers.codecs.classes import is_model
from dagger_providers.serializers.typeforms import is_typed_dict, is_union, type_name, unwrap


class NoPartError(Exception):
    """A value of this annotation surely has no such part; says why, and what it has."""


def part_of(annotation: Any, kind: str, name: str | int) -> Any:
    """Return the annotation of a part; `Any` where nothing says what it is.

    Args:
        annotation: Of the value.
        kind: "key" or "attribute".
        name: Which one.

    Raises:
        NoPartError: No value of the annotation has it.
    """
    annotation = unwrap(annotation)
    if is_union(annotation):
        return _part_of_a_member(annotation, kind, name)
    owner = class_of(annotation)
    if owner is None:
        return Any
    found = _key if kind == "key" else _attribute
    return found(annotation, owner, name)


def _part_of_a_member(union: Any, kind: str, name: str | int) -> Any:
    found: list[Any] = []
    refusal: NoPartError | None = None
    for member in typing.get_args(union):
        try:
            found.append(part_of(member, kind, name))
        except NoPartError as error:
            refusal = refusal or error
    if refusal is not None and not found:
        raise refusal
    return found[0] if len(found) == 1 else Any


def _key(annotation: Any, owner: Any, name: Any) -> Any:
    args = typing.get_args(annotation)
    if is_typed_dict(annotation):
        hints = hints_of(annotation)
        if hints and name not in hints:
            raise NoPartError(f"it has no key {name!r}, but {', '.join(hints)}")
        return hints.get(name, Any)
    if not hasattr(owner, "__getitem__"):
        raise NoPartError(f"{type_name(annotation)} has no keys")
    if issubclass(owner, tuple):
        return _position(annotation, owner, name)
    if issubclass(owner, abc.Sequence):
        if isinstance(name, str):
            raise NoPartError(f"its parts have numbers, no key {name!r}")
        return args[0] if args else Any
    return args[-1] if issubclass(owner, abc.Mapping) and args else Any


def _position(annotation: Any, owner: Any, name: Any) -> Any:
    fields = getattr(owner, "_fields", ())
    hints = hints_of(owner) if fields else {}
    args = [hints.get(field, Any) for field in fields] or list(typing.get_args(annotation))
    if isinstance(name, str):
        raise NoPartError(f"its parts have numbers, no key {name!r}")
    if ... in args or not args:
        return args[0] if args else Any
    if not -len(args) <= name < len(args):
        raise NoPartError(f"it has {len(args)} parts, none at {name}")
    return args[name]


def _attribute(annotation: Any, owner: Any, name: Any) -> Any:
    hints = {} if is_typed_dict(annotation) else hints_of(owner)
    if name in hints:
        # Of a generic class, the annotation may be one of its type variables.
        return hints[name] if owner is annotation else Any
    if not hasattr(owner, name) and (has := _closed(owner, hints)) is not None:
        keys = "" if owner is not dict else f": write [{name!r}] for a key"
        raise NoPartError(f"it has no attribute {name!r}{has}{keys}")
    return Any


def _closed(owner: Any, hints: dict[str, Any]) -> str | None:
    """Say what a class has whose values have nothing but what it declares; None for others."""
    if hasattr(owner, "__getattr__") and not is_model(owner):
        return None
    if is_model(owner):
        allows = getattr(owner, "model_config", {}).get("extra") == "allow"
        return None if allows or _adds_to(owner) else f", but {', '.join(owner.model_fields)}"
    if hasattr(owner, "__dataclass_fields__"):
        return None if hasattr(owner, "__post_init__") else f", but {', '.join(hints)}"
    if hasattr(owner, "_fields"):
        return f", but {', '.join(owner._fields)}"
    return "" if owner.__module__ == "builtins" else None


def _adds_to(model: Any) -> bool:
    """Say whether a model looks attributes up in a way of its own."""
    from pydantic import BaseModel

    return getattr(model, "__getattr__", None) is not getattr(BaseModel, "__getattr__", None)
