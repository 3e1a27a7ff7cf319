"""What nodes, arguments, outputs and loops may be called."""

import re
from collections.abc import Iterable

from dagger_providers.errors import ModelError

NAME_PATTERN = "[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}"

_NAME = re.compile(NAME_PATTERN)


def check_name(name: object, what: str) -> None:
    """Refuse a name that some target could not carry.

    Raises:
        ModelError: It is not 1 to 64 letters, digits, ``_`` or ``-``, starting with a letter or
            digit.
    """
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise ModelError(
            f"{what} {name!r} is no valid name: use 1 to 64 letters, digits, '_' or '-', and start "
            "with a letter or digit"
        )


_SHOWN = 12
"""So many names stand in a message at most."""


def listed(names: Iterable[object]) -> str:
    """Return names as a message shows them: ``a, b, c``, or ``none``."""
    found = list(map(str, names))
    shown = ", ".join(found[:_SHOWN]) or "none"
    return f"{shown}, ... ({len(found)})" if len(found) > _SHOWN else shown
