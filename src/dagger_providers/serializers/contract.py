"""What a serializer is: the two shapes that storage knows how to drive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeGuard

if TYPE_CHECKING:
    from pathlib import Path


class Serializer(Protocol):
    """Writes one value to a binary stream and reads it back."""

    @property
    def name(self) -> str:
        """Its name in a `SerializerSpec`."""

    @property
    def extension(self) -> str:
        """Suffix of its files without the dot; empty for none."""

    def write(self, value: Any, stream: BinaryIO) -> None:
        """Write `value`; the stream stays open, and need not be seekable.

        Raises:
            SerializationError: The value cannot be written.
        """

    def read(self, stream: BinaryIO) -> Any:
        """Read one value from a seekable stream, which stays open.

        Raises:
            DeserializationError: The stream holds something else.
        """


class PathSerializer(Protocol):
    """Moves a value that is itself a file or a directory."""

    @property
    def name(self) -> str:
        """Its name in a `SerializerSpec`."""

    @property
    def extension(self) -> str:
        """Always empty: a file keeps its own suffix."""

    def source_path(self, value: Any) -> Path:
        """The existing file or directory that `value` stands for.

        Raises:
            SerializationError: It is no path, or nothing is there.
        """

    def read_path(self, path: Path) -> Any:
        """The value for a local copy of what was stored."""


AnySerializer = Serializer | PathSerializer
"""What `load` gives: storage tells the two apart by `is_path_serializer`."""


def is_path_serializer(serializer: AnySerializer) -> TypeGuard[PathSerializer]:
    """Whether it moves files and directories instead of writing streams."""
    return hasattr(serializer, "source_path")
