"""Parts of a pod as manifests write them, for an operator that takes the client's models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator
from airflow.providers.cncf.kubernetes.secret import Secret
from kubernetes.client import models as k8s

_OF_POD = {
    "dns_config": "dnsConfig",
    "host_aliases": "hostAliases",
    "image_pull_secrets": "imagePullSecrets",
    "init_containers": "initContainers",
    "security_context": "securityContext",
    "volumes": "volumes",
}
_OF_CONTAINER = {
    "container_resources": "resources",
    "container_security_context": "securityContext",
    "env_from": "envFrom",
    "ports": "ports",
    "volume_mounts": "volumeMounts",
}
_SECRET: Any = Secret  # is not typed
_VARIABLES = ("env_vars", "pod_runtime_info_envs")

PARTS = frozenset({*_OF_POD, *_OF_CONTAINER, *_VARIABLES, "full_pod_spec", "secrets"})
"""Arguments of `KubernetesPodOperator` that may be plain data here."""


def as_models(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments of `KubernetesPodOperator`, plain data among them as the client's models.

    It converts some of them itself (``affinity``, ``tolerations``) and refuses plain data in those
    of `PARTS`, which JSON cannot give otherwise. A list may hold both.
    """
    return {**given, **{n: _model(n, v) for n, v in given.items() if n in PARTS and _has_data(v)}}


def _has_data(value: Any) -> bool:
    parts = value if isinstance(value, list | tuple) else [value]
    return any(isinstance(part, Mapping) for part in parts)


def _model(name: str, value: Any) -> Any:
    if isinstance(value, list | tuple):
        plain = [part for part in value if isinstance(part, Mapping)]
        read = [_SECRET(**part) for part in plain] if name == "secrets" else _read(name, plain)
        models = iter(read)
        return [next(models) if isinstance(part, Mapping) else part for part in value]
    if name == "full_pod_spec":
        return PodGenerator.deserialize_model_dict(dict(value))
    # A mapping of texts is what the operator takes.
    return value if name in _VARIABLES else _read(name, value)


def _read(name: str, value: Any) -> Any:
    """Let the client read a part, or a list of them, in a pod that has nothing else."""
    key = _OF_CONTAINER.get(name, "env" if name in _VARIABLES else "")
    container = {"name": "base", **({key: value} if key else {})}
    spec = {"containers": [container], **({} if key else {_OF_POD[name]: value})}
    pod = PodGenerator.deserialize_model_dict({"spec": spec})
    found = pod.spec.containers[0] if key else pod.spec
    return getattr(found, _RENAMED.get(name, name))


_RENAMED = {
    "container_resources": "resources",
    "container_security_context": "security_context",
    "env_vars": "env",
    "pod_runtime_info_envs": "env",
}
"""What the client's models call an argument, where they do not call it so."""


def resources_of(asked: Mapping[str, str], given: Any) -> Any:
    """Return the resources of a container.

    Args:
        asked: What the task asks for, which is also its limit.
        given: What the operator was given, if anything; what it names counts.
    """
    if not asked or not isinstance(given, k8s.V1ResourceRequirements | None):
        return given
    if given is None:
        return k8s.V1ResourceRequirements(requests=dict(asked), limits=dict(asked))
    named = {*(given.requests or ()), *(given.limits or ())}
    rest = {name: amount for name, amount in asked.items() if name not in named}
    return k8s.V1ResourceRequirements(
        claims=given.claims,
        limits={**rest, **(given.limits or {})},
        requests={**rest, **(given.requests or {})},
    )


def variables_of(given: Any, ours: Mapping[str, str]) -> list[k8s.V1EnvVar]:
    """Return the variables of a container: those given, then ours, which count."""
    listed = given
    if isinstance(given, Mapping):
        listed = [k8s.V1EnvVar(name=name, value=value) for name, value in given.items()]
    theirs = [one for one in listed or () if one.name not in ours]
    return [*theirs, *(k8s.V1EnvVar(name=name, value=value) for name, value in ours.items())]
