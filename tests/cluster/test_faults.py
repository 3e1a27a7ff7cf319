"""When things go wrong on a cluster, nothing is lost, nothing runs twice, and the user is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cluster.access import Cluster, wait_until
from cluster.faults import meanwhile
from dagger_providers.airflow.testing import AirflowRun, execute, isolate
from dagger_providers.card.functions import load_file

FLOWS = load_file("cluster_flows.py", str(Path(__file__).parent / "flows"))
MODES = [pytest.param({}, id="waiting"), pytest.param({"deferrable": True}, id="deferred")]
AGAIN = {"retries": 1, "retry_delay": 0}
ONCE = {"retries": 0}


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    """How a worker waits for a pod."""
    given: Mapping[str, Any] = request.param
    return given


@pytest.fixture(scope="module")
def _airflow() -> None:
    """Make its database before the clock of a test runs."""
    isolate()


@pytest.fixture
def run(cluster: Cluster, mode: Mapping[str, Any], _airflow: None) -> Callable[..., AirflowRun]:
    """Run a pipeline of the flows by `dag.test()`."""

    def run(
        name: str, parameters: Mapping[str, Any], image: str = cluster.image, **arguments: Any
    ) -> AirflowRun:
        options = {**cluster.options(**mode, **arguments), "image": image}
        store = f"{cluster.store}-{uuid4().hex}"
        return execute(getattr(FLOWS, name), parameters, store, **options)

    return run


def states(run: AirflowRun) -> dict[str, str]:
    return {task.task_id: task.state for task in run.tasks}


def test_a_killed_pod_is_tried_again_and_nothing_else(run, watched, cluster) -> None:
    def kill() -> None:
        name = watched.wait_for_pod()
        cluster.api.delete_namespaced_pod(name, cluster.namespace, grace_period_seconds=0)
        watched.wait_for_pod(2)
        watched.go()

    with meanwhile(kill):
        done = run("patient", {"folder": str(watched.folder)}, **AGAIN)

    assert done.state == "success"
    assert watched.times() == {"begin": 1, "wait": 2, "end": 1}
    first, second = watched.pods_of("wait")
    assert first != second


def test_a_pod_that_is_killed_for_good_is_told(run, watched, cluster) -> None:
    def kill() -> None:
        name = watched.wait_for_pod()
        cluster.api.delete_namespaced_pod(name, cluster.namespace, grace_period_seconds=0)

    with meanwhile(kill):
        done = run("patient", {"folder": str(watched.folder)}, **ONCE)

    assert states(done) == {"begin": "success", "wait": "failed", "end": "upstream_failed"}
    assert watched.pods_of("wait")[0] in done.reason
    assert watched.times() == {"begin": 1, "wait": 1}


def test_out_of_memory_is_told_as_such(run) -> None:
    done = run("hungry", {"megabytes": 500}, **ONCE)

    assert done.state == "failed"
    assert "out of memory" in done.reason
    assert "200Mi" in done.reason


@pytest.mark.parametrize("policy", ["Never", "IfNotPresent"])
def test_a_missing_image_fails_soon_with_its_name(run, watched, cluster, policy) -> None:
    missing = "localhost/no-such-image:1"
    begun = time.monotonic()
    done = run(
        "patient", {"folder": str(watched.folder)}, **ONCE, image=missing, image_pull_policy=policy
    )

    assert states(done)["begin"] == "failed"
    assert missing in done.reason
    assert time.monotonic() - begun < 60
    assert watched.times() == {}
    # That nothing of it runs takes the kubelet half a minute to find.
    pods = cluster.pods(done.airflow_run_id)
    assert all(pod.metadata.deletion_timestamp for pod in pods)


def test_a_timeout_ends_the_pod(run, watched, cluster) -> None:
    done = run("hurried", {"folder": str(watched.folder)}, **ONCE)

    assert states(done) == {"begin": "success", "wait": "failed", "end": "upstream_failed"}
    assert done.reason == "wait: not done within execution_timeout, which is 0:00:15"
    assert watched.times() == {"begin": 1, "wait": 1}
    wait_until(lambda: not cluster.pods(done.airflow_run_id), 120)


@pytest.mark.usefixtures("alone")
def test_a_restart_of_the_api_server_is_not_noticed(run, watched, cluster) -> None:
    def restart() -> None:
        watched.wait_for_pod()
        cluster.restart_api()
        watched.go()

    with meanwhile(restart):
        done = run("patient", {"folder": str(watched.folder)}, **ONCE)

    assert done.state == "success"
    assert watched.times() == {"begin": 1, "wait": 1, "end": 1}
