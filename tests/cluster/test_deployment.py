"""Pipelines through a whole Airflow, whose scheduler starts their tasks in pods of the cluster."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cluster.access import Cluster, wait_until
from cluster.deployment import FORGIVEN, FORGIVEN_SECONDS, Deployment, deployed
from cluster.faults import Watched, watch
from dagger_providers.airflow.identity import run_name
from dagger_providers.card.functions import load_file
from dagger_providers.execution import Resolver, open_run
from dagger_providers.model import dumps
from dagger_providers.planning import plan
from dagger_providers.planning.parameters import encode_parameters

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
DELAYS = load_file("flight_delays.py", str(EXAMPLES)).delays
PATIENT = load_file("cluster_flows.py", str(HERE / "flows")).patient
FLIGHTS = {"min_flights": 50_000, "evening": 20}
"""Those of the three largest airlines."""
ONCE_EACH = {"begin": 1, "wait": 1, "end": 1}
DAG_FILE = """\
import json
from pathlib import Path

from dagger_providers.airflow import to_airflow
from dagger_providers.model import loads

given = json.loads(Path(__file__).with_name("options.json").read_text())
arguments = given.pop("default_args")
for name in ("delays", "patient"):
    model = loads(Path(__file__).with_name(f"{name}.json").read_text())
    for mode, more in {"waiting": {}, "deferred": {"deferrable": True}}.items():
        dag_id = f"{name}-{mode}"
        globals()[dag_id] = to_airflow(model, dag_id=dag_id, default_args=arguments | more, **given)
"""


@pytest.fixture(scope="module")
def airflow(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    home = tmp_path_factory.mktemp("airflow")
    dags = home / "dags"
    dags.mkdir()
    # Documents, as `compile` writes them: Airflow parses a file before each task.
    for name, pipeline in {"delays": DELAYS, "patient": PATIENT}.items():
        (dags / f"{name}.json").write_text(dumps(pipeline.build()))
    options = cluster.options(retry_delay=1)
    (dags / "options.json").write_text(json.dumps(options))
    (dags / "pipelines.py").write_text(DAG_FILE)
    variables = {"AIRFLOW__DAGGER_PROVIDERS__STORE_URI": cluster.store}
    with deployed(home, variables) as airflow:
        yield airflow


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


def pods(cluster: Cluster, run: str) -> list[Any]:
    return cluster.pods(run.rpartition("/")[2])


@dataclass(frozen=True)
class Patient:
    """A run of `patient`, and the folder that tells what its pods have done.

    Attributes:
        run: Its path in Airflow's interface.
        watched: The folder.
    """

    run: str
    watched: Watched

    @property
    def pod(self) -> str:
        return self.watched.pods_of("wait")[0]


@pytest.fixture(scope="module")
def begin(airflow: Deployment, cluster: Cluster) -> Callable[..., Sequence[Patient]]:
    """Begin runs in the modes that are given; returns when all of them wait for their pods.

    For a deferred one that is a triggerer, and no worker.
    """

    def begin(*modes: str) -> Sequence[Patient]:
        found = []
        for mode in modes:
            watched = watch(cluster)
            run = airflow.trigger(f"patient-{mode}", folder=str(watched.folder))
            found.append(Patient(run, watched))
        for mode, one in zip(modes, found, strict=True):
            one.watched.wait_for_pod()
            if mode == "deferred":
                wait_until(lambda run=one.run: airflow.is_deferred(run, "wait"), 120)
        return found

    return begin


def test_flight_delays_are_those_of_a_local_run_in_both_modes(airflow, cluster, tmp_path) -> None:
    runs = {mode: airflow.trigger(f"delays-{mode}", **FLIGHTS) for mode in ("waiting", "deferred")}
    local = DELAYS.run(store=tmp_path, **FLIGHTS)

    assert {mode: airflow.wait_for(run, 600) for mode, run in runs.items()} == {
        "waiting": "success",
        "deferred": "success",
    }
    for run in runs.values():
        assert identities(cluster, run, DELAYS.build(), FLIGHTS) == local.identities
        tasks = airflow.tasks(run)
        assert {task["state"] for task in tasks} == {"success"}
        assert sum(task["task_id"] == "fit" for task in tasks) == 3
        assert set(attempts(cluster, run).values()) == {1}
    wait_until(lambda: not any(pods(cluster, run) for run in runs.values()), 120)


def test_the_log_of_a_task_is_that_of_its_pod(airflow, watched) -> None:
    watched.go()
    run = airflow.trigger("patient-waiting", folder=str(watched.folder))

    assert airflow.wait_for(run) == "success"
    assert watched.pods_of("wait")[0] in airflow.log(run, "wait")


KILLED = ("while the pod runs", "until the pod is over", "as a deferred task goes on")


@pytest.fixture(scope="module")
def workers_killed(airflow, begin, cluster) -> Mapping[str, Patient]:
    """Runs of which a worker was killed, side by side, since that is noticed after some time."""
    with cluster.taken():
        runs, over, deferred = found = begin("waiting", "waiting", "deferred")
        airflow.kill_worker(runs.run, "wait")
        airflow.kill_worker(over.run, "wait")
        over.watched.go()
        deferred.watched.go()
        airflow.kill_worker(deferred.run, "wait")
        seen = f"pod {runs.pod} of an earlier try runs: it is waited for"
        wait_until(lambda: seen in airflow.log(runs.run, "wait", 2), 240)
        runs.watched.go()
        for one in found:
            airflow.wait_for(one.run)
    return dict(zip(KILLED, found, strict=True))


@pytest.mark.parametrize("when", KILLED)
def test_a_killed_worker_makes_nothing_run_again(airflow, workers_killed, when) -> None:
    one = workers_killed[when]

    assert airflow.state(one.run) == "success"
    assert one.watched.times() == ONCE_EACH
    assert airflow.task(one.run, "wait")["try_number"] == 2
    said = f"pod {one.pod} of an earlier try has ended meanwhile: it is not run again"
    assert (said in airflow.log(one.run, "wait", 2)) == (when != "while the pod runs")


@pytest.fixture(scope="module")
def triggerer_killed(airflow, begin, cluster) -> Mapping[str, Patient]:
    """Deferred runs whose triggerer was killed, and replaced by one that takes no other's tasks.

    That is killed too, and replaced by one that takes them.
    """
    with cluster.taken():
        runs, over, soon, late = found = begin(*4 * ["deferred"])
        airflow.kill("triggerer")
        airflow.cancel(soon.run)
        before = airflow.triggers()
        airflow.start("triggerer", **{FORGIVEN: "3600"})
        wait_until(lambda: airflow.triggers() < before, 240)
        airflow.kill("triggerer")
        airflow.cancel(late.run)
        over.watched.go()
        time.sleep(FORGIVEN_SECONDS)
        airflow.start("triggerer")
        wait_until(lambda: airflow.log(runs.run, "wait").count("Checking pod") == 2, 240)
        runs.watched.go()
        for one in (runs, over):
            airflow.wait_for(one.run)
    return dict(zip(("runs", "is over", "soon", "late"), found, strict=True))


@pytest.mark.parametrize("pod", ["runs", "is over"])
def test_a_triggerer_takes_the_tasks_of_one_that_was_killed(airflow, triggerer_killed, pod) -> None:
    one = triggerer_killed[pod]

    assert airflow.state(one.run) == "success"
    assert one.watched.times() == ONCE_EACH
    assert airflow.task(one.run, "wait")["try_number"] == 1


def test_a_triggerer_ends_the_pods_of_runs_that_were_cancelled_while_none_ran(
    airflow, cluster, triggerer_killed
) -> None:
    one = triggerer_killed["late"]

    wait_until(lambda: not pods(cluster, one.run), 120)
    assert airflow.state(one.run) == "failed"
    assert one.watched.times() == {"begin": 1, "wait": 1}
    assert "cancelled by user action" in airflow.log(one.run, "wait")


def test_a_triggerer_that_is_back_too_soon_leaves_the_pods_of_cancelled_runs(
    airflow, cluster, triggerer_killed
) -> None:
    """It forgets their triggers before it would take them, and nobody is left to end the pods."""
    one = triggerer_killed["soon"]

    assert airflow.state(one.run) == "failed"
    assert [pod.status.phase for pod in pods(cluster, one.run)] == ["Running"]
    one.watched.go()
    wait_until(lambda: [pod.status.phase for pod in pods(cluster, one.run)] == ["Succeeded"])
    assert one.watched.times() == {"begin": 1, "wait": 1}


@pytest.fixture(scope="module")
def cancelled(airflow, begin, cluster) -> Mapping[str, Patient]:
    """Runs that were cancelled."""
    with cluster.taken():
        found = dict(zip(("waiting", "deferred"), begin("waiting", "deferred"), strict=True))
        for one in found.values():
            airflow.cancel(one.run)
    return found


@pytest.mark.parametrize(
    ("mode", "said"),
    [("waiting", "shouldn't be running anymore"), ("deferred", "cancelled by user action")],
)
def test_a_cancelled_run_leaves_no_pod(airflow, cluster, cancelled, mode, said) -> None:
    one = cancelled[mode]

    wait_until(lambda: not pods(cluster, one.run), 120)
    assert airflow.state(one.run) == "failed"
    assert one.watched.times() == {"begin": 1, "wait": 1}
    assert said in airflow.log(one.run, "wait")
