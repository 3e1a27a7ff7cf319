"""Hooks on Airflow: what runs, and what a run's state then is."""

import pytest


def of(states, *hooks):
    return {name: states[name, -1] for name in hooks}


def test_after_success(run):
    done = run("hooked", numbers=[1, 2])

    assert done.run.state == "success"
    assert of(done.states, "on_success", "on_failure", "on_exit") == {
        "on_success": "success",
        "on_failure": "skipped",
        "on_exit": "success",
    }


def test_a_hook_that_succeeds_does_not_make_a_failed_run_succeed(run):
    done = run("hooked", numbers=[1, 0])

    assert done.run.state == "failed"
    assert done.run.reason == "invert[1] failed: ZeroDivisionError: division by zero"
    assert of(done.states, "gather", "on_success", "on_failure", "on_exit") == {
        "gather": "upstream_failed",
        "on_success": "skipped",
        "on_failure": "success",
        "on_exit": "success",
    }


def test_a_hook_that_fails_makes_the_run_fail_and_the_next_one_runs(run):
    done = run("hook_fails", numbers=[1])

    assert done.run.state == "failed"
    assert done.run.reason == "on_success failed: RuntimeError: a hook broke"
    assert of(done.states, "on_success", "on_exit") == {
        "on_success": "failed",
        "on_exit": "success",
    }


def test_a_hook_hides_no_failure(run):
    done = run("hook_fails", numbers=[0])

    assert done.run.reason == "invert[0] failed: ZeroDivisionError: division by zero"
    assert done.states["on_failure", -1] == "failed"


def test_each_item_of_a_nested_pipeline_has_the_hooks_that_fit_it(run):
    done = run("nested_hooks", numbers=[4, 0])

    assert done.run.state == "failed"
    assert {
        (name, at): state for (name, at), state in done.states.items() if name.startswith("each.on")
    } == {
        ("each.on_failure", 0): "skipped",
        ("each.on_failure", 1): "success",
        ("each.on_exit", 0): "success",
        ("each.on_exit", 1): "success",
    }
    assert done.states["on_failure", -1] == "success"


def test_no_items_no_nested_hooks(run):
    done = run("nested_hooks", numbers=[])

    assert done.run.state == "success"
    assert done.states["each.on_exit", -1] == "skipped"


def test_a_hook_waits_for_all_that_still_runs(run, tmp_path):
    done = run("hook_after_slow", log=str(tmp_path / "log"))

    assert done.run.state == "failed"
    assert (tmp_path / "log").read_text() == "slow, then the hook"


def test_hooks_are_teardowns_and_one_task_tells_of_their_failure(home, flows):
    from dagger_providers.airflow import to_airflow
    from dagger_providers.airflow.graph import VERDICT

    dag = to_airflow(flows.hooked)

    hooks = {name: task for name, task in dag.task_dict.items() if task.is_teardown}
    assert set(hooks) == {"on_success", "on_failure", "on_exit"}
    assert hooks["on_success"].upstream_task_ids == {"invert", "gather"}
    assert hooks["on_exit"].upstream_task_ids == {"on_success", "on_failure"}
    assert dag.task_dict[VERDICT].upstream_task_ids == set(hooks)
    assert VERDICT not in to_airflow(flows.chain).task_dict


@pytest.mark.parametrize("name", ["hooked", "nested_hooks"])
def test_what_ran_is_what_the_plan_asks_for(name, run):
    from dagger_providers.testing.executions import planned

    done = run(name, numbers=[2, 4])

    expected = planned(done.plan, done.resolver, inserted=True)
    assert done.executions == sorted(expected)
