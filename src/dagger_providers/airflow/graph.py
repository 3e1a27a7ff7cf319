"""Put the steps of a plan into an Airflow DAG: tasks, what is mapped, task groups, their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, TaskGroup, TriggerRule, task_group

from dagger_providers.airflow.constructing import constructing
from dagger_providers.airflow.launchers import Launcher
from dagger_providers.airflow.options import native_of
from dagger_providers.planning import Group, Hook, Plan, Step

VERDICT = "_hooks"
"""The id of the task that fails a run whose hooks failed; no node has a name that begins so."""


def add_steps(dag: DAG, plan: Plan, launcher: Launcher, home: TaskGroup | None = None) -> None:
    """Add all steps of a plan to a DAG; a task's id is its step's address.

    Args:
        dag: The DAG.
        plan: The plan.
        launcher: What makes a step's operator.
        home: A task group of the DAG that is there already, and whose id all addresses begin with.
    """
    graph = _Graph(dag, plan, launcher, home or dag.task_group)
    if home is not None:
        graph.task_groups[str(home.group_id)] = home
    for group in plan.groups:
        if not group.space:
            graph.add_plain(plan.steps[group.steps[0]])
        elif len(group.steps) == 1:
            graph.add_mapped(group)
        else:
            graph.add_mapped_group(group)
    for hook in plan.hooks:
        graph.add_hook(hook)
    if plan.hooks:
        graph.add_verdict()


@dataclass(slots=True)
class _Graph:
    """A DAG that is being filled.

    Attributes:
        dag: The DAG.
        plan: The plan.
        launcher: What makes a step's operator.
        home: The task group that holds all of them.
        tasks: The tasks so far, by address.
        task_groups: The task groups of nested pipelines so far, by address.
    """

    dag: DAG
    plan: Plan
    launcher: Launcher
    home: TaskGroup
    tasks: dict[str, Any] = field(default_factory=dict)
    task_groups: dict[str, TaskGroup] = field(default_factory=dict)

    def add_plain(self, step: Step) -> None:
        """Add a step that runs once."""
        operator, arguments = self.launcher(step)
        place = self._place(step)
        with _constructing(step, operator):
            task = operator(**place, **arguments)
        self._add(step, task, "")

    def add_mapped(self, group: Group) -> None:
        """Add the only step of a loop: a mapped task."""
        step = self.plan.steps[group.steps[0]]
        operator, arguments = self.launcher(step)
        indices = self.tasks[group.indices_from].output
        place = self._place(step)
        with _constructing(step, operator):
            mapped = _mapped(step, operator, indices, place | _labelled(group, arguments))
        self._add(step, mapped, group.indices_from)

    def add_mapped_group(self, group: Group) -> None:
        """Add the steps of a loop: a mapped task group, each item going its own way through it."""
        prefix = _common_prefix(group.steps)
        loops = [name.rpartition(".")[2] for name in group.space]
        nested: dict[str, TaskGroup] = {}

        def body(index: Any) -> None:
            for address in group.steps:
                step = self.plan.steps[address]
                operator, arguments = self.launcher(step)
                place = self._place_in(step, prefix, nested)
                with _constructing(step, operator):
                    task = operator(index=index, **place, **_labelled(group, arguments))
                self._add(step, task, group.indices_from)

        # A node's name starts with a letter or digit, so that this one is free.
        mapped = task_group(
            group_id=f"_each_{'_'.join(loops)}",
            group_display_name=f"for each {', '.join(loops)}",
            prefix_group_id=False,
            parent_group=self._task_group(prefix),
        )
        mapped(body).expand(index=self.tasks[group.indices_from].output)

    def add_hook(self, hook: Hook) -> None:
        """Add a hook: a teardown, which runs whatever became of the tasks before it.

        Those that a run's state depends on are the last tasks that are no teardowns: the state is
        that of the pipeline's own tasks, as if there were no hooks.
        """
        step = hook.step
        operator, arguments = self.launcher(step)
        given = self._place(step) | arguments
        with _constructing(step, operator):
            if hook.indices_from:
                task = _mapped(step, operator, self.tasks[hook.indices_from].output, given)
            else:
                task = operator(**given)
        self.tasks[hook.address] = task.as_teardown()
        before = [a for a in (*step.needs, *hook.after) if a != hook.indices_from]
        task.set_upstream([self.tasks[address] for address in before])

    def add_verdict(self) -> None:
        """Let a run fail when one of its hooks did, which Airflow ignores of a teardown."""
        verdict = EmptyOperator(
            task_id=VERDICT,
            task_display_name="hooks",
            trigger_rule=TriggerRule.NONE_FAILED,
            dag=self.dag,
            task_group=self.home,
        )
        verdict.set_upstream([self.tasks[hook.address] for hook in self.plan.hooks])

    def _place(self, step: Step) -> dict[str, Any]:
        """Return the arguments that say where a step stands; its task group adds the prefix."""
        prefix, _, name = step.address.rpartition(".")
        place = {"task_id": name, "task_group": self._task_group(prefix), "dag": self.dag}
        return place | self._trigger(step)

    def _place_in(self, step: Step, prefix: str, nested: dict[str, TaskGroup]) -> dict[str, Any]:
        """Return the same for a step in a mapped task group, which adds no prefix."""
        own, _, name = step.address.rpartition(".")
        place = {"task_id": step.address, "task_display_name": name, "dag": self.dag}
        if own != prefix:
            if own not in nested:
                nested[own] = TaskGroup(
                    f"_in_{own.removeprefix(f'{prefix}.').replace('.', '_')}",
                    group_display_name=own.removeprefix(f"{prefix}."),
                    prefix_group_id=False,
                    add_suffix_on_collision=True,
                )
            place["task_group"] = nested[own]
        return place | self._trigger(step)

    def _trigger(self, step: Step) -> dict[str, Any]:
        """Let a step that follows a loop run, though Airflow skips the tasks of an empty loop."""
        if any(self.plan.steps[need].card.within for need in step.needs):
            return {"trigger_rule": TriggerRule.NONE_FAILED}
        return {}

    def _add(self, step: Step, task: Any, mapped_over: str) -> None:
        self.tasks[step.address] = task
        # Airflow itself lets a mapped task wait for what it is mapped over; and what another need
        # waits for anyway would only be one more line in the graph.
        implied = {mapped_over}.union(*(self.plan.steps[need].needs for need in step.needs))
        needs = [self.tasks[need] for need in step.needs if need not in implied]
        if needs:
            task.set_upstream(needs)

    def _task_group(self, address: str) -> TaskGroup:
        """Return the task group of a nested pipeline; the empty address is the DAG itself."""
        if not address:
            return self.dag.task_group
        if address not in self.task_groups:
            parent, _, name = address.rpartition(".")
            self.task_groups[address] = TaskGroup(name, parent_group=self._task_group(parent))
        return self.task_groups[address]


def _constructing(step: Step, operator: type[Any]) -> AbstractContextManager[None]:
    return constructing(f"task {step.address!r}: {operator.__name__}")


def _mapped(step: Step, operator: Any, indices: Any, arguments: Mapping[str, Any]) -> Any:
    """Return a mapped task; what one of its instances lacks fails here, not when it runs."""
    task = operator.partial(**arguments).expand(index=indices)
    if native_of(step) is not None:
        task.unmap({"index": ""})
    return task


def _labelled(group: Group, arguments: dict[str, Any]) -> dict[str, Any]:
    """Let the interface show an item of nested loops by its position in each of them."""
    if len(group.space) > 1:
        return {"map_index_template": "{{ task.index }}"} | arguments
    return arguments


def _common_prefix(addresses: Sequence[str]) -> str:
    """Return the address of the innermost pipeline that holds all these nodes."""
    paths = [address.split(".")[:-1] for address in addresses]
    shared = []
    for names in zip(*paths, strict=False):
        if len(set(names)) > 1:
            break
        shared.append(names[0])
    return ".".join(shared)
