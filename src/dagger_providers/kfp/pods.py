"""What a pod of KFP may be asked to have.

The names of options are those of pods where any target with pods takes them, under
``runtime_options["kubernetes"]``, and those of the functions of ``kfp.kubernetes`` else.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from dagger_providers.kfp.affinity import Affinity
from dagger_providers.kfp.strict import Positive, Strict, Text
from dagger_providers.kfp.volumes import EphemeralVolume, Mount, SharedMemory, Volume


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
    annotations: dict[str, str] = Field({})
    image_pull_policy: Literal["", "Always", "IfNotPresent", "Never"] = ""
    image_pull_secrets: list[Reference] = Field([])
    labels: dict[str, str] = Field({})
    node_selector: dict[str, str] = Field({})
    tolerations: list[Toleration] = Field([])
    volume_mounts: list[Mount] = Field([])
    volumes: list[Volume] = Field([])

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
    config_map_as_env: list[ConfigMapAsEnv] = Field([])
    ephemeral_volumes: list[EphemeralVolume] = Field([])
    field_path_as_env: dict[str, str] = Field({})
    secret_as_env: list[SecretAsEnv] = Field([])
    security_context: SecurityContext = SecurityContext()
    shared_memory: SharedMemory | None = None
