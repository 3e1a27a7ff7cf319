"""What `runtime_options` may ask of Airflow, and what it means to an operator or a DAG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from dagger_providers.errors import CapabilityError
from dagger_providers.model import thaw
from dagger_providers.model.options import seconds
from dagger_providers.planning import Step


def _duration(value: Any) -> timedelta:
    return timedelta(seconds=float(seconds(value)))


def _date(value: str) -> datetime:
    from pendulum import parse

    found = parse(value)
    assert isinstance(found, datetime)  # noqa: S101 - the other kinds of text are no dates
    return found


def _same(value: Any) -> Any:
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
}  # fmt: skip
"""Options of any operator; its retries are for infrastructure, a task's own are the runner's."""

SHARED_POD: dict[str, _Read] = dict.fromkeys(
    (
        "affinity", "annotations", "image_pull_policy", "image_pull_secrets", "labels",
        "node_selector", "priority_class_name", "service_account_name", "tolerations",
    ),
    _same,
)  # fmt: skip
"""Options of any pod; also as ``runtime_options["kubernetes"]``."""

POD: dict[str, _Read] = {
    **SHARED_POD,
    **dict.fromkeys(
        (
            "active_deadline_seconds", "automount_service_account_token", "cluster_context",
            "config_file", "configmaps", "container_security_context", "dnspolicy",
            "get_logs", "hostname", "hostnetwork", "in_cluster", "kubernetes_conn_id",
            "log_events_on_failure", "name", "namespace", "on_finish_action",
            "pod_template_dict", "pod_template_file", "random_name_suffix",
            "schedule_timeout_seconds", "schedulername", "security_context",
            "startup_check_interval_seconds", "startup_timeout_seconds", "subdomain",
            "termination_grace_period", "termination_message_policy",
        ),
        _same,
    ),
}  # fmt: skip
"""Options of `KubernetesPodOperator` that are data, and that every supported version knows."""

DAG: dict[str, _Read] = {
    **dict.fromkeys(
        (
            "catchup", "dag_display_name", "doc_md", "fail_fast", "is_paused_upon_creation",
            "max_active_runs", "max_active_tasks", "max_consecutive_failed_dag_runs",
            "owner_links", "schedule", "tags",
        ),
        _same,
    ),
    "dagrun_timeout": _duration,
    "end_date": _date,
    "start_date": _date,
}  # fmt: skip
"""Options of a DAG."""


def task_options(step: Step, launcher: str) -> dict[str, Any]:
    """Return the operator's arguments that a step asks for.

    Options of pods are checked by every launcher and used by `kubernetes` only, so that a pipeline
    can change its launcher.

    Raises:
        CapabilityError: An option is unknown.
    """
    where = f"task {step.address!r}"
    given = _given(step.runtime_options, "airflow")
    found = _read(given, {**TASK, **POD}, "airflow", where)
    if step.options.concurrency is not None:
        found = {"max_active_tis_per_dagrun": step.options.concurrency, **found}
    if launcher != "kubernetes":
        return {name: value for name, value in found.items() if name in TASK}
    shared = _read(_given(step.runtime_options, "kubernetes"), SHARED_POD, "kubernetes", where)
    return {**shared, **found}


def dag_options(runtime_options: Any, name: str) -> dict[str, Any]:
    """Return the DAG's arguments that a pipeline asks for.

    Raises:
        CapabilityError: An option is unknown.
    """
    return _read(_given(runtime_options, "airflow"), DAG, "airflow", f"pipeline {name!r}")


def _given(runtime_options: Any, runtime: str) -> dict[str, Any]:
    options = thaw(runtime_options.get(runtime, {}))
    assert isinstance(options, dict)  # noqa: S101 - the model has checked it
    return options


def _read(
    given: Mapping[str, Any], known: Mapping[str, _Read], runtime: str, where: str
) -> dict[str, Any]:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise CapabilityError(
            "airflow",
            f"{where}: runtime_options[{runtime!r}] has no {', '.join(map(repr, unknown))}",
            f"known: {', '.join(sorted(known))}",
        )
    return {name: _value(known[name], value, name, where) for name, value in given.items()}


def _value(read: _Read, value: Any, name: str, where: str) -> Any:
    from dagger_providers.errors import ModelError

    try:
        return read(value)
    except (ModelError, TypeError, ValueError) as error:
        raise CapabilityError("airflow", f"{where}: option {name!r}: {error}") from error
