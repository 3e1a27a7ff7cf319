"""A whole pipeline as a task group of a handwritten DAG: `as_task_group`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowFailException, TaskGroup
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, TriggerRule
from airflow.sdk.definitions._internal.contextmanager import DagContext, TaskGroupContext
from airflow.sdk.definitions._internal.mixins import ResolveMixin
from airflow.sdk.definitions.taskgroup import MappedTaskGroup
from airflow.sdk.definitions.xcom_arg import PlainXComArg, XComArg

from dagger_providers.airflow.arguments import is_known, plain
from dagger_providers.airflow.dags import code_root_of, defaults_of, model_of
from dagger_providers.airflow.graph import add_steps
from dagger_providers.airflow.launchers import (
    Launcher,
    launcher_name,
    launcher_of,
    store_arguments,
    store_text,
)
from dagger_providers.airflow.node import Node
from dagger_providers.airflow.operators.outputs import DaggerOutputsOperator
from dagger_providers.airflow.options import (
    argument_refusals,
    dag_option_refusals,
    with_pod_options,
)
from dagger_providers.airflow.references import read_value
from dagger_providers.airflow.refusals import refusals
from dagger_providers.airflow.settings import option, store_named
from dagger_providers.card import Card, dumps
from dagger_providers.card.functions import load
from dagger_providers.dsl.validation import annotation_of, annotations_of
from dagger_providers.errors import DaggerProvidersError, UsageError, one_line
from dagger_providers.model import DAG as Pipeline  # noqa: N811 - Airflow has one of that name
from dagger_providers.model import FromNodeOutput, FromParam, check_parameters, thaw
from dagger_providers.model.descriptions import summary
from dagger_providers.model.frozen import EMPTY
from dagger_providers.planning import Plan, Step, plan
from dagger_providers.planning.capabilities import Deployment, refuse
from dagger_providers.planning.parameters import encode_parameter
from dagger_providers.planning.reading import closure, needs_of, parameters_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from dagger_providers.dsl.decorators import DagFunction

_START, _OUTPUTS = "_start", "_outputs"
"""Ids of the first and the last task of a group; no node has a name that begins so."""


def as_task_group(  # noqa: PLR0913 - each is an option of a deployment
    pipeline: DagFunction[..., Any] | Pipeline,
    group_id: str | None = None,
    *,
    store: str | PathLike[str] | None = None,
    store_conn_id: str | None = None,
    launcher: str | None = None,
    image: str | None = None,
    code_root: str | None = None,
    **group_arguments: Any,
) -> Callable[..., XComArg]:
    """Return what adds a pipeline to a handwritten DAG, as a task group.

    It is called with the pipeline's parameters by name: plain values, templates and results of any
    tasks. It gives an `XComArg` of what the pipeline returns; of a mapping, each key is an XCom of
    its own. Values are as `task.dagger` gives them: itself, or a reference. ``>>`` puts tasks
    before or after the whole group. Of a pipeline's own options, those of its pods and its
    ``default_args`` count here; its schedule and so on do not.

    Args:
        pipeline: What `dag` made of a function, or a model.
        group_id: The group's id; by default the pipeline's name.
        store: As `to_airflow` takes it.
        store_conn_id: As `to_airflow` takes it.
        launcher: As `to_airflow` takes it.
        image: As `to_airflow` takes it.
        code_root: As `to_airflow` takes it.
        **group_arguments: What `airflow.sdk.TaskGroup` takes: ``tooltip``, ``default_args``, and so
            on.

    Raises:
        BuildError: The pipeline cannot be recorded.
        CapabilityError: Airflow cannot run it; the message says what to write instead. Raised by
            the call, as all below.
        UsageError: There is no such launcher; a parameter is unknown, missing or of another type;
            or there is no DAG around the call, or a mapped task group.
    """
    asked = model_of(pipeline, "as_task_group")
    model = asked.having(runtime_options=EMPTY)
    launched_by = launcher_name(launcher)
    caller = sys._getframe(1).f_code.co_filename
    deployment = _Deployed(
        model,
        asked,
        pipeline,
        launched_by,
        store_arguments(store_text(store), store_conn_id),
        image or option("image"),
        code_root,
        caller,
    )

    def add(**parameters: Any) -> XComArg:
        check_parameters(model, parameters)
        refuse(dag_option_refusals(asked, launched_by))
        shared = {n: v for n, v in group_arguments.items() if n == "default_args" and v is not None}
        refuse(argument_refusals(model.name, shared, launched_by))
        dag, parent = _around(model.name)
        options = {"tooltip": summary(model.description), **group_arguments}
        options["default_args"] = defaults_of(asked, options.get("default_args"), launched_by)
        group = TaskGroup(
            group_id or model.name,
            dag=dag,
            parent_group=parent,
            add_suffix_on_collision=True,
            **options,
        )
        return _Filling(dag, group, deployment).fill(parameters)

    return add


@dataclass(frozen=True, slots=True)
class _Deployed:
    """A pipeline, as it is and with the options that it asks for, and how its tasks are run."""

    model: Pipeline
    asked: Pipeline
    pipeline: Any
    launcher: str
    store: dict[str, Any]
    image: str
    code_root: str | None
    caller: str

    def root(self, lowered: Plan) -> str | None:
        """Return the folder that files of code are relative to, if any."""
        if self.code_root is not None or self.launcher != "process":
            return self.code_root
        return code_root_of(self.model, lowered, self.caller)


def _around(name: str) -> tuple[DAG, TaskGroup]:
    """Return the DAG and the task group that a call stands in."""
    dag = DagContext.get_current()
    parent = TaskGroupContext.get_current(dag)
    if dag is None or parent is None:
        raise UsageError(
            f"pipeline {name!r} is called as a task group outside a DAG: call it in "
            "'with DAG(...):' or in a function of airflow.sdk.dag"
        )
    around: TaskGroup | None = parent
    while around is not None:
        if isinstance(around, MappedTaskGroup):
            raise UsageError(
                f"pipeline {name!r} is called in the mapped task group {around.group_id!r}, and "
                "Airflow maps nothing in what is mapped; let the pipeline take the list, and loop "
                "over it"
            )
        around = around.parent_group
    return dag, parent


@dataclass(slots=True)
class _Filling:
    """A task group that is being filled with a pipeline."""

    dag: DAG
    group: TaskGroup
    deployed: _Deployed
    values: dict[str, Any] = field(default_factory=dict)

    def fill(self, parameters: Mapping[str, Any]) -> XComArg:
        """Add all tasks, and return what the pipeline gives."""
        deployed = self.deployed
        root = _inside(deployed.model, str(self.group.group_id).split("."))
        lowered = plan(root)
        chosen = deployed.store["store"] or store_named(deployed.store.get("store_conn_id"))
        to = Deployment(deployed.launcher, chosen, deployed.image)
        refuse(refusals(root, lowered, to, self.dag.dag_id))
        shared = self.group.default_args
        lowered = with_pod_options(lowered, deployed.asked, shared, deployed.launcher)
        self.values = self._values(parameters)
        folder = deployed.root(lowered)
        start = EmptyOperator(
            task_id=_START, task_display_name="start", dag=self.dag, task_group=self.group
        )
        launch = launcher_of(deployed.launcher, deployed.image, deployed.store, folder)
        add_steps(self.dag, lowered, self._launcher(launch, lowered, start.task_id), self.group)
        outputs = self._outputs(lowered, start.task_id, folder)
        for operator in self.group:
            inside = {task.task_id for task in self.group}
            if operator is not start and operator.upstream_task_ids.isdisjoint(inside):
                operator.set_upstream(start)
        # What is skipped or fails before the group, does so for all of it.
        XComArg.apply_upstream_relationship(start, list(self.values.values()))
        return GroupOutput(outputs, start)

    def _values(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        model, values = self.deployed.model, {}
        annotations = _annotations(model, self.deployed.pipeline)
        for name, source in model.inputs.items():
            if name not in parameters:
                values[name] = thaw(getattr(source, "default", None))
                continue
            given = _Given(name, parameters[name], annotations.get(name), self.deployed.store)
            values[name] = given.checked(given.value) if is_known(given.value) else given
        return values

    def _launcher(self, launch: Launcher, lowered: Plan, start: str) -> Launcher:
        """Return the launcher that gives each step its parameters."""

        def launched(step: Step) -> tuple[type[Any], dict[str, Any]]:
            operator, arguments = launch(step)
            given = {name: self.values[name] for name in step.parameters}
            after_loop = any(lowered.steps[need].card.within for need in step.needs)
            if after_loop or step.card.when:  # it runs though tasks before it are skipped
                arguments = {**arguments, "node": replace(arguments["node"], gate=start)}
            return operator, {**arguments, operator.parameters_as: given}

        return launched

    def _outputs(self, lowered: Plan, start: str, folder: str | None) -> Any:
        """Add the task that gives what the pipeline returns, when all of the group is done."""
        names = tuple(self.deployed.model.outputs)
        card = Card(f"{self.group.group_id}.{_OUTPUTS}", inputs=lowered.outputs, axes=lowered.axes)
        card = Card(card.address, inputs=lowered.outputs, axes=closure(card, lowered.axes))
        read = tuple(parameters_of(card))
        before = [task for task in self.group.get_leaves() if task.task_id != start]
        task = DaggerOutputsOperator(
            task_id=_OUTPUTS,
            task_display_name="outputs",
            node=Node(card.address, dumps(card), read, code_root=folder, gate=start),
            **self.deployed.store,
            parameters={name: self.values[name] for name in read},
            multiple_outputs=bool(names) and names != ("return_value",),
            trigger_rule=TriggerRule.NONE_FAILED,
            dag=self.dag,
            task_group=self.group,
        )
        by_id: dict[str, Any] = {one.task_id: one for one in before}
        by_id |= {address: self.dag.get_task(address) for address in needs_of(card)}
        task.set_upstream(list(by_id.values()))
        return task


def _inside(pipeline: Pipeline, names: list[str]) -> Pipeline:
    """Return a pipeline that calls one, so that its nodes are named as the tasks of a group."""
    inputs = pipeline.inputs
    for name in reversed(names):
        passed = {one: FromParam(one, serializer=s.serializer) for one, s in inputs.items()}  # type: ignore[union-attr]
        outer = Pipeline(
            nodes={name: pipeline.having(inputs=passed)},
            inputs=inputs,
            outputs={one: FromNodeOutput(name, one) for one in pipeline.outputs},
            name=pipeline.name,
        )
        pipeline = outer
    return pipeline


def _annotations(model: Pipeline, pipeline: Any) -> dict[str, Any]:
    """Return the type of each parameter, as far as it is known."""
    found: dict[str, Any] = {}
    if not isinstance(pipeline, Pipeline):
        found = annotations_of(pipeline)
    elif model.function:
        found = annotations_of(load(model.function, model.code_root))
    schemas = {name: getattr(source, "json_schema", None) for name, source in model.inputs.items()}
    return {name: found.get(name) or annotation_of(schemas[name]) for name in schemas}


class _Given(ResolveMixin):
    """The value of a parameter that is known when a task runs: a result, or a template."""

    def __init__(self, name: str, value: Any, annotation: Any, store: dict[str, Any]) -> None:
        self.name = name
        self.value = value
        self.annotation = annotation
        self.store = store

    def __repr__(self) -> str:
        return str(self.value)

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        """Yield the results that it is made of; Airflow lets tasks wait for them."""
        return XComArg.iter_xcom_references(self.value)

    def resolve(self, context: Any) -> Any:
        """Return the value, as JSON data.

        Raises:
            AirflowFailException: It is not what the pipeline takes.
        """
        found = plain(context["task"].render_template(self.value, context))
        connection = self.store.get("store_conn_id")
        stores = filter(None, [self.store["store"]])
        try:
            return self.checked(read_value(found, stores=[*stores], store_conn_id=connection))
        except DaggerProvidersError as error:
            raise AirflowFailException(one_line(error)) from error

    def checked(self, value: Any) -> Any:
        """Return a value as JSON data, if the pipeline takes it.

        Raises:
            UsageError: It does not.
        """
        return json.loads(encode_parameter(self.name, plain(value), self.annotation))


class GroupOutput(PlainXComArg):
    """What a pipeline gives that is a task group: tasks before it stand before all of the group."""

    def __init__(self, outputs: Any, start: Any) -> None:
        super().__init__(outputs)
        self.start = start

    @property
    def roots(self) -> list[Any]:
        """The first task of the group."""
        return [self.start]

    def set_upstream(self, *args: Any, **kwargs: Any) -> None:
        """Let the group wait."""
        self.start.set_upstream(*args, **kwargs)
