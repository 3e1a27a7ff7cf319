"""A pipeline's parameters as Airflow `Param`s, and their values in one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.providers.common.compat.sdk import AirflowFailException, Param

from dagger_providers.errors import UsageError, one_line
from dagger_providers.model import FromParam, thaw
from dagger_providers.planning.held import Declared, as_declared


def params_of(parameters: Mapping[str, FromParam], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pipeline's parameters as Airflow shows and checks them, and any others given.

    Args:
        parameters: The pipeline's.
        given: Other defaults by name, each a value or a `Param` of its own.
    """
    params: dict[str, Any] = {name: _param(one) for name, one in parameters.items()}
    for name, value in given.items():
        typed = params.get(name)
        if typed is None or isinstance(value, Param):
            params[name] = value
        else:
            params[name] = Param(value, description=typed.description, **typed.schema)
    return params


def _param(source: FromParam) -> Param:
    schema = form_schema(thaw(source.json_schema) or {})
    if source.description or "description" not in schema:
        schema["description"] = source.description or None
    if source.required:
        return Param(**schema)
    return Param(thaw(source.default), **schema)


def form_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Write a JSON Schema as Airflow's forms know it.

    A form looks at ``type``, ``format``, ``enum`` and ``items.type`` where they stand: it follows
    no ``$ref``, and what may be null is ``type: [string, null]``. Only a class that holds itself
    stays a ``$ref``.
    """
    known = schema.pop("$defs", {})
    inlined: dict[str, Any] = _inlined(schema, known, ())
    kept = {name: one for name, one in known.items() if f"#/$defs/{name}" in str(inlined)}
    return {**_flat(inlined), **({"$defs": known} if kept else {})}


def _inlined(schema: Any, known: Mapping[str, Any], around: tuple[str, ...]) -> Any:
    if isinstance(schema, list):
        return [_inlined(one, known, around) for one in schema]
    if not isinstance(schema, dict):
        return schema
    name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    if name in known and name not in around:
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {**_inlined(known[name], known, (*around, name)), **rest}
    return {key: _inlined(value, known, around) for key, value in schema.items()}


def _flat(schema: dict[str, Any]) -> dict[str, Any]:
    """Write a choice of plain types, or of one type and null, as one schema."""
    choices = schema.get("anyOf", [])
    typed = all(isinstance(choice.get("type"), str) for choice in choices)
    more = [choice for choice in choices if set(choice) != {"type"}]
    one_or_null = len(choices) == 2 and {"type": "null"} in choices  # noqa: PLR2004
    if not choices or not typed or (more and not one_or_null):
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    merged = {**(more[0] if more else {}), **rest, "type": [choice["type"] for choice in choices]}
    if "enum" in merged:
        merged["enum"] = [*merged["enum"], None]
    return merged


def values_in(context: Mapping[str, Any], known: Declared | None = None) -> dict[str, Any]:
    """Return the parameters of one run, as the run's configuration and the defaults give them.

    Args:
        context: Of a task instance.
        known: What the pipeline's parameters are: a value becomes what a local run makes of it.

    Raises:
        AirflowFailException: The run was given a parameter that the DAG does not have, or a value
            that the pipeline does not take.
    """
    names = context["dag"].params
    unknown = [name for name in context["dag_run"].conf or {} if name not in names]
    if unknown:
        listed = ", ".join(names) or "none"
        raise AirflowFailException(
            f"no parameter {', '.join(map(repr, unknown))}; the parameters are: {listed}"
        )
    values = {name: context["params"][name] for name in names}
    if known is None:
        return values
    try:
        return {
            name: as_declared(known, name, value) if name in known.sources else value
            for name, value in values.items()
        }
    except UsageError as error:
        raise AirflowFailException(one_line(error)) from error
