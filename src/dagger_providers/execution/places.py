"""A list whose items lie at places of their own, read one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dagger_providers.serializers import AnySerializer
from dagger_providers.storage import read_location


class Places(Sequence[Any]):
    """A lazy list: each item is read when it is asked for, every time anew."""

    def __init__(self, locations: tuple[str, ...], serializer: AnySerializer) -> None:
        self._locations = locations
        self._serializer = serializer

    def __len__(self) -> int:
        return len(self._locations)

    def __getitem__(self, at: Any) -> Any:
        chosen = self._locations[at]
        if isinstance(chosen, tuple):
            return [read_location(one, self._serializer) for one in chosen]
        return read_location(chosen, self._serializer)

    def __repr__(self) -> str:
        return f"<{len(self)} artifacts>"
