"""What `runtime_options` may ask of Airflow, and what it means to an operator or a DAG."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from dagger_providers.airflow import capabilities as rules
from dagger_providers.airflow.asset_options import assets, outlets, outputs_of, schedule
from dagger_providers.airflow.callbacks import OF_RUNS, OF_TASKS, callbacks
from dagger_providers.airflow.deadlines import deadlines
from dagger_providers.errors import ModelError, UsageError, one_line
from dagger_providers.model import DAG as Pipeline  # noqa: N811 - options of one have that name
from dagger_providers.model import thaw
from dagger_providers.model.frozen import FrozenMapping
from dagger_providers.model.names import listed
from dagger_providers.model.options import seconds
from dagger_providers.planning import Plan, Step
from dagger_providers.planning.capabilities import Refusal


def _duration(value: Any) -> timedelta:
    return timedelta(seconds=float(seconds(value)))


def _date(value: str) -> datetime:
    from pendulum import parse

    found = parse(value)
    if not isinstance(found, datetime):
        raise TypeError(f"{value!r} is no date")
    return found


def _same(value: Any) -> Any:
    return value


def _native(value: Any) -> Any:
    """Check what `airflow_operator` writes."""
    if not isinstance(value, Mapping) or not isinstance(value.get("class"), str):
        raise TypeError("expected {'class': 'package.module.Operator', 'arguments': {...}}")
    unknown = sorted(value.keys() - {"class", "arguments", "stand_in"})
    if unknown:
        raise TypeError(f"it has no {', '.join(unknown)}; known: class, arguments, stand_in")
    if not isinstance(value.get("arguments", {}), Mapping):
        raise TypeError("'arguments' is no mapping")
    return value


_Read = Callable[[Any], Any]

TASK: dict[str, _Read] = {
    **dict.fromkeys(
        (
            "depends_on_past", "doc_md", "executor", "executor_config", "map_index_template",
            "max_active_tis_per_dag", "max_active_tis_per_dagrun", "owner", "pool", "pool_slots",
            "priority_weight", "queue", "retries", "retry_exponential_backoff",
            "wait_for_downstream", "weight_rule",
        ),
        _same,
    ),
    **dict.fromkeys(("execution_timeout", "max_retry_delay", "retry_delay"), _duration),
    **dict.fromkeys(OF_TASKS, callbacks),
    "inlets": assets,
    "operator": _native,
    "outlets": outlets,
}  # fmt: skip
"""Options of any operator; its retries are for infrastructure, a task's own are the runner's."""

SHARED_POD: dict[str, _Read] = dict.fromkeys(
    (
        "affinity", "annotations", "env_from", "image_pull_policy", "image_pull_secrets", "labels",
        "node_selector", "priority_class_name", "service_account_name", "tolerations",
        "volume_mounts", "volumes",
    ),
    _same,
)  # fmt: skip
"""Options of any pod; also as ``runtime_options["kubernetes"]``."""

POD: dict[str, _Read] = {
    **SHARED_POD,
    **dict.fromkeys(
        (
            "active_deadline_seconds", "automount_service_account_token", "base_container_name",
            "base_container_status_polling_interval", "cluster_context", "config_file",
            "configmaps", "container_logs", "container_resources", "container_security_context",
            "deferrable", "dns_config", "dnspolicy", "get_logs", "host_aliases", "hostname",
            "hostnetwork", "in_cluster", "init_container_logs", "init_containers",
            "kubernetes_conn_id", "log_events_on_failure", "log_pod_spec_on_failure",
            "logging_interval", "name", "namespace", "on_finish_action", "pod_template_dict",
            "pod_template_file", "poll_interval", "ports", "random_name_suffix",
            "reattach_on_restart", "runtime_class_name", "schedule_timeout_seconds",
            "schedulername", "security_context", "skip_on_exit_code",
            "startup_check_interval_seconds", "startup_timeout_seconds", "store_secret",
            "subdomain", "termination_grace_period", "termination_message_policy",
        ),
        _same,
    ),
    # Known to newer versions only.
    **dict.fromkeys(
        (
            "container_name_log_prefix_enabled", "durable", "log_events_on_startup",
            "on_kill_action", "trigger_kwargs",
        ),
        _same,
    ),
}  # fmt: skip
"""Options of `DaggerPodOperator` that are data."""

CONTAINER: dict[str, _Read] = dict.fromkeys(
    (
        "api_version", "auto_remove", "cap_add", "container_name", "cpus", "dns", "dns_search",
        "docker_conn_id", "docker_url", "extra_hosts", "force_pull", "hostname", "ipc_mode",
        "labels", "log_opts_max_file", "log_opts_max_size", "mem_limit", "mounts", "network_mode",
        "port_bindings", "privileged", "shm_size", "skip_on_exit_code", "tls_ca_cert",
        "tls_client_cert", "tls_client_key", "tls_hostname", "tls_verify", "tty", "user",
        "working_dir",
    ),
    _same,
)  # fmt: skip
"""Options of `DaggerContainerOperator` that are data."""

_OF: dict[str, dict[str, _Read]] = {"process": {}, "container": CONTAINER, "kubernetes": POD}
"""The options of each launcher's own."""

_ALL = {**TASK, **POD, **CONTAINER}

DAG: dict[str, _Read] = {
    **dict.fromkeys(
        (
            "catchup", "dag_display_name", "doc_md", "fail_fast", "is_paused_upon_creation",
            "max_active_runs", "max_active_tasks", "max_consecutive_failed_dag_runs",
            "owner_links", "tags",
        ),
        _same,
    ),
    **dict.fromkeys(OF_RUNS, callbacks),
    "dagrun_timeout": _duration,
    "deadline": deadlines,
    "end_date": _date,
    "schedule": schedule,
    "start_date": _date,
}  # fmt: skip
"""Options of a DAG."""


def with_task_args(lowered: Plan, given: Mapping[str, Mapping[str, Any]]) -> Plan:
    """Return a plan whose steps have more options of Airflow's, by address; any objects too.

    Raises:
        UsageError: There is no such task.
    """
    unknown = sorted(given.keys() - lowered.all_steps.keys())
    if unknown:
        raise UsageError(
            f"task_args names no task of pipeline {lowered.name!r}: {listed(unknown)}; its tasks: "
            f"{listed(lowered.all_steps)}"
        )

    def more(step: Step) -> Step:
        if step.address not in given:
            return step
        options = {**given_to(step, "airflow"), **given[step.address]}
        runtimes = {**step.runtime_options, "airflow": FrozenMapping(options)}
        return replace(step, runtime_options=FrozenMapping(runtimes))

    steps = {address: more(step) for address, step in lowered.steps.items()}
    hooks = tuple(replace(hook, step=more(hook.step)) for hook in lowered.hooks)
    return replace(lowered, steps=steps, hooks=hooks)


def task_options(step: Step, launcher: str) -> dict[str, Any]:
    """Return the operator's arguments that a step asks for; see `task_option_refusals`.

    Options of all launchers are checked and those of one are used, so that a pipeline can change
    its launcher.
    """
    known = {**TASK, **_OF[launcher]}
    given = {n: value for n, value in given_to(step, "airflow").items() if n in known}
    found = _read(given, known)
    if step.options.concurrency is not None:
        found = {"max_active_tis_per_dagrun": step.options.concurrency, **found}
    if step.description:
        found = {"doc_md": step.description, **found}
    if launcher == "kubernetes":
        found = {**_read(given_to(step, "kubernetes"), SHARED_POD), **found}
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
    return _read(given_to(dag, "airflow"), DAG)


def task_option_refusals(step: Step, launcher: str) -> Iterator[Refusal]:
    """Yield what is wrong with a step's options."""
    where = f"task {step.address!r}"
    given = given_to(step, "airflow")
    wrong = list(_refusals(given, _ALL, "airflow", where))
    yield from wrong
    if not wrong and "outlets" in given:
        yield from _outlet_refusals(step, where, outputs_of(outlets(given["outlets"])))
    if launcher == "kubernetes":
        yield from _refusals(given_to(step, "kubernetes"), SHARED_POD, "kubernetes", where)


def _outlet_refusals(step: Step, where: str, outputs: Iterable[str]) -> Iterator[Refusal]:
    kept = step.card.outputs
    for output in outputs:
        if output not in kept:
            has = f"it keeps: {', '.join(kept)}" if kept else "it keeps none"
            yield rules.OUTLET.at(
                where,
                f"{where}: option 'outlets' names output {output!r}, which nothing reads; {has}",
            )


def dag_option_refusals(dag: Pipeline) -> Iterator[Refusal]:
    """Yield what is wrong with the options of a pipeline."""
    return _refusals(given_to(dag, "airflow"), DAG, "airflow", f"pipeline {dag.name!r}")


def given_to(part: Step | Pipeline, runtime: str) -> dict[str, Any]:
    """Return the options of one runtime that a part of a pipeline has."""
    options = thaw(part.runtime_options.get(runtime, {}))
    assert isinstance(options, dict)  # noqa: S101 - the model has checked it
    return options


def _read(given: Mapping[str, Any], known: Mapping[str, _Read]) -> dict[str, Any]:
    return {name: known[name](value) for name, value in given.items()}


def _refusals(
    given: Mapping[str, Any], known: Mapping[str, _Read], runtime: str, where: str
) -> Iterator[Refusal]:
    unknown = [name for name in given if name not in known]
    if unknown:
        yield rules.UNKNOWN_OPTION.at(
            where,
            f"{where}: runtime_options[{runtime!r}] has no {', '.join(map(repr, unknown))}",
            f"known: {', '.join(sorted(known))}",
        )
    for name, value in given.items():
        if name in known:
            try:
                known[name](value)
            except (ModelError, TypeError, ValueError) as error:
                told = f"{where}: option {name!r}: {one_line(error)}"
                known_to = "" if known[name] in {_duration, _date} else "see docs/airflow.md"
                yield rules.OPTION_VALUE.at(where, told, known_to)
