"""The serializer of values that are files or directories, given as a `pathlib.Path`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dagger_providers.errors import SerializationError
from dagger_providers.serializers.records import Record


class FileSerializer(Record):
    """A file or a directory tree, copied as it is; a file keeps its suffix, not its name."""

    name: str = "path"
    extension: str = ""

    def source_path(self, value: Any) -> Path:
        """The existing file or directory to copy.

        Raises:
            SerializationError: It is no `Path`, or nothing is there.
        """
        if not isinstance(value, Path):
            raise SerializationError(f"value: expected pathlib.Path, got {type(value).__name__}")
        if not value.exists():
            raise SerializationError(f"value: no file or directory at {value}")
        return value

    def read_path(self, path: Path) -> Path:
        """The local copy itself: to be read, never changed."""
        return path
