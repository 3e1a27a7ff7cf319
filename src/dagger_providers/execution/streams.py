"""A lazy list for an argument that is annotated as an iterator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


class Stream(Iterator[Any]):
    """Every loop over it begins anew, as over any lazy handle; after a `next`, it goes on."""

    def __init__(self, items: Iterable[Any]) -> None:
        self._items = items
        self._rest: Iterator[Any] | None = None

    def __next__(self) -> Any:
        if self._rest is None:
            self._rest = iter(self._items)
        return next(self._rest)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items) if self._rest is None else self._rest

    def __repr__(self) -> str:
        return f"<iterator over {self._items!r}>"
