"""Tells what an operating system or a cloud driver raises as a one-line StorageError."""

from __future__ import annotations

import os
from types import TracebackType

from dagger_providers.errors import (
    DaggerProvidersError,
    MissingValueError,
    StorageError,
    WrongKindError,
    one_line,
)


class storage_errors:  # noqa: N801 - used as a function; a generator would take thrice as long
    """Wrap one operation on `uri`; never code of the user's, whose errors are theirs.

    Raises:
        MissingValueError: Nothing is at `uri`.
        WrongKindError: A file is where a folder should be, or the other way round.
        StorageError: Anything else went wrong; drivers raise errors of many families.
    """

    __slots__ = ("uri",)

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def __enter__(self) -> None:
        """Begin the operation."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:  # fmt: skip
        """Tell an error of the operation as ours."""
        if error is None or isinstance(error, DaggerProvidersError):
            return
        if isinstance(error, FileNotFoundError):
            raise MissingValueError(f"nothing at {self.uri}") from error
        if isinstance(error, IsADirectoryError):
            raise WrongKindError(f"{self.uri} is a folder, and should be a file") from error
        if isinstance(error, (NotADirectoryError, FileExistsError)):
            place = _file_on_the_way_to(self.uri)
            raise WrongKindError(f"{place} is a file, and should be a folder") from error
        if isinstance(error, OSError):
            reason = error.strerror or one_line(error) or type(error).__name__
            raise StorageError(f"{self.uri}: {reason}") from error
        if isinstance(error, Exception):
            told = f"{type(error).__name__}: {one_line(error)}"
            raise StorageError(f"{self.uri}: {told}") from error


def _file_on_the_way_to(uri: str) -> str:
    """Return the part of a path that is a file; all of it where that cannot be seen."""
    part = uri
    while part and not os.path.lexists(part):
        part = part.rpartition("/")[0]
    return uri if not part or os.path.isdir(part) else part
