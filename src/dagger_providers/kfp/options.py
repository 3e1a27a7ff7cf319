"""What a task or a pipeline may ask of KFP alone: ``runtime_options={"kfp": {...}}``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from dagger_providers.kfp import capabilities as rules
from dagger_providers.model import DAG, thaw
from dagger_providers.planning import Plan, Step
from dagger_providers.planning.capabilities import Refusal, nested_refusals


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


def task_options(step: Step) -> TaskOptions:
    """Read the options of a task; see `option_refusals`."""
    return TaskOptions(**_given(step))


def pipeline_options(dag: DAG) -> PipelineOptions:
    """Read the options of a pipeline; see `option_refusals`."""
    return PipelineOptions(**_given(dag))


def option_refusals(dag: DAG, lowered: Plan) -> Iterator[Refusal]:
    """Yield what is wrong with the options of a pipeline and of its tasks."""
    yield from nested_refusals(dag, rules.NESTED_OPTIONS, "kfp")
    yield from _refusals(PipelineOptions, f"pipeline {dag.name!r}", _given(dag))
    for step in lowered.all_steps.values():
        if step.runtime_options:
            yield from _refusals(TaskOptions, f"task {step.address!r}", _given(step))


def _given(part: Step | DAG) -> dict[str, Any]:
    given: dict[str, Any] = thaw(part.runtime_options.get("kfp") or {})
    return given


def _refusals(kind: type[Any], place: str, given: Mapping[str, Any]) -> Iterator[Refusal]:
    known = {field.name: type(field.default) for field in fields(kind)}
    for name, value in given.items():
        if name in {"cache", "enable_cache"}:
            yield rules.CACHE.at(
                place,
                f"{place}: KFP's cache would skip a task without leaving its value in this run",
            )
        elif name not in known:
            yield rules.UNKNOWN_OPTION.at(
                place, f"{place} has no option {name!r}", f"known: {', '.join(sorted(known))}"
            )
        elif type(value) is not known[name] or (isinstance(value, int) and value < 0):
            expected = "a whole number from 0" if known[name] is int else "a text"
            what = f"{place}: {name} must be {expected}, got {value!r:.60}"
            yield rules.OPTION_VALUE.at(place, what, f"write {expected}")
