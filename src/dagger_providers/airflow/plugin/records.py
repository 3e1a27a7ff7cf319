"""Find and read the records of a task instance's node; values themselves are never read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from airflow.providers.common.compat.sdk import AirflowException

from dagger_providers.airflow.identity import run_name
from dagger_providers.airflow.node import Run
from dagger_providers.airflow.settings import access_to, readable_stores
from dagger_providers.errors import DaggerProvidersError, MissingValueError, one_line
from dagger_providers.execution.chunks import is_chunk
from dagger_providers.execution.failures import read_failure
from dagger_providers.storage import Artifact, open_store, read_commit


@dataclass(frozen=True, slots=True)
class TaskInstance:
    """Which task instance is meant."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1


@dataclass(frozen=True, slots=True)
class OutputRow:
    """One output, as the commit record has it.

    Attributes:
        name: What it is called.
        location: Full path or URI.
        sha256: Its identity.
        size: Bytes.
        serializer: What wrote it.
        kind: ``value``, ``partitioned`` or ``directory``.
        parts: How many parts it has; None for a value.
    """

    name: str
    location: str
    sha256: str
    size: int
    serializer: str
    kind: str
    parts: int | None


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """What the store tells of one task instance.

    Attributes:
        node: The node's address.
        index: Which item of each loop around it; empty outside loops.
        location: The folder of its records; empty when it is not known.
        attempt: Which attempt counts; empty when none was committed.
        outputs: What that attempt wrote.
        extra: What else its record tells: try number, seconds.
        failure: What the user's code raised last, in one line; empty when it did not.
        problem: Why nothing can be told, in one line; empty when something can.
    """

    node: str
    index: str = ""
    location: str = ""
    attempt: str = ""
    outputs: Sequence[OutputRow] = ()
    extra: dict[str, Any] = field(default_factory=dict)
    failure: str = ""
    problem: str = ""


def record_of(instance: TaskInstance, pointer: object) -> NodeRecord:
    """Return what the store tells of a task instance.

    Args:
        instance: Which.
        pointer: What the task told in XCom. It may be anything, so that it only chooses among
            the folders of this very task instance in the stores that the deployment names.
    """
    if not isinstance(pointer, str):
        return NodeRecord(
            instance.task_id,
            problem="This task has not told of a node: it has not run, or is none.",
        )
    try:
        access_to().keep()
        stores = readable_stores()
    except AirflowException as error:  # as when workers only know the connection
        return NodeRecord(instance.task_id, problem=one_line(error))
    for store in stores:
        run = Run(store, run_name(instance.dag_id, instance.run_id))
        folder = f"{run.folder}/nodes/{instance.task_id}"
        if pointer == folder or _is_item(pointer, folder):
            return _read(run, instance.task_id, pointer.removeprefix(folder).strip("/"))
    return NodeRecord(
        instance.task_id,
        problem=f"{pointer} is in none of the stores that [dagger_providers] store_uri and "
        "ui_stores name.",
    )


def _is_item(pointer: str, folder: str) -> bool:
    return re.fullmatch(rf"{re.escape(folder)}/\d+(\.\d+|:\d+)*", pointer) is not None


def _read(run: Run, node: str, index: str) -> NodeRecord:
    store = open_store(run.folder)
    path = f"nodes/{node}/{index}" if index else f"nodes/{node}"
    location = store.join(path)
    if is_chunk(index):
        told = f"This task ran the items {index} of its loop; each has a record of its own."
        return NodeRecord(node, index, store.join(f"nodes/{node}"), problem=told)
    try:
        failed = read_failure(store, path)
        failure = one_line(failed) if failed is not None else ""
        try:
            record = read_commit(store, path)
        except MissingValueError:
            return NodeRecord(node, index, location, failure=failure)
    except DaggerProvidersError as error:
        return NodeRecord(node, index, location, problem=one_line(error))
    rows = [_row(name, one, run) for name, one in record.outputs.items()]
    return NodeRecord(node, index, location, record.attempt, rows, dict(record.extra), failure)


def _row(name: str, artifact: Artifact, run: Run) -> OutputRow:
    return OutputRow(
        name,
        open_store(run.folder).join(artifact.uri),
        artifact.sha256,
        artifact.size,
        artifact.serializer.name,
        artifact.kind,
        None if artifact.parts is None else len(artifact.parts),
    )
