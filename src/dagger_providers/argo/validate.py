"""Find what is wrong in a ``Workflow`` before Argo does, in the middle of a run or never."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from dagger_providers.argo.emit import RESERVED
from dagger_providers.errors import ModelError

_NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LONGEST = 128
_OBJECT = 63
"""Characters of a workflow's name; Kubernetes adds five to a prefix."""
_TAG = re.compile(r"\{\{(.*?)\}\}")
_LIST = re.compile(r"\{\{(tasks\.[-a-z0-9]+\.outputs|inputs)\.parameters\.[-\w]+\}\}")
_WHOLE = re.compile(r"workflow\.parameters\['([^']*)'\]")


def validate(document: Mapping[str, Any]) -> None:
    """Check a workflow as a whole.

    Args:
        document: A ``Workflow``, as JSON data.

    Raises:
        ModelError: It is not valid; in one line, with the first problem.
    """
    problem = next(problems(document), None)
    if problem is not None:
        raise ModelError(f"the workflow is not valid: {problem}")


def problems(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield all that is wrong, a line each."""
    kind = (document.get("apiVersion"), document.get("kind"))
    if kind != ("argoproj.io/v1alpha1", "Workflow"):
        yield f"it is {kind[1]!r} of {kind[0]!r}, expected 'Workflow' of 'argoproj.io/v1alpha1'"
    metadata, spec = document.get("metadata", {}), document.get("spec", {})
    name = metadata.get("name") or metadata.get("generateName", "").removesuffix("-")
    yield from _name(name, "its name", _OBJECT if "name" in metadata else _OBJECT - 6)
    parameters = spec.get("arguments", {}).get("parameters", [])
    yield from _unique((one["name"] for one in parameters), "the workflow's parameter")
    for one in parameters:
        if "enum" in one and "value" in one and one["value"] not in one["enum"]:
            yield f"parameter {one['name']!r} is {one['value']!r}, which is none of its enum"
    templates = spec.get("templates", [])
    yield from _unique((one["name"] for one in templates), "the template")
    known = {one["name"]: one for one in templates}
    if spec.get("entrypoint") not in known:
        yield f"it starts at template {spec.get('entrypoint')!r}, which does not exist"
    whole = {one["name"] for one in parameters}
    for one in templates:
        yield from _template(one, known, whole)
    if spec.get("onExit") not in (None, *known):
        yield f"it ends with template {spec['onExit']!r}, which does not exist"
    yield from _use({spec.get("entrypoint"), spec.get("onExit")}, known)


def _name(name: str, what: str, longest: int = _LONGEST) -> Iterator[str]:
    if not _NAME.fullmatch(name) or len(name) > longest:
        yield (
            f"{what} {name!r} is not made of at most {longest} lower-case letters, digits and "
            "inner dashes, starting with a letter"
        )


def _unique(names: Iterable[str], what: str) -> Iterator[str]:
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{what} {name!r} is there {times} times"


def _use(begun: set[Any], known: Mapping[str, Any]) -> Iterator[str]:
    """Look for templates that run each other, and for those that nothing runs."""
    calls = {
        name: {task.get("template") for task in one.get("dag", {}).get("tasks", [])} & set(known)
        for name, one in known.items()
    }
    try:
        TopologicalSorter(calls).prepare()
    except CycleError as error:
        yield f"templates run each other: {' -> '.join(error.args[1])}"
    used = begun.union(*calls.values())
    for name in known:
        if name not in used:
            yield f"no task runs template {name!r}"


def _template(one: Mapping[str, Any], known: Mapping[str, Any], whole: set[str]) -> Iterator[str]:
    place = f"template {one['name']!r}"
    yield from _name(one["name"], "the template name")
    inputs = _names(one, "inputs")
    for output in one.get("outputs", {}).get("parameters", []):
        if not str(output.get("valueFrom", {}).get("path", "")).startswith("/"):
            yield f"{place}: output {output['name']!r} comes from no absolute path"
    if ("container" in one) == ("dag" in one):
        yield f"{place} is neither one container nor one DAG"
    elif "container" in one:
        if not one["container"].get("image") or not one["container"].get("command"):
            yield f"{place} has no image or no command"
        here = {f"outputs.parameters.{name}.path" for name in _names(one, "outputs")}
        yield from _tags({**one, "inputs": {}}, place, inputs, whole, here)
    else:
        yield from _dag(one["dag"].get("tasks", []), place, known, inputs, whole)


def _names(template: Mapping[str, Any], side: str) -> list[str]:
    return [one["name"] for one in template.get(side, {}).get("parameters", [])]


def _tags(
    data: Any, place: str, inputs: Sequence[str], whole: set[str], here: set[str]
) -> Iterator[str]:
    """Check that all that Argo is to fill in exists."""
    known = {"workflow.uid", *here, *(f"inputs.parameters.{name}" for name in inputs)}
    for text in _texts(data):
        for tag in _TAG.findall(text):
            if tag.startswith("="):
                missing = [name for name in _WHOLE.findall(tag) if name not in whole]
                if missing:
                    yield f"{place} reads the workflow's parameter {missing[0]!r}, which it has not"
            elif tag not in known:
                yield f"{place} reads {{{{{tag}}}}}, which nothing fills in"
        if text.count("{{") > len(_TAG.findall(text)):
            yield f"{place} opens a template of Argo's that does not end: {text!r:.60}"


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)


def _dag(
    tasks: Sequence[Mapping[str, Any]],
    place: str,
    known: Mapping[str, Any],
    inputs: Sequence[str],
    whole: set[str],
) -> Iterator[str]:
    if not tasks:
        yield f"{place} has no tasks"
    yield from _unique((task["name"] for task in tasks), f"{place}: the task")
    graph = {task["name"]: task.get("dependencies", []) for task in tasks}
    runs = {task["name"]: task for task in tasks}
    for task in tasks:
        here = f"{place}, task {task['name']!r}"
        yield from _name(task["name"], f"{place}: the task name")
        if task["name"] in RESERVED:
            yield f"{here} is called like a word of Argo's expressions"
        for need in graph[task["name"]]:
            if need not in runs:
                yield f"{here} waits for task {need!r}, which does not exist"
        if task.get("template") not in known:
            yield f"{here} runs template {task.get('template')!r}, which does not exist"
            continue
        yield from _call(task, known[task["template"]], here)
        filled = _outputs_before(task["name"], graph, runs, known)
        yield from _tags(
            task, here, inputs, whole, filled | ({"item"} if "withParam" in task else set())
        )
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"{place}: tasks wait for each other: {' -> '.join(error.args[1])}"


def _call(task: Mapping[str, Any], template: Mapping[str, Any], place: str) -> Iterator[str]:
    given, wanted = _names(task, "arguments"), _names(template, "inputs")
    for name in given:
        if name not in wanted:
            yield f"{place} gives {name!r}, which its template does not take"
    for name in wanted:
        if name not in given:
            yield f"{place} lacks {name!r}, which its template takes"
    if "withParam" in task and not _LIST.fullmatch(task["withParam"]):
        yield f"{place} runs over {task['withParam']!r}, which is neither an output nor an input"


def _outputs_before(
    name: str, graph: Mapping[str, Sequence[str]], runs: Mapping[str, Any], known: Mapping[str, Any]
) -> set[str]:
    """Return the outputs that a task may read: of tasks before it that run once."""
    before: set[str] = set()
    todo = list(graph[name])
    while todo:
        one = todo.pop()
        if one not in before and one in graph:
            before.add(one)
            todo += graph[one]
    return {
        f"tasks.{one}.outputs.parameters.{output}"
        for one in before
        if "withParam" not in runs[one]
        for output in _names(known.get(runs[one].get("template"), {}), "outputs")
    }
