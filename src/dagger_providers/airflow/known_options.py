"""The options that Airflow's operators and DAGs have, and what each must be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagger_providers.airflow import option_kinds as kinds
from dagger_providers.airflow.asset_options import assets, outlets
from dagger_providers.airflow.callbacks import (
    LOG_FUNCTIONS,
    OF_RUNS,
    OF_TASKS,
    POD_LISTENERS,
    callback,
    callbacks,
)
from dagger_providers.airflow.deadlines import deadlines
from dagger_providers.airflow.option_kinds import Read, one_of, or_none, whole


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


_COUNT, _POSITIVE = whole(0), whole(1)
_ANY_NUMBER = kinds.kind("a whole number", lambda value: type(value) is int)

TASK: dict[str, Read] = {
    "depends_on_past": kinds.TRUTH,
    "doc_md": kinds.TEXT,
    "execution_timeout": kinds.DURATION,
    "executor": kinds.TEXT,
    "executor_config": kinds.MAPPING,
    "inlets": assets,
    "map_index_template": kinds.TEXT,
    "max_active_tis_per_dag": or_none(_POSITIVE),
    "max_active_tis_per_dagrun": or_none(_POSITIVE),
    "max_retry_delay": kinds.DURATION,
    "operator": _native,
    "outlets": outlets,
    "owner": kinds.TEXT,
    "pool": kinds.TEXT,
    "pool_slots": _POSITIVE,
    "priority_weight": _ANY_NUMBER,
    "queue": kinds.TEXT,
    "retries": _COUNT,
    "retry_delay": kinds.duration,
    "retry_exponential_backoff": kinds.TRUTH_OR_NUMBER,
    "wait_for_downstream": kinds.TRUTH,
    "weight_rule": kinds.WEIGHT_RULE,
    **dict.fromkeys(OF_TASKS, callbacks),
}
"""Options of any operator; its retries are for infrastructure, a task's own are the runner's."""

SHARED_POD: dict[str, Read] = {
    "affinity": kinds.PART,
    "annotations": kinds.NAMED_TEXTS,
    "env_from": kinds.PARTS,
    "image_pull_policy": or_none(one_of("Always", "IfNotPresent", "Never")),
    "image_pull_secrets": kinds.PULL_SECRETS,
    "labels": kinds.NAMED_TEXTS,
    "node_selector": kinds.NAMED_TEXTS,
    "priority_class_name": kinds.TEXT,
    "service_account_name": kinds.TEXT,
    "tolerations": kinds.PARTS,
    "volume_mounts": kinds.PARTS,
    "volumes": kinds.PARTS,
}
"""Options of pods that other targets know too, by the same names and with the same meaning."""

KUBERNETES: dict[str, Read] = {
    **SHARED_POD,
    "active_deadline_seconds": or_none(_POSITIVE),
    "automount_service_account_token": or_none(kinds.TRUTH),
    "configmaps": kinds.TEXTS,
    "container_resources": kinds.PART,
    "container_security_context": kinds.PART,
    "dns_config": kinds.PART,
    "dnspolicy": or_none(one_of("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")),
    "env_vars": kinds.VARIABLES,
    "full_pod_spec": kinds.PART,
    "host_aliases": kinds.PARTS,
    "hostname": kinds.TEXT,
    "hostnetwork": kinds.TRUTH,
    "init_containers": kinds.PARTS,
    "namespace": kinds.TEXT,
    "pod_runtime_info_envs": kinds.PARTS,
    "pod_template_dict": kinds.PART,
    "pod_template_file": kinds.TEXT,
    "ports": kinds.PARTS,
    "runtime_class_name": kinds.TEXT,
    "schedulername": kinds.TEXT,
    "secrets": kinds.secrets,
    "security_context": kinds.PART,
    "subdomain": kinds.TEXT,
    "termination_grace_period": or_none(_COUNT),
    "termination_message_policy": one_of("File", "FallbackToLogsOnError"),
}
"""What a pod is: ``runtime_options["kubernetes"]``; under ``airflow`` too."""

POD: dict[str, Read] = {
    **KUBERNETES,
    "base_container_name": kinds.TEXT,
    "base_container_status_polling_interval": kinds.NUMBER,
    "cluster_context": kinds.TEXT,
    "config_file": kinds.TEXT,
    "container_logs": kinds.CONTAINERS,
    "deferrable": kinds.TRUTH,
    "get_logs": kinds.TRUTH,
    "in_cluster": or_none(kinds.TRUTH),
    "init_container_logs": kinds.CONTAINERS,
    "kubernetes_conn_id": kinds.TEXT,
    "log_events_on_failure": kinds.TRUTH,
    "log_pod_spec_on_failure": kinds.TRUTH,
    "logging_interval": or_none(_COUNT),
    "name": kinds.TEXT,
    "on_finish_action": one_of(
        "delete_pod", "delete_succeeded_pod", "delete_active_pod", "keep_pod"
    ),
    "poll_interval": kinds.NUMBER,
    "random_name_suffix": kinds.TRUTH,
    "reattach_on_restart": or_none(kinds.TRUTH),
    "schedule_timeout_seconds": or_none(_COUNT),
    "skip_on_exit_code": kinds.STATUSES,
    "startup_check_interval_seconds": kinds.NUMBER,
    "startup_timeout_seconds": _COUNT,
    "store_secret": kinds.TEXT,
    **dict.fromkeys(POD_LISTENERS, callbacks),
    **dict.fromkeys(LOG_FUNCTIONS, callback),
    # Known to newer versions only.
    "container_name_log_prefix_enabled": kinds.TRUTH,
    "durable": or_none(kinds.TRUTH),
    "log_events_on_startup": kinds.TRUTH,
    "on_kill_action": one_of("delete_pod", "keep_pod"),
    "trigger_kwargs": kinds.MAPPING,
}
"""Options of `DaggerPodOperator`."""

CONTAINER: dict[str, Read] = {
    "api_version": kinds.TEXT,
    "auto_remove": one_of("never", "success", "force"),
    "cap_add": kinds.TEXTS,
    "container_name": kinds.TEXT,
    "cpus": kinds.NUMBER,
    "dns": kinds.TEXTS,
    "dns_search": kinds.TEXTS,
    "docker_conn_id": kinds.TEXT,
    "docker_url": kinds.TEXT_OR_TEXTS,
    "extra_hosts": kinds.NAMED_TEXTS,
    "force_pull": kinds.TRUTH,
    "hostname": kinds.TEXT,
    "ipc_mode": kinds.TEXT,
    "labels": kinds.LABELS,
    "log_opts_max_file": kinds.TEXT,
    "log_opts_max_size": kinds.TEXT,
    "mem_limit": kinds.SIZE,
    "mounts": kinds.PARTS,
    "network_mode": kinds.TEXT,
    "port_bindings": kinds.MAPPING,
    "privileged": kinds.TRUTH,
    "shm_size": kinds.SIZE,
    "skip_on_exit_code": kinds.STATUSES,
    "tls_ca_cert": kinds.TEXT,
    "tls_client_cert": kinds.TEXT,
    "tls_client_key": kinds.TEXT,
    "tls_hostname": kinds.TRUTH_OR_TEXT,
    "tls_verify": kinds.TRUTH,
    "tty": kinds.TRUTH,
    "user": kinds.USER,
    "working_dir": kinds.TEXT,
}
"""Options of `DaggerContainerOperator` that are data."""

OF: dict[str, dict[str, Read]] = {"process": {}, "container": CONTAINER, "kubernetes": POD}
"""The options of each launcher's own."""

OF_ONE_TASK = frozenset({"inlets", "operator", "outlets"})
"""Options of tasks that no ``default_args`` may hold."""

DAG: dict[str, Read] = {
    "access_control": kinds.ACCESS,
    "catchup": kinds.TRUTH,
    "dag_display_name": kinds.TEXT,
    "dagrun_timeout": kinds.DURATION,
    "deadline": deadlines,
    "default_args": kinds.kind("a mapping", lambda value: isinstance(value, Mapping)),
    "doc_md": kinds.TEXT,
    "end_date": kinds.DATE,
    "fail_fast": kinds.TRUTH,
    "is_paused_upon_creation": or_none(kinds.TRUTH),
    "max_active_runs": or_none(_COUNT),
    "max_active_tasks": or_none(_COUNT),
    "max_consecutive_failed_dag_runs": or_none(_COUNT),
    "owner_links": kinds.LINKS,
    "schedule": kinds.schedule,
    "start_date": kinds.DATE,
    "tags": kinds.TAGS,
    **dict.fromkeys(OF_RUNS, callbacks),
}
"""Options of a DAG."""
