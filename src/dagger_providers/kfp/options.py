"""What a task or a pipeline may ask of KFP: ``runtime_options={"kfp": ..., "kubernetes": ...}``.

Options under ``kubernetes`` are those that any target with pods takes; those under ``kfp`` win.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, TypeVar

from pydantic import Field, ValidationError

from dagger_providers.kfp import capabilities as rules
from dagger_providers.kfp.pods import PlatformOptions, PodOptions
from dagger_providers.kfp.strict import Strict
from dagger_providers.model import DAG, thaw
from dagger_providers.planning import Plan, Step
from dagger_providers.planning.capabilities import Refusal, nested_refusals
from dagger_providers.planning.shared_options import joined

O = TypeVar("O", bound=Strict)  # noqa: E741

Count = Annotated[int, Field(ge=0)]


class TaskOptions(PlatformOptions):
    """Options of one task, beside those of its pod.

    Attributes:
        display_name: What KFP's pages call the task. One that a loop runs over keeps its own name:
            backends before 2.15 would not find its output (kubeflow/pipelines#11173).
        infrastructure_retries: How often KFP starts a failed container again. KFP cannot tell a
            lost node from the user's exception; a container that is started after that one fails
            at once. Inside a loop KFP's backend ignores it.
        accelerator_type: What the container needs beside CPUs: ``"nvidia.com/gpu"``.
        accelerator_count: How many of them.
    """

    display_name: str = ""
    infrastructure_retries: Count = 0
    accelerator_type: str = ""
    accelerator_count: Count = 1


class PipelineOptions(PlatformOptions):
    """Options of the pipeline that is compiled, beside those of all its pods.

    Attributes:
        display_name: What KFP's pages call the pipeline.
        parallelism: How many items of a loop run at once; 0 leaves it to KFP.
    """

    display_name: str = ""
    parallelism: Count = 0


RUNTIMES = ("kubernetes", "kfp")

_NOTHING = TaskOptions()
_CACHE = {"cache", "enable_cache"}


def task_options(step: Step) -> TaskOptions:
    """Read the options of a task; see `option_refusals`."""
    return _read(TaskOptions, step) if step.runtime_options else _NOTHING


def pipeline_options(dag: DAG) -> PipelineOptions:
    """Read the options of a pipeline; see `option_refusals`."""
    return _read(PipelineOptions, dag)


def pod_options(pipeline: PipelineOptions, task: TaskOptions) -> PlatformOptions:
    """Return what a task's pod is asked to have: the pipeline's lists and mappings, and its own."""
    found: dict[str, Any] = {}
    for options in (pipeline, task):
        for name in options.model_fields_set & PlatformOptions.model_fields.keys():
            found[name] = joined(found.get(name), getattr(options, name))
    return PlatformOptions.model_construct(**found)


def option_refusals(dag: DAG, lowered: Plan) -> Iterator[Refusal]:
    """Yield what is wrong with the options of a pipeline and of its tasks."""
    yield from nested_refusals(dag, rules.NESTED_OPTIONS, *RUNTIMES)
    yield from _refusals(PipelineOptions, f"pipeline {dag.name!r}", dag)
    for step in lowered.all_steps.values():
        yield from step_refusals(step)


def step_refusals(step: Step) -> Iterator[Refusal]:
    """Yield what is wrong with the options of a task."""
    if step.runtime_options:
        yield from _refusals(TaskOptions, f"task {step.address!r}", step)


def _given(part: Step | DAG) -> dict[str, dict[str, Any]]:
    return {name: thaw(part.runtime_options.get(name) or {}) for name in RUNTIMES}


def _read(kind: type[O], part: Step | DAG) -> O:
    return kind(**{name: value for given in _given(part).values() for name, value in given.items()})


def _refusals(kind: type[Strict], place: str, part: Step | DAG) -> Iterator[Refusal]:
    for runtime, given in _given(part).items():
        if _CACHE & given.keys():
            yield rules.CACHE.at(
                place,
                f"{place}: KFP's cache would skip a task without leaving its value in this run",
            )
        known = kind if runtime == "kfp" else PodOptions
        try:
            known(**{name: value for name, value in given.items() if name not in _CACHE})
        except ValidationError as error:
            for problem in error.errors():
                yield _refusal(f"{place}: runtime_options[{runtime!r}]", place, problem, known)


def _refusal(where: str, place: str, problem: Any, kind: type[Strict]) -> Refusal:
    *around, last = problem["loc"] or ("",)
    path = ".".join(map(str, problem["loc"]))
    if problem["type"] != "extra_forbidden":
        said = problem["msg"].removeprefix("Value error, ")
        what = f"{where}: {path}: {said}" if path else f"{where}: {said}"
        got = "" if problem["type"] == "value_error" else f", got {problem['input']!r:.60}"
        return rules.OPTION_VALUE.at(place, f"{what}{got}")
    if around:
        return rules.UNKNOWN_OPTION.at(
            place, f"{where}: {'.'.join(map(str, around))} has no {last!r}"
        )
    if kind is PodOptions and last in _ELSEWHERE:
        return rules.POD_OPTION.at(place, f"{where} has {last!r}, {_ELSEWHERE[last]}")
    known = ", ".join(sorted(kind.model_fields))
    return rules.UNKNOWN_OPTION.at(place, f"{where} has no {last!r}", f"known: {known}")


_ELSEWHERE = {
    "env_from": "and KFP hands on single keys of secrets and config maps only",
    "priority_class_name": "of which KFP's documents have nothing",
    "service_account_name": "and KFP has one for all pods of a run, chosen where it is submitted",
}
"""Options of pods that other targets take, and why KFP does not."""
