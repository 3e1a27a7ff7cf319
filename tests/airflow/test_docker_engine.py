"""Containers of a real Docker engine, of an image that the command built."""

import gc
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def image(build_image):
    return build_image("airflow_flows.py", cwd=Path(__file__).parent)


@pytest.fixture(autouse=True)
def _sockets_are_closed():
    """DockerOperator closes none, and what is found after the last test is an error."""
    yield
    gc.collect()


@pytest.fixture
def deployed(image):
    """How tasks run; what containers write is ours, and they need no network."""
    user = f"{os.getuid()}:{os.getgid()}"
    access = {"user": user, "network_mode": "none", "retries": 0}
    return {"launcher": "container", "image": image, "default_args": access}


@pytest.fixture
def engine(image):
    from docker import APIClient
    from docker.utils import kwargs_from_env

    with APIClient(version="auto", **kwargs_from_env()) as client:
        yield client


def running(engine, store):
    wanted = {"label": [f"dagger-providers.store={store}"]}
    return [one["Id"] for one in engine.containers(filters=wanted)]


def test_containers_give_what_the_plain_call_gives(run, flows, deployed, engine):
    done = run("mapped", deployed, n=2)

    assert (done.run.state, done.run.reason) == ("success", "")
    assert done.value == flows.mapped(n=2)
    assert done.executions == done.planned
    wanted = {"label": [f"dagger-providers.store={done.run.store}"]}
    assert engine.containers(all=True, filters=wanted) == []


def test_a_failure_in_a_container_is_told(run, deployed):
    done = run("failing", deployed, log="/tmp/tries", n=2)

    assert done.error == "always-fails[1] failed: ValueError: no 1 please"


def test_a_container_that_ends_before_it_is_done_is_no_success(run, deployed):
    error = run("leaving", deployed).error

    assert error == "leaves: its container ended with status 0 before it was done"


def test_what_a_killed_worker_left_is_removed_by_the_next_try(
    home, flows, deployed, engine, tmp_path, kill_amid
):
    from dagger_providers.airflow import to_airflow

    store = tmp_path / "store"
    dag = to_airflow(flows.sleeping_once, store=str(store), **deployed)
    operator = dag.task_dict["sleeps-once"]
    run = SimpleNamespace(dag_id=dag.dag_id, run_id="r1", conf={})

    def attempt(number):
        ti = SimpleNamespace(
            dag_id=dag.dag_id, task_id="sleeps-once", run_id="r1", try_number=number,
            map_index=-1, xcom_push=lambda **_: None,
        )  # fmt: skip
        params = {"pid": str(store / "pid")}
        operator.execute({"dag": dag, "dag_run": run, "params": params, "ti": ti, "run_id": "r1"})

    kill_amid(lambda: attempt(1), (store / "pid").exists)
    assert len(running(engine, store)) == 1

    attempt(2)

    assert running(engine, store) == []
