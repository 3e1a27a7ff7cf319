"""Containers of a Docker engine, against an engine of our own."""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from dagger_providers import DAG, Task
from dagger_providers.card import dumps
from dagger_providers.card.functions import load_file
from dagger_providers.errors import CapabilityError
from dagger_providers.planning import plan

_fake = load_file("fake_docker.py", str(Path(__file__).parent))

IMAGE = "pipelines:1"


@pytest.fixture
def engine(flows):
    """A Docker engine whose containers find the flows as an image would."""
    folder = flows.__file__.rpartition("/")[0]
    environment = {"PYTHONPATH": ":".join([folder, *sys.path]), "PATH": "/usr/bin:/bin"}
    with _fake.FakeDocker(environment) as engine:
        yield engine


@pytest.fixture
def in_containers(run, engine):
    """Run a pipeline by `dag.test()`, its tasks being containers."""
    access = {"docker_url": engine.url, "retries": 0}

    def in_containers(name, options=None, **given):
        options = {"launcher": "container", "image": IMAGE, "default_args": access} | (
            options or {}
        )
        return run(name, options, **given)

    return in_containers


def test_containers_give_what_the_plain_call_gives(in_containers, flows, engine):
    done = in_containers("mapped", n=2)

    assert done.run.state == "success"
    assert done.value == flows.mapped(n=2)
    assert done.executions == done.planned
    assert len(engine.created) == len(done.planned)
    assert engine.containers == {}


def test_a_container_runs_the_node_command_with_the_store_mounted(in_containers, flows, engine):
    done = in_containers("environment")
    (container,) = engine.created
    step = plan(flows.environment.build()).steps["surroundings"]
    host = container["HostConfig"]

    assert done.value["greeting"] == "hello {{ ds }}"
    assert container["Image"] == IMAGE
    assert container["Entrypoint"] == ["python", "-m", "dagger_providers", "run-node"]
    assert container["Cmd"][:4] == ["--card", dumps(step.card), "--store", done.run.store]
    assert host["Mounts"] == [{
        "Target": done.run.store, "Source": done.run.store, "Type": "bind", "ReadOnly": False,
    }]  # fmt: skip
    assert (host["Memory"], host["CpuShares"]) == (2**30, 512)


def test_a_mount_of_the_users_own_may_be_that_of_the_store(in_containers, engine, tmp_path):
    folder = str(tmp_path / "own")
    own = {"source": folder, "target": folder, "type": "bind", "propagation": "rshared"}
    access = {"docker_url": engine.url, "retries": 0, "mounts": [own]}
    done = in_containers("talking", {"store": folder, "default_args": access})
    (container,) = engine.created

    assert done.run.state == "success"
    (mount,) = container["HostConfig"]["Mounts"]
    assert mount["BindOptions"] == {"Propagation": "rshared"}


def test_an_assets_event_tells_what_the_container_wrote(in_containers):
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session
    from sqlalchemy import select

    done = in_containers("learning", {"dag_id": "learning-in-containers"})
    with create_session() as session:
        asked = select(AssetEvent.extra).where(AssetEvent.source_dag_id == done.run.dag_id)
        (extra,) = session.scalars(asked)

    assert extra["value"]["uri"].startswith(f"{done.run.folder}/nodes/learn/attempt-")


def test_a_failure_in_a_container_is_final_and_told(in_containers, tmp_path):
    done = in_containers("failing", log=str(tmp_path / "tries"), n=2)

    assert done.error == "always-fails[1] failed: ValueError: no 1 please"


def test_memory_that_ran_out(in_containers, engine):
    engine.out_of_memory = True
    done = in_containers("sudden")

    assert done.error == (
        "dies: out of memory: the engine killed it at its limit of 64Mi; give the task more, by "
        "resources={'memory': ...}"
    )
    assert engine.containers == {}


def test_a_container_that_is_killed_otherwise(in_containers):
    assert in_containers("sudden").error == ("dies ended with status 137: it said nothing")


def test_a_container_that_ends_before_it_is_done_is_no_success(in_containers):
    error = in_containers("leaving").error

    assert error == "leaves: its container ended with status 0 before it was done"


def test_an_image_that_cannot_be_pulled(in_containers):
    done = in_containers("talking", {"image": "missing:1"})

    assert done.error == (
        "talks: the image 'missing:1' cannot be pulled (pull access denied, repository does not "
        "exist); check its name, and give docker_conn_id for a private registry"
    )


def test_no_engine_answers(in_containers):
    access = {"docker_url": "unix:///nowhere/docker.sock", "retries": 0}
    error = in_containers("talking", {"default_args": access}).error

    assert error.startswith("talks: no engine answers at unix:///nowhere/docker.sock (")
    assert error.endswith("; start it, or name it by docker_url or the worker's DOCKER_HOST")


def test_a_text_is_no_name_of_a_file_with_a_template(home, flows, engine, tmp_path):
    from airflow import sdk

    from dagger_providers.airflow import as_task_group, as_taskflow
    from dagger_providers.airflow.testing import run_dag_test

    where = {"launcher": "container", "image": IMAGE, "store": str(tmp_path / "store")}
    access = {"docker_url": engine.url, "retries": 0}
    with sdk.DAG("of_texts", schedule=None, default_args=access) as dag:
        as_task_group(flows.environment, "in_a_group", **where)(text="deploy.sh")
        as_taskflow(flows.surroundings, **where)(text="prod.env")
    done = run_dag_test(dag)

    assert (done.reason, done.state) == ("", "success")
    commands = str([container["Cmd"] for container in engine.created])
    assert "deploy.sh" in commands
    assert "prod.env" in commands


def test_an_env_file_is_one(in_containers, engine, tmp_path):
    (tmp_path / "more.env").write_text("RUN={{ run_id }}")
    access = {"docker_url": engine.url, "retries": 0, "env_file": "more.env"}
    options = {"default_args": access, "template_searchpath": str(tmp_path)}
    done = in_containers("talking", options)
    (container,) = engine.created

    assert f"RUN={done.run.airflow_run_id}" in container["Env"]


@pytest.fixture
def attempt(home, flows, engine, tmp_path):
    """Run a task in a container that sleeps the first time, as a worker does."""
    from dagger_providers.airflow import to_airflow

    def attempt(number, run_id="r1", **options):
        access = {"docker_url": engine.url, **options}
        dag = to_airflow(
            flows.sleeping_once, launcher="container", image=IMAGE, store=str(tmp_path / "store"),
            default_args=access,
        )  # fmt: skip
        ti = SimpleNamespace(
            dag_id=dag.dag_id, task_id="sleeps-once", run_id=run_id, try_number=number,
            map_index=-1, xcom_push=lambda **_: None,
        )  # fmt: skip
        run = SimpleNamespace(dag_id=dag.dag_id, run_id=run_id, conf={})
        params = {"pid": str(tmp_path / "pid")}
        dag.task_dict["sleeps-once"].execute(
            {"dag": dag, "dag_run": run, "params": params, "ti": ti, "run_id": run_id}
        )

    return attempt


@pytest.fixture
def killed(attempt, tmp_path, kill_amid):
    """A worker was killed while its container ran, whose number this is."""
    pid = tmp_path / "pid"
    kill_amid(lambda: attempt(1), lambda: pid.exists() and pid.read_text())
    return int(pid.read_text())


def test_what_a_killed_worker_left_does_not_run_beside_the_next_try(killed, attempt, engine):
    os.kill(killed, 0)

    attempt(2)

    assert engine.containers == {}
    with pytest.raises(ProcessLookupError):
        os.kill(killed, 0)


@pytest.mark.usefixtures("killed")
def test_the_container_of_another_run_is_left_alone(attempt, engine):
    attempt(1, "r2")

    assert [one.state for one in engine.containers.values()] == ["running"]


@pytest.mark.parametrize("labels", [{"team": "a"}, ["team"], None])
def test_a_container_is_labelled_with_what_it_runs(attempt, engine, tmp_path, labels):
    (tmp_path / "pid").touch()
    attempt(3, labels=labels)
    (container,) = engine.created
    own = {n: text for n, text in container["Labels"].items() if n.startswith("dagger-providers.")}

    assert own == {
        "dagger-providers.store": str(tmp_path / "store"),
        "dagger-providers.dag_id": "sleeping-once",
        "dagger-providers.run_id": "r1",
        "dagger-providers.task_id": "sleeps-once",
        "dagger-providers.map_index": "-1",
        "dagger-providers.try_number": "3",
    }
    assert ("team" in container["Labels"]) == bool(labels)


def test_what_is_kept_when_asked_is_kept_by_the_next_try_too(attempt, engine, tmp_path):
    (tmp_path / "pid").touch()
    attempt(1, auto_remove="never")
    attempt(2, auto_remove="never")

    assert len(engine.containers) == 2


def test_a_container_is_kept_when_asked(in_containers, engine):
    access = {"docker_url": engine.url, "auto_remove": "never", "retries": 0}
    in_containers("talking", {"default_args": access})

    assert len(engine.containers) == 1


def test_airflows_time_limit_ends_the_container(in_containers, engine, tmp_path):
    done = in_containers("sleeping", pid=str(tmp_path / "pid"))

    assert done.run.state == "failed"
    assert engine.containers == {}


def test_credentials_are_in_the_environment_only(in_containers, engine, guarded, logged):
    engine.environment["PYTHONPATH"] += f":{guarded.path}"
    options = {"store": None, "store_conn_id": guarded.conn_id}
    done = in_containers("talking", options)
    (container,) = engine.created
    environment = dict(pair.split("=", 1) for pair in container["Env"])

    assert done.run.state == "success"
    assert json.loads(environment["FSSPEC_GUARDED"])["password"] == guarded.secret
    assert guarded.secret not in json.dumps(container | {"Env": []})
    assert guarded.secret not in str([entry["event"] for entry in logged.entries])
    assert not container["HostConfig"]["Mounts"]


def test_options_reach_the_container(home):
    from dagger_providers.airflow import to_airflow

    mount = {"target": "/data", "source": "data", "type": "volume"}
    options = {"airflow": {"network_mode": "host", "mounts": [mount], "namespace": "of pods"}}
    model = DAG({"t": Task("m:f", runtime_options=options)})
    task = to_airflow(model, launcher="container", image=IMAGE).task_dict["t"]

    assert task.network_mode == "host"
    (mounted,) = task.mounts  # which some releases of Docker's provider make a Mount of here
    assert mount.items() <= {name.lower(): value for name, value in mounted.items()}.items()
    assert not hasattr(task, "namespace")
    assert "command" not in task.template_fields


MOUNT = {"target": "/data", "source": "data", "type": "volume"}


@pytest.mark.parametrize("by", ["caller", "pipeline"])
@pytest.mark.parametrize("name", ["plain", "mapped"])
def test_mounts_of_all_containers_are_default_args(home, flows, by, name):
    from dagger_providers.airflow import to_airflow

    shared = {"mounts": [MOUNT]}
    nodes = dict((flows.chain if name == "plain" else flows.mapped).build())
    asked = {"airflow": {"default_args": shared}} if by == "pipeline" else {}
    given = {"default_args": shared} if by == "caller" else {}
    model = DAG.model_validate(nodes | {"runtime_options": asked})
    made = to_airflow(model, launcher="container", image=IMAGE, **given).task_dict
    task = made["double-1"] if name == "plain" else made["double"].unmap({"index": "0"})

    assert [(one["Target"], one["Source"]) for one in task.mounts] == [("/data", "data")]


def test_a_containers_own_mounts_go_before_those_of_all(home, flows):
    from dagger_providers.airflow import to_airflow

    own = {"double-1": {"mounts": [MOUNT | {"target": "/own"}]}, "double-2": {"mounts": None}}
    made = to_airflow(
        flows.chain, launcher="container", image=IMAGE, task_args=own,
        default_args={"mounts": [MOUNT]},
    ).task_dict  # fmt: skip

    assert [one["Target"] for one in made["double-1"].mounts] == ["/own"]
    assert made["double-2"].mounts == []


def test_a_task_without_an_image_is_refused(home, flows):
    from dagger_providers.airflow import to_airflow

    with pytest.raises(CapabilityError, match="no image to run in, which the launcher 'container'"):
        to_airflow(flows.chain, launcher="container")


def test_every_option_of_containers_is_an_argument_of_the_operator(home):
    from inspect import signature

    from airflow.providers.docker.operators.docker import DockerOperator

    from dagger_providers.airflow.options import CONTAINER, TASK

    known = set(signature(DockerOperator.__init__).parameters)
    assert set(CONTAINER) <= known
    assert set(TASK).isdisjoint(CONTAINER)
