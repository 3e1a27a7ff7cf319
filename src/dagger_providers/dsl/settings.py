"""The options given to a task's decorator and to its calls."""

from __future__ import annotations

from typing import Any

from dagger_providers.dsl.decorators import Recordable
from dagger_providers.errors import ModelError
from dagger_providers.model import Options
from dagger_providers.model.frozen import EMPTY
from dagger_providers.model.options import DEFAULT_OPTIONS, check_runtime_options

_NAMES = frozenset(Options.model_fields)


def options_of(function: Recordable[..., Any]) -> tuple[Options, Any]:
    """Return a task's options, and those of one runtime.

    Raises:
        ModelError: One is not valid; the message names the task.
    """
    settings = function.settings
    if not settings:
        return DEFAULT_OPTIONS, EMPTY
    try:
        options = Options(**{name: value for name, value in settings.items() if name in _NAMES})
        return options, check_runtime_options(settings.get("runtime_options") or EMPTY)
    except ModelError as error:
        raise ModelError(f"task {function.__name__!r}: {error}") from error
