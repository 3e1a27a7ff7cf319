"""Operators of Airflow's own that are steps of a pipeline: values of the store in and out."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

from airflow.configuration import conf
from airflow.providers.common.compat.sdk import (
    AirflowFailException,
    AirflowSkipException,
    BaseOperator,
)

from dagger_providers.airflow.arguments import json_data, plain
from dagger_providers.airflow.constructing import constructing
from dagger_providers.airflow.links import NodeLink
from dagger_providers.airflow.node import execution_path, parameter_texts
from dagger_providers.airflow.operators.events import tell
from dagger_providers.airflow.operators.running import Execution, begin, log_outputs
from dagger_providers.airflow.operators.step import StepOperator
from dagger_providers.airflow.options import native_options
from dagger_providers.card import Card, Parameter, Policy, loads
from dagger_providers.card.annotations import hints
from dagger_providers.card.functions import load
from dagger_providers.errors import DaggerProvidersError, UsageError, one_line
from dagger_providers.execution import Resolver, index_from, open_run, run_card
from dagger_providers.execution.chunks import is_chunk
from dagger_providers.execution.failures import write_failure
from dagger_providers.execution.telling import emitted
from dagger_providers.planning import Step
from dagger_providers.serializers import SerializerSpec, is_json_native
from dagger_providers.serializers.records import replace
from dagger_providers.storage import open_store

_OURS = ("node", "index", "store")


def operator_at(path: str) -> type[Any]:
    """Import an operator's class.

    Raises:
        UsageError: There is none.
    """
    module, _, name = path.rpartition(".")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"no operator {path!r}: {one_line(error)}") from error
    if not (isinstance(found, type) and issubclass(found, BaseOperator)):
        raise UsageError(f"{path!r} is no operator of Airflow's")
    taken = [name for name in _OURS if name in inspect.signature(found.__init__).parameters]
    if taken:
        raise UsageError(
            f"{path!r} has arguments of names that steps have ({', '.join(taken)}): make a "
            "subclass that sets them"
        )
    return found


def problem_of(step: Step, shared: Mapping[str, Any]) -> str:
    """Return why a step's operator cannot be made; empty when it can, or has no class here.

    Args:
        step: The step, whose options are what they must be.
        shared: The ``default_args`` of its pipeline, as Airflow takes them.
    """
    path, arguments = native_options(step)
    try:
        operator = operator_at(path)
    except UsageError:  # told where a DAG is made of it: another machine may have it
        return ""
    try:
        with constructing(operator.__name__):
            operator(task_id=step.address, default_args=dict(shared), **arguments)
    except UsageError as error:
        return str(error)
    return ""


@cache
def native(path: str) -> type[Any]:
    """Return an operator's class, as one of a step.

    Raises:
        UsageError: There is no such operator.
    """
    operator: Any = operator_at(path)
    ours = (*_OURS, "dagger_parameters")

    class Native(StepOperator, operator):  # type: ignore[misc]
        parameters_as = "dagger_parameters"
        template_fields = (*operator.template_fields, *ours)
        operator_extra_links = _links(operator)

        def __init__(
            self, *, dagger_parameters: Mapping[str, Any] | None = None, **kwargs: Any
        ) -> None:
            super().__init__(**kwargs)
            self.dagger_parameters = dagger_parameters

        def _do_render_template_fields(
            self, parent: Any, template_fields: Any, context: Any, *rest: Any, **more: Any
        ) -> None:
            own = super()._do_render_template_fields
            if parent is not self:
                own(parent, template_fields, context, *rest, **more)
                return
            with self._texts_only():
                own(parent, ours, context, *rest, **more)
            theirs = [name for name in template_fields if name not in ours]
            context = {**context, "inputs": _Inputs(self, context)}
            own(parent, theirs, context, *rest, **more)

        def execute(self, context: Any) -> Any:
            """Run the operator, and keep what it returns."""
            with self._executing(context) as one:
                begin(one, context)
            with _told(self, context):
                return _kept(self, super().execute(context), context)

        def resume_execution(self, next_method: str, next_kwargs: Any, context: Any) -> Any:
            """Go on with what was deferred, and keep what it returns."""
            with _told(self, context):
                found = super().resume_execution(next_method, next_kwargs, context)
                return _kept(self, found, context)

    Native.__name__ = Native.__qualname__ = operator.__name__
    Native.__module__, Native.__doc__ = operator.__module__, operator.__doc__
    return Native


def hand_on(result: Any) -> Any:
    """Return what an operator has returned: the function of its card, when that is kept."""
    return result


def _links(operator: Any) -> Any:
    """Return the link of a step beside an operator's own, which may be a property."""
    own = operator.operator_extra_links
    if isinstance(own, property):
        return property(lambda task: (NodeLink(), *own.__get__(task)))
    return (NodeLink(), *own)


class _Inputs:
    """What templates call ``inputs``: the arguments of a step's function, read when named."""

    def __init__(self, operator: Any, context: Any) -> None:
        self._operator = operator
        self._context = context

    def __getitem__(self, name: str) -> Any:
        operator = self._operator
        card = loads(operator.node.card)
        if name not in card.inputs:
            raise AirflowFailException(
                f"{operator.task_id}: a template names inputs.{name}; there are: "
                f"{', '.join(card.inputs) or 'none'}"
            )
        with operator._executing(self._context) as one:
            resolver = _resolver(one, card)
            at = resolver.positions(card.within, _index(one))
            return resolver.value(card.inputs[name], at)


def _resolver(one: Execution, card: Card) -> Resolver:
    texts = parameter_texts(one.node, one.run)
    opened = open_run(one.run.store, one.run.run_id, texts, one.node.code_root)
    return Resolver(opened, card.axes)


def _index(one: Execution) -> tuple[int, ...]:
    if is_chunk(one.index):
        raise AirflowFailException(
            f"{one.node.address} is an operator of Airflow's, which runs item by item, and its "
            "loop has more items than [core] max_map_length; loop over fewer"
        )
    return index_from(one.index)


def _kept(operator: Any, result: Any, context: Any) -> Any:
    """Write an operator's result as that of its step; return what XCom carries."""
    with operator._executing(context) as one:
        written = _written(one, result)
        log_outputs(one, operator.log)
        tell(operator.outlets, one, context)
        return written


def _written(one: Execution, result: Any) -> Any:
    node, run = one.node, one.run
    card = loads(node.card)
    annotation = hints(load(card.function, node.code_root)).get("return")
    try:
        data = json_data(plain(result), annotation) if card.outputs else None
    except DaggerProvidersError as error:
        raise AirflowFailException(
            f"{one.place}: its operator gave {result!r:.80}, and its function is annotated "
            f"otherwise: {one_line(error)}"
        ) from error
    address = None if is_json_native(annotation) else f"{card.function}#return"
    given = Parameter("result", SerializerSpec("json", annotation=address))
    written = replace(
        card,
        function=f"{__name__}:{hand_on.__name__}",
        signature="",
        inputs={"result": given},
        policy=Policy(),
        cache=None,
        when="",
    )
    texts = {"result": json.dumps(data)}
    run_card(written, _index(one), open_run(run.store, run.run_id, texts, node.code_root))
    if not node.emits:
        return result
    limit = conf.getint("core", "max_map_length", fallback=1024)
    return emitted(card, one.index, _resolver(one, card), limit)


@contextmanager
def _told(operator: Any, context: Any) -> Iterator[None]:
    """Keep a record of a failure, which hooks of the pipeline are told of."""
    try:
        yield
    except AirflowSkipException:
        raise
    except Exception as error:
        with operator._executing(context) as one:
            write_failure(open_store(one.run.folder), execution_path(one.node, one.index), error)
        raise
