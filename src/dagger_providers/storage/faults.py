"""Tells what an operating system or a cloud driver raises as a one-line StorageError."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dagger_providers.errors import DaggerProvidersError, MissingValueError, StorageError, one_line


@contextmanager
def storage_errors(uri: str) -> Iterator[None]:
    """Wrap one operation on `uri`; never code of the user's, whose errors are theirs.

    Raises:
        MissingValueError: Nothing is at `uri`.
        StorageError: Anything else went wrong; drivers raise errors of many families.
    """
    try:
        yield
    except DaggerProvidersError:
        raise
    except FileNotFoundError as error:
        raise MissingValueError(f"nothing at {uri}") from error
    except OSError as error:
        reason = error.strerror or one_line(error) or type(error).__name__
        raise StorageError(f"{uri}: {reason}") from error
    except Exception as error:
        raise StorageError(f"{uri}: {type(error).__name__}: {one_line(error)}") from error
