"""What a pod of KFP may be asked to have, and the platform document that says it to KFP.

The names of options are those of pods where any target with pods takes them, under
``runtime_options["kubernetes"]``, and those of the functions of ``kfp.kubernetes`` else.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Positive = Annotated[int, Field(ge=1)]
Text = Annotated[str, Field(min_length=1)]


class Strict(BaseModel):
    """Options that are exactly what they are said to be."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SecretAsEnv(Strict):
    """Keys of a secret as environment variables.

    Attributes:
        secret_name: The secret.
        secret_key_to_env: The variable for each key.
        optional: Whether the secret may be missing.
    """

    secret_name: Text
    secret_key_to_env: dict[str, str]
    optional: bool = False


class ConfigMapAsEnv(Strict):
    """Keys of a config map as environment variables.

    Attributes:
        config_map_name: The config map.
        config_map_key_to_env: The variable for each key.
        optional: Whether the config map may be missing.
    """

    config_map_name: Text
    config_map_key_to_env: dict[str, str]
    optional: bool = False


class Secret(Strict):
    """A secret as a volume's source."""

    secret_name: Text = Field(alias="secretName")
    optional: bool = False


class ConfigMap(Strict):
    """A config map as a volume's source."""

    name: Text
    optional: bool = False


class Claim(Strict):
    """A persistent volume claim as a volume's source."""

    claim_name: Text = Field(alias="claimName")


class EmptyDir(Strict):
    """A folder that lives as long as the pod."""

    medium: Literal["", "Memory"] = ""
    size_limit: str = Field("", alias="sizeLimit")


class Volume(Strict):
    """A volume, as in a pod: of the kinds that KFP knows.

    Attributes:
        name: What mounts call it.
        secret: A secret, or
        config_map: a config map, or
        claim: a persistent volume claim, or
        empty_dir: a folder that lives as long as the pod.
    """

    name: Text
    secret: Secret | None = None
    config_map: ConfigMap | None = Field(None, alias="configMap")
    claim: Claim | None = Field(None, alias="persistentVolumeClaim")
    empty_dir: EmptyDir | None = Field(None, alias="emptyDir")

    @model_validator(mode="after")
    def _one_source(self) -> Volume:
        if len([s for s in (self.secret, self.config_map, self.claim, self.empty_dir) if s]) != 1:
            raise ValueError(
                f"volume {self.name!r} needs one of secret, configMap, persistentVolumeClaim and "
                "emptyDir"
            )
        return self


class Mount(Strict):
    """Where a volume is in the container, as in a pod."""

    name: Text
    mount_path: Text = Field(alias="mountPath")
    sub_path: str = Field("", alias="subPath")


class Toleration(Strict):
    """A toleration, as in a pod."""

    key: str = ""
    operator: Literal["Equal", "Exists"] = "Equal"
    value: str = ""
    effect: Literal["", "NoSchedule", "PreferNoSchedule", "NoExecute"] = ""
    toleration_seconds: int | None = Field(None, alias="tolerationSeconds")


class Reference(Strict):
    """Something of Kubernetes by its name."""

    name: Text


class SecurityContext(Strict):
    """As whom the container runs."""

    run_as_user: int | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None


class SharedMemory(Strict):
    """A volume in memory at ``/dev/shm``.

    Attributes:
        size: How large, as Kubernetes writes it; empty: half of the node's memory.
        volume_name: What it is called.
    """

    size: str = ""
    volume_name: Text = "shm"


class EphemeralVolume(Strict):
    """A volume that is made for the pod and deleted with it.

    Attributes:
        volume_name: What it is called.
        mount_path: Where it is in the container.
        access_modes: As in a claim: ``["ReadWriteOnce"]``.
        size: As in a claim: ``"5Gi"``.
        storage_class_name: The class; empty: the cluster's own.
    """

    volume_name: Text
    mount_path: Text
    access_modes: list[str]
    size: Text
    storage_class_name: str = ""


class Requirement(Strict):
    """What a label of a node, a pod or a namespace has to be."""

    key: Text
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]
    values: list[str] = []


class Labels(Strict):
    """Labels to select by, as in a pod."""

    labels: dict[str, str] = Field({}, alias="matchLabels")
    expressions: list[Requirement] = Field([], alias="matchExpressions")


class NodeTerm(Strict):
    """Nodes to choose, as in a pod."""

    expressions: list[Requirement] = Field([], alias="matchExpressions")
    fields: list[Requirement] = Field([], alias="matchFields")


class NodeTerms(Strict):
    """Nodes of which any will do."""

    terms: list[NodeTerm] = Field(alias="nodeSelectorTerms")


class PreferredNode(Strict):
    """Nodes to choose rather than others."""

    weight: Positive
    preference: NodeTerm


class NodeAffinity(Strict):
    """Nodes that a pod must or should run on."""

    required: NodeTerms | None = Field(None, alias="requiredDuringSchedulingIgnoredDuringExecution")
    preferred: list[PreferredNode] = Field(
        [], alias="preferredDuringSchedulingIgnoredDuringExecution"
    )


class PodTerm(Strict):
    """Pods to be near, or not."""

    topology_key: Text = Field(alias="topologyKey")
    pods: Labels = Field(Labels(), alias="labelSelector")
    namespaces: list[str] = []
    in_namespaces: Labels = Field(Labels(), alias="namespaceSelector")


class PreferredPod(Strict):
    """Pods to be near rather than others."""

    weight: Positive
    term: PodTerm = Field(alias="podAffinityTerm")


class PodAffinity(Strict):
    """Pods that a pod must or should be near."""

    required: list[PodTerm] = Field([], alias="requiredDuringSchedulingIgnoredDuringExecution")
    preferred: list[PreferredPod] = Field(
        [], alias="preferredDuringSchedulingIgnoredDuringExecution"
    )


class Affinity(Strict):
    """Where a pod must or should run, as in a pod."""

    node: NodeAffinity | None = Field(None, alias="nodeAffinity")
    pod: PodAffinity | None = Field(None, alias="podAffinity")
    anti: PodAffinity | None = Field(None, alias="podAntiAffinity")


class PodOptions(Strict):
    """What a pod has, of one task or of all.

    Attributes:
        affinity: As in a pod: ``nodeAffinity``, ``podAffinity``, ``podAntiAffinity``.
        annotations: Of the pod.
        image_pull_policy: When the image is pulled.
        image_pull_secrets: What it is pulled with, as in a pod: ``[{"name": ...}]``.
        labels: Of the pod.
        node_selector: Labels of the nodes that it may run on.
        tolerations: Taints of the nodes that it may run on all the same, as in a pod.
        volume_mounts: Where volumes are in the container, as in a pod.
        volumes: Secrets, config maps, claims and empty folders, as in a pod.
    """

    affinity: Affinity = Affinity()
    annotations: dict[str, str] = {}
    image_pull_policy: Literal["", "Always", "IfNotPresent", "Never"] = ""
    image_pull_secrets: list[Reference] = []
    labels: dict[str, str] = {}
    node_selector: dict[str, str] = {}
    tolerations: list[Toleration] = []
    volume_mounts: list[Mount] = []
    volumes: list[Volume] = []

    @model_validator(mode="after")
    def _mounted(self) -> PodOptions:
        known = [volume.name for volume in self.volumes]
        for mount in self.volume_mounts:
            if mount.name not in known:
                there = f"are: {', '.join(known)}" if known else "are none"
                raise ValueError(f"no volume is called {mount.name!r}; there {there}")
        for name in known:
            if name not in [mount.name for mount in self.volume_mounts]:
                raise ValueError(f"volume {name!r} is mounted nowhere: KFP has no such volumes")
        return self


class PlatformOptions(PodOptions):
    """What else KFP's platform document can say.

    Attributes:
        active_deadline_seconds: How long the pod may be active; a task's own ``timeout`` bounds a
            try, and is kept by the node command.
        config_map_as_env: Keys of config maps as environment variables.
        ephemeral_volumes: Volumes that are made for the pod.
        field_path_as_env: Environment variables that hold a field of the pod: its path by name.
        secret_as_env: Keys of secrets as environment variables.
        security_context: As whom the container runs.
        shared_memory: A volume in memory at ``/dev/shm``.
    """

    active_deadline_seconds: Positive | None = None
    config_map_as_env: list[ConfigMapAsEnv] = []
    ephemeral_volumes: list[EphemeralVolume] = []
    field_path_as_env: dict[str, str] = {}
    secret_as_env: list[SecretAsEnv] = []
    security_context: SecurityContext = SecurityContext()
    shared_memory: SharedMemory | None = None


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
