"""A pipeline's parameters as Airflow `Param`s, and their values in one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.providers.common.compat.sdk import AirflowFailException, Param

from dagger_providers.errors import CapabilityError
from dagger_providers.model import FromParam, thaw


def params_of(parameters: Mapping[str, FromParam], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pipeline's parameters as Airflow shows and checks them, and any others given.

    Args:
        parameters: The pipeline's.
        given: Other defaults by name, each a value or a `Param` of its own.

    Raises:
        CapabilityError: A parameter has no JSON form, in which Airflow holds parameters.
    """
    params: dict[str, Any] = {name: _param(name, one) for name, one in parameters.items()}
    for name, value in given.items():
        typed = params.get(name)
        if typed is None or isinstance(value, Param):
            params[name] = value
        else:
            params[name] = Param(value, description=typed.description, **typed.schema)
    return params


def _param(name: str, source: FromParam) -> Param:
    if source.serializer.name != "json":
        raise CapabilityError(
            "airflow",
            f"parameter {name!r} is written as {source.serializer.name}, and Airflow holds "
            "parameters as JSON",
            "take a path or URI, and read it in a task",
        )
    schema = {"description": source.description or None, **_flat(thaw(source.json_schema) or {})}
    if source.required:
        return Param(**schema)
    return Param(thaw(source.default), **schema)


def _flat(schema: dict[str, Any]) -> dict[str, Any]:
    """Write a choice of plain types as Airflow's forms know it: ``type: [string, null]``."""
    choices = schema.get("anyOf")
    if not choices or not all(set(choice) == {"type"} for choice in choices):
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {"type": [choice["type"] for choice in choices], **rest}


def values_in(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of one run, as the run's configuration and the defaults give them.

    Raises:
        AirflowFailException: The run was given a parameter that the DAG does not have.
    """
    declared = context["dag"].params
    unknown = [name for name in context["dag_run"].conf or {} if name not in declared]
    if unknown:
        known = ", ".join(declared) or "none"
        raise AirflowFailException(
            f"no parameter {', '.join(map(repr, unknown))}; the parameters are: {known}"
        )
    values = context["params"]
    return {name: _exact(values[name], declared.get_param(name)) for name in declared}


def _exact(value: Any, declared: Param) -> Any:
    """Let a whole number that came as ``3.0`` be the integer that the parameter asks for."""
    if declared.schema.get("type") == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value
