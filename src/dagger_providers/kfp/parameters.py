"""A pipeline's parameters as KFP has them: few native types, all else as JSON text.

KFP keeps numbers as doubles and forgets the order of a mapping's keys, so what is given as its LIST
or STRUCT would not arrive as it was. Here only text (dates and enums of text too), bool, int within
2**53 and float are KFP's; lists, mappings, models, durations and whatever may be None travel as
JSON in a STRING.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from dagger_providers.kfp import capabilities as rules
from dagger_providers.model import DAG, FromParam, thaw
from dagger_providers.planning import Plan
from dagger_providers.planning.capabilities import Refusal
from dagger_providers.planning.manifests import LONGEST_ARGUMENT, handed_on, json_text
from dagger_providers.planning.source import dag_of
from dagger_providers.serializers.codecs.containers import TYPE_TAG

if TYPE_CHECKING:
    from dagger_providers.planning.source import Pipeline

EXACT = 2**53
"""KFP holds whole numbers up to this one."""


class Native(NamedTuple):
    """How a parameter travels that KFP has a type for.

    Attributes:
        kind: What the node command calls it: "str", "int", "float" or "bool".
        type: What KFP calls it.
    """

    kind: str
    type: str


_NATIVE = {
    "boolean": Native("bool", "BOOLEAN"),
    "integer": Native("int", "NUMBER_INTEGER"),
    "number": Native("float", "NUMBER_DOUBLE"),
    "string": Native("str", "STRING"),
}


def native(source: FromParam) -> Native | None:
    """Return how a parameter travels in a type of KFP's; None when as JSON text."""
    schema = source.json_schema
    if not isinstance(schema, Mapping):
        return None
    kind = str(schema.get("type"))
    restored = source.serializer.annotation is not None
    if restored and kind != "string" and "enum" not in schema and "const" not in schema:
        return None  # a duration: its JSON is its serializer's matter
    return _NATIVE.get(kind)


def encoded(source: FromParam, data: Any) -> Any:
    """Return JSON data as the value that KFP is given for a parameter; see `value_refusals`."""
    how = native(source)
    return json_text(data) if how is None else float(data) if how.kind == "float" else data


def declaration_refusals(lowered: Plan) -> Iterator[Refusal]:
    """Yield the parameters that KFP cannot carry, by their declaration or by their default."""
    for name, source in lowered.parameters.items():
        if source.serializer.name != "json":
            yield rules.PARAMETER_SERIALIZER.at(
                f"parameter {name!r}",
                f"parameter {name!r} is written as {source.serializer.name!r}, and KFP's "
                "parameters carry text and numbers only",
            )
        elif not source.required:
            yield from value_refusals(name, source, thaw(source.default))


def value_refusals(name: str, source: FromParam, data: Any) -> Iterator[Refusal]:
    """Yield why KFP would not hand on the value of a parameter as it is."""
    value, place = encoded(source, data), f"parameter {name!r}"
    if isinstance(value, str):
        size = len(value.encode())
        if size > LONGEST_ARGUMENT:
            yield rules.LONG_ARGUMENT.at(
                place,
                f"parameter {name!r} has {size} bytes, and KFP makes it an argument of the "
                f"container's command, which Linux limits to {LONGEST_ARGUMENT}",
            )
        if "{{$" in value:
            yield rules.PLACEHOLDER.at(
                place,
                f"parameter {name!r} holds '{{{{$', which KFP takes for a placeholder of its own",
            )
    elif isinstance(value, int) and abs(value) > EXACT:
        yield rules.WHOLE_NUMBER.at(
            place,
            f"parameter {name!r} is {value}, and KFP rounds whole numbers beyond 2**53",
        )


def declare(slot: Any, source: FromParam) -> None:
    """Fill in one input parameter of the pipeline: type, default, description."""
    how = native(source)
    set_type(slot, how.type if how else "STRING")
    slot.description = described(source, as_json=how is None)
    if not source.required:
        slot.is_optional = True
        set_value(slot.default_value, encoded(source, thaw(source.default)))


def described(source: FromParam, *, as_json: bool) -> str:
    """Return what KFP shows of a parameter: its own description, and what its type does not say."""
    schema = thaw(source.json_schema)
    shown = _shown(schema, schema.get("$defs", {}), as_json) if isinstance(schema, dict) else ""
    note = f"JSON text{': ' if shown else ''}{shown}" if as_json else shown
    return " ".join(filter(None, (source.description, f"({note})" if note else "")))


def _shown(schema: Mapping[str, Any], known: Mapping[str, Any], as_json: bool) -> str:
    """Return what values a schema takes, in a few words; nothing where their type says it."""
    if "$ref" in schema:
        schema = known.get(str(schema["$ref"]).rpartition("/")[2], {})
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return f"one of {', '.join(json.dumps(v) if as_json else str(v) for v in values)}"
    if "anyOf" in schema:
        plain = (one for one in schema["anyOf"] if TYPE_TAG not in one.get("properties", {}))
        choices = (_shown(choice, known, as_json) for choice in plain)
        return " or ".join(filter(None, choices))
    if schema.get("type") == "array":
        items = schema.get("items")
        of = _shown(items, known, as_json) if isinstance(items, dict) else ""
        return f"list of {of}" if of else "list"
    if schema.get("type") == "object":
        return str(schema.get("title", "object"))
    return str(schema.get("format") or (schema.get("type", "") if as_json else ""))


def set_type(slot: Any, kind: str) -> None:
    """Give a parameter of a component its type."""
    from dagger_providers.kfp.protobuf import messages

    slot.parameter_type = messages().ParameterType.ParameterTypeEnum.Value(kind)


def set_value(slot: Any, value: str | float | bool) -> None:
    """Write a scalar into a ``google.protobuf.Value``."""
    match value:
        case bool():
            slot.bool_value = value
        case str():
            slot.string_value = value
        case _:
            slot.number_value = value


def arguments(pipeline: Pipeline, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments to submit a compiled pipeline with: what KFP takes for some values.

    Example: ``client.create_run_from_pipeline_package(file, arguments(flow, {"xs": [1, 2]}))``.

    Args:
        pipeline: A function decorated by `dag`, or a model.
        given: Values by parameter, as for ``run``.

    Raises:
        UsageError: One is unknown, missing or of the wrong type.
        CapabilityError: KFP would round an int.
    """
    from dagger_providers.planning.parameters import encode_parameters

    dag = dag_of(pipeline)
    texts = encode_parameters(dag, given)
    return from_json(dag, {name: json.loads(texts[name]) for name in given})


def from_json(dag: DAG, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what KFP takes for values that are JSON data already; raises as `arguments`."""
    return handed_on(dag, given, value_refusals, encoded)
