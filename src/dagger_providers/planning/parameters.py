"""Check the values given for a pipeline's parameters, and write them as JSON text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from dagger_providers.card.functions import load
from dagger_providers.dsl.validation import adapter_of, annotation_of, annotations_of, validated
from dagger_providers.errors import SerializationError, UsageError
from dagger_providers.model import DAG, FromParam, check_parameters, thaw
from dagger_providers.planning.schemas import as_schema
from dagger_providers.serializers import SerializerSpec, is_json_native
from dagger_providers.serializers import load as load_serializer


def encode_parameters(dag: DAG, given: Mapping[str, Any]) -> dict[str, str]:
    """Return the JSON text of every parameter: as given, else its default.

    Args:
        dag: A root pipeline.
        given: Values by name; each becomes what the parameter's type makes of it; see `validated`.

    Raises:
        UsageError: One is unknown, missing or of the wrong type; in one line.
    """
    check_parameters(dag, given)
    encoded = {**encode_defaults(dag), **encode_given(dag, given)}
    return {name: encoded[name] for name in dag.inputs}


def encode_defaults(dag: DAG) -> dict[str, str]:
    """Return the JSON text of every parameter of a root pipeline that has a default."""
    return {
        name: json.dumps(thaw(source.default), ensure_ascii=False)
        for name, source in dag.inputs.items()
        if isinstance(source, FromParam) and not source.required
    }


def encode_given(dag: DAG, given: Mapping[str, Any]) -> dict[str, str]:
    """Return the JSON text of the values given, as `encode_parameters` does; others may lack.

    Raises:
        UsageError: One is unknown or of the wrong type; in one line.
    """
    check_parameters(dag, {**dict.fromkeys(dag.inputs), **given})
    annotations = annotations_of(load(dag.function, dag.code_root)) if dag.function else {}
    encoded: dict[str, str] = {}
    for name, value in given.items():
        source = dag.inputs[name]
        assert isinstance(source, FromParam)  # noqa: S101 - a root has no other inputs
        annotation = annotations.get(name)
        if annotation is None:
            encoded[name] = encode_parameter(name, value, annotation_of(source.json_schema))
        else:
            encoded[name] = encode_parameter(name, value, annotation, source.json_schema)
    return encoded


def encode_parameter(name: str, value: Any, annotation: Any, schema: Any = None) -> str:
    """Return the JSON text of a parameter's value, coerced to its type as pydantic does.

    Args:
        name: What messages call it.
        value: The value.
        annotation: Its type, with what ``Annotated`` adds to it; None for any.
        schema: The JSON Schema of the annotation: by it the numbers in an object that was given as
            one are written as in one that pydantic makes.

    Raises:
        UsageError: It is of another type; in one line.
    """
    if annotation is not None:
        value = validated(adapter_of(annotation), value, annotation, f"parameter {name!r}")
    restored = None if annotation is None or is_json_native(annotation) else annotation
    stream = BytesIO()
    try:
        load_serializer(SerializerSpec("json"), restored).write(value, stream)  # type: ignore[union-attr]
    except SerializationError as error:
        raise UsageError(f"parameter {name!r}: {error}") from error
    text = stream.getvalue().decode()
    return text if schema is None or restored is None else _fitted(text, schema)


def _fitted(text: str, schema: Any) -> str:
    return json.dumps(as_schema(json.loads(text), thaw(schema)), ensure_ascii=False)


def from_text(dag: DAG, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the values that a command line's ``name=value`` texts stand for.

    A parameter whose type is text takes the text as it is; any other is read as JSON if it can be.
    """
    check_parameters(dag, {**dict.fromkeys(dag.inputs), **texts})
    return {name: _read(dag.inputs[name], text) for name, text in texts.items()}


def _read(source: Any, text: str) -> Any:
    schema = thaw(source.json_schema) or {}
    choices = list(_choices(schema, schema.get("$defs", {})))
    kinds = {choice.get("type") for choice in choices}
    if kinds == {"string"}:
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    values = [one for choice in choices for one in choice.get("enum", ())]
    if text in values and value not in values:
        return text
    return text if "string" in kinds and not _may_be(value, kinds) else value


def _choices(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the schemas of which a value need meet one only."""
    if "$ref" in schema:
        schema = known.get(str(schema["$ref"]).rpartition("/")[2], {})
    for choice in schema.get("anyOf", ()):
        yield from _choices(choice, known)
    if "anyOf" not in schema:
        yield schema


_JSON_KINDS: dict[type, frozenset[str]] = {
    type(None): frozenset({"null"}),
    bool: frozenset({"boolean"}),
    int: frozenset({"integer", "number"}),
    float: frozenset({"number"}),
    str: frozenset({"string"}),
    list: frozenset({"array"}),
    dict: frozenset({"object"}),
}


def _may_be(value: Any, kinds: set[str | None]) -> bool:
    """Say whether JSON data is of one of some kinds; None stands for any."""
    return None in kinds or not _JSON_KINDS.get(type(value), frozenset(["string"])).isdisjoint(
        kinds
    )
