"""The temporary folder of remote values that are read as local files."""

from __future__ import annotations

import tempfile
from functools import cache


@cache
def _session() -> tempfile.TemporaryDirectory[str]:
    # Kept by the cache until the interpreter ends, which removes it.
    return tempfile.TemporaryDirectory(prefix="dagger-providers-")


def download_folder() -> str:
    """A new empty folder that lives as long as this process."""
    return tempfile.mkdtemp(dir=_session().name)
