"""Pipelines through a whole Airflow, whose scheduler starts their tasks in pods of the cluster."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import pytest

from cluster.access import Cluster, wait_until
from cluster.deployment import Deployment, deployed
from cluster.faults import Watched
from dagger_providers.airflow.identity import run_name
from dagger_providers.card.functions import load_file
from dagger_providers.execution import Resolver, open_run
from dagger_providers.planning import plan
from dagger_providers.planning.parameters import encode_parameters

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
DAG_FILE = """\
import json
from pathlib import Path

from cluster_flows import patient
from flight_delays import delays

from dagger_providers.airflow import to_airflow

given = json.loads(Path(__file__).with_name("options.json").read_text())
waiting = to_airflow(delays, dag_id="waiting", **given)
slow = to_airflow(patient, **given)
given["default_args"]["deferrable"] = True
deferred = to_airflow(delays, dag_id="deferred", **given)
"""


@pytest.fixture(scope="module")
def airflow(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    home = tmp_path_factory.mktemp("airflow")
    dags = home / "dags"
    dags.mkdir()
    shutil.copy(EXAMPLES / "flight_delays.py", dags)
    shutil.copy(HERE / "flows" / "cluster_flows.py", dags)
    options = cluster.options(retries=1, retry_delay=1)
    (dags / "options.json").write_text(json.dumps(options))
    (dags / "pipelines.py").write_text(DAG_FILE)
    variables = {"AIRFLOW__DAGGER_PROVIDERS__STORE_URI": cluster.store}
    with deployed(home, variables) as airflow:
        yield airflow


@pytest.fixture
def watched(cluster: Cluster) -> Watched:
    folder = cluster.shared / uuid4().hex
    folder.mkdir()
    return Watched(folder)


def identities(cluster: Cluster, run: str, model, parameters) -> Mapping[str, str]:
    """The identities of a run's outputs, as they lie in S3."""
    _, _, dag_id, _, run_id = run.split("/")
    context = open_run(
        cluster.store, run_name(dag_id, run_id), encode_parameters(model, parameters)
    )
    lowered = plan(model)
    resolver = Resolver(context, lowered.axes)
    return {name: resolver.identity(binding, {}) for name, binding in lowered.outputs.items()}


def attempts(cluster: Cluster, run: str) -> Counter[str]:
    """How often each node wrote, by its folder in S3."""
    import s3fs

    _, _, dag_id, _, run_id = run.split("/")
    files = s3fs.S3FileSystem().find(f"{cluster.store}/runs/{run_name(dag_id, run_id)}/nodes")
    found = {re.match("(.*)/attempt-[^/]+", file) for file in files}
    return Counter(node[1] for node in {m[0]: m for m in found if m}.values())


def states(airflow: Deployment, run: str) -> dict[str, str]:
    return {task["task_id"]: task["state"] for task in airflow.tasks(run)}


@pytest.mark.parametrize("dag_id", ["waiting", "deferred"])
def test_flight_delays_are_those_of_a_local_run(airflow, cluster, tmp_path, dag_id) -> None:
    flights = load_file("flight_delays.py", str(EXAMPLES))
    # The five largest airlines.
    parameters = {"min_flights": 30_000, "evening": 20}
    run = airflow.trigger(dag_id, **parameters)
    local = flights.delays.run(store=tmp_path, **parameters)

    assert airflow.wait_for(run, 600) == "success"
    found = identities(cluster, run, flights.delays.build(), parameters)
    assert found == local.identities
    tasks = airflow.tasks(run)
    assert {task["state"] for task in tasks} == {"success"}
    # A busy scheduler may try a deferred task again, which then finds its pod; nothing runs twice.
    assert set(attempts(cluster, run).values()) == {1}
    assert sum(task["task_id"] == "fit" for task in tasks) == 5
    wait_until(lambda: not cluster.pods(), 120)


def test_the_log_of_a_task_is_that_of_its_pod(airflow, watched) -> None:
    watched.go()
    run = airflow.trigger("patient", folder=str(watched.folder))

    assert airflow.wait_for(run) == "success"
    assert watched.pods_of("wait")[0] in airflow.log(run, "wait")


def test_a_killed_worker_finds_its_pod_again(airflow, watched) -> None:
    run = airflow.trigger("patient", folder=str(watched.folder))
    pod = watched.wait_for_pod()
    airflow.kill_worker(run, "wait")
    wait_until(lambda: airflow.task(run, "wait")["try_number"] == 2, 120)
    wait_until(lambda: f"Reusing existing pod '{pod}'" in airflow.log(run, "wait", 2), 120)
    watched.go()

    assert airflow.wait_for(run) == "success"
    assert [len(watched.pods_of(node)) for node in ("begin", "wait", "end")] == [1, 1, 1]


def test_a_pod_that_ends_while_its_worker_is_dead_does_not_run_again(airflow, watched) -> None:
    run = airflow.trigger("patient", folder=str(watched.folder))
    watched.wait_for_pod()
    airflow.kill_worker(run, "wait")
    watched.go()

    assert airflow.wait_for(run) == "success"
    assert airflow.task(run, "wait")["try_number"] == 2
    assert [len(watched.pods_of(node)) for node in ("begin", "wait", "end")] == [1, 1, 1]


def test_a_cancelled_run_leaves_no_pod(airflow, cluster, watched) -> None:
    run = airflow.trigger("patient", folder=str(watched.folder))
    watched.wait_for_pod()
    airflow.cancel(run)

    wait_until(lambda: not cluster.pods(), 90)
    assert airflow.state(run) == "failed"
    found = states(airflow, run)
    assert found["begin"] == "success"
    assert found["end"] != "success"
    assert len(watched.pods_of("wait")) == 1
    assert "shouldn't be running anymore" in airflow.log(run, "wait")
