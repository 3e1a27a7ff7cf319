"""The last task of a pipeline that is a task group: what the pipeline returns, as XCom."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowFailException

from dagger_providers.airflow.node import parameter_texts
from dagger_providers.airflow.operators.running import Execution, skip_with_gate
from dagger_providers.airflow.operators.step import StepOperator
from dagger_providers.airflow.references import given_result
from dagger_providers.card import Binding, ListOf, NodeOutput, Parameter, Value, loads
from dagger_providers.errors import UsageError, one_line
from dagger_providers.execution import Resolver, open_run
from dagger_providers.execution.values import take

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Context


class DaggerOutputsOperator(StepOperator):
    """Gives what a pipeline returns, from the records in the store; it runs no code of the user's.

    Args:
        node: A card whose inputs are the pipeline's outputs.
        parameters: Values of the parameters among them.
        **kwargs: As `StepOperator` takes them.
    """

    template_fields: Sequence[str] = ("node", "store", "parameters")
    ui_color = "#e6f0ea"

    def __init__(self, *, parameters: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parameters = parameters

    def execute(self, context: Context) -> Any:
        """Return the value, or a mapping of values; each itself, or a reference.

        Raises:
            AirflowSkipException: The whole group is skipped.
            AirflowFailException: A later task is mapped over what has no parts.
        """
        skip_with_gate(self.node, context)
        with self._executing(context) as one:
            return self._given(one)

    def _given(self, one: Execution) -> Any:
        run, texts = one.run, parameter_texts(self.node, one.run)
        opened = open_run(run.store, run.run_id, texts, self.node.code_root)
        card = loads(self.node.card)
        resolver = Resolver(opened, card.axes)
        mapped_over = next(self.iter_mapped_dependants(), None) is not None
        in_parts = mapped_over and not self.multiple_outputs
        try:
            found = {
                name: _given(resolver, binding, {}, in_parts=in_parts)
                for name, binding in card.inputs.items()
            }
        except UsageError as error:
            raise AirflowFailException(f"{self.task_id}: {one_line(error)}") from error
        return found if self.multiple_outputs else found.get("return_value")


def _given(
    resolver: Resolver, binding: Binding, at: dict[str, int], *, in_parts: bool = False
) -> Any:
    binding, at = resolver.followed(binding, at)
    match binding:
        case Value(data):
            return data
        case Parameter(name, _, path):
            return take(json.loads(resolver.run.parameters[name]), path)
        case NodeOutput(path=path):
            artifact = resolver.artifact(binding, at)
            return given_result(resolver.run.store, artifact, path, in_parts=in_parts)
        case ListOf(items, path):
            elements = resolver.elements(items, at)
            return take([_given(resolver, one, there) for one, there in elements], path)
        case _:
            raise AssertionError(binding)
