"""Walk an Argo ``Workflow`` as Argo's controller does, starting its pods through a function.

An interpreter of ours, for where no Argo runs. Each rule names its place in argo-workflows v4.1.2;
files without a folder are of ``workflow/controller``. It shows what a manifest makes of a pipeline
by Argo's rules, not that a cluster has images, rights and room.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from dagger_providers.errors import UsageError, one_line
from dagger_providers.testing.argo_calls import Template, processed, substituted
from dagger_providers.testing.argo_dags import DagWalk
from dagger_providers.testing.argo_depends import Task
from dagger_providers.testing.argo_expressions import FUNCTIONS, as_json, is_true
from dagger_providers.testing.argo_manifest import parameters_of, read, templates_of
from dagger_providers.testing.argo_nodes import FAILED, Node
from dagger_providers.testing.argo_pods import Ended, Pod
from dagger_providers.testing.argo_tags import filled_in

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
    """By DAG, why tasks in it cannot be filled in."""

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
        known = {"entrypoint": self.spec.get("entrypoint"), "arguments": self._as_arguments()}
        rest = {n: one for n, one in self.spec.items() if n not in {*known, "templates"}}
        filled_in({**known, **rest}, self.scope)  # operator.go: substituteGlobalVariables

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
                missing = filter(None, self.waiting.values())
                why = "; ".join(missing) or "nothing runs and nothing can start"
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
            given = self._template(call)
            local = {**self.scope, "node.name": name}
            template = processed(given, call, local, self._folder(name))
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

    def _template(self, call: Task) -> Template:
        if call["template"] not in self.templates:
            raise UsageError(f"template name {call['template']!r} undefined")
        return self.templates[call["template"]]

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
        local = {**self.scope, "retries": str(len(tries)), **_last_retry(last, "0")}
        again = substituted(template, local, self._folder(name))
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
        dag = DagWalk(name, template["dag"], self.nodes, self.templates, self.scope)
        phase = dag.go_on(self._execute_if_room)
        self.waiting[name] = "; ".join(dag.waiting.values())
        if phase != "Running" and not node.fulfilled:
            node.end(phase, self._why(name) if phase in FAILED else "")
        return node

    def _execute_if_room(self, name: str, call: Task, boundary: str) -> Node | None:
        try:
            return self._execute(name, call, boundary)
        except _ParallelismReached:
            return self.nodes.get(name)

    def _why(self, boundary: str) -> str:
        failed = (n for n in self.nodes.values() if n.boundary == boundary and n.phase in FAILED)
        return next((f"{node.name}: {node.message}" for node in failed), "")


_SUFFIX = "local"
"""What Kubernetes would add to a prefix, five letters."""


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
