"""Which driver a location belongs to, by its scheme."""

from __future__ import annotations

LOCAL = ("file://", "local://")
"""How URIs begin that are local paths."""


def scheme_of(uri: str) -> str:
    """Return the scheme of what a URI leads to: ``s3`` of ``simplecache::s3://bucket``."""
    return uri.partition("://")[0].rpartition("::")[2]


def has_driver(uri: str) -> bool:
    """Whether a location is local, or of a scheme that some driver is known for, installed or not.

    Unlike `open_store` it imports no driver.
    """
    if "://" not in uri or uri.startswith(LOCAL):
        return True
    from fsspec.registry import known_implementations, registry

    scheme = scheme_of(uri)
    return scheme in known_implementations or scheme in registry
