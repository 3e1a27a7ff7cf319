"""Handwritten workflows, and the interpreter that runs them."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from dagger_providers.testing.argo_local import WorkflowRun, run_workflow


def sh(name: str, code: str, **fields: Any) -> dict[str, Any]:
    """A template that runs shell code."""
    container = {"image": "i", "command": ["sh", "-c"], "args": [code]}
    return {"name": name, "container": container, **fields}


def gives(name: str, value: str, **fields: Any) -> dict[str, Any]:
    """A template whose output `out` is a text."""
    output = {"name": "out", "valueFrom": {"path": "/tmp/out"}}
    code = f"printf %s '{value}' > '{{{{outputs.parameters.out.path}}}}'"
    return sh(name, code, outputs={"parameters": [output]}, **fields)


def dag(*tasks: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A template that runs tasks, each of the template of its name if it names none."""
    return {
        "name": "main",
        "dag": {"tasks": [{"template": one["name"], **one} for one in tasks], **fields},
    }


def workflow(*templates: dict[str, Any], **spec: Any) -> str:
    document = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": "w"},
        "spec": {"entrypoint": "main", "templates": list(templates), **spec},
    }
    return yaml.safe_dump(document, sort_keys=False)


@pytest.fixture
def run() -> Callable[..., WorkflowRun]:
    """Run templates, the first of which is `main`."""

    def walk(*templates: Any, given: dict[str, str] | None = None, **spec: Any) -> WorkflowRun:
        return run_workflow(workflow(*templates, **spec), given or {})

    return walk


def phases(ran: WorkflowRun) -> dict[str, str]:
    """The phase of each node below the workflow's own."""
    return {name.removeprefix("w."): node.phase for name, node in ran.nodes.items() if name != "w"}
