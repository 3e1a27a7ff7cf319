"""What a task or a pipeline may ask of Argo: ``runtime_options={"argo": ..., "kubernetes": ...}``.

Options under ``kubernetes`` are those that any target with pods takes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from dagger_providers.errors import CapabilityError
from dagger_providers.model import DAG, thaw

Options: TypeAlias = Mapping[str, Any]
"""The options that are given, by name."""


class _Kind(NamedTuple):
    """What a value must be."""

    expected: str
    fits: Callable[[Any], bool]


def _texts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(one, str) for one in value.values())


def _mappings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, Mapping) for one in value)


_TEXT = _Kind("a text", lambda value: isinstance(value, str))
_COUNT = _Kind("a whole number from 0", lambda value: type(value) is int and value >= 0)
_POSITIVE = _Kind("a whole number from 1", lambda value: type(value) is int and value > 0)
_TEXTS = _Kind("a mapping of texts", _texts)
_MAPPING = _Kind("a mapping, as in a pod", lambda value: isinstance(value, Mapping))
_MAPPINGS = _Kind("a list of mappings, as in a pod", _mappings)

POD = {
    "affinity": _MAPPING,
    "annotations": _TEXTS,
    "image_pull_policy": _TEXT,
    "image_pull_secrets": _MAPPINGS,
    "labels": _TEXTS,
    "node_selector": _TEXTS,
    "priority_class_name": _TEXT,
    "service_account_name": _TEXT,
    "tolerations": _MAPPINGS,
}
"""Options under ``kubernetes``, of a task or of all."""

CONTAINER = {"env_from": _MAPPINGS, "volume_mounts": _MAPPINGS, "volumes": _MAPPINGS}
"""Options under ``argo``, of a task or of all: where secrets and mounted stores come from."""

TASK = {
    **CONTAINER,
    "active_deadline_seconds": _POSITIVE,
    "infrastructure_retries": _COUNT,
}
"""Options of a task under ``argo``."""

PIPELINE = {
    **CONTAINER,
    "active_deadline_seconds": _POSITIVE,
    "parallelism": _POSITIVE,
    "pod_gc": _TEXT,
    "priority": _COUNT,
    "ttl_seconds_after_completion": _COUNT,
}
"""Options of a pipeline under ``argo``."""


def task_options(address: str, runtime_options: Mapping[str, Any]) -> Options:
    """Return the options of a task.

    Raises:
        CapabilityError: One is unknown or of the wrong type.
    """
    return _read(f"task {address!r}", runtime_options, TASK)


def pipeline_options(dag: DAG) -> Options:
    """Return the options of a pipeline, and refuse those of pipelines nested in it.

    Raises:
        CapabilityError: One is unknown, of the wrong type, or stands on a nested pipeline.
    """
    _refuse_nested(dag, "")
    return _read(f"pipeline {dag.name!r}", dag.runtime_options, PIPELINE)


def _refuse_nested(dag: DAG, prefix: str) -> None:
    for name, node in dag.nodes.items():
        if isinstance(node, DAG):
            address = f"{prefix}{name}"
            if node.runtime_options.get("argo") or node.runtime_options.get("kubernetes"):
                raise CapabilityError(
                    "argo",
                    f"nested pipeline {address!r} has options, and its tasks are compiled as tasks "
                    "of the outer pipeline",
                    "set them on its tasks, or on the outer pipeline",
                )
            _refuse_nested(node, f"{address}.")


def _read(
    place: str, runtime_options: Mapping[str, Any], own: Mapping[str, _Kind]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for runtime, known in (("kubernetes", POD), ("argo", {**POD, **own})):
        for name, value in thaw(runtime_options.get(runtime) or {}).items():
            _check(f"{place}: runtime_options[{runtime!r}]", name, value, known)
            found[name] = value
    return found


def _check(where: str, name: str, value: Any, known: Mapping[str, _Kind]) -> None:
    if name not in known:
        raise CapabilityError("argo", f"{where} has no {name!r}", f"known: {', '.join(known)}")
    if not known[name].fits(value):
        expected = known[name].expected
        raise CapabilityError("argo", f"{where}: {name} must be {expected}, got {value!r:.60}")
    if "{{" in json.dumps(value):
        raise CapabilityError(
            "argo", f"{where}: {name} holds '{{{{', which Argo takes for a template of its own"
        )
