"""Hooks of a pipeline that is written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from dagger_providers import DAG, FromParam, FromRecord, FromReturnValue, FromValue, Options, Task
from dagger_providers.errors import ModelError
from dagger_providers.model import dumps, json_schema, loads
from unit.model.functions import double, number

RECORD = {"x": FromRecord()}


def with_hook(hook: Task, name: str = "on_exit", **nodes: Task) -> DAG:
    return DAG({"n": Task(number), **nodes}, name="p", **{name: hook})


def test_a_document_keeps_hooks() -> None:
    hook = Task(double, RECORD, options=Options(retries=2))
    dag = DAG({"n": Task(number)}, on_success=hook, on_failure=hook, on_exit=Task(double, RECORD))

    assert loads(dumps(dag)) == dag
    assert loads(dumps(dag)).on_failure.options.retries == 2
    assert "on_exit" not in dumps(DAG({"n": Task(number)}))


def test_the_schema_knows_hooks() -> None:
    assert "FromRecord" in json_schema()["$defs"]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: with_hook(Task(double, {"x": FromValue(1)})),
            "pipeline 'p', hook on_exit: it has one input, FromRecord()",
        ),
        (lambda: with_hook(Task(number)), "it has one input, FromRecord()"),
        (
            lambda: with_hook(Task(double, RECORD, {"return_value": FromReturnValue()})),
            "it stands alone, without 'within', 'after' and outputs",
        ),
        (lambda: with_hook(Task(double, RECORD, after=("n",))), "it stands alone"),
        (
            lambda: with_hook(Task(double, RECORD, options=Options(group="g"))),
            "hook on_exit has the option group, which only nodes have",
        ),
        (
            lambda: with_hook(Task(double, RECORD), "on_success", on_success=Task(number)),
            "a node is called 'on_success' too; rename the node",
        ),
        (
            lambda: DAG({"n": Task(double, RECORD)}),
            "node 'n', input 'x' reads the run's record, as only hooks may",
        ),
        (
            lambda: DAG({"n": Task(number)}, {"p": FromParam()}, {"out": FromRecord()}),
            "'out' reads the run's record",
        ),
    ],
)
def test_what_is_no_hook_is_refused(make: Any, text: str) -> None:
    with pytest.raises(ModelError) as refusal:
        make()
    assert text in str(refusal.value)
