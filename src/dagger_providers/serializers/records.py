"""Frozen records: what a frozen dataclass is, at a fifth of its price in a container's start.

The `dataclasses` module imports `inspect` and compiles methods for every class: together that is
longer than all else that the node command does.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar, dataclass_transform

EMPTY: Mapping[Any, Any] = MappingProxyType({})
"""The default of a field that holds a mapping: records share it, and nobody can fill it."""


@dataclass_transform(frozen_default=True)
class Record:
    """Base of classes whose annotated names are their fields, in order.

    A value in the class body is a field's default. Records of one class with equal fields are
    equal; a record can be hashed if its fields can be, matched by position, and pickled.
    """

    __match_args__: tuple[str, ...] = ()
    _required: frozenset[str] = frozenset()

    def __init_subclass__(cls) -> None:
        # Every module of a record postpones its annotations, so they are text.
        own = cls.__dict__.get("__annotations__", {})  # noqa: RUF063 - `inspect` is what it saves
        names = tuple(name for name, kind in own.items() if not kind.startswith("ClassVar"))
        type.__setattr__(cls, "__match_args__", names)
        cls._required = frozenset(name for name in names if not hasattr(cls, name))

    def __init__(self, *values: Any, **named: Any) -> None:
        names = self.__match_args__
        fields = self.__dict__
        if len(values) == len(names) and not named:
            fields.update(zip(names, values, strict=True))
            self.__post_init__()
            return
        fields.update(zip(names, values, strict=False), **named)
        given = len(values) + len(named)
        if len(fields) < given or not self._required <= fields.keys() or fields.keys() - names:
            raise TypeError(
                f"{type(self).__name__} has the fields {', '.join(names)}; "
                f"got {len(values)} values and {', '.join(named) or 'no names'}"
            )
        self.__post_init__()

    def __post_init__(self) -> None:
        """Check the fields; nothing by default."""

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be set: make another record")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be deleted")

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__match_args__)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self).__name__, self._values()))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__name__}({shown})"


R = TypeVar("R")


def replace(record: R, **changes: Any) -> R:
    """Return a copy of a record, or of a dataclass, with some fields changed."""
    names: tuple[str, ...] = type(record).__match_args__  # type: ignore[attr-defined]
    return type(record)(**{**{name: getattr(record, name) for name in names}, **changes})
