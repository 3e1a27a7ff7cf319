"""What a pod has of its pipeline's options and its task's own, alike on all targets with pods."""

from __future__ import annotations

from typing import Any


def joined(shared: Any, own: Any) -> Any:
    """Return an option's value: lists and mappings of both, and of all else the task's own.

    Args:
        shared: The pipeline's, for all its tasks; None for none.
        own: The task's, which counts for a key that both have.
    """
    match shared, own:
        case list(), list():
            return [*shared, *(one for one in own if one not in shared)]
        case dict(), dict():
            return {**shared, **own}
        case _:
            return own
