"""Make an Airflow DAG of a pipeline."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import timedelta
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG
from airflow.sdk.definitions.param import Param, ParamsDict

from dagger_providers.airflow.archives import check_unpacked
from dagger_providers.airflow.assets import made_schedule
from dagger_providers.airflow.callbacks import with_functions
from dagger_providers.airflow.constructing import constructing
from dagger_providers.airflow.deadlines import made as made_deadlines
from dagger_providers.airflow.graph import add_steps
from dagger_providers.airflow.launchers import (
    launcher_name,
    launcher_of,
    store_arguments,
    store_text,
    telling,
)
from dagger_providers.airflow.options import (
    argument_refusals,
    dag_options,
    default_options,
    given_defaults,
    start_refusals,
    with_pod_options,
    with_task_args,
)
from dagger_providers.airflow.outlines import attach
from dagger_providers.airflow.params import params_of
from dagger_providers.airflow.refusals import refusals, schedule_refusals
from dagger_providers.airflow.settings import option, store_named
from dagger_providers.card.functions import is_file_reference
from dagger_providers.errors import UsageError
from dagger_providers.model import DAG as Pipeline  # noqa: N811 - Airflow has one of that name
from dagger_providers.model.descriptions import summary
from dagger_providers.model.nodes import AnyNode, children
from dagger_providers.planning import Plan, plan
from dagger_providers.planning.capabilities import Deployment, refuse
from dagger_providers.planning.held import declared
from dagger_providers.planning.outline import outline_of
from dagger_providers.planning.whole import whole

if TYPE_CHECKING:
    from dagger_providers.dsl.decorators import DagFunction

# For infrastructure only: what the user's code raises is final, its own retries are the runner's.
DEFAULT_ARGS = {"retries": 2, "retry_delay": timedelta(seconds=30)}
"""Arguments of all operators of a pipeline that say nothing else."""


def to_airflow(  # noqa: PLR0913 - each is an option of a deployment
    pipeline: DagFunction[..., Any] | Pipeline,
    *,
    dag_id: str | None = None,
    store: str | PathLike[str] | None = None,
    store_conn_id: str | None = None,
    launcher: str | None = None,
    image: str | None = None,
    code_root: str | None = None,
    task_args: Mapping[str, Mapping[str, Any]] | None = None,
    **dag_arguments: Any,
) -> DAG:
    """Return a pipeline as an Airflow DAG.

    A nested pipeline is a task group, a loop a mapped task or a mapped task group, a parameter a
    typed `Param`. A task's id is its node's address. Values travel through the store.

    Args:
        pipeline: What `dag` made of a function, or a model.
        dag_id: The DAG's id; by default the pipeline's name.
        store: Path or URI of the store; by default the connection's, else
            ``[dagger_providers] store_uri``.
        store_conn_id: A connection of type ``dagger_store``, which holds the store's credentials,
            and its URI; by default ``[dagger_providers] store_conn_id``, if any.
        launcher: What runs a task: ``process``, a subprocess on the worker, ``container``, a
            container of a Docker or Podman engine, or ``kubernetes``, a pod; by default
            ``[dagger_providers] launcher``.
        image: The container image of tasks that name none; by default
            ``[dagger_providers] image``.
        code_root: The folder that ``file.py:name`` functions are relative to where tasks run; by
            default that of the pipeline's file for ``process``, and the image's working directory
            for the other two.
        task_args: More options of single tasks, by the task's id: what
            ``runtime_options["airflow"]`` takes, and objects that are no JSON, such as an
            `airflow.sdk.Asset` or a notifier. They go before those of the task.
        **dag_arguments: What `airflow.sdk.DAG` takes: ``schedule`` (none by default),
            ``start_date``, ``tags``, and so on; ``default_args`` may also hold arguments of
            `KubernetesPodOperator` or `DockerOperator`, such as ``namespace``.

    Raises:
        BuildError: The pipeline cannot be recorded.
        CapabilityError: Airflow cannot run it; the message says what to write instead.
        UsageError: There is no such launcher, no such task, or no such callback.
    """
    model = model_of(pipeline, "to_airflow")
    store = store_text(store)
    launched_by = launcher_name(launcher)
    lowered = with_task_args(plan(model), task_args or {})
    image = image or option("image")
    to = Deployment(launched_by, store or store_named(store_conn_id), image)
    refuse(refusals(model, lowered, to, dag_id or model.name))
    refuse(argument_refusals(model.name, dag_arguments, launched_by))
    caller = sys._getframe(1).f_code.co_filename
    root = code_root
    if root is None and launched_by == "process":
        root = code_root_of(model, lowered, caller)
    known = declared(model, None if pipeline is model else pipeline)
    arguments = _arguments(model, dag_arguments, launched_by)
    lowered = with_pod_options(lowered, model, arguments["default_args"], launched_by)
    params = params_of(lowered.parameters, arguments.pop("params", None) or {})
    refuse(schedule_refusals(lowered, arguments["schedule"], _valued(params)))
    refuse(start_refusals(model.name, arguments))
    with constructing(f"pipeline {model.name!r}"):
        dag = DAG(dag_id=dag_id or model.name, **arguments)
    dag.fileloc = caller
    reached_by = store_arguments(store, store_conn_id)
    with dag:
        launch = launcher_of(launched_by, image, reached_by, root)
        add_steps(dag, lowered, telling(launch, whole(lowered), known))
    _describe_groups(dag, model)
    # Without the folder that was found: where it is linked anew, that is no new version of the DAG.
    attach(dag, lowered, outline_of(model, lowered, code_root))
    # Only now, since each task would else carry a copy of all parameters.
    dag.params = ParamsDict(params)
    return dag


def model_of(pipeline: Any, taker: str) -> Pipeline:
    """Return the model of a pipeline.

    Args:
        pipeline: What `dag` made of a function, or a model.
        taker: The function that was given it, for the message.

    Raises:
        UsageError: It is no pipeline.
    """
    if isinstance(pipeline, Pipeline):
        return pipeline
    build = getattr(pipeline, "build", None)
    if build is None:
        raise UsageError(f"{taker} takes what @dag made, or a DAG model, not {pipeline!r:.80}")
    model: Pipeline = build()
    return model


def _arguments(model: Pipeline, given: Mapping[str, Any], launcher: str) -> dict[str, Any]:
    """Return the arguments of the DAG; what the caller gives goes before the pipeline's options."""
    asked = _objects(dag_options(model), model.code_root)
    told = {"schedule": None, "description": summary(model.description) or None}
    arguments = told | {"doc_md": model.description or None} | asked | dict(given)
    arguments["default_args"] = defaults_of(model, given.get("default_args"), launcher)
    return arguments


def defaults_of(model: Pipeline, given: Mapping[str, Any] | None, launcher: str) -> dict[str, Any]:
    """Return ``default_args``; what the caller gives goes before the pipeline's options."""
    given = given or {}
    asked = with_functions(default_options(model, launcher), model.code_root)
    told = with_functions(given_defaults(given, launcher), model.code_root)
    return {**DEFAULT_ARGS, **asked, **given, **told}


def _objects(asked: dict[str, Any], root: str | None) -> dict[str, Any]:
    """Return options of a DAG with the objects that they name."""
    found = with_functions(asked, root)
    if "deadline" in asked:
        found["deadline"] = made_deadlines(asked["deadline"])
    if "schedule" in asked:
        found["schedule"] = made_schedule(asked["schedule"])
    return found


def _describe_groups(dag: DAG, node: AnyNode, prefix: str = "") -> None:
    """Let the task groups of nested pipelines say what these are for."""
    for name, inner in children(node).items():
        group = dag.task_group_dict.get(prefix + name)
        if isinstance(inner, Pipeline) and group is not None:
            group.tooltip = summary(inner.description)
        _describe_groups(dag, inner, f"{prefix}{name}.")


def _valued(params: Mapping[str, Any]) -> list[str]:
    """Return the parameters that have a value."""
    return [n for n, one in params.items() if not isinstance(one, Param) or one.has_value]


def code_root_of(model: Pipeline, lowered: Plan, caller: str) -> str | None:
    """Return the folder of the pipeline's file, if functions are named by file.

    A model that was made by hand, or read as JSON, does not know it: then its files are looked for
    beside the caller's, and else where Python looks for modules.

    Raises:
        UsageError: The pipeline is in a zip.
    """
    functions = [name for step in lowered.all_steps.values() for name in step.card.functions]
    check_unpacked(functions)
    files = {one.rpartition(":")[0] for one in functions if is_file_reference(one)}
    if not files or model.code_root:
        return model.code_root if files else None
    folder = Path(caller).resolve().parent
    return str(folder) if all((folder / file).is_file() for file in files) else None
