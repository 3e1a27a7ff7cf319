"""Artifacts of the user's own: values at locations where no node of a run has written them."""

from __future__ import annotations

import re

from dagger_providers.card.bindings import Stored
from dagger_providers.errors import ModelError
from dagger_providers.serializers import SUFFIXES, SerializerSpec, spec_of_name

_SHA256 = re.compile(r"(sha256:)?(?P<hex>[0-9a-f]{64})", re.IGNORECASE)
_PASSWORD = re.compile(r"://[^/?#@]*:[^/?#]*@")
_LOCAL = ("file://", "local://")


def artifact_at(
    uri: str, sha256: str | None = None, serializer: SerializerSpec | None = None
) -> Stored:
    """Return the binding of a value at a location.

    Args:
        uri: A path or an fsspec URI.
        sha256: The identity that it must have, in hex; without one it is read unchecked.
        serializer: What it is written by; without one, what the ending of its name tells.

    Raises:
        ModelError: It cannot be read by what is said of it, or must not be.
    """
    if not uri.strip("/"):
        raise ModelError(f"an artifact lies at the path or URI of a file, not at {uri!r}")
    if _PASSWORD.search(uri):
        hidden = _PASSWORD.sub("://...@", uri)
        raise ModelError(
            f"artifact {hidden!r}: its URI holds a user and password, which manifests and records "
            "would show: leave them out, and give them to each process by its environment"
        )
    spec = serializer or spec_of_name(uri)
    if spec is None:
        raise ModelError(
            f"artifact {uri!r}: nothing says how it is written: its name ends in none of "
            f"{', '.join(SUFFIXES)}; name serializer=..., or say what it is: artifact(uri, bytes)"
        )
    digest = _SHA256.fullmatch(sha256 or "")
    if sha256 and digest is None:
        raise ModelError(
            f"artifact {uri!r}: sha256 is 64 hex digits, as sha256sum prints them, not "
            f"{sha256!r:.80}"
        )
    if spec.name == "pickle" and digest is None:
        raise ModelError(
            f"artifact {uri!r} is a pickle, and reading one runs the code in it: give sha256=... "
            "of the file that you trust"
        )
    return Stored(uri, digest["hex"].lower() if digest else "", spec)


def is_of_one_process(uri: str) -> bool:
    """Say whether a location means another file, or none, in each process."""
    path = _local_path(uri)
    return uri.startswith("memory://") if path is None else not path.startswith("/")


def is_local(uri: str) -> bool:
    """Say whether a location lies in a file system, and not in a store that all reach."""
    return _local_path(uri) is not None


def _local_path(uri: str) -> str | None:
    for scheme in _LOCAL:
        if uri.startswith(scheme):
            return uri.removeprefix(scheme)
    return None if "://" in uri else uri
