"""The options given to a task's decorator and to its calls."""

from __future__ import annotations

from typing import Any

from dagger_providers.card.functions import (
    is_live,
    plain_function,
    reference_of,
    required_names,
    signature_text,
)
from dagger_providers.dsl.decorators import Recordable, TaskFunction
from dagger_providers.errors import BuildError, ModelError
from dagger_providers.model import Options
from dagger_providers.model.arguments import NOT_CACHEABLE
from dagger_providers.model.frozen import EMPTY
from dagger_providers.model.options import DEFAULT_OPTIONS, check_runtime_options


def stand_in_of(function: Recordable[..., Any]) -> str:
    """Return the reference of the function that stands in for a task that fails; empty: none.

    Raises:
        BuildError: It needs arguments that the task does not have.
    """
    stand_in = function.settings.get("on_failure")
    if stand_in is None:
        return ""
    place = f"task {function.__name__!r}: on_failure"
    if not callable(stand_in) or not hasattr(plain_function(stand_in), "__code__"):
        raise BuildError(f"{place} takes a function, not {stand_in!r:.80}")
    lacking = [n for n in required_names(stand_in) if n not in {*function.names, "error"}]
    if lacking:
        raise BuildError(
            f"{place} gets the task's arguments ({', '.join(function.names)}) and 'error', and "
            f"{stand_in.__name__!r} needs {', '.join(lacking)}: give that a default"
        )
    return reference_of(stand_in)


def hook_of(function: Recordable[..., Any], name: str) -> TaskFunction[..., Any] | None:
    """Return a hook of a pipeline, as the task that it is.

    Raises:
        BuildError: It is no task and no function, or cannot be called with the record alone.
    """
    hook = function.settings.get(name)
    if hook is None:
        return None
    place = f"pipeline {function.__name__!r}: {name}"
    if not isinstance(hook, TaskFunction):
        if isinstance(hook, Recordable) or not hasattr(hook, "__code__"):
            raise BuildError(f"{place} takes a task or a function, not {hook!r:.80}")
        hook = TaskFunction(hook, {})
    required = required_names(hook)
    if len(required) > 1 or not hook.names or not {hook.names[0]}.issuperset(required):
        raise BuildError(
            f"{place} gets one argument, the run's record, and {hook.__name__!r} takes "
            f"{signature_text(hook)}"
        )
    return hook


_NAMES = frozenset(Options.model_fields)


def options_of(function: Recordable[..., Any]) -> tuple[Options, Any]:
    """Return a task's options, and those of one runtime.

    Raises:
        ModelError: One is not valid; the message names the task.
        BuildError: It has ``cache``, and its function has no file.
    """
    settings = function.settings
    if not settings:
        return DEFAULT_OPTIONS, EMPTY
    try:
        options = Options(**{name: value for name, value in settings.items() if name in _NAMES})
        runtime_options = check_runtime_options(settings.get("runtime_options") or EMPTY)
    except ModelError as error:
        raise ModelError(f"task {function.__name__!r}: {error}") from error
    if options.cache and is_live(reference_of(function)):
        raise BuildError(f"task {function.__name__!r} {NOT_CACHEABLE}")
    return options, runtime_options
