"""Deadlines of DAG runs, as the options of a pipeline name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from typing import Any

from dagger_providers.airflow.callbacks import callbacks, function_of
from dagger_providers.model.options import seconds

_FIELDS = frozenset({"after", "interval", "callback", "kwargs", "name"})
_EXPECTED = (
    "expected {'after': 'queued', 'logical_date' or 'average', 'interval': '1h', 'callback': "
    "'module:function'}, and 'kwargs' and 'name' if wanted"
)
_AFTER = ("queued", "logical_date", "average")


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a run is late, and what is called then.

    Attributes:
        after: What the time counts from: ``queued``, ``logical_date``, or ``average``, so that it
            is what a run may take longer than the last ten did.
        interval: The time.
        callback: The function, ``module:function``.
        kwargs: Its arguments.
        name: What the deadline is called.
    """

    after: str
    interval: timedelta
    callback: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    name: str | None = None


def deadlines(value: Any) -> list[Any]:
    """Read one deadline, or a list of them; objects of Airflow's are taken as they are.

    Raises:
        TypeError: It is none.
        ModelError: The interval is no duration.
    """
    return [_deadline(one) for one in (value if isinstance(value, list | tuple) else [value])]


def _deadline(value: Any) -> Any:
    if not isinstance(value, Mapping):
        if hasattr(value, "callback"):
            return value
        raise TypeError(f"{_EXPECTED}; got {value!r:.60}")
    if not {"after", "interval", "callback"} <= value.keys() <= _FIELDS:
        raise TypeError(f"{_EXPECTED}; got {', '.join(value) or 'nothing'}")
    if value["after"] not in _AFTER:
        raise TypeError(f"'after' is {value['after']!r}; it may be: {', '.join(_AFTER)}")
    callback = value["callback"]
    if not isinstance(callback, str) or ".py:" in callback:
        raise TypeError(f"'callback' must be 'module:function', got {callback!r:.60}")
    callbacks(callback)
    after, kwargs = value["after"], dict(value.get("kwargs") or {})
    interval = timedelta(seconds=float(seconds(value["interval"])))
    return Deadline(after, interval, callback, kwargs, value.get("name"))


def made(read: list[Any]) -> list[Any]:
    """Return the deadlines as `airflow.sdk.DAG` takes them.

    Raises:
        UsageError: There is no such callback.
    """
    return [_alert(one) if isinstance(one, Deadline) else one for one in read]


def _alert(read: Deadline) -> Any:
    from inspect import iscoroutinefunction, signature

    # Where each of these is at home differs between releases; here all of them can be had.
    known: Any = import_module("airflow.sdk.definitions.deadline")
    function = function_of(read.callback, None)
    kind = known.AsyncCallback if iscoroutinefunction(function) else known.SyncCallback
    callback = kind(read.callback.replace(":", "."), dict(read.kwargs))
    # Airflow 3.1 has no names for them.
    may = "name" in signature(known.DeadlineAlert).parameters
    named = {"name": read.name} if read.name and may else {}
    match read.after:
        case "queued":
            reference = known.DeadlineReference.DAGRUN_QUEUED_AT
        case "logical_date":
            reference = known.DeadlineReference.DAGRUN_LOGICAL_DATE
        case _:
            reference = known.DeadlineReference.AVERAGE_RUNTIME()
    return known.DeadlineAlert(reference, read.interval, callback, **named)
