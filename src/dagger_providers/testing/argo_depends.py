"""What a task of an Argo DAG waits for (argo-workflows v4.1.2, workflow/common/ancestry.go)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from dagger_providers.errors import UsageError
from dagger_providers.testing.argo_expressions import is_true
from dagger_providers.testing.argo_nodes import FAILED, Node

Task: TypeAlias = Mapping[str, Any]

_NAME = re.compile(r"([a-zA-Z0-9][-a-zA-Z0-9]*?\.[A-Z][a-zA-Z]+)|([a-zA-Z0-9][-a-zA-Z0-9]*)")
_RESULTS = ("Succeeded", "Failed", "Errored", "Skipped", "Omitted", "Daemoned")
_OF_ITEMS = ("AnySucceeded", "AllFailed")


def waits_for(task: Task, tasks: Mapping[str, Task]) -> tuple[list[str], str]:
    """Return the tasks that one waits for, and the expression that then decides whether it runs.

    Raises:
        UsageError: It names no task, or a result that there is not.
    """
    if task.get("depends") and task.get("dependencies"):
        raise UsageError("cannot use both 'depends' and 'dependencies' in the same DAG template")
    if not task.get("depends"):
        names = list(dict.fromkeys(task.get("dependencies", ())))
        return names, " && ".join(_expanded(_known(name, tasks)) for name in names)
    needs: dict[str, None] = {}

    def one(match: re.Match[str]) -> str:
        name, _, result = match[0].partition(".")
        needs[_known(name, tasks)["name"]] = None
        if result and result not in (*_RESULTS, *_OF_ITEMS):
            raise UsageError(f"task result {result!r} for task {name!r} is invalid")
        return match[0] if result else _expanded(tasks[name])

    logic = _NAME.sub(one, task["depends"])
    return list(needs), logic


def _known(name: str, tasks: Mapping[str, Task]) -> Task:
    if name not in tasks:
        raise UsageError(f"dependency {name!r} not defined")
    return tasks[name]


def _expanded(task: Task) -> str:
    """Return what a name alone stands for: expandDependency."""
    results = ["Succeeded", "Skipped", "Daemoned"]
    go_on = task.get("continueOn", {})
    results += ["Errored"] if go_on.get("error") else []
    results += ["Failed"] if go_on.get("failed") else []
    return "(" + " || ".join(f"{task['name']}.{result}" for result in results) + ")"


def may_run(logic: str, needs: Mapping[str, Node], nodes: Mapping[str, Node]) -> bool:
    """Say whether a task runs, now that all that it waits for is fulfilled.

    Dashes become underscores on the way (workflow/controller/dag.go: evaluateDependsLogic).
    """
    scope = {name.replace("-", "_"): _results(node, nodes) for name, node in needs.items()}
    return is_true(logic.replace("-", "_"), scope)


def _results(node: Node, nodes: Mapping[str, Node]) -> dict[str, bool]:
    phases = [nodes[name].phase for name in node.children] if node.kind == "TaskGroup" else []
    return {
        "Succeeded": node.phase == "Succeeded",
        "Failed": node.phase == "Failed",
        "Errored": node.phase == "Error",
        "Skipped": node.phase == "Skipped",
        "Omitted": node.phase == "Omitted",
        "Daemoned": False,
        "AnySucceeded": "Succeeded" in phases,
        "AllFailed": bool(phases) and set(phases) == {"Failed"},
    }


def leaves(needs: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the tasks that no other one waits for: a DAG's targets."""
    waited = {name for names in needs.values() for name in names}
    return sorted(name for name in needs if name not in waited)


def ancestors(name: str, needs: Mapping[str, Iterable[str]]) -> list[str]:
    """Return all tasks that must be done before one."""
    found: dict[str, None] = {}
    todo = list(needs[name])
    while todo:
        one = todo.pop()
        if one not in found:
            found[one] = None
            todo += needs[one]
    return list(found)


def branch_phase(name: str, found: Mapping[str, Node], needs: Mapping[str, Iterable[str]]) -> str:
    """Return the phase of a target; one that never ran has that of what is before it.

    Failures go first (workflow/controller/dag.go: assessDAGPhase). Empty: it is not there yet.
    """
    node = found.get(name)
    if node is None:
        return ""
    if node.phase not in {"Skipped", "Omitted"}:
        return node.phase
    before = [branch_phase(one, found, needs) for one in needs[name]]
    return next((phase for phase in before if phase in FAILED), "Succeeded")
