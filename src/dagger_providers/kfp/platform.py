"""KFP's platform document: what pods are asked to have, as KFP reads it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from dagger_providers.kfp.affinity import Affinity, NodeAffinity, PodTerm
from dagger_providers.kfp.pods import (
    ConfigMapAsEnv,
    PlatformOptions,
    PodOptions,
    SecretAsEnv,
    Toleration,
)
from dagger_providers.kfp.volumes import EphemeralVolume


def executor_config(options: PlatformOptions) -> dict[str, Any]:
    """Return KFP's ``KubernetesExecutorConfig`` in JSON form; empty when nothing is asked for."""
    found = {
        "activeDeadlineSeconds": options.active_deadline_seconds
        and str(options.active_deadline_seconds),
        "configMapAsEnv": [_config_map_as_env(one) for one in options.config_map_as_env],
        "fieldPathAsEnv": [
            {"name": name, "fieldPath": path} for name, path in options.field_path_as_env.items()
        ],
        "genericEphemeralVolume": [_ephemeral(one) for one in options.ephemeral_volumes],
        "imagePullPolicy": options.image_pull_policy,
        "imagePullSecret": [_named("secretName", one.name) for one in options.image_pull_secrets],
        "nodeSelector": _filled(labels=options.node_selector),
        "podMetadata": _filled(labels=options.labels, annotations=options.annotations),
        "secretAsEnv": [_secret_as_env(one) for one in options.secret_as_env],
        "securityContext": _filled_but_none(
            runAsUser=_whole(options.security_context.run_as_user),
            runAsGroup=_whole(options.security_context.run_as_group),
            runAsNonRoot=options.security_context.run_as_non_root,
        ),
        "tolerations": [_toleration(one) for one in options.tolerations],
        **_affinity(options.affinity),
        **_volumes(options),
    }
    if options.shared_memory is not None:
        memory = options.shared_memory
        found["enabledSharedMemory"] = _filled(volumeName=memory.volume_name, size=memory.size)
    return _filled(**found)


def _filled(**values: Any) -> dict[str, Any]:
    """Return what is not empty."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _filled_but_none(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _whole(number: int | None) -> str | None:
    """Return an int64 as JSON has it."""
    return None if number is None else str(number)


def _named(field: str, name: str) -> dict[str, Any]:
    """Return a name twice: as backends read it before 2.15, and as later ones do."""
    return {field: name, f"{field}Parameter": {"runtimeValue": {"constant": name}}}


def _secret_as_env(one: SecretAsEnv) -> dict[str, Any]:
    pairs = [{"secretKey": key, "envVar": name} for key, name in one.secret_key_to_env.items()]
    return {**_named("secretName", one.secret_name), "keyToEnv": pairs, "optional": one.optional}


def _config_map_as_env(one: ConfigMapAsEnv) -> dict[str, Any]:
    pairs = [
        {"configMapKey": key, "envVar": name} for key, name in one.config_map_key_to_env.items()
    ]
    named = _named("configMapName", one.config_map_name)
    return {**named, "keyToEnv": pairs, "optional": one.optional}


def _ephemeral(one: EphemeralVolume) -> dict[str, Any]:
    return _filled(
        volumeName=one.volume_name,
        mountPath=one.mount_path,
        accessModes=one.access_modes,
        size=one.size,
        storageClassName=one.storage_class_name,
        defaultStorageClass=not one.storage_class_name or None,
    )


def _toleration(one: Toleration) -> dict[str, Any]:
    found = _filled(key=one.key, operator=one.operator, value=one.value, effect=one.effect)
    seconds = one.toleration_seconds
    return found if seconds is None else {**found, "tolerationSeconds": str(seconds)}


def _volumes(options: PodOptions) -> dict[str, list[dict[str, Any]]]:
    volumes = {volume.name: volume for volume in options.volumes}
    found: dict[str, list[dict[str, Any]]] = {
        "configMapAsVolume": [], "emptyDirMounts": [], "pvcMount": [], "secretAsVolume": []
    }  # fmt: skip
    for mount in options.volume_mounts:
        volume, path = volumes[mount.name], mount.mount_path
        if volume.secret:
            named = _named("secretName", volume.secret.secret_name)
            optional = volume.secret.optional
            found["secretAsVolume"].append({**named, "mountPath": path, "optional": optional})
        elif volume.config_map:
            named = _named("configMapName", volume.config_map.name)
            optional = volume.config_map.optional
            found["configMapAsVolume"].append({**named, "mountPath": path, "optional": optional})
        elif volume.claim:
            claim = volume.claim.claim_name
            parameter = {"runtimeValue": {"constant": claim}}
            made = {"constant": claim, "pvcNameParameter": parameter, "mountPath": path}
            found["pvcMount"].append({**made, **_filled(subPath=mount.sub_path)})
        elif volume.empty_dir:
            made = {"volumeName": volume.name, "mountPath": path}
            kind = volume.empty_dir
            found["emptyDirMounts"].append(
                {**made, **_filled(medium=kind.medium, sizeLimit=kind.size_limit)}
            )
    return found


def _affinity(asked: Affinity) -> dict[str, list[dict[str, Any]]]:
    nodes = asked.node or NodeAffinity()
    required = nodes.required.terms if nodes.required else []
    terms = [_plain(term) for term in required]
    terms += [{**_plain(one.preference), "weight": one.weight} for one in nodes.preferred]
    pods: list[dict[str, Any]] = []
    for side, anti in ((asked.pod, False), (asked.anti, True)):
        for term in side.required if side else []:
            pods.append(_pod_term(term, anti))
        for one in side.preferred if side else []:
            pods.append({**_pod_term(one.term, anti), "weight": one.weight})
    return {"nodeAffinity": terms, "podAffinity": pods}


def _plain(part: BaseModel) -> dict[str, Any]:
    return part.model_dump(by_alias=True, exclude_defaults=True)


def _pod_term(term: PodTerm, anti: bool) -> dict[str, Any]:
    return _filled(
        matchPodExpressions=[_plain(one) for one in term.pods.expressions],
        matchPodLabels=term.pods.labels,
        topologyKey=term.topology_key,
        namespaces=term.namespaces,
        matchNamespaceExpressions=[_plain(one) for one in term.in_namespaces.expressions],
        matchNamespaceLabels=term.in_namespaces.labels,
        anti=anti or None,
    )
