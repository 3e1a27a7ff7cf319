"""What all operators of steps are: their arguments, and what is done around what they launch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.providers.common.compat.sdk import AirflowFailException, BaseOperator

from dagger_providers.airflow.identity import run_name
from dagger_providers.airflow.links import NodeLink
from dagger_providers.airflow.node import Node, Run
from dagger_providers.airflow.operators.events import tell
from dagger_providers.airflow.operators.running import (
    Execution,
    begin,
    check_done,
    log_group,
    log_outputs,
    log_setup,
    result_of,
)
from dagger_providers.airflow.params import values_in
from dagger_providers.airflow.settings import access_to
from dagger_providers.errors import UsageError, one_line

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context


class StepOperator(BaseOperator):
    """Is one step of a pipeline; it goes before the operator that it is a kind of.

    Each kind has an argument for the values of parameters that the step reads, by default those
    of the DAG.

    Args:
        node: The step.
        index: Which item of each loop around it: ``3``, ``0.2``; empty outside loops.
        store: Path or URI of the store; by default the connection's, else
            ``[dagger_providers] store_uri``.
        store_conn_id: A connection of type ``dagger_store``, for the store's credentials; by
            default ``[dagger_providers] store_conn_id``, if any.
        **kwargs: As the operator takes them that it is a kind of.
    """

    parameters_as: ClassVar[str] = "parameters"
    """What the argument of the parameters is called."""

    def __init__(
        self,
        *,
        node: Node,
        index: Any = "",
        store: str | None = None,
        store_conn_id: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.node = node
        self.index = index
        self.store = store
        self.store_conn_id = store_conn_id

    @contextmanager
    def _texts_only(self) -> Iterator[None]:
        """Let no text that is rendered inside be the name of a file that holds the template."""
        self.template_ext = ()
        try:
            yield
        finally:
            del self.template_ext

    @contextmanager
    def _executing(self, context: Mapping[str, Any]) -> Iterator[Execution]:
        """Give what is executed; the store can be reached as long as it is inside.

        Raises:
            AirflowFailException: The run was given an unknown parameter, or a value that is none
                of its parameter's, the store's connection does not fit, or what is done inside is
                wrong whenever it is tried.
        """
        access = access_to(self.store, self.store_conn_id)
        dag_run = context["dag_run"]
        given = getattr(self, self.parameters_as)
        parameters = values_in(context, self.node.declared) if given is None else given
        run = Run(access.uri, run_name(dag_run.dag_id, dag_run.run_id), parameters)
        one = Execution(self.node, self.index, run, access)
        with access.here():
            try:
                yield one
            except UsageError as error:
                raise AirflowFailException(f"{one.place}: {one_line(error)}") from None


class LaunchedOperator(StepOperator):
    """Runs one step by the node command, in a process that its kind launches."""

    template_fields: Sequence[str] = ("node", "index", "store", "parameters")
    template_fields_renderers: ClassVar[dict[str, str]] = {}
    operator_extra_links = (NodeLink(),)

    runs_in: ClassVar[str]
    """What its kind launches, as messages call it."""

    def execute(self, context: Context) -> Any:
        """Run the step, and return what XCom carries of it: see `result_of`.

        Raises:
            AirflowSkipException: It is a hook that does not apply.
            AirflowFailException: The user's code failed, after its own retries, or the input is
                wrong; trying again would give the same.
            AirflowException: The infrastructure failed; Airflow may try again.
            TaskDeferred: It runs, and a trigger waits for its end.
        """
        with self._executing(context) as one:
            begin(one, context)
            with ExitStack() as setup:
                setup.enter_context(log_group(self.log, "Set-up"))
                log_setup(one, self.log, self._place())
                self._launch(one, setup, context)
            return self._finished(one, context)

    def _place(self) -> str:
        """Return in words where the step is going to run."""
        raise NotImplementedError

    def _launch(self, one: Execution, setup: ExitStack, context: Context) -> None:
        """Run the step to its end; close the set-up before the user's output is logged."""
        raise NotImplementedError

    def _finished(self, one: Execution, context: Context) -> Any:
        """Tell what the step has made, and return what XCom carries of it."""
        check_done(one, self.runs_in, self.log)
        log_outputs(one, self.log)
        tell(self.outlets, one, context)
        return result_of(one)


def rendered(operator: type[BaseOperator], ours: frozenset[str]) -> tuple[str, ...]:
    """Return the template fields of a launcher's operator.

    Args:
        operator: What the launcher's operator is a kind of.
        ours: Arguments of it that the node command fills; a card may hold text that looks like a
            template, so they are never rendered.
    """
    theirs = (name for name in operator.template_fields if name not in ours)
    return (*LaunchedOperator.template_fields, *theirs)


def with_defaults(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of an operator, with what neither they nor ``default_args`` say."""
    shared = given.get("default_args") or {}
    return {name: value for name, value in defaults.items() if name not in shared} | dict(given)
