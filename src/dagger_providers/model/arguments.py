"""Compare what a function or a pipeline takes with what it is given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dagger_providers.card.functions import LIVE_PREFIX, is_live
from dagger_providers.errors import ModelError, UsageError
from dagger_providers.model.names import check_name, listed

if TYPE_CHECKING:
    from dagger_providers.model.nodes import DAG, Task

NOT_CACHEABLE = (
    "has cache, and its function lives only in this process (a notebook's, or one inside another): "
    "without a file, nobody can tell whether its code changed; define it at the top level of a "
    "module or file"
)
"""What is said of a task, after its name, that asks for a cache in vain."""

_ARGUMENT = re.compile(r"(\*{0,2})(\w*)(=?)")


def check_task(task: Task) -> None:
    """Check names, that the inputs are the function's arguments, and that a cache can work.

    Raises:
        ModelError: An input is no argument, an argument without default has no input, or the task
            has ``cache`` and a function without a file.
    """
    for name in task.inputs:
        if not name.isidentifier():
            raise ModelError(f"task {task.function}: input {name!r} is no name of an argument")
    for name in task.outputs:
        check_name(name, f"task {task.function}: output")
    if task.signature:
        _check_arguments(task)
    if task.options.cache and is_live(task.function):
        raise ModelError(f"task {task.function.removeprefix(LIVE_PREFIX)} {NOT_CACHEABLE}")


def _check_arguments(task: Task) -> None:
    required, known, open_ended = _arguments(task.signature)
    unknown = [name for name in task.inputs if name not in known]
    if unknown and not open_ended:
        raise ModelError(
            f"task {task.function} has no argument {listed(unknown)}; its arguments are "
            f"{task.signature}"
        )
    missing = [name for name in required if name not in task.inputs]
    if missing:
        raise ModelError(
            f"task {task.function}: no input for argument {listed(missing)}; its arguments are "
            f"{task.signature}, its inputs: {listed(task.inputs)}"
        )


_parsed: dict[str, tuple[tuple[str, ...], frozenset[str], bool]] = {}


def _arguments(signature: str) -> tuple[tuple[str, ...], frozenset[str], bool]:
    """Read a signature's text: required names, all names, whether any name is taken."""
    found = _parsed.get(signature)
    if found is None:
        parts = [_ARGUMENT.fullmatch(p.strip()) for p in signature.strip("()").split(",")]
        named = [m.groups() for m in parts if m and m.group(2) and not m.group(1)]
        found = _parsed[signature] = (
            tuple(name for _, name, default in named if not default),
            frozenset(name for _, name, _ in named),
            any(m is not None and m.group(1) == "**" for m in parts),
        )
    return found


def check_parameters(dag: DAG, given: Mapping[str, object]) -> None:
    """Refuse values for parameters that do not exist, and the lack of required ones.

    Raises:
        UsageError: In one line: which, and what the pipeline has.
    """
    unknown = [name for name in given if name not in dag.inputs]
    if unknown:
        raise UsageError(
            f"pipeline {dag.name!r} has no parameter {listed(unknown)}; its parameters: "
            f"{listed(dag.inputs)}"
        )
    missing = [
        name
        for name, source in dag.inputs.items()
        if name not in given and getattr(source, "required", True)
    ]
    if missing:
        raise UsageError(
            f"pipeline {dag.name!r} needs parameter {listed(missing)}; given: {listed(given)}"
        )
