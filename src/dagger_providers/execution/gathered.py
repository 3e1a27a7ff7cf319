"""A fan-in that is read one element at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dagger_providers.card import Binding, Element
from dagger_providers.execution.loops import Positions

if TYPE_CHECKING:
    from dagger_providers.execution.resolve import Resolver


class Gathered(Sequence[Any]):
    """A lazy list: each element is read when it is asked for, every time anew."""

    def __init__(
        self, resolver: Resolver, items: tuple[Element, ...], at: Positions, annotation: Any
    ) -> None:
        self._resolver = resolver
        self._items = items
        self._at = at
        self._annotation = annotation

    def __len__(self) -> int:
        return self._resolver.list_length(self._items, self._at)

    def __getitem__(self, at: Any) -> Any:
        chosen = range(len(self))[at]
        if isinstance(chosen, range):
            return [self._at_position(position) for position in chosen]
        return self._at_position(chosen)

    def __iter__(self) -> Iterator[Any]:
        for binding, positions in self._resolver.elements(self._items, self._at):
            yield self._read(binding, positions)

    def _at_position(self, position: int) -> Any:
        return self._read(*self._resolver.element(self._items, self._at, position))

    def _read(self, binding: Binding, at: Positions) -> Any:
        return self._resolver.value(binding, at, self._annotation)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, list | Gathered):
            return NotImplemented
        return list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # equal to lists, which have none

    def __repr__(self) -> str:
        return f"<{len(self)} gathered results>"
