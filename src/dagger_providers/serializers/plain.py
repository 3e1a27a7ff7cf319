"""The serializers that need nothing but the standard library: text, bytes and pickle."""

from __future__ import annotations

import pickle
from typing import Any, BinaryIO

from dagger_providers.errors import (
    DaggerProvidersError,
    DeserializationError,
    SerializationError,
    one_line,
)
from dagger_providers.serializers.records import Record

PICKLE_PROTOCOL = 5
"""Fixed: the default moves with Python, and equal values shall have equal bytes."""


class TextSerializer(Record):
    """A str as UTF-8, its newlines untouched."""

    name: str = "text"
    extension: str = "txt"

    def write(self, value: Any, stream: BinaryIO) -> None:
        """Write a str."""
        if not isinstance(value, str):
            raise SerializationError(f"value: expected str, got {type(value).__name__}")
        try:
            stream.write(value.encode("utf-8"))
        except UnicodeEncodeError as error:
            raise SerializationError(f"value: {one_line(error)}") from error

    def read(self, stream: BinaryIO) -> str:
        """Read a str."""
        try:
            return stream.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise DeserializationError(f"expected UTF-8 text: {one_line(error)}") from error


class BytesSerializer(Record):
    """Bytes as they are; a bytearray or memoryview comes back as bytes."""

    name: str = "bytes"
    extension: str = "bin"

    def write(self, value: Any, stream: BinaryIO) -> None:
        """Write bytes, a bytearray or a memoryview."""
        if not isinstance(value, bytes | bytearray | memoryview):
            raise SerializationError(f"value: expected bytes, got {type(value).__name__}")
        stream.write(value.tobytes() if isinstance(value, memoryview) else value)

    def read(self, stream: BinaryIO) -> bytes:
        """Read bytes."""
        return stream.read()


class PickleSerializer(Record):
    """Any picklable object; reading one runs code, so whoever writes the store is trusted."""

    name: str = "pickle"
    extension: str = "pickle"

    def write(self, value: Any, stream: BinaryIO) -> None:
        """Write any picklable object."""
        try:
            pickle.dump(value, stream, protocol=PICKLE_PROTOCOL)
        except DaggerProvidersError:
            raise
        except Exception as error:  # whatever the `__reduce__` of a user's class raises
            kind = type(value).__name__
            raise SerializationError(f"value: cannot pickle {kind}: {one_line(error)}") from error

    def read(self, stream: BinaryIO) -> Any:
        """Read the object; the caller has made sure that its writer is trusted."""
        try:
            return pickle.load(stream)  # noqa: S301 - see the class
        except Exception as error:
            kind = type(error).__name__
            raise DeserializationError(f"expected a pickle: {kind}: {one_line(error)}") from error
