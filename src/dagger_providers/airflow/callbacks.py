"""Functions that Airflow calls when something became of a task or a run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dagger_providers.card.functions import load
from dagger_providers.errors import UsageError

OF_TASKS = (
    "on_execute_callback",
    "on_failure_callback",
    "on_retry_callback",
    "on_skipped_callback",
    "on_success_callback",
)
"""Of a task instance."""

OF_RUNS = ("on_failure_callback", "on_success_callback")
"""Of a DAG run."""

POD_LISTENERS = ("callbacks",)
"""Classes that are told what is done with a pod, one or several."""

LOG_FUNCTIONS = ("log_formatter", "progress_callback")
"""Of the lines of a pod's log: one function each."""

_CALLED = frozenset({*OF_TASKS, *OF_RUNS, *POD_LISTENERS, *LOG_FUNCTIONS})

_REFERENCE = re.compile(r"[\w./-]+:[A-Za-z_][\w.]*")


def callbacks(value: Any) -> list[Any]:
    """Read functions, as objects or as ``module:function``.

    Raises:
        TypeError: One is neither.
    """
    found = list(value) if isinstance(value, list | tuple) else [value]
    for one in found:
        if not (callable(one) or (isinstance(one, str) and _REFERENCE.fullmatch(one))):
            raise TypeError(
                f"expected 'module:function', 'file.py:function', or a list of these; got "
                f"{one!r:.60}"
            )
    return found


def callback(value: Any) -> list[Any]:
    """Read one function, as `callbacks` reads several.

    Raises:
        TypeError: It is none.
    """
    if isinstance(value, list | tuple) and len(value) != 1:
        raise TypeError(f"expected one 'module:function', got {value!r:.60}")
    return callbacks(value)


def with_functions(options: Mapping[str, Any], root: str | None) -> dict[str, Any]:
    """Return options with the functions themselves, as Airflow takes them: a list, or one.

    Args:
        options: Of a task, of all, or of a DAG; callbacks among them may be read already.
        root: The folder that files are relative to.

    Raises:
        UsageError: There is no such function.
    """
    found = dict(options)
    for name in options.keys() & _CALLED:
        functions = [function_of(one, root) for one in _listed(options[name])]
        found[name] = next(iter(functions), None) if name in LOG_FUNCTIONS else functions
    return found


def _listed(value: Any) -> list[Any]:
    return [] if value is None else callbacks(value)


def function_of(named: Any, root: str | None) -> Any:
    """Return a function that an object or a name means: Airflow calls it where DAGs are parsed.

    Raises:
        UsageError: There is no such function.
    """
    if not isinstance(named, str):
        return named
    found = load(named, root)
    if not callable(found):
        raise UsageError(f"{named!r} is no function: it is {found!r:.60}")
    return found
