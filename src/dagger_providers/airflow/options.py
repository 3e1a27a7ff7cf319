"""What `runtime_options` may ask of Airflow, and what it means to an operator or a DAG."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from dagger_providers.airflow import capabilities as rules
from dagger_providers.airflow.asset_options import outlets, outputs_of
from dagger_providers.airflow.callbacks import OF_RUNS
from dagger_providers.airflow.known_options import (
    CONTAINER,
    DAG,
    KUBERNETES,
    OF,
    OF_ONE_TASK,
    POD,
    TASK,
)
from dagger_providers.airflow.option_kinds import DATE, DURATION, PART, Read, duration
from dagger_providers.errors import ModelError, UsageError, one_line
from dagger_providers.model import DAG as Pipeline  # noqa: N811 - options of one have that name
from dagger_providers.model import thaw
from dagger_providers.model.frozen import FrozenMapping
from dagger_providers.model.names import listed
from dagger_providers.planning import Plan, Step
from dagger_providers.planning.capabilities import Refusal
from dagger_providers.planning.shared_options import joined

_ALL = {**TASK, **POD, **CONTAINER}


def with_task_args(lowered: Plan, given: Any) -> Plan:
    """Return a plan whose steps have more options of Airflow's, by address; any objects too.

    Raises:
        UsageError: There is no such task, or it is no such mapping.
    """
    if not isinstance(given, Mapping) or not all(
        isinstance(options, Mapping) for options in given.values()
    ):
        raise UsageError(
            "task_args takes options by task id, such as {'words': {'pool': 'small'}}, not "
            f"{given!r:.80}"
        )
    unknown = sorted(given.keys() - lowered.all_steps.keys())
    if unknown:
        raise UsageError(
            f"task_args names no task of pipeline {lowered.name!r}: {listed(unknown)}; its tasks: "
            f"{listed(lowered.all_steps)}"
        )

    return _with_options(lowered, "airflow", lambda step: given.get(step.address, {}))


def with_pod_options(lowered: Plan, dag: Pipeline, given: Collection[str], launcher: str) -> Plan:
    """Return a plan whose pods have the options of the pipeline's pods, beside their own.

    Args:
        lowered: The plan.
        dag: The pipeline; see `dag_option_refusals`.
        given: Options that count more: those in ``default_args``.
        launcher: What runs tasks.
    """
    shared = {n: v for n, v in given_to(dag, "kubernetes").items() if n not in given}
    if not shared or launcher != "kubernetes":
        return lowered

    def beside(step: Step) -> Mapping[str, Any]:
        own = {**given_to(step, "kubernetes"), **given_to(step, "airflow")}
        return {n: _joined(n, v, own[n]) if n in own else v for n, v in shared.items()}

    return _with_options(lowered, "airflow", beside)  # which goes before the task's `kubernetes`


def _joined(name: str, shared: Any, own: Any) -> Any:
    """Return an option's value for a pod; a part of it, such as its affinity, is one thing."""
    return own if KUBERNETES[name] is PART else joined(shared, own)


def _with_options(lowered: Plan, runtime: str, more: Callable[[Step], Mapping[str, Any]]) -> Plan:
    """Return a plan whose steps have more options of a runtime."""

    def having(step: Step) -> Step:
        added = more(step)
        if not added:
            return step
        options = FrozenMapping({**given_to(step, runtime), **added})
        runtimes = {**step.runtime_options, runtime: options}
        return replace(step, runtime_options=FrozenMapping(runtimes))

    steps = {address: having(step) for address, step in lowered.steps.items()}
    hooks = tuple(replace(hook, step=having(hook.step)) for hook in lowered.hooks)
    return replace(lowered, steps=steps, hooks=hooks)


def task_options(step: Step, launcher: str) -> dict[str, Any]:
    """Return the operator's arguments that a step asks for; see `task_option_refusals`.

    Options of all launchers are checked and those of one are used, so that a pipeline can change
    its launcher.
    """
    known = {**TASK, **OF[launcher]}
    given = {n: value for n, value in given_to(step, "airflow").items() if n in known}
    found = _read(given, known)
    if step.options.concurrency is not None:
        found = {"max_active_tis_per_dagrun": step.options.concurrency, **found}
    if step.description:
        found = {"doc_md": step.description, **found}
    if launcher == "kubernetes":
        found = {**_read(given_to(step, "kubernetes"), KUBERNETES), **found}
    return found


def native_of(step: Step) -> dict[str, Any] | None:
    """Return the operator of Airflow's own that a step asks for, as `airflow_operator` wrote it."""
    return given_to(step, "airflow").get("operator")


def native_options(step: Step) -> tuple[str, dict[str, Any]]:
    """Return the import path and the arguments of the operator that a step asks for.

    Airflow makes the task's retries and keeps its timeout, where the operator itself says nothing.
    """
    asked = given_to(step, "airflow")
    operator = asked.pop("operator")
    own = step.options
    found: dict[str, Any] = {"doc_md": step.description} if step.description else {}
    if own.retries:
        delay = {"retry_delay": timedelta(seconds=own.retry_delay)}
        found |= {"retries": own.retries, **delay}
    if own.timeout is not None:
        found["execution_timeout"] = timedelta(seconds=own.timeout)
    if own.concurrency is not None:
        found["max_active_tis_per_dagrun"] = own.concurrency
    plain = {name: value for name, value in asked.items() if name in TASK}
    return operator["class"], {**found, **_read(plain, TASK), **operator.get("arguments", {})}


def dag_options(dag: Pipeline) -> dict[str, Any]:
    """Return the DAG's arguments that a pipeline asks for; see `dag_option_refusals`."""
    given = given_to(dag, "airflow")
    return _read({name: value for name, value in given.items() if name != "default_args"}, DAG)


def default_options(dag: Pipeline, launcher: str) -> dict[str, Any]:
    """Return what a pipeline asks for all tasks as ``default_args``; see `dag_option_refusals`.

    They are those of tasks and of the launcher: others would reach operators of Airflow's own.
    """
    given = given_to(dag, "airflow").get("default_args", {})
    known = {**TASK, **OF[launcher]}
    return _read({name: value for name, value in given.items() if name in known}, known)


def given_defaults(given: Mapping[str, Any], launcher: str) -> dict[str, Any]:
    """Return what is known of ``default_args`` that a caller gives; see `argument_refusals`."""
    return _read(_known_defaults(given, launcher), {**TASK, **OF[launcher]})


def _known_defaults(given: Mapping[str, Any], launcher: str) -> dict[str, Any]:
    known = {**TASK, **OF[launcher]}.keys() - OF_ONE_TASK
    return {name: one for name, one in given.items() if name in known and one is not None}


def task_option_refusals(step: Step, launcher: str) -> Iterator[Refusal]:
    """Yield what is wrong with a step's options."""
    where = f"task {step.address!r}"
    given = given_to(step, "airflow")
    wrong = list(_refusals(given, {**_ALL, **OF[launcher]}, "airflow", where))
    yield from wrong
    if not wrong and "outlets" in given:
        yield from _outlet_refusals(step, where, outputs_of(outlets(given["outlets"])))
    yield from _refusals(given_to(step, "kubernetes"), KUBERNETES, "kubernetes", where)


def _outlet_refusals(step: Step, where: str, outputs: Iterable[str]) -> Iterator[Refusal]:
    kept = step.card.outputs
    for output in outputs:
        if output not in kept:
            has = f"it keeps: {', '.join(kept)}" if kept else "it keeps none"
            yield rules.OUTLET.at(
                where,
                f"{where}: option 'outlets' names output {output!r}, which nothing reads; {has}",
            )


def dag_option_refusals(dag: Pipeline, launcher: str) -> Iterator[Refusal]:
    """Yield what is wrong with the options of a pipeline."""
    where = f"pipeline {dag.name!r}"
    given = given_to(dag, "airflow")
    yield from _refusals(given, DAG, "airflow", where)
    defaults = given.get("default_args")
    if isinstance(defaults, Mapping):
        known = {**_ALL, **OF[launcher]}
        fit = {name: read for name, read in known.items() if name not in OF_ONE_TASK}
        yield from _refusals(defaults, fit, "airflow", where, "default_args")
    yield from _refusals(given_to(dag, "kubernetes"), KUBERNETES, "kubernetes", where)


def argument_refusals(name: str, given: Mapping[str, Any], launcher: str) -> Iterator[Refusal]:
    """Yield what is wrong with arguments of a DAG that the caller of `to_airflow` gives.

    What Airflow has objects for, and what other operators take by ``default_args``, is left to it.
    """
    where = f"pipeline {name!r}"
    timed = {"schedule"} if isinstance(given.get("schedule"), str) else set()
    checked = DAG.keys() - _OBJECTS | timed
    yield from _refusals({n: v for n, v in given.items() if n in checked}, DAG, "airflow", where)
    defaults = given.get("default_args")
    if isinstance(defaults, Mapping):
        known = {**TASK, **OF[launcher]}
        own = _known_defaults(defaults, launcher)
        yield from _refusals(own, known, "airflow", where, "default_args")


def start_refusals(name: str, given: Mapping[str, Any]) -> Iterator[Refusal]:
    """Yield that runs of the past are asked for, and nothing says since when."""
    shared = given.get("default_args")
    dated = (given, shared if isinstance(shared, Mapping) else {})
    timed = isinstance(given.get("schedule"), str | timedelta)
    if timed and given.get("catchup") is True and not any(o.get("start_date") for o in dated):
        where = f"pipeline {name!r}"
        yield rules.OPTION_VALUE.at(
            where,
            f"{where}: option 'catchup' asks for the runs since 'start_date', and there is none",
            "give a start_date such as '2026-01-31', or leave catchup out",
        )


_OBJECTS = frozenset({"dagrun_timeout", "deadline", "end_date", "schedule", "start_date", *OF_RUNS})


def given_to(part: Step | Pipeline, runtime: str) -> dict[str, Any]:
    """Return the options of one runtime that a part of a pipeline has."""
    options = thaw(part.runtime_options.get(runtime, {}))
    assert isinstance(options, dict)  # noqa: S101 - the model has checked it
    return options


def _read(given: Mapping[str, Any], known: Mapping[str, Read]) -> dict[str, Any]:
    return {name: known[name](value) for name, value in given.items()}


def _refusals(
    given: Mapping[str, Any],
    known: Mapping[str, Read],
    runtime: str,
    where: str,
    within: str = "",
) -> Iterator[Refusal]:
    """Yield what is wrong with options, which may stand within another."""
    unknown = [name for name in given if name not in known]
    if unknown:
        place = f"runtime_options[{runtime!r}]" + (f"[{within!r}]" if within else "")
        yield rules.UNKNOWN_OPTION.at(
            where,
            f"{where}: {place} has no {', '.join(map(repr, unknown))}",
            f"known: {', '.join(sorted(known))}",
        )
    for name, value in given.items():
        if name in known:
            try:
                known[name](value)
            except (ModelError, TypeError, ValueError) as error:
                called = f"{within}.{name}" if within else name
                told = f"{where}: option {called!r}: {one_line(error)}"
                known_to = "" if known[name] in _TIMES else "see docs/airflow.md"
                yield rules.OPTION_VALUE.at(where, told, known_to)


_TIMES = frozenset({DATE, DURATION, duration})
