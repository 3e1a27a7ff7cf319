"""Which nodes a pod of KFP may be asked to run on, and near which other pods."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dagger_providers.kfp.strict import Positive, Strict, Text


class Requirement(Strict):
    """What a label of a node, a pod or a namespace has to be."""

    key: Text
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]
    values: list[str] = Field([])


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
    namespaces: list[str] = Field([])
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
