"""What the events of a finished task's assets tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from airflow.providers.common.compat.sdk import Asset

from dagger_providers.airflow.node import execution_path
from dagger_providers.airflow.operators.running import Execution
from dagger_providers.airflow.references import reference
from dagger_providers.execution.chunks import is_chunk
from dagger_providers.storage import open_store, read_commit


def tell(outlets: Iterable[Any], one: Execution, context: Mapping[str, Any]) -> None:
    """Let the events of a finished task's assets say what was written, and where it lies.

    Args:
        outlets: The operator's, in the order of ``node.outlets``.
        one: What was executed.
        context: Airflow's.
    """
    for asset, output in zip(outlets, one.node.outlets, strict=False):
        if isinstance(asset, Asset):
            context["outlet_events"][asset].extra.update(facts(one, output))


def facts(one: Execution, output: str) -> dict[str, Any]:
    """Return what an event tells: ``value`` is a reference, which `read_value` reads."""
    node, run = one.node, one.run
    told = {"run_id": run.run_id, "store": run.store, "node": node.address, "index": one.index}
    if not output:
        return told
    told["output"] = output
    store = open_store(run.folder)
    if is_chunk(one.index):  # of items that ran in one process: each has a record of its own
        return told
    artifact = read_commit(store, execution_path(node, one.index)).outputs[output]
    return {**told, "value": reference(store, artifact), "bytes": artifact.size}
