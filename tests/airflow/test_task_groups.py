"""Pipelines as task groups of handwritten DAGs, by `dag.test()`."""

from pathlib import Path

import pytest

from dagger_providers.card.functions import load_file
from dagger_providers.errors import CapabilityError, UsageError

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def tasks():
    return load_file("handwritten_tasks.py", str(HERE))


@pytest.fixture
def group(home, tmp_path):
    """`as_task_group` with a store of the test's own."""
    from dagger_providers.airflow import as_task_group

    def group(pipeline, group_id=None, **options):
        return as_task_group(pipeline, group_id, store=str(tmp_path / "store"), **options)

    return group


@pytest.fixture
def give(home):
    """A plain task that gives a value."""
    from airflow.sdk import task

    @task
    def give(value):
        return value

    return give


@pytest.fixture
def seen(home):
    """A plain task, and what it was given."""
    from airflow.sdk import task

    found = []

    @task(trigger_rule="all_done")
    def look(value):
        found.append(value)

    look.found = found
    return look


def dag_of(name, **options):
    from airflow.sdk import DAG

    return DAG(name, schedule=None, **options)


def run(dag, **conf):
    from dagger_providers.airflow.testing import run_dag_test

    return run_dag_test(dag, conf)


def states(done):
    return {one.task_id: one.state for one in done.tasks}


@pytest.mark.parametrize("n", [0, 3])
def test_its_parameters_are_results_and_its_result_is_one(group, tasks, give, seen, n):
    with dag_of(f"group_{n}") as dag:
        seen(group(tasks.summed)(n=give(n)))
    done = run(dag, anything="goes")

    assert (done.reason, done.state) == ("", "success")
    assert seen.found == [tasks.summed(n)]
    assert Path(done.folder, "nodes/summed.total/commit.json").exists()


def test_a_mapping_gives_an_output_for_each_key(group, tasks, give, seen, tmp_path):
    from dagger_providers.airflow import read_value

    with dag_of("outputs") as dag:
        given = group(tasks.several, "outer")(n="{{ 1 + 1 }}", day=give("2026-02-01"))
        keys = ("doubled", "model", "n", "total", "day")
        seen({key: given[key] for key in keys})
        give.override(task_id="each").expand(value=group(tasks.listed)(n=2))
    done = run(dag)

    assert (done.reason, done.state) == ("", "success")
    (found,) = seen.found
    model = read_value(found.pop("model"), stores=[str(tmp_path / "store")], code_root=str(HERE))
    assert model == tasks.Model("m", 1.0)
    assert found == {"doubled": [0, 2], "n": 2, "total": 2, "day": "2026-02-01"}
    assert [task.map_index for task in done.tasks if task.task_id == "each"] == [0, 1]


def test_groups_in_groups_and_of_one_name_are_told_apart(group, tasks, seen):
    from airflow.sdk import TaskGroup

    with dag_of("apart") as dag:
        with TaskGroup("outer"):
            one, other = group(tasks.summed)(n=1), group(tasks.summed)(n=2)
        seen([one, other, group(tasks.branched)(kind="large")])
    done = run(dag)

    assert (done.reason, done.state) == ("", "success")
    assert seen.found == [[0, 2, 6]]
    assert {"outer.summed.total", "outer.summed__1.total"} < set(states(done))


def test_a_group_that_is_skipped_is_skipped_whole(group, tasks, seen):
    from airflow.sdk import task

    @task.branch
    def choose():
        return "taken"

    @task
    def taken():
        return 1

    with dag_of("skipping") as dag:
        chosen = choose()
        chosen >> taken()
        chosen >> group(tasks.heard)(log="never")
        skipped = group(tasks.summed)(n=2)
        chosen >> skipped
        seen(skipped)
    done = run(dag)

    assert (done.reason, done.state) == ("", "success")
    found = states(done)
    inside = {name: state for name, state in found.items() if name.startswith(("summed", "heard"))}
    del inside["heard._hooks"]  # it only fails when a hook does
    assert set(inside.values()) == {"skipped"}
    assert len(inside) == 9
    assert seen.found == [None]


def test_hooks_of_a_pipeline_run_in_its_group(group, tasks, tmp_path):
    log = tmp_path / "log"
    with dag_of("hooked") as dag:
        group(tasks.heard, "first")(log=str(log))
        group(tasks.heard, "second")(log=str(tmp_path / "other"))
    done = run(dag)

    assert (done.reason, done.state) == ("", "success")
    assert log.read_text() == "heard"
    assert {"first._hooks", "second._hooks"} < set(dag.task_dict)


def test_a_value_that_does_not_fit_fails_in_one_line(group, tasks, give):
    with dag_of("unfit") as dag:
        group(tasks.summed)(n=give("many"))
    done = run(dag)

    assert done.state == "failed"
    assert done.reason.startswith("parameter 'n': ")
    assert "\n" not in done.reason


WRONG = {
    "missing": ({}, "needs parameter n; given: none"),
    "unknown": ({"n": 1, "m": 2}, "has no parameter m; its parameters: n, day"),
    "of another type": ({"n": "many"}, "parameter 'n': "),
}


@pytest.mark.parametrize(("given", "said"), WRONG.values(), ids=WRONG)
def test_wrong_parameters_are_refused_when_the_file_is_parsed(group, tasks, given, said):
    with dag_of("wrong"), pytest.raises(UsageError, match=said):
        group(tasks.several)(**given)


def test_where_it_cannot_stand(group, tasks, give):
    from airflow.sdk import task_group

    with pytest.raises(UsageError, match="called as a task group outside a DAG"):
        group(tasks.summed)(n=1)
    with pytest.raises(UsageError, match="as_task_group takes what @dag made"):
        group(3)

    @task_group
    def mapped(n):
        group(tasks.summed)(n=n)

    with dag_of("mapped"), pytest.raises(UsageError, match="in the mapped task group 'mapped'"):
        mapped.expand(n=[1, 2])


def test_default_args_of_a_group_are_checked(group, tasks):
    said = r"pipeline 'summed': option 'default_args\.retries': expected a whole number from 0, got"
    with dag_of("wrong"), pytest.raises(CapabilityError, match=said):
        group(tasks.summed, default_args={"retries": "3"})()


def test_default_args_of_another_shape_are_refused(group, tasks):
    said = "pipeline 'summed': option 'default_args': expected a mapping, got 3"
    with dag_of("wrong"), pytest.raises(CapabilityError, match=said):
        group(tasks.summed, default_args=3)()


def test_what_airflow_cannot_do_is_refused_as_for_a_dag(home, tasks):
    from dagger_providers.airflow import as_task_group

    pods = as_task_group(tasks.summed, launcher="kubernetes", store="s3://b/runs")
    with dag_of("pods"), pytest.raises(CapabilityError, match="have no image to run in"):
        pods(n=1)
