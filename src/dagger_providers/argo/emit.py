"""Write a plan as an Argo ``Workflow``: a container template for each step, a DAG for each loop.

Values never pass through Argo: its parameters carry those of the pipeline and, for a loop, the list
of its indices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from dagger_providers.argo.containers import INDEX, INDICES, template
from dagger_providers.argo.options import CONTAINER, Options, pipeline_options, task_options
from dagger_providers.argo.parameters import declared
from dagger_providers.model import DAG
from dagger_providers.planning import Group, Plan, Step
from dagger_providers.planning.manifests import Target
from dagger_providers.planning.naming import pipeline_name, sanitized, unique_keys

_PREFIX = 57
"""Characters of a name to which Kubernetes adds five and a dash stands between."""

RESERVED = frozenset({
    "and", "contains", "false", "if", "else", "in", "let", "matches", "nil", "not", "or", "true",
})  # fmt: skip
"""Words of the language in which Argo evaluates what a task waits for, with the tasks' names."""


def document(dag: DAG, lowered: Plan, target: Target) -> dict[str, Any]:
    """Return a pipeline that Argo can do as a ``Workflow``, as JSON data; see `refusals`."""
    return _Emitter(lowered, target, pipeline_options(dag)).emit()


@dataclass(slots=True)
class _Emitter:
    """One pipeline that is being written."""

    plan: Plan
    target: Target
    options: Options
    keys: dict[str, str] = field(default_factory=dict)
    """A key for each step and loop, and for the whole."""
    loops: dict[Group, str] = field(default_factory=dict)
    """The key of each group whose items are a DAG of several steps."""
    limited: dict[Group, str] = field(default_factory=dict)
    """The key of each group of which so many items at most run at a time: a DAG of its own."""
    home: dict[str, str] = field(default_factory=dict)
    """The task of the root that each step runs in: itself, or a loop."""

    def emit(self) -> dict[str, Any]:
        """Write everything."""
        self._choose_keys()
        root = self.keys[_ROOT]
        tasks = [self._root_task(group) for group in self.plan.groups]
        templates = [{"name": root, "dag": {"tasks": tasks}}]
        templates += [self._limit(group) for group in self.limited]
        templates += [self._item(group) for group in self.loops]
        templates += [self._exit_handler()] if self.plan.hooks else []
        templates += [self._step(step) for step in self.plan.all_steps.values()]
        spec: dict[str, Any] = {
            "entrypoint": root, "templates": templates, **_workflow_options(self.options),
        }  # fmt: skip
        if self.plan.hooks:
            spec["onExit"] = self.keys[_HOOKS]
        if self.plan.parameters:
            parameters = [declared(n, source) for n, source in self.plan.parameters.items()]
            spec["arguments"] = {"parameters": parameters}
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Workflow",
            "metadata": self._metadata(),
            "spec": spec,
        }

    def _metadata(self) -> dict[str, Any]:
        annotations = dict(self.options.get("annotations", {}))
        if self.plan.description:
            annotations.setdefault("workflows.argoproj.io/description", self.plan.description)
        labels = self.options.get("labels", {})
        name = pipeline_name(self.plan.name)[:_PREFIX].rstrip("-")
        return {
            "generateName": f"{name}-",
            **({"annotations": annotations} if annotations else {}),
            **({"labels": labels} if labels else {}),
        }

    def _choose_keys(self) -> None:
        numbers: Counter[str] = Counter()
        names: dict[Group, str] = {}
        for group in self.plan.groups:
            if group.space and len(group.steps) > 1:
                name = f"for-each-{group.space[-1]}"
                numbers[name] += 1
                # Brackets leave the key as it is, and no address has them.
                names[group] = f"{name}[{numbers[name]}]" if numbers[name] > 1 else f"{name}[]"
        limits = {
            group: f"limited[{group.steps[0]}"
            for group in self.plan.groups
            if group.space and self.plan.concurrency(group.steps)
        }
        every = (*self.plan.all_steps, *names.values(), *limits.values(), _ROOT, _HOOKS)
        called = {name: _called(name) for name in every}
        keys = unique_keys(called.values())
        self.keys = {name: keys[other] for name, other in called.items()}
        self.loops = {group: self.keys[name] for group, name in names.items()}
        self.limited = {group: self.keys[name] for group, name in limits.items()}
        for group in self.plan.groups:
            for address in group.steps:
                self.home[address] = self.limited.get(group) or self._item_key(group, address)

    def _item_key(self, group: Group, address: str) -> str:
        return self.loops.get(group) or self.keys[address]

    def _root_task(self, group: Group) -> dict[str, Any]:
        first = group.steps[0]
        if not group.space:
            return _task(self.keys[first], self._homes(self.plan.steps[first].needs))
        needs = self._homes(group.needs)
        indices = f"{{{{tasks.{self.keys[group.indices_from]}.outputs.parameters.{INDICES}}}}}"
        if group in self.limited:
            return _task(self.limited[group], needs, **{INDICES: indices})
        key = self._item_key(group, first)
        return {**_task(key, needs, **{INDEX: "{{item}}"}), "withParam": indices}

    def _limit(self, group: Group) -> dict[str, Any]:
        """Return the DAG around a loop of which not all items may run at once.

        A template's ``parallelism`` counts what runs right inside it (argo-workflows v4.1.2,
        workflow/controller/operator.go: checkParallelism).
        """
        item = _task(self._item_key(group, group.steps[0]), [], **{INDEX: "{{item}}"})
        loop = {**item, "withParam": f"{{{{inputs.parameters.{INDICES}}}}}"}
        return {
            "name": self.limited[group],
            "inputs": {"parameters": [{"name": INDICES}]},
            "parallelism": self.plan.concurrency(group.steps),
            "dag": {"tasks": [loop]},
        }

    def _exit_handler(self) -> dict[str, Any]:
        """Return the DAG of the hooks, of which one that fails keeps no other from running.

        When it fails, so does a workflow that had succeeded; when it succeeds, a workflow stays
        what it was (argo-workflows v4.1.2, workflow/controller/operator.go: operate). Naming all
        tasks as targets lets it fail also by one that another waits for (dag.go: assessDAGPhase).
        """
        tasks = []
        for hook in self.plan.hooks:
            task = _task(self.keys[hook.address], [])
            if hook.after:
                over = [[f"{self.keys[one]}.{result}" for result in _OVER] for one in hook.after]
                task["depends"] = " && ".join(f"({' || '.join(results)})" for results in over)
            tasks.append(task)
        targets = " ".join(self.keys[hook.address] for hook in self.plan.hooks)
        return {
            "name": self.keys[_HOOKS],
            "dag": {"tasks": tasks, "target": targets, "failFast": False},
        }

    def _homes(self, addresses: Iterable[str]) -> list[str]:
        return list(dict.fromkeys(self.home[address] for address in addresses))

    def _item(self, group: Group) -> dict[str, Any]:
        """Return the DAG that runs the steps of a loop for one item."""
        tasks = []
        for address in group.steps:
            needs = [self.keys[n] for n in self.plan.steps[address].needs if n in group.steps]
            index = f"{{{{inputs.parameters.{INDEX}}}}}"
            tasks.append(_task(self.keys[address], needs, **{INDEX: index}))
        return {
            "name": self.loops[group],
            "inputs": {"parameters": [{"name": INDEX}]},
            "dag": {"tasks": tasks},
        }

    def _step(self, step: Step) -> dict[str, Any]:
        shared = {name: self.options[name] for name in _SHARED if name in self.options}
        options = {**shared, **task_options(step, self.options)}
        parameters = {name: self.plan.parameters[name] for name in step.parameters}
        return {
            "name": self.keys[step.address],
            **template(step, parameters, self.target, options),
        }


_ROOT, _HOOKS = "pipeline[]", "hooks[]"
"""Stand for the whole pipeline and its hooks among the names; no address has brackets."""

_OVER = ("Succeeded", "Failed", "Errored", "Skipped", "Omitted")

_SHARED = (*CONTAINER, "annotations", "image_pull_policy", "labels")
"""Options of a pipeline that are every container's own: a workflow hands them on to no pod."""


def _called(name: str) -> str:
    """Return a name whose key Argo can read in the expressions that it makes of dependencies.

    They know no name that starts with a digit (argo-workflows v4.1.2,
    workflow/validate/validate.go: validateDAG), nor one that is a word of their own.
    """
    key = sanitized(name)
    return f"task[{name}]" if key[:1].isdigit() or key in RESERVED else name


def _task(key: str, needs: list[str], **arguments: str) -> dict[str, Any]:
    """Return a task of a DAG.

    ``dependencies`` let it run when each one has succeeded or was skipped
    (argo-workflows v4.1.2, workflow/common/ancestry.go: expandDependency). A loop over no items is
    skipped (workflow/controller/dag.go: "Skipped, empty params"), so what gathers it runs.
    """
    task: dict[str, Any] = {"name": key, "template": key}
    if needs:
        task["dependencies"] = needs
    if arguments:
        parameters = [{"name": name, "value": value} for name, value in arguments.items()]
        task["arguments"] = {"parameters": parameters}
    return task


_WORKFLOW = {
    "active_deadline_seconds": "activeDeadlineSeconds",
    "affinity": "affinity",
    "image_pull_secrets": "imagePullSecrets",
    "node_selector": "nodeSelector",
    "parallelism": "parallelism",
    "priority": "priority",
    "priority_class_name": "podPriorityClassName",
    "service_account_name": "serviceAccountName",
    "tolerations": "tolerations",
}
"""Options that are a workflow's, and what it calls them."""


def _workflow_options(options: Options) -> dict[str, Any]:
    made: dict[str, Any] = {f: options[name] for name, f in _WORKFLOW.items() if name in options}
    if "pod_gc" in options:
        made["podGC"] = {"strategy": options["pod_gc"]}
    if "ttl_seconds_after_completion" in options:
        made["ttlStrategy"] = {"secondsAfterCompletion": options["ttl_seconds_after_completion"]}
    return made
