"""Compare runtimes: the parity table, for the project's own programs and for a user's."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagger_providers.testing.cells import Case, Cell
    from dagger_providers.testing.comparison import parity

__all__ = ["Case", "Cell", "parity"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: engines start processes of parts of this."""
    from importlib import import_module

    homes = {"Case": "cells", "Cell": "cells", "parity": "comparison"}
    if name not in homes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{homes[name]}"), name)


def __dir__() -> list[str]:
    """List the public names, also those not imported yet."""
    return sorted(__all__)
