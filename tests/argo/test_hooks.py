"""Hooks on Argo: one DAG that is the workflow's exit handler."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from argo import argo_flows
from dagger_providers import argo
from dagger_providers.errors import CapabilityError
from dagger_providers.testing.argo_local import WorkflowRun, run_workflow


def ran(name: str, store: Path, **given: Any) -> WorkflowRun:
    dag = getattr(argo_flows, name).build()
    text = argo.workflow(dag, store=str(store), image="local")
    return run_workflow(text, argo.arguments(dag, given))


def test_the_exit_handler_fails_by_any_hook_and_runs_all_of_them() -> None:
    text = argo.workflow(argo_flows.hooked, store="s3://bucket", image="flows:1")
    spec = yaml.safe_load(text)["spec"]

    assert spec["onExit"] == "hooks"
    dag = next(one["dag"] for one in spec["templates"] if one["name"] == "hooks")
    assert (dag["failFast"], dag["target"]) == (False, "on-success on-failure on-exit")
    waits = {task["name"]: task.get("depends", "") for task in dag["tasks"]}
    assert waits["on-success"] == waits["on-failure"] == ""
    assert waits["on-exit"] == " && ".join(
        f"({name}.Succeeded || {name}.Failed || {name}.Errored || {name}.Skipped || {name}.Omitted)"
        for name in ("on-success", "on-failure")
    )


@pytest.mark.parametrize(
    ("numbers", "phase", "hooks"),
    [
        ([1, 2], "Succeeded", ["on_success", "on_exit"]),
        ([1, 0], "Failed", ["on_failure", "on_exit"]),
    ],
)
def test_those_that_apply_run(
    numbers: list[int], phase: str, hooks: list[str], tmp_path: Path
) -> None:
    done = ran("hooked", tmp_path, numbers=numbers)

    assert done.phase == phase
    assert [pod.name for pod in done.pods if pod.name.startswith("on_")] == hooks
    if phase == "Failed":
        assert done.reason == "invert[1]: ZeroDivisionError: division by zero"


def test_a_hook_that_fails_makes_the_workflow_fail_and_the_next_one_runs(tmp_path: Path) -> None:
    done = ran("hook_fails", tmp_path, numbers=[1])

    assert (done.phase, done.reason) == ("Failed", "on_success: RuntimeError: a hook broke")
    assert [pod.name for pod in done.pods][-2:] == ["on_success", "on_exit"]


def test_hooks_of_a_nested_pipeline_are_refused() -> None:
    with pytest.raises(CapabilityError, match=r"'inner\.on_exit' is a hook of a nested pipeline"):
        argo.workflow(argo_flows.hook_inside, store="s3://bucket", image="flows:1")
