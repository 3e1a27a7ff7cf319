"""Argo Workflows: compile a pipeline to the YAML of a ``Workflow``, without any SDK."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagger_providers.argo.compiler import workflow
    from dagger_providers.argo.parameters import arguments

__all__ = ["arguments", "workflow"]

_HOMES = {"arguments": "parameters", "workflow": "compiler"}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
