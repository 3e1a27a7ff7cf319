"""Walk an Argo ``Workflow`` as Argo's controller does, starting its pods through a function.

An interpreter of ours, for where no Argo runs. Each rule names its place in argo-workflows v4.1.2;
files without a folder are of ``workflow/controller``. It shows what a manifest makes of a pipeline
by Argo's rules, not that a cluster has images, rights and room.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from dagger_providers.errors import UsageError, one_line
from dagger_providers.testing.argo_depends import (
    Task,
    ancestors,
    branch_phase,
    leaves,
    may_run,
    waits_for,
)
from dagger_providers.testing.argo_expressions import FUNCTIONS, as_json, is_true, should_execute
from dagger_providers.testing.argo_manifest import parameters_of, read, templates_of
from dagger_providers.testing.argo_nodes import FAILED, Node
from dagger_providers.testing.argo_pods import Ended, Pod, outputs_of, place_of
from dagger_providers.testing.argo_tags import ALL, MissingVariableError, filled_in

Template: TypeAlias = Mapping[str, Any]
Scope: TypeAlias = Mapping[str, str | None]
RunPod: TypeAlias = Callable[[Pod], Ended]


class _ParallelismReached(Exception):  # noqa: N818 - Argo's name for it
    """There are as many pods or children as there may be: try again when one has ended."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of a workflow.

    Attributes:
        phase: ``Succeeded``, ``Failed`` or ``Error``.
        message: Why, when it did not succeed.
        uid: The id that stands for ``{{workflow.uid}}``.
        nodes: Its nodes by name.
    """

    phase: str
    message: str
    uid: str
    nodes: Mapping[str, Node]


def walk(
    text: str, parameters: Mapping[str, str], run_pod: RunPod, folder: Path, at_once: int = 2
) -> Finished:
    """Run a workflow to its end.

    Args:
        text: The YAML text of a ``Workflow``.
        parameters: Values for its parameters, as ``argo submit -p`` takes them.
        run_pod: Runs a pod to its end; called in several threads.
        folder: Where the pods' own files lie.
        at_once: How many pods the cluster has room for.

    Raises:
        UsageError: The workflow is not valid, has a field that is not known here, or waits for
            something that never comes.
    """
    document = read(text)
    uid = str(uuid.uuid4())
    given = parameters_of(document, parameters)
    with ThreadPoolExecutor(at_once) as pool:
        controller = _Controller(
            document, given, uid, folder, lambda pod: pool.submit(run_pod, pod)
        )
        return controller.run()


@dataclass(slots=True)
class _Controller:
    """One workflow that runs."""

    document: Any
    parameters: Mapping[str, str]
    uid: str
    folder: Path
    submit: Callable[[Pod], Future[Ended]]
    templates: dict[str, Template] = field(init=False)
    scope: dict[str, str | None] = field(init=False)
    """What stands for tags everywhere: operator.go, setGlobalParameters."""
    nodes: dict[str, Node] = field(default_factory=dict)
    running: dict[Future[Ended], Node] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)
    """Why tasks cannot be filled in."""

    def __post_init__(self) -> None:
        self.templates = templates_of(self.document)
        name = self.name
        self.scope = {
            "workflow.name": name,
            "workflow.namespace": "default",
            "workflow.uid": self.uid,
            "workflow.status": "Running",
            "workflow.parameters": as_json(
                [{"name": n, "value": value} for n, value in self.parameters.items()]
            ),
            **{f"workflow.parameters.{n}": value for n, value in self.parameters.items()},
        }
        spec = {**self.spec, "templates": [], "arguments": self.parameters}
        filled_in(spec, self.scope)  # operator.go: substituteGlobalVariables

    @property
    def spec(self) -> Mapping[str, Any]:
        spec: Mapping[str, Any] = self.document["spec"]
        return spec

    @property
    def name(self) -> str:
        metadata = self.document.get("metadata", {})
        return str(metadata.get("name") or f"{metadata.get('generateName', 'workflow-')}{_SUFFIX}")

    def run(self) -> Finished:
        entrypoint = {"template": self.spec.get("entrypoint"), "arguments": self._as_arguments()}
        root = self._finish(self.name, entrypoint)
        phase, message = root.phase, root.message
        if self.spec.get("onExit"):  # operator.go:502
            self.scope["workflow.status"] = phase
            handler = {"template": self.spec["onExit"], "arguments": self._as_arguments()}
            last = self._finish(f"{self.name}.onExit", handler)
            if phase == "Succeeded" and last.phase in FAILED:
                phase, message = last.phase, last.message
        return Finished(phase, message, self.uid, self.nodes)

    def _as_arguments(self) -> dict[str, Any]:
        pairs = [{"name": name, "value": value} for name, value in self.parameters.items()]
        return {"parameters": pairs}

    def _finish(self, name: str, call: Task) -> Node:
        """Look at the whole tree again after each pod that ends, until a node is fulfilled."""
        while True:
            with suppress(_ParallelismReached):
                self._execute(name, call, "")
            node = self.nodes.get(name)
            if node is not None and node.fulfilled and not self.running:
                return node
            if not self.running:
                why = "; ".join(self.waiting.values()) or "nothing runs and nothing can start"
                raise UsageError(f"the workflow waits for ever: {one_line(why)}")
            self._wait()

    def _wait(self) -> None:
        done, _ = wait(self.running, return_when=FIRST_COMPLETED)
        for future in done:
            node, ended = self.running.pop(future), future.result()
            node.end(ended.phase, ended.message)
            node.outputs, node.exit_code = ended.outputs, ended.exit_code

    # How a template runs: executeTemplate of operator.go

    def _execute(self, name: str, call: Task, boundary: str) -> Node:
        """Run a template for a node, or go on with it."""
        node = self.nodes.get(name)
        if node is not None and (node.fulfilled or node.kind == "Pod"):
            return node
        try:
            template = self._processed(name, call)
        except UsageError as error:
            return self._new(name, "Skipped", boundary, "Error", str(error))
        self._check_parallelism(template, node, boundary)
        if "retryStrategy" in template:
            return self._retried(name, template, boundary)
        if "container" in template:
            return self._start(name, template, boundary)
        return self._dag(name, template, boundary)

    def _new(
        self, name: str, kind: str, boundary: str, phase: str = "Running", message: str = ""
    ) -> Node:
        self.nodes[name] = Node(name, kind, boundary, phase, message=message)
        return self.nodes[name]

    def _processed(self, name: str, call: Task) -> Template:
        """Return a template with all filled in: workflow/common/util.go, ProcessArgs."""
        if call["template"] not in self.templates:
            raise UsageError(f"template name {call['template']!r} undefined")
        template = json.loads(json.dumps(self.templates[call["template"]]))
        given = {one["name"]: one for one in call.get("arguments", {}).get("parameters", [])}
        for one in template.get("inputs", {}).get("parameters", []):
            one.update({"value": one["default"]} if "default" in one else {})
            one.update({"value": given[one["name"]]["value"]} if one["name"] in given else {})
            if "value" not in one:
                raise UsageError(f"inputs.parameters.{one['name']} was not supplied")
        return self._substituted(template, {"node.name": name}, self._folder(name))

    def _substituted(self, template: Template, local: Scope, folder: Path) -> Template:
        """Fill in what is global, then the inputs: SubstituteParams, two passes."""
        scope = {**self.scope, **local}
        first = filled_in(template, scope)
        for one in first.get("inputs", {}).get("parameters", []):
            scope[f"inputs.parameters.{one['name']}"] = str(one["value"])
        for one in outputs_of(first):
            place = place_of(folder, one["valueFrom"]["path"])
            scope[f"outputs.parameters.{one['name']}.path"] = str(place)
        found: Template = filled_in(first, scope)
        return found

    def _folder(self, name: str) -> Path:
        return self.folder / sha256(name.encode()).hexdigest()[:16]

    def _start(self, name: str, template: Template, boundary: str, owner: str = "") -> Node:
        node = self._new(name, "Pod", boundary)
        pod = Pod(name, template, self._folder(owner or name))
        self.running[self.submit(pod)] = node
        return node

    # How much runs at once: checkParallelism of operator.go

    def _check_parallelism(self, template: Template, node: Node | None, boundary: str) -> None:
        if self._reached(self.spec, len(self.running)):
            raise _ParallelismReached
        if node is not None and node.kind == "DAG":
            self._check_fail_fast(template, node)
            if self._reached(template, self._count(node.name, {"Pod"}, {"Running"})):
                raise _ParallelismReached
        if boundary and (node is None or node.phase != "Running"):
            around = self.nodes[boundary]
            self._check_fail_fast(around.template, around)
            if self._reached(around.template, self._count(boundary, {"Pod", "DAG"}, {"Running"})):
                raise _ParallelismReached

    def _check_fail_fast(self, template: Template, node: Node) -> None:
        """Start nothing more beside a failure, where the template (not its ``dag``) says so."""
        if template.get("failFast") and self._count(node.name, {"Pod", "DAG"}, FAILED):
            if not self._count(node.name, {"Pod"}, {"Running"}):
                why = "template has failed or errored children and failFast enabled"
                node.end("Failed", why)
            raise _ParallelismReached

    def _reached(self, limited: Mapping[str, Any], number: int) -> bool:
        limit = int(limited.get("parallelism") or 0)
        return bool(limit) and number >= limit

    def _count(self, boundary: str, kinds: set[str], phases: set[str] | frozenset[str]) -> int:
        """Count nodes of a DAG: node_counters.go."""
        return sum(
            node.boundary == boundary and node.kind in kinds and node.phase in phases
            for node in self.nodes.values()
        )

    # What runs again: processNodeRetries of operator.go

    def _retried(self, name: str, template: Template, boundary: str) -> Node:
        if "container" not in template:
            raise UsageError("the interpreter of workflows knows no retries of a DAG")
        node = self.nodes.get(name) or self._new(name, "Retry", boundary)
        tries = [self.nodes[one] for one in node.children]
        last = tries[-1] if tries else None
        if last is not None and not last.fulfilled:
            return node
        if last is not None and not self._again(template["retryStrategy"], last, len(tries)):
            node.end(last.phase, last.message)
            node.outputs, node.exit_code = last.outputs, last.exit_code
            return node
        local = {"retries": str(len(tries)), **_last_retry(last, "0")}
        again = self._substituted(template, local, self._folder(name))
        node.children.append(f"{name}({len(tries)})")
        self._start(node.children[-1], again, boundary, name)
        return node

    def _again(self, strategy: Mapping[str, Any], last: Node, tries: int) -> bool:
        if last.phase not in FAILED:
            return False
        # without a policy, an expression decides alone (docs/retries.md)
        policy = strategy.get("retryPolicy") or ("Always" if "expression" in strategy else "")
        on = {"Always": FAILED, "OnError": {"Error"}, "OnFailure": {"Failed"}, "": {"Failed"}}
        if policy not in on:
            raise UsageError(f"the interpreter of workflows knows no retryPolicy {policy!r}")
        if last.phase not in on[policy]:
            return False
        if "limit" in strategy and tries > int(strategy["limit"]):
            return False
        if "expression" not in strategy:
            return True
        numbers = {"retries": str(tries - 1), "lastRetry": _tree(_last_retry(last, "-1"))}
        return is_true(strategy["expression"], {**FUNCTIONS, **numbers})

    # What a DAG does: dag.go

    def _dag(self, name: str, template: Template, boundary: str) -> Node:
        node = self.nodes.get(name) or self._new(name, "DAG", boundary)
        node.template = template
        dag = _Dag(name, template["dag"])
        for task in dag.targets:
            self._task(dag, task)
        if not node.fulfilled:
            phase = self._assessed(dag)
            if phase != "Running":
                node.end(phase, self._why(name) if phase in FAILED else "")
        return node

    def _why(self, boundary: str) -> str:
        failed = (n for n in self.nodes.values() if n.boundary == boundary and n.phase in FAILED)
        return next((f"{node.name}: {node.message}" for node in failed), "")

    def _assessed(self, dag: _Dag) -> str:
        found = self._found(dag)
        if any(not node.fulfilled for node in found.values()):
            return "Running"
        result = "Succeeded"
        fail_fast = dag.spec.get("failFast", True)
        for target in dag.targets:
            phase = branch_phase(target, found, dag.needs)
            if not phase:
                result = "Running"
                if not fail_fast:
                    break
            elif phase in FAILED and not _continues(dag.tasks[target], phase):
                result = phase
                if fail_fast:
                    break
        return result

    def _found(self, dag: _Dag) -> dict[str, Node]:
        names = {task: f"{dag.name}.{task}" for task in dag.tasks}
        return {task: self.nodes[name] for task, name in names.items() if name in self.nodes}

    def _task(self, dag: _Dag, task: str) -> None:
        """Go on with a task and all that it waits for: executeDAGTask."""
        name = f"{dag.name}.{task}"
        node = self.nodes.get(name)
        if task in dag.visited or (node is not None and node.fulfilled):
            return
        dag.visited.add(task)
        for need in dag.needs[task]:
            self._task(dag, need)
        if node is None and not self._ready(dag, task):
            return
        try:
            resolved = self._resolved(dag, task)
            calls = list(self._expanded(resolved, self._task_scope(dag, task)))
        except MissingVariableError as error:  # the controller tries again, for ever
            self.waiting[name] = f"{name}: {error}"
            return
        except UsageError as error:
            self._new(name, "Skipped", dag.name, "Error", str(error))
            return
        self.waiting.pop(name, None)
        self._calls(dag, name, dag.tasks[task], calls)

    def _ready(self, dag: _Dag, task: str) -> bool:
        """Say whether a task runs now; one that never will is omitted: evaluateDependsLogic."""
        needs = dag.needs[task]
        found = self._found(dag)
        if any(need not in found or not found[need].fulfilled for need in needs):
            return False
        if needs and not may_run(dag.logic[task], {n: found[n] for n in needs}, self.nodes):
            why = "omitted: depends condition not met"
            self._new(f"{dag.name}.{task}", "Skipped", dag.name, "Omitted", why)
            return False
        return True

    def _calls(self, dag: _Dag, name: str, task: Task, calls: list[Task]) -> None:
        """Run a task's template, once or once for each item; no item at all skips the task."""
        loop = _loops(task)
        if loop and not calls:  # dag.go:634
            self._new(name, "Skipped", dag.name, "Skipped", "Skipped, empty params")
            return
        group = (self.nodes.get(name) or self._new(name, "TaskGroup", dag.name)) if loop else None
        for call in calls:
            node = self._call(dag, call)
            if node is None:
                return  # no room; what comes after waits too
            if group is not None and node.name not in group.children:
                group.children.append(node.name)
        if group is not None and all(self.nodes[one].fulfilled for one in group.children):
            phases = [self.nodes[one].phase for one in group.children]
            failed = [phase for phase in phases if phase in FAILED]
            group.end(failed[-1] if failed else "Succeeded")

    def _call(self, dag: _Dag, call: Task) -> Node | None:
        name = f"{dag.name}.{call['name']}"
        if name not in self.nodes:
            try:
                if not should_execute(call.get("when", "")):
                    why = f"when {call['when']!r} evaluated false"
                    return self._new(name, "Skipped", dag.name, "Skipped", why)
            except UsageError as error:
                return self._new(name, "Skipped", dag.name, "Error", str(error))
        try:
            return self._execute(name, call, dag.name)
        except _ParallelismReached:
            return self.nodes.get(name)

    def _resolved(self, dag: _Dag, task: str) -> Task:
        """Fill in what other tasks gave: resolveDependencyReferences, ``when`` first."""
        given = dag.tasks[task]
        scope = self._task_scope(dag, task)
        if given.get("when"):
            when = filled_in(given["when"], scope, ("tasks", "steps"))
            try:
                if not should_execute(when):
                    return {**given, "when": when}
            except UsageError:
                if not _loops(given):
                    raise
        resolved: Task = filled_in(given, scope, ("tasks", "steps"))
        return resolved

    def _task_scope(self, dag: _Dag, task: str) -> Scope:
        """Return what a task may read: buildLocalScopeFromTask, of all tasks before it."""
        scope: dict[str, str | None] = dict(self.scope)
        found = self._found(dag)
        for one in ancestors(task, dag.needs):
            if one not in found:
                continue
            node = found[one]
            scope[f"tasks.{one}.status"] = node.phase
            for name, value in (node.outputs or {}).items():
                scope[f"tasks.{one}.outputs.parameters.{name}"] = value
            if node.phase in {"Skipped", "Omitted"}:  # scope.go: addSkippedNodeOutputsToScope
                for output in outputs_of(self.templates[dag.tasks[one]["template"]]):
                    tag = f"tasks.{one}.outputs.parameters.{output['name']}"
                    scope[tag] = output["valueFrom"].get("default")
        return scope

    def _expanded(self, task: Task, scope: Scope) -> Iterator[Task]:
        """Return a task once for each item: expandTask and operator.go, processItem."""
        if not _loops(task):
            yield task
            return
        bare = {k: v for k, v in task.items() if k not in {"withItems", "withParam"}}
        for number, item in enumerate(_items(task)):
            local = {**scope, **_item_scope(item)}
            call = filled_in(bare, local, ALL)
            shown = local["item"] or ""
            name = f"{task['name']}({number}:{shown.replace('(', '').replace(')', '')})"
            yield {**call, "name": name}


_SUFFIX = "local"
"""What Kubernetes would add to a prefix, five letters."""


class _Dag:
    """The tasks of one DAG, and what they wait for."""

    def __init__(self, name: str, spec: Mapping[str, Any]) -> None:
        self.name = name
        self.spec = spec
        self.tasks: dict[str, Task] = {task["name"]: task for task in spec.get("tasks", [])}
        both = {name: waits_for(task, self.tasks) for name, task in self.tasks.items()}
        self.needs = {name: needs for name, (needs, _) in both.items()}
        self.logic = {name: logic for name, (_, logic) in both.items()}
        target = str(spec.get("target", ""))
        self.targets = target.split() or leaves(self.needs)
        self.visited: set[str] = set()
        if not self.targets:
            raise UsageError(f"{name}: the tasks wait for each other, or there are none")


def _loops(task: Task) -> bool:
    return "withParam" in task or "withItems" in task


def _continues(task: Task, phase: str) -> bool:
    go_on = task.get("continueOn", {})
    return bool(go_on.get("failed" if phase == "Failed" else "error"))


def _items(task: Task) -> list[Any]:
    if "withItems" in task:
        return list(task["withItems"])
    try:
        items = json.loads(task["withParam"])
        if isinstance(items, list):
            return items
    except ValueError:
        pass
    if task.get("when") and not should_execute(task["when"]):
        return []
    raise UsageError(
        f"withParam value could not be parsed as a JSON list: {one_line(task['withParam'], 80)}"
    )


def _item_scope(item: Any) -> dict[str, str]:
    if isinstance(item, str):
        return {"item": item}
    keys = item.items() if isinstance(item, dict) else ()
    fields = {f"item.{k}": v if isinstance(v, str) else as_json(v) for k, v in keys}
    return {"item": as_json(item), **fields}


def _last_retry(last: Node | None, without: str) -> dict[str, str]:
    """Return what is known of the try before: operator.go, buildRetryStrategyLocalScope."""
    code = without if last is None or last.exit_code is None else str(last.exit_code)
    return {
        "lastRetry.exitCode": code,
        "lastRetry.status": last.phase if last else "",
        "lastRetry.duration": "0",
        "lastRetry.message": last.message if last else "",
    }


def _tree(flat: Mapping[str, str]) -> dict[str, str]:
    return {name.partition(".")[2]: value for name, value in flat.items()}
