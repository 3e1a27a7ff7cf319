"""Components as objects of KFP's SDK, with what its loader drops of a YAML file.

It takes resources, options of pods and retries for matters of a task (kfp.dsl.structures), so a
component of ours puts them on each task that is made of it.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from kfp import components
from kfp.dsl.pipeline_task import PipelineTask, TaskState

from dagger_providers.kfp.components import Component
from dagger_providers.kfp.options import task_options
from dagger_providers.kfp.platform import executor_config
from dagger_providers.model import Resources


class TaskComponent(components.YamlComponent):  # type: ignore[misc]
    """A component that gives its tasks what the task of ours asks for."""

    made: Component

    def __call__(self, *args: Any, **inputs: Any) -> Any:
        """Make a task of a pipeline; without one, run it as the SDK is configured."""
        task = super().__call__(*args, **inputs)
        if task.state != TaskState.FINAL:  # else it ran already
            _configure(task, self.made)
        return task


def load(text: str, made: Component | None) -> Any:
    """Return the component that a text describes.

    Args:
        text: What `component` wrote.
        made: What it was written of; None for a pipeline, whose tasks keep their options.
    """
    loaded = components.load_component_from_text(text)
    if made is None:
        return loaded
    found = TaskComponent(loaded.component_spec, text)
    found.made = made
    return found


def _configure(task: PipelineTask, made: Component) -> None:
    options = task_options(made.step)
    wanted = made.step.options.resources or Resources()
    if wanted.cpu:
        task.set_cpu_request(wanted.cpu).set_cpu_limit(wanted.cpu)
    if wanted.memory:
        task.set_memory_request(wanted.memory).set_memory_limit(wanted.memory)
    if options.accelerator_type:
        task.set_accelerator_type(options.accelerator_type)
        task.set_accelerator_limit(options.accelerator_count)
    if options.infrastructure_retries:
        task.set_retry(options.infrastructure_retries)
    if options.display_name:
        task.set_display_name(options.display_name)
    config = executor_config(options)
    if config:
        task.platform_config["kubernetes"] = deepcopy(config)
