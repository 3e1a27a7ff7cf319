"""Walk one DAG of an Argo workflow: which tasks run now, and what becomes of the whole.

Rules are those of argo-workflows v4.1.2, workflow/controller/dag.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from dagger_providers.errors import UsageError
from dagger_providers.testing.argo_calls import Scope, Template, expanded, loops
from dagger_providers.testing.argo_depends import (
    Task,
    ancestors,
    branch_phase,
    leaves,
    may_run,
    waits_for,
)
from dagger_providers.testing.argo_expressions import should_execute
from dagger_providers.testing.argo_nodes import FAILED, Node
from dagger_providers.testing.argo_pods import outputs_of
from dagger_providers.testing.argo_tags import MissingVariableError, filled_in

Execute: TypeAlias = Callable[[str, Task, str], Node | None]
"""Runs a template for a node of a DAG, or goes on with it; None: there is no room yet."""

_STRICT = ("tasks", "steps")
"""Tags that must have a value when a task runs; ``{{item}}`` comes later."""


class DagWalk:
    """One look at a DAG.

    Args:
        name: The name of its node.
        spec: Its tasks.
        nodes: All nodes of the workflow; new ones are added.
        templates: The templates by name.
        scope: What stands for tags everywhere.
    """

    def __init__(
        self,
        name: str,
        spec: Mapping[str, Any],
        nodes: dict[str, Node],
        templates: Mapping[str, Template],
        scope: Scope,
    ) -> None:
        self.name = name
        self.spec = spec
        self.nodes = nodes
        self.templates = templates
        self.scope = scope
        self.waiting: dict[str, str] = {}
        """Why tasks cannot be filled in."""
        self._tasks: dict[str, Task] = {task["name"]: task for task in spec.get("tasks", [])}
        both = {task: waits_for(one, self._tasks) for task, one in self._tasks.items()}
        self._needs: Mapping[str, Iterable[str]] = {n: needs for n, (needs, _) in both.items()}
        self._logic = {task: logic for task, (_, logic) in both.items()}
        self._targets = str(spec.get("target", "")).split() or leaves(self._needs)
        self._seen: set[str] = set()
        if not self._targets:
            raise UsageError(f"{name}: the tasks wait for each other, or there are none")

    def go_on(self, execute: Execute) -> str:
        """Run all tasks that can run now, and return the DAG's phase: executeDAG."""
        for task in self._targets:
            self._go_on(task, execute)
        return self._assessed()

    def _node(self, task: str) -> Node | None:
        return self.nodes.get(f"{self.name}.{task}")

    def _found(self) -> dict[str, Node]:
        return {task: node for task in self._tasks if (node := self._node(task)) is not None}

    def _new(self, task: str, kind: str, phase: str, message: str = "") -> Node:
        name = f"{self.name}.{task}"
        self.nodes[name] = Node(name, kind, self.name, phase, message=message)
        return self.nodes[name]

    # What becomes of it: assessDAGPhase

    def _assessed(self) -> str:
        found = self._found()
        if any(not node.fulfilled for node in found.values()):
            return "Running"
        result = "Succeeded"
        fail_fast = self.spec.get("failFast", True)
        for target in self._targets:
            phase = branch_phase(target, found, self._needs)
            if not phase:
                result = "Running"
                if not fail_fast:
                    break
            elif phase in FAILED and not _continues(self._tasks[target], phase):
                result = phase
                if fail_fast:
                    break
        return result

    # One task: executeDAGTask

    def _go_on(self, task: str, execute: Execute) -> None:
        """Go on with a task and all that it waits for."""
        node = self._node(task)
        if task in self._seen or (node is not None and node.fulfilled):
            return
        self._seen.add(task)
        for need in self._needs[task]:
            self._go_on(need, execute)
        if node is None and not self._ready(task):
            return
        try:
            scope = self._scope_of(task)
            calls = list(expanded(self._resolved(task, scope), scope))
        except MissingVariableError as error:  # the controller tries again, for ever
            self.waiting[task] = f"{self.name}.{task}: {error}"
        except UsageError as error:
            self._new(task, "Skipped", "Error", str(error))
        else:
            self._run(task, calls, execute)

    def _ready(self, task: str) -> bool:
        """Say whether a task runs now; one that never will is omitted: evaluateDependsLogic."""
        needs = self._needs[task]
        found = self._found()
        if any(need not in found or not found[need].fulfilled for need in needs):
            return False
        known = {need: found[need] for need in needs}
        try:
            runs = not known or may_run(self._logic[task], known, self.nodes)
        except UsageError as error:
            self._new(task, "Skipped", "Error", str(error))
            return False
        if not runs:
            self._new(task, "Skipped", "Omitted", "omitted: depends condition not met")
        return runs

    def _run(self, task: str, calls: list[Task], execute: Execute) -> None:
        """Run a task's template, once or once for each item; no item at all skips the task."""
        loop = loops(self._tasks[task])
        if loop and not calls:  # line 634
            self._new(task, "Skipped", "Skipped", "Skipped, empty params")
            return
        group = (self._node(task) or self._new(task, "TaskGroup", "Running")) if loop else None
        for call in calls:
            node = self._call(call, execute)
            if node is None:
                return
            if group is not None and node.name not in group.children:
                group.children.append(node.name)
        if group is not None and all(self.nodes[one].fulfilled for one in group.children):
            phases = [self.nodes[one].phase for one in group.children]
            failed = [phase for phase in phases if phase in FAILED]
            group.end(failed[-1] if failed else "Succeeded")

    def _call(self, call: Task, execute: Execute) -> Node | None:
        if self._node(call["name"]) is None:
            try:
                if not should_execute(call.get("when", "")):
                    why = f"when {call['when']!r} evaluated false"
                    return self._new(call["name"], "Skipped", "Skipped", why)
            except UsageError as error:
                return self._new(call["name"], "Skipped", "Error", str(error))
        return execute(f"{self.name}.{call['name']}", call, self.name)

    def _resolved(self, task: str, scope: Scope) -> Task:
        """Fill in what other tasks gave, ``when`` first: resolveDependencyReferences."""
        given = self._tasks[task]
        if given.get("when"):
            when = filled_in(given["when"], scope, _STRICT)
            try:
                if not should_execute(when):
                    return {**given, "when": when}
            except UsageError:
                if not loops(given):
                    raise
        resolved: Task = filled_in(given, scope, _STRICT)
        return resolved

    def _scope_of(self, task: str) -> Scope:
        """Return what a task may read, of all tasks before it: buildLocalScopeFromTask.

        Of a loop, only its status: lists of outputs are not read here.
        """
        scope: dict[str, str | None] = dict(self.scope)
        found = self._found()
        for one in ancestors(task, self._needs):
            if one not in found:
                continue
            node, start = found[one], f"tasks.{one}"
            scope[f"{start}.status"] = node.phase
            for name, value in (node.outputs or {}).items():
                scope[f"{start}.outputs.parameters.{name}"] = value
            if node.phase in {"Skipped", "Omitted"}:  # scope.go: addSkippedNodeOutputsToScope
                for output in outputs_of(self.templates[self._tasks[one]["template"]]):
                    default = output["valueFrom"].get("default")
                    scope[f"{start}.outputs.parameters.{output['name']}"] = default
        return scope


def _continues(task: Task, phase: str) -> bool:
    go_on = task.get("continueOn", {})
    return bool(go_on.get("failed" if phase == "Failed" else "error"))
