"""What a task or a pipeline may ask of KFP alone: ``runtime_options={"kfp": {...}}``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from dagger_providers.errors import CapabilityError
from dagger_providers.model import DAG, thaw

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TaskOptions:
    """Options of one task.

    Attributes:
        display_name: What KFP's pages call the task. One that a loop runs over keeps its own name:
            backends before 2.15 would not find its output (kubeflow/pipelines#11173).
        infrastructure_retries: How often KFP starts a failed container again. KFP cannot tell a
            lost node from the user's exception, so each start runs the task's own ``retries``
            anew. Inside a loop KFP's backend ignores it.
        accelerator_type: What the container needs beside CPUs: ``"nvidia.com/gpu"``.
        accelerator_count: How many of them.
    """

    display_name: str = ""
    infrastructure_retries: int = 0
    accelerator_type: str = ""
    accelerator_count: int = 1


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """Options of the pipeline that is compiled.

    Attributes:
        display_name: What KFP's pages call the pipeline.
        parallelism: How many items of a loop run at once; 0 leaves it to KFP.
    """

    display_name: str = ""
    parallelism: int = 0


def task_options(address: str, runtime_options: Mapping[str, Any]) -> TaskOptions:
    """Read the options of a task.

    Raises:
        CapabilityError: One is unknown or of the wrong type.
    """
    return _read(TaskOptions, f"task {address!r}", runtime_options)


def pipeline_options(dag: DAG) -> PipelineOptions:
    """Read the options of a pipeline, and refuse those of pipelines nested in it.

    Raises:
        CapabilityError: One is unknown, of the wrong type, or stands on a nested pipeline.
    """
    _refuse_nested(dag, "")
    return _read(PipelineOptions, f"pipeline {dag.name!r}", dag.runtime_options)


def _refuse_nested(dag: DAG, prefix: str) -> None:
    for name, node in dag.nodes.items():
        if isinstance(node, DAG):
            address = f"{prefix}{name}"
            if node.runtime_options.get("kfp"):
                raise CapabilityError(
                    "kfp",
                    f"nested pipeline {address!r} has options, and its tasks are compiled as tasks "
                    "of the outer pipeline",
                    "set them on its tasks, or on the outer pipeline",
                )
            _refuse_nested(node, f"{address}.")


def _read(kind: type[T], place: str, runtime_options: Mapping[str, Any]) -> T:
    given = thaw(runtime_options.get("kfp") or {})
    known = {field.name: type(field.default) for field in fields(kind)}  # type: ignore[arg-type]
    for name, value in given.items():
        if name in {"cache", "enable_cache"}:
            raise CapabilityError(
                "kfp",
                f"{place}: KFP's cache would skip a task without leaving its value in this run",
                "leave caching off, as it is",
            )
        if name not in known:
            raise CapabilityError(
                "kfp", f"{place} has no option {name!r}", f"known: {', '.join(sorted(known))}"
            )
        if type(value) is not known[name] or (isinstance(value, int) and value < 0):
            expected = "a whole number from 0" if known[name] is int else "a text"
            raise CapabilityError("kfp", f"{place}: {name} must be {expected}, got {value!r:.60}")
    return kind(**given)
