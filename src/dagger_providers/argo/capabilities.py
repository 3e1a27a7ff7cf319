"""What Argo Workflows cannot do: its rows of the capability table."""

from __future__ import annotations

from functools import partial

from dagger_providers.planning.capabilities import Rule

_rule = partial(Rule, "argo", versions=">=3.4,<5")

NO_IMAGE = _rule(
    "no-image",
    about="a task without a container image",
    reason="every task is a container, and a container template names its image",
    source="argo-workflows: docs/fields.md, Container",
    instead="give --image (image=... in code), or @task(image=...)",
)
RELATIVE_STORE = _rule(
    "relative-store",
    about="a store that is a relative path",
    reason="each pod has a file system of its own",
    source="argo-workflows: docs/walk-through/volumes.md",
    instead="give a URI such as s3://bucket/runs, or an absolute path that is mounted",
)
RELATIVE_ARTIFACT = _rule(
    "relative-artifact",
    about="an artifact at a relative path, or in memory://",
    reason="each pod has a file system of its own",
    source="argo-workflows: docs/walk-through/volumes.md",
    instead="give artifact(...) a URI such as s3://bucket/rows.csv, or an absolute path",
)
LOCAL_ARTIFACT = _rule(
    "local-artifact",
    about="an artifact at a local path, where the store is at a URI",
    reason="pods see no other files than those of their image and what is mounted",
    source="argo-workflows: docs/walk-through/volumes.md",
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
TEMPLATE_TEXT = _rule(
    "template-text",
    about="'{{' in the store, an image, the code root, a variable of env or an option",
    reason="Argo fills in template tags wherever they stand in a template, and knows no escape",
    source="argo-workflows: docs/variables.md; workflow/common/util.go, SubstituteParams",
    instead="write it without two opening braces in a row",
)
AIRFLOW_ONLY = _rule(
    "airflow-only",
    about="an operator of Airflow's own without a stand-in",
    reason="Argo runs containers, and no operators of Airflow",
    source="docs/airflow.md",
    instead="let its function do the same here, and leave out stand_in=False",
)
NESTED_OPTIONS = _rule(
    "nested-options",
    about="options of Argo or of pods on a nested pipeline",
    reason="its tasks are compiled as tasks of the outer pipeline, and a DAG template has no "
    "options of pods",
    source="argo-workflows: docs/fields.md, DAGTemplate",
    instead="set them on its tasks, or on the outer pipeline",
)
NESTED_HOOK = _rule(
    "nested-hook",
    about="hooks of a nested pipeline",
    reason="Argo's exit handler is one of the whole workflow",
    source="argo-workflows: docs/walk-through/exit-handlers.md",
    instead="put the hook on the outer pipeline, whose hooks are told of each node",
)
UNKNOWN_OPTION = _rule(
    "unknown-option",
    about="an option that Argo, or a pod, does not have here",
    reason="it would be left out of the workflow without a word",
    source="docs/argo.md",
    instead="use one of the options that the message names",
)
OPTION_VALUE = _rule(
    "option-value",
    about="an option with a value of another type",
    reason="the fields of workflows and pods are typed",
    source="argo-workflows: docs/fields.md",
    instead="write the value that the message asks for",
)
PARAMETER_SERIALIZER = _rule(
    "parameter-serializer",
    about="a parameter that is not written as JSON",
    reason="Argo's parameters are texts",
    source="argo-workflows: docs/fields.md, Parameter",
    instead="take a path or URI, and read it in a task",
)
OPEN_TEMPLATE = _rule(
    "open-template",
    about="a text parameter that holds '{{' and no '}}' after it (defaults at once, others at "
    "submit)",
    reason="Argo reads parameters for template tags, and fails on one that does not end",
    source="argo-workflows: util/template/template.go, NewTemplate",
    instead="pass it in a list or mapping, where it is escaped",
)
LONG_ARGUMENT = _rule(
    "long-argument",
    about="a parameter longer than 131,071 bytes (defaults at once, others at submit)",
    reason="it becomes an argument of the container's command, and Linux limits one argument",
    source="Linux: execve(2), MAX_ARG_STRLEN",
    instead="pass a URI, and read it in a task",
)
WORKFLOW_SIZE = _rule(
    "workflow-size",
    about="a compiled pipeline of more than 1,048,576 bytes of JSON",
    reason="Argo keeps a workflow in one Kubernetes object; it offloads the states of its nodes, "
    "never the workflow itself",
    source="argo-workflows: docs/offloading-large-workflows.md; argoproj/argo-workflows#2936, "
    "#7121",
    instead="split it into several pipelines, or loop over a list instead of in Python",
)

RULES = (
    NO_IMAGE,
    RELATIVE_STORE,
    RELATIVE_ARTIFACT,
    LOCAL_ARTIFACT,
    LIVE_FUNCTION,
    AIRFLOW_ONLY,
    TEMPLATE_TEXT,
    NESTED_OPTIONS,
    NESTED_HOOK,
    UNKNOWN_OPTION,
    OPTION_VALUE,
    PARAMETER_SERIALIZER,
    OPEN_TEMPLATE,
    LONG_ARGUMENT,
    WORKFLOW_SIZE,
)
"""All of them, in the order of the table."""


def takes_for_a_template(what: str) -> str:
    """Return what is wrong with a text, by what it is, that Argo would fill in."""
    return f"{what} holds '{{{{', which Argo takes for a template of its own"
