"""Run a compiled Argo workflow by our interpreter of Argo's rules, and tell which pods it ran."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dagger_providers.errors import one_line
from dagger_providers.testing.argo_controller import walk
from dagger_providers.testing.argo_nodes import Node
from dagger_providers.testing.argo_pods import Ended, Pod, command_of, run
from dagger_providers.testing.executions import name_of
from dagger_providers.testing.launches import Launch

ENGINE = "our interpreter of Argo Workflows 4.1's rules; containers as processes of this machine"


@dataclass(frozen=True, slots=True)
class PodRun:
    """One pod that was run.

    Attributes:
        node: Its node of the workflow, as Argo calls it: ``flow.for-each-x(0:0).fit(0)``.
        phase: ``Succeeded``, ``Failed`` or ``Error``.
        address: The address of the step that it runs; empty when it runs none.
        index: Which item of each loop around it: ``3``, ``0.2``; empty outside loops.
        problem: Why its work is not done, in one line; empty when it is.
        exit_code: The container's; None when it has none.
    """

    node: str
    phase: str
    address: str = ""
    index: str = ""
    problem: str = ""
    exit_code: int | None = None

    @property
    def name(self) -> str:
        """The execution's name: ``fit[0.2]``."""
        return name_of(self.address, self.index)


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """What became of a workflow.

    Attributes:
        phase: ``Succeeded``, ``Failed`` or ``Error``, by Argo's rules.
        reason: What failed first, in one line; empty when all went well.
        uid: What stood for ``{{workflow.uid}}``.
        pods: The pods, in the order in which they were started, but hooks that did not apply.
        nodes: All nodes of the workflow by name.
    """

    phase: str
    reason: str
    uid: str
    pods: tuple[PodRun, ...]
    nodes: Mapping[str, Node]

    @property
    def ok(self) -> bool:
        """Whether the workflow succeeded, and every pod did its work in the end."""
        return self.phase == "Succeeded" and not self.reason


def run_workflow(
    text: str, parameters: Mapping[str, str] | None = None, *, at_once: int = 2
) -> WorkflowRun:
    """Run a workflow, its containers' commands as processes.

    Args:
        text: The YAML text of a ``Workflow``.
        parameters: Texts by name; see `dagger_providers.argo.arguments`.
        at_once: How many pods run at a time.

    Raises:
        UsageError: The workflow is not valid, has a field that the interpreter does not know, or
            would wait for ever.
    """
    started: list[tuple[Pod, Launch, list[Ended]]] = []
    lock = threading.Lock()

    def run_pod(pod: Pod) -> Ended:
        launch = Launch(command_of(pod.template))
        own: list[Ended] = []
        with lock:
            started.append((pod, launch, own))
        own.append(run(pod, launch))
        return own[0]

    with tempfile.TemporaryDirectory(prefix="argo-pods-") as folder:
        finished = walk(text, parameters or {}, run_pod, Path(folder), at_once)
    started = [one for one in started if not one[1].is_idle]
    pods = tuple(_pod_run(pod, launch, own[0]) for pod, launch, own in started)
    # A container that is started again has the same command; its last end counts.
    last = {launch.command: pod for (_, launch, _), pod in zip(started, pods, strict=True)}
    problem = next((f"{p.name}: {p.problem}" for p in last.values() if p.problem), "")
    reason = "" if finished.phase == "Succeeded" else finished.message
    return WorkflowRun(
        finished.phase, one_line(problem or reason), finished.uid, pods, finished.nodes
    )


def _pod_run(pod: Pod, launch: Launch, ended: Ended) -> PodRun:
    problem = launch.problem()
    if not problem and ended.phase != "Succeeded":
        problem = ended.message
    return PodRun(pod.node, ended.phase, launch.node, launch.index, problem, ended.exit_code)
