"""What Kubeflow Pipelines cannot do: its rows of the capability table."""

from __future__ import annotations

from functools import partial

from dagger_providers.planning.capabilities import Rule

_rule = partial(Rule, "kfp", versions=">=2.0,<3")

NO_IMAGE = _rule(
    "no-image",
    about="a task without a container image",
    reason="every task of KFP is a container",
    source="kubeflow.org: Pipelines, Container Components",
    instead="give --image (image=... in code), or @task(image=...)",
)
RELATIVE_STORE = _rule(
    "relative-store",
    about="a store that is a relative path",
    reason="each container has a working folder of its own",
    source="kubeflow.org: Pipelines, Container Components",
    instead="give a URI such as s3://bucket/runs, or an absolute path that is mounted",
)
RELATIVE_ARTIFACT = _rule(
    "relative-artifact",
    about="an artifact at a relative path, or in memory://",
    reason="each container has a working folder of its own",
    source="kubeflow.org: Pipelines, Container Components",
    instead="give artifact(...) a URI such as s3://bucket/rows.csv, or an absolute path",
)
LOCAL_ARTIFACT = _rule(
    "local-artifact",
    about="an artifact at a local path, where the store is at a URI",
    reason="containers see no other files than those of their image and what is mounted",
    source="kubeflow.org: Pipelines, Container Components",
    instead="put it where the store is, or see to it that the path is there wherever a task runs",
    certain=False,
)
LIVE_FUNCTION = _rule(
    "live-function",
    about="a task whose function lives only in the process that compiles (a notebook's, or one "
    "inside another function)",
    reason="a container imports its function by module or file",
    source="docs/node-command.md",
    instead="define it at the top level of a module or file",
)
AIRFLOW_ONLY = _rule(
    "airflow-only",
    about="an operator of Airflow's own without a stand-in",
    reason="KFP runs containers, and no operators of Airflow",
    source="docs/airflow.md",
    instead="let its function do the same here, and leave out stand_in=False",
)
NESTED_OPTIONS = _rule(
    "nested-options",
    about="options of KFP on a nested pipeline",
    reason="its tasks are compiled as tasks of the outer pipeline, and KFP has no options of "
    "containers for a pipeline",
    source="kfp.dsl.pipeline_task.PipelineTask: only single-step components take them",
    instead="set them on its tasks, or on the outer pipeline",
)
NESTED_HOOK = _rule(
    "nested-hook",
    about="hooks of a nested pipeline",
    reason="KFP has exit handlers in the outermost pipeline only",
    source="kubeflow/pipelines: sdk/python/kfp/compiler/pipeline_spec_builder.py, "
    "build_exit_handler_groups_recursively",
    instead="put the hook on the outer pipeline, whose hooks are told of each node",
)
CACHE = _rule(
    "cache",
    about="KFP's cache",
    reason="it skips a task by its arguments, so that this run's folder lacks the task's value",
    source="kubeflow.org: Pipelines, Use Caching",
    instead="leave caching off, as it is",
)
UNKNOWN_OPTION = _rule(
    "unknown-option",
    about="an option that KFP does not have here",
    reason="it would be left out of the compiled pipeline without a word",
    source="dagger_providers/kfp/options.py",
    instead="use one of the options that the message names",
)
OPTION_VALUE = _rule(
    "option-value",
    about="an option of KFP with a value of another type",
    reason="KFP's messages are typed",
    source="kubeflow/pipelines: api/v2alpha1/pipeline_spec.proto",
    instead="write what the message asks for",
)
POD_OPTION = _rule(
    "pod-option",
    about="env_from, priority_class_name or service_account_name of a pod",
    reason="KFP's platform document has no such field",
    source="kubeflow/pipelines: kubernetes_platform/proto/kubernetes_executor_config.proto",
    instead="name the keys in runtime_options['kfp']['secret_as_env'] or 'config_map_as_env', or "
    "set it where KFP is installed",
)
TAKEN_NAME = _rule(
    "taken-name",
    about="a parameter named dagger-run-id, dagger-index or pipelinechannel--...",
    reason="components have inputs of these names: the run's id, a loop's item and its list, by "
    "which backends know a loop",
    source="kubeflow/pipelines: sdk/python/kfp/compiler/compiler_utils.py",
    instead="rename it",
)
PARAMETER_SERIALIZER = _rule(
    "parameter-serializer",
    about="a parameter that is not written as JSON",
    reason="KFP's parameters carry text, numbers, lists and structs only",
    source="kubeflow/pipelines: api/v2alpha1/pipeline_spec.proto, ParameterType",
    instead="take a path or URI, and read it in a task",
)
WHOLE_NUMBER = _rule(
    "whole-number",
    about="a whole number beyond 2**53 as a parameter (defaults at once, others at submit)",
    reason="KFP keeps numbers as doubles",
    source="protobuf: google/protobuf/struct.proto, Value.number_value",
    instead="pass it as a str and convert it in a task",
)
LONG_ARGUMENT = _rule(
    "long-argument",
    about="a parameter longer than 131,071 bytes (defaults at once, others at submit)",
    reason="KFP makes it an argument of the container's command, and Linux limits one argument",
    source="Linux: execve(2), MAX_ARG_STRLEN",
    instead="pass a URI, and read it in a task",
)
PLACEHOLDER = _rule(
    "placeholder",
    about="a text parameter that holds '{{$' (defaults at once, others at submit)",
    reason="KFP replaces placeholders in arguments, also in what it has just put there",
    source="kubeflow/pipelines: backend/src/v2/component/launcher_v2.go",
    instead="pass it in a list or mapping, where it is escaped",
)
NO_FORMAT = _rule(
    "component-argument",
    about="an argument of a component that nothing says how to read",
    reason="inside somebody else's pipeline no task of ours has written it",
    source="docs/kfp.md, In a handwritten KFP pipeline",
    instead="annotate it, or say what it is written by: serializers={NAME: 'pickle'}, 'csv' or "
    "another (--serializer NAME=...)",
)
UNTRUSTED = _rule(
    "component-pickle",
    about="a pickle as an input of a component",
    reason="whoever writes the artifact runs code in the task that reads it",
    source="SECURITY.md",
    instead="name the argument in trust=[...] (--trust NAME) if you trust all who may write it",
)
ALONE = _rule(
    "component-options",
    about="group or allow_failure of a task that is a component",
    reason="they mean something among the nodes of a pipeline",
    source="docs/kfp.md, In a handwritten KFP pipeline",
    instead="leave them out, or take the whole pipeline as a component",
)
ONE_IMAGE = _rule(
    "one-container-image",
    about="a task with an image of its own in a pipeline that runs in one container",
    reason="a container has one image",
    source="docs/kfp.md, In a handwritten KFP pipeline",
    instead="leave one_container out and give store=..., or leave out the task's image",
)
PARAMETERS_SIZE = _rule(
    "parameters-size",
    about="defaults of more than 10,000 bytes together",
    reason="the API server refuses larger parameters of a run, unless MAX_PARAMETER_BYTES is set",
    source="kubeflow/pipelines#12510",
    instead="pass a URI, and read it in a task",
    certain=False,
)
WORKFLOW_SIZE = _rule(
    "workflow-size",
    about="a compiled pipeline of more than 1,572,864 bytes of JSON",
    reason="KFP makes one Kubernetes object of it, and etcd takes 1.5 MiB by default",
    source="kubeflow/pipelines#13422, #13738; etcd: --max-request-bytes",
    instead="split it into several pipelines, or loop over a list instead of in Python",
    certain=False,
)
PACKAGE_SIZE = _rule(
    "package-size",
    about="a compiled pipeline of more than 33,554,432 bytes of YAML",
    reason="the API server takes packages of up to 32 MiB",
    source="kubeflow/pipelines: backend/src/apiserver, MaxFileLength",
    instead="split it into several pipelines, or loop over a list instead of in Python",
    certain=False,
)

RULES = (
    NO_IMAGE,
    RELATIVE_STORE,
    RELATIVE_ARTIFACT,
    LOCAL_ARTIFACT,
    LIVE_FUNCTION,
    AIRFLOW_ONLY,
    NESTED_OPTIONS,
    NESTED_HOOK,
    CACHE,
    UNKNOWN_OPTION,
    OPTION_VALUE,
    POD_OPTION,
    TAKEN_NAME,
    PARAMETER_SERIALIZER,
    WHOLE_NUMBER,
    LONG_ARGUMENT,
    PLACEHOLDER,
    NO_FORMAT,
    UNTRUSTED,
    ALONE,
    ONE_IMAGE,
    PARAMETERS_SIZE,
    WORKFLOW_SIZE,
    PACKAGE_SIZE,
)
"""All of them, in the order of the table."""
