"""Run one card here."""

from dagger_providers.execution.context import (
    Index,
    RunContext,
    index_from,
    index_text,
    node_path,
    open_run,
)
from dagger_providers.execution.node import Locations, run_card
from dagger_providers.execution.resolve import Resolver

__all__ = [
    "Index",
    "Locations",
    "Resolver",
    "RunContext",
    "index_from",
    "index_text",
    "node_path",
    "open_run",
    "run_card",
]
