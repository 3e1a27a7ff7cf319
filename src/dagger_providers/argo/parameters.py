"""A pipeline's parameters as Argo has them: texts; all that is not text is JSON text.

A template of Argo is filled in several times over, so what was filled in is looked through again
(argo-workflows v4.1.2, workflow/common/util.go: SubstituteParams). The containers therefore get
their parameters through an expression that leaves no ``{{`` in what it gives.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dagger_providers.argo import capabilities as rules
from dagger_providers.model import DAG, FromParam, thaw
from dagger_providers.planning import Plan
from dagger_providers.planning.capabilities import Refusal
from dagger_providers.planning.manifests import LONGEST_ARGUMENT, handed_on, json_text
from dagger_providers.planning.source import dag_of

if TYPE_CHECKING:
    from dagger_providers.planning.source import Pipeline


def is_text(source: FromParam) -> bool:
    """Say whether a parameter's JSON is always a string: then Argo holds its text as it is."""
    schema = source.json_schema
    return isinstance(schema, Mapping) and schema.get("type") == "string"


def word(name: str, source: FromParam) -> str:
    """Return the word of a container's command that becomes the JSON text of a parameter.

    Braces of a text are written as JSON escapes; in other JSON, two in a row stand only inside
    strings, where one of them can be.
    """
    value = f"workflow.parameters['{name}']"
    if is_text(source):
        return f"{{{{=sprig.replace('{{', '\\\\u007b', toJson({value}))}}}}"
    return f"{{{{=sprig.replace('{{' + '{{', '{{\\\\u007b', {value})}}}}"


def declared(name: str, source: FromParam) -> dict[str, Any]:
    """Return one parameter of the workflow: its default, its choices, what it is for."""
    made: dict[str, Any] = {"name": name}
    about = [source.description.replace("{{", "{ {"), "" if is_text(source) else "(JSON text)"]
    if any(about):
        made["description"] = " ".join(filter(None, about))
    choices = _choices(source)
    if choices:
        made["enum"] = [encoded(source, choice) for choice in choices]
    if not source.required:
        made["value"] = encoded(source, thaw(source.default))
    return made


def _choices(source: FromParam) -> list[Any]:
    schema = thaw(source.json_schema)
    return list(schema.get("enum", ())) if isinstance(schema, dict) else []


def encoded(source: FromParam, data: Any) -> str:
    """Return JSON data as the text that Argo is given for a parameter; see `value_refusals`."""
    return data if is_text(source) and isinstance(data, str) else json_text(data)


def declaration_refusals(lowered: Plan) -> Iterator[Refusal]:
    """Yield the parameters that Argo cannot carry, by their declaration or by their default."""
    for name, source in lowered.parameters.items():
        if source.serializer.name != "json":
            yield rules.PARAMETER_SERIALIZER.at(
                f"parameter {name!r}",
                f"parameter {name!r} is written as {source.serializer.name!r}, and Argo's "
                "parameters are texts",
            )
            continue
        defaults = [] if source.required else [thaw(source.default)]
        for value in _choices(source) or defaults:
            yield from value_refusals(name, source, value)


def value_refusals(name: str, source: FromParam, data: Any) -> Iterator[Refusal]:
    """Yield why Argo would not hand on the value of a parameter as it is."""
    text, place = encoded(source, data), f"parameter {name!r}"
    argument = text
    if is_text(source):
        argument = json.dumps(data, ensure_ascii=False).replace("{", "\\u007b")
        if "{{" in text and "}}" not in text[text.rindex("{{") :]:
            yield rules.OPEN_TEMPLATE.at(
                place,
                f"parameter {name!r} holds '{{{{' and no '}}}}' after it, and Argo can take that "
                "for a template of its own that does not end",
            )
    size = len(argument.encode())
    if size > LONGEST_ARGUMENT:
        yield rules.LONG_ARGUMENT.at(
            place,
            f"parameter {name!r} has {size} bytes as an argument of the container's command, which "
            f"Linux limits to {LONGEST_ARGUMENT}",
        )


def arguments(pipeline: Pipeline, given: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters to submit a compiled pipeline with: Argo's texts for some values.

    Example: ``argo submit flow.yaml -p xs='[1,2]'`` for ``arguments(flow, {"xs": [1, 2]})``.

    Args:
        pipeline: A function decorated by `dag`, or a model.
        given: Values by parameter, as for ``run``.

    Raises:
        UsageError: One is unknown, missing or of the wrong type.
        CapabilityError: One is too long for a container, or Argo would not hand it on as it is.
    """
    from dagger_providers.planning.parameters import encode_parameters

    dag = dag_of(pipeline)
    texts = encode_parameters(dag, given)
    return from_json(dag, {name: json.loads(texts[name]) for name in given})


def from_json(dag: DAG, given: Mapping[str, Any]) -> dict[str, str]:
    """Return Argo's texts for values that are JSON data already; raises as `arguments`."""
    return handed_on(dag, given, value_refusals, encoded)
