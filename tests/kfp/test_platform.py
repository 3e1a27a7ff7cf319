"""What pods are asked to have: the same platform document as the SDK's `kfp.kubernetes` writes."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from google.protobuf import json_format
from kfp import compiler, components, dsl, kubernetes
from kfp.kubernetes import kubernetes_executor_config_pb2 as platform_pb2

from dagger_providers import dag, kfp, task
from dagger_providers.errors import CapabilityError

pytestmark = [
    pytest.mark.kfp,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]

PLACE = {"image": "flows:1", "store": "s3://bucket/runs"}
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
ON_SSD = [{"key": "disk", "operator": "In", "values": ["ssd", "nvme"]}]


def compiled(on_task: dict[str, Any], on_pipeline: dict[str, Any] | None = None) -> str:
    @task(runtime_options=on_task)
    def say(text: str) -> str:
        return text

    say.__qualname__ = say.__wrapped__.__qualname__ = "say"
    globals()["say"] = say

    @dag(runtime_options=on_pipeline or {})
    def flow(text: str = "a") -> str:
        return say(text)

    return kfp.compile(flow, **PLACE)


def executor(text: str) -> dict[str, Any]:
    _, document = yaml.safe_load_all(text)
    found: dict[str, Any] = document["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    (name,) = found
    assert name.startswith("exec-")
    return found[name]


def test_what_kfp_may_start_again_is_told_how_often_it_has() -> None:
    text = compiled({"kfp": {"infrastructure_retries": 2, "field_path_as_env": {"A": "spec.a"}}})
    spec, _ = yaml.safe_load_all(text)
    words = spec["deploymentSpec"]["executors"]["exec-say"]["container"]["args"]
    assert words[words.index("--started") + 1] == "DAGGER_STARTED"
    assert executor(text) == {
        "fieldPathAsEnv": [
            {"name": "A", "fieldPath": "spec.a"},
            {
                "name": "DAGGER_STARTED",
                "fieldPath": "metadata.annotations['workflows.argoproj.io/node-name']",
            },
        ]
    }


SAME = {
    "secret as env": (
        {"kfp": {"secret_as_env": [{"secret_name": "s3", "secret_key_to_env": {"key": "KEY"}}]}},
        lambda t: kubernetes.use_secret_as_env(t, "s3", {"key": "KEY"}),
    ),
    "secret as volume": (
        {
            "kubernetes": {
                "volumes": [{"name": "v", "secret": {"secretName": "s3", "optional": True}}],
                "volume_mounts": [{"name": "v", "mountPath": "/secret"}],
            }
        },
        lambda t: kubernetes.use_secret_as_volume(t, "s3", "/secret", optional=True),
    ),
    "config map as env": (
        {
            "kfp": {
                "config_map_as_env": [
                    {
                        "config_map_name": "conf",
                        "config_map_key_to_env": {"k": "V"},
                        "optional": True,
                    }
                ]
            }
        },
        lambda t: kubernetes.use_config_map_as_env(t, "conf", {"k": "V"}, optional=True),
    ),
    "config map as volume": (
        {
            "kubernetes": {
                "volumes": [{"name": "v", "configMap": {"name": "conf"}}],
                "volume_mounts": [{"name": "v", "mountPath": "/conf"}],
            }
        },
        lambda t: kubernetes.use_config_map_as_volume(t, "conf", "/conf"),
    ),
    "claim": (
        {
            "kubernetes": {
                "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}],
                "volume_mounts": [{"name": "v", "mountPath": "/data", "subPath": "in"}],
            }
        },
        lambda t: kubernetes.mount_pvc(t, "data", "/data", sub_path="in"),
    ),
    "empty folder": (
        {
            "kubernetes": {
                "volumes": [{"name": "v", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}}],
                "volume_mounts": [{"name": "v", "mountPath": "/tmp/x"}],
            }
        },
        lambda t: kubernetes.empty_dir_mount(t, "v", "/tmp/x", medium="Memory", size_limit="1Gi"),
    ),
    "ephemeral volume": (
        {
            "kfp": {
                "ephemeral_volumes": [
                    {
                        "volume_name": "v",
                        "mount_path": "/x",
                        "access_modes": ["ReadWriteOnce"],
                        "size": "5Gi",
                    }
                ]
            }
        },
        lambda t: kubernetes.add_ephemeral_volume(t, "v", "/x", ["ReadWriteOnce"], "5Gi"),
    ),
    "node selector": (
        {"kubernetes": {"node_selector": {"disk": "ssd", "zone": "a"}}},
        lambda t: kubernetes.add_node_selector(
            kubernetes.add_node_selector(t, "disk", "ssd"), "zone", "a"
        ),
    ),
    "tolerations": (
        {
            "kubernetes": {
                "tolerations": [
                    {"key": "g", "operator": "Exists", "tolerationSeconds": 0},
                    {"key": "a", "value": "b"},
                ]
            }
        },
        lambda t: kubernetes.add_toleration(
            kubernetes.add_toleration(t, "g", "Exists", toleration_seconds=0), "a", "Equal", "b"
        ),
    ),
    "node affinity": (
        {
            "kubernetes": {
                "affinity": {
                    "nodeAffinity": {
                        REQUIRED: {"nodeSelectorTerms": [{"matchExpressions": ON_SSD}]},
                        PREFERRED: [{"weight": 3, "preference": {"matchFields": ON_SSD}}],
                    }
                }
            }
        },
        lambda t: kubernetes.add_node_affinity(
            kubernetes.add_node_affinity(t, ON_SSD), match_fields=ON_SSD, weight=3
        ),
    ),
    "labels and annotations": (
        {"kubernetes": {"labels": {"team": "x"}, "annotations": {"note": "y"}}},
        lambda t: kubernetes.add_pod_annotation(
            kubernetes.add_pod_label(t, "team", "x"), "note", "y"
        ),
    ),
    "pulling": (
        {"kubernetes": {"image_pull_policy": "Always", "image_pull_secrets": [{"name": "reg"}]}},
        lambda t: kubernetes.set_image_pull_policy(
            kubernetes.set_image_pull_secrets(t, ["reg"]), "Always"
        ),
    ),
    "time": (
        {"kfp": {"active_deadline_seconds": 90}},
        lambda t: kubernetes.set_timeout(t, 90),
    ),
    "fields": (
        {"kfp": {"field_path_as_env": {"NAME": "metadata.name"}}},
        lambda t: kubernetes.use_field_path_as_env(t, "NAME", "metadata.name"),
    ),
    "user": (
        {"kfp": {"security_context": {"run_as_user": 0, "run_as_non_root": False}}},
        lambda t: kubernetes.set_security_context(t, run_as_user=0, run_as_non_root=False),
    ),
}  # fmt: skip

WITHOUT_THE_SDK = {
    "pod affinity": (
        {
            "kubernetes": {
                "affinity": {
                    "podAffinity": {
                        REQUIRED: [
                            {"topologyKey": "zone", "labelSelector": {"matchLabels": {"a": "b"}}}
                        ]
                    },
                    "podAntiAffinity": {
                        PREFERRED: [
                            {
                                "weight": 7,
                                "podAffinityTerm": {
                                    "topologyKey": "host",
                                    "labelSelector": {"matchExpressions": ON_SSD},
                                    "namespaces": ["n"],
                                },
                            }
                        ]
                    },
                }
            }
        },
        {
            "podAffinity": [
                {"matchPodLabels": {"a": "b"}, "topologyKey": "zone"},
                {
                    "matchPodExpressions": ON_SSD,
                    "topologyKey": "host",
                    "namespaces": ["n"],
                    "weight": 7,
                    "anti": True,
                },
            ]
        },
    ),
    "shared memory": (
        {"kfp": {"shared_memory": {"size": "2Gi"}}},
        {"enabledSharedMemory": {"volumeName": "shm", "size": "2Gi"}},
    ),
}  # fmt: skip
"""What the format has, and no function of the SDK writes."""


@pytest.mark.parametrize(("options", "expected"), WITHOUT_THE_SDK.values(), ids=WITHOUT_THE_SDK)
def test_the_format_takes_it(options: dict[str, Any], expected: dict[str, Any]) -> None:
    found = executor(compiled(options))

    json_format.ParseDict(found, platform_pb2.KubernetesExecutorConfig())
    assert found == expected


@pytest.mark.parametrize(("options", "by_sdk"), SAME.values(), ids=SAME)
def test_the_sdk_writes_the_same(options: dict[str, Any], by_sdk: Any, tmp_path: Any) -> None:
    @dsl.container_component
    def say():
        return dsl.ContainerSpec(image="i", command=["true"])

    @dsl.pipeline(name="flow")
    def flow():
        by_sdk(say())

    compiler.Compiler().compile(flow, str(tmp_path / "sdk.yaml"))

    ours, theirs = (
        json_format.ParseDict(executor(text), platform_pb2.KubernetesExecutorConfig())
        for text in (compiled(options), (tmp_path / "sdk.yaml").read_text())
    )
    assert ours == theirs


def test_a_tasks_own_options_come_on_top_of_the_pipelines() -> None:
    everywhere = {
        "kubernetes": {"labels": {"team": "x", "tier": "y"}, "image_pull_policy": "Always"},
        "kfp": {"parallelism": 2},
    }
    own = {"kfp": {"labels": {"tier": "z"}, "image_pull_policy": "Never", "display_name": "Say"}}

    found = executor(compiled(own, everywhere))

    assert found == {
        "imagePullPolicy": "Never",
        "podMetadata": {"labels": {"team": "x", "tier": "z"}},
    }


def test_what_a_task_and_its_pipeline_both_ask_for_is_there_once() -> None:
    keys = {"name": "keys", "secret": {"secretName": "keys"}}
    data = {"name": "data", "secret": {"secretName": "data"}}
    at_keys, at_data = ({"name": n, "mountPath": f"/{n}"} for n in ("keys", "data"))
    everywhere = {"kubernetes": {"volumes": [keys], "volume_mounts": [at_keys]}}
    own = {"kubernetes": {"volumes": [keys, data], "volume_mounts": [at_keys, at_data]}}

    mounted = executor(compiled(own, everywhere))["secretAsVolume"]

    assert [one["mountPath"] for one in mounted] == ["/keys", "/data"]


def test_the_sdk_loads_both_documents_and_writes_them_again(tmp_path: Any) -> None:
    text = compiled(SAME["claim"][0], SAME["tolerations"][0])
    (tmp_path / "ours.yaml").write_text(text)
    loaded = components.load_component_from_file(str(tmp_path / "ours.yaml"))

    compiler.Compiler().compile(loaded, str(tmp_path / "again.yaml"))

    assert executor((tmp_path / "again.yaml").read_text()) == executor(text)


def test_what_asks_for_nothing_has_one_document() -> None:
    assert "platforms" not in compiled({})


WRONG = [
    ({"kfp": {"retry": 1}}, "runtime_options['kfp'] has no 'retry'; known: accelerator_count, "),
    (
        {"kubernetes": {"display_name": "x"}},
        "runtime_options['kubernetes'] has no 'display_name'; ",
    ),
    ({"kubernetes": {"env_from": []}}, "KFP hands on single keys of secrets and config maps only"),
    ({"kubernetes": {"priority_class_name": "x"}}, "of which KFP's documents have nothing"),
    (
        {"kubernetes": {"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}},
        "runtime_options['kubernetes']: volumes.0 has no 'hostPath'",
    ),
    ({"kubernetes": {"volumes": [{"name": "v"}]}}, "volume 'v' needs one of secret, configMap, "),
    (
        {"kubernetes": {"volumes": [{"name": "v", "emptyDir": {}}]}},
        "volume 'v' is mounted nowhere",
    ),
    (
        {"kubernetes": {"volume_mounts": [{"name": "v", "mountPath": "/x"}]}},
        "no volume is called 'v'; there are none",
    ),
    (
        {"kubernetes": {"tolerations": [{"operator": "Is"}]}},
        "tolerations.0.operator: Input should be 'Equal' or 'Exists', got 'Is'",
    ),
    ({"kfp": {"active_deadline_seconds": 0}}, "Input should be greater than or equal to 1, got 0"),
]


@pytest.mark.parametrize(("options", "says"), WRONG, ids=[says for _, says in WRONG])
def test_what_is_wrong_is_told_in_one_line(options: dict[str, Any], says: str) -> None:
    with pytest.raises(CapabilityError) as caught:
        compiled(options)

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
