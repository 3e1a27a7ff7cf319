"""A pipeline's parameters as Argo has them: texts; all that is not text is JSON text.

A template of Argo is filled in several times over, so what was filled in is looked through again
(argo-workflows v4.1.2, workflow/common/util.go: SubstituteParams). The containers therefore get
their parameters through an expression that leaves no ``{{`` in what it gives.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dagger_providers.errors import CapabilityError
from dagger_providers.model import DAG, FromParam, check_parameters, thaw
from dagger_providers.planning.manifests import without_braces
from dagger_providers.planning.source import dag_of

if TYPE_CHECKING:
    from dagger_providers.planning.source import Pipeline

LONGEST = 131_071
"""Bytes of one argument of a command on Linux: each parameter that a task reads is one."""


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
    """Return one parameter of the workflow: its default, its choices, what it is for.

    Raises:
        CapabilityError: Argo cannot carry it.
    """
    if source.serializer.name != "json":
        raise CapabilityError(
            "argo",
            f"parameter {name!r} is written as {source.serializer.name!r}, and Argo's parameters "
            "are texts",
            "take a path or URI, and read it in a task",
        )
    made: dict[str, Any] = {"name": name}
    about = [source.description.replace("{{", "{ {"), "" if is_text(source) else "(JSON text)"]
    if any(about):
        made["description"] = " ".join(filter(None, about))
    schema = thaw(source.json_schema)
    choices = schema.get("enum") if isinstance(schema, dict) else None
    if choices:
        made["enum"] = [encoded(name, source, choice) for choice in choices]
    if not source.required:
        made["value"] = encoded(name, source, thaw(source.default))
    return made


def encoded(name: str, source: FromParam, data: Any) -> str:
    """Return JSON data as the text that Argo is given for a parameter.

    Raises:
        CapabilityError: Argo would not hand it on as it is.
    """
    if is_text(source) and isinstance(data, str):
        _check_size(name, json.dumps(data, ensure_ascii=False).replace("{", "\\u007b"))
        if "{{" in data and "}}" not in data[data.rindex("{{") :]:
            raise CapabilityError(
                "argo",
                f"parameter {name!r} holds '{{{{' and no '}}}}' after it, and Argo can take that "
                "for a template of its own that does not end",
                "pass it in a list or mapping, where it is escaped",
            )
        return data
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    _check_size(name, text)
    return without_braces(text)


def _check_size(name: str, text: str) -> None:
    size = len(text.encode())
    if size > LONGEST:
        raise CapabilityError(
            "argo",
            f"parameter {name!r} has {size} bytes as an argument of the container's command, which "
            f"Linux limits to {LONGEST}",
            "pass a URI, and read it in a task",
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
    check_parameters(dag, given)
    return {
        name: encoded(name, source, given[name])
        for name, source in dag.inputs.items()
        if name in given and isinstance(source, FromParam)
    }
