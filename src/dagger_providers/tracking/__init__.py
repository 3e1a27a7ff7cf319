"""What happened in a run: events while it runs, a record when it is over."""

from dagger_providers.tracking.events import Event, Listener, silent
from dagger_providers.tracking.run import (
    LazyOutputs,
    NodeState,
    Run,
    claim,
    now,
    read_record,
    write_record,
)

__all__ = [
    "Event",
    "LazyOutputs",
    "Listener",
    "NodeState",
    "Run",
    "claim",
    "now",
    "read_record",
    "silent",
    "write_record",
]
