"""Airflow's own operators as tasks of a pipeline; imports no Airflow, which other targets lack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, ParamSpec, TypeVar, cast

from dagger_providers.dsl.decorators import TaskFunction
from dagger_providers.errors import CapabilityError

P = ParamSpec("P")
R = TypeVar("R")


class _AirflowOnly(TaskFunction[P, R]):
    """A task whose function says what the operator takes and gives, and is never run."""

    def _plain_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> NoReturn:
        raise CapabilityError(
            "local",
            f"task {self.__name__!r} is an operator of Airflow without a stand-in",
            "let its function do the same here, and leave out stand_in=False",
        )


def airflow_operator(
    operator: str, *, stand_in: bool = True, **arguments: Any
) -> Callable[[Callable[P, R] | TaskFunction[P, R]], TaskFunction[P, R]]:
    """Let a task be an operator of Airflow's there, and its function's code everywhere else.

    The decorated function says by its arguments what the operator reads, by its annotation what it
    gives, and stands in for it in plain calls, local runs and on other targets. In the operator's
    templates ``{{ inputs.NAME }}`` is an argument's value; what its ``execute`` returns is the
    task's result, which has to be JSON of the annotated type.

    Example::

        @airflow_operator(
            "airflow.providers.standard.operators.bash.BashOperator",
            bash_command="wc -l < {{ inputs.path }}",
        )
        def count_lines(path: str) -> str:
            return str(len(Path(path).read_text().splitlines()))

    Args:
        operator: The operator's import path.
        stand_in: Whether the function's code may run in its place; if not, it is refused wherever
            there is no Airflow.
        **arguments: The operator's arguments, ``retries``, ``pool`` and so on too. They are JSON
            data; a subclass of the operator can set what is not.
    """
    asked: dict[str, Any] = {"class": operator, "arguments": arguments}
    if not stand_in:
        asked["stand_in"] = False
    kind = TaskFunction if stand_in else _AirflowOnly

    def decorate(function: Callable[P, R] | TaskFunction[P, R]) -> TaskFunction[P, R]:
        given: dict[str, Any] = {}
        if isinstance(function, TaskFunction):
            given, function = function.settings, function.__wrapped__
        runtimes = given.get("runtime_options") or {}
        airflow = {**runtimes.get("airflow", {}), "operator": asked}
        settings = {**given, "runtime_options": {**runtimes, "airflow": airflow}}
        return cast("TaskFunction[P, R]", kind(function, settings))

    return decorate
