"""Read an Argo ``Workflow``, and refuse every field whose meaning the interpreter does not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from dagger_providers.errors import UsageError

Json: TypeAlias = Any
Shape: TypeAlias = Mapping[str, Any]
"""The fields of an object: what each holds, another shape, a list of one, or `_ANY`."""

_ANY: Shape = {}
"""Data of the cluster: where a pod runs and what it is called. Processes run here all the same."""

_VALUE: Shape = {"name": _ANY, "value": _ANY}
_ARGUMENTS: Shape = {"parameters": [_VALUE]}

_TASK: Shape = {
    "arguments": _ARGUMENTS,
    "continueOn": {"error": _ANY, "failed": _ANY},
    "dependencies": _ANY,
    "depends": _ANY,
    "name": _ANY,
    "template": _ANY,
    "when": _ANY,
    "withItems": _ANY,
    "withParam": _ANY,
}

_CONTAINER: Shape = {
    "args": _ANY,
    "command": _ANY,
    "env": [_VALUE],
    "image": _ANY,
    "imagePullPolicy": _ANY,
    "resources": _ANY,
}

_TEMPLATE: Shape = {
    "activeDeadlineSeconds": _ANY,
    "affinity": _ANY,
    "container": _CONTAINER,
    "dag": {"failFast": _ANY, "target": _ANY, "tasks": [_TASK]},
    "failFast": _ANY,
    "inputs": {"parameters": [{**_VALUE, "default": _ANY, "description": _ANY, "enum": _ANY}]},
    "metadata": {"annotations": _ANY, "labels": _ANY},
    "name": _ANY,
    "nodeSelector": _ANY,
    "outputs": {"parameters": [{"name": _ANY, "valueFrom": {"default": _ANY, "path": _ANY}}]},
    "parallelism": _ANY,
    "podSpecPatch": _ANY,
    "priorityClassName": _ANY,
    "retryStrategy": {"expression": _ANY, "limit": _ANY, "retryPolicy": _ANY},
    "serviceAccountName": _ANY,
    "tolerations": _ANY,
}

_WORKFLOW: Shape = {
    "apiVersion": _ANY,
    "kind": _ANY,
    "metadata": {"annotations": _ANY, "generateName": _ANY, "labels": _ANY, "name": _ANY},
    "spec": {
        "affinity": _ANY,
        "arguments": {"parameters": [{**_VALUE, "description": _ANY, "enum": _ANY}]},
        "entrypoint": _ANY,
        "imagePullSecrets": _ANY,
        "nodeSelector": _ANY,
        "onExit": _ANY,
        "parallelism": _ANY,
        "podGC": _ANY,
        "podPriorityClassName": _ANY,
        "priority": _ANY,
        "serviceAccountName": _ANY,
        "templates": [_TEMPLATE],
        "tolerations": _ANY,
        "ttlStrategy": _ANY,
    },
}


def read(text: str) -> Json:
    """Return the workflow that a YAML text holds.

    Raises:
        UsageError: It is none, or has a field that this interpreter does not know.
    """
    import yaml

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"the workflow is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict) or document.get("kind") != "Workflow":
        raise UsageError("the text holds no Workflow of Argo")
    unknown = next(_unknown(document, _WORKFLOW, ""), None)
    if unknown is not None:
        raise UsageError(f"the interpreter of workflows does not know the field {unknown}")
    return document


def _unknown(data: Json, shape: Any, place: str) -> Iterator[str]:
    if isinstance(shape, list):
        for number, one in enumerate(data):
            yield from _unknown(one, shape[0], f"{place}[{number}]")
    elif shape is not _ANY:
        for name, value in data.items():
            here = f"{place}.{name}".removeprefix(".")
            if name not in shape:
                yield here
            else:
                yield from _unknown(value, shape[name], here)


def templates_of(document: Json) -> dict[str, Json]:
    """Return the templates by name.

    Raises:
        UsageError: A name is there twice, or a template is neither a container nor a DAG.
    """
    found: dict[str, Json] = {}
    for one in document["spec"].get("templates", []):
        if one["name"] in found:
            raise UsageError(f"the template name {one['name']!r} is not unique")
        if ("container" in one) == ("dag" in one):
            raise UsageError(f"template {one['name']!r} must be a container or a DAG")
        found[one["name"]] = one
    return found


def parameters_of(document: Json, given: Mapping[str, str]) -> dict[str, str]:
    """Return the workflow's parameters, as a submission with some values makes them.

    Raises:
        UsageError: One is unknown, has no value, or one that is not in its enum.
    """
    declared = {
        one["name"]: one for one in document["spec"].get("arguments", {}).get("parameters", [])
    }
    for name in given:
        if name not in declared:
            raise UsageError(f"the workflow has no parameter {name!r}")
    found: dict[str, str] = {}
    for name, one in declared.items():
        value = given.get(name, one.get("value"))
        if value is None:  # validate.go: validateArgumentsValues
            raise UsageError(f"spec.arguments.{name}.value or .valueFrom is required")
        if "enum" in one and value not in one["enum"]:
            raise UsageError(
                f"spec.arguments.{name}.value should be present in spec.arguments.{name}.enum list"
            )
        found[name] = str(value)
    return found
