"""What a task or a pipeline may ask of Argo: ``runtime_options={"argo": ..., "kubernetes": ...}``.

Options under ``kubernetes`` are those that any target with pods takes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from dagger_providers.argo import capabilities as rules
from dagger_providers.model import DAG, thaw
from dagger_providers.planning import Plan, Step
from dagger_providers.planning.capabilities import Refusal, nested_refusals
from dagger_providers.planning.shared_options import joined

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


def task_options(step: Step, shared: Options) -> Options:
    """Read the options of a task; see `option_refusals`.

    Args:
        step: The task.
        shared: Its pipeline's; Argo itself would take no list or mapping of these beside its own.
    """
    own = {name: value for _, name, value in _given(step)}
    whole = {name for name, kind in POD.items() if kind is _MAPPING}
    return {n: v if n in whole else joined(shared.get(n), v) for n, v in own.items()}


def pipeline_options(dag: DAG) -> Options:
    """Read the options of a pipeline; see `option_refusals`."""
    return {name: value for _, name, value in _given(dag)}


def option_refusals(dag: DAG, lowered: Plan) -> Iterator[Refusal]:
    """Yield what is wrong with the options of a pipeline and of its tasks."""
    yield from nested_refusals(dag, rules.NESTED_OPTIONS, *_RUNTIMES)
    yield from _refusals(f"pipeline {dag.name!r}", dag, PIPELINE)
    for step in lowered.all_steps.values():
        if step.runtime_options:
            yield from _refusals(f"task {step.address!r}", step, TASK)


_RUNTIMES = ("kubernetes", "argo")


def _given(part: Step | DAG) -> Iterator[tuple[str, str, Any]]:
    """Yield runtime, name and value of each option; later ones count."""
    for runtime in _RUNTIMES:
        for name, value in thaw(part.runtime_options.get(runtime) or {}).items():
            yield runtime, name, value


def _refusals(place: str, part: Step | DAG, own: Mapping[str, _Kind]) -> Iterator[Refusal]:
    for runtime, name, value in _given(part):
        where = f"{place}: runtime_options[{runtime!r}]"
        known = {**POD, **own} if runtime == "argo" else POD
        if name not in known:
            yield rules.UNKNOWN_OPTION.at(
                place, f"{where} has no {name!r}", f"known: {', '.join(known)}"
            )
        elif not known[name].fits(value):
            expected = known[name].expected
            what = f"{where}: {name} must be {expected}, got {value!r:.60}"
            yield rules.OPTION_VALUE.at(place, what, f"write {expected}")
        elif "{{" in json.dumps(value):
            yield rules.TEMPLATE_TEXT.at(place, rules.takes_for_a_template(f"{where}: {name}"))
