"""Components for pipelines that somebody writes by hand with KFP's SDK."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from dagger_providers.card.functions import plain_function
from dagger_providers.dsl.decorators import TaskFunction
from dagger_providers.errors import MissingExtraError, UsageError
from dagger_providers.kfp.compiler import to_yaml
from dagger_providers.kfp.components import (
    Component,
    component_of_task,
    task_function,
    task_model,
)
from dagger_providers.kfp.emit import Manifest
from dagger_providers.kfp.ports import Wishes
from dagger_providers.kfp.wholes import as_graph, in_one_container
from dagger_providers.model import Task
from dagger_providers.model.names import listed
from dagger_providers.model.nodes import children
from dagger_providers.planning.manifests import Target, write
from dagger_providers.planning.source import check_output, dag_of, files_of

if TYPE_CHECKING:
    from dagger_providers.planning.source import Pipeline

Part: TypeAlias = "TaskFunction[..., Any] | Pipeline"
"""What can be a component: a task or a pipeline."""


def component(  # noqa: PLR0913 - each is an option of a component
    task_or_dag: Part,
    path: str | os.PathLike[str] | None = None,
    *,
    image: str | None = None,
    code_root: str | None = None,
    name: str | None = None,
    node_name: str = "",
    outputs: Sequence[str] | None = None,
    artifacts: Mapping[str, str] | None = None,
    serializers: Mapping[str, Any] | None = None,
    trust: Iterable[str] = (),
    store: str | None = None,
    one_container: bool = False,
) -> str:
    """Write a task as a component of KFP, which its SDK loads; see `as_component`.

    The SDK's own loader drops the task's resources, the options of its pod and its retries by KFP
    from the text; `as_component` keeps them.

    Args:
        task_or_dag: What `task` made, or a pipeline with ``node_name``.
        path: A file or URI to write it to, in one piece; None only returns it.
        image: The image of the container, unless the task names one.
        code_root: The folder in the image that ``file.py:name`` functions are relative to.
        name: What it is called; by default as the function or the node.
        node_name: The dotted address of a task in a pipeline, whose options then count.
        outputs: Keys or fields of the task's result that are outputs of their own; by default those
            of a named tuple or typed dict, else the whole result is the one output, ``Output``.
        artifacts: What is an artifact of which type, by argument or output: ``Dataset``, ``Model``,
            ``Metrics``, ``HTML``, ``Markdown`` or ``Artifact``; in ``list[...]`` for an argument
            that is a list of artifacts.
        serializers: What an artifact that is read was written by, by argument: ``csv``.
        trust: Arguments that may be read though that runs code: pickles.
        store: Of a pipeline whose tasks stay tasks of KFP: where their values lie.
        one_container: Whether a pipeline runs as a whole in one container.

    Returns:
        The text of the YAML file.

    Raises:
        CapabilityError: KFP cannot run it so; the message says what to write instead.
        UsageError: A name does not exist, a type or serializer is none, or the path is that of a
            file that the task or pipeline comes from.
        MissingExtraError: The extra ``kfp`` is not installed.
    """
    options = dict(locals())
    del options["task_or_dag"], options["path"]
    if path is not None:
        check_output(path, _files(task_or_dag))
    text = to_yaml(_manifest(_made(task_or_dag, **options)))
    if path is not None:
        write(text, path)
    return text


def as_component(task_or_dag: Part, **options: Any) -> Any:
    """Return a task as a component to be called in a pipeline that is written with KFP's SDK.

    Its arguments and results are KFP's own, and no store of ours is involved. Text, numbers, bools
    and enums of them are parameters, and so are lists, mappings and models whose annotation says
    what KFP's doubles lose; other JSON is a STRING that holds JSON text. What is not written as
    JSON is an artifact.

    Args:
        task_or_dag: What `task` made, or a pipeline with ``node_name``.
        **options: All others of `component`, but the path.

    Raises:
        CapabilityError: KFP cannot run it so; the message says what to write instead.
        UsageError: A name does not exist, or a type or serializer is none.
        MissingExtraError: The extra ``kfp-sdk`` is not installed.
    """
    made = _made(task_or_dag, **options)
    try:
        from dagger_providers.kfp.loaded import load
    except ImportError as error:
        raise MissingExtraError("kfp.as_component", "kfp-sdk") from error
    return load(to_yaml(_manifest(made)), made if isinstance(made, Component) else None)


def _files(part: Part) -> set[Path]:
    if isinstance(part, TaskFunction):
        return {Path(plain_function(part).__code__.co_filename)}
    return files_of(dag_of(part))


def _manifest(made: Component | Manifest) -> Manifest:
    return made.manifest() if isinstance(made, Component) else made


def _made(  # noqa: PLR0913 - see `component`
    part: Part,
    *,
    image: str | None = None,
    code_root: str | None = None,
    name: str | None = None,
    node_name: str = "",
    outputs: Sequence[str] | None = None,
    artifacts: Mapping[str, str] | None = None,
    serializers: Mapping[str, Any] | None = None,
    trust: Iterable[str] = (),
    store: str | None = None,
    one_container: bool = False,
) -> Component | Manifest:
    wishes = Wishes(artifacts or {}, serializers or {}, frozenset(trust))
    if isinstance(part, TaskFunction) or node_name:
        function, model, called = _task(part, node_name, outputs)
        return component_of_task(function, model, name or called, wishes, image, code_root)
    dag = dag_of(part)
    if one_container:
        return in_one_container(dag, name or dag.name, wishes, image, code_root)
    if store is None:
        raise UsageError(
            f"pipeline {dag.name!r} as a component needs store=... (--store), where values lie "
            "between its tasks; or one_container=True (--one-container), to run in one"
        )
    return as_graph(dag, name or dag.name, wishes, Target(store, image, code_root))


def _task(
    part: Part, node_name: str, outputs: Sequence[str] | None
) -> tuple[TaskFunction[..., Any], Task, str]:
    """Return a task's function and model, and what it is called."""
    if isinstance(part, TaskFunction):
        if node_name:
            raise UsageError(f"node_name={node_name!r} is for a pipeline, and this is a task")
        return part, task_model(part, outputs), part.__name__
    dag = dag_of(part)
    node = dag.node(node_name)
    if not isinstance(node, Task):
        raise UsageError(f"{node_name!r} is no task; there are: {listed(children(node))}")
    return task_function(node, dag.code_root), node, node_name
