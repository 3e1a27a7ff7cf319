"""What happens in a run, told while it happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["run", "group", "started", "done", "inner", "failed", "end"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        kind: ``run``: a run of ``total`` nodes begins. ``group``: it is known that ``address`` runs
            ``total`` times. ``started``, ``done``, ``failed``: one item of a node. ``inner``: one
            inside a node that runs others is done. ``end``: the run is over.
        address: The node's address; the pipeline's name for ``run`` and ``end``.
        index: Which item, as text; empty outside loops.
        total: See ``kind``.
        seconds: How long it took.
        message: What went wrong, in one line; for ``end`` the run's status; for ``group`` why a
            hook does not run.
        inside: Of ``inner``: the address of the node that runs it.
        how: How what is done went: empty as any, ``cached``, or ``left out``: it failed, and may.
    """

    kind: Kind
    address: str
    index: str = ""
    total: int = 1
    seconds: float = 0.0
    message: str = ""
    how: str = ""
    inside: str = ""


Listener: TypeAlias = Callable[[Event], None]
"""Takes each event as it happens; called from one thread at a time."""


def silent(_: Event) -> None:
    """Listen to nothing."""
