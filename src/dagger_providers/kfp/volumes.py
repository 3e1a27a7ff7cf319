"""Volumes that a pod of KFP may be asked to have."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from dagger_providers.kfp.strict import Strict, Text


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
