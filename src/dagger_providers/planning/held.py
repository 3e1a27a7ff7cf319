"""Values of parameters that an engine holds as JSON, as local runs would have written them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from dagger_providers.card.functions import function_here
from dagger_providers.dsl.validation import annotation_of, annotations_of
from dagger_providers.errors import DeserializationError
from dagger_providers.model import DAG, FromParam, thaw
from dagger_providers.model.json_data import same_data
from dagger_providers.planning.parameters import encode_parameter
from dagger_providers.planning.schemas import as_schema
from dagger_providers.serializers import SerializerSpec, is_json_native
from dagger_providers.serializers import load as load_serializer


@dataclass(frozen=True, slots=True)
class Declared:
    """What the parameters of a pipeline are.

    Attributes:
        sources: The parameters by name.
        annotations: Their types, as far as they are known without the pipeline's code.
        recorded: Whether their schemas are those of a function's annotations.
    """

    sources: Mapping[str, FromParam]
    annotations: Mapping[str, Any] = field(default_factory=dict)
    recorded: bool = True


def declared(dag: DAG, function: Any = None) -> Declared:
    """Return what the parameters of a root pipeline are; imports none of its code.

    Args:
        dag: The pipeline.
        function: The function that it was recorded from, where that is at hand; else only the JSON
            Schema of its annotations is known, and not, say, a validator of the user's.
    """
    sources = {name: one for name, one in dag.inputs.items() if isinstance(one, FromParam)}
    if function is None and dag.function:
        function = function_here(dag.function)
    if function is not None:
        return Declared(sources, annotations_of(function))
    if dag.function:
        return Declared(sources)
    kinds = {name: annotation_of(source.json_schema) for name, source in sources.items()}
    return Declared(sources, kinds, recorded=False)


def as_declared(known: Declared, name: str, data: Any) -> Any:
    """Return JSON data as a local run that is given them has them.

    Raises:
        UsageError: They are no value of the parameter; in one line.
    """
    source = known.sources[name]
    if not source.required and same_data(source.default, data):
        return data
    annotation = known.annotations.get(name)
    if not known.recorded:
        return json.loads(encode_parameter(name, data, annotation))
    schema = thaw(source.json_schema)
    data = as_schema(data, schema)
    if annotation is None:
        return data
    return json.loads(encode_parameter(name, _restored(data, annotation), annotation, schema))


def _restored(data: Any, annotation: Any) -> Any:
    """Return what our JSON stands for: bytes for Base64, an enum's member for its name."""
    if is_json_native(annotation):
        return data
    serializer = load_serializer(SerializerSpec("json"), annotation)
    try:
        return serializer.read(BytesIO(json.dumps(data).encode()))  # type: ignore[union-attr]
    except DeserializationError:  # pydantic may take it, or say why not
        return data
