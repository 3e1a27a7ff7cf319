"""Names as orchestrators on Kubernetes take them: lower-case letters, digits and dashes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

_OTHER = re.compile(r"[^a-z0-9]+")
_LONGEST = 90
"""Argo takes names of 128, and KFP, which runs on Argo, puts prefixes and suffixes around ours."""


def sanitized(name: str) -> str:
    """Return a name in that alphabet, as KFP's SDK writes it; may be empty."""
    return _OTHER.sub("-", name.lower()).strip("-")


def pipeline_name(name: str) -> str:
    """Return the name of a pipeline as an API of Kubernetes takes it."""
    return sanitized(name)[:_LONGEST].rstrip("-") or "pipeline"


def unique_keys(names: Iterable[str]) -> dict[str, str]:
    """Return a key for each name; different names have different keys.

    A name whose plain key another one has too, or that is too long, gets a digest of itself, so
    that its key does not depend on the order of the names.
    """
    plain = {name: sanitized(name) for name in names}
    counts = Counter(plain.values())
    good = {n: k for n, k in plain.items() if k and counts[k] == 1 and len(k) <= _LONGEST}
    taken = set(good.values())
    keys: dict[str, str] = {}
    for name, key in plain.items():
        keys[name] = good.get(name) or _with_digest(name, key, taken)
    return keys


def unique(name: str, taken: set[str]) -> str:
    """Return a name that is not taken yet, numbered if need be, and take it."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    taken.add(found)
    return found


def _with_digest(name: str, key: str, taken: set[str]) -> str:
    digest = sha256(name.encode()).hexdigest()
    for length in range(8, len(digest) + 1):
        found = f"{key[: _LONGEST - length - 1].rstrip('-')}-{digest[:length]}".lstrip("-")
        if found not in taken:
            break
    taken.add(found)
    return found
