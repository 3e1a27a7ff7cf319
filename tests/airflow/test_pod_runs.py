"""Pods from their start to their end, in both modes, against a Kubernetes API of our own."""

import asyncio
import base64
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest

from dagger_providers.card.functions import load_file

_fake = load_file("fake_kubernetes.py", str(Path(__file__).parent))


class MemoryStore(dict):
    """What Airflow keeps of a task between its tries."""

    set = dict.__setitem__


@pytest.fixture
def cluster(flows, tmp_path):
    """A Kubernetes API whose pods are processes that find the flows as an image would."""
    folder = flows.__file__.rpartition("/")[0]
    environment = {"PYTHONPATH": ":".join([folder, *sys.path]), "PATH": "/usr/bin:/bin"}
    with _fake.FakeKubernetes(environment) as cluster:
        cluster.access = {
            "config_file": cluster.kubeconfig(tmp_path),
            "in_cluster": False,
            "kubernetes_conn_id": None,
            "namespace": "jobs",
        }
        yield cluster


@pytest.fixture
def pod_task(home, cluster, flows, tmp_path):
    """Make one task of a flow, and run it as a worker and a triggerer would."""
    from airflow.providers.common.compat.sdk import TaskDeferred
    from airflow.sdk.execution_time.context import OutletEventAccessors

    from dagger_providers.airflow import to_airflow

    class PodTask:
        def __init__(self, name, task_id, conf=None, *, image="pipelines:1", **options):
            self.flow, self.task_id, self.conf = getattr(flows, name), task_id, conf or {}
            self.options = {
                "launcher": "kubernetes",
                "image": image,
                "store": str(tmp_path / "store"),
                "default_args": {**cluster.access, "poll_interval": 0.1, **options},
            }
            self.kept = MemoryStore()
            self.pushed = {}
            self.triggers = []
            self.events = OutletEventAccessors()

        def operator(self):
            self.dag = to_airflow(self.flow, **self.options)
            return self.dag.task_dict[self.task_id]

        def context(self, try_number=1):
            ti = SimpleNamespace(
                dag_id=self.dag.dag_id, task_id=self.task_id, run_id="r1", map_index=-1,
                try_number=try_number, start_date=datetime.now(UTC),
                xcom_push=lambda key, value: self.pushed.update({key: value}),
            )  # fmt: skip
            params = {name: self.dag.params.get_param(name).value for name in self.dag.params}
            run = SimpleNamespace(dag_id=self.dag.dag_id, run_id="r1", conf=self.conf)
            return {
                "dag": self.dag, "dag_run": run, "params": {**params, **self.conf}, "ti": ti,
                "run_id": "r1", "task_state_store": self.kept, "outlet_events": self.events,
            }  # fmt: skip

        def run(self, operator=None, try_number=1):
            operator = operator or self.operator()
            try:
                return operator.execute(self.context(try_number))
            except TaskDeferred as deferred:
                again = self.operator()
                event = self.wait(deferred.trigger)
                method = getattr(again, deferred.method_name)
                return method(self.context(try_number), event)

        def wait(self, trigger):
            path, kwargs = trigger.serialize()
            self.triggers.append(json.dumps([path, kwargs], default=str))
            again = type(trigger)(**kwargs)
            return asyncio.run(anext(again.run())).payload

        def failure(self, **more):
            with pytest.raises(Exception) as failed:  # noqa: PT011 - looked at by the test
                self.run(**more)
            return failed.value

    return PodTask


MODES = pytest.mark.parametrize("deferrable", [False, True], ids=["waits", "deferrable"])


def kind(error):
    return type(error).__name__


@MODES
def test_indices_come_from_the_store_and_the_pod_goes(pod_task, cluster, deferrable):
    made = pod_task("mapped", "numbers", {"n": 3}, deferrable=deferrable)

    assert made.run() == ["0", "1", "2"]
    (pod,) = cluster.created
    assert cluster.deleted == [pod["metadata"]["name"]]
    assert [container["name"] for container in pod["spec"]["containers"]] == ["base"]
    assert made.pushed["dagger_node"].endswith("nodes/numbers")


@MODES
def test_an_assets_event_tells_what_the_pod_wrote(pod_task, deferrable):
    made = pod_task("learning", "learn", deferrable=deferrable)
    made.run()
    ((_, event),) = made.events.items()

    assert event.extra["output"] == "return_value"
    assert event.extra["value"]["uri"].startswith(event.extra["store"])


@MODES
def test_a_step_that_feeds_no_loop_gives_no_xcom(pod_task, deferrable):
    assert pod_task("chain", "double-1", deferrable=deferrable).run() is None


def test_indices_are_there_though_the_pod_is_gone_when_the_task_resumes(pod_task, cluster):
    from airflow.providers.common.compat.sdk import TaskDeferred

    made = pod_task("mapped", "numbers", {"n": 2}, deferrable=True)
    with pytest.raises(TaskDeferred) as deferred:
        made.operator().execute(made.context())
    event = made.wait(deferred.value.trigger)
    cluster.delete(event["name"])

    assert made.operator().trigger_reentry(made.context(), event) == ["0", "1"]


@MODES
def test_deferring_follows_the_deployment(pod_task, monkeypatch, deferrable):
    from airflow.providers.cncf.kubernetes.operators import pod as parent

    made = pod_task("chain", "double-1", deferrable=deferrable)

    assert made.operator().deferrable is deferrable
    assert parent.KubernetesPodOperator(task_id="t").deferrable is False


@MODES
def test_a_failure_of_the_users_code_is_final(pod_task, deferrable, tmp_path):
    made = pod_task("failing_alone", "always-fails", {"log": str(tmp_path / "l")},
                    deferrable=deferrable)  # fmt: skip
    error = made.failure()

    assert (kind(error), str(error)) == (
        "CodeFailedError",  # an AirflowFailException
        "always-fails failed: ValueError: no 1 please",
    )
    assert len((tmp_path / "l").read_text().split()) == 3


@MODES
def test_a_pod_that_ends_before_it_is_done_is_no_success(pod_task, deferrable):
    error = pod_task("leaving", "leaves", deferrable=deferrable).failure()

    assert (kind(error), str(error)) == (
        "AirflowException",
        "leaves: its pod ended with status 0 before it was done",
    )


@MODES
def test_an_image_that_cannot_be_pulled(pod_task, cluster, deferrable):
    made = pod_task("chain", "double-1", image="missing:1", deferrable=deferrable)
    error = made.failure()

    assert (kind(error), str(error)) == (
        "AirflowException",
        "double-1: the image 'missing:1' cannot be pulled: ErrImagePull (no such image); check its "
        "name, and give image_pull_secrets for a private registry",
    )
    assert cluster.pods == {}


@MODES
def test_memory_that_ran_out(pod_task, deferrable, tmp_path):
    made = pod_task("crashing", "crashes-once", {"marker": str(tmp_path / "m")},
                    deferrable=deferrable)  # fmt: skip
    error = made.failure()

    assert (kind(error), str(error)) == (
        "AirflowException",
        "crashes-once: out of memory: Kubernetes killed it; give the task more, by "
        "resources={'memory': ...}",
    )


@MODES
def test_a_pod_that_was_evicted(pod_task, cluster, deferrable, tmp_path):
    made = pod_task("sleeping", "sleeps", {"pid": str(tmp_path / "pid")}, deferrable=deferrable)

    def evict():
        _fake.wait_for((tmp_path / "pid").exists)
        cluster.evict(next(iter(cluster.pods)), "The node was low on resource: memory.")

    thread = Thread(target=evict)
    thread.start()
    error = made.failure()
    thread.join()

    assert (kind(error), str(error)) == (
        "AirflowException",
        "sleeps: its pod was evicted (The node was low on resource: memory.); ask for what it "
        "needs, by resources, so that it is put on a node that has it",
    )


def test_a_worker_that_died_finds_its_pod_again(pod_task, cluster, tmp_path):
    from airflow.providers.common.compat.sdk import TaskDeferred

    made = pod_task("mapped", "numbers", {"n": 2}, deferrable=True)
    with pytest.raises(TaskDeferred):
        made.operator().execute(made.context())

    assert made.run(try_number=2) == ["0", "1"]
    assert len(cluster.created) == 1


def test_a_pod_that_ends_just_when_it_is_found_is_not_run_again(pod_task, cluster):
    from airflow.providers.common.compat.sdk import TaskDeferred

    made = pod_task("mapped", "numbers", {"n": 2}, deferrable=True)
    with pytest.raises(TaskDeferred):
        made.operator().execute(made.context())
    (pod,) = cluster.pods.values()
    again = made.operator()
    find = again.find_pod

    def find_slowly(*args, **kwargs):
        found = find(*args, **kwargs)
        _fake.wait_for(lambda: pod.process.poll() is not None)
        return found

    again.find_pod = find_slowly

    assert made.run(operator=again, try_number=2) == ["0", "1"]
    assert len(cluster.created) == 1


@MODES
def test_a_pod_that_ended_while_no_worker_looked_is_not_run_again(
    pod_task, cluster, deferrable, logged
):
    from airflow.providers.common.compat.sdk import TaskDeferred

    made = pod_task("mapped", "numbers", {"n": 2}, deferrable=deferrable)
    first = made.operator()
    first.deferrable = True
    with pytest.raises(TaskDeferred):
        first.execute(made.context())
    (pod,) = cluster.pods.values()
    _fake.wait_for(lambda: pod.process.poll() is not None)

    assert made.run(try_number=2) == ["0", "1"]
    assert len(cluster.created) == 1
    name = pod.document["metadata"]["name"]
    said = f"pod {name} of an earlier try has ended meanwhile: it is not run again"
    assert said in [entry["event"] for entry in logged.entries]


def test_a_task_that_is_killed_ends_its_pod(pod_task, cluster, tmp_path):
    pid = tmp_path / "pid"
    made = pod_task("sleeping", "sleeps", {"pid": str(pid)})
    operator = made.operator()
    waiting = Thread(target=lambda: made.failure(operator=operator))
    waiting.start()
    _fake.wait_for(pid.exists)
    operator.on_kill()
    waiting.join()

    assert (cluster.pods, len(cluster.deleted)) == ({}, 1)


@pytest.mark.needs("apache-airflow-providers-cncf-kubernetes>=10.18", "triggers have on_kill")
def test_a_deferred_task_that_is_killed_ends_its_pod(pod_task, cluster, tmp_path):
    from airflow.providers.common.compat.sdk import TaskDeferred

    pid = tmp_path / "pid"
    made = pod_task("sleeping", "sleeps", {"pid": str(pid)}, deferrable=True)
    with pytest.raises(TaskDeferred) as deferred:
        made.operator().execute(made.context())
    _fake.wait_for(pid.exists)
    asyncio.run(deferred.value.trigger.on_kill())

    assert (cluster.pods, len(cluster.deleted)) == ({}, 1)


@pytest.mark.needs("apache-airflow-providers-cncf-kubernetes>=10.18", "heeds execution_timeout")
def test_a_deferred_task_that_takes_too_long_ends_its_pod(pod_task, cluster, tmp_path):
    made = pod_task("sleeping", "sleeps", {"pid": str(tmp_path / "pid")}, deferrable=True,
                    execution_timeout=timedelta(seconds=2))  # fmt: skip
    error = made.failure()

    assert str(error) == "sleeps: not done within execution_timeout, which is 0:00:02"
    assert cluster.pods == {}


@pytest.fixture
def by_connection(pod_task, cluster, guarded):
    """Make one task of a flow whose store opens only with a connection's password."""
    cluster.environment["PYTHONPATH"] += f":{guarded.path}"

    def make(name, task_id, conf=None, **options):
        made = pod_task(name, task_id, conf, **options)
        made.options |= {"store": None, "store_conn_id": guarded.conn_id}
        return made

    return make


@MODES
def test_credentials_reach_a_pod_by_a_secret_that_goes_with_it(
    by_connection, cluster, guarded, logged, caplog, deferrable
):
    made = by_connection("mapped", "numbers", {"n": 2}, deferrable=deferrable)

    assert made.run() == ["0", "1"]
    (pod,), (secret,) = cluster.created, cluster.made
    (owner,) = secret["metadata"]["ownerReferences"]
    assert secret["metadata"]["name"] == f"{pod['metadata']['name']}-store"
    assert (owner["kind"], owner["name"]) == ("Pod", pod["metadata"]["name"])
    assert guarded.secret in secret["stringData"]["FSSPEC_GUARDED"]
    assert cluster.secrets == {}
    encoded = base64.b64encode(secret["stringData"]["FSSPEC_GUARDED"].encode()).decode()
    told = [
        json.dumps(pod),
        *made.triggers,
        json.dumps(made.pushed),
        caplog.text,
        str(logged.entries),
    ]
    assert not any(hidden in text for text in told for hidden in (guarded.secret, encoded))


def test_no_secret_is_in_what_a_failed_pod_leaves(by_connection, guarded, logged, caplog, tmp_path):
    made = by_connection("failing_alone", "always-fails", {"log": str(tmp_path / "l")},
                         log_pod_spec_on_failure=True)  # fmt: skip
    error = made.failure()

    assert "remote_pod" in str(error.__cause__)
    assert guarded.secret not in f"{error} {error.__cause__} {caplog.text} {logged.entries}"
    assert guarded.secret not in str(vars(made.operator()))


def test_a_secret_that_exists_is_used_by_name(by_connection, cluster, guarded):
    options = json.dumps({"username": "ada", "password": guarded.secret})
    cluster.create_secret({"metadata": {"name": "ours"}, "stringData": {"FSSPEC_GUARDED": options}})
    made = by_connection("mapped", "numbers", {"n": 1}, store_secret="ours")  # noqa: S106 - its name

    assert made.run() == ["0"]
    assert len(cluster.made) == 1
    (container,) = cluster.created[0]["spec"]["containers"]
    assert container["envFrom"] == [{"secretRef": {"name": "ours"}}]


def test_a_worker_needs_no_credentials_of_the_pods(pod_task, cluster, guarded, logged):
    options = json.dumps({"username": "ada", "password": guarded.secret})
    cluster.create_secret({"metadata": {"name": "ours"}, "stringData": {"FSSPEC_GUARDED": options}})
    cluster.environment["PYTHONPATH"] += f":{guarded.path}"
    made = pod_task("chain", "double-1", store_secret="ours")  # noqa: S106 - its name
    made.options |= {"store": guarded.uri}

    assert made.run() is None
    said = [entry["event"] for entry in logged.entries]
    assert any("this worker cannot see whether it was done" in line for line in said)


def test_a_pod_goes_when_its_secret_may_not_be_made(by_connection, cluster):
    cluster.forbidden = {"secrets"}
    error = by_connection("mapped", "numbers").failure()

    assert str(error) == (
        "numbers: may not make a Secret in namespace 'jobs' for the store's credentials "
        "(Forbidden); let the worker's service account create secrets, or name one by "
        "[dagger_providers] store_secret"
    )
    assert cluster.pods == {}


def test_a_store_without_a_connection_needs_no_secret(pod_task, cluster):
    pod_task("chain", "double-1").run()

    assert cluster.made == []
    assert not cluster.created[0]["spec"]["containers"][0]["envFrom"]


@MODES
def test_a_log_has_groups_around_the_users_output(pod_task, logged, deferrable):
    pod_task("talking", "talks", deferrable=deferrable).run()
    lines = [entry["event"].strip() for entry in logged.entries]
    # Earlier releases of the parent write the container's name before each line.
    user = next(at for at, line in enumerate(lines) if line.endswith("what the user prints"))
    open_groups = [line for line in lines[:user] if line.startswith("::")]

    assert open_groups[0] == "::group::Set-up"
    assert open_groups.count("::endgroup::") * 2 == len(open_groups)
    assert lines[user:].count("::group::Outputs") == 1
    (output,) = [line for line in lines if line.startswith("return_value: ")]
    assert output.endswith("(json, 1 bytes)")


def test_a_short_pod_takes_few_requests(pod_task, cluster):
    pod_task("chain", "double-1").run()

    assert cluster.requests["GET events"] == 0
    assert sum(cluster.requests.values()) <= 12
