"""Check that a program means the same to Python, to its model and to its plan."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from dagger_providers.dsl import DagFunction
from dagger_providers.errors import BuildError
from dagger_providers.model import DAG, dumps, loads, tasks
from dagger_providers.runtimes.local import run_dag
from dagger_providers.storage import open_store
from dagger_providers.testing.executions import committed, name_of
from dagger_providers.testing.values import same
from property.interpreter import run_model
from property.library import called


@dataclass(frozen=True)
class Agreed:
    """What came of a program.

    Attributes:
        outputs: What it gives, by name.
        executions: How many tasks ran.
        refused: Why recording it is refused; empty when it is not.
    """

    outputs: Mapping[str, Any]
    executions: int
    dag: DAG | None = None
    refused: str = ""


KNOWN = (
    "is not used in the same way for each item",
    "changes what it records",
    "uses results of two different items",
    "have to be equally long for what it records",
)
"""Parts of what a refusal says that is one by design: docs/recording.md has them."""


def check(pipeline: DagFunction[..., Any], parameters: Mapping[str, Any]) -> Agreed:
    """Check a program with some parameters.

    Raises:
        AssertionError: Two answers differ; the message says which.
    """
    try:
        dag = pipeline.build()
    except BuildError as error:
        if not any(part in str(error) for part in KNOWN):
            raise AssertionError(f"it is legal, and refused: {error}") from error
        return Agreed({}, 0, refused=str(error))
    text = dumps(dag)
    assert dumps(pipeline.build()) == text, "built twice, the documents differ"
    assert loads(text) == dag, "the document gives another model"
    assert dumps(loads(text)) == text, "the document gives another document"

    expected, plain = _counted(lambda: pipeline(**deepcopy(dict(parameters))))
    outputs = _named(dag, expected)
    ran, model = _counted(lambda: run_model(dag, deepcopy(dict(parameters))))
    _compare("the model", ran.outputs, outputs)
    assert model == plain, f"the model: calls {model - plain}, the plain call {plain - model}"
    executions = [name_of(address, ".".join(map(str, at))) for address, at in ran.executions]
    with tempfile.TemporaryDirectory() as store:
        run, planned = _counted(lambda: run_dag(loads(text), parameters, store=store))
        _compare("the plan", dict(run.outputs), outputs)
        assert planned == plain, f"the plan: calls {planned - plain}, not {plain - planned}"
        found = _of_tasks(dag, committed(open_store(run.folder)))
    assert sorted(found) == sorted(executions), f"the plan ran {found}, the model {executions}"
    return Agreed(outputs, len(executions), dag)


def _counted(call: Callable[[], Any]) -> tuple[Any, Counter[str]]:
    """Return what a call returns, and how often it ran each task with the same arguments."""
    called.clear()
    found = call()
    return found, Counter(called)


def _named(dag: DAG, returned: Any) -> dict[str, Any]:
    return {"return_value": returned} if set(dag.outputs) == {"return_value"} else returned


def _compare(who: str, found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    assert list(found) == list(expected), f"{who} gives {list(found)}, not {list(expected)}"
    for name, value in expected.items():
        assert same(found[name], value), f"{who} gives {name} = {found[name]!r}, not {value!r}"


def _of_tasks(dag: DAG, executions: Iterable[str]) -> list[str]:
    """Leave out what planning put around tasks to run them together."""
    addresses = {address for address, _ in tasks(dag)}
    return [name for name in executions if name.partition("[")[0] in addresses]
