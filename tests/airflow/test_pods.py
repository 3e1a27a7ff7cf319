"""The pods of the launcher `kubernetes`: built and checked field by field; no cluster."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from dagger_providers import DAG, Options, Task
from dagger_providers.card import dumps
from dagger_providers.card.functions import load_file
from dagger_providers.errors import CapabilityError, UsageError
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

    assert fields & {"arguments", "cmds", "container_resources"} == set()
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
    later = {  # not in all releases that may be installed
        "container_name_log_prefix_enabled", "durable", "log_events_on_startup", "log_formatter",
        "on_kill_action", "runtime_class_name", "trigger_kwargs",
    }  # fmt: skip
    assert set(POD) - {"store_secret"} - later <= known
    assert set(TASK).isdisjoint(POD)
    # The node command's, an option of tasks, or gone for long.
    ours = {"xcom_sidecar_container_security_context"}  # not in all releases either
    assert known - set(POD) - ours == {
        "self", "kwargs", "image", "cmds", "arguments", "do_xcom_push", "is_delete_operator_pod",
    }  # fmt: skip


@pytest.fixture
def operator(pods, flows):
    """Make the operator of a task by hand, with arguments of its own."""
    from airflow import sdk

    from dagger_providers.airflow import DaggerPodOperator

    node = pods.dag(flows.environment).task_dict["surroundings"].node

    def operator(default_args=None, **given):
        with sdk.DAG("d", schedule=None, default_args=default_args or {}):
            return DaggerPodOperator(
                task_id="t", node=node, store=pods.store, image=IMAGE, namespace="jobs", **given
            )

    return operator


def _environment(operator):
    (container,) = operator.build_pod_request_obj().spec.containers
    return [(one.name, one.value) for one in container.env]


OURS = [("PYTHONUNBUFFERED", "1"), ("GREETING", "hello {{ ds }}"), ("PYTHONHASHSEED", "0")]


@pytest.mark.parametrize("as_default", [False, True])
def test_variables_stand_beside_the_tasks_own(operator, as_default):
    from kubernetes.client import models as k8s

    plain = {"A": "1", "PYTHONHASHSEED": "7"}
    parts = [k8s.V1EnvVar("A", "1"), {"name": "PYTHONHASHSEED", "value": "7"}]
    for given in (plain, parts):
        arguments = {"env_vars": given}
        made = operator(default_args=arguments) if as_default else operator(**arguments)

        assert _environment(made) == [("A", "1"), *OURS]
        assert _environment(made) == [("A", "1"), *OURS]


def test_a_variable_may_be_a_field_of_the_pod(operator):
    field = {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}
    made = operator(env_vars=[field], pod_runtime_info_envs=[{**field, "name": "HOST_IP"}])
    (container,) = made.build_pod_request_obj().spec.containers
    found = {
        one.name: one.value_from.field_ref.field_path for one in container.env if not one.value
    }

    assert found == {"IP": "status.podIP", "HOST_IP": "status.podIP"}


def test_variables_are_templates_and_the_tasks_own_are_none(pods, flows):
    asked = {"surroundings": {"env_vars": {"DAY": "{{ run_id }}"}}}
    made = pods.dag(flows.environment, task_args=asked)
    operator = made.task_dict["surroundings"]
    context = pods.context(made, operator)
    operator.render_template_fields(context)
    pod = operator.build_pod_request_obj(context)
    found = {one.name: one.value for one in pod.spec.containers[0].env}

    assert (found["DAY"], found["GREETING"]) == ("r+1", "hello {{ ds }}")


@pytest.mark.parametrize(
    ("given", "requests", "limits"),
    [
        (
            {"limits": {"nvidia.com/gpu": "1"}},
            {"cpu": "500m", "memory": "1Gi"},
            {"cpu": "500m", "memory": "1Gi", "nvidia.com/gpu": "1"},
        ),
        (
            {"requests": {"memory": "2Gi"}},
            {"cpu": "500m", "memory": "2Gi"},
            {"cpu": "500m"},
        ),
    ],
)
def test_resources_stand_beside_the_tasks_own(operator, given, requests, limits):
    from kubernetes.client import models as k8s

    for one in (given, k8s.V1ResourceRequirements(**given)):
        for made in (
            operator(container_resources=one),
            operator(default_args={"container_resources": one}),
        ):
            (container,) = made.build_pod_request_obj().spec.containers
            assert (container.resources.requests, container.resources.limits) == (requests, limits)


@pytest.mark.parametrize("name", ["cmds", "arguments"])
def test_the_node_command_is_not_the_callers(operator, name):
    with pytest.raises(UsageError) as refused:
        operator(**{name: ["python"]})

    assert str(refused.value) == (
        f"task 't' is given {name}, but the node command is ours; what has to run before it can be "
        "one of init_containers"
    )


def test_what_a_release_of_the_provider_does_not_know_is_told(operator, monkeypatch):
    from dagger_providers.airflow.operators import pod

    known = {name: one for name, one in pod._KNOWN.items() if name != "durable"}
    monkeypatch.setattr(pod, "_KNOWN", known)

    with pytest.raises(UsageError, match="task 't' is given durable, which the KubernetesPodOpera"):
        operator(durable=False)


@pytest.mark.parametrize("name", ["do_xcom_push", "xcom_sidecar_container_security_context"])
def test_there_is_no_sidecar_to_ask_for(operator, name):
    with pytest.raises(UsageError, match=f"task 't' is given {name}, but values travel through th"):
        operator(**{name: None})


def test_default_args_of_a_dag_may_hold_what_is_ours_here(operator):
    shared = {"do_xcom_push": False, "cmds": ["bash"], "arguments": ["x"]}
    (container,) = operator(shared).build_pod_request_obj().spec.containers

    assert container.command == ["python", "-m", "dagger_providers", "run-node"]


def test_parts_may_be_data_and_objects(operator):
    from kubernetes.client import models as k8s

    volumes = [
        k8s.V1Volume(name="a", empty_dir={}),
        {"name": "b", "emptyDir": {"medium": "Memory"}},
    ]
    mounts = [{"name": "a", "mountPath": "/a"}, k8s.V1VolumeMount(name="b", mount_path="/b")]
    pod = operator(volumes=volumes, volume_mounts=mounts).build_pod_request_obj()
    (container,) = pod.spec.containers

    assert [one.name for one in pod.spec.volumes] == ["a", "b"]
    assert pod.spec.volumes[1].empty_dir.medium == "Memory"
    assert [one.mount_path for one in container.volume_mounts] == ["/a", "/b"]


def test_parts_in_default_args_may_be_data(operator):
    shared = {"volumes": [{"name": "a", "emptyDir": {}}], "security_context": {"runAsUser": 7}}
    pod = operator(default_args=shared).build_pod_request_obj()

    assert pod.spec.volumes[0].name == "a"
    assert pod.spec.security_context.run_as_user == 7


SPEC = {
    "automount_service_account_token": (False, "automountServiceAccountToken"),
    "container_security_context": ({"runAsUser": 7}, "containers/securityContext"),
    "dns_config": ({"nameservers": ["1.1.1.1"]}, "dnsConfig"),
    "dnspolicy": ("Default", "dnsPolicy"),
    "host_aliases": ([{"ip": "10.0.0.1", "hostnames": ["a"]}], "hostAliases"),
    "hostname": ("h", "hostname"),
    "hostnetwork": (True, "hostNetwork"),
    "image_pull_policy": ("Always", "containers/imagePullPolicy"),
    "image_pull_secrets": ([{"name": "registry"}], "imagePullSecrets"),
    "init_containers": ([{"name": "first", "image": "i", "command": ["x"]}], "initContainers"),
    "ports": ([{"containerPort": 80}], "containers/ports"),
    "priority_class_name": ("high", "priorityClassName"),
    "runtime_class_name": ("gvisor", "runtimeClassName"),
    "schedulername": ("volcano", "schedulerName"),
    "security_context": ({"fsGroup": 7}, "securityContext"),
    "service_account_name": ("runner", "serviceAccountName"),
    "subdomain": ("s", "subdomain"),
    "termination_grace_period": (7, "terminationGracePeriodSeconds"),
    "tolerations": ([{"key": "k", "operator": "Exists"}], "tolerations"),
    "active_deadline_seconds": (60, "activeDeadlineSeconds"),
    "volumes": ([{"name": "v", "emptyDir": {}}], "volumes"),
}


@pytest.mark.parametrize("name", SPEC)
def test_a_part_of_the_pod_is_said_for_all_targets_with_pods(pods, name):
    from importlib.metadata import version

    from kubernetes.client import ApiClient

    release = tuple(map(int, version("apache-airflow-providers-cncf-kubernetes").split(".")[:2]))
    if release < (10, 16) and name in {"runtime_class_name", "termination_grace_period"}:
        pytest.skip("this release of the provider does not put it into the pod")

    value, path = SPEC[name]
    model = DAG({"t": Task("m:f", runtime_options={"kubernetes": {name: value}})})
    found = ApiClient().sanitize_for_serialization(pods.built(pods.dag(model), "t"))["spec"]
    for key in path.split("/"):
        found = found[0][key] if isinstance(found, list) else found[key]

    assert found == value


TEMPLATE = {
    "metadata": {"labels": {"from": "template"}},
    "spec": {
        "containers": [{"name": "base", "image": "x"}, {"name": "proxy", "image": "proxy:1"}],
        "nodeSelector": {"disk": "ssd"},
    },
}


@pytest.mark.parametrize("name", ["full_pod_spec", "pod_template_dict"])
def test_a_whole_pod_may_be_beneath(pods, name):
    model = DAG({"t": Task("m:f", runtime_options={"kubernetes": {name: TEMPLATE}})})
    pod = pods.built(pods.dag(model), "t")

    assert [one.image for one in pod.spec.containers] == [IMAGE, "proxy:1"]
    assert pod.spec.node_selector == {"disk": "ssd"}
    assert pod.metadata.labels["from"] == "template"


def test_secrets_and_config_maps_are_said_as_data(pods):
    secret = {"deploy_type": "env", "deploy_target": "KEY", "secret": "s", "key": "k"}
    asked = {"kubernetes": {"secrets": [secret], "configmaps": ["settings"], "namespace": "jobs"}}
    pod = pods.built(pods.dag(DAG({"t": Task("m:f", runtime_options=asked)})), "t")
    (container,) = pod.spec.containers
    (variable,) = [one for one in container.env if one.value_from]

    assert (variable.name, variable.value_from.secret_key_ref.name) == ("KEY", "s")
    assert container.env_from[0].config_map_ref.name == "settings"
    assert pod.metadata.namespace == "jobs"


def test_task_args_take_objects_of_pods(pods, flows):
    from airflow.providers.cncf.kubernetes.callbacks import KubernetesPodOperatorCallback
    from airflow.providers.cncf.kubernetes.secret import Secret
    from kubernetes.client import models as k8s

    spec = k8s.V1Pod(spec=k8s.V1PodSpec(containers=[], node_selector={"disk": "ssd"}))
    given = {
        "secrets": [Secret("env", None, "s")],
        "full_pod_spec": spec,
        "callbacks": KubernetesPodOperatorCallback,
        "progress_callback": print,
        "env_vars": [k8s.V1EnvVar("A", "1")],
        "volumes": [k8s.V1Volume(name="a", empty_dir={})],
        "executor_config": {"pod_override": spec},
    }
    made = pods.dag(flows.chain, task_args={"double-1": given})
    pod = pods.built(made, "double-1")

    assert pod.spec.containers[0].env_from[0].secret_ref.name == "s"
    assert pod.spec.node_selector == {"disk": "ssd"}
    assert made.task_dict["double-1"].callbacks == [KubernetesPodOperatorCallback]
    assert made.task_dict["double-1"]._progress_callback is print


CALLBACK = "airflow.providers.cncf.kubernetes.callbacks:KubernetesPodOperatorCallback"


def _at(reference):
    from importlib import import_module

    module, name = reference.split(":")
    return getattr(import_module(module), name)


def test_what_is_done_with_a_pod_may_be_named(pods, flows):
    asked = {"callbacks": CALLBACK, "progress_callback": "airflow_flows:note"}
    made = pods.dag(flows.chain, task_args={"double-1": asked}).task_dict["double-1"]

    assert [one.__name__ for one in made.callbacks] == ["KubernetesPodOperatorCallback"]
    assert made._progress_callback.__name__ == "note"


@pytest.mark.parametrize("by", ["name", "object"])
def test_what_is_done_with_all_pods_may_be_said_once(pods, flows, by):
    asked = {"callbacks": CALLBACK, "progress_callback": "airflow_flows:note"}
    if by == "object":
        asked = {name: _at(one) for name, one in asked.items()}
    made = pods.dag(flows.mapped, default_args={**asked, "log_formatter": None})
    operator = made.task_dict["double"].unmap({"index": "0"})

    assert [one.__name__ for one in operator.callbacks] == ["KubernetesPodOperatorCallback"]
    assert operator._progress_callback.__name__ == "note"


def test_a_pipeline_may_say_what_is_done_with_all_its_pods(pods):
    shared = {"callbacks": CALLBACK, "progress_callback": "airflow_flows:note"}
    options = {"airflow": {"default_args": shared}}
    made = pods.dag(DAG({"t": Task("m:f")}, runtime_options=options)).task_dict["t"]

    assert [one.__name__ for one in made.callbacks] == ["KubernetesPodOperatorCallback"]
    assert made._progress_callback.__name__ == "note"


def test_a_mapped_pod_has_its_arguments(pods, flows):
    asked = {"double": {"env_vars": {"A": "1"}, "container_resources": {"limits": {"gpu": "1"}}}}
    shared = {"do_xcom_push": False, "volumes": [{"name": "v", "emptyDir": {}}]}
    made = pods.dag(flows.mapped, task_args=asked, default_args=shared)
    mapped = made.task_dict["double"].unmap({"index": "0"})

    assert ("A", "1") in _environment(mapped)
    assert mapped.container_resources.limits == {"gpu": "1"}
    assert mapped.volumes[0].name == "v"


def test_a_dag_with_objects_of_pods_is_serialized(pods, flows, serialization):
    from kubernetes.client import models as k8s

    given = {"env_vars": [k8s.V1EnvVar("A", "{{ ds }}")], "volumes": [k8s.V1Volume(name="a")]}
    made = pods.dag(flows.chain, task_args={"double-1": given})

    assert serialization.from_dict(serialization.to_dict(made)).task_dict["double-1"].env_vars


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
