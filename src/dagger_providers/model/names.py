"""What nodes, arguments, outputs and loops may be called."""

import re

from dagger_providers.errors import ModelError

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}")


def check_name(name: str, what: str) -> None:
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


def listed(names: object) -> str:
    """Return names as a message shows them: ``a, b, c``, or ``none``."""
    found = [str(name) for name in names] if hasattr(names, "__iter__") else []
    shown = ", ".join(found[:12])
    return f"{shown}, ... ({len(found)})" if len(found) > 12 else shown or "none"  # noqa: PLR2004
