"""Write a plan as KFP's ``PipelineSpec``: a container for each step, a loop for each group.

Values never pass through KFP: its parameters carry those of the pipeline, the run's id, and for a
loop the list of its indices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dagger_providers import __version__
from dagger_providers.kfp.containers import (
    CHANNEL,
    INDEX,
    INDICES,
    RUN_ID,
    container,
)
from dagger_providers.kfp.options import PipelineOptions, pipeline_options, task_options
from dagger_providers.kfp.parameters import declare, native, set_type, set_value
from dagger_providers.kfp.protobuf import messages
from dagger_providers.kfp.refusals import refusals
from dagger_providers.kfp.validate import validate
from dagger_providers.model import DAG
from dagger_providers.planning import Group, Plan, Step, plan
from dagger_providers.planning.capabilities import Deployment, refuse
from dagger_providers.planning.manifests import Target
from dagger_providers.planning.naming import pipeline_name, unique_keys
from dagger_providers.planning.source import dag_of

if TYPE_CHECKING:
    from dagger_providers.planning.source import Pipeline

JOB_ID = "{{$.pipeline_job_uuid}}"
"""KFP puts the run's id in its place, where it is the whole constant value of a task's input."""

STEPS, HOOKS, OUTCOME = "steps[]", "hooks[]", "outcome[]"
"""What the parts of a pipeline with hooks are called; brackets leave the key, no address has them.
"""


def pipeline_spec(
    pipeline: Pipeline, *, store: str, image: str | None = None, code_root: str | None = None
) -> Any:
    """Return a pipeline as KFP's ``PipelineSpec`` message, checked.

    For those who go on with the message; `dagger_providers.kfp.compile` gives its text, and says
    what the arguments mean and what is raised.
    """
    dag = dag_of(pipeline)
    lowered = plan(dag)
    refuse(refusals(dag, lowered, Deployment(store=store, image=image or "")))
    return emitted(dag, lowered, Target(store, image, code_root))


def emitted(dag: DAG, lowered: Plan, target: Target) -> Any:
    """Return the message of a pipeline that KFP can do; see `refusals`."""
    spec = _Emitter(lowered, target, pipeline_options(dag)).emit()
    validate(spec)
    return spec


@dataclass(slots=True)
class _Emitter:
    """One pipeline that is being written."""

    plan: Plan
    target: Target
    options: PipelineOptions
    spec: Any = None
    keys: dict[str, str] = field(default_factory=dict)
    """A key for each step and loop."""
    loops: dict[Group, str] = field(default_factory=dict)
    """The key of each group that is a loop."""
    home: dict[str, str] = field(default_factory=dict)
    """The task that each step runs in, beside the others: itself, or a loop."""

    def emit(self) -> Any:
        """Write everything and return the message."""
        self.spec = messages().PipelineSpec(
            schema_version="2.1.0", sdk_version=f"dagger-providers-{__version__}"
        )
        self._choose_keys()
        self._describe()
        executors = {}
        for step in self.plan.all_steps.values():
            options = task_options(step)
            self._add_component(step)
            kinds = {name: native(self.plan.parameters[name]) for name in step.parameters}
            made = container(step, kinds, self.target, options)
            executors[f"exec-{self.keys[step.address]}"] = {"container": made}
        self.spec.deployment_spec.update({"executors": executors})
        if self.plan.hooks:
            self._add_hooks()
        else:
            self._add_groups(self.spec.root.dag)
        return self.spec

    def _add_groups(self, dag: Any) -> None:
        for group in self.plan.groups:
            if group.space:
                self._add_loop(dag, group)
            else:
                step = self.plan.steps[group.steps[0]]
                self._add_task(dag, step, self._homes(step.needs))

    def _choose_keys(self) -> None:
        numbers: Counter[str] = Counter()
        names: dict[Group, str] = {}
        for group in self.plan.groups:
            if group.space:
                name = f"for-each-{group.space[-1]}"
                numbers[name] += 1
                # Brackets leave the key as it is, and no address has them.
                names[group] = f"{name}[{numbers[name]}]" if numbers[name] > 1 else f"{name}[]"
        self.keys = unique_keys((*self.plan.all_steps, *names.values(), STEPS, HOOKS, OUTCOME))
        self.loops = {group: self.keys[name] for group, name in names.items()}
        for group in self.plan.groups:
            for address in group.steps:
                self.home[address] = self.loops.get(group) or self.keys[address]

    def _homes(self, addresses: Iterable[str]) -> Iterable[str]:
        return dict.fromkeys(self.home[address] for address in addresses)

    def _describe(self) -> None:
        info = self.spec.pipeline_info
        info.name = pipeline_name(self.plan.name)
        info.description = self.plan.description
        info.display_name = self.options.display_name
        for name, source in self.plan.parameters.items():
            declare(self.spec.root.input_definitions.parameters[name], source)

    def _add_component(self, step: Step) -> None:
        key = self.keys[step.address]
        component = self.spec.components[f"comp-{key}"]
        component.executor_label = f"exec-{key}"
        inputs = component.input_definitions.parameters
        set_type(inputs[RUN_ID], "STRING")
        if step.card.within:
            set_type(inputs[INDEX], "STRING")
        self._declare(inputs, step.parameters)
        if step.card.emits:
            set_type(component.output_definitions.parameters[INDICES], "LIST")

    def _declare(self, inputs: Any, names: Iterable[str]) -> None:
        for name in names:
            how = native(self.plan.parameters[name])
            set_type(inputs[name], how.type if how else "STRING")

    def _add_task(self, dag: Any, step: Step, before: Iterable[str], index: str = "") -> None:
        """Add a step's task to a DAG; in a loop, `index` names the DAG's input with its item."""
        key = self.keys[step.address]
        options = task_options(step)
        task = dag.tasks[key]
        named = options.display_name and not step.card.emits
        task.task_info.name = options.display_name if named else key
        task.component_ref.name = f"comp-{key}"
        task.dependent_tasks.extend(before)
        task.caching_options.SetInParent()  # off: what a task gives lies in its own run's folder
        inputs = task.inputs.parameters
        set_value(inputs[RUN_ID].runtime_value.constant, JOB_ID)
        if index:
            inputs[INDEX].component_input_parameter = index
        for name in step.parameters:
            inputs[name].component_input_parameter = name
        if options.infrastructure_retries:
            task.retry_policy.max_retry_count = options.infrastructure_retries

    def _add_loop(self, dag: Any, group: Group) -> None:
        """Add a loop to a DAG: a task whose component holds the steps, run once for each index.

        Names and shape are those that the SDK gives a ``ParallelFor`` over a task's output.
        """
        key, source = self.loops[group], self.keys[group.indices_from]
        items = f"{CHANNEL}{source}-{INDICES}"
        item = f"{items}-loop-item"
        steps = [self.plan.steps[address] for address in group.steps]
        read = list(dict.fromkeys(name for step in steps for name in step.parameters))

        component = self.spec.components[f"comp-{key}"]
        set_type(component.input_definitions.parameters[items], "LIST")
        set_type(component.input_definitions.parameters[item], "STRING")
        self._declare(component.input_definitions.parameters, read)
        for step in steps:
            before = [self.keys[need] for need in step.needs if need in group.steps]
            self._add_task(component.dag, step, before, item)

        task = dag.tasks[key]
        task.task_info.name = key
        task.component_ref.name = f"comp-{key}"
        task.dependent_tasks.extend(self._homes(group.needs))
        indices = task.inputs.parameters[items].task_output_parameter
        indices.producer_task, indices.output_parameter_key = source, INDICES
        for name in read:
            task.inputs.parameters[name].component_input_parameter = name
        task.parameter_iterator.item_input = item
        task.parameter_iterator.items.input_parameter = items
        limits = (self.options.parallelism, self.plan.concurrency(group))
        parallelism = min(filter(None, limits), default=0)
        if parallelism:
            task.iterator_policy.parallelism_limit = parallelism

    # Hooks

    def _add_hooks(self) -> None:
        """Add all steps as one task of the root, and the hooks as an exit task beside it.

        KFP's backend starts an exit task when the one task is over that it depends on, whatever
        became of it, and one exit task for each such task; so hooks that run one after the other
        are a DAG of the same shape.
        """
        root = self.spec.root.dag
        self._add_groups(self._add_dag(root, STEPS, self.plan.steps.values(), []).dag)
        hooks = {hook.address: hook.step for hook in self.plan.hooks}
        last = hooks.pop("on_exit", None)
        if not hooks or last is None:
            self._add_outcome(root, [*hooks.values(), *filter(None, [last])], self.keys[STEPS])
            return
        inner = self._add_dag(root, HOOKS, [*hooks.values(), last], [self.keys[STEPS]])
        _run_anyway(root.tasks[self.keys[HOOKS]])
        before = self._add_outcome(inner.dag, list(hooks.values()), "")
        self._add_exit_task(inner.dag, last, before)

    def _add_outcome(self, dag: Any, steps: list[Step], before: str) -> str:
        """Add hooks that do not wait for each other, as one task of a DAG; return its key."""
        waits = [before] if before else []
        if len(steps) == 1:
            self._add_task(dag, steps[0], waits)
            key = self.keys[steps[0].address]
        else:
            inner = self._add_dag(dag, OUTCOME, steps, waits)
            for step in steps:
                self._add_task(inner.dag, step, [])
            key = self.keys[OUTCOME]
        if before:
            _run_anyway(dag.tasks[key])
        return key

    def _add_exit_task(self, dag: Any, step: Step, before: str) -> None:
        self._add_task(dag, step, [before])
        _run_anyway(dag.tasks[self.keys[step.address]])

    def _add_dag(self, dag: Any, name: str, steps: Iterable[Step], before: Iterable[str]) -> Any:
        """Add a task to a DAG that is a DAG itself, with the parameters that its steps read."""
        key = self.keys[name]
        read = list(dict.fromkeys(name for step in steps for name in step.parameters))
        component = self.spec.components[f"comp-{key}"]
        self._declare(component.input_definitions.parameters, read)
        task = dag.tasks[key]
        task.task_info.name = key
        task.component_ref.name = f"comp-{key}"
        task.dependent_tasks.extend(before)
        for parameter in read:
            task.inputs.parameters[parameter].component_input_parameter = parameter
        return component


def _run_anyway(task: Any) -> None:
    """Let a task run when those are over that it depends on, whatever became of them."""
    policy = messages().PipelineTaskSpec.TriggerPolicy
    task.trigger_policy.strategy = policy.ALL_UPSTREAM_TASKS_COMPLETED
