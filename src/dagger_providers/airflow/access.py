"""How a store is reached: where it lies, and what its driver must be told to open it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


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

    @contextmanager
    def here(self) -> Iterator[None]:
        """Let this process open the store as long as it is inside; not for threads at once."""
        if not self.options:
            yield
            return
        from fsspec.config import conf

        before = conf.get(self.protocol)
        self.keep()
        try:
            yield
        finally:
            if before is None:
                del conf[self.protocol]
            else:
                conf[self.protocol] = before

    def keep(self) -> None:
        """Let this process open the store from now on."""
        if self.options:
            from fsspec.config import conf

            conf[self.protocol] = {**conf.get(self.protocol, {}), **self.options}


def protocol_of(uri: str) -> str:
    """Return the scheme of a URI whose driver takes options; empty for a local path."""
    scheme, mark, _ = uri.partition("://")
    return scheme.rpartition("::")[2] if mark and scheme not in {"file", "local"} else ""
