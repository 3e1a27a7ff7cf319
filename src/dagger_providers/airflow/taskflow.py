"""Tasks of handwritten DAGs that run by the node command: `@task.dagger` and `as_taskflow`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from os import PathLike
from typing import TYPE_CHECKING, Any, ClassVar

import attr
from airflow.providers.common.compat.sdk import (
    AirflowException,
    AirflowFailException,
    DecoratedOperator,
)
from airflow.sdk.bases.decorator import _TaskDecorator  # behind all decorators of tasks
from airflow.sdk.definitions.context import KNOWN_CONTEXT_KEYS

from dagger_providers.airflow import capabilities as rules
from dagger_providers.airflow.archives import check_unpacked
from dagger_providers.airflow.arguments import Arguments
from dagger_providers.airflow.launchers import (
    launcher_name,
    launcher_of,
    store_arguments,
    store_text,
)
from dagger_providers.airflow.operators.running import CodeFailedError
from dagger_providers.airflow.options import task_option_refusals
from dagger_providers.airflow.refusals import store_refusals
from dagger_providers.airflow.settings import access_to, option, store_named, stores_by_uri
from dagger_providers.card import Axis, dumps, loads
from dagger_providers.card.functions import code_root as root_of
from dagger_providers.card.functions import is_live, reference_of, signature_text
from dagger_providers.dsl.decorators import TaskFunction
from dagger_providers.dsl.outputs import output_of
from dagger_providers.dsl.settings import options_of, stand_in_of
from dagger_providers.errors import BuildError, ModelError, UsageError, one_line
from dagger_providers.model import Task
from dagger_providers.planning import Step, card_of
from dagger_providers.planning.capabilities import Deployment, refuse
from dagger_providers.serializers.records import replace as replace_card

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context

_ITEM = "item"
"""The loop of a mapped task, in its card."""


class DaggerTask(_TaskDecorator[Any, Any, Any]):
    """What `@task.dagger` makes of a function: called in a DAG, it adds a task."""

    is_decorated_function = True
    """Tells a container, which loads the DAG's file, to look at ``__wrapped__``."""


def dagger_task(  # noqa: PLR0913 - each is an option of a deployment
    python_callable: Callable[..., Any] | None = None,
    multiple_outputs: bool | None = None,
    *,
    launcher: str | None = None,
    store: str | PathLike[str] | None = None,
    store_conn_id: str | None = None,
    image: str | None = None,
    code_root: str | None = None,
    **kwargs: Any,
) -> Any:
    """Let a function be a task of a handwritten DAG that runs by the node command.

    It is `airflow.sdk.task.dagger`. Called in a DAG it gives an `XComArg`; ``expand``, ``partial``
    and ``override`` are Airflow's. Arguments are plain values, templates and results of any tasks.
    XCom carries a result itself where it is plain JSON of some kilobytes; else a reference, which
    tasks of this kind read by themselves, and all others by `read_value`.

    Args:
        python_callable: A function at the top level of a file or module, plain or decorated by
            `dagger_providers.task`, whose options then count.
        multiple_outputs: Whether the result is a dict of which each key is an XCom of its own; by
            default what the annotation of the result says.
        launcher: As `to_airflow` takes it.
        store: As `to_airflow` takes it.
        store_conn_id: As `to_airflow` takes it.
        image: As `to_airflow` takes it.
        code_root: As `to_airflow` takes it; by default the folder of the function's file, for
            ``process``.
        **kwargs: Arguments of the operator. Its ``retries`` are Airflow's: they repeat what fails
            in the user's code too.

    Raises:
        BuildError: The function cannot be a task, or nothing says how to write its result.
        CapabilityError: Airflow cannot run it so; the message says what to write instead.
        UsageError: There is no such launcher, or the function is a task of Airflow's already.
    """
    launched_by = launcher_name(launcher)
    chosen = image or option("image")
    store = store_text(store)
    inferred: Any = attr.NOTHING
    reached_by = store_arguments(store, store_conn_id)

    def decorate(function: Callable[..., Any]) -> DaggerTask:
        if isinstance(function, _TaskDecorator):
            raise UsageError(
                f"task {function.function.__name__!r} is a task of Airflow already: give "
                "@task.dagger the function itself"
            )
        task = function if isinstance(function, TaskFunction) else TaskFunction(function, {})
        step = _step_of(task)
        refuse(store_refusals(Deployment(launched_by, store or store_named(store_conn_id), chosen)))
        refuse(task_option_refusals(step, launched_by))
        root = code_root
        if root is None and launched_by == "process":
            check_unpacked([reference_of(task)])
            root = root_of(task)
        operator, arguments = launcher_of(launched_by, chosen, reached_by, root)(step)
        if not arguments.get("image", True):
            where = f"task {task.__name__!r}"
            refuse([rules.NO_IMAGE.at(where, f"{where} has no image to run in")])
        plain: Any = task.__wrapped__
        _check_context(plain)
        return DaggerTask(
            function=plain,
            multiple_outputs=inferred if multiple_outputs is None else multiple_outputs,
            operator_class=_decorated(operator),  # type: ignore[arg-type]
            kwargs={**arguments, **kwargs},
            decorator_name="@task.dagger",
        )

    return decorate if python_callable is None else decorate(python_callable)


def as_taskflow(task: TaskFunction[..., Any], **options: Any) -> Any:
    """Return a pipeline's task as one for handwritten DAGs.

    Args:
        task: What `dagger_providers.task` made of a function; its own options count: what fails is
            tried again inside the task.
        **options: As `task.dagger` takes them; see `dagger_task`.

    Raises:
        UsageError: It is no task.
        CapabilityError: Airflow cannot run it so; the message says what to write instead.
    """
    if not isinstance(task, TaskFunction):
        raise UsageError(
            f"as_taskflow takes what @dagger_providers.task made, not {task!r:.80}; for a pipeline "
            "there is as_task_group, for a plain function @task.dagger"
        )
    return dagger_task(task, **options)


def _step_of(task: TaskFunction[..., Any]) -> Step:
    """Return a task as a step of its own, whose inputs are known when it runs."""
    reference = reference_of(task)
    where = f"task {task.__name__!r}"
    if is_live(reference):
        refuse(
            [
                rules.LIVE_FUNCTION.at(
                    where, f"{where} is defined inside a function, or in a process only"
                )
            ]
        )
    options, runtime_options = options_of(task)
    given = [name for name in ("group", "allow_failure") if getattr(options, name)]
    if given:
        raise ModelError(
            f"{where} has {' and '.join(given)}, which only mean something in a pipeline; leave "
            "them out, or call the pipeline by as_task_group"
        )
    model = Task.trusted(
        function=reference,
        signature=signature_text(task),
        outputs={"return_value": output_of(task, iterated=False)},
        on_failure=stand_in_of(task),
        options=options,
        runtime_options=runtime_options,
    )
    return Step(card_of(task.__name__, model), (), (), options, runtime_options)


def _check_context(function: Any) -> None:
    """Refuse arguments that Airflow would fill: the node command knows no context."""
    found = [name for name in inspect.signature(function).parameters if name in KNOWN_CONTEXT_KEYS]
    if found:
        raise BuildError(
            f"task {function.__name__!r} has arguments that Airflow fills by their names "
            f"({', '.join(found)}), and no context is there where it runs; name them otherwise and "
            "give them a template: f(day='{{ ds }}')"
        )


@cache
def _decorated(operator: Any) -> type[Any]:
    """Return the operator of decorated functions that a launcher's operator runs."""

    class DaggerDecoratedOperator(DecoratedOperator, operator):  # type: ignore[misc]
        custom_operator_name = "@task.dagger"
        template_fields: Sequence[str] = (
            *DecoratedOperator.template_fields,
            *operator.template_fields,
        )
        template_fields_renderers: ClassVar[dict[str, str]] = {
            **operator.template_fields_renderers,
            **DecoratedOperator.template_fields_renderers,
        }
        shallow_copy_attrs: Sequence[str] = (
            *DecoratedOperator.shallow_copy_attrs,
            *operator.shallow_copy_attrs,
        )

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if not getattr(self, "_BaseOperator__from_mapped", False):  # else the task runs already
                _check_known(self)

        def pre_execute(self, context: Context) -> None:
            """Make the node of this task instance, before it runs or goes on."""
            super().pre_execute(context)
            _bind(self, context)

        def execute(self, context: Context) -> Any:
            """Run the function."""
            with _tried_again():
                return super().execute(context)

        def resume_execution(self, *args: Any, **kwargs: Any) -> Any:
            """Go on with what was deferred."""
            with _tried_again():
                return super().resume_execution(*args, **kwargs)

    DaggerDecoratedOperator.__qualname__ = DaggerDecoratedOperator.__name__
    return DaggerDecoratedOperator


def _check_known(operator: Any) -> None:
    """Check the arguments that the DAG's file gives as values.

    Raises:
        UsageError: One is not what the function takes.
    """
    arguments = Arguments(operator.python_callable)
    for name, value in _given(operator).items():
        arguments.check(name, value)


@contextmanager
def _tried_again() -> Iterator[None]:
    """Let Airflow repeat what failed in the user's code, as it does for tasks of other kinds."""
    try:
        yield
    except CodeFailedError as error:
        raise AirflowException(str(error)) from None


def _given(operator: Any) -> dict[str, Any]:
    """Return the arguments of an operator's function by name, as far as they are given."""
    signature = inspect.signature(operator.python_callable)
    given = dict(signature.bind_partial(*operator.op_args, **operator.op_kwargs).arguments)
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            given |= given.pop(name, {})
    return given


def _bind(operator: Any, context: Context) -> None:
    """Give an operator the node of one task instance: its card, its index and its parameters.

    Raises:
        AirflowFailException: An argument is not what the function takes.
    """

    def stores() -> tuple[str, ...]:
        # Not those of connections: a process or pod gets the credentials of its own store alone.
        return access_to(operator.store, operator.store_conn_id).uri, *stores_by_uri()

    try:
        inputs, parameters = Arguments(operator.python_callable, stores).bound(_given(operator))
    except UsageError as error:
        raise AirflowFailException(f"{operator.task_id}: {one_line(error)}") from error
    map_index = context["ti"].map_index
    is_mapped = map_index is not None and map_index >= 0
    card = replace_card(
        loads(operator.node.card),
        address=operator.task_id,
        inputs=inputs,
        within=(_ITEM,) if is_mapped else (),
        axes={_ITEM: Axis()} if is_mapped else {},
    )
    mapped_over = not is_mapped and next(operator.iter_mapped_dependants(), None) is not None
    operator.node = replace(
        operator.node,
        address=operator.task_id,
        card=dumps(card),
        parameters=tuple(parameters),
        gives="parts" if operator.multiple_outputs or mapped_over else "value",
    )
    operator.index = str(map_index) if is_mapped else ""
    operator.parameters = parameters
