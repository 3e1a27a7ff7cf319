"""What Airflow cannot do: its rows of the capability table."""

from __future__ import annotations

from functools import partial

from dagger_providers.planning.capabilities import Rule

_rule = partial(Rule, "airflow", versions=">=3.1,<4")

LIVE_FUNCTION = _rule(
    "live-function",
    about="a task whose function lives only in the process that parses (a notebook's, or one "
    "inside another function)",
    reason="a worker or pod imports its function by module or file",
    source="docs/node-command.md",
    instead="define it at the top level of a module or file",
)
LONG_TASK_ID = _rule(
    "long-task-id",
    about="an address of more than 250 characters, as deep nesting of long names gives",
    reason="Airflow takes ids of 250 characters",
    source="airflow.models.base.ID_LEN",
    instead="give the nested pipelines shorter names",
)
LONG_GROUP_ID = _rule(
    "long-group-id",
    about="names of nested loops with more than 194 characters together",
    reason="they make the id of a mapped task group, of which Airflow takes 200 characters",
    source="airflow.sdk.definitions._internal.node.validate_group_key",
    instead="give the variables of the loops shorter names",
)
DAG_ID = _rule(
    "dag-id",
    about="a pipeline's name with other characters than letters, digits, '_', '-' and '.', or with "
    "more than 250",
    reason="Airflow takes no other ids",
    source="airflow.sdk.definitions._internal.node.validate_key",
    instead="give to_airflow(..., dag_id=...), or rename it",
)
NESTED_OPTIONS = _rule(
    "nested-options",
    about="options of Airflow or of pods on a nested pipeline",
    reason="its tasks are tasks of the outer DAG, and a task group has no such options",
    source="Airflow: Core Concepts, Dags, TaskGroups",
    instead="set them on its tasks, or on the outer pipeline",
)
UNKNOWN_OPTION = _rule(
    "unknown-option",
    about="an option that Airflow's operators or DAGs do not have",
    reason="BaseOperator and DAG refuse arguments that they do not know",
    source="airflow.sdk.BaseOperator, airflow.sdk.DAG, KubernetesPodOperator",
    instead="use one of the options that the message names",
)
OPTION_VALUE = _rule(
    "option-value",
    about="an option of Airflow with a value that it does not take, such as 'no' for false, or "
    "what is no duration or no expression of cron",
    reason="Airflow has no such value there, and would say so, if at all, when the DAG is "
    "serialized or a task runs",
    source="airflow.sdk.BaseOperator, airflow.sdk.DAG, KubernetesPodOperator, DockerOperator",
    instead="write a duration such as '90s' or '10m', or a date such as '2026-01-31'",
)
OUTLET = _rule(
    "outlet",
    about="an asset for an output that is not kept, or of a task that is a repetition or a group",
    reason="an asset's event tells where the output lies, and what no node reads is not written",
    source="docs/airflow.md, Assets",
    instead="return the output from the pipeline, or give outlets as a list",
)
PARAMETER_SERIALIZER = _rule(
    "parameter-serializer",
    about="a parameter that is not written as JSON",
    reason="Airflow holds parameters as JSON, in a run's conf",
    source="Airflow: Core Concepts, Params",
    instead="take a path or URI, and read it in a task",
)
NATIVE_INSIDE = _rule(
    "native-inside",
    about="an operator of Airflow's own in a repetition or in a group",
    reason="these are one task, which runs their nodes one after the other, and Airflow runs no "
    "operator inside another",
    source="Airflow: ExecutorSafeguard, Task Runner",
    instead="put it before or after, or use its stand-in there",
)
NATIVE_OPTION = _rule(
    "native-option",
    about="allow_failure or on_failure of an operator of Airflow's own",
    reason="the node command keeps these, which does not run it",
    source="docs/node-command.md",
    instead="handle the failure in a task after it, or in a subclass of the operator",
)
NATIVE_LOOP = _rule(
    "native-loop",
    about="an operator of Airflow's own in a loop of more than 1,024 items",
    reason="it runs item by item, and Airflow maps a task over at most [core] max_map_length items",
    source="Airflow: Dynamic Task Mapping, Placing limits on mapped tasks",
    instead="loop over fewer, or raise it",
    certain=False,
)
NATIVE_ARGUMENTS = _rule(
    "native-arguments",
    about="arguments that an operator of Airflow's own does not take, or lacks; found where its "
    "class can be imported",
    reason="Airflow makes the operator when it parses the DAG",
    source="airflow.sdk.BaseOperator",
    instead="give airflow_operator the operator's own arguments",
)
SCHEDULE = _rule(
    "schedule",
    about="a schedule for a pipeline with parameters that must be given",
    reason="Airflow starts scheduled runs with the defaults of Params",
    source="Airflow: Core Concepts, Params",
    instead="give them defaults, or params={name: value}",
)
RELATIVE_STORE = _rule(
    "relative-store",
    about="a store that is a relative path",
    reason="each process has a working folder of its own",
    source="Airflow: Core Concepts, Architecture Overview",
    instead="give a URI such as s3://bucket/runs, or an absolute path",
)
UNKNOWN_STORE = _rule(
    "unknown-store",
    about="a store at a URI whose scheme no driver of fsspec has",
    reason="the worker, and whatever it launches, open the store by that driver",
    source="fsspec: Built-in Implementations, Known Implementations",
    instead="give a URI such as s3://bucket/runs, or install the package of the driver where DAGs "
    "are parsed, too",
)
RELATIVE_ARTIFACT = _rule(
    "relative-artifact",
    about="an artifact at a relative path, or in memory://",
    reason="each process has a working folder of its own",
    source="Airflow: Core Concepts, Architecture Overview",
    instead="give artifact(...) a URI such as s3://bucket/rows.csv, or an absolute path",
)
LOCAL_ARTIFACT = _rule(
    "local-artifact",
    about="an artifact at a local path, where the store is at a URI",
    reason="workers, and pods even more so, may run on other machines",
    source="Airflow: Core Concepts, Architecture Overview",
    instead="put it where the store is, or see to it that the path is there wherever a task runs",
    certain=False,
)
NO_STORE = _rule(
    "no-store",
    about="pods without a store",
    reason="pods do not reach the folder in AIRFLOW_HOME, where values lie by default",
    source="KubernetesPodOperator: a pod shares no file system with the worker",
    instead="give to_airflow(..., store='s3://bucket/runs') or [dagger_providers] store_uri",
)
NO_IMAGE = _rule(
    "no-image",
    about="a task without a container image, on the launcher 'kubernetes' or 'container'",
    reason="KubernetesPodOperator and DockerOperator need one",
    source="airflow.providers.cncf.kubernetes.operators.pod.KubernetesPodOperator, "
    "airflow.providers.docker.operators.docker.DockerOperator",
    instead="give to_airflow(..., image=...), @task(image=...) or [dagger_providers] image",
)
RULES = (
    LIVE_FUNCTION,
    LONG_TASK_ID,
    LONG_GROUP_ID,
    DAG_ID,
    NESTED_OPTIONS,
    UNKNOWN_OPTION,
    OPTION_VALUE,
    OUTLET,
    PARAMETER_SERIALIZER,
    NATIVE_INSIDE,
    NATIVE_OPTION,
    NATIVE_LOOP,
    NATIVE_ARGUMENTS,
    SCHEDULE,
    RELATIVE_STORE,
    UNKNOWN_STORE,
    RELATIVE_ARTIFACT,
    LOCAL_ARTIFACT,
    NO_STORE,
    NO_IMAGE,
)
"""All of them, in the order of the table."""
