"""The rules of hooks: tasks that run when a pipeline is over, and get the record of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dagger_providers.errors import ModelError
from dagger_providers.model.values import FromRecord

if TYPE_CHECKING:
    from dagger_providers.model.nodes import DAG, Task

HOOKS = ("on_success", "on_failure", "on_exit")
"""The fields of a DAG that hold hooks, in the order in which these run."""


def hooks_of(dag: DAG) -> Iterator[tuple[str, Task]]:
    """Yield a pipeline's hooks, with their names."""
    for name in HOOKS:
        hook: Task | None = getattr(dag, name)
        if hook is not None:
            yield name, hook


def check_hooks(dag: DAG) -> None:
    """Check that hooks are tasks that read the record and nothing else, on their own.

    Raises:
        ModelError: One is not, or a node has the name of a hook.
    """
    for name, hook in hooks_of(dag):
        place = f"pipeline {dag.name!r}, hook {name}"
        if [type(source) for source in hook.inputs.values()] != [FromRecord]:
            raise ModelError(f"{place}: it has one input, FromRecord()")
        if hook.within or hook.after or hook.outputs:
            raise ModelError(f"{place}: it stands alone, without 'within', 'after' and outputs")
        for option in ("group", "allow_failure"):
            if getattr(hook.options, option):
                raise ModelError(f"{place} has the option {option}, which only nodes have")
        if name in dag.nodes:
            raise ModelError(f"{place}: a node is called {name!r} too; rename the node")
