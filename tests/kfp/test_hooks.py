"""Hooks on KFP: exit tasks beside a DAG of all steps, run by the SDK's local engine."""

import pytest
import yaml

from dagger_providers import dag, kfp, task
from dagger_providers.errors import CapabilityError

PLACE = {"image": "flows:1", "store": "s3://bucket/runs"}
ANYWAY = {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}


@task
def one(n: int) -> int:
    return n


@task
def hear(record: dict) -> None: ...


def compiled(**hooks):
    @dag(**hooks)
    def hooked(n: int):
        return one(n)

    return yaml.safe_load(kfp.compile(hooked, **PLACE))


def tasks(document, component="root"):
    found = document["root"] if component == "root" else document["components"][component]
    return found["dag"]["tasks"]


def test_one_hook_is_an_exit_task_beside_the_steps():
    document = compiled(on_exit=hear)

    assert set(tasks(document)) == {"steps", "on-exit"}
    assert set(tasks(document, "comp-steps")) == {"one"}
    hook = tasks(document)["on-exit"]
    assert (hook["dependentTasks"], hook["triggerPolicy"]) == (["steps"], ANYWAY)
    assert hook["inputs"]["parameters"]["n"] == {"componentInputParameter": "n"}


def test_hooks_that_follow_each_other_are_a_dag_of_the_same_shape():
    document = compiled(on_success=hear, on_failure=hear, on_exit=hear)

    assert set(tasks(document)) == {"steps", "hooks"}
    assert tasks(document)["hooks"]["triggerPolicy"] == ANYWAY
    inner = tasks(document, "comp-hooks")
    assert set(inner) == {"outcome", "on-exit"}
    assert "triggerPolicy" not in inner["outcome"]
    assert (inner["on-exit"]["dependentTasks"], inner["on-exit"]["triggerPolicy"]) == (
        ["outcome"],
        ANYWAY,
    )
    assert set(tasks(document, "comp-outcome")) == {"on-success", "on-failure"}


@pytest.mark.parametrize(
    "names", [("on_success",), ("on_failure", "on_exit"), ("on_success", "on_failure")]
)
def test_each_exit_task_waits_for_one_task_that_has_no_other(names):
    document = compiled(**dict.fromkeys(names, hear))

    components = document["components"].values()
    for found in [document["root"], *(one for one in components if "dag" in one)]:
        own = found["dag"]["tasks"]
        exits = [one["dependentTasks"] for one in own.values() if "triggerPolicy" in one]
        assert all(len(waits) == 1 for waits in exits)
        assert len({waits[0] for waits in exits}) == len(exits)


def test_without_hooks_nothing_changes():
    assert set(tasks(compiled())) == {"one"}


def test_hooks_of_a_nested_pipeline_are_refused():
    @dag(on_exit=hear)
    def inner(n: int):
        return one(n)

    @dag
    def outer(n: int):
        return inner(n)

    with pytest.raises(CapabilityError) as caught:
        kfp.compile(outer, **PLACE)
    assert str(caught.value) == (
        "kfp: 'inner.on_exit' is a hook of a nested pipeline, and KFP has exit handlers in the "
        "outermost pipeline only; put the hook on the outer pipeline, whose hooks are told of "
        "each node"
    )


@pytest.mark.kfp
@pytest.mark.parametrize(
    ("numbers", "ok", "hooks"),
    [([1, 2], True, ["on_success", "on_exit"]), ([1, 0], False, ["on_failure", "on_exit"])],
)
def test_the_engine_runs_those_that_apply(numbers, ok, hooks, run):
    ran = run("hooked", numbers=numbers)

    assert ran.result.ok is ok
    assert ran.tasks[-2:] == hooks
    assert len([name for name in ran.tasks if name.startswith("on_")]) == 2
    if not ok:
        assert ran.result.reason == "invert[1]: ZeroDivisionError: division by zero"


@pytest.mark.kfp
def test_a_hook_that_fails_makes_the_run_fail_and_the_next_one_runs(run):
    ran = run("hook_fails", numbers=[1])

    assert ran.result.reason == "on_success: RuntimeError: a hook broke"
    assert ran.tasks[-2:] == ["on_success", "on_exit"]
