"""What a run gave back, as its record has it: outputs, or the failure that ended it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from dagger_providers.card import Binding, NodeOutput
from dagger_providers.errors import DaggerProvidersError, exit_status
from dagger_providers.execution import Resolver
from dagger_providers.execution.batches import Failure
from dagger_providers.execution.context import place_text
from dagger_providers.execution.failures import describe
from dagger_providers.planning import Plan
from dagger_providers.tracking import LazyOutputs, Run


def read_outputs(result: Run, lowered: Plan, resolver: Resolver) -> Failure | None:
    """Let a run have its outputs, or return why it has none."""
    outputs = lowered.outputs
    try:
        result.identities = {n: resolver.identity(b, {}) for n, b in outputs.items()}
    except DaggerProvidersError as error:  # a result has not the part that the pipeline returns
        return Failure("", (), error)
    places = {n: _place(b, resolver) for n, b in outputs.items()}
    result.places = {name: place for name, place in places.items() if place}
    result.outputs = LazyOutputs({n: partial(resolver.value, b, {}) for n, b in outputs.items()})
    return None


def _place(binding: Binding, resolver: Resolver) -> str:
    """Return where an output lies that a node wrote whole; nothing for any other."""
    if isinstance(binding, NodeOutput) and not binding.path:
        return resolver.artifact(binding, {}).uri
    return ""


def fail(result: Run, failure: Failure) -> None:
    """Let a run have failed by an exception."""
    fail_by(result, failure.place, describe(failure.error), exit_status(failure.error))


def fail_by(result: Run, place: tuple[str, str], described: Mapping[str, Any], status: int) -> None:
    """Let a run have failed by what is described.

    Args:
        result: The run.
        place: What failed: its address, and its index as text; the address is empty for the whole.
        described: What failed it; see `execution.failures.describe`.
        status: The exit status that a command ends with by it.
    """
    address, index = place
    result.status = "failed"
    result.failure = {
        "node": place_text(address, index) if address else f"pipeline {result.pipeline}",
        "address": address,
        "index": index,
        "type": described["type"],
        "message": described["message"],
        "traceback": described["traceback"],
        "exit_status": status,
    }
