"""Container images for pipelines: a Dockerfile, the files that go in, and what builds them.

An image serves every target whose tasks are containers; building needs one of `BUILDERS`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dagger_providers.images.builders import BUILDERS, Built, build
    from dagger_providers.images.context import default_tag, write_context
    from dagger_providers.images.recipes import Recipe, dockerfile, recipe

__all__ = [
    "BUILDERS",
    "Built",
    "Recipe",
    "build",
    "default_tag",
    "dockerfile",
    "recipe",
    "write_context",
]

_HOMES = {
    "BUILDERS": "builders",
    "Built": "builders",
    "Recipe": "recipes",
    "build": "builders",
    "default_tag": "context",
    "dockerfile": "recipes",
    "recipe": "recipes",
    "write_context": "context",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
