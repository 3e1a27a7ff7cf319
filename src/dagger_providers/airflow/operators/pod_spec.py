"""Parts of a pod as manifests write them, for an operator that takes the client's models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator

_OF_POD = {
    "dns_config": "dnsConfig",
    "host_aliases": "hostAliases",
    "init_containers": "initContainers",
    "volumes": "volumes",
}
_OF_CONTAINER = {
    "container_resources": "resources",
    "env_from": "envFrom",
    "ports": "ports",
    "volume_mounts": "volumeMounts",
}


def as_models(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments of `KubernetesPodOperator`, plain data among them as the client's models.

    It converts some of them itself (``affinity``, ``tolerations``) and refuses plain data in those
    above, which JSON cannot give otherwise.
    """
    plain = {name: value for name, value in given.items() if _is_plain(value)}
    spec = {key: plain[name] for name, key in _OF_POD.items() if name in plain}
    container = {key: plain[name] for name, key in _OF_CONTAINER.items() if name in plain}
    if not spec and not container:
        return dict(given)
    document = {"spec": {**spec, "containers": [{"name": "base", **container}]}}
    pod = PodGenerator.deserialize_model_dict(document)
    models = {"container_resources": pod.spec.containers[0].resources}
    models |= {name: getattr(pod.spec, name, None) for name in _OF_POD}
    models |= {
        n: getattr(pod.spec.containers[0], n) for n in ("env_from", "ports", "volume_mounts")
    }
    return {**given, **{name: model for name, model in models.items() if name in plain}}


def _is_plain(value: Any) -> bool:
    parts = value if isinstance(value, list) else [value]
    return bool(parts) and all(isinstance(part, Mapping) for part in parts)
