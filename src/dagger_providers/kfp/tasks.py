"""Single tasks in the DAGs of a pipeline, and where their inputs come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from dagger_providers.card import Stored
from dagger_providers.kfp.containers import RUN_ID, TOLD
from dagger_providers.kfp.definitions import Definition
from dagger_providers.kfp.importers import hand_in
from dagger_providers.kfp.interface import BEGIN, Interface
from dagger_providers.kfp.keys import Keys
from dagger_providers.kfp.options import PipelineOptions, task_options
from dagger_providers.kfp.parameters import set_type, set_value
from dagger_providers.planning import NestedPlan, Step

JOB_ID = "{{$.pipeline_job_uuid}}"
"""KFP puts the run's id in its place, where it is the whole constant value of a task's input."""


class Channel(NamedTuple):
    """A value of KFP's own that tasks read.

    Attributes:
        name: The input that carries it into a DAG.
        type: Its type.
        step: The step that tells it; empty for what only comes in: a parameter, a loop's item.
    """

    name: str
    type: str
    step: str = ""


Needed = dict[str, Channel]
"""What a DAG reads that it does not make itself, by name."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A pipeline whose DAGs are being written.

    Attributes:
        spec: KFP's ``PipelineSpec``.
        plan: What it is to say.
        keys: What its tasks are called.
        defined: What the task of each step runs.
        imported: What importers make known to KFP, by their names.
        options: What the pipeline asks of KFP.
        interface: What it takes and gives.
    """

    spec: Any
    plan: NestedPlan
    keys: Keys
    defined: Mapping[str, Definition]
    imported: Mapping[str, Stored]
    options: PipelineOptions
    interface: Interface

    @property
    def begun(self) -> tuple[str, ...]:
        """The step that all others wait for; none where there is none."""
        return (BEGIN,) if self.interface.begins else ()

    def parameter(self, name: str) -> Channel:
        """Return a parameter of the pipeline as what tasks read."""
        how = self.interface.how(name, self.plan.parameters)
        return Channel(name, how.type if how else "STRING")


def add_task(draft: Draft, dag: Any, step: Step, before: Iterable[str]) -> None:
    """Add the task of a step to a DAG."""
    key = draft.keys.of(step.address)
    options = task_options(step)
    tells = step.card.emits or step.card.decides
    named = options.display_name and not tells
    definition = draft.defined[step.address]
    task = _new_task(dag, key, definition.name, before)
    task.task_info.name = options.display_name if named else key
    definition.give_card(task)
    task.caching_options.SetInParent()  # off: what a task gives lies in its own run's folder
    if not draft.begun or step.address == BEGIN:
        set_value(task.inputs.parameters[RUN_ID].runtime_value.constant, JOB_ID)
    if options.infrastructure_retries:
        task.retry_policy.max_retry_count = options.infrastructure_retries


def add_importers(draft: Draft, dag: Any) -> dict[str, str]:
    """Add the tasks of importers to a DAG; return their keys by their names."""
    keys = {name: draft.keys.of(name) for name in draft.imported}
    for name, stored in draft.imported.items():
        task = _new_task(dag, keys[name], keys[name], ())
        task.caching_options.SetInParent()
        hand_in(task, stored)
    return keys


def add_dag(draft: Draft, dag: Any, key: str, before: Iterable[str]) -> tuple[Any, Any]:
    """Add a task to a DAG that is a DAG itself; return the task and its component."""
    task = _new_task(dag, key, key, before)
    return task, draft.spec.components[task.component_ref.name]


def _new_task(dag: Any, key: str, component: str, before: Iterable[str]) -> Any:
    task = dag.tasks[key]
    task.task_info.name = key
    task.component_ref.name = f"comp-{component}"
    task.dependent_tasks.extend(before)
    return task


def connect(task: Any, reads: Mapping[str, Channel], homes: Mapping[str, str]) -> Needed:
    """Say where a task's inputs come from; return what has to come from around its DAG."""
    needed: Needed = {}
    for name, channel in reads.items():
        given = task.inputs.parameters[name]
        if channel.step in homes:
            output = given.task_output_parameter
            output.producer_task, output.output_parameter_key = homes[channel.step], TOLD
        else:
            given.component_input_parameter = channel.name
            needed[channel.name] = channel
    return needed


def take_in(component: Any, channels: Iterable[Channel]) -> None:
    """Say what comes into a DAG from around it."""
    for channel in channels:
        set_type(component.input_definitions.parameters[channel.name], channel.type)
