"""Compare a compiled workflow with what Kubernetes keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from dagger_providers.argo import capabilities as rules
from dagger_providers.argo.emit import document
from dagger_providers.argo.refusals import refusals
from dagger_providers.model import DAG
from dagger_providers.planning import Plan
from dagger_providers.planning.capabilities import Deployment, Refusal
from dagger_providers.planning.manifests import ANYWHERE

LARGEST = 2**20
"""Bytes of an object of Kubernetes (argo-workflows docs/offloading-large-workflows.md)."""


def check(dag: DAG, lowered: Plan, to: Deployment) -> Iterator[Refusal]:
    """Yield all that Argo cannot do with a pipeline."""
    found = list(refusals(dag, lowered, to))
    return chain(found, () if found else size_refusals(dag, document(dag, lowered, ANYWHERE)))


def size_refusals(dag: DAG, made: Mapping[str, Any]) -> Iterator[Refusal]:
    """Yield that a compiled workflow is too large."""
    size = len(json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode())
    if size > LARGEST:
        yield rules.WORKFLOW_SIZE.at(
            f"pipeline {dag.name!r}",
            f"pipeline {dag.name!r} compiles to {size} bytes of JSON, and Argo keeps a workflow in "
            f"one Kubernetes object of at most {LARGEST}",
        )
