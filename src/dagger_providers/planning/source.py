"""What may be compiled: a decorated function or a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from dagger_providers.errors import UsageError
from dagger_providers.model import DAG

if TYPE_CHECKING:
    from dagger_providers.dsl.decorators import DagFunction

Pipeline: TypeAlias = "DAG | DagFunction[..., Any]"
"""A function decorated by `dagger_providers.dag`, or the model that it builds."""


def dag_of(pipeline: Pipeline) -> DAG:
    """Return the model of a pipeline, building it if need be.

    Raises:
        UsageError: It is something else.
    """
    if isinstance(pipeline, DAG):
        return pipeline
    build = getattr(pipeline, "build", None)
    if build is None:
        raise UsageError(f"expected a function decorated by @dag or a DAG, got {pipeline!r:.60}")
    dag: DAG = build()
    return dag
