"""How a store is reached: where it lies, and what its driver must be told to open it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from dagger_providers.storage.schemes import LOCAL, scheme_of


@dataclass(frozen=True, slots=True)
class Access:
    """A store, and the options of its fsspec driver; the options may hold secrets.

    Attributes:
        uri: Path or URI of the store.
        protocol: The scheme that the options are for: ``s3``; empty when there are none.
        options: What the driver takes: ``key``, ``secret``, ``endpoint_url`` and so on.
    """

    uri: str
    protocol: str = ""
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which fsspec in another process learns the options.

        One variable of JSON and not one for each option, of which fsspec reads a secret of digits
        as a number.
        """
        if not self.options:
            return {}
        return {f"FSSPEC_{self.protocol.upper()}": json.dumps(dict(self.options))}

    @property
    def driver(self) -> Mapping[str, Any]:
        """The options as `open_store` takes them: none where they are for another driver."""
        scheme = protocol_of(self.uri)
        return self.options if scheme and _is_same(scheme, self.protocol) else {}

    @contextmanager
    def here(self) -> Iterator[None]:
        """Let this process open the store as long as it is inside; not for threads at once."""
        if not self.options:
            yield
            return
        from fsspec.config import conf

        before = conf.get(self.protocol)
        conf[self.protocol] = {**(before or {}), **self.options}
        try:
            yield
        finally:
            if before is None:
                del conf[self.protocol]
            else:
                conf[self.protocol] = before


def _is_same(scheme: str, other: str) -> bool:
    """Say whether two schemes, such as `s3` and `s3a`, are of one driver."""
    if scheme == other:
        return True
    from fsspec import get_filesystem_class

    with suppress(ImportError, ValueError):  # whoever opens the store says what is missing
        return bool(get_filesystem_class(scheme) is get_filesystem_class(other))
    return False


def protocol_of(uri: str) -> str:
    """Return the scheme of a URI whose driver takes options; empty for a local path."""
    return scheme_of(uri) if "://" in uri and not uri.startswith(LOCAL) else ""
