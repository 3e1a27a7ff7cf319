"""Functions that Airflow calls when something became of a task or a run."""

from __future__ import annotations

import re
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

OF_PODS = ("callbacks",)
"""Of what is done with a pod: classes."""

ONE_OF_PODS = ("log_formatter", "progress_callback")
"""Of the lines of a pod's log: one function each."""

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


def loaded(read: list[Any], root: str | None) -> list[Any]:
    """Return the functions themselves: Airflow calls them where the DAG's file was parsed.

    Args:
        read: What `callbacks` returned.
        root: The folder that files are relative to.

    Raises:
        UsageError: There is no such function.
    """
    return [_function(one, root) if isinstance(one, str) else one for one in read]


def _function(reference: str, root: str | None) -> Any:
    found = load(reference, root)
    if not callable(found):
        raise UsageError(f"{reference!r} is no function: it is {found!r:.60}")
    return found
