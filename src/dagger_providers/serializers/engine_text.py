"""Values as engines hold them that have parameters of their own: bare text, numbers as doubles.

A *kind* says what a value is: ``str``, ``int``, ``float``, ``bool``, ``json``, or a shape in JSON:
``["int"]`` is a list, ``{"*": "float"}`` a mapping, ``{"name": "str", "n": "int"}`` has these keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

from dagger_providers.errors import SerializationError
from dagger_providers.serializers.contract import Serializer
from dagger_providers.serializers.records import Record

EXACT = 2**53
"""Up to here a double holds every whole number."""

ANY_KEY = "*"
"""In a shape: whatever keys a mapping has."""


def in_shape(shape: Any, data: Any) -> Any:
    """Return JSON data whose numbers an engine held as doubles, as a shape has them.

    Keys that a shape names come in its order: engines sort them.

    Raises:
        TypeError: The data have another shape.
        ValueError: A number is not whole.
    """
    if isinstance(shape, list | dict) and type(data) is not type(shape):
        raise TypeError(data)
    if isinstance(shape, list):
        return [in_shape(shape[0], one) for one in data]
    if isinstance(shape, dict):
        return _in_keys(shape, data)
    return _number(shape, data) if type(data) in (int, float) else data


def _in_keys(shape: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    if ANY_KEY in shape:
        return {key: in_shape(shape[ANY_KEY], one) for key, one in data.items()}
    known = {key: in_shape(inner, data[key]) for key, inner in shape.items() if key in data}
    return known | {key: one for key, one in data.items() if key not in shape}


def _number(kind: str, number: float) -> float:
    if kind == "int":
        if number != int(number):
            raise ValueError(number)
        return int(number)
    return float(number) if kind == "float" else number


class EngineText(Record):
    """Writes a value as the text that an engine reads an output parameter from.

    Attributes:
        inner: What writes the value, or each item of it, as JSON.
        kind: What the engine takes it for; a ``str`` is written bare.
        depth: How many levels of lists are around what `inner` writes.
    """

    inner: Serializer
    kind: str
    depth: int = 0
    name: str = "json"
    extension: str = "json"

    def write(self, value: Any, stream: BinaryIO) -> None:
        """Write a value.

        Raises:
            SerializationError: It has no such text, or the engine would round a number.
        """
        data = self._data(value, self.depth)
        if self.kind != "json":
            large = next((n for n in _numbers(data) if abs(n) > EXACT), None)
            if large is not None:
                raise SerializationError(
                    f"value: {large} is beyond 2**53, and the engine holds numbers as doubles; "
                    "return a str"
                )
        if self.kind == "str":
            if not isinstance(data, str):
                raise SerializationError(f"value: expected text, got {data!r:.80}")
            text = data
        else:
            text = json.dumps(data, ensure_ascii=False, allow_nan=False)
        stream.write(text.encode())

    def read(self, stream: BinaryIO) -> Any:
        """Read the text; engines do, and nobody else."""
        return stream.read().decode()

    def _data(self, value: Any, depth: int) -> Any:
        if depth:
            return [self._data(one, depth - 1) for one in value]
        written = BytesIO()
        self.inner.write(value, written)
        return json.loads(written.getvalue())


def _numbers(data: Any) -> Iterator[int]:
    if isinstance(data, int):
        yield data
    elif isinstance(data, list | dict):
        for one in data.values() if isinstance(data, dict) else data:
            yield from _numbers(one)
