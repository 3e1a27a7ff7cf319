"""Write a pipeline once in plain Python; run it here, on Airflow, on Kubeflow Pipelines."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagger_providers.dsl import dag, task
    from dagger_providers.dsl.artifacts import artifact
    from dagger_providers.dsl.composers import loop, switch
    from dagger_providers.dsl.documents import read_document
    from dagger_providers.errors import DaggerProvidersError, RunFailed
    from dagger_providers.model import (
        DAG,
        ForEach,
        FromArtifact,
        FromItem,
        FromKey,
        FromList,
        FromNodeOutput,
        FromParam,
        FromProperty,
        FromRecord,
        FromReturnValue,
        FromValue,
        Loop,
        Options,
        Resources,
        Task,
    )

__version__ = "0.1.0"

__all__ = [
    "DAG",
    "DaggerProvidersError",
    "ForEach",
    "FromArtifact",
    "FromItem",
    "FromKey",
    "FromList",
    "FromNodeOutput",
    "FromParam",
    "FromProperty",
    "FromRecord",
    "FromReturnValue",
    "FromValue",
    "Loop",
    "Options",
    "Resources",
    "RunFailed",
    "Task",
    "artifact",
    "dag",
    "loop",
    "read_document",
    "switch",
    "task",
]

_HOMES = {
    "artifact": "dsl.artifacts",
    "dag": "dsl",
    "loop": "dsl.composers",
    "read_document": "dsl.documents",
    "switch": "dsl.composers",
    "task": "dsl",
    "DaggerProvidersError": "errors",
    "RunFailed": "errors",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that a container loads what it needs."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'model')}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names, also those not imported yet."""
    return sorted(__all__)
