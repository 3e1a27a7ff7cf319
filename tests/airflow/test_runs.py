"""What Airflow runs, and what comes out, for every shape: by `dag.test()`, nothing faked."""

import json
import os
import signal
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from dagger_providers.planning import plan
from dagger_providers.runtimes.local import run_dag
from dagger_providers.storage import open_store
from dagger_providers.testing.executions import unchunked

SHAPES = [
    ("chain", {}),
    ("mapped", {"n": 0}),
    ("mapped", {"n": 1}),
    ("mapped", {"n": 3}),
    ("mapped_stream", {"n": 0}),
    ("mapped_stream", {"n": 2}),
    ("steps", {"values": []}),
    ("steps", {"values": [7]}),
    ("steps", {"values": [1, 2]}),
    ("two_maps", {"n": 0, "m": 0}),
    ("two_maps", {"n": 0, "m": 2}),
    ("two_maps", {"n": 2, "m": 0}),
    ("two_maps", {"n": 1, "m": 2}),
    ("table", {"rows": 2, "columns": 2}),
    ("table", {"rows": 0, "columns": 2}),
    ("table", {"rows": 2, "columns": 0}),
    ("ragged", {"rows": 3}),
    ("nested", {"n": 1}),
    ("mapped_nested", {"n": 2}),
    ("mapped_nested", {"n": 0}),
]


def tries_of(done, task_id):
    """How often Airflow ran a task."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    with create_session() as session:
        found = session.query(TaskInstance).filter(
            TaskInstance.run_id == done.run.airflow_run_id, TaskInstance.task_id == task_id
        )
        return found.one().try_number


@pytest.mark.parametrize(("name", "given"), SHAPES, ids=[f"{n}-{g}" for n, g in SHAPES])
def test_gives_what_the_plain_call_gives_and_runs_what_the_plan_says(run, flows, name, given):
    done = run(name, **given)

    assert done.run.state == "success"
    assert done.value == getattr(flows, name)(**given)
    assert done.executions == done.planned


def test_a_loop_over_nothing_skips_its_tasks_and_runs_its_reducer(run):
    done = run("steps", values=[])

    assert done.skipped == {"double", "fit"}
    assert done.states["names", -1] == "success"
    assert done.value == []


def test_xcom_carries_indices_and_a_pointer_only(run):
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    done = run("mapped", n=2)
    with create_session() as session:
        rows = session.query(XComModel).filter(XComModel.run_id == done.run.airflow_run_id)
        found = {
            (row.task_id, row.map_index, row.key): XComModel.deserialize_value(row)
            for row in rows
            if not row.key.startswith("_link_")  # Airflow's own, of extra links
        }

    node = f"{done.run.folder}/nodes"
    assert found == {
        ("numbers", -1, "return_value"): ["0", "1"],
        ("numbers", -1, "dagger_node"): f"{node}/numbers",
        ("double", 0, "dagger_node"): f"{node}/double/0",
        ("double", 1, "dagger_node"): f"{node}/double/1",
        ("total", -1, "dagger_node"): f"{node}/total",
    }


def test_a_failure_is_final_told_exactly_and_stops_what_follows(run, tmp_path):
    log = tmp_path / "tries"
    done = run("failing", log=str(log))

    assert done.run.state == "failed"
    assert done.error == "always-fails[1] failed: ValueError: no 1 please"
    assert done.states == {
        ("numbers", -1): "success",
        ("always-fails", 0): "success",
        ("always-fails", 1): "failed",
        ("always-fails", 2): "success",
        ("double", 0): "success",
        ("double", 1): "upstream_failed",
        ("double", 2): "success",
        ("total", -1): "upstream_failed",
    }
    # The runner's two retries, and none of Airflow's.
    assert sorted(log.read_text().split()) == ["0", "1", "1", "1", "2"]


def test_a_crash_is_infrastructure_and_tried_again(run, tmp_path):
    done = run("crashing", marker=str(tmp_path / "marker"))

    assert done.run.state == "success"
    assert done.value == "done"


def test_a_crash_without_retries_says_how_the_process_ended(home, flows, tmp_path):
    from dagger_providers.airflow import to_airflow
    from dagger_providers.airflow.testing import run_dag_test

    dag = to_airflow(flows.crashing, store=str(tmp_path / "store"))
    dag.task_dict["crashes-once"].retries = 0
    done = run_dag_test(dag, {"marker": str(tmp_path / "marker")})

    assert done.reason == "crashes-once ended with status -9: it said nothing"


def test_a_process_that_ends_before_it_is_done_is_no_success(run):
    done = run("leaving", {"default_args": {"retries": 1, "retry_delay": 0}})

    assert done.error == "leaves: its process ended with status 0 before it was done"
    assert tries_of(done, "leaves") == 2  # it may be infrastructure, as when a worker is drained


def test_one_that_ends_amid_a_chunk_is_no_success(run, monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__MAX_MAP_LENGTH", "1")
    done = run("leaving_in_a_loop", {"default_args": {"retries": 0}}, n=3)

    assert done.error == "leaves[0:3]: its process ended with status 0 before it was done"


def test_bad_input_is_one_line_and_not_tried_again(home, tmp_path):
    from airflow.sdk import DAG

    from dagger_providers.airflow.node import Node
    from dagger_providers.airflow.operators.process import DaggerProcessOperator
    from dagger_providers.airflow.testing import run_dag_test

    with DAG("bad_card", schedule=None) as dag:
        DaggerProcessOperator(
            task_id="x", node=Node("x", '{"format": "other/1"}'), store=str(tmp_path), retries=2
        )
    done = run_dag_test(dag)

    expected = "x: the card: expected format dagger-providers.card/1, got 'other/1'"
    assert done.reason == expected


def test_airflows_time_limit_ends_the_process(run, tmp_path):
    pid = tmp_path / "pid"
    done = run("sleeping", pid=str(pid))

    assert done.run.state == "failed"
    assert "timed out" in done.error.lower() or "timeout" in done.error.lower()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_a_killed_task_ends_its_process_and_those_that_it_started(home):
    from dagger_providers.airflow.node import Node
    from dagger_providers.airflow.operators.process import DaggerProcessOperator

    operator = DaggerProcessOperator(task_id="x", node=Node("x", "{}"))
    operator.on_kill()  # before anything has started
    started = subprocess.Popen(
        ["sh", "-c", "sleep 300 & echo started; wait"],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with started as process:
        assert process.stdout.readline() == b"started\n"
        operator._process = process
        operator.on_kill()

        assert process.returncode == -signal.SIGTERM
        assert process.stdout.read() == b""  # nobody holds the pipe any more


def test_a_worker_that_is_killed_takes_its_process_along(home, flows, tmp_path, kill_amid):
    from dagger_providers.airflow.access import Access
    from dagger_providers.airflow.node import Run, node_of
    from dagger_providers.airflow.operators.process import DaggerProcessOperator
    from dagger_providers.airflow.operators.running import Execution

    node = node_of(plan(flows.sleeping.build()).steps["sleeps"], str(Path(flows.__file__).parent))
    pid = tmp_path / "pid"
    store = str(tmp_path / "store")
    one = Execution(node, "", Run(store, "r", {"pid": str(pid)}), Access(store))
    operator = DaggerProcessOperator(task_id="sleeps", node=node)
    kill_amid(
        lambda: operator._launch(one, ExitStack(), {}), lambda: pid.exists() and pid.read_text()
    )

    assert soon(lambda: is_over(int(pid.read_text())))


def soon(holds):
    until = time.monotonic() + 20
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


def is_over(pid):
    """Say whether a process is gone, or a zombie that nobody here has to reap."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_items_of_nested_loops_are_shown_by_their_positions(run):
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    done = run("table", rows=2, columns=1)
    with create_session() as session:
        found = session.query(TaskInstance).filter(
            TaskInstance.run_id == done.run.airflow_run_id, TaskInstance.task_id == "add"
        )
        shown = {ti.map_index: ti.rendered_map_index for ti in found}

    assert shown == {0: "0.0", 1: "1.0"}


def test_a_process_has_a_fixed_hash_seed_and_text_is_never_a_template(run):
    done = run("environment")

    assert done.value == {
        "seed": "0",
        "greeting": "hello {{ ds }}",
        "text": "{{ run_id }} {% raw %}",
    }


def test_long_cards_and_parameters_go_through_the_store(run, tmp_path):
    value = "y" * 200_000  # more than one argument of a command may have
    done = run("long_values", value=value)

    assert done.value == value + "x" * 20_000
    assert len(open_store(str(tmp_path / "store")).list("cards")) == 1
    assert len(open_store(done.run.folder).list("parameters")) == 1


def test_more_items_than_airflow_expands_run_in_as_many_chunks(run, monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__MAX_MAP_LENGTH", "3")
    done = run("steps", values=[1, 2, 3, 4])

    chunks = ["0:1", "1:2", "2:4"]
    assert [task.index for task in done.run.tasks if task.task_id == "fit"] == chunks
    assert done.value == ["m"] * 4
    assert unchunked(done.executions, done.plan, done.resolver) == done.planned


def test_ten_thousand_items_in_eight_processes(run, monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__MAX_MAP_LENGTH", "8")
    done = run("mapped", n=10_000)

    assert done.value == 2 * sum(range(10_000))
    assert len([task for task in done.run.tasks if task.task_id == "double"]) == 8


def test_a_failure_in_a_chunk_is_told_with_its_item(run, monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__MAX_MAP_LENGTH", "2")
    done = run("some_fail", values=[1, 2, 3, -1, 5])

    (error,) = {task.error for task in done.run.tasks if task.error}
    assert error == "checked[2:5] failed: ValueError: -1 is negative"
    failures = open_store(done.run.folder).list("nodes/checked")
    assert failures == ["0", "1", "2", "3"]


def test_an_unknown_parameter_is_refused_before_anything_runs(run):
    done = run("chain", m=1)

    assert done.error == "no parameter 'm'; the parameters are: n"


@pytest.mark.parametrize("compiled", [False, True])
def test_parameters_are_what_a_local_run_makes_of_them(home, flows, tmp_path, compiled):
    from dagger_providers.airflow.testing import execute

    given = {"rate": 3, "counts": [1.0, 2]}
    model = flows.rates.build()
    elsewhere = model.having(function="elsewhere.py:rates")  # as where its code is not at hand
    done = execute(elsewhere if compiled else flows.rates, given, str(tmp_path / "store"))
    record = json.loads(Path(done.folder, "run.json").read_text())
    local = run_dag(model, given, store=str(tmp_path / "local"))
    here = json.loads(Path(local.folder, "run.json").read_text())

    assert local.outputs["all"] == "3.0 [1, 2]"
    assert json.dumps(record["parameters"]) == json.dumps(here["parameters"])
    assert {name: one["sha256"] for name, one in _outputs(done.folder).items()} == {
        name: one["sha256"] for name, one in _outputs(local.folder).items()
    }


def _outputs(folder):
    """What each execution of a run has committed."""
    places = Path(folder, "nodes").rglob("commit.json")
    return {
        str(place.relative_to(folder)): json.loads(place.read_text())["outputs"]["return_value"]
        for place in places
        if "items-of" not in str(place)
    }


def test_a_value_that_a_validator_refuses_is_one_line(run):
    done = run("even_only", n=3)

    assert done.error == "parameter 'n': value error, 3 is odd, got 3"


def test_a_whole_number_written_as_float_is_an_integer(run):
    assert repr(run("chain", n=3.0).value) == "12"
