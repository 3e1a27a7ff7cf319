"""Kubeflow Pipelines v2: compile a pipeline to the YAML that KFP runs, and submit it.

Importing this package imports nothing of KFP, and compiling needs only its message definitions
(extra ``kfp``), never its SDK. Submitting needs the SDK (extra ``kfp-sdk``).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagger_providers.kfp.compiler import compile
    from dagger_providers.kfp.emit import pipeline_spec
    from dagger_providers.kfp.handwritten import as_component, component
    from dagger_providers.kfp.parameters import arguments
    from dagger_providers.kfp.submission import Scheduled, Submitted, schedule, submit, submitted

__all__ = [
    "Scheduled",
    "Submitted",
    "arguments",
    "as_component",
    "compile",
    "component",
    "pipeline_spec",
    "schedule",
    "submit",
    "submitted",
]

_HOMES = {
    "Scheduled": "submission",
    "Submitted": "submission",
    "arguments": "parameters",
    "as_component": "handwritten",
    "compile": "compiler",
    "component": "handwritten",
    "pipeline_spec": "emit",
    "schedule": "submission",
    "submit": "submission",
    "submitted": "submission",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
