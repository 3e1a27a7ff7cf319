"""Make the calls of Argo templates: arguments filled in, loops taken apart.

Rules and places are those of argo-workflows v4.1.2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from dagger_providers.errors import UsageError, one_line
from dagger_providers.testing.argo_depends import Task
from dagger_providers.testing.argo_expressions import as_json, should_execute
from dagger_providers.testing.argo_pods import outputs_of, place_of
from dagger_providers.testing.argo_tags import ALL, filled_in

Template: TypeAlias = Mapping[str, Any]
Scope: TypeAlias = Mapping[str, str | None]


def processed(template: Template, call: Task, scope: Scope, folder: Path) -> Template:
    """Return a template with all filled in: workflow/common/util.go, ProcessArgs.

    Args:
        template: As the workflow has it.
        call: The task whose arguments it gets.
        scope: What stands for tags outside the template.
        folder: The root of the pod's own files.

    Raises:
        UsageError: An input has neither value nor default, or a tag cannot be filled in.
    """
    made = json.loads(json.dumps(template))
    given = {one["name"]: one for one in call.get("arguments", {}).get("parameters", [])}
    for one in made.get("inputs", {}).get("parameters", []):
        one.update({"value": one["default"]} if "default" in one else {})
        one.update({"value": given[one["name"]]["value"]} if one["name"] in given else {})
        if "value" not in one:
            raise UsageError(f"inputs.parameters.{one['name']} was not supplied")
    found = substituted(made, scope, folder)
    for tag in _TAG.findall(json.dumps(found.get("container"), ensure_ascii=False)):
        if tag.strip().partition(".")[0] in _ROOTS:  # validate.go: resolveAllVariables
            raise UsageError(f"failed to resolve {{{{{tag}}}}}")
    return found


_TAG = re.compile(r"\{\{(.*?)\}\}")
_ROOTS = frozenset({"item", "steps", "inputs", "outputs", "pod", "workflow", "tasks"})
"""First parts of tags that are Argo's; others are anybody's text."""


def substituted(template: Template, scope: Scope, folder: Path) -> Template:
    """Fill in what is global, then the inputs: SubstituteParams, two passes."""
    known = dict(scope)
    first = filled_in(template, known)
    for one in first.get("inputs", {}).get("parameters", []):
        known[f"inputs.parameters.{one['name']}"] = str(one["value"])
    for one in outputs_of(first):
        place = place_of(folder, one["valueFrom"]["path"])
        known[f"outputs.parameters.{one['name']}.path"] = str(place)
    found: Template = filled_in(first, known)
    return found


def loops(task: Task) -> bool:
    """Say whether a task runs once for each item of a list."""
    return "withParam" in task or "withItems" in task


def expanded(task: Task, scope: Scope) -> Iterator[Task]:
    """Yield a task once for each item: dag.go, expandTask, and operator.go, processItem.

    Raises:
        UsageError: What it runs over is no JSON list, or a tag has no value.
    """
    if not loops(task):
        yield task
        return
    bare = {name: value for name, value in task.items() if name not in {"withItems", "withParam"}}
    for number, item in enumerate(_items(task)):
        own = _item_scope(item)
        call = filled_in(bare, {**scope, **own}, ALL)
        shown = own["item"].replace("(", "").replace(")", "")
        yield {**call, "name": f"{task['name']}({number}:{shown})"}


def _items(task: Task) -> list[Any]:
    if "withItems" in task:
        return list(task["withItems"])
    items = _read(task["withParam"])
    if isinstance(items, list):
        return items
    if task.get("when") and not should_execute(task["when"]):
        return []
    raise UsageError(
        f"withParam value could not be parsed as a JSON list: {one_line(task['withParam'], 80)}"
    )


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _item_scope(item: Any) -> dict[str, str]:
    if isinstance(item, str):
        return {"item": item}
    keys = item.items() if isinstance(item, dict) else ()
    fields = {f"item.{k}": v if isinstance(v, str) else as_json(v) for k, v in keys}
    return {"item": as_json(item), **fields}
