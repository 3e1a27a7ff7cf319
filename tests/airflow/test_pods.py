"""The pods of the launcher `kubernetes`: built and checked field by field; no cluster."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from dagger_providers import DAG, Options, Task
from dagger_providers.card import dumps
from dagger_providers.card.functions import load_file
from dagger_providers.errors import CapabilityError
from dagger_providers.planning import plan

_fake = load_file("fake_kubernetes.py", str(Path(__file__).parent))

IMAGE = "registry.example.com/pipelines:1"


@pytest.fixture
def pods(home, flows, tmp_path, monkeypatch):
    """Make a pipeline's DAG of pods, and look at one of them as it would be sent."""
    from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook

    from dagger_providers.airflow import to_airflow

    # It would ask a cluster's configuration.
    monkeypatch.setattr(KubernetesHook, "is_in_cluster", False)

    class Pods:
        store = str(tmp_path / "store")

        def dag(self, pipeline, **options):
            return to_airflow(
                pipeline, launcher="kubernetes", image=IMAGE, store=self.store, **options
            )

        def context(self, dag, operator, conf=None):
            """What Airflow gives an operator that runs."""
            given = conf or {}
            ti = SimpleNamespace(
                dag_id=dag.dag_id, task_id=operator.task_id, run_id="r+1", try_number=1,
                map_index=-1, xcom_push=lambda **_: None,
            )  # fmt: skip
            params = {**{name: dag.params.get_param(name).value for name in dag.params}, **given}
            run = SimpleNamespace(dag_id=dag.dag_id, run_id="r+1", conf=given)
            return {"dag": dag, "dag_run": run, "params": params, "ti": ti, "run_id": "r+1"}

        def built(self, dag, task_id, **conf):
            """The pod of a task, without the parts that are told only by a cluster."""
            operator = dag.task_dict[task_id]
            return operator.build_pod_request_obj(self.context(dag, operator, conf))

    return Pods()


def test_arguments_are_the_node_command(pods, flows):
    pod = pods.built(pods.dag(flows.chain), "double-1", n=5)
    step = plan(flows.chain.build()).steps["double-1"]
    (container,) = pod.spec.containers

    assert container.image == IMAGE
    assert container.command == ["python", "-m", "dagger_providers", "run-node"]
    assert container.args == [
        "--card", dumps(step.card),
        "--store", pods.store,
        "--run-id", "airflow/chain/r~2B1",
        "--param", "n", "5",
    ]  # fmt: skip


def test_a_pod_has_the_tasks_resources_and_environment(pods, flows):
    pod = pods.built(pods.dag(flows.environment), "surroundings")
    (container,) = pod.spec.containers

    asked = {"cpu": "500m", "memory": "1Gi"}
    assert (container.resources.requests, container.resources.limits) == (asked, asked)
    assert {var.name: var.value for var in container.env} == {
        "GREETING": "hello {{ ds }}",
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
    }


def test_a_pod_has_no_sidecar_and_starts_soon(pods, flows):
    dag = pods.dag(flows.chain)
    pod = pods.built(dag, "double-1")

    assert [container.name for container in pod.spec.containers] == ["base"]
    assert pod.spec.restart_policy == "Never"
    assert pod.metadata.name.startswith("double-1-")
    assert dag.task_dict["double-1"].startup_check_interval_seconds == 1
    assert not dag.task_dict["double-1"].deferrable


def test_no_card_is_rendered_as_a_template(pods, flows):
    dag = pods.dag(flows.environment)
    fields = set(dag.task_dict["surroundings"].template_fields)

    assert fields & {"arguments", "cmds", "env_vars", "container_resources"} == set()
    assert {"index", "store", "image", "namespace"} <= fields


def test_options_reach_the_pod(pods):
    model = DAG(
        {
            "t": Task(
                "m:f",
                options=Options(image="other:2"),
                runtime_options={
                    "kubernetes": {"node_selector": {"disk": "ssd"}, "labels": {"team": "a"}},
                    "airflow": {"namespace": "jobs", "labels": {"team": "b"}, "pool": "p"},
                },
            )
        }
    )
    made = pods.dag(model)
    pod = pods.built(made, "t")

    assert pod.spec.containers[0].image == "other:2"
    assert pod.spec.node_selector == {"disk": "ssd"}
    assert pod.metadata.namespace == "jobs"
    assert pod.metadata.labels["team"] == "b"
    assert made.task_dict["t"].pool == "p"


def test_an_unknown_option_of_pods_is_refused(pods):
    model = DAG({"t": Task("m:f", runtime_options={"kubernetes": {"disk": "ssd"}})})

    with pytest.raises(CapabilityError, match=r"runtime_options\['kubernetes'\] has no 'disk'"):
        pods.dag(model)


def test_every_option_of_pods_is_an_argument_of_the_operator(home):
    from inspect import signature

    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

    from dagger_providers.airflow.options import POD, TASK

    known = set(signature(KubernetesPodOperator.__init__).parameters)
    later = {"durable", "log_events_on_startup"}  # not in all releases that may be installed
    assert set(POD) - {"store_secret"} - later <= known
    assert set(TASK).isdisjoint(POD)
    # The node command's, or no data.
    assert known - set(POD) == {
        "self", "kwargs", "image", "cmds", "arguments", "env_vars", "do_xcom_push", "secrets",
        "full_pod_spec", "pod_runtime_info_envs", "callbacks", "progress_callback",
        "log_formatter", "xcom_sidecar_container_security_context", "is_delete_operator_pod",
    }  # fmt: skip


def test_the_code_root_is_the_images_own(pods, flows):
    given = pods.built(pods.dag(flows.chain, code_root="/app"), "double-1")

    assert given.spec.containers[0].args[-2:] == ["--code-root", "/app"]


@pytest.fixture
def cluster(flows):
    """A Kubernetes API whose pods are processes that find the flows as an image would."""
    folder = flows.__file__.rpartition("/")[0]
    environment = {"PYTHONPATH": ":".join([folder, *sys.path]), "PATH": "/usr/bin:/bin"}
    with _fake.FakeKubernetes(environment) as cluster:
        yield cluster


@pytest.fixture
def in_pods(run, cluster, tmp_path):
    """Run a pipeline by `dag.test()`, its tasks being pods."""
    access = {
        "config_file": cluster.kubeconfig(tmp_path),
        "in_cluster": False,
        "kubernetes_conn_id": None,
        "namespace": "jobs",
    }
    options = {"launcher": "kubernetes", "image": IMAGE, "default_args": access}
    return lambda name, **given: run(name, options, **given)


def test_pods_give_what_the_plain_call_gives(in_pods, flows, cluster):
    done = in_pods("mapped", n=2)

    assert done.run.state == "success"
    assert done.value == flows.mapped(n=2)
    assert done.executions == done.planned
    assert len(cluster.created) == len(cluster.deleted) == len(done.planned)
    assert {pod["metadata"]["namespace"] for pod in cluster.created} == {"jobs"}


def test_a_loop_over_nothing_runs_its_reducer_in_a_pod(in_pods):
    done = in_pods("mapped", n=0)

    assert (done.value, done.skipped) == (0, {"double"})


def test_a_failure_in_a_pod_is_final_and_told(in_pods, tmp_path):
    log = tmp_path / "tries"
    done = in_pods("failing", log=str(log), n=2)

    assert done.run.state == "failed"
    assert done.error == "always-fails[1] failed: ValueError: no 1 please"
    assert sorted(log.read_text().split()) == ["0", "1", "1", "1"]


def test_a_pod_that_was_killed_is_tried_again(in_pods, tmp_path):
    done = in_pods("crashing", marker=str(tmp_path / "marker"))

    assert done.run.state == "success"


def test_parts_of_the_pod_are_written_as_in_manifests(pods):
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    mount = {"name": "data", "mountPath": "/data"}
    limits = {"limits": {"nvidia.com/gpu": "1"}}
    options = {
        "kubernetes": {"volumes": [claim], "volume_mounts": [mount]},
        "airflow": {
            "env_from": [{"secretRef": {"name": "s"}}], "container_resources": limits,
            "deferrable": True, "priority_weight": 3,
        },
    }  # fmt: skip
    made = pods.dag(DAG({"t": Task("m:f", runtime_options=options)}))
    pod = pods.built(made, "t")
    (container,) = pod.spec.containers

    assert pod.spec.volumes[0].persistent_volume_claim.claim_name == "data"
    assert container.volume_mounts[0].mount_path == "/data"
    assert container.env_from[0].secret_ref.name == "s"
    assert container.resources.limits == {"nvidia.com/gpu": "1"}
    assert made.task_dict["t"].deferrable


def test_default_args_go_before_the_operators_own_defaults(pods, flows):
    given = {"startup_check_interval_seconds": 7, "log_pod_spec_on_failure": True}
    operator = pods.dag(flows.chain, default_args=given).task_dict["double-1"]

    assert operator.startup_check_interval_seconds == 7
    assert operator.log_pod_spec_on_failure
    assert not getattr(operator, "log_events_on_startup", False)


def test_a_dag_of_pods_is_as_short_as_one_written_by_hand(pods, flows, serialization):
    import json

    from airflow import sdk
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

    def size(dag):
        return len(json.dumps(serialization.to_dict(dag)["dag"]["tasks"]))

    with sdk.DAG("by_hand", schedule=None, default_args={"retries": 2}) as by_hand:
        first, second = (
            KubernetesPodOperator(
                task_id=f"double-{n}", image=IMAGE, cmds=["python", "-m", "app"],
                arguments=["--store", pods.store, "--run-id", "{{ run_id }}", "--name", f"d{n}"],
                env_vars={"A": "1", "B": "2"},
            )
            for n in (1, 2)
        )  # fmt: skip
        first >> second

    assert size(pods.dag(flows.chain)) <= 1.2 * size(by_hand)
